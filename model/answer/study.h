/*
 * model/answer/study.h - a question put to a scenario, answered as a result document.
 *
 * Shape    study_size: closed forms only. study_run: the same bounds, then replications of the simulation in threads, the horizon,
 *          all variants side by side under common random numbers, verdicts.
 * Determinism  The result depends on the document and the options that say so (seed, replications, precision, quick), never on
 *          threads: replications are numbered, added up in order, and `precision` stops at the lowest count that satisfies it.
 */
#ifndef MODEL_ANSWER_STUDY_H
#define MODEL_ANSWER_STUDY_H

#include <signal.h>

#include "broker-core/status.h"
#include "model/answer/size.h"
#include "model/cluster/horizon_state.h"
#include "model/cluster/result.h"
#include "model/scenario/load.h"

/* The remedy of what a quick run is too short for, and the scenario's own length is not. */
#define STUDY_NOT_QUICK "run without --quick"

/* Zero is the default everywhere: what the scenario says. Borrowed during the call. */
struct study_options {
    uint64_t seed;
    bool seed_set;
    int replications;        /* 0: the scenario's */
    double precision;        /* relative half-width to reach; 0: the scenario's */
    bool quick;              /* few short replications: a wide interval soon */
    int threads;             /* 0: one per core */
    enum horizon_at at;      /* study_run: the moment of the horizon that the run goes on from */
    double at_day;           /* with HORIZON_AT_DAY; beyond the horizon's end is STUDY_EINVALID */
    const char *prices_path; /* NULL: the catalogue's dated prices */
    const char *datadir;     /* holds profiles/ and hardware/; never NULL */
    /*
     * What searches for broker counts found, kept from the forecast for the run: of the scenario as written, then of each variant, `all` 0
     * while it is not known. NULL: whoever needs it searches.
     */
    struct size_counts *counts;
    void (*progress)(void *ctx, double done_ratio,
                     const char *what); /* from the calling thread; NULL: none */
    void *progress_ctx;
    volatile sig_atomic_t *stop; /* nonzero: stop as soon as possible; NULL: never */
};

enum study_status {
    STUDY_OK,
    STUDY_EINVALID, /* the scenario cannot be studied so (its text says why) */
    STUDY_EIO,      /* profile, prices or trace cannot be read */
    STUDY_ELIMIT,   /* a limit of the run was hit: memory, batches */
    STUDY_STOPPED,  /* *options->stop was set; no result */
};

/* Gives *result when STUDY_OK, for result_free; else NULL and a sentence in err. Asserts: the document has no errors. */
int study_size(const struct scenario_doc *doc, const struct study_options *options,
               struct result **result, struct broker_err *err);
int study_run(const struct scenario_doc *doc, const struct study_options *options,
              struct result **result, struct broker_err *err);

/*
 * What study_run refuses of the options before it simulates anything: a moment that the horizon has not, prices that cannot be read.
 * Returns  STUDY_OK, or STUDY_EINVALID or STUDY_EIO and a sentence in err.
 */
int study_check(const struct scenario_doc *doc, const struct study_options *options,
                struct broker_err *err);

/*
 * One line said before a run: "4 scenarios x 10 replications of 60 s: about 1.4 million batches, some 3 s". False and no text when nothing
 * of it can run: no count of brokers fits, or no profile is to be had. The run itself will say why.
 */
bool study_forecast(const struct scenario_doc *doc, const struct study_options *options, char *text,
                    size_t size);

#endif
