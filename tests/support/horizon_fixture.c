/* See horizon_fixture.h. */
#include "tests/support/horizon_fixture.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

struct horizon_look horizon_look_text(const char *text, const char *a, const char *b, const char *c,
                                      const char *d, const char *e)
{
    struct horizon_look x = {.z = size_fixture(text, a, b, c, d, e, NULL)};
    struct model_placement *m = model_placement_new(x.z.s, x.z.s->run.seed);
    struct model_profile profile;
    struct broker_err err = {0};
    struct horizon *h;
    bool done = false;
    model_profile_init(&profile);
    x.r = result_new();
    assert_int_equal(horizon_new(x.z.s, &profile, m, &h, &err), BROKER_OK);
    while (!done)
        assert_int_equal(horizon_advance(h, &done, &err), BROKER_OK);
    assert_int_equal(horizon_now_ns(h), x.z.s->horizon.length_ns);
    horizon_worst(h, &x.worst);
    x.worst.credit = result_string(x.r, x.worst.credit);
    x.logs = horizon_log_count(h);
    horizon_fill_result(h, x.r);
    horizon_free(h);
    model_placement_free(m);
    return x;
}

struct horizon_look horizon_look(const char *a, const char *b, const char *c, const char *d,
                                 const char *e)
{
    return horizon_look_text(size_fixture_text, a, b, c, d, e);
}

void horizon_look_release(struct horizon_look *x)
{
    result_free(x->r);
    size_fixture_release(&x->z);
}
