/*
 * model/evidence/profile_write.h - a calibrated profile as the file that the loader reads.
 *
 * Shape    Every number with its unit and where it is from: "# fit: standard error 12 %", or "# judgement" where the rows said nothing. Client costs
 *          may go to files of their own, which the broker's profile then names.
 * Units    As model/scenario/profile.h.
 * Checked  tests/model/test_calibrate.c: what is written is read back as it was.
 */
#ifndef MODEL_EVIDENCE_PROFILE_WRITE_H
#define MODEL_EVIDENCE_PROFILE_WRITE_H

#include <stdio.h>

#include "model/evidence/calibrate.h"

enum profile_part {
    PROFILE_WHOLE,      /* all numbers, except those of clients that are named */
    PROFILE_JAVA,       /* client.java_... only */
    PROFILE_LIBRDKAFKA, /* client.librdkafka_... only */
};

struct profile_clients {
    const char *java, *librdkafka; /* names of their profiles; NULL: in the profile itself */
};

/* fold -1: the fit to everything. Returns 0, or -1 with errno. */
int profile_write(const struct calibration *calibration, int fold, const char *name,
                  enum profile_part part, struct profile_clients clients, FILE *out);

/*
 * Removes what an earlier calibration left beside a profile: PROFILE.fold-K.yaml beyond `folds`, which verify would take for folds of this
 * one, and PROFILE.scaled.yaml, the errors of those costs on public cases, which run would quote for these. profile: its path without ".yaml".
 * Returns 0, or -1 with err: one stays.
 */
int profile_remove_stale(const char *profile, int folds, struct broker_err *err);

/* "held_out_error.produce_p50: {median: 0.0581, ...}", a line for each quantity with rows. */
void profile_write_errors(const char *key,
                          const struct model_profile_error errors[MODEL_PROFILE_QUANTITIES],
                          FILE *out);

/* "held_out: [rate-01, size-02]" of " rate-01 size-02 "; nothing of "". */
void profile_write_names(const char *key, const char *list, FILE *out);

/* A number of a profile with its unit, five digits: "14.2 us", "0.93 ns". */
const char *profile_number(double value, enum scenario_profile_unit unit, char text[48]);

#endif
