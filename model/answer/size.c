/* See size.h: one row of the answer per resource, the sentence that explains it, and the verdict. */
#include "model/answer/size.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/answer/size_formula.h"
#include "model/answer/size_internal.h"

struct answer {
    const struct scenario *s;
    const struct model_profile *profile;
    struct result *r;
    struct size_plan *plan;
    struct size_state state;
    struct size_use now[SIZE_DIMS], lost[SIZE_DIMS];
    bool survive;
    int *live; /* by topic, with the survive loss */
    struct model_shares *shares;
    int32_t needed[SIZE_DIMS];
    int worst;        /* the dimension nearest to its limit */
    double worst_use; /* of its limit */
    bool worst_lost;  /* in the survive state */
};

static const char *unit_of(enum size_dim dim)
{
    static const char *const units[SIZE_DIMS] = {"vCPU",    "bytes/s", "bytes/s",
                                                 "bytes/s", "bytes",   "threads",
                                                 "threads", "threads", "replicas"};
    return units[dim];
}

static double mb(double bytes)
{
    return bytes / 1e6;
}

/* ---- sentences ---- */

static const char *lost_name(const struct answer *a)
{
    return a->s->cluster.survive == SCENARIO_SURVIVE_RACK ? "one rack lost" : "one broker lost";
}

static const char *tail(const struct answer *a, enum size_dim dim)
{
    if (!a->survive || a->lost[dim].broker < 0)
        return "";
    double scale = dim == SIZE_DISK_SPACE ? 1e9 : 1e6;
    if (dim == SIZE_CPU || dim >= SIZE_NETWORK_THREADS)
        scale = 1;
    return result_format(a->r, "; %s: %.4g on broker %d", lost_name(a), a->lost[dim].demand / scale,
                         a->lost[dim].broker + 1);
}

static const char *explain_cpu(const struct answer *a)
{
    const struct size_use *u = &a->now[SIZE_CPU];
    struct size_cpu cpu;
    size_cpu(a->plan, &a->state.load[u->broker], &cpu);
    const struct size_load *l = &a->state.load[u->broker];
    double speed = size_speed(&a->s->cluster.machine, a->profile);
    return result_format(
        a->r,
        "broker %d: %.4g requests/s, %.4g batches/s, %.4g records/s, %.4g MB/s in, %.4g MB/s out: "
        "network "
        "threads %.3g + io threads %.3g + replica fetchers %.3g + waking %.3g + idle %.3g + "
        "collector %.3g = %.3g of %d vCPUs (core speed %.2f of the profile's; all busy with "
        "probability %.2g)%s",
        u->broker + 1, l->in_requests + l->fetches + l->replica_fetches_in, l->in_batches,
        l->in_records, mb(l->in_bytes + l->follow_bytes),
        mb(l->group_out_bytes + l->replica_out_bytes), cpu.network_ns / speed / 1e9,
        cpu.io_ns / speed / 1e9, cpu.fetcher_ns / speed / 1e9, cpu.wake_ns / speed / 1e9,
        cpu.idle_ns / speed / 1e9, cpu.collector_ratio * a->s->cluster.machine.vcpus, u->demand,
        a->s->cluster.machine.vcpus, speed, size_wait_probability(u->capacity, u->demand),
        tail(a, SIZE_CPU));
}

static const char *explain_in(const struct answer *a)
{
    const struct size_use *u = &a->now[SIZE_NETWORK_IN];
    const struct size_load *l = &a->state.load[u->broker];
    return result_format(a->r,
                         "broker %d: %.4g MB/s produced to it + %.4g MB/s replicated to it, with "
                         "requests and frames %.4g MB/s of %.4g MB/s x %.0f %%%s",
                         u->broker + 1, mb(l->in_bytes), mb(l->follow_bytes), mb(u->demand),
                         mb(u->capacity), 100 * a->s->limits.network, tail(a, SIZE_NETWORK_IN));
}

static const char *explain_out(const struct answer *a)
{
    const struct size_use *u = &a->now[SIZE_NETWORK_OUT];
    const struct size_load *l = &a->state.load[u->broker];
    return result_format(
        a->r,
        "broker %d: leads %.4g MB/s; %.4g MB/s to followers + %.4g MB/s to groups, "
        "with requests and frames %.4g MB/s of %.4g MB/s x %.0f %%%s",
        u->broker + 1, mb(l->in_bytes), mb(l->replica_out_bytes), mb(l->group_out_bytes),
        mb(u->demand), mb(u->capacity), 100 * a->s->limits.network, tail(a, SIZE_NETWORK_OUT));
}

static const char *explain_bandwidth(const struct answer *a)
{
    const struct size_use *u = &a->now[SIZE_DISK_BANDWIDTH];
    const struct size_disk_load *d = &a->state.disk[u->broker * a->plan->disks + u->disk];
    const char *bind;
    double read = size_disk_read_rate(a->s, &bind);
    return result_format(a->r,
                         "broker %d disk %d: writes %.4g MB/s + reads of lagging groups %.4g MB/s "
                         "(at %.4g MB/s when "
                         "cold) + %.4g syncs/s, as writes %.4g MB/s of %.4g MB/s (%s) x %.0f %%%s",
                         u->broker + 1, u->disk + 1, mb(d->write_bytes), mb(d->cold_bytes),
                         mb(read), d->syncs, mb(u->demand), mb(u->capacity), u->bind,
                         100 * a->s->limits.disk_bandwidth, tail(a, SIZE_DISK_BANDWIDTH));
}

/* The topic that fills the disk most, with its own sum. */
static int fullest_topic(const struct answer *a)
{
    double best = -1;
    int at = 0;
    for (int t = 0; t < a->s->topic_count; t++) {
        double sum = 0;
        for (int p = 0; p < a->s->topics[t].partitions; p++)
            sum += a->plan->space[t][p] * a->s->topics[t].replication;
        if (sum > best) {
            best = sum;
            at = t;
        }
    }
    return at;
}

static const char *explain_space(const struct answer *a)
{
    const struct size_use *u = &a->now[SIZE_DISK_SPACE];
    int t = fullest_topic(a);
    const struct scenario_topic *topic = &a->s->topics[t];
    double sum = 0;
    for (int p = 0; p < topic->partitions; p++)
        sum += a->plan->space[t][p];
    const char *kept =
        topic->config.retention_ms < 0
            ? "no time limit"
            : result_format(a->r, "%.4g h", (double)topic->config.retention_ms / 3.6e6);
    return result_format(
        a->r,
        "broker %d disk %d after %.4g d: %.4g GB of %.4g GB x %.0f %%; mostly %s: retention %s + a "
        "segment of %.4g MB + %.4g s until unlinked = %.4g GB x %d replicas, over %d brokers",
        u->broker + 1, u->disk + 1, (double)a->s->horizon.length_ns / 86400e9, u->demand / 1e9,
        u->capacity / 1e9, 100 * a->s->limits.disk_space, topic->name, kept,
        mb((double)topic->config.segment_bytes),
        (double)(a->s->cluster.config.log_retention_check_interval_ms +
                 topic->config.file_delete_delay_ms) /
            1e3,
        sum / 1e9, topic->replication, a->plan->brokers);
}

static const char *explain_threads(const struct answer *a, enum size_dim dim)
{
    const struct size_use *u = &a->now[dim];
    const char *what = dim == SIZE_NETWORK_THREADS ? "receive, send and cold reads"
                       : dim == SIZE_IO_THREADS    ? "append, fetch and syncs"
                                                   : "fetch, append as follower and syncs";
    return result_format(a->r, "broker %d: %s keep %.3g of %.0f threads busy, idle %.2f%s",
                         u->broker + 1, what, u->demand, u->capacity, 1 - u->demand / u->capacity,
                         tail(a, dim));
}

static const char *explain_partitions(const struct answer *a)
{
    const struct size_use *u = &a->now[SIZE_PARTITIONS];
    const struct size_load *l = &a->state.load[u->broker];
    return result_format(
        a->r,
        "broker %d holds %.0f replicas (leads %d) in about %.0f segments; %.0f are "
        "recommended for %d vCPUs",
        u->broker + 1, u->demand, l->leads, l->segments, u->capacity, a->s->cluster.machine.vcpus);
}

static const char *explain(const struct answer *a, enum size_dim dim)
{
    switch (dim) {
    case SIZE_CPU:
        return explain_cpu(a);
    case SIZE_NETWORK_IN:
        return explain_in(a);
    case SIZE_NETWORK_OUT:
        return explain_out(a);
    case SIZE_DISK_BANDWIDTH:
        return explain_bandwidth(a);
    case SIZE_DISK_SPACE:
        return explain_space(a);
    case SIZE_PARTITIONS:
        return explain_partitions(a);
    case SIZE_NETWORK_THREADS:
    case SIZE_IO_THREADS:
    case SIZE_REPLICA_FETCHERS:
    case SIZE_DIMS:
        break;
    }
    return explain_threads(a, dim);
}

/* ---- rows ---- */

static void fill_bound(struct answer *a, enum size_dim dim)
{
    const struct size_use *u = &a->now[dim];
    double limit = size_limit(a->s, dim);
    if (u->broker < 0 || (dim == SIZE_REPLICA_FETCHERS && u->demand == 0))
        return; /* nothing is replicated */
    struct result_bound *b = RESULT_ADD(a->r, bounds, bound_count);
    b->resource = size_dim_name(dim);
    b->formula = explain(a, dim);
    b->demand = u->demand;
    b->capacity = u->capacity > 0 ? u->capacity * limit : NAN;
    b->unit = unit_of(dim);
    b->utilisation = size_ratio(u);
    b->utilisation_survive =
        a->survive && a->lost[dim].broker >= 0 ? size_ratio(&a->lost[dim]) : NAN;
    b->brokers_needed = a->needed[dim];
    b->binding = (int)dim == a->worst;
}

static double broker_writes(const struct answer *a, int broker)
{
    double sum = 0;
    for (int d = 0; d < a->plan->disks; d++)
        sum += a->state.disk[broker * a->plan->disks + d].write_bytes;
    return sum;
}

static void fill_page_cache(struct answer *a)
{
    double cache = size_page_cache_bytes(a->s), most = 0, cold = 0;
    int at = 0;
    for (int b = 0; b < a->plan->brokers; b++) {
        double fill = broker_writes(a, b) + a->state.load[b].cold_bytes;
        if (fill > most) {
            most = fill;
            cold = a->state.load[b].cold_bytes;
            at = b;
        }
    }
    if (most <= 0)
        return;
    struct result_bound *b = RESULT_ADD(a->r, bounds, bound_count);
    double held = size_cache_s(cache, most);
    b->resource = "page cache";
    b->formula = result_format(a->r,
                               "broker %d: (%.4g GB of memory - %.4g heap - %.4g reserved) = %.4g "
                               "GB, filled at %.4g MB/s by "
                               "writes + %.4g by cold reads: holds the last %.4g s",
                               at + 1, (double)a->s->cluster.machine.ram_bytes / 1e9,
                               (double)a->s->cluster.heap_bytes / 1e9,
                               (double)a->s->cluster.reserved_bytes / 1e9, cache / 1e9,
                               mb(most - cold), mb(cold), held);
    b->demand = 0;
    b->capacity = held;
    b->unit = "s";
    b->utilisation = NAN;
    b->utilisation_survive = NAN;
}

static void find_binding(struct answer *a)
{
    a->worst = -1;
    a->worst_use = 0;
    for (int d = 0; d < SIZE_DIMS; d++) {
        double limit = size_limit(a->s, (enum size_dim)d);
        double now = a->now[d].broker < 0 ? NAN : size_ratio(&a->now[d]) / limit;
        double lost = a->survive && a->lost[d].broker >= 0 ? size_ratio(&a->lost[d]) / limit : NAN;
        double use = fmax(now, lost);
        if (use > a->worst_use) {
            a->worst = d;
            a->worst_use = use;
            a->worst_lost = lost > now || isnan(now);
        }
    }
}

static const char *place(const struct answer *a)
{
    const struct size_use *u = a->worst_lost ? &a->lost[a->worst] : &a->now[a->worst];
    const char *name = size_dim_name((enum size_dim)a->worst);
    if (a->worst == SIZE_DISK_BANDWIDTH || a->worst == SIZE_DISK_SPACE)
        return result_format(a->r, "%s of broker %d disk %d%s%s%s", name, u->broker + 1,
                             u->disk + 1, *u->bind ? " (" : "", u->bind, *u->bind ? ")" : "");
    return result_format(a->r, "%s of broker %d", name, u->broker + 1);
}

/* ---- what else must be said ---- */

static void warn(struct answer *a, const char *text, const char *remedy)
{
    struct result_warning *w = RESULT_ADD(a->r, warnings, warning_count);
    w->text = text;
    w->remedy = remedy;
}

static void warn_unknown(struct answer *a)
{
    for (int d = 0; d < SIZE_DIMS; d++)
        if (a->now[d].broker >= 0 && !(a->now[d].capacity > 0))
            warn(a,
                 result_format(a->r, "%s: the limit of %s is not known, so it is not judged",
                               size_dim_name((enum size_dim)d), a->s->cluster.machine.name),
                 "give the machine's own figure in the scenario");
}

/* rate: max has no rate: what can be said is what the cluster sustains. */
static void warn_max_rate(struct answer *a)
{
    const struct scenario *s = a->s;
    const char *bind;
    for (int i = 0; i < s->producer_count; i++) {
        const struct scenario_producer *p = &s->producers[i];
        int groups = 0;
        if (!model_flows_producer(a->plan->flows, i)->unstated)
            continue;
        for (int g = 0; g < s->group_count; g++)
            for (int t = 0; t < s->groups[g].topic_count; t++)
                groups += s->groups[g].topics[t] == p->topic;
        double most = size_sustained_bytes_per_s(
            a->plan->brokers, s->topics[p->topic].replication, groups,
            size_disk_write_rate(s, &bind) * a->plan->disks,
            s->cluster.disks.is_volume ? s->cluster.machine.block_baseline_bytes_per_s : 0,
            s->cluster.machine.nic_baseline_bytes_per_s);
        warn(a,
             result_format(a->r,
                           "%s runs at rate: max, which no bound counts; disks and network of %d "
                           "brokers sustain at most %.4g MB/s on the wire",
                           p->name, a->plan->brokers, mb(most)),
             "run finds the rate that is reached");
    }
}

static void warn_batches(struct answer *a)
{
    for (int i = 0; i < a->s->producer_count; i++) {
        const struct scenario_producer *p = &a->s->producers[i];
        const struct model_producer_flow *f = model_flows_producer(a->plan->flows, i);
        /* A full batch holds at least ten such records, and the expected one holds fewer than two. */
        if (f->records_per_s > 0 && f->records_per_batch < 2 &&
            (double)p->config.batch_size > 10 * p->size.mean_bytes)
            warn(a,
                 result_format(a->r, "batches of %s are nearly empty: %.2g records, %.4g bytes",
                               p->name, f->records_per_batch, f->raw_batch_bytes),
                 result_format(a->r, "raise linger.ms (now %.4g), or cut the %d partitions of %s",
                               (double)p->config.linger_us / 1e3, a->s->topics[p->topic].partitions,
                               a->s->topics[p->topic].name));
    }
}

/* When growth alone brings the binding resource to its limit. */
static void warn_growth(struct answer *a)
{
    double soonest = INFINITY;
    if (a->worst < 0 || a->worst_use > 1 || a->worst == SIZE_DISK_SPACE)
        return;
    for (int i = 0; i < a->s->producer_count; i++) {
        const struct scenario_producer *p = &a->s->producers[i];
        if (p->growth_ratio > 0 && p->growth_period_ns > 0)
            soonest = fmin(soonest, log(1 / a->worst_use) / log1p(p->growth_ratio) *
                                        (double)p->growth_period_ns / 86400e9);
    }
    if (soonest < 3 * 365.25)
        warn(a,
             result_format(a->r, "at the fastest stated growth %s reaches its limit on day %.0f",
                           place(a), floor(soonest)),
             "");
}

/*
 * Google's published rule as a second opinion: 20 MB/s of write-equivalents a vCPU at half use. An uncalibrated profile that asks for
 * less than half of that deserves to be doubted.
 */
static void warn_rule_of_thumb(struct answer *a)
{
    double stored = 0, read = 0;
    for (int b = 0; b < a->plan->brokers; b++) {
        const struct size_load *l = &a->state.load[b];
        stored += l->in_bytes + l->follow_bytes;
        read += l->group_out_bytes + l->replica_out_bytes;
    }
    int64_t rule = size_vcpus_by_rule(stored + read / 4, 0.5);
    int64_t have = (int64_t)a->plan->brokers * a->s->cluster.machine.vcpus;
    if (a->profile->calibrated || rule <= have || a->needed[SIZE_CPU] == 0 ||
        (double)rule <= 2.0 * a->needed[SIZE_CPU] * a->s->cluster.machine.vcpus)
        return;
    warn(a,
         result_format(a->r,
                       "a published rule (20 MB/s of writes a vCPU, reads a quarter, half used) "
                       "asks for %" PRId64 " vCPUs; this cluster has %" PRId64
                       " and the uncalibrated profile is content",
                       rule, have),
         "calibrate the profile on a machine of this type");
}

static void warn_lag(struct answer *a)
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

/* ---- verdict ---- */

/* acks=all needs min.insync.replicas alive. Returns the topic that has too few, -1 if none. */
static int too_few_in_sync(const struct answer *a)
{
    for (int i = 0; a->survive && i < a->s->producer_count; i++) {
        const struct scenario_producer *p = &a->s->producers[i];
        const struct scenario_topic *t = &a->s->topics[p->topic];
        if (p->config.acks == -1 && a->live[p->topic] < t->config.min_insync_replicas)
            return p->topic;
    }
    return -1;
}

static const char *reason(const struct answer *a, bool clients_fit)
{
    int few = too_few_in_sync(a);
    if (few >= 0)
        return result_format(
            a->r, "with %s %s keeps %d of %d replicas, below min.insync.replicas %d", lost_name(a),
            a->s->topics[few].name, a->live[few], a->s->topics[few].replication,
            a->s->topics[few].config.min_insync_replicas);
    if (a->worst >= 0 && a->worst_use > 1)
        return result_format(a->r, "%s is at %.0f %% of its limit%s%s", a->r->binding,
                             ceil(100 * a->worst_use), a->worst_lost ? " with " : "",
                             a->worst_lost ? lost_name(a) : "");
    return clients_fit ? NULL : "a client machine or thread is over its limit";
}

static void verdict(struct answer *a, bool clients_fit)
{
    struct result *r = a->r;
    r->binding = a->worst >= 0 ? place(a) : "";
    const char *why = reason(a, clients_fit);
    r->verdict = why ? RESULT_DOES_NOT_FIT : RESULT_FITS;
    r->verdict_text = why ? result_format(r, "DOES NOT FIT: %s", why)
                          : result_format(r, "FITS%s%s", a->survive ? ", also with " : "",
                                          a->survive ? lost_name(a) : "");
}

static void solve(struct answer *a)
{
    int brokers = a->s->cluster.brokers;
    int32_t needed = size_search(a->s, a->profile, a->needed);
    a->r->brokers_needed = needed;
    if (a->s->cluster.brokers_auto || brokers < 1) {
        brokers = needed;
        for (int d = 0; d < SIZE_DIMS && needed == 0; d++)
            brokers = a->needed[d] > brokers ? a->needed[d] : brokers;
    }
    a->r->brokers = brokers;
    a->shares = model_shares_new(a->s);
    a->plan = size_plan_new(a->s, a->profile, a->shares, brokers);
    a->live = result_alloc(a->r, (size_t)model_placement_topic_count(a->plan->placement),
                           sizeof *a->live);
    size_state_init(a->plan, -1, -1, &a->state);
    size_uses(a->plan, &a->state, a->now);
    a->survive = size_uses_survive(a->plan, a->lost, a->live);
}

static void warn_no_count(struct answer *a)
{
    for (int d = 0; d < SIZE_DIMS; d++)
        if (a->needed[d] == 0)
            warn(a,
                 result_format(a->r,
                               "%s: no number of brokers is enough, one partition alone asks for "
                               "more than a broker's limit",
                               size_dim_name((enum size_dim)d)),
                 "use a larger machine, more partitions or keys that spread");
}

void size_fill(const struct scenario *s, const struct model_profile *profile, struct result *result)
{
    struct answer a = {.s = s, .profile = profile, .r = result};
    solve(&a);
    find_binding(&a);
    for (int d = 0; d < SIZE_DIMS; d++)
        fill_bound(&a, (enum size_dim)d);
    fill_page_cache(&a);
    bool clients_fit = size_clients_fill(a.plan, result);
    verdict(&a, clients_fit);
    warn_no_count(&a);
    warn_unknown(&a);
    warn_max_rate(&a);
    warn_batches(&a);
    warn_growth(&a);
    warn_rule_of_thumb(&a);
    warn_lag(&a);
    size_state_release(&a.state);
    size_plan_free(a.plan);
    model_shares_free(a.shares);
}
