/*
 * model/client/commit.c - committing offsets: an acks=all produce of one record a partition to the offsets topic.
 *
 * Omits    The coordinator's own batching of commits (group.coordinator.append.linger.ms) and its answer's way: the produce stands for both.
 * Source   reference/kafka/groups.md sections 1 and 4.
 */
#include <assert.h>
#include <string.h>

#include "model/client/consumer_internal.h"

/*
 * A commit's record (groups.md section 1, v3): key type 2 + group 2 + n + topic 2 + n + partition 4; value version 2 + offset 8 +
 * epoch 4 + metadata 2 + timestamp 8; record framing 7 (clients.md section 3). Names of 20 characters: judgement.
 */
#define COMMIT_RECORD_BYTES (2 + 2 + 20 + 2 + 20 + 4 + 2 + 8 + 4 + 2 + 8 + 7)
/* offsets.commit.timeout.ms */
#define COMMIT_TIMEOUT_MS   5000

static void committed(struct model_call *call)
{
    struct model_consumer *c = call->owner;
    c->commit.in_flight = false;
    if (call->outcome == MODEL_CALL_LOST && !model_call_is_stale(call))
        network_client_disconnect(&c->network, c->commit.node);
    if (call->outcome == MODEL_CALL_ANSWERED && c->commit.part.result.error == KAFKA_NONE) {
        c->stats->commits++;
        sim_histogram_record(c->stats->commit_ns, sim_now_ns(c->sim) - call->at.created_ns);
    } else {
        c->stats->commits_failed++;
    }
}

static void build(struct model_consumer *c, int64_t now_ns)
{
    struct commit *commit = &c->commit;
    int64_t now_ms = c->config.epoch_ms + now_ns / 1000000;
    uint64_t bytes = (uint64_t)COMMIT_RECORD_BYTES * c->part_count;
    struct model_span span = {now_ns, now_ns, c->part_count, UINT16_MAX, 1};
    uint8_t *stamp = commit->bytes + BROKER_BATCH_HEADER_BYTES;
    model_span_write(&span, stamp);
    struct broker_span records[2] = {{stamp, MODEL_SPAN_BYTES}, {NULL, bytes - MODEL_SPAN_BYTES}};
    struct broker_batch_header header = {.partition_leader_epoch = -1,
                                         .base_timestamp_ms = now_ms,
                                         .max_timestamp_ms = now_ms,
                                         .producer_id = -1,
                                         .producer_epoch = -1,
                                         .base_sequence = -1,
                                         .record_count = (int32_t)c->part_count};
    broker_batch_build(&header, records, 2, commit->bytes);
    commit->spans[0] = (struct broker_span){commit->bytes, sizeof commit->bytes};
    commit->spans[1] = records[1];
}

/* Of the coordinator's connection; where that partition has moved, of its leader's other one. */
static uint32_t node_of(const struct model_consumer *c, int32_t leader)
{
    const struct model_metadata *metadata = c->metadata;
    bool there = metadata->coordinator && metadata->coordinator->server_id == leader;
    return there ? metadata->broker_count : (uint32_t)leader;
}

static void send_on(struct model_consumer *c, uint32_t node, int64_t now_ns)
{
    struct commit *commit = &c->commit;
    build(c, now_ns);
    commit->part =
        (struct broker_produce_part){.tp = c->commit_tp, .spans = commit->spans, .span_count = 2};
    struct model_call *call = &commit->call;
    memset(call, 0, sizeof *call);
    call->kind = MODEL_PRODUCE;
    call->connection = network_client_connection(&c->network, node);
    call->produce.parts = &commit->part;
    call->produce.count = 1;
    call->produce.acks = -1;
    call->produce.timeout_ms = COMMIT_TIMEOUT_MS;
    call->produce.payload_bytes = call->produce.raw_bytes = broker_spans_size(commit->spans, 2);
    call->produce.records = c->part_count;
    call->request_bytes = model_call_produce_overhead_bytes(1, 1) + call->produce.payload_bytes;
    call->answered = committed;
    call->owner = c;
    call->at.created_ns = call->at.sent_ns = now_ns;
    commit->in_flight = true;
    commit->node = node;
    c->transport->send(c->transport, call);
}

void commit_send(struct model_consumer *c)
{
    int32_t leader = c->metadata->leader(c->metadata->ctx, c->commit_tp, NULL);
    c->commit.due = false;
    if (leader < 0) {
        c->stats->commits_failed++;
        return;
    }
    uint32_t node = node_of(c, leader);
    if (network_client_is_up(&c->network, node)) {
        send_on(c, node, sim_now_ns(c->sim));
        return;
    }
    c->commit.due = true;
    network_client_connect(&c->network, node);
}

void commit_init(struct model_consumer *c)
{
    const struct model_consumer_config *config = &c->config;
    c->commit_due_ns = NEVER;
    if (!config->auto_commit || config->offsets_topic < 0 || c->part_count == 0)
        return;
    assert(config->offsets_partitions > 0);
    c->commit_tp =
        (struct broker_tp){config->offsets_topic,
                           model_group_offsets_partition(config->name, config->offsets_partitions)};
    /* Members do not start in the same instant: the first commit falls anywhere in the interval. */
    struct sim_stream stream;
    sim_stream_initf(&stream, config->seed, config->replication, "group %s member %u commit",
                     config->name, config->member);
    c->commit_due_ns = sim_now_ns(c->sim) +
                       (int64_t)sim_uniform(&stream, 0, (double)config->auto_commit_interval_ns);
}

void commit_run(struct model_consumer *c)
{
    int64_t now = sim_now_ns(c->sim);
    if (c->commit_due_ns > now)
        return;
    c->commit_due_ns = now + c->config.auto_commit_interval_ns;
    if (!c->commit.in_flight)
        commit_send(c);
}
