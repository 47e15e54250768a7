/* Stops of processes that share a machine: by hand, and against the pause of one that has it for itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/hardware/process.h"
#include "sim/random.h"

#define US INT64_C(1000)
#define MS INT64_C(1000000)

struct thread {
    struct model_burst burst;
    int64_t done_ns;
    int rounds; /* more bursts of the same work */
    double work_ns;
    int64_t stop_ns; /* of its process, when the first burst is done; 0: none */
};

enum { PROCESSES = 3 };

static struct sim the_sim;
static struct model_cpu cpu;
static struct model_process process[PROCESSES];
static struct sim_event stop_event;
static int64_t stop_work_ns;

static void start(uint32_t vcpus, int processes, int64_t quantum_ns)
{
    sim_init(&the_sim);
    struct model_cpu_config config = {.vcpus = vcpus, .speed = 1, .quantum_ns = quantum_ns};
    model_cpu_init(&cpu, &the_sim, &config);
    for (int i = 0; i < processes; i++)
        model_process_init(&process[i], &cpu);
}

static void end(void)
{
    for (int i = 0; i < PROCESSES; i++)
        model_process_release(&process[i]);
    model_cpu_release(&cpu);
    sim_release(&the_sim);
}

static void thread_done(struct model_burst *burst)
{
    struct thread *t = burst->owner;
    t->done_ns = sim_now_ns(&the_sim);
    if (t->stop_ns > 0)
        model_process_stop(burst->process, t->stop_ns);
    t->stop_ns = 0;
    if (t->rounds-- > 0)
        model_cpu_run(&cpu, burst, t->work_ns);
}

static void run(struct thread *t, int of, int64_t work_ns)
{
    t->burst.done = thread_done;
    t->burst.owner = t;
    t->burst.class = MODEL_THREAD_IO;
    t->burst.process = &process[of];
    t->work_ns = (double)work_ns;
    model_cpu_run(&cpu, &t->burst, t->work_ns);
}

static void stop_first(struct sim *s, struct sim_event *event)
{
    (void)s, (void)event;
    model_process_stop(&process[0], stop_work_ns);
}

static void stop_at(int64_t at_ns, int64_t work_ns)
{
    stop_work_ns = work_ns;
    sim_event_init(&stop_event, stop_first);
    sim_at(&the_sim, &stop_event, at_ns, SIM_PRIORITY_NORMAL);
}

static void stop__leaves_other_processes_running(void **state)
{
    (void)state;
    struct thread stopped = {0}, other = {0};
    start(2, 2, 100 * MS);
    run(&stopped, 0, 10 * MS);
    run(&other, 1, 10 * MS);
    stop_at(4 * MS, 20 * MS);
    sim_run_until(&the_sim, 9 * MS);
    assert_int_equal(model_cpu_busy_ns(&cpu, MODEL_THREAD_IO), (4 + 9) * MS);
    assert_int_equal(model_cpu_busy_ns(&cpu, MODEL_THREAD_GC), 5 * MS);
    sim_run(&the_sim);
    assert_int_equal(other.done_ns, 10 * MS);
    /* One collector has the stopped thread's core at once, the second the other's from 10 to 30 ms. */
    assert_int_equal(process[0].stats.stopped_ns, 26 * MS);
    assert_int_equal(stopped.done_ns, 36 * MS);
    assert_int_equal(process[1].stats.stops, 0);
    end();
}

/* One core, slices of 1 ms: when is a stop of 10 ms over that begins at 4.5? */
static int64_t stop_beside(int busy_threads)
{
    struct thread busy[2] = {0};
    start(1, 2, MS);
    for (int i = 0; i < busy_threads; i++)
        run(&busy[i], 1, 1000 * MS);
    stop_at(4500 * US, 10 * MS);
    sim_run_until(&the_sim, 500 * MS);
    assert_int_equal(process[0].stats.stops, 1);
    assert_int_equal(process[0].stats.longest_ns, process[0].stats.stopped_ns);
    int64_t stop_ns = process[0].stats.stopped_ns;
    end();
    return stop_ns;
}

static void stop__lasts_longer_on_a_busy_core(void **state)
{
    (void)state;
    assert_int_equal(stop_beside(0), 10 * MS);
    assert_int_equal(stop_beside(1), 19500 * US); /* a slice of two from 5 ms on, ten times */
    assert_int_equal(stop_beside(2), 29500 * US); /* of three, behind the one that waits */
}

static void held__goes_on_in_order(void **state)
{
    (void)state;
    struct thread running = {0}, queued = {0}, asked = {0};
    start(1, 2, 100 * MS);
    run(&running, 0, 10 * MS);
    run(&queued, 0, 10 * MS);
    stop_at(4 * MS, 20 * MS);
    sim_run_until(&the_sim, 12 * MS);
    run(&asked, 0, 10 * MS);
    sim_run(&the_sim);
    assert_int_equal(queued.done_ns, 34 * MS);
    assert_int_equal(running.done_ns, 40 * MS);
    assert_int_equal(asked.done_ns, 50 * MS);
    assert_int_equal(cpu.stats.wait_ns, (4 + 10 + 16) * MS); /* being held is no wait for a core */
    end();
}

static void held__leaves_the_run_queue_to_others(void **state)
{
    (void)state;
    struct thread t[4] = {0};
    start(1, 2, 100 * MS);
    for (int i = 0; i < 4; i++)
        run(&t[i], i % 2, 10 * MS);
    stop_at(4 * MS, 20 * MS);
    sim_run(&the_sim);
    assert_int_equal(t[1].done_ns, 14 * MS);
    assert_int_equal(t[3].done_ns, 24 * MS);
    assert_int_equal(process[0].stats.stopped_ns, 40 * MS);
    assert_int_equal(t[2].done_ns, 54 * MS);
    assert_int_equal(t[0].done_ns, 60 * MS);
    end();
}

static void stop__holds_the_thread_that_began_it(void **state)
{
    (void)state;
    struct thread t = {.rounds = 1, .stop_ns = 20 * MS}, other = {0};
    start(1, 2, 100 * MS);
    run(&t, 0, 10 * MS);
    run(&other, 1, 5 * MS);
    sim_run(&the_sim);
    assert_int_equal(other.done_ns, 15 * MS);
    assert_int_equal(t.done_ns, 45 * MS);
    end();
}

/* A second process that does nothing changes nothing: threads, cores and when the stop begins by chance. */
static void stop__beside_idle_processes_is_the_pause_of_one_alone(void **state)
{
    (void)state;
    struct sim_stream random;
    sim_stream_init(&random, 1, 0, "stops");
    for (int i = 0; i < 200; i++) {
        uint32_t vcpus = 1 + (uint32_t)sim_below(&random, 12);
        int64_t work_ns[12], at_ns = (int64_t)sim_below(&random, 10 * MS);
        int64_t done_ns[2][12], gc_ns[2];
        for (uint32_t t = 0; t < vcpus; t++)
            work_ns[t] = 1 + (int64_t)sim_below(&random, 10 * MS);
        for (int shared = 0; shared < 2; shared++) {
            struct thread threads[12] = {0};
            start(vcpus, 1 + shared, MS);
            stop_at(at_ns, 5 * MS);
            for (uint32_t t = 0; t < vcpus; t++)
                run(&threads[t], 0, work_ns[t]);
            sim_run_until(&the_sim, 50 * MS);
            for (uint32_t t = 0; t < vcpus; t++)
                done_ns[shared][t] = threads[t].done_ns;
            gc_ns[shared] = model_cpu_busy_ns(&cpu, MODEL_THREAD_GC);
            assert_int_equal(process[0].stats.stopped_ns, 5 * MS);
            end();
        }
        for (uint32_t t = 0; t < vcpus; t++)
            assert_int_equal(done_ns[0][t], done_ns[1][t]);
        assert_int_equal(gc_ns[0], gc_ns[1]);
    }
}

/* Three processes that stop at any time: all work is done, the collectors' too, on no more cores than there are. */
static void anything__conserves_work(void **state)
{
    (void)state;
    start(3, PROCESSES, 200 * US);
    struct sim_stream random;
    sim_stream_init(&random, 1, 0, "work");
    struct thread t[60] = {0};
    int64_t asked_ns = 0, collected_ns = 0;
    for (int i = 0; i < 60; i++) {
        int64_t work_ns = (int64_t)sim_below(&random, 900000);
        t[i].rounds = (int)sim_below(&random, 4);
        asked_ns += work_ns * (t[i].rounds + 1);
        run(&t[i], i % PROCESSES, work_ns);
        sim_run_until(&the_sim, sim_now_ns(&the_sim) + (int64_t)sim_below(&random, 400000));
        struct model_process *p = &process[sim_below(&random, PROCESSES)];
        if (i % 4 == 3 && !p->stopped) {
            int64_t stop_ns = (int64_t)sim_below(&random, 500000);
            collected_ns += stop_ns * 3;
            model_process_stop(p, stop_ns);
        }
        assert_true(model_cpu_utilisation(&cpu) <= 1.0);
    }
    sim_run(&the_sim);
    assert_int_equal(model_cpu_busy_ns(&cpu, MODEL_THREAD_IO), asked_ns);
    assert_int_equal(model_cpu_busy_ns(&cpu, MODEL_THREAD_GC), collected_ns);
    assert_int_equal(cpu.free_count, 3);
    assert_int_equal(cpu.queue_length, 0);
    end();
}

static void reset__counts_a_stop_that_goes_on_when_it_is_over(void **state)
{
    (void)state;
    start(1, 2, MS);
    stop_at(0, 5 * MS);
    sim_run_until(&the_sim, 2 * MS);
    model_process_reset_stats(&process[0]);
    model_cpu_reset_stats(&cpu);
    assert_int_equal(process[0].stats.stops, 0);
    sim_run(&the_sim);
    assert_int_equal(process[0].stats.stops, 1);
    assert_int_equal(process[0].stats.stopped_ns, 5 * MS);
    assert_int_equal(model_cpu_busy_ns(&cpu, MODEL_THREAD_GC), 3 * MS);
    model_process_reset_stats(&process[0]);
    assert_int_equal(process[0].stats.stopped_ns, 0);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stop__leaves_other_processes_running),
        cmocka_unit_test(stop__lasts_longer_on_a_busy_core),
        cmocka_unit_test(held__goes_on_in_order),
        cmocka_unit_test(held__leaves_the_run_queue_to_others),
        cmocka_unit_test(stop__holds_the_thread_that_began_it),
        cmocka_unit_test(stop__beside_idle_processes_is_the_pause_of_one_alone),
        cmocka_unit_test(anything__conserves_work),
        cmocka_unit_test(reset__counts_a_stop_that_goes_on_when_it_is_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
