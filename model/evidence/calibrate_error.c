/* model/evidence/calibrate_error.c - how wrong a calibration is, and the profile that says so; see calibrate.h. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/answer/trust.h"
#include "model/evidence/calibrate_internal.h"

enum { Q = FITTED_QUANTITIES };

/* The throughput of a paced load is its rate: nobody predicts it. */
static bool counts(const struct configuration *one, int q)
{
    return isfinite(one->value[q]) && one->value[q] > 0 &&
           (q != MEASURED_THROUGHPUT || one->row->config.rate_max);
}

/* A full queue, or less carried than was asked for: errors are of another kind there. */
static bool saturated(const struct configuration *one)
{
    double carried = one->value[MEASURED_THROUGHPUT];
    return one->row->config.rate_max || carried < 0.95 * one->row->config.rate_per_s;
}

static struct error_summary summarise(const struct calibration *c, const double *predicted,
                                      int quantity, const char *family, bool steady)
{
    int count = c->configurations.count, n = 0;
    double *errors = calloc((size_t)count + 1, sizeof *errors);
    assert(errors);
    for (int i = 0; i < count; i++) {
        const struct configuration *one = &c->configurations.configuration[i];
        double error = predicted[i * Q + quantity] / one->value[quantity] - 1;
        if (counts(one, quantity) && isfinite(error) && !(steady && saturated(one)) &&
            (!family || strcmp(one->row->family, family) == 0))
            errors[n++] = error;
    }
    struct error_summary summary = error_summary(errors, n);
    free(errors);
    return summary;
}

struct error_summary calibration_error(const struct calibration *c, const double *predicted,
                                       int quantity, const char *family)
{
    return summarise(c, predicted, quantity, family, false);
}

/* ---- the profile ---- */

/* For `run`, which tells maxima, and all else of a steady state. */
static void set_errors(const struct calibration *c, struct model_profile *profile)
{
    static const struct {
        enum measured_quantity quantity;
        const char *name;
    } shown[] = {{MEASURED_PRODUCE_P50, "p50"},
                 {MEASURED_PRODUCE_P99, "p99"},
                 {MEASURED_BROKER_CPU, "CPU"},
                 {MEASURED_THROUGHPUT, "maximum"}};
    size_t used = (size_t)snprintf(profile->error, sizeof profile->error, "held-out median:");
    for (int q = 0; q < MEASURED_QUANTITIES; q++) {
        struct error_summary e = summarise(c, c->held_out, q, NULL, q != MEASURED_THROUGHPUT);
        profile->held_out[q] = error_summary_stated(&e);
    }
    const char *separator = "";
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        const struct model_profile_error *e = &profile->held_out[shown[i].quantity];
        if (e->rows == 0 || used >= sizeof profile->error)
            continue;
        used += (size_t)snprintf(profile->error + used, sizeof profile->error - used,
                                 "%s %s %.0f %%", separator, shown[i].name, 100 * e->median);
        separator = ",";
    }
}

static double condition(const struct row_config *config, enum model_profile_condition which)
{
    switch (which) {
    case MODEL_PROFILE_RATE:
        return config->rate_max ? NAN : config->rate_per_s / config->brokers;
    case MODEL_PROFILE_RECORD_BYTES:
        return config->record_bytes;
    case MODEL_PROFILE_PARTITIONS:
        return (double)config->partitions * config->replication / config->brokers;
    case MODEL_PROFILE_REPLICATION:
        return config->replication;
    case MODEL_PROFILE_BROKERS:
        return config->brokers;
    case MODEL_PROFILE_LINGER_MS:
        return config->linger_ms;
    case MODEL_PROFILE_GROUPS:
        return config->consumer_groups;
    case MODEL_PROFILE_BATCH_BYTES:
        return config->batch_bytes;
    case MODEL_PROFILE_CONDITIONS:
        break;
    }
    return NAN;
}

/* A fold was fitted on what it has seen only. */
static void set_ranges(const struct calibration *c, int fold, struct model_profile *profile)
{
    for (int k = 0; k < MODEL_PROFILE_CONDITIONS; k++) {
        struct model_profile_range *range = &profile->range[k];
        *range = (struct model_profile_range){0};
        for (int i = 0; i < c->configurations.count; i++) {
            double value = condition(&c->configurations.configuration[i].row->config,
                                     (enum model_profile_condition)k);
            if (!isfinite(value) || (fold >= 0 && c->fold[i] == fold))
                continue;
            range->low = range->known ? fmin(range->low, value) : value;
            range->high = range->known ? fmax(range->high, value) : value;
            range->known = true;
        }
    }
}

static void set_kinds(const struct calibration *c, int fold, struct model_profile *profile)
{
    profile->fitted_kinds[0] = '\0';
    for (int i = 0; i < c->configurations.count; i++)
        if (fold < 0 || c->fold[i] != fold)
            trust_add_kinds(profile->fitted_kinds,
                            scenario_base(c->configurations.configuration[i].doc));
}

static void set_held_out(const struct calibration *c, int fold, struct model_profile *profile)
{
    size_t used = 0, size = sizeof profile->held_out_ids;
    profile->held_out_ids[0] = '\0';
    for (int i = 0; fold >= 0 && i < c->configurations.count; i++) {
        const char *id = c->configurations.configuration[i].row->id;
        if (c->fold[i] != fold || used + strlen(id) + 3 > size)
            continue;
        used +=
            (size_t)snprintf(profile->held_out_ids + used, size - used, used ? "%s " : " %s ", id);
    }
}

static void set_machine(const struct calibration *c, struct model_profile *profile)
{
    const struct scenario *s = scenario_base(c->configurations.configuration[0].doc);
    profile->fitted_vcpus = (uint32_t)s->cluster.machine.vcpus;
    profile->fitted_coremark = s->cluster.machine.coremark_per_vcpu;
    profile->fitted_kafka = scenario_kafka_release(s->cluster.kafka);
}

static struct collector collector_without(const struct calibration *c, const int *group,
                                          int without)
{
    int count = c->configurations.count;
    bool *out = calloc((size_t)count + 1, sizeof *out);
    assert(out);
    for (int i = 0; group && i < count; i++)
        out[i] = group[i] == without;
    struct collector collector = collector_read(&c->configurations, out, c->options.start);
    free(out);
    return collector;
}

void calibration_without(const struct calibration *c, const int *group, int without,
                         const double *ln_value, struct model_profile *profile)
{
    struct collector collector = collector_without(c, group, without);
    parameter_apply(c->parameter, c->parameters, ln_value, c->options.start, profile);
    collector_apply(&collector, profile);
}

struct collector calibration_collector(const struct calibration *c, int fold)
{
    return collector_without(c, fold < 0 ? NULL : c->fold, fold);
}

void calibration_profile(const struct calibration *c, int fold, const char *name,
                         struct model_profile *profile)
{
    calibration_without(c, fold < 0 ? NULL : c->fold, fold,
                        fold < 0 ? c->ln_value : c->fold_value[fold], profile);
    snprintf(profile->name, sizeof profile->name, "%s", name);
    profile->calibrated = true;
    set_errors(c, profile);
    set_machine(c, profile);
    set_ranges(c, fold, profile);
    set_kinds(c, fold, profile);
    set_held_out(c, fold, profile);
}
