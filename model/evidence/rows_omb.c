/*
 * model/evidence/rows_omb.c - a row out of a result file of the OpenMessaging Benchmark.
 *
 * Rates are lists of samples of ten seconds, publish and end-to-end latencies milliseconds (its publish *delay* is microseconds: not
 * read). Topics become one, with the partitions of all: its producers are those of one topic, because each partition is then written by
 * as many, and its consumers those of all, because each then reads as many partitions. The driver's settings (replication, acks, linger)
 * are not in a result: Kafka's defaults are taken, and a warning says so. Nor is subscriptionsPerTopic, while consumersPerTopic is the
 * workload's consumerPerSubscription: every subscription is a group that reads all, so rates and backlog tell how many there are.
 */
#include <math.h>
#include <string.h>

#include "model/evidence/rows_internal.h"

#define SAMPLE_S          10     /* WorkloadGenerator's period */
#define CLIENTS_MAX       200000 /* also partitions, as in other rows */
#define SUBSCRIPTIONS_MAX 1000   /* as many as a row's groups */

static double field(const json_t *result, const char *name)
{
    json_t *value = json_object_get(result, name);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static double samples_mean(const json_t *result, const char *name)
{
    double sum = 0;
    size_t i, count = 0;
    json_t *item;
    json_array_foreach(json_object_get(result, name), i, item)
    {
        sum += json_number_value(item);
        count++;
    }
    return count ? sum / (double)count : NAN;
}

/* Records a second by which the backlog grew, of all subscriptions; 0 where it is not told. */
static double backlog_growth(const json_t *result)
{
    const json_t *samples = json_object_get(result, "backlog");
    size_t count = json_array_size(samples);
    if (count < 2)
        return 0;
    double first = json_number_value(json_array_get(samples, 0)),
           last = json_number_value(json_array_get(samples, count - 1));
    return (last - first) / (SAMPLE_S * (double)(count - 1));
}

/* What was read and what was left to read is what was published, once for each. */
static int subscriptions(const json_t *result)
{
    double published = samples_mean(result, "publishRate"),
           copies = samples_mean(result, "consumeRate") + backlog_growth(result);
    double count = round(copies / published);
    return count >= 1 ? (int)fmin(count, SUBSCRIPTIONS_MAX) : 1;
}

static void warn(struct rows *rows, const struct row *row, const json_t *result)
{
    double errors = samples_mean(result, "publishErrorRate"),
           consumed = samples_mean(result, "consumeRate");
    double groups = row->config.consumer_groups;
    rows_warn(
        rows, row->file, row->line, row->id,
        "a result does not say the driver's replication, acks and linger.ms: 1, all and 5 are "
        "taken");
    if (!(field(result, "messageSize") > 0))
        rows_warn(rows, row->file, row->line, row->id,
                  "messageSize is not said: 1,024 bytes are taken");
    if (field(result, "topics") > 1)
        rows_warn(rows, row->file, row->line, row->id,
                  "%g topics with a producer or more each become one topic with %d producer%s",
                  field(result, "topics"), row->config.producers,
                  row->config.producers == 1 ? "" : "s");
    if (groups > 1)
        rows_warn(rows, row->file, row->line, row->id,
                  "consumeRate is about %g times publishRate: %g subscriptions are taken, with "
                  "%d consumer%s each",
                  groups, groups, row->config.consumers, row->config.consumers == 1 ? "" : "s");
    if (errors > 0)
        rows_warn(rows, row->file, row->line, row->id,
                  "publishErrorRate is %g a second: records that were lost are in no latency",
                  errors);
    if (consumed < 0.98 * groups * row->value[MEASURED_THROUGHPUT])
        rows_warn(rows, row->file, row->line, row->id,
                  "consumers fell behind (%g of %g records a second): end-to-end latencies count "
                  "the backlog",
                  consumed, groups * row->value[MEASURED_THROUGHPUT]);
}

/* A name with blanks and slashes becomes one without. False: it is longer than id. */
static bool plain_id(char *id, size_t size, const char *name)
{
    size_t n = 0;
    for (; *name && n + 1 < size; name++)
        if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", *name) ||
            (n > 0 && strchr("._-", *name)))
            id[n++] = *name;
        else if (n > 0 && id[n - 1] != '-')
            id[n++] = '-';
    id[n] = 0;
    return !*name;
}

static void read_id(struct rows *rows, struct row *row, const json_t *result)
{
    const char *workload = json_string_value(json_object_get(result, "workload"));
    if (!plain_id(row->id, sizeof row->id, workload ? workload : ""))
        rows_problem(rows, row->file, row->line, row->id,
                     "workload is \"%.200s\"; expected " ROWS_NAME_EXPECTED, workload,
                     sizeof row->id - 1);
    if (!*row->id)
        snprintf(row->id, sizeof row->id, "omb");
}

/* ---- what cannot be ---- */

static void check_count(struct rows *rows, const struct row *row, const json_t *result,
                        const char *name, double low, double high)
{
    json_t *value = json_object_get(result, name);
    double number = json_number_value(value);
    if (value &&
        !(json_is_number(value) && number >= low && number <= high && number == floor(number)))
        rows_problem(rows, row->file, row->line, row->id, "%s is %g; expected %g to %g", name,
                     json_is_number(value) ? number : NAN, low, high);
}

static void check_samples(struct rows *rows, const struct row *row, const json_t *result,
                          const char *name)
{
    json_t *samples = json_object_get(result, name);
    for (size_t i = 0; i < json_array_size(samples); i++) {
        json_t *item = json_array_get(samples, i);
        double value = json_is_number(item) ? json_number_value(item) : NAN;
        if (!(value >= 0)) {
            rows_problem(rows, row->file, row->line, row->id,
                         "%s: sample %zu is %g; expected a number, 0 or more", name, i + 1, value);
            return;
        }
    }
}

static void check_latency(struct rows *rows, const struct row *row, const json_t *result,
                          const char *kind)
{
    static const char *const names[] = {"50pct",  "75pct",   "95pct",    "99pct",
                                        "999pct", "9999pct", "99999pct", "Max"};
    struct rows_latency l = {
        .where = kind, .count = sizeof names / sizeof *names, .mean = {"Avg", NAN}};
    char name[64];
    for (int i = 0; i < l.count; i++) {
        snprintf(name, sizeof name, "%s%s", kind, names[i]);
        l.rising[i] = (struct rows_statistic){names[i], field(result, name)};
    }
    snprintf(name, sizeof name, "%sAvg", kind);
    l.mean.value = field(result, name);
    rows_check_latency(rows, row, &l);
}

static void check(struct rows *rows, const struct row *row, const json_t *result)
{
    check_count(rows, row, result, "messageSize", 0, 1e9);
    check_count(rows, row, result, "topics", 1, CLIENTS_MAX);
    check_count(rows, row, result, "partitions", 1, CLIENTS_MAX);
    check_count(rows, row, result, "producersPerTopic", 0, CLIENTS_MAX);
    check_count(rows, row, result, "consumersPerTopic", 0, CLIENTS_MAX);
    check_samples(rows, row, result, "publishRate");
    check_samples(rows, row, result, "consumeRate");
    check_latency(rows, row, result, "aggregatedPublishLatency");
    check_latency(rows, row, result, "aggregatedEndToEndLatency");
}

/* ---- what was run ---- */

static int counted(const json_t *result, const char *name)
{
    double value = field(result, name);
    return value >= 1 && value <= CLIENTS_MAX ? (int)value : 1;
}

static int times_topics(const json_t *result, const char *name)
{
    double all = counted(result, "topics") * (double)counted(result, name);
    return all <= CLIENTS_MAX ? (int)all : CLIENTS_MAX;
}

static void read_config(const json_t *result, struct row_config *c)
{
    double size = field(result, "messageSize"), consumers = field(result, "consumersPerTopic");
    if (size > 0)
        c->record_bytes = size;
    c->partitions = times_topics(result, "partitions");
    c->producers = counted(result, "producersPerTopic");
    c->consumers = times_topics(result, "consumersPerTopic");
    c->consumer_groups = consumers >= 1 ? subscriptions(result) : 0;
    c->rate_per_s = samples_mean(result, "publishRate");
    c->constant = true; /* its UniformRateLimiter spaces the sends of a worker evenly */
    c->warmup_s = 60;   /* its default is a minute, and not in the result either */
    c->measure_s =
        fmax(SAMPLE_S, SAMPLE_S * (double)json_array_size(json_object_get(result, "publishRate")));
}

void rows_read_omb(struct rows *rows, const char *file, json_t *result)
{
    static const struct {
        enum measured_quantity quantity;
        const char *name;
    } latencies[] = {
        {MEASURED_PRODUCE_MEAN, "aggregatedPublishLatencyAvg"},
        {MEASURED_PRODUCE_P50, "aggregatedPublishLatency50pct"},
        {MEASURED_PRODUCE_P99, "aggregatedPublishLatency99pct"},
        {MEASURED_END_TO_END_P50, "aggregatedEndToEndLatency50pct"},
        {MEASURED_END_TO_END_P99, "aggregatedEndToEndLatency99pct"},
    };
    struct row *row = rows_add(rows, file, 1);
    row->elsewhere = true;
    read_id(rows, row, result);
    snprintf(row->family, sizeof row->family, "omb");
    row->repeat = rows_repeats_before(rows, row->id) + 1;
    read_config(result, &row->config);
    check(rows, row, result);
    row->value[MEASURED_THROUGHPUT] = row->config.rate_per_s;
    for (size_t i = 0; i < sizeof latencies / sizeof *latencies; i++) {
        double value = field(result, latencies[i].name);
        row->value[latencies[i].quantity] = value / 1e3;
        if (isnan(value) &&
            (latencies[i].quantity < MEASURED_END_TO_END_P50 || row->config.consumer_groups > 0))
            rows_problem(rows, file, 1, row->id, "%s is missing", latencies[i].name);
    }
    if (!(row->config.rate_per_s > 0))
        rows_problem(rows, file, 1, row->id, "publishRate has no samples");
    warn(rows, row, result);
}
