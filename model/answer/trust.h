/*
 * model/answer/trust.h - how far a profile's error holds for a scenario: the evidence class of its conditions.
 *
 * Shape    fitted     every condition lies within what the profile was fitted on, on the core that it was fitted on
 *          scaled     within it, but other cores: costs go by CoreMark, threads are spread over more cores. `verify` holds public cases of
 *                     other machines against that rule; their error counts, not the profile's own
 *          unchecked  at least one condition lies outside the fitted range
 *          A result states its worst class.
 * Source   The ranges and errors stand in the profile (`headroom calibrate`).
 * Checked  tests/model/test_trust.c
 */
#ifndef MODEL_ANSWER_TRUST_H
#define MODEL_ANSWER_TRUST_H

#include "model/cluster/result.h"
#include "model/hardware/profile.h"
#include "model/scenario/scenario.h"

enum trust_class { TRUST_UNCALIBRATED, TRUST_FITTED, TRUST_SCALED, TRUST_UNCHECKED };

enum trust_class trust_of(const struct scenario *s, const struct model_profile *profile);

/* "held-out median: p50 7 %, p99 18 %; here its costs are scaled to other cores". Belongs to the result. */
const char *trust_text(struct result *result, const struct scenario *s,
                       const struct model_profile *profile);

/* "partitions 512 (fitted 1 to 256), ..." of what lies outside; "" if nothing does. Belongs to the result. */
const char *trust_outside(struct result *result, const struct scenario *s,
                          const struct model_profile *profile);

#endif
