/*
 * model/answer/forecast.c - how long a run will take, before it starts: batches by closed form, times what a batch costs; see study.h. Growth
 * counts in the segments of the horizon alone: a run simulates today's peak, or with --at a moment that is known only when the horizon was followed.
 */
#include <math.h>
#include <stdio.h>

#include "model/answer/max_rate.h"
#include "model/answer/rank.h"
#include "model/answer/size_internal.h"
#include "model/answer/study.h"
#include "model/answer/study_internal.h"
#include "model/cluster/flow.h"
#include "model/cluster/horizon_log.h"
#include "model/cluster/machine_share.h"
#include "model/cluster/result_text.h"
#include "model/cluster/retained.h"
#include "model/scenario/profile.h"

/*
 * What one replica's append or one group's reading of a batch costs to simulate, on a core of the machine that this was written on: between
 * 0.6 and 1.2 us over the shipped scenarios; and each replica of each simulated second, whose fetches, timers and checkpoints go on without load.
 */
#define COPY_NS             900.0
#define REPLICA_NS          1200.0
/*
 * Its log is laid before each run begins, segment by segment, and followed step by step once a scenario, at most a thousand of them. One that
 * ends by age is laid in batches of a part of it. Measured with 36 to 18,000 replicas and 1 to 10,000 segments of each.
 */
#define START_NS            12000.0
#define STEP_NS             230.0
#define FOLLOWED_MOST       1000
#define SEGMENT_NS          1200.0
#define SEGMENT_BY_AGE_NS   2200.0
#define SEGMENT_FOLLOWED_NS 4000.0
/* The newest part of a lag is laid batch by batch, at most so many of all replicas (start_tail.c). */
#define TAIL_BATCH_NS       100.0
#define TAIL_BATCHES_MOST   2e6
/*
 * A client, of producers or groups: made at the start of each run with its connections, and a producer with each partition; its timers go on.
 * Measured with 100 to 40,000 clients, 48, 480 and 3,000 partitions and 20 and 60 s, as COPY_NS.
 */
#define CLIENT_START_NS     20000.0
#define CLIENT_PARTITION_NS 30.0
#define CLIENT_NS           360.0
/* Figures and the page: what a run takes beside simulating. */
#define REST_S              0.5

struct load {
    double batches_per_s, ns_per_s; /* of simulated time: what happens, and what it costs */
    double lag_ns_per_s, lag_ns;    /* while groups catch up, and until they have */
    double tail_per_s, tail;        /* batches that are laid for that: of a second, and at most */
    double start_s, horizon_s;      /* of each run; of each scenario */
    /* What the horizon follows: segments as the topics have them; how many if each were as large as can be. */
    double segments, largest;
    bool is_bound;      /* at rate: max, no more than that */
    bool is_overloaded; /* by the bounds: unstable, and no inputs are ranked then */
};

static double copies(const struct scenario *s, int topic)
{
    /* 1: the producer's own work */
    return 1 + s->topics[topic].replication + scenario_readers(s, topic);
}

static void add_clients(struct load *load, int clients, int partitions)
{
    load->start_s += clients * (CLIENT_START_NS + CLIENT_PARTITION_NS * partitions) / 1e9;
    load->ns_per_s += clients * CLIENT_NS;
}

/* A group that starts behind reads as fast as its machines' network lets it, until it has caught up. */
static void add_lag(const struct scenario *s, const struct scenario_group *g,
                    const struct model_flows *f, struct load *load)
{
    double batches = 0, records = 0, payload = 0, wire = 0, replicas = 1;
    double nic = (double)g->machines * g->machine.nic_baseline_bytes_per_s;
    for (int p = 0; p < s->producer_count; p++) {
        const struct model_producer_flow *flow = model_flows_producer(f, p);
        if (!scenario_reads(g, s->producers[p].topic))
            continue;
        batches += flow->batches_per_s;
        records += flow->records_per_s;
        payload += flow->payload_bytes_per_s;
        wire += flow->wire_bytes_per_s;
        replicas = fmax(replicas, s->topics[s->producers[p].topic].replication);
    }
    double behind_s = scenario_lag_s(g, records, payload);
    if (s->start.logs != SCENARIO_FULL || !(behind_s > 0) || wire <= 0)
        return;
    double more = nic > wire ? nic / wire - 1 : nic > 0 ? 0 : behind_s; /* unknown: at once */
    load->lag_ns_per_s += batches * more * COPY_NS;
    load->lag_ns += batches * behind_s * COPY_NS;
    load->tail_per_s += batches * (1 + more) * replicas;
    load->tail += batches * behind_s * replicas;
}

/* What comes to the topic on the average of so long from today, by hour and day and with its growth, as a multiple of today's peak. */
static double of_peak(const struct scenario *s, const struct model_flows *f, int topic,
                      double length_s)
{
    double peak = 0, mean = 0;
    for (int p = 0; p < s->producer_count; p++) {
        double rate =
            s->producers[p].topic == topic ? model_flows_producer(f, p)->wire_bytes_per_s : 0;
        peak += rate;
        mean += rate * model_shape_mean(&s->producers[p]) *
                model_growth_mean(&s->producers[p], 0, length_s);
    }
    return peak > 0 ? mean / peak : 1;
}

/* Segments of a topic's partitions, of each one log: what a run begins with, and what the horizon makes beside it. */
static void add_segments(const struct scenario *s, const struct model_flows *f, int topic,
                         struct load *load)
{
    const struct scenario_topic *t = &s->topics[topic];
    struct model_retention kept;
    double start = 0, all = 0, bytes = 0, length_s = (double)s->horizon.length_ns / 1e9;
    double now = of_peak(s, f, topic, 0), later = of_peak(s, f, topic, length_s);
    bool by_age = false;
    model_retention_init(&kept, s, topic);
    for (int p = 0; p < t->partitions; p++) {
        double peak = model_flows_partition(f, topic, p)->wire_bytes_per_s, rate = peak * now;
        if (!(rate > 0))
            continue;
        double roll_s = model_roll_s(kept.segment_bytes, kept.segment_s, rate),
               kept_s = model_retained_s(&kept, rate);
        bool is_kept = s->start.logs == SCENARIO_FULL && isfinite(kept_s);
        start += is_kept ? kept_s / roll_s : 0;
        all += (is_kept ? kept_s : 0) / roll_s +
               length_s / model_roll_s(kept.segment_bytes, kept.segment_s, peak * later);
        bytes += rate * (is_kept ? kept_s : 0) + peak * later * length_s;
        by_age |= roll_s * rate < 0.99 * kept.segment_bytes;
    }
    load->start_s += fmin(start * t->replication, START_SEGMENTS_MOST) *
                     (by_age ? SEGMENT_BY_AGE_NS : SEGMENT_NS) / 1e9;
    double followed = fmin(1, (double)FOLLOWED_MOST / t->partitions);
    load->segments += all * followed;
    load->largest += bytes * followed / HORIZON_SEGMENT_BYTES_MOST;
}

/* Larger ones are followed for too many (horizon_segments_choose), which is no longer so where all are as large as can be. */
static double segments_followed(const struct load *load)
{
    return fmax(fmin(load->segments, HORIZON_SEGMENTS_MOST), load->largest);
}

/* The largest use of what carries a load, of brokers and of producers' machines; beyond 1, so much more is offered than is carried. */
static double most_used(const struct scenario *s, const struct model_profile *profile,
                        const struct model_shares *shares)
{
    struct scenario share = model_machine_share(s); /* as size reckons: for one broker */
    struct size_plan *plan = size_plan_new(&share, profile, shares, s->cluster.brokers);
    struct size_state state;
    struct size_use now[SIZE_DIMS];
    struct result *clients = result_new();
    double most = 0;
    size_state_init(plan, &state);
    size_uses(plan, &state, now);
    size_producers_fill(plan, &state, clients);
    for (int d = 0; d < SIZE_DIMS; d++)
        if (d != SIZE_DISK_SPACE && d != SIZE_PARTITIONS && now[d].capacity > 0)
            most = fmax(most, now[d].demand / now[d].capacity);
    for (uint32_t i = 0; i < clients->bound_count; i++)
        most = fmax(most, clients->bounds[i].utilisation);
    result_free(clients);
    size_state_release(&state);
    size_plan_free(plan);
    return most;
}

static void load_of(const struct scenario *s, const struct model_profile *profile,
                    struct load *load)
{
    struct model_placement *m = model_placement_new(s, s->run.seed);
    struct model_shares *shares = model_shares_new(s);
    struct model_flows *f = model_flows_new(s, profile, m, shares, 1);
    double overload = max_rate_any(s) ? 0 : most_used(s, profile, shares);
    load->is_overloaded = overload > 1;
    for (int p = 0; p < s->producer_count; p++) {
        double batches = model_flows_producer(f, p)->batches_per_s / fmax(1, overload);
        load->batches_per_s += batches;
        load->ns_per_s += batches * copies(s, s->producers[p].topic) * COPY_NS;
        add_clients(load, s->producers[p].clients, s->topics[s->producers[p].topic].partitions);
    }
    for (int g = 0; g < s->group_count; g++) {
        add_clients(load, s->groups[g].clients, 0);
        add_lag(s, &s->groups[g], f, load);
    }
    for (int t = 0; t < s->topic_count; t++) {
        double partitions = s->topics[t].partitions,
               replicas = partitions * s->topics[t].replication;
        load->ns_per_s += replicas * REPLICA_NS;
        load->start_s += replicas * START_NS / 1e9;
        load->horizon_s += fmin(partitions, FOLLOWED_MOST) * STEP_NS / 1e9 *
                           (double)s->horizon.length_ns / (double)s->horizon.step_ns;
        add_segments(s, f, t, load);
    }
    load->horizon_s += segments_followed(load) * SEGMENT_FOLLOWED_NS / 1e9;
    model_flows_free(f);
    model_shares_free(shares);
    model_placement_free(m);
}

/* At `rate: max` as much as the first resource carries, which is seldom reached. */
static void load_at_most(const struct scenario *s, const struct model_profile *profile,
                         struct load *load)
{
    struct result *memory = result_new();
    struct scenario share = model_machine_share(s); /* as size reckons: for one broker */
    const struct result_bound *most = max_rate_fill(&share, profile, s->cluster.brokers, memory);
    double *rates = result_alloc(memory, (size_t)s->producer_count, sizeof *rates), clients = 0;
    for (int p = 0; p < s->producer_count; p++)
        clients += s->producers[p].rate_kind == SCENARIO_RATE_MAX ? s->producers[p].clients : 0;
    for (int p = 0; p < s->producer_count; p++)
        rates[p] = most ? most->capacity * s->producers[p].clients / clients : 0;
    load_of(max_rate_assume(s, rates, memory), profile, load);
    load->is_bound = true;
    result_free(memory);
}

/* False when the broker count or the profile is not to be had: the run itself will say why. */
static bool variant_load(const struct study_options *options, const struct scenario *s, int variant,
                         struct load *load)
{
    struct scenario settled = *s;
    struct model_profile profile;
    struct broker_err err;
    if (scenario_profile_load(options->datadir, s->cluster.profile, &profile, &err) != 0)
        return false;
    if (s->cluster.brokers_auto)
        settled.cluster.brokers = study_counts(options, s, variant, &profile).all;
    if (settled.cluster.brokers <= 0)
        return false;
    if (max_rate_any(s))
        load_at_most(&settled, &profile, load);
    else
        load_of(&settled, &profile, load);
    return true;
}

/* Of so much simulated time. */
static double run_s(const struct load *load, double simulated_s)
{
    double tail = fmin(fmin(load->tail_per_s * simulated_s, load->tail), TAIL_BATCHES_MOST);
    return load->start_s + tail * TAIL_BATCH_NS / 1e9 +
           (load->ns_per_s * simulated_s + fmin(load->lag_ns_per_s * simulated_s, load->lag_ns)) /
               1e9;
}

/* The pilot, which is one thread's, and the replications, which are shared; half of the longest warm-up is what is found as a rule. */
static void add_variant(const struct study_options *options, const struct scenario *s,
                        const struct load *load, double *batches, double *seconds)
{
    double warmup_s = (double)s->run.warmup_ns / 1e9;
    double measure_s = (double)study_measure_ns(options, s) / 1e9;
    double found_s = s->run.warmup_auto ? warmup_s / 2 : warmup_s;
    double pilot_s = s->run.warmup_auto ? 2 * warmup_s : 0;
    uint32_t count = study_replications_most(options, s), threads = study_threads(options);
    double rounds = ceil((double)count / threads);
    *batches += load->batches_per_s * (pilot_s + count * (measure_s + found_s));
    *seconds += rounds * run_s(load, measure_s + found_s) +
                (pilot_s > 0 ? run_s(load, pilot_s) : 0) + load->horizon_s;
}

static void add_ranking(const struct study_options *options, const struct scenario *s,
                        const struct load *load, int runs, double *batches, double *seconds)
{
    double each_s = (double)rank_measure_ns(study_measure_ns(options, s)) / 1e9 +
                    (double)s->run.warmup_ns / 1e9 / (s->run.warmup_auto ? 2 : 1);
    *batches += load->batches_per_s * runs * each_s;
    *seconds += runs * run_s(load, each_s);
}

/* "3", or "3 to 100" where a precision decides. */
static const char *replications_text(const struct study_options *options, const struct scenario *s,
                                     char text[40])
{
    uint32_t least = study_replications(options, s), most = study_replications_most(options, s);
    if (most > least)
        snprintf(text, 40, "%u to %u", least, most);
    else
        snprintf(text, 40, "%u", least);
    return text;
}

bool study_forecast(const struct scenario_doc *doc, const struct study_options *options, char *text,
                    size_t size)
{
    const struct scenario *s = scenario_base(doc);
    int variants = scenario_variant_count(doc), runs = rank_runs(doc, -1);
    double batches = 0, seconds = REST_S;
    bool is_bound = study_replications_most(options, s) > study_replications(options, s);
    bool any = false;
    char replications[40];
    for (int v = -1; v < variants; v++) {
        const struct scenario *one = v < 0 ? s : scenario_variant_at(doc, v);
        struct load load = {0};
        if (!variant_load(options, one, v, &load))
            continue;
        any = true;
        is_bound = is_bound || load.is_bound;
        add_variant(options, one, &load, &batches, &seconds);
        if (v < 0 && !load.is_overloaded)
            add_ranking(options, one, &load, runs, &batches, &seconds);
    }
    char count[40], time[32];
    *text = '\0';
    if (!any)
        return false;
    if (batches < 1e4)
        snprintf(count, sizeof count, "%.0f", batches);
    else
        snprintf(count, sizeof count, batches < 99.5e6 ? "%.2g million" : "%.0f million",
                 batches / 1e6);
    result_duration_text(time, seconds < 1 ? 1 : seconds);
    snprintf(text, size,
             "%d scenario%s x %s replications of %.3g s, and %d short runs that rank inputs: %s "
             "%s batches, %s %s",
             variants + 1, variants == 0 ? "" : "s", replications_text(options, s, replications),
             (double)study_measure_ns(options, s) / 1e9, runs, is_bound ? "at most" : "about",
             count, is_bound ? "at most some" : "some", time);
    return true;
}
