/*
 * tests/theory/test_station_exact.c - token bucket, lock, cancels and pauses, whose answers are exact, and
 * the closed network of two stations against mean value analysis.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "sim/random.h"
#include "sim/sim.h"
#include "sim/stat.h"
#include "sim/station.h"

#define S INT64_C(1000000000)

/* ---- a job that notes when it was done ------------------------------------------------------ */

struct noted {
    struct sim_job job;
    int64_t done_ns; /* -1: not yet */
    int place;       /* among those done */
};

static int done_count;

static void note_done(struct sim *sim, struct sim_job *job)
{
    struct noted *n = sim_container(job, struct noted, job);
    assert_false(sim_job_is_inside(job));
    n->done_ns = sim_now_ns(sim);
    n->place = done_count++;
}

static void noted_init(struct noted *n)
{
    sim_job_init(&n->job, note_done);
    n->done_ns = -1;
    n->place = -1;
}

/* ---- bucket --------------------------------------------------------------------------------- */

/* The dates of hardware-models.md: gp2 of 100 GiB at 3000 IOPS from a full bucket of 5.4 million. */
static void bucket__runs_empty_when_the_formula_says(void **state)
{
    (void)state;
    struct sim_bucket b;
    sim_bucket_init(&b, 0, 5400000, 300, 5400000);
    sim_bucket_set_use(&b, 0, 3000);
    assert_int_equal(sim_bucket_when_empty(&b, 0), 2000 * S);
    assert_int_equal(sim_bucket_when_full(&b, 0), 0);
    assert_int_equal(sim_bucket_level(&b, 500 * S), 5400000 - 2700 * 500);
    assert_int_equal(sim_bucket_when_at_most(&b, 500 * S, 2700000), 1000 * S);
    assert_int_equal(sim_bucket_when_at_least(&b, 500 * S, 5000000), SIM_TIME_NEVER);
    sim_bucket_set_use(&b, 1000 * S, 0);
    assert_int_equal(sim_bucket_when_full(&b, 1000 * S), 1000 * S + 9000 * S);
    assert_int_equal(sim_bucket_when_empty(&b, 1000 * S), SIM_TIME_NEVER);
    assert_int_equal(sim_bucket_level(&b, 20000 * S), 5400000);
    assert_true(b.lost_nano == (sim_int128)10000 * 300 * S);
    /* st1 of 1 TiB: credits of 2^20 MiB, burst 250, base 40: 4993.2 s. */
    sim_bucket_init(&b, 0, 1048576, 40, 1048576);
    sim_bucket_set_use(&b, 0, 250);
    assert_int_equal(sim_bucket_when_empty(&b, 0) / S, 4993);
}

static void bucket__rounds_to_the_first_ns_that_has_the_tokens(void **state)
{
    (void)state;
    struct sim_stream s;
    sim_stream_init(&s, 1, 0, "bucket");
    for (int round = 0; round < 2000; round++) {
        struct sim_bucket b;
        int64_t earn = 1 + (int64_t)sim_below(&s, 1000000007), use = (int64_t)sim_below(&s, 50000);
        int64_t capacity = 1000 + (int64_t)sim_below(&s, 1000000);
        int64_t level = (int64_t)sim_below(&s, (uint64_t)capacity);
        int64_t wanted = (int64_t)sim_below(&s, (uint64_t)capacity);
        sim_bucket_init(&b, 17, capacity, earn, level);
        sim_bucket_set_use(&b, 17, use);
        bool up = wanted > level;
        int64_t t =
            up ? sim_bucket_when_at_least(&b, 17, wanted) : sim_bucket_when_at_most(&b, 17, wanted);
        if (t == SIM_TIME_NEVER) {
            assert_true(up ? earn <= use : earn >= use);
            continue;
        }
        struct sim_bucket before = b, at = b;
        if (t > 17) {
            sim_bucket_level(&before, t - 1);
            assert_true(up ? before.level_nano < (sim_int128)wanted * S
                           : before.level_nano > (sim_int128)wanted * S);
        }
        sim_bucket_level(&at, t);
        assert_true(up ? at.level_nano >= (sim_int128)wanted * S
                       : at.level_nano <= (sim_int128)wanted * S);
    }
}

static void bucket__forgets_nothing_however_often_it_is_read(void **state)
{
    (void)state;
    struct sim_bucket often, once;
    sim_bucket_init(&often, 0, INT64_C(1) << 40, 333333333, 5);
    once = often;
    for (int64_t t = 0; t < 10 * S; t += 999983)
        sim_bucket_level(&often, t);
    assert_int_equal(sim_bucket_level(&often, 10 * S), sim_bucket_level(&once, 10 * S));
    assert_true(often.level_nano == once.level_nano);
    assert_int_equal(sim_bucket_level(&once, 10 * S), 3333333335);
}

static void bucket__pays_a_debt_before_it_grows(void **state)
{
    (void)state;
    struct sim_bucket b;
    sim_bucket_init(&b, 0, 100, 10, 100);
    sim_bucket_take(&b, 0, 250);
    assert_int_equal(sim_bucket_level(&b, 0), -150);
    sim_bucket_set_use(&b, 0, 30);
    assert_int_equal(sim_bucket_level(&b, 5 * S), -150); /* an outflow makes no debt */
    assert_true(b.unmet_nano == (sim_int128)20 * 5 * S);
    sim_bucket_set_use(&b, 5 * S, 0);
    assert_int_equal(sim_bucket_when_at_least(&b, 5 * S, 0), 20 * S);
    assert_int_equal(sim_bucket_when_full(&b, 5 * S), 30 * S);
    sim_bucket_give(&b, 20 * S, 1000);
    assert_int_equal(sim_bucket_level(&b, 20 * S), 100);
}

/* ---- throttle ------------------------------------------------------------------------------- */

static void throttle__lets_go_at_the_exact_times(void **state)
{
    (void)state;
    struct sim sim;
    struct sim_throttle throttle;
    struct noted jobs[6];
    sim_init(&sim);
    sim_throttle_init(&throttle, &sim, 10, 2, 10); /* burst of 10, two a second */
    static const int64_t amounts[6] = {4, 6, 3, 1, 25, 1};
    /* 4 and 6 at once; 3 after 1.5 s, 1 after 0.5 s more; 25 when the bucket is full, 5 s later, and
     * leaves a debt of 15, so that 1 waits for 8 s. */
    static const int64_t expected[6] = {0, 0, 3 * S / 2, 2 * S, 7 * S, 15 * S};
    for (int i = 0; i < 6; i++) {
        noted_init(&jobs[i]);
        jobs[i].job.amount = amounts[i];
        sim_throttle_submit(&throttle, &jobs[i].job);
        assert_int_equal(jobs[i].done_ns, -1); /* never inside submit */
    }
    sim_run(&sim);
    for (int i = 0; i < 6; i++)
        assert_int_equal(jobs[i].done_ns, expected[i]);
    struct sim_station_stats stats;
    sim_run_until(&sim, 30 * S);
    sim_station_stats(&throttle.station, &stats);
    assert_true(fabs(stats.busy_ratio - 0.5) < 1e-12);
    assert_int_equal(stats.wait_max_ns, 15 * S);
    sim_release(&sim);
}

static void throttle__has_the_long_run_rate_whatever_the_sizes(void **state)
{
    (void)state;
    struct sim sim;
    struct sim_throttle throttle;
    struct sim_stream s;
    static struct noted jobs[1000];
    int64_t sum = 0;
    sim_init(&sim);
    sim_stream_init(&s, 2, 0, "sizes");
    sim_throttle_init(&throttle, &sim, 500, 1000, 500);
    for (int i = 0; i < 1000; i++) {
        noted_init(&jobs[i]);
        jobs[i].job.amount = (int64_t)sim_below(&s, 2000);
        sum += jobs[i].job.amount;
        sim_throttle_submit(&throttle, &jobs[i].job);
    }
    sim_run(&sim);
    /* Each waits for tokens for all before it and its own, at most `capacity` of its own. */
    int64_t own = jobs[999].job.amount, needed = own < 500 ? own : 500;
    assert_int_equal(jobs[999].done_ns, (sum - own + needed - 500) * (S / 1000));
    for (int i = 1; i < 1000; i++)
        assert_true(jobs[i].done_ns >= jobs[i - 1].done_ns);
    sim_release(&sim);
}

static void throttle__cancel_gives_the_turn_to_the_next(void **state)
{
    (void)state;
    struct sim sim;
    struct sim_throttle throttle;
    struct noted jobs[3];
    sim_init(&sim);
    sim_throttle_init(&throttle, &sim, 10, 1, 0);
    for (int i = 0; i < 3; i++) {
        noted_init(&jobs[i]);
        jobs[i].job.amount = i == 0 ? 10 : 2;
        sim_throttle_submit(&throttle, &jobs[i].job);
    }
    sim_run_until(&sim, S);
    sim_throttle_cancel(&throttle, &jobs[0].job);
    sim_run_until(&sim, 2 * S);
    assert_int_equal(jobs[1].done_ns, 2 * S);
    sim_throttle_set_rate(&throttle, 4);
    sim_run(&sim);
    assert_int_equal(jobs[0].done_ns, -1);
    assert_int_equal(jobs[2].done_ns, 5 * S / 2);
    sim_release(&sim);
}

/* ---- lock ----------------------------------------------------------------------------------- */

struct holder {
    struct sim_job job;
    struct sim_event release;
    struct sim_lock *lock;
    int64_t hold_ns;
    int64_t granted_ns;
    int64_t released_ns;
};

static void holder_release(struct sim *sim, struct sim_event *event)
{
    struct holder *h = sim_container(event, struct holder, release);
    h->released_ns = sim_now_ns(sim);
    sim_lock_release(h->lock, &h->job);
}

static void holder_granted(struct sim *sim, struct sim_job *job)
{
    struct holder *h = sim_container(job, struct holder, job);
    assert_ptr_equal(h->lock->owner, job);
    h->granted_ns = sim_now_ns(sim);
    sim_after(sim, &h->release, h->hold_ns);
}

static void holder_init(struct holder *h, struct sim_lock *lock, int64_t hold_ns)
{
    sim_job_init(&h->job, holder_granted);
    sim_event_init(&h->release, holder_release);
    h->lock = lock;
    h->hold_ns = hold_ns;
    h->granted_ns = h->released_ns = -1;
}

static void lock__is_granted_in_order_of_arrival(void **state)
{
    (void)state;
    struct sim sim;
    struct sim_lock lock;
    struct holder holders[4], late;
    sim_init(&sim);
    sim_lock_init(&lock, &sim);
    for (int i = 0; i < 4; i++) {
        holder_init(&holders[i], &lock, 10);
        sim_lock_acquire(&lock, &holders[i].job);
        assert_int_equal(holders[i].granted_ns, -1);
    }
    holder_init(&late, &lock, 5);
    assert_false(sim_lock_try(&lock, &late.job));
    sim_run_until(&sim, 15);
    sim_lock_cancel(&lock, &holders[2].job); /* one that waits gives up */
    sim_run(&sim);
    assert_int_equal(holders[0].granted_ns, 0);
    assert_int_equal(holders[1].granted_ns, 10);
    assert_int_equal(holders[2].granted_ns, -1);
    assert_int_equal(holders[3].granted_ns, 20);
    assert_int_equal(holders[3].released_ns, 30);
    assert_true(sim_lock_try(&lock, &late.job));
    assert_int_equal(late.granted_ns, -1); /* taken, without a callback */
    sim_run_until(&sim, 40);
    sim_lock_release(&lock, &late.job);
    sim_run_until(&sim, 80);
    struct sim_station_stats stats;
    sim_station_stats(&lock.station, &stats);
    assert_true(fabs(stats.busy_ratio - 0.5) < 1e-12);
    assert_int_equal(stats.wait_max_ns, 20);
    assert_int_equal(stats.done_count, 4);
    sim_release(&sim);
}

/* A grant at the very time at which its owner is cancelled goes to the next. */
static void lock__reoffers_an_abandoned_grant(void **state)
{
    (void)state;
    struct sim sim;
    struct sim_lock lock;
    struct holder a, b;
    sim_init(&sim);
    sim_lock_init(&lock, &sim);
    holder_init(&a, &lock, 1);
    holder_init(&b, &lock, 1);
    sim_lock_acquire(&lock, &a.job);
    sim_lock_acquire(&lock, &b.job);
    sim_lock_cancel(&lock, &a.job); /* granted, but its callback has not run */
    sim_run(&sim);
    assert_int_equal(a.granted_ns, -1);
    assert_int_equal(b.granted_ns, 0);
    assert_null(lock.owner);
    sim_release(&sim);
}

/* ---- FIFO and processor sharing, by hand ---------------------------------------------------- */

static void fifo__frees_the_server_of_a_cancelled_job(void **state)
{
    (void)state;
    struct sim sim;
    struct sim_fifo fifo;
    struct noted jobs[4];
    sim_init(&sim);
    sim_fifo_init(&fifo, &sim, 1);
    for (int i = 0; i < 4; i++) {
        noted_init(&jobs[i]);
        jobs[i].job.service_ns = 100;
        sim_fifo_submit(&fifo, &jobs[i].job);
    }
    sim_run_until(&sim, 30);
    sim_fifo_cancel(&fifo, &jobs[0].job); /* in service */
    sim_fifo_cancel(&fifo, &jobs[2].job); /* waiting */
    sim_run_until(&sim, 100);
    sim_fifo_set_servers(&fifo, 0); /* a pause: what runs goes on */
    sim_run_until(&sim, 500);
    assert_int_equal(jobs[1].done_ns, 130);
    assert_int_equal(jobs[3].done_ns, -1);
    sim_fifo_set_servers(&fifo, 2);
    sim_run(&sim);
    assert_int_equal(jobs[3].done_ns, 600);
    assert_int_equal(jobs[0].done_ns, -1);
    assert_int_equal(jobs[2].done_ns, -1);
    struct sim_station_stats stats;
    sim_station_stats(&fifo.station, &stats);
    assert_true(fabs(stats.busy_ratio - 230.0 / 300.0) < 1e-12); /* 1 for 100, 0, 2 for 100 */
    assert_int_equal(stats.queued_max, 3);
    sim_release(&sim);
}

static int64_t by_position(struct sim_fifo *fifo, struct sim_job *job)
{
    (void)job;
    return fifo->station.start_count == 1 ? 1000 : 10; /* the first seeks */
}

static void fifo__asks_for_the_service_when_it_starts(void **state)
{
    (void)state;
    struct sim sim;
    struct sim_fifo fifo;
    struct noted jobs[3];
    sim_init(&sim);
    sim_fifo_init(&fifo, &sim, 1);
    fifo.service = by_position;
    for (int i = 0; i < 3; i++) {
        noted_init(&jobs[i]);
        sim_fifo_submit(&fifo, &jobs[i].job);
    }
    sim_run(&sim);
    assert_int_equal(jobs[2].done_ns, 1020);
    sim_release(&sim);
}

static void processor_sharing__gives_the_times_done_by_hand(void **state)
{
    (void)state;
    struct sim sim;
    struct sim_ps ps;
    struct noted a, b, c;
    sim_init(&sim);
    sim_ps_init(&ps, &sim, 2e9, 1e9); /* two cores, a job uses one at most */
    noted_init(&a);
    noted_init(&b);
    noted_init(&c);
    a.job.work = 1000;
    b.job.work = 1000;
    c.job.work = 1000;
    sim_ps_submit(&ps, &a.job); /* alone: full speed, not double */
    sim_run_until(&sim, 400);
    sim_ps_submit(&ps, &b.job); /* two on two cores: still full speed */
    sim_ps_submit(&ps, &c.job); /* three: 2/3 each */
    sim_run_until(&sim, 700);
    assert_true(fabs(sim_ps_remaining(&ps, &a.job) - 400.0) < 1e-9);
    sim_ps_set_capacity(&ps, 0.0); /* a pause of the host */
    sim_run_until(&sim, 1700);
    assert_int_equal(a.done_ns, -1);
    sim_ps_set_capacity(&ps, 2e9);
    sim_run(&sim);
    /* a: 400 left at 2/3: 600 ns. Then b and c have 1000 - 200 - 400 = 400 left at full speed. */
    assert_int_equal(a.done_ns, 2300);
    assert_int_equal(b.done_ns, 2700);
    assert_int_equal(c.done_ns, 2700);
    assert_int_equal(c.place, b.place + 1); /* equal finishes leave in order of arrival */
    struct sim_station_stats stats;
    sim_station_stats(&ps.station, &stats);
    /* 3000 of work; 2 cores for 2700 ns less the pause of 1000. */
    assert_true(fabs(stats.busy_ratio - 3000.0 / 3400.0) < 1e-6);
    assert_int_equal(stats.queued_max, 3); /* during the pause */
    sim_ps_release(&ps);
    sim_release(&sim);
}

/* Against a fluid computed the slow way: every job's remaining work moved at every event. */
static void processor_sharing__is_the_fluid(void **state)
{
    (void)state;
    enum { N = 60 };
    struct sim sim;
    struct sim_ps ps;
    struct sim_stream s;
    static struct noted jobs[N];
    int64_t arrival_ns[N];
    double left[N], finish[N];
    sim_init(&sim);
    sim_stream_init(&s, 3, 0, "fluid");
    sim_ps_init(&ps, &sim, 2.5e9, 1e9);
    for (int64_t i = 0, t = 0; i < N; i++, t += (int64_t)sim_below(&s, 60000)) {
        arrival_ns[i] = t;
        noted_init(&jobs[i]);
        jobs[i].job.work = left[i] = (double)(1 + sim_below(&s, 200000));
    }
    for (int i = 0; i < N; i++) {
        sim_run_until(&sim, arrival_ns[i]);
        sim_ps_submit(&ps, &jobs[i].job);
    }
    sim_run(&sim);
    double now = 0.0;
    for (int arrived = 0, gone = 0; gone < N;) {
        int inside = arrived - gone, first = -1;
        double rate = inside > 0 ? fmin(1.0, 2.5 / inside) : 0.0;
        for (int i = 0; i < arrived; i++)
            if (left[i] > 0.0 && (first < 0 || left[i] < left[first]))
                first = i;
        double next_done = first < 0 ? INFINITY : now + left[first] / rate;
        double next_arrival = arrived < N ? (double)arrival_ns[arrived] : INFINITY;
        double step = fmin(next_done, next_arrival) - now;
        for (int i = 0; i < arrived; i++)
            if (left[i] > 0.0)
                left[i] -= step * rate;
        now += step;
        if (next_done <= next_arrival) {
            left[first] = 0.0;
            finish[first] = now;
            gone++;
        } else {
            arrived++;
        }
    }
    /* A job leaves at the next whole ns, which holds the others up by less than that. */
    for (int i = 0; i < N; i++)
        if (fabs((double)jobs[i].done_ns - finish[i]) > N)
            fail_msg("job %d is done at %ld, the fluid at %g", i, (long)jobs[i].done_ns, finish[i]);
    sim_ps_release(&ps);
    sim_release(&sim);
}

/* A job that goes round: submitted anew from its own callback. */
static void resubmit(struct sim *sim, struct sim_job *job)
{
    struct noted *n = sim_container(job, struct noted, job);
    n->done_ns = sim_now_ns(sim);
    if (sim_now_ns(sim) < 1000)
        sim_fifo_submit(sim->model, job);
}

static void job__may_be_submitted_again_from_its_callback(void **state)
{
    (void)state;
    struct sim sim;
    struct sim_fifo fifo;
    struct noted n;
    sim_init(&sim);
    sim_fifo_init(&fifo, &sim, 1);
    sim.model = &fifo;
    noted_init(&n);
    n.job.done = resubmit;
    n.job.service_ns = 100;
    sim_fifo_submit(&fifo, &n.job);
    sim_run(&sim);
    assert_int_equal(n.done_ns, 1000);
    assert_int_equal(fifo.station.done_count, 10);
    struct sim_station_stats stats;
    sim_station_stats(&fifo.station, &stats);
    assert_true(stats.busy_ratio == 1.0 && stats.used);
    sim_release(&sim);
}

static void unused_station__is_not_at_zero_percent_but_unused(void **state)
{
    (void)state;
    struct sim sim;
    struct sim_fifo fifo;
    struct sim_station_stats stats;
    sim_init(&sim);
    sim_fifo_init(&fifo, &sim, 3);
    sim_run_until(&sim, S);
    sim_station_stats(&fifo.station, &stats);
    assert_false(stats.used);
    assert_true(stats.busy_ratio == 0.0 && stats.wait_mean_ns == 0.0);
    sim_release(&sim);
}

/* ---- closed network ------------------------------------------------------------------------- */

/* N customers think (processor sharing, one server) and write (FIFO, one server) in turn. Both
 * exponential, so mean value analysis is exact. */
struct closed {
    struct sim sim;
    struct sim_ps ps;
    struct sim_fifo fifo;
    struct sim_stream ps_work;
    struct sim_stream fifo_work;
    struct sim_job jobs[8];
};

#define PS_NS   3e5
#define FIFO_NS 5e5

static void closed_to_fifo(struct sim *sim, struct sim_job *job);

static void closed_to_ps(struct sim *sim, struct sim_job *job)
{
    struct closed *c = sim_container(sim, struct closed, sim);
    job->done = closed_to_fifo;
    job->work = sim_exponential(&c->ps_work, PS_NS);
    sim_ps_submit(&c->ps, job);
}

static void closed_to_fifo(struct sim *sim, struct sim_job *job)
{
    struct closed *c = sim_container(sim, struct closed, sim);
    job->done = closed_to_ps;
    job->service_ns = sim_exponential_ns(&c->fifo_work, FIFO_NS);
    sim_fifo_submit(&c->fifo, job);
}

/* Throughput per s and mean number at the FIFO station. */
static void mean_value_analysis(int customers, double *rate, double *at_fifo)
{
    double q1 = 0.0, q2 = 0.0;
    for (int n = 1; n <= customers; n++) {
        double r1 = PS_NS / 1e9 * (1.0 + q1), r2 = FIFO_NS / 1e9 * (1.0 + q2);
        *rate = n / (r1 + r2);
        q1 = *rate * r1;
        q2 = *rate * r2;
    }
    *at_fifo = q2;
}

static void closed_network__meets_mean_value_analysis(void **state)
{
    (void)state;
    for (int customers = 1; customers <= 8; customers += customers < 2 ? 1 : 3) {
        double rates[20], fifo_inside[20], rate, at_fifo;
        mean_value_analysis(customers, &rate, &at_fifo);
        for (uint64_t r = 0; r < 20; r++) {
            struct closed c;
            struct sim_station_stats ps, fifo;
            sim_init(&c.sim);
            sim_ps_init(&c.ps, &c.sim, 1e9, 1e9);
            sim_fifo_init(&c.fifo, &c.sim, 1);
            sim_stream_init(&c.ps_work, 9, r, "ps");
            sim_stream_init(&c.fifo_work, 9, r, "fifo");
            for (int i = 0; i < customers; i++) {
                sim_job_init(&c.jobs[i], closed_to_fifo);
                closed_to_ps(&c.sim, &c.jobs[i]);
            }
            sim_run_until(&c.sim, S / 2);
            sim_station_reset(&c.ps.station);
            sim_station_reset(&c.fifo.station);
            sim_run_until(&c.sim, 6 * S);
            sim_station_stats(&c.ps.station, &ps);
            sim_station_stats(&c.fifo.station, &fifo);
            rates[r] = fifo.done_per_s;
            fifo_inside[r] = fifo.inside_mean;
            assert_true(fabs(ps.inside_mean + fifo.inside_mean - customers) < 1e-9);
            sim_ps_release(&c.ps);
            sim_release(&c.sim);
        }
        struct sim_interval x = sim_interval_mean(rates, 20, 0.9999);
        struct sim_interval q = sim_interval_mean(fifo_inside, 20, 0.9999);
        if (!(x.low <= rate && rate <= x.high && q.low <= at_fifo && at_fifo <= q.high))
            fail_msg("%d customers: rate [%g, %g], exact %g; at the disk [%g, %g], exact %g",
                     customers, x.low, x.high, rate, q.low, q.high, at_fifo);
        assert_true(sim_interval_relative(&x) < 0.05);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bucket__runs_empty_when_the_formula_says),
        cmocka_unit_test(bucket__rounds_to_the_first_ns_that_has_the_tokens),
        cmocka_unit_test(bucket__forgets_nothing_however_often_it_is_read),
        cmocka_unit_test(bucket__pays_a_debt_before_it_grows),
        cmocka_unit_test(throttle__lets_go_at_the_exact_times),
        cmocka_unit_test(throttle__has_the_long_run_rate_whatever_the_sizes),
        cmocka_unit_test(throttle__cancel_gives_the_turn_to_the_next),
        cmocka_unit_test(lock__is_granted_in_order_of_arrival),
        cmocka_unit_test(lock__reoffers_an_abandoned_grant),
        cmocka_unit_test(fifo__frees_the_server_of_a_cancelled_job),
        cmocka_unit_test(fifo__asks_for_the_service_when_it_starts),
        cmocka_unit_test(processor_sharing__gives_the_times_done_by_hand),
        cmocka_unit_test(processor_sharing__is_the_fluid),
        cmocka_unit_test(job__may_be_submitted_again_from_its_callback),
        cmocka_unit_test(unused_station__is_not_at_zero_percent_but_unused),
        cmocka_unit_test(closed_network__meets_mean_value_analysis),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
