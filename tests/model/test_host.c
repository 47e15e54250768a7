/*
 * One broker process between a wire and a machine. Costs are round: a turn of a network thread takes 1 us, reading a produce request 10 and
 * a fetch 20, appending 100, a fetch 50 and 30 for its partition, writing an answer 5; half a round trip 100. Nothing else takes time, so
 * that all times are added by hand. Each connection has a thread as model_host_accept gives it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/broker/host.h"

#define US     INT64_C(1000)
#define MS     INT64_C(1000000)
#define WAY_NS (100 * US)

enum {
    BATCH_BYTES = 1000,
    REQUEST_BYTES = 2000,
    COLD_BYTES = 128 * 1024, /* one read from the disk: the page cache's read-ahead */
    CACHE_BYTES = 64 * 1024 * 1024,
    PARTITIONS = 2,
};

struct setup {
    uint32_t network_threads, io_threads, connections;
    uint32_t queued_max_requests; /* 0: 500 */
    uint32_t replication;
    int64_t flush_messages;   /* 0: never */
    int64_t wakeup_ns;        /* of the broker's cores */
    uint64_t dirtyable_bytes; /* 0: the page cache's size */
    uint64_t send_buffer;     /* of a socket; 0: a mebibyte */
};

static const struct model_profile costs = {
    .poll_ns = 1000,
    .receive = {.request_ns = 10000},
    .fetch_receive = {.request_ns = 20000},
    .append = {.request_ns = 100000},
    .fetch = {.request_ns = 50000, .partition_ns = 30000},
    .send = {.request_ns = 5000},
};

static struct sim the_sim;
static struct model_net net;
static struct model_machine machine, client;
static struct model_profile profile;
static struct model_host *host;
static struct model_connection connection[5];

static void propose(void *ctx, struct model_host *from, struct broker_tp tp,
                    const struct broker_partition_state *proposal)
{
    (void)ctx, (void)from, (void)tp, (void)proposal;
}

static void start_machines(const struct setup *setup)
{
    /* A read takes 10 ms and a write 1; a flush 10. */
    static const struct model_disk_config ssd = {.kind = MODEL_DISK_SSD,
                                                 .count = 1,
                                                 .servers = 8,
                                                 .size_bytes = UINT64_C(1) << 40,
                                                 .flush_ns = 10 * MS,
                                                 .read_latency_ns = 10 * MS,
                                                 .write_latency_ns = 1 * MS};
    struct model_machine_config config = {
        .name = "broker",
        .cpu = {.vcpus = 8, .speed = 1, .quantum_ns = MS, .wakeup_ns = setup->wakeup_ns},
        .cache = {.size_bytes = CACHE_BYTES,
                  .dirtyable_bytes = setup->dirtyable_bytes,
                  .dirty_background_ratio = 0.1,
                  .dirty_ratio = 0.2,
                  .dirty_expire_ns = 30000 * MS},
        .disk_count = 1,
        .disks = &ssd};
    model_machine_init(&machine, &the_sim, &net, &config);
    config.name = "client";
    config.disk_count = 0;
    model_machine_init(&client, &the_sim, &net, &config);
}

static void add_partition(int32_t partition, int64_t flush_messages)
{
    struct broker_tp tp = {0, partition};
    struct broker_log_config log;
    broker_log_config_init(&log);
    log.allow_holes = true;
    log.max_message_bytes = INT32_MAX;
    if (flush_messages > 0)
        log.flush_messages = flush_messages;
    struct broker_partition_config config = {.min_insync_replicas = 1,
                                             .replica_lag_time_max_ms = 30000};
    assert_int_equal(model_host_add_replica(host, tp, "t", 0, &log, &config, NULL), BROKER_OK);
    struct broker_partition_state state = {.leader = 0, .replica_count = 1, .isr_count = 1};
    assert_int_equal(model_host_apply(host, tp, &state, NULL), BROKER_OK);
}

static void start(const struct setup *setup)
{
    sim_init(&the_sim);
    struct model_net_config way = {.same_rack_rtt_ns = 2 * WAY_NS};
    model_net_init(&net, &the_sim, &way);
    start_machines(setup);
    struct model_host_config config = {
        .num_network_threads = setup->network_threads,
        .num_io_threads = setup->io_threads,
        .queued_max_requests = setup->queued_max_requests ? setup->queued_max_requests : 500,
        .num_replica_fetchers = 1,
        .background_threads = 1,
        .socket_send_buffer_bytes = setup->send_buffer ? setup->send_buffer : 1 << 20,
        .epoch_ms = INT64_C(1700000000000),
        .seed = 7,
        .replication = setup->replication,
    };
    broker_config_init(&config.broker);
    broker_dir_config_init(&config.dir);
    profile = costs;
    const uint32_t partitions = PARTITIONS;
    host =
        model_host_new(&the_sim, &net, &machine, &profile, &config, &partitions, 1, propose, NULL);
    for (int32_t p = 0; p < PARTITIONS; p++)
        add_partition(p, setup->flush_messages);
    model_host_start(host, &host, 1);
    for (uint32_t i = 0; i < setup->connections; i++)
        connection[i] = (struct model_connection){
            .client = &client, .server = &machine, .thread = model_host_accept(host)};
}

static void stop(void)
{
    model_host_free(host);
    model_machine_release(&client);
    model_machine_release(&machine);
    model_net_release(&net);
    sim_release(&the_sim);
}

/* ---- clients ---- */

struct request {
    struct model_call call;
    struct broker_produce_part part;
    struct broker_span spans[2];
    uint8_t header[BROKER_BATCH_HEADER_BYTES];
    struct broker_fetch_part want;
    int64_t ended_ns; /* 0: not yet */
    uint64_t bytes;   /* fetched */
};

static void ended(struct model_call *call)
{
    struct request *r = sim_container(call, struct request, call);
    assert_int_equal(r->ended_ns, 0);
    r->ended_ns = sim_now_ns(&the_sim);
    if (call->kind == MODEL_FETCH && call->outcome == MODEL_CALL_ANSWERED)
        r->bytes = broker_fetch_answer(call->op)->bytes;
}

static void arrived(struct model_transfer *transfer)
{
    model_host_receive(host, sim_container(transfer, struct model_call, transfer));
}

static void send(struct request *r, struct model_connection *on)
{
    r->call.connection = on;
    r->call.generation = on->generation;
    r->call.request_bytes = REQUEST_BYTES;
    r->call.answered = ended;
    r->call.transfer.done = arrived;
    model_net_send(&net, &r->call.transfer, &client, &machine, REQUEST_BYTES, on);
}

/* One batch of ten records, acks=1. */
static void produce(struct request *r, struct model_connection *on, int32_t partition,
                    uint64_t bytes)
{
    *r = (struct request){.call = {.kind = MODEL_PRODUCE}};
    struct broker_batch_header header = {
        .producer_id = -1, .producer_epoch = -1, .base_sequence = -1, .record_count = 10};
    broker_batch_build_opaque(&header, bytes - BROKER_BATCH_HEADER_BYTES, r->header);
    r->spans[0] = (struct broker_span){r->header, BROKER_BATCH_HEADER_BYTES};
    r->spans[1] = (struct broker_span){NULL, bytes - BROKER_BATCH_HEADER_BYTES};
    r->part = (struct broker_produce_part){{0, partition}, r->spans, .span_count = 2};
    r->call.produce.parts = &r->part;
    r->call.produce.count = 1;
    r->call.produce.acks = 1;
    r->call.produce.records = 10;
    send(r, on);
}

/* All of partition 0. */
static void fetch(struct request *r, struct model_connection *on, uint32_t min_bytes,
                  int32_t max_wait_ms)
{
    *r = (struct request){.call = {.kind = MODEL_FETCH}};
    r->want.want = (struct broker_fetch_want){.log_start_offset = -1, .current_leader_epoch = -1};
    r->want.want.last_fetched_epoch = -1;
    r->want.want.partition_max_bytes = r->call.fetch.max_bytes = INT32_MAX;
    r->call.fetch.replica_id = r->call.fetch.session_epoch = -1;
    r->call.fetch.min_bytes = min_bytes;
    r->call.fetch.max_wait_ms = max_wait_ms;
    r->call.fetch.parts = &r->want;
    r->call.fetch.part_count = 1;
    send(r, on);
}

static void assert_answered(const struct request *r)
{
    assert_int_not_equal(r->ended_ns, 0);
    assert_int_equal(r->call.outcome, MODEL_CALL_ANSWERED);
    assert_int_equal(r->part.result.error, KAFKA_NONE);
}

static void assert_lost(const struct request *r, int64_t ended_ns)
{
    assert_int_equal(r->ended_ns, ended_ns);
    assert_int_equal(r->call.outcome, MODEL_CALL_LOST);
}

static int64_t end_offset(int32_t partition)
{
    return broker_log_end_offset(model_host_log(host, (struct broker_tp){0, partition}));
}

static struct model_host_stats figures(void)
{
    struct model_host_stats stats;
    model_host_stats(host, &stats);
    return stats;
}

/* ---- the way of a request ---- */

static void produce__takes_the_sum_of_what_its_threads_do(void **state)
{
    (void)state;
    start(&(struct setup){
        .network_threads = 1, .io_threads = 1, .connections = 1, .wakeup_ns = 3 * US});
    profile.receive.byte_ns = 10;
    profile.append.record_ns = 1000;
    profile.append.byte_ns = 10;
    profile.send.byte_ns = 100;
    struct request r;
    produce(&r, &connection[0], 0, BATCH_BYTES);
    sim_run_until(&the_sim, 10 * MS);
    assert_answered(&r);

    /* Each thread is woken: 3. Reading: a turn, the request, 2,000 bytes. */
    const struct model_stamps *at = &r.call.at;
    assert_int_equal(at->received_ns, WAY_NS + (3 + 1 + 10 + 20) * US);
    assert_int_equal(at->taken_ns, at->received_ns);
    /* The request, ten records, 1,000 bytes; with acks=1 nothing is left to wait for. */
    assert_int_equal(at->local_ns, at->taken_ns + (3 + 100 + 10 + 10) * US);
    assert_int_equal(at->ready_ns, at->local_ns);
    assert_int_equal(at->response_ns, at->ready_ns);
    /* A turn, the answer and its 66 bytes. */
    assert_int_equal(r.call.response_bytes, 66);
    assert_int_equal(at->responded_ns, at->response_ns + (3 + 1 + 5) * US + 6600);
    assert_int_equal(at->answered_ns, at->responded_ns + WAY_NS);
    assert_int_equal(r.ended_ns, at->answered_ns);
    assert_int_equal(end_offset(0), 10);
    stop();
}

/* I/O threads are idle, and so is the network thread; yet each is read when the one before is answered: 11 + 100 + 6 later. */
static void connection__is_muted_from_receipt_to_answer(void **state)
{
    (void)state;
    start(&(struct setup){.network_threads = 1, .io_threads = 3, .connections = 1});
    struct request r[3];
    for (int i = 0; i < 3; i++)
        produce(&r[i], &connection[0], i % PARTITIONS, BATCH_BYTES);
    sim_run_until(&the_sim, 10 * MS);
    for (int i = 0; i < 3; i++) {
        assert_answered(&r[i]);
        assert_int_equal(r[i].call.at.arrived_ns, WAY_NS);
        assert_int_equal(r[i].call.at.turn_ns, WAY_NS + 117 * i * US);
        assert_int_equal(r[i].call.at.received_ns, WAY_NS + (117 * i + 11) * US);
        assert_int_equal(r[i].call.at.responded_ns, WAY_NS + 117 * (i + 1) * US);
        assert_int_equal(r[i].ended_ns, 2 * WAY_NS + 117 * (i + 1) * US);
    }
    stop();
}

static void connections__of_two_threads_do_not_wait_for_each_other(void **state)
{
    (void)state;
    start(&(struct setup){.network_threads = 2, .io_threads = 2, .connections = 2});
    struct request r[2];
    for (int i = 0; i < 2; i++)
        produce(&r[i], &connection[i], i, BATCH_BYTES);
    sim_run_until(&the_sim, 10 * MS);
    assert_int_not_equal(connection[0].thread, connection[1].thread);
    for (int i = 0; i < 2; i++) {
        assert_answered(&r[i]);
        assert_int_equal(r[i].call.at.taken_ns, WAY_NS + 11 * US);
        assert_int_equal(r[i].ended_ns, WAY_NS + 117 * US + WAY_NS);
    }
    stop();
}

/*
 * In us after five requests came. Read: 11 and, in one turn, 22, 32. The first is in hand and the second queued, so the third stops the thread
 * until 111, when the second is taken; the fourth is read at 121 and stops it until 211, the fifth at 221 until 311. Only then are
 * answers written, the first of which was ready at 111.
 */
static void request_queue__that_is_full_stops_the_network_thread(void **state)
{
    (void)state;
    start(&(struct setup){
        .network_threads = 1, .io_threads = 1, .connections = 5, .queued_max_requests = 1});
    struct request r[5];
    for (int i = 0; i < 5; i++)
        produce(&r[i], &connection[i], 0, BATCH_BYTES);
    sim_run_until(&the_sim, 10 * MS);
    static const int read_us[] = {11, 22, 32, 121, 221}, responded_us[] = {317, 322, 327};
    for (int i = 0; i < 5; i++) {
        assert_answered(&r[i]);
        assert_int_equal(r[i].call.at.received_ns, WAY_NS + read_us[i] * US);
        assert_int_equal(r[i].call.at.taken_ns, WAY_NS + (11 + 100 * i) * US);
    }
    for (int i = 0; i < 3; i++)
        assert_int_equal(r[i].call.at.responded_ns, WAY_NS + responded_us[i] * US);
    struct model_host_stats stats = figures();
    assert_int_equal(stats.queue_full_blocks, 3);
    assert_int_equal(stats.request_queue_max, 1);
    assert_int_equal(stats.requests[MODEL_PRODUCE], 5);
    assert_int_equal(end_offset(0), 50);
    stop();
}

/* ---- reads from the disk ---- */

static void cold_read__stops_the_connections_of_its_thread_alone(void **state)
{
    (void)state;
    start(&(struct setup){.network_threads = 2, .io_threads = 4, .connections = 4});
    /* Two rounds of the acceptor: two connections on each thread. */
    int near = connection[2].thread == connection[0].thread ? 2 : 3;
    assert_int_equal(connection[near].thread, connection[0].thread);
    assert_int_not_equal(connection[1].thread, connection[0].thread);
    struct request batch, cold, beside, other, warm;
    produce(&batch, &connection[0], 0, COLD_BYTES);
    sim_run_until(&the_sim, 10 * MS);
    assert_answered(&batch);
    model_cache_fill(machine.cache, CACHE_BYTES); /* something else, as much as fits */

    /* Read in 21 us, looked up in 80, written after 6 and a disk's read. */
    fetch(&cold, &connection[0], 1, 0);
    int64_t read_ns = 10 * MS + WAY_NS + (21 + 80 + 6) * US;
    sim_run_until(&the_sim, 12 * MS);
    produce(&beside, &connection[near], 1, BATCH_BYTES);
    produce(&other, &connection[1], 0, BATCH_BYTES);
    sim_run_until(&the_sim, 30 * MS);
    assert_answered(&cold);
    assert_int_equal(cold.bytes, COLD_BYTES);
    assert_int_equal(figures().cold_bytes, COLD_BYTES);
    assert_int_equal(cold.call.at.responded_ns, read_ns + 10 * MS);
    assert_int_equal(beside.call.at.received_ns, read_ns + 10 * MS + 11 * US);
    assert_int_equal(other.ended_ns, 12 * MS + 2 * WAY_NS + 117 * US);

    /* Whoever reads it next finds it in memory. */
    fetch(&warm, &connection[1], 1, 0);
    sim_run_until(&the_sim, 40 * MS);
    assert_int_equal(warm.bytes, COLD_BYTES + BATCH_BYTES);
    assert_int_equal(warm.ended_ns, 30 * MS + 2 * WAY_NS + (21 + 80 + 6) * US);
    assert_int_equal(figures().cold_bytes, COLD_BYTES);
    stop();
}

/* Four windows of read-ahead on the disk, and a socket that takes one at a time. */
static void fetch_cold(struct request *cold, int64_t *read_ns)
{
    struct request batch;
    start(&(struct setup){
        .network_threads = 1, .io_threads = 4, .connections = 2, .send_buffer = COLD_BYTES});
    produce(&batch, &connection[0], 0, 4 * COLD_BYTES);
    sim_run_until(&the_sim, 10 * MS);
    assert_answered(&batch);
    model_cache_fill(machine.cache, CACHE_BYTES);
    fetch(cold, &connection[0], 1, 0);
    *read_ns = 10 * MS + WAY_NS + (21 + 80 + 6) * US;
    sim_run_until(&the_sim, 12 * MS);
}

static void cold_read__lets_others_in_whenever_the_socket_is_full(void **state)
{
    (void)state;
    struct request cold, beside;
    int64_t read_ns;
    fetch_cold(&cold, &read_ns);
    produce(&beside, &connection[1], 1, BATCH_BYTES);
    sim_run_until(&the_sim, 100 * MS);
    assert_answered(&cold);
    assert_int_equal(cold.bytes, 4 * COLD_BYTES);
    assert_int_equal(figures().cold_bytes, 4 * COLD_BYTES);
    /* Behind the first window. While it is appended the next is sent, which waits for the disk: its answer comes behind that. */
    assert_int_equal(beside.call.at.received_ns, read_ns + 10 * MS + 11 * US);
    assert_in_range(beside.call.at.responded_ns, read_ns + 10 * MS, read_ns + 21 * MS);
    /* Each window is asked for when the one before it begins to be sent. */
    assert_in_range(cold.call.at.responded_ns, read_ns + 40 * MS, read_ns + 40 * MS + MS);
    stop();
}

static void close__ends_an_answer_that_waits_for_room(void **state)
{
    (void)state;
    struct request cold;
    int64_t read_ns;
    fetch_cold(&cold, &read_ns);
    model_host_close(host, &connection[0]);
    sim_run_until(&the_sim, 100 * MS);
    assert_int_equal(cold.call.outcome, MODEL_CALL_LOST);
    assert_in_range(cold.ended_ns, read_ns + 10 * MS, read_ns + 20 * MS);
    stop();
}

/* ---- connections ---- */

enum { THREADS = 4, ROUNDS = 5, TURNS = THREADS * ROUNDS };

static void accept_in(uint32_t replication, uint32_t turns[TURNS])
{
    start(&(struct setup){.network_threads = THREADS, .io_threads = 1, .replication = replication});
    for (int i = 0; i < TURNS; i++)
        turns[i] = model_host_accept(host);
    stop();
}

static void accept__gives_each_thread_once_a_round(void **state)
{
    (void)state;
    uint32_t turns[TURNS];
    accept_in(0, turns);
    for (int round = 0; round < ROUNDS; round++) {
        uint32_t seen = 0;
        for (int i = 0; i < THREADS; i++)
            seen |= 1u << turns[round * THREADS + i];
        assert_int_equal(seen, (1u << THREADS) - 1);
    }
}

static void accept__draws_an_order_that_a_replication_repeats(void **state)
{
    (void)state;
    uint32_t first[TURNS], turns[TURNS], again[TURNS], seen = 0;
    accept_in(0, first);
    for (uint32_t replication = 1; replication <= 20; replication++) {
        accept_in(replication, turns);
        accept_in(replication, again);
        assert_memory_equal(turns, again, sizeof turns);
        assert_memory_not_equal(turns, first, sizeof turns);
        seen |= 1u << turns[0];
    }
    /* Any of them comes first: that one of four never does in twenty has a chance of 1.3 %, and the seed is fixed. */
    assert_int_equal(seen, (1u << THREADS) - 1);
}

static void close__drops_what_is_not_in_hand(void **state)
{
    (void)state;
    start(&(struct setup){.network_threads = 2, .io_threads = 2, .connections = 1});
    profile.append.request_ns = 1e6;
    uint32_t thread = connection[0].thread;
    struct request in_hand, behind, under_way, after;
    produce(&in_hand, &connection[0], 0, BATCH_BYTES);
    produce(&behind, &connection[0], 0, BATCH_BYTES);
    sim_run_until(&the_sim, 100 * US);
    produce(&under_way, &connection[0], 0, BATCH_BYTES);
    sim_run_until(&the_sim, 150 * US);
    model_host_close(host, &connection[0]);
    assert_int_equal(behind.ended_ns, 0);
    assert_int_not_equal(connection[0].thread, thread); /* the round's other one */
    produce(&after, &connection[0], 1, BATCH_BYTES);
    sim_run_until(&the_sim, 10 * MS);

    assert_lost(&behind, 150 * US);
    assert_lost(&under_way, 100 * US + WAY_NS);
    assert_int_equal(behind.call.at.received_ns + under_way.call.at.received_ns, 0);
    /* It is appended, and no answer is written. */
    assert_lost(&in_hand, WAY_NS + 11 * US + MS);
    assert_int_equal(in_hand.call.at.response_ns, 0);
    assert_int_equal(end_offset(0), 10);
    /* What comes on the new connection does not wait for that. */
    assert_answered(&after);
    assert_int_equal(after.call.at.received_ns, 150 * US + WAY_NS + 11 * US);
    assert_int_equal(end_offset(1), 10);
    stop();
}

static void close__loses_an_answer_that_is_on_its_way(void **state)
{
    (void)state;
    start(&(struct setup){.network_threads = 2, .io_threads = 1, .connections = 1});
    struct request r;
    produce(&r, &connection[0], 0, BATCH_BYTES);
    sim_run_until(&the_sim, WAY_NS + 150 * US);
    assert_int_equal(r.call.at.responded_ns, WAY_NS + 117 * US);
    model_host_close(host, &connection[0]);
    sim_run_until(&the_sim, 10 * MS);
    assert_lost(&r, 2 * WAY_NS + 117 * US);
    stop();
}

/* ---- waiting ---- */

static void fetch__waits_for_its_least_bytes(void **state)
{
    (void)state;
    start(&(struct setup){.network_threads = 2, .io_threads = 2, .connections = 2});
    struct request wants, first, second;
    fetch(&wants, &connection[0], 2 * BATCH_BYTES, 500);
    sim_run_until(&the_sim, 5 * MS);
    produce(&first, &connection[1], 0, BATCH_BYTES);
    sim_run_until(&the_sim, 20 * MS);
    assert_answered(&first);
    assert_int_equal(wants.ended_ns, 0);
    assert_int_equal(model_host_counters(host)->fetch_waiting, 1);
    produce(&second, &connection[1], 0, BATCH_BYTES);
    sim_run_until(&the_sim, 30 * MS);
    assert_answered(&wants);
    assert_int_equal(wants.bytes, 2 * BATCH_BYTES);
    assert_int_equal(wants.call.at.local_ns, WAY_NS + (21 + 80) * US);
    /* The thread that appended looks at the partition again, its own answer gone before. */
    assert_int_equal(second.call.at.ready_ns, 20 * MS + WAY_NS + 111 * US);
    assert_int_equal(wants.call.at.ready_ns, second.call.at.ready_ns + 30 * US);
    stop();
}

static void fetch__pays_for_what_it_finds_on_the_thread_that_reads(void **state)
{
    (void)state;
    start(&(struct setup){.network_threads = 2, .io_threads = 2, .connections = 2});
    struct request empty, waits, batch, finds;
    profile.read_partition_ns = 7000;
    fetch(&empty, &connection[0], 1, 0);
    sim_run_until(&the_sim, 5 * MS);
    assert_int_equal(empty.call.at.ready_ns, WAY_NS + (21 + 80) * US);
    fetch(&waits, &connection[0], 1, 500);
    sim_run_until(&the_sim, 10 * MS);
    produce(&batch, &connection[1], 0, BATCH_BYTES);
    sim_run_until(&the_sim, 15 * MS);
    /* The producer is answered first; then its handler looks at the partition and reads it. */
    assert_int_equal(waits.call.at.ready_ns, batch.call.at.ready_ns + (30 + 7) * US);
    fetch(&finds, &connection[1], 1, 0);
    sim_run_until(&the_sim, 20 * MS);
    assert_int_equal(finds.bytes, BATCH_BYTES);
    assert_int_equal(finds.call.at.ready_ns, 15 * MS + WAY_NS + (21 + 80 + 7) * US);
    stop();
}

static void fetch__takes_what_is_there_when_its_wait_is_over(void **state)
{
    (void)state;
    start(&(struct setup){.network_threads = 2, .io_threads = 2, .connections = 2});
    struct request wants, only;
    fetch(&wants, &connection[0], 2 * BATCH_BYTES, 50);
    sim_run_until(&the_sim, 5 * MS);
    produce(&only, &connection[1], 0, BATCH_BYTES);
    sim_run_until(&the_sim, 100 * MS);
    assert_answered(&wants);
    assert_int_equal(wants.bytes, BATCH_BYTES);
    assert_int_equal(model_host_counters(host)->fetch_expired, 1);
    /* It began to wait in millisecond 0 of the broker's clock. */
    assert_int_equal(wants.call.at.ready_ns, 50 * MS);
    stop();
}

/* ---- causality ---- */

/* Between the append at 5.211 ms and done_ns nobody sees it: neither who waits for it nor who asks. The next waits for the lock. */
static void assert_unread_until(uint64_t bytes, int64_t done_ns, int64_t next_ns)
{
    struct request waits, batch, asks, next;
    fetch(&waits, &connection[0], 1, 500);
    sim_run_until(&the_sim, 5 * MS);
    produce(&batch, &connection[1], 0, bytes);
    sim_run_until(&the_sim, 10 * MS);
    const struct broker_log *log = model_host_log(host, (struct broker_tp){0, 0});
    assert_int_equal(broker_log_size_bytes(log), bytes);
    assert_int_equal(broker_log_end_offset(log), 0);
    fetch(&asks, &connection[2], 1, 0);
    produce(&next, &connection[3], 0, BATCH_BYTES);
    sim_run_until(&the_sim, 15 * MS);
    assert_answered(&asks);
    assert_int_equal(asks.bytes, 0);
    sim_run_until(&the_sim, 100 * MS);

    assert_answered(&batch);
    assert_int_equal(batch.call.at.local_ns, done_ns);
    assert_answered(&waits);
    assert_int_equal(waits.bytes, bytes);
    assert_int_equal(waits.call.at.ready_ns, done_ns + 30 * US);
    assert_true(next.call.at.taken_ns < 11 * MS);
    assert_int_equal(next.call.at.local_ns, next_ns);
}

/*
 * A commit is two writes of 1 ms, each with a flush of 10: 22. The folder, since the log is new: 1 + 22. The log: 1 + 22. Each of the two
 * indexes: a flush, which is a command of 1 ms as nothing was written since the last one. The
 * next append has no folder to sync.
 */
static void append__is_read_by_nobody_before_its_sync_is_over(void **state)
{
    (void)state;
    start(&(struct setup){
        .network_threads = 2, .io_threads = 4, .connections = 4, .flush_messages = 1});
    int64_t done_ns = 5 * MS + WAY_NS + 111 * US + 48 * MS;
    assert_unread_until(BATCH_BYTES, done_ns, done_ns + 100 * US + 25 * MS);
    assert_int_equal(figures().syncs, 2);
    stop();
}

/*
 * Dirty memory may be 2 MB and is free up to 1.5. At 1.75, the middle, a writer is let go on at what the disk is believed to write, 100 MB/s:
 * 17.5 ms for 1.75 MB. By the next append it is written.
 */
static void append__is_read_by_nobody_before_its_write_pause_is_over(void **state)
{
    (void)state;
    start(&(struct setup){
        .network_threads = 2, .io_threads = 4, .connections = 4, .dirtyable_bytes = 10000000});
    int64_t done_ns = 5 * MS + WAY_NS + 111 * US + 17500 * US;
    assert_unread_until(1750000, done_ns, done_ns + 100 * US);
    struct model_host_stats stats = figures();
    assert_int_equal(stats.write_pauses, 1);
    assert_int_equal(stats.write_pause_ns, 17500 * US);
    stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(produce__takes_the_sum_of_what_its_threads_do),
        cmocka_unit_test(connection__is_muted_from_receipt_to_answer),
        cmocka_unit_test(connections__of_two_threads_do_not_wait_for_each_other),
        cmocka_unit_test(request_queue__that_is_full_stops_the_network_thread),
        cmocka_unit_test(cold_read__stops_the_connections_of_its_thread_alone),
        cmocka_unit_test(cold_read__lets_others_in_whenever_the_socket_is_full),
        cmocka_unit_test(close__ends_an_answer_that_waits_for_room),
        cmocka_unit_test(accept__gives_each_thread_once_a_round),
        cmocka_unit_test(accept__draws_an_order_that_a_replication_repeats),
        cmocka_unit_test(close__drops_what_is_not_in_hand),
        cmocka_unit_test(close__loses_an_answer_that_is_on_its_way),
        cmocka_unit_test(fetch__waits_for_its_least_bytes),
        cmocka_unit_test(fetch__pays_for_what_it_finds_on_the_thread_that_reads),
        cmocka_unit_test(fetch__takes_what_is_there_when_its_wait_is_over),
        cmocka_unit_test(append__is_read_by_nobody_before_its_sync_is_over),
        cmocka_unit_test(append__is_read_by_nobody_before_its_write_pause_is_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
