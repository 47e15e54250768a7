/* Fits whose answer is known: rows made from a shifted profile, by a closed form and by the simulation itself. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "model/evidence/bootstrap.h"
#include "model/evidence/calibrate.h"
#include "model/evidence/calibrate_null.h"
#include "model/evidence/fit.h"
#include "model/evidence/fold.h"
#include "model/evidence/profile_write.h"
#include "tests/support/scratch.h"

enum { ROWS_MAX = 120 };

static struct row table[ROWS_MAX];
static struct rows rows;

/* ---- rows ---- */

static struct row *add_row(const char *family, double rate_per_s, double record_bytes,
                           double linger_ms, int groups)
{
    struct row *row = &table[rows.count];
    *row = (struct row){.repeat = 1, .file = "rows.jsonl", .line = ++rows.count};
    rows.row = table;
    snprintf(row->id, sizeof row->id, "%s-%d", family, rows.count);
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

static void add_plan(void)
{
    static const double rates[] = {100, 400, 1500, 4000}, sizes[] = {100, 2000, 60000};
    rows = (struct rows){0};
    for (int r = 0; r < 4; r++)
        for (int s = 0; s < 3; s++)
            add_row("load", rates[r], sizes[s], 0, 0);
    for (int r = 0; r < 4; r++)
        add_row("linger", rates[r], 500, 5, 0);
    for (int r = 0; r < 3; r++)
        add_row("fanout", rates[r], 500, 1, 1 + r);
    add_row("fanout", 800, 2000, 0, 2);
}

/* ---- a model that costs nothing ---- */

/* CPU and latency of a broker without queues: enough for each parameter that it uses to be seen. */
static int closed_form(const struct scenario_doc *doc, const struct model_profile *profile,
                       const struct predict_options *options, struct prediction *out,
                       struct broker_err *err)
{
    (void)options;
    (void)err;
    const struct row_config *c = NULL;
    for (int i = 0; i < rows.count; i++)
        if (strcmp(table[i].id, scenario_base(doc)->measured.id) == 0)
            c = &table[i].config;
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

/* With an application that works on each record, beside the thread that sends. */
static int closed_form_by_thread(const struct scenario_doc *doc,
                                 const struct model_profile *profile,
                                 const struct predict_options *options, struct prediction *out,
                                 struct broker_err *err)
{
    int status = closed_form(doc, profile, options, out, err);
    struct predict_value *of = out->quantity;
    double records = of[MEASURED_THROUGHPUT].value;
    of[FITTED_BROKER_THREAD_CPU] = of[MEASURED_CLIENT_CPU];
    of[FITTED_APPLICATION_CPU].value = records * profile->librdkafka_app.record_ns / 1e9;
    of[MEASURED_CLIENT_CPU].value += of[FITTED_APPLICATION_CPU].value;
    return status;
}

/* Fills the rows' readings with what `predict_with` says under the profile. */
static void measure(surface_predict_fn predict_with, const struct model_profile *profile,
                    uint64_t seed)
{
    struct configurations c;
    struct broker_err err;
    assert_int_equal(configurations_init(&c, &rows, "scenarios", NULL, &err), 0);
    for (int i = 0; i < c.count; i++) {
        struct predict_options options = {.seed = seed, .replications = 1, .variant = -1};
        struct prediction p;
        assert_int_equal(predict_with(c.configuration[i].doc, profile, &options, &p, &err), 0);
        for (int q = 0; q < FITTED_QUANTITIES; q++)
            table[i].value[q] = p.quantity[q].value;
    }
    configurations_release(&c);
}

static struct calibrate_options options_with(surface_predict_fn predict_with,
                                             const struct model_profile *start)
{
    return (struct calibrate_options){.datadir = "scenarios",
                                      .start = start,
                                      .predict = predict_with,
                                      .threads = 2,
                                      .quick = true};
}

static int find(const struct calibration *c, const char *path)
{
    for (int p = 0; p < c->parameters; p++)
        if (strcmp(c->parameter[p].key->path, path) == 0)
            return p;
    fail_msg("%s is not fitted", path);
    return -1;
}

static double fitted(const struct calibration *c, const char *path)
{
    return exp(c->ln_value[find(c, path)]);
}

static void assert_within(double value, double of, double ratio)
{
    if (!(fabs(value / of - 1) <= ratio))
        fail_msg("%g is not within %g of %g", value, ratio, of);
}

/* Costs of this test's own: what the profile that ships says must not move its answers. */
static void start_profile(struct model_profile *p)
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

static void shift(struct model_profile *p)
{
    start_profile(p);
    p->idle_broker_ns_per_s *= 1.6;
    p->append.byte_ns *= 0.5;
    p->receive.byte_ns *= 0.5;
    p->receive.request_ns *= 1.7;
    p->append.request_ns *= 1.7;
    p->send.request_ns *= 1.7;
    p->append.record_ns *= 1.5;
    p->librdkafka_send.record_ns *= 2;
}

/* The rows of the plan as the closed form says them with shifted costs. */
static void measure_shifted(struct model_profile *start, struct model_profile *truth)
{
    start_profile(start);
    shift(truth);
    add_plan();
    measure(closed_form, truth, 1);
}

/* ---- tests ---- */

static void calibrate__recovers_what_the_rows_determine(void **state)
{
    (void)state;
    struct model_profile start, truth;
    struct calibration *c;
    struct broker_err err = {""};
    measure_shifted(&start, &truth);
    struct calibrate_options options = options_with(closed_form, &start);
    if (calibrate(&rows, &options, &c, &err) != CALIBRATE_OK)
        fail_msg("%s", err.text);
    assert_within(fitted(c, "broker.idle_per_s"), truth.idle_broker_ns_per_s, 0.03);
    /* Bytes are charged in two places that these rows cannot tell apart: their sum is known. A request's costs move together. */
    assert_within(fitted(c, "broker.receive.byte") + fitted(c, "broker.append.byte"),
                  truth.receive.byte_ns + truth.append.byte_ns, 0.08);
    struct model_profile profile;
    calibration_profile(c, -1, "own", &profile);
    assert_within(profile.receive.request_ns, truth.receive.request_ns, 0.05);
    assert_within(profile.append.request_ns / start.append.request_ns,
                  profile.receive.request_ns / start.receive.request_ns, 1e-12);
    assert_within(profile.send.request_ns / start.send.request_ns,
                  profile.receive.request_ns / start.receive.request_ns, 1e-12);
    for (int q = 0; q < MEASURED_QUANTITIES; q++) {
        struct error_summary e = calibration_error(c, c->held_out, q, NULL);
        assert_true(e.n == 0 || e.median < 0.02);
    }
    calibration_free(c);
}

/* A record costs in both threads, more in one than the start says and less in the other: hardly seen in the sum. */
static struct calibration *calibrate_threads(bool listed, struct model_profile *truth)
{
    struct model_profile start;
    struct calibration *c;
    struct broker_err err = {""};
    start_profile(&start);
    start.librdkafka_app.record_ns = 1e3;
    *truth = start;
    truth->librdkafka_send.record_ns *= 1.8;
    truth->librdkafka_app.record_ns *= 0.6;
    add_plan();
    for (int i = 0; i < rows.count; i++)
        table[i].config.measure_s = 1e4; /* so that ticks are of no matter */
    measure(closed_form_by_thread, truth, 1);
    for (int i = 0; i < rows.count && !listed; i++)
        table[i].value[FITTED_APPLICATION_CPU] = table[i].value[FITTED_BROKER_THREAD_CPU] = NAN;
    struct calibrate_options options = options_with(closed_form_by_thread, &start);
    if (calibrate(&rows, &options, &c, &err) != CALIBRATE_OK)
        fail_msg("%s", err.text);
    return c;
}

/* The caller frees it. */
static char *report_of(const struct calibration *c)
{
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    assert_int_equal(calibration_write(c, memory), 0);
    fclose(memory);
    return text;
}

static void client_threads__tell_their_costs_apart(void **state)
{
    (void)state;
    struct model_profile truth;
    struct calibration *c = calibrate_threads(true, &truth);
    assert_within(fitted(c, "client.librdkafka_app.record"), truth.librdkafka_app.record_ns, 0.03);
    char *text = report_of(c);
    assert_non_null(strstr(text, "\n  application_cpu     20 "));
    assert_non_null(strstr(text, "\n  broker_thread_cpu   20 "));
    assert_non_null(
        strstr(text, "\n  client_cpu          20 ")); /* told, though it is not fitted */
    free(text);
    calibration_free(c);
    c = calibrate_threads(false, &truth);
    assert_false(
        fabs(fitted(c, "client.librdkafka_app.record") / truth.librdkafka_app.record_ns - 1) < 0.2);
    calibration_free(c);
}

static void configurations__fit_a_clients_threads_instead_of_their_sum(void **state)
{
    (void)state;
    struct configurations c;
    struct broker_err err;
    rows = (struct rows){0};
    for (int i = 0; i < 4; i++) {
        double *value = add_row("rate", 100 + i, 1000, 5, 1)->value;
        value[MEASURED_CLIENT_CPU] = 0.3;
        value[FITTED_APPLICATION_CPU] = i == 1 ? NAN : 0.2;
        value[FITTED_BROKER_THREAD_CPU] = i == 1 ? NAN : i == 2 ? 0.002 : 0.1;
    }
    table[3].config.catch_up = true;
    assert_int_equal(configurations_init(&c, &rows, "scenarios", NULL, &err), 0);
    const struct configuration *one = c.configuration;
    assert_true(isnan(one[0].sigma[MEASURED_CLIENT_CPU]));
    assert_within(one[0].sigma[FITTED_APPLICATION_CPU], 0.052, 0.01); /* 4 and 3 %, ticks 1.4 % */
    assert_true(isfinite(one[1].sigma[MEASURED_CLIENT_CPU]));
    assert_true(isnan(one[1].sigma[FITTED_APPLICATION_CPU]));
    /* 4 ms of 2 s, read in ticks of 10 ms, are nearly unknown */
    assert_within(one[2].sigma[FITTED_BROKER_THREAD_CPU], 1.44, 0.01);
    assert_true(isnan(one[3].value[FITTED_APPLICATION_CPU])); /* the reader's were not read */
    configurations_release(&c);
}

static void calibrate__says_what_cannot_be_told_apart(void **state)
{
    (void)state;
    struct model_profile start, truth;
    struct calibration *c;
    struct broker_err err = {""};
    measure_shifted(&start, &truth);
    struct calibrate_options options = options_with(closed_form, &start);
    assert_int_equal(calibrate(&rows, &options, &c, &err), CALIBRATE_OK);
    int receive = find(c, "broker.receive.byte"), append = find(c, "broker.append.byte");
    assert_true(c->correlation[receive * c->parameters + append] < -0.9);
    assert_true(c->determined[find(c, "broker.idle_per_s")] > 0.9);
    assert_true(c->determined[find(c, "scheduler.cold_sleep")] <
                0.1); /* the closed form knows no sleep */
    char *text = report_of(c);
    assert_non_null(strstr(text, "Cannot be told apart"));
    assert_non_null(strstr(text, "not determined by these rows"));
    free(text);
    calibration_free(c);
}

static void calibrate__gives_the_same_whatever_the_threads(void **state)
{
    (void)state;
    struct model_profile start, truth;
    struct calibration *one, *three;
    struct broker_err err = {""};
    measure_shifted(&start, &truth);
    struct calibrate_options options = options_with(closed_form, &start);
    options.threads = 1;
    assert_int_equal(calibrate(&rows, &options, &one, &err), CALIBRATE_OK);
    options.threads = 3;
    assert_int_equal(calibrate(&rows, &options, &three, &err), CALIBRATE_OK);
    assert_memory_equal(one->ln_value, three->ln_value, sizeof one->ln_value);
    assert_memory_equal(one->standard_error, three->standard_error, sizeof one->standard_error);
    calibration_free(one);
    calibration_free(three);
}

/* A step of a tenth promises what any longer one takes back: the readings never come nearer. */
static int liar(const struct scenario_doc *doc, const struct model_profile *profile,
                const struct predict_options *options, struct prediction *out,
                struct broker_err *err)
{
    struct model_profile start;
    model_profile_init(&start);
    double by = log(profile->receive.request_ns / start.receive.request_ns);
    closed_form(doc, &start, options, out, err);
    for (int q = 0; q < MEASURED_QUANTITIES; q++)
        out->quantity[q].value *= exp(1 + (fabs(by) < 0.11 ? -2.0 : 2.0) * by);
    return 0;
}

static void calibrate__does_not_accept_a_fit_that_did_not_converge(void **state)
{
    (void)state;
    struct model_profile start;
    struct calibration *c;
    struct broker_err err = {""};
    model_profile_init(&start);
    add_plan();
    measure(closed_form, &start, 1);
    struct calibrate_options options = options_with(liar, &start);
    assert_int_equal(calibrate(&rows, &options, &c, &err), CALIBRATE_EFIT);
    assert_non_null(strstr(err.text, "did not converge"));
    assert_null(c->correlation); /* nothing was judged, so nothing can be told of errors */
    calibration_free(c);
}

static void calibrate__refuses_too_few_rows(void **state)
{
    (void)state;
    struct model_profile start;
    struct calibration *c;
    struct broker_err err = {""};
    start_profile(&start);
    add_plan();
    measure(closed_form, &start, 1);
    rows.count = 8;
    struct calibrate_options options = options_with(closed_form, &start);
    assert_int_equal(calibrate(&rows, &options, &c, &err), CALIBRATE_EINVALID);
    assert_null(c);
    assert_non_null(strstr(err.text, "too few rows: 8 configurations"));
}

static void configurations__put_repeats_together_and_leave_warming_rows_out(void **state)
{
    (void)state;
    struct configurations c;
    struct broker_err err;
    rows = (struct rows){0};
    for (int i = 0; i < 12; i++) { /* four configurations, three repeats that differ by 10 % */
        struct row *row = add_row("rate", 100, 1000, 5, 0);
        snprintf(row->id, sizeof row->id, "rate-%d", i % 4);
        row->value[MEASURED_BROKER_CPU] = 0.1 * (i < 4 ? 0.9 : i < 8 ? 1 : 1.1);
    }
    struct row *warming = add_row("rate", 100, 1000, 5, 0);
    strcpy(warming->id, "rate-0");
    warming->jit = ROW_WARMING;
    warming->value[MEASURED_BROKER_CPU] = 5;
    assert_int_equal(configurations_init(&c, &rows, "scenarios", NULL, &err), 0);
    assert_int_equal(c.count, 4);
    assert_int_equal(c.left_out, 1);
    assert_int_equal(c.configuration[0].repeats, 3);
    assert_within(c.configuration[0].value[MEASURED_BROKER_CPU], 0.1, 1e-12);
    assert_int_equal(c.spread_repeats[MEASURED_BROKER_CPU], 12);
    /* Median |ln ratio| is ln 1.1 or so, times sqrt(3/2) for the median's freedom, times 1.4826. */
    assert_within(c.spread[MEASURED_BROKER_CPU], log(1.1) * sqrt(1.5) * 1.4826, 0.05);
    assert_true(isnan(c.configuration[0].sigma[MEASURED_PRODUCE_P50]));
    configurations_release(&c);
}

static void fold__deals_configurations_evenly_and_never_splits_repeats(void **state)
{
    (void)state;
    static const char *const families[] = {"rate", "size", "java", "net"};
    struct configurations c;
    struct broker_err err;
    rows = (struct rows){0};
    for (int i = 0; i < 40; i++)
        for (int repeat = 0; repeat < 2; repeat++) {
            struct row *row = add_row(families[i % 4], 100 + i, 1000, 5, 0);
            snprintf(row->id, sizeof row->id, "%s-%d", families[i % 4], i);
        }
    assert_int_equal(configurations_init(&c, &rows, "scenarios", NULL, &err), 0);
    assert_int_equal(c.count, 40); /* what is dealt are configurations: repeats cannot straddle */
    int fold[40], other[40], size[5] = {0}, of_family[4][5] = {{0}};
    fold_deal(&c, 5, 1, fold);
    fold_deal(&c, 5, 2, other);
    for (int i = 0; i < 40; i++) {
        size[fold[i]]++;
        of_family[i % 4][fold[i]]++;
    }
    for (int f = 0; f < 5; f++) {
        assert_int_equal(size[f], 8);
        for (int k = 0; k < 4; k++)
            assert_int_equal(of_family[k][f], 2);
    }
    assert_memory_not_equal(fold, other, sizeof fold); /* the seed deals */
    configurations_release(&c);
}

/* A pause each, of 30 ms on average, longer from one configuration to the next. */
static void add_pauses(void)
{
    for (int i = 0; i < rows.count; i++) {
        table[i].pauses = 1;
        table[i].pause_s = 0.030 + 0.001 * (i - (rows.count - 1) / 2.0);
        table[i].log_batches = 1;
        table[i].log_bytes = 1000;
    }
}

static void pauses__are_read_and_not_fitted(void **state)
{
    (void)state;
    struct model_profile start, truth, said;
    struct calibration *c;
    struct broker_err err = {""};
    measure_shifted(&start, &truth);
    add_pauses();
    struct calibrate_options options = options_with(closed_form, &start);
    assert_int_equal(calibrate(&rows, &options, &c, &err), CALIBRATE_OK);
    calibration_profile(c, -1, "own", &said);
    double median = 30e6 * exp(-start.gc_pause_sigma * start.gc_pause_sigma / 2);
    assert_within(said.gc_pause_median_ns, median, 1e-9);
    double out = 0, count = 0;
    for (int i = 0; i < rows.count; i++)
        if (c->fold[i] == 0) {
            out += table[i].pause_s;
            count++;
        }
    calibration_profile(c, 0, "own", &said); /* a fold has not seen its own */
    assert_within(said.gc_pause_median_ns,
                  median * (0.030 * rows.count - out) / (rows.count - count) / 0.030, 1e-9);
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    assert_int_equal(
        profile_write(c, -1, "own", PROFILE_WHOLE, (struct profile_clients){0}, memory), 0);
    assert_int_equal(calibration_write(c, memory), 0);
    fclose(memory);
    assert_non_null(strstr(text, "# read: 20 pauses, standard error of their mean 4 %"));
    assert_non_null(strstr(text, "collectors: 20 were counted, their median 27.111 ms with a"));
    free(text);
    char of_fold[80];
    memory = open_memstream(&text, &size);
    assert_int_equal(profile_write(c, 0, "own", PROFILE_WHOLE, (struct profile_clients){0}, memory),
                     0);
    fclose(memory);
    snprintf(of_fold, sizeof of_fold, "# read: %.0f pauses, ",
             20 * (rows.count - count) / rows.count);
    assert_non_null(strstr(text, of_fold));
    free(text);
    calibration_free(c);
}

static void profile__is_read_back_as_it_was_written(void **state)
{
    (void)state;
    struct model_profile start, truth, said, read;
    struct calibration *c;
    struct broker_err err = {""};
    measure_shifted(&start, &truth);
    struct calibrate_options options = options_with(closed_form, &start);
    assert_int_equal(calibrate(&rows, &options, &c, &err), CALIBRATE_OK);
    char path[128];
    snprintf(path, sizeof path, "%s/own.yaml", scratch);
    for (int fold = -1; fold < 2; fold++) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        assert_int_equal(
            profile_write(c, fold, "own", PROFILE_WHOLE, (struct profile_clients){0}, file), 0);
        fclose(file);
        if (scenario_profile_load_file("scenarios", path, &read, &err) != 0)
            fail_msg("%s", err.text);
        calibration_profile(c, fold, "own", &said);
        const struct scenario_profile_key *key;
        for (int i = 0; (key = scenario_profile_key_at(i)); i++)
            if (scenario_profile_get(&said, key) > 0)
                assert_within(scenario_profile_get(&read, key), scenario_profile_get(&said, key),
                              1e-4);
        assert_true(read.calibrated);
        assert_string_equal(read.error, said.error);
        assert_string_equal(read.held_out_ids, said.held_out_ids);
        assert_string_equal(read.fitted_kinds, said.fitted_kinds);
        assert_true(model_profile_names(read.fitted_kinds, "librdkafka/acks=1"));
        assert_false(model_profile_names(read.fitted_kinds, "librdkafka/zstd"));
        assert_int_equal(read.held_out[MEASURED_BROKER_CPU].rows, 20);
        assert_true(read.range[MODEL_PROFILE_RATE].known);
        assert_true(read.range[MODEL_PROFILE_RATE].high <= 4000);
        int held_out = 0;
        for (int i = 0; i < rows.count; i++)
            held_out += model_profile_names(read.held_out_ids, table[i].id);
        assert_int_equal(held_out, fold < 0 ? 0 : 4); /* 20 configurations, 5 folds */
    }
    calibration_free(c);
}

/* A profile's rates and partitions are those on one broker: the rows' on two, half of them. */
static void profile__states_what_one_broker_had(void **state)
{
    (void)state;
    struct model_profile start, whole, fold;
    struct calibration *c;
    struct broker_err err = {""};
    start_profile(&start);
    add_plan();
    for (int i = 0; i < rows.count; i++) {
        table[i].config.brokers = 2;
        table[i].config.partitions = 6;
        table[i].config.replication = 2;
    }
    measure(closed_form, &start, 1);
    struct calibrate_options options = options_with(closed_form, &start);
    if (calibrate(&rows, &options, &c, &err) != CALIBRATE_OK)
        fail_msg("%s", err.text);
    calibration_profile(c, -1, "own", &whole);
    assert_true(whole.range[MODEL_PROFILE_RATE].low == 50);
    assert_true(whole.range[MODEL_PROFILE_RATE].high == 2000);
    assert_true(whole.range[MODEL_PROFILE_PARTITIONS].low == 6);
    assert_true(whole.range[MODEL_PROFILE_PARTITIONS].high == 6);
    assert_true(whole.range[MODEL_PROFILE_REPLICATION].high == 2);
    assert_true(whole.range[MODEL_PROFILE_BROKERS].low == 2);
    calibration_profile(c, 0, "own", &fold);
    assert_true(fold.range[MODEL_PROFILE_RATE].low >= 50);
    calibration_free(c);
}

/* Rows of a cluster of one's own are simulated on its machine, and the profile says which that was. */
static void calibrate__simulates_rows_on_the_cluster_that_is_named(void **state)
{
    (void)state;
    struct configurations c;
    struct broker_err err = {""};
    add_plan();
    measure(closed_form, &(struct model_profile){.coremark = 1}, 1);
    struct row_place place = {"cluster: {brokers: 1, machine: aws/m7g.2xlarge, volumes: {type: "
                              "gp3, count: 1, size: 500 GB}}\n",
                              "{vcpus: 3, ram: 4 GiB, network: {baseline: 1 Gbit/s}}"};
    if (configurations_init(&c, &rows, "scenarios", &place, &err) != 0)
        fail_msg("%s", err.text);
    const struct scenario_machine *m = &scenario_base(c.configuration[0].doc)->cluster.machine;
    assert_int_equal(m->vcpus, 8);
    assert_true(m->coremark_per_vcpu > 24000);
    assert_int_equal(scenario_base(c.configuration[0].doc)->producers[0].machine.vcpus, 3);
    configurations_release(&c);
}

/* The whole way with the real simulation: short, few batches. */
static void calibrate__recovers_a_shifted_profile_from_simulated_rows(void **state)
{
    (void)state;
    struct model_profile start, truth;
    struct calibration *c;
    struct broker_err err = {""};
    start_profile(&start);
    shift(&truth);
    add_plan();
    for (int i = 0; i < rows.count; i++)
        table[i].config.rate_per_s = fmin(table[i].config.rate_per_s, 1000 + 50 * i);
    measure(predict, &truth, 7);
    struct calibrate_options options = options_with(predict, &start);
    options.batches_max = 800;
    if (calibrate(&rows, &options, &c, &err) != CALIBRATE_OK)
        fail_msg("%s", err.text);
    struct error_summary cpu = calibration_error(c, c->held_out, MEASURED_BROKER_CPU, NULL);
    assert_int_equal(cpu.n, 20);
    if (!(cpu.median < 0.05))
        fail_msg("%g", cpu.median);
    assert_within(fitted(c, "broker.idle_per_s"), truth.idle_broker_ns_per_s, 0.3);
    calibration_free(c);
}

static bool is_there(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", scratch, name);
    return access(path, F_OK) == 0;
}

static void what_an_earlier_calibration_left__is_removed(void **state)
{
    (void)state;
    char profile[128];
    struct broker_err err = {""};
    static const char *const names[] = {"p.yaml",         "p.fold-2.yaml",  "p.fold-3.yaml",
                                        "p.fold-20.yaml", "pp.fold-3.yaml", "p.scaled.yaml"};
    for (int i = 0; i < 6; i++)
        scratch_put(names[i], "x\n");
    snprintf(profile, sizeof profile, "%s/p", scratch);
    assert_int_equal(profile_remove_stale(profile, 2, &err), 0);
    assert_true(is_there("p.yaml") && is_there("p.fold-2.yaml") && is_there("pp.fold-3.yaml"));
    assert_false(is_there("p.fold-3.yaml") || is_there("p.fold-20.yaml"));
    assert_false(is_there("p.scaled.yaml")); /* of other costs */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(configurations__put_repeats_together_and_leave_warming_rows_out),
        cmocka_unit_test(fold__deals_configurations_evenly_and_never_splits_repeats),
        cmocka_unit_test(calibrate__recovers_what_the_rows_determine),
        cmocka_unit_test(client_threads__tell_their_costs_apart),
        cmocka_unit_test(configurations__fit_a_clients_threads_instead_of_their_sum),
        cmocka_unit_test(calibrate__says_what_cannot_be_told_apart),
        cmocka_unit_test(calibrate__gives_the_same_whatever_the_threads),
        cmocka_unit_test(calibrate__does_not_accept_a_fit_that_did_not_converge),
        cmocka_unit_test(calibrate__refuses_too_few_rows),
        cmocka_unit_test(pauses__are_read_and_not_fitted),
        cmocka_unit_test(profile__is_read_back_as_it_was_written),
        cmocka_unit_test(profile__states_what_one_broker_had),
        cmocka_unit_test(what_an_earlier_calibration_left__is_removed),
        cmocka_unit_test(calibrate__simulates_rows_on_the_cluster_that_is_named),
        cmocka_unit_test(calibrate__recovers_a_shifted_profile_from_simulated_rows),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
