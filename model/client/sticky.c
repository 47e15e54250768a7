/*
 * model/client/sticky.c - the partition that records without a key stick to.
 *
 * Source   reference/kafka/clients.md section 2.
 */
#include "model/client/producer_internal.h"

static bool sticky(const struct model_producer *p)
{
    return p->config.partitioner.kind == MODEL_PARTITIONER_STICKY;
}

static uint32_t draw_partition(struct model_producer *p)
{
    uint32_t partition = 0;
    bool adaptive = producer_is_java(p) && p->config.partitioner.adaptive;
    /* Rejection: a partition with the longest queue is taken with the smallest weight. Unreachable ones are
     * given up on after a while: there may be none else. */
    for (int tries = 0; tries < 1000; tries++) {
        partition = (uint32_t)sim_below(&p->sticky_random, p->config.partitions);
        const struct part *part = &p->parts[partition];
        if (part->link < 0)
            continue;
        uint64_t most = p->queue_length_max + 1;
        if (!adaptive || sim_below(&p->sticky_random, most) < most - part->length)
            break;
    }
    return partition;
}

/* Java (section 2): on after batch.size bytes, unless an open batch there still has room. librdkafka: after a time. */
uint32_t sticky_partition(struct model_producer *p, int64_t now_ns)
{
    if (producer_is_java(p)) {
        const struct batch *tail = p->parts[p->sticky_partition].tail;
        bool open = tail && tail->state == BATCH_OPEN;
        if (!open && p->sticky_produced >= (double)p->config.batch_size) {
            p->sticky_partition = draw_partition(p);
            p->sticky_produced = 0;
        }
    } else if (now_ns >= p->sticky_until_ns) {
        p->sticky_partition = draw_partition(p);
        p->sticky_until_ns = now_ns + p->config.partitioner.sticky_linger_ns;
    }
    return p->sticky_partition;
}

void sticky_note(struct model_producer *p, const struct batch *batch)
{
    if (!sticky(p) || !producer_is_java(p) || batch->partition != p->sticky_partition)
        return;
    double ratio = p->config.compression.codec == BROKER_NONE ? 1 : p->ratio_estimate * 1.05;
    p->sticky_produced += BROKER_BATCH_HEADER_BYTES + (double)batch->raw_bytes * ratio;
}

void sticky_start(struct model_producer *p)
{
    const struct model_producer_config *config = &p->config;
    sim_stream_initf(&p->sticky_random, config->seed, config->replication,
                     "producer %s client %u sticky", config->name, config->client);
    p->sticky_partition = draw_partition(p);
    p->sticky_until_ns = sticky(p) && !producer_is_java(p) ? sim_now_ns(p->sim) : NEVER;
}
