/*
 * tests/support/fake_result.h - a result made up by hand: the one that the layout of the screen was drawn with.
 *
 * Shape    Numbers of design section 7's example, with the intervals that give its digits; histograms and series are smooth curves
 *          that agree with them roughly. Same bytes each time.
 */
#ifndef TESTS_SUPPORT_FAKE_RESULT_H
#define TESTS_SUPPORT_FAKE_RESULT_H

#include "model/cluster/result.h"

/* Gives. */
struct result *fake_result_new(void);
/* Queues grow: no estimate of a latency is known. Gives. */
struct result *fake_result_unstable(void);
/* Every text in it is hostile: quotes, backquotes, line breaks, formulas, tags, ESC, bad UTF-8, very long. Gives. */
struct result *fake_result_hostile(void);

#endif
