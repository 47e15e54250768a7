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

/* A second, of the busiest broker: its formula has them with four digits, from thousands on with commas. */
struct asked {
    double producers, groups, followers;
};

static double number_after(const char *text, const char *words)
{
    char digits[32];
    size_t count = 0;
    for (text = strstr(text, words) + strlen(words); strchr("0123456789.,", *text); text++)
        if (*text != ',')
            digits[count++] = *text;
    digits[count] = '\0';
    return strtod(digits, NULL);
}

static struct asked asked(const struct sized *z)
{
    const char *formula = size_fixture_bound(z, "cpu")->formula;
    return (struct asked){number_after(formula, ": "), number_after(formula, "producers, "),
                          number_after(formula, "groups and ")};
}

/*
 * One record a batch, 2,000 a second for each broker to take. A fetch between racks takes 20 ms x exp(0.35^2 / 2), in which something always
 * came: 47 a second of each follower (5), and of two thirds of the 16 consumers. The others are near, and ask for nearly each of the 250
 * batches a second that each has, as the followers' fetches show them.
 */
static void fetches__take_as_long_as_their_way_is(void **state)
{
    (void)state;
    struct sized z =
        size_fixture(size_fixture_text, "producers.checkout.config={batch.size: 0, acks: 1}",
                     "cluster.network.cross_rack=20 ms", NULL);
    double far = 1 / (0.020 * exp(0.35 * 0.35 / 2));
    struct asked a = asked(&z);
    near(a.producers, 2000, 0.01);
    near(a.followers, 5 * far, 0.03);
    near(a.groups, 16 * (far * 2 + 5 * far) / 3, 0.03);
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
    near(asked(&z).groups, 16 * (far * 2 + 250) / 3, 0.03);
    size_fixture_release(&z);
}

static void disk__is_counted_once_per_replica(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, NULL);
    const struct result_bound *space = size_fixture_bound(&z, "disk space");
    double rate = SIZE_FIXTURE_WIRE / 48; /* of one partition: closes 1 GiB after 71 minutes */
    double kept = rate * (86400 + 1073741824 / rate + 300 + 60);
    near(space->demand, 48 * kept * 3 / 6 * (1 + 20.0 / 64701), 0.001); /* and its index entries */
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
    assert_false(size_fixture_warns(z.r, "file descriptor"));
    size_fixture_release(&z);
    z = size_fixture(size_fixture_text, "producers.checkout.clients=120000", NULL);
    assert_non_null(
        strstr(size_fixture_warning(z.r, "file descriptor"), "up to 120,038 connections and "));
    size_fixture_release(&z);
    z = size_fixture(size_fixture_text, "topics.orders.config.segment.bytes=1050000",
                     "topics.orders.config.retention.ms=7 d", NULL);
    assert_non_null(
        strstr(size_fixture_warning(z.r, "file descriptor"), "up to 50 connections and "));
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
        const char *text = size_fixture_warning(z.r, "vm.max_map_count");
        const char *segments = strstr(text, "comes to hold 33,");
        assert_int_equal(segments != NULL, i);
        assert_int_equal(text[0] != 0, i);
        size_fixture_release(&z);
    }
}

/* A segment a millisecond, for ever: trillions, which no kernel can map, are no number to print. */
static void segments__beyond_any_machine_are_no_number(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "topics.orders.config.segment.ms=1",
                                  "topics.orders.config.retention.ms=100 y", NULL);
    assert_non_null(strstr(size_fixture_warning(z.r, "vm.max_map_count"),
                           "comes to hold more than a billion segments"));
    assert_non_null(
        strstr(size_fixture_bound(&z, "partitions")->formula, " in more than a billion segments;"));
    size_fixture_release(&z);
}

/* A minute of a partition, 15 MB, never fills 1 GiB: 2 days and what waits for its end are 2,888 segments of each of 24 replicas. */
static void segments__that_segment_ms_closes_are_counted(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "topics.orders.config.segment.ms=1 m",
                                  "topics.orders.config.retention.ms=2 d", NULL);
    assert_non_null(strstr(size_fixture_warning(z.r, "vm.max_map_count"), "comes to hold 69,"));
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
         (SIZE_FIXTURE_WIRE + 20 * 12e3 / SIZE_FIXTURE_BATCH) * 3 / 6 * 86400 * days, 1e-5);
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

/* Who is left alone follows nobody, and nobody follows it. */
static void survive__of_two_brokers_one_follows_nobody(void **state)
{
    (void)state;
    struct sized z =
        size_fixture(size_fixture_text, "cluster.survive=one broker", "cluster.brokers=2",
                     "cluster.racks=[a]", "topics.orders.replication=2", NULL);
    const struct result_bound *fetchers = size_fixture_bound(&z, "replica fetchers");
    assert_true(fetchers->utilisation > 0.01);
    assert_true(fetchers->utilisation_survive < 1e-9);
    size_fixture_release(&z);
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
         " + more than 10,000 years until unlinked"},
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
/* 48 partitions of 6 GB, three times in all and spread, and one partition of 6 MB/s for 12 h on the disk that is fullest. */
static void disk_space__names_the_topic_that_fills_the_fullest_disk(void **state)
{
    (void)state;
    static const char text[] =
        "version: 1\n"
        "cluster: {brokers: 6, racks: [a, b, c], machine: {vcpus: 8, ram: 32 GB, network: "
        "{baseline: 1 GB/s}, disks: {type: nvme, size: 2 TB}}}\n"
        "topics:\n"
        "  orders: {partitions: 48, replication: 3, config: {retention.bytes: 5 GB, retention.ms: "
        "-1}}\n"
        "  audit: {partitions: 6, replication: 1, config: {retention.ms: 12 h}}\n"
        "producers:\n"
        "  checkout: {topic: orders, rate: 12 MB/s}\n"
        "  auditor: {topic: audit, rate: 7 MB/s, partitioner: keyed, hottest_partition: 90 %}\n";
    struct sized z = size_fixture(text, NULL);
    const char *formula = size_fixture_bound(&z, "disk space")->formula;
    assert_non_null(strstr(formula, "; mostly audit: retention 12 h (retention.ms)"));
    size_fixture_release(&z);
}

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
        strstr(size_fixture_bound(&z, "disk bandwidth")->formula, "machine-to-volume throughput"));
    size_fixture_release(&z);
}

/*
 * 1,000 records/s each of twelve: an application that is woken for each and hands it over, a thread that puts it into a batch. What the some
 * 90 requests a second cost, and threads that slept before each, come on top: a fifth of a core.
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
    assert_true(cpu->demand > least && cpu->demand < 1.7 * least);
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

/* 12,000 records a second over 12 consumers: 0.9 s of each second in a service, and next to nothing on a core. */
static void waiting_for_others__is_of_the_thread_and_not_of_a_core(void **state)
{
    (void)state;
    struct sized z =
        size_fixture(size_fixture_text, "groups.billing.clients=12",
                     "groups.billing.processing={per_record: 1 us, wait: 0.9 ms}", NULL);
    const struct result_bound *thread = size_fixture_bound(&z, "client thread of billing");
    assert_in_range(1000 * thread->demand, 900, 950);
    assert_non_null(strstr(thread->formula, "s of work and waiting a second"));
    assert_true(size_fixture_bound(&z, "client cpu of billing")->demand < 1);
    size_fixture_release(&z);
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

static void lag__behind_empty_logs_is_a_contradiction(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "groups.billing.lag=1 h",
                                  "start.logs=retained", NULL),
                 empty = size_fixture(size_fixture_text, "groups.billing.lag=1 h",
                                      "start.logs=empty", NULL);
    assert_false(size_fixture_warns(z.r, "nothing to lag behind"));
    assert_true(size_fixture_warns(empty.r, "billing is stated to lag"));
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
        cmocka_unit_test(segments__beyond_any_machine_are_no_number),
        cmocka_unit_test(segments__of_an_unknown_load_are_not_counted),
        cmocka_unit_test(disk__is_counted_once_per_replica),
        cmocka_unit_test(disk__grows_over_the_horizon),
        cmocka_unit_test(threads__that_are_too_few_are_not_said_to_idle),
        cmocka_unit_test(disk__kept_for_ever_is_the_sum_of_a_growing_rate),
        cmocka_unit_test(disk__has_the_growth_of_the_days_that_are_kept),
        cmocka_unit_test(survive__moves_leaders_to_who_is_left),
        cmocka_unit_test(survive__of_two_brokers_one_follows_nobody),
        cmocka_unit_test(connections__are_counted_and_beyond_the_descriptors_warned_of),
        cmocka_unit_test(bound__explains_itself_with_numbers),
        cmocka_unit_test(page_cache__holds_so_many_seconds),
        cmocka_unit_test(lag__reads_from_disk_beyond_the_page_cache),
        cmocka_unit_test(disk_space__names_the_retention_that_binds),
        cmocka_unit_test(disk_space__names_the_topic_that_fills_the_fullest_disk),
        cmocka_unit_test(volume__names_the_limit_that_binds),
        cmocka_unit_test(client_cpu__counts_librdkafkas_application),
        cmocka_unit_test(cpu__counts_faults_where_memory_goes_back),
        cmocka_unit_test(consumers__share_cores),
        cmocka_unit_test(waiting_for_others__is_of_the_thread_and_not_of_a_core),
        cmocka_unit_test(shared_machine__gives_each_broker_its_part),
        cmocka_unit_test(lag__behind_empty_logs_is_a_contradiction),
        cmocka_unit_test(fetchers__that_wait_for_a_window_name_it),
        cmocka_unit_test(size__is_the_same_each_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
