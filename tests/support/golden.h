/*
 * tests/support/golden.h - compares text with a file of tests/golden/, line by line.
 *
 * `UPDATE_GOLDEN=1 build/tests/model/test_...` writes the files anew; the difference is then read in `git diff`.
 */
#ifndef TESTS_SUPPORT_GOLDEN_H
#define TESTS_SUPPORT_GOLDEN_H

/* Fails the running test at the first line that differs. Tests run at the top of the source tree. */
void golden_compare(const char *name, const char *text);

#endif
