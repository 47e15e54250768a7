/*
 * model/answer/fill.h - from the outcomes of replications to rows of the result document.
 *
 * Shape    One function a section of the result; all read the same replications and touch only their own section. An estimate is the
 *          mean over replications with a Student-t interval of their logarithms, since times, rates and shares are not below zero: of the mean,
 *          or of one more draw where inputs are drawn. A percentile is only known where enough observations lie beyond it, and no end of its
 *          interval lies below that of the median.
 *          What is not steady has no latency: it is unknown there, and says why elsewhere.
 */
#ifndef MODEL_ANSWER_FILL_H
#define MODEL_ANSWER_FILL_H

#include "model/answer/replicate.h"
#include "model/cluster/result.h"
#include "model/scenario/measured.h"

struct fill {
    struct result *result;
    const struct scenario *scenario; /* central values */
    const struct model_profile *profile;
    const struct replications *replications;
    bool drawn; /* each replication is another cluster, drawn from the scenario's ranges */
    bool
        single; /* one run, told as it was: no intervals, no percentile with too few beyond it, nothing unstable */
    bool *producer_unstable; /* [producer]: in most replications */
    bool *group_unstable;    /* [group] */
};

void fill_init(struct fill *fill, struct result *result, const struct scenario *scenario,
               const struct model_profile *profile, const struct replications *replications);
/* Of one run that is told as it was: `single`. */
void fill_init_single(struct fill *fill, struct result *result, const struct scenario *scenario,
                      const struct model_profile *profile, const struct replications *one);
void fill_release(struct fill *fill);
/* In how many replications. A producer at rate: max has a full queue by intent: none. */
uint32_t fill_unstable_producer(const struct fill *fill, uint32_t producer);
/* Whether the group began behind and reads faster than its records come, so that it is behind for a time only. */
bool fill_catches_up(const struct fill *fill, int group);
/* Whether its client refused records because its own buffer was full. */
bool fill_refused(const struct fill *fill, uint32_t producer);
/* Whether, in most replications, it gives up what waits too long, and nothing grows; and the setting that says how long. */
bool fill_gives_up(const struct fill *fill, uint32_t producer);
const char *fill_waits_at_most(const struct fill *fill, uint32_t producer);
/* Whether what a group receives gets older and older: its own lag, or what waits before its topics. */
bool fill_end_to_end_unstable(const struct fill *fill, uint32_t group);
uint32_t fill_unstable_group(const struct fill *fill, uint32_t group);
/* In most replications its topic's followers fall behind; also of one at rate: max. */
bool fill_followers_unstable(const struct fill *fill, uint32_t producer);
/* Whether some producer's load is not carried: resources then show what came through. */
bool fill_any_unstable(const struct fill *fill);
/* Of any producer or group: what is stable itself shares brokers with what is not, and nobody waited for the end. */
bool fill_queue_grows(const struct fill *fill);

/* fill_latency.c */
void fill_latencies(struct fill *fill);
void fill_parts(struct fill *fill);

/* fill_flow.c: throughput and rare mechanisms */
void fill_flows(struct fill *fill);
void fill_rares(struct fill *fill);

/* fill_resource.c. Needs the bounds of size_fill in the result for the survive column. */
void fill_resources(struct fill *fill);
#define FILL_ALWAYS_BUSY 0.99 /* judgement: what is left is gaps between pieces of work */
/* The quantity whose error counts for a resource; MEASURED_QUANTITIES: none was measured. */
enum measured_quantity fill_measured(enum result_resource_kind kind);

/* fill_held.c: warns where a producer's requests wait long behind others of their connection. */
void fill_held(struct fill *fill, int producer);
/* fill_carried.c: where not all of a producer's records are carried, or some are lost; or its followers fall behind. */
void fill_carried(struct fill *fill, int producer);
/* fill_lag.c: where a group falls behind. */
void fill_lag(struct fill *fill, int group);

/* fill_series.c */
void fill_series(struct fill *fill);

/* fill_trust.c: how far what is shown may be trusted. Behind latencies, flows and resources. */
void fill_trusts(struct fill *fill);
struct result_estimate fill_predicted(const struct fill *fill, enum measured_quantity quantity,
                                      const struct result_estimate *simulated);
/* The same of a p99, which is not below the p50 that is predicted beside it. */
struct result_estimate fill_predicted_tail(const struct fill *fill, enum measured_quantity tail,
                                           const struct result_estimate *simulated,
                                           const struct result_estimate *median);

/* fill_offered.c: what a producer's arrivals brought, and whether that is not what its rate states. Less than stated decides nothing. */
double fill_offered_per_s(const struct fill *fill, int producer);
bool fill_offered_differs(const struct fill *fill, int producer);
bool fill_offered_less(const struct fill *fill);

/* fill_waves.c: whether all that seems to grow at a producer's is a wave in its clients' sockets; from top to top, s. 0: none come. */
bool fill_waves(const struct fill *fill, int producer);
double fill_wave_s(const struct fill *fill, int producer);
/* The first such producer, and the one that keeps an SLO from being told; -1: none. */
int fill_first_in_waves(const struct fill *fill);
int fill_slo_in_waves(const struct fill *fill, const struct scenario_slo *slo, uint32_t index);
const char *fill_waves_text(const struct fill *fill, int producer);
const char *fill_waves_remedy(const struct fill *fill, int producer);

/* slo.c, verdict.c: SLOs; limits, binding resource, the sentence. Last. */
void fill_slos(struct fill *fill);
/* What the SLO speaks of; of many subjects that which comes nearest to missing it. NAN: not known. Needs flows and resources. */
double fill_slo_value(const struct fill *fill, const struct scenario_slo *slo);
/* Whether all of an estimate, known, is on the right side of the SLO. */
bool fill_slo_met(const struct scenario_slo *slo, const struct result_estimate *e);
/* Whether it asks for a resource of the brokers that has this row. */
bool fill_slo_about(const struct scenario_slo *slo, const struct result_resource *row);
/* A latency beside a queue that grows: it is told, and not said to be met. */
bool fill_slo_beside_growth(const struct fill *fill, const struct scenario_slo *slo);
/* The largest latency that was seen grows with the run: a run shows that such an SLO is missed, and none that it is met. */
bool fill_slo_of_largest(const struct scenario_slo *slo);
/* Why row, judged for that subject, is undecided where its estimate is unknown; "" otherwise. */
void fill_slo_reason(const struct fill *fill, const struct scenario_slo *slo, uint32_t index,
                     struct result_slo *row);
/* "measure 8 s or longer (run.measure)"; of a quick run, which cuts that, the way out of it. measure_s 0: nobody knows how long. */
const char *fill_measure_remedy(const struct fill *fill, double measure_s);
void fill_warnings(struct fill *fill);
/* disagreement.c: resources of which a bound and the simulation say different things, and why. */
void fill_disagreements(struct fill *fill);
/*
 * "disk bandwidth of broker 2": what has least headroom, where a queue grows of the brokers' and of that client's own; at rate: max what is
 * nearest to being fully used; where records are refused and nothing is, the producer's own buffer. "": nothing is used.
 */
const char *fill_binding(const struct fill *fill);
/* Whether a place, "checkout clients 2" or "checkout", is that client's. No name of a scenario has a space. */
bool fill_is_of_client(const char *place, const char *name);
/*
 * What has a bound and no row: connections show no use of their own, and what waits for one leaves all machines idle. Followers that wait for
 * their windows compute nothing: of their fetchers only a bound that is all but reached counts.
 */
bool fill_bound_without_row(const struct result_bound *bound);
void fill_verdict(struct fill *fill);

/* One value a replication -> an estimate. */
typedef double fill_value_fn(const struct outcome *outcome, uint32_t index, double parameter);
struct result_estimate fill_estimate(const struct fill *fill, fill_value_fn *value, uint32_t index,
                                     double parameter);
/* values[replications] */
struct result_estimate fill_values(const struct fill *fill, const double *values);
/* The same for a percentile of one histogram of each outcome; unknown when too few observations lie beyond q. */
typedef const struct sim_histogram *fill_histogram_fn(const struct outcome *outcome,
                                                      uint32_t index);
struct result_estimate fill_quantile(const struct fill *fill, fill_histogram_fn *histogram,
                                     uint32_t index, double q);
struct result_estimate fill_mean(const struct fill *fill, fill_histogram_fn *histogram,
                                 uint32_t index);
struct result_estimate fill_max(const struct fill *fill, fill_histogram_fn *histogram,
                                uint32_t index);

/* Batches (or fetches) in it, of all replications. */
uint64_t fill_observations(const struct fill *fill, fill_histogram_fn *histogram, uint32_t index);

/* Of a client machine's cores, the share that computes. */
fill_value_fn fill_client_cpu;
fill_histogram_fn fill_produce_histogram, fill_end_to_end_histogram, fill_fetch_histogram;

#endif
