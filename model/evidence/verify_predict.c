/* One case: what the simulation says, with nothing fitted to it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/evidence/verify_internal.h"
#include "sim/memory.h"

/* Part of a share that each effort gets: a fit looks for a factor, not for a tail. */
static const uint64_t parts[] = {[VERIFY_WHOLE] = 1, [VERIFY_STEP] = 10, [VERIFY_TRIAL] = 3};

/*
 * Unknown inputs are drawn anew for each replication, and which clients share a network thread in all: more of them tell more. Uncertain cases
 * have the long batches of public clusters. A step of a fit takes the first three.
 */
enum { REPLICATIONS = VERIFY_REPLICATIONS, REPLICATIONS_UNCERTAIN = 6 };

int verify_predict_once(const struct verify_work *work, enum verify_effort effort,
                        struct verify_case *c, const struct scenario_doc *doc,
                        const struct model_profile *profile, struct prediction *out,
                        struct broker_err *err)
{
    uint64_t share = work->share / parts[effort],
             measured = (uint64_t)(VERIFY_MEASURED_SHARE * (double)share);
    struct predict_options how = {.seed = work->verify->seed,
                                  .batches_max = measured,
                                  .warmup_batches_max = share - measured,
                                  .variant = -1};
    if (effort == VERIFY_TRIAL)
        how.replications = 1;
    else if (effort != VERIFY_STEP)
        how.replications =
            scenario_input_count(doc, -1) > 0 ? REPLICATIONS_UNCERTAIN : REPLICATIONS;
    verify_predict function = work->options->predict ? work->options->predict : predict;
    int status = function(doc, profile, &how, out, err);
    if (status == 0) {
        c->batches += out->batches;
        c->simulated_s += out->simulated_s;
    }
    return status;
}

int verify_reload(const struct verify_work *work, const struct verify_case *c,
                  const char *const *sets, int set_count, struct scenario_doc **doc,
                  struct broker_err *err)
{
    struct scenario_options how = {
        .datadir = work->options->datadir, .sets = sets, .set_count = set_count};
    if (scenario_load(c->path, &how, doc) == SCENARIO_OK)
        return 0;
    const struct scenario_error *e = scenario_error_at(*doc, 0);
    broker_err_set(err, -1, "%.60s: %.180s", e->source, e->message);
    scenario_doc_free(*doc);
    *doc = NULL;
    return -1;
}

/* ---- the highest stable rate ---- */

enum { RATE_DOUBLINGS_MAX = 12, RATE_BISECTIONS = 6, PRODUCERS_MAX = 16 };
#define RATE_CARRIED 0.98 /* acknowledged share of what is offered: below, it is not carried */

struct trial {
    double offered; /* records/s, all producers */
    bool carried;
    struct prediction seen;
};

static int try_rate(const struct verify_work *work, struct verify_case *c,
                    const struct model_profile *profile, double factor, struct trial *trial,
                    struct broker_err *err)
{
    const struct scenario *s = scenario_base(c->doc);
    char text[PRODUCERS_MAX][400];
    const char *sets[PRODUCERS_MAX];
    int count = s->producer_count < PRODUCERS_MAX ? s->producer_count : PRODUCERS_MAX;
    trial->offered = 0;
    for (int p = 0; p < count; p++) {
        double rate = s->producers[p].records_per_s_peak * factor;
        snprintf(text[p], sizeof text[p], "producers.%s.rate=%.9g records/s", s->producers[p].name,
                 rate);
        sets[p] = text[p];
        trial->offered += rate;
    }
    struct scenario_doc *doc;
    int status = verify_reload(work, c, sets, count, &doc, err);
    if (status == 0) {
        status = verify_predict_once(work, VERIFY_TRIAL, c, doc, profile, &trial->seen, err);
        scenario_doc_free(doc);
    }
    double acked = trial->seen.quantity[MEASURED_THROUGHPUT].value;
    trial->carried = status == 0 && trial->seen.stable && acked >= RATE_CARRIED * trial->offered;
    return status;
}

/* Doubles or halves the stated rate until one end is carried and the other is not, then bisects. */
int verify_bisect(const struct verify_work *work, struct verify_case *c,
                  const struct model_profile *profile, struct prediction *out,
                  struct broker_err *err)
{
    struct trial trial;
    double factor = 1, low = 0, high = 0, offered = 0;
    int status = 0;
    for (int i = 0; i < RATE_DOUBLINGS_MAX && !(low > 0 && high > 0) && status == 0; i++) {
        status = try_rate(work, c, profile, factor, &trial, err);
        *(trial.carried ? &low : &high) = factor;
        offered = trial.offered / factor;
        factor = trial.carried ? factor * 2 : factor / 2;
    }
    for (int i = 0; i < RATE_BISECTIONS && low > 0 && high > 0 && status == 0; i++) {
        factor = sqrt(low * high);
        status = try_rate(work, c, profile, factor, &trial, err);
        *(trial.carried ? &low : &high) = factor;
    }
    if (status == 0 && low > 0 && high > 0)
        out->quantity[MEASURED_THROUGHPUT] =
            (struct predict_value){sqrt(low * high) * offered, low * offered, high * offered};
    else
        out->quantity[MEASURED_THROUGHPUT] = (struct predict_value){NAN, NAN, NAN};
    return status;
}

/* ---- blind ---- */

void verify_blind(const struct verify_work *work, struct verify_case *c)
{
    struct model_profile *profile = sim_checked(malloc(sizeof *profile));
    struct prediction seen;
    struct broker_err err = {""};
    int status = verify_profile_of(work, c, profile, &err);
    if (status == 0)
        status = verify_predict_once(work, VERIFY_WHOLE, c, c->doc, profile, &seen, &err);
    if (status == 0) {
        c->stable = seen.stable;
        c->cut = seen.cut;
        if (c->maximum == VERIFY_BISECTION)
            status = verify_bisect(work, c, profile, &seen, &err);
    }
    if (status == 0)
        verify_leave_out(c, &seen);
    if (status == 0)
        memcpy(c->predicted[VERIFY_BLIND], seen.quantity, sizeof c->predicted[VERIFY_BLIND]);
    else
        snprintf(c->failure, sizeof c->failure, "%.190s", err.text[0] ? err.text : "no reason");
    free(profile);
}
