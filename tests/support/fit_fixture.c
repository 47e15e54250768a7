#include "tests/support/fit_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct row fit_table[FIT_ROWS_MAX];
struct rows fit_rows;

struct row *fit_add_row(const char *family, double rate_per_s, double record_bytes,
                        double linger_ms, int groups)
{
    struct row *row = &fit_table[fit_rows.count];
    *row = (struct row){.repeat = 1, .file = "rows.jsonl", .line = ++fit_rows.count};
    fit_rows.row = fit_table;
    snprintf(row->id, sizeof row->id, "%s-%d", family, fit_rows.count);
    snprintf(row->family, sizeof row->family, "%s", family);
    row->config = (struct row_config){.rate_per_s = rate_per_s,
                                      .record_bytes = record_bytes,
                                      .partitions = 4,
                                      .replication = 1,
                                      .brokers = 1,
                                      .acks = 1,
                                      .linger_ms = linger_ms,
                                      .batch_bytes = 1e6,
                                      .random_payload_share = 1,
                                      .consumer_groups = groups,
                                      .burst = 1,
                                      .warmup_s = 0.5,
                                      .measure_s = 2};
    strcpy(row->config.compression, "none");
    for (int q = 0; q < FITTED_QUANTITIES; q++)
        row->value[q] = NAN;
    return row;
}

void fit_add_plan(void)
{
    static const double rates[] = {100, 400, 1500, 4000}, sizes[] = {100, 2000, 60000};
    fit_rows = (struct rows){0};
    for (int r = 0; r < 4; r++)
        for (int s = 0; s < 3; s++)
            fit_add_row("load", rates[r], sizes[s], 0, 0);
    for (int r = 0; r < 4; r++)
        fit_add_row("linger", rates[r], 500, 5, 0);
    for (int r = 0; r < 3; r++)
        fit_add_row("fanout", rates[r], 500, 1, 1 + r);
    fit_add_row("fanout", 800, 2000, 0, 2);
}

int fit_closed_form(const struct scenario_doc *doc, const struct model_profile *profile,
                    const struct predict_options *options, struct prediction *out,
                    struct broker_err *err)
{
    (void)options;
    (void)err;
    const struct row_config *c = NULL;
    for (int i = 0; i < fit_rows.count; i++)
        if (strcmp(fit_table[i].id, scenario_base(doc)->measured.id) == 0)
            c = &fit_table[i].config;
    assert_non_null(c);
    double requests = c->linger_ms > 0 ? fmin(c->rate_per_s, 4e3 / c->linger_ms) : c->rate_per_s;
    double records = c->rate_per_s, bytes = records * (c->record_bytes + 70);
    double work = model_cost_ns(&profile->receive, requests, requests, requests, records, bytes) +
                  model_cost_ns(&profile->append, requests, requests, requests, records, bytes) +
                  model_cost_ns(&profile->send, requests, requests, 0, 0, 0);
    double fetches = c->consumer_groups * requests;
    work += model_cost_ns(&profile->fetch, fetches, fetches, fetches, 0, 0);
    double client =
        model_cost_ns(&profile->librdkafka_send, requests, requests, requests, records, bytes);
    double one = (work + (double)profile->wakeup_ns) / requests;
    *out = (struct prediction){.stable = true};
    for (int q = 0; q < FITTED_QUANTITIES; q++)
        out->quantity[q].value = NAN;
    out->quantity[MEASURED_BROKER_CPU].value = (work + profile->idle_broker_ns_per_s) / 1e9;
    out->quantity[MEASURED_CLIENT_CPU].value = client / 1e9;
    out->quantity[MEASURED_ROUND_TRIP].value = one / 1e9;
    out->quantity[MEASURED_PRODUCE_P50].value = (one + 0.5e6 * c->linger_ms) / 1e9;
    out->quantity[MEASURED_REQUESTS].value = requests;
    out->quantity[MEASURED_THROUGHPUT].value = records;
    return 0;
}

int fit_closed_form_by_thread(const struct scenario_doc *doc, const struct model_profile *profile,
                              const struct predict_options *options, struct prediction *out,
                              struct broker_err *err)
{
    int status = fit_closed_form(doc, profile, options, out, err);
    struct predict_value *of = out->quantity;
    double records = of[MEASURED_THROUGHPUT].value;
    of[FITTED_BROKER_THREAD_CPU] = of[MEASURED_CLIENT_CPU];
    of[FITTED_APPLICATION_CPU].value = records * profile->librdkafka_app.record_ns / 1e9;
    of[MEASURED_CLIENT_CPU].value += of[FITTED_APPLICATION_CPU].value;
    return status;
}

void fit_measure(surface_predict_fn predict_with, const struct model_profile *profile,
                 uint64_t seed)
{
    struct configurations c;
    struct broker_err err;
    assert_int_equal(configurations_init(&c, &fit_rows, "scenarios", NULL, &err), 0);
    for (int i = 0; i < c.count; i++) {
        struct predict_options options = {.seed = seed, .replications = 1, .variant = -1};
        struct prediction p;
        assert_int_equal(predict_with(c.configuration[i].doc, profile, &options, &p, &err), 0);
        for (int q = 0; q < FITTED_QUANTITIES; q++)
            fit_table[i].value[q] = p.quantity[q].value;
    }
    configurations_release(&c);
}

struct calibrate_options fit_options(surface_predict_fn predict_with,
                                     const struct model_profile *start)
{
    return (struct calibrate_options){.datadir = "scenarios",
                                      .start = start,
                                      .predict = predict_with,
                                      .threads = 2,
                                      .quick = true};
}

int fit_find(const struct calibration *c, const char *path)
{
    for (int p = 0; p < c->parameters; p++)
        if (strcmp(c->parameter[p].key->path, path) == 0)
            return p;
    fail_msg("%s is not fitted", path);
    return -1;
}

double fit_value(const struct calibration *c, const char *path)
{
    return exp(c->ln_value[fit_find(c, path)]);
}

void fit_assert_within(double value, double of, double ratio)
{
    if (!(fabs(value / of - 1) <= ratio))
        fail_msg("%g is not within %g of %g", value, ratio, of);
}

void fit_start_profile(struct model_profile *p)
{
    model_profile_init(p);
    p->receive = (struct model_cost){.request_ns = 14e3, .byte_ns = 0.5};
    p->append = (struct model_cost){
        .request_ns = 8e3, .partition_ns = 3e3, .batch_ns = 4e3, .record_ns = 72, .byte_ns = 0.93};
    p->send = (struct model_cost){.request_ns = 12e3, .partition_ns = 0.5e3, .byte_ns = 0.1};
    p->cold_work_ns = 125e3;
    p->cold_sleep_ns = 2000000;
    p->librdkafka_send = (struct model_cost){
        .request_ns = 30e3, .batch_ns = 15e3, .record_ns = 1.1e3, .byte_ns = 1.05};
    p->librdkafka_app = p->librdkafka_answer = (struct model_cost){0};
    p->fault_byte_ns = p->client_far_byte_ns = p->client_cold_work_ns = 0;
    p->librdkafka_app_wake_ns = p->librdkafka_app_window_ns = 0;
}

void fit_shift(struct model_profile *p)
{
    fit_start_profile(p);
    p->idle_broker_ns_per_s *= 1.6;
    p->append.byte_ns *= 0.5;
    p->receive.byte_ns *= 0.5;
    p->receive.request_ns *= 1.7;
    p->append.request_ns *= 1.7;
    p->send.request_ns *= 1.7;
    p->append.record_ns *= 1.5;
    p->librdkafka_send.record_ns *= 2;
}

void fit_measure_shifted(struct model_profile *start, struct model_profile *truth)
{
    fit_start_profile(start);
    fit_shift(truth);
    fit_add_plan();
    fit_measure(fit_closed_form, truth, 1);
}
