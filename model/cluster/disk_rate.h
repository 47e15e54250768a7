/*
 * model/cluster/disk_rate.h - what one log dir's disks sustain, for answers that do not simulate them.
 *
 * Shape    A log dir is a disk, or a stripe's disks. Writes go in the kernel's chunks, reads in read-aheads of a reader that lags, each at
 *          another place than the last; a volume merges those of a stream into its largest operations. Without burst credits: a caller
 *          who has some states the burst as the base.
 * Units    bytes a second.
 * Omits    Latencies beside those of the two times, what reads and writes cost each other beyond their shares of the time.
 * Source   reference/hardware-models.md 1.2, 1.4 and 1.8.
 * Checked  tests/model/test_size.c, tests/model/test_horizon.c
 */
#ifndef MODEL_CLUSTER_DISK_RATE_H
#define MODEL_CLUSTER_DISK_RATE_H

#include "model/scenario/scenario.h"

/* Disks of one log dir. */
double disk_rate_members(const struct scenario_disks *disks);

/* *bind names the limit; it lives for ever. */
double disk_rate_write(const struct scenario *s, const char **bind);
double disk_rate_read(const struct scenario *s, const char **bind);

/* Time of one read-ahead of a lagging reader: what blocks the network thread that sends it. */
double disk_rate_cold_read_s(const struct scenario *s);

/* Time of a write of a few blocks by itself, as a journal's: a hard disk's head has to go there. */
double disk_rate_small_write_s(const struct scenario *s);

/* Bytes that could be written in the time of one sync: it is an operation at least, and holds a hard disk. */
double disk_rate_sync_bytes(const struct scenario *s, double write_rate);

#endif
