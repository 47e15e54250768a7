/*
 * model/answer/size.h - closed-form bounds: what each resource is asked for, what it may give, how many brokers that takes.
 *
 * Shape    The load at the peak goes over the real placement (not an even spread); the busiest broker is what counts, and with
 *          `survive` the busiest survivor of the worst loss. Disk space is that at the end of the horizon, growth included; of a
 *          load that falls that at the start.
 *          `brokers: auto` becomes the smallest count, rounded up to the racks, at which every resource keeps its limit,
 *          now and with what the load has grown into at the end of the horizon.
 * Units    As result.h. MB and MB/s are 10^6.
 * Omits    Queueing: a bound says where saturation is, the simulation says what latency is before it. Bursts within the peak.
 *          Traffic that refills a broker after its return.
 * Source   reference/peers-capacity.md section 4; hardware: reference/hardware-models.md 1, 2, 4. Limits: scenario.limits.
 * Checked  tests/model/test_size.c, tests/model/test_size_formula.c, tests/theory/test_metamorphic_size.c
 */
#ifndef MODEL_ANSWER_SIZE_H
#define MODEL_ANSWER_SIZE_H

#include <signal.h>
#include <stdint.h>

#include "model/cluster/result.h"
#include "model/hardware/profile.h"
#include "model/scenario/scenario.h"

/*
 * Fills bounds, brokers, brokers_needed, binding, verdict and verdict_text, and adds warnings. The costs come from cost.h.
 * Borrows  all during the call; strings are copied into the result.
 * Returns  false when *stop was set meanwhile (NULL: never): the result is then of no use. A search over thousands of partitions and
 *          brokers takes minutes.
 */
bool size_fill(const struct scenario *s, const struct model_profile *profile,
               const volatile sig_atomic_t *stop, struct result *result);

/* The smallest count at which all limits hold, for `brokers: auto`; 0 when no count helps (a partition is too hot, a topic has
 * too few partitions), or when *stop was set. */
int32_t size_brokers(const struct scenario *s, const struct model_profile *profile,
                     const volatile sig_atomic_t *stop);

#endif
