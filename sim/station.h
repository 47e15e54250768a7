/*
 * sim/station.h - the places where jobs wait: FIFO servers, processor sharing, token bucket, lock.
 *
 * Shape    A job is a struct of the caller's, with a `done` callback. Submitting queues it; `done`
 *          runs at the simulated time it completes, never inside submit. When `done` runs, the job
 *          has left the station: it may be submitted anew or freed.
 *          Every station counts what it did: utilisation is a busy-time integral.
 * Units    Time: int64_t ns.
 * Checked  tests/theory/test_station_*.c against closed forms, with intervals and many seeds.
 */
#ifndef SIM_STATION_H
#define SIM_STATION_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/sim.h"
#include "sim/stat.h"

/* ---- what all stations share ---------------------------------------------------------------- */

struct sim_station {
    struct sim *sim;
    struct sim_level servers; /* what there is, in units of `unit` */
    struct sim_level busy;    /* what is in use; utilisation is the ratio of the two integrals */
    int64_t unit;             /* 1; finer where servers are shared by fractions */
    struct sim_level queued;  /* jobs that wait, not those in service */
    struct sim_level inside;  /* jobs waiting or in service */
    uint64_t arrival_count;
    uint64_t start_count; /* jobs whose wait ended */
    uint64_t done_count;
    sim_int128 wait_sum_ns;    /* over started jobs */
    sim_int128 sojourn_sum_ns; /* over completed jobs: wait and service */
    int64_t wait_max_ns;
    int64_t sojourn_max_ns;
    struct sim_histogram *waits; /* if not NULL, gets every wait; the caller's */
};

struct sim_station_stats {
    int64_t elapsed_ns; /* since init or the last reset */
    double busy_ratio;  /* busy-time integral / integral of servers; 0 for no time */
    double busy_mean;   /* servers in use, on average */
    bool used;          /* any arrival or anything inside: false prints as "unused", not as 0 % */
    double queued_mean;
    int64_t queued_max;
    double inside_mean;
    int64_t inside_max;
    double wait_mean_ns;
    int64_t wait_max_ns;
    double sojourn_mean_ns;
    int64_t sojourn_max_ns;
    uint64_t arrival_count;
    uint64_t done_count;
    double done_per_s;
};

/* Everything up to now. */
void sim_station_stats(const struct sim_station *station, struct sim_station_stats *stats);

/* Forget the past at the end of the warm-up; jobs inside stay. Waits and sojourns that began before
 * are counted whole when they end. */
void sim_station_reset(struct sim_station *station);

struct sim_job {
    void (*done)(struct sim *sim, struct sim_job *job);
    int64_t service_ns; /* FIFO: set by the caller, or by the station's service function */
    double work;        /* processor sharing: units of work, set by the caller */
    int64_t amount;     /* token bucket: tokens, set by the caller */
    /* The rest is the station's. */
    int64_t arrived_ns;
    int64_t started_ns;          /* -1 while it waits */
    struct sim_station *station; /* NULL: in none */
    struct sim_event event;
    struct sim_job *next;
    struct sim_job *prev;
    double finish; /* processor sharing: virtual time at which the work is done */
    uint64_t order;
    uint32_t place; /* processor sharing: in the heap */
};

/* Jobs that wait, in order of arrival. */
struct sim_line {
    struct sim_job *head;
    struct sim_job *tail;
};

/* Clears the job and names its callback. */
void sim_job_init(struct sim_job *job, void (*done)(struct sim *sim, struct sim_job *job));

static inline bool sim_job_is_inside(const struct sim_job *job)
{
    return job->station != NULL;
}

/* ---- FIFO with k servers -------------------------------------------------------------------- */

struct sim_fifo {
    struct sim_station station;
    struct sim_line line;
    /* Optional: the service time, asked when service starts (a seek depends on where the head is).
     * NULL: job->service_ns as the caller set it. */
    int64_t (*service)(struct sim_fifo *fifo, struct sim_job *job);
};

/* Asserts servers >= 1. */
void sim_fifo_init(struct sim_fifo *fifo, struct sim *sim, int64_t servers);

/* Borrows  job until done. Asserts service_ns >= 0. */
void sim_fifo_submit(struct sim_fifo *fifo, struct sim_job *job);

/* Takes a job out, waiting or in service; done will not run. Its server goes to the next job. */
void sim_fifo_cancel(struct sim_fifo *fifo, struct sim_job *job);

/* More servers start at once; fewer let running jobs finish. 0 stops new starts (a pause).
 * Utilisation is taken over the servers that there were, moment by moment. */
void sim_fifo_set_servers(struct sim_fifo *fifo, int64_t servers);

/* ---- processor sharing ---------------------------------------------------------------------- */

/*
 * n jobs inside each get min(job_cap, capacity / n) units of work per second. For a CPU work is in
 * ns of one core: capacity = cores * 1e9, job_cap = 1e9. For a link work is in bytes.
 * O(log n) a job: all jobs share one virtual time, which runs at the common rate, and a job is done
 * when virtual time has moved on by its work. Equal finishes leave in order of arrival.
 */
struct sim_ps {
    struct sim_station station; /* `queued` is the number of jobs beyond the whole servers */
    double capacity_per_ns;
    double job_cap_per_ns;
    double virtual_work; /* done so far for a job that was always inside; 0 when empty */
    int64_t updated_ns;
    struct sim_event event;
    struct sim_job **heap; /* by (finish, order), from index 1 */
    uint32_t count;
    uint32_t heap_capacity;
    uint64_t order;
};

/* Servers are capacity / job_cap, not necessarily whole. Asserts both > 0 and finite. */
void sim_ps_init(struct sim_ps *ps, struct sim *sim, double capacity_per_s, double job_cap_per_s);
void sim_ps_release(struct sim_ps *ps);

/* Borrows  job until done. Asserts work >= 0 and finite. */
void sim_ps_submit(struct sim_ps *ps, struct sim_job *job);

/* From now on; 0 stops all work (a pause of the host). Asserts >= 0 and finite. */
void sim_ps_set_capacity(struct sim_ps *ps, double capacity_per_s);

/* Work still to be done for a job inside. */
double sim_ps_remaining(struct sim_ps *ps, const struct sim_job *job);

/* ---- token bucket --------------------------------------------------------------------------- */

/*
 * Tokens flow in at `earn_per_s` and out at `use_per_s` (a fluid), between 0 and `capacity`. Between
 * changes the level is a straight line, so the time when it is full, empty or at any level is a
 * closed form. At 0 the outflow is limited to the inflow: the model should cut its use then.
 * Exact: the level is kept in 1e-9 tokens as an integer (rates are whole tokens per second).
 */
struct sim_bucket {
    int64_t capacity;
    int64_t earn_per_s;
    int64_t use_per_s;
    int64_t updated_ns;
    sim_int128 level_nano; /* may be negative after sim_bucket_take of more than there was */
    sim_int128 lost_nano;  /* earned while full: nobody used it */
    sim_int128 unmet_nano; /* use while empty: the model asked for more than there was */
};

/* Asserts capacity >= 0, rates >= 0, level <= capacity. */
void sim_bucket_init(struct sim_bucket *bucket, int64_t now_ns, int64_t capacity,
                     int64_t earn_per_s, int64_t level);

/* Whole tokens at now_ns, rounded down. */
int64_t sim_bucket_level(struct sim_bucket *bucket, int64_t now_ns);

/* Changes of the flows from now_ns on. */
void sim_bucket_set_earn(struct sim_bucket *bucket, int64_t now_ns, int64_t earn_per_s);
void sim_bucket_set_use(struct sim_bucket *bucket, int64_t now_ns, int64_t use_per_s);

/* Takes tokens at once; the level may go below zero (a debt that later tokens pay). */
void sim_bucket_take(struct sim_bucket *bucket, int64_t now_ns, int64_t tokens);
void sim_bucket_give(struct sim_bucket *bucket, int64_t now_ns, int64_t tokens);

/* Earliest time from now_ns on at which the level is at least, or at most, `tokens` if the flows
 * stay as they are; SIM_TIME_NEVER if that never happens. */
int64_t sim_bucket_when_at_least(struct sim_bucket *bucket, int64_t now_ns, int64_t tokens);
int64_t sim_bucket_when_at_most(struct sim_bucket *bucket, int64_t now_ns, int64_t tokens);

/* Empty: at most 0. Full: at least the capacity. */
int64_t sim_bucket_when_empty(struct sim_bucket *bucket, int64_t now_ns);
int64_t sim_bucket_when_full(struct sim_bucket *bucket, int64_t now_ns);

/*
 * Jobs that wait in order of arrival for `amount` tokens. One that wants more than the capacity goes
 * when the bucket is full and leaves a debt, so the long-run rate is always earn_per_s.
 * busy_ratio: share of the time in which jobs waited for tokens.
 */
struct sim_throttle {
    struct sim_station station;
    struct sim_bucket bucket;
    struct sim_line line;
    struct sim_event event;
};

void sim_throttle_init(struct sim_throttle *throttle, struct sim *sim, int64_t capacity,
                       int64_t earn_per_s, int64_t level);

/* Borrows  job until done, which runs at the time its tokens were taken. Asserts amount >= 0. */
void sim_throttle_submit(struct sim_throttle *throttle, struct sim_job *job);
void sim_throttle_cancel(struct sim_throttle *throttle, struct sim_job *job);
void sim_throttle_set_rate(struct sim_throttle *throttle, int64_t earn_per_s);

/* ---- lock ----------------------------------------------------------------------------------- */

/*
 * A mutex granted in order of arrival. job->done runs when the job owns the lock, as an event of its
 * own; the owner calls sim_lock_release. Ownership passes at release, so nobody overtakes.
 * Sojourn is wait plus hold; busy_ratio is the share of time it was held.
 */
struct sim_lock {
    struct sim_station station;
    struct sim_job *owner; /* NULL: free */
    struct sim_line line;
};

void sim_lock_init(struct sim_lock *lock, struct sim *sim);
void sim_lock_acquire(struct sim_lock *lock, struct sim_job *job);

/* Takes it at once if it is free: true, and done does not run. */
bool sim_lock_try(struct sim_lock *lock, struct sim_job *job);

/* Asserts that `job` owns the lock. */
void sim_lock_release(struct sim_lock *lock, struct sim_job *job);

/* Takes a waiting job, or an owner whose done has not run yet, out. */
void sim_lock_cancel(struct sim_lock *lock, struct sim_job *job);

#endif
