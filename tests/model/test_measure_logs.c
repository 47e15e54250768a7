/* headroom measure: what is read of a broker's logs: pauses, batches, bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "model/measure/measured_row.h"
#include "tests/support/scratch.h"

/* ---- GC logs ---- */

static void gc_log__counts_pauses_since_a_place(void **state)
{
    (void)state;
    static const char before[] = "[0.016s][info][gc] Using G1\n"
                                 "[1.949s][info][gc] GC(0) Pause Young (Normal) (G1 Evacuation "
                                 "Pause) 51M->7M(1024M) 20.728ms\n";
    static const char after[] = "[2.189s][info][gc] GC(2) Concurrent Mark Cycle 30.5ms\n"
                                "[2.201s][info][gc] GC(2) Pause Remark 10M->10M(1024M) 2.5ms\n"
                                "[2.301s][info][gc] GC(3) Pause Young (Normal) (G1 Evacuation "
                                "Pause) 51M->2M(1024M) 8.25ms\n"
                                "[2.401s][info][gc] GC(4) Pause Young (Normal) (G1 Evac";
    char text[1024], path[128];
    struct gc_pauses pauses;
    struct measure_err err;
    int64_t from;
    snprintf(path, sizeof path, "%s/gc.log", scratch);
    scratch_put("gc.log", before);
    assert_int_equal(gc_log_end(path, &from, &err), MEASURE_OK);
    snprintf(text, sizeof text, "%s%s", before, after);
    scratch_put("gc.log", text);
    assert_int_equal(gc_log_read(path, from, &pauses, &err), MEASURE_OK);
    assert_int_equal(pauses.count, 2);
    assert_true(pauses.total_ms == 10.75 && pauses.max_ms == 8.25);
    scratch_put("gc.log", after + 54); /* begun anew */
    assert_int_equal(gc_log_read(path, 1000000, &pauses, &err), MEASURE_OK);
    assert_int_equal(pauses.count, 2);
    assert_int_equal(gc_log_end("/nowhere/gc.log", &from, &err), MEASURE_EFAILED);
}

/* ---- log dirs ---- */

static size_t put_batch(uint8_t *at, uint8_t records, uint8_t bytes)
{
    memset(at, 0, bytes);
    at[11] = (uint8_t)(bytes - 12);
    at[16] = 2;
    at[60] = records;
    return bytes;
}

static void log_scan__sums_whole_batches_of_all_replicas(void **state)
{
    (void)state;
    uint8_t file[400];
    size_t n = put_batch(file, 5, 100);
    n += put_batch(file + n, 2, 80);
    scratch_put_bytes("d1/t-0/00000000000000000000.log", file, n);
    scratch_put_bytes("d2/t-0/00000000000000000000.log", file, n);
    scratch_put_bytes("d2/t-0/00000000000000000000.index", "x", 1);
    scratch_put_bytes("d2/t-1/00000000000000000000.log", file,
                      150); /* the second is being written */
    scratch_put_bytes("d2/u-0/00000000000000000000.log", file, n);
    char d1[128], d2[128];
    snprintf(d1, sizeof d1, "%s/d1", scratch);
    snprintf(d2, sizeof d2, "%s/d2", scratch);
    const char *dirs[] = {d1, d2};
    struct measure_log log;
    struct measure_err err;
    assert_int_equal(measure_log_scan(&log, dirs, 2, "t", 2, &err), MEASURE_OK);
    assert_int_equal(log.replicas, 3);
    assert_int_equal(log.batches, 5);
    assert_int_equal(log.records, 19);
    assert_int_equal(log.bytes, 460);
}

static void log_scan__refuses_what_is_no_log(void **state)
{
    (void)state;
    uint8_t file[100];
    put_batch(file, 1, 100);
    file[16] = 1;
    scratch_put_bytes("d3/t-0/00000000000000000000.log", file, sizeof file);
    char d3[128];
    snprintf(d3, sizeof d3, "%s/d3", scratch);
    const char *dirs[] = {d3, "/nowhere"};
    struct measure_log log;
    struct measure_err err;
    assert_int_equal(measure_log_scan(&log, dirs, 1, "t", 1, &err), MEASURE_EFAILED);
    assert_non_null(strstr(err.text, "byte 0 is not the start of a batch"));
    assert_int_equal(measure_log_scan(&log, dirs, 1, "none", 1, &err), MEASURE_EFAILED);
    assert_int_equal(measure_log_scan(&log, dirs + 1, 1, "t", 1, &err), MEASURE_EFAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gc_log__counts_pauses_since_a_place),
        cmocka_unit_test(log_scan__sums_whole_batches_of_all_replicas),
        cmocka_unit_test(log_scan__refuses_what_is_no_log),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
