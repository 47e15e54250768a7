/*
 * model/broker/network_send.c - a network thread writes an answer to its socket.
 *
 * What is in memory is written as a whole. Of a fetch's answer whose pages are gone, each write is what the socket's send buffer takes, as
 * sendfile does it on a socket that does not block: the thread waits for the disk until so much is there, serves its other connections,
 * and goes on when the buffer has room again (request-path.md section 2; hardware-models.md 2.4).
 */
#include "model/broker/host_internal.h"

#include "sim/memory.h"

void host_unmute(struct model_host *host, const struct model_call *call)
{
    struct model_connection *connection = call->connection;
    if (model_call_is_stale(call))
        return;
    struct model_call *waiting = connection->waiting;
    if (!waiting) {
        connection->muted = false;
        return;
    }
    connection->waiting = waiting->next;
    if (!connection->waiting)
        connection->waiting_last = NULL;
    waiting->at.turn_ns = host->sim->now_ns;
    host_network_push(host, waiting);
}

static void end_call(struct model_host *host, struct model_call *call,
                     enum model_call_outcome outcome)
{
    struct broker_op *op = call->op; /* the client may send the same call again inside answered */
    call->outcome = outcome;
    call->answered(call);
    if (!op)
        return;
    host_enter(host);
    broker_op_free(op);
}

static void dropped(struct sim *sim, struct sim_event *event)
{
    (void)sim;
    struct model_call *call = sim_container(event, struct model_call, transfer.event);
    end_call(call->host, call, MODEL_CALL_LOST);
}

/* Its transfer is over, so the event of that is free. */
void host_drop(struct model_host *host, struct model_call *call)
{
    call->host = host;
    sim_event_init(&call->transfer.event, dropped);
    sim_after(host->sim, &call->transfer.event, 0);
}

/* ---- into the socket ---- */

static void answer_arrived(struct model_transfer *transfer)
{
    struct model_call *call = sim_container(transfer, struct model_call, transfer);
    struct model_host *host = call->host;
    call->at.answered_ns = host->sim->now_ns;
    if (call->at.responded_ns == 0) {
        call->at.responded_ns = host->sim->now_ns;
        host_unmute(host, call);
    }
    end_call(host, call, model_call_is_stale(call) ? MODEL_CALL_LOST : MODEL_CALL_ANSWERED);
}

/* There is room again. */
static void portion_left(struct model_transfer *transfer)
{
    struct model_call *call = sim_container(transfer, struct model_call, transfer);
    struct model_host *host = call->host;
    if (model_call_is_stale(call))
        end_call(host, call, MODEL_CALL_LOST);
    else
        host_network_push(host, call);
}

static void send_bytes(struct network_thread *thread, uint64_t bytes)
{
    struct model_host *host = thread->host;
    struct model_call *call = thread->call;
    thread->call = NULL;
    call->sent.bytes += bytes;
    call->transfer.done = call->sent.bytes < call->response_bytes ? portion_left : answer_arrived;
    model_net_send(host->network, &call->transfer, host->machine, call->connection->client, bytes,
                   call->connection);
}

/* What fits into the socket's send buffer is written at once; the rest keeps the connection muted until it has left. */
static void send_rest(struct network_thread *thread)
{
    struct model_host *host = thread->host;
    struct model_call *call = thread->call;
    uint64_t bytes = call->response_bytes - call->sent.bytes;
    bool held = bytes > host->config.socket_send_buffer_bytes;
    call->at.responded_ns = held ? 0 : host->sim->now_ns;
    send_bytes(thread, bytes);
    if (!held)
        host_unmute(host, call);
    host_network_next(thread);
}

/* ---- from disk ---- */

static struct env_sim *env_of(const struct model_host *host, const struct broker_fetch_part *part)
{
    return host->envs[host_find(host, part->tp)->disk];
}

static void touch(struct network_thread *thread, const struct broker_fetch_part *part)
{
    struct model_host *host = thread->host;
    const struct model_read *read = &thread->cold;
    host->stats.cold_bytes += read->end - read->begin;
    host_enter(host); /* the cache is as full as it is now */
    env_sim_touch(env_of(host, part), broker_region_file(&part->got.region), read->begin,
                  read->end - read->begin);
}

static const struct broker_fetch_part *part_at(const struct model_call *call)
{
    return broker_fetch_answer(call->op)->parts[call->sent.part];
}

static void write_more(struct network_thread *thread);

static void cold_done(struct model_read *read)
{
    struct network_thread *thread = sim_container(read, struct network_thread, cold);
    touch(thread, part_at(thread->call));
    write_more(thread);
}

/* The first missing byte of what is written next, and all that is missing behind it as far as read-ahead reaches. */
static struct env_sim_range missing(struct network_thread *thread, uint64_t position,
                                    uint64_t bytes)
{
    struct model_host *host = thread->host;
    const struct broker_fetch_part *part = part_at(thread->call);
    struct env_sim *env = env_of(host, part);
    struct broker_file *file = broker_region_file(&part->got.region);
    host_enter(host);
    struct env_sim_range miss = env_sim_miss(env, file, position, bytes);
    if (miss.end > miss.begin)
        miss = env_sim_miss(env, file, miss.begin, model_cache_windows_bytes(host->machine->cache));
    return miss;
}

/* Returns whether it is in memory now; else the thread waits. */
static bool fault_in(struct network_thread *thread, struct env_sim_range miss)
{
    struct model_host *host = thread->host;
    const struct broker_fetch_part *part = part_at(thread->call);
    struct host_replica *replica = host_find(host, part->tp);
    if (!replica->ahead)
        replica->ahead = sim_alloc(1, sizeof *replica->ahead);
    thread->cold = (struct model_read){
        .done = cold_done,
        .file = env_sim_file_number(broker_region_file(&part->got.region)),
        .position = miss.begin,
        .limit = miss.end,
    };
    if (!model_cache_read_miss(host->machine->cache, replica->disk, replica->ahead, &thread->cold))
        return false;
    touch(thread, part);
    return true;
}

/* Records into the socket's buffer until it is full or all are in it. */
static void write_more(struct network_thread *thread)
{
    struct model_call *call = thread->call;
    const struct broker_fetch_answer *answer = broker_fetch_answer(call->op);
    while (call->sent.part < answer->part_count && thread->room > 0) {
        const struct broker_region *region = &part_at(call)->got.region;
        uint64_t left = region->size_bytes - call->sent.inside;
        uint64_t bytes = left < thread->room ? left : thread->room;
        struct env_sim_range miss = {0, 0};
        if (bytes > 0)
            miss = missing(thread, region->position + call->sent.inside, bytes);
        if (miss.end > miss.begin) {
            if (!fault_in(thread, miss))
                return;
            continue;
        }
        thread->room -= bytes;
        call->sent.inside += bytes;
        if (call->sent.inside == region->size_bytes) {
            call->sent.inside = 0;
            call->sent.part++;
        }
    }
    if (call->sent.part == answer->part_count) {
        send_rest(thread);
    } else {
        send_bytes(thread, thread->host->config.socket_send_buffer_bytes - thread->room);
        host_network_next(thread);
    }
}

static bool is_cold(struct model_host *host, const struct model_call *call)
{
    if (call->kind != MODEL_FETCH || !call->op)
        return false;
    const struct broker_fetch_answer *answer = broker_fetch_answer(call->op);
    host_enter(host);
    for (uint32_t i = 0; i < answer->part_count; i++) {
        const struct broker_region *region = &answer->parts[i]->got.region;
        if (region->size_bytes == 0)
            continue;
        struct env_sim *env = env_of(host, answer->parts[i]);
        struct env_sim_range miss =
            env_sim_miss(env, broker_region_file(region), region->position, region->size_bytes);
        if (miss.end > miss.begin)
            return true;
    }
    return false;
}

void host_network_send(struct network_thread *thread)
{
    struct model_call *call = thread->call;
    if (call->sent.bytes == 0 && !is_cold(thread->host, call)) {
        send_rest(thread);
        return;
    }
    thread->room = thread->host->config.socket_send_buffer_bytes;
    write_more(thread);
}
