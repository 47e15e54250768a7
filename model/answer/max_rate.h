/*
 * model/answer/max_rate.h - producers at `rate: max`: the most that each resource carries of them, and a scenario with a rate put in.
 *
 * Shape    Full batches at full use of the resource, without queueing, limits or a loss: the smallest is a ceiling that no run exceeds by
 *          much, and seldom reaches. Several such producers share it by their clients. Other producers keep their peak. What consumers keep
 *          up with is worked out beside it and holds nobody up.
 * Units    bytes of payload a second.
 * Omits    Disk space, recommended partitions.
 * Checked  tests/model/test_max_rate.c
 */
#ifndef MODEL_ANSWER_MAX_RATE_H
#define MODEL_ANSWER_MAX_RATE_H

#include "model/cluster/result.h"
#include "model/hardware/profile.h"
#include "model/scenario/scenario.h"

/* Whether any producer runs at `rate: max`. */
bool max_rate_any(const struct scenario *s);
/* "checkout", "checkout and 2 others" */
const char *max_rate_names(const struct scenario *s, struct result *result);

/*
 * The scenario with a rate for each of those producers: bytes_per_s[producer], others are not read. Their batches are full.
 * Gives    a copy whose memory is the result's.
 */
const struct scenario *max_rate_assume(const struct scenario *s, const double *bytes_per_s,
                                       struct result *result);

/*
 * Adds a bound "max by RESOURCE" (of consumers: "max read by") for each resource, the smallest marked as binding, and returns that row; NULL when nothing known bounds it.
 * Asserts  max_rate_any.
 */
const struct result_bound *max_rate_fill(const struct scenario *s,
                                         const struct model_profile *profile, int brokers,
                                         struct result *result);

#endif
