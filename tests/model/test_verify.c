/* What verified cases add up to, against figures worked out by hand. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "model/evidence/coverage.h"
#include "model/evidence/error_table.h"
#include "model/evidence/false_pass.h"
#include "model/evidence/rank_pairs.h"
#include "tests/support/fake_verify.h"

#define P50 MEASURED_PRODUCE_P50
#define P99 MEASURED_PRODUCE_P99

static struct fake_verify fake;

static int fresh(void **state)
{
    (void)state;
    fake_verify_init(&fake);
    return 0;
}

static void near(double a, double b)
{
    if (!(fabs(a - b) <= 1e-12))
        fail_msg("%.17g is not %.17g", a, b);
}

static struct verify_case *add(const char *family, enum measured_quantity q, double measured,
                               double predicted)
{
    struct verify_case *c = fake_verify_add(&fake, VERIFY_OWN, family, "");
    fake_verify_measure(c, q, measured);
    fake_verify_predict(c, VERIFY_BLIND, q, predicted, 0.9 * predicted, 1.1 * predicted);
    return c;
}

static struct error_row row_of(enum measured_quantity q, const char *family)
{
    struct error_filter filter = {.quantity = q, .family = family};
    return error_table_row(&fake.verify, &filter);
}

/* Errors +10 %, -20 %, +30 %, 0 and -40 %: |.| sorted 0 10 20 30 40; p90 at 3.6: 36 %; signed sorted -40 -20 0 10 30. */
static void errors__have_the_median_the_signed_median_and_the_p90(void **state)
{
    (void)state;
    double predicted[] = {1.1, 0.8, 1.3, 1.0, 0.6};
    for (int i = 0; i < 5; i++)
        add("rate", P50, 1, predicted[i]);
    struct error_row row = row_of(P50, NULL);
    assert_int_equal(row.error.n, 5);
    near(row.error.median, 0.2);
    near(row.error.signed_median, 0);
    near(row.error.p90, 0.36);
    near(row.factor_2, 1);
}

static void errors__of_an_even_number_average_the_middle(void **state)
{
    (void)state;
    double predicted[] = {1.1, 1.2, 1.4, 2.5};
    for (int i = 0; i < 4; i++)
        add("rate", P50, 1, predicted[i]);
    struct error_row row = row_of(P50, NULL);
    near(row.error.median, 0.3);
    near(row.factor_2, 0.75);
}

static void errors__are_told_apart_by_family(void **state)
{
    (void)state;
    add("rate", P50, 2, 2.2);
    add("size", P50, 2, 3);
    near(row_of(P50, "size").error.median, 0.5);
    assert_int_equal(row_of(P50, "rate").error.n, 1);
    assert_int_equal(row_of(P50, "net").error.n, 0);
    const char *families[ERROR_TABLE_FAMILIES_MAX];
    assert_int_equal(error_table_families(&fake.verify, VERIFY_OWN, families), 2);
    assert_string_equal(families[0], "rate");
    assert_int_equal(error_table_families(&fake.verify, VERIFY_PUBLIC, families), 0);
}

static void errors__leave_out_what_was_fitted(void **state)
{
    (void)state;
    add("rate", P50, 1, 1.1);
    add("rate", P50, 1, 1.0)->fitted = VERIFY_FITTED;
    add("rate", P50, 1, 1.3)->fitted = VERIFY_HELD_OUT;
    struct error_row row = row_of(P50, NULL);
    assert_int_equal(row.error.n, 2);
    near(row.error.median, 0.2);
}

/* The median of 1, 2, 6 is 2. */
static void errors__are_from_the_median_of_the_repeats(void **state)
{
    (void)state;
    struct verify_case *c = add("rate", P50, 1, 2.5);
    fake_verify_measure(c, P50, 6);
    fake_verify_measure(c, P50, 2);
    near(row_of(P50, NULL).error.median, 0.25);
}

static void errors__of_throughput_count_only_where_it_is_a_maximum(void **state)
{
    (void)state;
    add("rate", MEASURED_THROUGHPUT, 1000, 1000);
    assert_int_equal(row_of(MEASURED_THROUGHPUT, NULL).error.n, 0);
    add("rate", MEASURED_THROUGHPUT, 1000, 900)->measured.maximum = true;
    near(row_of(MEASURED_THROUGHPUT, NULL).error.median, 0.1);
}

static void errors__count_a_measured_case_without_an_answer_as_asked(void **state)
{
    (void)state;
    struct verify_case *c = fake_verify_add(&fake, VERIFY_OWN, "rate", "");
    fake_verify_measure(c, P50, 1);
    add("rate", P50, 1, 1);
    struct error_row row = row_of(P50, NULL);
    assert_int_equal(row.error.n, 1);
    assert_int_equal(row.asked, 2);
}

static void errors__of_anchored_methods_leave_out_the_anchor(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct verify_case *c = fake_verify_add(&fake, VERIFY_PUBLIC, "msk", "msk-large");
        fake_verify_measure(c, P50, 1);
        for (int m = 0; m < VERIFY_METHODS; m++)
            fake_verify_predict(c, (enum verify_method)m, P50, 1.5, 1, 2);
        c->measured.anchor = i == 0;
    }
    struct error_filter filter = {.population = VERIFY_PUBLIC, .quantity = P50};
    int n[VERIFY_METHODS];
    for (int m = 0; m < VERIFY_METHODS; m++) {
        filter.method = (enum verify_method)m;
        n[m] = error_table_row(&fake.verify, &filter).error.n;
    }
    assert_int_equal(n[VERIFY_BLIND], 3);
    assert_int_equal(n[VERIFY_ANCHORED], 2);
    assert_int_equal(n[VERIFY_MM1], 2);
}

/* Repeats 10, 11, 15: |10/13 - 1|, |11/12.5 - 1|, |15/10.5 - 1| = 0.2308, 0.12, 0.4286. */
static void spread__is_of_each_repeat_from_the_median_of_its_others(void **state)
{
    (void)state;
    struct verify_case *c = add("rate", P50, 10, 10);
    fake_verify_measure(c, P50, 11);
    fake_verify_measure(c, P50, 15);
    add("rate", P50, 5, 5); /* no repeat: says nothing */
    near(error_table_spread(&fake.verify, VERIFY_OWN, P50), 3.0 / 13);
    assert_true(isnan(error_table_spread(&fake.verify, VERIFY_OWN, P99)));
}

/* Three of four repeats of one case and none of another: 37.5 %; widths 0.2 and 0.4. */
static void coverage__weighs_cases_and_not_repeats(void **state)
{
    (void)state;
    struct verify_case *c = add("rate", P50, 1.0, 1.0);
    fake_verify_measure(c, P50, 0.95);
    fake_verify_measure(c, P50, 1.05);
    fake_verify_measure(c, P50, 1.2);
    c = add("rate", P50, 2, 1);
    fake_verify_predict(c, VERIFY_BLIND, P50, 1, 0.8, 1.2);
    struct coverage cover = coverage_of(&fake.verify, VERIFY_OWN, VERIFY_BLIND, P50);
    assert_int_equal(cover.n, 2);
    near(cover.share, 0.375);
    near(cover.median_width, 0.3);
    near(cover.error, sqrt(0.9 * 0.1 / 2));
    assert_false(coverage_holds(&cover));
}

static void coverage__of_25_holds_from_78_percent(void **state)
{
    (void)state;
    struct coverage cover = {.n = 25, .share = 0.79, .error = 0.06};
    assert_true(coverage_holds(&cover));
    cover.share = 0.77;
    assert_false(coverage_holds(&cover));
    cover.n = 0;
    cover.share = 0.9;
    assert_false(coverage_holds(&cover));
}

/* Measured 1, 1.05, 2, 3 with a spread of 10 %: the first two do not differ. Predicted 1, 1.1, 0.9, 3: of the five pairs left, (1, 2)
 * and (1.05, 2) are wrong. */
static void ranks__leave_out_pairs_within_the_spread(void **state)
{
    (void)state;
    double measured[] = {1, 1.05, 2, 3}, predicted[] = {1, 1.1, 0.9, 3};
    for (int i = 0; i < 4; i++)
        add("rate", P50, measured[i], predicted[i]);
    add("size", P50, 100, 0.1); /* of another family */
    struct rank_pairs pairs = rank_pairs_of(&fake.verify, VERIFY_OWN, VERIFY_BLIND, P50, 0.1);
    assert_int_equal(pairs.pairs, 5);
    assert_int_equal(pairs.right, 3);
    pairs = rank_pairs_of(&fake.verify, VERIFY_OWN, VERIFY_BLIND, P50, NAN);
    assert_int_equal(pairs.pairs, 6);
    assert_int_equal(pairs.right, 4);
}

static void ranks__do_not_take_equal_predictions_for_right(void **state)
{
    (void)state;
    add("rate", P50, 1, 1);
    add("rate", P50, 2, 1);
    struct rank_pairs pairs = rank_pairs_of(&fake.verify, VERIFY_OWN, VERIFY_BLIND, P50, 0);
    assert_int_equal(pairs.pairs, 1);
    assert_int_equal(pairs.right, 0);
}

static void ranks__of_public_cases_go_by_series(void **state)
{
    (void)state;
    const char *series[] = {"a", "a", "b", "", ""};
    for (int i = 0; i < 5; i++) {
        struct verify_case *c = fake_verify_add(&fake, VERIFY_PUBLIC, "msk", series[i]);
        fake_verify_measure(c, P50, i + 1);
        fake_verify_predict(c, VERIFY_BLIND, P50, i + 1, 0, 9);
    }
    assert_int_equal(rank_pairs_of(&fake.verify, VERIFY_PUBLIC, VERIFY_BLIND, P50, 0).pairs, 1);
}

/*
 * Measured 10, predicted 5 with 4.5 .. 5.5: limits measured * f and 5 * f. Said "met" above 5.5: measured * f of 6.7 and more
 * (10 of 11; 5 is unknown), and 5 * f of 6.25, 7.5 and 10. False where the limit is at most 10 (10 < 10 fails): 6.7 8 9 9.5 10 and 6.25 7.5
 * 10, so 8. "missed" at or below 4.5: 2.5, 3.35, 4, 4.5 of the predicted ones.
 */
static void false_passes__count_limits_that_the_measurement_missed(void **state)
{
    (void)state;
    add("rate", P99, 10, 5);
    struct false_pass f = false_pass_of(&fake.verify, VERIFY_OWN, VERIFY_BLIND);
    assert_int_equal(f.rows, 22);
    assert_int_equal(f.met, 13);
    assert_int_equal(f.false_met, 8);
    assert_int_equal(f.met + f.missed + f.unknown, f.rows);
    assert_int_equal(f.missed, 4);
    assert_int_equal(f.false_missed, 0);
    assert_int_equal(f.cases, 1);
    assert_int_equal(f.cases_false_met, 1);
}

static void false_passes__are_none_when_the_interval_holds_the_measurement(void **state)
{
    (void)state;
    add("rate", P99, 10, 9.5);
    add("rate", MEASURED_END_TO_END_P99, 10, 10.5);
    add("rate", P50, 10, 1); /* no p99: not asked */
    struct false_pass f = false_pass_of(&fake.verify, VERIFY_OWN, VERIFY_BLIND);
    assert_int_equal(f.cases, 2);
    assert_int_equal(f.false_met, 0);
    assert_true(f.unknown > 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup(name, fresh)
    const struct CMUnitTest tests[] = {
        T(errors__have_the_median_the_signed_median_and_the_p90),
        T(errors__of_an_even_number_average_the_middle),
        T(errors__are_told_apart_by_family),
        T(errors__leave_out_what_was_fitted),
        T(errors__are_from_the_median_of_the_repeats),
        T(errors__of_throughput_count_only_where_it_is_a_maximum),
        T(errors__count_a_measured_case_without_an_answer_as_asked),
        T(errors__of_anchored_methods_leave_out_the_anchor),
        T(spread__is_of_each_repeat_from_the_median_of_its_others),
        T(coverage__weighs_cases_and_not_repeats),
        T(coverage__of_25_holds_from_78_percent),
        T(ranks__leave_out_pairs_within_the_spread),
        T(ranks__do_not_take_equal_predictions_for_right),
        T(ranks__of_public_cases_go_by_series),
        T(false_passes__count_limits_that_the_measurement_missed),
        T(false_passes__are_none_when_the_interval_holds_the_measurement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
