/*
 * sim/dmath.c - exp, log, pow and the trigonometric pair from + - * / alone.
 *
 * exp and log reduce their argument by a table of 128 entries to |r| < 2^-7 and sum a short Taylor
 * series there; pow carries the logarithm in two doubles.
 */
#include "sim/dmath.h"

#include <assert.h>
#include <math.h> /* INFINITY and NAN; no function is called */

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "sim/dmath_internal.h"

/* The instruction itself: as a builtin it would call libm for negative numbers, to set errno. */
double sim_sqrt(double x)
{
#if defined(__SSE2__)
    __m128d packed = _mm_set_sd(x);
    return _mm_cvtsd_f64(_mm_sqrt_sd(packed, packed));
#elif defined(__aarch64__)
    double root;
    __asm__("fsqrt %d0, %d1" : "=w"(root) : "w"(x));
    return root;
#else
    return __builtin_sqrt(x);
#endif
}

double sim_floor(double x)
{
    if (!(x > -0x1p52 && x < 0x1p52))
        return x;
    double whole = (double)(int64_t)x;
    return whole > x ? whole - 1.0 : whole;
}

double sim_ceil(double x)
{
    return -sim_floor(-x);
}

double sim_round(double x)
{
    double low = sim_floor(x < 0 ? -x : x);
    double rest = (x < 0 ? -x : x) - low;
    double rounded = rest >= 0.5 ? low + 1.0 : low;
    return x < 0 ? -rounded : rounded;
}

/* ---- logarithm ------------------------------------------------------------------------------ */

static double log_special(double x)
{
    if (x == 0.0)
        return -INFINITY;
    if (x < 0.0 || x != x)
        return NAN;
    if (x == INFINITY)
        return x;
    return sim_log_normal(x * 0x1p54) - 54 * SIM_LN2_HIGH - 54 * SIM_LN2_LOW; /* subnormal */
}

double sim_log(double x)
{
    if (x >= DBL_MIN && x < INFINITY)
        return sim_log_normal(x);
    return log_special(x);
}

double sim_log1p(double x)
{
    if (x > -0x1p-8 && x < 0x1p-8)
        return x + (sim_log_tail(x) - 0.5 * (x * x));
    if (x <= -1.0 || !(x < 0x1p53))
        return sim_log(x + 1.0);
    double u = 1.0 + x;
    return sim_log(u) + (x - (u - 1.0)) / u; /* what 1 + x lost */
}

/* ---- exponential ---------------------------------------------------------------------------- */

#define EXP_PER_STEP  0x1.71547652b82fep+7 /* 128 / ln 2 */
#define EXP_STEP_HIGH 0x1.62e42fef80000p-8 /* ln 2 / 128, 35 bits: 2^18 times it is exact */
#define EXP_STEP_LOW  0x1.1cf79abc9e3b4p-43
#define ROUND_TO_INT  0x1.8p52 /* adding it leaves the nearest integer in the low bits */

struct exp_split {
    int64_t exponent;
    const struct sim_exp_entry *entry;
    double p; /* e^(x + x_low) = 2^exponent * power * (1 + p) */
};

static inline struct exp_split exp_split(double x, double x_low)
{
    double steps = x * EXP_PER_STEP + ROUND_TO_INT;
    int64_t k = (int64_t)(sim_double_bits(steps) << 13) >> 13; /* the low 51 bits, signed */
    steps -= ROUND_TO_INT;
    double r = (x - steps * EXP_STEP_HIGH) - steps * EXP_STEP_LOW + x_low;
    double r2 = r * r;
    struct exp_split s;
    s.entry = &sim_exp_table[k & (SIM_EXP_ENTRIES - 1)];
    s.exponent = k >> 7;
    s.p = s.entry->rest + (r + (r2 * 0.5 + r2 * r * (1.0 / 6 + r * (1.0 / 24) + r2 * (1.0 / 120))));
    return s;
}

/* value * 2^exponent, correctly also where the result is subnormal or overflows. */
static double scale(double value, int64_t exponent)
{
    if (exponent > 1000)
        return value * 0x1p1000 * sim_bits_double((uint64_t)(exponent - 1000 + 1023) << 52);
    if (exponent < -1000)
        return value * sim_bits_double((uint64_t)(exponent + 1000 + 1023) << 52) * 0x1p-1000;
    return value * sim_bits_double((uint64_t)(exponent + 1023) << 52);
}

static double exp_two(double x, double x_low)
{
    if (!(x < 709.8))
        return x != x ? x : INFINITY; /* e^709.79 is more than the largest double */
    if (x < -745.2)
        return 0.0; /* less than half the smallest */
    struct exp_split s = exp_split(x, x_low);
    return scale(s.entry->power + s.entry->power * s.p, s.exponent);
}

double sim_exp(double x)
{
    return exp_two(x, 0.0);
}

double sim_expm1(double x)
{
    if (x > -0x1p-8 && x < 0x1p-8) {
        double x2 = x * x;
        return x + (x2 * 0.5 +
                    x2 * x * ((1.0 / 6 + x * (1.0 / 24)) + x2 * (1.0 / 120 + x * (1.0 / 720))));
    }
    if (!(x < 700.0))
        return sim_exp(x) - 1.0;
    if (x < -40.0)
        return -1.0;
    struct exp_split s = exp_split(x, 0.0);
    double power = scale(s.entry->power, s.exponent);
    return (power - 1.0) + power * s.p;
}

/* ---- power ---------------------------------------------------------------------------------- */

struct two {
    double high;
    double low;
};

/* high + low = a + b exactly, for |a| >= |b|. */
static struct two two_sum(double a, double b)
{
    double high = a + b;
    return (struct two){high, (a - high) + b};
}

static double upper_half(double x)
{
    return sim_bits_double(sim_double_bits(x) & ~UINT64_C(0x7ffffff));
}

/* high + low = a * b exactly, by halves of 26 bits. */
static struct two two_product(double a, double b)
{
    double a_high = upper_half(a), b_high = upper_half(b);
    double a_low = a - a_high, b_low = b - b_high;
    double high = a * b;
    double low = ((a_high * b_high - high) + a_high * b_low + a_low * b_high) + a_low * b_low;
    return (struct two){high, low};
}

/* sim_log_tail with two terms more: off by less than 2^-71 r, since y multiplies the error. */
static double log_tail_long(double r)
{
    double r2 = r * r, r4 = r2 * r2;
    return sim_log_tail(r) + r4 * r4 * r * (1.0 / 9 - r * 0.1);
}

/* log(x) to some 2^-66 of its value, for normal positive x. */
static struct two log_two(double x)
{
    struct sim_log_split s = sim_log_split(sim_double_bits(x));
    double r = s.high + s.low;
    double r_low = (s.high - r) + s.low;
    struct two square = two_product(r, r);
    double whole = s.exponent * SIM_LN2_HIGH + s.entry->log_high;
    struct two sum = two_sum(whole, r);
    struct two next = two_sum(sum.high, -0.5 * square.high);
    double low = s.exponent * SIM_LN2_LOW + s.entry->log_low;
    low += r_low - r * r_low - 0.5 * square.low + log_tail_long(r);
    low += sum.low + next.low;
    return two_sum(next.high, low);
}

static double pow_positive(double x, double y)
{
    double more = 0.0;
    if (x < DBL_MIN) {
        x *= 0x1p54;
        more = -54.0;
    }
    struct two l = log_two(x);
    if (more != 0.0) {
        struct two sum = two_sum(more * SIM_LN2_HIGH, l.high);
        l = two_sum(sum.high, sum.low + l.low + more * SIM_LN2_LOW);
    }
    if (y > 0x1p60 || y < -0x1p60) /* beyond it the result is 0, 1 or infinity anyway */
        return l.high == 0.0 ? 1.0 : exp_two(y > 0 ? l.high * 0x1p900 : l.high * -0x1p900, 0.0);
    struct two product = two_product(l.high, y);
    return exp_two(product.high, product.low + l.low * y);
}

static int is_whole(double y)
{
    return sim_floor(y) == y;
}

static int is_odd(double y)
{
    return is_whole(y) && (y < 0 ? -y : y) < 0x1p53 && ((int64_t)y & 1) != 0;
}

double sim_pow(double x, double y)
{
    if (y == 0.0 || x == 1.0)
        return 1.0;
    if (x != x || y != y)
        return NAN;
    double size = x < 0.0 ? -x : x;
    double sign = x < 0.0 && is_odd(y) ? -1.0 : 1.0;
    if (size == 0.0 || size == INFINITY)
        return sign * ((size == 0.0) == (y > 0.0) ? 0.0 : INFINITY);
    if (x < 0.0 && !is_whole(y))
        return NAN;
    return sign * pow_positive(size, y);
}

/* ---- sine and cosine ------------------------------------------------------------------------ */

/* pi/2 in parts of 33 bits, so that a multiple below 2^20 of the first two is exact. */
#define PIO2_FIRST  0x1.921fb54400000p+0
#define PIO2_SECOND 0x1.0b4611a600000p-34
#define PIO2_THIRD  0x1.3198a2e037073p-69
#define TWO_OVER_PI 0x1.45f306dc9c883p-1

/* x = quadrant * pi/2 + (high + low) with |high| <= pi/4. */
static struct two reduce(double x, unsigned *quadrant)
{
    assert(x >= -0x1p20 && x <= 0x1p20);
    double turns = (x * TWO_OVER_PI + ROUND_TO_INT) - ROUND_TO_INT;
    *quadrant = (unsigned)((int64_t)turns & 3);
    double a = x - turns * PIO2_FIRST;
    double b = turns * PIO2_SECOND;
    double high = a - b;
    double lost = (a - high) - b;
    double c = turns * PIO2_THIRD - lost;
    double r = high - c;
    return (struct two){r, (high - r) - c};
}

static double sine_near_zero(struct two r)
{
    double z = r.high * r.high;
    double p = -1.0 / 6 + z * (1.0 / 120 + z * (-1.0 / 5040 + z * (1.0 / 362880)));
    double q = -1.0 / 39916800 + z * (1.0 / 6227020800.0 +
                                      z * (-1.0 / 1307674368000.0 + z * (1.0 / 355687428096000.0)));
    double z2 = z * z;
    double tail = r.high * z * (p + z2 * z2 * q);
    return r.high + (tail + r.low * (1.0 - 0.5 * z));
}

static double cosine_near_zero(struct two r)
{
    double z = r.high * r.high;
    double p = 1.0 / 24 + z * (-1.0 / 720 + z * (1.0 / 40320 + z * (-1.0 / 3628800)));
    double q = 1.0 / 479001600 + z * (-1.0 / 87178291200.0 + z * (1.0 / 20922789888000.0));
    double z2 = z * z;
    double half = 0.5 * z;
    double first = 1.0 - half;
    double lost = (1.0 - first) - half;
    return first + (lost + (z2 * (p + z2 * z2 * q) - r.high * r.low));
}

static double quarter(struct two r, unsigned quadrant)
{
    double value = quadrant & 1 ? cosine_near_zero(r) : sine_near_zero(r);
    return quadrant & 2 ? -value : value;
}

double sim_sin(double x)
{
    unsigned quadrant;
    struct two r = reduce(x, &quadrant);
    return quarter(r, quadrant);
}

double sim_cos(double x)
{
    unsigned quadrant;
    struct two r = reduce(x, &quadrant);
    return quarter(r, quadrant + 1);
}
