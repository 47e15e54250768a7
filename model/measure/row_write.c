#include <math.h>
#include <string.h>

#include "model/measure/measured_row.h"

/* ---- pieces of JSON ---- */

static void put_string(FILE *out, const char *text)
{
    putc('"', out);
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (*p == '"' || *p == '\\')
            fprintf(out, "\\%c", *p);
        else if (*p < 0x20)
            fprintf(out, "\\u%04x", *p);
        else
            putc(*p, out);
    }
    putc('"', out);
}

/* A value with so many decimals, or null. */
static void put_number(FILE *out, double value, int decimals)
{
    if (isfinite(value))
        fprintf(out, "%.*f", decimals, value);
    else
        fputs("null", out);
}

static void put_field(FILE *out, const char *name, double value, int decimals)
{
    fprintf(out, "\"%s\": ", name);
    put_number(out, value, decimals);
}

/* Whole numbers as such. */
static void put_short(FILE *out, const char *name, double value)
{
    fprintf(out, "\"%s\": %.15g", name, value);
}

/* ---- config ---- */

static void put_topic_config(const struct measure_config *c, FILE *out)
{
    fputs("\"topic_config\": [", out);
    for (int i = 0; i < c->topic_config_count; i++) {
        fputs(i ? ", " : "", out);
        put_string(out, c->topic_config[i]);
    }
    putc(']', out);
}

static void put_config(const struct measured_row *row, FILE *out)
{
    const struct measure_config *c = row->config;
    fputs("\"config\": {\"client\": \"librdkafka\", ", out);
    if (c->rate_per_s > 0)
        put_short(out, "rate_per_s", c->rate_per_s);
    else
        fputs("\"rate_per_s\": \"max\"", out);
    fprintf(out,
            ", \"record_bytes\": %d, \"partitions\": %d, \"replication\": %d, \"acks\": \"%s\"",
            c->record_bytes, c->partitions, c->replication,
            c->acks < 0 ? "all"
            : c->acks   ? "1"
                        : "0");
    /* A real number even when it is whole, as in the rows that are there already. */
    fprintf(out,
            c->linger_ms == floor(c->linger_ms) ? ", \"linger_ms\": %.1f"
                                                : ", \"linger_ms\": %.15g",
            c->linger_ms);
    fprintf(out, ", \"batch_bytes\": %d, \"compression\": ", c->batch_bytes);
    put_string(out, c->compression);
    fprintf(out,
            c->random_share == floor(c->random_share) ? ", \"random_payload_share\": %.1f"
                                                      : ", \"random_payload_share\": %.15g",
            c->random_share);
    fprintf(out, ", \"consumer_groups\": %d, \"arrivals\": \"%s\", \"burst\": %d, ", c->groups,
            c->arrivals == MEASURE_CONSTANT ? "constant" : "poisson", c->burst);
    put_topic_config(c, out);
    fputs(", \"link_rate\": null, \"disk_limit\": null, \"page_cache\": null, ", out);
    put_short(out, "warmup_s", (double)c->warmup_ns / 1e9);
    fputs(", ", out);
    put_short(out, "measure_s", (double)c->measure_ns / 1e9);
    fprintf(out, ", \"brokers\": %d}", row->brokers);
}

/* ---- measured ---- */

static void put_latency(const struct sim_histogram *h, FILE *out)
{
    static const struct {
        const char *name;
        double q;
    } quantiles[] = {{"p50", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}, {"p999", 0.999}};
    if (h->count == 0) {
        fputs("null", out);
        return;
    }
    putc('{', out);
    put_field(out, "mean", sim_histogram_mean_ns(h) / 1e6, 3);
    for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles; i++) {
        fputs(", ", out);
        put_field(out, quantiles[i].name,
                  (double)sim_histogram_quantile_ns(h, quantiles[i].q) / 1e6, 3);
    }
    fputs(", ", out);
    put_field(out, "max", (double)h->max_ns / 1e6, 3);
    fprintf(out, ", \"n\": %llu}", (unsigned long long)h->count);
}

static void put_groups(const struct measured_row *row, FILE *out)
{
    fputs(", \"end_to_end_latency_ms\": [", out);
    for (int i = 0; i < row->group_count; i++) {
        fputs(i ? ", " : "", out);
        put_latency(row->groups[i].latency, out);
    }
    fputs("], \"consumed_records_per_s\": [", out);
    for (int i = 0; i < row->group_count; i++) {
        fputs(i ? ", " : "", out);
        put_number(out, row->groups[i].consumed_per_s, 1);
    }
    putc(']', out);
}

static void put_client(const struct client_stats *s, bool acknowledged, FILE *out)
{
    /* Without acknowledgements there is no round trip: 0, as in the rows that are there already. */
    double none = acknowledged ? NAN : 0;
    double mean = s->round_trip.count > 0 ? client_sum_mean(&s->round_trip) / 1e3 : none;
    double p99 = s->round_trip.count > 0 ? client_sum_p99(&s->round_trip) / 1e3 : none;
    fputs(", \"client\": {", out);
    put_field(out, "produce_requests_per_s", client_requests_per_s(s), 1);
    fputs(", ", out), put_field(out, "round_trip_mean_ms", mean, 3);
    fputs(", ", out), put_field(out, "round_trip_p99_ms", p99, 3);
    fputs(", ", out);
    put_field(out, "queue_wait_mean_ms", client_sum_mean(&s->queue_wait) / 1e3, 3);
    fputs(", ", out);
    put_field(out, "send_buffer_mean_ms", client_sum_mean(&s->send_buffer) / 1e3, 3);
    fputs(", ", out), put_field(out, "batch_bytes_mean", client_sum_mean(&s->batch_bytes), 1);
    fputs(", ", out), put_field(out, "batch_records_mean", client_sum_mean(&s->batch_records), 1);
    putc('}', out);
}

static void put_threads(const struct cpu_usage *u, FILE *out)
{
    putc('{', out);
    for (int i = 0; i < u->count; i++) {
        fputs(i ? ", " : "", out);
        put_string(out, u->groups[i].name);
        fputs(": ", out);
        put_number(out, u->groups[i].cores, 4);
    }
    putc('}', out);
}

/* Processes on this machine tell exactly, and of their threads; else exporters tell what they can. */
static void put_broker_cpu(const struct measured_row *row, FILE *out)
{
    int put = 0;
    for (int i = 0; i < row->broker_count; i++) {
        fputs(put++ ? ", " : "", out);
        put_number(out, row->broker_cpu[i].cores, 4);
    }
    for (int i = 0; i < row->scrape_count && row->broker_count == 0; i++) {
        double cores = broker_cores(&row->probe[i], &row->before[i], &row->after[i]);
        if (isnan(cores))
            continue;
        fputs(put++ ? ", " : "", out);
        put_number(out, cores, 4);
    }
}

static void put_cpu(const struct measured_row *row, FILE *out)
{
    fputs(", \"broker_cpu_cores\": [", out);
    put_broker_cpu(row, out);
    fputs("], \"broker_threads_cpu_cores\": [", out);
    for (int i = 0; i < row->broker_count; i++) {
        fputs(i ? ", " : "", out);
        put_threads(&row->broker_cpu[i], out);
    }
    fputs("], ", out);
    put_field(out, "client_cpu_cores", row->client_cpu.cores, 4);
    fputs(", \"client_threads_cpu_cores\": ", out);
    put_threads(&row->client_cpu, out);
}

static void put_pauses(FILE *out, int index, double count, double total_ms, double max_ms)
{
    fputs(index ? ", {" : "{", out);
    put_field(out, "count", count, 0);
    fputs(", ", out), put_field(out, "total_ms", total_ms, 1);
    fputs(", ", out), put_field(out, "max_ms", max_ms, 3);
    putc('}', out);
}

/* The exporter counts pauses and sums them; it has no longest one. */
static void put_gc(const struct measured_row *row, FILE *out)
{
    int put = 0;
    fputs(", \"gc_pauses\": [", out);
    for (int i = 0; i < row->gc_log_count; i++)
        put_pauses(out, put++, (double)row->gc[i].count, row->gc[i].total_ms, row->gc[i].max_ms);
    for (int i = 0; i < row->scrape_count && row->gc_log_count == 0; i++) {
        const struct broker_scrape *a = &row->before[i], *b = &row->after[i];
        double count = b->gc_count - a->gc_count, seconds = b->gc_seconds - a->gc_seconds;
        if (count >= 0 && seconds >= 0)
            put_pauses(out, put++, count, seconds * 1e3, NAN);
    }
    putc(']', out);
}

static void put_times(const struct broker_scrape *s, FILE *out)
{
    fputs("\"request_time_ms\": {", out);
    for (int r = 0; r < BROKER_REQUESTS; r++) {
        fprintf(out, "%s\"%s\": {", r ? ", " : "", BROKER_REQUEST_NAMES[r]);
        for (int p = 0; p < BROKER_PARTS; p++) {
            fprintf(out, "%s\"%s\": {", p ? ", " : "", BROKER_PART_NAMES[p]);
            for (int q = 0; q < BROKER_STATISTICS; q++) {
                fputs(q ? ", " : "", out);
                put_field(out, BROKER_STATISTIC_NAMES[q], s->time_ms[r][p][q], 3);
            }
            putc('}', out);
        }
        putc('}', out);
    }
    putc('}', out);
}

static void put_scrape(const struct broker_scrape *a, const struct broker_scrape *b, FILE *out)
{
    fputs("{\"requests_per_s\": {", out);
    for (int r = 0; r < BROKER_REQUESTS; r++) {
        fputs(r ? ", " : "", out);
        put_field(out, BROKER_REQUEST_NAMES[r], broker_rate(a->requests[r], b->requests[r], a, b),
                  1);
    }
    fputs("}, ", out);
    put_times(b, out);
    fputs(", ", out);
    put_field(out, "bytes_in_per_s", broker_rate(a->bytes_in, b->bytes_in, a, b), 0);
    fputs(", ", out);
    put_field(out, "bytes_out_per_s", broker_rate(a->bytes_out, b->bytes_out, a, b), 0);
    fputs(", ", out);
    put_field(out, "messages_in_per_s", broker_rate(a->messages_in, b->messages_in, a, b), 1);
    fputs(", ", out);
    put_field(out, "log_bytes", b->log_bytes, 0);
    putc('}', out);
}

static void put_optional(const struct measured_row *row, FILE *out)
{
    if (row->has_log)
        fprintf(out, ", \"log_whole_run\": {\"batches\": %lld, \"records\": %lld, \"bytes\": %lld}",
                (long long)row->log.batches, (long long)row->log.records,
                (long long)row->log.bytes);
    if (row->scrape_count == 0)
        return;
    fputs(", \"broker_metrics\": [", out);
    for (int i = 0; i < row->scrape_count; i++) {
        fputs(i ? ", " : "", out);
        put_scrape(&row->before[i], &row->after[i], out);
    }
    putc(']', out);
}

int measured_row_write(const struct measured_row *row, FILE *out)
{
    fputs("{\"id\": ", out), put_string(out, row->config->id);
    fputs(", \"family\": ", out), put_string(out, row->config->family);
    fprintf(out, ", \"repeat\": %d, \"jit\": ", row->repeat), put_string(out, row->jit);
    fputs(", ", out);
    put_config(row, out);
    fputs(", \"measured\": {", out);
    put_field(out, "acked_records_per_s", row->acked_per_s, 1);
    fputs(", ", out);
    put_field(out, "acked_mb_per_s", row->acked_per_s * row->config->record_bytes / 1e6, 3);
    fprintf(out, ", \"failed\": %llu, \"queue_full_waits\": %llu, \"produce_latency_ms\": ",
            (unsigned long long)row->failed, (unsigned long long)row->queue_full_waits);
    put_latency(row->latency, out);
    if (row->unacknowledged)
        fprintf(out, ", \"unacknowledged\": %llu", (unsigned long long)row->unacknowledged);
    put_groups(row, out);
    put_client(&row->client, row->config->acks != 0, out);
    put_cpu(row, out);
    put_gc(row, out);
    put_optional(row, out);
    fputs("}}\n", out);
    return ferror(out) ? -1 : 0;
}
