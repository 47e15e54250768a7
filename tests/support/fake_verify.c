#include "tests/support/fake_verify.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

void fake_verify_init(struct fake_verify *f)
{
    *f = (struct fake_verify){.verify = {.seed = 1, .budget = 1000, .profile = "fake"}};
    f->verify.cases = f->cases;
}

struct verify_case *fake_verify_add(struct fake_verify *f, enum verify_population population,
                                    const char *family, const char *series)
{
    assert(f->verify.count < FAKE_VERIFY_MAX);
    int i = f->verify.count++;
    struct verify_case *c = &f->cases[i];
    snprintf(f->names[i], sizeof f->names[i], "case-%02d", i);
    c->name = f->names[i];
    c->path = f->names[i];
    c->population = population;
    c->stable = true;
    c->measured = (struct measured){
        .present = true, .id = f->names[i], .family = family, .source = "", .series = series};
    for (int m = 0; m < VERIFY_METHODS; m++)
        for (int q = 0; q < MEASURED_QUANTITIES; q++)
            c->predicted[m][q] = (struct predict_value){NAN, NAN, NAN};
    return c;
}

void fake_verify_measure(struct verify_case *c, enum measured_quantity quantity, double value)
{
    struct measured *m = &c->measured;
    int r = 0;
    while (r < m->repeat_count && !isnan(m->value[r][quantity]))
        r++;
    if (r == m->repeat_count) {
        for (int q = 0; q < MEASURED_QUANTITIES; q++)
            m->value[r][q] = NAN;
        m->repeat_count++;
    }
    m->value[r][quantity] = value;
}

void fake_verify_predict(struct verify_case *c, enum verify_method method,
                         enum measured_quantity quantity, double value, double low, double high)
{
    c->predicted[method][quantity] = (struct predict_value){value, low, high};
}
