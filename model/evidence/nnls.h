/*
 * model/evidence/nnls.h - least squares with answers that cannot be negative: what a request costs is never less than nothing.
 *
 * Shape    Minimises |A x - b| over x >= 0 by an active set: coefficients enter one at a time, where the fit gains most, and leave when
 *          they would turn negative. Each inner problem is solved by a rank-revealing QR, so columns that say the same do no harm.
 * Units    Whatever A and b have; scale the rows by their weights beforehand.
 * Source   Lawson and Hanson, Solving Least Squares Problems (1974), chapter 23.
 * Checked  tests/model/test_nnls.c: problems solved by hand, and the Karush-Kuhn-Tucker conditions on random ones.
 */
#ifndef MODEL_EVIDENCE_NNLS_H
#define MODEL_EVIDENCE_NNLS_H

#include <stdbool.h>

#include <gsl/gsl_matrix.h>
#include <gsl/gsl_vector.h>

/*
 * x of length A->size2 receives the answer. Returns false when the set has not settled after three rounds a column: x is then the
 * best so far, still >= 0.
 *
 * Asserts  A->size1 >= A->size2 >= 1, and lengths that match.
 */
bool nnls_solve(const gsl_matrix *a, const gsl_vector *b, gsl_vector *x);

#endif
