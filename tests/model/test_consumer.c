/* Consumers against one real broker; group assignment. */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "model/client/consumer.h"
#include "model/hardware/cpu.h"
#include "sim/histogram.h"
#include "tests/support/toy_host.h"

#define MS INT64_C(1000000)
#define S  INT64_C(1000000000)

struct fixture {
    struct sim sim;
    struct toy_host host;
    struct model_consumer_config config;
    struct model_consumer_stats stats;
    struct model_consumer *consumer;
    struct model_cpu cpu;
    struct model_profile profile;
    bool with_cpu;
    struct sim_event append;
    int64_t every_ns;
    uint32_t records;
    uint64_t appended;
};

static void begin(struct fixture *f, enum model_consumer_kind kind, uint32_t partitions)
{
    memset(f, 0, sizeof *f);
    sim_init(&f->sim);
    toy_host_init(&f->host, &f->sim, partitions, MS);
    model_consumer_stats_init(&f->stats);
    model_consumer_config_init(&f->config, kind);
    f->config.name = "billing";
    f->config.auto_commit = false;
    f->config.epoch_ms = TOY_HOST_EPOCH_MS;
}

/* Two of them; before start. */
static void give_cores(struct fixture *f)
{
    struct model_cpu_config cores = {.vcpus = 2, .speed = 1, .quantum_ns = 3 * MS};
    model_cpu_init(&f->cpu, &f->sim, &cores);
    f->with_cpu = true;
}

static void start(struct fixture *f, int64_t offset)
{
    struct model_consumer_start parts[TOY_HOST_PARTITIONS_MAX];
    for (uint32_t i = 0; i < f->host.partitions; i++)
        parts[i] = (struct model_consumer_start){{0, (int32_t)i}, offset};
    model_profile_init(&f->profile);
    f->consumer = model_consumer_new(&f->config, parts, f->host.partitions, &f->sim,
                                     f->with_cpu ? &f->cpu : NULL, &f->profile, &f->host.metadata,
                                     &f->host.transport, &f->stats);
    model_consumer_start(f->consumer);
}

static void end(struct fixture *f)
{
    toy_host_release(&f->host);
    model_consumer_free(f->consumer);
    model_consumer_stats_release(&f->stats);
    if (f->with_cpu)
        model_cpu_release(&f->cpu);
    sim_release(&f->sim);
}

/* One batch to each partition in turn, its records sent over the time since the last. */
static void append(struct sim *sim, struct sim_event *event)
{
    struct fixture *f = sim_container(event, struct fixture, append);
    int64_t now = sim_now_ns(sim);
    int32_t partition = (int32_t)(f->appended / f->records % f->host.partitions);
    toy_host_append(&f->host, partition, f->records, 100 * f->records, now - f->every_ns, now,
                    true);
    f->appended += f->records;
    sim_after(sim, event, f->every_ns);
}

static void feed(struct fixture *f, int64_t every_ns, uint32_t records)
{
    f->every_ns = every_ns;
    f->records = records;
    sim_event_init(&f->append, append);
    sim_after(&f->sim, &f->append, every_ns);
}

/* A waiting fetch is answered at the append: its records are there one delay later, 0 to every_ns old when they were appended. */
static void waiting_fetch__brings_records_one_delay_after_the_append(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, MODEL_CONSUMER_JAVA, 1);
    feed(&f, 10 * MS, 50);
    start(&f, 0);
    sim_run_until(&f.sim, 10 * S);

    assert_in_range(f.appended - f.stats.records, 0, 50);
    assert_int_equal(f.stats.records_unstamped, 0);
    assert_int_equal(f.stats.end_to_end_ns->min_ns, MS);
    assert_int_equal(f.stats.end_to_end_ns->max_ns, 11 * MS);
    assert_true(sim_histogram_mean_ns(f.stats.end_to_end_ns) == 6.0 * MS);
    assert_int_equal(f.host.fetches_open_max, 1);
    end(&f);
}

/* Appends faster than round trips are gathered: one answer each 2 ms. */
static void round_trip__bounds_the_number_of_fetches(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, MODEL_CONSUMER_JAVA, 4);
    feed(&f, MS / 10, 10);
    start(&f, 0);
    sim_run_until(&f.sim, 2 * S);

    assert_in_range(f.stats.fetches, 990, 1001);
    assert_in_range(f.appended - f.stats.records, 0, 300);
    assert_true(sim_histogram_mean_ns(f.stats.records_per_fetch) > 190);
    end(&f);
}

static void sessions__list_only_partitions_that_moved(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, MODEL_CONSUMER_JAVA, 16);
    feed(&f, 10 * MS, 1);
    start(&f, 0);
    sim_run_until(&f.sim, 10 * S);

    /* All 16 once, then the one that had data. */
    assert_in_range(f.host.parts_listed, f.stats.fetches, f.stats.fetches + 32);
    end(&f);
}

static void librdkafka__lists_every_partition_each_time(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, MODEL_CONSUMER_LIBRDKAFKA, 16);
    feed(&f, 10 * MS, 1);
    start(&f, 0);
    sim_run_until(&f.sim, 10 * S);

    assert_int_equal(f.host.parts_listed, 16 * f.host.calls[MODEL_FETCH]);
    assert_in_range(f.appended - f.stats.records, 0, 1);
    end(&f);
}

static void idle__polls_each_fetch_max_wait(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, MODEL_CONSUMER_JAVA, 1);
    start(&f, 0);
    sim_run_until(&f.sim, 10 * S);

    assert_in_range(f.stats.fetches, 19, 20); /* 500 ms and a round trip */
    assert_int_equal(f.stats.fetches_empty, f.stats.fetches);
    assert_int_equal(f.stats.fetch_data_ns->count, 0);
    end(&f);
}

static void min_bytes__gathers_batches(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, MODEL_CONSUMER_JAVA, 1);
    f.config.fetch_min_bytes = 5000;
    feed(&f, 10 * MS, 10); /* 1061 bytes each */
    start(&f, 0);
    sim_run_until(&f.sim, 10 * S);

    assert_true(sim_histogram_mean_ns(f.stats.records_per_fetch) == 50);
    end(&f);
}

/* Backlog of a start state has no spans: counted, without latency. */
static void unstamped_batches__are_read_without_latency(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, MODEL_CONSUMER_JAVA, 2);
    for (int i = 0; i < 100; i++)
        toy_host_append(&f.host, i % 2, 30, 5000, 0, 0, false);
    start(&f, 7);
    sim_run_until(&f.sim, S);

    assert_int_equal(f.stats.records, 3000 - 2 * 7);
    assert_int_equal(f.stats.records_unstamped, f.stats.records);
    assert_int_equal(f.stats.end_to_end_ns->count, 0);
    struct broker_tp tp;
    assert_int_equal(model_consumer_position(f.consumer, 1, &tp), 1500);
    assert_int_equal(tp.partition, 1);
    end(&f);
}

static void processing__bounds_the_rate_of_one_member(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, MODEL_CONSUMER_JAVA, 2);
    give_cores(&f);
    f.config.processing_record_ns = 100000;
    feed(&f, 10 * MS, 500); /* 50,000 a second, five times what it can work on */
    start(&f, 0);
    sim_run_until(&f.sim, 10 * S);

    assert_in_range(f.stats.records, 95000, 100000);
    assert_true(f.stats.end_to_end_ns->max_ns > 7 * S);
    /* max.poll.records 500: the answer in hand is worked on before the next is asked for. */
    assert_int_equal(f.host.fetches_open_max, 1);
    end(&f);
}

/* 100 ms a record for a service that answers, whatever it costs here: the thread is never free, and its core is. */
static void waiting_for_others__keeps_the_thread_and_no_core(void **state)
{
    (void)state;
    for (int kind = MODEL_CONSUMER_JAVA; kind <= MODEL_CONSUMER_LIBRDKAFKA; kind++) {
        struct fixture f;
        begin(&f, (enum model_consumer_kind)kind, 1);
        give_cores(&f);
        f.config.processing_record_ns = 0;
        f.config.waiting_record_ns = 100 * MS;
        f.config.max_poll_records = 5;
        feed(&f, 20 * MS, 1);
        start(&f, 0);
        sim_run_until(&f.sim, 10 * S);
        assert_in_range(f.stats.records, 98, 105); /* with those in hand */
        assert_true(model_consumer_busy_ns(f.consumer) > 99 * S / 10);
        assert_true(model_cpu_busy_ns(&f.cpu, MODEL_THREAD_APPLICATION) < S / 10);
        end(&f);
    }
}

/* An hour for each of many records is more than cores and clocks count. */
static void processing__without_end_keeps_the_thread(void **state)
{
    (void)state;
    for (int waits = 0; waits <= 1; waits++) {
        struct fixture f;
        begin(&f, MODEL_CONSUMER_JAVA, 1);
        give_cores(&f);
        f.config.processing_record_ns = waits ? 0 : 4 * S * S;
        f.config.waiting_record_ns = waits ? 4 * S * S : 0;
        feed(&f, 20 * MS, 10);
        start(&f, 0);
        sim_run_until(&f.sim, 10 * S);
        assert_int_equal(f.stats.records, 10);
        assert_true(model_consumer_busy_ns(f.consumer) > 99 * S / 10);
        end(&f);
    }
}

/* 500 records a second of 1 ms each, and what receiving 50 batches of them costs. */
static void thread__is_busy_with_what_is_processed_since_the_reset(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, MODEL_CONSUMER_JAVA, 1);
    give_cores(&f);
    f.config.processing_record_ns = 1 * MS;
    feed(&f, 20 * MS, 10);
    start(&f, 0);
    sim_run_until(&f.sim, 1 * S);
    model_consumer_reset_busy(f.consumer);
    sim_run_until(&f.sim, 11 * S);
    double ratio = (double)model_consumer_busy_ns(f.consumer) / 10e9;
    double batch_ns = f.profile.java_receive.request_ns + f.profile.java_receive.batch_ns +
                      10 * f.profile.java_receive.record_ns + 1061 * f.profile.java_receive.byte_ns;
    assert_true(fabs(ratio - 0.5 - 50 * batch_ns / 1e9) < 0.002);
    end(&f);
}

/* Ten records a second, each worked on for 1 ms. What receiving costs beside it is of the thread that this class names. */
static double received_by_s(enum model_consumer_kind kind, enum model_thread_class class)
{
    struct fixture f;
    begin(&f, kind, 1);
    give_cores(&f);
    f.config.processing_record_ns = 1 * MS;
    feed(&f, 100 * MS, 1);
    start(&f, 0);
    sim_run_until(&f.sim, 10 * S);
    double s = (double)model_cpu_busy_ns(&f.cpu, class) / 1e9;
    end(&f);
    return s;
}

static void librdkafka__receives_in_its_own_thread(void **state)
{
    (void)state;
    double java = received_by_s(MODEL_CONSUMER_JAVA, MODEL_THREAD_APPLICATION);
    assert_true(java > 0.101 && java < 0.12);
    assert_true(received_by_s(MODEL_CONSUMER_JAVA, MODEL_THREAD_CLIENT_NETWORK) == 0);
    assert_true(fabs(received_by_s(MODEL_CONSUMER_LIBRDKAFKA, MODEL_THREAD_APPLICATION) - 0.1) <
                0.0015);
    assert_true(received_by_s(MODEL_CONSUMER_LIBRDKAFKA, MODEL_THREAD_CLIENT_NETWORK) > 0.001);
}

/* An answer of 10 records: two polls of 5 take it all, and only the third, which finds nothing, asks on. */
static void max_poll_records__that_ends_with_the_data_costs_a_poll(void **state)
{
    (void)state;
    int64_t mean_ns[2];
    for (int i = 0; i < 2; i++) {
        struct fixture f;
        begin(&f, MODEL_CONSUMER_JAVA, 1);
        give_cores(&f);
        f.config.processing_record_ns = 1 * MS;
        f.config.max_poll_records = i == 0 ? 5 : 6;
        f.config.max_partition_fetch_bytes = 2000; /* one batch an answer */
        for (int b = 0; b < 200; b++)
            toy_host_append(&f.host, 0, 10, 1900, 0, 0, true);
        start(&f, 0);
        while (f.stats.records < 2000)
            assert_true(sim_step(&f.sim));
        mean_ns[i] = sim_now_ns(&f.sim) / 200;
        end(&f);
    }
    /* 10 ms of work an answer; with 6 the round trip of 2 ms passes beside the last 4 of them, with 5 behind them. */
    assert_in_range(mean_ns[1], 10 * MS, 10 * MS + 200000);
    assert_in_range(mean_ns[0], 12 * MS, 12 * MS + 200000);
}

/* 2 brokers' worth of partitions, one queue: it holds what is allowed for all of them, and one answer that was asked for below that. */
static void librdkafka__counts_all_partitions_in_one_queue(void **state)
{
    (void)state;
    for (int by_bytes = 0; by_bytes < 2; by_bytes++) {
        struct fixture f;
        begin(&f, MODEL_CONSUMER_LIBRDKAFKA, 4);
        give_cores(&f);
        f.config.processing_record_ns = 1 * S; /* it takes 5 records in the whole test */
        f.config.max_poll_records = 1;
        f.config.max_partition_fetch_bytes = 2000;
        if (by_bytes)
            f.config.queued_max_bytes = 100 * 1900;
        else
            f.config.queued_min_messages = 1000;
        for (int b = 0; b < 400; b++)
            toy_host_append(&f.host, b % 4, 10, 1900, 0, 0, true);
        start(&f, 0);
        sim_run_until(&f.sim, 5 * S);
        assert_in_range(f.stats.batches * 10, 1000, 1000 + 40);
        end(&f);
    }
}

static void commits__are_written_to_the_offsets_topic(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, MODEL_CONSUMER_JAVA, 3);
    f.config.auto_commit = true;
    f.config.auto_commit_interval_ns = 100 * MS;
    f.config.offsets_topic = TOY_HOST_OFFSETS;
    f.config.offsets_partitions = 1;
    feed(&f, 10 * MS, 5);
    start(&f, 0);
    sim_run_until(&f.sim, 10 * S);

    assert_in_range(f.stats.commits, 90, 101);
    assert_int_equal(f.stats.commits_failed, 0);
    int64_t end_offset = broker_log_end_offset(f.host.logs[3]);
    assert_in_range(end_offset, 3 * f.stats.commits, 3 * (f.stats.commits + 1));
    assert_int_equal(f.stats.commit_ns->min_ns, 2 * MS);
    end(&f);
}

static void start_beyond_the_end__is_reset(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, MODEL_CONSUMER_JAVA, 1);
    f.config.reset_to_earliest = true;
    for (int i = 0; i < 10; i++)
        toy_host_append(&f.host, 0, 10, 2000, 0, 0, true);
    start(&f, 1000);
    sim_run_until(&f.sim, S);

    assert_int_equal(f.stats.offset_resets, 1);
    assert_int_equal(f.stats.records, 100);
    end(&f);
}

static bool lose_some(struct toy_host *host, struct model_call *call)
{
    (void)call;
    uint64_t *seen = host->ctx;
    return ++*seen % 5 != 0;
}

static void lost_answers__cost_time_but_no_records(void **state)
{
    (void)state;
    struct fixture f;
    uint64_t seen = 0;
    begin(&f, MODEL_CONSUMER_JAVA, 4);
    f.host.decide = lose_some;
    f.host.ctx = &seen;
    feed(&f, 5 * MS, 10);
    start(&f, 0);
    sim_run_until(&f.sim, 20 * S);

    assert_true(f.stats.disconnects > 50);
    assert_int_equal(f.stats.records + (f.appended - f.stats.records), f.appended);
    sim_cancel(&f.sim, &f.append);
    sim_run_until(&f.sim, 25 * S);
    assert_int_equal(f.stats.records, f.appended);
    end(&f);
}

static void without_partitions__it_is_idle(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, MODEL_CONSUMER_JAVA, 0);
    start(&f, 0);
    sim_run_until(&f.sim, 10 * S);
    assert_int_equal(f.host.calls[MODEL_FETCH], 0);
    end(&f);
}

static void assign__gives_each_partition_once(void **state)
{
    (void)state;
    const struct model_group_topic topics[2] = {{3, 7}, {5, 4}};
    for (int assignor = 0; assignor < 2; assignor++)
        for (uint32_t members = 1; members < 15; members++) {
            int seen[2][7] = {{0}};
            uint32_t sum = 0;
            for (uint32_t m = 0; m < members; m++) {
                struct broker_tp got[11];
                uint32_t n =
                    model_group_assign((enum model_assignor)assignor, topics, 2, members, m, got);
                sum += n;
                for (uint32_t i = 0; i < n; i++)
                    seen[got[i].topic == 5][got[i].partition]++;
            }
            assert_int_equal(sum, 11);
            for (int p = 0; p < 7; p++)
                assert_int_equal(seen[0][p], 1);
            for (int p = 0; p < 4; p++)
                assert_int_equal(seen[1][p], 1);
        }
}

/* RangeAssignor's own example: 7 partitions, 3 members: 3, 2, 2. */
static void assign_range__gives_the_first_members_one_more(void **state)
{
    (void)state;
    const struct model_group_topic topic = {0, 7};
    struct broker_tp got[7];
    assert_int_equal(model_group_assign(MODEL_ASSIGN_RANGE, &topic, 1, 3, 0, got), 3);
    assert_int_equal(got[2].partition, 2);
    assert_int_equal(model_group_assign(MODEL_ASSIGN_RANGE, &topic, 1, 3, 2, got), 2);
    assert_int_equal(got[0].partition, 5);
}

/* Java: "billing".hashCode() = -109829509 */
static void offsets_partition__is_javas_hash(void **state)
{
    (void)state;
    assert_int_equal(model_group_offsets_partition("billing", 50), 109829509 % 50);
    assert_int_equal(model_group_offsets_partition("a", 50), 97 % 50);
    assert_int_equal(model_group_offsets_partition("polygenelubricants", 50), 0); /* INT_MIN */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waiting_fetch__brings_records_one_delay_after_the_append),
        cmocka_unit_test(round_trip__bounds_the_number_of_fetches),
        cmocka_unit_test(sessions__list_only_partitions_that_moved),
        cmocka_unit_test(librdkafka__lists_every_partition_each_time),
        cmocka_unit_test(idle__polls_each_fetch_max_wait),
        cmocka_unit_test(min_bytes__gathers_batches),
        cmocka_unit_test(unstamped_batches__are_read_without_latency),
        cmocka_unit_test(processing__bounds_the_rate_of_one_member),
        cmocka_unit_test(waiting_for_others__keeps_the_thread_and_no_core),
        cmocka_unit_test(processing__without_end_keeps_the_thread),
        cmocka_unit_test(thread__is_busy_with_what_is_processed_since_the_reset),
        cmocka_unit_test(librdkafka__receives_in_its_own_thread),
        cmocka_unit_test(max_poll_records__that_ends_with_the_data_costs_a_poll),
        cmocka_unit_test(librdkafka__counts_all_partitions_in_one_queue),
        cmocka_unit_test(commits__are_written_to_the_offsets_topic),
        cmocka_unit_test(start_beyond_the_end__is_reset),
        cmocka_unit_test(lost_answers__cost_time_but_no_records),
        cmocka_unit_test(without_partitions__it_is_idle),
        cmocka_unit_test(assign__gives_each_partition_once),
        cmocka_unit_test(assign_range__gives_the_first_members_one_more),
        cmocka_unit_test(offsets_partition__is_javas_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
