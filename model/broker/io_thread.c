/*
 * model/broker/io_thread.c - the request handlers of a simulated broker: one request at a time through the broker core.
 *
 * For each partition of a produce request: lock, what the request alone determines (parse, checksum, copy), the real append,
 * what its receipt adds (the kernel's write pause, a sync), publish, unlock. A thread that waits for a lock, a pause or a sync stays
 * occupied, as Kafka's do: handlers can run out while cores idle. Reads take no lock, as in Kafka, and cost one burst, and another for what
 * they have found.
 */
#include "model/broker/host_internal.h"

#include <assert.h>
#include <stdlib.h>

static void next_step(struct io_thread *thread);
static void take_next(struct io_thread *thread);

/* ---- locks ---- */

static bool lock(struct host_replica *replica, struct io_thread *thread)
{
    if (!replica->locked) {
        replica->locked = true;
        return true;
    }
    thread->next = NULL;
    if (replica->waiting_last)
        replica->waiting_last->next = thread;
    else
        replica->waiting = thread;
    replica->waiting_last = thread;
    return false;
}

static void append_cost(struct io_thread *thread);

static void unlock(struct host_replica *replica)
{
    struct io_thread *waiting = replica->waiting;
    if (!waiting) {
        replica->locked = false;
        return;
    }
    replica->waiting = waiting->next;
    if (!replica->waiting)
        replica->waiting_last = NULL;
    append_cost(waiting);
}

/* ---- answers ---- */

static uint64_t response_bytes(const struct model_call *call)
{
    switch (call->kind) {
    case MODEL_PRODUCE:
        return model_call_produce_response_bytes(1, call->produce.count);
    case MODEL_FETCH: {
        const struct broker_fetch_answer *answer = broker_fetch_answer(call->op);
        return model_call_fetch_response_overhead_bytes(answer->part_count) + answer->bytes;
    }
    case MODEL_API_VERSIONS:
        return model_call_api_versions_response_bytes();
    case MODEL_METADATA:
        return call->metadata.answer_bytes;
    default:
        return model_call_produce_response_bytes(1, call->offsets.count);
    }
}

void host_answer(struct model_host *host, struct model_call *call)
{
    call->at.ready_ns = host->sim->now_ns;
    if (model_call_is_stale(call)) {
        host_drop(host, call);
        return;
    }
    if (call->kind == MODEL_PRODUCE && call->produce.acks == 0) {
        host_unmute(host, call);
        broker_op_free(call->op);
        call->answered(call);
        return;
    }
    call->response_bytes = response_bytes(call);
    host_network_push(host, call);
}

void host_collect_ready(struct broker_op *op, void *ctx)
{
    struct model_host *host = ctx;
    call_queue_push(host->ready_sink, broker_op_host_data(op));
}

/* ---- what a fetch has found ---- */

/* Read and put into its answer: known only once the broker core has looked. */
static double read_ns(const struct model_host *host, const struct model_call *call)
{
    return host->profile->read_partition_ns * host_parts_found(call);
}

/* ---- deferred work: what this request made completable is completed by this thread, after its own answer ---- */

static void deferred_done(struct model_burst *burst)
{
    struct io_thread *thread = burst->owner;
    struct model_call *call;
    while ((call = call_queue_pop(&thread->completed)) != NULL)
        host_answer(thread->host, call);
    take_next(thread);
}

static void run_deferred(struct io_thread *thread)
{
    struct model_host *host = thread->host;
    struct broker_receipt receipt = {0};
    host_enter(host);
    host->ready_sink = &thread->completed;
    broker_run_deferred(host->broker, &receipt);
    host->ready_sink = NULL;
    host_arm_broker_timer(host);
    if (thread->completed.count == 0) {
        take_next(thread);
        return;
    }
    double work = 0;
    for (struct model_call *call = thread->completed.head; call; call = call->next)
        work += call->kind == MODEL_FETCH
                    ? host->profile->fetch.partition_ns * broker_op_covered_count(call->op) +
                          read_ns(host, call)
                    : host->profile->append.partition_ns;
    thread->burst.done = deferred_done;
    model_cpu_run(&host->machine->cpu, &thread->burst, work);
}

static void let_go(struct io_thread *thread, bool ready)
{
    struct model_call *call = thread->call;
    call->at.local_ns = thread->host->sim->now_ns;
    thread->call = NULL;
    if (ready)
        host_answer(thread->host, call);
    run_deferred(thread);
}

static void read_out(struct model_burst *burst)
{
    let_go(burst->owner, true);
}

static void finish(struct io_thread *thread)
{
    struct model_host *host = thread->host;
    struct model_call *call = thread->call;
    host_enter(host);
    bool ready = !call->op || broker_op_finish(call->op) == BROKER_OP_READY;
    double work = ready ? read_ns(host, call) : 0;
    if (work > 0) {
        thread->burst.done = read_out;
        model_cpu_run(&host->machine->cpu, &thread->burst, work);
    } else {
        let_go(thread, ready);
    }
}

/* ---- what touches no log ---- */

static void looked_up(struct model_burst *burst)
{
    finish(burst->owner);
}

/* ApiVersions and Metadata: as a fetch without a partition. Judgement: they are rare. */
static void begin_look_up(struct io_thread *thread)
{
    struct model_host *host = thread->host;
    thread->burst.done = looked_up;
    model_cpu_run(&host->machine->cpu, &thread->burst,
                  model_cost_ns(&host->profile->fetch, 1, 0, 0, 0, 0));
}

/* ---- produce: step by step ---- */

static void publish(struct io_thread *thread)
{
    struct model_host *host = thread->host;
    host_enter(host);
    broker_op_publish(thread->call->op);
    unlock(thread->replica);
    thread->replica = NULL;
    next_step(thread);
}

static void pause_then_publish(struct io_thread *thread)
{
    int64_t ns =
        thread->pause_ns > 0 ? thread->pause_ns : host_held_ns(thread->host, thread->replica);
    thread->pause_ns = 0;
    if (ns > 0)
        sim_after(thread->host->sim, &thread->pause, ns);
    else
        publish(thread);
}

static void pause_over(struct sim *sim, struct sim_event *event)
{
    (void)sim;
    pause_then_publish(sim_container(event, struct io_thread, pause));
}

static void flush_done(void *owner)
{
    pause_then_publish(owner);
}

static void append_now(struct model_burst *burst)
{
    struct io_thread *thread = burst->owner;
    struct model_host *host = thread->host;
    host_enter(host);
    thread->receipt = (struct broker_receipt){0};
    int status = broker_op_step(thread->call->op, &thread->receipt);
    if (status != BROKER_OK)
        host->stats.storage_errors++;
    thread->pause_ns = host_charge_write(host, thread->replica, &thread->receipt);
    if (!host_flush_begin(&thread->flush, host, thread->replica, host_syncs(&thread->receipt)))
        pause_then_publish(thread);
}

/* The lock is held: what the request alone determines. The request's own cost goes with its first partition. */
static void append_cost(struct io_thread *thread)
{
    struct model_host *host = thread->host;
    const struct model_call *call = thread->call;
    uint32_t index = broker_op_next_index(call->op);
    const struct broker_produce_part *part = &call->produce.parts[index];
    uint64_t bytes = broker_spans_size(part->spans, part->span_count);
    double records = (double)call->produce.records / call->produce.count;
    double work = model_cost_ns(&host->profile->append, index == 0, 1, 1, records, (double)bytes);
    thread->burst.done = append_now;
    model_cpu_run(&host->machine->cpu, &thread->burst, work);
}

static void next_step(struct io_thread *thread)
{
    struct broker_partition *partition = broker_op_next(thread->call->op);
    if (!partition) {
        finish(thread);
        return;
    }
    const struct model_call *call = thread->call;
    struct broker_tp tp = call->produce.parts[broker_op_next_index(call->op)].tp;
    thread->replica = host_find(thread->host, tp);
    assert(thread->replica && thread->replica->partition == partition);
    if (lock(thread->replica, thread))
        append_cost(thread);
}

/* ---- fetch and list offsets: one burst, all steps at its end ---- */

static void read_now(struct model_burst *burst)
{
    struct io_thread *thread = burst->owner;
    host_enter(thread->host);
    thread->receipt = (struct broker_receipt){0};
    broker_op_run(thread->call->op, &thread->receipt);
    finish(thread);
}

static void begin_read(struct io_thread *thread)
{
    struct model_host *host = thread->host;
    const struct model_call *call = thread->call;
    double covered = broker_op_covered_count(call->op);
    double work = model_cost_ns(&host->profile->fetch, 1, covered, 0, 0, 0);
    if (call->kind == MODEL_FETCH && call->fetch.replica_id >= 0)
        work += model_cost_ns(&host->profile->replica_read, 1, covered, 0, 0, 0);
    thread->burst.done = read_now;
    model_cpu_run(&host->machine->cpu, &thread->burst, work);
}

static void begin(struct io_thread *thread, struct model_call *call)
{
    struct model_host *host = thread->host;
    host_enter(host);
    thread->call = call;
    call->at.taken_ns = host->sim->now_ns;
    host->stats.requests[call->kind]++;
    model_gc_allocate(&host->gc,
                      host->profile->gc_alloc_per_request +
                          host->profile->gc_alloc_per_byte * (double)call->request_bytes);
    switch (call->kind) {
    case MODEL_PRODUCE:
        call->op = broker_produce_new(host->broker, call->produce.acks, call->produce.timeout_ms,
                                      call->produce.parts, call->produce.count, call);
        next_step(thread);
        return;
    case MODEL_FETCH:
        call->op = broker_fetch_new(host->broker, &call->fetch, call);
        begin_read(thread);
        return;
    case MODEL_API_VERSIONS:
    case MODEL_METADATA:
        begin_look_up(thread);
        return;
    default:
        call->op = broker_list_offsets_new(host->broker, -1, false, call->offsets.parts,
                                           call->offsets.count, call);
        begin_read(thread);
    }
}

/* ---- the request queue ---- */

/* Handlers wait on one condition (ArrayBlockingQueue), which wakes the one that has waited longest: they take turns. */
static void go_idle(struct model_host *host, struct io_thread *thread)
{
    thread->next = NULL;
    *(host->io_idle ? &host->io_idle_last->next : &host->io_idle) = thread;
    host->io_idle_last = thread;
}

static void take_next(struct io_thread *thread)
{
    struct model_host *host = thread->host;
    struct model_call *call = call_queue_pop(&host->requests);
    if (call) {
        sim_level_add(&host->request_level, host->sim->now_ns, -1);
        host_network_unblock(host);
        begin(thread, call);
        return;
    }
    sim_level_add(&host->io_busy, host->sim->now_ns, -1);
    go_idle(host, thread);
}

bool host_io_offer(struct model_host *host, struct model_call *call)
{
    struct io_thread *thread = host->io_idle;
    if (thread) {
        host->io_idle = thread->next;
        sim_level_add(&host->io_busy, host->sim->now_ns, +1);
        begin(thread, call);
        host->io_woken_ns += host_waking_ns(host, &thread->burst);
        return true;
    }
    if (host->requests.count >= host->config.queued_max_requests)
        return false;
    call_queue_push(&host->requests, call);
    sim_level_add(&host->request_level, host->sim->now_ns, +1);
    if (host->requests.count > host->stats.request_queue_max)
        host->stats.request_queue_max = host->requests.count;
    return true;
}

void host_io_init(struct model_host *host)
{
    uint32_t count = host->config.num_io_threads;
    host->io_threads = calloc(count, sizeof *host->io_threads);
    assert(host->io_threads);
    for (uint32_t i = 0; i < count; i++) {
        struct io_thread *thread = &host->io_threads[i];
        thread->host = host;
        thread->burst.owner = thread;
        host_own(host, &thread->burst, MODEL_THREAD_IO);
        thread->flush.burst = &thread->burst;
        thread->flush.owner = thread;
        thread->flush.done = flush_done;
        sim_event_init(&thread->pause, pause_over);
        go_idle(host, thread);
    }
}

/* ---- timers of the broker core: purgatories and the ISR check; Kafka's reaper threads cost next to nothing ---- */

void host_broker_timer(struct sim *sim, struct sim_event *event)
{
    (void)sim;
    struct model_host *host = sim_container(event, struct model_host, broker_timer);
    struct broker_receipt receipt = {0};
    host_enter(host);
    host->broker_timer_ns = INT64_MAX;
    host->ready_sink = &host->timer_ready;
    broker_run_due(host->broker, host_wall_ms(host), &receipt);
    host_run_deferred_now(host);
    host_arm_broker_timer(host);
}

void host_run_deferred_now(struct model_host *host)
{
    struct broker_receipt receipt = {0};
    struct model_call *call;
    host->ready_sink = &host->timer_ready;
    broker_run_deferred(host->broker, &receipt);
    host->ready_sink = NULL;
    while ((call = call_queue_pop(&host->timer_ready)) != NULL)
        host_answer(host, call);
}

/* A timer that fires too early finds nothing due and is armed again: cheaper than moving it at every wait. */
void host_arm_broker_timer(struct model_host *host)
{
    int64_t due_ns = host_time_ns(host, broker_next_due_ms(host->broker));
    if (due_ns < host->sim->now_ns)
        due_ns = host->sim->now_ns;
    if (due_ns < host->broker_timer_ns) {
        host->broker_timer_ns = due_ns;
        sim_at(host->sim, &host->broker_timer, due_ns, 0);
    }
}
