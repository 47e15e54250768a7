/*
 * model/cluster/flow_internal.h - what the parts of flow.h share.
 *
 * Shape    Streams: flow_sticky.c, flow_cycle.c and flow.c, of batches in flow_batch.c; sums in flow.c, means over a week in flow_mean.c, shares in shares.c, hours and growth in shape.c.
 * Units    As flow.h.
 * Omits    -
 * Source   -
 * Checked  as flow.h
 */
#ifndef MODEL_CLUSTER_FLOW_INTERNAL_H
#define MODEL_CLUSTER_FLOW_INTERNAL_H

#include "model/cluster/flow.h"
#include "model/cluster/round_trip.h"

struct model_shares {
    int producers;
    double **share; /* by producer, partition of its topic */
};

struct model_flows {
    int topics;
    int *partitions;
    struct model_flow **flow; /* by topic, partition */
    int producers;
    struct model_producer_flow *producer;
    double (*week)[MODEL_WEEK_HOURS]; /* by producer; NULL: not of a week */
};

/* What flows are made of; borrowed. */
struct flow_maker {
    const struct scenario *s;
    const struct model_profile *profile;
    const struct model_placement *placement;
    const struct model_shares *shares;
    struct round_trip trip;
};

void flow_maker_init(struct flow_maker *maker, const struct scenario *s,
                     const struct model_profile *profile, const struct model_placement *placement,
                     const struct model_shares *shares);
/* Without producers yet; groups commit. Gives. */
struct model_flows *flow_start(const struct flow_maker *maker);
/* What a producer brings at `factor` of its peak, for `part` of the time. Returns its wire bytes a second while it does. */
double flow_add(const struct flow_maker *maker, struct model_flows *flows, int producer,
                double factor, double part);

/* ---- one producer's batches ---- */

/* What one client of an entry does; rates are of one client. */
struct flow_client {
    const struct scenario_producer *p;
    const double *share;
    int partitions;
    double records_per_s;
    double burst;        /* records that arrive together */
    double record_bytes; /* with overhead */
    double most;         /* records of a full batch */
    double linger_s;
    struct gather *gather;
};

/* Batches and requests a second of one client into each partition. */
struct flow_stream {
    double records, batches, requests;
    double cut, cut_records; /* of them, batches that another one's request takes early; of each */
};

/* What brings records to partitions that get a share of all. */
struct flow_events {
    double per_s, burst; /* records that one brings there */
};
struct flow_events flow_events(const struct flow_client *c, double share);

/* The chance that so many come of a Poisson number with that mean. */
double flow_batch_filled(double many, double mean);

/* Of all partitions, without keys. */
void flow_stream_sticky(const struct flow_client *c, const struct model_placement *placement,
                        struct flow_stream *out, int partitions);
/* Of the partitions of one leader, which share a cycle: Java. */
void flow_stream_cycle(const struct flow_client *c, const int *of_broker, int count,
                       struct flow_stream *out);

#endif
