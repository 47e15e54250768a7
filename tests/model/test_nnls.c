/* Least squares without negative answers: by hand, and by the conditions that define the answer. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/evidence/nnls.h"
#include "sim/random.h"

static void assert_near(double a, double b, double tolerance)
{
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%.17g is not %.17g", a, b);
}

static void solve(const double *a, const double *b, size_t rows, size_t columns, double *x)
{
    gsl_matrix_const_view m = gsl_matrix_const_view_array(a, rows, columns);
    gsl_vector_const_view v = gsl_vector_const_view_array(b, rows);
    gsl_vector_view answer = gsl_vector_view_array(x, columns);
    assert_true(nnls_solve(&m.matrix, &v.vector, &answer.vector));
}

static void nnls__is_plain_least_squares_where_that_is_positive(void **state)
{
    (void)state;
    const double a[] = {1, 0, 0, 1, 1, 1}, b[] = {1, 2, 3.3};
    double x[2];
    solve(a, b, 3, 2, x);
    /* normal equations [2 1; 1 2] x = [4.3; 5.3] */
    assert_near(x[0], 1.1, 1e-12);
    assert_near(x[1], 2.1, 1e-12);
}

static void nnls__holds_at_zero_what_would_be_negative(void **state)
{
    (void)state;
    /* Plain least squares: x = (3, -1). With x1 = 0 the first column alone: (1*2 + 1*... ) = a'b / a'a. */
    const double a[] = {1, 1, 1, 0, 0, 1}, b[] = {2, 3, -1};
    double x[2];
    solve(a, b, 3, 2, x);
    assert_near(x[0], 2.5, 1e-12); /* (1*2 + 1*3) / 2 */
    assert_near(x[1], 0, 0);
}

static void nnls__answers_zero_where_everything_points_away(void **state)
{
    (void)state;
    const double a[] = {1, 2, 3, 4, 5, 6}, b[] = {-1, -1, -1};
    double x[2];
    solve(a, b, 3, 2, x);
    assert_near(x[0], 0, 0);
    assert_near(x[1], 0, 0);
}

static void nnls__drops_a_column_that_entered_too_early(void **state)
{
    (void)state;
    /* The third column looks best alone, but b is the sum of the other two. */
    const double a[] = {1, 0, 0.9, 0, 1, 0.9, 0, 0, 0.3}, b[] = {1, 1, 0};
    double x[3];
    solve(a, b, 3, 3, x);
    assert_near(x[0], 1, 1e-12);
    assert_near(x[1], 1, 1e-12);
    assert_near(x[2], 0, 1e-12);
}

static void nnls__bears_columns_that_say_the_same(void **state)
{
    (void)state;
    const double a[] = {1, 2, 2, 4, 3, 6}, b[] = {2, 4, 6};
    double x[2];
    solve(a, b, 3, 2, x);
    assert_near(x[0] + 2 * x[1], 2, 1e-9);
    assert_true(x[0] >= 0 && x[1] >= 0);
}

/* x >= 0; the gradient A'(Ax - b) is 0 where x is above 0, and not negative where x is 0. */
static void nnls__meets_the_conditions_of_a_minimum(void **state)
{
    (void)state;
    enum { ROWS = 30, COLUMNS = 8, PROBLEMS = 200 };
    struct sim_stream stream;
    sim_stream_init(&stream, 1, 0, "nnls");
    for (int problem = 0; problem < PROBLEMS; problem++) {
        double a[ROWS * COLUMNS], b[ROWS], x[COLUMNS];
        for (int i = 0; i < ROWS * COLUMNS; i++)
            a[i] = sim_uniform(&stream, 0, 1) - 0.3;
        for (int i = 0; i < ROWS; i++)
            b[i] = sim_uniform(&stream, 0, 1) - 0.4;
        solve(a, b, ROWS, COLUMNS, x);
        for (int j = 0; j < COLUMNS; j++) {
            double gradient = 0;
            for (int i = 0; i < ROWS; i++) {
                double r = -b[i];
                for (int k = 0; k < COLUMNS; k++)
                    r += a[i * COLUMNS + k] * x[k];
                gradient += a[i * COLUMNS + j] * r;
            }
            assert_true(x[j] >= 0);
            assert_true(x[j] > 0 ? fabs(gradient) < 1e-9 : gradient > -1e-9);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nnls__is_plain_least_squares_where_that_is_positive),
        cmocka_unit_test(nnls__holds_at_zero_what_would_be_negative),
        cmocka_unit_test(nnls__answers_zero_where_everything_points_away),
        cmocka_unit_test(nnls__drops_a_column_that_entered_too_early),
        cmocka_unit_test(nnls__bears_columns_that_say_the_same),
        cmocka_unit_test(nnls__meets_the_conditions_of_a_minimum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
