/*
 * tests/bench/bench_histogram.c - what it costs to record a latency.
 *
 * histogram.record  ns a value. Yardstick: the same values counted in an array of equal bins, found by
 *                   a shift, with nothing else kept.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/histogram.h"
#include "sim/random.h"
#include "tests/support/bench.h"

#define VALUES 65536 /* 512 kB: drawn beforehand, and in the second-level cache */
#define SHIFT  14    /* bins of 16 us: what a hand-written recorder would use for milliseconds */
#define BINS   65536

static int64_t values[VALUES];

static __attribute__((noinline)) void record_all(struct sim_histogram *h, int times)
{
    for (int i = 0; i < times; i++)
        for (int k = 0; k < VALUES; k++)
            sim_histogram_record(h, values[k]);
}

static __attribute__((noinline)) void count_all(uint64_t *bins, int times)
{
    for (int i = 0; i < times; i++)
        for (int k = 0; k < VALUES; k++) {
            int64_t bin = values[k] >> SHIFT;
            bins[bin < BINS ? bin : BINS - 1]++;
        }
}

int main(int argc, char **argv)
{
    int times = bench_is_small(argc, argv) ? 1 : 100;
    struct bench bench = {.name = "histogram.record"};
    struct sim_histogram h;
    struct sim_stream stream;
    uint64_t *bins = calloc(BINS, sizeof(bins[0])), counted = 0;
    assert(bins != NULL);
    sim_histogram_init(&h);
    sim_stream_init(&stream, 1, 0, "latencies");
    for (int k = 0; k < VALUES; k++)
        values[k] = (int64_t)sim_lognormal(&stream, 5e6, 1.5);
    for (int round = -1; round < BENCH_ROUNDS; round++) {
        int64_t start = bench_cpu_ns();
        record_all(&h, times);
        int64_t middle = bench_cpu_ns();
        count_all(bins, times);
        int64_t end = bench_cpu_ns();
        if (round >= 0)
            bench_add(&bench, (double)(middle - start) / VALUES / times,
                      (double)(end - middle) / VALUES / times);
    }
    for (int i = 0; i < BINS; i++)
        counted += bins[i];
    if (counted != h.count) {
        fprintf(stderr, "histogram.record: the histogram and the array disagree\n");
        return 1;
    }
    bench_print(&bench);
    sim_histogram_release(&h);
    free(bins);
    return 0;
}
