/* What each shipped scenario says that sizing and the horizon show, they show. What the simulation shows is tested with the run. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/answer/size.h"
#include "model/cluster/horizon.h"
#include "model/scenario/load.h"
#include "tests/support/size_fixture.h"

struct shipped {
    struct scenario_doc *doc;
    const struct scenario *s;
    struct model_profile profile;
    struct result *r;
};

/* variant "": as written. */
static struct shipped ship(const char *name, const char *variant)
{
    struct shipped x = {.r = result_new()};
    struct scenario_options options = {.datadir = "scenarios"};
    char path[256];
    snprintf(path, sizeof path, "scenarios/%s.yaml", name);
    if (scenario_load(path, &options, &x.doc) != SCENARIO_OK) {
        scenario_errors_write(x.doc, stderr);
        fail_msg("%s does not load", path);
    }
    x.s = scenario_base(x.doc);
    for (int i = 0; i < scenario_variant_count(x.doc); i++)
        if (strcmp(scenario_variant_at(x.doc, i)->variant, variant) == 0)
            x.s = scenario_variant_at(x.doc, i);
    assert_string_equal(x.s->variant, variant);
    model_profile_init(&x.profile);
    struct size_counts counts = size_search(x.s, &x.profile, NULL);
    size_fill(x.s, &x.profile, &counts, NULL, x.r);
    return x;
}

static void unship(struct shipped *x)
{
    result_free(x->r);
    scenario_doc_free(x->doc);
}

static const struct result_bound *row(const struct shipped *x, const char *resource)
{
    for (uint32_t i = 0; i < x->r->bound_count; i++)
        if (strcmp(x->r->bounds[i].resource, resource) == 0)
            return &x->r->bounds[i];
    fail_msg("no bound is called %s", resource);
    return NULL;
}

static void says(const char *name, const char *variant, enum result_verdict verdict,
                 const char *binding)
{
    struct shipped x = ship(name, variant);
    if (x.r->verdict != verdict || !strstr(x.r->binding, binding))
        fail_msg("%s %s: %s, binding %s", name, variant, x.r->verdict_text, x.r->binding);
    unship(&x);
}

static void look_ahead(struct shipped *x)
{
    struct broker_err err = {0};
    assert_int_equal(horizon_fill(x->s, &x->profile, x->r, NULL, &err), BROKER_OK);
}

static void verdicts__are_what_the_files_announce(void **state)
{
    (void)state;
    const enum result_verdict fits = RESULT_FITS, not = RESULT_DOES_NOT_FIT;
    says("quickstart", "", fits, "");
    says("single-hdd-lagging-reader", "", fits, "");
    says("single-hdd-lagging-reader", "lagging", not, "disk bandwidth");
    says("single-hdd-lagging-reader", "lagging-in-memory", fits, "");
    says("hdd-or-ssd", "", fits, "");
    says("hdd-or-ssd", "ssd", fits, "");
    says("hdd-or-ssd", "hdd-lagging", not, "disk bandwidth");
    says("volume-out-of-credit", "", not, "volume throughput");
    says("volume-out-of-credit", "sustained", fits, "");
    says("ten-thousand-partitions", "", fits, "partitions");
    says("acks-and-fsync", "", fits, "");
    says("acks-and-fsync", "fsync", fits, "");
    says("fan-out-eight-groups", "", fits, "network out");
    says("fan-out-eight-groups", "twice-the-load", not, "network out");
    says("hot-key", "", not, "client thread of billing");
    says("hot-key", "spread", fits, "");
    says("overload", "", not, "volume throughput");
    says("overload", "half", fits, "");
    says("overload", "max", RESULT_UNDECIDED, "");
    says("retention-size-or-time", "", not, "disk space");
    says("retention-size-or-time", "by-size", fits, "");
    says("retention-size-or-time", "both", fits, "");
}

static void volume_out_of_credit__fails_in_minute_31(void **state)
{
    (void)state;
    struct shipped x = ship("volume-out-of-credit", "");
    look_ahead(&x);
    assert_true(size_fixture_warns(
        x.r, "volume throughput of broker 1 disk 1: burst credits are empty 31 min "
             "after the start, in minute 31"));
    unship(&x);
    x = ship("volume-out-of-credit", "sustained");
    look_ahead(&x);
    assert_false(size_fixture_warns(x.r, "burst credits"));
    unship(&x);
}

static void retention__by_time_passes_80_percent_within_the_half_year(void **state)
{
    (void)state;
    struct shipped x = ship("retention-size-or-time", "");
    look_ahead(&x);
    assert_true(x.r->disks[0].day_80 > 90 && x.r->disks[0].day_80 < 180);
    unship(&x);
    x = ship("retention-size-or-time", "by-size");
    look_ahead(&x);
    assert_true(x.r->disks[0].day_80 == -1);
    unship(&x);
}

/* Each byte that comes in goes out ten times: two followers, eight groups. */
static void fan_out__sends_ten_times_what_it_gets(void **state)
{
    (void)state;
    struct shipped x = ship("fan-out-eight-groups", "");
    double ratio = row(&x, "network out")->demand / row(&x, "network in")->demand;
    assert_true(ratio > 10 / 3.0 * 0.95 && ratio < 10 / 3.0 * 1.1);
    unship(&x);
}

/* One record a batch, whatever linger.ms says; without keys a client fills one batch after the other. */
static void ten_thousand__have_empty_batches(void **state)
{
    (void)state;
    struct shipped x = ship("ten-thousand-partitions", "");
    assert_true(size_fixture_warns(x.r, "batches of services hold 1 record,"));
    double threads = row(&x, "I/O threads")->demand;
    assert_true(row(&x, "partitions")->demand > 950 && row(&x, "partitions")->demand < 1050);
    unship(&x);
    x = ship("ten-thousand-partitions", "linger-100");
    assert_true(size_fixture_warns(x.r, "batches of services hold 1 record,"));
    unship(&x);
    x = ship("ten-thousand-partitions", "keyless");
    assert_false(size_fixture_warns(x.r, "batches of services"));
    assert_true(row(&x, "I/O threads")->demand < 0.7 * threads);
    unship(&x);
}

/* The hottest partition's consumer cannot keep up, and more brokers or consumers would not help. */
static void hot_key__is_one_threads_work(void **state)
{
    (void)state;
    struct shipped x = ship("hot-key", "");
    look_ahead(&x);
    assert_true(size_fixture_warns(x.r, "billing falls behind by more than the retention"));
    assert_true(row(&x, "cpu")->utilisation < 0.3 && row(&x, "network out")->utilisation < 0.3);
    unship(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts__are_what_the_files_announce),
        cmocka_unit_test(volume_out_of_credit__fails_in_minute_31),
        cmocka_unit_test(retention__by_time_passes_80_percent_within_the_half_year),
        cmocka_unit_test(fan_out__sends_ten_times_what_it_gets),
        cmocka_unit_test(ten_thousand__have_empty_batches),
        cmocka_unit_test(hot_key__is_one_threads_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
