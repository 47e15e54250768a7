/* Cores: who runs when, by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/hardware/cpu.h"
#include "sim/random.h"

#define US INT64_C(1000)
#define MS INT64_C(1000000)

struct thread {
    struct model_burst burst;
    struct model_cpu *cpu;
    int64_t done_ns;
    int rounds; /* more bursts of the same work */
    double work_ns;
    int done_count;
};

static struct sim the_sim;
static struct model_cpu cpu;

static void start_cpu(uint32_t vcpus, int64_t quantum_ns, int64_t wakeup_ns)
{
    sim_init(&the_sim);
    struct model_cpu_config config = {
        .vcpus = vcpus, .speed = 1, .quantum_ns = quantum_ns, .wakeup_ns = wakeup_ns};
    model_cpu_init(&cpu, &the_sim, &config);
}

static void stop_cpu(void)
{
    model_cpu_release(&cpu);
    sim_release(&the_sim);
}

static void thread_done(struct model_burst *burst)
{
    struct thread *t = burst->owner;
    t->done_ns = sim_now_ns(&the_sim);
    t->done_count++;
    if (t->rounds-- > 0)
        model_cpu_run(&cpu, burst, t->work_ns);
}

static void run(struct thread *t, double work_ns, int rounds)
{
    t->burst.done = thread_done;
    t->burst.owner = t;
    t->burst.class = MODEL_THREAD_IO;
    t->work_ns = work_ns;
    t->rounds = rounds;
    model_cpu_run(&cpu, &t->burst, work_ns);
}

static void run__takes_the_wake_up_and_the_work(void **state)
{
    (void)state;
    start_cpu(2, MS, 5 * US);
    struct thread t = {0};
    run(&t, 100e3, 0);
    assert_int_equal(t.done_count, 0); /* never inside run */
    sim_run(&the_sim);
    assert_int_equal(t.done_ns, 105 * US);
    assert_int_equal(sim_event_count(&the_sim), 1);
    assert_int_equal(model_cpu_busy_ns(&cpu, MODEL_THREAD_IO), 100 * US);
    stop_cpu();
}

static void run__divides_work_by_the_speed(void **state)
{
    (void)state;
    sim_init(&the_sim);
    struct model_cpu_config config = {.vcpus = 1, .speed = 2, .quantum_ns = MS};
    model_cpu_init(&cpu, &the_sim, &config);
    struct thread t = {0};
    run(&t, 100e3, 0);
    sim_run(&the_sim);
    assert_int_equal(t.done_ns, 50 * US);
    stop_cpu();
}

static void run__queues_in_order_when_all_cores_are_busy(void **state)
{
    (void)state;
    start_cpu(1, MS, 0);
    struct thread t[3] = {0};
    for (int i = 0; i < 3; i++)
        run(&t[i], 100e3, 0);
    sim_run(&the_sim);
    assert_int_equal(t[0].done_ns, 100 * US);
    assert_int_equal(t[1].done_ns, 200 * US);
    assert_int_equal(t[2].done_ns, 300 * US);
    assert_int_equal(cpu.stats.wait_ns, 300 * US);
    assert_int_equal(cpu.stats.queue_max, 2);
    stop_cpu();
}

static void done__that_goes_on_needs_no_wake_up(void **state)
{
    (void)state;
    start_cpu(1, 10 * MS, 5 * US);
    struct thread t = {0};
    run(&t, 100e3, 2);
    sim_run(&the_sim);
    assert_int_equal(t.done_ns, 305 * US);
    stop_cpu();
}

static void done__that_goes_on_keeps_its_core_until_the_slice_is_over(void **state)
{
    (void)state;
    start_cpu(1, 200 * US, 0);
    struct thread busy = {0}, other = {0};
    run(&busy, 100e3, 3); /* four bursts of 100 us */
    run(&other, 50e3, 0);
    sim_run(&the_sim);
    assert_int_equal(other.done_ns, 250 * US); /* after two of them */
    assert_int_equal(busy.done_ns, 450 * US);
    assert_int_equal(cpu.stats.switches, 1);
    stop_cpu();
}

static void slices__go_round(void **state)
{
    (void)state;
    start_cpu(1, MS, 0);
    struct thread a = {0}, b = {0};
    run(&a, 3e6, 0);
    run(&b, 3e6, 0);
    sim_run(&the_sim);
    assert_int_equal(a.done_ns, 5 * MS);
    assert_int_equal(b.done_ns, 6 * MS);
    stop_cpu();
}

static void slices__cost_nothing_without_others(void **state)
{
    (void)state;
    start_cpu(1, MS, 0);
    struct thread a = {0};
    run(&a, 3.5e6, 0);
    sim_run(&the_sim);
    assert_int_equal(a.done_ns, 3500 * US);
    assert_int_equal(cpu.stats.switches, 0);
    stop_cpu();
}

static void pause_now(struct sim *s, struct sim_event *event)
{
    (void)s;
    (void)event;
    model_cpu_pause(&cpu, 20 * MS);
}

static void pause__delays_what_runs_and_what_starts(void **state)
{
    (void)state;
    start_cpu(2, 100 * MS, 0);
    struct thread running = {0}, starting = {0};
    run(&running, 10e6, 0);
    struct sim_event pause;
    sim_event_init(&pause, pause_now);
    sim_at(&the_sim, &pause, 4 * MS, SIM_PRIORITY_NORMAL);
    sim_run_until(&the_sim, 14 * MS);
    assert_int_equal(model_cpu_busy_ns(&cpu, MODEL_THREAD_IO), 4 * MS);
    assert_int_equal(model_cpu_busy_ns(&cpu, MODEL_THREAD_GC), 2 * 10 * MS);
    run(&starting, 1e6, 0);
    sim_run(&the_sim);
    assert_int_equal(running.done_ns, 30 * MS);
    assert_int_equal(starting.done_ns, 25 * MS);
    assert_int_equal(model_cpu_busy_ns(&cpu, MODEL_THREAD_IO), 11 * MS);
    assert_int_equal(model_cpu_busy_ns(&cpu, MODEL_THREAD_GC), 2 * 20 * MS);
    stop_cpu();
}

static void pauses__add_up_when_a_second_begins_in_the_first(void **state)
{
    (void)state;
    start_cpu(1, 100 * MS, 0);
    struct thread t = {0};
    run(&t, 10e6, 0);
    struct sim_event pause[2];
    for (int i = 0; i < 2; i++) {
        sim_event_init(&pause[i], pause_now);
        sim_at(&the_sim, &pause[i], (4 + 10 * i) * MS, SIM_PRIORITY_NORMAL);
    }
    sim_run(&the_sim);
    assert_int_equal(t.done_ns, 50 * MS);
    stop_cpu();
}

static void run__after_a_long_sleep_costs_the_cold_work(void **state)
{
    (void)state;
    sim_init(&the_sim);
    struct model_cpu_config config = {
        .vcpus = 1, .speed = 1, .quantum_ns = MS, .cold_work_ns = 120e3, .cold_sleep_ns = 2 * MS};
    model_cpu_init(&cpu, &the_sim, &config);
    struct thread t = {0};
    run(&t, 10e3, 0); /* it has not slept: simulated time begins now */
    sim_run(&the_sim);
    assert_int_equal(t.done_ns, 10 * US);
    sim_run_until(&the_sim, 10 * US + 4 * MS);
    run(&t, 10e3, 0); /* slept 4 ms: 120 us * 4 / (4 + 2) */
    sim_run(&the_sim);
    assert_int_equal(t.done_ns, 10 * US + 4 * MS + 90 * US);
    stop_cpu();
}

static void reset__splits_a_burst_at_the_end_of_the_warm_up(void **state)
{
    (void)state;
    start_cpu(1, 100 * MS, 0);
    struct thread t = {0};
    run(&t, 10e6, 0);
    sim_run_until(&the_sim, 4 * MS);
    assert_int_equal(model_cpu_busy_ns(&cpu, MODEL_THREAD_IO), 4 * MS);
    model_cpu_reset_stats(&cpu);
    assert_int_equal(model_cpu_busy_ns(&cpu, MODEL_THREAD_IO), 0);
    sim_run_until(&the_sim, 7 * MS);
    assert_int_equal(model_cpu_busy_ns(&cpu, MODEL_THREAD_IO), 3 * MS);
    assert_float_equal(model_cpu_utilisation(&cpu), 1, 1e-12);
    sim_run_until(&the_sim, 16 * MS);
    assert_int_equal(model_cpu_busy_ns(&cpu, MODEL_THREAD_IO), 6 * MS);
    assert_float_equal(model_cpu_utilisation(&cpu), 0.5, 1e-12);
    stop_cpu();
}

static void free_burst(struct model_burst *burst)
{
    memset(burst, 0xff, sizeof(*burst));
    free(burst);
}

static void done__may_free_its_burst(void **state)
{
    (void)state;
    start_cpu(1, MS, 0);
    for (int i = 0; i < 3; i++) {
        struct model_burst *burst = calloc(1, sizeof(*burst));
        burst->done = free_burst;
        model_cpu_run(&cpu, burst, 1e3);
    }
    sim_run(&the_sim);
    assert_int_equal(cpu.stats.bursts, 3);
    assert_int_equal(sim_now_ns(&the_sim), 3 * US);
    stop_cpu();
}

/* Whatever happens: no more core time than there is, and all work is done. */
static void anything__conserves_work(void **state)
{
    (void)state;
    start_cpu(3, 200 * US, 3 * US);
    struct sim_stream random;
    sim_stream_init(&random, 1, 0, "work");
    struct thread t[40] = {0};
    int64_t asked_ns = 0;
    for (int i = 0; i < 40; i++) {
        int64_t work_ns = (int64_t)sim_below(&random, 900000);
        int rounds = (int)sim_below(&random, 4);
        run(&t[i], (double)work_ns, rounds);
        asked_ns += work_ns * (rounds + 1);
        sim_run_until(&the_sim, sim_now_ns(&the_sim) + (int64_t)sim_below(&random, 400000));
        if (i % 7 == 3)
            model_cpu_pause(&cpu, (int64_t)sim_below(&random, 500000));
        assert_true(model_cpu_utilisation(&cpu) <= 1.0);
    }
    sim_run(&the_sim);
    assert_int_equal(model_cpu_busy_ns(&cpu, MODEL_THREAD_IO), asked_ns);
    assert_true(model_cpu_utilisation(&cpu) <= 1.0);
    assert_int_equal(cpu.free_count, 3);
    stop_cpu();
}

static void work__of_a_time_takes_that_time(void **state)
{
    (void)state;
    sim_init(&the_sim);
    struct model_cpu_config config = {
        .vcpus = 4, .threads_per_core = 2, .speed = 0.7, .quantum_ns = MS};
    model_cpu_init(&cpu, &the_sim, &config);
    struct thread t = {0};
    run(&t, model_cpu_work(&cpu, 200e3), 0);
    assert_float_equal(model_cpu_alone_ns(&cpu, model_cpu_work(&cpu, 200e3)), 200e3, 1e-6);
    sim_run(&the_sim);
    assert_int_equal(t.done_ns, 200 * US);
    stop_cpu();
}

/* Two cores of two threads each: n threads without end do as much as n cores while there are some, and in all what CoreMark says. */
static void run__a_vcpu_is_faster_while_its_core_is_its_own(void **state)
{
    (void)state;
    static const double done_by[] = {0, 1.5, 3, 3.5, 4, 4, 4};
    for (int n = 1; n <= 6; n++) {
        sim_init(&the_sim);
        struct model_cpu_config config = {
            .vcpus = 4, .threads_per_core = 2, .speed = 1, .quantum_ns = MS};
        model_cpu_init(&cpu, &the_sim, &config);
        struct thread t[6] = {0};
        for (int i = 0; i < n; i++)
            run(&t[i], 10e3, INT32_MAX);
        sim_run_until(&the_sim, 1000 * MS);
        double work_ns = 0;
        for (int i = 0; i < n; i++)
            work_ns += t[i].done_count * 10e3;
        assert_true(work_ns > 0.999 * done_by[n] * 1e9 && work_ns < 1.001 * done_by[n] * 1e9);
        stop_cpu();
    }
}

/* One thread on one core: when does its burst begin that is woken so long after its last one? */
static int64_t waits_behind_hum(double cores, double piece_ns, int64_t since_ns)
{
    struct thread t = {0};
    start_cpu(1, 1400 * US, 0);
    model_cpu_hum(&cpu, cores, piece_ns);
    run(&t, 1, 0);
    sim_run_until(&the_sim, 50 * MS);
    if (since_ns > 0) {
        run(&t, 1, 0);
        sim_run_until(&the_sim, 100 * MS);
        run(&t, 1, 0);
        while (t.done_count < 3)
            sim_run_until(&the_sim, sim_now_ns(&the_sim) + US);
        sim_run_until(&the_sim, t.done_ns + since_ns);
    }
    int64_t woken_ns = sim_now_ns(&the_sim);
    run(&t, 1, 0);
    sim_run_until(&the_sim, woken_ns + 100 * MS);
    stop_cpu();
    return t.done_ns - 1 - woken_ns;
}

static void hum__that_never_sleeps_keeps_the_rest_of_its_slice(void **state)
{
    (void)state;
    assert_in_range(waits_behind_hum(1, 20e3, 400 * US), 990 * US, 1000 * US);
    assert_in_range(waits_behind_hum(1, 20e3, 1000 * US), 405 * US, 420 * US);
}

static void hum__that_sleeps_is_met_by_chance(void **state)
{
    (void)state;
    /* 20 us at a time half of the time: the rest of an M/D/1 busy period, 20 us / 2 / (1 - 1/2)^2, is met with the chance of 1/2. */
    assert_in_range(waits_behind_hum(0.5, 20e3, 0), 19 * US, 21 * US);
    assert_in_range(waits_behind_hum(0.1, 20e3, 0), 1200, 1300); /* 12.3 us, a tenth */
}

/* A burst of 30 ms in 100 leaves 0.7 of the core. */
static void hum__takes_what_the_bursts_leave(void **state)
{
    (void)state;
    struct thread t = {0};
    start_cpu(1, 1400 * US, 0);
    model_cpu_hum(&cpu, 0.6, 20e3);
    run(&t, 30 * MS, 0);
    sim_run_until(&the_sim, 100 * MS);
    assert_true(fabs(model_cpu_hum_cores(&cpu) - 0.6) < 1e-12);
    model_cpu_hum(&cpu, 0.3, 20e3);
    assert_true(fabs(model_cpu_hum_cores(&cpu) - 0.7) < 1e-12);
    assert_true(fabs(model_cpu_utilisation(&cpu) - 1) < 1e-12);
    stop_cpu();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(run__takes_the_wake_up_and_the_work),
        cmocka_unit_test(run__divides_work_by_the_speed),
        cmocka_unit_test(run__a_vcpu_is_faster_while_its_core_is_its_own),
        cmocka_unit_test(work__of_a_time_takes_that_time),
        cmocka_unit_test(run__queues_in_order_when_all_cores_are_busy),
        cmocka_unit_test(done__that_goes_on_needs_no_wake_up),
        cmocka_unit_test(done__that_goes_on_keeps_its_core_until_the_slice_is_over),
        cmocka_unit_test(slices__go_round),
        cmocka_unit_test(slices__cost_nothing_without_others),
        cmocka_unit_test(pause__delays_what_runs_and_what_starts),
        cmocka_unit_test(pauses__add_up_when_a_second_begins_in_the_first),
        cmocka_unit_test(run__after_a_long_sleep_costs_the_cold_work),
        cmocka_unit_test(reset__splits_a_burst_at_the_end_of_the_warm_up),
        cmocka_unit_test(done__may_free_its_burst),
        cmocka_unit_test(hum__that_never_sleeps_keeps_the_rest_of_its_slice),
        cmocka_unit_test(hum__that_sleeps_is_met_by_chance),
        cmocka_unit_test(hum__takes_what_the_bursts_leave),
        cmocka_unit_test(anything__conserves_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
