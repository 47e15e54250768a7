/*
 * model/broker/replica_fetcher.c - replica fetcher threads: one leader each, one request in flight (replication.md section 5).
 *
 * An answer's parts are appended at its arrival and published when the thread's work for them, write pauses and flushes are over; then the
 * next request leaves.
 * With a fetch session a request names only partitions that moved, so its cost is what changed and not what it covers.
 */
#include "model/broker/host_internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define MS_NS 1000000

static void send_request(struct replica_fetcher *fetcher);

/* Kafka's Java string hash, wrapping in 32 bits: partition -> fetcher thread is abs(31 * hash(topic) + partition) mod n. */
static uint32_t fetcher_of(int32_t topic, int32_t partition, uint32_t count)
{
    /* Topics have numbers here; their hash only spreads partitions, which consecutive partitions do by themselves. */
    return (31u * (uint32_t)topic + (uint32_t)partition) % count;
}

/* ---- the next request ---- */

/* In the next request. */
static void name_part(struct replica_fetcher *fetcher, struct fetcher_part *part)
{
    if (part->named)
        return;
    part->named = true;
    fetcher->named[fetcher->named_count++] = (uint32_t)(part - fetcher->parts);
}

static void name_all(struct replica_fetcher *fetcher)
{
    for (uint32_t i = 0; i < fetcher->part_count; i++)
        name_part(fetcher, &fetcher->parts[i]);
}

static void name_later(struct replica_fetcher *fetcher, struct fetcher_part *part)
{
    const struct model_host *host = fetcher->host;
    part->retry_ns = host->sim->now_ns + (int64_t)host->config.replica_fetch_backoff_ms * MS_NS;
    name_part(fetcher, part);
}

static struct broker_fetch_part fetch_part(const struct replica_fetcher *fetcher,
                                           const struct host_replica *replica)
{
    return (struct broker_fetch_part){
        .tp = replica->tp,
        .want =
            {
                .fetch_offset = broker_log_end_offset(replica->log),
                .log_start_offset = broker_log_start_offset(replica->log),
                .current_leader_epoch = broker_partition_leader_epoch(replica->partition),
                .last_fetched_epoch = broker_log_latest_epoch(replica->log),
                .partition_max_bytes = fetcher->host->config.replica_fetch_max_bytes,
            },
    };
}

/* Parts that back off stay named; the fetch then waits no longer than the back-off. */
static uint32_t fill_request(struct replica_fetcher *fetcher)
{
    int64_t now_ns = fetcher->host->sim->now_ns;
    uint32_t count = 0, left = 0;
    for (uint32_t i = 0; i < fetcher->named_count; i++) {
        struct fetcher_part *part = &fetcher->parts[fetcher->named[i]];
        if (part->retry_ns > now_ns) {
            fetcher->named[left++] = fetcher->named[i];
            continue;
        }
        part->named = false;
        fetcher->request[count++] = fetch_part(fetcher, part->replica);
    }
    fetcher->named_count = left;
    return count;
}

static void request_arrived(struct model_transfer *transfer)
{
    struct replica_fetcher *fetcher =
        sim_container(transfer, struct replica_fetcher, call.transfer);
    model_host_receive(fetcher->leader, &fetcher->call);
}

static void send_request(struct replica_fetcher *fetcher)
{
    struct model_host *host = fetcher->host;
    const struct model_host_config *config = &host->config;
    struct model_call *call = &fetcher->call;
    uint32_t named = fill_request(fetcher);
    call->at = (struct model_stamps){.created_ns = host->sim->now_ns, .sent_ns = host->sim->now_ns};
    call->op = NULL;
    call->fetch = (struct broker_fetch_request){
        .replica_id = config->broker_id,
        .max_wait_ms = fetcher->named_count > 0 ? config->replica_fetch_backoff_ms
                                                : config->replica_fetch_wait_max_ms,
        .min_bytes = config->replica_fetch_min_bytes,
        .max_bytes = config->replica_fetch_response_max_bytes,
        .session_id = fetcher->session_id,
        .session_epoch = fetcher->session_epoch,
        .parts = fetcher->request,
        .part_count = named,
    };
    call->request_bytes = model_call_fetch_request_bytes(named);
    call->transfer.done = request_arrived;
    model_net_send(host->network, &call->transfer, host->machine,
                   model_host_machine(fetcher->leader), call->request_bytes, &fetcher->connection);
}

/* ---- an answer ---- */

static struct fetcher_part *part_of(struct replica_fetcher *fetcher, struct broker_tp tp)
{
    struct host_replica *replica = host_find(fetcher->host, tp);
    struct fetcher_part *part = &fetcher->parts[replica->fetcher_index];
    assert(part->replica == replica);
    return part;
}

static void append_part(struct replica_fetcher *fetcher, struct fetcher_part *part,
                        const struct broker_fetch_got *got, struct broker_receipt *receipt,
                        int64_t *pause_ns)
{
    struct model_host *host = fetcher->host;
    struct host_replica *replica = part->replica;
    struct broker_view view = {0};
    struct broker_append out;
    struct broker_env *source = NULL; /* looked up for records only */
    if (got->region.size_bytes > 0) {
        source = model_host_env_of(fetcher->leader, replica->tp);
        if (source->ops->view(source, broker_region_file(&got->region), got->region.position,
                              got->region.size_bytes, &view) != BROKER_OK) {
            name_later(fetcher, part);
            return;
        }
    }
    int status =
        broker_partition_append_as_follower(replica->partition, view.spans, view.count,
                                            got->high_watermark, got->log_start_offset, &out, NULL);
    if (source)
        source->ops->view_release(source, &view);
    if (status != BROKER_OK) {
        host->stats.storage_errors++;
        name_later(fetcher, part);
        return;
    }
    if (got->region.size_bytes > 0)
        name_part(fetcher, part);
    broker_receipt_add(receipt, &out.receipt);
    *pause_ns += host_charge_write(host, replica, &out.receipt);
    part->syncs = host_syncs(&out.receipt);
    fetcher->appended[fetcher->appended_count++] = replica->fetcher_index;
}

static void take_part(struct replica_fetcher *fetcher, const struct broker_fetch_part *answered,
                      struct broker_receipt *receipt, int64_t *pause_ns)
{
    struct fetcher_part *part = part_of(fetcher, answered->tp);
    const struct broker_fetch_got *got = &answered->got;
    if (got->error == KAFKA_OFFSET_OUT_OF_RANGE) {
        /* Below the leader's start: restart there; above its end cannot be, epochs have been compared before. */
        broker_log_truncate_fully(part->replica->log,
                                  got->log_start_offset >= 0 ? got->log_start_offset : 0, receipt,
                                  NULL);
        name_part(fetcher, part);
    } else if (got->error != KAFKA_NONE) {
        name_later(fetcher, part);
    } else if (got->diverging_epoch >= 0) {
        bool again;
        broker_partition_truncate_to_epoch(part->replica->partition, got->diverging_epoch,
                                           got->diverging_end_offset, &again, receipt, NULL);
        name_part(fetcher, part);
    } else {
        append_part(fetcher, part, got, receipt, pause_ns);
    }
}

static void publish_all(struct replica_fetcher *fetcher)
{
    struct model_host *host = fetcher->host;
    host_enter(host);
    for (uint32_t i = 0; i < fetcher->appended_count; i++) {
        struct host_replica *replica = fetcher->parts[fetcher->appended[i]].replica;
        broker_partition_publish(replica->partition);
        broker_partition_changed(host->broker, replica->tp);
    }
    fetcher->appended_count = 0;
    host_run_deferred_now(host);
    send_request(fetcher);
}

/* One flush after the other, in the order of the appends. */
static void flush_then_publish(void *owner)
{
    struct replica_fetcher *fetcher = owner;
    while (fetcher->flushed_count < fetcher->appended_count) {
        const struct fetcher_part *part =
            &fetcher->parts[fetcher->appended[fetcher->flushed_count++]];
        if (host_flush_begin(&fetcher->flush, fetcher->host, part->replica, part->syncs))
            return;
    }
    fetcher->flushed_count = 0;
    publish_all(fetcher);
}

/* The kernel holds the thread at each of its appends; here it waits for all of them at their end. */
static int64_t held_ns(const struct replica_fetcher *fetcher)
{
    int64_t most = 0;
    for (uint32_t i = 0; i < fetcher->appended_count; i++) {
        int64_t ns = host_held_ns(fetcher->host, fetcher->parts[fetcher->appended[i]].replica);
        most = ns > most ? ns : most;
    }
    return most;
}

static void pause_then_flush(struct replica_fetcher *fetcher)
{
    int64_t ns = fetcher->pause_ns > 0 ? fetcher->pause_ns : held_ns(fetcher);
    fetcher->pause_ns = 0;
    if (ns > 0)
        sim_after(fetcher->host->sim, &fetcher->timer, ns);
    else
        flush_then_publish(fetcher);
}

static void timer_fired(struct sim *sim, struct sim_event *event)
{
    (void)sim;
    pause_then_flush(sim_container(event, struct replica_fetcher, timer));
}

static void work_done(struct model_burst *burst)
{
    pause_then_flush(burst->owner);
}

static void answered(struct model_call *call)
{
    struct replica_fetcher *fetcher = call->owner;
    struct model_host *host = fetcher->host;
    const struct broker_fetch_answer *answer = broker_fetch_answer(call->op);
    const struct model_profile *p = host->profile;
    struct broker_receipt receipt = {0};
    host_enter(host);
    fetcher->pause_ns = 0;
    if (answer->error != KAFKA_NONE) {
        fetcher->session_id = 0;
        fetcher->session_epoch = 0;
        name_all(fetcher);
    } else {
        fetcher->session_id = answer->session_id;
        fetcher->session_epoch = answer->session_id ? fetcher->session_epoch + 1 : 0;
        for (uint32_t i = 0; i < answer->part_count; i++)
            take_part(fetcher, answer->parts[i], &receipt, &fetcher->pause_ns);
        if (answer->session_id ==
            0) /* the leader keeps no session for it: each request is a full one */
            name_all(fetcher);
    }
    double parts = answer->part_count;
    double bytes = (double)answer->bytes;
    model_gc_allocate(&host->gc, p->gc_alloc_per_request + p->gc_alloc_per_byte * bytes);
    double work =
        model_cost_ns(&p->replica_append, 1, parts, receipt.batches, receipt.records, bytes) +
        model_cost_ns(&p->replica_fetch, 1, fetcher->part_count, 0, 0, 0);
    if (host->config.tls_brokers)
        work += model_cost_ns(&p->tls, 1, 0, 0, 0, bytes);
    fetcher->burst.done = work_done;
    model_cpu_run(&host->machine->cpu, &fetcher->burst, work);
}

/* ---- set-up ---- */

static void connect_fetcher(struct replica_fetcher *fetcher, uint32_t thread)
{
    struct model_host *host = fetcher->host, *leader = fetcher->leader;
    fetcher->connection = (struct model_connection){
        .client = host->machine,
        .server = model_host_machine(leader),
        .server_id = leader->config.broker_id,
        .thread = model_host_accept(leader),
        .replication = true,
        .window_bytes = host->config.replica_window_bytes,
    };
    char name[80];
    snprintf(name, sizeof name, "replica fetcher %d of %d from %d", (int)thread,
             host->config.broker_id, leader->config.broker_id);
    model_net_connect(host->network, &fetcher->connection, name);
}

static struct replica_fetcher *fetcher_new(struct model_host *host, struct model_host *leader,
                                           uint32_t thread, uint32_t part_max)
{
    struct replica_fetcher *fetcher = calloc(1, sizeof *fetcher);
    assert(fetcher);
    fetcher->host = host;
    fetcher->leader = leader;
    fetcher->parts = calloc(part_max, sizeof *fetcher->parts);
    fetcher->request = calloc(part_max, sizeof *fetcher->request);
    fetcher->appended = calloc(part_max, sizeof *fetcher->appended);
    fetcher->named = calloc(part_max, sizeof *fetcher->named);
    assert(fetcher->parts && fetcher->request && fetcher->appended && fetcher->named);
    fetcher->burst.owner = fetcher;
    host_own(host, &fetcher->burst, MODEL_THREAD_FETCHER);
    fetcher->flush.burst = &fetcher->burst;
    fetcher->flush.owner = fetcher;
    fetcher->flush.done = flush_then_publish;
    sim_event_init(&fetcher->timer, timer_fired);
    connect_fetcher(fetcher, thread);
    fetcher->call = (struct model_call){.kind = MODEL_FETCH,
                                        .connection = &fetcher->connection,
                                        .answered = answered,
                                        .owner = fetcher};
    return fetcher;
}

static void add_parts(struct model_host *host, struct model_host *leader, uint32_t thread,
                      struct replica_fetcher *fetcher)
{
    for (uint32_t i = 0; i < host->hosted_count; i++) {
        struct host_replica *replica = host->hosted[i];
        if (broker_partition_state(replica->partition)->leader != leader->config.broker_id ||
            fetcher_of(replica->tp.topic, replica->tp.partition,
                       host->config.num_replica_fetchers) != thread)
            continue;
        replica->fetcher_index = fetcher->part_count;
        fetcher->parts[fetcher->part_count++] = (struct fetcher_part){.replica = replica};
        name_part(fetcher, &fetcher->parts[replica->fetcher_index]);
    }
}

void host_fetchers_start(struct model_host *host, struct model_host *const *brokers,
                         uint32_t broker_count)
{
    uint32_t threads = host->config.num_replica_fetchers;
    host->fetchers = calloc((size_t)broker_count * threads, sizeof *host->fetchers);
    assert(host->fetchers);
    for (uint32_t b = 0; b < broker_count; b++) {
        if (brokers[b] == host)
            continue;
        for (uint32_t t = 0; t < threads; t++) {
            struct replica_fetcher *fetcher =
                fetcher_new(host, brokers[b], t, host->hosted_count ? host->hosted_count : 1);
            add_parts(host, brokers[b], t, fetcher);
            host->fetchers[host->fetcher_count++] = fetcher;
            if (fetcher->part_count > 0)
                send_request(fetcher);
        }
    }
}

void host_fetchers_release(struct model_host *host)
{
    for (uint32_t i = 0; i < host->fetcher_count; i++) {
        struct replica_fetcher *fetcher = host->fetchers[i];
        sim_cancel(host->sim, &fetcher->timer);
        free(fetcher->parts);
        free(fetcher->request);
        free(fetcher->appended);
        free(fetcher->named);
        free(fetcher);
    }
    free(host->fetchers);
}
