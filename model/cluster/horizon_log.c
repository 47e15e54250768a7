/* See horizon_log.h. */
#include "model/cluster/horizon_log.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "model/client/span.h"
#include "model/cluster/retained.h"
#include "sim/dmath.h"

enum { BATCH_BYTES_MIN = BROKER_BATCH_HEADER_BYTES + MODEL_SPAN_BYTES + 1 };

static void stamp(const struct horizon_append *a, int64_t from_ms, int64_t to_ms, uint32_t count,
                  uint8_t bytes[MODEL_SPAN_BYTES])
{
    struct model_span span = {.first_ns = (from_ms - a->stamp_zero_ms) * 1000000,
                              .last_ns = (to_ms - a->stamp_zero_ms) * 1000000,
                              .count = count,
                              .producer = (uint16_t)a->stamp_producer};
    model_span_write(&span, bytes);
}

/*
 * Records of a batch. What is cut off counts in the next: a batch that holds 1.5 of them on the average has 1 or 2 in turn, so that as
 * many bytes lie between two offsets as between those of clients.
 */
static int32_t count_records(const struct horizon_append *a, uint64_t bytes)
{
    double records = (double)bytes / a->record_bytes + (a->record_rest ? *a->record_rest : 0);
    int32_t count = records < 1 ? 1 : records > INT32_MAX ? INT32_MAX : (int32_t)records;
    if (a->record_rest)
        *a->record_rest = records - count;
    return count;
}

static int append_batch(struct broker_log *log, const struct horizon_append *a, uint64_t bytes,
                        int64_t from_ms, int64_t to_ms, struct broker_receipt *receipt,
                        struct broker_err *err)
{
    uint8_t head[BROKER_BATCH_HEADER_BYTES], stamped[MODEL_SPAN_BYTES];
    struct broker_batch_header h = {.base_offset = broker_log_end_offset(log),
                                    .partition_leader_epoch = a->leader_epoch,
                                    .base_timestamp_ms = from_ms,
                                    .max_timestamp_ms = to_ms,
                                    .producer_id = -1,
                                    .producer_epoch = -1,
                                    .base_sequence = -1,
                                    .record_count = count_records(a, bytes)};
    struct broker_span spans[3] = {{head, sizeof head}};
    size_t count = 1;
    if (a->stamp_producer >= 0) {
        stamp(a, from_ms, to_ms, (uint32_t)h.record_count, stamped);
        spans[count++] = (struct broker_span){stamped, sizeof stamped};
    }
    uint64_t rest = bytes - sizeof head - (count - 1) * sizeof stamped;
    spans[count++] = (struct broker_span){NULL, rest};
    broker_batch_build(&h, spans + 1, count - 1, head);
    struct broker_append out;
    int rc = broker_log_append_as_follower(log, spans, count, a->leader_epoch, &out, err);
    if (rc != BROKER_OK)
        return rc;
    if (out.error != KAFKA_NONE)
        return broker_err_set(err, BROKER_EREFUSED, "append at offset %lld: Kafka error %d",
                              (long long)h.base_offset, (int)out.error);
    if (out.pending)
        broker_log_publish(log);
    broker_receipt_add(receipt, &out.receipt);
    return BROKER_OK;
}

/* The next batch: at most batch_bytes_max, cut to what fills the segment, and never leaving a rest too small for a batch. */
static uint64_t next_batch(const struct broker_log *log, const struct horizon_append *a,
                           uint64_t left)
{
    uint64_t active = broker_log_active_bytes(log), bytes = left;
    if (bytes > a->batch_bytes_max)
        bytes = a->batch_bytes_max;
    if (active + bytes > a->segment_bytes && active + BATCH_BYTES_MIN <= a->segment_bytes)
        bytes = a->segment_bytes - active;
    if (left - bytes > 0 && left - bytes < BATCH_BYTES_MIN && bytes > 2 * BATCH_BYTES_MIN)
        bytes -= BATCH_BYTES_MIN;
    return bytes;
}

int horizon_log_append(struct broker_log *log, const struct horizon_append *a,
                       struct broker_receipt *receipt, struct broker_err *err)
{
    double ms_a_byte = (double)(a->to_ms - a->from_ms) / (double)(a->bytes ? a->bytes : 1);
    uint64_t done = 0;
    assert(a->batch_bytes_max >= BATCH_BYTES_MIN && a->record_bytes > 0);
    while (a->bytes - done >= BATCH_BYTES_MIN) {
        uint64_t bytes = next_batch(log, a, a->bytes - done);
        int64_t from = a->from_ms + (int64_t)((double)done * ms_a_byte);
        int64_t to = a->from_ms + (int64_t)((double)(done + bytes) * ms_a_byte);
        int rc = append_batch(log, a, bytes, from, to, receipt, err);
        if (rc != BROKER_OK)
            return rc;
        done += bytes;
    }
    if (done)
        broker_log_set_high_watermark(log, broker_log_end_offset(log));
    return BROKER_OK;
}

/* ---- preload ---- */

/* Judgement: laid only to be deleted, at most. Segments that end by age hold up to some times their mean, by the hours' load. */
#define SEGMENTS_GONE 48

struct fill {
    struct env_sim *env;
    struct broker_log *log;
    const struct horizon_preload *p;
    struct broker_receipt receipt;
    int64_t now_ms;
    double record_rest;
};

/* What came within an age, and how old the oldest of so many bytes is. */
static double came_bytes(const struct horizon_preload *p, double age_ms)
{
    return p->bytes_per_s * horizon_week_worth_s(p->week, age_ms / 1e3);
}

static int64_t age_ms(const struct horizon_preload *p, double bytes_ago)
{
    return (int64_t)(horizon_week_age_s(p->week, bytes_ago / p->bytes_per_s) * 1e3);
}

/* Nothing is older than the clock: Kafka's largest retention.ms means for ever, as -1 does. */
static bool ends_by_age(const struct horizon_preload *p)
{
    return p->retention_ms >= 0 && p->retention_ms < HORIZON_EPOCH_MS;
}

/* What must have come since the oldest segment that may still be there began: what is kept, and one segment more. */
static double kept_bytes(const struct horizon_preload *p, double segment_bytes)
{
    /* Nor is a check longer ago than the clock has run; what is too much for a double would have no segment's place in it. */
    double most = INFINITY, check_ms = fmin((double)p->check_interval_ms, HORIZON_EPOCH_MS);
    if (ends_by_age(p))
        most = fmin(most, came_bytes(p, (double)p->retention_ms + check_ms));
    if (p->retention_bytes >= 0)
        most = fmin(most, (double)p->retention_bytes + came_bytes(p, check_ms));
    if (isinf(most))
        return 0;
    most += segment_bytes;
    if (p->segments_max > 0)
        most = fmin(most, segment_bytes * p->segments_max);
    return most;
}

static int fill_stretch(struct fill *f, double from_bytes_ago, double to_bytes_ago,
                        uint64_t batch_bytes, struct broker_err *err)
{
    /* The clock is moved before each append, so a batch at a time. */
    double left = from_bytes_ago - to_bytes_ago;
    while (left >= BATCH_BYTES_MIN) {
        double bytes = fmin(left, (double)batch_bytes), end = to_bytes_ago + left - bytes;
        struct horizon_append a = {.bytes = (uint64_t)bytes,
                                   .record_bytes = f->p->record_bytes,
                                   .record_rest = &f->record_rest,
                                   .from_ms = f->now_ms - age_ms(f->p, end + bytes),
                                   .to_ms = f->now_ms - age_ms(f->p, end),
                                   .batch_bytes_max = batch_bytes,
                                   .segment_bytes = (uint64_t)f->p->segment_bytes,
                                   .leader_epoch = f->p->leader_epoch,
                                   .stamp_producer = f->p->stamp_producer,
                                   .stamp_zero_ms = f->now_ms};
        env_sim_set_now(f->env, a.to_ms);
        int rc = horizon_log_append(f->log, &a, &f->receipt, err);
        if (rc != BROKER_OK)
            return rc;
        left -= bytes;
    }
    return BROKER_OK;
}

static int settle(struct fill *f, struct broker_err *err)
{
    uint32_t deleted;
    env_sim_set_now(f->env, f->now_ms);
    int rc = broker_log_run_tasks(f->log, f->now_ms, &f->receipt, err);
    if (rc == BROKER_OK)
        rc = broker_log_retain(f->log, &deleted, &f->receipt, err);
    if (rc == BROKER_OK)
        rc = broker_log_run_tasks(f->log, INT64_MAX - 1, &f->receipt, err);
    return rc == BROKER_OK ? broker_log_flush(f->log, INT64_MAX, &f->receipt, err) : rc;
}

/*
 * The newest bytes that have batches smaller than a segment. What is older is there to take space and to be deleted, segment by segment:
 * one batch each, cut where the segment is full. Segments that end by age need batches that are small beside them.
 */
static double read_part(const struct horizon_preload *p, double kept, double tail, double segment)
{
    if (p->read_bytes == 0 || segment < (double)p->segment_bytes)
        return kept;
    return fmin(kept, fmax(tail, (double)p->read_bytes));
}

static double segment_bytes_of(const struct horizon_preload *p)
{
    return fmin((double)p->segment_bytes, p->bytes_per_s * (double)p->segment_ms / 1e3);
}

/* Begin a random part of a segment later: all segments after it are shifted with it. */
static double shifted_bytes(const struct horizon_preload *p, struct sim_stream *random)
{
    double age = sim_unit(random); /* drawn in any case: what others draw must not depend on it */
    double segment = segment_bytes_of(p);
    return p->bytes_per_s > 0 ? kept_bytes(p, segment) - age * segment : 0;
}

/* Bytes of the whole segments at the beginning that retention deletes: the newest record too old, or enough left without them. */
static double gone_bytes(const struct horizon_preload *p, double first)
{
    double segment = segment_bytes_of(p), least = INFINITY;
    if (ends_by_age(p))
        least = came_bytes(p, (double)p->retention_ms);
    if (p->retention_bytes >= 0)
        least = fmin(least, (double)p->retention_bytes);
    return segment > 0 && first - segment >= least ? segment * sim_floor((first - least) / segment)
                                                   : 0;
}

double horizon_preload_first(const struct horizon_preload *p, struct sim_stream *random)
{
    double first = shifted_bytes(p, random);
    return fmax(first - gone_bytes(p, first), 0);
}

/*
 * Where the log is filled from. What retention takes at once need not be laid first, however long ago the last check was: some segments
 * of it do, since those that end by age are of different sizes where load differs by the hour.
 */
static double laid_bytes(const struct horizon_preload *p, struct sim_stream *random)
{
    double first = shifted_bytes(p, random);
    return first - fmax(0, gone_bytes(p, first) - SEGMENTS_GONE * segment_bytes_of(p));
}

/* The next place towards the end, from `at` on, where batches may change their size. */
static double next_edge(const struct horizon_preload *p, double at)
{
    double edge = 0;
    for (uint32_t i = 0; i < p->stretch_count; i++) {
        const struct horizon_stretch *s = &p->stretches[i];
        if (s->from_bytes < at)
            edge = fmax(edge, s->from_bytes);
        if (s->to_bytes < at)
            edge = fmax(edge, s->to_bytes);
    }
    return edge;
}

/* Size of the batches that follow `at`. */
static uint64_t batch_bytes_at(const struct horizon_preload *p, double at, uint64_t most)
{
    uint64_t bytes = most;
    for (uint32_t i = 0; i < p->stretch_count; i++) {
        const struct horizon_stretch *s = &p->stretches[i];
        if (s->from_bytes >= at && s->to_bytes < at && s->batch_bytes >= BATCH_BYTES_MIN &&
            s->batch_bytes < bytes)
            bytes = s->batch_bytes;
    }
    return bytes;
}

int horizon_preload_log(struct env_sim *env, struct broker_log *log,
                        const struct horizon_preload *p, int64_t now_ms, struct sim_stream *random,
                        struct broker_err *err)
{
    double kept = laid_bytes(p, random), segment = segment_bytes_of(p), tail = 0;
    uint64_t batch = (uint64_t)p->segment_bytes / 16;
    struct fill f = {.env = env, .log = log, .p = p, .now_ms = now_ms};
    assert(broker_log_end_offset(log) == 0);
    env_sim_set_now(env, now_ms);
    if (batch < BATCH_BYTES_MIN || kept < BATCH_BYTES_MIN)
        return BROKER_OK;
    for (uint32_t i = 0; i < p->stretch_count; i++)
        tail = fmax(tail, p->stretches[i].from_bytes);
    /* A slow partition's segments end by age: its batches must be small beside them. */
    batch = (uint64_t)fmax(BATCH_BYTES_MIN, fmin((double)batch, segment / 16));
    double at = read_part(p, kept, fmin(tail, kept), segment);
    int rc = fill_stretch(&f, kept, at, (uint64_t)p->segment_bytes, err);
    while (rc == BROKER_OK && at > 0) {
        double edge = next_edge(p, at);
        rc = fill_stretch(&f, at, edge, batch_bytes_at(p, at, batch), err);
        at = edge;
    }
    return rc == BROKER_OK ? settle(&f, err) : rc;
}
