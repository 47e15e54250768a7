#include "model/cluster/reading.h"

#include <assert.h>

bool model_reads_near(const struct scenario *s, const struct scenario_group *group)
{
    return s->cluster.config.replica_selector != SCENARIO_SELECT_LEADER && group->states_rack;
}

int model_reading_replica(const struct model_placement *placement, const struct model_replica *live,
                          int count, int rack)
{
    for (int i = 0; i < count; i++)
        if (model_placement_rack_of(placement, live[i].broker) == rack)
            return i;
    return 0;
}

static int read_from(const struct scenario *s, const struct scenario_group *group,
                     const struct model_placement *placement, const struct model_replica *live,
                     int count, int rack)
{
    return model_reads_near(s, group) ? model_reading_replica(placement, live, count, rack) : 0;
}

void model_reading_shares(const struct scenario *s, const struct scenario_group *group,
                          const struct model_placement *placement, const struct model_replica *live,
                          int count, double *shares)
{
    assert(count > 0 && group->rack_count > 0);
    for (int i = 0; i < count; i++)
        shares[i] = 0;
    for (int r = 0; r < group->rack_count; r++)
        shares[read_from(s, group, placement, live, count, group->racks[r])] +=
            1.0 / group->rack_count;
}

void model_reading_far(const struct scenario *s, const struct scenario_group *group,
                       const struct model_placement *placement, const struct model_replica *live,
                       int count, double *far)
{
    for (int i = 0; i < count; i++)
        far[i] = 0;
    for (int r = 0; r < group->rack_count; r++) {
        int from = read_from(s, group, placement, live, count, group->racks[r]);
        if (model_placement_rack_of(placement, live[from].broker) != group->racks[r])
            far[from] += 1.0 / group->rack_count;
    }
}

double model_reading_elsewhere(const struct scenario *s, const struct scenario_group *group,
                               const struct model_placement *placement,
                               const struct model_replica *live, int count)
{
    double far[SCENARIO_REPLICAS_MAX], sum = 0;
    model_reading_far(s, group, placement, live, count, far);
    for (int i = 0; i < count; i++)
        sum += far[i];
    return sum;
}
