/* Size: what binds first, how many brokers are enough, and what the first line says of it (tests/support/size_fixture.c). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/answer/size.h"
#include "model/report/number.h"
#include "model/report/tables.h"
#include "tests/support/near.h"
#include "tests/support/size_fixture.h"

/* A twelfth beside the fixture's stream grows, in full batches as well; nobody reads it. */
static struct sized with_clicks(const char *a, const char *b, const char *c, const char *d)
{
    static const char clicks[] = "producers:\n"
                                 "  clicks:\n"
                                 "    topic: clicks\n"
                                 "    clients: 12\n"
                                 "    rate: 1 MB/s\n"
                                 "    record: {size: 1000 B}\n"
                                 "    partitioner: sticky\n"
                                 "    growth: 20 % a month\n"
                                 "    config: {linger.ms: 2000, batch.size: 65536}\n";
    static const char topic[] =
        "topics:\n"
        "  clicks: {partitions: 48, replication: 3, config: {retention.ms: 1 h}}\n";
    char text[4096];
    const char *topics = strstr(size_fixture_text, "topics:\n");
    const char *producers = strstr(size_fixture_text, "producers:\n");
    snprintf(text, sizeof text, "%.*s%s%.*s%s%s", (int)(topics - size_fixture_text),
             size_fixture_text, topic, (int)(producers - topics) - (int)strlen("topics:\n"),
             topics + strlen("topics:\n"), clicks, producers + strlen("producers:\n"));
    return size_fixture(text, a, b, c, d, NULL);
}

/* Its limit is (68 + 12) MB/s x 3 / 6: ln 68 / ln 1.2 = 23.14 months of the one that grows. All at 20 % had reached that on day 303. */
static void growth__is_each_producers_own(void **state)
{
    (void)state;
    double write = 80.0 / 12 * SIZE_FIXTURE_WIRE * (1 + 20.0 / 64701) * 3 / 6 / 0.7;
    char disk[64];
    snprintf(disk, sizeof disk, "cluster.machine.disks.write=%.6f MB/s", write / 1e6);
    struct sized z = with_clicks(disk, NULL, NULL, NULL);
    const char *got = size_fixture_warning(z.r, "growth brings");
    assert_non_null(strstr(got, "disk bandwidth of broker"));
    double day = 0;
    assert_int_equal(sscanf(strstr(got, "on day "), "on day %lf", &day), 1);
    assert_true(fabs(day - log(68) / log(1.2) * 30.4375) <= 3);
    assert_string_equal(z.r->growth_note, "");
    size_fixture_release(&z);
    z = with_clicks(disk, "horizon.length=720 d", NULL, NULL);
    assert_non_null(strstr(z.r->growth_note, "disk bandwidth of broker"));
    assert_int_equal(z.r->verdict, RESULT_DOES_NOT_FIT);
    size_fixture_release(&z);
}

/* The count that is asked for holds at the horizon's end, while use is today's: the result says until when. */
static void growth__is_in_the_count_of_brokers(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "producers.checkout.growth=20 % a month",
                                  "horizon.length=365 d", NULL);
    struct sized still = size_fixture(size_fixture_text, "horizon.length=365 d", NULL);
    near(z.r->brokers_needed_days, 365, 1e-12);
    assert_true(still.r->brokers_needed_days == 0);
    assert_true(z.r->brokers_needed > still.r->brokers_needed);
    near(size_fixture_bound(&z, "network out")->demand,
         size_fixture_bound(&still, "network out")->demand, 1e-9);
    size_fixture_release(&z);
    size_fixture_release(&still);
}

/* Most used is network out, for the groups' sake; what grows is not read, and the disks have it three times. */
static void growth__names_what_is_reached_first(void **state)
{
    (void)state;
    struct sized z = with_clicks("cluster.machine.network.baseline=20 MB/s",
                                 "cluster.machine.disks.write=17.14 MB/s", NULL, NULL);
    const struct result_bound *out = size_fixture_bound(&z, "network out");
    assert_true(out->binding && out->utilisation < 0.7);
    assert_non_null(strstr(size_fixture_warning(z.r, "growth brings"), "disk bandwidth of broker"));
    size_fixture_release(&z);
}

/* Clients grow with their load: 12 MB/s in 20 MB/s of network are beyond 70 % when 10 % a month have made them 14. */
static void growth__reaches_clients_too(void **state)
{
    (void)state;
    struct sized z = size_fixture(
        size_fixture_text, "producers.checkout.growth=10 % a month",
        "producers.checkout.machine={vcpus: 8, ram: 32 GB, network: {baseline: 20 MB/s}}", NULL);
    const char *got = size_fixture_warning(z.r, "growth brings client network of checkout");
    const struct result_bound *client = size_fixture_bound(&z, "client network of checkout");
    double day = 0;
    assert_int_equal(sscanf(strstr(got, "on day "), "on day %lf", &day), 1);
    assert_true(fabs(day - log(14e6 / client->demand) / log(1.1) * 30.4375) <= 1);
    size_fixture_release(&z);
}

static void survive__has_a_verdict_of_its_own(void **state)
{
    (void)state;
    struct sized none = size_fixture(size_fixture_text, NULL);
    struct sized fits = size_fixture(size_fixture_text, "cluster.survive=one rack", NULL);
    /* 30 MB/s, four times out: 20 MB/s of each of six; three times of four brokers without a rack: 22.5. Beyond 70 % of 32 only those. */
    struct sized beyond = size_fixture(size_fixture_text, "cluster.survive=one rack",
                                       "producers.checkout.rate=30 MB/s",
                                       "cluster.machine.network.baseline=32 MB/s", NULL);
    assert_int_equal(none.r->survive, RESULT_SURVIVE_NONE);
    assert_int_equal(none.r->survive_verdict, RESULT_UNDECIDED);
    assert_int_equal(fits.r->survive_verdict, RESULT_FITS);
    assert_int_equal(beyond.r->survive_verdict, RESULT_DOES_NOT_FIT);
    assert_string_equal(beyond.r->survive_note, "");
    assert_non_null(strstr(beyond.r->verdict_text, " with one rack lost, and its limit is 70 %"));
    assert_true(size_fixture_bound(&beyond, "network out")->utilisation < 0.7);
    size_fixture_release(&none);
    size_fixture_release(&fits);
    size_fixture_release(&beyond);
}

/* The table had 198 % used and the first line "248 % of its limit": the same, once as a share of the disk and once of 80 % of it. */
static void first_line__has_the_share_that_the_table_has(void **state)
{
    (void)state;
    static const char *const kept[] = {"topics.orders.config.retention.ms=10 d",
                                       "topics.orders.config.retention.ms=667 d"};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        struct sized z = size_fixture(size_fixture_text, kept[i], NULL);
        struct result_estimate used =
            result_exact(size_fixture_bound(&z, "disk space")->utilisation);
        char cell[REPORT_CELL_MAX], text[REPORT_CELL_MAX + 80];
        report_percent(cell, &used, 0.8);
        snprintf(text, sizeof text, "is used to %s, and its limit is 80 %%", cell);
        if (!strstr(z.r->verdict_text, text))
            fail_msg("\"%s\" does not say \"%s\"", z.r->verdict_text, text);
        assert_non_null(strstr(size_fixture_bound(&z, "cpu")->formula, "probability below 1e-6"));
        size_fixture_release(&z);
    }
}

static void survive__does_not_fit_below_min_insync_replicas(void **state)
{
    (void)state;
    /* two racks hold three replicas: one of them has two, and takes both with it */
    struct sized z =
        size_fixture(size_fixture_text, "cluster.survive=one rack", "cluster.racks=[a, b]",
                     "topics.orders.config.min.insync.replicas=2", NULL);
    assert_int_equal(z.r->verdict, RESULT_DOES_NOT_FIT);
    assert_non_null(strstr(z.r->verdict_text, "orders keeps 1 of 3 replicas, below "
                                              "min.insync.replicas 2"));
    assert_int_equal(z.r->survive, RESULT_SURVIVE_RACK);
    assert_int_equal(z.r->survive_verdict, RESULT_DOES_NOT_FIT);
    assert_non_null(strstr(z.r->survive_note, "keeps 1 of 3 replicas"));
    size_fixture_release(&z);
}

/*
 * 170 MB/s: four times that goes out, 70 MB/s from each broker. 9.9 brokers would carry it, so ten, so twelve in three racks; and twelve
 * have their 360 leaders even.
 */
static void auto__rounds_up_to_the_racks(void **state)
{
    (void)state;
    struct sized z =
        size_fixture(size_fixture_text, "cluster.brokers=auto", "producers.checkout.rate=170 MB/s",
                     "topics.orders.partitions=360", "topics.orders.config.retention.ms=1 h", NULL);
    const struct result_bound *out = size_fixture_bound(&z, "network out");
    assert_int_equal(ceil(170.0 / 12 * SIZE_FIXTURE_WIRE * 4 * SIZE_FIXTURE_FRAMES / 70e6), 10);
    assert_int_equal(out->brokers_needed, 12);
    assert_true(z.r->brokers == z.r->brokers_needed && z.r->brokers % 3 == 0);
    assert_int_equal(z.r->verdict, RESULT_FITS);
    for (uint32_t i = 0; i < z.r->bound_count; i++)
        assert_true(z.r->bounds[i].brokers_needed <= z.r->brokers_needed);
    size_fixture_release(&z);
}

/* A third of a machine each: what a run takes for auto is what size says is needed. */
static void auto__counts_brokers_with_a_part_of_a_machine(void **state)
{
    (void)state;
    struct sized z = size_fixture(
        size_fixture_text, "cluster.brokers=auto", "cluster.brokers_per_machine=3",
        "cluster.machine.ram=96 GB", "cluster.survive=none", "producers.checkout.rate=40 MB/s",
        "topics.orders.partitions=360", "topics.orders.config.retention.ms=1 h", NULL);
    assert_true(z.r->brokers_needed >=
                40.0 / 12 * SIZE_FIXTURE_WIRE * 4 * SIZE_FIXTURE_FRAMES / (70e6 / 3));
    assert_int_equal(z.r->brokers, z.r->brokers_needed);
    assert_int_equal(z.r->verdict, RESULT_FITS);
    assert_int_equal(z.r->brokers_needed % 9, 0); /* as many machines in each of three racks */
    size_fixture_release(&z);
}

/* 100 MB/s that become 178 within the horizon: six brokers hold until day 176, and that was the answer. */
static void auto__holds_until_the_end_of_the_horizon(void **state)
{
    (void)state;
    static const char *const brokers[] = {"cluster.brokers=6", "cluster.brokers=auto"};
    for (int i = 0; i < 2; i++) {
        struct sized z = size_fixture(
            size_fixture_text, brokers[i], "cluster.machine=aws/m7g.xlarge", "cluster.heap=4 GB",
            "cluster.volumes={type: gp3, size: 2 TB, throughput: 125 MB/s}",
            "topics.orders.config.retention.ms=1 h", "producers.checkout.rate=100 MB/s",
            "producers.checkout.growth=10 % a month", "horizon.length=180 d", NULL);
        assert_int_equal(z.r->brokers_needed, 9);
        assert_int_equal(z.r->verdict, i == 0 ? RESULT_DOES_NOT_FIT : RESULT_FITS);
        assert_int_equal(z.r->growth_note[0] != 0, i == 0);
        assert_int_equal(z.r->brokers, i == 0 ? 6 : 9);
        size_fixture_release(&z);
    }
}

static void hot_partition__says_that_no_count_helps(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "producers.checkout.rate=200 MB/s",
                                  "producers.checkout.partitioner=keyed",
                                  "producers.checkout.hottest_partition=50 %", NULL);
    assert_int_equal(size_fixture_bound(&z, "network out")->brokers_needed, 0);
    assert_int_equal(z.r->brokers_needed, 0);
    assert_int_equal(z.r->verdict, RESULT_DOES_NOT_FIT);
    assert_true(size_fixture_warns(z.r, "no number of brokers is enough"));
    size_fixture_release(&z);
}

/* A leader sends 50 MB/s of 70; who leads for another one, too, sends twice that, however many brokers stand idle. */
static void leader_of_two__says_that_no_count_survives(void **state)
{
    (void)state;
    struct sized z =
        size_fixture(size_fixture_text, "producers.checkout.rate=150 MB/s",
                     "producers.checkout.partitioner=uniform", "topics.orders.partitions=12",
                     "cluster.racks=[a]", "cluster.survive=one broker", NULL);
    assert_int_equal(size_fixture_bound(&z, "network out")->brokers_needed, 0);
    assert_true(size_fixture_warns(z.r, "network out: no number of brokers is enough with one "
                                        "broker lost: what another one then has beside its own"));
    assert_true(size_fixture_bound(&z, "network in")->brokers_needed > 0);
    size_fixture_release(&z);
}

/* 6 MB/s for 30 days: no other machine has a larger volume. */
static void space_of_one_partition__is_no_matter_of_the_machine(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "producers.checkout.partitioner=keyed",
                                  "producers.checkout.hottest_partition=50 %",
                                  "topics.orders.config.retention.ms=30 d", NULL);
    const struct result_warning *w =
        size_fixture_find_warning(z.r, "disk space: no number of brokers is enough");
    assert_non_null(w);
    assert_string_equal(w->remedy, "use larger disks, more partitions, keys that spread or a "
                                   "shorter retention");
    size_fixture_release(&z);
}

/* Twenty days of 12 MB/s, three times: 39 machines' disks, whose cores idle. */
static void brokers__that_are_bought_for_their_disks_are_said_to_be(void **state)
{
    (void)state;
    struct sized z =
        size_fixture(size_fixture_text, "topics.orders.config.retention.ms=20 d", NULL);
    char text[80];
    snprintf(text, sizeof text, "disk space alone asks for %d brokers, all else for 3",
             size_fixture_bound(&z, "disk space")->brokers_needed);
    assert_true(size_fixture_warns(z.r, text));
    size_fixture_release(&z);
    z = size_fixture(size_fixture_text, "topics.orders.config.retention.ms=1 h", NULL);
    assert_false(size_fixture_warns(z.r, "disk space alone"));
    size_fixture_release(&z);
}

/* No partition is to blame for it, and no machine. */
static void shared_network__says_that_no_count_helps(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "cluster.network.shared=80 MB/s", NULL);
    assert_string_equal(size_fixture_warning(z.r, "shared network"),
                        "shared network: no number of brokers is enough, all share one link");
    for (uint32_t i = 0; i < z.r->warning_count; i++)
        assert_null(strstr(z.r->warnings[i].remedy, "partitions"));
    size_fixture_release(&z);
}

static void max_rate__is_said_and_not_counted(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "producers.checkout.rate=max", NULL);
    assert_true(size_fixture_warns(z.r, "checkout at rate: max"));
    assert_false(size_fixture_cost(&z, "cross-zone traffic")->known);
    size_fixture_release(&z);
}

/* The one consumer works 12,000 x 80 us in a second; no resource of the brokers is used to a half. */
static void clients__are_first_to_bind_where_they_are_nearest(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "groups.billing.clients=1",
                                  "groups.billing.processing.per_record=80 us",
                                  "topics.orders.config.retention.ms=1 h", NULL);
    assert_int_equal(z.r->verdict, RESULT_FITS);
    assert_string_equal(z.r->binding, "client thread of billing");
    assert_true(size_fixture_bound(&z, "client thread of billing")->binding);
    assert_false(size_fixture_bound(&z, "disk space")->binding);
    size_fixture_release(&z);
}

/* Brokers are beyond their limit, and the one consumer further: it is the first as the load rises, and a run says the same. */
static void clients__are_first_to_bind_beyond_limits_too(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "groups.billing.clients=1",
                                  "groups.billing.processing.per_record=400 us",
                                  "cluster.machine.network.baseline=10 MB/s", NULL);
    const struct result_bound *out = size_fixture_bound(&z, "network out");
    assert_true(out->demand > out->capacity);
    assert_int_equal(z.r->verdict, RESULT_DOES_NOT_FIT);
    assert_string_equal(z.r->binding, "client thread of billing");
    assert_non_null(strstr(z.r->verdict_text, "client thread of billing is used to "));
    size_fixture_release(&z);
}

/* Of all that holds today, disks are the fullest, and do not grow beyond their limit: what the load reaches first is the reason. */
static void growth__binds_where_it_is_the_reason(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "groups.billing.clients=1",
                                  "groups.billing.processing.per_record=40 us",
                                  "producers.checkout.growth=10 % a month", "horizon.length=365 d",
                                  "cluster.machine.disks.size=4 TB", NULL);
    const struct result_bound *space = size_fixture_bound(&z, "disk space"),
                              *client = size_fixture_bound(&z, "client thread of billing");
    assert_true(space->demand / space->capacity > client->demand / client->capacity);
    assert_non_null(strstr(z.r->verdict_text, "growth brings client thread of billing"));
    assert_string_equal(z.r->binding, "client thread of billing");
    assert_true(client->binding && !space->binding);
    size_fixture_release(&z);
}

/* What a resource reaches in months is no reason beside what is asked of another today. */
static void today__is_said_before_growth(void **state)
{
    (void)state;
    struct sized z =
        size_fixture(size_fixture_text, "producers.checkout.rate=300 MB/s",
                     "producers.checkout.growth=10 % a month",
                     "topics.orders.config.retention.ms=1 m", "horizon.length=300 d", NULL);
    assert_non_null(strstr(z.r->verdict_text, "is used to")); /* whichever is furthest beyond */
    assert_null(strstr(z.r->verdict_text, "growth"));
    size_fixture_release(&z);
}

/* Six rows are beyond their limits: one is told, with the number of the others, and the table marks each. */
static void verdict__tells_the_worst_row_and_counts_the_others(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "producers.checkout.rate=300 MB/s", NULL);
    int beyond = 0;
    for (uint32_t i = 0; i < z.r->bound_count; i++)
        beyond += result_bound_beyond(&z.r->bounds[i]);
    char counted[40];
    snprintf(counted, sizeof counted, "; and %d more reasons", beyond - 1);
    assert_true(beyond > 2);
    assert_non_null(strstr(z.r->verdict_text, " is used to "));
    assert_non_null(strstr(z.r->verdict_text, counted));
    struct report_table t;
    report_table_bounds(z.r, &t);
    for (int row = 0; row < t.row_count; row++)
        assert_int_equal(strstr(report_table_cell(&t, row, 5), "✗") != NULL,
                         result_bound_beyond(&z.r->bounds[row]));
    report_table_release(&t);
    size_fixture_release(&z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(growth__is_each_producers_own),
        cmocka_unit_test(growth__is_in_the_count_of_brokers),
        cmocka_unit_test(growth__names_what_is_reached_first),
        cmocka_unit_test(growth__reaches_clients_too),
        cmocka_unit_test(survive__has_a_verdict_of_its_own),
        cmocka_unit_test(survive__does_not_fit_below_min_insync_replicas),
        cmocka_unit_test(first_line__has_the_share_that_the_table_has),
        cmocka_unit_test(auto__rounds_up_to_the_racks),
        cmocka_unit_test(auto__counts_brokers_with_a_part_of_a_machine),
        cmocka_unit_test(auto__holds_until_the_end_of_the_horizon),
        cmocka_unit_test(hot_partition__says_that_no_count_helps),
        cmocka_unit_test(leader_of_two__says_that_no_count_survives),
        cmocka_unit_test(space_of_one_partition__is_no_matter_of_the_machine),
        cmocka_unit_test(brokers__that_are_bought_for_their_disks_are_said_to_be),
        cmocka_unit_test(shared_network__says_that_no_count_helps),
        cmocka_unit_test(max_rate__is_said_and_not_counted),
        cmocka_unit_test(clients__are_first_to_bind_where_they_are_nearest),
        cmocka_unit_test(clients__are_first_to_bind_beyond_limits_too),
        cmocka_unit_test(growth__binds_where_it_is_the_reason),
        cmocka_unit_test(today__is_said_before_growth),
        cmocka_unit_test(verdict__tells_the_worst_row_and_counts_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
