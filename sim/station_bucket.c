/*
 * sim/station_bucket.c - token bucket: the straight lines, and the jobs that wait for tokens.
 *
 * One token a second is 10^-9 tokens a ns, so a level in 10^-9 tokens moves by whole numbers.
 */
#include <assert.h>

#include "sim/station_internal.h"

#define NANO INT64_C(1000000000)

void sim_bucket_init(struct sim_bucket *bucket, int64_t now_ns, int64_t capacity,
                     int64_t earn_per_s, int64_t level)
{
    assert(capacity >= 0 && earn_per_s >= 0 && level <= capacity);
    *bucket = (struct sim_bucket){.capacity = capacity,
                                  .earn_per_s = earn_per_s,
                                  .updated_ns = now_ns,
                                  .level_nano = (sim_int128)level * NANO};
}

/* A debt (below 0) is paid by the inflow but not enlarged by the outflow. */
static void bucket_advance(struct sim_bucket *bucket, int64_t now_ns)
{
    assert(now_ns >= bucket->updated_ns);
    sim_int128 net = bucket->earn_per_s - bucket->use_per_s;
    sim_int128 before = bucket->level_nano, after = before + net * (now_ns - bucket->updated_ns);
    sim_int128 full = (sim_int128)bucket->capacity * NANO, floor = before < 0 ? before : 0;
    bucket->updated_ns = now_ns;
    if (after > full) {
        bucket->lost_nano += after - full;
        after = full;
    } else if (net < 0 && after < floor) {
        bucket->unmet_nano += floor - after;
        after = floor;
    }
    bucket->level_nano = after;
}

int64_t sim_bucket_level(struct sim_bucket *bucket, int64_t now_ns)
{
    bucket_advance(bucket, now_ns);
    sim_int128 whole = bucket->level_nano / NANO;
    return (int64_t)(whole * NANO > bucket->level_nano ? whole - 1 : whole);
}

void sim_bucket_set_earn(struct sim_bucket *bucket, int64_t now_ns, int64_t earn_per_s)
{
    assert(earn_per_s >= 0);
    bucket_advance(bucket, now_ns);
    bucket->earn_per_s = earn_per_s;
}

void sim_bucket_set_use(struct sim_bucket *bucket, int64_t now_ns, int64_t use_per_s)
{
    assert(use_per_s >= 0);
    bucket_advance(bucket, now_ns);
    bucket->use_per_s = use_per_s;
}

void sim_bucket_take(struct sim_bucket *bucket, int64_t now_ns, int64_t tokens)
{
    assert(tokens >= 0);
    bucket_advance(bucket, now_ns);
    bucket->level_nano -= (sim_int128)tokens * NANO;
}

void sim_bucket_give(struct sim_bucket *bucket, int64_t now_ns, int64_t tokens)
{
    assert(tokens >= 0);
    bucket_advance(bucket, now_ns);
    sim_int128 full = (sim_int128)bucket->capacity * NANO;
    bucket->level_nano += (sim_int128)tokens * NANO;
    if (bucket->level_nano > full) {
        bucket->lost_nano += bucket->level_nano - full;
        bucket->level_nano = full;
    }
}

/* now + distance / speed, rounded up to whole ns. */
static int64_t time_after(int64_t now_ns, sim_int128 distance, sim_int128 speed)
{
    sim_int128 delay_ns = (distance + speed - 1) / speed;
    return delay_ns < SIM_TIME_NEVER - now_ns ? now_ns + (int64_t)delay_ns : SIM_TIME_NEVER;
}

int64_t sim_bucket_when_at_least(struct sim_bucket *bucket, int64_t now_ns, int64_t tokens)
{
    bucket_advance(bucket, now_ns);
    sim_int128 missing = (sim_int128)tokens * NANO - bucket->level_nano;
    int64_t net = bucket->earn_per_s - bucket->use_per_s;
    if (missing <= 0)
        return now_ns;
    if (net <= 0 || tokens > bucket->capacity)
        return SIM_TIME_NEVER;
    return time_after(now_ns, missing, net);
}

int64_t sim_bucket_when_at_most(struct sim_bucket *bucket, int64_t now_ns, int64_t tokens)
{
    bucket_advance(bucket, now_ns);
    sim_int128 above = bucket->level_nano - (sim_int128)tokens * NANO;
    int64_t net = bucket->earn_per_s - bucket->use_per_s;
    if (above <= 0)
        return now_ns;
    if (net >= 0 || tokens < 0)
        return SIM_TIME_NEVER;
    return time_after(now_ns, above, -(sim_int128)net);
}

int64_t sim_bucket_when_empty(struct sim_bucket *bucket, int64_t now_ns)
{
    return sim_bucket_when_at_most(bucket, now_ns, 0);
}

int64_t sim_bucket_when_full(struct sim_bucket *bucket, int64_t now_ns)
{
    return sim_bucket_when_at_least(bucket, now_ns, bucket->capacity);
}

/* ---- jobs that wait for tokens -------------------------------------------------------------- */

static void throttle_fire(struct sim *sim, struct sim_event *event);

void sim_throttle_init(struct sim_throttle *throttle, struct sim *sim, int64_t capacity,
                       int64_t earn_per_s, int64_t level)
{
    sim_station_init(&throttle->station, sim, 1, 1);
    sim_bucket_init(&throttle->bucket, sim->now_ns, capacity, earn_per_s, level);
    throttle->line = (struct sim_line){0};
    sim_event_init(&throttle->event, throttle_fire);
}

static void throttle_done(struct sim *sim, struct sim_event *event)
{
    struct sim_job *job = sim_container(event, struct sim_job, event);
    sim_station_leave(job->station, job);
    job->done(sim, job);
}

/* When the job may go. */
static int64_t throttle_when(struct sim_throttle *throttle, const struct sim_job *job)
{
    int64_t capacity = throttle->bucket.capacity;
    int64_t needed = job->amount < capacity ? job->amount : capacity;
    return sim_bucket_when_at_least(&throttle->bucket, throttle->station.sim->now_ns, needed);
}

static void throttle_pass(struct sim_throttle *throttle, struct sim_job *job)
{
    struct sim *sim = throttle->station.sim;
    sim_bucket_take(&throttle->bucket, sim->now_ns, job->amount);
    sim_station_start(&throttle->station, job);
    sim_event_init(&job->event, throttle_done);
    sim_after(sim, &job->event, 0);
}

/* Lets everyone go who may, and sets the clock for the next. */
static void throttle_serve(struct sim_throttle *throttle)
{
    struct sim *sim = throttle->station.sim;
    int64_t when_ns = SIM_TIME_NEVER;
    while (throttle->line.head != NULL) {
        struct sim_job *job = throttle->line.head;
        when_ns = throttle_when(throttle, job);
        if (when_ns > sim->now_ns)
            break;
        sim_line_remove(&throttle->line, &throttle->station, job);
        throttle_pass(throttle, job);
        when_ns = SIM_TIME_NEVER;
    }
    sim_level_set(&throttle->station.busy, sim->now_ns, throttle->line.head != NULL);
    if (when_ns == SIM_TIME_NEVER)
        sim_cancel(sim, &throttle->event);
    else
        sim_at(sim, &throttle->event, when_ns, SIM_PRIORITY_NORMAL);
}

static void throttle_fire(struct sim *sim, struct sim_event *event)
{
    (void)sim;
    throttle_serve(sim_container(event, struct sim_throttle, event));
}

void sim_throttle_submit(struct sim_throttle *throttle, struct sim_job *job)
{
    assert(job->amount >= 0);
    sim_station_arrive(&throttle->station, job);
    sim_line_push(&throttle->line, &throttle->station, job);
    if (throttle->line.head == job)
        throttle_serve(throttle);
}

void sim_throttle_cancel(struct sim_throttle *throttle, struct sim_job *job)
{
    assert(job->station == &throttle->station);
    if (job->started_ns < 0) {
        sim_line_remove(&throttle->line, &throttle->station, job);
    } else {
        sim_cancel(throttle->station.sim, &job->event);
        sim_bucket_give(&throttle->bucket, throttle->station.sim->now_ns, job->amount);
    }
    sim_station_abandon(&throttle->station, job);
    throttle_serve(throttle);
}

void sim_throttle_set_rate(struct sim_throttle *throttle, int64_t earn_per_s)
{
    sim_bucket_set_earn(&throttle->bucket, throttle->station.sim->now_ns, earn_per_s);
    throttle_serve(throttle);
}
