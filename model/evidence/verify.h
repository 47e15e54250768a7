/*
 * model/evidence/verify.h - how wrong are the predictions? Every scenario with a `measured:` block, predicted and compared.
 *
 * Shape    A case is one such scenario. Cases are predicted in threads, each with a share of the batch budget; results do not depend
 *          on the threads. Own rows (a folder without "public" in its path) are predicted with the fold profile that has not seen them.
 *          Methods beside our blind prediction: anchored (one factor a series, fitted at its anchor) and the null models.
 * Maximum  Where `measured.maximum` is set, throughput is the steady rate under `rate: max`, or the highest stable rate by bisection
 *          when the scenario states a rate; the case says which.
 * Interval 90 % for one repeat: replications, widened by the profile's held-out error (own rows) or by the errors of the other
 *          series (public cases), so that no case decides about its own interval.
 * Units    As measured.h. Errors are predicted / measured - 1.
 * Checked  tests/model/test_verify.c
 */
#ifndef MODEL_EVIDENCE_VERIFY_H
#define MODEL_EVIDENCE_VERIFY_H

#include <signal.h>

#include "broker-core/status.h"
#include "model/evidence/predict.h"

/* Batches over all cases, warm-ups too; few need their share, and so they are some seven minutes on two cores. */
#define VERIFY_BUDGET 400000000u

enum verify_population { VERIFY_OWN, VERIFY_PUBLIC, VERIFY_POPULATIONS };

enum verify_method {
    VERIFY_BLIND,       /* headroom, nothing fitted to the case */
    VERIFY_ANCHORED,    /* headroom, one factor fitted to the series' anchor */
    VERIFY_AWS,         /* AWS Equation 1 */
    VERIFY_GOOGLE,      /* 20 MB/s of write equivalent a vCPU */
    VERIFY_AKALCULATOR, /* 5 MiB/s in, 15 MiB/s out a vCPU */
    VERIFY_MM1,         /* M/M/1 plus linger, anchored */
    VERIFY_METHODS
};

enum verify_fitted { VERIFY_UNSEEN, VERIFY_HELD_OUT, VERIFY_FITTED };
enum verify_maximum { VERIFY_NO_MAXIMUM, VERIFY_STEADY_RATE, VERIFY_BISECTION };

struct verify_case {
    char *path;               /* of the scenario; owned */
    char *name;               /* "public/aws-msk-2022-m5.large-08"; owned */
    struct measured measured; /* borrows from doc */
    struct scenario_doc *doc; /* owned; NULL in tests that fill cases by hand */
    enum verify_population population;
    enum verify_fitted fitted;
    int fold; /* VERIFY_HELD_OUT: which one */
    enum verify_maximum maximum;
    struct predict_value predicted[VERIFY_METHODS][MEASURED_QUANTITIES]; /* value NAN: no answer */
    bool stable, cut;
    uint64_t batches; /* simulated for it, all methods */
    double simulated_s;
    const char *anchor_parameter; /* what the series' factor is on; NULL: not anchored */
    double anchor_factor;
    char failure[200]; /* why there is no prediction; "" */
};

typedef int (*verify_predict)(const struct scenario_doc *doc, const struct model_profile *profile,
                              const struct predict_options *options, struct prediction *out,
                              struct broker_err *err);

/* Zero is the default everywhere but datadir. Borrowed during the call. */
struct verify_options {
    const char *datadir; /* holds profiles/, validation/, hardware/ */
    const char *folder;  /* NULL: datadir/validation */
    const char *profile; /* NULL: each scenario's own */
    uint64_t seed;       /* 0: 1 */
    uint64_t budget;     /* batches over all, their warm-ups with them; 0: VERIFY_BUDGET */
    int threads;         /* 0: one per core */
    bool peers;
    verify_predict predict; /* NULL: predict */
    void (*progress)(void *ctx, double done_ratio, const char *what);
    void *progress_ctx;
    volatile sig_atomic_t *stop;
};

struct verify {
    int count;
    struct verify_case *cases; /* sorted by name */
    uint64_t budget, seed;
    int profiles;      /* files below the folder that are profiles, not scenarios: left out */
    char profile[256]; /* name or path, or "as each scenario says" */
    char profile_error[160];
};

enum verify_status { VERIFY_OK, VERIFY_EINVALID, VERIFY_EIO, VERIFY_STOPPED };

/*
 * Loads every scenario below the folder that has a `measured:` block, and finds its fold. Nothing is predicted yet.
 * Gives *verify, for verify_free, when VERIFY_OK. VERIFY_EINVALID: a scenario has errors (err names the first).
 */
int verify_load(const struct verify_options *options, struct verify **verify,
                struct broker_err *err);
/* One line: what verify_run will cost. */
void verify_forecast(const struct verify *verify, const struct verify_options *options, char *text,
                     size_t size);
/* Predicts all cases. A case that cannot be predicted has its failure and no values. */
int verify_run(struct verify *verify, const struct verify_options *options, struct broker_err *err);
void verify_free(struct verify *verify);

/* "own", "public"; "blind", "anchored", "AWS Equation 1" ... */
const char *verify_population_name(enum verify_population population);
const char *verify_method_name(enum verify_method method);
/* "no", "fold 3", "fitted" */
void verify_fitted_text(const struct verify_case *c, char text[16]);

/*
 * Does this case say something about the method's error of this quantity: measured, predicted, not fitted (an anchor is fitted for
 * the anchored methods); throughput only where it is a maximum.
 */
bool verify_counts(const struct verify_case *c, enum verify_method method,
                   enum measured_quantity quantity);
/* Queues grow or are kept full: errors are of another kind there than below saturation. The prediction itself says which. */
bool verify_saturated(const struct verify_case *c);
/* predicted / measured - 1, measured the median of the repeats; NAN where there is none. */
double verify_error(const struct verify_case *c, enum verify_method method,
                    enum measured_quantity quantity);

#endif
