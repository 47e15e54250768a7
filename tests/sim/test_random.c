/*
 * tests/sim/test_random.c - known answers, independence of streams, and distributions against their
 * exact distribution functions.
 *
 * Every statistical bound is at five standard errors or p = 1e-6 with fixed seeds: it does not fail by
 * chance from run to run, and a wrong constant is hundreds of standard errors away.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/dmath.h"
#include "sim/random.h"

#define assert_below(value, bound)                                                                 \
    do {                                                                                           \
        double v_ = (double)(value), b_ = (double)(bound);                                         \
        if (!(v_ <= b_))                                                                           \
            fail_msg("%s is %g, more than %g", #value, v_, b_);                                    \
    } while (0)

/* The vectors that come with Random123 (kat_vectors, philox4x32 10). */
static void philox__gives_the_published_answers(void **state)
{
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], out[4];
    } rows[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint32_t out[4];
        sim_philox(rows[i].counter, rows[i].key, out);
        assert_memory_equal(out, rows[i].out, sizeof(out));
    }
}

/* Draw i is word i % 2 of block i / 2, whatever is made ahead. */
static void stream__is_philox_in_counter_order(void **state)
{
    (void)state;
    struct sim_stream stream;
    sim_stream_init(&stream, 42, 7, "producer checkout 3 arrivals");
    uint32_t key[2] = {(uint32_t)stream.key, (uint32_t)(stream.key >> 32)};
    for (uint32_t block = 0; block < 100; block++) {
        uint32_t counter[4] = {block, 0, 7, 0}, out[4];
        sim_philox(counter, key, out);
        assert_true(sim_u64(&stream) == ((uint64_t)out[1] << 32 | out[0]));
        assert_true(sim_u64(&stream) == ((uint64_t)out[3] << 32 | out[2]));
    }
}

static void stream__depends_on_seed_replication_and_name_only(void **state)
{
    (void)state;
    struct sim_stream a, b, other;
    sim_stream_init(&a, 1, 0, "disk 2 service");
    for (int i = 0; i < 10; i++)
        sim_stream_init(&other, 1, 0, "something created in between");
    sim_stream_initf(&b, 1, 0, "disk %d service", 2);
    uint64_t first[64];
    for (int i = 0; i < 64; i++) {
        first[i] = sim_u64(&a);
        assert_true(sim_u64(&b) == first[i]);
    }
    static const struct {
        uint64_t seed, replication;
        const char *name;
    } others[] = {{2, 0, "disk 2 service"},
                  {1, 1, "disk 2 service"},
                  {1, 0, "disk 3 service"},
                  {0, 0, "disk 2 service"},
                  {1, 0, ""},
                  {1, 0, "Disk 2 service"}};
    for (size_t k = 0; k < sizeof(others) / sizeof(others[0]); k++) {
        sim_stream_init(&other, others[k].seed, others[k].replication, others[k].name);
        int equal = 0;
        for (int i = 0; i < 64; i++)
            equal += sim_u64(&other) == first[i];
        assert_int_equal(equal, 0);
    }
}

/* ---- tests of fit --------------------------------------------------------------------------- */

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* sqrt(n) times the largest distance; above 2.7 has probability 1e-6 (2 exp(-2 x^2)). */
static double kolmogorov(double *values, int n, double (*cdf)(double))
{
    qsort(values, (size_t)n, sizeof(values[0]), compare_doubles);
    double most = 0.0;
    for (int i = 0; i < n; i++) {
        double p = cdf(values[i]);
        most = fmax(most, fmax(p - (double)i / n, (double)(i + 1) / n - p));
    }
    return most * sqrt(n);
}
#define KS_LIMIT 2.7

#define DRAWS 100000
static double draws[DRAWS];

static double uniform_cdf(double x)
{
    return x;
}
static double exponential_cdf(double x)
{
    return -expm1(-x / 3.0);
}
static double normal_cdf(double x)
{
    return 0.5 * erfc(-(x - 5.0) / 2.0 / M_SQRT2);
}
static double lognormal_cdf(double x)
{
    double variance = log1p(0.8 * 0.8);
    return 0.5 * erfc(-(log(x / 100.0) + 0.5 * variance) / sqrt(2.0 * variance));
}
static double gamma_small_cdf(double x)
{
    return sim_gamma_inc(0.3, x / 2.0);
}
static double gamma_large_cdf(double x)
{
    return sim_gamma_inc(7.5, x / 2.0);
}
static double weibull_cdf(double x)
{
    return -expm1(-pow(x / 4.0, 0.7));
}
static double pareto_cdf(double x)
{
    return 1.0 - pow(x / 2.0, -1.5);
}

static void continuous_draws__fit_their_distributions(void **state)
{
    (void)state;
    struct sim_stream s;
#define FIT(expression, cdf)                                                                       \
    do {                                                                                           \
        sim_stream_init(&s, 11, 0, #cdf);                                                          \
        for (int i_ = 0; i_ < DRAWS; i_++)                                                         \
            draws[i_] = (expression);                                                              \
        assert_below(kolmogorov(draws, DRAWS, cdf), KS_LIMIT);                                     \
    } while (0)
    FIT(sim_unit(&s), uniform_cdf);
    FIT(sim_unit_open(&s), uniform_cdf);
    FIT(sim_uniform(&s, 2.0, 7.0) / 5.0 - 0.4, uniform_cdf);
    FIT(sim_exponential(&s, 3.0), exponential_cdf);
    FIT((double)sim_exponential_ns(&s, 3e9) / 1e9, exponential_cdf);
    FIT(sim_normal(&s, 5.0, 2.0), normal_cdf);
    FIT(sim_lognormal(&s, 100.0, 0.8), lognormal_cdf);
    FIT(sim_gamma(&s, 0.3, 2.0), gamma_small_cdf);
    FIT(sim_gamma(&s, 7.5, 2.0), gamma_large_cdf);
    FIT(sim_weibull(&s, 4.0, 0.7), weibull_cdf);
    FIT(sim_pareto(&s, 2.0, 1.5), pareto_cdf);
#undef FIT
}

static void ranges__are_what_they_say(void **state)
{
    (void)state;
    struct sim_stream s;
    sim_stream_init(&s, 5, 0, "ranges");
    memset(s.ahead, 0, sizeof(s.ahead));
    s.used = 0; /* the smallest draw */
    assert_true(sim_unit(&s) == 0.0);
    assert_true(sim_unit_open(&s) == 0x1p-53);
    assert_true(sim_exponential(&s, 1.0) == 0.0);
    memset(s.ahead, 0xff, sizeof(s.ahead));
    s.used = 0; /* and the largest */
    assert_true(sim_unit(&s) == 1.0 - 0x1p-53);
    assert_true(sim_unit_open(&s) == 1.0 - 0x1p-53);
    assert_true(sim_exponential(&s, 1.0) > 36.7 && sim_exponential(&s, 1.0) < 36.8);
    assert_true(isfinite(sim_normal(&s, 0.0, 1.0)));
}

/* Mean and variance within five standard errors; the fourth moment of the sample gives the error of
 * the variance. */
static void check_moments(const char *name, double mean, double variance)
{
    double m = 0.0, v = 0.0, fourth = 0.0;
    for (int i = 0; i < DRAWS; i++)
        m += draws[i] / DRAWS;
    for (int i = 0; i < DRAWS; i++) {
        double square = (draws[i] - m) * (draws[i] - m);
        v += square / DRAWS;
        fourth += square * square / DRAWS;
    }
    if (!(fabs(m - mean) <= 5.0 * sqrt(variance / DRAWS) + 1e-9 * fabs(mean)))
        fail_msg("%s: mean %g instead of %g", name, m, mean);
    if (!(fabs(v - variance) <= 5.0 * sqrt(fmax(fourth - v * v, 1e-12) / DRAWS)))
        fail_msg("%s: variance %g instead of %g", name, v, variance);
}

static void draws__have_their_moments(void **state)
{
    (void)state;
    struct sim_stream s;
#define MOMENTS(expression, mean, variance)                                                        \
    do {                                                                                           \
        sim_stream_init(&s, 12, 0, #expression);                                                   \
        for (int i_ = 0; i_ < DRAWS; i_++)                                                         \
            draws[i_] = (double)(expression);                                                      \
        check_moments(#expression, mean, variance);                                                \
    } while (0)
    MOMENTS(sim_exponential(&s, 250.0), 250.0, 62500.0);
    MOMENTS(sim_normal(&s, -3.0, 4.0), -3.0, 16.0);
    MOMENTS(sim_lognormal(&s, 1024.0, 0.5), 1024.0, 1024.0 * 1024.0 * 0.25);
    MOMENTS(sim_gamma_mean_cv(&s, 20.0, 0.4), 20.0, 64.0);
    MOMENTS(sim_gamma_mean_cv(&s, 20.0, 2.0), 20.0, 1600.0);
    MOMENTS(sim_gamma_mean_cv(&s, 20.0, 0.0), 20.0, 0.0);
    MOMENTS(sim_poisson(&s, 0.3), 0.3, 0.3);
    MOMENTS(sim_poisson(&s, 9.99), 9.99, 9.99);
    MOMENTS(sim_poisson(&s, 10.0), 10.0, 10.0);
    MOMENTS(sim_poisson(&s, 1234.5), 1234.5, 1234.5);
    MOMENTS(sim_poisson(&s, 1e12) - 1000000000000, 0.0, 1e12);
    MOMENTS(sim_binomial(&s, 20, 0.3), 6.0, 4.2);
    MOMENTS(sim_binomial(&s, 100, 0.3), 30.0, 21.0);
    MOMENTS(sim_binomial(&s, 100, 0.93), 93.0, 6.51);
    MOMENTS(sim_binomial(&s, INT64_C(1000000000000), 0.25) - 250000000000, 0.0, 1.875e11);
    MOMENTS(sim_geometric(&s, 0.2), 4.0, 20.0);
    MOMENTS(sim_chance(&s, 0.37), 0.37, 0.37 * 0.63);
    MOMENTS(sim_below(&s, 1000), 499.5, (1e6 - 1) / 12);
    MOMENTS(sim_below(&s, UINT64_C(3) << 62) >> 32, 1.5 * 0x1p30 * 1.0, 0x1p60 * 2.25 / 3.0);
#undef MOMENTS
}

/* Chi-square: cells with their expected probabilities. Its p-value must exceed 1e-6. */
static void check_cells(const char *name, const uint64_t *seen, const double *p, size_t cells,
                        double n)
{
    double chi2 = 0.0, left = 1.0;
    size_t used = 0;
    double rest_seen = n;
    for (size_t i = 0; i < cells; i++) {
        if (p[i] * n < 10.0)
            continue;
        chi2 += ((double)seen[i] - n * p[i]) * ((double)seen[i] - n * p[i]) / (n * p[i]);
        left -= p[i];
        rest_seen -= (double)seen[i];
        used++;
    }
    if (left * n > 10.0) {
        chi2 += (rest_seen - n * left) * (rest_seen - n * left) / (n * left);
        used++;
    }
    double tail = 1.0 - sim_gamma_inc(0.5 * (double)(used - 1), 0.5 * chi2);
    if (!(tail > 1e-6))
        fail_msg("%s: chi-square %g over %zu cells, p = %g", name, chi2, used, tail);
}

#define CELLS 400

static void poisson__fits_cell_by_cell(void **state)
{
    (void)state;
    static const double means[] = {0.7, 5.0, 9.9, 10.0, 14.0, 60.0, 200.0};
    for (size_t m = 0; m < sizeof(means) / sizeof(means[0]); m++) {
        struct sim_stream s;
        sim_stream_init(&s, 13, m, "poisson cells");
        uint64_t seen[CELLS] = {0};
        double p[CELLS];
        for (int i = 0; i < 200000; i++) {
            int64_t k = sim_poisson(&s, means[m]);
            assert_in_range(k, 0, CELLS - 1);
            seen[k]++;
        }
        for (int k = 0; k < CELLS; k++)
            p[k] = exp(k * log(means[m]) - means[m] - lgamma(k + 1.0));
        check_cells("poisson", seen, p, CELLS, 200000.0);
    }
}

static void binomial__fits_cell_by_cell(void **state)
{
    (void)state;
    static const struct {
        int n;
        double p;
    } rows[] = {{1, 0.5}, {30, 0.1}, {40, 0.25}, {41, 0.5}, {300, 0.4}, {380, 0.97}, {399, 0.05}};
    for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
        struct sim_stream s;
        sim_stream_init(&s, 14, r, "binomial cells");
        uint64_t seen[CELLS] = {0};
        double p[CELLS] = {0};
        for (int i = 0; i < 200000; i++) {
            int64_t k = sim_binomial(&s, rows[r].n, rows[r].p);
            assert_in_range(k, 0, rows[r].n);
            seen[k]++;
        }
        for (int k = 0; k <= rows[r].n; k++)
            p[k] = exp(lgamma(rows[r].n + 1.0) - lgamma(k + 1.0) - lgamma(rows[r].n - k + 1.0) +
                       k * log(rows[r].p) + (rows[r].n - k) * log1p(-rows[r].p));
        check_cells("binomial", seen, p, CELLS, 200000.0);
    }
}

static void zipf__fits_its_weights(void **state)
{
    (void)state;
    static const double exponents[] = {0.0, 0.5, 0.99, 1.0, 1.01, 1.5, 3.0};
    for (size_t e = 0; e < sizeof(exponents) / sizeof(exponents[0]); e++)
        for (unsigned n = 1; n <= CELLS; n = n * 7 + 1) {
            struct sim_stream s;
            struct sim_zipf zipf;
            double p[CELLS] = {0};
            uint64_t seen[CELLS] = {0};
            sim_stream_init(&s, 15, e, "zipf");
            sim_zipf_init(&zipf, n, exponents[e]);
            sim_zipf_weights(p, n, exponents[e]);
            for (int i = 0; i < 100000; i++) {
                uint64_t rank = sim_zipf_draw(&zipf, &s);
                assert_true(rank < n);
                seen[rank]++;
            }
            if (n > 1)
                check_cells("zipf", seen, p, n, 100000.0);
        }
}

static void zipf__works_for_keys_beyond_any_table(void **state)
{
    (void)state;
    struct sim_stream s;
    struct sim_zipf zipf;
    sim_stream_init(&s, 16, 0, "zipf");
    sim_zipf_init(&zipf, UINT64_C(1) << 40, 1.0);
    double harmonic = log(0x1p40) + 0.57721566490153286;
    int firsts = 0, small = 0;
    for (int i = 0; i < 100000; i++) {
        uint64_t rank = sim_zipf_draw(&zipf, &s);
        assert_true(rank < UINT64_C(1) << 40);
        firsts += rank == 0;
        small += rank < 1000;
    }
    double p = 1.0 / harmonic, q = (log(1000.0) + 0.57721566490153286) / harmonic;
    assert_below(fabs(firsts / 1e5 - p), 5 * sqrt(p / 1e5));
    assert_below(fabs(small / 1e5 - q), 5 * sqrt(q / 1e5));
}

static void discrete__fits_its_weights(void **state)
{
    (void)state;
    double weights[50], p[50], sum = 0.0;
    uint64_t seen[50] = {0};
    for (int i = 0; i < 50; i++)
        sum += weights[i] = i % 7 == 3 ? 0.0 : 1.0 + i * i;
    for (int i = 0; i < 50; i++)
        p[i] = weights[i] / sum;
    struct sim_discrete d;
    struct sim_stream s;
    sim_discrete_init(&d, weights, 50);
    sim_stream_init(&s, 17, 0, "discrete");
    for (int i = 0; i < 200000; i++)
        seen[sim_discrete_draw(&d, &s)]++;
    for (int i = 3; i < 50; i += 7)
        assert_int_equal(seen[i], 0);
    check_cells("discrete", seen, p, 50, 200000.0);
    sim_discrete_release(&d);
}

static void multinomial__shares_out_everything(void **state)
{
    (void)state;
    double weights[6] = {0.0, 3.0, 1.0, 0.0, 6.0, 0.0};
    struct sim_stream s;
    sim_stream_init(&s, 18, 0, "multinomial");
    double sums[6] = {0};
    for (int round = 0; round < 2000; round++) {
        int64_t counts[6], total = 0;
        sim_multinomial(&s, 1000, weights, 6, counts);
        for (int i = 0; i < 6; i++) {
            assert_true(counts[i] >= 0 && (weights[i] > 0.0 || counts[i] == 0));
            total += counts[i];
            sums[i] += (double)counts[i];
        }
        assert_int_equal(total, 1000);
    }
    for (int i = 0; i < 6; i++) {
        double p = weights[i] / 10.0;
        assert_below(fabs(sums[i] - 2e6 * p), 5.0 * sqrt(2e6 * p * (1 - p)) + 1e-9);
    }
}

static void shuffle__makes_every_order_equally_often(void **state)
{
    (void)state;
    struct sim_stream s;
    sim_stream_init(&s, 19, 0, "shuffle");
    uint64_t seen[64] = {0};
    double p[64] = {0};
    for (int i = 0; i < 60000; i++) {
        uint32_t items[3] = {0, 1, 2};
        sim_shuffle(&s, items, 3);
        seen[items[0] * 16 + items[1] * 4 + items[2]]++;
    }
    static const int orders[6] = {6, 9, 18, 24, 33, 36}; /* 012 021 102 120 201 210 in base 4 */
    for (int i = 0; i < 6; i++)
        p[orders[i]] = 1.0 / 6;
    check_cells("shuffle", seen, p, 64, 60000.0);
}

/* One draw a variate, and a larger draw is a larger variate: two runs that share a stream stay in
 * step, which is what common random numbers need. */
static void inversion__keeps_streams_in_step(void **state)
{
    (void)state;
    struct sim_stream a, b;
    sim_stream_init(&a, 20, 0, "step");
    sim_stream_init(&b, 20, 0, "step");
    for (int i = 0; i < 1000; i++) {
        double u = sim_unit(&a), x;
        x = i % 3 == 0   ? sim_exponential(&b, 1.0)
            : i % 3 == 1 ? sim_normal(&b, 0, 1)
                         : sim_lognormal(&b, 1.0, 1.0);
        double median = i % 3 == 0 ? M_LN2 : i % 3 == 1 ? 0.0 : 1.0 / M_SQRT2;
        assert_int_equal(x > median, u > 0.5);
    }
    assert_true(sim_u64(&a) == sim_u64(&b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox__gives_the_published_answers),
        cmocka_unit_test(stream__is_philox_in_counter_order),
        cmocka_unit_test(stream__depends_on_seed_replication_and_name_only),
        cmocka_unit_test(continuous_draws__fit_their_distributions),
        cmocka_unit_test(ranges__are_what_they_say),
        cmocka_unit_test(draws__have_their_moments),
        cmocka_unit_test(poisson__fits_cell_by_cell),
        cmocka_unit_test(binomial__fits_cell_by_cell),
        cmocka_unit_test(zipf__fits_its_weights),
        cmocka_unit_test(zipf__works_for_keys_beyond_any_table),
        cmocka_unit_test(discrete__fits_its_weights),
        cmocka_unit_test(multinomial__shares_out_everything),
        cmocka_unit_test(shuffle__makes_every_order_equally_often),
        cmocka_unit_test(inversion__keeps_streams_in_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
