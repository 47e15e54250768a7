/* model/evidence/rows_json.c - a row as a JSON object: what `headroom measure` writes. */
#include <math.h>
#include <string.h>

#include "model/evidence/rows_internal.h"

struct reading {
    struct rows *rows;
    const struct row *row;
};

static void wrong(const struct reading *r, const char *field, const char *expected)
{
    rows_problem(r->rows, r->row->file, r->row->line, r->row->id, "%s: expected %s", field,
                 expected);
}

static json_t *need(const struct reading *r, json_t *object, const char *field)
{
    json_t *value = json_object_get(object, field);
    if (!value)
        rows_problem(r->rows, r->row->file, r->row->line, r->row->id, "%s is missing", field);
    return value;
}

/* A number of the object; `otherwise` when it is absent or null. */
static double number_or(const struct reading *r, json_t *object, const char *field,
                        double otherwise)
{
    json_t *value = json_object_get(object, field);
    if (!value || json_is_null(value))
        return otherwise;
    if (json_is_number(value))
        return json_number_value(value);
    wrong(r, field, "a number");
    return otherwise;
}

static double number(const struct reading *r, json_t *object, const char *field)
{
    json_t *value = need(r, object, field);
    return value ? number_or(r, object, field, NAN) : NAN;
}

static int whole(const struct reading *r, json_t *object, const char *field, int low, int high)
{
    double value = number(r, object, field);
    if (isnan(value))
        return low;
    if (value >= low && value <= high && value == floor(value))
        return (int)value;
    rows_problem(r->rows, r->row->file, r->row->line, r->row->id,
                 "%s is %g; expected a whole number, %d to %d", field, value, low, high);
    return low;
}

static const char *word(const struct reading *r, json_t *object, const char *field)
{
    json_t *value = need(r, object, field);
    if (value && !json_is_string(value))
        wrong(r, field, "text");
    return json_is_string(value) ? json_string_value(value) : "";
}

/* ---- the configuration ---- */

static void read_rate(const struct reading *r, json_t *config, struct row_config *c)
{
    json_t *rate = need(r, config, "rate_per_s");
    c->rate_max = json_is_string(rate) && strcmp(json_string_value(rate), "max") == 0;
    if (json_is_number(rate) && json_number_value(rate) > 0)
        c->rate_per_s = json_number_value(rate);
    else if (rate && !c->rate_max)
        wrong(r, "rate_per_s", "records a second above 0, or \"max\"");
}

static void read_acks(const struct reading *r, json_t *config, struct row_config *c)
{
    const char *acks = word(r, config, "acks");
    if (strcmp(acks, "all") == 0 || strcmp(acks, "-1") == 0)
        c->acks = -1;
    else if (strcmp(acks, "0") == 0 || strcmp(acks, "1") == 0)
        c->acks = acks[0] - '0';
    else if (*acks)
        wrong(r, "acks", "\"0\", \"1\" or \"all\"");
}

/* "100mbit", "1gbit": as tc says them. */
static double link_rate(const struct reading *r, json_t *value)
{
    double rate = 0;
    char unit[8] = "";
    if (!json_is_string(value) || sscanf(json_string_value(value), "%lf%7s", &rate, unit) != 2 ||
        !(rate > 0)) {
        wrong(r, "link_rate", "a rate such as \"100mbit\"");
        return 0;
    }
    double scale = strcmp(unit, "kbit") == 0   ? 1e3
                   : strcmp(unit, "mbit") == 0 ? 1e6
                   : strcmp(unit, "gbit") == 0 ? 1e9
                                               : 0;
    if (scale == 0)
        wrong(r, "link_rate", "kbit, mbit or gbit");
    return rate * scale / 8;
}

static void read_topic_config(const struct reading *r, json_t *list, struct row_config *c)
{
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        double value;
        const char *text = json_is_string(item) ? json_string_value(item) : "";
        if (sscanf(text, "flush.messages=%lf", &value) == 1)
            c->flush_messages = value;
        else
            rows_warn(r->rows, r->row->file, r->row->line, r->row->id,
                      "topic_config %s is not modelled by a row", text);
    }
}

static void read_conditions(const struct reading *r, json_t *config, struct row_config *c)
{
    json_t *link = json_object_get(config, "link_rate"),
           *disk = json_object_get(config, "disk_limit"),
           *cache = json_object_get(config, "page_cache");
    if (link && !json_is_null(link))
        c->link_bytes_per_s = link_rate(r, link);
    if (json_is_object(disk)) {
        c->disk_read_bytes_per_s = number_or(r, disk, "read_bps", 0);
        c->disk_write_bytes_per_s = number_or(r, disk, "write_bps", 0);
        c->disk_read_iops = number_or(r, disk, "read_iops", 0);
        c->disk_write_iops = number_or(r, disk, "write_iops", 0);
    }
    c->catch_up = json_is_string(cache);
    c->cache_dropped = c->catch_up && strcmp(json_string_value(cache), "drop") == 0;
    read_topic_config(r, json_object_get(config, "topic_config"), c);
}

static void read_config(const struct reading *r, json_t *config, struct row_config *c)
{
    const char *client = word(r, config, "client");
    c->java = strcmp(client, "java") == 0;
    if (*client && !c->java && strcmp(client, "librdkafka") != 0)
        wrong(r, "client", "\"java\" or \"librdkafka\"");
    read_rate(r, config, c);
    c->record_bytes = number(r, config, "record_bytes");
    c->partitions = whole(r, config, "partitions", 1, 200000);
    c->replication = whole(r, config, "replication", 1, 100);
    c->brokers = (int)number_or(r, config, "brokers", 1);
    read_acks(r, config, c);
    c->linger_ms = number(r, config, "linger_ms");
    c->batch_bytes = number(r, config, "batch_bytes");
    snprintf(c->compression, sizeof c->compression, "%s", word(r, config, "compression"));
    c->random_payload_share = number_or(r, config, "random_payload_share", 1);
    c->consumer_groups = (int)number_or(r, config, "consumer_groups", 0);
    json_t *arrivals = json_object_get(config, "arrivals");
    c->constant = json_is_string(arrivals) && strcmp(json_string_value(arrivals), "constant") == 0;
    c->burst = number_or(r, config, "burst", 1);
    c->warmup_s = number(r, config, "warmup_s");
    c->measure_s = number(r, config, "measure_s");
    read_conditions(r, config, c);
}

/* ---- what was measured ---- */

static void read_latency(const struct reading *r, json_t *latency, double *value,
                         enum measured_quantity mean, enum measured_quantity p50,
                         enum measured_quantity p99)
{
    if (!json_is_object(latency))
        return;
    if (mean < MEASURED_QUANTITIES)
        value[mean] = number_or(r, latency, "mean", NAN) / 1e3;
    value[p50] = number_or(r, latency, "p50", NAN) / 1e3;
    value[p99] = number_or(r, latency, "p99", NAN) / 1e3;
}

static double mean_of(json_t *list)
{
    double sum = 0;
    size_t i, count = 0;
    json_t *item;
    json_array_foreach(list, i, item) if (json_is_number(item)) sum += json_number_value(item),
        count++;
    return count ? sum / (double)count : NAN;
}

/* Counted from the topic's beginning: a warm-up at another speed (`max`) is in the mean of the whole run. */
static void read_log(const struct reading *r, json_t *log, const struct row_config *c,
                     double *value)
{
    double seconds = c->warmup_s + c->measure_s;
    if (!json_is_object(log) || !(seconds > 0))
        return;
    value[MEASURED_BATCHES] = number_or(r, log, "batches", NAN) / seconds / c->replication;
    value[MEASURED_DISK_BYTES] = number_or(r, log, "bytes", NAN) / seconds;
}

static void read_measured(const struct reading *r, json_t *m, const struct row_config *c,
                          double *value)
{
    json_t *client = json_object_get(m, "client");
    value[MEASURED_THROUGHPUT] = number(r, m, "acked_records_per_s");
    read_latency(r, json_object_get(m, "produce_latency_ms"), value, MEASURED_PRODUCE_MEAN,
                 MEASURED_PRODUCE_P50, MEASURED_PRODUCE_P99);
    read_latency(r, json_array_get(json_object_get(m, "end_to_end_latency_ms"), 0), value,
                 MEASURED_QUANTITIES, MEASURED_END_TO_END_P50, MEASURED_END_TO_END_P99);
    value[MEASURED_BROKER_CPU] = mean_of(json_object_get(m, "broker_cpu_cores"));
    value[MEASURED_CLIENT_CPU] = number_or(r, m, "client_cpu_cores", NAN);
    if (json_is_object(client)) {
        value[MEASURED_REQUESTS] = number_or(r, client, "produce_requests_per_s", NAN);
        double round_trip = number_or(r, client, "round_trip_mean_ms", NAN) / 1e3;
        value[MEASURED_ROUND_TRIP] = round_trip > 0 ? round_trip : NAN; /* none without acks */
    }
    read_log(r, json_object_get(m, "log_whole_run"), c, value);
    double mb = number_or(r, m, "acked_mb_per_s", NAN);
    double computed = value[MEASURED_THROUGHPUT] * c->record_bytes / 1e6;
    if (computed > 1 && fabs(mb * 1.048576 / computed - 1) < 0.005)
        wrong(r, "acked_mb_per_s", "10^6 bytes a second; this is MiB");
    else if (fabs(mb - computed) > 0.02 * computed + 0.001) /* three decimals */
        wrong(r, "acked_mb_per_s", "acked_records_per_s times record_bytes");
}

void rows_read_json_line(struct rows *rows, const char *file, int line, json_t *object)
{
    struct row *row = rows_add(rows, file, line);
    struct reading r = {rows, row};
    if (!json_is_object(object)) {
        rows_problem(rows, file, line, "", "expected an object");
        rows->count--;
        return;
    }
    snprintf(row->id, sizeof row->id, "%s", word(&r, object, "id"));
    snprintf(row->family, sizeof row->family, "%s", word(&r, object, "family"));
    row->repeat = whole(&r, object, "repeat", 1, 1000);
    json_t *jit = json_object_get(object, "jit");
    const char *state = json_is_string(jit) ? json_string_value(jit) : "warm";
    row->jit = strcmp(state, "warming") == 0       ? ROW_WARMING
               : strcmp(state, "mostly warm") == 0 ? ROW_MOSTLY_WARM
                                                   : ROW_WARM;
    json_t *config = need(&r, object, "config"), *measured = need(&r, object, "measured");
    if (config)
        read_config(&r, config, &row->config);
    if (config && measured)
        read_measured(&r, measured, &row->config, row->value);
}
