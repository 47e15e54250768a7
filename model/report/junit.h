/*
 * model/report/junit.h - one JUnit test case for each SLO, so that a CI page shows which one was missed, and one for the whole verdict.
 *
 * Shape    A missed SLO, and what does not fit or is unstable, is a failure; what is undecided is an error, as it is no pass; variants are
 *          suites of their own.
 * Source   The format that Jenkins, GitLab and GitHub's reporters read (testsuites, testsuite, testcase, failure, error).
 * Checked  tests/model/test_junit.c
 */
#ifndef MODEL_REPORT_JUNIT_H
#define MODEL_REPORT_JUNIT_H

#include <stdio.h>

#include "model/cluster/result.h"

/* Returns 0, or -1 when the stream has an error. */
int report_junit_write(const struct result *result, FILE *out);

#endif
