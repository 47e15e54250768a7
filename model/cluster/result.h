/*
 * model/cluster/result.h - the result document: everything a study found out, as plain data.
 *
 * Shape    Filled by model/answer (run control, sizing, horizon), read by model/report, which writes it as JSON and reads it back;
 *          so text, HTML, CSV, figures and JUnit all come from this and nothing else. Arrays with counts; strings belong to the
 *          result's arena. Nothing here names the wall clock, a path of this machine or a compiler: same seed, same bytes.
 * Units    In the names. Ratios: 1 is 100 %. Latencies: ns. Rates: per second of simulated time.
 * Estimate Every estimated number is a value with an interval and the number of observations it stands on; `known` false
 *          means that it must not be printed as a number (too few observations, or never used): readers print "-" or "unused".
 * Source   Layout on paper: design section 7; JSON rules: reference/user-experience.md 5.2.
 */
#ifndef MODEL_CLUSTER_RESULT_H
#define MODEL_CLUSTER_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/histogram.h"

/* Minor number rises when something is added or changes, and goes on over majors; major when something changes its meaning. */
#define RESULT_FORMAT_MAJOR 2
/* 1: survive, survive_note, survive_verdict, moment, moment_day; 2: predicted, trusts; 3: reason and remedy of SLOs,
 * growth_note, utilisation_low and utilisation_high of bounds; 4: unread_note, brokers_needed_days; name of disks, whose days that do not come are null, were -1;
 * 5: brokers_auto; 6: used_moment_bytes of disks; 2.7: broker and disk of disks count from 1, were from 0; survive may be "one machine";
 * 8: included of costs */
#define RESULT_FORMAT_MINOR 8

struct result_estimate {
    bool known;
    double value;
    double low, high; /* interval at `level`; equal to value where exact */
    double level;     /* 0.95; 0: exact, no interval */
    uint64_t n;       /* observations (batches, replications) it stands on */
};

enum result_verdict {
    RESULT_FITS,
    RESULT_DOES_NOT_FIT,
    RESULT_UNDECIDED, /* at this precision: "?" */
    RESULT_UNSTABLE,  /* queues grow: no steady state exists, no latency is printed as one */
};

enum result_survive {
    RESULT_SURVIVE_NONE,
    RESULT_SURVIVE_BROKER,
    RESULT_SURVIVE_MACHINE,
    RESULT_SURVIVE_RACK,
};

struct result_slo {
    const char *text; /* "checkout produce p99 < 50 ms" */
    const char *unit; /* "ns", "ratio", "bytes/s", "records/s", "records" */
    struct result_estimate estimate;
    struct result_estimate predicted; /* with the profile's error; unknown: the estimate decides */
    double limit;                     /* in unit */
    const char *note;                 /* "day 30", "" */
    const char
        *reason; /* undecided because nothing is known: why, "too few batches for a p99: ..." */
    const char *remedy;          /* and what would help; "" with "" */
    enum result_verdict verdict; /* FITS, DOES_NOT_FIT or UNDECIDED */
};

/* How far one quantity that the result shows may be trusted. */
struct result_trust {
    const char *quantity; /* "checkout produce p99", "cpu of broker 2" */
    const char *unit;     /* as of an SLO */
    const char
        *evidence; /* the worst class of what it depends on: "fitted", "public cases", "outside" */
    struct result_estimate simulated, predicted; /* predicted: 90 %, with the profile's error */
    double error_median;                         /* of |predicted / measured - 1|; NAN: not known */
    uint32_t error_cases;                        /* configurations or cases behind it */
};

/* One latency distribution: a producer's produce, a group's end to end, a group's fetch. Also its parts. */
enum result_latency_kind { RESULT_PRODUCE, RESULT_END_TO_END, RESULT_FETCH };
struct result_latency {
    enum result_latency_kind kind;
    const char *subject; /* "checkout" */
    struct result_estimate mean_ns, p50_ns, p95_ns, p99_ns, p999_ns, max_ns;
    const char *
        of_p99; /* "linger 10, replica 6": the largest parts of the slowest requests; "" if unknown */
    struct sim_histogram
        *histogram; /* all replications together, in replication order; owned by the result */
};

/* Produce time by part (Kafka's request-time parts and the client's own), per producer. */
struct result_part {
    const char *subject;
    const char *
        name; /* "client linger, queue", "request queue", "local (append)", ... in the order of time */
    struct result_estimate mean_ns, p50_ns, p99_ns;
};

struct result_flow {
    const char *name; /* "checkout → orders", "orders → billing" */
    bool produce;     /* false: a group's consumption */
    struct result_estimate records_per_s, bytes_per_s /* payload, uncompressed */, wire_bytes_per_s;
    struct result_estimate records_per_batch, batches_per_s, requests_per_s; /* produce only */
    double offered_records_per_s;                                            /* 0 under rate: max */
    struct result_estimate
        failed_ratio; /* of the records due in the window: failed, expired or refused */
};

enum result_resource_kind {
    RESULT_CPU,
    RESULT_NETWORK_IN,
    RESULT_NETWORK_OUT,
    RESULT_DISK_SPACE,
    RESULT_DISK_BANDWIDTH,
    RESULT_NETWORK_THREADS, /* idle share: a floor */
    RESULT_IO_THREADS,      /* idle share: a floor */
    RESULT_PAGE_CACHE,      /* seconds of writes that it holds: no limit */
    RESULT_CLIENT_CPU,
    RESULT_CLIENT_NETWORK,
    RESULT_CLIENT_THREAD,  /* of one consumer: its application's work is on it */
    RESULT_SHARED_NETWORK, /* one link instead of all interfaces */
};
struct result_resource {
    enum result_resource_kind kind;
    const char *name;    /* "network out" */
    const char *busiest; /* "broker 2" */
    bool used;           /* false: never touched, printed as unused */
    /* Ratio; seconds for the page cache. Disk space is judged, and so stands here, at its fullest over the horizon. */
    struct result_estimate now;
    struct result_estimate predicted; /* now, with the profile's error; unknown: now decides */
    double limit;                     /* ratio; 0: no limit */
    struct result_estimate survive;   /* with `survive` applied; known false without it */
    double
        headroom; /* factor by which the load may grow until the limit; INFINITY if never, 0 if unknown */
    const char *note; /* "not full in 3 y", "limit: volume throughput", "" */
};

/* One disk over the horizon. Days count from the start; -1, null in JSON: not within the horizon's extrapolation. */
struct result_disk {
    int32_t broker, disk; /* from 1, as everywhere that people read */
    const char *name;     /* "broker 1", "broker 1, disk 2" */
    uint64_t capacity_bytes;
    uint64_t used_start_bytes, used_end_bytes, used_max_bytes;
    uint64_t
        used_moment_bytes; /* when the run begins: at moment_day; as at the start without one */
    double day_of_max;
    double day_80, day_85, day_95;
};

struct result_warning {
    const char *text;   /* what is so */
    const char *remedy; /* what to change; "" if nothing */
};
struct result_input { /* an input that the scenario leaves open, ranked by effect */
    const char *key;
    const char *assumed; /* "0.5..1.2", "cv assumed 0.8" */
    const char *effect;  /* "checkout produce p99 x 1.6 from 0.5 to 1.2" */
    double
        weight; /* relative change of the quantity, smaller end to larger; rows are sorted by it, largest first */
};
struct result_rare {
    const char *name; /* "segment roll" */
    uint64_t count;
};

/*
 * A time series; x is seconds since the start of measuring (run) or days (horizon). What is counted over an interval (rates, latencies) and
 * the horizon's values, each the largest of its interval, stand in the middle of the interval; the levels of a run (lag, what waits) are read at its end and stand there.
 */
#define RESULT_LAG         "lag"
#define RESULT_HORIZON_LAG "horizon-lag"
struct result_series {
    const char
        *name; /* Kafka's or our own: "produce p99 checkout", "disk broker 1", "lag billing" */
    const char
        *group; /* figure it belongs to: latency, throughput, lag, horizon-lag, utilisation, disk */
    const char *unit;   /* of y: "ns", "bytes", "ratio", "records/s", "bytes/s", "records" */
    const char *x_unit; /* "s" or "d" */
    double x0, dx;
    uint32_t count;
    double *y; /* NAN: nothing observed in that interval */
};

/* Closed-form bounds of `size`. */
struct result_bound {
    const char *resource; /* "network out" */
    const char *formula;  /* "W (RF - 1 + groups) / brokers": with the numbers put in */
    double demand;        /* per broker as stated, in unit */
    double capacity;      /* per broker, limit applied */
    const char *unit;
    double utilisation;                       /* demand / raw capacity */
    double utilisation_survive;               /* NAN without survive */
    double utilisation_low, utilisation_high; /* 5 and 95 % of draws; NAN where nothing is drawn */
    int32_t
        brokers_needed; /* smallest count for this resource alone, rounded up to the racks; 0: not bounded by count */
    bool binding;
};
struct result_cost {
    const char *part; /* "compute", "disk", "cross-zone traffic" */
    double usd_per_month;
    const char *basis; /* "3 x aws/i3en.2xlarge at 0.904 $ an hour (us-east-1, 2026-07-20)" */
    bool known;
    bool included; /* nobody is billed for it apart: in another part's price */
};

struct result_run {
    uint64_t seed;
    uint32_t replications;
    bool complete; /* false: stopped early by a signal or limit */
    double measured_s, warmup_s;
    uint64_t batches, requests, events;
    uint64_t fingerprint; /* of all events of all replications, in order */
    double precision;     /* asked for; 0: none */
    double precision_reached;
    bool precision_met;
};

struct result {
    const char *scenario; /* name */
    const char *question;
    const char *variant;       /* "" for the scenario as written */
    const char *scenario_text; /* resolved YAML, as `explain` prints it */
    enum result_verdict verdict;
    const char *verdict_text;            /* "FITS, also with one rack lost", or why not */
    enum result_survive survive;         /* what may be lost while all limits still hold */
    enum result_verdict survive_verdict; /* with it lost; UNDECIDED when nothing is asked */
    const char *growth_note;  /* the limit that growth reaches within the horizon; "" if none */
    const char *unread_note;  /* the group whose records are deleted unread within it; "" if none */
    const char *survive_note; /* why a topic cannot be written then; "" if all can, or unknown */
    const char *binding;      /* "network out of broker 2"; "" if unknown */
    const char *study;        /* "steady" */
    const char
        *moment; /* of the horizon that the run went on from, and why; "" for the start, unasked */
    double moment_day;
    const char *profile;
    const char *profile_error; /* "uncalibrated", or the held-out error */
    struct result_run run;

    uint32_t slo_count;
    struct result_slo *slos;
    uint32_t trust_count;
    struct result_trust *trusts;
    uint32_t latency_count;
    struct result_latency *latencies;
    uint32_t part_count;
    struct result_part *parts;
    uint32_t flow_count;
    struct result_flow *flows;
    uint32_t resource_count;
    struct result_resource *resources;
    uint32_t disk_count;
    struct result_disk *disks;
    double horizon_days;
    uint32_t bound_count;
    struct result_bound *bounds;
    int32_t brokers;            /* used in the run */
    bool brokers_auto;          /* the scenario left the count to size */
    int32_t brokers_needed;     /* by size, all dimensions */
    double brokers_needed_days; /* until then, with the growth up to that day; 0: nothing grows */
    uint32_t cost_count;
    struct result_cost *costs;
    double usd_per_month;      /* sum of the known parts */
    const char *currency_note; /* "list prices of 2026-07-20, us-east-1" */
    uint32_t warning_count;
    struct result_warning *warnings;
    uint32_t input_count;
    struct result_input *inputs;
    uint32_t rare_count;
    struct result_rare *rares;
    uint32_t series_count;
    struct result_series *series;
    uint32_t variant_count;
    struct result **variants; /* each a whole result, owned */

    struct result_arena *arena;
};

/* An empty result with its own arena. Gives. */
struct result *result_new(void);
/* Frees the result, its histograms and its variants. NULL is allowed. */
void result_free(struct result *result);
/* Memory that lives as long as the result. Zeroed. Never fails (aborts with a message when the machine has none). */
void *result_alloc(struct result *result, size_t count, size_t size);
const char *result_string(struct result *result, const char *text);
/* As printf, but large numbers in e-notation are written out: 9.766e+04 becomes 97,660. */
const char *result_format(struct result *result, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "1,234,567" */
const char *result_count(struct result *result, uint64_t count);

/* As tables have a share that has no interval (result_percent_text), so that a sentence says what stands below it. */
const char *result_percent(struct result *result, double ratio, double limit);

/* Likewise of result_text.h. */
const char *result_duration(struct result *result, double seconds);

const char *result_day(struct result *result, double day);

/* Adds one zeroed element at the end of an array of the result and returns it: RESULT_ADD(result, slos, slo_count). */
void *result_grow(struct result *result, void *array, uint32_t count, size_t size);
#define RESULT_ADD(result, array, count)                                                           \
    ((result)->array =                                                                             \
         result_grow((result), (result)->array, (result)->count, sizeof *(result)->array),         \
     &(result)->array[(result)->count++])

/* The bound of that resource; NULL: none. */
const struct result_bound *result_bound_of(const struct result *result, const char *resource);

/* A row of the warnings; both texts live as long as the result. */
void result_warn(struct result *result, const char *text, const char *remedy);

/* A histogram for a latency row: a copy of source, or empty. Gives; the result that holds it frees it. */
struct sim_histogram *result_histogram(const struct sim_histogram *source);

struct result_estimate result_exact(double value);
/* Threads are reported by the share of time that they are idle: less is worse, and their limit is a floor. */
bool result_is_idle(enum result_resource_kind kind);
/* Share that is used of all that there is, not of the limit, where the row says `value`: now, with the loss, or the limit itself. */
double result_used_share(enum result_resource_kind kind, double value);

struct result_estimate result_unknown(void);
struct result_estimate result_interval(double value, double low, double high, double level,
                                       uint64_t n);

/*
 * A percentile beside a smaller one of the same latencies: it is not below that, so neither is the low end of its interval. Whoever misses by
 * that missed with the smaller one, too.
 */
struct result_estimate result_above(const struct result_estimate *larger,
                                    const struct result_estimate *smaller);

/* A resource against its limit, as the load is and with `survive` applied: the prediction decides where it is known. */
enum result_verdict result_judge_now(const struct result_resource *row);
enum result_verdict result_judge_lost(const struct result_resource *row);
/* The share of the whole that a bound's demand may come to; NAN where nothing is asked. */
double result_bound_limit(const struct result_bound *b);
/* Beyond it, as the load is or with `survive` applied. */
bool result_bound_beyond(const struct result_bound *b);

/* fits < undecided < does not fit < unstable; a where both are the same. */
enum result_verdict result_worse(enum result_verdict a, enum result_verdict b);
const char *result_verdict_name(
    enum result_verdict verdict); /* "fits", "does not fit", "undecided", "unstable" */

#endif
