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
#include "model/evidence/profile_write.h"
#include "tests/support/fit_fixture.h"
#include "tests/support/scratch.h"

static void calibrate__recovers_what_the_rows_determine(void **state)
{
    (void)state;
    struct model_profile start, truth;
    struct calibration *c;
    struct broker_err err = {""};
    fit_measure_shifted(&start, &truth);
    struct calibrate_options options = fit_options(fit_closed_form, &start);
    if (calibrate(&fit_rows, &options, &c, &err) != CALIBRATE_OK)
        fail_msg("%s", err.text);
    fit_assert_within(fit_value(c, "broker.idle_per_s"), truth.idle_broker_ns_per_s, 0.03);
    /* Bytes are charged in two places that these rows cannot tell apart: their sum is known. A request's costs move together. */
    fit_assert_within(fit_value(c, "broker.receive.byte") + fit_value(c, "broker.append.byte"),
                      truth.receive.byte_ns + truth.append.byte_ns, 0.08);
    struct model_profile profile;
    calibration_profile(c, -1, "own", &profile);
    fit_assert_within(profile.receive.request_ns, truth.receive.request_ns, 0.05);
    fit_assert_within(profile.append.request_ns / start.append.request_ns,
                      profile.receive.request_ns / start.receive.request_ns, 1e-12);
    fit_assert_within(profile.send.request_ns / start.send.request_ns,
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
    fit_start_profile(&start);
    start.librdkafka_app.record_ns = 1e3;
    *truth = start;
    truth->librdkafka_send.record_ns *= 1.8;
    truth->librdkafka_app.record_ns *= 0.6;
    fit_add_plan();
    for (int i = 0; i < fit_rows.count; i++)
        fit_table[i].config.measure_s = 1e4; /* so that ticks are of no matter */
    fit_measure(fit_closed_form_by_thread, truth, 1);
    for (int i = 0; i < fit_rows.count && !listed; i++)
        fit_table[i].value[FITTED_APPLICATION_CPU] = fit_table[i].value[FITTED_BROKER_THREAD_CPU] =
            NAN;
    struct calibrate_options options = fit_options(fit_closed_form_by_thread, &start);
    if (calibrate(&fit_rows, &options, &c, &err) != CALIBRATE_OK)
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
    fit_assert_within(fit_value(c, "client.librdkafka_app.record"), truth.librdkafka_app.record_ns,
                      0.03);
    char *text = report_of(c);
    assert_non_null(strstr(text, "\n  application_cpu     20 "));
    assert_non_null(strstr(text, "\n  broker_thread_cpu   20 "));
    assert_non_null(
        strstr(text, "\n  client_cpu          20 ")); /* told, though it is not fitted */
    free(text);
    calibration_free(c);
    c = calibrate_threads(false, &truth);
    assert_false(
        fabs(fit_value(c, "client.librdkafka_app.record") / truth.librdkafka_app.record_ns - 1) <
        0.2);
    calibration_free(c);
}

static void configurations__fit_a_clients_threads_instead_of_their_sum(void **state)
{
    (void)state;
    struct configurations c;
    struct broker_err err;
    fit_rows = (struct rows){0};
    for (int i = 0; i < 4; i++) {
        double *value = fit_add_row("rate", 100 + i, 1000, 5, 1)->value;
        value[MEASURED_CLIENT_CPU] = 0.3;
        value[FITTED_APPLICATION_CPU] = i == 1 ? NAN : 0.2;
        value[FITTED_BROKER_THREAD_CPU] = i == 1 ? NAN : i == 2 ? 0.002 : 0.1;
    }
    fit_table[3].config.catch_up = true;
    assert_int_equal(configurations_init(&c, &fit_rows, "scenarios", NULL, &err), 0);
    const struct configuration *one = c.configuration;
    assert_true(isnan(one[0].sigma[MEASURED_CLIENT_CPU]));
    fit_assert_within(one[0].sigma[FITTED_APPLICATION_CPU], 0.052,
                      0.01); /* 4 and 3 %, ticks 1.4 % */
    assert_true(isfinite(one[1].sigma[MEASURED_CLIENT_CPU]));
    assert_true(isnan(one[1].sigma[FITTED_APPLICATION_CPU]));
    /* 4 ms of 2 s, read in ticks of 10 ms, are nearly unknown */
    fit_assert_within(one[2].sigma[FITTED_BROKER_THREAD_CPU], 1.44, 0.01);
    assert_true(isnan(one[3].value[FITTED_APPLICATION_CPU])); /* the reader's were not read */
    configurations_release(&c);
}

static void calibrate__says_what_cannot_be_told_apart(void **state)
{
    (void)state;
    struct model_profile start, truth;
    struct calibration *c;
    struct broker_err err = {""};
    fit_measure_shifted(&start, &truth);
    struct calibrate_options options = fit_options(fit_closed_form, &start);
    assert_int_equal(calibrate(&fit_rows, &options, &c, &err), CALIBRATE_OK);
    int receive = fit_find(c, "broker.receive.byte"), append = fit_find(c, "broker.append.byte");
    assert_true(c->correlation[receive * c->parameters + append] < -0.9);
    assert_true(c->determined[fit_find(c, "broker.idle_per_s")] > 0.9);
    assert_true(c->determined[fit_find(c, "scheduler.cold_sleep")] <
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
    fit_measure_shifted(&start, &truth);
    struct calibrate_options options = fit_options(fit_closed_form, &start);
    options.threads = 1;
    assert_int_equal(calibrate(&fit_rows, &options, &one, &err), CALIBRATE_OK);
    options.threads = 3;
    assert_int_equal(calibrate(&fit_rows, &options, &three, &err), CALIBRATE_OK);
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
    fit_closed_form(doc, &start, options, out, err);
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
    fit_add_plan();
    fit_measure(fit_closed_form, &start, 1);
    struct calibrate_options options = fit_options(liar, &start);
    assert_int_equal(calibrate(&fit_rows, &options, &c, &err), CALIBRATE_EFIT);
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
    fit_start_profile(&start);
    fit_add_plan();
    fit_measure(fit_closed_form, &start, 1);
    fit_rows.count = 8;
    struct calibrate_options options = fit_options(fit_closed_form, &start);
    assert_int_equal(calibrate(&fit_rows, &options, &c, &err), CALIBRATE_EINVALID);
    assert_null(c);
    assert_non_null(strstr(err.text, "too few rows: 8 configurations"));
}

/* A pause each, of 30 ms on average, longer from one configuration to the next. */
static void add_pauses(void)
{
    for (int i = 0; i < fit_rows.count; i++) {
        fit_table[i].pauses = 1;
        fit_table[i].pause_s = 0.030 + 0.001 * (i - (fit_rows.count - 1) / 2.0);
        fit_table[i].log_batches = 1;
        fit_table[i].log_bytes = 1000;
    }
}

static void pauses__are_read_and_not_fitted(void **state)
{
    (void)state;
    struct model_profile start, truth, said;
    struct calibration *c;
    struct broker_err err = {""};
    fit_measure_shifted(&start, &truth);
    add_pauses();
    struct calibrate_options options = fit_options(fit_closed_form, &start);
    assert_int_equal(calibrate(&fit_rows, &options, &c, &err), CALIBRATE_OK);
    calibration_profile(c, -1, "own", &said);
    double median = 30e6 * exp(-start.gc_pause_sigma * start.gc_pause_sigma / 2);
    fit_assert_within(said.gc_pause_median_ns, median, 1e-9);
    double out = 0, count = 0;
    for (int i = 0; i < fit_rows.count; i++)
        if (c->fold[i] == 0) {
            out += fit_table[i].pause_s;
            count++;
        }
    calibration_profile(c, 0, "own", &said); /* a fold has not seen its own */
    fit_assert_within(said.gc_pause_median_ns,
                      median * (0.030 * fit_rows.count - out) / (fit_rows.count - count) / 0.030,
                      1e-9);
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
             20 * (fit_rows.count - count) / fit_rows.count);
    assert_non_null(strstr(text, of_fold));
    free(text);
    calibration_free(c);
}

/* The whole way with the real simulation: short, few batches. */
static void calibrate__recovers_a_shifted_profile_from_simulated_rows(void **state)
{
    (void)state;
    struct model_profile start, truth;
    struct calibration *c;
    struct broker_err err = {""};
    fit_start_profile(&start);
    fit_shift(&truth);
    fit_add_plan();
    for (int i = 0; i < fit_rows.count; i++)
        fit_table[i].config.rate_per_s = fmin(fit_table[i].config.rate_per_s, 1000 + 50 * i);
    fit_measure(predict, &truth, 7);
    struct calibrate_options options = fit_options(predict, &start);
    options.batches_max = 800;
    if (calibrate(&fit_rows, &options, &c, &err) != CALIBRATE_OK)
        fail_msg("%s", err.text);
    struct error_summary cpu = calibration_error(c, c->held_out, MEASURED_BROKER_CPU, NULL);
    assert_int_equal(cpu.n, 20);
    if (!(cpu.median < 0.05))
        fail_msg("%g", cpu.median);
    fit_assert_within(fit_value(c, "broker.idle_per_s"), truth.idle_broker_ns_per_s, 0.3);
    calibration_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calibrate__recovers_what_the_rows_determine),
        cmocka_unit_test(client_threads__tell_their_costs_apart),
        cmocka_unit_test(configurations__fit_a_clients_threads_instead_of_their_sum),
        cmocka_unit_test(calibrate__says_what_cannot_be_told_apart),
        cmocka_unit_test(calibrate__gives_the_same_whatever_the_threads),
        cmocka_unit_test(calibrate__does_not_accept_a_fit_that_did_not_converge),
        cmocka_unit_test(calibrate__refuses_too_few_rows),
        cmocka_unit_test(pauses__are_read_and_not_fitted),
        cmocka_unit_test(calibrate__recovers_a_shifted_profile_from_simulated_rows),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
