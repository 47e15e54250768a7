/*
 * model/answer/advice.h - what a planner is told about inputs, by bounds and by simulation alike, with a remedy that fits the cause.
 *
 * Shape    Rows of the result's warnings. A run knows better than the bounds before it: its row about a producer's batches replaces theirs.
 * Units    As the scenario.
 * Omits    What only a simulation sees: warnings.c.
 * Source   64 to 128 KB batches are the usual cure of small ones: reference/hardware-models.md 4.2. Idle members, where a group goes
 *          on whose records were deleted, and who leaves it for polling too seldom: reference/kafka/groups.md.
 *          What small requests do to sockets: model/cluster/gather.h.
 * Checked  tests/model/test_advice.c
 */
#ifndef MODEL_ANSWER_ADVICE_H
#define MODEL_ANSWER_ADVICE_H

#include "model/cluster/result.h"
#include "model/scenario/load.h"

/* Batches of a producer that hold so many records: a warning where they are small, below `low` records, and something helps. */
void advice_batches(struct result *result, const struct scenario *s, int producer, double records,
                    double low);

/* The bound on what waits in a librdkafka producer's clients behind sockets that small requests fill; NULL: there is none. */
const struct result_bound *advice_sockets_bound(struct result *result,
                                                const struct scenario_producer *p);
/* Of such a producer, by that bound. */
void advice_sockets(struct result *result, const struct scenario *s, int producer);
/* What helps it; NULL: there is no such bound. */
const char *advice_sockets_remedy(struct result *result, const struct scenario_producer *p);

/*
 * Consumers without a partition, racks that are stated in vain, and groups that begin before what their topics keep, or behind logs that are empty.
 */
void advice_groups(struct result *result, const struct scenario *s);
/* Polls that take longer than max.poll.interval.ms, at the worst end of what is stated as a range. variant: as in load.h. */
void advice_polls(struct result *result, const struct scenario_doc *doc, int variant);

/* A topic whose codec differs from its producers': its bytes are not those that are counted. */
void advice_topics(struct result *result, const struct scenario *s);

/* For a study of bounds alone, whose "fits" says nothing of SLOs. */
void advice_slos(struct result *result, const struct scenario *s);
/* For it, too: groups that begin behind, which the bounds count as if they had caught up. */
void advice_catching_up(struct result *result, const struct scenario *s);

#endif
