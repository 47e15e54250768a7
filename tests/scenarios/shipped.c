/*
 * tests/scenarios/shipped.c - each shipped scenario, run, shows what its opening comment says it shows.
 *
 * Measured for less long than a planner would: what is checked are orders and verdicts, not digits. `make scenarios`.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "model/answer/study.h"

/* Runs scenarios/NAME.yaml with its variants; the caller frees the result. */
static struct result *run(const char *name, const char *measure)
{
    char path[256], set[64];
    struct broker_err err = {0};
    struct scenario_doc *doc;
    struct result *result = NULL;
    snprintf(path, sizeof path, "scenarios/%s.yaml", name);
    snprintf(set, sizeof set, "run.measure=%s", measure);
    const char *const sets[] = {set, "run.replications=4", "run.warmup=5 s"};
    struct scenario_options options = {.datadir = "scenarios", .sets = sets, .set_count = 3};
    if (scenario_load(path, &options, &doc) != SCENARIO_OK)
        scenario_errors_write(doc, stderr);
    struct study_options study = {.datadir = "scenarios"};
    if (study_run(doc, &study, &result, &err) != STUDY_OK)
        fail_msg("%s: %s", name, err.text);
    scenario_doc_free(doc);
    return result;
}

static const struct result *variant(const struct result *result, const char *name)
{
    for (uint32_t i = 0; i < result->variant_count; i++)
        if (!strcmp(result->variants[i]->variant, name))
            return result->variants[i];
    fail_msg("no variant %s", name);
    return NULL;
}

static double produce_p99_ms(const struct result *result)
{
    for (uint32_t i = 0; i < result->latency_count; i++)
        if (result->latencies[i].kind == RESULT_PRODUCE) {
            assert_true(result->latencies[i].p99_ns.known);
            return result->latencies[i].p99_ns.value / 1e6;
        }
    fail_msg("no produce latency");
    return 0;
}

static double fullest(const struct result *result)
{
    double most = 0;
    for (uint32_t i = 0; i < result->disk_count; i++) {
        double ratio =
            (double)result->disks[i].used_max_bytes / (double)result->disks[i].capacity_bytes;
        most = ratio > most ? ratio : most;
    }
    return most;
}

static bool warns_of(const struct result *result, const char *words)
{
    for (uint32_t i = 0; i < result->warning_count; i++)
        if (strstr(result->warnings[i].text, words))
            return true;
    return false;
}

static bool misses(const struct result *result)
{
    return result->verdict == RESULT_DOES_NOT_FIT || result->verdict == RESULT_UNSTABLE;
}

/* By the simulation: what is only undecided by the profile's error shows what the scenario says it shows. */
static void fits(const struct result *result)
{
    bool simulated = result->verdict == RESULT_UNDECIDED &&
                     strstr(result->verdict_text, "profile's error") != NULL;
    if (result->verdict != RESULT_FITS && !simulated)
        fail_msg("%s %s: %s", result->scenario, result->variant, result->verdict_text);
}

/* Its SLOs hold; in a short window writeback or a reader that catches up may take all of a resource. */
static void meets_its_slos(const struct result *result)
{
    for (uint32_t i = 0; i < result->slo_count; i++)
        if (result->slos[i].verdict == RESULT_DOES_NOT_FIT)
            fail_msg("%s %s: %s", result->scenario, result->variant, result->slos[i].text);
}

static void does_not_fit(const struct result *result)
{
    if (!misses(result))
        fail_msg("%s %s: %s", result->scenario, result->variant, result->verdict_text);
}

static void quickstart__fits_and_batches_say_what_linger_buys(void **state)
{
    (void)state;
    struct result *r = run("quickstart", "5 s");
    fits(r);
    assert_true(produce_p99_ms(variant(r, "acks-1")) < produce_p99_ms(r));
    assert_true(produce_p99_ms(variant(r, "linger-20")) > produce_p99_ms(r));
    assert_true(variant(r, "linger-20")->flows[0].records_per_batch.value >
                1.5 * r->flows[0].records_per_batch.value);
    result_free(r);
}

static void acks_and_fsync__each_level_costs_more_than_the_one_before(void **state)
{
    (void)state;
    struct result *r = run("acks-and-fsync", "10 s");
    fits(r);
    assert_true(produce_p99_ms(variant(r, "acks-0")) < produce_p99_ms(variant(r, "acks-1")));
    assert_true(produce_p99_ms(variant(r, "acks-1")) < produce_p99_ms(r));
    assert_true(produce_p99_ms(r) < produce_p99_ms(variant(r, "fsync")));
    does_not_fit(variant(r, "fsync-volume"));
    result_free(r);
}

static void fan_out__binds_on_the_outgoing_network(void **state)
{
    (void)state;
    struct result *r = run("fan-out-eight-groups", "5 s");
    fits(r);
    assert_true(strncmp(r->binding, "network out", 11) == 0);
    does_not_fit(variant(r, "twice-the-load"));
    result_free(r);
}

static void hdd_or_ssd__matters_only_for_the_reader_that_lags(void **state)
{
    (void)state;
    struct result *r = run("hdd-or-ssd", "10 s");
    fits(r);
    fits(variant(r, "ssd"));
    does_not_fit(variant(r, "hdd-lagging"));
    meets_its_slos(variant(r, "ssd-lagging"));
    result_free(r);
}

static void single_hdd__does_not_bear_a_reader_that_lags(void **state)
{
    (void)state;
    struct result *r = run("single-hdd-lagging-reader", "20 s");
    fits(r);
    does_not_fit(variant(r, "lagging"));
    result_free(r);
}

static void hot_key__falls_behind_and_spreading_it_does_not(void **state)
{
    (void)state;
    struct result *r = run("hot-key", "10 s");
    does_not_fit(r);
    fits(variant(r, "spread"));
    result_free(r);
}

static void overload__is_unstable_and_gives_no_latency(void **state)
{
    (void)state;
    struct result *r = run("overload", "30 s");
    assert_int_equal(r->verdict, RESULT_UNSTABLE);
    assert_false(r->latencies[0].p99_ns.known);
    assert_true(r->flows[0].bytes_per_s.value < 330e6);
    assert_int_not_equal(variant(r, "half")->verdict, RESULT_UNSTABLE);
    assert_true(variant(r, "half")->flows[0].bytes_per_s.value > 145e6);
    result_free(r);
}

static void retention__by_time_fills_the_disks_by_size_does_not(void **state)
{
    (void)state;
    struct result *r = run("retention-size-or-time", "3 s");
    does_not_fit(r);
    assert_true(r->disks[0].day_80 > 30 && r->disks[0].day_80 < 180);
    assert_true(fullest(r) > 0.8);
    assert_true(fullest(variant(r, "by-size")) < 0.8);
    assert_true(fullest(variant(r, "half-segments")) < fullest(r));
    result_free(r);
}

static void volume__passes_twenty_minutes_and_fails_after_thirty(void **state)
{
    (void)state;
    struct result *r = run("volume-out-of-credit", "10 s");
    does_not_fit(r);
    assert_true(warns_of(r, "in minute 30") || warns_of(r, "in minute 31") ||
                warns_of(r, "in minute 32"));
    does_not_fit(variant(r, "out-of-credit"));
    meets_its_slos(variant(r, "sustained"));
    result_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quickstart__fits_and_batches_say_what_linger_buys),
        cmocka_unit_test(acks_and_fsync__each_level_costs_more_than_the_one_before),
        cmocka_unit_test(fan_out__binds_on_the_outgoing_network),
        cmocka_unit_test(hdd_or_ssd__matters_only_for_the_reader_that_lags),
        cmocka_unit_test(single_hdd__does_not_bear_a_reader_that_lags),
        cmocka_unit_test(hot_key__falls_behind_and_spreading_it_does_not),
        cmocka_unit_test(overload__is_unstable_and_gives_no_latency),
        cmocka_unit_test(retention__by_time_fills_the_disks_by_size_does_not),
        cmocka_unit_test(volume__passes_twenty_minutes_and_fails_after_thirty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
