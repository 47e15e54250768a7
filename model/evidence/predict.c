/* model/evidence/predict.c - see predict.h. */
#include "model/evidence/predict.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/answer/replicate.h"
#include "model/answer/trust.h"
#include "sim/dmath.h"
#include "sim/stat.h"

#define REPLICATIONS 3
#define LEVEL        0.90

/* ---- what one replication says ---- */

static double per_second(uint64_t count, const struct outcome *outcome)
{
    return (double)count / outcome->seconds;
}

static double seconds(double ns)
{
    return ns / 1e9;
}

static double quantile(const struct sim_histogram *h, double q)
{
    return h->count ? seconds((double)sim_histogram_quantile_ns(h, q)) : NAN;
}

static double mean(const struct sim_histogram *h)
{
    return h->count ? seconds(sim_histogram_mean_ns(h)) : NAN;
}

/* Producers together: most measurements have one. */
static void observe_producers(const struct outcome *outcome, double *value)
{
    uint64_t acked = 0, requests = 0;
    struct sim_histogram latency, round_trip;
    sim_histogram_init(&latency);
    sim_histogram_init(&round_trip);
    for (uint32_t p = 0; p < outcome->producer_count; p++) {
        const struct outcome_producer *producer = &outcome->producers[p];
        acked += producer->counts.records_acked;
        requests += producer->counts.requests;
        sim_histogram_merge(&latency, &producer->latency);
        sim_histogram_merge(&round_trip, &producer->round_trip);
    }
    value[MEASURED_THROUGHPUT] = per_second(acked, outcome);
    value[MEASURED_REQUESTS] = per_second(requests, outcome);
    value[MEASURED_PRODUCE_MEAN] = mean(&latency);
    value[MEASURED_PRODUCE_P50] = quantile(&latency, 0.5);
    value[MEASURED_PRODUCE_P99] = quantile(&latency, 0.99);
    value[MEASURED_ROUND_TRIP] = mean(&round_trip);
    sim_histogram_release(&latency);
    sim_histogram_release(&round_trip);
}

static void observe_groups(const struct outcome *outcome, double *value)
{
    if (outcome->group_count == 0)
        return;
    value[MEASURED_END_TO_END_P50] = quantile(&outcome->groups[0].end_to_end, 0.5);
    value[MEASURED_END_TO_END_P99] = quantile(&outcome->groups[0].end_to_end, 0.99);
}

/* Replicas of what producers send, by the batches of each: 1 when nothing was sent. */
static double replicas(const struct outcome *outcome, const struct scenario *s)
{
    double batches = 0, all = 0;
    for (uint32_t p = 0; p < outcome->producer_count; p++) {
        double sent = (double)outcome->producers[p].counts.batches;
        batches += sent;
        all += sent * s->topics[s->producers[p].topic].replication;
    }
    return batches > 0 ? all / batches : 1;
}

/* Of one broker: classes are the machine's, which several brokers may share. */
static void observe_broker_threads(const struct cluster_broker_seen *broker,
                                   const struct scenario_cluster *cluster, double *value)
{
    double share = cluster->machine.vcpus / (double)cluster->brokers_per_machine;
    const double *ratio = broker->cpu_class_ratio;
    value[FITTED_REQUEST_CPU] += share * (ratio[MODEL_THREAD_NETWORK] + ratio[MODEL_THREAD_IO]);
    value[FITTED_FETCHER_CPU] += share * ratio[MODEL_THREAD_FETCHER];
    value[FITTED_OTHER_CPU] += share * (ratio[MODEL_THREAD_BACKGROUND] + ratio[MODEL_THREAD_GC]);
}

/* Batches are counted where they are written: an overloaded broker's clients send more than it appends. */
static void observe_brokers(const struct outcome *outcome, const struct scenario *s, double *value)
{
    double broker = 0, bytes = 0, batches = 0;
    for (int q = FITTED_REQUEST_CPU; q <= FITTED_OTHER_CPU; q++)
        value[q] = 0;
    for (uint32_t b = 0; b < outcome->broker_count; b++) {
        observe_broker_threads(&outcome->brokers[b].seen, &s->cluster, value);
        broker += outcome->brokers[b].seen.cpu_cores;
        bytes += (double)outcome->brokers[b].seen.host.appended_bytes;
        batches += (double)outcome->brokers[b].seen.host.batches;
    }
    value[MEASURED_BROKER_CPU] = broker / outcome->broker_count;
    for (int q = FITTED_REQUEST_CPU; q <= FITTED_OTHER_CPU; q++)
        value[q] /= outcome->broker_count;
    value[MEASURED_DISK_BYTES] = bytes / outcome->seconds;
    value[MEASURED_BATCHES] = batches / outcome->seconds / replicas(outcome, s);
}

static void observe_clients(const struct outcome *outcome, double *value)
{
    double all = 0, application = 0, network = 0;
    for (uint32_t c = 0; c < outcome->client_count; c++) {
        all += outcome->clients[c].cpu_cores;
        application += outcome->clients[c].application_cores;
        network += outcome->clients[c].network_thread_cores;
    }
    value[MEASURED_CLIENT_CPU] = all;
    value[FITTED_APPLICATION_CPU] = application;
    value[FITTED_BROKER_THREAD_CPU] = network;
}

static bool sends_stable(const struct outcome *outcome)
{
    for (uint32_t p = 0; p < outcome->producer_count; p++)
        if (outcome_producer_unstable(&outcome->producers[p]))
            return false;
    return true;
}

static bool reads_stable(const struct outcome *outcome)
{
    for (uint32_t g = 0; g < outcome->group_count; g++)
        if (outcome_group_unstable(&outcome->groups[g]))
            return false;
    return true;
}

/* ---- one value out of all replications ---- */

/*
 * The geometric mean: latencies of runs are skewed, and an error of half and one of double must weigh alike. Zero and unknown stay what they are.
 * The spread of single runs, not of their mean: what is predicted is one more repeat.
 */
static struct predict_value combine(const double *values, int count, double stretch)
{
    struct sim_tally tally;
    sim_tally_init(&tally);
    for (int i = 0; i < count; i++) {
        if (!(values[i] > 0))
            return (struct predict_value){values[i], values[i], values[i]};
        sim_tally_add(&tally, log(values[i]));
    }
    double sd = count > 1 ? sim_tally_sd(&tally) * sqrt(stretch) : 0;
    double half = count > 1 ? sim_student_quantile(0.5 + 0.5 * LEVEL, (double)(count - 1)) * sd *
                                  sqrt(1 + 1.0 / count)
                            : 0;
    double value = exp(tally.mean);
    return (struct predict_value){value, value * exp(-half), value * exp(half)};
}

struct predict_value predict_widen(struct predict_value v, const struct model_profile_error *error)
{
    struct result_estimate run = result_interval(v.value, v.low, v.high, LEVEL, 1);
    if (error->rows == 0)
        return (struct predict_value){v.value, NAN, NAN};
    struct result_estimate predicted = trust_predict(&run, error);
    return predicted.known ? (struct predict_value){v.value, predicted.low, predicted.high} : v;
}

static void settle(const struct replications *runs, const struct scenario *s, bool is_uncertain,
                   struct prediction *out)
{
    double value[FITTED_QUANTITIES][64];
    int count = runs->count < 64 ? (int)runs->count : 64;
    bool warmup_cut = false;
    out->sends_stable = out->stable = true;
    for (int i = 0; i < count; i++) {
        double one[FITTED_QUANTITIES];
        for (int q = 0; q < FITTED_QUANTITIES; q++)
            one[q] = NAN;
        observe_producers(runs->outcomes[i], one);
        observe_groups(runs->outcomes[i], one);
        observe_brokers(runs->outcomes[i], s, one);
        observe_clients(runs->outcomes[i], one);
        for (int q = 0; q < FITTED_QUANTITIES; q++)
            value[q][i] = one[q];
        out->sends_stable &= sends_stable(runs->outcomes[i]);
        out->stable &= out->sends_stable && reads_stable(runs->outcomes[i]);
        out->batches += runs->outcomes[i]->batches;
        warmup_cut |= runs->outcomes[i]->warmup_cut;
        out->simulated_s += runs->outcomes[i]->seconds;
    }
    /* A shorter run scatters more than the measurement did: its spread counts for the shorter time. What unknown inputs do does not average out. */
    double length_s = seconds((double)s->run.measure_ns) * count;
    out->cut = warmup_cut || out->simulated_s < 0.99 * length_s;
    double stretch = is_uncertain ? 1 : out->simulated_s / length_s;
    for (int q = 0; q < FITTED_QUANTITIES; q++)
        out->quantity[q] = combine(value[q], count, stretch < 1 ? stretch : 1);
}

int predict(const struct scenario_doc *doc, const struct model_profile *profile,
            const struct predict_options *options, struct prediction *out, struct broker_err *err)
{
    const struct scenario *s =
        options->variant < 0 ? scenario_base(doc) : scenario_variant_at(doc, options->variant);
    assert(s);
    *out = (struct prediction){0};
    uint32_t count = options->replications > 0 ? (uint32_t)options->replications : REPLICATIONS;
    int64_t measure_ns = s->run.measure_ns;
    if (options->measure_s_max > 0 && seconds((double)measure_ns) > options->measure_s_max)
        measure_ns = (int64_t)(options->measure_s_max * 1e9);
    struct replicate_options run = {
        .seed = options->seed,
        .replications = count,
        .measure_ns = measure_ns,
        .warmup_ns = s->run.warmup_ns,
        .warmup_auto = s->run.warmup_auto,
        .batches_max = options->batches_max / count,
        .warmup_batches_max = options->warmup_batches_max / count,
        .threads = 1,
    };
    struct replications runs;
    int status = replicate(doc, options->variant, profile, &run, &runs, err);
    if (status == BROKER_OK)
        settle(&runs, s, scenario_input_count(doc, options->variant) > 0, out);
    replications_release(&runs);
    return status;
}
