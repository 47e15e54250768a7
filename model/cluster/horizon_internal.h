/* What the files of the horizon share. */
#ifndef MODEL_CLUSTER_HORIZON_INTERNAL_H
#define MODEL_CLUSTER_HORIZON_INTERNAL_H

#include "broker-core/log/dir.h"
#include "model/broker/env_sim.h"
#include "model/cluster/flow.h"
#include "model/cluster/horizon_state.h"
#include "model/cluster/machine_share.h"
#include "sim/memory.h"
#include "model/cluster/rate_grid.h"

enum {
    HORIZON_BLOCK =
        288, /* steps that a log takes before the next does: what it needs stays in the cache */
    HORIZON_POINTS = 720, /* of a series: what a figure can show */
    /* Of the past: two weeks of steps of 5 minutes. Odd: the newest stays when each second goes. */
    HORIZON_PAST = 4097,
    HORIZON_YEARS = 3, /* how far use is extrapolated */
    HORIZON_WEEKS = 53 * HORIZON_YEARS,
};

/* A producer's rate in one step of the block. */
struct horizon_moment {
    double now; /* factor of the peak */
    struct rate_place place;
};

/* One producer over time: wire bytes by rate, and what the present step's rate is. */
struct horizon_source {
    const struct scenario_producer *producer;
    struct rate_grid grid;
    double *wire[RATE_GRID_MOST]; /* bytes/s by partition of its topic */
    double wire_all[RATE_GRID_MOST];
    double records_peak, batches_peak; /* per second, all partitions */
    double *share;                     /* of the records, by partition */
    double *batches;                   /* per second at the peak, by partition */
    struct horizon_moment moments[HORIZON_BLOCK];
};

/* A real log, and the partitions that it stands for. */
struct horizon_log {
    struct env_sim *env; /* its own, with its own clock: logs are simulated one after the other */
    struct broker_dir *dir;
    struct broker_log *log;
    int topic, partition;
    double record_bytes;
    double carry;                      /* bytes not yet appended */
    double indexes;                    /* factor for them */
    int64_t segment_bytes, segment_ms; /* the topic's, or larger: horizon_segments_choose */
};

struct horizon_share { /* of a log's bytes on a disk */
    int log;
    double scale;
};

struct horizon_disk {
    int share_count;
    struct horizon_share *shares;
    double capacity, used, used_start, used_max;
    int64_t max_ns;
    int64_t crossed_ns[3]; /* HORIZON_LEVELS, -1: not yet */
    double *write_share;   /* by source: of its wire bytes */
    double
        *lead_share; /* by source: of its wire bytes, led on this disk: what a cold group reads */
    double *near_share; /* by group * sources + source: what that group reads here; NULL: as led */
    double *syncs;      /* by source: a second at the peak */
    float *points;      /* HORIZON_POINTS, largest of each */
};

struct horizon_node {
    double *hold_share, *lead_share; /* by source */
    double *near_share;              /* as of a disk */
};

enum horizon_credit_kind {
    HORIZON_NIC_IN,
    HORIZON_NIC_OUT,
    HORIZON_MACHINE_BYTES,
    HORIZON_MACHINE_IOS,
    HORIZON_VOLUME_BYTES,
    HORIZON_VOLUME_IOS,
};

struct horizon_credit {
    enum horizon_credit_kind kind;
    int broker, disk;
    char name[96];
    const char *unit;
    double base, burst, most, credit;
    double empty_use;   /* what was asked when it ran empty */
    int64_t empty_ns;   /* first time, -1: never */
    int64_t without_ns; /* how long the load was above base without credits */
};

/* Points at the ends of steps, the last one is now. */
struct horizon_past {
    int count;
    double *at_s;   /* since the start */
    double *sum;    /* by point * sources + source: seconds at the peak since the start */
    double *before; /* by source: factor of the peak before the start */
};

/* What a topic's logs keep. */
struct horizon_kept {
    double by_time_s, by_size; /* bytes of all partitions; INFINITY: no limit */
    double *peak;              /* by source: bytes a second at its peak */
    int point;                 /* of the past */
    double reach_s;            /* how far back they reach now */
};

struct horizon_consumer {
    double *peak; /* by source: records a second that come to it at the source's peak */
    double lag;   /* records */
    double behind_s, behind_read; /* of the steps that it ended behind: their time, what it read */
    int point;                    /* of the past: since then came what it has not read */
};

/* What a group that lags goes no faster than. */
enum horizon_pace {
    HORIZON_PACE_THREADS,       /* its own */
    HORIZON_PACE_CLIENTS,       /* its machines' interfaces */
    HORIZON_PACE_INTERFACES,    /* the brokers' */
    HORIZON_PACE_DISKS,         /* the brokers', for what the page cache no longer holds */
    HORIZON_PACE_NETWORK_READS, /* network threads that stand still while a disk reads for them */
    HORIZON_PACES
};

struct horizon_group {
    const struct scenario_group *group;
    int consumers;
    struct horizon_consumer *consumer;
    double work_ns; /* a record; 0: no limit is known */
    double records_per_s, lag;
    double age_s; /* of the oldest record that is not read */
    double reads; /* records read per record produced in this step */
    double lag_start, lag_max, age_max_s;
    int64_t max_ns, caught_up_ns;  /* -1: did not happen */
    double paced_s[HORIZON_PACES]; /* of its consumers while behind, by what set their pace */
    double lost;                   /* records that were deleted before they were read */
    float *points;
};

struct horizon {
    struct scenario share; /* by broker: its part of a machine that brokers share */
    const struct scenario *s;
    const struct model_profile *profile;
    const struct model_placement *placement;
    struct broker_receipt receipt;
    int64_t now_ns, step_ns, length_ns;
    int steps;                                /* of the present block */
    int64_t step_begin_ns[HORIZON_BLOCK + 1]; /* and its end */
    double load_max; /* of all producers, as a factor of their stated peaks */
    int64_t load_max_ns;
    double
        coarse_s; /* of the logs' segments where they are larger than the topic's, the longest; else 0 */
    double *sizes; /* by log * HORIZON_BLOCK + step: live bytes with index entries */
    int brokers, disks_each;

    int source_count;
    struct horizon_source *sources;
    int log_count;
    struct horizon_log *logs;
    int **log_of;               /* by topic, partition */
    double **scale_of;          /* by topic, partition: its bytes / its log's */
    struct horizon_disk *disks; /* by broker * disks_each + disk */
    struct horizon_node *nodes; /* by broker */
    int credit_count;
    struct horizon_credit *credits;
    int group_count;
    struct horizon_group *groups;
    struct horizon_past past;
    struct horizon_kept *kept; /* by topic */
    double *gone;              /* by source: its sum up to which its topic's logs have nothing */
    double *gone_before;       /* a step ago */
    double *written;           /* by source: bytes a second that all brokers write at its peak */
    double cache_s;            /* age at which bytes leave a broker's page cache */
    int cache_point;           /* of the past */
};

extern const double horizon_levels[3]; /* 80, 85, 95 % */

/* The next steps: HORIZON_BLOCK of them, or what is left. */
void horizon_plan_block(struct horizon *h);

void horizon_sources_init(struct horizon *h);
void horizon_sources_free(struct horizon *h);
/* Sets each source's rate for the steps of the block. */
void horizon_sources_block(struct horizon *h);
double horizon_source_wire(const struct horizon_source *source, int step, int partition);
/* The same at a factor of the peak. */
double horizon_source_wire_at(const struct horizon_source *source, double factor, int partition);
double horizon_source_wire_all(const struct horizon_source *source, int step);
double horizon_source_wire_all_at(const struct horizon_source *source, double factor);
/*
 * By what a source's records have grown, at times of ever more (or less) growth, becomes by what its wire bytes have: the first stays, and
 * the batches of the others are as large as their load makes them.
 */
void horizon_source_wire_growth(const struct horizon *h, int source, double *growth, int count);
double horizon_source_wire_peak(const struct horizon_source *source); /* of all, at factor 1 */

/* How large the log's segments are, once all logs are chosen; bytes_per_s: as the horizon begins. See horizon_segments.c. */
void horizon_segments_choose(struct horizon *h, struct horizon_log *log, double bytes_per_s);
void horizon_segments_warn(const struct horizon *h, struct result *result);

int horizon_logs_init(struct horizon *h, struct broker_err *err);
void horizon_logs_free(struct horizon *h);
/* Appends, measures and lets retention delete, log by log. */
int horizon_logs_block(struct horizon *h, struct broker_err *err);

void horizon_nodes_init(struct horizon *h);
void horizon_nodes_free(struct horizon *h);
void horizon_disks_block(struct horizon *h);
int horizon_point_count(const struct horizon *h); /* of a series: one a step, or HORIZON_POINTS */
int horizon_point(const struct horizon *h, int64_t now_ns);

void horizon_credits_init(struct horizon *h);
void horizon_credits_step(struct horizon *h, int step);
bool horizon_credits_left(const struct horizon *h, int broker); /* none of its buckets is empty */

void horizon_past_init(struct horizon *h);
void horizon_past_free(struct horizon *h);
void horizon_past_step(struct horizon *h, int step);
/*
 * For how long the newest `amount` of it has come; 0 for nothing, INFINITY for more than ever came. peak: of it, by source, a second at the
 * source's peak. gone: by source, the sum up to which nothing of it is there any more; NULL: all is. *point: any at first, then the last
 * answer's; amounts that change little cost little.
 */
double horizon_past_age(const struct horizon *h, const double *peak, const double *gone,
                        double amount, int *point);
/* The other way round: how much of it came in so long and is not gone. */
double horizon_past_amount(const struct horizon *h, const double *peak, const double *gone,
                           double age_s);
/* A source's sum so long ago; below 0 before the start. */
double horizon_past_sum(const struct horizon *h, int source, double age_s);

/*
 * At which rates a producer brought what it did in the last kept_ns before at_ns: factors of its peak, each for as long, the lowest first.
 * Returns their mean.
 */
double horizon_history(const struct scenario_producer *producer, int64_t at_ns, double kept_ns,
                       double history[HORIZON_HISTORY]);

void horizon_kept_init(struct horizon *h);
void horizon_kept_free(struct horizon *h);
void horizon_kept_logs_step(struct horizon *h);
void horizon_kept_cache_step(struct horizon *h);

void horizon_groups_init(struct horizon *h);
void horizon_groups_free(struct horizon *h);
void horizon_groups_step(struct horizon *h, int step);
/*
 * The fastest that the brokers serve the group, which lags: as a multiple of what its topics get when all producers send at their peaks.
 * INFINITY: nothing limits it. *pace: what does; as it was without a limit.
 */
double horizon_reach(const struct horizon *h, int group, int step, enum horizon_pace *pace);

static inline int64_t horizon_step_ns(const struct horizon *h, int step)
{
    return h->step_begin_ns[step + 1] - h->step_begin_ns[step];
}

#endif
