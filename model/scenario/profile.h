/*
 * model/scenario/profile.h - reads a profile file: measured costs by name.
 *
 * Shape    scenarios/profiles/NAME.yaml, flat: `key: number` with a unit; every key is one number of struct model_profile.
 *          What a file leaves out keeps the uncalibrated default (model_profile_init).
 * Units    As in the file: ns, us, ms; ns per byte; B, KiB, MiB; plain numbers where the key says so.
 * Checked  tests/model/test_profile.c
 */
#ifndef MODEL_SCENARIO_PROFILE_H
#define MODEL_SCENARIO_PROFILE_H

#include "broker-core/status.h"
#include "model/hardware/profile.h"

/*
 * Loads datadir/profiles/NAME.yaml. Returns 0, or -1 with "FILE:LINE:COLUMN: message" in err: no such profile (with the names
 * that exist), an unknown key, a value out of range.
 */
int scenario_profile_load(const char *datadir, const char *name, struct model_profile *profile,
                          struct broker_err *err);

#endif
