/*
 * model/cluster/record_work.h - what a record costs a consumer's thread, for answers that do not simulate it.
 *
 * Shape    Its share of a batch, parsing, unpacking, and the application's processing, which is stated for a thread with a core to itself: where
 *          hardware threads share cores it takes longer, and so does the rest but for what memory decides.
 * Units    ns a record.
 * Omits    Fetches, whose number depends on how busy the thread is.
 * Source   reference/hardware-models.md 4, and the profile.
 * Checked  tests/model/test_record_work.c; tests/model/test_horizon.c and test_start.c against the simulation
 */
#ifndef MODEL_CLUSTER_RECORD_WORK_H
#define MODEL_CLUSTER_RECORD_WORK_H

#include "model/hardware/profile.h"
#include "model/scenario/scenario.h"

/* A record as it comes to its reader. */
struct record_work {
    double batches; /* a record: 1 / records of a batch */
    double bytes;   /* of the record */
    double unpack;  /* ns a byte of unpacking and decryption, on the profile's core */
};

/* Without waiting for others. gain: how much faster a vCPU of the group's machines is now than when all are busy (model_cpu_gain). */
double record_work_ns(const struct model_profile *profile, const struct scenario_group *group,
                      double gain, const struct record_work *record);

#endif
