/* A number against what arithmetic says, within a share of it; a failure names the line that asked. */
#ifndef TESTS_SUPPORT_NEAR_H
#define TESTS_SUPPORT_NEAR_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

static inline void near_at(double got, double want, double relative, const char *file, int line)
{
    if (fabs(got - want) <= relative * fabs(want))
        return;
    print_error("%.10g is not %.10g within %g\n", got, want, relative);
    _fail(file, line);
}

#define near(got, want, relative) near_at((got), (want), (relative), __FILE__, __LINE__)

#endif
