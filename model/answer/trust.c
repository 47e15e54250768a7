/* model/answer/trust.c - see trust.h. */
#include "model/answer/trust.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define Z_90 1.6448536269514722 /* standard normal, 95 % point */
#define Z_95 1.9599639845400545

/* Values of one condition in a scenario: its producers or topics, smallest and largest. */
struct extent {
    double low, high; /* low above high: the scenario has none */
};

static void stretch(struct extent *extent, double value)
{
    extent->low = fmin(extent->low, value);
    extent->high = fmax(extent->high, value);
}

static void stretch_by_producer(struct extent *extent, const struct scenario *s,
                                enum model_profile_condition condition,
                                const struct scenario_producer *producer)
{
    switch (condition) {
    case MODEL_PROFILE_RECORD_BYTES:
        stretch(extent, producer->size.mean_bytes);
        break;
    case MODEL_PROFILE_REPLICATION:
        stretch(extent, s->topics[producer->topic].replication);
        break;
    case MODEL_PROFILE_LINGER_MS:
        stretch(extent, (double)producer->config.linger_us / 1e3);
        break;
    case MODEL_PROFILE_GROUPS:
        stretch(extent, scenario_readers(s, producer->topic));
        break;
    case MODEL_PROFILE_BATCH_BYTES:
        stretch(extent, (double)producer->config.batch_size);
        break;
    case MODEL_PROFILE_RATE:
    case MODEL_PROFILE_PARTITIONS:
    case MODEL_PROFILE_BROKERS:
    case MODEL_PROFILE_CONDITIONS:
        break;
    }
}

/* All that a broker has of it: its costs are spent there. `max` is in every range. */
static double broker_rate(const struct scenario *s)
{
    double rate = 0;
    for (int p = 0; p < s->producer_count; p++)
        if (s->producers[p].rate_kind != SCENARIO_RATE_MAX)
            rate += s->producers[p].records_per_s_peak;
    return rate / fmax(1, s->cluster.brokers);
}

static double broker_replicas(const struct scenario *s)
{
    double replicas = 0;
    for (int t = 0; t < s->topic_count; t++)
        replicas += (double)s->topics[t].partitions * s->topics[t].replication;
    return replicas / fmax(1, s->cluster.brokers);
}

static struct extent extent_of(const struct scenario *s, enum model_profile_condition condition)
{
    struct extent extent = {INFINITY, -INFINITY};
    if (condition == MODEL_PROFILE_RATE && broker_rate(s) > 0)
        stretch(&extent, broker_rate(s));
    else if (condition == MODEL_PROFILE_PARTITIONS)
        stretch(&extent, broker_replicas(s));
    for (int p = 0; p < s->producer_count; p++)
        stretch_by_producer(&extent, s, condition, &s->producers[p]);
    return extent;
}

static const char *shown_name(enum model_profile_condition condition)
{
    static const char *const names[MODEL_PROFILE_CONDITIONS] = {"records a second and broker",
                                                                "record bytes",
                                                                "partitions a broker",
                                                                "replication",
                                                                "brokers",
                                                                "linger.ms",
                                                                "groups",
                                                                "batch.size"};
    return names[condition];
}

static bool is_outside(const struct model_profile *profile, enum model_profile_condition condition,
                       const struct extent *extent)
{
    return extent->low <= extent->high && !(model_profile_covers(profile, condition, extent->low) &&
                                            model_profile_covers(profile, condition, extent->high));
}

/* Kinds of load that neither the rows nor the public cases had, or that only these had. A profile that states none covers all. */
static void missing_kinds(const struct scenario *s, const struct model_profile *profile,
                          bool in_public_cases, char missing[MODEL_PROFILE_IDS_BYTES])
{
    char known[2 * MODEL_PROFILE_IDS_BYTES];
    snprintf(known, sizeof known, "%s%s", profile->fitted_kinds,
             in_public_cases ? profile->scaled_kinds : "");
    missing[0] = '\0';
    if (profile->fitted_kinds[0])
        trust_missing_kinds(s, known, missing);
}

static bool lacks_kinds(const struct scenario *s, const struct model_profile *profile,
                        bool in_public_cases)
{
    char missing[MODEL_PROFILE_IDS_BYTES];
    missing_kinds(s, profile, in_public_cases, missing);
    return missing[0];
}

/* " java/acks=all tls " as "java acks=all, tls", behind what was said before. */
static const char *name_kinds(struct result *result, const char *text, char *kinds)
{
    char *rest = NULL;
    for (char *kind = strtok_r(kinds, " ", &rest); kind; kind = strtok_r(NULL, " ", &rest)) {
        for (char *at = kind; *at; at++)
            *at = *at == '/' ? ' ' : *at;
        text = result_format(result, "%s%s%s", text, *text ? ", " : "", kind);
    }
    return text;
}

/* Brokers are not a condition here: each does its own share, and the network between them is the scenario's. */
const char *trust_outside(struct result *result, const struct scenario *s,
                          const struct model_profile *profile)
{
    const char *text = "";
    char missing[MODEL_PROFILE_IDS_BYTES];
    for (int i = 0; i < MODEL_PROFILE_CONDITIONS; i++) {
        enum model_profile_condition condition = (enum model_profile_condition)i;
        const struct model_profile_range *range = &profile->range[i];
        struct extent extent = extent_of(s, condition);
        if (!is_outside(profile, condition, &extent))
            continue;
        double value = extent.high > range->high ? extent.high : extent.low;
        text = result_format(result, "%s%s%s %.4g (fitted %.4g to %.4g)", text, *text ? ", " : "",
                             shown_name(condition), value, range->low, range->high);
    }
    missing_kinds(s, profile, true, missing);
    return name_kinds(result, text, missing);
}

static bool same_core(const struct scenario *s, const struct model_profile *profile)
{
    const struct scenario_machine *m = &s->cluster.machine;
    double coremark = profile->fitted_coremark > 0 ? profile->fitted_coremark : profile->coremark;
    int vcpus = profile->fitted_vcpus > 0 ? (int)profile->fitted_vcpus : 1;
    return m->vcpus == vcpus && fabs(m->coremark_per_vcpu / coremark - 1) < 0.01;
}

static bool same_release(const struct scenario *s, const struct model_profile *profile)
{
    double fitted = profile->fitted_kafka > 0 ? profile->fitted_kafka : 4.2;
    return fabs(scenario_kafka_release(s->cluster.kafka) - fitted) < 0.01;
}

static bool any_outside(const struct scenario *s, const struct model_profile *profile)
{
    for (int i = 0; i < MODEL_PROFILE_CONDITIONS; i++) {
        struct extent extent = extent_of(s, (enum model_profile_condition)i);
        if (is_outside(profile, (enum model_profile_condition)i, &extent))
            return true;
    }
    return lacks_kinds(s, profile, true);
}

enum trust_class trust_of(const struct scenario *s, const struct model_profile *profile)
{
    if (!profile->calibrated)
        return TRUST_UNCALIBRATED;
    if (any_outside(s, profile))
        return TRUST_UNCHECKED;
    bool same =
        same_core(s, profile) && same_release(s, profile) && !lacks_kinds(s, profile, false);
    return same ? TRUST_FITTED : TRUST_SCALED;
}

const char *trust_class_name(enum trust_class class)
{
    static const char *const names[] = {"uncalibrated", "fitted", "public cases", "outside"};
    return names[class];
}

static bool depends_on_cores(enum measured_quantity quantity)
{
    return quantity != MEASURED_DISK_BYTES && quantity != MEASURED_BATCHES;
}

static bool fitted_with_any_client(const struct model_profile *profile, const char *what)
{
    char java[64], librdkafka[64];
    snprintf(java, sizeof java, "java/%s", what);
    snprintf(librdkafka, sizeof librdkafka, "librdkafka/%s", what);
    return model_profile_names(profile->fitted_kinds, java) ||
           model_profile_names(profile->fitted_kinds, librdkafka);
}

/*
 * Whether a producer's kind, "java/zstd" or "java/acks=all", changes what is written. Bytes go by the codec, whoever packs; batches by all that a
 * client does. Readers, TLS and flushes change neither.
 */
static bool changes_written(const struct model_profile *profile, const char *kind,
                            enum measured_quantity quantity)
{
    const char *slash = strchr(kind, '/'), *what = slash ? slash + 1 : "";
    if (!slash || strcmp(what, "consumer") == 0)
        return false;
    if (quantity == MEASURED_BATCHES)
        return true;
    return strncmp(what, "acks=", 5) != 0 && !fitted_with_any_client(profile, what);
}

static bool written_otherwise(const struct scenario *s, const struct model_profile *profile,
                              enum measured_quantity quantity)
{
    char missing[MODEL_PROFILE_IDS_BYTES], *rest = NULL;
    missing_kinds(s, profile, false, missing);
    for (char *kind = strtok_r(missing, " ", &rest); kind; kind = strtok_r(NULL, " ", &rest))
        if (changes_written(profile, kind, quantity))
            return true;
    return false;
}

/* Each replica of a partition is written alike, however many there are and whoever reads it; the others make batches larger or smaller. */
static bool resizes_batches(enum model_profile_condition condition)
{
    return condition != MODEL_PROFILE_REPLICATION && condition != MODEL_PROFILE_GROUPS;
}

/* Whether bytes go beyond what was fitted: by a condition outside its range that changes them by more than their error. */
static bool bytes_outside(const struct scenario *s, const struct model_profile *profile)
{
    const struct model_profile_error *error = &profile->held_out[MEASURED_DISK_BYTES];
    for (int i = 0; i < MODEL_PROFILE_CONDITIONS; i++) {
        enum model_profile_condition condition = (enum model_profile_condition)i;
        struct extent extent = extent_of(s, condition);
        if (resizes_batches(condition) && is_outside(profile, condition, &extent))
            return !(trust_change_by_batches(s, profile) <=
                     fmin(error->ratio_high - 1, 1 - error->ratio_low));
    }
    return false;
}

/* Whether what is written is as it was where the profile was fitted, whatever else is not. */
static bool is_written_as_fitted(const struct scenario *s, const struct model_profile *profile,
                                 enum measured_quantity quantity, enum trust_class class)
{
    if (depends_on_cores(quantity) || written_otherwise(s, profile, quantity))
        return false;
    return class == TRUST_SCALED || (class == TRUST_UNCHECKED && quantity == MEASURED_DISK_BYTES &&
                                     !bytes_outside(s, profile));
}

/* What is most like a quantity of which too few cases are known: a record's way to its reader begins with its way to the log. */
static enum measured_quantity stand_in(enum measured_quantity quantity)
{
    switch (quantity) {
    case MEASURED_PRODUCE_MEAN:
    case MEASURED_END_TO_END_P50:
        return MEASURED_PRODUCE_P50;
    case MEASURED_END_TO_END_P99:
        return MEASURED_PRODUCE_P99;
    default:
        return quantity;
    }
}

struct trust_evidence trust_evidence(const struct scenario *s, const struct model_profile *profile,
                                     enum measured_quantity quantity)
{
    struct trust_evidence evidence = {.class = trust_of(s, profile)};
    if (is_written_as_fitted(s, profile, quantity, evidence.class))
        evidence.class = TRUST_FITTED;
    if (evidence.class == TRUST_UNCALIBRATED)
        return evidence;
    const struct model_profile_error *errors =
        evidence.class == TRUST_FITTED ? profile->held_out : profile->scaled;
    if (errors[quantity].rows < TRUST_CASES_MIN)
        quantity = stand_in(quantity);
    evidence.error = errors[quantity].rows < TRUST_CASES_MIN ? NULL : &errors[quantity];
    return evidence;
}

/* How far the interval reaches on one side, as a factor: to `end` by the simulation, by `ratio` through the error. */
static double reach(const struct result_estimate *simulated, double end, double ratio)
{
    double own = end > 0 ? log(end / simulated->value) : 0;
    if (simulated->level > 0.9)
        own *= Z_90 / Z_95;
    return exp(hypot(own, log(ratio)));
}

struct result_estimate trust_predict(const struct result_estimate *simulated,
                                     const struct model_profile_error *error)
{
    if (!simulated->known || !error || !(error->ratio_low > 0) || !(simulated->value > 0))
        return result_unknown();
    double value = simulated->value;
    double low = value / reach(simulated, simulated->low, fmin(1, error->ratio_low));
    double high = value * reach(simulated, simulated->high, fmax(1, error->ratio_high));
    return result_interval(value, simulated->low > 0 ? low : 0, high, 0.9, error->rows);
}

static const char *scaled_text(struct result *result, const struct scenario *s,
                               const struct model_profile *profile)
{
    char kinds[MODEL_PROFILE_IDS_BYTES];
    if (!same_release(s, profile))
        return result_format(result,
                             "%s, of another release; here costs go to Kafka %.1f as they are",
                             profile->error, scenario_kafka_release(s->cluster.kafka));
    if (!same_core(s, profile))
        return result_format(result, "%s, on one core; here scaled to other cores by CoreMark",
                             profile->error);
    missing_kinds(s, profile, false, kinds);
    return result_format(result, "%s, without %s; here that of public cases", profile->error,
                         name_kinds(result, "", kinds));
}

const char *trust_text(struct result *result, const struct scenario *s,
                       const struct model_profile *profile)
{
    switch (trust_of(s, profile)) {
    case TRUST_UNCALIBRATED:
        break;
    case TRUST_FITTED:
        return result_format(result, "%s", profile->error);
    case TRUST_SCALED:
        return scaled_text(result, s, profile);
    case TRUST_UNCHECKED:
        return result_format(result, "%s; here outside the fitted range", profile->error);
    }
    return result_string(result, profile->error);
}
