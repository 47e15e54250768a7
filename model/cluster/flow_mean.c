/* model/cluster/flow_mean.c - a week of flows; see flow.h. */
#include "model/cluster/flow_internal.h"

#include <assert.h>

#include "model/cluster/rate_grid.h"
#include "sim/memory.h"

/* An hour brings what its place on the grid does; parts[k] is then the part of all time that goes on rate k. */
static void part_hours(const struct rate_place place[MODEL_WEEK_HOURS],
                       double parts[RATE_GRID_MOST])
{
    for (int hour = 0; hour < MODEL_WEEK_HOURS; hour++) {
        parts[place[hour].cell] += place[hour].of_low / MODEL_WEEK_HOURS;
        parts[place[hour].cell + 1] += place[hour].of_high / MODEL_WEEK_HOURS;
    }
}

static void add_week(const struct flow_maker *maker, struct model_flows *f, int producer,
                     double grown)
{
    const struct scenario_producer *p = &maker->s->producers[producer];
    struct rate_grid grid;
    struct rate_place place[MODEL_WEEK_HOURS];
    double factor[MODEL_WEEK_HOURS], parts[RATE_GRID_MOST] = {0}, wire[RATE_GRID_MOST] = {0};
    rate_grid_init(&grid, p, grown, grown);
    model_shape_week(p, factor);
    for (int hour = 0; hour < MODEL_WEEK_HOURS; hour++)
        place[hour] = rate_grid_place(&grid, factor[hour] * grown);
    part_hours(place, parts);
    for (int k = 0; k < grid.count; k++)
        if (parts[k] > 0)
            wire[k] = flow_add(maker, f, producer, grid.factor[k], parts[k]);
    for (int hour = 0; hour < MODEL_WEEK_HOURS; hour++) {
        const struct rate_place *at = &place[hour];
        f->week[producer][hour] = rate_grid_between(at, wire[at->cell], wire[at->cell + 1]);
    }
}

struct model_flows *model_flows_mean(const struct scenario *s, const struct model_profile *profile,
                                     const struct model_placement *m,
                                     const struct model_shares *shares, const double *grown)
{
    struct flow_maker maker;
    flow_maker_init(&maker, s, profile, m, shares);
    struct model_flows *f = flow_start(&maker);
    f->week = sim_alloc((size_t)f->producers, sizeof *f->week);
    for (int i = 0; i < f->producers; i++)
        add_week(&maker, f, i, grown ? grown[i] : 1);
    return f;
}

const double *model_flows_week(const struct model_flows *f, int producer)
{
    assert(f->week && producer >= 0 && producer < f->producers);
    return f->week[producer];
}
