/*
 * tests/model/test_cluster.c - one replication from the outside: conservation, causality, determinism.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tests/support/scratch.h"
#include "tests/support/small_cluster.h"

#define SECOND INT64_C(1000000000)

static const char *const stream =
    "version: 1\n"
    "cluster: {brokers: 3, machine: aws/i3en.2xlarge, racks: [a, b, c]}\n"
    "topics: {t: {partitions: 6, replication: 3, config: {min.insync.replicas: 2}}}\n"
    "producers:\n"
    "  p: {topic: t, clients: 4, rate: 4 MB/s, record: {size: 1 KiB}, config: {linger.ms: 5, acks: "
    "all}}\n"
    "groups: {g: {topics: [t], clients: 3}}\n"
    "start: {logs: empty}\n"
    "run: {measure: 10 s, warmup: 1 s}\n";

/* ---- conservation ---- */

static int64_t log_records(struct small_cluster *small, uint32_t broker)
{
    int64_t records = 0;
    for (int p = 0; p < small->scenario->topics[0].partitions; p++) {
        const struct broker_log *log =
            model_host_log(cluster_host(small->cluster, broker), (struct broker_tp){0, p});
        records += log ? broker_log_end_offset(log) : 0;
    }
    return records;
}

static void run__every_acknowledged_record_is_in_the_log_of_every_replica(void **state)
{
    (void)state;
    struct small_cluster small;
    small_cluster_new(&small, stream, 1, 3 * SECOND);
    cluster_run_until(small.cluster, 3 * SECOND);
    const struct cluster_seen *seen = cluster_seen(small.cluster);

    uint64_t acked = seen->producers[0].stats->records_acked;
    assert_true(acked > 10000);
    for (uint32_t b = 0; b < 3; b++)
        assert_true(log_records(&small, b) >= (int64_t)acked);
    small_cluster_free(&small);
}

static void run__consumers_read_what_was_committed_and_nothing_twice(void **state)
{
    (void)state;
    struct small_cluster small;
    small_cluster_new(&small, stream, 2, 3 * SECOND);
    cluster_run_until(small.cluster, 3 * SECOND);
    const struct cluster_seen *seen = cluster_seen(small.cluster);

    uint64_t read = seen->groups[0].stats->records;
    assert_true(read <= (uint64_t)log_records(&small, 0));
    assert_true(read + (uint64_t)seen->groups[0].lag_end_records + 4096 >=
                seen->producers[0].stats->records_acked);
    assert_int_equal(seen->groups[0].stats->offset_resets, 0);
    small_cluster_free(&small);
}

static void run__librdkafka_consumers_read_the_same(void **state)
{
    (void)state;
    static const char *const sets[] = {"groups.g.client=librdkafka"};
    struct small_options options = {
        .seed = 2, .length_ns = 3 * SECOND, .sets = sets, .set_count = 1};
    struct small_cluster small;
    small_cluster_new_with(&small, stream, &options);
    cluster_run_until(small.cluster, 3 * SECOND);
    const struct cluster_seen *seen = cluster_seen(small.cluster);

    uint64_t read = seen->groups[0].stats->records;
    assert_true(read <= (uint64_t)log_records(&small, 0));
    assert_true(read + (uint64_t)seen->groups[0].lag_end_records + 4096 >=
                seen->producers[0].stats->records_acked);
    assert_true(seen->groups[0].stats->commits > 0);
    assert_int_equal(seen->groups[0].stats->errors, 0);
    small_cluster_free(&small);
}

/* A leader without a slot answers with session 0: every fetch then names all its partitions. */
static void replication__goes_on_without_a_fetch_session(void **state)
{
    (void)state;
    static const char *const sets[] = {
        "cluster.config.max.incremental.fetch.session.cache.slots=0"};
    struct small_options options = {
        .seed = 2, .length_ns = 3 * SECOND, .sets = sets, .set_count = 1};
    struct small_cluster small;
    small_cluster_new_with(&small, stream, &options);
    const struct cluster_seen *seen = small_cluster_run(&small, SECOND, 2 * SECOND);

    double rate = (double)seen->producers[0].stats->records_acked / 2;
    assert_true(rate > 3906.25 * 0.95 && rate < 3906.25 * 1.05);
    small_cluster_free(&small);
}

static void run__throughput_equals_the_load_that_was_offered(void **state)
{
    (void)state;
    struct small_cluster small;
    small_cluster_new(&small, stream, 3, 11 * SECOND);
    const struct cluster_seen *seen = small_cluster_run(&small, SECOND, 10 * SECOND);

    /* 4 MB/s in records of 1 KiB: 3906.25/s, Poisson: sd of 10 s is 198 records, 0.5 %. */
    double rate = (double)seen->producers[0].stats->records_acked / 10;
    assert_true(rate > 3906.25 * 0.98 && rate < 3906.25 * 1.02);
    assert_int_equal(seen->producers[0].stats->records_failed, 0);
    small_cluster_free(&small);
}

static void run__little_s_law_holds_for_records_in_the_producer(void **state)
{
    (void)state;
    struct small_cluster small;
    small_cluster_new(&small, stream, 4, 21 * SECOND);
    const struct cluster_seen *seen = small_cluster_run(&small, SECOND, 20 * SECOND);
    const struct cluster_producer_seen *p = &seen->producers[0];

    /* Mean number under way = rate x mean latency. Ticks sample the level where batches have been drained. */
    double latency_s = sim_histogram_mean_ns(p->stats->latency_ns) / 1e9 -
                       sim_histogram_mean_ns(p->stats->queue_ns) / 1e9;
    double expected = (double)p->stats->records_acked / 20 * latency_s, level = 0;
    for (uint32_t i = 0; i < seen->tick_count; i++)
        level += p->buffered_records[i] / seen->tick_count;
    assert_true(level > 0.5 * expected && level < 3 * (expected + 10));
    small_cluster_free(&small);
}

/* Of a client's interface 10 MB/s go out, whoever answers: with acks=0 too what is not sent waits, and grows. */
static void unanswered__waits_for_its_socket(void **state)
{
    (void)state;
    static const char *const sets[] = {
        "producers.p.config.acks=0",
        "producers.p.rate=40 MB/s",
        "producers.p.machine={vcpus: 8, ram: 8 GiB, network: {baseline: 10 MB/s}}",
        "producers.p.machines=1",
    };
    struct small_options options = {
        .seed = 2, .length_ns = 4 * SECOND, .sets = sets, .set_count = 4};
    struct small_cluster small;
    small_cluster_new_with(&small, stream, &options);
    const struct cluster_seen *seen = small_cluster_run(&small, 2 * SECOND, 2 * SECOND);
    double rate = (double)seen->producers[0].stats->records_acked * 1024 / 2;
    assert_true(rate > 9.5e6 && rate < 10.1e6);
    assert_true(sim_histogram_mean_ns(seen->producers[0].stats->latency_ns) > 0.5e9);
    small_cluster_free(&small);
}

/* ---- causality ---- */

static const char *const synced =
    "version: 1\n"
    "cluster:\n"
    "  brokers: 2\n"
    "  racks: [a, b]\n"
    "  machine: {vcpus: 4, ram: 16 GiB, network: {baseline: 1 GB/s},\n"
    "            disks: {type: ssd, size: 1 TB, count: 1, flush: 10 ms}}\n"
    "topics: {t: {partitions: 2, replication: 2, config: {flush.messages: 1}}}\n"
    "producers:\n"
    "  p: {topic: t, clients: 1, rate: 20 records/s, record: {size: 1 KiB}, config: {linger.ms: 0, "
    "acks: 1}}\n"
    "groups: {g: {topics: [t], clients: 1}}\n"
    "start: {logs: empty}\n"
    "run: {measure: 10 s, warmup: 1 s}\n";

static void append__is_read_by_nobody_before_its_pause_is_over(void **state)
{
    (void)state;
    struct small_cluster small;
    small_cluster_new(&small, synced, 5, 10 * SECOND);
    cluster_run_until(small.cluster, 10 * SECOND);
    const struct cluster_seen *seen = cluster_seen(small.cluster);

    /* A commit of the log and one of each index that got an entry: 20 ms at least. A follower repeats it before the high watermark moves. */
    assert_true(seen->groups[0].stats->records > 100);
    int64_t flush_ns = seen->producers[0].stats->latency_ns->min_ns;
    assert_true(flush_ns >= 20000000);
    assert_true(seen->groups[0].stats->end_to_end_ns->min_ns >= 2 * flush_ns - 1000000);
    small_cluster_free(&small);
}

/* ---- what a fetch costs ---- */

static const char *const followed =
    "version: 1\n"
    "cluster:\n"
    "  brokers: 2\n"
    "  racks: [a, b]\n"
    "  gc: none\n"
    "  machine: {vcpus: 4, ram: 16 GiB, network: {baseline: 1 GB/s}, disks: {type: ssd, size: 1 "
    "TB}}\n"
    "topics: {t: {partitions: 4, replication: 2}}\n"
    "producers:\n"
    "  p: {topic: t, clients: 1, rate: 100 records/s, record: {size: 1 KiB}, arrivals: constant,\n"
    "      config: {linger.ms: 0, acks: all}}\n"
    "start: {logs: empty}\n"
    "run: {measure: 20 s, warmup: 2 s}\n";

/* Busy I/O threads of a broker, in cores, when nothing costs but a follower's fetch: 10 us a look at a partition, 5 us for its state. */
static double looking_cores(const char *set)
{
    const char *sets[] = {set};
    struct model_profile profile;
    small_profile_without_costs(&profile);
    profile.fetch.partition_ns = 10000;
    profile.replica_read.partition_ns = 5000;
    struct small_options options = {
        .seed = 5, .length_ns = 22 * SECOND, .profile = &profile, .sets = sets, .set_count = 1};
    struct small_cluster small;
    small_cluster_new_with(&small, followed, &options);
    double cores = small_cluster_run(&small, 2 * SECOND, 20 * SECOND)
                       ->brokers[0]
                       .cpu_class_ratio[MODEL_THREAD_IO] *
                   4;
    small_cluster_free(&small);
    return cores;
}

/* 50 cycles a second of a leader's 2 and 20 partitions, with or without data: two looks and a state each. */
static void fetch__costs_what_its_session_covers(void **state)
{
    (void)state;
    double few = looking_cores("topics.t.partitions=4"),
           many = looking_cores("topics.t.partitions=40");
    assert_true(few > 50 * 2 * 25e-6 * 0.9 && few < 50 * 2 * 25e-6 * 1.3);
    assert_true(many > 50 * 20 * 25e-6 * 0.9 && many < 50 * 20 * 25e-6 * 1.3);
}

/* ---- rolls ---- */

static const char *const rolling =
    "version: 1\n"
    "cluster:\n"
    "  brokers: 2\n"
    "  racks: [a, b]\n"
    "  gc: none\n"
    "  machine: {vcpus: 4, ram: 16 GiB, network: {baseline: 1 GB/s},\n"
    "            disks: {type: ssd, size: 1 TB, count: 1, flush: 10 ms}}\n"
    "topics: {t: {partitions: 2, replication: 2, config: {segment.bytes: 2 MiB}}}\n"
    "producers:\n"
    "  p: {topic: t, clients: 1, rate: 500 records/s, record: {size: 1 KiB}, config: {linger.ms: "
    "0, "
    "acks: all}}\n"
    "start: {logs: empty}\n"
    "run: {measure: 20 s, warmup: 2 s}\n";

static void roll_with(struct small_cluster *small, const char *set)
{
    const char *sets[] = {set};
    struct small_options options = {
        .seed = 5, .length_ns = 20 * SECOND, .sets = sets, .set_count = 1};
    small_cluster_new_with(small, rolling, &options);
}

static double longest_ms(const char *set)
{
    struct small_cluster small;
    roll_with(&small, set);
    const struct cluster_seen *seen = small_cluster_run(&small, 2 * SECOND, 18 * SECOND);
    double ms = (double)seen->producers[0].stats->latency_ns->max_ns / 1e6;
    small_cluster_free(&small);
    return ms;
}

/* A commit flushes twice, 10 ms each: of the leader's snapshot and, after it, of the follower's. */
static void roll__before_3_7_holds_up_its_log(void **state)
{
    (void)state;
    double before = longest_ms("cluster.kafka=3.6"), since = longest_ms("cluster.kafka=3.7");
    assert_true(before > 40 && before < 80);
    assert_true(since < 20);
}

/* Dirty pages would stay in memory for 30 s, longer than this run. */
static void roll__brings_the_closed_segment_to_the_disk(void **state)
{
    (void)state;
    struct small_cluster small;
    roll_with(&small, "cluster.kafka=4.2");
    const struct cluster_seen *seen = small_cluster_run(&small, 2 * SECOND, 18 * SECOND);
    double written = seen->brokers[0].disk_write_bytes_per_s * 18;
    uint64_t rolls = seen->brokers[0].host.segment_rolls;
    assert_true(rolls >= 2);
    assert_true(written >= (double)rolls * 2e6);
    small_cluster_free(&small);
}

/* ---- time-outs ---- */

static const char *const buffered =
    "version: 1\n"
    "cluster:\n"
    "  brokers: 1\n"
    "  machine: {vcpus: 4, ram: 16 GiB, network: {baseline: 1 GB/s},\n"
    "            disks: {type: ssd, size: 1 TB, count: 1, write: 100 MB/s, write_latency: 10 us}}\n"
    "topics: {t: {partitions: 8, replication: 1}}\n"
    "producers: {p: {topic: t, rate: 20 MB/s, record: {size: 10 kB}}}\n"
    "run: {measure: 90 s, warmup: 1 s}\n";

/* The kernel writes back every 5 s what is 30 s old: 2 s of a disk see either all or nothing of it. */
static void disk__is_as_busy_in_a_short_time_as_in_a_long_one(void **state)
{
    (void)state;
    for (int64_t end = 3 * SECOND; end <= 48 * SECOND; end *= 4) {
        struct small_cluster small;
        small_cluster_new(&small, buffered, 1, end);
        cluster_run_until(small.cluster, 1 * SECOND);
        cluster_reset_seen(small.cluster);
        cluster_run_until(small.cluster, end);
        double ratio = cluster_seen(small.cluster)->brokers[0].disk_ratio;
        assert_true(ratio > 0.2 * 0.93 && ratio < 0.2 * 1.1);
        small_cluster_free(&small);
    }
}

/* Two clients share a disk that flushes for 10 ms each append: some answers take longer than request.timeout.ms. */
static const char *const impatient =
    "version: 1\n"
    "cluster:\n"
    "  brokers: 2\n"
    "  racks: [a, b]\n"
    "  machine: {vcpus: 4, ram: 16 GiB, network: {baseline: 1 GB/s},\n"
    "            disks: {type: ssd, size: 1 TB, count: 1, flush: 10 ms}}\n"
    "topics: {t: {partitions: 2, replication: 2, config: {flush.messages: 1}}}\n"
    "producers:\n"
    "  p: {topic: t, clients: 2, rate: 60 records/s, record: {size: 1 KiB}, config: {linger.ms: 0, "
    "acks: all, request.timeout.ms: 40, retry.backoff.ms: 20, delivery.timeout.ms: 60000}}\n"
    "groups: {g: {topics: [t], clients: 1}}\n"
    "start: {logs: empty}\n"
    "run: {measure: 20 s, warmup: 1 s}\n";

/* What a client gave up waiting for is done all the same; an idempotent producer's repeat of it is not written twice. */
static void run__answers_that_come_too_late_lose_and_repeat_no_record(void **state)
{
    (void)state;
    struct small_cluster small;
    small_cluster_new(&small, impatient, 6, 20 * SECOND);
    cluster_run_until(small.cluster, 20 * SECOND);
    const struct model_producer_stats *stats = cluster_seen(small.cluster)->producers[0].stats;

    assert_true(stats->request_timeouts > 5);
    assert_int_equal(stats->request_timeouts, stats->disconnects);
    assert_true(stats->records_retried > 0);
    assert_int_equal(stats->records_failed + stats->records_expired, 0);
    int64_t written = 0;
    for (int p = 0; p < 2; p++) /* both brokers have both; a follower may be behind */
        written += broker_log_end_offset(
            model_host_log(cluster_host(small.cluster, 0), (struct broker_tp){0, p}));
    assert_true(written >= (int64_t)stats->records_acked);
    assert_true(written <= (int64_t)stats->records_due);
    small_cluster_free(&small);
}

/* ---- determinism ---- */

static uint64_t fingerprint(uint64_t seed, int64_t piece_ns)
{
    struct small_cluster small;
    small_cluster_new(&small, stream, seed, 2 * SECOND);
    for (int64_t t = piece_ns; t <= 2 * SECOND; t += piece_ns)
        cluster_run_until(small.cluster, t);
    uint64_t value = cluster_seen(small.cluster)->fingerprint;
    small_cluster_free(&small);
    return value;
}

static void run__same_seed_does_the_same_things_in_the_same_order(void **state)
{
    (void)state;
    assert_int_equal(fingerprint(7, 2 * SECOND), fingerprint(7, 2 * SECOND));
    assert_int_equal(fingerprint(7, 2 * SECOND), fingerprint(7, SECOND / 4));
    assert_int_not_equal(fingerprint(7, 2 * SECOND), fingerprint(8, 2 * SECOND));
}

static void run__another_group_does_not_change_the_arrivals(void **state)
{
    (void)state;
    struct small_cluster one, two;
    char more[2048];
    const char *group = "groups: {g: {topics: [t], clients: 3}}";
    const char *at = strstr(stream, group);
    snprintf(more, sizeof more,
             "%.*sgroups: {g: {topics: [t], clients: 3}, h: {topics: [t], clients: 2}}%s",
             (int)(at - stream), stream, at + strlen(group));
    small_cluster_new(&one, stream, 9, 5 * SECOND);
    small_cluster_new(&two, more, 9, 5 * SECOND);
    cluster_run_until(one.cluster, 5 * SECOND);
    cluster_run_until(two.cluster, 5 * SECOND);
    double due_one = (double)cluster_seen(one.cluster)->producers[0].stats->records_due;
    double due_two = (double)cluster_seen(two.cluster)->producers[0].stats->records_due;
    /* The same records are due; which of the last are already taken into a batch may differ by a batch a client. */
    assert_true(due_one - due_two < 100 && due_two - due_one < 100);
    small_cluster_free(&one);
    small_cluster_free(&two);
}

/* ---- the heap ---- */

/* speed: of the machine's cores, as a multiple of the profile's. */
static uint64_t collections(const char *heap, double speed, double *paused)
{
    struct small_cluster small;
    struct model_profile profile;
    const char *const sets[] = {heap, "producers.p.rate=20 MB/s"};
    model_profile_init(&profile);
    profile.coremark /= speed;
    small_cluster_new_with(
        &small, stream,
        &(struct small_options){
            .seed = 1, .length_ns = 9 * SECOND, .sets = sets, .set_count = 2, .profile = &profile});
    const struct cluster_seen *seen = small_cluster_run(&small, SECOND, 8 * SECOND);
    uint64_t sum = 0;
    *paused = 0;
    for (uint32_t b = 0; b < seen->broker_count; b++) {
        sum += seen->brokers[b].host.gc_pauses;
        *paused += seen->brokers[b].cpu_class_ratio[MODEL_THREAD_GC];
    }
    small_cluster_free(&small);
    return sum;
}

/* Young memory of 75 MB and of 300 MB: four times as often, give or take one a broker at either end. */
static void run__a_smaller_heap_is_collected_more_often(void **state)
{
    (void)state;
    double paused;
    uint64_t small = collections("cluster.heap=128 MiB", 1, &paused),
             large = collections("cluster.heap=512 MiB", 1, &paused);
    assert_true(large >= 2);
    assert_in_range(small, 4 * (large - 2), 4 * (large + 3));
}

/* The same collections by the same draws, on cores of half the speed. */
static void run__a_slower_core_pauses_longer(void **state)
{
    (void)state;
    double fast_ratio, slow_ratio;
    uint64_t fast = collections("cluster.heap=256 MiB", 2, &fast_ratio),
             slow = collections("cluster.heap=256 MiB", 1, &slow_ratio);
    assert_true(fast >= 2 && fast == slow);
    assert_true(slow_ratio > 1.99 * fast_ratio && slow_ratio < 2.01 * fast_ratio);
}

/* Three brokers on one core: each has its own collections, and their work is longer on the wall than on an idle machine. */
static void collections__of_brokers_on_one_core_wait_for_each_others_threads(void **state)
{
    (void)state;
    const char *const together[] = {"cluster.heap=128 MiB", "cluster.racks=[a]",
                                    "cluster.machine={like: aws/i3en.2xlarge, vcpus: 1}",
                                    "cluster.brokers_per_machine=3", "producers.p.rate=8 MB/s"};
    struct small_cluster small;
    small_cluster_new_with(
        &small, stream,
        &(struct small_options){
            .seed = 1, .length_ns = 9 * SECOND, .sets = together, .set_count = 5});
    const struct cluster_seen *seen = small_cluster_run(&small, SECOND, 8 * SECOND);
    double stopped_s = 0, computed_s = 8 * seen->brokers[0].cpu_class_ratio[MODEL_THREAD_GC];
    for (uint32_t b = 0; b < 3; b++) {
        const struct model_host_stats *host = &seen->brokers[b].host;
        assert_true(host->gc_pauses >= 2);
        assert_true(host->gc_pause_ns_max < host->gc_pause_ns);
        stopped_s += (double)host->gc_pause_ns / SECOND;
    }
    assert_true(computed_s > 0.1 && stopped_s > 1.2 * computed_s && stopped_s < 3 * computed_s);
    small_cluster_free(&small);
}

/* 100 records of 1 kB in each of two seconds; what the page reckons with is another rate, or records of another size. */
static void trace__has_the_load_that_is_stated(void **state)
{
    (void)state;
    static const struct {
        const char *name, *rate, *size, *error;
    } cases[] = {{"two", "100 records/s", "1 kB", ""},
                 {"counts", "100 records/s", "200 B", ""}, /* says nothing of sizes */
                 {"two", "6000 records/s", "1 kB",
                  "it has 100 records/s and rate says 6000, by which bounds, disks and horizon "
                  "reckon; state rate: 100 records/s"},
                 {"two", "100 records/s", "200 B",
                  "its records have 1000 B and record.size says 200, by which bounds, disks and "
                  "horizon reckon; state record: {size: 1000 B}"}};
    assert_int_equal(scratch_make(NULL), 0);
    scratch_put("counts.csv", "time,count\n0,100\n1,100\n");
    scratch_put("two.csv", "time,count,bytes\n0,100,100000\n1,100,100000\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char file[128], rate[64], size[64];
        snprintf(file, sizeof file, "producers.p.arrivals={trace: {file: %s/%s.csv}}", scratch,
                 cases[i].name);
        snprintf(rate, sizeof rate, "producers.p.rate=%s", cases[i].rate);
        snprintf(size, sizeof size, "producers.p.record.size=%s", cases[i].size);
        const char *sets[] = {file, rate, size};
        struct scenario_options load = {.datadir = "scenarios", .sets = sets, .set_count = 3};
        struct cluster_options options = {.seed = 1, .tick_ns = SECOND, .length_ns = SECOND};
        struct scenario_doc *doc;
        struct cluster *cluster = NULL;
        struct model_profile profile;
        struct broker_err err = {{0}};
        model_profile_init(&profile);
        assert_int_equal(scenario_load_text("t.yaml", stream, strlen(stream), &load, &doc),
                         SCENARIO_OK);
        int status = cluster_new(scenario_base(doc), &profile, &options, &cluster, &err);
        assert_int_equal(status, cases[i].error[0] ? BROKER_EREFUSED : BROKER_OK);
        if (status == BROKER_OK)
            cluster_free(cluster);
        else
            assert_non_null(strstr(err.text, cases[i].error));
        scenario_doc_free(doc);
    }
    scratch_remove(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(run__every_acknowledged_record_is_in_the_log_of_every_replica),
        cmocka_unit_test(run__consumers_read_what_was_committed_and_nothing_twice),
        cmocka_unit_test(run__librdkafka_consumers_read_the_same),
        cmocka_unit_test(replication__goes_on_without_a_fetch_session),
        cmocka_unit_test(run__throughput_equals_the_load_that_was_offered),
        cmocka_unit_test(run__little_s_law_holds_for_records_in_the_producer),
        cmocka_unit_test(unanswered__waits_for_its_socket),
        cmocka_unit_test(append__is_read_by_nobody_before_its_pause_is_over),
        cmocka_unit_test(fetch__costs_what_its_session_covers),
        cmocka_unit_test(roll__before_3_7_holds_up_its_log),
        cmocka_unit_test(roll__brings_the_closed_segment_to_the_disk),
        cmocka_unit_test(disk__is_as_busy_in_a_short_time_as_in_a_long_one),
        cmocka_unit_test(run__answers_that_come_too_late_lose_and_repeat_no_record),
        cmocka_unit_test(run__same_seed_does_the_same_things_in_the_same_order),
        cmocka_unit_test(run__a_smaller_heap_is_collected_more_often),
        cmocka_unit_test(run__a_slower_core_pauses_longer),
        cmocka_unit_test(collections__of_brokers_on_one_core_wait_for_each_others_threads),
        cmocka_unit_test(trace__has_the_load_that_is_stated),
        cmocka_unit_test(run__another_group_does_not_change_the_arrivals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
