/*
 * model/cluster/flow_internal.h - what the parts of flow.h share.
 *
 * Shape    Streams and sums in flow.c, shares in shares.c, hours and growth in shape.c.
 * Units    As flow.h.
 * Omits    -
 * Source   -
 * Checked  as flow.h
 */
#ifndef MODEL_CLUSTER_FLOW_INTERNAL_H
#define MODEL_CLUSTER_FLOW_INTERNAL_H

#include "model/cluster/flow.h"

struct model_shares {
    int producers;
    double **share; /* by producer, partition of its topic */
};

#endif
