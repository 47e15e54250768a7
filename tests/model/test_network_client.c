/* Connections of a client: when they are made, how long they rest, whom it asks for metadata. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "model/client/network_client.h"

#define MS      INT64_C(1000000)
#define BROKERS 3

/* Brokers that answer 1 ms later, or lose what is sent to those that are `gone`. */
struct fixture {
    struct model_transport transport;
    struct sim sim;
    struct model_connection connections[BROKERS];
    struct model_connection *list[BROKERS];
    struct model_metadata metadata;
    struct network_client nc;
    bool gone[BROKERS];
    bool silent;
    int64_t connects[64]; /* when ApiVersions was sent */
    uint32_t connect_count;
    uint32_t metadata_calls;
    uint32_t closes;
    uint32_t changed;
    uint32_t known;
    int64_t known_ns;
};

struct answer {
    struct sim_event event;
    struct model_call *call;
};

static void answer(struct sim *sim, struct sim_event *event)
{
    struct answer *a = sim_container(event, struct answer, event);
    struct model_call *call = a->call;
    (void)sim;
    test_free(a);
    call->answered(call);
}

static void send(struct model_transport *transport, struct model_call *call)
{
    struct fixture *f = sim_container(transport, struct fixture, transport);
    call->generation = call->connection->generation;
    if (call->kind == MODEL_API_VERSIONS)
        f->connects[f->connect_count++ % 64] = sim_now_ns(&f->sim);
    else
        f->metadata_calls++;
    if (f->silent)
        return;
    struct answer *a = test_malloc(sizeof *a);
    a->call = call;
    call->outcome = f->gone[call->connection->server_id] ? MODEL_CALL_LOST : MODEL_CALL_ANSWERED;
    sim_event_init(&a->event, answer);
    sim_after(&f->sim, &a->event, MS);
}

static void close_connection(struct model_transport *transport, struct model_connection *connection)
{
    struct fixture *f = sim_container(transport, struct fixture, transport);
    connection->generation++;
    f->closes++;
}

static void changed(void *owner, uint32_t node)
{
    struct fixture *f = owner;
    f->changed++;
    if (!network_client_is_up(&f->nc, node))
        network_client_connect(&f->nc, node);
}

static void known(void *owner)
{
    struct fixture *f = owner;
    f->known++;
    f->known_ns = sim_now_ns(&f->sim);
}

static void begin(struct fixture *f)
{
    static const struct network_client_config config = {.reconnect_backoff_ns = 50 * MS,
                                                        .reconnect_backoff_max_ns = 1000 * MS,
                                                        .java = true,
                                                        .retry_backoff_ns = 100 * MS};
    memset(f, 0, sizeof *f);
    sim_init(&f->sim);
    f->transport = (struct model_transport){.send = send, .close = close_connection};
    for (int i = 0; i < BROKERS; i++) {
        f->connections[i].server_id = i;
        f->list[i] = &f->connections[i];
    }
    f->metadata = (struct model_metadata){.broker_count = BROKERS, .connections = f->list};
    network_client_init(&f->nc, &config, &f->sim, &f->metadata, &f->transport, 1, 0, "test");
    f->nc.changed = changed;
    f->nc.known = known;
    f->nc.owner = f;
}

static void end(struct fixture *f)
{
    network_client_release(&f->nc);
    sim_release(&f->sim);
}

static void ask__connects_to_one_broker_and_then_asks_it(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    network_client_ask(&f.nc);
    network_client_ask(&f.nc);
    sim_run(&f.sim);
    assert_int_equal(f.known, 1);
    assert_int_equal(f.known_ns, 2 * MS);
    assert_int_equal(f.connect_count, 1);
    assert_int_equal(f.metadata_calls, 1);

    /* Not again before retry.backoff.ms is over. */
    network_client_ask(&f.nc);
    sim_run(&f.sim);
    assert_int_equal(f.known_ns, 2 * MS + 100 * MS + MS);
    assert_int_equal(f.connect_count, 1);
    end(&f);
}

static void ask__goes_on_to_the_next_broker_when_one_is_gone(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    f.gone[0] = f.gone[1] = true;
    network_client_ask(&f.nc);
    sim_run_until(&f.sim, 500 * MS);
    assert_int_equal(f.known, 1);
    assert_true(network_client_is_up(&f.nc, 2));
    end(&f);
}

static void disconnect__rests_and_asks_for_metadata(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    network_client_connect(&f.nc, 1);
    sim_run(&f.sim);
    assert_true(network_client_is_up(&f.nc, 1));

    network_client_disconnect(&f.nc, 1);
    assert_int_equal(f.closes, 1);
    network_client_connect(&f.nc, 1);
    sim_run(&f.sim);
    assert_true(network_client_is_up(&f.nc, 1));
    int64_t rest_ns = f.connects[f.connect_count - 1] - MS;
    if (rest_ns < 40 * MS || rest_ns > 60 * MS)
        rest_ns = f.connects[f.connect_count - 2] - MS; /* the last was for metadata */
    assert_in_range(rest_ns, 40 * MS, 60 * MS);
    assert_int_equal(f.known, 1);
    end(&f);
}

/* 50 ms, 100, 200, 400, 800, then 1 s, each within 20 %; back to 50 ms once it has been up. */
static void rests__double_up_to_their_limit(void **state)
{
    (void)state;
    static const int64_t want_ms[] = {50, 100, 200, 400, 800, 1000, 1000};
    struct fixture f;
    begin(&f);
    f.gone[0] = true;
    network_client_connect(&f.nc, 0);
    while (f.connect_count < 8)
        assert_true(sim_step(&f.sim));
    for (int i = 0; i < 7; i++) {
        int64_t rest_ns = f.connects[i + 1] - f.connects[i] - MS;
        assert_in_range(rest_ns, want_ms[i] * MS * 8 / 10, want_ms[i] * MS * 12 / 10);
    }
    f.gone[0] = false;
    sim_run(&f.sim);
    network_client_disconnect(&f.nc, 0);
    int64_t rest_ns = f.nc.nodes[0].rest_ns - sim_now_ns(&f.sim);
    assert_in_range(rest_ns, 40 * MS, 60 * MS);
    end(&f);
}

static void release__may_come_while_calls_are_under_way(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    f.silent = true;
    network_client_ask(&f.nc);
    network_client_connect(&f.nc, 2);
    sim_run(&f.sim);
    assert_int_equal(f.known, 0);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ask__connects_to_one_broker_and_then_asks_it),
        cmocka_unit_test(ask__goes_on_to_the_next_broker_when_one_is_gone),
        cmocka_unit_test(disconnect__rests_and_asks_for_metadata),
        cmocka_unit_test(rests__double_up_to_their_limit),
        cmocka_unit_test(release__may_come_while_calls_are_under_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
