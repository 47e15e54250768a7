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
 * Checked  tests/model/test_size.c, tests/model/test_size_verdict.c, tests/model/test_size_formula.c, tests/theory/test_metamorphic_size.c
 */
#ifndef MODEL_ANSWER_SIZE_H
#define MODEL_ANSWER_SIZE_H

#include <signal.h>
#include <stdint.h>

#include "model/cluster/result.h"
#include "model/hardware/profile.h"
#include "model/scenario/scenario.h"

/* What may bind, in the order of the rows. */
enum size_dim {
    SIZE_CPU,
    SIZE_NETWORK_IN,
    SIZE_NETWORK_OUT,
    SIZE_SHARED_NETWORK, /* one link for all, instead of the interfaces */
    SIZE_DISK_BANDWIDTH,
    SIZE_DISK_SPACE,
    SIZE_NETWORK_THREADS,
    SIZE_IO_THREADS,
    SIZE_REPLICA_FETCHERS,
    SIZE_PARTITIONS,
    SIZE_DIMS,
};

/* The fewest brokers at which a resource keeps its limit, and at which all do; 0 when no count helps (a partition is too hot, a topic
 * has too few partitions). */
struct size_counts {
    int32_t needed[SIZE_DIMS];
    bool by_loss[SIZE_DIMS]; /* 0 by what `survive` asks for, and not before */
    int32_t all;             /* what `brokers: auto` becomes */
};

/* Of a scenario whose own broker count does not matter. All 0 when *stop was set (NULL: never): a search over thousands of partitions and
 * brokers takes minutes. */
struct size_counts size_search(const struct scenario *s, const struct model_profile *profile,
                               const volatile sig_atomic_t *stop);

/*
 * Fills bounds, brokers, brokers_needed, binding, verdict and verdict_text, and adds warnings. The costs come from cost.h.
 * counts   what size_search found for this scenario, for the texts and columns that say what would be enough.
 * Borrows  all during the call; strings are copied into the result.
 * Returns  false when *stop was set meanwhile (NULL: never): the result is then of no use.
 * Asserts  the broker count of the scenario is settled.
 */
bool size_fill(const struct scenario *s, const struct model_profile *profile,
               const struct size_counts *counts, const volatile sig_atomic_t *stop,
               struct result *result);

#endif
