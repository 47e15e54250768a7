/*
 * model/cluster/disk_rate.h - what one log dir's disks sustain, for answers that do not simulate them.
 *
 * Shape    A log dir is a disk, or a stripe's disks, which share what is written or read in a row. Writes go in the kernel's chunks, each at
 *          another place than the last. So do reads of flash, in read-aheads; a hard disk's head stays with a reader that lags while the
 *          socket takes what its answer has of one partition, for it has the next read-ahead at once, and then finds the next among those
 *          that were asked for. A volume merges those of a stream into its largest
 *          operations. Without burst credits: a caller who has some states the burst as the base.
 * Units    bytes a second.
 * Omits    Latencies beside those of the two times, what reads and writes cost each other beyond their shares of the time.
 * Source   reference/hardware-models.md 1.2, 1.4 and 1.8.
 * Checked  tests/model/test_disk_rate.c, tests/model/test_size.c, tests/model/test_horizon_lag.c
 */
#ifndef MODEL_CLUSTER_DISK_RATE_H
#define MODEL_CLUSTER_DISK_RATE_H

#include "model/scenario/scenario.h"

/* Disks of one log dir. */
double disk_rate_members(const struct scenario_disks *disks);
/* Log dirs of a broker; 1 where nothing says how many disks it has. */
double disk_rate_dirs(const struct scenario_disks *disks);

/* *bind names the limit as the simulated disk does (model_disk_bind_name); it lives for ever. */
double disk_rate_write(const struct scenario *s, const char **bind);
double disk_rate_read(const struct scenario *s, const char **bind);

/*
 * What a reader that lags takes from a partition in a row: what its answers have of it, of the groups that are stated to lag, else of all, the
 * least; of several readers no more than the socket's send buffer, for then the next has its turn.
 */
double disk_rate_row_bytes(const struct scenario *s);

/* Time of one read-ahead of a lagging reader: what blocks the network thread that sends it. */
double disk_rate_cold_read_s(const struct scenario *s);

/* Time of a write of a few blocks by itself, as a journal's: a hard disk's head has to go there. */
double disk_rate_small_write_s(const struct scenario *s);

/* Time of a write of so many bytes of one log: a hard disk's way to each chunk is part of its rate. */
double disk_rate_log_write_s(const struct scenario *s, double bytes);

/*
 * A log that gets so many bytes a second is written back when its pages are dirty_expire old, in less than a whole chunk where it gets little:
 * how many ways of a hard disk's head more a second than disk_rate_write counts. 0 for what has no head.
 */
double disk_rate_extra_ways(const struct scenario *s, double bytes_per_s, double batches_per_s);
/* Bytes that could be written in the time of one. */
double disk_rate_way_bytes(const struct scenario *s, double write_rate);

/* Bytes that could be written in the time of one sync: it is an operation at least, and holds a hard disk. */
double disk_rate_sync_bytes(const struct scenario *s, double write_rate);

#endif
