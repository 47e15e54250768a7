/*
 * tests/interop/interop_row.c - does a file hold rows that have everything which a measured row has?
 *
 *     interop_row FILE COUNT
 *
 * Fields and types are those of the rows that calibration reads. Also: what can be checked by arithmetic agrees.
 */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/evidence/rows.h"

static int bad;

static void say(int line, const char *path, const char *what)
{
    fprintf(stderr, "row %d: %s %s\n", line, path, what);
    bad++;
}

/* "measured.client.batch_bytes_mean" */
static json_t *find(json_t *root, const char *path)
{
    char name[64];
    while (root && *path) {
        size_t n = strcspn(path, ".");
        snprintf(name, sizeof name, "%.*s", (int)n, path);
        root = json_object_get(root, name);
        path += n + (path[n] == '.');
    }
    return root;
}

static const struct {
    const char *path;
    char type; /* s: text, n: a number above 0, 0: a number, o: object, a: list */
} FIELDS[] = {
    {"id", 's'},
    {"family", 's'},
    {"repeat", 'n'},
    {"jit", 's'},
    {"config.client", 's'},
    {"config.rate_per_s", 'n'},
    {"config.record_bytes", 'n'},
    {"config.partitions", 'n'},
    {"config.replication", 'n'},
    {"config.acks", 's'},
    {"config.linger_ms", '0'},
    {"config.batch_bytes", 'n'},
    {"config.compression", 's'},
    {"config.random_payload_share", '0'},
    {"config.consumer_groups", 'n'},
    {"config.arrivals", 's'},
    {"config.burst", 'n'},
    {"config.topic_config", 'a'},
    {"config.warmup_s", 'n'},
    {"config.measure_s", 'n'},
    {"config.brokers", 'n'},
    {"measured.acked_records_per_s", 'n'},
    {"measured.acked_mb_per_s", 'n'},
    {"measured.failed", '0'},
    {"measured.queue_full_waits", '0'},
    {"measured.produce_latency_ms.mean", 'n'},
    {"measured.produce_latency_ms.p50", 'n'},
    {"measured.produce_latency_ms.p90", 'n'},
    {"measured.produce_latency_ms.p95", 'n'},
    {"measured.produce_latency_ms.p99", 'n'},
    {"measured.produce_latency_ms.p999", 'n'},
    {"measured.produce_latency_ms.max", 'n'},
    {"measured.produce_latency_ms.n", 'n'},
    {"measured.end_to_end_latency_ms", 'a'},
    {"measured.consumed_records_per_s", 'a'},
    {"measured.client.produce_requests_per_s", 'n'},
    {"measured.client.round_trip_mean_ms", 'n'},
    {"measured.client.round_trip_p99_ms", 'n'},
    {"measured.client.queue_wait_mean_ms", 'n'},
    {"measured.client.send_buffer_mean_ms", '0'},
    {"measured.client.batch_bytes_mean", 'n'},
    {"measured.client.batch_records_mean", 'n'},
    {"measured.broker_cpu_cores", 'a'},
    {"measured.broker_threads_cpu_cores", 'a'},
    {"measured.client_cpu_cores", 'n'},
    {"measured.client_threads_cpu_cores", 'o'},
    {"measured.gc_pauses", 'a'},
    {"measured.log_whole_run.batches", 'n'},
    {"measured.log_whole_run.records", 'n'},
    {"measured.log_whole_run.bytes", 'n'},
};

static int fits(const json_t *value, char type)
{
    switch (type) {
    case 's':
        return json_is_string(value) && json_string_length(value) > 0;
    case 'n':
        return json_is_number(value) && json_number_value(value) > 0;
    case '0':
        return json_is_number(value) && json_number_value(value) >= 0;
    case 'o':
        return json_is_object(value) && json_object_size(value) > 0;
    default:
        return json_is_array(value);
    }
}

static double number(json_t *root, const char *path)
{
    return json_number_value(find(root, path));
}

/* What one reading says of another. */
static void check_sums(json_t *row, int line)
{
    double groups = number(row, "config.consumer_groups");
    if ((double)json_array_size(find(row, "measured.end_to_end_latency_ms")) != groups ||
        (double)json_array_size(find(row, "measured.consumed_records_per_s")) != groups)
        say(line, "groups", "are not as many as lists have");
    double count = number(row, "measured.produce_latency_ms.n");
    double expected = number(row, "config.rate_per_s") * number(row, "config.measure_s");
    if (fabs(count - expected) > 6 * sqrt(expected))
        say(line, "n", "is not what a Poisson schedule sends");
    if (number(row, "measured.log_whole_run.records") < count)
        say(line, "log_whole_run", "has fewer records than were acknowledged");
    double bytes =
        number(row, "measured.log_whole_run.bytes") / number(row, "measured.log_whole_run.records");
    if (bytes < number(row, "config.record_bytes"))
        say(line, "log_whole_run", "has records that are too small");
    for (size_t i = 0; i < (size_t)groups; i++) {
        json_t *latency = json_array_get(find(row, "measured.end_to_end_latency_ms"), i);
        if (number(latency, "n") != count)
            say(line, "end_to_end_latency_ms", "has not every record");
        if (number(latency, "mean") < 0.5 * number(row, "measured.produce_latency_ms.mean"))
            say(line, "end_to_end_latency_ms", "is far below the acknowledgement's");
    }
}

static void check_row(json_t *row, int line)
{
    for (size_t i = 0; i < sizeof FIELDS / sizeof *FIELDS; i++)
        if (!fits(find(row, FIELDS[i].path), FIELDS[i].type))
            say(line, FIELDS[i].path, "is missing or of another type");
    if (bad == 0)
        check_sums(row, line);
}

/* Calibration's own reader has nothing to say against them. */
static void check_reader(const char *path)
{
    struct rows rows = {0};
    struct broker_err err = {""};
    if (rows_read(&rows, path, &err) != 0 && rows.problem_count == 0)
        say(0, path, err.text);
    for (int i = 0; i < rows.problem_count; i++)
        say(0, "reader:", rows.problems[i]);
    for (int i = 0; i < rows.warning_count; i++)
        say(0, "reader:", rows.warnings[i]);
    rows_release(&rows);
}

int main(int argc, char **argv)
{
    FILE *in = argc == 3 ? fopen(argv[1], "r") : NULL;
    if (!in) {
        fprintf(stderr, "interop_row FILE COUNT\n");
        return 2;
    }
    char *text = NULL;
    size_t size = 0;
    int line = 0;
    while (getline(&text, &size, in) > 0) {
        json_t *row = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        line++;
        if (row)
            check_row(row, line);
        else
            say(line, "", "is not JSON");
        json_decref(row);
    }
    free(text);
    fclose(in);
    check_reader(argv[1]);
    if (line != atoi(argv[2]))
        say(line, "", "is the last, and there should be another number");
    return bad ? 1 : 0;
}
