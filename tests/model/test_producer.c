/* The Java producer against brokers that answer after a fixed time. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "model/hardware/cpu.h"
#include "sim/dmath.h"
#include "sim/histogram.h"
#include "tests/support/producer_fixture.h"

#define MS INT64_C(1000000)
#define S  INT64_C(1000000000)

/* reference/messaging-models.md 6.2: rate 1000/s, 5 ms: 6 records a batch, mean wait 2.917 ms. */
static void linger__gives_the_closed_form_batch_and_wait(void **state)
{
    (void)state;
    struct producer_fixture f;
    producer_begin(&f, MODEL_PRODUCER_JAVA, 1, 1 * MS);
    producer_run(&f, 300 * S);

    assert_near(sim_histogram_mean_ns(f.stats.records_per_batch), 6.0, 0.01);
    assert_near((double)f.stats.requests / 300, 166.67, 0.01);
    assert_near(sim_histogram_mean_ns(f.stats.queue_ns), 2.917e6, 0.01);
    assert_near(sim_histogram_mean_ns(f.stats.latency_ns), 3.917e6, 0.01);
    assert_int_equal(f.stats.batches_full, 0);
    producer_end(&f);
}

/*
 * The same table: 30 000/s, 148 records a batch, 5 ms: 144.49 a batch. A batch is known to be full when record 149 comes within the
 * linger: P(Poisson(150) >= 148) = P(gamma(148) <= 150).
 */
static void full_batches__follow_the_erlang_closed_form(void **state)
{
    (void)state;
    struct producer_fixture f;
    producer_begin(&f, MODEL_PRODUCER_JAVA, 1, 1 * MS);
    f.config.arrivals.rate_records_per_s = 30000;
    /* 148 records of 100 bytes and 10 of the format, and not one more */
    f.config.batch_size = 61 + 148 * 110 + 50;
    producer_run(&f, 60 * S);

    double batches = (double)f.stats.batches / 60;
    assert_near(batches, 207.63, 0.01);
    assert_near(sim_histogram_mean_ns(f.stats.records_per_batch), 144.49, 0.01);
    assert_near((double)f.stats.batches_full / (double)f.stats.batches, sim_gamma_inc(148, 150),
                0.03);
    producer_end(&f);
}

static void draining__cuts_the_linger_of_the_brokers_other_partitions(void **state)
{
    (void)state;
    struct producer_fixture f;
    producer_begin(&f, MODEL_PRODUCER_JAVA, 1, 1 * MS);
    producer_keyed(&f, 8);
    f.config.arrivals.rate_records_per_s = 8000;
    producer_run(&f, 20 * S);

    assert_true(f.stats.batches > 6 * f.stats.requests);
    assert_true(f.stats.batches_cut > f.stats.batches_lingered);
    producer_end(&f);
}

static void nothing_is_lost__and_bytes_add_up(void **state)
{
    (void)state;
    struct producer_fixture f;
    producer_begin(&f, MODEL_PRODUCER_JAVA, 3, 2 * MS);
    producer_keyed(&f, 12);
    f.config.arrivals.rate_records_per_s = 50000;
    producer_run(&f, 5 * S);
    model_producer_stop(f.producer);
    sim_run(&f.sim);

    assert_int_equal(f.stats.records_due, f.stats.records_acked);
    assert_int_equal(f.stats.records_acked, f.toy.records);
    assert_int_equal(f.stats.raw_bytes_acked, f.stats.records_acked * 100);
    assert_near((double)f.stats.records_acked, 250000, 0.01);
    struct model_producer_now now;
    model_producer_now(f.producer, &now);
    assert_int_equal(now.buffered_bytes, 0);
    assert_int_equal(now.buffered_records, 0);
    assert_int_equal(now.in_flight, 0);
    producer_end(&f);
}

/* Five requests of one full batch each per 20 ms: the window binds, memory fills, the application waits. */
static void slow_broker__blocks_the_application_and_shows_it(void **state)
{
    (void)state;
    struct producer_fixture f;
    producer_begin(&f, MODEL_PRODUCER_JAVA, 1, 20 * MS);
    f.config.arrivals.rate_records_per_s = 100000;
    f.config.buffer_memory = 1 << 20;
    producer_run(&f, 2 * S);

    struct model_producer_now now;
    model_producer_now(f.producer, &now);
    assert_true(now.blocked);
    assert_int_equal(now.in_flight, 5);
    assert_true(now.backlog_ns > S);
    assert_true(f.stats.queue_full_waits > 10);
    double per_batch = sim_histogram_mean_ns(f.stats.records_per_batch);
    assert_near((double)f.stats.records_acked / 2, 5 * 50 * per_batch, 0.03);
    producer_end(&f);
}

static bool swallow(struct toy_broker *toy, struct model_call *call)
{
    (void)toy;
    (void)call;
    return false;
}

static void silence__expires_records_at_the_delivery_timeout(void **state)
{
    (void)state;
    struct producer_fixture f;
    producer_begin(&f, MODEL_PRODUCER_JAVA, 1, MS);
    f.toy.decide = swallow;
    f.config.request_timeout_ns = 1 * S;
    f.config.delivery_timeout_ns = 3 * S;
    producer_run(&f, 10 * S);

    assert_int_equal(f.stats.records_acked, 0);
    assert_near((double)f.stats.records_expired, 7000, 0.05);
    assert_true(f.stats.request_timeouts >= 8);
    assert_true(f.stats.records_retried > 0);
    producer_end(&f);
}

/* Swallows one request and remembers when requests came after it. */
struct one_lost {
    uint64_t seen;
    int64_t lost_ns;
    int64_t next_ns;      /* first one sent after the time-out */
    int32_t first_number; /* of its first partition's batch, by base sequence */
    int32_t lost_number;
};

static bool lose_one(struct toy_broker *toy, struct model_call *call)
{
    struct one_lost *lost = toy->ctx;
    struct broker_batch_header header;
    broker_batch_header_read(call->produce.parts[0].spans[0].bytes, &header);
    if (++lost->seen == 3) {
        lost->lost_ns = sim_now_ns(toy->sim);
        lost->lost_number = header.base_sequence;
        return false;
    }
    if (toy->closes > 0 && lost->next_ns == 0) {
        lost->next_ns = sim_now_ns(toy->sim);
        lost->first_number = header.base_sequence;
    }
    return true;
}

/*
 * The third request is never answered: 1 s later its connection is closed, rests 50 ms and is made anew, and the batch, after its own
 * 100 ms, is sent first.
 */
static void late_answer__closes_the_connection_and_retries_in_order(void **state)
{
    (void)state;
    struct producer_fixture f;
    producer_begin(&f, MODEL_PRODUCER_JAVA, 1, MS);
    struct one_lost lost = {0};
    f.config.idempotent = true;
    f.config.producer_id = 1;
    f.config.max_in_flight = 1; /* so that nothing goes on beside it */
    f.config.request_timeout_ns = 1 * S;
    f.toy.decide = lose_one;
    f.toy.ctx = &lost;
    producer_run(&f, 5 * S);
    model_producer_stop(f.producer);
    sim_run(&f.sim);

    assert_int_equal(f.stats.request_timeouts, 1);
    assert_int_equal(f.stats.disconnects, 1);
    assert_int_equal(f.toy.closes, 1);
    int64_t wait_ns = lost.next_ns - lost.lost_ns;
    assert_in_range(wait_ns, S + 80 * MS, S + 120 * MS);
    assert_int_equal(lost.first_number, lost.lost_number);
    assert_int_equal(f.stats.records_acked, f.stats.records_due);
    producer_end(&f);
}

/* New batches, too, wait for the connection: nothing is sent within the rest of 40 to 60 ms. */
static void late_answer__stops_all_requests_to_that_broker(void **state)
{
    (void)state;
    struct producer_fixture f;
    producer_begin(&f, MODEL_PRODUCER_JAVA, 1, MS);
    struct one_lost lost = {0};
    producer_keyed(
        &f, 64); /* so that the lost request holds few of them: each waits 100 ms for its retry */
    f.config.arrivals.rate_records_per_s = 500;
    f.config.request_timeout_ns = 1 * S;
    f.toy.decide = lose_one;
    f.toy.ctx = &lost;
    producer_run(&f, 5 * S);
    model_producer_stop(f.producer);
    sim_run(&f.sim);

    assert_int_equal(f.stats.request_timeouts, 1);
    assert_in_range(lost.next_ns - lost.lost_ns, S + 40 * MS, S + 60 * MS);
    assert_int_equal(f.stats.records_acked, f.stats.records_due);
    producer_end(&f);
}

static bool refuse_first(struct toy_broker *toy, struct model_call *call)
{
    uint64_t *left = toy->ctx;
    for (uint32_t i = 0; i < call->produce.count; i++)
        if (*left > 0) {
            (*left)--;
            call->produce.parts[i].result.error = KAFKA_NOT_ENOUGH_REPLICAS;
        }
    return true;
}

static void refusals__are_sent_again_until_they_are_taken(void **state)
{
    (void)state;
    struct producer_fixture f;
    producer_begin(&f, MODEL_PRODUCER_JAVA, 1, MS);
    uint64_t left = 10;
    f.toy.decide = refuse_first;
    f.toy.ctx = &left;
    producer_run(&f, 5 * S);
    model_producer_stop(f.producer);
    sim_run(&f.sim);

    assert_int_equal(f.stats.errors[MODEL_PRODUCER_ERR_NOT_ENOUGH_REPLICAS], 10);
    assert_int_equal(f.stats.batch_retries, 10);
    assert_int_equal(f.stats.records_acked, f.stats.records_due);
    producer_end(&f);
}

/* Sequences in the headers continue without a gap, partition by partition, whatever is retried. */
struct sequences {
    int32_t next[16];
    uint64_t seen;
    uint64_t refused;
};

static bool check_sequences(struct toy_broker *toy, struct model_call *call)
{
    struct sequences *s = toy->ctx;
    for (uint32_t i = 0; i < call->produce.count; i++) {
        struct broker_produce_part *part = &call->produce.parts[i];
        struct broker_batch_header header;
        broker_batch_header_read(part->spans[0].bytes, &header);
        enum broker_error error;
        struct broker_err err = {{0}};
        assert_int_equal(
            broker_batch_check(part->spans, part->span_count,
                               BROKER_CHECK_CRC | BROKER_CHECK_ALLOW_HOLES | BROKER_CHECK_PRODUCED,
                               &header, &error, &err),
            BROKER_OK);
        assert_int_equal(header.producer_id, 4711);
        int32_t *next = &s->next[part->tp.partition];
        s->seen++;
        if (s->seen % 7 == 0 || header.base_sequence != *next) {
            s->refused++;
            part->result.error =
                s->seen % 7 == 0 ? KAFKA_NOT_ENOUGH_REPLICAS : KAFKA_OUT_OF_ORDER_SEQUENCE_NUMBER;
            continue;
        }
        *next += header.record_count;
    }
    return true;
}

static void idempotent_retries__keep_their_sequences_in_order(void **state)
{
    (void)state;
    struct producer_fixture f;
    producer_begin(&f, MODEL_PRODUCER_JAVA, 2, 3 * MS);
    producer_keyed(&f, 6);
    struct sequences s = {{0}, 0, 0};
    f.toy.decide = check_sequences;
    f.toy.ctx = &s;
    f.config.idempotent = true;
    f.config.producer_id = 4711;
    f.config.retry_backoff_ns = 5 * MS;
    producer_run(&f, 5 * S);
    model_producer_stop(f.producer);
    sim_run(&f.sim);

    assert_true(s.refused > 20);
    assert_int_equal(f.stats.records_failed, 0);
    assert_int_equal(f.stats.records_acked, f.stats.records_due);
    uint64_t appended = 0;
    for (int i = 0; i < 16; i++)
        appended += (uint64_t)s.next[i];
    assert_int_equal(appended, f.stats.records_acked);
    producer_end(&f);
}

static bool too_large(struct toy_broker *toy, struct model_call *call)
{
    (void)toy;
    for (uint32_t i = 0; i < call->produce.count; i++)
        if (broker_spans_size(call->produce.parts[i].spans, 2) > 1000)
            call->produce.parts[i].result.error = KAFKA_MESSAGE_TOO_LARGE;
    return true;
}

static void too_large_batches__are_split_until_they_fit(void **state)
{
    (void)state;
    struct producer_fixture f;
    producer_begin(&f, MODEL_PRODUCER_JAVA, 1, MS);
    f.toy.decide = too_large;
    f.config.linger_ns = 20 * MS;
    producer_run(&f, 2 * S);
    model_producer_stop(f.producer);
    sim_run(&f.sim);

    assert_true(f.stats.errors[MODEL_PRODUCER_ERR_TOO_LARGE] > 0);
    assert_int_equal(f.stats.records_acked, f.stats.records_due);
    struct model_producer_now now;
    model_producer_now(f.producer, &now);
    assert_int_equal(now.buffered_bytes, 0);
    assert_int_equal(now.buffered_records, 0);
    producer_end(&f);
}

static bool count_partitions(struct toy_broker *toy, struct model_call *call)
{
    uint64_t *seen = toy->ctx;
    for (uint32_t i = 0; i < call->produce.count; i++) {
        struct broker_batch_header header;
        broker_batch_header_read(call->produce.parts[i].spans[0].bytes, &header);
        seen[call->produce.parts[i].tp.partition] += (uint64_t)header.record_count;
    }
    return true;
}

static void sticky__spreads_records_evenly_over_the_partitions(void **state)
{
    (void)state;
    struct producer_fixture f;
    uint64_t seen[6] = {0};
    producer_begin(&f, MODEL_PRODUCER_JAVA, 6, MS);
    f.toy.decide = count_partitions;
    f.toy.ctx = seen;
    f.config.partitions = 6;
    f.config.arrivals.rate_records_per_s = 100000;
    producer_run(&f, 20 * S);
    /* One open batch at a time, each full: 148 records of 110 bytes in 16384 - 61. */
    assert_true(f.stats.batches - f.stats.batches_full < 100);
    assert_near(sim_histogram_mean_ns(f.stats.records_per_batch), 148, 0.01);
    for (int i = 0; i < 6; i++)
        assert_near((double)seen[i], (double)f.toy.records / 6, 0.05);
    producer_end(&f);
}

static void max_rate__is_bounded_by_memory_and_the_round_trip(void **state)
{
    (void)state;
    struct producer_fixture f;
    producer_begin(&f, MODEL_PRODUCER_JAVA, 1, 10 * MS);
    f.config.max_rate = true;
    f.config.partitions = 4;
    producer_run(&f, 2 * S);
    /* 5 requests in 10 ms, each with one batch of each of 4 partitions */
    assert_near((double)f.stats.batches, 2.0 * 500 * 4, 0.05);
    assert_true(f.stats.batches_full > f.stats.batches * 9 / 10);
    producer_end(&f);
}

/* A Java client of four cores, and four partitions. */
static void begin_at_max_rate(struct producer_fixture *f, struct model_cpu *cpu, int64_t delay_ns)
{
    producer_begin(f, MODEL_PRODUCER_JAVA, 1, delay_ns);
    model_profile_init(&f->profile);
    struct model_cpu_config cores = {.vcpus = 4, .speed = 1, .quantum_ns = 3 * MS};
    model_cpu_init(cpu, &f->sim, &cores);
    f->cpu = cpu;
    f->config.max_rate = true;
    f->config.partitions = 4;
}

/*
 * Batches hold more once the client knows how well they compress, which it learns while the application makes records for the next: the
 * partitioner goes on from each that is full all the same.
 */
static void max_rate__reaches_all_partitions_with_compression(void **state)
{
    (void)state;
    struct producer_fixture f;
    struct model_cpu cpu;
    begin_at_max_rate(&f, &cpu, 40 * MS);
    f.config.compression.codec = BROKER_LZ4;
    f.config.compression.count = 1;
    f.config.compression.ratio[0] = 2;
    producer_run(&f, 8 * S);
    /* 5 requests in 40 ms, each with one batch of each partition */
    assert_near((double)f.stats.batches, 8.0 * 125 * 4, 0.1);
    producer_end(&f);
    model_cpu_release(&cpu);
}

/* A record that is larger than the average may find a batch with room for the average only. */
static void max_rate__closes_batches_into_which_the_next_record_does_not_fit(void **state)
{
    (void)state;
    struct producer_fixture f;
    producer_begin(&f, MODEL_PRODUCER_JAVA, 1, 10 * MS);
    f.config.max_rate = true;
    f.config.partitions = 24;
    f.config.partitioner.kind = MODEL_PARTITIONER_UNIFORM;
    static double weights[24];
    for (int i = 0; i < 24; i++)
        weights[i] = 1.0 / 24;
    f.config.weights = weights;
    f.config.arrivals.sizes = (struct model_sizes){
        .kind = MODEL_SIZE_LOGNORMAL, .mean_bytes = 1000, .overhead_bytes = 8, .cv = 1};
    producer_run(&f, 2 * S);
    assert_near((double)f.stats.batches, 2.0 * 500 * 24, 0.05);
    double bytes = (double)f.stats.raw_bytes_acked / (double)f.stats.batches;
    assert_true(bytes > 13e3 && bytes < 16384);
    producer_end(&f);
}

static void max_rate__is_bounded_by_the_applications_cpu(void **state)
{
    (void)state;
    struct producer_fixture f;
    struct model_cpu cpu;
    begin_at_max_rate(&f, &cpu, MS);
    producer_run(&f, 5 * S);
    double record_ns = f.profile.java_send.record_ns + 108 * f.profile.java_send.byte_ns;
    assert_near((double)f.stats.records_acked, 5e9 / record_ns, 0.05);
    producer_end(&f);
    model_cpu_release(&cpu);
}

static void same_seed__gives_the_same_run(void **state)
{
    (void)state;
    uint64_t prints[3];
    for (int i = 0; i < 3; i++) {
        struct producer_fixture f;
        producer_begin(&f, MODEL_PRODUCER_JAVA, 3, MS);
        producer_keyed(&f, 12);
        f.config.seed = i == 2 ? 8 : 7;
        producer_run(&f, 2 * S);
        prints[i] = sim_fingerprint(&f.sim);
        producer_end(&f);
    }
    assert_int_equal(prints[0], prints[1]);
    assert_int_not_equal(prints[0], prints[2]);
}

static void events__are_per_request_not_per_record(void **state)
{
    (void)state;
    struct producer_fixture f;
    producer_begin(&f, MODEL_PRODUCER_JAVA, 1, MS);
    f.config.arrivals.rate_records_per_s = 100000;
    producer_run(&f, 10 * S);
    assert_true(sim_event_count(&f.sim) < 3 * f.stats.batches);
    assert_true(f.stats.records_acked > 900000);
    producer_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linger__gives_the_closed_form_batch_and_wait),
        cmocka_unit_test(full_batches__follow_the_erlang_closed_form),
        cmocka_unit_test(draining__cuts_the_linger_of_the_brokers_other_partitions),
        cmocka_unit_test(nothing_is_lost__and_bytes_add_up),
        cmocka_unit_test(slow_broker__blocks_the_application_and_shows_it),
        cmocka_unit_test(silence__expires_records_at_the_delivery_timeout),
        cmocka_unit_test(late_answer__closes_the_connection_and_retries_in_order),
        cmocka_unit_test(late_answer__stops_all_requests_to_that_broker),
        cmocka_unit_test(refusals__are_sent_again_until_they_are_taken),
        cmocka_unit_test(idempotent_retries__keep_their_sequences_in_order),
        cmocka_unit_test(too_large_batches__are_split_until_they_fit),
        cmocka_unit_test(sticky__spreads_records_evenly_over_the_partitions),
        cmocka_unit_test(max_rate__is_bounded_by_memory_and_the_round_trip),
        cmocka_unit_test(max_rate__reaches_all_partitions_with_compression),
        cmocka_unit_test(max_rate__closes_batches_into_which_the_next_record_does_not_fit),
        cmocka_unit_test(max_rate__is_bounded_by_the_applications_cpu),
        cmocka_unit_test(same_seed__gives_the_same_run),
        cmocka_unit_test(events__are_per_request_not_per_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
