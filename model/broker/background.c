/*
 * model/broker/background.c - the background threads of a simulated broker: log dirs' tasks, and the work without load.
 *
 * A due task runs its real code at once; its receipt then occupies one background thread: CPU for what it touched, the sync
 * that it asked for. When all threads are busy, due tasks wait.
 */
#include "model/broker/host_internal.h"

#include <assert.h>
#include <stdlib.h>

/* Idle work is spread over the second in steps: short enough to be no burst, long enough to be few events. */
#define IDLE_STEP_NS 100000000

static void run_due(struct model_host *host);

static void thread_free(struct background_thread *thread)
{
    thread->busy = false;
    run_due(thread->host);
}

/* Files with dirty bytes one after the other, a closed segment among them; the small ones stand for what else was synced. */
static void sync_next(struct background_thread *thread)
{
    struct model_cache *cache = thread->host->machine->cache;
    while (thread->synced_at < thread->synced_count) {
        uint64_t file = thread->synced[thread->synced_at++];
        if (model_cache_file_dirty_bytes(cache, thread->disk, file) > 0) {
            model_cache_sync(cache, thread->disk, file, &thread->sync);
            return;
        }
    }
    if (thread->receipt.syncs == 0) {
        thread_free(thread);
        return;
    }
    thread->receipt.syncs = 0;
    model_cache_sync(cache, thread->disk, HOST_SMALL_FILE, &thread->sync);
}

static void sync_done(struct model_sync *sync)
{
    sync_next(sync->owner);
}

static void work_done(struct model_burst *burst)
{
    struct background_thread *thread = burst->owner;
    if (thread->receipt.syncs > 0)
        thread->host->stats.syncs++;
    sync_next(thread);
}

static void charge(struct background_thread *thread)
{
    struct model_host *host = thread->host;
    const struct broker_receipt *r = &thread->receipt;
    host->stats.segments_deleted += r->files_removed / 3; /* .log, .index, .timeindex */
    if (r->small_file_bytes > 0)
        model_cache_write(host->machine->cache, thread->disk, HOST_SMALL_FILE, 0,
                          r->small_file_bytes);
    const struct model_cost *append = &host->profile->append;
    double work =
        append->partition_ns * (double)(r->files_made + r->files_removed + r->renames + r->syncs) +
        append->byte_ns * (double)(r->small_file_bytes + r->scanned_bytes);
    thread->busy = true;
    model_cpu_run(&host->machine->cpu, &thread->burst, work);
}

static struct background_thread *idle_thread(struct model_host *host)
{
    for (uint32_t i = 0; i < host->config.background_threads; i++)
        if (!host->background[i].busy)
            return &host->background[i];
    return NULL;
}

static bool run_one(struct model_host *host, struct background_thread *thread)
{
    int64_t now_ms = host_wall_ms(host);
    for (uint32_t d = 0; d < host->disk_count; d++) {
        if (broker_dir_task_due_ms(host->dirs[d]) > now_ms)
            continue;
        const char *what = NULL;
        thread->receipt = (struct broker_receipt){0};
        thread->disk = d;
        host_enter(host);
        env_sim_take_synced(host->envs[d],
                            thread->synced); /* by appends: their threads wait for them */
        if (broker_dir_run_task(host->dirs[d], now_ms, &thread->receipt, &what, NULL) != BROKER_OK)
            host->stats.storage_errors++;
        thread->synced_count = env_sim_take_synced(host->envs[d], thread->synced);
        thread->synced_at = 0;
        charge(thread);
        return true;
    }
    return false;
}

static void arm(struct model_host *host)
{
    int64_t due_ms = INT64_MAX;
    for (uint32_t d = 0; d < host->disk_count; d++) {
        int64_t dir_ms = broker_dir_task_due_ms(host->dirs[d]);
        due_ms = dir_ms < due_ms ? dir_ms : due_ms;
    }
    int64_t due_ns = host_time_ns(host, due_ms);
    if (due_ns == SIM_TIME_NEVER)
        return;
    sim_at(host->sim, &host->background_timer,
           due_ns > host->sim->now_ns ? due_ns : host->sim->now_ns, SIM_PRIORITY_NORMAL);
}

/* When every thread is busy the first to end comes back here. */
static void run_due(struct model_host *host)
{
    struct background_thread *thread;
    while ((thread = idle_thread(host)) != NULL && run_one(host, thread))
        ;
    if (thread)
        arm(host);
}

static void timer_fired(struct sim *sim, struct sim_event *event)
{
    (void)sim;
    run_due(sim_container(event, struct model_host, background_timer));
}

/* ---- the work of a broker without load: heartbeats, metrics, timers, replicas' bookkeeping ---- */

static void idle_again(struct model_burst *burst)
{
    struct model_host *host = burst->owner;
    sim_after(host->sim, &host->idle_timer, IDLE_STEP_NS);
}

static void idle_fired(struct sim *sim, struct sim_event *event)
{
    (void)sim;
    struct model_host *host = sim_container(event, struct model_host, idle_timer);
    double per_s = host->profile->idle_broker_ns_per_s +
                   host->profile->idle_partition_ns_per_s * host->hosted_count;
    model_cpu_run(&host->machine->cpu, &host->idle_burst, per_s * ((double)IDLE_STEP_NS / 1e9));
}

void host_background_init(struct model_host *host)
{
    uint32_t count = host->config.background_threads;
    host->background = calloc(count, sizeof *host->background);
    assert(host->background);
    for (uint32_t i = 0; i < count; i++) {
        struct background_thread *thread = &host->background[i];
        thread->host = host;
        thread->burst.owner = thread;
        host_own(host, &thread->burst, MODEL_THREAD_BACKGROUND);
        thread->burst.done = work_done;
        thread->sync.owner = thread;
        thread->sync.done = sync_done;
    }
    sim_event_init(&host->background_timer, timer_fired);
    sim_event_init(&host->idle_timer, idle_fired);
    host->idle_burst.owner = host;
    host_own(host, &host->idle_burst, MODEL_THREAD_BACKGROUND);
    host->idle_burst.done = idle_again;
}

void host_background_start(struct model_host *host)
{
    run_due(host);
    sim_after(host->sim, &host->idle_timer, IDLE_STEP_NS);
}
