/*
 * tests/sim/test_histogram.c - quantiles against sorted data, spans against spans drawn out.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/histogram.h"
#include "sim/random.h"

#define N 50000
static int64_t data[N];

static int compare_values(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static const double quantiles[] = {0.0, 0.001, 0.01, 0.1,   0.25,  0.5,    0.75,
                                   0.9, 0.95,  0.99, 0.995, 0.999, 0.9999, 1.0};
#define QUANTILES (sizeof(quantiles) / sizeof(quantiles[0]))

static int64_t sorted_quantile(size_t n, double q)
{
    size_t rank = (size_t)ceil(q * (double)n - 1e-9 * (double)n * 1e-6);
    return data[rank < 1 ? 0 : rank - 1];
}

static void quantile__is_within_eight_per_mille_of_sorted_data(void **state)
{
    (void)state;
    for (int law = 0; law < 6; law++) {
        struct sim_stream s;
        struct sim_histogram h;
        sim_stream_init(&s, 1, (uint64_t)law, "histogram");
        sim_histogram_init(&h);
        for (int i = 0; i < N; i++) {
            data[i] = law == 0   ? (int64_t)sim_below(&s, 100)
                      : law == 1 ? (int64_t)sim_lognormal(&s, 5e6, 2.0)
                      : law == 2 ? (int64_t)sim_pareto(&s, 1e3, 0.8)
                      : law == 3 ? 123456789
                      : law == 4 ? (int64_t)sim_below(&s, UINT64_C(1) << 46)
                                 : (int64_t)sim_exponential(&s, i % 10 ? 2e5 : 3e9);
            data[i] = data[i] < (INT64_C(1) << 47) ? data[i] : (INT64_C(1) << 47) - 1;
            sim_histogram_record(&h, data[i]);
        }
        qsort(data, N, sizeof(data[0]), compare_values);
        for (size_t k = 0; k < QUANTILES; k++) {
            int64_t exact = sorted_quantile(N, quantiles[k]);
            int64_t got = sim_histogram_quantile_ns(&h, quantiles[k]);
            if (fabs((double)(got - exact)) > (double)exact / 128.0)
                fail_msg("law %d, q %g: %ld instead of %ld", law, quantiles[k], (long)got,
                         (long)exact);
        }
        assert_int_equal(h.count, N);
        assert_int_equal(h.min_ns, data[0]);
        assert_int_equal(h.max_ns, data[N - 1]);
        sim_histogram_release(&h);
    }
}

static void bins__tile_the_line(void **state)
{
    (void)state;
    assert_int_equal(sim_histogram_bin_lower_ns(0), 0);
    for (uint32_t bin = 0; bin < SIM_HISTOGRAM_BINS; bin++) {
        int64_t lower = sim_histogram_bin_lower_ns(bin), next = sim_histogram_bin_lower_ns(bin + 1);
        assert_true(next > lower);
        assert_int_equal(sim_histogram_bin(lower), bin);
        assert_int_equal(sim_histogram_bin(next - 1), bin);
        assert_true((double)(next - lower) / 2 <= (double)lower / 128 || next - lower == 1);
    }
    assert_int_equal(sim_histogram_bin(INT64_MAX), SIM_HISTOGRAM_BINS - 1);
}

static void mean_and_sd__are_those_of_the_data(void **state)
{
    (void)state;
    struct sim_stream s;
    struct sim_histogram h;
    sim_stream_init(&s, 2, 0, "histogram");
    sim_histogram_init(&h);
    int64_t sum = 0;
    for (int i = 0; i < N; i++) {
        data[i] = sim_exponential_ns(&s, 7e6);
        sum += data[i];
        sim_histogram_record(&h, data[i]);
    }
    double mean = (double)sum / N, square = 0.0;
    for (int i = 0; i < N; i++)
        square += ((double)data[i] - mean) * ((double)data[i] - mean);
    assert_true(sim_histogram_mean_ns(&h) == mean);
    double sd = sqrt(square / N);
    assert_true(fabs(sim_histogram_sd_ns(&h) - sd) < 0.008 * sd);
    sim_histogram_release(&h);
}

static void empty_histogram__answers_zero(void **state)
{
    (void)state;
    struct sim_histogram h;
    struct sim_histogram_cursor cursor = {0};
    sim_histogram_init(&h);
    sim_histogram_record_n(&h, 5, 0);
    sim_histogram_record_span(&h, 5, 9, 0);
    assert_int_equal(h.count, 0);
    assert_int_equal(h.observation_count, 0);
    assert_int_equal(sim_histogram_quantile_ns(&h, 0.5), 0);
    assert_true(sim_histogram_mean_ns(&h) == 0.0 && sim_histogram_sd_ns(&h) == 0.0);
    assert_false(sim_histogram_quantile_printable(&h, 0.5));
    assert_false(sim_histogram_next(&h, &cursor));
    sim_histogram_release(&h);
    sim_histogram_release(&h);
}

/* ---- spans ---------------------------------------------------------------------------------- */

static void draw_out(struct sim_histogram *h, int64_t first, int64_t last, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        __extension__ __int128 step = n == 1 ? 0 : (__int128)(last - first) * i;
        int64_t low = first < last ? first : last;
        step = step < 0 ? -step : step;
        sim_histogram_record(h, low + (int64_t)(n == 1 ? first - low : step / (n - 1)));
    }
}

/* Largest difference of the number of values below any bin's bound. */
static double cumulative_distance(const struct sim_histogram *a, const struct sim_histogram *b)
{
    static double counts[2][SIM_HISTOGRAM_BINS];
    const struct sim_histogram *both[2] = {a, b};
    memset(counts, 0, sizeof(counts));
    for (int k = 0; k < 2; k++) {
        struct sim_histogram_cursor cursor = {0};
        while (sim_histogram_next(both[k], &cursor))
            counts[k][sim_histogram_bin(cursor.lower_ns)] = (double)cursor.count;
    }
    double below = 0.0, most = 0.0;
    for (int bin = 0; bin < SIM_HISTOGRAM_BINS; bin++) {
        below += counts[0][bin] - counts[1][bin];
        most = fmax(most, fabs(below));
    }
    return most;
}

/* Below 2^40, every octave equally likely. */
static int64_t any_magnitude(struct sim_stream *s)
{
    return (int64_t)(sim_u64(s) >> (24 + sim_below(s, 40)));
}

static void one_span(struct sim_stream *s, struct sim_histogram *spans, struct sim_histogram *drawn,
                     int64_t n_max)
{
    int64_t first = any_magnitude(s);
    int64_t last = sim_below(s, 3) == 0 ? first + (int64_t)sim_below(s, 1000) : any_magnitude(s);
    int64_t n = 1 + (int64_t)sim_below(s, (uint64_t)n_max);
    sim_histogram_record_span(spans, first, last, n);
    draw_out(drawn, first, last, n);
}

static void span__is_its_values_drawn_out(void **state)
{
    (void)state;
    struct sim_stream s;
    sim_stream_init(&s, 3, 0, "spans");
    for (int round = 0; round < 3000; round++) {
        struct sim_histogram spans, drawn;
        sim_histogram_init(&spans);
        sim_histogram_init(&drawn);
        one_span(&s, &spans, &drawn, round % 3 == 0 ? 8 : round % 3 == 1 ? 100 : 2000);
        assert_int_equal(spans.count, drawn.count);
        assert_int_equal(spans.min_ns, drawn.min_ns);
        assert_int_equal(spans.max_ns, drawn.max_ns);
        assert_int_equal(spans.observation_count, 1);
        double distance = cumulative_distance(&spans, &drawn);
        if (spans.wide == NULL)
            assert_true(distance == 0.0);
        else
            assert_true(distance <= 1.0);
        double mean = sim_histogram_mean_ns(&spans);
        assert_true(fabs(mean - sim_histogram_mean_ns(&drawn)) <= 1.0); /* drawn: rounded down */
        sim_histogram_release(&spans);
        sim_histogram_release(&drawn);
    }
}

static void many_spans__stay_close_to_their_values(void **state)
{
    (void)state;
    struct sim_stream s;
    struct sim_histogram spans, drawn;
    sim_stream_init(&s, 4, 0, "spans");
    sim_histogram_init(&spans);
    sim_histogram_init(&drawn);
    for (int i = 0; i < 5000; i++)
        one_span(&s, &spans, &drawn, 300);
    assert_int_equal(spans.count, drawn.count);
    assert_non_null(spans.wide);
    /* Errors below one value a span average out; in sum far below 1 % of all values. */
    assert_true(cumulative_distance(&spans, &drawn) < 0.005 * (double)drawn.count);
    for (size_t k = 1; k + 1 < QUANTILES; k++) {
        double own = (double)sim_histogram_quantile_ns(&spans, quantiles[k]);
        double exact = (double)sim_histogram_quantile_ns(&drawn, quantiles[k]);
        assert_true(fabs(own - exact) <= 0.1 * exact);
    }
    sim_histogram_release(&spans);
    sim_histogram_release(&drawn);
}

static void span__has_an_exact_mean(void **state)
{
    (void)state;
    struct sim_histogram h;
    sim_histogram_init(&h);
    sim_histogram_record_span(&h, 1, 2, 3); /* 1, 1.5, 2 */
    assert_true(sim_histogram_mean_ns(&h) == 1.5);
    sim_histogram_record_span(&h, 2000000000, 1000000001, 1000001);
    assert_true(fabs(sim_histogram_mean_ns(&h) - (4.5 + 1500000000.5 * 1000001) / 1000004) < 1e-6);
    sim_histogram_release(&h);
}

/* ---- merge ---------------------------------------------------------------------------------- */

static void merge__is_recording_into_one(void **state)
{
    (void)state;
    struct sim_stream s;
    struct sim_histogram parts[3], drawn, all, forward, backward;
    sim_stream_init(&s, 5, 0, "merge");
    sim_histogram_init(&all);
    sim_histogram_init(&drawn);
    sim_histogram_init(&forward);
    sim_histogram_init(&backward);
    for (int i = 0; i < 3; i++)
        sim_histogram_init(&parts[i]);
    for (int i = 0; i < 3000; i++) {
        struct sim_stream copy = s;
        one_span(&s, &parts[i % 3], &drawn, 200);
        one_span(&copy, &all, &drawn, 200);
        sim_histogram_record(&parts[i % 3], i * 1000);
        sim_histogram_record(&all, i * 1000);
    }
    for (int i = 0; i < 3; i++) {
        sim_histogram_merge(&forward, &parts[i]);
        sim_histogram_merge(&backward, &parts[2 - i]);
    }
    const struct sim_histogram *merged[] = {&forward, &backward};
    for (int i = 0; i < 2; i++) {
        assert_true(cumulative_distance(&all, merged[i]) == 0.0);
        assert_int_equal(all.count, merged[i]->count);
        assert_int_equal(all.observation_count, merged[i]->observation_count);
        assert_true(all.sum_ns == merged[i]->sum_ns);
        assert_true(sim_histogram_mean_ns(&all) == sim_histogram_mean_ns(merged[i]));
        assert_int_equal(all.min_ns, merged[i]->min_ns);
        assert_int_equal(all.max_ns, merged[i]->max_ns);
        assert_true(sim_histogram_effective_observations(&all) ==
                    sim_histogram_effective_observations(merged[i]));
    }
    sim_histogram_reset(&all);
    assert_int_equal(all.count, 0);
    assert_int_equal(sim_histogram_quantile_ns(&all, 0.9), 0);
    for (int i = 0; i < 3; i++)
        sim_histogram_release(&parts[i]);
    sim_histogram_release(&all);
    sim_histogram_release(&drawn);
    sim_histogram_release(&forward);
    sim_histogram_release(&backward);
}

/* ---- what may be printed -------------------------------------------------------------------- */

static void percentile__needs_a_hundred_observations_beyond(void **state)
{
    (void)state;
    struct sim_histogram h;
    sim_histogram_init(&h);
    for (int i = 0; i < 9999; i++)
        sim_histogram_record(&h, i);
    assert_false(sim_histogram_quantile_printable(&h, 0.99));
    sim_histogram_record(&h, 1);
    assert_true(sim_histogram_quantile_printable(&h, 0.99));
    assert_int_equal(sim_histogram_tail_observations(&h, 0.9), 1000);
    assert_true(sim_histogram_quantile_printable(&h, 0.01));
    assert_false(sim_histogram_quantile_printable(&h, 0.999));
    sim_histogram_release(&h);
}

static void messages_of_a_batch__are_one_observation(void **state)
{
    (void)state;
    struct sim_histogram h;
    sim_histogram_init(&h);
    for (int i = 0; i < 500; i++)
        sim_histogram_record_span(&h, 1000, 5000, 1000);
    assert_int_equal(h.count, 500000);
    assert_int_equal(h.observation_count, 500);
    assert_true(fabs(sim_histogram_effective_observations(&h) - 500.0) < 1e-9);
    assert_false(sim_histogram_quantile_printable(&h, 0.99));
    /* One batch that outweighs all: hardly more than one observation. */
    sim_histogram_record_n(&h, 1000, 100000000);
    assert_true(sim_histogram_effective_observations(&h) < 1.1);
    sim_histogram_release(&h);
}

static void share_below__counts_up_to_the_limit(void **state)
{
    (void)state;
    struct sim_histogram h;
    sim_histogram_init(&h);
    for (int i = 0; i < 100; i++)
        sim_histogram_record(&h, i);
    assert_true(fabs(sim_histogram_share_below(&h, 49) - 0.50) < 1e-12);
    assert_true(fabs(sim_histogram_share_below(&h, 0) - 0.01) < 1e-12);
    assert_true(sim_histogram_share_below(&h, 99) == 1.0);
    sim_histogram_record_n(&h, 1000000, 100);
    assert_true(fabs(sim_histogram_share_below(&h, 500000) - 0.5) < 1e-12);
    sim_histogram_release(&h);
}

/* ---- .hgrm ---------------------------------------------------------------------------------- */

static void hgrm__has_the_layout_that_plotters_read(void **state)
{
    (void)state;
    struct sim_histogram h;
    sim_histogram_init(&h);
    for (int i = 1; i <= 10000; i++)
        sim_histogram_record(&h, i * INT64_C(1000));
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    assert_non_null(file);
    assert_int_equal(sim_histogram_write_hgrm(&h, file), 0);
    fclose(file);
    const char *head = "       Value     Percentile TotalCount 1/(1-Percentile)\n\n";
    assert_memory_equal(text, head, strlen(head));
    assert_non_null(strstr(text, "\n#[Mean    =     5.000500, StdDeviation   =     2.88"));
    assert_non_null(strstr(text, "\n#[Max     =    10.000000, Total count    =        10000]\n"));
    assert_non_null(strstr(text, "\n#[Buckets =           41, SubBuckets     =          128]\n"));
    /* Rows: rising values and percentiles; each percentile is honest about its value. */
    double value, share, inverse, last_value = -1.0, last_share = -1.0;
    unsigned long total;
    int rows = 0;
    for (char *line = strtok(text + strlen(head), "\n"); line != NULL && line[0] != '#';
         line = strtok(NULL, "\n"), rows++) {
        int fields = sscanf(line, "%lf %lf %lu %lf", &value, &share, &total, &inverse);
        assert_true(fields == 4 || (fields == 3 && share == 1.0));
        assert_true(value >= last_value && share > last_share);
        assert_true((double)total >= share * 10000 - 1e-6);
        if (share > 0.0)
            assert_true(fabs(value - share * 10.0) <= share * 10.0 / 128.0 + 0.001);
        if (fields == 4)
            assert_true(fabs(inverse - 1.0 / (1.0 - share)) < 0.0051);
        last_value = value;
        last_share = share;
    }
    assert_true(rows > 40 && rows < 80);
    assert_true(last_share == 1.0 && fabs(last_value - 10.0) < 1e-9);
    free(text);
    sim_histogram_release(&h);
}

/* 10 values at 3 instants: 3, 4, 3 of them, the middle one larger because it is rounded in the middle. */
static void groups__are_points_of_nearly_equal_size(void **state)
{
    (void)state;
    struct sim_histogram h;
    sim_histogram_init(&h);
    sim_histogram_record_groups(&h, 100, 120, 3, 10);
    assert_int_equal(h.count, 10);
    assert_int_equal(h.observation_count, 1);
    assert_int_equal(sim_histogram_quantile_ns(&h, 0.3), 100);
    assert_int_equal(sim_histogram_quantile_ns(&h, 0.31), 110);
    assert_int_equal(sim_histogram_quantile_ns(&h, 0.7), 110);
    assert_int_equal(sim_histogram_quantile_ns(&h, 0.71), 120);
    assert_true(sim_histogram_mean_ns(&h) == 110);
    sim_histogram_release(&h);
}

static void ages__of_stretches_are_spans_of_one_observation(void **state)
{
    (void)state;
    struct sim_histogram h, drawn;
    sim_histogram_init(&h);
    sim_histogram_init(&drawn);
    const struct sim_histogram_stretch stretches[] = {
        {1000000, 4000000, 7}, {5000000, 5000000, 4}, {7000000, 7000000, 1}, {8000000, 8000000, 1}};
    sim_histogram_record_ages(&h, 10000000, stretches, 4);
    sim_histogram_record_span(&drawn, 6000000, 9000000, 7);
    sim_histogram_record_n(&drawn, 5000000, 4);
    sim_histogram_record_n(&drawn, 3000000, 1);
    sim_histogram_record_n(&drawn, 2000000, 1);
    assert_int_equal(h.count, 13);
    assert_int_equal(h.observation_count, 1);
    assert_int_equal(h.min_ns, 2000000);
    assert_int_equal(h.max_ns, 9000000);
    assert_true(sim_histogram_mean_ns(&h) == sim_histogram_mean_ns(&drawn));
    for (double q = 0; q <= 1; q += 0.125)
        assert_int_equal(sim_histogram_quantile_ns(&h, q), sim_histogram_quantile_ns(&drawn, q));
    sim_histogram_release(&h);
    sim_histogram_release(&drawn);
}

/* Half a step too low is what one value at the low end and the others above it would give. */
static void wide_spans__have_their_median_in_the_middle(void **state)
{
    (void)state;
    struct sim_histogram h;
    sim_histogram_init(&h);
    for (int i = 0; i < 1000; i++)
        sim_histogram_record_span(&h, 3000000 + i, 8000000 - i, 25);
    double share = sim_histogram_share_below(&h, 5500000);
    assert_true(share > 0.495 && share < 0.505);
    sim_histogram_release(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantile__is_within_eight_per_mille_of_sorted_data),
        cmocka_unit_test(bins__tile_the_line),
        cmocka_unit_test(mean_and_sd__are_those_of_the_data),
        cmocka_unit_test(empty_histogram__answers_zero),
        cmocka_unit_test(span__is_its_values_drawn_out),
        cmocka_unit_test(many_spans__stay_close_to_their_values),
        cmocka_unit_test(span__has_an_exact_mean),
        cmocka_unit_test(merge__is_recording_into_one),
        cmocka_unit_test(percentile__needs_a_hundred_observations_beyond),
        cmocka_unit_test(messages_of_a_batch__are_one_observation),
        cmocka_unit_test(share_below__counts_up_to_the_limit),
        cmocka_unit_test(hgrm__has_the_layout_that_plotters_read),
        cmocka_unit_test(groups__are_points_of_nearly_equal_size),
        cmocka_unit_test(ages__of_stretches_are_spans_of_one_observation),
        cmocka_unit_test(wide_spans__have_their_median_in_the_middle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
