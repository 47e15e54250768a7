/* Size: each bound against arithmetic done by hand on round numbers (tests/support/size_fixture.c). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/answer/size.h"
#include "model/report/tables.h"
#include "model/report/number.h"
#include "tests/support/near.h"
#include "tests/support/size_fixture.h"

/* Commits and requests add below 1.5 % here. */
static void network__carries_each_byte_in_and_out_as_often_as_it_must(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, NULL);
    const struct result_bound *in = size_fixture_bound(&z, "network in");
    const struct result_bound *out = size_fixture_bound(&z, "network out");
    near(in->demand, SIZE_FIXTURE_WIRE * 3 / 6 * SIZE_FIXTURE_FRAMES, 0.015);
    near(out->demand, SIZE_FIXTURE_WIRE * (2 + 2) / 6 * SIZE_FIXTURE_FRAMES, 0.015);
    assert_true(in->demand > SIZE_FIXTURE_WIRE * 3 / 6 * SIZE_FIXTURE_FRAMES &&
                out->demand > SIZE_FIXTURE_WIRE * 4 / 6 * SIZE_FIXTURE_FRAMES);
    near(in->capacity, 100e6 * 0.7, 1e-12);
    near(out->utilisation, out->demand / 100e6, 1e-12);
    assert_true(isnan(out->utilisation_survive));
    size_fixture_release(&z);
}

/* Produced once, to two followers and to two groups: five times over one link, and no interface counts. */
static void shared_network__carries_each_byte_as_often_as_it_goes_anywhere(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "cluster.network.shared=80 MB/s", NULL);
    const struct result_bound *shared = size_fixture_bound(&z, "shared network");
    near(shared->demand, SIZE_FIXTURE_WIRE * (1 + 2 + 2) * SIZE_FIXTURE_FRAMES, 0.03);
    assert_true(shared->demand > SIZE_FIXTURE_WIRE * 5 * SIZE_FIXTURE_FRAMES);
    near(shared->capacity, 80e6 * 0.7, 1e-12);
    assert_int_equal(shared->brokers_needed, 0); /* more brokers leave it as it is */
    assert_int_equal(z.r->verdict, RESULT_DOES_NOT_FIT);
    assert_string_equal(z.r->binding, "shared network");
    assert_null(result_bound_of(z.r, "network out"));
    assert_null(result_bound_of(z.r, "client network of checkout"));
    size_fixture_release(&z);
}

/*
 * One record a batch, 2,000 a second for each broker to take. A fetch between racks takes 20 ms x exp(0.35^2 / 2), in which something always
 * came: 47 a second of each follower (5), and of two thirds of the 16 consumers. The others are near, and ask for nearly each of the 250
 * batches a second that each has.
 */
static void fetches__take_as_long_as_their_way_is(void **state)
{
    (void)state;
    struct sized z =
        size_fixture(size_fixture_text, "producers.checkout.config={batch.size: 0, acks: 1}",
                     "cluster.network.cross_rack=20 ms", NULL);
    double far = 1 / (0.020 * exp(0.35 * 0.35 / 2));
    const char *formula = size_fixture_bound(&z, "cpu")->formula;
    double requests = strtod(strstr(formula, ": ") + 2, NULL);
    near(requests, 2000 + 5 * far + 16 * (far * 2 + 250) / 3, 0.03);
    size_fixture_release(&z);
}

/* Whoever may read near and has no replica in its rack asks the leader, with one replica from two of three racks. */
static void fetches__of_who_has_no_replica_at_hand_go_to_the_leader(void **state)
{
    (void)state;
    struct sized z =
        size_fixture(size_fixture_text, "producers.checkout.config={batch.size: 0, acks: 1}",
                     "cluster.network.cross_rack=20 ms", "topics.orders.replication=1",
                     "cluster.config.replica.selector.class=RackAwareReplicaSelector", NULL);
    double far = 1 / (0.020 * exp(0.35 * 0.35 / 2));
    const char *formula = size_fixture_bound(&z, "cpu")->formula;
    double requests = strtod(strstr(formula, ": ") + 2, NULL);
    near(requests, 2000 + 16 * (far * 2 + 250) / 3, 0.03);
    size_fixture_release(&z);
}

static void disk__is_counted_once_per_replica(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, NULL);
    const struct result_bound *space = size_fixture_bound(&z, "disk space");
    double rate = SIZE_FIXTURE_WIRE / 48; /* of one partition: closes 1 GiB after 71 minutes */
    double kept = rate * (86400 + 1073741824 / rate + 300 + 60);
    near(space->demand, 48 * kept * 3 / 6 * (1 + 20.0 / 65516), 0.001); /* and its index entries */
    near(space->capacity, 2e12 * 0.8, 1e-12);
    const struct result_bound *bandwidth = size_fixture_bound(&z, "disk bandwidth");
    near(bandwidth->demand, SIZE_FIXTURE_WIRE * 3 / 6, 0.005);
    near(bandwidth->capacity, 500e6 * 0.7, 1e-12);
    size_fixture_release(&z);
}

static void disk__grows_over_the_horizon(void **state)
{
    (void)state;
    struct sized now = size_fixture(size_fixture_text, NULL);
    struct sized later = size_fixture(size_fixture_text, "producers.checkout.growth=10 % a month",
                                      "horizon.length=365.25 d", NULL);
    double before = size_fixture_bound(&now, "disk space")->demand;
    double open = 24 * 1073741824.0; /* segments in the making do not grow */
    near(size_fixture_bound(&later, "disk space")->demand - open, (before - open) * pow(1.1, 12),
         0.01);
    size_fixture_release(&now);
    size_fixture_release(&later);
}

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

static const char *warning_with(const struct sized *z, const char *text)
{
    for (uint32_t i = 0; i < z->r->warning_count; i++)
        if (strstr(z->r->warnings[i].text, text))
            return z->r->warnings[i].text;
    return "";
}

static void formulas__count_in_words_that_fit(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "producers.checkout.clients=1",
                                  "topics.orders.config.segment.bytes=16777216", NULL);
    const char *one = size_fixture_bound(&z, "client cpu of checkout")->formula;
    assert_int_equal(strncmp(one, "1 client on 1 x ", 16), 0);
    const char *held = size_fixture_bound(&z, "partitions")->formula;
    assert_non_null(strstr(held, "about 31,"));
    assert_non_null(strstr(held, "; at most 2,000 replicas are recommended"));
    size_fixture_release(&z);
}

/*
 * Each of six brokers leads 8 of 48 partitions: 12 producers, 8 consumers of either group at most, 12 that have it as coordinator, a fetcher
 * to and from each of the five others.
 */
static void connections__are_counted_and_beyond_the_descriptors_warned_of(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, NULL);
    assert_non_null(
        strstr(size_fixture_bound(&z, "partitions")->formula, "; it keeps up to 50 connections"));
    assert_string_equal(warning_with(&z, "file descriptor"), "");
    size_fixture_release(&z);
    z = size_fixture(size_fixture_text, "producers.checkout.clients=120000", NULL);
    assert_non_null(strstr(warning_with(&z, "file descriptor"), "up to 120,038 connections and "));
    size_fixture_release(&z);
    z = size_fixture(size_fixture_text, "topics.orders.config.segment.bytes=1050000",
                     "topics.orders.config.retention.ms=7 d", NULL);
    assert_non_null(strstr(warning_with(&z, "file descriptor"), "up to 50 connections and "));
    size_fixture_release(&z);
}

/* 48 x 3 / 6 = 24 replicas of 21.8 GB a day each: 20.3 segments of 1 GiB a day, so that 32,765 are passed in the 68th. */
static void segments__beyond_what_linux_maps_are_warned_about(void **state)
{
    (void)state;
    const char *kept[] = {"topics.orders.config.retention.ms=66 d",
                          "topics.orders.config.retention.ms=69 d"};
    for (int i = 0; i < 2; i++) {
        struct sized z = size_fixture(size_fixture_text, kept[i], NULL);
        const char *text = warning_with(&z, "vm.max_map_count");
        const char *segments = strstr(text, "comes to hold 33,");
        assert_int_equal(segments != NULL, i);
        assert_int_equal(text[0] != 0, i);
        size_fixture_release(&z);
    }
}

/* A minute of a partition, 15 MB, never fills 1 GiB: 2 days and what waits for its end are 2,888 segments of each of 24 replicas. */
static void segments__that_segment_ms_closes_are_counted(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "topics.orders.config.segment.ms=1 m",
                                  "topics.orders.config.retention.ms=2 d", NULL);
    assert_non_null(strstr(warning_with(&z, "vm.max_map_count"), "comes to hold 69,"));
    size_fixture_release(&z);
}

static void segments__of_an_unknown_load_are_not_counted(void **state)
{
    (void)state;
    const char *rate[] = {"producers.checkout.rate=12 MB/s", "producers.checkout.rate=max"};
    for (int i = 0; i < 2; i++) {
        struct sized z = size_fixture(size_fixture_text, rate[i], NULL);
        const char *formula = size_fixture_bound(&z, "partitions")->formula;
        assert_int_equal(strstr(formula, "segments") == NULL, i);
        size_fixture_release(&z);
    }
}

/* Its limit is (68 + 12) MB/s x 3 / 6: ln 68 / ln 1.2 = 23.14 months of the one that grows. All at 20 % had reached that on day 303. */
static void growth__is_each_producers_own(void **state)
{
    (void)state;
    double write = 80.0 / 12 * SIZE_FIXTURE_WIRE * (1 + 20.0 / 65516) * 3 / 6 / 0.7;
    char disk[64];
    snprintf(disk, sizeof disk, "cluster.machine.disks.write=%.6f MB/s", write / 1e6);
    struct sized z = with_clicks(disk, NULL, NULL, NULL);
    const char *got = warning_with(&z, "growth brings");
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

/* 1 - 2.02 is no idle share. */
static void threads__that_are_too_few_are_not_said_to_idle(void **state)
{
    (void)state;
    struct sized z =
        size_fixture(size_fixture_text, "producers.checkout.rate=9 GB/s", "cluster.brokers=3",
                     "cluster.config.num.network.threads=1", NULL);
    const struct result_bound *b = size_fixture_bound(&z, "network threads");
    assert_true(b->utilisation > 1);
    assert_non_null(strstr(b->formula, " would keep "));
    assert_null(strstr(b->formula, "idle"));
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
    assert_non_null(strstr(warning_with(&z, "growth brings"), "disk bandwidth of broker"));
    size_fixture_release(&z);
}

/* Clients grow with their load: 12 MB/s in 20 MB/s of network are beyond 70 % when 10 % a month have made them 14. */
static void growth__reaches_clients_too(void **state)
{
    (void)state;
    struct sized z = size_fixture(
        size_fixture_text, "producers.checkout.growth=10 % a month",
        "producers.checkout.machine={vcpus: 8, ram: 32 GB, network: {baseline: 20 MB/s}}", NULL);
    const char *got = warning_with(&z, "growth brings client network of checkout");
    const struct result_bound *client = size_fixture_bound(&z, "client network of checkout");
    double day = 0;
    assert_int_equal(sscanf(strstr(got, "on day "), "on day %lf", &day), 1);
    assert_true(fabs(day - log(14e6 / client->demand) / log(1.1) * 30.4375) <= 1);
    size_fixture_release(&z);
}

/* What is kept for ever is the sum of what came, not the last day's rate times all days: at 20 % a month two fifths of that. */
static void disk__kept_for_ever_is_the_sum_of_a_growing_rate(void **state)
{
    (void)state;
    struct sized z =
        size_fixture(size_fixture_text, "producers.checkout.growth=20 % a month",
                     "topics.orders.config.retention.ms=-1", "horizon.length=365 d", NULL);
    double each_day = log(1.2) / 30.4375;
    double days = (pow(1.2, 365 / 30.4375) - 1) / each_day;
    near(size_fixture_bound(&z, "disk space")->demand,
         SIZE_FIXTURE_WIRE * 3 / 6 * 86400 * days * (1 + 20.0 / 65516), 1e-6);
    size_fixture_release(&z);
}

/* 180 days of retention, of a horizon of 120: the first sixty are the start's. */
static void disk__has_the_growth_of_the_days_that_are_kept(void **state)
{
    (void)state;
    struct sized z =
        size_fixture(size_fixture_text, "producers.checkout.growth=10 % a month",
                     "topics.orders.config.retention.ms=180 d", "horizon.length=120 d", NULL);
    double each_day = log(1.1) / 30.4375;
    double days = 60 + (pow(1.1, 120 / 30.4375) - 1) / each_day;
    double got = size_fixture_bound(&z, "disk space")->demand - 24 * 1073741824.0;
    near(got, SIZE_FIXTURE_WIRE * 3 / 6 * 86400 * days, 0.001);
    assert_true(got > SIZE_FIXTURE_WIRE * 3 / 6 * 86400 * days);
    size_fixture_release(&z);
}

/* 8 instead of 6 of 48 leaders on a broker when a rack of two is lost: nothing else can lead. */
static void survive__moves_leaders_to_who_is_left(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "cluster.survive=one rack", NULL);
    const struct result_bound *out = size_fixture_bound(&z, "network out");
    const struct result_bound *in = size_fixture_bound(&z, "network in");
    /* four survivors lead all, and send to one follower and two groups; the busiest leads more than its fourth */
    double even = SIZE_FIXTURE_WIRE * (1 + 2) / 4 * SIZE_FIXTURE_FRAMES / 100e6;
    assert_true(out->utilisation_survive >= even);
    assert_true(out->utilisation_survive < 1.5 * even);
    near(in->utilisation_survive, SIZE_FIXTURE_WIRE * 2 / 4 * SIZE_FIXTURE_FRAMES / 100e6, 0.02);
    assert_string_equal(z.r->verdict_text, "FITS, also with one rack lost");
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

/* In sentences as in tables, also where a rounded share would stand on the wrong side of its limit. */
static void percent__is_written_alike_everywhere(void **state)
{
    (void)state;
    static const double ratios[][2] = {
        {0, NAN},   {0.0003, NAN}, {0.004, 0.6}, {0.0149, 0.6}, {0.804, 0.8},   {0.7996, 0.8},
        {0.8, 0.8}, {6.413, 0.8},  {14.86, NAN}, {130.82, 0.8}, {7777.77, 0.7}, {0.0003, 0.005}};
    struct result *r = result_new();
    for (size_t i = 0; i < sizeof ratios / sizeof *ratios; i++) {
        struct result_estimate e = result_exact(ratios[i][0]),
                               seen =
                                   result_interval(e.value, 0.7 * e.value, 1.4 * e.value, 0.9, 3);
        char cell[REPORT_CELL_MAX];
        report_percent(cell, &e, ratios[i][1]);
        assert_string_equal(result_percent(r, ratios[i][0], ratios[i][1]), cell);
        report_percent(cell, &seen, NAN);
        assert_string_equal(result_percent(r, ratios[i][0], NAN), cell);
    }
    result_free(r);
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

static void bound__explains_itself_with_numbers(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, NULL);
    int binding = 0;
    for (uint32_t i = 0; i < z.r->bound_count; i++) {
        assert_true(strlen(z.r->bounds[i].formula) > 20);
        assert_non_null(strpbrk(z.r->bounds[i].formula, "0123456789"));
        binding += z.r->bounds[i].binding;
    }
    assert_int_equal(binding, 1);
    assert_non_null(strstr(z.r->binding, "disk space of broker"));
    assert_non_null(strstr(size_fixture_bound(&z, "network out")->formula, "to followers"));
    size_fixture_release(&z);
}

/* (32 - 6) GB less 1 GiB, filled at half of three replicas' writes. */
static void page_cache__holds_so_many_seconds(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, NULL);
    near(size_fixture_bound(&z, "page cache")->capacity,
         (26e9 - 1073741824) / (SIZE_FIXTURE_WIRE * 3 / 6), 0.005);
    size_fixture_release(&z);
}

/* A lag beyond the cache is read from disk: each byte that a leader takes once more. */
static void lag__reads_from_disk_beyond_the_page_cache(void **state)
{
    (void)state;
    struct sized warm = size_fixture(size_fixture_text, "groups.audit.lag=10 m", NULL);
    struct sized cold = size_fixture(size_fixture_text, "groups.audit.lag=6 h", NULL);
    double more = size_fixture_bound(&cold, "disk bandwidth")->demand -
                  size_fixture_bound(&warm, "disk bandwidth")->demand;
    near(more, SIZE_FIXTURE_WIRE / 6 * 500 / 1000,
         0.02); /* reading is twice as fast as writing here */
    assert_true(size_fixture_bound(&cold, "page cache")->capacity <
                size_fixture_bound(&warm, "page cache")->capacity);
    size_fixture_release(&warm);
    size_fixture_release(&cold);
}

/* 12 MB/s over 48 partitions: a day brings 22 GB to each. */
static void disk_space__names_the_retention_that_binds(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"topics.orders.config.retention.bytes=-1", "retention 24 h (retention.ms) + a segment"},
        {"topics.orders.config.retention.bytes=10 GB",
         "retention 10 GB (retention.bytes) a partition + a segment"},
        {"topics.orders.config.retention.bytes=30 GB", "retention 24 h (retention.ms) + a segment"},
        {"topics.orders.config.retention.ms=-1", "retention no limit + a segment"},
        {"cluster.config.log.retention.check.interval.ms=9223372036854775807",
         " + 9223 trillion s until unlinked"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sized z = size_fixture(size_fixture_text, cases[i][0], NULL);
        assert_non_null(strstr(size_fixture_bound(&z, "disk space")->formula, cases[i][1]));
        size_fixture_release(&z);
    }
    struct sized z = size_fixture(size_fixture_text, "topics.orders.config.retention.bytes=30 GB",
                                  "producers.checkout.partitioner=keyed",
                                  "producers.checkout.hottest_partition=10 %", NULL);
    assert_non_null(strstr(size_fixture_bound(&z, "disk space")->formula,
                           "30 GB (retention.bytes) in 1 of 48 partitions, else 24 h"));
    size_fixture_release(&z);
}

/* gp3 behind a machine that gives all volumes together less than they could. */
static void volume__names_the_limit_that_binds(void **state)
{
    (void)state;
    struct sized z =
        size_fixture(size_fixture_text, "cluster.machine=aws/m5.xlarge", "cluster.heap=4 GB",
                     "cluster.volumes={type: gp3, size: 2 TB, throughput: 125 MB/s}", NULL);
    near(size_fixture_bound(&z, "disk bandwidth")->capacity, 125e6 * 0.7, 1e-9);
    assert_non_null(strstr(size_fixture_bound(&z, "disk bandwidth")->formula, "volume throughput"));
    size_fixture_release(&z);
    z = size_fixture(size_fixture_text, "cluster.machine=aws/m5.xlarge", "cluster.heap=4 GB",
                     "cluster.volumes={type: gp3, size: 2 TB, throughput: 500 MB/s}", NULL);
    near(size_fixture_bound(&z, "disk bandwidth")->capacity, 143.75e6 * 0.7, 1e-9);
    assert_non_null(
        strstr(size_fixture_bound(&z, "disk bandwidth")->formula, "machine to volumes"));
    size_fixture_release(&z);
}

static void hot_partition__says_that_no_count_helps(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "producers.checkout.rate=200 MB/s",
                                  "producers.checkout.partitioner=keyed",
                                  "producers.checkout.hottest_partition=50 %", NULL);
    bool told = false;
    assert_int_equal(size_fixture_bound(&z, "network out")->brokers_needed, 0);
    assert_int_equal(z.r->brokers_needed, 0);
    assert_int_equal(z.r->verdict, RESULT_DOES_NOT_FIT);
    for (uint32_t i = 0; i < z.r->warning_count; i++)
        told = told || strstr(z.r->warnings[i].text, "no number of brokers is enough");
    assert_true(told);
    size_fixture_release(&z);
}

/* No partition is to blame for it, and no machine. */
static void shared_network__says_that_no_count_helps(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "cluster.network.shared=80 MB/s", NULL);
    assert_string_equal(warning_with(&z, "shared network"),
                        "shared network: no number of brokers is enough, all share one link");
    for (uint32_t i = 0; i < z.r->warning_count; i++)
        assert_null(strstr(z.r->warnings[i].remedy, "partitions"));
    size_fixture_release(&z);
}

static void max_rate__is_said_and_not_counted(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "producers.checkout.rate=max", NULL);
    bool told = false;
    for (uint32_t i = 0; i < z.r->warning_count; i++)
        told = told || strstr(z.r->warnings[i].text, "checkout at rate: max");
    assert_true(told);
    assert_false(size_fixture_cost(&z, "cross-zone traffic")->known);
    size_fixture_release(&z);
}

/*
 * 1,000 records/s each of twelve: an application that is woken for each and hands it over, a thread that puts it into a batch. What the few
 * requests cost comes on top.
 */
static void client_cpu__counts_librdkafkas_application(void **state)
{
    (void)state;
    struct model_profile p;
    model_profile_init(&p);
    struct sized z = size_fixture(
        size_fixture_text, "producers.checkout.client=librdkafka", "producers.checkout.machines=1",
        "producers.checkout.machine={vcpus: 16, coremark: 16000, ram: 8 GB, network: {baseline: 1 "
        "Gbit/s}}",
        NULL);
    double record_ns = p.librdkafka_app.record_ns + p.librdkafka_send.record_ns +
                       1e3 * (p.librdkafka_app.byte_ns + p.librdkafka_send.byte_ns);
    double wakes = 12 * p.librdkafka_app_wake_ns / (1e6 + p.librdkafka_app_window_ns);
    double least = 12e3 * record_ns / 1e9 + wakes;
    const struct result_bound *cpu = size_fixture_bound(&z, "client cpu of checkout");
    assert_true(wakes > 0.2);
    assert_true(cpu->demand > least && cpu->demand < 1.2 * least);
    size_fixture_release(&z);
    /* One core for all has no more than itself to give. */
    z = size_fixture(size_fixture_text, "producers.checkout.client=librdkafka",
                     "producers.checkout.machines=1", "producers.checkout.rate=60 MB/s",
                     "producers.checkout.machine={vcpus: 1, coremark: 16000, ram: 8 GB, network: "
                     "{baseline: 10 Gbit/s}}",
                     NULL);
    near(size_fixture_bound(&z, "client cpu of checkout")->demand, 1, 1e-9);
    size_fixture_release(&z);
}

/* 200 MB/s a broker in requests of 1 MB, of which the cache holds 524 kB: 2 ns for each byte of the rest are 0.19 of a core. */
static void cpu__counts_faults_where_memory_goes_back(void **state)
{
    (void)state;
    static const char full_batches[] =
        "version: 1\n"
        "cluster:\n"
        "  brokers: 3\n"
        "  machine:\n"
        "    {vcpus: 1, coremark: 16000, ram: 32 GB, network: {baseline: 1 GB/s},\n"
        "     disks: {type: nvme, count: 1, size: 20 TB, write: 1 GB/s, read: 1 GB/s}}\n"
        "topics: {t: {partitions: 3, replication: 1, config: {retention.ms: 1 h}}}\n"
        "producers:\n"
        "  p: {topic: t, client: librdkafka, clients: 3, rate: 600 MB/s, record: {size: 1000 B},\n"
        "      config: {linger.ms: 100, batch.size: 1000000}}\n";
    struct sized kept = size_fixture(full_batches, NULL);
    struct sized returned = size_fixture(full_batches, "cluster.page_reporting=true", NULL);
    near(size_fixture_bound(&returned, "cpu")->demand - size_fixture_bound(&kept, "cpu")->demand,
         0.19, 0.05);
    size_fixture_release(&kept);
    size_fixture_release(&returned);
}

/*
 * Six threads on four cores of two hyper-threads each: two have a core, four share two, 2 x 1.5 + 4 x 1 of 6 x 1.5. Work of 0.9 of a lone thread
 * then takes 0.9 x 9 / 7. On six machines it stays 0.9.
 */
static void consumers__share_cores(void **state)
{
    (void)state;
    static const char *const machine =
        "groups.billing.machine={vcpus: 8, threads_per_core: 2, coremark: 16000, ram: 8 GB, "
        "network: {baseline: 1 GB/s}}";
    for (int machines = 1; machines <= 6; machines += 5) {
        char count[64];
        snprintf(count, sizeof count, "groups.billing.machines=%d", machines);
        struct sized z = size_fixture(size_fixture_text, machine, count, "groups.billing.clients=6",
                                      "groups.billing.processing.per_record=450 us", NULL);
        double thread = size_fixture_bound(&z, "client thread of billing")->demand;
        near(thread, machines == 1 ? 0.9 * 9 / 7 : 0.9, 0.02);
        size_fixture_release(&z);
    }
}

/* Six brokers on two machines: each has a third of one, and two are paid for. */
static void shared_machine__gives_each_broker_its_part(void **state)
{
    (void)state;
    struct sized own =
        size_fixture(size_fixture_text, "cluster.survive=none", "cluster.racks=[a]", NULL);
    struct sized shared =
        size_fixture(size_fixture_text, "cluster.brokers_per_machine=3", "cluster.survive=none",
                     "cluster.racks=[a]", "cluster.machine.ram=96 GB", NULL);
    static const char *const bounds[] = {"network in", "network out", "disk bandwidth",
                                         "disk space"};
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++)
        near(size_fixture_bound(&shared, bounds[i])->utilisation,
             3 * size_fixture_bound(&own, bounds[i])->utilisation, 1e-6);
    near(size_fixture_bound(&shared, "cpu")->capacity,
         size_fixture_bound(&own, "cpu")->capacity / 3, 1e-6);
    /* A collection stops its broker alone, and computes as much. */
    near(size_fixture_bound(&shared, "cpu")->demand, size_fixture_bound(&own, "cpu")->demand, 1e-9);
    assert_int_equal(own.r->brokers, 6);
    near(size_fixture_cost(&own, "compute")->usd_per_month,
         3 * size_fixture_cost(&shared, "compute")->usd_per_month, 1e-9);
    size_fixture_release(&own);
    size_fixture_release(&shared);
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

static void lag__behind_empty_logs_is_a_contradiction(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "groups.billing.lag=1 h",
                                  "start.logs=retained", NULL),
                 empty = size_fixture(size_fixture_text, "groups.billing.lag=1 h",
                                      "start.logs=empty", NULL);
    assert_string_equal(warning_with(&z, "nothing to lag behind"), "");
    assert_string_not_equal(warning_with(&empty, "billing is stated to lag"), "");
    size_fixture_release(&z);
    size_fixture_release(&empty);
}

/* 64 KiB a round trip of 10 ms are 6.5 MB/s a connection, however fast the machines are. */
static void fetchers__that_wait_for_a_window_name_it(void **state)
{
    (void)state;
    struct sized near_by =
                     size_fixture(size_fixture_text, "cluster.network.cross_rack=100 us", NULL),
                 far = size_fixture(size_fixture_text, "cluster.network.cross_rack=10 ms", NULL);
    const char *window = "replica.socket.receive.buffer.bytes of 65.54 kB each round trip of ";
    assert_non_null(strstr(size_fixture_bound(&far, "replica fetchers")->formula, window));
    assert_true(size_fixture_bound(&far, "replica fetchers")->demand >
                size_fixture_bound(&near_by, "replica fetchers")->demand);
    size_fixture_release(&near_by);
    size_fixture_release(&far);
}

static void size__is_the_same_each_time(void **state)
{
    (void)state;
    struct sized a = size_fixture(size_fixture_text, "cluster.survive=one broker", NULL);
    struct sized b = size_fixture(size_fixture_text, "cluster.survive=one broker", NULL);
    assert_int_equal(a.r->bound_count, b.r->bound_count);
    for (uint32_t i = 0; i < a.r->bound_count; i++) {
        assert_string_equal(a.r->bounds[i].formula, b.r->bounds[i].formula);
        assert_true(a.r->bounds[i].demand == b.r->bounds[i].demand);
    }
    size_fixture_release(&a);
    size_fixture_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(network__carries_each_byte_in_and_out_as_often_as_it_must),
        cmocka_unit_test(shared_network__carries_each_byte_as_often_as_it_goes_anywhere),
        cmocka_unit_test(fetches__take_as_long_as_their_way_is),
        cmocka_unit_test(formulas__count_in_words_that_fit),
        cmocka_unit_test(fetches__of_who_has_no_replica_at_hand_go_to_the_leader),
        cmocka_unit_test(segments__beyond_what_linux_maps_are_warned_about),
        cmocka_unit_test(segments__that_segment_ms_closes_are_counted),
        cmocka_unit_test(segments__of_an_unknown_load_are_not_counted),
        cmocka_unit_test(disk__is_counted_once_per_replica),
        cmocka_unit_test(disk__grows_over_the_horizon),
        cmocka_unit_test(growth__is_each_producers_own),
        cmocka_unit_test(threads__that_are_too_few_are_not_said_to_idle),
        cmocka_unit_test(growth__is_in_the_count_of_brokers),
        cmocka_unit_test(growth__names_what_is_reached_first),
        cmocka_unit_test(growth__reaches_clients_too),
        cmocka_unit_test(disk__kept_for_ever_is_the_sum_of_a_growing_rate),
        cmocka_unit_test(disk__has_the_growth_of_the_days_that_are_kept),
        cmocka_unit_test(survive__moves_leaders_to_who_is_left),
        cmocka_unit_test(survive__has_a_verdict_of_its_own),
        cmocka_unit_test(survive__does_not_fit_below_min_insync_replicas),
        cmocka_unit_test(connections__are_counted_and_beyond_the_descriptors_warned_of),
        cmocka_unit_test(percent__is_written_alike_everywhere),
        cmocka_unit_test(first_line__has_the_share_that_the_table_has),
        cmocka_unit_test(auto__rounds_up_to_the_racks),
        cmocka_unit_test(auto__counts_brokers_with_a_part_of_a_machine),
        cmocka_unit_test(auto__holds_until_the_end_of_the_horizon),
        cmocka_unit_test(bound__explains_itself_with_numbers),
        cmocka_unit_test(page_cache__holds_so_many_seconds),
        cmocka_unit_test(lag__reads_from_disk_beyond_the_page_cache),
        cmocka_unit_test(disk_space__names_the_retention_that_binds),
        cmocka_unit_test(volume__names_the_limit_that_binds),
        cmocka_unit_test(hot_partition__says_that_no_count_helps),
        cmocka_unit_test(shared_network__says_that_no_count_helps),
        cmocka_unit_test(max_rate__is_said_and_not_counted),
        cmocka_unit_test(client_cpu__counts_librdkafkas_application),
        cmocka_unit_test(cpu__counts_faults_where_memory_goes_back),
        cmocka_unit_test(consumers__share_cores),
        cmocka_unit_test(shared_machine__gives_each_broker_its_part),
        cmocka_unit_test(clients__are_first_to_bind_where_they_are_nearest),
        cmocka_unit_test(clients__are_first_to_bind_beyond_limits_too),
        cmocka_unit_test(growth__binds_where_it_is_the_reason),
        cmocka_unit_test(today__is_said_before_growth),
        cmocka_unit_test(verdict__tells_the_worst_row_and_counts_the_others),
        cmocka_unit_test(lag__behind_empty_logs_is_a_contradiction),
        cmocka_unit_test(fetchers__that_wait_for_a_window_name_it),
        cmocka_unit_test(size__is_the_same_each_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
