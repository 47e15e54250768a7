/*
 * model/cluster/flow.h - what a scenario's clients put on each partition, in closed form: the planning side of what `run` simulates.
 *
 * Shape    A producer's load is split over its topic's partitions (the client's real hash for keys, evenly without keys), and the
 *          expected batch follows from rate, linger.ms, batch.size and the client's own rules:
 *          Java, no keys    one open batch a client: the records of one linger, at most a full batch; one cut short where the request of a
 *                           full one takes it along (flow_sticky.c)
 *          Java, keys       a broker's cycle: first record, linger (or the hottest partition is full), then one batch of every
 *                           partition that has records goes out in one request (flow_cycle.c)
 *          With compression a Java batch is full by the ratio that the latest batches had, small ones above all (full_batch.h).
 *          librdkafka       every partition lingers alone, one batch a request; without keys a partition is kept for
 *                           sticky.partitioning.linger.ms, and may be drawn again while its batch still lingers
 *          A burst of records is spread over keyed partitions: each gets its part at once, and cuts it into as many batches as it takes.
 *          Payload becomes wire bytes by the compression ratio at that batch's size, plus record and batch headers.
 *          Commits of groups come as records of __consumer_offsets.
 *          rate: max counts as 0 here: nothing in the file says how much that is; `unstated` tells.
 * Units    Per second, all clients of an entry together. wire: bytes of whole batches, as they lie in the log.
 *          While a connection's requests are all out, or the sender computes, batches go on filling: gather.h.
 *          A modulated rate (mmpp) has the batches of both its states, each for its part of the time, where they last longer than a batch.
 * Omits    Batches that grow because the sender is blocked or retries (fewer, larger batches: the plan is on the safe side); the gaps
 *          of a trace (its mean rate is used).
 * Source   reference/kafka/clients.md sections 1, 2, 5, 6; record overhead: section 3.
 * Checked  tests/model/test_size_flow.c, and by the simulation: `run` prints its own records per batch beside it.
 */
#ifndef MODEL_CLUSTER_FLOW_H
#define MODEL_CLUSTER_FLOW_H

#include "model/cluster/gather.h"
#include "model/cluster/placement.h"
#include "model/hardware/profile.h"
#include "model/scenario/scenario.h"

/* One partition, all producers together. */
struct model_flow {
    double records_per_s;
    double batches_per_s;
    double requests_per_s; /* its share of the requests to its leader */
    double answers_per_s;  /* of them: all but those with acks=0 */
    double payload_bytes_per_s;
    double wire_bytes_per_s;
    double
        raw_bytes_per_s; /* before compression, with record overhead: what a broker that recompresses handles */
};

/* One producer entry. */
struct model_producer_flow {
    bool unstated; /* rate: max */
    double records_per_s;
    double payload_bytes_per_s;
    double wire_bytes_per_s;
    double batches_per_s;
    double requests_per_s;
    double records_per_batch;
    double raw_batch_bytes;          /* of the mean batch, before compression */
    double ratio;                    /* raw / compressed, of all its records */
    struct gather_socketful sockets; /* of one client's worst connection */
    double hottest_share;            /* of the records, on the partition that gets most */
    const double *share;             /* of the records, by partition of its topic; sums to 1 */
    double *wire;                    /* bytes a second, by partition: hot ones compress better */
};

struct model_flows;

/*
 * How each producer's records are spread over the partitions of its topic. Hashing a million keys takes some ms, and the answer does
 * not depend on brokers or rates: make it once. Gives.
 */
struct model_shares;
struct model_shares *model_shares_new(const struct scenario *s);
void model_shares_free(struct model_shares *shares);
double model_shares_of(const struct model_shares *shares, int producer, int partition);

/*
 * The flows at `factor` times the peak rate. Borrows shares until free, nothing else. profile: what threads cost while records gather;
 * NULL: nothing.
 * Gives    the flows, for model_flows_free.
 * Asserts  placement and shares were made of s; factor >= 0.
 */
struct model_flows *model_flows_new(const struct scenario *s, const struct model_profile *profile,
                                    const struct model_placement *placement,
                                    const struct model_shares *shares, double factor);
/* The same with a factor for each producer of the scenario. */
struct model_flows *model_flows_at(const struct scenario *s, const struct model_profile *profile,
                                   const struct model_placement *placement,
                                   const struct model_shares *shares, const double *factors);
enum { MODEL_WEEK_HOURS = 168 }; /* a shape repeats after that */
/*
 * What comes on average over a week, each producer grown by its factor (NULL: as today): what retention keeps and what traffic costs. The
 * mean is that of the hours' own flows: busy hours bring most bytes, in larger batches that compress better than the mean rate's would.
 */
struct model_flows *model_flows_mean(const struct scenario *s, const struct model_profile *profile,
                                     const struct model_placement *placement,
                                     const struct model_shares *shares, const double *grown);
/* A producer's wire bytes a second in each hour of that week. Asserts: these are model_flows_mean's. */
const double *model_flows_week(const struct model_flows *flows, int producer);
void model_flows_free(struct model_flows *flows);

const struct model_flow *model_flows_partition(const struct model_flows *flows, int topic,
                                               int partition);
const struct model_producer_flow *model_flows_producer(const struct model_flows *flows,
                                                       int producer);

/* The rate of a producer at a time since the start, as a factor of its peak: shape by hour and day, and growth. */
double model_shape_factor(const struct scenario_producer *producer, int64_t since_start_ns);
/* The shape alone, in each hour of a week from the start. */
void model_shape_week(const struct scenario_producer *producer, double factor[MODEL_WEEK_HOURS]);
/* Growth alone. */
double model_growth_factor(const struct scenario_producer *producer, int64_t since_start_ns);
/* Its mean over a stretch of seconds since the start, before which it is 1; at until_s when the stretch is empty. */
double model_growth_mean(const struct scenario_producer *producer, double from_s, double until_s);
/*
 * Mean of the shape over a whole week, as a factor of the peak; and its largest mean over any stretch of that length. Without a shape each
 * day is at the peak for as long as its mean allows, at an hour that is not known.
 */
double model_shape_mean(const struct scenario_producer *producer);
double model_shape_mean_max(const struct scenario_producer *producer, int64_t stretch_ns);
/*
 * The same for many stretches, as multiples of the week's mean, of records (model_shape_week) or of what they come to on the wire
 * (model_flows_week): largest sums of so many hours, once; between full hours the straight line, which is not below.
 */
struct model_stretches {
    double worst[MODEL_WEEK_HOURS + 1]; /* in hours at the mean */
    double mean;                        /* of the peak */
    bool flat;
};
void model_stretches_init(struct model_stretches *stretches,
                          const struct scenario_producer *producer,
                          const double hours[MODEL_WEEK_HOURS]);
double model_stretches_more(const struct model_stretches *stretches, double stretch_s);
/* Largest mean over any stretch of that length, of hours that are known: several producers' together, say. */
double model_stretch_rate(const double rate[MODEL_WEEK_HOURS], double stretch_s);

/*
 * Records of an expected batch of one stream: events at `rate_per_s` that bring `burst` records each; the batch opens with an event,
 * takes what comes within window_s, and never holds more than `most`. Poisson: E[min(most, burst (1 + N))].
 */
double model_flow_batch(double rate_per_s, double burst, double window_s, double most);

#endif
