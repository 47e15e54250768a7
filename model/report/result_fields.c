#include "model/report/result_fields.h"

#include "model/cluster/result.h"

static const char *const VERDICTS[] = {"fits", "does not fit", "undecided", "unstable", NULL};
static const char *const SURVIVE[] = {"none", "one broker", "one machine", "one rack", NULL};
static const char *const LATENCY_KINDS[] = {"produce", "end-to-end", "fetch", NULL};
static const char *const RESOURCE_KINDS[] = {"cpu",
                                             "network in",
                                             "network out",
                                             "disk space",
                                             "disk bandwidth",
                                             "network threads",
                                             "io threads",
                                             "page cache",
                                             "client cpu",
                                             "client network",
                                             "client thread",
                                             "shared network",
                                             NULL};

#define AT(type, member) offsetof(struct type, member)
#define STRING(type, member)                                                                       \
    {                                                                                              \
#member, FIELD_STRING, AT(type, member), 0, 0, NULL, NULL, 0                               \
    }
#define BOOL(type, member)                                                                         \
    {                                                                                              \
#member, FIELD_BOOL, AT(type, member), 0, 0, NULL, NULL, 0                                 \
    }
#define INT32(type, member)                                                                        \
    {                                                                                              \
#member, FIELD_INT32, AT(type, member), 0, 0, NULL, NULL, 0                                \
    }
#define UINT32(type, member)                                                                       \
    {                                                                                              \
#member, FIELD_UINT32, AT(type, member), 0, 0, NULL, NULL, 0                               \
    }
#define UINT64(type, member)                                                                       \
    {                                                                                              \
#member, FIELD_UINT64, AT(type, member), 0, 0, NULL, NULL, 0                               \
    }
#define HEX64(type, member)                                                                        \
    {                                                                                              \
#member, FIELD_HEX64, AT(type, member), 0, 0, NULL, NULL, 0                                \
    }
#define DOUBLE(type, member)                                                                       \
    {                                                                                              \
#member, FIELD_DOUBLE, AT(type, member), 0, 0, NULL, NULL, 0                               \
    }
#define DAY(type, member)                                                                          \
    {                                                                                              \
#member, FIELD_DAY, AT(type, member), 0, 0, NULL, NULL, 0                                  \
    }
#define ESTIMATE(type, member)                                                                     \
    {                                                                                              \
#member, FIELD_ESTIMATE, AT(type, member), 0, 0, NULL, NULL, 0                             \
    }
#define HISTOGRAM(type, member)                                                                    \
    {                                                                                              \
#member, FIELD_HISTOGRAM, AT(type, member), 0, 0, NULL, NULL, 0                            \
    }
#define ENUM(type, member, names)                                                                  \
    {                                                                                              \
#member, FIELD_ENUM, AT(type, member), 0, 0, NULL, names, 0                                \
    }
#define DOUBLES(type, member, count)                                                               \
    {                                                                                              \
#member, FIELD_DOUBLES, AT(type, member), AT(type, count), sizeof(double), NULL, NULL, 0   \
    }
#define OBJECTS(type, member, count, element, fields)                                              \
    {                                                                                              \
#member, FIELD_OBJECTS, AT(type, member), AT(type, count), sizeof(struct element), fields, \
            NULL, 0                                                                                \
    }
#define END                                                                                        \
    {                                                                                              \
        NULL, FIELD_BOOL, 0, 0, 0, NULL, NULL, 0                                                   \
    }

#define PREDICTED(type)                                                                            \
    {                                                                                              \
        "predicted", FIELD_ESTIMATE, AT(type, predicted), 0, 0, NULL, NULL, .since_minor = 2       \
    }

#define STRING_SINCE(type, member, minor)                                                          \
    {                                                                                              \
#member, FIELD_STRING, AT(type, member), 0, 0, NULL, NULL, .since_minor = minor            \
    }

static const struct result_field TRUST[] = {
    UINT32(result_trust, error_cases), DOUBLE(result_trust, error_median),
    STRING(result_trust, evidence),    ESTIMATE(result_trust, predicted),
    STRING(result_trust, quantity),    ESTIMATE(result_trust, simulated),
    STRING(result_trust, unit),        END};

static const struct result_field SLO[] = {ESTIMATE(result_slo, estimate),
                                          DOUBLE(result_slo, limit),
                                          STRING(result_slo, note),
                                          PREDICTED(result_slo),
                                          STRING_SINCE(result_slo, reason, 3),
                                          STRING_SINCE(result_slo, remedy, 3),
                                          STRING(result_slo, text),
                                          STRING(result_slo, unit),
                                          ENUM(result_slo, verdict, VERDICTS),
                                          END};

static const struct result_field LATENCY[] = {HISTOGRAM(result_latency, histogram),
                                              ENUM(result_latency, kind, LATENCY_KINDS),
                                              ESTIMATE(result_latency, max_ns),
                                              ESTIMATE(result_latency, mean_ns),
                                              STRING(result_latency, of_p99),
                                              ESTIMATE(result_latency, p50_ns),
                                              ESTIMATE(result_latency, p95_ns),
                                              ESTIMATE(result_latency, p999_ns),
                                              ESTIMATE(result_latency, p99_ns),
                                              STRING(result_latency, subject),
                                              END};

static const struct result_field PART[] = {
    ESTIMATE(result_part, mean_ns), STRING(result_part, name),    ESTIMATE(result_part, p50_ns),
    ESTIMATE(result_part, p99_ns),  STRING(result_part, subject), END};

static const struct result_field FLOW[] = {ESTIMATE(result_flow, batches_per_s),
                                           ESTIMATE(result_flow, bytes_per_s),
                                           ESTIMATE(result_flow, failed_ratio),
                                           STRING(result_flow, name),
                                           DOUBLE(result_flow, offered_records_per_s),
                                           BOOL(result_flow, produce),
                                           ESTIMATE(result_flow, records_per_batch),
                                           ESTIMATE(result_flow, records_per_s),
                                           ESTIMATE(result_flow, requests_per_s),
                                           ESTIMATE(result_flow, wire_bytes_per_s),
                                           END};

static const struct result_field RESOURCE[] = {STRING(result_resource, busiest),
                                               DOUBLE(result_resource, headroom),
                                               ENUM(result_resource, kind, RESOURCE_KINDS),
                                               DOUBLE(result_resource, limit),
                                               STRING(result_resource, name),
                                               STRING(result_resource, note),
                                               ESTIMATE(result_resource, now),
                                               PREDICTED(result_resource),
                                               ESTIMATE(result_resource, survive),
                                               BOOL(result_resource, used),
                                               END};

static const struct result_field DISK[] = {INT32(result_disk, broker),
                                           UINT64(result_disk, capacity_bytes),
                                           DAY(result_disk, day_80),
                                           DAY(result_disk, day_85),
                                           DAY(result_disk, day_95),
                                           DOUBLE(result_disk, day_of_max),
                                           INT32(result_disk, disk),
                                           STRING_SINCE(result_disk, name, 4),
                                           UINT64(result_disk, used_end_bytes),
                                           UINT64(result_disk, used_max_bytes),
                                           {"used_moment_bytes", FIELD_UINT64,
                                            AT(result_disk, used_moment_bytes), 0, 0, NULL, NULL,
                                            .since_minor = 6},
                                           UINT64(result_disk, used_start_bytes),
                                           END};

static const struct result_field WARNING[] = {STRING(result_warning, remedy),
                                              STRING(result_warning, text), END};

static const struct result_field INPUT[] = {STRING(result_input, assumed),
                                            STRING(result_input, effect), STRING(result_input, key),
                                            DOUBLE(result_input, weight), END};

static const struct result_field RARE[] = {UINT64(result_rare, count), STRING(result_rare, name),
                                           END};

static const struct result_field SERIES[] = {
    DOUBLE(result_series, dx),        STRING(result_series, group),
    STRING(result_series, name),      STRING(result_series, unit),
    DOUBLE(result_series, x0),        STRING(result_series, x_unit),
    DOUBLES(result_series, y, count), END};

static const struct result_field BOUND[] = {
    BOOL(result_bound, binding),
    INT32(result_bound, brokers_needed),
    DOUBLE(result_bound, capacity),
    DOUBLE(result_bound, demand),
    STRING(result_bound, formula),
    STRING(result_bound, resource),
    STRING(result_bound, unit),
    DOUBLE(result_bound, utilisation),
    {"utilisation_high", FIELD_DOUBLE, AT(result_bound, utilisation_high), 0, 0, NULL, NULL,
     .since_minor = 3},
    {"utilisation_low", FIELD_DOUBLE, AT(result_bound, utilisation_low), 0, 0, NULL, NULL,
     .since_minor = 3},
    DOUBLE(result_bound, utilisation_survive),
    END};

static const struct result_field COST[] = {
    STRING(result_cost, basis),
    {"included", FIELD_BOOL, AT(result_cost, included), 0, 0, NULL, NULL, .since_minor = 8},
    BOOL(result_cost, known),
    STRING(result_cost, part),
    DOUBLE(result_cost, usd_per_month),
    END};

static const struct result_field RUN[] = {UINT64(result_run, batches),
                                          BOOL(result_run, complete),
                                          UINT64(result_run, events),
                                          HEX64(result_run, fingerprint),
                                          DOUBLE(result_run, measured_s),
                                          DOUBLE(result_run, precision),
                                          BOOL(result_run, precision_met),
                                          DOUBLE(result_run, precision_reached),
                                          UINT32(result_run, replications),
                                          UINT64(result_run, requests),
                                          UINT64(result_run, seed),
                                          DOUBLE(result_run, warmup_s),
                                          END};

const struct result_field RESULT_FIELDS[] = {
    STRING(result, binding),
    OBJECTS(result, bounds, bound_count, result_bound, BOUND),
    INT32(result, brokers),
    {"brokers_auto", FIELD_BOOL, AT(result, brokers_auto), 0, 0, NULL, NULL, .since_minor = 5},
    INT32(result, brokers_needed),
    {"brokers_needed_days", FIELD_DOUBLE, AT(result, brokers_needed_days), 0, 0, NULL, NULL,
     .since_minor = 4},
    OBJECTS(result, costs, cost_count, result_cost, COST),
    STRING(result, currency_note),
    OBJECTS(result, disks, disk_count, result_disk, DISK),
    OBJECTS(result, flows, flow_count, result_flow, FLOW),
    {"growth_note", FIELD_STRING, AT(result, growth_note), 0, 0, NULL, NULL, .since_minor = 3},
    DOUBLE(result, horizon_days),
    OBJECTS(result, inputs, input_count, result_input, INPUT),
    OBJECTS(result, latencies, latency_count, result_latency, LATENCY),
    {"moment", FIELD_STRING, AT(result, moment), 0, 0, NULL, NULL, .since_minor = 1},
    {"moment_day", FIELD_DOUBLE, AT(result, moment_day), 0, 0, NULL, NULL, .since_minor = 1},
    OBJECTS(result, parts, part_count, result_part, PART),
    STRING(result, profile),
    STRING(result, profile_error),
    STRING(result, question),
    OBJECTS(result, rares, rare_count, result_rare, RARE),
    OBJECTS(result, resources, resource_count, result_resource, RESOURCE),
    {"run", FIELD_OBJECT, AT(result, run), 0, 0, RUN, NULL, 0},
    STRING(result, scenario),
    STRING(result, scenario_text),
    OBJECTS(result, series, series_count, result_series, SERIES),
    OBJECTS(result, slos, slo_count, result_slo, SLO),
    STRING(result, study),
    {"survive", FIELD_ENUM, AT(result, survive), 0, 0, NULL, SURVIVE, .since_minor = 1},
    {"survive_note", FIELD_STRING, AT(result, survive_note), 0, 0, NULL, NULL, .since_minor = 1},
    {"survive_verdict", FIELD_ENUM, AT(result, survive_verdict), 0, 0, NULL, VERDICTS,
     .since_minor = 1},
    {"trusts", FIELD_OBJECTS, AT(result, trusts), AT(result, trust_count),
     sizeof(struct result_trust), TRUST, NULL, .since_minor = 2},
    {"unread_note", FIELD_STRING, AT(result, unread_note), 0, 0, NULL, NULL, .since_minor = 4},
    DOUBLE(result, usd_per_month),
    STRING(result, variant),
    {"variants", FIELD_VARIANTS, AT(result, variants), AT(result, variant_count), 0, NULL, NULL, 0},
    ENUM(result, verdict, VERDICTS),
    STRING(result, verdict_text),
    OBJECTS(result, warnings, warning_count, result_warning, WARNING),
    END};
