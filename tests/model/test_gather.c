/* Records that gather: queues against closed forms, and batches at linger 0 against runs. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/cluster/flow.h"
#include "model/cluster/gather.h"
#include "model/cluster/machine_share.h"
#include "tests/support/near.h"
#include "tests/support/size_fixture.h"
#include "tests/support/study_fixture.h"

/* One place behind one server is M/M/1/2: at half the rate 1/4 of 1 + 1/2 + 1/4; behind two servers at rate one M/M/2/3: 1/4 of 1 + 1 + 1/2 + 1/4. */
static void joined__is_the_loss_of_a_queue_with_one_place(void **state)
{
    (void)state;
    near(gather_joined(50, 1, 100, 1), 1.0 / 7, 1e-12);
    near(gather_joined(100, 2, 200, 1), 1.0 / 11, 1e-12);
}

/* Two places behind one server, at its rate: the second is asked for half the time. 1, 1, 1, 1/2; joins 1/2 and 1 of those. */
static void joined__with_two_places_by_chance(void **state)
{
    (void)state;
    near(gather_joined(100, 1, 100, 2), (0.5 + 0.5) / 3.5, 1e-12);
}

/* Who asks for ten times what is done leaves it never idle. */
static void joined__leaves_what_the_servers_do(void **state)
{
    (void)state;
    near(1e3 * (1 - gather_joined(1e3, 1, 100, 1)), 100, 0.11);
    near(1e4 * (1 - gather_joined(1e4, 5, 100, 1)), 100, 0.001);
    assert_true(gather_joined(1, 5, 100, 1) < 1e-6);
}

/* Weights of states grow by a factor of 1000 each over hundreds of places; what is left is what the servers do. */
static void joined__has_a_number_for_hopeless_overloads(void **state)
{
    (void)state;
    near(1e6 * (1 - gather_joined(1e6, 5, 1000, 400)), 1000, 0.001);
    near(1e6 * (1 - gather_joined(1e6, 32, 100, 1000)), 100, 0.001);
}

/* Requests a second of the first producer's connection, asked for a thousand times a second with a batch of ten records each. */
static double requests(struct sized z, const struct model_profile *profile)
{
    struct round_trip trip;
    struct gather gather;
    struct gather_at at = {.records_per_s = 1e4, .parts = 1, .queues = 1};
    struct model_placement *m = model_placement_new(z.s, 1);
    round_trip_init(&trip, z.s, 3, NULL);
    gather_init(&gather, &trip, profile, &z.s->producers[0], m, 1007, 100);
    double rate = gather_requests_per_s(&gather, &at, 1000);
    model_placement_free(m);
    size_fixture_release(&z);
    return rate;
}

/* 10 ms of the sender's thread each: a hundred a second, to six brokers. Nobody waits for an answer. */
static void requests__wait_for_the_senders_thread(void **state)
{
    (void)state;
    struct model_profile profile;
    model_profile_init(&profile);
    profile.java_send = (struct model_cost){.request_ns = 10e6};
    profile.java_answer = (struct model_cost){0};
    struct sized z =
        size_fixture(size_fixture_text, "producers.checkout.partitioner=uniform",
                     "producers.checkout.config={acks: 0, enable.idempotence: false}", NULL);
    double speed = model_machine_speed(&z.s->producers[0].machine, &profile, 0);
    near(requests(z, &profile), 100 * speed / 6, 0.01);
    z = size_fixture(size_fixture_text,
                     "producers.checkout.config={acks: 0, enable.idempotence: false}", NULL);
    near(requests(z, NULL), 1000, 1e-9);
}

/* Of 100 records, each batch then has 101 kB: one in sockets of 150 kB, 100 ms each; the one before them waits. */
static void requests__of_librdkafka_wait_for_the_sockets(void **state)
{
    (void)state;
    struct sized z = size_fixture(
        size_fixture_text, "cluster.network={same_rack: 100 ms, cross_rack: 100 ms, jitter: 0}",
        "producers.checkout.client=librdkafka",
        "producers.checkout.config={acks: 1, socket.send.buffer.bytes: 150000}", NULL);
    near(requests(z, NULL), 1 / 0.1, 0.03);
}

/* One of three clients' rate, by partitioner, in-flight limit and acks. */
static const char text[] =
    "version: 1\n"
    "cluster: {brokers: 3, machine: aws/i3en.2xlarge, racks: [a, b, c], profile: generic}\n"
    "topics: {t: {partitions: 6, replication: 3, config: {retention.ms: 1 h}}}\n"
    "producers: {p: {topic: t, clients: 6, rate: %s, record: {size: 1 KiB}, partitioner: %s, "
    "config: {linger.ms: 0, acks: %s}}}\n"
    "horizon: {length: 1 d}\n"
    "run: {measure: 2 s, warmup: 1 s, replications: 1}\n";

struct both {
    double size, run; /* records a batch */
};

static struct both ask(const char *rate, const char *partitioner, const char *acks)
{
    char filled[1024];
    struct scenario_doc *doc;
    struct model_profile profile;
    snprintf(filled, sizeof filled, text, rate, partitioner, acks);
    struct result *r = study_fixture_doc(filled, NULL, 0, &doc);
    const struct scenario *s = scenario_base(doc);
    struct model_placement *m = model_placement_new(s, s->run.seed);
    struct model_shares *shares = model_shares_new(s);
    model_profile_init(&profile);
    struct model_flows *flows = model_flows_new(s, &profile, m, shares, 1);
    struct both both = {model_flows_producer(flows, 0)->records_per_batch,
                        r->flows[0].records_per_batch.value};
    model_flows_free(flows);
    model_shares_free(shares);
    model_placement_free(m);
    result_free(r);
    scenario_doc_free(doc);
    return both;
}

static void batches__at_linger_0_hold_a_record_at_low_rates(void **state)
{
    (void)state;
    struct both b = ask("2 MB/s", "uniform", "all");
    near(b.size, 1, 0.02);
    near(b.run, 1, 0.02);
}

/* The followers' loop holds a connection: records gather meanwhile. */
static void batches__at_linger_0_grow_as_in_a_run(void **state)
{
    (void)state;
    struct both uniform = ask("40 MB/s", "uniform", "all"),
                sticky = ask("40 MB/s", "sticky", "all");
    assert_true(uniform.run > 2 && sticky.run > 4);
    near(uniform.size, uniform.run, 0.3);
    near(sticky.size, sticky.run, 0.3);
}

/* acks=1 is answered before the next is there. */
static void batches__of_acks_1_hardly_grow(void **state)
{
    (void)state;
    struct both b = ask("20 MB/s", "uniform", "1");
    near(b.size, b.run, 0.1);
    assert_true(b.run < 1.2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joined__is_the_loss_of_a_queue_with_one_place),
        cmocka_unit_test(joined__with_two_places_by_chance),
        cmocka_unit_test(joined__leaves_what_the_servers_do),
        cmocka_unit_test(joined__has_a_number_for_hopeless_overloads),
        cmocka_unit_test(requests__wait_for_the_senders_thread),
        cmocka_unit_test(requests__of_librdkafka_wait_for_the_sockets),
        cmocka_unit_test(batches__at_linger_0_hold_a_record_at_low_rates),
        cmocka_unit_test(batches__at_linger_0_grow_as_in_a_run),
        cmocka_unit_test(batches__of_acks_1_hardly_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
