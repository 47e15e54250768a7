/*
 * tests/bench/bench.h - one JSON line a benchmark, with its yardstick from the same run.
 *
 * The machine may be shared: rounds of the thing and of its yardstick take turns, and medians are printed. `--small` runs every
 * benchmark at a size that only shows that it still works.
 */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define BENCH_ROUNDS 5

static inline bool bench_small(int argc, char **argv)
{
    return argc > 1 && strcmp(argv[1], "--small") == 0;
}

static inline double bench_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Largest resident memory of this process so far, in MB (10^6). */
static inline double bench_rss_mb(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss * 1024 / 1e6;
}

static inline int bench_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static inline double bench_median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, bench_compare);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static inline void bench_print(const char *name, double value, const char *unit, double yardstick)
{
    printf("{\"bench\": \"%s\", \"value\": %.4g, \"unit\": \"%s\", \"yardstick\": %.4g, \"ratio\": "
           "%.4g, \"rss_mb\": %.0f}\n",
           name, value, unit, yardstick, value / yardstick, bench_rss_mb());
    fflush(stdout);
}

/* One round: does the work and returns ns a unit. */
typedef double bench_fn(void *ctx);

/* Interleaved rounds of the work and of its yardstick; prints their medians. */
static inline void bench_pair(const char *name, const char *unit, bench_fn *work,
                              bench_fn *yardstick, void *ctx, bool small)
{
    double values[BENCH_ROUNDS], yards[BENCH_ROUNDS];
    int rounds = small ? 1 : BENCH_ROUNDS;
    for (int i = 0; i < rounds; i++) {
        values[i] = work(ctx);
        yards[i] = yardstick(ctx);
    }
    bench_print(name, bench_median(values, rounds), unit, bench_median(yards, rounds));
}

#endif
