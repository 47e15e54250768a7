/* What waits behind a librdkafka client's sockets, against arithmetic. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "broker-core/record/batch.h"
#include "model/client/producer.h"
#include "model/hardware/call.h"
#include "tests/support/size_fixture.h"

/* 1000 records/s to each of three brokers, whose followers are 20 ms away: a broker takes fifty requests of them. */
static const char text[] =
    "version: 1\n"
    "cluster: {brokers: 3, machine: aws/i3en.2xlarge, profile: generic,\n"
    "  network: {same_rack: 20 ms, jitter: 0}}\n"
    "topics: {t: {partitions: 6, replication: 3, config: {retention.ms: 1 h}}}\n"
    "producers: {p: {topic: t, clients: 1, client: librdkafka, rate: 3000 records/s, record: "
    "{size: 193 B}, config: {acks: all, linger.ms: 0, sticky.partitioning.linger.ms: 0}}}\n"
    "horizon: {length: 1 d}\n";

static const struct result_bound *queue(const struct sized *z)
{
    return result_bound_of(z->r, "client queue of p");
}

static const struct result_warning *warning(const struct sized *z)
{
    for (uint32_t i = 0; i < z->r->warning_count; i++)
        if (strstr(z->r->warnings[i].text, "fill its connections' sockets"))
            return &z->r->warnings[i];
    return NULL;
}

/* Two thirds of 4 MiB hold requests of one record of 200 bytes, 20 ms each; of 3000 that come meanwhile a second, 100,000 may wait. */
static void small_requests__in_the_sockets_make_records_wait(void **state)
{
    (void)state;
    struct sized z = size_fixture(text, NULL);
    const struct result_bound *b = queue(&z);
    double request =
        BROKER_BATCH_HEADER_BYTES + 200 + (double)model_call_produce_overhead_bytes(1, 1);
    double waits_s = MODEL_PRODUCER_SOCKET_BYTES * 2 / 3.0 / request * 0.020;
    assert_non_null(b);
    assert_true(fabs(b->demand / (3000 * waits_s) - 1) < 0.05);
    assert_true(b->capacity == 100000);
    assert_string_equal(b->unit, "records");
    assert_int_equal(z.r->verdict, RESULT_DOES_NOT_FIT);
    assert_string_equal(z.r->binding, "client queue of p");
    assert_string_equal(warning(&z)->remedy,
                        "raise linger.ms (now 0), or limit max.in.flight.requests.per.connection "
                        "(now 1000000)");
    size_fixture_release(&z);
}

static void assert_no_queue(const char *set)
{
    struct sized z = size_fixture(text, set, NULL);
    if (queue(&z) || warning(&z))
        fail_msg("%s: a queue", set);
    size_fixture_release(&z);
}

/* What the remedy says, a broker that keeps up, a client that has few in flight, and one that waits for nothing. */
static void queue__is_empty_where_few_requests_are_out(void **state)
{
    (void)state;
    assert_no_queue("producers.p.config.linger.ms=200");
    assert_no_queue("producers.p.config.max.in.flight.requests.per.connection=5");
    assert_no_queue("producers.p.rate=120 records/s");
    assert_no_queue("producers.p.config.enable.idempotence=true");
    assert_no_queue("producers.p.config.acks=0");
    assert_no_queue("producers.p={topic: t, clients: 1, rate: 3000 records/s, record: {size: 193 "
                    "B}, config: {linger.ms: 0}}");
}

/* What is in the sockets is in the queue as well: of 100 records no thousands. The brokers take a twentieth of what comes. */
static void queue__that_is_short_limits_what_is_in_the_sockets(void **state)
{
    (void)state;
    struct sized z =
        size_fixture(text, "producers.p.config.queue.buffering.max.messages=100", NULL);
    const struct result_bound *b = queue(&z);
    assert_non_null(b);
    assert_true(fabs(b->utilisation / 20 - 1) < 0.05);
    assert_true(b->capacity == 100);
    assert_non_null(strstr(b->formula, ": 33 in the connection's sockets last"));
    assert_non_null(strstr(warning(&z)->text, "waits some 0.6"));
    size_fixture_release(&z);
}

/* Where no batch holds more, waiting helps nobody: what binds is the connection, and no advice to wait is given. */
static void queue__is_none_where_full_batches_are_not_carried(void **state)
{
    (void)state;
    assert_no_queue("producers.p.config.batch.num.messages=1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_requests__in_the_sockets_make_records_wait),
        cmocka_unit_test(queue__is_empty_where_few_requests_are_out),
        cmocka_unit_test(queue__that_is_short_limits_what_is_in_the_sockets),
        cmocka_unit_test(queue__is_none_where_full_batches_are_not_carried),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
