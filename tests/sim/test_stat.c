/*
 * tests/sim/test_stat.c - estimates against sums done by hand, and intervals by their coverage: over many
 * seeds a 90 % interval must hold the truth about nine times in ten.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "sim/random.h"
#include "sim/stat.h"

#define assert_near(value, expected, tolerance)                                                    \
    do {                                                                                           \
        double v_ = (double)(value), e_ = (double)(expected);                                      \
        if (!(fabs(v_ - e_) <= (double)(tolerance)))                                               \
            fail_msg("%s is %.12g instead of %.12g", #value, v_, e_);                              \
    } while (0)

static void level__integrates_exactly(void **state)
{
    (void)state;
    struct sim_level level;
    sim_level_init(&level, 100, 2);
    sim_level_set(&level, 110, 5);
    sim_level_add(&level, 130, -4);
    assert_true(sim_level_integral(&level, 150) == 2 * 10 + 5 * 20 + 1 * 20);
    assert_near(sim_level_mean(&level, 150), 140.0 / 50, 1e-15);
    assert_int_equal(level.max, 5);
    sim_level_reset(&level, 150);
    assert_int_equal(level.value, 1);
    assert_int_equal(level.max, 1);
    assert_near(sim_level_mean(&level, 150), 0, 0);
    assert_near(sim_level_mean(&level, 170), 1, 0);
    /* A year of 10^12 does not overflow. */
    sim_level_set(&level, 170, INT64_C(1000000000000));
    assert_near(sim_level_mean(&level, INT64_C(31536000000000000)), 1e12, 1e3);
}

static void tally__has_mean_and_variance_and_merges(void **state)
{
    (void)state;
    struct sim_tally all, left, right, empty;
    struct sim_stream s;
    sim_stream_init(&s, 1, 0, "tally");
    sim_tally_init(&all);
    sim_tally_init(&left);
    sim_tally_init(&right);
    sim_tally_init(&empty);
    double values[1000], sum = 0.0, squares = 0.0;
    for (int i = 0; i < 1000; i++) {
        values[i] = 1e9 + sim_normal(&s, 0.0, 1.0); /* sums of squares would lose all digits */
        sum += values[i] / 1000;
        sim_tally_add(&all, values[i]);
        sim_tally_add(i < 300 ? &left : &right, values[i]);
    }
    for (int i = 0; i < 1000; i++)
        squares += (values[i] - sum) * (values[i] - sum);
    assert_near(all.mean, sum, 1e-5); /* the plain sum has lost digits by then */
    assert_near(sim_tally_variance(&all), squares / 999, 1e-7);
    sim_tally_merge(&left, &right);
    sim_tally_merge(&left, &empty);
    assert_int_equal(left.count, 1000);
    assert_near(left.mean, all.mean, 1e-6);
    assert_near(sim_tally_variance(&left), sim_tally_variance(&all), 1e-6);
    assert_true(left.min == all.min && left.max == all.max);
    assert_near(sim_tally_variance(&empty), 0, 0);
}

static void interval__is_the_textbook_one(void **state)
{
    (void)state;
    /* The worked example of A. M. Law's chapter on output analysis: 1.34 -+ 0.24 at 90 %. */
    double values[] = {1.20, 1.50, 1.68, 1.89, 0.95, 1.49, 1.58, 1.55, 0.50, 1.09};
    struct sim_interval i = sim_interval_mean(values, 10, 0.90);
    assert_near(i.value, 1.343, 1e-12);
    assert_near(i.high - i.value, 0.24, 0.005);
    assert_near(i.high - i.value, i.value - i.low, 1e-12);
    assert_int_equal(i.n, 10);
    assert_near(sim_interval_relative(&i), (i.high - i.low) / 2 / 1.343, 1e-12);
    struct sim_interval p = sim_interval_prediction(values, 10, 0.90);
    assert_near((p.high - p.low) / (i.high - i.low), sqrt(11.0), 1e-9);
}

static void interval__is_never_confident_about_nothing(void **state)
{
    (void)state;
    double one[] = {5.0}, equal[] = {5.0, 5.0, 5.0}, bad[] = {1.0, NAN, 2.0},
           huge[] = {INFINITY, 1.0};
    struct sim_interval i = sim_interval_mean(one, 1, 0.95);
    assert_false(i.valid);
    assert_true(i.low == -INFINITY && i.high == INFINITY);
    assert_true(sim_interval_relative(&i) == INFINITY);
    assert_false(sim_interval_mean(one, 0, 0.95).valid);
    assert_false(sim_interval_mean(bad, 3, 0.95).valid);
    assert_false(sim_interval_mean(huge, 2, 0.95).valid);
    i = sim_interval_mean(equal, 3, 0.95);
    assert_true(i.valid && i.low == 5.0 && i.high == 5.0);
    assert_true(sim_interval_relative(&i) == 0.0);
    assert_false(sim_interval_batch_means(equal, 3, 5, 0.95).valid);
    assert_false(sim_interval_quantile(equal, 3, 0.5, 0.95).valid);
    assert_false(sim_interval_quantile(equal, 0, 0.5, 0.95).valid);
    assert_false(sim_interval_share(0, 0, 0.95).valid);
}

/* Binomial standard error of a coverage of `level` over n, times four. */
static double coverage_margin(double level, int n)
{
    return 4.0 * sqrt(level * (1.0 - level) / n);
}

static bool holds(struct sim_interval interval, double truth)
{
    return interval.valid && interval.low <= truth && truth <= interval.high;
}

static void mean_interval__covers_nine_times_in_ten(void **state)
{
    (void)state;
    int covered = 0, paired = 0, predicted = 0, rounds = 4000;
    struct sim_stream s;
    sim_stream_init(&s, 2, 0, "coverage");
    for (int round = 0; round < rounds; round++) {
        double a[10], b[10];
        for (int i = 0; i < 10; i++) {
            double shared = sim_normal(&s, 0.0, 10.0);
            a[i] = 7.0 + shared;
            b[i] = 6.0 + shared + sim_normal(&s, 0.0, 0.5);
        }
        covered += holds(sim_interval_mean(a, 10, 0.9), 7.0);
        struct sim_interval difference = sim_interval_paired(a, b, 10, 0.9);
        paired += holds(difference, 1.0);
        assert_true(difference.high - difference.low < 3.0); /* the shared part is gone */
        predicted += holds(sim_interval_prediction(a, 10, 0.9), sim_normal(&s, 7.0, 10.0));
    }
    assert_near((double)covered / rounds, 0.9, coverage_margin(0.9, rounds));
    assert_near((double)paired / rounds, 0.9, coverage_margin(0.9, rounds));
    assert_near((double)predicted / rounds, 0.9, coverage_margin(0.9, rounds));
}

/* Lognormal values, three a time, whose mean is exp(sd^2 / 2). */
static void positive_interval__stays_above_zero_and_covers_more(void **state)
{
    (void)state;
    int covered = 0, plain = 0, negative = 0, rounds = 4000;
    struct sim_stream s;
    sim_stream_init(&s, 5, 0, "coverage");
    for (int round = 0; round < rounds; round++) {
        double x[3];
        for (int i = 0; i < 3; i++)
            x[i] = exp(sim_normal(&s, 0.0, 1.0));
        struct sim_interval i = sim_interval_positive(x, 3, 0.95),
                            t = sim_interval_mean(x, 3, 0.95);
        assert_true(i.valid && 0.0 < i.low && i.low <= i.value && i.value <= i.high);
        assert_near(i.value, t.value, 1e-12 * t.value);
        covered += holds(i, exp(0.5));
        plain += holds(t, exp(0.5));
        negative += t.low < 0.0;
    }
    assert_near((double)covered / rounds, 0.923, coverage_margin(0.923, rounds));
    assert_near((double)plain / rounds, 0.838, coverage_margin(0.838, rounds));
    assert_true(negative > rounds / 2);
}

/* Narrow intervals are the plain ones; what is not positive has none. */
static void positive_interval__of_close_values_is_the_plain_one(void **state)
{
    (void)state;
    double close[] = {9.9, 10.0, 10.2}, equal[] = {5.0, 5.0}, none[] = {0.0, 1.0, 2.0};
    struct sim_interval i = sim_interval_positive(close, 3, 0.95),
                        t = sim_interval_mean(close, 3, 0.95);
    assert_near(i.low, t.low, 0.02);
    assert_near(i.high, t.high, 0.02);
    i = sim_interval_positive(equal, 2, 0.95);
    assert_true(i.low == 5.0 && i.high == 5.0);
    assert_false(sim_interval_positive(none, 3, 0.95).valid);
    assert_false(sim_interval_positive(close, 1, 0.95).valid);
}

static void quantile_interval__covers_at_least_its_level(void **state)
{
    (void)state;
    struct sim_stream s;
    sim_stream_init(&s, 3, 0, "coverage");
    static const double qs[] = {0.5, 0.9, 0.99};
    double *values = malloc(1000 * sizeof(values[0]));
    for (int k = 0; k < 3; k++) {
        int covered = 0, histogram_covered = 0, rounds = 600;
        double truth = -log(1.0 - qs[k]) * 1e6;
        for (int round = 0; round < rounds; round++) {
            struct sim_histogram h;
            sim_histogram_init(&h);
            for (int i = 0; i < 1000; i++) {
                values[i] = sim_exponential(&s, 1e6);
                sim_histogram_record_n(&h, (int64_t)values[i], 50); /* a batch of 50 messages */
            }
            covered += holds(sim_interval_quantile(values, 1000, qs[k], 0.9), truth);
            struct sim_interval i = sim_interval_histogram(&h, qs[k], 0.9);
            histogram_covered += holds(i, truth);
            assert_true(i.n == 1000 || i.n == 999);
            sim_histogram_release(&h);
        }
        /* Order statistics are discrete: a little more than asked for, never less. */
        double share = (double)covered / rounds;
        double histogram_share = (double)histogram_covered / rounds;
        assert_true(share > 0.9 - coverage_margin(0.9, rounds) && share < 0.985);
        assert_true(histogram_share > 0.9 - coverage_margin(0.9, rounds));
    }
    double few[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    assert_false(sim_interval_quantile(few, 10, 0.99, 0.9).valid);
    free(values);
}

static void share__is_clopper_and_pearson(void **state)
{
    (void)state;
    struct sim_interval i = sim_interval_share(0, 100, 0.95);
    assert_near(i.low, 0, 0);
    assert_near(i.high, 1.0 - pow(0.025, 0.01), 1e-9); /* closed form for no hits */
    i = sim_interval_share(100, 100, 0.95);
    assert_near(i.low, pow(0.025, 0.01), 1e-9);
    assert_near(i.high, 1, 0);
    i = sim_interval_share(10, 20, 0.95);
    assert_near(i.low + i.high, 1.0, 1e-9);
    assert_near(i.low, 0.27195, 1e-4);
}

/* ---- series --------------------------------------------------------------------------------- */

/* Waits of M/M/1 from empty, by Lindley's recursion. */
static void lindley(struct sim_stream *s, double rho, double *waits, size_t n)
{
    double wait = 0.0;
    for (size_t i = 0; i < n; i++) {
        waits[i] = wait;
        wait += rho * sim_exponential(s, 1.0) - sim_exponential(s, 1.0);
        wait = wait > 0.0 ? wait : 0.0;
    }
}

/* The published coverage (1,000 runs each) of a nominal 90 % interval from 20 batch means: 0.837 for
 * 10^4 customers at utilisation 0.8 and 0.554 at 0.95. An implementation that misses them by more than
 * 0.03 and its own sampling error is wrong. */
static void batch_means__cover_as_published(void **state)
{
    (void)state;
    static const struct {
        double rho, published;
    } rows[] = {{0.80, 0.837}, {0.95, 0.554}};
    double *waits = malloc(10000 * sizeof(waits[0]));
    for (int r = 0; r < 2; r++) {
        int covered = 0, rounds = 400;
        double rho = rows[r].rho, truth = rho * rho / (1.0 - rho);
        for (int round = 0; round < rounds; round++) {
            struct sim_stream s;
            sim_stream_init(&s, 4, (uint64_t)round, "batch means");
            lindley(&s, rho, waits, 10000);
            covered += holds(sim_interval_batch_means(waits, 10000, 20, 0.9), truth);
        }
        double p = rows[r].published;
        assert_near((double)covered / rounds, p, 0.03 + 2.5 * sqrt(p * (1 - p) / rounds));
    }
    free(waits);
}

static void batch_means__leave_the_remainder_at_the_front_out(void **state)
{
    (void)state;
    double series[] = {1000, 1, 3, 5, 7};
    struct sim_interval i = sim_interval_batch_means(series, 5, 2, 0.9);
    assert_near(i.value, 4.0, 1e-12);
    assert_int_equal(i.n, 2);
}

static void autocorrelation__is_that_of_the_process(void **state)
{
    (void)state;
    struct sim_stream s;
    sim_stream_init(&s, 5, 0, "autocorrelation");
    double *x = malloc(20000 * sizeof(x[0])), last = 0.0;
    for (int i = 0; i < 20000; i++)
        x[i] = last = 0.7 * last + sim_normal(&s, 0, 1);
    assert_near(sim_autocorrelation(x, 20000, 1), 0.7, 0.03);
    assert_near(sim_autocorrelation(x, 20000, 2), 0.49, 0.04);
    assert_near(sim_autocorrelation(x, 2, 1), 0, 0);
    free(x);
}

static void mser5__cuts_the_warm_up_and_little_more(void **state)
{
    (void)state;
    struct sim_stream s;
    sim_stream_init(&s, 6, 0, "mser");
    double *x = malloc(2000 * sizeof(x[0]));
    int near = 0;
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 2000; i++)
            x[i] = sim_normal(&s, i < 200 ? 50.0 - i * 0.25 : 0.0, 1.0);
        struct sim_warmup w = sim_mser5(x, 2000);
        assert_false(w.too_short);
        assert_int_equal(w.cut % 5, 0);
        near += w.cut >= 150 && w.cut <= 400;
    }
    assert_true(near >= 45);
    free(x);
}

static void mser5__agrees_with_its_definition(void **state)
{
    (void)state;
    struct sim_stream s;
    sim_stream_init(&s, 7, 0, "mser");
    for (int round = 0; round < 200; round++) {
        double x[203], least = INFINITY;
        size_t n = 50 + (size_t)sim_below(&s, 150), groups = n / 5, best = 0;
        for (size_t i = 0; i < n; i++)
            x[i] = sim_normal(&s, i < 40 ? 3.0 : 0.0, 1.0);
        for (size_t cut = 0; cut + 5 <= groups; cut++) {
            double mean = 0.0, sum = 0.0, kept = (double)(groups - cut);
            for (size_t i = cut * 5; i < groups * 5; i++)
                mean += x[i] / (5 * kept);
            for (size_t g = cut; g < groups; g++) {
                double y =
                    (x[5 * g] + x[5 * g + 1] + x[5 * g + 2] + x[5 * g + 3] + x[5 * g + 4]) / 5;
                sum += (y - mean) * (y - mean);
            }
            if (sum / kept / kept < least) {
                least = sum / kept / kept;
                best = cut;
            }
        }
        struct sim_warmup w = sim_mser5(x, n);
        assert_int_equal(w.cut, best * 5);
        assert_int_equal(w.too_short, best > groups / 2);
    }
}

static void mser5__says_when_the_run_is_too_short(void **state)
{
    (void)state;
    double rising[500], constant[500];
    for (int i = 0; i < 500; i++) {
        rising[i] = i;
        constant[i] = 3.0;
    }
    assert_true(sim_mser5(rising, 500).too_short);
    assert_true(sim_mser5(rising, 20).too_short);
    struct sim_warmup w = sim_mser5(constant, 500);
    assert_true(!w.too_short && w.cut == 0);
}

/* ---- stopping ------------------------------------------------------------------------------- */

static void stopping__decides_in_replication_order(void **state)
{
    (void)state;
    struct sim_stream s;
    sim_stream_init(&s, 8, 0, "stopping");
    double a[200], b[200];
    for (int i = 0; i < 200; i++) {
        a[i] = sim_normal(&s, 10.0, 1.0);
        b[i] = sim_normal(&s, 10.0, 2.5);
    }
    const double *both[] = {a, b}, *first[] = {a};
    struct sim_stopping rule = {.level = 0.95, .precision = 0.05, .min = 5, .look_ahead = 5};
    size_t alone = sim_stopping_decide(&rule, first, 1, 200);
    size_t r = sim_stopping_decide(&rule, both, 2, 200);
    assert_true(alone >= 5 && r > alone && r < 195);
    /* The same whatever else is known; nothing until r and the look-ahead are there. */
    for (size_t n = 0; n <= 200; n++)
        assert_int_equal(sim_stopping_decide(&rule, both, 2, n), n >= r + 5 ? r : 0);
    /* It holds from r to r + 5, and at no earlier place for so long. */
    for (size_t n = r; n <= r + 5; n++) {
        struct sim_interval i = sim_interval_mean(b, n, 0.95);
        assert_true(sim_interval_relative(&i) <= 0.05 / 1.05);
    }
    size_t before = r - 1;
    struct sim_interval i = sim_interval_mean(b, before, 0.95);
    struct sim_interval j = sim_interval_mean(a, before, 0.95);
    assert_true(sim_interval_relative(&i) > 0.05 / 1.05 ||
                sim_interval_relative(&j) > 0.05 / 1.05 || before < 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(level__integrates_exactly),
        cmocka_unit_test(tally__has_mean_and_variance_and_merges),
        cmocka_unit_test(interval__is_the_textbook_one),
        cmocka_unit_test(interval__is_never_confident_about_nothing),
        cmocka_unit_test(mean_interval__covers_nine_times_in_ten),
        cmocka_unit_test(positive_interval__stays_above_zero_and_covers_more),
        cmocka_unit_test(positive_interval__of_close_values_is_the_plain_one),
        cmocka_unit_test(quantile_interval__covers_at_least_its_level),
        cmocka_unit_test(share__is_clopper_and_pearson),
        cmocka_unit_test(batch_means__cover_as_published),
        cmocka_unit_test(batch_means__leave_the_remainder_at_the_front_out),
        cmocka_unit_test(autocorrelation__is_that_of_the_process),
        cmocka_unit_test(mser5__cuts_the_warm_up_and_little_more),
        cmocka_unit_test(mser5__agrees_with_its_definition),
        cmocka_unit_test(mser5__says_when_the_run_is_too_short),
        cmocka_unit_test(stopping__decides_in_replication_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
