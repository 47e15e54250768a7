/*
 * model/client/batch.c - a batch's bytes: header with CRC, the span of its records' times, then a hole.
 */
#include <assert.h>

#include "broker-core/record/ratio_estimate.h"
#include "model/client/producer_internal.h"

/* Java learns from each closed batch (reference/kafka/clients.md section 1). */
static void learn_ratio(struct model_producer *p, uint64_t raw, uint64_t compressed)
{
    if (producer_is_java(p) && p->config.compression.codec != BROKER_NONE)
        p->ratio_estimate =
            broker_ratio_estimate_next(p->ratio_estimate, (double)compressed / (double)raw);
}

static void assign_sequence(struct model_producer *p, struct batch *batch)
{
    if (batch->sequenced || !p->config.idempotent)
        return;
    struct part *part = &p->parts[batch->partition];
    batch->sequenced = true;
    batch->base_sequence = part->next_sequence;
    batch->producer_epoch = part->producer_epoch;
    part->next_sequence =
        (int32_t)(((uint32_t)part->next_sequence + batch->span.count) & 0x7fffffff);
}

/* No time is before 0. */
static int64_t without_wait(const struct model_producer *p, int64_t at_ns)
{
    return at_ns > p->app_late_ns ? at_ns - p->app_late_ns : 0;
}

void batch_build(struct model_producer *p, struct batch *batch)
{
    assert(batch->span.count > 0);
    assign_sequence(p, batch);
    uint64_t records = model_compression_bytes(&p->config.compression, batch->raw_bytes);
    learn_ratio(p, batch->raw_bytes, records);
    /* The span must find room: the smallest batches of all are a few bytes larger than real ones. */
    if (records < MODEL_SPAN_BYTES)
        records = MODEL_SPAN_BYTES;
    uint8_t *span = batch->bytes + BROKER_BATCH_HEADER_BYTES;
    bool apart = batch->groups == batch->span.count || batch->groups > UINT16_MAX;
    batch->span.groups = apart ? 0 : (uint16_t)batch->groups;
    struct model_span meant = batch->span;
    meant.first_ns = without_wait(p, meant.first_ns);
    meant.last_ns = without_wait(p, meant.last_ns);
    model_span_write(&meant, span);
    struct broker_span content[2] = {{span, MODEL_SPAN_BYTES}, {NULL, records - MODEL_SPAN_BYTES}};
    struct broker_batch_header header = {
        .partition_leader_epoch = -1,
        .attributes = (int16_t)p->config.compression.codec,
        .base_timestamp_ms = p->config.epoch_ms + batch->span.first_ns / 1000000,
        .max_timestamp_ms = p->config.epoch_ms + batch->span.last_ns / 1000000,
        .producer_id = batch->sequenced ? p->config.producer_id : -1,
        .producer_epoch = batch->sequenced ? batch->producer_epoch : -1,
        .base_sequence = batch->sequenced ? batch->base_sequence : -1,
        .record_count = (int32_t)batch->span.count,
    };
    broker_batch_build(&header, content, content[1].size > 0 ? 2 : 1, batch->bytes);
    batch->wire_bytes = BROKER_BATCH_HEADER_BYTES + records;
    batch->spans[0] = (struct broker_span){batch->bytes, sizeof batch->bytes};
    batch->spans[1] = content[1];
    batch->built = true;
}

void batch_record_age(const struct model_producer *p, const struct batch *batch,
                      struct sim_histogram *histogram, int64_t now_ns)
{
    now_ns += p->app_late_ns;
    if (batch->stretch_count > 0)
        sim_histogram_record_ages(histogram, now_ns, batch->stretches, batch->stretch_count);
    else
        sim_histogram_record_groups(histogram, now_ns - batch->span.first_ns,
                                    now_ns - batch->span.last_ns, (int64_t)batch->groups,
                                    batch->span.count);
}

/* ---- records ---- */

uint32_t batch_record_overhead(const struct model_producer_config *config)
{
    return model_call_record_overhead_bytes(config->arrivals.sizes.mean_bytes, config->key_bytes,
                                            (double)config->batch_size, config->linger_ns);
}
