/*
 * model/evidence/calibrate.h - a profile out of measured rows, with its error on rows that it has not seen.
 *
 * Shape    Rows become configurations. A surface is taken at the start profile; the fit moves on it, is simulated there, moves again, until the surface
 *          is used up; then a new one is taken. The first serves CPU readings alone. On the last one every fold, every family and every bootstrap resample is fitted again;
 *          what a fold or a family did not see is then simulated in full with that fold's parameters: these are the errors that are told.
 * Converged  When all moves on the last surface, taken where the one before ended, gained at most 10 %, and then it promises less than 2 %,
 *          or its last move gained less than that, or it promises up to 15 % that no move gives (three lengths are tried): noisy slopes do so.
 *          Gains are relative to the objective plus one for each reading. Anything else is a failure, and nothing may be written.
 * Determinism  By rows, start profile, seed, folds and budget; never by threads.
 * Checked  tests/model/test_calibrate.c
 */
#ifndef MODEL_EVIDENCE_CALIBRATE_H
#define MODEL_EVIDENCE_CALIBRATE_H

#include "model/evidence/collector.h"
#include "model/evidence/configuration.h"
#include "model/evidence/error_summary.h"
#include "model/evidence/parameter.h"
#include "model/evidence/surface.h"

enum {
    CALIBRATE_FOLDS_MAX = 20,
    CALIBRATE_TRACE_MAX = 16,
};

/* Zero is the default where a default is named. Borrowed during the call. */
struct calibrate_options {
    const char *datadir;
    const struct model_profile *start;
    const struct row_place
        *place;           /* what the rows were measured on; NULL: the machine of those that ship */
    uint64_t seed;        /* 0: 1 */
    int folds;            /* 0: 5 */
    int threads;          /* 0: one per core */
    uint64_t batches_max; /* of one simulation for slopes; 0: 96,000, quick 1,000 */
    bool quick;           /* wider errors in a fifth of the time */
    surface_predict_fn predict; /* NULL: predict */
    void (*progress)(void *ctx, double done_ratio, const char *what);
    void *progress_ctx;
    volatile sig_atomic_t *stop;
};

enum calibrate_status {
    CALIBRATE_OK,
    CALIBRATE_EINVALID, /* the rows do not do: too few, or one makes no scenario */
    CALIBRATE_EFIT, /* the fit did not converge: *calibration holds what was reached, to be told but not to be kept */
    CALIBRATE_EFAILED, /* a simulation could not be made */
    CALIBRATE_STOPPED,
};

struct calibration_step { /* one surface */
    double objective;     /* where it was taken */
    int moves;            /* on it */
    double reached;       /* objective after them */
    double promised; /* relative gain that it still promises, when no move gives it; 0: not asked */
};

struct calibration {
    struct calibrate_options options; /* defaults filled in */
    struct configurations configurations;
    struct collector collector; /* what all rows say of pauses */
    struct model_profile start; /* options.start with it: the fit begins there */
    struct parameter parameter[PARAMETERS_MAX];
    int parameters, readings;
    struct surface surface; /* the last one */
    uint64_t simulations;

    struct calibration_step step[CALIBRATE_TRACE_MAX];
    int steps;
    const char *end; /* why it stopped */

    double ln_value[PARAMETERS_MAX];
    double standard_error[PARAMETERS_MAX]; /* of the logarithm, by bootstrap */
    double disagreement[PARAMETERS_MAX];   /* of the slopes at two steps: surface.h */
    double *correlation;                   /* [parameter][parameter] */
    double determined[PARAMETERS_MAX]; /* 1 - variance / prior variance: 0, the rows say nothing */

    int folds;
    int *fold;                                              /* [configuration] */
    double fold_value[CALIBRATE_FOLDS_MAX][PARAMETERS_MAX]; /* ln */
    /* Predictions [configuration][quantity]: by the fit to all, by the fold and by the family that did not see it. */
    double *fitted, *held_out, *family_out;
};

/* Gives *calibration when CALIBRATE_OK or CALIBRATE_EFIT, for calibration_free; else NULL. Borrows rows until then. */
enum calibrate_status calibrate(const struct rows *rows, const struct calibrate_options *options,
                                struct calibration **calibration, struct broker_err *err);
void calibration_free(struct calibration *calibration);

/* The fitted profile (fold -1), or a fold's, complete with errors, ranges and, for a fold, what it has not seen. */
void calibration_profile(const struct calibration *calibration, int fold, const char *name,
                         struct model_profile *profile);

/* What the rows say of pauses that the fitted profile (fold -1) has seen, or a fold's. */
struct collector calibration_collector(const struct calibration *calibration, int fold);

/* Errors of one quantity (measured.h, fitted.h) over configurations. predicted: [configuration][quantity]. family NULL: all. */
struct error_summary calibration_error(const struct calibration *calibration,
                                       const double *predicted, int quantity, const char *family);

/* The report. Returns 0, or -1 with errno. */
int calibration_write(const struct calibration *calibration, FILE *out);

#endif
