/*
 * sim/dmath_special.c - gamma, normal, beta and Student functions on top of sim/dmath.c.
 */
#include "sim/dmath.h"

#include <assert.h>
#include <math.h> /* INFINITY, NAN */
#include <stddef.h>

#include "sim/dmath_internal.h"

static double absolute(double x)
{
    return x < 0 ? -x : x;
}

/* ---- gamma ---------------------------------------------------------------------------------- */

#define HALF_LOG_2PI 0x1.d67f1c864beb5p-1

/* Stirling's series B(2k) / (2k (2k-1) x^(2k-1)); from x = 12 on eight terms leave 1e-17. */
double sim_stirling_rest(double x)
{
    static const double term[] = {1.0 / 12,   -1.0 / 360,        1.0 / 1260, -1.0 / 1680,
                                  1.0 / 1188, -691.0 / 360360.0, 1.0 / 156,  -3617.0 / 122400.0};
    double z = 1.0 / (x * x), sum = 0.0;
    for (size_t k = sizeof(term) / sizeof(term[0]); k-- > 0;)
        sum = sum * z + term[k];
    return sum / x;
}

double sim_lgamma(double x)
{
    assert(x > 0.0);
    double product = 1.0;
    for (; x < 12.0; x += 1.0)
        product *= x;
    double value = (x - 0.5) * sim_log(x) - x + HALF_LOG_2PI + sim_stirling_rest(x);
    return product == 1.0 ? value : value - sim_log(product);
}

#define SERIES_MAX 100000 /* far more than any argument here needs: stops what cannot converge */
#define EPSILON    0x1p-54

/* x^a e^-x / Gamma(a), the factor of both forms below. */
static double gamma_factor(double a, double x)
{
    return sim_exp(a * sim_log(x) - x - sim_lgamma(a));
}

static double gamma_by_series(double a, double x)
{
    double term = 1.0 / a, sum = term;
    for (int n = 1; n < SERIES_MAX && term > sum * EPSILON; n++) {
        term *= x / (a + n);
        sum += term;
    }
    return sum * gamma_factor(a, x);
}

/* Continued fraction of the upper function, evaluated forwards (Lentz). */
static double gamma_upper_by_fraction(double a, double x)
{
    const double tiny = 1e-300;
    double b = x + 1.0 - a, c = 1.0 / tiny, d = 1.0 / b, h = d;
    for (int n = 1; n < SERIES_MAX; n++) {
        double an = -n * (n - a);
        b += 2.0;
        d = an * d + b;
        d = 1.0 / (absolute(d) < tiny ? tiny : d);
        c = b + an / c;
        c = absolute(c) < tiny ? tiny : c;
        h *= d * c;
        if (absolute(d * c - 1.0) < EPSILON * 4)
            break;
    }
    return h * gamma_factor(a, x);
}

double sim_gamma_inc(double a, double x)
{
    assert(a > 0.0 && x >= 0.0);
    if (x == 0.0)
        return 0.0;
    return x < a + 1.0 ? gamma_by_series(a, x) : 1.0 - gamma_upper_by_fraction(a, x);
}

/* ---- normal --------------------------------------------------------------------------------- */

double sim_normal_cdf(double x)
{
    if (x == 0.0)
        return 0.5;
    double half = 0.5 * x * x;
    double tail;
    if (half < 1.5)
        tail = 0.5 * (1.0 - gamma_by_series(0.5, half));
    else
        tail = half > 745.0 ? 0.0 : 0.5 * gamma_upper_by_fraction(0.5, half);
    return x < 0 ? tail : 1.0 - tail;
}

/* Coefficients of ratios of two polynomials of degree 8, found by interpolation at Chebyshev nodes
 * with 250 bits: relative error 7e-17 in the middle, 3e-17 and 1.5e-15 in the tails. All are
 * positive, so nothing cancels. */
#define DEGREE 8

static const double middle_above[DEGREE + 1] = {
    0x1.b18d91e9eef75p+1,  0x1.2983594fd9015p+7,  0x1.3e873207f383bp+11,
    0x1.51edecb55a709p+14, 0x1.75ccbc4a96c1dp+16, 0x1.a11714cc55273p+17,
    0x1.a273b0aa66b28p+17, 0x1.214cd08b5bd34p+16, 0x1.e8603e944e6dep+11};
static const double middle_below[DEGREE + 1] = {1.0,
                                                0x1.776318ab25842p+5,
                                                0x1.b3a456a407eb8p+9,
                                                0x1.ff0e0daeef835p+12,
                                                0x1.41a3f69d32f1bp+15,
                                                0x1.aabcb49f4471ap+16,
                                                0x1.122c69e2e8b36p+17,
                                                0x1.1a96b28ef0386p+16,
                                                0x1.25b3b754dbd80p+13};
static const double tail_above[DEGREE + 1] = {
    0x1.6c665fde9526bp+0, 0x1.2a27ab0d24a7ap+2, 0x1.794eebabd780fp+2,
    0x1.ef03e5d0f24b8p+1, 0x1.75f44280415aep+0, 0x1.50138e7e25dcdp-2,
    0x1.5d6f9055fb8dcp-5, 0x1.75410d910fc20p-9, 0x1.267f3be79fb10p-14};
static const double tail_below[DEGREE + 1] = {1.0,
                                              0x1.095b39b7378bbp+1,
                                              0x1.bdb1192761decp+0,
                                              0x1.894c7b5ceb3fep-1,
                                              0x1.8a55aba6b2a54p-3,
                                              0x1.bdc3fbf5c3b8cp-6,
                                              0x1.fb26ca4755830p-10,
                                              0x1.a0720b92aa934p-15,
                                              0x1.3d16270e03478p-35};
static const double far_above[DEGREE + 1] = {
    0x1.aa1b1c13ee51bp+2,  0x1.6abac10c7b251p+2,  0x1.f2869b39659e2p+0,
    0x1.6418c8210bea6p-2,  0x1.1bcff79148e2fp-5,  0x1.f866a9ff06f2ap-10,
    0x1.d8ddd8a9c3b4ap-15, 0x1.9aa092b6de4a2p-21, 0x1.df87e95fa7d48p-29};
static const double far_below[DEGREE + 1] = {1.0,
                                             0x1.42ca9ab5a8bfdp-1,
                                             0x1.3c9550580160cp-3,
                                             0x1.327b75b679fccp-6,
                                             0x1.3446e71526915p-10,
                                             0x1.3846ea965268bp-15,
                                             0x1.1bbc92fd5ba3cp-21,
                                             0x1.531428415bf41p-29,
                                             0x1.291dfe9b1148ap-57};

static double ratio(const double above[DEGREE + 1], const double below[DEGREE + 1], double x)
{
    double a = above[DEGREE], b = below[DEGREE];
    for (size_t k = DEGREE; k-- > 0;) {
        a = a * x + above[k];
        b = b * x + below[k];
    }
    return a / b;
}

double sim_normal_quantile(double p)
{
    assert(p > 0.0 && p < 1.0);
    double q = p - 0.5;
    if (absolute(q) <= 0.425)
        return q * ratio(middle_above, middle_below, 0.180625 - q * q);
    double r = sim_sqrt(-sim_log(q < 0.0 ? p : 1.0 - p));
    double z =
        r <= 5.0 ? ratio(tail_above, tail_below, r - 1.6) : ratio(far_above, far_below, r - 5.0);
    return q < 0.0 ? -z : z;
}

/* ---- beta and Student ----------------------------------------------------------------------- */

/* Continued fraction of the incomplete beta function (Lentz), for x < (a + 1) / (a + b + 2). */
static double beta_fraction(double a, double b, double x)
{
    const double tiny = 1e-300;
    double c = 1.0, d = 1.0 - (a + b) * x / (a + 1.0);
    d = 1.0 / (absolute(d) < tiny ? tiny : d);
    double h = d;
    for (int m = 1; m < SERIES_MAX; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0));
        double last = 0.0;
        for (int half = 0; half < 2; half++) {
            double an = half == 0 ? even : odd;
            d = 1.0 + an * d;
            d = 1.0 / (absolute(d) < tiny ? tiny : d);
            c = 1.0 + an / c;
            c = absolute(c) < tiny ? tiny : c;
            last = d * c;
            h *= last;
        }
        if (absolute(last - 1.0) < EPSILON * 4)
            break;
    }
    return h;
}

double sim_beta_inc(double a, double b, double x)
{
    assert(a > 0.0 && b > 0.0 && x >= 0.0 && x <= 1.0);
    if (x == 0.0 || x == 1.0)
        return x;
    double front = sim_exp(sim_lgamma(a + b) - sim_lgamma(a) - sim_lgamma(b) + a * sim_log(x) +
                           b * sim_log1p(-x));
    if (x < (a + 1.0) / (a + b + 2.0))
        return front * beta_fraction(a, b, x) / a;
    return 1.0 - front * beta_fraction(b, a, 1.0 - x) / b;
}

double sim_student_cdf(double t, double nu)
{
    assert(nu > 0.0);
    double square = t * t, tail;
    if (square < nu) /* of the two forms the one whose argument keeps its digits */
        tail = 0.5 - 0.5 * sim_beta_inc(0.5, 0.5 * nu, square / (nu + square));
    else
        tail = 0.5 * sim_beta_inc(0.5 * nu, 0.5, nu / (nu + square));
    return t < 0.0 ? tail : 1.0 - tail;
}

/* Bisection on the upper half: 200 steps end at two neighbouring doubles, whatever nu. */
double sim_student_quantile(double p, double nu)
{
    assert(p > 0.0 && p < 1.0);
    if (p == 0.5)
        return 0.0;
    if (p < 0.5)
        return -sim_student_quantile(1.0 - p, nu);
    double low = 0.0, high = 1.0;
    while (high < 1e300 && sim_student_cdf(high, nu) < p)
        high *= 2.0;
    for (int step = 0; step < 200; step++) {
        double middle = low + 0.5 * (high - low);
        if (middle <= low || middle >= high)
            break;
        if (sim_student_cdf(middle, nu) < p)
            low = middle;
        else
            high = middle;
    }
    return high;
}
