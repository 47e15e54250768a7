/* model/answer/rank.c - see rank.h. */
#include "model/answer/rank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/answer/rank_quantity.h"

#define INPUTS_MAX     12 /* two short runs each: beyond that, ranking costs more than the study */
/* Under common random numbers a few seconds show which input moves a percentile or a share and which does not. */
#define MEASURE_MAX_NS INT64_C(3000000000)
/* A guess that moves the quantity by less than this is not worth a line. */
#define EFFECT_MIN     0.02

/* An input that the file gives as a range, or a default that is a guess: both are open, and are looked at alike. */
struct open_input {
    const struct scenario_input *input;
    int index;
    bool assumed;
};

struct ranking {
    const struct scenario_doc *doc;
    int variant;
    const struct model_profile *profile;
    const struct replicate_options *options;
    int64_t warmup_ns, measure_ns;
    struct rank_quantity quantity;
};

static struct scenario *scenario_at(const struct ranking *r, const struct open_input *open,
                                    double value)
{
    return open->assumed ? scenario_with_assumption(r->doc, r->variant, open->index, value)
                         : scenario_with_input(r->doc, r->variant, open->index, value);
}

static int value_with(const struct ranking *r, const struct open_input *open, double value,
                      double *moved, struct broker_err *err)
{
    struct scenario *scenario = scenario_at(r, open, value);
    *moved = NAN;
    if (!scenario) /* this end of the range contradicts other settings: there is nothing to rank */
        return BROKER_OK;
    int status = rank_quantity_value(&r->quantity, scenario, r->profile, r->options, r->warmup_ns,
                                     r->measure_ns, moved, err);
    scenario_free(scenario);
    return status;
}

struct scale {
    double size; /* 0: the end */
    const char *name;
};

/* In the largest unit of which it is one, else in the smallest. */
static const char *scaled(struct result *result, double value, const struct scale *scales)
{
    while (value < scales->size && scales[1].size > 0)
        scales++;
    return result_format(result, "%.3g %s", value / scales->size, scales->name);
}

static const char *duration(struct result *result, double ns)
{
    static const struct scale scales[] = {
        {1e9, "s"}, {1e6, "ms"}, {1e3, "us"}, {1, "ns"}, {0, NULL}};
    return ns >= 60e9 ? result_duration(result, ns / 1e9) : scaled(result, ns, scales);
}

/* Kafka's times are ms, our own ns. */
static const char *amount(struct result *result, double value, const char *unit)
{
    static const struct scale bytes[] = {{1e12, "TB"}, {1e9, "GB"},  {1e6, "MB"},
                                         {1e3, "kB"},  {1, "bytes"}, {0, NULL}};
    if (strcmp(unit, "1") == 0)
        return result_format(result, "%.3g %%", value * 100);
    if (strcmp(unit, "bytes/s") == 0)
        return result_format(result, "%.3g MB/s", value / 1e6);
    if (strcmp(unit, "bytes") == 0)
        return scaled(result, value, bytes);
    if (strcmp(unit, "ms") == 0)
        return duration(result, value * 1e6);
    if (strcmp(unit, "ns") == 0)
        return duration(result, value);
    return result_format(result, "%.3g%s%s", value, *unit ? " " : "", unit);
}

/* Beside it "x 1" says no more. */
#define SAME         0.005
/* Of what is nothing at one end, there is no factor: it moves more than whatever has one. */
#define FROM_NOTHING 1e9

/* "x 1.6", "is the same", "is 0 at the one and not at the other, or the contrary" */
static const char *moves(struct result *result, double low, double high)
{
    if (low == high || fabs(high / low - 1) < SAME)
        return "is the same";
    if (low == 0)
        return "rises from 0";
    return high == 0 ? "falls to 0" : result_format(result, "x %.3g", high / low);
}

/* Relative change, from the smaller to the larger. */
static double weight_of(double low, double high)
{
    double least = fmin(low, high), most = fmax(low, high);
    if (most <= 0)
        return 0;
    return least > 0 ? fmin(most / least - 1, FROM_NOTHING) : FROM_NOTHING;
}

/* A factor between the ends: two short runs with the same draws tell how much it moves, and not what the study's long runs would say. */
static const char *effect(const struct ranking *r, const struct scenario_input *input, double low,
                          double high, struct result *result)
{
    return result_format(result, "%s %s from %s to %s", r->quantity.name, moves(result, low, high),
                         amount(result, input->low, input->unit),
                         amount(result, input->high, input->unit));
}

static int rank_one(const struct ranking *r, const struct open_input *open, struct result *result,
                    struct broker_err *err)
{
    double low, high;
    int status = value_with(r, open, open->input->low, &low, err);
    if (status == BROKER_OK)
        status = value_with(r, open, open->input->high, &high, err);
    if (status != BROKER_OK || isnan(low) || isnan(high))
        return status;
    double weight = weight_of(low, high);
    if (open->assumed && weight < EFFECT_MIN)
        return BROKER_OK;
    struct result_input *row = RESULT_ADD(result, inputs, input_count);
    row->key = result_string(result, open->input->path);
    row->assumed = open->assumed ? result_format(result, "assumed %s", open->input->text)
                                 : result_string(result, open->input->text);
    row->effect = effect(r, open->input, low, high, result);
    row->weight = weight;
    return BROKER_OK;
}

static int by_weight(const void *a, const void *b)
{
    const struct result_input *x = a, *y = b;
    return x->weight < y->weight ? 1 : x->weight > y->weight ? -1 : 0;
}

int64_t rank_measure_ns(int64_t measure_ns)
{
    return measure_ns < MEASURE_MAX_NS ? measure_ns : MEASURE_MAX_NS;
}

int rank_runs(const struct scenario_doc *doc, int variant)
{
    int inputs = scenario_input_count(doc, variant) + scenario_assumption_count(doc, variant);
    return 2 * (inputs < INPUTS_MAX ? inputs : INPUTS_MAX);
}

int rank_inputs(const struct scenario_doc *doc, int variant, const struct model_profile *profile,
                const struct replicate_options *options, int64_t warmup_ns, struct result *result,
                struct broker_err *err)
{
    const struct scenario *s = variant < 0 ? scenario_base(doc) : scenario_variant_at(doc, variant);
    struct ranking r = {.doc = doc,
                        .variant = variant,
                        .profile = profile,
                        .options = options,
                        .warmup_ns = warmup_ns,
                        .measure_ns = rank_measure_ns(options->measure_ns),
                        .quantity = rank_quantity_of(s, result)};
    int stated = scenario_input_count(doc, variant),
        assumed = scenario_assumption_count(doc, variant), status = BROKER_OK;
    for (int i = 0; i < stated + assumed && i < INPUTS_MAX && status == BROKER_OK; i++) {
        struct open_input open = {.index = i < stated ? i : i - stated, .assumed = i >= stated};
        open.input = open.assumed ? scenario_assumption_at(doc, variant, open.index)
                                  : scenario_input_at(doc, variant, open.index);
        if (!(options->stop && *options->stop))
            status = rank_one(&r, &open, result, err);
    }
    if (result->input_count > 1)
        qsort(result->inputs, result->input_count, sizeof *result->inputs, by_weight);
    return status;
}
