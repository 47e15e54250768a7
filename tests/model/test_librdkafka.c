/* The librdkafka producer against brokers that answer after a fixed time. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "broker-core/record/batch.h"
#include "model/hardware/call.h"
#include "model/hardware/cpu.h"
#include "sim/histogram.h"
#include "tests/support/producer_fixture.h"

#define MS INT64_C(1000000)
#define S  INT64_C(1000000000)

/* The closed form of messaging-models.md 6.2 holds for each partition by itself: 1000/s, 5 ms: 6 a batch, 2.917 ms. */
static void each_partition__lingers_by_itself(void **state)
{
    (void)state;
    struct producer_fixture f;
    producer_begin(&f, MODEL_PRODUCER_LIBRDKAFKA, 1, 1 * MS);
    producer_keyed(&f, 4);
    f.config.arrivals.rate_records_per_s = 4000;
    producer_run(&f, 100 * S);

    assert_int_equal(f.stats.requests, f.stats.batches);
    assert_near((double)f.stats.requests / 100, 4 * 166.67, 0.01);
    assert_near(sim_histogram_mean_ns(f.stats.records_per_batch), 6.0, 0.01);
    assert_near(sim_histogram_mean_ns(f.stats.queue_ns), 2.917e6, 0.01);
    producer_end(&f);
}

static bool one_part(struct toy_broker *toy, struct model_call *call)
{
    uint64_t *most = toy->ctx;
    assert_int_equal(call->produce.count, 1);
    *most = call->produce.records > *most ? call->produce.records : *most;
    return true;
}

static void batch_num_messages__ends_a_batch_at_once(void **state)
{
    (void)state;
    struct producer_fixture f;
    uint64_t most = 0;
    producer_begin(&f, MODEL_PRODUCER_LIBRDKAFKA, 1, 1 * MS);
    f.toy.decide = one_part;
    f.toy.ctx = &most;
    f.config.arrivals.rate_records_per_s = 100000;
    f.config.linger_ns = 1 * S;
    f.config.partitioner.sticky_linger_ns = 10 * S;
    f.config.batch_num_messages = 100;
    producer_run(&f, 5 * S);

    assert_int_equal(most, 100);
    assert_true(f.stats.batches_full >= f.stats.batches - 1);
    assert_near((double)f.stats.batches / 5, 1000, 0.01);
    /* 100 records fill in 1 ms */
    assert_true(f.stats.latency_ns->max_ns < 4 * MS);
    producer_end(&f);
}

/* 1 MB/s in batches of 10 kB, and no small one after each for what came meanwhile. */
static void full_batch__leaves_the_next_records_their_own_linger(void **state)
{
    (void)state;
    struct producer_fixture f;
    producer_begin(&f, MODEL_PRODUCER_LIBRDKAFKA, 1, 1 * MS);
    f.config.arrivals.rate_records_per_s = 10000;
    f.config.linger_ns = 1 * S;
    f.config.partitioner.sticky_linger_ns = 100 * S;
    f.config.batch_size = 10000;
    producer_run(&f, 5 * S);

    assert_near((double)f.stats.batches, (double)f.stats.wire_bytes_acked / 10000, 0.05);
    producer_end(&f);
}

/* No answer comes: the queue fills with 1000 records, the others are refused, none is due without a fate. */
static bool swallow(struct toy_broker *toy, struct model_call *call)
{
    (void)toy;
    (void)call;
    return false;
}

static void full_queue__refuses_records(void **state)
{
    (void)state;
    struct producer_fixture f;
    producer_begin(&f, MODEL_PRODUCER_LIBRDKAFKA, 1, MS);
    f.toy.decide = swallow;
    f.config.queue_max_messages = 1000;
    f.config.request_timeout_ns = 60 * S;
    producer_run(&f, 5 * S);
    model_producer_stop(f.producer);

    struct model_producer_now now;
    model_producer_now(f.producer, &now);
    assert_int_equal(now.buffered_records, 1000);
    assert_int_equal(f.stats.records_acked, 0);
    assert_int_equal(f.stats.records_refused + 1000, f.stats.records_due);
    assert_near((double)f.stats.records_due, 5000, 0.05);
    producer_end(&f);
}

/* 1000 records in flight for 100 ms: at most 10,000 a second get through of 50,000. */
static void overload__is_refused_not_delayed(void **state)
{
    (void)state;
    struct producer_fixture f;
    producer_begin(&f, MODEL_PRODUCER_LIBRDKAFKA, 1, 100 * MS);
    f.config.queue_max_messages = 1000;
    f.config.arrivals.rate_records_per_s = 50000;
    producer_run(&f, 20 * S);

    assert_near((double)f.stats.records_acked / 20, 9500, 0.06);
    assert_near((double)f.stats.records_refused / (double)f.stats.records_due, 0.81, 0.02);
    assert_true(f.stats.latency_ns->max_ns < 125 * MS);
    producer_end(&f);
}

/* Five of a partition's records are in flight when it is left alone: after the first five one by one, all that came within an answer go together. */
static void idempotent__leaves_a_partition_alone_while_five_records_are_in_flight(void **state)
{
    (void)state;
    struct producer_fixture f;
    producer_begin(&f, MODEL_PRODUCER_LIBRDKAFKA, 1, 50 * MS);
    f.config.idempotent = true;
    f.config.producer_id = 1;
    f.config.max_in_flight = 5;
    f.config.linger_ns = 0;
    producer_run(&f, 5 * S);
    assert_int_equal(f.stats.in_flight->max_ns, 5);
    assert_near((double)f.stats.requests / 5, 20, 0.1);
    assert_near((double)f.stats.records_acked, 5000, 0.1);
    producer_end(&f);
}

/* max.in.flight holds back what is sent: the next request is made meanwhile, and what comes then waits for the one after it. */
static void request__is_made_before_it_may_be_sent(void **state)
{
    (void)state;
    struct producer_fixture f;
    producer_begin(&f, MODEL_PRODUCER_LIBRDKAFKA, 1, 100 * MS);
    f.config.max_in_flight = 1;
    f.config.linger_ns = 0;
    producer_run(&f, 20 * S);
    assert_int_equal(f.stats.in_flight->max_ns, 1);
    assert_near((double)f.stats.requests / 20, 10, 0.01);
    assert_near(sim_histogram_mean_ns(f.stats.sent_ns), 100e6, 0.02);
    producer_end(&f);
}

/* Linux calls a send buffer writable up to two thirds, and what is sent then goes whole. */
static void socket__takes_requests_up_to_two_thirds(void **state)
{
    (void)state;
    struct producer_fixture f;
    producer_begin(&f, MODEL_PRODUCER_LIBRDKAFKA, 1, MS);
    f.toy.decide = swallow;
    f.config.linger_ns = 0;
    f.config.socket_bytes = 30000;
    f.config.arrivals.kind = MODEL_ARRIVALS_CONSTANT;
    producer_run(&f, 1 * S);
    uint64_t request = model_call_produce_overhead_bytes(1, 1) + BROKER_BATCH_HEADER_BYTES + 100 +
                       10 /* length, attributes, deltas, lengths of key and value, headers */;
    assert_int_equal(f.stats.requests, 20000 / request + 1);
    producer_end(&f);
}

static bool swallow_and_note(struct toy_broker *toy, struct model_call *call)
{
    (void)call;
    *(int64_t *)toy->ctx = sim_now_ns(toy->sim);
    return false;
}

/* request.timeout.ms is the broker's to keep; the client waits for socket.timeout.ms, then for its reconnect.backoff.ms of 75 to 150 ms. */
static void late_answer__closes_the_connection_after_the_socket_timeout(void **state)
{
    (void)state;
    struct producer_fixture f;
    int64_t last_ns = 0;
    producer_begin(&f, MODEL_PRODUCER_LIBRDKAFKA, 1, MS);
    f.toy.decide = swallow_and_note;
    f.toy.ctx = &last_ns;
    f.config.max_in_flight = 1;
    f.config.request_timeout_ns = 1 * S;
    f.config.socket_timeout_ns = 2 * S;
    producer_run(&f, 1900 * MS);
    int64_t first_ns = last_ns;
    assert_int_equal(f.stats.request_timeouts, 0);

    producer_run(&f, 2500 * MS);
    assert_int_equal(f.stats.request_timeouts, 1);
    assert_int_equal(f.toy.closes, 1);
    assert_in_range(last_ns - first_ns, 2 * S + 75 * MS, 2 * S + 150 * MS);
    assert_true(f.stats.records_retried > 0);
    producer_end(&f);
}

static int32_t led_by_the_second(void *ctx, struct broker_tp tp, int32_t *epoch)
{
    (void)ctx;
    (void)tp;
    (void)epoch;
    return 1;
}

static bool swallow_of_the_first(struct toy_broker *toy, struct model_call *call)
{
    (void)toy;
    return call->connection->server_id == 1;
}

/* A request that waits behind one in flight when the connection breaks is not kept for that broker: who leads now gets its records. */
static void request__that_was_not_sent_goes_to_the_next_leader(void **state)
{
    (void)state;
    struct producer_fixture f;
    producer_begin(&f, MODEL_PRODUCER_LIBRDKAFKA, 2, MS);
    f.toy.decide = swallow_of_the_first;
    f.config.partitions = 1;
    f.config.max_in_flight = 1;
    f.config.linger_ns = 0;
    f.config.socket_timeout_ns = 1 * S;
    producer_run(&f, 900 * MS);
    f.toy.metadata.leader = led_by_the_second;
    producer_run(&f, 4 * S);
    model_producer_stop(f.producer);
    producer_run(&f, 5 * S);
    assert_int_equal(f.stats.request_timeouts, 1);
    assert_true(f.stats.records_due > 3000);
    assert_int_equal(f.stats.records_acked, f.stats.records_due);
    producer_end(&f);
}

static void sticky__changes_partition_with_time(void **state)
{
    (void)state;
    struct producer_fixture f;
    producer_begin(&f, MODEL_PRODUCER_LIBRDKAFKA, 1, MS);
    f.config.partitions = 16;
    f.config.arrivals.rate_records_per_s = 10000;
    producer_run(&f, 20 * S);
    /* Two lingers of 5 ms in each stretch of 10 ms and 0.1 ms to the next record; the second is cut off. */
    assert_near((double)f.stats.batches / 20, 198, 0.03);
    producer_end(&f);
}

/* A request in 100 ms, of one batch of 50 records, of 10,000 that come in a second: full batches wait longer than their partition is stuck to. */
static void sticky__goes_on_behind_batches_that_nobody_takes(void **state)
{
    (void)state;
    struct producer_fixture f;
    producer_begin(&f, MODEL_PRODUCER_LIBRDKAFKA, 1, 100 * MS);
    f.config.partitions = 4;
    f.config.max_in_flight = 1;
    f.config.batch_num_messages = 50;
    f.config.queue_max_messages = 20000;
    f.config.arrivals.rate_records_per_s = 10000;
    producer_run(&f, 20 * S);
    assert_near((double)f.stats.records_acked / 20, 500, 0.02);
    assert_near((double)f.stats.records_due / 20, 10000, 0.02);
    assert_near((double)(f.stats.records_due - f.stats.records_acked - f.stats.records_refused),
                20000, 0.01);
    producer_end(&f);
}

static void without_sticky_linger__each_record_draws_its_partition(void **state)
{
    (void)state;
    struct producer_fixture f;
    producer_begin(&f, MODEL_PRODUCER_LIBRDKAFKA, 1, MS);
    f.config.partitions = 10;
    f.config.partitioner.sticky_linger_ns = 0;
    f.config.arrivals.rate_records_per_s = 10000;
    producer_run(&f, 20 * S);
    /* 1000/s a partition: the closed form again */
    assert_near((double)f.stats.batches / 20, 1666.7, 0.01);
    assert_true(sim_event_count(&f.sim) < 3 * f.stats.batches);
    producer_end(&f);
}

static void nothing_is_lost__and_memory_is_given_back(void **state)
{
    (void)state;
    struct producer_fixture f;
    producer_begin(&f, MODEL_PRODUCER_LIBRDKAFKA, 3, 2 * MS);
    producer_keyed(&f, 12);
    f.config.arrivals.kind = MODEL_ARRIVALS_BURST;
    f.config.arrivals.burst_records = 50;
    f.config.arrivals.rate_records_per_s = 50000;
    producer_run(&f, 5 * S);
    model_producer_stop(f.producer);
    sim_run(&f.sim);

    assert_int_equal(f.stats.records_due, f.stats.records_acked);
    assert_int_equal(f.stats.records_acked, f.toy.records);
    struct model_producer_now now;
    model_producer_now(f.producer, &now);
    assert_int_equal(now.buffered_bytes, 0);
    assert_int_equal(now.buffered_records, 0);
    producer_end(&f);
}

static void max_rate__fills_the_queue_and_waits(void **state)
{
    (void)state;
    struct producer_fixture f;
    producer_begin(&f, MODEL_PRODUCER_LIBRDKAFKA, 1, 10 * MS);
    f.config.max_rate = true;
    f.config.partitions = 4;
    f.config.queue_max_messages = 20000;
    producer_run(&f, 2 * S);
    /* 20,000 records each 10 ms */
    assert_near((double)f.stats.records_acked, 2.0 * 2000000, 0.05);
    assert_int_equal(f.stats.records_refused, 0);
    producer_end(&f);
}

/* Equal steps to that many queues of so many brokers, a client with one core. cold_work_ns: what each waking costs. */
static void begin_beside(struct producer_fixture *f, struct model_cpu *cpu, double cold_work_ns,
                         uint32_t brokers, uint32_t partitions, double records_per_s)
{
    producer_begin(f, MODEL_PRODUCER_LIBRDKAFKA, brokers, 1 * MS);
    struct model_cpu_config core = {
        .vcpus = 1, .speed = 1, .quantum_ns = MS, .cold_work_ns = cold_work_ns, .cold_sleep_ns = 1};
    model_cpu_init(cpu, &f->sim, &core);
    f->cpu = cpu;
    producer_keyed(f, partitions);
    f->config.arrivals.kind = MODEL_ARRIVALS_CONSTANT;
    f->config.arrivals.rate_records_per_s = records_per_s;
}

static void begin_on_core(struct producer_fixture *f, struct model_cpu *cpu, double cold_work_ns,
                          uint32_t partitions, double records_per_s)
{
    begin_beside(f, cpu, cold_work_ns, 1, partitions, records_per_s);
}

/*
 * A record each 100 ms. The thread is woken by it and sleeps the 5 ms that are left; Linux lets that last 50 us longer. Each waking costs 60 us:
 * of the application, for the look, for the request, for the answer, of the application for its report.
 */
static void thread__is_woken_by_a_queues_first_record(void **state)
{
    (void)state;
    struct producer_fixture f;
    struct model_cpu cpu;
    begin_on_core(&f, &cpu, 60e3, 1, 10);
    producer_run(&f, 10 * S);

    double batches = (double)f.stats.batches;
    assert_near(batches, 100, 0.02);
    assert_near(sim_histogram_mean_ns(f.stats.queue_ns), 5.05e6 + 2 * 60e3, 0.001);
    assert_near((double)model_cpu_busy_ns(&cpu, MODEL_THREAD_APPLICATION), batches * 2 * 60e3,
                0.03);
    assert_near((double)model_cpu_busy_ns(&cpu, MODEL_THREAD_CLIENT_NETWORK), batches * 3 * 60e3,
                0.03);
    producer_end(&f);
    model_cpu_release(&cpu);
}

/* A record each 100 ms: the thread looks 94 ms after the last answer, sends 5 ms after that, and reads the answer after 1 ms. */
static void thread__sleeps_from_its_last_look_on(void **state)
{
    (void)state;
    struct producer_fixture f;
    struct model_cpu cpu;
    begin_on_core(&f, &cpu, 60e3, 1, 10);
    cpu.cold_sleep_ns = 50e6;
    producer_run(&f, 10 * S);
    double ns = (double)model_cpu_busy_ns(&cpu, MODEL_THREAD_CLIENT_NETWORK);
    assert_near(ns / (double)f.stats.batches, 60e3 * (94. / 144 + 5. / 55 + 1. / 51), 0.02);
    producer_end(&f);
    model_cpu_release(&cpu);
}

/*
 * Records come 2.55 ms apart, nearly all to empty queues. The second wakes the thread, which then sleeps 3 ms for the 2.45 that are left of the
 * first; the third wakes it before, after 5.1 ms.
 */
static void thread__sends_what_is_due_when_another_queue_wakes_it(void **state)
{
    (void)state;
    struct producer_fixture f;
    struct model_cpu cpu;
    begin_on_core(&f, &cpu, 0, 64, 1 / 2.55e-3);
    producer_run(&f, 100 * S);
    assert_near(sim_histogram_mean_ns(f.stats.queue_ns), 5.1e6, 0.02);
    producer_end(&f);
    model_cpu_release(&cpu);
}

/* A record each 100 ms, an answer after 1 ms. Reading it takes 0.5 ms of computing, and the application then 60 us to wake. */
static void round_trip__ends_when_the_answer_is_read_and_latency_with_its_report(void **state)
{
    (void)state;
    struct producer_fixture f;
    struct model_cpu cpu;
    begin_on_core(&f, &cpu, 60e3, 1, 10);
    f.config.linger_ns = 0;
    f.profile.librdkafka_answer.request_ns = 5e5;
    f.profile.librdkafka_app_wake_ns = 1;
    f.profile.librdkafka_app_window_ns = 24e3;
    producer_run(&f, 10 * S);

    assert_near(sim_histogram_mean_ns(f.stats.answer_ns), 1e6, 0.01);
    /* late by its timer; the thread wakes, round trip; it wakes and reads; the application wakes */
    assert_near(sim_histogram_mean_ns(f.stats.latency_ns), 24e3 + 60e3 + 1e6 + 60e3 + 5e5 + 60e3,
                0.005);
    producer_end(&f);
    model_cpu_release(&cpu);
}

/* A record each 100 ms, an answer after 1 ms. The application is busy with it for 30 ms and comes to the report then. */
static void record__counts_in_the_queue_until_it_is_reported(void **state)
{
    (void)state;
    struct producer_fixture f;
    struct model_cpu cpu;
    begin_on_core(&f, &cpu, 0, 1, 10);
    f.config.linger_ns = 0;
    f.profile.librdkafka_app.record_ns = 30e6;
    int waiting = 0;
    for (int ms = 1; ms <= 10000; ms++) {
        struct model_producer_now now;
        producer_run(&f, ms * MS);
        model_producer_now(f.producer, &now);
        waiting += now.buffered_records == 1;
    }
    assert_near(waiting, 3000, 0.02);
    assert_near(sim_histogram_mean_ns(f.stats.latency_ns), 30e6, 0.01);
    assert_near(sim_histogram_mean_ns(f.stats.answer_ns), 1e6, 0.01);
    producer_end(&f);
    model_cpu_release(&cpu);
}

/*
 * A record each millisecond, whose waking hums, in batches of 100 that are answered after 40 ms. Work on them is done awake; their report
 * wakes the application out of the millisecond's sleep, which costs half of the cold work.
 */
static void records__find_the_application_awake(void **state)
{
    (void)state;
    struct producer_fixture f;
    struct model_cpu cpu;
    begin_on_core(&f, &cpu, 60e3, 1, 1000);
    cpu.cold_sleep_ns = 1e6;
    f.toy.delay_ns = 40 * MS;
    f.config.linger_ns = 99 * MS;
    f.profile.librdkafka_app.record_ns = 100;
    f.profile.librdkafka_app_wake_ns = 1000;
    producer_run(&f, 10 * S);
    double ns = (double)model_cpu_busy_ns(&cpu, MODEL_THREAD_APPLICATION);
    assert_near(ns, (double)f.stats.records_acked * 100 + (double)f.stats.batches * 30e3, 0.03);
    producer_end(&f);
    model_cpu_release(&cpu);
}

/* A record each 100 ms goes out at once, to either of two brokers. What a thread finds cold does not depend on which: 99 ms after the last answer, then 1 ms. */
static void broker_threads__keep_each_other_warm(void **state)
{
    (void)state;
    struct producer_fixture f;
    struct model_cpu cpu;
    begin_beside(&f, &cpu, 60e3, 2, 2, 10);
    cpu.cold_sleep_ns = 100e6;
    f.config.linger_ns = 0;
    producer_run(&f, 100 * S);
    double ns = (double)model_cpu_busy_ns(&cpu, MODEL_THREAD_CLIENT_NETWORK);
    assert_near(ns / (double)f.stats.batches, 60e3 * (99. / 199 + 1. / 101), 0.02);
    producer_end(&f);
    model_cpu_release(&cpu);
}

/* Nothing comes back with acks=0: a batch costs its request and no answer. */
static void thread__reads_no_answer_where_none_comes(void **state)
{
    (void)state;
    for (int16_t acks = 0; acks <= 1; acks++) {
        struct producer_fixture f;
        struct model_cpu cpu;
        begin_on_core(&f, &cpu, 0, 1, 100);
        f.config.linger_ns = 95 * MS;
        f.config.acks = acks;
        f.profile.librdkafka_send = (struct model_cost){.request_ns = 2e6};
        f.profile.librdkafka_answer = (struct model_cost){.request_ns = 1e6};
        producer_run(&f, 10 * S);
        double ns = (double)model_cpu_busy_ns(&cpu, MODEL_THREAD_CLIENT_NETWORK);
        assert_near(ns / (double)f.stats.batches, acks == 0 ? 2e6 : 3e6, 0.02);
        producer_end(&f);
        model_cpu_release(&cpu);
    }
}

static const struct model_cost encryption = {.request_ns = 1e6, .record_ns = 1e5, .byte_ns = 10};

/* Ten batches a second of ten records: what encryption adds is a request, its records and its bytes. */
static double busy_ns_a_batch(bool tls, enum broker_codec codec)
{
    struct producer_fixture f;
    struct model_cpu cpu;
    begin_on_core(&f, &cpu, 0, 1, 100);
    f.config.linger_ns = 95 * MS;
    f.config.compression.codec = codec;
    f.config.tls = tls;
    f.profile.librdkafka_tls = encryption;
    producer_run(&f, 10 * S);
    double ns =
        (double)model_cpu_busy_ns(&cpu, MODEL_THREAD_CLIENT_NETWORK) / (double)f.stats.batches;
    producer_end(&f);
    model_cpu_release(&cpu);
    return ns;
}

static void encryption__costs_each_record_that_is_not_compressed(void **state)
{
    (void)state;
    double plain = busy_ns_a_batch(true, BROKER_NONE) - busy_ns_a_batch(false, BROKER_NONE);
    double packed = busy_ns_a_batch(true, BROKER_LZ4) - busy_ns_a_batch(false, BROKER_LZ4);
    assert_near(plain, 1e6 + 10 * 1e5 + 10 * 1e3, 0.02);
    assert_near(packed, 1e6 + 10 * 1e3, 0.02);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_partition__lingers_by_itself),
        cmocka_unit_test(batch_num_messages__ends_a_batch_at_once),
        cmocka_unit_test(full_batch__leaves_the_next_records_their_own_linger),
        cmocka_unit_test(full_queue__refuses_records),
        cmocka_unit_test(overload__is_refused_not_delayed),
        cmocka_unit_test(idempotent__leaves_a_partition_alone_while_five_records_are_in_flight),
        cmocka_unit_test(request__is_made_before_it_may_be_sent),
        cmocka_unit_test(socket__takes_requests_up_to_two_thirds),
        cmocka_unit_test(late_answer__closes_the_connection_after_the_socket_timeout),
        cmocka_unit_test(request__that_was_not_sent_goes_to_the_next_leader),
        cmocka_unit_test(sticky__changes_partition_with_time),
        cmocka_unit_test(sticky__goes_on_behind_batches_that_nobody_takes),
        cmocka_unit_test(without_sticky_linger__each_record_draws_its_partition),
        cmocka_unit_test(nothing_is_lost__and_memory_is_given_back),
        cmocka_unit_test(max_rate__fills_the_queue_and_waits),
        cmocka_unit_test(thread__is_woken_by_a_queues_first_record),
        cmocka_unit_test(thread__sleeps_from_its_last_look_on),
        cmocka_unit_test(records__find_the_application_awake),
        cmocka_unit_test(broker_threads__keep_each_other_warm),
        cmocka_unit_test(thread__reads_no_answer_where_none_comes),
        cmocka_unit_test(thread__sends_what_is_due_when_another_queue_wakes_it),
        cmocka_unit_test(round_trip__ends_when_the_answer_is_read_and_latency_with_its_report),
        cmocka_unit_test(record__counts_in_the_queue_until_it_is_reported),
        cmocka_unit_test(encryption__costs_each_record_that_is_not_compressed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
