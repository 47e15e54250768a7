/* tests/support/fake_verify.h - verified cases made by hand: what was measured and what a method is to have said. */
#ifndef TESTS_SUPPORT_FAKE_VERIFY_H
#define TESTS_SUPPORT_FAKE_VERIFY_H

#include "model/evidence/verify.h"

enum { FAKE_VERIFY_MAX = 32 };

struct fake_verify {
    struct verify verify;
    struct verify_case cases[FAKE_VERIFY_MAX];
    char names[FAKE_VERIFY_MAX][24];
};

void fake_verify_init(struct fake_verify *f);
/* A case with nothing measured and nothing predicted. family and series are borrowed. */
struct verify_case *fake_verify_add(struct fake_verify *f, enum verify_population population,
                                    const char *family, const char *series);
/* Adds a repeat. */
void fake_verify_measure(struct verify_case *c, enum measured_quantity quantity, double value);
/* A prediction with its interval. */
void fake_verify_predict(struct verify_case *c, enum verify_method method,
                         enum measured_quantity quantity, double value, double low, double high);

#endif
