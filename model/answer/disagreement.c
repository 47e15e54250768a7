/*
 * model/answer/disagreement.c - a bound and a simulation that disagree: one of them is missing something, and the reader should know what.
 */
#include "model/answer/fill.h"

#include <math.h>
#include <string.h>

#include "model/answer/max_rate.h"

/* Simulation and bound may differ by this factor before we ask why; below this share of capacity the difference decides nothing. */
#define AGREE_FACTOR 1.5
#define AGREE_FROM   0.2
/* Judgement: less than that is no more than chance keeps back. */
#define CARRIED_FROM 0.97

/* ---- resources that have a row ---- */

static bool disks_have_credits(const struct scenario *s)
{
    const struct scenario_disks *d = &s->cluster.disks;
    return d->credit_bytes > 0 || d->credit_ios > 0;
}

static bool link_has_credits(const struct scenario *s)
{
    const struct scenario_machine *m = &s->cluster.machine;
    return m->block_burst_ns > 0 && (m->block_burst_bytes_per_s > m->block_baseline_bytes_per_s ||
                                     m->block_burst_iops > m->block_baseline_iops);
}

/* Disks are busy by what is sustained, so that those with credits may carry more than all of it. */
static const char *why_full(const struct scenario *s, const struct result_resource *row)
{
    bool disk = row->kind == RESULT_DISK_BANDWIDTH;
    if (disk && strstr(row->note, "machine-to-volume") && link_has_credits(s))
        return "it takes all that the machine sustains towards its volumes, and burst credits "
               "while they last";
    if (disk && disks_have_credits(s))
        return "it takes all that the volume sustains, and burst credits while they last";
    return "it is always busy, and what is asked beyond it waits";
}

static bool any_starts_behind(const struct scenario *s)
{
    for (int g = 0; g < s->group_count; g++)
        if (scenario_begins_behind(&s->groups[g]))
            return true;
    return false;
}

static const char *why_disagree(const struct fill *fill, const struct result_resource *row,
                                double simulated, double bound)
{
    bool network = row->kind == RESULT_NETWORK_IN || row->kind == RESULT_NETWORK_OUT;
    if (simulated > bound && any_starts_behind(fill->scenario))
        return "a group that catches up reads faster than the load comes, which is all that the "
               "bound counts: trust the simulation";
    if (simulated > bound)
        return "the bound knows no waiting for disks and cores, no pauses and no small batches: "
               "trust the simulation";
    if (simulated > FILL_ALWAYS_BUSY)
        return why_full(fill->scenario, row);
    if (fill_any_unstable(fill))
        return "less was carried than is offered, which the bound counts";
    if (fill_offered_less(fill))
        return "less came in the simulation than the stated load, which the bound counts";
    if (network && fill->scenario->cluster.brokers_per_machine > 1)
        return "brokers of one machine reach each other without its interface, which the bound "
               "does not know";
    return "the bound takes requests and batches by closed form, and is on the safe side: trust "
           "the simulation";
}

static void warn_disagreement(struct fill *fill, const struct result_resource *row)
{
    const struct result_bound *bound = result_bound_of(fill->result, row->name);
    if (!bound || !row->now.known || !isfinite(bound->utilisation))
        return;
    double simulated = result_used_share(row->kind, row->now.value);
    double high = fmax(simulated, bound->utilisation), low = fmin(simulated, bound->utilisation);
    if (high < AGREE_FROM || high <= AGREE_FACTOR * low)
        return;
    result_warn(fill->result,
                result_format(fill->result, "%s: simulated %.0f %%, bound %.0f %%", row->name,
                              simulated * 100, bound->utilisation * 100),
                why_disagree(fill, row, simulated, bound->utilisation));
}

/* ---- what has a bound alone ---- */

static double offered_per_s(const struct scenario *s, int p)
{
    return s->producers[p].records_per_s_peak;
}

static double carried_per_s(const struct fill *fill, int p)
{
    return fill->result->flows[p].records_per_s.value;
}

static double read_share(const struct fill *fill, int group)
{
    const struct scenario *s = fill->scenario;
    double offered = 0;
    for (int p = 0; p < s->producer_count; p++)
        if (scenario_reads(&s->groups[group], s->producers[p].topic))
            offered += offered_per_s(s, p);
    return fill->result->flows[s->producer_count + group].records_per_s.value / offered;
}

static double share_of_all(const struct fill *fill)
{
    double carried = 0, offered = 0;
    for (int p = 0; p < fill->scenario->producer_count; p++) {
        carried += carried_per_s(fill, p);
        offered += offered_per_s(fill->scenario, p);
    }
    return carried / offered;
}

/* Of the load that the bound is asked for, what came through: of the client that it names, or of all. */
static double carried_share(const struct fill *fill, const struct result_bound *b)
{
    const struct scenario *s = fill->scenario;
    const char *name = strrchr(b->resource, ' ') + 1;
    double share = INFINITY;
    if (strncmp(b->resource, "client ", 7) != 0)
        return share_of_all(fill);
    for (int p = 0; p < s->producer_count; p++)
        if (strcmp(s->producers[p].name, name) == 0)
            share = carried_per_s(fill, p) / offered_per_s(s, p);
    for (int g = 0; g < s->group_count; g++)
        if (strcmp(s->groups[g].name, name) == 0)
            share = fmin(share, read_share(fill, g));
    return share;
}

/* Nothing shows how busy a connection is; what it carried does. A queue of records has a warning of its own. */
static void warn_beyond(struct fill *fill, const struct result_bound *b)
{
    if (!(b->utilisation > 1) || strcmp(b->unit, "records") == 0)
        return;
    double share = fmin(1, carried_share(fill, b));
    if (share >= CARRIED_FROM)
        result_warn(fill->result,
                    result_format(fill->result, "%s: bound %.0f %%, and all is carried",
                                  b->resource, b->utilisation * 100),
                    "the bound takes the busiest connection and requests one by one: trust the "
                    "simulation");
    else
        result_warn(fill->result,
                    result_format(fill->result, "%s: simulated %.0f %%, bound %.0f %%", b->resource,
                                  share * b->utilisation * 100, b->utilisation * 100),
                    result_format(fill->result,
                                  "%.0f %% was carried of what is offered, which the bound counts",
                                  share * 100));
}

void fill_disagreements(struct fill *fill)
{
    const struct result *r = fill->result;
    if (max_rate_any(fill->scenario)) /* the bounds count nothing for it */
        return;
    for (uint32_t i = 0; i < r->resource_count; i++)
        if (r->resources[i].kind != RESULT_DISK_SPACE)
            warn_disagreement(fill, &r->resources[i]);
    for (uint32_t i = 0; i < r->bound_count; i++)
        if (fill_bound_without_row(&r->bounds[i]))
            warn_beyond(fill, &r->bounds[i]);
}
