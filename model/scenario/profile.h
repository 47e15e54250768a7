/*
 * model/scenario/profile.h - reads a profile file: measured costs by name.
 *
 * Shape    scenarios/profiles/NAME.yaml or a file anywhere, flat: `key: number` with a unit; every key is one number of struct model_profile.
 *          What a file leaves out keeps the uncalibrated default (model_profile_init).
 *          `clients.java: NAME` and `clients.librdkafka: NAME` name profiles that hold a client's costs (their client.java_... or
 *          client.librdkafka_... keys; the rest of such a file is not used), or are the paths of such files, from the naming one; a cost
 *          that the naming file states itself wins.
 *          Costs of a client measured at another coremark are converted.
 *          A fit adds `held_out_error.QUANTITY.{median, signed_median, p90, ratio_low, ratio_high, rows}`, `range.CONDITION: LOW..HIGH`, `fitted_kinds: [CLIENT/acks=1, ...]`, and in the profiles
 *          of its folds `held_out: [ID, ...]`, the configurations that this fold has not seen.
 *          `fitted_on: {vcpus, coremark}` is the machine of the rows.
 *          NAME.scaled.yaml beside it holds `scaled_error.QUANTITY`, the same on other machines than it was fitted on, and `scaled_kinds`.
 * Units    As in the file: ns, us, ms; ns per byte; B, KiB, MiB; plain numbers where the key says so.
 * Checked  tests/model/test_profile.c
 */
#ifndef MODEL_SCENARIO_PROFILE_H
#define MODEL_SCENARIO_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "broker-core/status.h"
#include "model/hardware/profile.h"

/* Is it the path of a file, with a / or .yaml at its end, and not the name of a shipped profile? */
bool scenario_profile_is_path(const char *name);

/* The fold of a profile, by name or by path: NAME.fold-K, DIR/NAME.fold-K.yaml. False: it does not fit. */
bool scenario_profile_fold(const char *name, int fold, char *text, size_t size);

/*
 * Loads datadir/profiles/NAME.yaml, or the file where the name is a path. Returns 0, or -1 with "FILE:LINE:COLUMN: message" in err: no such profile (with the names
 * that exist), an unknown key, a value out of range.
 */
int scenario_profile_load(const char *datadir, const char *name, struct model_profile *profile,
                          struct broker_err *err);

/* The same of a file anywhere; its name is that of the file without folder and .yaml, and the clients' profiles stand beside it or in datadir. */
int scenario_profile_load_file(const char *datadir, const char *path, struct model_profile *profile,
                               struct broker_err *err);

/* One number of a profile: its name in the file and its place in struct model_profile. */
struct scenario_profile_key {
    const char *path;
    enum scenario_profile_type { SCENARIO_PROFILE_DOUBLE, SCENARIO_PROFILE_INT64 } type;
    enum scenario_profile_unit {
        SCENARIO_PROFILE_NS,
        SCENARIO_PROFILE_BYTES,
        SCENARIO_PROFILE_PLAIN
    } unit;
    size_t offset;
};

/* Numbers of cost and behaviour, in the order of the file; NULL after the last. What describes a fit is not among them. */
const struct scenario_profile_key *scenario_profile_key_at(int index);
double scenario_profile_get(const struct model_profile *profile,
                            const struct scenario_profile_key *key);
void scenario_profile_set(struct model_profile *profile, const struct scenario_profile_key *key,
                          double value);

#endif
