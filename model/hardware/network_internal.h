/* What the network's files know of each other: network.c carries messages, nic.c shares a line among them. */
#ifndef MODEL_HARDWARE_NETWORK_INTERNAL_H
#define MODEL_HARDWARE_NETWORK_INTERNAL_H

#include "model/hardware/network.h"

/* A small message: when its last byte has passed the line, at least now. */
int64_t model_nic_pass(struct model_nic_side *side, uint64_t bytes, double wire_bytes);

/* A large one shares the line from now; transfer->sides is raised, and model_net_side_done called when it is through. */
void model_nic_share(struct model_nic_side *side, struct model_transfer *transfer);

/* One side is through. Runs inside an event. */
void model_net_side_done(struct model_transfer *transfer);

#endif
