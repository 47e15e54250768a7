/*
 * What racks and machines do to where replicas stand (placement.h), which no sum of bytes shows: brokers of a small rack hold more, and a
 * machine that several brokers share may hold all replicas of a partition. Disks hold whole partitions: where these are few, some have one more.
 */
#include "model/answer/size_internal.h"

#include <math.h>

#include "model/answer/size_formula.h"

/* Below it, what partitions leave uneven by themselves may be as large. */
static const double UNEVEN_LEAST = 1.25;

static void warn_uneven(const struct size_answer *a)
{
    const struct model_placement *m = a->plan->placement;
    int step = scenario_rack_step(&a->s->cluster), most = 0, least = 0;
    if (a->plan->brokers % step == 0)
        return;
    for (int b = 1; b < a->plan->brokers; b++) {
        int on = model_placement_replicas_on(m, b);
        most = on > model_placement_replicas_on(m, most) ? b : most;
        least = on < model_placement_replicas_on(m, least) ? b : least;
    }
    int high = model_placement_replicas_on(m, most), low = model_placement_replicas_on(m, least);
    if (high < UNEVEN_LEAST * low)
        return;
    result_warn(a->r,
                result_format(a->r,
                              "racks do not hold equally many brokers: broker %d has %d replicas, "
                              "broker %d has %d, as those of a partition stand in different racks",
                              most + 1, high, least + 1, low),
                result_format(a->r, "a multiple of %d brokers, or other racks", step));
}

static bool on_one_machine(const struct model_replica *replicas, int count, int each)
{
    for (int i = 1; i < count; i++)
        if (replicas[i].broker / each != replicas[0].broker / each)
            return false;
    return true;
}

static void warn_together(const struct size_answer *a)
{
    int each = a->s->cluster.brokers_per_machine, together = 0, all = 0;
    for (int t = 0; t < a->s->topic_count; t++) {
        int replication = a->s->topics[t].replication;
        for (int p = 0; replication > 1 && p < a->s->topics[t].partitions; p++, all++)
            together += on_one_machine(model_placement_replicas(a->plan->placement, t, p),
                                       replication, each);
    }
    if (together > 0)
        result_warn(a->r,
                    result_format(a->r,
                                  "%s of %s replicated partitions have all replicas on one machine "
                                  "(cluster.brokers_per_machine), and are lost with it",
                                  result_count(a->r, (uint64_t)together),
                                  result_count(a->r, (uint64_t)all)),
                    "more machines, in racks of their own (cluster.racks)");
}

/* Who asks for a broker's loss often means the machine's, which takes all that share it. */
static void warn_process(const struct size_answer *a)
{
    int each = a->s->cluster.brokers_per_machine;
    if (a->s->cluster.survive == SCENARIO_SURVIVE_BROKER && each > 1)
        result_warn(a->r,
                    result_format(a->r,
                                  "cluster.survive is one broker, which is one process: the loss "
                                  "of a machine takes the %d that share it",
                                  each),
                    "cluster.survive: one machine");
}

/* Judgement: less is not worth other partitions. */
static const double WHOLE_LEAST = 1.15;

/* Brokers that disk space would ask for if it lay evenly on all disks; not below what the others ask for. */
static int32_t needed_evenly(const struct size_answer *a)
{
    const struct size_use *u = &a->now[SIZE_DISK_SPACE];
    double bytes = 0, room = u->capacity * size_limit(a->s, SIZE_DISK_SPACE) * a->plan->disks;
    for (int i = 0; i < a->plan->brokers * a->plan->disks; i++)
        bytes += a->state.disk[i].space_bytes;
    int32_t most =
        (int32_t)size_round_up((int64_t)ceil(bytes / room), scenario_rack_step(&a->s->cluster));
    for (int d = 0; d < SIZE_DIMS; d++)
        if (d != SIZE_DISK_SPACE)
            most = a->counts.needed[d] > most ? a->counts.needed[d] : most;
    return most;
}

static void warn_whole(const struct size_answer *a)
{
    int32_t needed = a->counts.needed[SIZE_DISK_SPACE];
    if (needed <= 0 || a->now[SIZE_DISK_SPACE].broker < 0 ||
        !isfinite(a->now[SIZE_DISK_SPACE].demand))
        return;
    int32_t evenly = needed_evenly(a);
    if (needed < WHOLE_LEAST * evenly)
        return;
    result_warn(a->r,
                result_format(a->r,
                              "disk space asks for %d brokers, where %d would do if it lay "
                              "evenly: disks hold whole partitions, and some one more than others",
                              needed, evenly),
                a->plan->disks > 1 ? "try other numbers of partitions, or layout: raid0"
                                   : "try other numbers of partitions");
}

void size_layout_warn(const struct size_answer *a)
{
    warn_whole(a);
    warn_uneven(a);
    warn_together(a);
    warn_process(a);
}
