/*
 * model/answer/trust.h - how far a profile's error holds for a scenario: the evidence class of its conditions.
 *
 * Shape    fitted     every condition lies within what the profile was fitted on, on the core that it was fitted on
 *          scaled     within it, but other cores: costs go by CoreMark, threads are spread over more cores; or another release of Kafka, for
 *                     which costs go as they are; or a kind of load that only public cases have. `verify` holds public cases of other machines and releases against these rules; their error
 *                     counts, not the profile's own
 *          unchecked  at least one condition lies outside the fitted range
 *          A result states its worst class, and for each quantity that it shows the worst class of what that depends on.
 * Source   The ranges and errors stand in the profile (`headroom calibrate`).
 * Checked  tests/model/test_trust.c
 */
#ifndef MODEL_ANSWER_TRUST_H
#define MODEL_ANSWER_TRUST_H

#include "model/cluster/result.h"
#include "model/hardware/profile.h"
#include "model/scenario/measured.h"
#include "model/scenario/scenario.h"

enum { TRUST_CASES_MIN = 5 }; /* fewer say nothing about a 90 % interval */

enum trust_class { TRUST_UNCALIBRATED, TRUST_FITTED, TRUST_SCALED, TRUST_UNCHECKED };

enum trust_class trust_of(const struct scenario *s, const struct model_profile *profile);

/* "fitted", "public cases", "outside", "uncalibrated" */
const char *trust_class_name(enum trust_class class);

/*
 * What is known of one quantity. What is written depends on neither how fast cores are nor which release runs on them, so that it stays
 * fitted there; nor do bytes depend on copies and readers, nor on what makes batches larger or smaller where twice or half as many would change
 * them by less than their error. But not bytes by a codec that no fitted row had with either client, nor batches of a client that none had so.
 * error: fitted, that of configurations which were held out; else that of the public cases. Of too few cases, that of what is most like it:
 * a produce latency for one from end to end. NULL: not known.
 */
struct trust_evidence {
    enum trust_class class;
    const struct model_profile_error *error;
};
struct trust_evidence trust_evidence(const struct scenario *s, const struct model_profile *profile,
                                     enum measured_quantity quantity);

/*
 * The 90 % prediction interval: what the error adds to the simulation's interval, both as logarithms of independent factors. A bias only
 * widens: the simulated value stays inside. Unknown where either is. Source: design section 1, "verdicts use the prediction interval".
 */
struct result_estimate trust_predict(const struct result_estimate *simulated,
                                     const struct model_profile_error *error);

/* "held-out median: p50 7 %, p99 18 %; here its costs are scaled to other cores". Belongs to the result. */
const char *trust_text(struct result *result, const struct scenario *s,
                       const struct model_profile *profile);

/* "partitions 512 (fitted 1 to 256), ..." of what lies outside; "" if nothing does. Belongs to the result. */
const char *trust_outside(struct result *result, const struct scenario *s,
                          const struct model_profile *profile);

/* The largest share by which a producer's wire bytes change with twice or half as many batches; INFINITY: not known, as at rate: max. */
double trust_change_by_batches(const struct scenario *s, const struct model_profile *profile);

/*
 * Kinds of load of a scenario: "java/acks=all", "librdkafka/lz4", "librdkafka/consumer", "flush.messages", "flush.ms", "tls". Adds those that the list
 * " kind kind " lacks; the second sets `missing` to those that `known` lacks.
 */
void trust_add_kinds(char kinds[MODEL_PROFILE_IDS_BYTES], const struct scenario *s);
void trust_missing_kinds(const struct scenario *s, const char *known,
                         char missing[MODEL_PROFILE_IDS_BYTES]);

#endif
