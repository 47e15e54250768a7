/* model/answer/warnings.c - what a planner should know beside the figures: each with its remedy. */
#include "model/answer/fill.h"

#include <math.h>

#include "model/answer/advice.h"
#include "model/answer/trust.h"

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
        fill_carried(fill, p);
        warn_offered(fill, p);
        warn_batches(fill, p);
        fill_held(fill, p);
        warn_small_writes(fill, p);
    }
    for (int g = 0; g < fill->scenario->group_count; g++) {
        fill_lag(fill, g);
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
