/* What the horizon found out: disks, series, warnings; and use beyond its end, by the closed form. */
#include "model/cluster/horizon_internal.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "model/cluster/hot_partition.h"
#include "model/cluster/retained.h"
#include "sim/dmath.h"
#include "sim/memory.h"

enum { DISKS_SHOWN = 64 }; /* series of more disks than that help nobody */

static const double NS_DAY = 86400e9;
static const double WEEK_NS = 7 * 86400e9;

/* ---- beyond the end ---- */

/* What the partitions of one topic have in common. */
struct outlook {
    struct model_retention retention;
    double *shape; /* by source: largest mean over what is kept, as a factor of the peak */
    double *mean;
    /* By source * (HORIZON_WEEKS + 1) + week: of the wire bytes in what is kept, and of all that ever come. */
    double *growth, *grown;
};

/* The integral over a stretch in which a rate grows from a to b, by the same part in each time. */
static double grown_over(double a, double b, double s)
{
    return fabs(b - a) < 1e-9 * a ? a * s : (b - a) / sim_log(b / a) * s;
}

/* All that a source brings from the start to the end and to each week after it, in seconds of what it brings at the start. */
static void bring(const struct horizon *h, int source, double *grown)
{
    enum { PARTS = 16, COUNT = PARTS + HORIZON_WEEKS + 1 };
    const struct scenario_producer *p = h->sources[source].producer;
    double at_s[COUNT], growth[COUNT], sum = 0;
    for (int k = 0; k < COUNT; k++) {
        double weeks = fmax(0, k - PARTS), part = fmin(1, (double)k / PARTS);
        at_s[k] = ((double)h->length_ns * part + weeks * WEEK_NS) / 1e9;
        growth[k] = model_growth_mean(p, at_s[k], at_s[k]);
    }
    horizon_source_wire_growth(h, source, growth, COUNT);
    for (int k = 1; k < COUNT; k++) {
        sum += grown_over(growth[k - 1], growth[k], at_s[k] - at_s[k - 1]);
        if (k >= PARTS)
            grown[k - PARTS] = sum;
    }
}

static struct outlook look_ahead(const struct horizon *h, int topic)
{
    size_t sources = (size_t)h->source_count, weeks = HORIZON_WEEKS + 1;
    struct outlook o = {.shape = sim_alloc(sources, sizeof(double)),
                        .mean = sim_alloc(sources, sizeof(double)),
                        .growth = sim_alloc(sources * weeks, sizeof(double)),
                        .grown = sim_alloc(sources * weeks, sizeof(double))};
    model_retention_init(&o.retention, h->s, topic);
    for (size_t i = 0; i < sources; i++) {
        const struct scenario_producer *p = h->sources[i].producer;
        if (p->topic != topic)
            continue;
        o.mean[i] = model_shape_mean(p);
        o.shape[i] = o.retention.retention_s >= 0
                         ? model_shape_mean_max(p, (int64_t)(o.retention.retention_s * 1e9))
                         : o.mean[i];
        for (size_t w = 0; w < weeks; w++) {
            double at_s = ((double)h->length_ns + (double)w * WEEK_NS) / 1e9;
            o.growth[i * weeks + w] =
                model_growth_mean(p, at_s - fmax(0, o.retention.retention_s), at_s);
        }
        horizon_source_wire_growth(h, (int)i, &o.growth[i * weeks], (int)weeks);
        bring(h, (int)i, &o.grown[i * weeks]);
    }
    return o;
}

static void outlook_release(struct outlook *o)
{
    free(o->shape);
    free(o->mean);
    free(o->growth);
    free(o->grown);
}

static double partition_at(const struct horizon *h, const struct outlook *o, int topic,
                           int partition, int week)
{
    double rate = 0, for_ever = 0;
    for (int i = 0; i < h->source_count; i++) {
        const struct horizon_source *src = &h->sources[i];
        int at = i * (HORIZON_WEEKS + 1) + week;
        if (src->producer->topic != topic)
            continue;
        double peak =
            src->wire[src->grid.count - 1][partition] / src->grid.factor[src->grid.count - 1];
        rate += peak * o->shape[i] * o->growth[at];
        for_ever += peak * o->mean[i] * o->grown[at];
    }
    double kept = model_retained_bytes(&o->retention, rate);
    return isinf(kept) ? for_ever : kept;
}

static void add_topic(const struct horizon *h, int topic, double *closed)
{
    struct outlook o = look_ahead(h, topic);
    int disks = h->brokers * h->disks_each;
    for (int p = 0; p < h->s->topics[topic].partitions; p++) {
        const struct model_replica *r = model_placement_replicas(h->placement, topic, p);
        for (int w = 0; w <= HORIZON_WEEKS; w++) {
            double bytes = partition_at(h, &o, topic, p, w);
            for (int i = 0; i < h->s->topics[topic].replication; i++)
                closed[w * disks + r[i].broker * h->disks_each + r[i].disk] += bytes;
        }
    }
    outlook_release(&o);
}

/* closed[week * disks + disk]: the closed form at the end and each week after it. */
static double *extrapolate(const struct horizon *h)
{
    int disks = h->brokers * h->disks_each;
    double *closed = sim_alloc((size_t)(HORIZON_WEEKS + 1) * (size_t)disks, sizeof *closed);
    for (int t = 0; t < h->s->topic_count; t++)
        add_topic(h, t, closed);
    return closed;
}

/* Largest use in the last week, or in the last quarter of a shorter horizon: what the closed form at the end is held against. */
static double latest_max(const struct horizon *h, const struct horizon_disk *d)
{
    double week = 7 * NS_DAY / (double)h->length_ns, part = week < 0.25 ? week : 0.25;
    int last = horizon_point_count(h) - 1, first = (int)(last * (1 - part));
    double most = 0;
    for (int i = first; i <= last; i++)
        most = fmax(most, (double)d->points[i]);
    return most;
}

/* Day on which the use reaches bytes; -1: not within the years looked at. */
static double day_beyond(const struct horizon *h, const double *closed, int disk, double bytes)
{
    int disks = h->brokers * h->disks_each;
    double at_end = closed[disk], scale = at_end > 0 ? latest_max(h, &h->disks[disk]) / at_end : 0;
    for (int w = 1; w <= HORIZON_WEEKS; w++) {
        double low = closed[(w - 1) * disks + disk] * scale,
               high = closed[w * disks + disk] * scale;
        if (high < bytes)
            continue;
        double part = high > low ? (bytes - low) / (high - low) : 0;
        part = part < 0 ? 0 : part; /* the last days were below the closed form's worst */
        return ((double)h->length_ns + (w - 1 + part) * WEEK_NS) / NS_DAY;
    }
    return -1;
}

/* ---- rows ---- */

static void fill_disk(const struct horizon *h, const double *closed, int index,
                      struct result *result)
{
    const struct horizon_disk *d = &h->disks[index];
    struct result_disk *row = RESULT_ADD(result, disks, disk_count);
    double *days[3] = {&row->day_80, &row->day_85, &row->day_95};
    row->broker = index / h->disks_each + 1;
    row->disk = index % h->disks_each + 1;
    row->name = h->disks_each > 1
                    ? result_format(result, "broker %d, disk %d", row->broker, row->disk)
                    : result_format(result, "broker %d", row->broker);
    row->capacity_bytes = (uint64_t)d->capacity;
    row->used_start_bytes = row->used_moment_bytes = (uint64_t)d->used_start;
    row->used_end_bytes = (uint64_t)d->used;
    row->used_max_bytes = (uint64_t)d->used_max;
    row->day_of_max = (double)d->max_ns / NS_DAY;
    for (int l = 0; l < 3; l++)
        *days[l] = d->crossed_ns[l] >= 0
                       ? (double)d->crossed_ns[l] / NS_DAY
                       : day_beyond(h, closed, index, horizon_levels[l] * d->capacity);
}

/* A point is the largest use of its interval and stands in the middle of it, as the means of a run do. */
static void fill_series(const struct horizon *h, const char *name, const char *group,
                        const char *unit, const float *points, struct result *result)
{
    struct result_series *series = RESULT_ADD(result, series, series_count);
    int count = horizon_point_count(h);
    double dx = (double)h->length_ns / NS_DAY / count;
    series->name = result_string(result, name);
    series->group = group;
    series->unit = unit;
    series->x_unit = "d";
    series->x0 = dx / 2;
    series->dx = dx;
    series->count = (uint32_t)count;
    series->y = result_alloc(result, (size_t)count, sizeof *series->y);
    for (int i = 0; i < count; i++)
        series->y[i] = (double)points[i];
}

static void fill_disks(const struct horizon *h, struct result *result)
{
    int disks = h->brokers * h->disks_each;
    double *closed = extrapolate(h);
    double shown_from = 0;
    for (int i = 0; i < disks; i++)
        fill_disk(h, closed, i, result);
    free(closed);
    if (disks > DISKS_SHOWN) { /* the use that 64 disks reach */
        double low = 0, high = 0;
        for (int i = 0; i < disks; i++)
            high = fmax(high, h->disks[i].used_max);
        for (int round = 0; round < 50; round++) {
            double middle = (low + high) / 2;
            int count = 0;
            for (int i = 0; i < disks; i++)
                count += h->disks[i].used_max >= middle;
            *(count > DISKS_SHOWN ? &low : &high) = middle;
        }
        shown_from = high;
    }
    for (int i = 0; i < disks; i++)
        if (h->disks[i].used_max >= shown_from)
            fill_series(h,
                        h->disks_each > 1
                            ? result_format(result, "disk %d of broker %d", i % h->disks_each + 1,
                                            i / h->disks_each + 1)
                            : result_format(result, "disk broker %d", i + 1),
                        "disk", "bytes", h->disks[i].points, result);
}

/* ---- sentences ---- */

static const char *empty_when(const struct horizon_credit *c, struct result *r)
{
    double s = (double)c->empty_ns / 1e9;
    return s < 1 ? "from the start"
                 : result_format(r, "%s after the start, in minute %.0f", result_duration(r, s),
                                 floor(s / 60));
}

/* Brokers differ little: of each kind the first to run empty speaks for all. */
static void warn_credits(const struct horizon *h, struct result *r)
{
    for (int kind = HORIZON_NIC_IN; kind <= HORIZON_VOLUME_IOS; kind++) {
        const struct horizon_credit *first = NULL;
        int empty = 0;
        for (int i = 0; i < h->credit_count; i++) {
            const struct horizon_credit *c = &h->credits[i];
            if ((int)c->kind != kind || c->empty_ns < 0)
                continue;
            empty++;
            if (!first || c->empty_ns < first->empty_ns)
                first = c;
        }
        if (!first)
            continue;
        bool bytes = first->unit[0] == 'M';
        double scale = bytes ? 1e6 : 1;
        result_warn(
            r,
            result_format(r,
                          "%s: burst credits are empty %s (%.4g %s "
                          "asked, %.4g sustained); %d such in the cluster, this one is without "
                          "credits under load for %s in all",
                          first->name, empty_when(first, r), first->empty_use / scale, first->unit,
                          first->base / scale, empty,
                          result_duration(r, (double)first->without_ns / 1e9)),
            "plan with what is sustained: a larger machine or volume, or fewer bytes");
    }
}

/* A consumer that is behind at the end, and read no faster than records come by then on the average. */
static bool never_catches_up(const struct horizon *h, const struct horizon_group *g)
{
    for (int c = 0; c < g->consumers; c++) {
        const struct horizon_consumer *consumer = &g->consumer[c];
        double comes = 0;
        for (int i = 0; i < h->source_count; i++)
            comes += consumer->peak[i] * h->past.before[i] *
                     model_growth_factor(h->sources[i].producer, h->length_ns);
        if (consumer->lag >= 1 && consumer->behind_read <= comes * consumer->behind_s)
            return true;
    }
    return false;
}

static double busiest_member(const struct horizon *h, const struct horizon_group *g)
{
    double most = 0;
    for (int c = 0; c < g->consumers; c++) {
        double records = 0;
        for (int i = 0; i < h->source_count; i++)
            records += g->consumer[c].peak[i];
        most = fmax(most, records * h->load_max * g->work_ns / 1e9);
    }
    return most;
}

/* Most of the time that it was behind. */
static enum horizon_pace pace_of(const struct horizon_group *g)
{
    enum horizon_pace most = HORIZON_PACE_THREADS;
    for (int i = 0; i < HORIZON_PACES; i++)
        if (g->paced_s[i] > g->paced_s[most])
            most = (enum horizon_pace)i;
    return most;
}

static const char *pace_text(const struct horizon_group *g)
{
    static const char *const texts[] = {
        "its own threads set the pace", "its machines' interfaces set the pace",
        "the brokers' interfaces set the pace", "the brokers' disks set the pace",
        "the brokers' network threads, which wait for disks, set the pace"};
    _Static_assert(sizeof texts / sizeof *texts == HORIZON_PACES, "a text each");
    return texts[pace_of(g)];
}

static const char *remedy_of(const struct horizon *h, const struct horizon_group *g,
                             struct result *r)
{
    if (pace_of(g) != HORIZON_PACE_THREADS)
        return "its threads are not busy: look at what serves it (disks, interfaces, network "
               "threads) and at its machines";
    const char *hot = model_hot_partition_remedy(r, h->s, g->group, busiest_member(h, g));
    return hot ? hot : "more consumers (up to the partitions) or less work a record";
}

static const char *caught_up(const struct horizon *h, const struct horizon_group *g,
                             struct result *r)
{
    if (g->caught_up_ns >= 0)
        return result_format(r, "catches up in %s at best",
                             result_duration(r, (double)g->caught_up_ns / 1e9));
    if (never_catches_up(h, g))
        return "never catches up";
    return result_format(r, "does not catch up within the horizon of %s",
                         result_duration(r, (double)h->length_ns / 1e9));
}

static void warn_start(const struct horizon *h, const struct horizon_group *g, struct result *r)
{
    result_warn(r,
                result_format(r, "%s starts %.4g records behind and %s", g->group->name,
                              g->lag_start, caught_up(h, g, r)),
                g->caught_up_ns >= 0 ? pace_text(g) : remedy_of(h, g, r));
}

static void note_unread(const struct horizon *h, const struct horizon_group *g, struct result *r)
{
    if (!r->unread_note[0])
        r->unread_note = result_format(
            r, "%.3g records are deleted before %s reads them, within the horizon of %s", g->lost,
            g->group->name, result_duration(r, (double)h->length_ns / 1e9));
}

static void warn_group(const struct horizon *h, const struct horizon_group *g, struct result *r)
{
    const char *name = g->group->name;
    if (g->lost >= 1) {
        note_unread(h, g, r);
        result_warn(
            r,
            result_format(r,
                          "%s falls behind by more than the retention: %.4g records are deleted "
                          "unread; what its topics keep of its lag is at most %.4g records",
                          name, g->lost, g->lag_max),
            result_format(r, "%s; or longer retention", remedy_of(h, g, r)));
    } else if (g->lag_start > 0)
        warn_start(h, g, r);
    else if (g->age_max_s > 60) /* a step's rounding is not a lag */
        result_warn(
            r,
            result_format(r,
                          "%s falls behind by up to %.4g records, on day %.1f; the oldest that is "
                          "not read is up to %s old",
                          name, g->lag_max, (double)g->max_ns / NS_DAY,
                          result_duration(r, g->age_max_s)),
            remedy_of(h, g, r));
}

void horizon_fill_result(const struct horizon *h, struct result *result)
{
    result->horizon_days = (double)h->length_ns / NS_DAY;
    fill_disks(h, result);
    for (int g = 0; g < h->group_count; g++) {
        if (h->groups[g].lag_max >= 1)
            fill_series(h, h->groups[g].group->name, RESULT_HORIZON_LAG, "records",
                        h->groups[g].points, result);
        warn_group(h, &h->groups[g], result);
    }
    warn_credits(h, result);
    horizon_segments_warn(h, result);
    int partitions = 0;
    for (int t = 0; t < h->s->topic_count; t++)
        partitions += h->s->topics[t].partitions;
    if (h->log_count < partitions)
        result_warn(
            result,
            result_format(result,
                          "the horizon simulates %d logs for %d partitions: those of nearly the "
                          "same rate share one",
                          h->log_count, partitions),
            "");
}
