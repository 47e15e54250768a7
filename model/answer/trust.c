/* model/answer/trust.c - see trust.h. */
#include "model/answer/trust.h"

#include <math.h>
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

static struct extent extent_of(const struct scenario *s, enum model_profile_condition condition)
{
    struct extent extent = {INFINITY, -INFINITY};
    for (int p = 0; p < s->producer_count; p++) {
        const struct scenario_producer *producer = &s->producers[p];
        const struct scenario_topic *topic = &s->topics[producer->topic];
        switch (condition) {
        case MODEL_PROFILE_RATE: /* a broker's share: costs are spent there. `max` is in every range */
            if (producer->rate_kind != SCENARIO_RATE_MAX)
                stretch(&extent, producer->records_per_s_peak / fmax(1, s->cluster.brokers));
            break;
        case MODEL_PROFILE_RECORD_BYTES:
            stretch(&extent, producer->size.mean_bytes);
            break;
        case MODEL_PROFILE_PARTITIONS:
            stretch(&extent, topic->partitions);
            break;
        case MODEL_PROFILE_REPLICATION:
            stretch(&extent, topic->replication);
            break;
        case MODEL_PROFILE_LINGER_MS:
            stretch(&extent, (double)producer->config.linger_us / 1e3);
            break;
        case MODEL_PROFILE_GROUPS:
            stretch(&extent, scenario_readers(s, producer->topic));
            break;
        case MODEL_PROFILE_BROKERS:
        case MODEL_PROFILE_CONDITIONS:
            break;
        }
    }
    return extent;
}

static const char *shown_name(enum model_profile_condition condition)
{
    static const char *const names[MODEL_PROFILE_CONDITIONS] = {"records a second and broker",
                                                                "record bytes",
                                                                "partitions",
                                                                "replication",
                                                                "brokers",
                                                                "linger.ms",
                                                                "groups"};
    return names[condition];
}

static bool is_outside(const struct model_profile *profile, enum model_profile_condition condition,
                       const struct extent *extent)
{
    return extent->low <= extent->high && !(model_profile_covers(profile, condition, extent->low) &&
                                            model_profile_covers(profile, condition, extent->high));
}

/* No row is encrypted. */
static bool is_encrypted(const struct scenario *s)
{
    return s->cluster.tls != SCENARIO_TLS_OFF;
}

/* Brokers are not a condition here: each does its own share, and the network between them is the scenario's. */
const char *trust_outside(struct result *result, const struct scenario *s,
                          const struct model_profile *profile)
{
    const char *text = is_encrypted(s) ? "tls (fitted without)" : "";
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
    return text;
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
    return is_encrypted(s);
}

enum trust_class trust_of(const struct scenario *s, const struct model_profile *profile)
{
    if (!profile->calibrated)
        return TRUST_UNCALIBRATED;
    if (any_outside(s, profile))
        return TRUST_UNCHECKED;
    return same_core(s, profile) && same_release(s, profile) ? TRUST_FITTED : TRUST_SCALED;
}

const char *trust_class_name(enum trust_class class)
{
    static const char *const names[] = {"uncalibrated", "fitted", "other cores", "outside"};
    return names[class];
}

static bool depends_on_cores(enum measured_quantity quantity)
{
    return quantity != MEASURED_DISK_BYTES && quantity != MEASURED_BATCHES;
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
    if (evidence.class == TRUST_SCALED && !depends_on_cores(quantity))
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

const char *trust_text(struct result *result, const struct scenario *s,
                       const struct model_profile *profile)
{
    switch (trust_of(s, profile)) {
    case TRUST_UNCALIBRATED:
        break;
    case TRUST_FITTED:
        return result_format(result, "%s", profile->error);
    case TRUST_SCALED:
        if (!same_release(s, profile))
            return result_format(result,
                                 "%s, of another release; here costs go to Kafka %.1f as they are",
                                 profile->error, scenario_kafka_release(s->cluster.kafka));
        return result_format(result, "%s, on one core; here scaled to other cores by CoreMark",
                             profile->error);
    case TRUST_UNCHECKED:
        return result_format(result, "%s; here outside the fitted range", profile->error);
    }
    return result_string(result, profile->error);
}
