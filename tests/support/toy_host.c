#include "tests/support/toy_host.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/broker/env_sim.h"
#include "model/client/span.h"

/* A call on its way, to the broker or back. */
struct toy_way {
    struct sim_event event;
    struct toy_host *host;
    struct model_call *call;
    struct toy_way *next;
    struct toy_way *all;
};

static void arrive(struct sim *sim, struct sim_event *event);
static void come_back(struct sim *sim, struct sim_event *event);

static void set_clock(struct toy_host *host)
{
    env_sim_set_now(host->env, TOY_HOST_EPOCH_MS + sim_now_ns(host->sim) / 1000000);
}

static void travel(struct toy_host *host, struct model_call *call,
                   void (*fire)(struct sim *, struct sim_event *))
{
    struct toy_way *way = host->free_ways;
    if (way) {
        host->free_ways = way->next;
    } else {
        way = calloc(1, sizeof *way);
        assert(way);
        way->host = host;
        way->all = host->ways;
        host->ways = way;
    }
    bool free_of_charge = call->kind == MODEL_API_VERSIONS || call->kind == MODEL_METADATA;
    way->call = call;
    sim_event_init(&way->event, fire);
    sim_after(host->sim, &way->event, free_of_charge ? 0 : host->delay_ns);
}

static struct model_call *end_of_way(struct sim_event *event, struct toy_host **host)
{
    struct toy_way *way = sim_container(event, struct toy_way, event);
    *host = way->host;
    way->next = way->host->free_ways;
    way->host->free_ways = way;
    return way->call;
}

static void set_timer(struct toy_host *host)
{
    int64_t due_ms = broker_next_due_ms(host->broker);
    if (due_ms == INT64_MAX)
        return;
    int64_t due = (due_ms - TOY_HOST_EPOCH_MS) * 1000000;
    sim_at(host->sim, &host->timer, due > sim_now_ns(host->sim) ? due : sim_now_ns(host->sim),
           SIM_PRIORITY_NORMAL);
}

static void timer_fired(struct sim *sim, struct sim_event *event)
{
    (void)sim;
    struct toy_host *host = sim_container(event, struct toy_host, timer);
    struct broker_receipt receipt = {0};
    set_clock(host);
    broker_run_due(host->broker, TOY_HOST_EPOCH_MS + sim_now_ns(host->sim) / 1000000, &receipt);
    broker_run_deferred(host->broker, &receipt);
    set_timer(host);
}

static void ready(struct broker_op *op, void *ctx)
{
    travel(ctx, broker_op_host_data(op), come_back);
}

static void propose(void *ctx, struct broker_tp tp, const struct broker_partition_state *proposal)
{
    (void)ctx;
    (void)tp;
    (void)proposal;
}

static void arrive(struct sim *sim, struct sim_event *event)
{
    (void)sim;
    struct toy_host *host;
    struct model_call *call = end_of_way(event, &host);
    struct broker_receipt receipt = {0};
    set_clock(host);
    if (host->decide && !host->decide(host, call)) {
        call->outcome = MODEL_CALL_LOST;
        travel(host, call, come_back);
        return;
    }
    if (call->kind == MODEL_PRODUCE)
        call->op = broker_produce_new(host->broker, call->produce.acks, call->produce.timeout_ms,
                                      call->produce.parts, call->produce.count, call);
    else if (call->kind == MODEL_FETCH)
        call->op = broker_fetch_new(host->broker, &call->fetch, call);
    else
        call->op = broker_list_offsets_new(host->broker, -1, false, call->offsets.parts,
                                           call->offsets.count, call);
    assert(broker_op_run(call->op, &receipt) == BROKER_OK);
    if (broker_op_finish(call->op) == BROKER_OP_READY)
        travel(host, call, come_back);
    broker_run_deferred(host->broker, &receipt);
    set_timer(host);
}

static void come_back(struct sim *sim, struct sim_event *event)
{
    (void)sim;
    struct toy_host *host;
    struct model_call *call = end_of_way(event, &host);
    struct broker_op *op = call->op;
    if (call->kind == MODEL_FETCH)
        host->fetches_open--;
    call->answered(call);
    if (op)
        broker_op_free(op);
}

static void send(struct model_transport *transport, struct model_call *call)
{
    struct toy_host *host = sim_container(transport, struct toy_host, transport);
    host->calls[call->kind]++;
    if (call->kind == MODEL_FETCH) {
        host->parts_listed += call->fetch.part_count;
        if (++host->fetches_open > host->fetches_open_max)
            host->fetches_open_max = host->fetches_open;
    }
    call->op = NULL;
    call->outcome = MODEL_CALL_ANSWERED;
    call->generation = call->connection->generation;
    bool looks_up = call->kind == MODEL_API_VERSIONS || call->kind == MODEL_METADATA;
    travel(host, call, looks_up ? come_back : arrive);
}

static void close_connection(struct model_transport *transport, struct model_connection *connection)
{
    (void)transport;
    connection->generation++;
}

static int32_t leader(void *ctx, struct broker_tp tp, int32_t *leader_epoch)
{
    (void)ctx;
    (void)tp;
    if (leader_epoch)
        *leader_epoch = 0;
    return 0;
}

static void add_partition(struct toy_host *host, uint32_t index, struct broker_tp tp)
{
    char folder[32];
    struct broker_log_config config;
    struct broker_recovery recovery;
    struct broker_receipt receipt = {0};
    struct broker_err err = {{0}};
    broker_log_config_init(&config);
    config.allow_holes = true;
    snprintf(folder, sizeof folder, "t%d-%d", tp.topic, tp.partition);
    assert(broker_log_open(host->envs[0], folder, &config, true, 0, 0, &host->logs[index],
                           &recovery, &err) == BROKER_OK);
    struct broker_partition_config of = {.min_insync_replicas = 1,
                                         .replica_lag_time_max_ms = 30000};
    struct broker_partition *partition =
        broker_partition_new(host->envs[0], host->logs[index], 0, &of);
    struct broker_partition_state state = {.leader = 0, .replica_count = 1, .isr_count = 1};
    broker_add_partition(host->broker, tp, partition);
    assert(broker_partition_apply(partition, &state, &receipt, &err) == BROKER_OK);
}

void toy_host_init(struct toy_host *host, struct sim *sim, uint32_t partitions, int64_t delay_ns)
{
    assert(partitions <= TOY_HOST_PARTITIONS_MAX);
    memset(host, 0, sizeof *host);
    host->sim = sim;
    host->partitions = partitions;
    host->delay_ns = delay_ns;
    host->transport.send = send;
    host->transport.close = close_connection;
    host->env = env_sim_new(1, UINT64_C(1) << 40);
    host->envs[0] = env_sim_env(host->env);
    host->connections[0] = &host->connection;
    host->metadata = (struct model_metadata){
        .broker_count = 1, .connections = host->connections, .envs = host->envs, .leader = leader};
    sim_event_init(&host->timer, timer_fired);
    set_clock(host);
    struct broker_config config;
    broker_config_init(&config);
    config.broker_id = 0;
    host->broker = broker_new(host->envs[0], &config, ready, propose, host);
    for (uint32_t i = 0; i < partitions; i++)
        add_partition(host, i, (struct broker_tp){0, (int32_t)i});
    add_partition(host, partitions, (struct broker_tp){TOY_HOST_OFFSETS, 0});
}

/* Calls that are under way end here; their answers' operations with them. */
static void drop_ways(struct toy_host *host)
{
    while (host->ways) {
        struct toy_way *way = host->ways;
        host->ways = way->all;
        if (sim_is_pending(&way->event) && way->call->op)
            broker_op_free(way->call->op);
        sim_cancel(host->sim, &way->event);
        free(way);
    }
    host->free_ways = NULL;
}

void toy_host_release(struct toy_host *host)
{
    drop_ways(host);
    sim_cancel(host->sim, &host->timer);
    for (uint32_t i = 0; i <= host->partitions; i++) {
        struct broker_tp tp = i < host->partitions ? (struct broker_tp){0, (int32_t)i}
                                                   : (struct broker_tp){TOY_HOST_OFFSETS, 0};
        struct broker_receipt receipt = {0};
        struct broker_partition *partition = broker_remove_partition(host->broker, tp);
        broker_run_deferred(host->broker, &receipt);
        broker_partition_free(partition);
        broker_log_abandon(host->logs[i]);
    }
    drop_ways(host); /* operations that waited were answered by the removal */
    broker_free(host->broker);
    env_sim_free(host->env);
}

void toy_host_append(struct toy_host *host, int32_t partition, uint32_t records, uint64_t bytes,
                     int64_t first_ns, int64_t last_ns, bool stamped)
{
    uint8_t all[BROKER_BATCH_HEADER_BYTES + MODEL_SPAN_BYTES];
    uint8_t *stamp = all + BROKER_BATCH_HEADER_BYTES;
    struct model_span span = {first_ns, last_ns, records, 0, 0};
    model_span_write(&span, stamp);
    uint64_t head = stamped ? MODEL_SPAN_BYTES : 0;
    struct broker_span content[2] = {{stamped ? stamp : NULL, head}, {NULL, bytes - head}};
    struct broker_batch_header header = {.partition_leader_epoch = -1,
                                         .base_timestamp_ms = TOY_HOST_EPOCH_MS,
                                         .max_timestamp_ms = TOY_HOST_EPOCH_MS,
                                         .producer_id = -1,
                                         .producer_epoch = -1,
                                         .base_sequence = -1,
                                         .record_count = (int32_t)records};
    broker_batch_build(&header, stamped ? content : content + 1, stamped ? 2 : 1, all);
    struct broker_span spans[2] = {{all, BROKER_BATCH_HEADER_BYTES + head}, {NULL, bytes - head}};
    struct broker_produce_part part = {.tp = {0, partition}, .spans = spans, .span_count = 2};
    struct broker_receipt receipt = {0};
    set_clock(host);
    struct broker_op *op = broker_produce_new(host->broker, 1, 1000, &part, 1, NULL);
    assert(broker_op_run(op, &receipt) == BROKER_OK);
    assert(broker_op_finish(op) == BROKER_OP_READY && part.result.error == KAFKA_NONE);
    broker_op_free(op);
    broker_run_deferred(host->broker, &receipt);
    set_timer(host);
}
