/*
 * model/client/answer.c - what becomes of batches: acknowledged, sent again, given up.
 *
 * Source   reference/kafka/clients.md section 4.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "model/client/producer_internal.h"
#include "sim/dmath.h"

/*
 * Two retries need to know who leads: where the answer says so (KIP-951), and where metadata has to be asked for.
 */
enum fate {
    FATE_ACKED,
    FATE_RETRY,
    FATE_RETRY_LEADER,
    FATE_RETRY_METADATA,
    FATE_SPLIT,
    FATE_FAILED
};

static enum fate fate_of(enum broker_error error, enum model_producer_error *kind)
{
    *kind = MODEL_PRODUCER_ERR_OTHER;
    switch (error) {
    case KAFKA_NONE:
        return FATE_ACKED;
    case KAFKA_NOT_LEADER_OR_FOLLOWER:
    case KAFKA_FENCED_LEADER_EPOCH:
        *kind = MODEL_PRODUCER_ERR_NOT_LEADER;
        return FATE_RETRY_LEADER;
    case KAFKA_UNKNOWN_TOPIC_OR_PARTITION:
    case KAFKA_STORAGE_ERROR:
        *kind = MODEL_PRODUCER_ERR_NOT_LEADER;
        return FATE_RETRY_METADATA;
    case KAFKA_REQUEST_TIMED_OUT:
        *kind = MODEL_PRODUCER_ERR_TIMED_OUT;
        return FATE_RETRY;
    case KAFKA_NOT_ENOUGH_REPLICAS:
    case KAFKA_NOT_ENOUGH_REPLICAS_AFTER_APPEND:
        *kind = MODEL_PRODUCER_ERR_NOT_ENOUGH_REPLICAS;
        return FATE_RETRY;
    case KAFKA_UNKNOWN_LEADER_EPOCH:
    case KAFKA_CORRUPT_MESSAGE:
    case KAFKA_OUT_OF_ORDER_SEQUENCE_NUMBER:
        return FATE_RETRY;
    case KAFKA_MESSAGE_TOO_LARGE:
        *kind = MODEL_PRODUCER_ERR_TOO_LARGE;
        return FATE_SPLIT;
    default:
        return FATE_FAILED;
    }
}

/* ---- the end of a batch ---- */

/* A sequence that was given up leaves a hole that the broker would refuse for ever: a new epoch closes it (Java). */
static void leave_sequence(struct model_producer *p, const struct batch *batch)
{
    if (batch->sequenced)
        p->parts[batch->partition].bump = true;
}

static void try_bump(struct model_producer *p, uint32_t partition)
{
    struct part *part = &p->parts[partition];
    if (!part->bump || part->in_flight > 0)
        return;
    part->bump = false;
    part->producer_epoch++;
    part->next_sequence = 0;
    for (struct batch *batch = part->head; batch; batch = batch->next)
        batch->sequenced = batch->built = false;
}

static void acked(struct model_producer *p, struct batch *batch, int64_t now_ns)
{
    struct model_producer_stats *stats = p->stats;
    uint64_t overhead = (uint64_t)batch->span.count * p->overhead_bytes;
    stats->records_acked += batch->span.count;
    stats->raw_bytes_acked += batch->raw_bytes > overhead ? batch->raw_bytes - overhead : 0;
    stats->wire_bytes_acked += batch->wire_bytes;
    report_delivered(p, batch, now_ns);
    pool_finish(p, batch);
}

static void failed(struct model_producer *p, struct batch *batch)
{
    p->stats->records_failed += batch->span.count;
    leave_sequence(p, batch);
    pool_finish(p, batch);
}

static void expired(struct model_producer *p, struct batch *batch)
{
    p->stats->records_expired += batch->span.count;
    leave_sequence(p, batch);
    pool_finish(p, batch);
}

/* Exponential with +-20 % jitter, the cap applied last (clients.md section 1, messaging-models.md 6.3). */
static int64_t backoff_ns(struct model_producer *p, uint32_t attempts)
{
    double wait = (double)p->config.retry_backoff_ns;
    for (uint32_t i = 1; i < attempts && wait < (double)p->config.retry_backoff_max_ns; i++)
        wait *= 2;
    wait *= sim_uniform(&p->retry_random, 0.8, 1.2);
    if (wait > (double)p->config.retry_backoff_max_ns)
        wait = (double)p->config.retry_backoff_max_ns;
    return (int64_t)wait;
}

static void again(struct model_producer *p, struct batch *batch, int64_t wait_ns)
{
    if (batch->attempts > p->config.retries) {
        failed(p, batch);
        return;
    }
    p->stats->batch_retries++;
    p->stats->records_retried += batch->span.count;
    batch->state = BATCH_CLOSED;
    batch->not_before_ns = sim_now_ns(p->sim) + wait_ns;
    queue_insert_retry(p, batch);
}

static void split(struct model_producer *p, struct batch *batch)
{
    if (batch->span.count < 2) {
        failed(p, batch);
        return;
    }
    uint32_t count = batch->span.count / 2;
    struct batch *second = pool_new_batch(p, batch->partition, batch->opened_ns);
    int64_t step = (batch->span.last_ns - batch->span.first_ns) / (batch->span.count - 1);
    second->number = batch->number;
    second->state = BATCH_CLOSED;
    second->full = true;
    second->span = batch->span;
    second->span.first_ns += step * count;
    second->span.count -= count;
    second->raw_bytes = batch->raw_bytes * second->span.count / batch->span.count;
    second->drained_ns = batch->drained_ns;
    second->sequenced = batch->sequenced;
    second->producer_epoch = batch->producer_epoch;
    second->base_sequence = (int32_t)(((uint32_t)batch->base_sequence + count) & 0x7fffffff);
    batch->stretch_count = 0;
    second->groups = (batch->groups + 1) / 2;
    second->groups = second->groups < second->span.count ? second->groups : second->span.count;
    batch->groups = batch->groups < count ? batch->groups : count;
    batch->span.count = count;
    batch->span.last_ns = batch->span.first_ns + step * (count - 1);
    batch->raw_bytes -= second->raw_bytes;
    batch->built = false;
    if (p->ratio_estimate < 1)
        p->ratio_estimate = 1;
    again(p, batch, 0);
    queue_insert_retry(p, second);
}

/* ---- answers ---- */

static void resolve(struct model_producer *p, struct batch *batch, enum broker_error error,
                    bool lost)
{
    enum model_producer_error kind;
    uint32_t partition = batch->partition;
    int32_t before = p->parts[partition].link;
    switch (lost ? FATE_RETRY : fate_of(error, &kind)) {
    case FATE_ACKED:
        acked(p, batch, sim_now_ns(p->sim));
        return;
    case FATE_RETRY_METADATA:
        network_client_ask(&p->network);
        again(p, batch, backoff_ns(p, batch->attempts));
        break;
    case FATE_RETRY_LEADER:
        network_client_ask(&p->network);
        queue_find_leader(p, partition);
        again(p, batch,
              p->parts[partition].link != before && p->parts[partition].link >= 0
                  ? 0
                  : backoff_ns(p, batch->attempts));
        break;
    case FATE_RETRY:
        again(p, batch, backoff_ns(p, batch->attempts));
        break;
    case FATE_SPLIT:
        split(p, batch);
        break;
    case FATE_FAILED:
        failed(p, batch);
        break;
    }
    if (!lost)
        p->stats->errors[kind]++;
}

/* The request does not count as in flight any more; its batches that are not given up yet get their fate. */
static void settle(struct model_producer *p, struct request *request, bool lost)
{
    p->links[request->link].in_flight--;
    p->in_flight--;
    for (uint32_t i = 0; i < request->count; i++) {
        struct batch *batch = request->batches[i];
        uint32_t partition = batch->partition;
        p->parts[partition].in_flight--;
        p->parts[partition].records_in_flight -= batch->span.count;
        if (batch->state == BATCH_IN_FLIGHT) {
            enum broker_error error =
                lost || p->config.acks == 0 ? KAFKA_NONE : request->parts[i].result.error;
            resolve(p, batch, error, lost);
        }
        try_bump(p, partition);
        queue_update_due(p, partition);
    }
}

static void settle_sent(struct model_producer *p, struct request *request, bool lost)
{
    struct link *link = &p->links[request->link];
    link_remove(link, request);
    link->socket_bytes -= request->bytes;
    settle(p, request, lost);
}

static void forget(struct model_producer *p, struct request *request)
{
    for (uint32_t i = 0; i < request->count; i++)
        pool_drop_reference(p, request->batches[i]);
    request_put_away(p, request);
}

void answer_received(struct model_call *call)
{
    struct request *request = call->owner;
    struct model_producer *p = request->producer;
    call->at.answered_ns = sim_now_ns(p->sim);
    if (p->cpu && call->outcome == MODEL_CALL_ANSWERED && p->config.acks != 0) {
        sender_answer(p, request);
    } else {
        request->read_ns = call->at.answered_ns;
        answer_read(p, request);
    }
}

void answer_read(struct model_producer *p, struct request *request)
{
    int64_t now = sim_now_ns(p->sim);
    /* What came while the queue was full is refused before this answer makes room. */
    if (!pool_has_memory(p) && p->config.max_block_ns == 0)
        accumulator_advance(p, now);
    if (!request->abandoned && request->call.outcome == MODEL_CALL_LOST) {
        answer_disconnect(p, request->link);
    } else if (!request->abandoned) {
        sim_histogram_record_n(p->stats->answer_ns, request->read_ns - request->call.at.sent_ns,
                               request->count);
        settle_sent(p, request, false);
    }
    forget(p, request);
    sender_run(p);
}

/* ---- time running out ---- */

/* Everything in flight on it is sent again, once the client has connected anew (Java and librdkafka alike). */
void answer_disconnect(struct model_producer *p, uint32_t number)
{
    struct link *link = &p->links[number];
    p->stats->disconnects++;
    while (link->first) {
        struct request *request = link->first;
        request->abandoned = true;
        settle_sent(p, request, true);
    }
    network_client_disconnect(&p->network, number);
}

/* No retry is counted against it, as no broker can have it. */
void answer_unsent(struct model_producer *p, struct request *request)
{
    p->links[request->link].unsent--;
    settle(p, request, true);
    forget(p, request);
}

static int64_t sum_ns(int64_t a, int64_t b)
{
    return a < NEVER - b ? a + b : NEVER;
}

/* socket.timeout.ms of librdkafka; its request.timeout.ms is the broker's to keep. */
static int64_t late_ns(const struct model_producer *p, const struct request *request)
{
    int64_t limit =
        producer_is_java(p) ? p->config.request_timeout_ns : p->config.socket_timeout_ns;
    return sum_ns(request->call.at.sent_ns, limit);
}

void answer_timeouts(struct model_producer *p, int64_t now_ns)
{
    for (uint32_t i = 0; i < p->link_count; i++) {
        const struct request *first = p->links[i].first;
        if (!first || late_ns(p, first) > now_ns)
            continue;
        p->stats->request_timeouts++;
        answer_disconnect(p, i);
    }
    while (p->oldest && sum_ns(p->oldest->opened_ns, p->config.delivery_timeout_ns) <= now_ns) {
        struct batch *batch = p->oldest;
        uint32_t partition = batch->partition;
        if (batch->state == BATCH_OPEN)
            accumulator_close(p, batch, now_ns);
        if (batch->state == BATCH_CLOSED)
            queue_unlink(p, batch);
        expired(p, batch);
        try_bump(p, partition);
        queue_update_due(p, partition);
    }
}

int64_t answer_next_ns(const struct model_producer *p)
{
    int64_t next = p->oldest ? sum_ns(p->oldest->opened_ns, p->config.delivery_timeout_ns) : NEVER;
    for (uint32_t i = 0; i < p->link_count; i++) {
        const struct request *first = p->links[i].first;
        if (first && late_ns(p, first) < next)
            next = late_ns(p, first);
    }
    return next;
}
