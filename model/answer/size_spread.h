/*
 * model/answer/size_spread.h - how far the bounds move with what the scenario states as ranges.
 *
 * Shape    The bounds are those of the central values. The same closed forms over draws of the ranges, the ones that replications make
 *          too, give each bound's use at its 5 % and 95 % points; where some draws fit and others do not, nothing is decided.
 * Units    As result.h.
 * Errors   None: draws that contradict each other are left out.
 * Checked  tests/model/test_size_spread.c
 */
#ifndef MODEL_ANSWER_SIZE_SPREAD_H
#define MODEL_ANSWER_SIZE_SPREAD_H

#include <signal.h>

#include "model/cluster/result.h"
#include "model/hardware/profile.h"
#include "model/scenario/load.h"

/*
 * Behind size_fill with the same scenario, whose broker count is `brokers`. Fills utilisation_low and utilisation_high of the bounds, and
 * makes the verdict undecided where draws disagree. Nothing is done for a scenario without ranges.
 * Returns  false when *stop was set meanwhile (NULL: never): the result is then of no use.
 */
bool size_spread(const struct scenario_doc *doc, int variant, uint64_t seed, int32_t brokers,
                 const struct model_profile *profile, const volatile sig_atomic_t *stop,
                 struct result *result);

#endif
