/*
 * tests/support/bench.c - clock, resident memory, medians, the line.
 */
#include "tests/support/bench.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

bool bench_is_small(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--small") == 0)
            return true;
    return false;
}

int64_t bench_clock_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t bench_cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

double bench_rss_mb(void)
{
    long total = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL)
        return 0.0;
    int fields = fscanf(file, "%ld %ld", &total, &resident);
    fclose(file);
    return fields == 2 ? (double)resident * (double)sysconf(_SC_PAGESIZE) / 1e6 : 0.0;
}

void bench_add(struct bench *bench, double value_ns, double yardstick_ns)
{
    assert(bench->rounds < BENCH_ROUNDS);
    bench->value_ns[bench->rounds] = value_ns;
    bench->yardstick_ns[bench->rounds] = yardstick_ns;
    bench->rounds++;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(const double *values, int n)
{
    double sorted[BENCH_ROUNDS];
    memcpy(sorted, values, (size_t)n * sizeof(sorted[0]));
    qsort(sorted, (size_t)n, sizeof(sorted[0]), compare);
    return n % 2 ? sorted[n / 2] : 0.5 * (sorted[n / 2 - 1] + sorted[n / 2]);
}

void bench_print(struct bench *bench)
{
    assert(bench->rounds > 0);
    double value = median(bench->value_ns, bench->rounds);
    double yardstick = median(bench->yardstick_ns, bench->rounds);
    double rss_mb = bench->rss_mb > 0.0 ? bench->rss_mb : bench_rss_mb();
    printf("{\"bench\": \"%s\", \"value\": %.2f, \"unit\": \"ns\", \"yardstick\": %.2f, "
           "\"ratio\": %.3f, \"rss_mb\": %.1f}\n",
           bench->name, value, yardstick, value / yardstick, rss_mb);
    fflush(stdout);
}
