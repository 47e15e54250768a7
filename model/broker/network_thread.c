/*
 * model/broker/network_thread.c - the processors of a simulated broker: read frames, take answers in turn (network_send.c writes them).
 *
 * A thread handles one thing at a time, in turns: what is ready when a turn begins shares the cost of asking for it. Reading ends with the
 * call in the request queue; when that is full the thread holds the call and stands still, with all its connections (request-path.md
 * section 2).
 */
#include "model/broker/host_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void call_queue_push(struct call_queue *queue, struct model_call *call)
{
    call->next = NULL;
    if (queue->tail)
        queue->tail->next = call;
    else
        queue->head = call;
    queue->tail = call;
    queue->count++;
}

struct model_call *call_queue_pop(struct call_queue *queue)
{
    struct model_call *call = queue->head;
    if (!call)
        return NULL;
    queue->head = call->next;
    if (!queue->head)
        queue->tail = NULL;
    call->next = NULL;
    queue->count--;
    return call;
}

static bool is_answer(const struct model_call *call)
{
    return call->at.ready_ns != 0;
}

static double tls_ns(const struct model_host *host, const struct model_call *call, uint64_t bytes)
{
    bool on = call->connection->replication ? host->config.tls_brokers : host->config.tls_clients;
    return on ? model_cost_ns(&host->profile->tls, 1, 0, 0, 0, (double)bytes) : 0;
}

static double receive_ns(const struct model_host *host, const struct model_call *call)
{
    const struct model_profile *p = host->profile;
    double bytes = (double)call->request_bytes;
    double work =
        call->kind == MODEL_PRODUCE
            ? model_cost_ns(&p->receive, 1, call->produce.count, call->produce.count,
                            call->produce.records, bytes) +
                  model_fault_ns(p, bytes)
            : model_cost_ns(&p->fetch_receive, 1,
                            call->kind == MODEL_FETCH ? call->fetch.part_count : 1, 0, 0, bytes);
    return work + tls_ns(host, call, call->request_bytes);
}

uint32_t host_parts_found(const struct model_call *call)
{
    return call->kind == MODEL_FETCH && call->op ? broker_fetch_answer(call->op)->found_count : 0;
}

static double send_ns(const struct model_host *host, const struct model_call *call)
{
    if (call->sent.bytes > 0) /* it was paid for as a whole */
        return 0;
    return model_cost_ns(&host->profile->send, 1, host_parts_found(call), 0, 0,
                         (double)call->response_bytes) +
           tls_ns(host, call, call->response_bytes);
}

/* ---- reading a frame ---- */

static void hand_over(struct network_thread *thread)
{
    struct model_host *host = thread->host;
    struct model_call *call = thread->call;
    if (!host_io_offer(host, call)) {
        thread->blocked = true;
        host->stats.queue_full_blocks++;
        call_queue_push(&host->blocked, call);
        return;
    }
    thread->call = NULL;
    host_network_next(thread);
}

void host_network_unblock(struct model_host *host)
{
    struct model_call *call = call_queue_pop(&host->blocked);
    if (!call)
        return;
    struct network_thread *thread = &host->network_threads[call->thread];
    assert(thread->blocked && thread->call == call);
    thread->blocked = false;
    hand_over(thread);
}

static void work_done(struct model_burst *burst)
{
    struct network_thread *thread = sim_container(burst, struct network_thread, burst);
    struct model_call *call = thread->call;
    if (is_answer(call) && model_call_is_stale(call)) {
        thread->call = NULL;
        host_drop(thread->host, call);
        host_network_next(thread);
    } else if (is_answer(call)) {
        host_network_send(thread);
    } else {
        call->at.received_ns = thread->host->sim->now_ns;
        hand_over(thread);
    }
}

void host_network_next(struct network_thread *thread)
{
    struct model_host *host = thread->host;
    struct model_call *call = call_queue_pop(&thread->queue);
    if (!call) {
        thread->running = false;
        sim_level_add(&host->network_busy, host->sim->now_ns, -1);
        return;
    }
    thread->call = call;
    double work = is_answer(call) ? send_ns(host, call) : receive_ns(host, call);
    if (thread->turn_left == 0) {
        thread->turn_left = 1 + thread->queue.count;
        work += host->profile->poll_ns;
    }
    thread->turn_left--;
    if (is_answer(call) && call->sent.bytes == 0)
        call->at.response_ns = host->sim->now_ns;
    model_cpu_run(&host->machine->cpu, &thread->burst, work);
}

void host_network_push(struct model_host *host, struct model_call *call)
{
    struct network_thread *thread = &host->network_threads[call->thread];
    call_queue_push(&thread->queue, call);
    if (!thread->running) {
        thread->running = true;
        sim_level_add(&host->network_busy, host->sim->now_ns, +1);
        host_network_next(thread);
        host->network_woken_ns += host_waking_ns(host, &thread->burst);
    }
}

void host_network_init(struct model_host *host)
{
    uint32_t count = host->config.num_network_threads;
    host->network_threads = calloc(count, sizeof *host->network_threads);
    host->turns = calloc(count, sizeof *host->turns);
    assert(host->network_threads && host->turns);
    sim_stream_initf(&host->accepts, host->config.seed, host->config.replication,
                     "broker %d accepts", host->config.broker_id);
    for (uint32_t i = 0; i < count; i++) {
        struct network_thread *thread = &host->network_threads[i];
        thread->host = host;
        thread->burst.owner = thread;
        host_own(host, &thread->burst, MODEL_THREAD_NETWORK);
        thread->burst.done = work_done;
        host->turns[i] = i;
    }
}

/* A connection is muted from receipt until its answer is written: later frames wait in the socket buffer, in order. */
void model_host_receive(struct model_host *host, struct model_call *call)
{
    struct model_connection *connection = call->connection;
    assert(!is_answer(call)); /* its stamps are those of a new call */
    call->host = host;
    call->thread = connection->thread;
    memset(&call->sent, 0, sizeof call->sent);
    call->at.arrived_ns = call->at.turn_ns = host->sim->now_ns;
    if (model_call_is_stale(call)) {
        host_drop(host, call);
        return;
    }
    if (!connection->muted) {
        connection->muted = true;
        host_network_push(host, call);
        return;
    }
    call->next = NULL;
    if (connection->waiting_last)
        connection->waiting_last->next = call;
    else
        connection->waiting = call;
    connection->waiting_last = call;
}

void model_host_close(struct model_host *host, struct model_connection *connection)
{
    struct model_call *call = connection->waiting;
    connection->generation++;
    connection->muted = false;
    connection->waiting = connection->waiting_last = NULL;
    connection->thread = model_host_accept(host);
    while (call) {
        struct model_call *next = call->next;
        host_drop(host, call);
        call = next;
    }
}

/*
 * The acceptor takes the threads in turn, but nobody knows in which order clients come: of each round the order is drawn. Else the same two
 * clients would share a thread in every replication, or never.
 */
uint32_t model_host_accept(struct model_host *host)
{
    uint32_t count = host->config.num_network_threads, at = host->accepted++ % count;
    uint32_t other = at + (uint32_t)sim_below(&host->accepts, count - at);
    uint32_t thread = host->turns[other];
    host->turns[other] = host->turns[at];
    host->turns[at] = thread;
    return thread;
}
