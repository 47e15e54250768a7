/*
 * model/evidence/rows_tools.c - rows out of what other tools print.
 *
 * kafka-producer-perf-test    each final line is a row; `# name=value` lines before it say the configuration under the names of Kafka's
 *                             options (record-size, throughput, acks, linger.ms, batch.size, partitions, replication, id, family).
 *                             Its "MB/sec" are MiB, which the record size is checked against; latencies count from the send call.
 * OpenMessaging Benchmark     one result file is a row; latencies are ms, rates are lists of samples.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/evidence/rows_internal.h"

/* ---- kafka-producer-perf-test ---- */

struct option {
    char name[48], value[64];
};

static double plain(const char *text)
{
    char *end;
    double value = strtod(text, &end);
    return end == text ? NAN : value;
}

static bool set_number(struct row_config *c, const char *name, const char *value)
{
    struct {
        const char *name;
        double *at;
    } numbers[] = {{"record-size", &c->record_bytes}, {"linger.ms", &c->linger_ms},
                   {"batch.size", &c->batch_bytes},   {"warmup_s", &c->warmup_s},
                   {"measure_s", &c->measure_s},      {"throughput", &c->rate_per_s}};
    struct {
        const char *name;
        int *at;
    } counts[] = {
        {"partitions", &c->partitions}, {"replication", &c->replication}, {"brokers", &c->brokers}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(name, numbers[i].name) == 0)
            return !isnan(*numbers[i].at = plain(value));
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (strcmp(name, counts[i].name) == 0)
            return (*counts[i].at = atoi(value)) > 0;
    return false;
}

static void set_option(struct rows *rows, struct row *row, const struct option *o)
{
    struct row_config *c = &row->config;
    if (strcmp(o->name, "id") == 0)
        snprintf(row->id, sizeof row->id, "%s", o->value);
    else if (strcmp(o->name, "family") == 0)
        snprintf(row->family, sizeof row->family, "%.*s", (int)sizeof row->family - 1, o->value);
    else if (strcmp(o->name, "acks") == 0)
        c->acks = strcmp(o->value, "all") == 0 ? -1 : atoi(o->value);
    else if (strcmp(o->name, "compression.type") == 0)
        snprintf(c->compression, sizeof c->compression, "%.*s", (int)sizeof c->compression - 1,
                 o->value);
    else if (!set_number(c, o->name, o->value))
        rows_warn(rows, row->file, row->line, row->id, "option %s=%s is not read", o->name,
                  o->value);
}

struct summary {
    double records, per_s, mb_per_s, mean, max, p50, p95, p99, p999;
};

static bool is_summary(const char *line, struct summary *s)
{
    return sscanf(line,
                  "%lf records sent, %lf records/sec (%lf MB/sec), %lf ms avg latency, %lf ms max "
                  "latency, %lf ms 50th, %lf ms 95th, %lf ms 99th, %lf ms 99.9th",
                  &s->records, &s->per_s, &s->mb_per_s, &s->mean, &s->max, &s->p50, &s->p95,
                  &s->p99, &s->p999) == 9;
}

static void add_perf(struct rows *rows, const char *file, int line, const struct option *options,
                     int count, const struct summary *s, int number)
{
    struct row *row = rows_add(rows, file, line);
    struct row_config *c = &row->config;
    snprintf(row->id, sizeof row->id, "perf-%d", number);
    snprintf(row->family, sizeof row->family, "perf-test");
    c->record_bytes = NAN;
    c->rate_per_s = -1;
    for (int i = 0; i < count; i++)
        set_option(rows, row, &options[i]);
    double size = s->mb_per_s * 1048576 / s->per_s;
    if (isnan(c->record_bytes))
        c->record_bytes = round(size);
    else if (fabs(size / c->record_bytes - 1) > 0.02 && s->mb_per_s > 1)
        rows_problem(rows, file, line, row->id,
                     "record-size is %g but rates say %.0f bytes (the tool's MB are MiB)",
                     c->record_bytes, size);
    c->rate_max = c->rate_per_s < 0;
    c->rate_per_s = c->rate_max ? 0 : c->rate_per_s;
    row->value[MEASURED_THROUGHPUT] = s->per_s;
    row->value[MEASURED_PRODUCE_MEAN] = s->mean / 1e3;
    row->value[MEASURED_PRODUCE_P50] = s->p50 / 1e3;
    row->value[MEASURED_PRODUCE_P99] = s->p99 / 1e3;
    if (s->p50 < 5)
        rows_warn(
            rows, file, line, row->id,
            "the tool counts whole milliseconds: a median of %g ms is known to no better than "
            "half a millisecond",
            s->p50);
}

void rows_read_perf(struct rows *rows, const char *file, char *text)
{
    struct option options[32];
    int count = 0, number = 0, rows_seen = 0;
    for (char *line = text, *end; line && *line; line = end) {
        struct summary s;
        end = strchr(line, '\n');
        if (end)
            *end++ = 0;
        number++;
        struct option o;
        if (count < 32 && sscanf(line, "# %47[^= ]=%63s", o.name, o.value) == 2)
            options[count++] = o;
        else if (is_summary(line, &s))
            add_perf(rows, file, number, options, count, &s, ++rows_seen), count = 0;
    }
}

/* ---- OpenMessaging Benchmark ---- */

static double field(json_t *result, const char *name)
{
    json_t *value = json_object_get(result, name);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static double samples_mean(json_t *result, const char *name)
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

void rows_read_omb(struct rows *rows, const char *file, json_t *result)
{
    struct row *row = rows_add(rows, file, 1);
    struct row_config *c = &row->config;
    json_t *workload = json_object_get(result, "workload");
    snprintf(row->id, sizeof row->id, "%.63s",
             json_is_string(workload) ? json_string_value(workload) : "omb");
    snprintf(row->family, sizeof row->family, "omb");
    double size = field(result, "messageSize"), partitions = field(result, "partitions");
    double consumers = field(result, "consumersPerTopic");
    if (isnan(size))
        rows_warn(rows, file, 1, row->id, "messageSize is not said: 1,024 bytes are taken");
    else
        c->record_bytes = size;
    c->partitions = partitions >= 1 ? (int)partitions : 1;
    c->consumer_groups = consumers >= 1;
    c->rate_per_s = samples_mean(result, "publishRate");
    row->value[MEASURED_THROUGHPUT] = c->rate_per_s;
    row->value[MEASURED_PRODUCE_MEAN] = field(result, "aggregatedPublishLatencyAvg") / 1e3;
    row->value[MEASURED_PRODUCE_P50] = field(result, "aggregatedPublishLatency50pct") / 1e3;
    row->value[MEASURED_PRODUCE_P99] = field(result, "aggregatedPublishLatency99pct") / 1e3;
    row->value[MEASURED_END_TO_END_P50] = field(result, "aggregatedEndToEndLatency50pct") / 1e3;
    row->value[MEASURED_END_TO_END_P99] = field(result, "aggregatedEndToEndLatency99pct") / 1e3;
    if (!(c->rate_per_s > 0))
        rows_problem(rows, file, 1, row->id, "publishRate has no samples");
}
