/* A scenario as text, sized and looked at over its horizon: what the tests of the horizon begin with. */
#ifndef TESTS_SUPPORT_HORIZON_FIXTURE_H
#define TESTS_SUPPORT_HORIZON_FIXTURE_H

#include "model/cluster/horizon.h"
#include "tests/support/size_fixture.h"

struct horizon_look {
    struct sized z;
    struct result *r; /* of the horizon alone */
    struct horizon_worst worst;
    uint32_t logs; /* that stood for all replicas */
};

/* size_fixture_text, or another, with up to five `--set`s (the first NULL ends them). Fails the test when the horizon does. */
struct horizon_look horizon_look(const char *a, const char *b, const char *c, const char *d,
                                 const char *e);
struct horizon_look horizon_look_text(const char *text, const char *a, const char *b, const char *c,
                                      const char *d, const char *e);
void horizon_look_release(struct horizon_look *x);

#endif
