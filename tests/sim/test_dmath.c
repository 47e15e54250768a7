/*
 * tests/sim/test_dmath.c - our elementary functions against libm's long double ones.
 *
 * The bounds here are the accuracy that sim/dmath.h states.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>

#include "sim/dmath.h"
#include "sim/dmath_internal.h"
#include "sim/random.h"

static double ulp_of(double x)
{
    double size = fabs(x);
    return size < DBL_MIN ? 0x1p-1074 : nextafter(size, INFINITY) - size;
}

static double ulps(double got, long double exact)
{
    return (double)fabsl((long double)got - exact) / ulp_of((double)exact);
}

/* Worst error over random arguments: uniform in [low, high], or with a uniform logarithm. */
static double worst(double (*own)(double), long double (*exact)(long double), double low,
                    double high, bool log_scale)
{
    struct sim_stream stream;
    sim_stream_init(&stream, 1, 0, "dmath");
    double most = 0.0;
    for (int i = 0; i < 200000; i++) {
        double x = log_scale ? exp(log(low) + sim_unit(&stream) * (log(high) - log(low)))
                             : sim_uniform(&stream, low, high);
        double error = ulps(own(x), exact(x));
        most = error > most ? error : most;
    }
    return most;
}

#define assert_below(value, bound)                                                                 \
    do {                                                                                           \
        double v_ = (double)(value);                                                               \
        if (!(v_ <= (bound)))                                                                      \
            fail_msg("%s is %g, more than %g", #value, v_, (double)(bound));                       \
    } while (0)

static void log__is_within_one_ulp(void **state)
{
    (void)state;
    assert_below(worst(sim_log, logl, DBL_MIN, 1e308, true), 0.55);
    assert_below(worst(sim_log, logl, 0.5, 2.0, false), 0.65);
    assert_below(worst(sim_log, logl, 0.98, 1.02, false), 0.75);
    assert_below(worst(sim_log, logl, 5e-324, DBL_MIN, true), 1.0);
}

static void exp__is_within_one_ulp(void **state)
{
    (void)state;
    assert_below(worst(sim_exp, expl, -1.0, 1.0, false), 0.55);
    assert_below(worst(sim_exp, expl, -708.0, 709.7, false), 0.55);
    assert_below(worst(sim_exp, expl, -745.0, -708.0, false), 1.1);
    assert_below(worst(sim_exp, expl, 1e-20, 1e-3, true), 0.55);
}

static void expm1_and_log1p__keep_small_arguments(void **state)
{
    (void)state;
    assert_below(worst(sim_expm1, expm1l, 1e-300, 1.0, true), 1.5);
    assert_below(worst(sim_expm1, expm1l, -1.0, 1.0, false), 1.5);
    assert_below(worst(sim_expm1, expm1l, -50.0, 700.0, false), 1.5);
    assert_below(worst(sim_log1p, log1pl, 1e-300, 1.0, true), 1.5);
    assert_below(worst(sim_log1p, log1pl, -0.999, 1.0, false), 1.5);
    assert_below(worst(sim_log1p, log1pl, 1.0, 1e18, true), 1.5);
}

static void pow__is_within_one_ulp(void **state)
{
    (void)state;
    struct sim_stream stream;
    sim_stream_init(&stream, 2, 0, "pow");
    double most = 0.0;
    for (int i = 0; i < 300000; i++) {
        double x = exp(sim_uniform(&stream, i % 2 ? -600.0 : -0.01, i % 2 ? 600.0 : 0.01));
        double y = sim_uniform(&stream, -1.0, 1.0) * 690.0 / fabs(log(x));
        double error = ulps(sim_pow(x, y), powl(x, y));
        most = error > most ? error : most;
    }
    assert_below(most, 1.0);
}

static void sine_and_cosine__are_within_one_ulp(void **state)
{
    (void)state;
    assert_below(worst(sim_sin, sinl, -0.8, 0.8, false), 1.0);
    assert_below(worst(sim_sin, sinl, -0x1p20, 0x1p20, false), 1.0);
    assert_below(worst(sim_cos, cosl, -7.0, 7.0, false), 1.0);
    assert_below(worst(sim_cos, cosl, -0x1p20, 0x1p20, false), 1.0);
    assert_below(worst(sim_sin, sinl, 1e-300, 1.0, true), 1.0);
}

static void special_values__are_those_of_c(void **state)
{
    (void)state;
    assert_true(sim_log(0.0) == -INFINITY && isnan(sim_log(-1.0)) && sim_log(1.0) == 0.0);
    assert_true(sim_log(INFINITY) == INFINITY && isnan(sim_log(NAN)));
    assert_true(sim_exp(0.0) == 1.0 && sim_exp(-INFINITY) == 0.0 && sim_exp(710.0) == INFINITY);
    assert_true(isnan(sim_exp(NAN)) && sim_exp(-746.0) == 0.0 && sim_exp(-745.1) > 0.0);
    assert_true(sim_expm1(0.0) == 0.0 && sim_expm1(-100.0) == -1.0 && sim_log1p(0.0) == 0.0);
    assert_true(sim_log1p(-1.0) == -INFINITY && isnan(sim_log1p(-2.0)));
    assert_true(sim_sin(0.0) == 0.0 && sim_cos(0.0) == 1.0);
    static const double xs[] = {-INFINITY, -3.5, -2.0, -1.0, -0.5,  -0.0,    0.0,
                                0.5,       1.0,  2.0,  3.5,  1e300, INFINITY};
    for (size_t i = 0; i < sizeof(xs) / sizeof(xs[0]); i++)
        for (size_t j = 0; j < sizeof(xs) / sizeof(xs[0]); j++) {
            double own = sim_pow(xs[i], xs[j]), exact = pow(xs[i], xs[j]);
            bool both_nan = isnan(own) && isnan(exact);
            bool negative_zero = xs[i] == 0.0 || isinf(xs[j]); /* signs of zero are not kept */
            if (!both_nan && fabs(own) != fabs(exact))
                fail_msg("pow(%g, %g) is %g, libm says %g", xs[i], xs[j], own, exact);
            if (!both_nan && !negative_zero && own != exact)
                fail_msg("pow(%g, %g) is %g, libm says %g", xs[i], xs[j], own, exact);
        }
}

static void rounding__agrees_with_libm(void **state)
{
    (void)state;
    struct sim_stream stream;
    sim_stream_init(&stream, 3, 0, "rounding");
    for (int i = 0; i < 100000; i++) {
        double x = sim_uniform(&stream, -1e4, 1e4) * (i % 3 ? 1.0 : 1e14);
        x = i % 5 ? x : floor(x) + 0.5;
        assert_true(sim_floor(x) == floor(x));
        assert_true(sim_ceil(x) == ceil(x));
        assert_true(sim_round(x) == round(x));
    }
}

static void lgamma__agrees_with_libm(void **state)
{
    (void)state;
    for (double x = 1e-3; x < 1e12; x *= 1.01) {
        double exact = (double)lgammal(x);
        assert_below(fabs(sim_lgamma(x) - exact), 1e-14 * fmax(fabs(exact), 1.0));
    }
}

static void normal_quantile__inverts_the_distribution(void **state)
{
    (void)state;
    struct sim_stream stream;
    sim_stream_init(&stream, 4, 0, "normal");
    for (int i = 0; i < 100000; i++) {
        double p = i % 2 ? sim_unit_open(&stream) : exp(sim_uniform(&stream, -700.0, -0.1));
        double z = sim_normal_quantile(p);
        long double back = 0.5L * erfcl(-(long double)z * M_SQRT1_2);
        /* dz = dp / density: an error of z by 4e-15 moves p by this much. */
        long double density = expl(-0.5L * z * z) * 0.3989422804014326779L;
        long double allowed = 4e-15L * fmaxl(fabsl(z), 1e-3L) * density + 2e-16L * p;
        if (fabsl(back - p) > allowed)
            fail_msg("quantile of %g is %.17g, whose probability is %Lg", p, z, back);
    }
    assert_true(sim_normal_quantile(0.5) == 0.0);
}

static void normal_cdf__agrees_with_erfc(void **state)
{
    (void)state;
    for (double x = -37.0; x < 9.0; x += 0.0137) {
        double exact = (double)(0.5L * erfcl(-(long double)x * 0.70710678118654752440L));
        assert_below(fabs(sim_normal_cdf(x) / exact - 1.0), 2e-13);
    }
}

static void student_quantile__meets_the_tables(void **state)
{
    (void)state;
    /* Two-sided 95 % and 99 % points as printed in every textbook; nu = 1 and 2 in closed form. */
    static const struct {
        double p, nu, t;
    } rows[] = {{0.975, 4, 2.7764451051977987},  {0.975, 9, 2.2621571627409915},
                {0.975, 30, 2.0422724563012373}, {0.995, 9, 3.2498355440153697},
                {0.95, 19, 1.7291328115213671},  {0.975, 1000000, 1.959966356741}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_below(fabs(sim_student_quantile(rows[i].p, rows[i].nu) / rows[i].t - 1.0), 1e-9);
    for (double p = 0.01; p < 1.0; p += 0.01) {
        double one = tan(M_PI * (p - 0.5));
        double two = (2 * p - 1) * sqrt(2 / (4 * p * (1 - p)));
        assert_below(fabs(sim_student_quantile(p, 1) - one), 1e-10 * (1 + fabs(one)));
        assert_below(fabs(sim_student_quantile(p, 2) - two), 1e-10 * (1 + fabs(two)));
    }
}

static void incomplete_functions__meet_closed_forms(void **state)
{
    (void)state;
    for (double x = 0.0; x <= 1.0; x += 0.03125) {
        assert_below(fabs(sim_beta_inc(1, 5, x) - (1 - pow(1 - x, 5))), 1e-13);
        assert_below(fabs(sim_beta_inc(7, 1, x) - pow(x, 7)), 1e-13);
        assert_below(fabs(sim_beta_inc(2, 2, x) - x * x * (3 - 2 * x)), 1e-13);
    }
    for (double x = 0.0; x < 60.0; x += 0.37) {
        assert_below(fabs(sim_gamma_inc(1, x) - (1 - exp(-x))), 1e-13);
        assert_below(fabs(sim_gamma_inc(3, x) - (1 - exp(-x) * (1 + x + x * x / 2))), 1e-13);
        assert_below(fabs(sim_gamma_inc(0.5, x) - erf(sqrt(x))), 1e-13);
    }
}

static void tables__are_the_rounded_values(void **state)
{
    (void)state;
    for (int i = 0; i < SIM_EXP_ENTRIES; i++) {
        long double exact = exp2l((long double)i / SIM_EXP_ENTRIES);
        long double rest = (exact - sim_exp_table[i].power) / sim_exp_table[i].power;
        assert_below(fabsl(rest - sim_exp_table[i].rest), 2e-19);
    }
    for (int i = 0; i < SIM_LOG_ENTRIES; i++) {
        const struct sim_log_entry *e = &sim_log_table[i];
        long double sum = (long double)e->log_high + e->log_low;
        assert_below(fabsl(sum + logl(e->inverse)), 1e-19);
        assert_true(ldexp(e->log_high, 42) == floor(ldexp(e->log_high, 42)));
        assert_true(ldexp(e->inverse, 9) == floor(ldexp(e->inverse, 9)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log__is_within_one_ulp),
        cmocka_unit_test(exp__is_within_one_ulp),
        cmocka_unit_test(expm1_and_log1p__keep_small_arguments),
        cmocka_unit_test(pow__is_within_one_ulp),
        cmocka_unit_test(sine_and_cosine__are_within_one_ulp),
        cmocka_unit_test(special_values__are_those_of_c),
        cmocka_unit_test(rounding__agrees_with_libm),
        cmocka_unit_test(lgamma__agrees_with_libm),
        cmocka_unit_test(normal_quantile__inverts_the_distribution),
        cmocka_unit_test(normal_cdf__agrees_with_erfc),
        cmocka_unit_test(student_quantile__meets_the_tables),
        cmocka_unit_test(incomplete_functions__meet_closed_forms),
        cmocka_unit_test(tables__are_the_rounded_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
