/*
 * model/hardware/limit.h - a published limit: so many bytes or operations a second, with or without burst credits.
 *
 * Shape    A first-in first-out server of rate `burst_per_s` while it has credits, `base_per_s` without. Credits are spent at
 *          (use - base) and earned at base while nothing is used, up to `credit_max`. All crossings are solved in closed
 *          form: taking an amount returns when it has passed, and no event is needed.
 * Units    amount: bytes or operations; rates: amount per second; ns.
 * Source   reference/hardware-models.md sections 1.8, 1.9, 3.2.
 * Checked  tests/theory/test_hardware_oracles.c: section 8, numbers 1, 2, 3 and 13.
 */
#ifndef MODEL_HARDWARE_LIMIT_H
#define MODEL_HARDWARE_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct model_limit {
    double base_per_s; /* 0: no limit */
    double burst_per_s;
    double credit;
    double credit_max;
    int64_t free_ns; /* everything taken so far has passed by then; credit holds for this time */
    /* since the statistics were reset */
    double taken;
    int64_t wait_ns; /* sum of what takers had to wait before their amount began to pass */
    int64_t since_ns;
};

/*
 * base_per_s 0 is no limit. burst_per_s below base_per_s is taken as equal to it (no burst).
 * `full`: begins with all its credits, otherwise with none.
 */
void model_limit_init(struct model_limit *limit, double base_per_s, double burst_per_s,
                      double credit_max, bool full);

/* When `amount` more can begin to pass: now, or later when earlier amounts still pass. */
int64_t model_limit_begin_ns(const struct model_limit *limit, int64_t now_ns);

/* Take `amount`. Returns when the last of it has passed: at least now. */
int64_t model_limit_take(struct model_limit *limit, int64_t now_ns, double amount);

/* Credits left at that time. */
double model_limit_credit(const struct model_limit *limit, int64_t now_ns);

/* Used since the reset, as a share of what the base rate allows; may exceed 1 during bursts. */
double model_limit_used_ratio(const struct model_limit *limit, int64_t now_ns);

void model_limit_reset_stats(struct model_limit *limit, int64_t now_ns);

#endif
