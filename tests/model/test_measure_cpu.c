/* headroom measure: CPU of processes by thread, and what becomes of free memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "model/measure/measured_row.h"
#include "model/measure/page_reporting.h"
#include "tests/support/scratch.h"

static void cpu__reads_stat_whose_name_looks_like_its_end(void **state)
{
    (void)state;
    int64_t ticks = -1, ns = -1;
    assert_true(cpu_parse_stat("42 (a) R 1 2) S 1 42 42 0 -1 4194560 100 0 0 0 250 33 0 0 20 0 9 0",
                               &ticks));
    assert_int_equal(ticks, 283);
    assert_false(cpu_parse_stat("42 (a", &ticks));
    assert_false(cpu_parse_stat("42 (a) S 1 42 42 0 -1 41", &ticks));
    assert_false(cpu_parse_stat("", &ticks));
    assert_true(cpu_parse_schedstat("123456789 5 6\n", &ns));
    assert_int_equal(ns, 123456789);
    assert_false(cpu_parse_schedstat("-5 1 1", &ns));
    assert_false(cpu_parse_schedstat("x", &ns));
}

static void cpu__names_groups_as_rows_do(void **state)
{
    (void)state;
    static const char *const names[][2] = {{"data-plane-kafk", "network_and_io_threads"},
                                           {"C2 CompilerThre", "jit_compiler"},
                                           {"GC Thread#1", "gc"},
                                           {"G1 Conc#0", "G Conc#"},
                                           {"kafka-1-raft-io", "kafka--raft-io"},
                                           {"ReplicaFetcherT", "replica_fetcher"}};
    char group[40];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        cpu_group_name(CPU_BROKER, names[i][0], group);
        assert_string_equal(group, names[i][1]);
    }
    cpu_group_name(CPU_CLIENT, "rdk:broker1", group);
    assert_string_equal(group, "librdkafka_broker_thread");
    cpu_group_name(CPU_CLIENT, "headroom", group);
    assert_string_equal(group, "application");
}

static void put_thread(int tid, const char *name, const char *schedstat)
{
    char path[64];
    snprintf(path, sizeof path, "proc/77/task/%d/comm", tid);
    scratch_put(path, name);
    snprintf(path, sizeof path, "proc/77/task/%d/schedstat", tid);
    scratch_put(path, schedstat);
}

static void cpu__usage_is_the_difference_in_cores_by_group(void **state)
{
    (void)state;
    struct cpu_sample before, after;
    struct cpu_usage usage;
    struct measure_err err;
    char root[96];
    snprintf(root, sizeof root, "%s/proc", scratch);
    scratch_put("proc/77/stat", "77 (java) S 1 77 77 0 -1 0 0 0 0 0 100 50 0 0 20 0 9 0 1");
    put_thread(77, "java\n", "1000 0 0");
    put_thread(78, "data-plane-kafk\n", "1000000000 0 0");
    put_thread(79, "data-plane-kafk\n", "2000000000 0 0");
    assert_int_equal(cpu_sample_read(&before, root, 77, &err), MEASURE_OK);
    before.at_ns = 0;
    scratch_put("proc/77/stat", "77 (java) S 1 77 77 0 -1 0 0 0 0 0 300 150 0 0 20 0 9 0 1");
    put_thread(78, "data-plane-kafk\n", "2000000000 0 0");
    put_thread(79, "data-plane-kafk\n", "3500000000 0 0");
    put_thread(80, "C1 CompilerThre\n", "500000000 0 0"); /* born meanwhile */
    assert_int_equal(cpu_sample_read(&after, root, 77, &err), MEASURE_OK);
    after.at_ns = INT64_C(10000000000);
    cpu_usage_between(&usage, &before, &after, CPU_BROKER);
    double tick_s = 1.0 / (double)sysconf(_SC_CLK_TCK);
    assert_true(fabs(usage.cores - 300 * tick_s / 10) < 1e-9);
    assert_int_equal(usage.count, 2); /* java itself used nothing */
    assert_string_equal(usage.groups[0].name, "network_and_io_threads");
    assert_true(fabs(usage.groups[0].cores - 0.25) < 1e-9);
    assert_string_equal(usage.groups[1].name, "jit_compiler");
    assert_true(fabs(usage.groups[1].cores - 0.05) < 1e-9);
    cpu_sample_release(&before);
    cpu_sample_release(&after);
    assert_int_equal(cpu_sample_read(&before, root, 78, &err), MEASURE_EFAILED);
    assert_string_equal(err.text, "process 78: there is none of that id");
}

static void cpu__own_process_has_used_some(void **state)
{
    (void)state;
    struct cpu_sample sample;
    struct measure_err err;
    assert_int_equal(cpu_sample_read(&sample, "/proc", getpid(), &err), MEASURE_OK);
    assert_true(sample.cpu_ns > 0);
    assert_int_equal(sample.count, 1);
    cpu_sample_release(&sample);
}

static void memory__goes_back_where_the_balloon_reports_free_pages(void **state)
{
    (void)state;
    char root[96];
    snprintf(root, sizeof root, "%s/sys", scratch);
    assert_false(measure_page_reporting(root)); /* no virtio at all */
    scratch_put("sys/bus/virtio/devices/virtio0/device", "0x0002\n");
    scratch_put("sys/bus/virtio/devices/virtio0/features", "0000010000\n");
    assert_false(measure_page_reporting(root)); /* a disk's bit 5 is another thing */
    scratch_put("sys/bus/virtio/devices/virtio1/device", "0x0005\n");
    scratch_put("sys/bus/virtio/devices/virtio1/features", "0110000100\n");
    assert_false(measure_page_reporting(root));
    scratch_put("sys/bus/virtio/devices/virtio1/features", "01101\n");
    assert_false(measure_page_reporting(root)); /* cut off */
    scratch_put("sys/bus/virtio/devices/virtio1/features", "0110010100\n");
    assert_true(measure_page_reporting(root));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cpu__reads_stat_whose_name_looks_like_its_end),
        cmocka_unit_test(cpu__names_groups_as_rows_do),
        cmocka_unit_test(cpu__usage_is_the_difference_in_cores_by_group),
        cmocka_unit_test(cpu__own_process_has_used_some),
        cmocka_unit_test(memory__goes_back_where_the_balloon_reports_free_pages),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
