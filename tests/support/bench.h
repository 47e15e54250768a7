/*
 * tests/support/bench.h - a benchmark measures itself and a yardstick in turn, and prints one line.
 *
 * A shared machine makes absolute times worthless; the ratio to a yardstick that ran in the same
 * process within the same second is what counts.
 */
#ifndef TESTS_SUPPORT_BENCH_H
#define TESTS_SUPPORT_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#define BENCH_ROUNDS 7 /* the median of at least five is asked for */

struct bench {
    const char *name;
    double value_ns[BENCH_ROUNDS];
    double yardstick_ns[BENCH_ROUNDS];
    int rounds;
    double rss_mb; /* resident memory; 0: as it is when the line is printed */
};

/* --small among the arguments: a short run that only shows that everything works. */
bool bench_is_small(int argc, char **argv);

int64_t bench_clock_ns(void);

/* CPU time of the calling thread: what other programs do meanwhile does not count. */
int64_t bench_cpu_ns(void);
double bench_rss_mb(void);

/* One round: ns for each unit of work, of the thing itself and of the yardstick. */
void bench_add(struct bench *bench, double value_ns, double yardstick_ns);

/* {"bench": NAME, "value": N, "unit": "ns", "yardstick": N, "ratio": N, "rss_mb": N}, from medians. */
void bench_print(struct bench *bench);

#endif
