/*
 * model/cluster/controller.c - the part of the controller that a steady run needs: first leaders, and ISR changes.
 *
 * A proposal (AlterPartition) is accepted if it was made on the present partition epoch, and reaches every replica after the
 * metadata quorum's delay. Elections after a failure are not here.
 */
#include "model/cluster/cluster_internal.h"

#include <assert.h>
#include <stdlib.h>

/* controller.quorum.append.linger.ms of Kafka 4.2; the way there and back is added from the scenario's network. */
#define APPEND_LINGER_NS 25000000

struct change {
    struct sim_event event;
    struct controller *controller;
    struct broker_tp tp;
    struct broker_partition_state state;
    struct change *next;
};

struct controller {
    struct cluster *cluster;
    uint32_t *first; /* index of each topic's partition 0 in states */
    struct broker_partition_state *states;
    struct change *pending; /* all of them, for freeing */
};

static struct broker_partition_state *state_of(const struct controller *controller,
                                               struct broker_tp tp)
{
    return &controller->states[controller->first[tp.topic] + (uint32_t)tp.partition];
}

static int tell_replicas(struct controller *controller, struct broker_tp tp, struct broker_err *err)
{
    const struct broker_partition_state *state = state_of(controller, tp);
    for (uint32_t r = 0; r < state->replica_count; r++) {
        int status =
            model_host_apply(controller->cluster->hosts[state->replicas[r]], tp, state, err);
        if (status != BROKER_OK)
            return status;
    }
    return BROKER_OK;
}

static void unlink_change(struct controller *controller, const struct change *change)
{
    struct change **at = &controller->pending;
    while (*at != change)
        at = &(*at)->next;
    *at = change->next;
}

static void committed(struct sim *sim, struct sim_event *event)
{
    (void)sim;
    struct change *change = sim_container(event, struct change, event);
    struct controller *controller = change->controller;
    struct broker_partition_state *state = state_of(controller, change->tp);
    unlink_change(controller, change);
    if (change->state.partition_epoch == state->partition_epoch) {
        int32_t epoch = state->partition_epoch + 1;
        *state = change->state;
        state->partition_epoch = epoch;
    }
    tell_replicas(controller, change->tp, NULL);
    free(change);
}

void controller_propose(void *ctx, struct model_host *host, struct broker_tp tp,
                        const struct broker_partition_state *proposal)
{
    (void)host;
    struct cluster *cluster = ctx;
    struct controller *controller = cluster->controller;
    struct change *change = calloc(1, sizeof *change);
    assert(change);
    change->controller = controller;
    change->tp = tp;
    change->state = *proposal;
    change->next = controller->pending;
    controller->pending = change;
    sim_event_init(&change->event, committed);
    sim_after(&cluster->sim, &change->event,
              APPEND_LINGER_NS + 2 * cluster->scenario->cluster.network.cross_rack_rtt_ns);
}

int32_t controller_leader(void *ctx, struct broker_tp tp, int32_t *leader_epoch)
{
    const struct cluster *cluster = ctx;
    const struct broker_partition_state *state = state_of(cluster->controller, tp);
    if (leader_epoch)
        *leader_epoch = state->leader_epoch;
    return state->leader;
}

static void first_state(const struct cluster *cluster, struct broker_tp tp,
                        struct broker_partition_state *state)
{
    const struct model_replica *replicas =
        model_placement_replicas(cluster->placement, tp.topic, tp.partition);
    uint32_t count = (uint32_t)model_placement_replication(cluster->placement, tp.topic);
    *state = (struct broker_partition_state){.leader = replicas[0].broker,
                                             .leader_epoch = CLUSTER_FIRST_EPOCH,
                                             .replica_count = count,
                                             .isr_count = count};
    for (uint32_t r = 0; r < count; r++)
        state->replicas[r] = state->isr[r] = replicas[r].broker;
}

struct controller *controller_new(struct cluster *cluster)
{
    uint32_t topics = (uint32_t)model_placement_topic_count(cluster->placement);
    struct controller *controller = calloc(1, sizeof *controller);
    assert(controller);
    controller->cluster = cluster;
    controller->first = calloc(topics + 1, sizeof *controller->first);
    assert(controller->first);
    for (uint32_t t = 0; t < topics; t++)
        controller->first[t + 1] = controller->first[t] + (uint32_t)model_placement_partition_count(
                                                              cluster->placement, (int)t);
    controller->states = calloc(controller->first[topics] + 1, sizeof *controller->states);
    assert(controller->states);
    return controller;
}

int controller_elect(struct controller *controller, struct broker_err *err)
{
    const struct model_placement *placement = controller->cluster->placement;
    for (int t = 0; t < model_placement_topic_count(placement); t++) {
        for (int p = 0; p < model_placement_partition_count(placement, t); p++) {
            struct broker_tp tp = {t, p};
            first_state(controller->cluster, tp, state_of(controller, tp));
            int status = tell_replicas(controller, tp, err);
            if (status != BROKER_OK)
                return status;
        }
    }
    return BROKER_OK;
}

void controller_free(struct controller *controller)
{
    if (!controller)
        return;
    for (struct change *change = controller->pending; change;) {
        struct change *next = change->next;
        free(change);
        change = next;
    }
    free(controller->first);
    free(controller->states);
    free(controller);
}
