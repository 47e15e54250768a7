/*
 * model/measure/plan.h - which configurations does calibration need, in which order, and how long does it take?
 *
 * Shape    A table: families that vary one thing each around a centre (20000/s, 1000 B, 4 partitions, linger 5 ms), so that costs
 *          per record, byte, batch, request and partition can be told apart. `quick` is a part of `full`. Passes over all
 *          configurations, each in its own random order: what drifts does not look like a configuration.
 * Units    ns.
 * Source   The families of the measured rows that shipped profiles are fitted to.
 * Checked  tests/model/test_measure_plan.c
 */
#ifndef MODEL_MEASURE_PLAN_H
#define MODEL_MEASURE_PLAN_H

#include "model/measure/measure.h"

struct measure_step {
    int config; /* index */
    int repeat; /* from 1 */
};

struct measure_schema {
    int config_count, step_count;
    struct measure_config *configs;
    struct measure_step *steps; /* in the order of running */
    int64_t length_ns;          /* how long it will take */
    int64_t pause_ns;           /* before a row, where topics were removed before it */
};

/*
 * The configurations that fit on so many brokers, `repeats` times (0: 1 for quick, 3 for full). Times are those of `times`.
 * MEASURE_NO_PLAN: `times` itself. Gives schema, for measure_schema_release.
 */
void measure_schema_init(struct measure_schema *schema, enum measure_plan plan, int brokers,
                         int repeats, uint64_t seed, const struct measure_config *times);
/*
 * Rows then wait for what removed topics leave to the brokers: they delete files only after log.segment.delete.delay.ms, here
 * delete_delay_ns, and the next row would carry it. warmed: topics were removed before the first row, too.
 */
void measure_schema_pause(struct measure_schema *schema, int64_t delete_delay_ns, bool warmed);
void measure_schema_release(struct measure_schema *schema);

/* Making and removing a topic, joining groups, waiting for the last acknowledgements: an allowance, not a limit. */
int64_t measure_config_length_ns(const struct measure_config *config);

#endif
