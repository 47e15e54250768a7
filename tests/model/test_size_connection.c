/* What connections carry: rows of `size` against arithmetic on a slow network, and against runs. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/near.h"
#include "tests/support/size_fixture.h"
#include "tests/support/study_fixture.h"

/* One client, 100 ms to every broker without jitter: what threads compute is below 2 % of that. */
#define SLOW                                                                                       \
    "producers.checkout.clients=1", "producers.checkout.config.send.buffer.bytes=-1",              \
        "cluster.network={same_rack: 100 ms, cross_rack: 100 ms, jitter: 0}",                      \
        "groups.billing.config.enable.auto.commit=false",                                          \
        "groups.audit.config.enable.auto.commit=false",                                            \
        "groups.billing.config.receive.buffer.bytes=-1",                                           \
        "groups.audit.config.receive.buffer.bytes=-1"

/* Eight partitions a leader, 64 records of 1,010 bytes and a header each. */
static const double REQUEST = 8 * (61 + 64 * 1010);

static const struct result_bound *find(const struct sized *z, const char *name)
{
    for (uint32_t i = 0; i < z->r->bound_count; i++)
        if (strcmp(z->r->bounds[i].resource, name) == 0)
            return &z->r->bounds[i];
    return NULL;
}

/* 10 round trips a second, each a request of all eight partitions; a sixth of 12 MB/s goes there. */
static void in_flight__one_request_a_round_trip(void **state)
{
    (void)state;
    struct sized z =
        size_fixture(size_fixture_text, SLOW, "producers.checkout.config.acks=1",
                     "producers.checkout.config.enable.idempotence=false",
                     "producers.checkout.config.max.in.flight.requests.per.connection=1", NULL);
    const struct result_bound *b = size_fixture_bound(&z, "client in flight of checkout");
    near(b->capacity, 10 * REQUEST, 0.02);
    near(b->demand, 12e3 / 6 * REQUEST / (8 * 64), 0.001);
    assert_true(b->capacity < 10 * REQUEST);
    size_fixture_release(&z);
}

/* With acks=all the followers' round trip holds the connection: five in flight, and still 10 a second. */
static void in_flight__acks_all_goes_one_at_a_time(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, SLOW,
                                  "cluster.config.replica.socket.receive.buffer.bytes=-1", NULL);
    const struct result_bound *b = size_fixture_bound(&z, "client in flight of checkout");
    near(b->capacity, 10 * REQUEST, 0.03);
    assert_non_null(strstr(b->formula, "one at a time"));
    size_fixture_release(&z);
}

/* librdkafka sends a batch a request. */
static void in_flight__librdkafka_sends_one_batch(void **state)
{
    (void)state;
    struct sized z = size_fixture(
        size_fixture_text, "producers.checkout.client=librdkafka", "producers.checkout.clients=1",
        "cluster.network={same_rack: 100 ms, cross_rack: 100 ms, jitter: 0}",
        "producers.checkout.config.acks=1", NULL);
    assert_null(find(&z, "client in flight of checkout")); /* a million in flight */
    size_fixture_release(&z);
    z = size_fixture(size_fixture_text, "producers.checkout.client=librdkafka",
                     "producers.checkout.clients=1",
                     "cluster.network={same_rack: 100 ms, cross_rack: 100 ms, jitter: 0}",
                     "producers.checkout.config.acks=1",
                     "producers.checkout.config.max.in.flight.requests.per.connection=5", NULL);
    near(size_fixture_bound(&z, "client in flight of checkout")->capacity, 50 * REQUEST / 8, 0.03);
    size_fixture_release(&z);
}

/* A million may be in flight, and the system's 4 MiB of sockets hold four batches of 900 records: 40 a second, of 17 that are asked for. */
static void in_flight__librdkafka_fills_its_sockets(void **state)
{
    (void)state;
    struct sized z = size_fixture(
        size_fixture_text, "producers.checkout.client=librdkafka", "producers.checkout.clients=1",
        "cluster.network={same_rack: 100 ms, cross_rack: 100 ms, jitter: 0}",
        "producers.checkout.config.acks=1", "producers.checkout.config.batch.size=906300",
        "producers.checkout.rate=90 MB/s", NULL);
    const struct result_bound *b = size_fixture_bound(&z, "client in flight of checkout");
    near(b->capacity, 40 * (61 + 900 * 1010.0), 0.03);
    near(b->demand, 90e3 / 6 * (61 + 900 * 1010.0) / 900, 0.001);
    assert_non_null(strstr(b->formula, "4 in flight (as its sockets hold no more)"));
    size_fixture_release(&z);
}

/* One partition at each broker, a batch of it at a time: ten a second. */
static void in_flight__idempotent_librdkafka_waits_with_each_partition(void **state)
{
    (void)state;
    struct sized z = size_fixture(
        size_fixture_text, "producers.checkout.client=librdkafka", "producers.checkout.clients=1",
        "topics.orders.partitions=6", "topics.orders.replication=1",
        "cluster.network={same_rack: 100 ms, cross_rack: 100 ms, jitter: 0}",
        "producers.checkout.config={acks: all, enable.idempotence: true, linger.ms: 100}", NULL);
    const struct result_bound *b = size_fixture_bound(&z, "client in flight of checkout");
    near(b->capacity, 10 * 1e6, 0.03);
    assert_non_null(strstr(b->formula, "1 in flight (as its partitions wait for their answers)"));
    size_fixture_release(&z);
}

/* A sixth of 12.095 MB/s; a window of 320,000 bytes ten times a second. */
static void connection__carries_a_window_each_round_trip(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, SLOW,
                                  "producers.checkout.config.send.buffer.bytes=320000", NULL);
    const struct result_bound *b = size_fixture_bound(&z, "client connection of checkout");
    near(b->capacity, 3.2e6, 1e-6);
    near(b->demand, 12e6 / 64000 * (61 + 64 * 1010) / 6, 0.001);
    assert_null(strstr(b->formula, "single_flow"));
    size_fixture_release(&z);
}

static void connection__carries_a_single_flow(void **state)
{
    (void)state;
    struct sized z =
        size_fixture(size_fixture_text, SLOW, "cluster.network.single_flow=3 MB/s",
                     "cluster.network.same_rack=1 ms", "cluster.network.cross_rack=1 ms", NULL);
    const struct result_bound *b = size_fixture_bound(&z, "client connection of checkout");
    near(b->capacity, 3e6, 1e-6);
    assert_non_null(strstr(b->formula, "single_flow"));
    size_fixture_release(&z);
}

/* 4 partitions a consumer, two of each broker's: 48 / 12 consumers over six brokers leaves a connection a partition. 100 kB holds one batch. */
static void fetches__bring_whole_batches_once_a_round_trip(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, SLOW,
                                  "groups.billing.config.max.partition.fetch.bytes=100000", NULL);
    const struct result_bound *b = size_fixture_bound(&z, "client fetches of billing");
    double partition = SIZE_FIXTURE_WIRE / 48, batch = 61 + SIZE_FIXTURE_BATCH * 1010;
    near(b->utilisation, partition / (10 * batch), 0.05);
    assert_null(find(&z, "client fetches of audit")); /* 1 MiB of each */
    size_fixture_release(&z);
}

/* How long the way to the farthest broker is for audit's consumers, which stand in every rack. */
static double way_ms(const char *selector, const char *states_rack)
{
    struct sized z =
        size_fixture(size_fixture_text, SLOW,
                     "cluster.network={same_rack: 100 ms, cross_rack: 200 ms, jitter: 0}",
                     "groups.audit.racks=[a, b, c]", selector, states_rack,
                     "groups.audit.config.max.partition.fetch.bytes=100000", NULL);
    const char *formula = size_fixture_bound(&z, "client fetches of audit")->formula;
    const char *at = strstr(formula, " ms there and back");
    assert_non_null(at);
    while (at > formula && at[-1] != ' ')
        at--;
    double ms = strtod(at, NULL);
    size_fixture_release(&z);
    return ms;
}

/* Who reads near goes to another rack only where none of its machines stands beside the broker. */
static void fetches__of_a_group_that_reads_near_cross_no_racks(void **state)
{
    (void)state;
    near(way_ms("cluster.config.replica.selector.class=none", "groups.audit.client_rack=true"), 200,
         1e-9);
    near(way_ms("cluster.config.replica.selector.class=RackAwareReplicaSelector",
                "groups.audit.client_rack=true"),
         100, 1e-9);
    near(way_ms("cluster.config.replica.selector.class=RackAwareReplicaSelector",
                "groups.audit.client_rack=false"),
         200, 1e-9);
}

/* "...: 42.5 ms there and back + 85 ms of its bytes + ..." */
static double parts_ms(const char *formula)
{
    const char *at = strstr(formula, " ms there and back");
    double sum = 0;
    assert_non_null(at);
    while (at > formula && at[-1] != ' ')
        at--;
    for (; at; at = strstr(at, " + ")) {
        at += strncmp(at, " + ", 3) == 0 ? 3 : 0;
        sum += strtod(at, NULL);
    }
    return sum;
}

/* What a request's bytes wait for their window is part of its turn: a page's reader adds the parts up. */
static void rows__tell_all_parts_of_a_turn(void **state)
{
    (void)state;
    struct sized z = size_fixture(
        size_fixture_text, "producers.checkout.clients=1", "producers.checkout.config.acks=1",
        "producers.checkout.config.enable.idempotence=false",
        "producers.checkout.config.max.in.flight.requests.per.connection=1",
        "producers.checkout.config.send.buffer.bytes=100000",
        "groups.billing.config.max.partition.fetch.bytes=400000",
        "cluster.network={same_rack: 100 ms, cross_rack: 100 ms, jitter: 0}", NULL);
    const struct result_bound *b = size_fixture_bound(&z, "client in flight of checkout");
    near(parts_ms(b->formula), 1e3 * REQUEST / b->capacity, 0.01);
    assert_true(parts_ms(b->formula) > 300);
    b = size_fixture_bound(&z, "client fetches of billing");
    double kilobytes = strtod(strstr(b->formula, "fetches/s x ") + strlen("fetches/s x "), NULL);
    near(parts_ms(b->formula), 1e6 * kilobytes / b->capacity, 0.01);
    size_fixture_release(&z);
}

/* What all partitions of an answer may have together is the most of one, too; a single consumer reads eight of each broker. */
static void fetches__bring_no_more_than_an_answer_may_have(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, SLOW, "groups.billing.clients=1",
                                  "groups.billing.config.fetch.max.bytes=100000", NULL);
    const struct result_bound *b = size_fixture_bound(&z, "client fetches of billing");
    near(b->capacity, 10 * 1e5, 0.05);
    near(b->demand, 12e6 / 64000 * (61 + 64 * 1010) / 6, 0.001);
    size_fixture_release(&z);
}

/* One partition has 40 % of all, and one connection: one batch of it at a time. */
static void fetches__of_a_hot_partition_bring_it_alone(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, SLOW, "producers.checkout.partitioner=keyed",
                                  "producers.checkout.hottest_partition=40 %",
                                  "groups.billing.config.max.partition.fetch.bytes=100000", NULL);
    const struct result_bound *b = size_fixture_bound(&z, "client fetches of billing");
    near(b->demand, 0.4 * 12e6 / 64000 * (61 + 64 * 1010), 0.02);
    near(b->capacity, 10 * (61 + 64 * 1010), 0.05);
    size_fixture_release(&z);
}

/* Slow consumers are their threads' matter. */
static void fetches__of_slow_consumers_have_no_row(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, SLOW,
                                  "groups.billing.config.max.partition.fetch.bytes=100000",
                                  "groups.billing.processing.per_record=4 ms", NULL);
    assert_null(find(&z, "client fetches of billing"));
    assert_non_null(find(&z, "client thread of billing"));
    size_fixture_release(&z);
}

static const struct result_warning *warned(const struct result *r, const char *beginning)
{
    for (uint32_t i = 0; i < r->warning_count; i++)
        if (strncmp(r->warnings[i].text, beginning, strlen(beginning)) == 0)
            return &r->warnings[i];
    fail_msg("no warning of %s", beginning);
    return NULL;
}

/*
 * Three clients on a network of 10 ms, one request in flight: the busiest connection carries so much that 26 MB/s are the end. A run of 36
 * carries that, but for a tenth.
 */
static void run__carries_what_the_bound_says_and_names_it(void **state)
{
    (void)state;
    static const char text[] =
        "version: 1\n"
        "cluster: {brokers: 3, machine: aws/i3en.2xlarge, racks: [a, b, c], profile: generic,\n"
        "  network: {same_rack: 10 ms, cross_rack: 10 ms}}\n"
        "topics: {t: {partitions: 6, replication: 1, config: {retention.ms: 1 h}}}\n"
        "producers: {p: {topic: t, clients: 3, rate: 36 MB/s, record: {size: 1 KiB}, config: "
        "{acks: 1, batch.size: 16384, max.in.flight.requests.per.connection: 1, "
        "enable.idempotence: false}}}\n"
        "horizon: {length: 1 d}\n"
        "run: {measure: 3 s, warmup: 1 s, replications: 2}\n";
    struct scenario_doc *doc;
    struct result *r = study_fixture_doc(text, NULL, 0, &doc);
    const struct result_bound *bound = result_bound_of(r, "client in flight of p");
    assert_non_null(bound);
    assert_true(bound->utilisation > 1);
    double carried = 36e6 / bound->utilisation, reached = r->flows[0].bytes_per_s.value;
    assert_true(reached < 1.02 * carried && reached > 0.85 * carried);
    assert_int_equal(r->verdict, RESULT_UNSTABLE);
    assert_string_equal(r->binding, "client in flight of p");
    char beyond[80];
    snprintf(beyond, sizeof beyond, "client in flight of p: simulated %.0f %%, bound %.0f %%",
             reached / 36e6 * bound->utilisation * 100, bound->utilisation * 100);
    assert_string_equal(warned(r, "client in flight of p: ")->text, beyond);
    result_free(r);
    scenario_doc_free(doc);
}

/* The one consumer's connections are further beyond their bound; but what grows is the producers' queue, which those do not hold up. */
static void run__names_what_holds_up_the_queue_that_grows(void **state)
{
    (void)state;
    static const char text[] =
        "version: 1\n"
        "cluster: {brokers: 3, machine: aws/i3en.2xlarge, racks: [a, b, c], profile: generic,\n"
        "  network: {same_rack: 10 ms, cross_rack: 10 ms, jitter: 0}}\n"
        "topics: {t: {partitions: 6, replication: 1, config: {retention.ms: 1 h}}}\n"
        "producers: {p: {topic: t, clients: 3, rate: 36 MB/s, record: {size: 1 KiB}, config: "
        "{acks: 1, batch.size: 16384, max.in.flight.requests.per.connection: 1, "
        "enable.idempotence: false}}}\n"
        "groups: {g: {topics: [t], clients: 1}}\n"
        "horizon: {length: 1 d}\n"
        "run: {measure: 3 s, warmup: 1 s, replications: 2}\n";
    struct scenario_doc *doc;
    struct result *r = study_fixture_doc(text, NULL, 0, &doc);
    const struct result_bound *own = result_bound_of(r, "client in flight of p"),
                              *other = result_bound_of(r, "client connection of g");
    assert_true(own && other && other->utilisation > own->utilisation);
    assert_true(strncmp(r->verdict_text, "UNSTABLE: p offers", 18) == 0);
    assert_string_equal(r->binding, "client in flight of p");
    result_free(r);
    scenario_doc_free(doc);
}

/* Each byte goes to the broker, to two followers and to a group: a link of 80 MB/s is used alike by the bound and the run. */
static void run__uses_the_shared_network_as_the_bound_says(void **state)
{
    (void)state;
    static const char text[] =
        "version: 1\n"
        "cluster: {brokers: 3, machine: aws/i3en.2xlarge, racks: [a], profile: generic,\n"
        "  network: {shared: 80 MB/s}}\n"
        "topics: {t: {partitions: 6, replication: 3, config: {retention.ms: 1 h}}}\n"
        "producers: {p: {topic: t, clients: 3, rate: 10 MB/s, record: {size: 1 KiB}, config: "
        "{linger.ms: 20}}}\n"
        "groups: {g: {topics: [t], clients: 3}}\n"
        "horizon: {length: 1 d}\n"
        "run: {measure: 3 s, warmup: 1 s, replications: 2}\n";
    struct scenario_doc *doc;
    struct result *r = study_fixture_doc(text, NULL, 0, &doc);
    const struct result_resource *row = NULL;
    for (uint32_t i = 0; i < r->resource_count; i++) {
        assert_true(r->resources[i].kind != RESULT_NETWORK_OUT);
        if (r->resources[i].kind == RESULT_SHARED_NETWORK)
            row = &r->resources[i];
    }
    assert_non_null(row);
    near(row->now.value, result_bound_of(r, "shared network")->utilisation, 0.1);
    near(row->headroom, 0.7 / row->now.value, 1e-9);
    result_free(r);
    scenario_doc_free(doc);
}

/* 20 ms there and back, of answers that hold a batch: consumers, machines and brokers idle, and the group falls behind. */
static void run__says_what_helps_where_a_group_waits_for_its_connections(void **state)
{
    (void)state;
    static const struct {
        int partitions;
        const char *network, *config, *remedy;
    } cases[] = {
        {12, "same_rack: 20 ms", "{receive.buffer.bytes: -1, max.partition.fetch.bytes: 20000}",
         "raise max.partition.fetch.bytes and fetch.max.bytes, or add clients"},
        {6, "same_rack: 20 ms", "{receive.buffer.bytes: 32768}",
         "raise receive.buffer.bytes, or add partitions and clients"},
        {12, "single_flow: 3 MB/s", "{receive.buffer.bytes: -1}",
         "full (single_flow): add clients"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[1024];
        snprintf(text, sizeof text,
                 "version: 1\n"
                 "cluster: {brokers: 3, machine: aws/i3en.2xlarge, profile: generic,\n"
                 "  network: {%s}}\n"
                 "topics: {t: {partitions: %d, replication: 1, config: {retention.ms: 1 h}}}\n"
                 "producers: {p: {topic: t, clients: 6, rate: 24 MB/s, record: {size: 1 KiB}, "
                 "config: {acks: 1, linger.ms: 5}}}\n"
                 "groups: {g: {topics: [t], clients: 2, config: %s}}\n"
                 "horizon: {length: 1 d}\n"
                 "run: {measure: 3 s, warmup: 1 s, replications: 2}\n",
                 cases[i].network, cases[i].partitions, cases[i].config);
        struct scenario_doc *doc;
        struct result *r = study_fixture_doc(text, NULL, 0, &doc);
        bool told = false;
        for (uint32_t w = 0; w < r->warning_count; w++)
            told = told || strstr(r->warnings[w].remedy, cases[i].remedy);
        if (!told)
            fail_msg("%s", cases[i].remedy);
        result_free(r);
        scenario_doc_free(doc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_flight__one_request_a_round_trip),
        cmocka_unit_test(in_flight__acks_all_goes_one_at_a_time),
        cmocka_unit_test(in_flight__librdkafka_sends_one_batch),
        cmocka_unit_test(in_flight__librdkafka_fills_its_sockets),
        cmocka_unit_test(in_flight__idempotent_librdkafka_waits_with_each_partition),
        cmocka_unit_test(connection__carries_a_window_each_round_trip),
        cmocka_unit_test(connection__carries_a_single_flow),
        cmocka_unit_test(fetches__bring_whole_batches_once_a_round_trip),
        cmocka_unit_test(fetches__of_a_group_that_reads_near_cross_no_racks),
        cmocka_unit_test(rows__tell_all_parts_of_a_turn),
        cmocka_unit_test(fetches__bring_no_more_than_an_answer_may_have),
        cmocka_unit_test(fetches__of_a_hot_partition_bring_it_alone),
        cmocka_unit_test(fetches__of_slow_consumers_have_no_row),
        cmocka_unit_test(run__carries_what_the_bound_says_and_names_it),
        cmocka_unit_test(run__names_what_holds_up_the_queue_that_grows),
        cmocka_unit_test(run__uses_the_shared_network_as_the_bound_says),
        cmocka_unit_test(run__says_what_helps_where_a_group_waits_for_its_connections),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
