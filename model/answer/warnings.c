/* model/answer/warnings.c - what a planner should know beside the figures: each with its remedy. */
#include "model/answer/fill.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "model/answer/advice.h"
#include "model/answer/trust.h"
#include "model/cluster/hot_partition.h"

/* Fewer records than this in a batch: its header and the request cost more than what they carry (messaging practice: see clients.md). */
#define RECORDS_PER_BATCH_LOW 5
/* Replications whose p99 differ by more are not repeats of one thing. */
#define REPEAT_FACTOR         5

static void warn(struct fill *fill, const char *text, const char *remedy)
{
    result_warn(fill->result, text, remedy);
}

static const struct result_flow *produce_flow(const struct fill *fill, int p)
{
    return &fill->result->flows[p];
}

static void warn_batches(struct fill *fill, int p)
{
    const struct result_estimate *records = &produce_flow(fill, p)->records_per_batch;
    if (records->known && fill->scenario->producers[p].rate_kind != SCENARIO_RATE_MAX)
        advice_batches(fill->result, fill->scenario, p, records->value, RECORDS_PER_BATCH_LOW);
}

/*
 * Measured with librdkafka 2.0.2 and Kafka 4.2 on loopback: round trip 1.4 ms where it is 0.25 without TLS (745 requests/s), 13.8 instead of
 * 0.15 at 2,000 requests/s of one record; 0.27 and 0.1 with socket.nagle.disable, at three times the broker's CPU for records of 1 kB.
 */
static void warn_small_writes(struct fill *fill, int p)
{
    const struct scenario_producer *entry = &fill->scenario->producers[p];
    if (entry->client == SCENARIO_CLIENT_JAVA || entry->config.compression_type != 0 ||
        fill->scenario->cluster.tls == SCENARIO_TLS_OFF)
        return;
    warn(fill,
         result_format(fill->result,
                       "%s: librdkafka encrypts each record by itself, and its small writes wait "
                       "for delayed acknowledgements: 1 to 14 ms a request more were measured, "
                       "which is not simulated",
                       entry->name),
         "compress, or set socket.nagle.disable, which costs the brokers CPU");
}

/* What became of the records that a producer's replications did not get acknowledged, in all; the worst of them where it is a level. */
struct left_over {
    uint64_t lost, full, timeouts;
    double before;           /* in the clients' buffers at the beginning */
    double buffered, late_s; /* there at the end; before them */
    double runs;
};

static struct left_over left_over(const struct fill *fill, int p)
{
    struct left_over left = {.runs = fill->replications->count};
    for (uint32_t r = 0; r < fill->replications->count; r++) {
        const struct outcome *outcome = fill->replications->outcomes[r];
        const struct outcome_producer *one = &outcome->producers[p];
        left.lost +=
            one->counts.records_failed + one->counts.records_expired + one->counts.records_refused;
        left.full += one->counts.queue_full_waits;
        left.timeouts += one->counts.request_timeouts;
        left.late_s = fmax(left.late_s, one->backlog_end_s);
        if (outcome->tick_count == 0)
            continue;
        left.before = fmax(left.before, one->buffered_records[0]);
        left.buffered = fmax(left.buffered, one->buffered_records[outcome->tick_count - 1]);
    }
    return left;
}

/* Where the rest is, and only what is so: zeros would say nothing. more: was carried than came meanwhile. */
static const char *left_text(struct fill *fill, const struct left_over *left, bool more)
{
    struct result *result = fill->result;
    const char *text =
        more ? result_format(result,
                             ", as up to %.4g records that had come before waited at the "
                             "beginning; up to %.4g wait in the clients' buffers at the end",
                             left->before, left->buffered)
             : result_format(
                   result,
                   "; of the rest up to %.4g records wait in the clients' buffers at the end",
                   left->buffered);
    if (left->late_s >= 0.05 || left->full > 0)
        text = result_format(result,
                             "%s, and the application is up to %.1f s late (buffer.memory was full "
                             "%s times a run)",
                             text, left->late_s,
                             result_count(result, (uint64_t)ceil((double)left->full / left->runs)));
    if (left->lost > 0)
        text = result_format(result,
                             "%s; %.4g were given up by the producer, of which the log may hold "
                             "some",
                             text, (double)left->lost / left->runs);
    if (left->timeouts > 0)
        text = result_format(result, "%s; %.4g requests timed out", text,
                             (double)left->timeouts / left->runs);
    return text;
}

static void warn_followers(struct fill *fill, int p)
{
    const struct scenario_producer *entry = &fill->scenario->producers[p];
    double lag_s = 0;
    for (uint32_t r = 0; r < fill->replications->count; r++)
        lag_s = fmax(lag_s, fill->replications->outcomes[r]->producers[p].follower_lag_end_s);
    warn(fill,
         result_format(fill->result,
                       "followers of %s fall behind what %s sends: up to %.1f s at the end, and "
                       "nobody waits for them; after replica.lag.time.max.ms they are out of sync",
                       fill->scenario->topics[entry->topic].name, entry->name, lag_s),
         "a lower rate, more num.replica.fetchers or faster disks; acks: all would slow the "
         "producers down");
}

/* By what makes it wait: small requests, a group that reads all that disks and threads give it, or the load itself. */
static const char *remedy_of_growth(struct fill *fill, int p)
{
    struct result *r = fill->result;
    const struct scenario_producer *entry = &fill->scenario->producers[p];
    const char *sockets = advice_sockets_remedy(r, entry);
    if (fill_gives_up(fill, (uint32_t)p))
        return result_format(r,
                             "raise %s (now %" PRId64 "); where as many are lost even so, more is "
                             "offered than is carried: find the ceiling with rate: max",
                             fill_waits_at_most(fill, (uint32_t)p),
                             entry->config.delivery_timeout_ms);
    if (sockets && fill_waves(fill, p))
        return result_format(r, "%s; waves are shorter if you %s", fill_waves_remedy(fill, p),
                             sockets);
    if (sockets)
        return sockets;
    for (int g = 0; g < fill->scenario->group_count; g++)
        if (fill_catches_up(fill, g))
            return result_format(
                r,
                "less lag of %s, memory that holds it or faster disks; without groups.%s.lag the "
                "run shows the time after it has caught up",
                fill->scenario->groups[g].name, fill->scenario->groups[g].name);
    return "its latencies are those of a growing queue and are not given; find the ceiling with "
           "rate: max";
}

static void warn_unstable(struct fill *fill, int p)
{
    const struct scenario_producer *entry = &fill->scenario->producers[p];
    struct left_over left = left_over(fill, p);
    if (fill->producer_unstable[p]) {
        const struct result_flow *flow = produce_flow(fill, p);
        warn(fill,
             result_format(
                 fill->result, "%s: %.4g records/s offered, %.4g carried%s", entry->name,
                 flow->offered_records_per_s, flow->records_per_s.value,
                 left_text(fill, &left, flow->records_per_s.value > flow->offered_records_per_s)),
             remedy_of_growth(fill, p));
    } else if (left.lost > 0) {
        warn(fill,
             result_format(
                 fill->result, "%s lost %s records in %u replications (failed, expired or refused)",
                 entry->name, result_count(fill->result, left.lost), fill->replications->count),
             "look at delivery.timeout.ms, buffer.memory and min.insync.replicas");
    }
}

/* Clients go round in a trace that is shorter than the run. "" when it cannot be read any more. */
static const char *trace_cause(struct result *r, const struct scenario_producer *entry)
{
    char error[128];
    struct model_trace *trace = model_trace_read(entry->arrivals.trace_path, error);
    double lasts_s = trace ? (double)model_trace_length_ns(trace) / 1e9 : 0;
    const char *lasts = result_duration(r, lasts_s), *run = result_duration(r, r->run.measured_s);
    model_trace_free(trace);
    if (lasts_s <= 0)
        return "";
    return lasts_s > r->run.measured_s
               ? result_format(
                     r, ": what a run of %s sees of the trace, which lasts %s, has another rate",
                     run, lasts)
               : result_format(
                     r, ": a run of %s is no whole number of rounds of the trace, which lasts %s",
                     run, lasts);
}

static void warn_offered(struct fill *fill, int p)
{
    const struct scenario_producer *entry = &fill->scenario->producers[p];
    struct result *r = fill->result;
    const char *cause = "";
    if (!fill_offered_differs(fill, p))
        return;
    if (entry->arrivals.kind == SCENARIO_ARRIVALS_MMPP)
        cause = result_format(r, ": its states last %s and %s on the average, a run %s",
                              result_duration(r, (double)entry->arrivals.mmpp_busy_ns / 1e9),
                              result_duration(r, (double)entry->arrivals.mmpp_quiet_ns / 1e9),
                              result_duration(r, r->run.measured_s));
    if (entry->arrivals.kind == SCENARIO_ARRIVALS_TRACE)
        cause = trace_cause(r, entry);
    warn(fill,
         result_format(r, "%s: %.4g records/s came in the simulation, %.4g are stated%s",
                       entry->name, fill_offered_per_s(fill, p), entry->records_per_s_peak, cause),
         result_format(r, "%s, or state the busy rate by itself", fill_measure_remedy(fill, 0)));
}

/* Between two fetches a saturated consumer still waits a little: busier than this, its own work binds. */
#define THREAD_BINDS     0.8
#define CONNECTION_BINDS 0.9 /* of a bound that takes full batches and no waiting behind others */

/* More threads on the machines than they have cores, and not because most wait for something else. */
static bool shares_cores(struct result *r, const struct scenario_group *group)
{
    const struct scenario_machine *m = &group->machine;
    const struct result_bound *cores =
        result_bound_of(r, result_format(r, "client cpu of %s", group->name));
    return m->vcpus > 0 && group->machines > 0 && cores && cores->utilisation > THREAD_BINDS &&
           group->clients * m->threads_per_core > group->machines * m->vcpus;
}

static bool is_full(const struct result_bound *bound)
{
    return bound && bound->utilisation > CONNECTION_BINDS;
}

/* Threads, machines and brokers all wait for the way there and back. NULL: they do not. */
static const char *remedy_of_connections(struct result *r, const struct scenario *s,
                                         const struct scenario_group *group)
{
    bool java = group->client == SCENARIO_CLIENT_JAVA;
    bool shared = scenario_partitions_read(s, group) > (int64_t)group->clients * s->cluster.brokers;
    const struct result_bound *connection = result_bound_of(
                                  r, result_format(r, "client connection of %s", group->name)),
                              *fetches = result_bound_of(
                                  r, result_format(r, "client fetches of %s", group->name));
    const char *add = shared
                          ? "add clients, which have connections of their own"
                          : "add partitions and clients, as each connection brings one partition";
    if (is_full(connection) && strstr(connection->formula, "single_flow"))
        return result_format(r, "its connections are full (single_flow): %s", add);
    if (is_full(connection))
        return result_format(r, "its connections wait for their windows: raise %s, or %s",
                             java ? "receive.buffer.bytes" : "socket.receive.buffer.bytes", add);
    if (is_full(fetches))
        return result_format(r, "its fetches, one at a time, bring too little: raise %s, or %s",
                             java ? "max.partition.fetch.bytes and fetch.max.bytes"
                                  : "fetch.message.max.bytes and fetch.max.bytes",
                             add);
    return NULL;
}

/* A core for each thread is enough only where no thread has more work than time. */
static const char *remedy_of_cores(struct result *r, const struct scenario *s,
                                   const struct scenario_group *group,
                                   const struct result_bound *thread)
{
    if (!thread || thread->utilisation <= 1)
        return "its threads share cores: add machines, or shorten processing";
    return result_format(
        r,
        "its threads share cores, and each has more work than time even on one of "
        "its own: add %s and machines, or shorten processing",
        group->clients < scenario_partitions_read(s, group) ? "clients" : "partitions, clients");
}

static const char *remedy_of_lag(struct result *r, const struct scenario *s,
                                 const struct scenario_group *group, double thread_ratio)
{
    const struct result_bound *bound =
        result_bound_of(r, result_format(r, "client thread of %s", group->name));
    const char *waits = thread_ratio < THREAD_BINDS ? remedy_of_connections(r, s, group) : NULL;
    if (waits)
        return waits;
    if (thread_ratio < THREAD_BINDS)
        return "its threads are not busy: look at what serves it (interfaces, disks, network "
               "threads) and at its machines";
    const char *hot = model_hot_partition_remedy(
        r, s, group, bound ? fmax(thread_ratio, bound->utilisation) : thread_ratio);
    if (hot)
        return hot;
    if (shares_cores(r, group))
        return remedy_of_cores(r, s, group, bound);
    return group->clients < scenario_partitions_read(s, group)
               ? "add clients or shorten processing"
               : "clients beyond the partitions add nothing: add partitions or shorten processing";
}

static void warn_groups(struct fill *fill, int g)
{
    if (!fill->group_unstable[g])
        return;
    const struct scenario_group *entry = &fill->scenario->groups[g];
    double lag = 0, busy = 0;
    for (uint32_t r = 0; r < fill->replications->count; r++) {
        const struct outcome_group *group = &fill->replications->outcomes[r]->groups[g];
        lag = fmax(lag, group->lag_end_records);
        busy = fmax(busy, group->thread_ratio);
    }
    warn(fill,
         result_format(fill->result, "%s falls behind: lag up to %.3g records at the end",
                       entry->name, lag),
         remedy_of_lag(fill->result, fill->scenario, entry, busy));
}

/* A mean over runs that have nothing to do with each other describes none of them. */
static void warn_chance(struct fill *fill, const char *name, const char *latency,
                        fill_histogram_fn *histogram, uint32_t index, uint32_t unstable)
{
    static const char remedy[] = "chance decides (which clients share a network thread, when "
                                 "pauses fall) or an input's range: more replications, and plan "
                                 "for the worst of them";
    uint32_t count = fill->replications->count;
    double low = INFINITY, high = 0;
    if (unstable > 0) {
        warn(fill,
             result_format(fill->result, "%s does not keep up in %u of %u replications", name,
                           unstable, count),
             remedy);
        return;
    }
    for (uint32_t r = 0; r < count; r++) {
        const struct sim_histogram *h = histogram(fill->replications->outcomes[r], index);
        if (0.01 * (double)h->observation_count < SIM_HISTOGRAM_TAIL_MIN)
            return;
        double p99_s = (double)sim_histogram_quantile_ns(h, 0.99) / 1e9;
        low = fmin(low, p99_s);
        high = fmax(high, p99_s);
    }
    if (high > REPEAT_FACTOR * low)
        warn(fill,
             result_format(fill->result,
                           "%s %s p99 is %.2g ms in one replication, %.2g ms in "
                           "another",
                           name, latency, low * 1e3, high * 1e3),
             remedy);
}

static void warn_chances(struct fill *fill)
{
    const struct scenario *s = fill->scenario;
    for (uint32_t p = 0; p < (uint32_t)s->producer_count; p++)
        if (!fill->producer_unstable[p])
            warn_chance(fill, s->producers[p].name, "produce", fill_produce_histogram, p,
                        fill_unstable_producer(fill, p));
    for (uint32_t g = 0; g < (uint32_t)s->group_count; g++)
        if (!fill_end_to_end_unstable(fill, g))
            warn_chance(fill, s->groups[g].name, "end to end", fill_end_to_end_histogram, g,
                        fill_unstable_group(fill, g));
}

/* In the first replication; others differ by a part of a segment. */
static void warn_laid(struct fill *fill, int g)
{
    double s = fill->replications->outcomes[0]->groups[g].laid_s;
    if (s > 0)
        warn(fill,
             result_format(fill->result,
                           "%s begins the simulation no more than %s behind: of so many segments "
                           "only the newest are laid, and it may find in memory what it would "
                           "read from disk",
                           fill->scenario->groups[g].name, result_duration(fill->result, s)),
             "larger segments (segment.bytes, segment.ms), or simulate fewer partitions");
}

/* Threads that are idle most of the time find the queue full in moments: they wait for a core, and more of them wait as well. */
static void warn_queue(struct fill *fill)
{
    uint64_t full = 0;
    double least_idle = 1;
    for (uint32_t r = 0; r < fill->replications->count; r++) {
        const struct outcome *o = fill->replications->outcomes[r];
        for (uint32_t b = 0; b < o->broker_count; b++) {
            const struct model_host_stats *host = &o->brokers[b].seen.host;
            full += host->queue_full_blocks;
            if (host->queue_full_blocks > 0)
                least_idle = fmin(least_idle, host->io_idle_ratio);
        }
    }
    if (full == 0)
        return;
    warn(fill,
         result_format(fill->result, "the request queue was full %s times (queued.max.requests)",
                       result_count(fill->result, full)),
         least_idle < fill->scenario->limits.thread_idle
             ? "more I/O threads, or faster appends"
             : "fewer and larger requests, or more and faster cores: I/O threads there are enough");
}

static void warn_brokers(struct fill *fill)
{
    double cold = 0, seconds = 0, pause_s = 0;
    uint64_t shrinks = 0, errors = 0;
    for (uint32_t r = 0; r < fill->replications->count; r++) {
        const struct outcome *o = fill->replications->outcomes[r];
        seconds += o->seconds;
        for (uint32_t b = 0; b < o->broker_count; b++) {
            const struct cluster_broker_seen *seen = &o->brokers[b].seen;
            cold += (double)seen->host.cold_bytes;
            pause_s += (double)seen->host.write_pause_ns / 1e9;
            shrinks += seen->counters.isr_shrinks;
            errors += seen->host.storage_errors;
        }
    }
    struct result *result = fill->result;
    if (cold > 0)
        warn(fill,
             result_format(
                 result,
                 "%.3g MB/s are read from disk by network threads, which stand still meanwhile",
                 cold / seconds / 1e6),
             result_format(result,
                           "more memory, less lag, or more of them (num.network.threads, now %d)",
                           fill->scenario->cluster.config.num_network_threads));
    if (pause_s > 0.001 * seconds)
        warn(fill,
             result_format(result,
                           "the kernel held %.2g writing threads a broker on the average: %s",
                           pause_s / seconds / fill->scenario->cluster.brokers,
                           fill->scenario->cluster.stable_writes
                               ? "appends wait for writeback (stable_writes)"
                               : "dirty pages beyond the background limit"),
             "faster disks, or a lower write rate");
    warn_queue(fill);
    if (shrinks > 0)
        warn(fill,
             result_format(result, "replicas fell out of the ISR %s times",
                           result_count(result, shrinks)),
             "num.replica.fetchers, network, or fewer partitions");
    if (errors > 0)
        warn(fill,
             result_format(result, "%s appends failed because a disk was full",
                           result_count(result, errors)),
             "more disk, or shorter retention");
}

static void warn_trust(struct fill *fill)
{
    const char *outside = trust_outside(fill->result, fill->scenario, fill->profile);
    if (fill->profile->calibrated && *outside)
        warn(fill,
             result_format(fill->result,
                           "outside what the profile was fitted to: %s; errors shown are those on "
                           "public cases",
                           outside),
             "measure such conditions on a broker of yours (`headroom measure`, `calibrate`)");
}

/* The pilot saw a level that still moved at its end: what moves it decides what helps. */
static const char *remedy_of_warmup(struct fill *fill)
{
    const struct scenario *s = fill->scenario;
    for (int g = 0; g < s->group_count; g++)
        if (fill_catches_up(fill, g))
            return result_format(fill->result,
                                 "%s is still catching up: figures are of that time; state less "
                                 "lag (groups.%s.lag), or none for the time after",
                                 s->groups[g].name, s->groups[g].name);
    for (int p = 0; p < s->producer_count; p++)
        if (s->producers[p].arrivals.kind == SCENARIO_ARRIVALS_MMPP ||
            s->producers[p].arrivals.kind == SCENARIO_ARRIVALS_TRACE)
            return result_format(fill->result, "the load of %s has no steady rate: %s",
                                 s->producers[p].name, fill_measure_remedy(fill, 0));
    return result_format(fill->result, "state a longer one (run.warmup: %s)",
                         result_duration(fill->result, 3e-9 * (double)s->run.warmup_ns));
}

void fill_warnings(struct fill *fill)
{
    for (int p = 0; p < fill->scenario->producer_count; p++) {
        if (fill_followers_unstable(fill, (uint32_t)p))
            warn_followers(fill, p);
        else
            warn_unstable(fill, p);
        warn_offered(fill, p);
        warn_batches(fill, p);
        fill_held(fill, p);
        warn_small_writes(fill, p);
    }
    for (int g = 0; g < fill->scenario->group_count; g++) {
        warn_groups(fill, g);
        warn_laid(fill, g);
    }
    warn_chances(fill);
    warn_brokers(fill);
    warn_trust(fill);
    fill_disagreements(fill);
    if (fill->replications->warmup_too_short && fill->result->verdict != RESULT_UNSTABLE)
        warn(fill,
             result_format(fill->result, "no steady state was found within %.3g s of warm-up",
                           (double)fill->replications->warmup_ns / 1e9),
             remedy_of_warmup(fill));
}
