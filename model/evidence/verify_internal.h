/*
 * model/evidence/verify_internal.h - what the files of verify share: the work on one case.
 */
#ifndef MODEL_EVIDENCE_VERIFY_INTERNAL_H
#define MODEL_EVIDENCE_VERIFY_INTERNAL_H

#include "model/evidence/verify.h"

#define VERIFY_REPLICATIONS   9
/* Of a prediction's batches, the rest is for its warm-up: where a client sends as fast as it can, that is by far the most. */
#define VERIFY_MEASURED_SHARE 0.375

/* What one prediction may cost, and how it is made. Borrowed by all threads. */
struct verify_work {
    const struct verify_options *options;
    struct verify *verify;
    uint64_t share; /* batches of one prediction */
};

/* Runs do(context, i) for i in [0, count) in threads, each i once. Stops early when *stop is set. */
void verify_parallel(int count, int threads, volatile sig_atomic_t *stop,
                     void (*work)(void *context, int index), void *context,
                     void (*progress)(void *progress_ctx, double ratio, const char *what),
                     void *progress_ctx, const char *what);

/*
 * What a prediction is for: a number of the table, with a series' factor or without; a step of the fit of that factor; a trial of a
 * bisection, where one run tells whether a rate is carried. The later ones get less of the budget.
 */
enum verify_effort { VERIFY_WHOLE, VERIFY_STEP, VERIFY_TRIAL };

/* A prediction of doc under the case's profile; batches and time are added to the case. */
int verify_predict_once(const struct verify_work *work, enum verify_effort effort,
                        struct verify_case *c, const struct scenario_doc *doc,
                        const struct model_profile *profile, struct prediction *out,
                        struct broker_err *err);
/* The case's own profile (fold or as the scenario says). Returns 0 or -1. */
int verify_profile_of(const struct verify_work *work, const struct verify_case *c,
                      struct model_profile *profile, struct broker_err *err);
/* The case's file again, with a few keys set. Gives *doc. Returns 0 or -1. */
int verify_reload(const struct verify_work *work, const struct verify_case *c,
                  const char *const *sets, int set_count, struct scenario_doc **doc,
                  struct broker_err *err);

/* Fills predicted[VERIFY_BLIND]. */
void verify_blind(const struct verify_work *work, struct verify_case *c);
/* The highest stable rate: replaces throughput in *out. */
int verify_bisect(const struct verify_work *work, struct verify_case *c,
                  const struct model_profile *profile, struct prediction *out,
                  struct broker_err *err);

/* The factor of a series, fitted to its anchor. parameter NULL: nothing reaches the measurement, or nothing is measured there. */
struct verify_anchor {
    const char *parameter;
    double factor;
};
struct verify_anchor verify_anchor_fit(const struct verify_work *work, struct verify_case *anchor);
/* Fills predicted[VERIFY_ANCHORED] of a case of the anchor's series. */
void verify_anchored(const struct verify_work *work, struct verify_case *c,
                     struct verify_anchor anchor);

/* Makes unknown what there is no number of: latencies of queues that grow, as measured and as predicted; more CPU than there is. */
void verify_leave_out(const struct verify_case *c, struct prediction *seen);
/* The same of CPU alone; an interval ends at what the machines have. */
void verify_limit_cpu(const struct scenario *s, struct predict_value of[MEASURED_QUANTITIES]);

/* Widens every interval by what is known of the errors. */
void verify_widen(struct verify *verify, const struct verify_options *options);
/* Fills the null models' predictions. */
void verify_null_models(struct verify *verify);

#endif
