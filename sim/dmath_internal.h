/*
 * sim/dmath_internal.h - tables and the inlined logarithm of sim/dmath.c.
 */
#ifndef SIM_DMATH_INTERNAL_H
#define SIM_DMATH_INTERNAL_H

#include <float.h>
#include <stdint.h>
#include <string.h>

#include "sim/dmath.h"

/* Wider intermediates (x87) would give other bits. */
_Static_assert(FLT_EVAL_METHOD == 0, "doubles must be evaluated as doubles");

#define SIM_LOG_ENTRIES 128
#define SIM_EXP_ENTRIES 128

struct sim_log_entry {
    double inverse;
    double log_high;
    double log_low;
};

struct sim_exp_entry {
    double power;
    double rest;
};

extern const struct sim_log_entry sim_log_table[SIM_LOG_ENTRIES];
extern const struct sim_exp_entry sim_exp_table[SIM_EXP_ENTRIES];

#define SIM_LN2_HIGH 0x1.62e42fefa3800p-1 /* ln 2 to a multiple of 2^-42: 2^10 times it is exact */
#define SIM_LN2_LOW  0x1.ef35793c76730p-45

/* log(gamma(x)) - ((x - 1/2) log x - x + log(2 pi) / 2), for x >= 12. */
double sim_stirling_rest(double x);

static inline uint64_t sim_double_bits(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof(bits));
    return bits;
}

static inline double sim_bits_double(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof(x));
    return x;
}

/* x = 2^exponent * m, and m * inverse = 1 + high + low exactly, where |high| <= 2^-7. */
struct sim_log_split {
    double exponent;
    const struct sim_log_entry *entry;
    double high;
    double low;
};

#define SIM_LOG_FIRST UINT64_C(0x3fe6a00000000000) /* bits of 0.70703125 */

static inline struct sim_log_split sim_log_split(uint64_t bits)
{
    struct sim_log_split s;
    uint64_t above = bits - SIM_LOG_FIRST;
    s.exponent = (double)((int64_t)above >> 52);
    s.entry = &sim_log_table[above >> 45 & (SIM_LOG_ENTRIES - 1)];
    uint64_t m_bits = bits - (above & UINT64_C(0xfff) << 52);
    double m = sim_bits_double(m_bits);
    /* 33 bits times 10: exact, and so are the difference to 1 and the product of the rest. */
    double m_high = sim_bits_double(m_bits & ~UINT64_C(0xfffff));
    s.high = m_high * s.entry->inverse - 1.0;
    s.low = (m - m_high) * s.entry->inverse;
    return s;
}

/* log(1 + r) - r + r^2/2 for |r| <= 2^-7: the series to r^8, off by less than 2^-59 r. */
static inline double sim_log_tail(double r)
{
    double r2 = r * r;
    double low = (1.0 / 3 - r * 0.25) + r2 * (0.2 - r * (1.0 / 6));
    return r2 * r * (low + r2 * r2 * (1.0 / 7 - r * 0.125));
}

/* x positive, normal and finite. */
static inline double sim_log_normal(double x)
{
    struct sim_log_split s = sim_log_split(sim_double_bits(x));
    double r = s.high + s.low;
    double whole = s.exponent * SIM_LN2_HIGH + s.entry->log_high; /* exact */
    double sum = whole + r;
    double rest = (whole - sum) + r;
    double low = s.exponent * SIM_LN2_LOW + s.entry->log_low;
    return sum + (rest + (low + (sim_log_tail(r) - 0.5 * (r * r))));
}

#endif
