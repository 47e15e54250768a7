/* model/evidence/nnls.c - see nnls.h. */
#include "model/evidence/nnls.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_blas.h>
#include <gsl/gsl_linalg.h>

struct nnls {
    const gsl_matrix *a;
    const gsl_vector *b;
    gsl_vector *x, *gradient, *residual;
    bool *free; /* may be above 0 */
    double tolerance;
};

/* Most gain: the largest A' (b - A x) among the columns held at 0; -1 when none would gain. */
static int entering(struct nnls *n)
{
    int best = -1;
    gsl_vector_memcpy(n->residual, n->b);
    gsl_blas_dgemv(CblasNoTrans, -1, n->a, n->x, 1, n->residual);
    gsl_blas_dgemv(CblasTrans, 1, n->a, n->residual, 0, n->gradient);
    for (size_t j = 0; j < n->x->size; j++)
        if (!n->free[j] && gsl_vector_get(n->gradient, j) > n->tolerance &&
            (best < 0 ||
             gsl_vector_get(n->gradient, j) > gsl_vector_get(n->gradient, (size_t)best)))
            best = (int)j;
    return best;
}

static size_t count_free(const struct nnls *n)
{
    size_t count = 0;
    for (size_t j = 0; j < n->x->size; j++)
        count += n->free[j];
    return count;
}

/* Plain least squares over the free columns; 0 in the others. */
static void solve_free(struct nnls *n, gsl_vector *out)
{
    size_t count = count_free(n), rank, k = 0;
    gsl_matrix *part = gsl_matrix_alloc(n->a->size1, count);
    gsl_vector *tau = gsl_vector_alloc(count), *answer = gsl_vector_alloc(count);
    gsl_vector *rest = gsl_vector_alloc(n->a->size1), *norm = gsl_vector_alloc(count);
    gsl_permutation *order = gsl_permutation_alloc(count);
    int sign;
    for (size_t j = 0; j < n->x->size; j++)
        if (n->free[j]) {
            gsl_vector_const_view column = gsl_matrix_const_column(n->a, j);
            gsl_matrix_set_col(part, k++, &column.vector);
        }
    gsl_linalg_QRPT_decomp(part, tau, order, &sign, norm);
    rank = gsl_linalg_QRPT_rank(part, -1);
    gsl_linalg_QRPT_lssolve2(part, tau, order, n->b, rank, answer, rest);
    gsl_vector_set_zero(out);
    k = 0;
    for (size_t j = 0; j < n->x->size; j++)
        if (n->free[j])
            gsl_vector_set(out, j, gsl_vector_get(answer, k++));
    gsl_permutation_free(order);
    gsl_vector_free(norm);
    gsl_vector_free(rest);
    gsl_vector_free(answer);
    gsl_vector_free(tau);
    gsl_matrix_free(part);
}

/* Moves from x towards `wanted` until the first free coefficient meets 0, which is then held there. False: none did. */
static bool stop_at_border(struct nnls *n, const gsl_vector *wanted)
{
    double step = 1;
    for (size_t j = 0; j < n->x->size; j++) {
        double from = gsl_vector_get(n->x, j), to = gsl_vector_get(wanted, j);
        if (n->free[j] && to <= 0 && from - to > 0 && from / (from - to) < step)
            step = from / (from - to);
    }
    bool met = false;
    for (size_t j = 0; j < n->x->size; j++) {
        double from = gsl_vector_get(n->x, j), to = gsl_vector_get(wanted, j);
        double at = from + step * (to - from);
        bool hold = n->free[j] && to <= 0 && at <= DBL_EPSILON * (fabs(from) + fabs(to));
        n->free[j] &= !hold;
        met |= hold;
        gsl_vector_set(n->x, j, hold || at < 0 ? 0 : at);
    }
    return met;
}

static void settle(struct nnls *n, gsl_vector *wanted)
{
    do {
        if (count_free(n) == 0)
            return;
        solve_free(n, wanted);
    } while (stop_at_border(n, wanted));
}

/* Below this a gradient is rounding: norms of A and b, the number of sums, the precision of a double. */
static double tolerance_of(const gsl_matrix *a, const gsl_vector *b)
{
    double largest = 0;
    for (size_t j = 0; j < a->size2; j++) {
        gsl_vector_const_view column = gsl_matrix_const_column(a, j);
        largest = fmax(largest, gsl_blas_dnrm2(&column.vector));
    }
    return 10 * DBL_EPSILON * (double)a->size1 * largest * gsl_blas_dnrm2(b);
}

bool nnls_solve(const gsl_matrix *a, const gsl_vector *b, gsl_vector *x)
{
    assert(a->size2 >= 1 && a->size1 >= a->size2);
    assert(b->size == a->size1 && x->size == a->size2);
    struct nnls n = {.a = a, .b = b, .x = x, .tolerance = tolerance_of(a, b)};
    n.free = calloc(x->size, sizeof *n.free);
    n.gradient = gsl_vector_alloc(x->size);
    n.residual = gsl_vector_alloc(b->size);
    gsl_vector *wanted = gsl_vector_alloc(x->size);
    assert(n.free && n.gradient && n.residual && wanted);
    gsl_vector_set_zero(x);
    bool settled = false;
    for (size_t round = 0; round < 3 * x->size && !settled; round++) {
        int column = entering(&n);
        settled = column < 0;
        if (!settled) {
            n.free[column] = true;
            settle(&n, wanted);
        }
    }
    gsl_vector_free(wanted);
    gsl_vector_free(n.residual);
    gsl_vector_free(n.gradient);
    free(n.free);
    return settled;
}
