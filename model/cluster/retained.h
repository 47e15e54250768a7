/*
 * model/cluster/retained.h - what retention leaves on disk, in closed form.
 *
 * Shape    By time, records go when the newest of their segment is older than retention.ms; by size, when the log without its
 *          oldest segment is still retention.bytes. Then the deletion waits for the next check and for the delay before unlinking.
 * Units    Seconds, bytes, bytes per second.
 * Source   reference/kafka/log-storage.md section 9; reference/peers-capacity.md item 3.
 * Checked  tests/model/test_size_formula.c; the real log in tests/model/test_horizon.c stays within it.
 */
#ifndef MODEL_CLUSTER_RETAINED_H
#define MODEL_CLUSTER_RETAINED_H

#include "model/scenario/scenario.h"

struct model_retention {
    double retention_s;     /* below 0: no limit */
    double retention_bytes; /* below 0: no limit */
    double segment_bytes;
    double segment_s; /* segment.ms */
    double check_interval_s;
    double delete_delay_s;
};

void model_retention_init(struct model_retention *r, const struct scenario *s, int topic);

/* What one replica holds at most, at a steady rate. INFINITY for what is kept for ever. */
double model_retained_bytes(const struct model_retention *r, double rate_bytes_per_s);
/* Whether its size, not its age, decides what is kept at that rate. */
bool model_retained_by_size(const struct model_retention *r, double rate_bytes_per_s);
/* How far back what it holds reaches at most: over such a stretch the rate must be taken. */
double model_retained_s(const struct model_retention *r, double rate_bytes_per_s);
/* After how long an open segment is closed at that rate. */
double model_roll_s(double segment_bytes, double segment_s, double rate_bytes_per_s);

#endif
