/*
 * model/cluster/machine_share.h - what one broker has of a machine that several share (cluster.brokers_per_machine).
 *
 * Shape    Bounds and horizon count by broker. Where brokers share a machine each gets an even part of its interface, volumes' link, disks and
 *          memory; its own heap stays. Cores are whole numbers, so that their part is asked for by itself.
 * Omits    A broker that needs more while its neighbours need less: the simulation, which has the whole machine, shows it.
 * Checked  tests/model/test_size.c, tests/model/test_horizon_lag.c
 */
#ifndef MODEL_CLUSTER_MACHINE_SHARE_H
#define MODEL_CLUSTER_MACHINE_SHARE_H

#include "model/hardware/gc.h"
#include "model/hardware/profile.h"
#include "model/scenario/scenario.h"

/* A copy, which borrows all that s points to. The same when no machine is shared. */
struct scenario model_machine_share(const struct scenario *s);
/* vCPUs for one broker. */
double model_machine_cores(const struct scenario *s);
/* One broker's collector; a pause is work, and shorter on a faster core. */
struct model_gc_config model_machine_collector(const struct scenario_cluster *cluster,
                                               const struct model_profile *profile);
/* vCPUs that one broker's collections take: all, which stand still, where it is alone; where not, others go on on those it leaves. */
double model_machine_collector_cores(const struct scenario_cluster *cluster);
/* Machines for so many brokers. */
int model_machines_for(const struct scenario *s, int brokers);
/* Of a vCPU, as a ratio to the profile's core, when `busy` (0 to 1) of them are: a thread has a core to itself at 0. */
double model_machine_speed(const struct scenario_machine *machine,
                           const struct model_profile *profile, double busy);
/* The same on average over a broker's threads, which one message wakes together, with `busy` the mean: no less busy than they are then. */
double model_machine_speed_mean(const struct scenario_machine *machine,
                                const struct model_profile *profile, double busy);

#endif
