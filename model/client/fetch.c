/*
 * model/client/fetch.c - which partitions a consumer asks its brokers for, fetch sessions, and answers.
 *
 * Source   reference/kafka/groups.md section 6, replication.md section 7 (sessions), section 12 (reading from a follower).
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "model/client/consumer_internal.h"
#include "sim/memory.h"

/* metadata.max.age.ms: how long a preferred read replica is kept to (KIP-392). */
#define FOLLOWER_NS INT64_C(300000000000)

static bool java(const struct model_consumer *c)
{
    return c->config.kind == MODEL_CONSUMER_JAVA;
}

static void set_link(struct model_consumer *c, struct consumer_part *part, int32_t link)
{
    if (part->link >= 0)
        c->links[part->link].part_count--;
    part->link = link;
    if (link >= 0)
        c->links[link].part_count++;
}

void fetch_find_leader(struct model_consumer *c, uint32_t number)
{
    struct consumer_part *part = &c->parts[number];
    part->follower_until_ns = 0;
    int32_t leader = c->metadata->leader(c->metadata->ctx, part->tp, &part->leader_epoch);
    assert(leader < (int32_t)c->link_count);
    set_link(c, part, leader);
}

void fetch_find_leaders(struct model_consumer *c)
{
    bool all = true;
    for (uint32_t i = 0; i < c->part_count; i++) {
        struct consumer_part *part = &c->parts[i];
        if (part->follower_until_ns == 0)
            fetch_find_leader(c, i);
        all = all && part->link >= 0;
    }
    if (!all)
        network_client_ask(&c->network);
}

/* Sets a time of a part's, which is then waited for. */
static void wait_until(struct model_consumer *c, int64_t *time_ns, int64_t until_ns)
{
    *time_ns = until_ns;
    if (until_ns > c->waits_until_ns)
        c->waits_until_ns = until_ns;
}

/* ---- asking ---- */

static struct fetch *new_fetch(struct model_consumer *c)
{
    struct fetch *fetch = c->free_fetches;
    if (fetch) {
        c->free_fetches = fetch->next;
        fetch->abandoned = false;
        return fetch;
    }
    fetch = sim_alloc(1, sizeof *fetch);
    fetch->consumer = c;
    fetch->capacity = c->part_count;
    fetch->parts = sim_alloc(c->part_count, sizeof *fetch->parts);
    fetch->forgotten = sim_alloc(c->part_count, sizeof *fetch->forgotten);
    fetch->all = c->all_fetches;
    c->all_fetches = fetch;
    return fetch;
}

static void answered(struct model_call *call);

/* Whether the partition may be asked for now; if so it counts as asked for. */
static bool wanted(struct model_consumer *c, struct consumer_part *part, int64_t now_ns)
{
    if (part->resetting || part->not_before_ns > now_ns)
        return false;
    if (java(c))
        return true; /* its broker has nothing buffered */
    if (c->buffered_records < c->config.queued_min_messages &&
        c->buffered_bytes < (double)c->config.queued_max_bytes)
        return true;
    wait_until(c, &part->not_before_ns, now_ns + c->config.queue_backoff_ns);
    return false;
}

static void add_part(struct fetch *fetch, const struct consumer_part *part)
{
    struct broker_fetch_request *request = &fetch->call.fetch;
    fetch->parts[request->part_count++] = (struct broker_fetch_part){
        .tp = part->tp,
        .want = {.fetch_offset = part->fetch_offset,
                 .log_start_offset = -1,
                 .current_leader_epoch = -1,
                 .last_fetched_epoch = -1,
                 .partition_max_bytes = fetch->consumer->config.max_partition_fetch_bytes},
    };
}

/* Lists what the session does not know yet. Returns how many partitions the fetch covers. */
static uint32_t list_parts(struct model_consumer *c, struct fetch *fetch, uint32_t link,
                           bool incremental)
{
    uint32_t covered = 0;
    int64_t now = sim_now_ns(c->sim);
    for (uint32_t i = 0; i < c->part_count; i++) {
        struct consumer_part *part = &c->parts[i];
        bool known = incremental && part->sent_link == (int32_t)link && part->sent_offset >= 0;
        if (part->link != (int32_t)link || !wanted(c, part, now)) {
            if (known)
                fetch->forgotten[fetch->call.fetch.forgotten_count++] = part->tp;
            if (part->sent_link == (int32_t)link)
                part->sent_offset = -1;
            continue;
        }
        covered++;
        if (!known || part->sent_offset != part->fetch_offset)
            add_part(fetch, part);
        part->sent_link = (int32_t)link;
        part->sent_offset = part->fetch_offset;
    }
    return covered;
}

static bool any_wanted(struct model_consumer *c, uint32_t link)
{
    int64_t now = sim_now_ns(c->sim);
    for (uint32_t i = 0; i < c->part_count; i++)
        if (c->parts[i].link == (int32_t)link && wanted(c, &c->parts[i], now))
            return true;
    return false;
}

static void send_fetch(struct model_consumer *c, uint32_t number)
{
    struct consumer_link *link = &c->links[number];
    const struct model_consumer_config *config = &c->config;
    struct fetch *fetch = new_fetch(c);
    fetch->link = number;
    struct model_call *call = &fetch->call;
    memset(call, 0, sizeof *call);
    call->kind = MODEL_FETCH;
    call->connection = c->metadata->connections[number];
    call->fetch = (struct broker_fetch_request){
        .replica_id = -1,
        .max_wait_ms = (int32_t)(config->fetch_max_wait_ns / 1000000),
        .min_bytes = config->fetch_min_bytes,
        .max_bytes = config->fetch_max_bytes,
        .read_committed = config->read_committed,
        .client_rack = config->rack,
        .session_id = java(c) ? link->session_id : 0,
        .session_epoch = java(c) ? link->session_epoch : -1,
        .parts = fetch->parts,
        .forgotten = fetch->forgotten,
    };
    list_parts(c, fetch, number, java(c) && link->session_epoch > 0);
    call->request_bytes =
        model_call_fetch_request_bytes(call->fetch.part_count + call->fetch.forgotten_count);
    call->answered = answered;
    call->owner = fetch;
    call->at.created_ns = call->at.sent_ns = sim_now_ns(c->sim);
    link->fetch = fetch;
    c->transport->send(c->transport, call);
}

void fetch_send(struct model_consumer *c)
{
    for (uint32_t i = 0; i < c->link_count; i++) {
        const struct consumer_link *link = &c->links[i];
        if (link->fetch || link->part_count == 0 ||
            (java(c) && (link->pieces > 0 || c->undrained == (int32_t)i)))
            continue;
        if (!any_wanted(c, i))
            continue;
        if (network_client_is_up(&c->network, i))
            send_fetch(c, i);
        else
            network_client_connect(&c->network, i);
    }
}

/* ---- looking up an offset ---- */

static void found(struct model_call *call)
{
    struct lookup *lookup = call->owner;
    struct model_consumer *c = lookup->consumer;
    struct consumer_part *part = &c->parts[lookup->part];
    part->resetting = false;
    if (call->outcome == MODEL_CALL_ANSWERED && lookup->offsets.error == KAFKA_NONE &&
        lookup->offsets.offset >= 0) {
        part->fetch_offset = part->position = lookup->offsets.offset;
    } else {
        wait_until(c, &part->not_before_ns, sim_now_ns(c->sim) + c->config.retry_backoff_ns);
        network_client_ask(&c->network);
    }
    lookup->next = c->free_lookups;
    c->free_lookups = lookup;
    consumer_poll(c);
}

static void look_up(struct model_consumer *c, uint32_t number)
{
    struct consumer_part *part = &c->parts[number];
    struct lookup *lookup = c->free_lookups;
    c->stats->offset_resets++;
    if (lookup) {
        c->free_lookups = lookup->next;
    } else {
        lookup = sim_alloc(1, sizeof *lookup);
        lookup->consumer = c;
    }
    part->resetting = true;
    lookup->part = number;
    lookup->offsets = (struct broker_offset_part){.tp = part->tp,
                                                  .current_leader_epoch = -1,
                                                  .target = c->config.reset_to_earliest ? -2 : -1};
    struct model_call *call = &lookup->call;
    memset(call, 0, sizeof *call);
    call->kind = MODEL_LIST_OFFSETS;
    call->connection = c->metadata->connections[part->link];
    call->offsets.parts = &lookup->offsets;
    call->offsets.count = 1;
    call->request_bytes = model_call_fetch_request_bytes(1);
    call->answered = found;
    call->owner = lookup;
    c->transport->send(c->transport, call);
}

/* ---- answers ---- */

static void failed(struct model_consumer *c, uint32_t number, enum broker_error error)
{
    struct consumer_part *part = &c->parts[number];
    c->stats->errors++;
    part->sent_offset = -1;
    if (error == KAFKA_OFFSET_OUT_OF_RANGE && part->follower_until_ns == 0) {
        look_up(c, number);
        return;
    }
    wait_until(c, &part->not_before_ns, sim_now_ns(c->sim) + c->config.retry_backoff_ns);
    network_client_ask(&c->network);
    /* The answer says who leads now (KIP-951); a follower is given up. */
    fetch_find_leader(c, number);
}

static uint32_t find_part(const struct model_consumer *c, struct broker_tp tp)
{
    /* Parts are in the order of topic and partition (consumer.c sorts them). */
    uint32_t low = 0, high = c->part_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        struct broker_tp at = c->parts[middle].tp;
        if (at.topic < tp.topic || (at.topic == tp.topic && at.partition < tp.partition))
            low = middle + 1;
        else
            high = middle;
    }
    assert(low < c->part_count);
    return low;
}

static void take_part(struct model_consumer *c, struct fetch *fetch,
                      const struct broker_fetch_part *got)
{
    uint32_t number = find_part(c, got->tp);
    struct consumer_part *part = &c->parts[number];
    if (part->link != (int32_t)fetch->link || part->resetting)
        return;
    if (got->got.error != KAFKA_NONE) {
        failed(c, number, got->got.error);
        return;
    }
    if (got->got.preferred_read_replica >= 0) {
        set_link(c, part, got->got.preferred_read_replica);
        wait_until(c, &part->follower_until_ns, sim_now_ns(c->sim) + FOLLOWER_NS);
        return;
    }
    if (got->got.region.size_bytes > 0)
        region_walk(c, fetch->link, number, &got->got.region);
}

static void forget_session(struct model_consumer *c, uint32_t link, bool keep_id)
{
    c->links[link].session_epoch = 0;
    if (!keep_id)
        c->links[link].session_id = 0;
}

static void take_answer(struct model_consumer *c, struct fetch *fetch)
{
    struct consumer_link *link = &c->links[fetch->link];
    const struct broker_fetch_answer *answer = broker_fetch_answer(fetch->call.op);
    int64_t latency = sim_now_ns(c->sim) - fetch->call.at.sent_ns;
    if (answer->error != KAFKA_NONE) {
        c->stats->errors++;
        forget_session(c, fetch->link, answer->error == KAFKA_INVALID_FETCH_SESSION_EPOCH);
        return;
    }
    if (java(c)) {
        link->session_id = answer->session_id;
        link->session_epoch =
            answer->session_id == 0
                ? 0
                : (link->session_epoch == INT32_MAX ? 1 : link->session_epoch + 1);
    }
    link->answer_records = 0;
    for (uint32_t i = 0; i < answer->part_count; i++)
        take_part(c, fetch, answer->parts[i]);
    c->stats->fetches++;
    c->fetches_unpaid++;
    sim_histogram_record(c->stats->fetch_ns, latency);
    if (link->answer_records == 0) {
        c->stats->fetches_empty++;
        return;
    }
    sim_histogram_record(c->stats->fetch_data_ns, latency);
    sim_histogram_record(c->stats->records_per_fetch, (int64_t)link->answer_records);
}

/* Followers are given up (Java); librdkafka asks nothing of the broker for fetch.error.backoff.ms. */
static void lost(struct model_consumer *c, uint32_t link)
{
    int64_t again = sim_now_ns(c->sim) + c->config.retry_backoff_ns;
    c->stats->disconnects++;
    forget_session(c, link, true);
    for (uint32_t i = 0; i < c->part_count; i++) {
        struct consumer_part *part = &c->parts[i];
        if (part->link != (int32_t)link)
            continue;
        if (!java(c))
            wait_until(c, &part->not_before_ns, again);
        if (part->follower_until_ns > 0)
            fetch_find_leader(c, i);
    }
    network_client_disconnect(&c->network, link);
}

static void answered(struct model_call *call)
{
    struct fetch *fetch = call->owner;
    struct model_consumer *c = fetch->consumer;
    call->at.answered_ns = sim_now_ns(c->sim);
    if (!fetch->abandoned) {
        c->links[fetch->link].fetch = NULL;
        if (call->outcome == MODEL_CALL_LOST)
            lost(c, fetch->link);
        else
            take_answer(c, fetch);
    }
    fetch->next = c->free_fetches;
    c->free_fetches = fetch;
    /* librdkafka's broker thread asks again at once, Java's when the application polls. */
    if (!java(c) && c->started)
        fetch_send(c);
    consumer_poll(c);
}

/* ---- time ---- */

void fetch_timeouts(struct model_consumer *c)
{
    int64_t now = sim_now_ns(c->sim);
    for (uint32_t i = 0; i < c->link_count; i++) {
        struct fetch *fetch = c->links[i].fetch;
        if (!fetch || now - fetch->call.at.sent_ns < c->config.request_timeout_ns)
            continue;
        c->stats->timeouts++;
        fetch->abandoned = true;
        c->links[i].fetch = NULL;
        lost(c, i);
    }
    for (uint32_t i = 0; i < c->part_count; i++) {
        struct consumer_part *part = &c->parts[i];
        if (part->follower_until_ns > 0 && part->follower_until_ns <= now)
            fetch_find_leader(c, i);
        if (part->link < 0)
            network_client_ask(&c->network);
    }
}

int64_t fetch_next_ns(const struct model_consumer *c)
{
    int64_t next = NEVER, now = sim_now_ns(c->sim);
    for (uint32_t i = 0; i < c->link_count; i++) {
        const struct fetch *fetch = c->links[i].fetch;
        int64_t due = fetch ? fetch->call.at.sent_ns + c->config.request_timeout_ns : NEVER;
        next = due < next ? due : next;
    }
    if (c->waits_until_ns <= now)
        return next; /* nearly always */
    for (uint32_t i = 0; i < c->part_count; i++) {
        const struct consumer_part *part = &c->parts[i];
        if (part->not_before_ns > now && part->not_before_ns < next)
            next = part->not_before_ns;
        if (part->follower_until_ns > now && part->follower_until_ns < next)
            next = part->follower_until_ns;
    }
    return next;
}

void fetch_init(struct model_consumer *c)
{
    c->link_count = c->metadata->broker_count;
    c->links = sim_alloc(c->link_count, sizeof *c->links);
}

void fetch_release(struct model_consumer *c)
{
    while (c->all_fetches) {
        struct fetch *fetch = c->all_fetches;
        c->all_fetches = fetch->all;
        free(fetch->parts);
        free(fetch->forgotten);
        free(fetch);
    }
    while (c->free_lookups) {
        struct lookup *lookup = c->free_lookups;
        c->free_lookups = lookup->next;
        free(lookup);
    }
    free(c->links);
}
