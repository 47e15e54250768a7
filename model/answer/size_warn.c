/* What must be said beside the bounds: what is unknown, what grows, what deserves doubt. */
#include "model/answer/size_internal.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "model/answer/advice.h"
#include "model/answer/max_rate.h"
#include "model/answer/size_formula.h"

static double mb(double bytes)
{
    return bytes / 1e6;
}

/* ---- what else must be said ---- */

static void warn(struct size_answer *a, const char *text, const char *remedy)
{
    result_warn(a->r, text, remedy);
}

static void warn_unknown(struct size_answer *a)
{
    for (int d = 0; d < SIZE_DIMS; d++)
        if (a->now[d].broker >= 0 && !(a->now[d].capacity > 0))
            warn(a,
                 result_format(a->r, "%s: the limit of %s is not known, so it is not judged",
                               size_dim_name((enum size_dim)d), a->s->cluster.machine.name),
                 "give the machine's own figure in the scenario");
}

/* rate: max has no rate: the other bounds count nothing for it. */
static void warn_max_rate(struct size_answer *a)
{
    if (!max_rate_any(a->s))
        return;
    const char *names = max_rate_names(a->s, a->r);
    const char *missing =
        size_load_unknown(a->s)
            ? "what it asks of brokers and disks, and how many it takes, is not known before a run"
            : "other bounds, the disks and the smallest cluster count nothing for it";
    const char *text =
        a->most
            ? result_format(
                  a->r, "%s at rate: max: %s; what binds first (%s) carries %.4g MB/s of payload",
                  names, missing, a->most->resource + strlen("max by "), mb(a->most->capacity))
            : result_format(
                  a->r, "%s at rate: max, and nothing is left for it or nothing known bounds it",
                  names);
    warn(a, text, "run finds the rate that is reached");
}

/* The closed form is on the safe side: only what it takes for nearly empty is said. */
static void warn_batches(struct size_answer *a)
{
    for (int i = 0; i < a->s->producer_count; i++) {
        advice_batches(a->r, a->s, i, model_flows_producer(a->plan->flows, i)->records_per_batch,
                       2);
        advice_sockets(a->r, a->s, i);
    }
}

/* Behind the horizon, where no verdict looks. */
static void warn_growth(struct size_answer *a)
{
    const struct size_growth *growth = &a->growth;
    if (isfinite(growth->day) && !a->r->growth_note[0] && a->worst_use <= 1)
        warn(a,
             result_format(a->r, "growth brings %s to its limit %s", growth->place,
                           result_day(a->r, growth->day)),
             "");
}

/*
 * Google's published rule as a second opinion: 20 MB/s of write-equivalents a vCPU at half use. An uncalibrated profile that asks for
 * less than half of that deserves to be doubted.
 */
static void warn_rule_of_thumb(struct size_answer *a)
{
    double stored = 0, read = 0;
    for (int b = 0; b < a->plan->brokers; b++) {
        const struct size_load *l = &a->state.load[b];
        stored += l->in_bytes + l->follow_bytes;
        read += l->group_out_bytes + l->replica_out_bytes;
    }
    int64_t rule = size_vcpus_by_rule(stored + read / 4, 0.5);
    int64_t have =
        (int64_t)model_machines_for(a->s, a->plan->brokers) * a->s->cluster.machine.vcpus;
    if (a->profile->calibrated || rule <= have || a->counts.needed[SIZE_CPU] == 0 ||
        (double)rule <= 2.0 * a->counts.needed[SIZE_CPU] * a->s->cluster.machine.vcpus)
        return;
    warn(a,
         result_format(a->r,
                       "a published rule (20 MB/s of writes a vCPU, reads a quarter, half used) "
                       "asks for %" PRId64 " vCPUs; this cluster has %" PRId64
                       " and the uncalibrated profile is content",
                       rule, have),
         "calibrate the profile on a machine of this type");
}

static void warn_lag(struct size_answer *a)
{
    for (int g = 0; g < a->s->group_count; g++)
        if (a->plan->cold[g] > 0)
            warn(
                a,
                result_format(a->r,
                              "%s starts further behind than the page cache reaches: it reads from "
                              "disk until it has caught up",
                              a->s->groups[g].name),
                "");
}

/* vm.max_map_count, Linux's default. */
static const double MAPS_MOST = 65530;

/* Of a segment that the broker wrote they stay mapped until it is deleted or the broker starts again. A JVM that gets no more maps ends. */
static void warn_maps(struct size_answer *a)
{
    int most = 0;
    for (int b = 1; b < a->plan->brokers; b++)
        if (a->state.load[b].segments > a->state.load[most].segments)
            most = b;
    double segments = a->state.load[most].segments;
    if (segments * SIZE_MAPPED_FILES <= MAPS_MOST)
        return;
    warn(a,
         result_format(a->r,
                       "broker %d comes to hold %s segments and maps two index files of each: "
                       "beyond vm.max_map_count, 65,530 where nobody raised it, its JVM ends",
                       most + 1, size_segments_text(a, segments)),
         segments > SIZE_SEGMENTS_MOST
             ? "no machine can raise it so far: larger segments (segment.bytes, segment.ms)"
             : "raise it on the brokers' machines, or larger segments (segment.bytes, segment.ms)");
}

/* A fetcher thread syncs partition after partition: beyond what it can do one by one, batches wait for the round. */
static void warn_syncs(struct size_answer *a)
{
    double threads = (double)(a->plan->brokers - 1) * a->s->cluster.config.num_replica_fetchers;
    for (int b = 0; b < a->plan->brokers; b++) {
        double each_s = size_sync_s(a->plan, &a->state.load[b]);
        double busy = a->state.load[b].follow_syncs * each_s;
        if (busy <= threads)
            continue;
        warn(a,
             result_format(a->r,
                           "followers sync every append: %.4g syncs/s of %.3g ms on %.0f fetcher "
                           "threads of broker %d; batches wait for a round over all partitions",
                           a->state.load[b].follow_syncs, each_s * 1e3, threads, b + 1),
             "raise flush.messages, or num.replica.fetchers");
        return;
    }
}

/* Of a single partition. Space is a volume's or disk's own: no other machine has more of it. */
static const char *remedy_of_one(enum size_dim dim, bool of_disk)
{
    if (dim == SIZE_DISK_SPACE)
        return of_disk ? "use larger disks, layout: raid0, more partitions, keys that spread or a "
                         "shorter retention"
                       : "use larger disks, more partitions, keys that spread or a shorter "
                         "retention";
    return of_disk ? "use larger disks, layout: raid0, more partitions or keys that spread"
                   : "use a larger machine, more partitions or keys that spread";
}

/* Brokers that are bought for their disks alone. */
static void warn_space(struct size_answer *a)
{
    const int32_t *needed = a->counts.needed;
    int32_t others = 1;
    for (int d = 0; d < SIZE_DIMS; d++) {
        if (needed[d] == 0) /* no number is enough: said by itself */
            return;
        if (d != SIZE_DISK_SPACE && needed[d] > others)
            others = needed[d];
    }
    if (needed[SIZE_DISK_SPACE] > others)
        warn(a,
             result_format(a->r, "disk space alone asks for %d brokers, all else for %d",
                           needed[SIZE_DISK_SPACE], others),
             "larger disks or a shorter retention may cost less than brokers");
}

/* Why no number of brokers is enough. A partition lies on one disk: where brokers have several log dirs, a disk is what it asks too much of. */
static const char *why_none(const struct size_answer *a, enum size_dim dim, const char *of)
{
    const char *name = size_dim_name(dim);
    if (a->counts.by_loss[dim])
        return result_format(a->r,
                             "%s: no number of brokers is enough with %s: what another one then "
                             "has beside its own is more than a %s's limit",
                             name, size_lost_name(a), of);
    return result_format(a->r,
                         "%s: no number of brokers is enough, one partition alone asks for more "
                         "than a %s's limit",
                         name, of);
}

static void warn_no_count(struct size_answer *a)
{
    for (int d = 0; d < SIZE_DIMS; d++) {
        bool disk = (d == SIZE_DISK_SPACE || d == SIZE_DISK_BANDWIDTH) && a->plan->disks > 1;
        if (a->counts.needed[d] > 0)
            continue;
        if (d == SIZE_SHARED_NETWORK)
            warn(a,
                 result_format(a->r, "%s: no number of brokers is enough, all share one link",
                               size_dim_name(SIZE_SHARED_NETWORK)),
                 "use a faster link, compression, fewer replicas or fewer readers");
        else
            warn(a, why_none(a, (enum size_dim)d, disk ? "disk" : "broker"),
                 remedy_of_one((enum size_dim)d, disk));
    }
}

void size_warn(struct size_answer *a)
{
    warn_no_count(a);
    warn_space(a);
    warn_unknown(a);
    warn_max_rate(a);
    warn_batches(a);
    warn_growth(a);
    warn_rule_of_thumb(a);
    warn_lag(a);
    advice_groups(a->r, a->s);
    advice_topics(a->r, a->s);
    warn_syncs(a);
    warn_maps(a);
    size_sockets_warn(a);
    size_layout_warn(a);
}
