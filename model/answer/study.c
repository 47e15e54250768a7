/* model/answer/study.c - a scenario and its variants from the bounds to the verdict; see study.h. */
#include "model/answer/study_internal.h"

#include <stdio.h>
#include <stdlib.h>

#include "model/answer/advice.h"
#include "model/answer/max_rate.h"
#include "model/answer/size.h"
#include "model/answer/size_spread.h"
#include "model/answer/trust.h"
#include "model/scenario/profile.h"

static const struct scenario *variant_of(const struct study *study, int variant)
{
    return variant < 0 ? scenario_base(study->doc) : scenario_variant_at(study->doc, variant);
}

/* ---- what both commands share: the scenario with its broker count, bounds, cost ---- */

static void header(struct result *result, const struct scenario *s,
                   const struct model_profile *profile)
{
    result->scenario = result_string(result, s->name);
    result->question = result_string(result, s->question);
    result->variant = result_string(result, s->variant);
    result->profile = result_string(result, profile->name);
    result->profile_error = trust_text(result, s, profile);
}

/* The resolved YAML of the whole document; variants share it. */
static const char *explained(struct result *result, const struct scenario_doc *doc)
{
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    if (!memory)
        return "";
    scenario_explain(doc, memory);
    fclose(memory);
    const char *kept = result_string(result, text);
    free(text);
    return kept;
}

/* A copy of the variant whose broker count is settled. */
static int settle(const struct scenario *s, const struct size_counts *counts,
                  struct scenario *settled, struct broker_err *err)
{
    *settled = *s;
    if (!s->cluster.brokers_auto)
        return STUDY_OK;
    settled->cluster.brokers = counts->all;
    if (counts->all > 0)
        return STUDY_OK;
    return broker_err_set(
        err, STUDY_EINVALID,
        "brokers: auto finds no count that fits: one partition or client alone is beyond a limit");
}

static int sized(struct study *study, int variant, struct scenario *settled,
                 struct model_profile *profile, struct result **result, struct broker_err *err)
{
    const struct scenario *s = variant_of(study, variant);
    if (scenario_profile_load(study->options->datadir, s->cluster.profile, profile, err) != 0)
        return STUDY_EIO;
    const volatile sig_atomic_t *stop = study->options->stop;
    struct size_counts counts = study_counts(study->options, s, variant, profile);
    if (stop && *stop)
        return broker_err_set(err, STUDY_STOPPED, "stopped");
    int status = settle(s, &counts, settled, err);
    if (status != STUDY_OK)
        return status;
    *result = result_new();
    header(*result, settled, profile);
    if (!size_fill(settled, profile, &counts, stop, *result) ||
        !size_spread(study->doc, variant, study_seed(study->options, s), settled->cluster.brokers,
                     profile, stop, *result)) {
        result_free(*result);
        *result = NULL;
        return broker_err_set(err, STUDY_STOPPED, "stopped");
    }
    advice_polls(*result, study->doc, variant);
    cost_fill(settled, profile, settled->cluster.brokers,
              study->options->prices_path ? &study->prices : NULL, *result);
    return STUDY_OK;
}

static int run_variant(struct study *study, int variant, struct result **result,
                       struct broker_err *err)
{
    struct scenario settled;
    struct model_profile profile;
    study->what = variant < 0 ? "as written" : variant_of(study, variant)->variant;
    int status = sized(study, variant, &settled, &profile, result, err);
    if (status == STUDY_OK)
        status = study_simulate(study, variant, &settled, &profile, *result, err);
    if (status != STUDY_OK) {
        if (variant >= 0)
            broker_err_wrap(err, status, "variant %s", study->what);
        result_free(*result);
        *result = NULL;
    }
    study->done++;
    return status;
}

static int prices_read(struct study *study, struct broker_err *err)
{
    char error[COST_ERROR_BYTES];
    cost_prices_init(&study->prices);
    if (!study->options->prices_path ||
        cost_prices_read(study->options->prices_path, &study->prices, error))
        return STUDY_OK;
    return broker_err_set(err, STUDY_EIO, "%s", error);
}

static int with_variants(struct study *study,
                         int (*one)(struct study *, int, struct result **, struct broker_err *),
                         struct result **result, struct broker_err *err)
{
    *result = NULL;
    study->variant_count = scenario_variant_count(study->doc);
    int status = prices_read(study, err);
    if (status == STUDY_OK)
        status = one(study, -1, result, err);
    for (int v = 0; status == STUDY_OK && v < study->variant_count; v++) {
        struct result *side = NULL;
        status = one(study, v, &side, err);
        if (status == STUDY_OK)
            *(struct result **)RESULT_ADD(*result, variants, variant_count) = side;
    }
    cost_prices_release(&study->prices);
    if (status == STUDY_OK) {
        (*result)->scenario_text = explained(*result, study->doc);
    } else {
        result_free(*result);
        *result = NULL;
    }
    return status;
}

/* Whether the horizon has the moment that the options name. */
static int check_at(const struct study_options *o, const struct scenario *s, struct broker_err *err)
{
    double days = (double)s->horizon.length_ns / STUDY_NS_DAY;
    if (o->at != HORIZON_AT_START && max_rate_any(s)) {
        struct result *memory = result_new();
        broker_err_set(err, STUDY_EINVALID,
                       "--at: %s runs at rate: max, so nobody knows what the horizon brings; "
                       "state a rate",
                       max_rate_names(s, memory));
        result_free(memory);
        return STUDY_EINVALID;
    }
    if (o->at == HORIZON_AT_DAY && o->at_day > days)
        return broker_err_set(err, STUDY_EINVALID,
                              "--at: day %.4g lies beyond the horizon's %.4g days", o->at_day,
                              days);
    return STUDY_OK;
}

int study_check(const struct scenario_doc *doc, const struct study_options *options,
                struct broker_err *err)
{
    struct study study = {.doc = doc, .options = options};
    int status = prices_read(&study, err);
    cost_prices_release(&study.prices);
    for (int v = -1; status == STUDY_OK && v < scenario_variant_count(doc); v++) {
        const struct scenario *s = variant_of(&study, v);
        status = check_at(options, s, err);
        if (status != STUDY_OK && v >= 0)
            broker_err_wrap(err, status, "variant %s", s->variant);
    }
    return status;
}

int study_run(const struct scenario_doc *doc, const struct study_options *options,
              struct result **result, struct broker_err *err)
{
    struct study study = {.doc = doc, .options = options};
    *result = NULL;
    int status = study_check(doc, options, err);
    return status == STUDY_OK ? with_variants(&study, run_variant, result, err) : status;
}

static int size_variant(struct study *study, int variant, struct result **result,
                        struct broker_err *err)
{
    struct scenario settled;
    struct model_profile profile;
    int status = sized(study, variant, &settled, &profile, result, err);
    if (status != STUDY_OK)
        return status;
    (*result)->study = "size";
    advice_catching_up(*result, &settled);
    advice_slos(*result, &settled);
    return STUDY_OK;
}

int study_size(const struct scenario_doc *doc, const struct study_options *options,
               struct result **result, struct broker_err *err)
{
    struct study study = {.doc = doc, .options = options};
    return with_variants(&study, size_variant, result, err);
}
