/* model/evidence/rows_check.c - what cannot be true of a row: a fit to it would be worse than none. */
#include <math.h>
#include <string.h>

#include "model/cluster/machine_share.h"
#include "model/evidence/rows_internal.h"
#include "model/scenario/scenario.h"

/* Longest produce latency that is believed: clients give a record up after five minutes at the latest. */
#define LATENCY_MAX_S 600
/* A window's edges, and a Poisson count of bursts: an open loop delivers so near to what it was asked for. */
#define RATE_SLACK    1.5
#define RATE_SIGMAS   6
/* Two clocks, CPU's and the window's, and the edges of ticks: cores seem to do so much more than they can. */
#define CPU_SLACK     1.1

static bool known(const struct row *row, enum measured_quantity q)
{
    return !isnan(row->value[q]);
}

static void problem(struct rows *rows, const struct row *row, enum measured_quantity q,
                    const char *expected)
{
    rows_problem(rows, row->file, row->line, row->id, "%s is %g %s; expected %s",
                 measured_quantity_name(q), row->value[q], measured_quantity_unit(q), expected);
}

static void check_ranges(struct rows *rows, const struct row *row)
{
    for (int i = 0; i < MEASURED_QUANTITIES; i++) {
        enum measured_quantity q = (enum measured_quantity)i;
        bool time = strcmp(measured_quantity_unit(q), "s") == 0;
        if (!known(row, q))
            continue;
        if (row->value[q] < 0 || !isfinite(row->value[q]))
            problem(rows, row, q, "0 or more");
        else if (time && row->value[q] > LATENCY_MAX_S)
            problem(rows, row, q, "below 600 s: are these milliseconds?");
    }
}

static void check_order(struct rows *rows, const struct row *row, enum measured_quantity p50,
                        enum measured_quantity p99)
{
    if (known(row, p50) && known(row, p99) && row->value[p50] > row->value[p99])
        problem(rows, row, p50, "no more than the 99th percentile");
}

/* An id becomes the name of a file, and both stand in YAML. */
static bool is_plain(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    return *name && strspn(name, letters) > 0 &&
           name[strspn(name,
                       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")] == 0;
}

bool rows_take_name(char *name, size_t size, const char *text, char expected[64])
{
    snprintf(expected, 64, ROWS_NAME_EXPECTED, size - 1);
    return snprintf(name, size, "%s", text) < (int)size;
}

static void check_names(struct rows *rows, const struct row *row)
{
    static const char expected[] = "letters, digits, '.', '_' and '-' behind a letter or digit";
    if (!is_plain(row->id))
        rows_problem(rows, row->file, row->line, row->id, "id is \"%s\"; expected %s", row->id,
                     expected);
    if (!is_plain(row->family))
        rows_problem(rows, row->file, row->line, row->id, "family is \"%s\"; expected %s",
                     row->family, expected);
}

static void check_config(struct rows *rows, const struct row *row)
{
    static const char *const codecs[] = {"none", "gzip", "snappy", "lz4", "zstd"};
    const struct row_config *c = &row->config;
    bool codec = false;
    for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++)
        codec |= strcmp(c->compression, codecs[i]) == 0;
    if (!codec)
        rows_problem(rows, row->file, row->line, row->id,
                     "compression is %s; expected none, gzip, snappy, lz4 or zstd", c->compression);
    if (!(c->record_bytes >= 1))
        rows_problem(rows, row->file, row->line, row->id, "record_bytes is %g; expected 1 or more",
                     c->record_bytes);
    if (c->replication > c->brokers)
        rows_problem(rows, row->file, row->line, row->id,
                     "replication is %d with %d brokers; expected no more than them",
                     c->replication, c->brokers);
    if (!(c->measure_s > 0))
        rows_problem(rows, row->file, row->line, row->id, "measure_s is %g; expected above 0",
                     c->measure_s);
    if (!(c->linger_ms >= 0))
        rows_problem(rows, row->file, row->line, row->id, "linger_ms is %g; expected 0 or more",
                     c->linger_ms);
}

/* Records that are neither compressed nor deleted take more room than their values. */
static void check_bytes(struct rows *rows, const struct row *row)
{
    const struct row_config *c = &row->config;
    if (strcmp(c->compression, "none") == 0 &&
        row->log_bytes < 0.999 * row->log_records * c->record_bytes)
        rows_problem(rows, row->file, row->line, row->id,
                     "log_whole_run: %.0f bytes for %.0f records of %.0f; expected at least the "
                     "payload",
                     row->log_bytes, row->log_records, c->record_bytes);
    if (row->log_records < row->log_batches)
        rows_problem(rows, row->file, row->line, row->id,
                     "log_whole_run: %.0f records in %.0f batches; expected no empty ones",
                     row->log_records, row->log_batches);
}

static double rate_possible(const struct row_config *c)
{
    double sigma = sqrt(c->burst * c->rate_per_s / c->measure_s);
    return fmax(RATE_SLACK * c->rate_per_s, c->rate_per_s + RATE_SIGMAS * sigma);
}

static void check_rates(struct rows *rows, const struct row *row)
{
    const struct row_config *c = &row->config;
    if (!c->rate_max && row->value[MEASURED_THROUGHPUT] > rate_possible(c))
        problem(rows, row, MEASURED_THROUGHPUT, "about the rate that was asked for, or less");
    if (known(row, MEASURED_CLIENT_CPU) && row->value[MEASURED_CLIENT_CPU] > ROWS_CORES_MAX)
        problem(rows, row, MEASURED_CLIENT_CPU, "cores, not per cent");
    if (known(row, MEASURED_REQUESTS) && row->log_records > 0 &&
        row->value[MEASURED_REQUESTS] > 2 * row->value[MEASURED_THROUGHPUT] + 1 && c->acks != 0)
        rows_warn(rows, row->file, row->line, row->id,
                  "more requests (%g a second) than records (%g): the client sent again",
                  row->value[MEASURED_REQUESTS], row->value[MEASURED_THROUGHPUT]);
}

void rows_check(struct rows *rows, const struct row *row)
{
    check_names(rows, row);
    check_config(rows, row);
    check_ranges(rows, row);
    check_order(rows, row, MEASURED_PRODUCE_P50, MEASURED_PRODUCE_P99);
    check_order(rows, row, MEASURED_END_TO_END_P50, MEASURED_END_TO_END_P99);
    check_bytes(rows, row);
    check_rates(rows, row);
}

/* ---- what the machines cannot do ---- */

static int check_cores(const struct row *row, const char *field, double cores, double possible,
                       const char *machines, struct broker_err *err)
{
    if (!(cores > CPU_SLACK * possible))
        return 0;
    return broker_err_set(err, -1,
                          "%s:%d: row %s: measured.%s is %g cores; expected up to %g, those of %s "
                          "(other machines are said with --cluster FILE)",
                          row->file, row->line, row->id, field, cores, possible, machines);
}

static int check_brokers(const struct row *row, int brokers, struct broker_err *err)
{
    if (!row->config.brokers_said || row->config.brokers == brokers)
        return 0;
    return broker_err_set(err, -1, "%s:%d: row %s: brokers is %d; expected %d, those of --cluster",
                          row->file, row->line, row->id, row->config.brokers, brokers);
}

int row_check_machines(const struct row *row, const struct scenario *s, struct broker_err *err)
{
    int brokers = s->cluster.brokers > 0 ? s->cluster.brokers : row->config.brokers,
        machines = model_machines_for(s, brokers);
    double one = s->cluster.machine.vcpus,
           client = s->producer_count > 0 ? (double)s->producers[0].machine.vcpus : INFINITY;
    if (check_brokers(row, brokers, err) != 0 ||
        check_cores(row, "broker_cpu_cores", row->broker_cpu_most, one, "a broker's machine",
                    err) != 0 ||
        check_cores(row, "broker_cpu_cores in sum", row->value[MEASURED_BROKER_CPU] * brokers,
                    one * machines, "the brokers' machines", err) != 0)
        return -1;
    return check_cores(row, "client_cpu_cores", row->value[MEASURED_CLIENT_CPU], client,
                       "the producer's machine", err);
}

int rows_drop_coarse(struct row *row)
{
    static const enum measured_quantity percentiles[] = {MEASURED_PRODUCE_P50, MEASURED_PRODUCE_P99,
                                                         MEASURED_END_TO_END_P50,
                                                         MEASURED_END_TO_END_P99};
    int dropped = 0;
    for (size_t i = 0; i < sizeof percentiles / sizeof *percentiles; i++)
        if (row->value[percentiles[i]] < ROWS_WHOLE_MS_LEAST) {
            row->value[percentiles[i]] = NAN;
            dropped++;
        }
    return dropped;
}

static bool same_load(const struct row_config *a, const struct row_config *b)
{
    return a->java == b->java && a->rate_max == b->rate_max && a->rate_per_s == b->rate_per_s &&
           a->record_bytes == b->record_bytes && a->acks == b->acks &&
           a->linger_ms == b->linger_ms && a->batch_bytes == b->batch_bytes &&
           strcmp(a->compression, b->compression) == 0 &&
           a->random_payload_share == b->random_payload_share &&
           a->consumer_groups == b->consumer_groups && a->producers == b->producers &&
           a->consumers == b->consumers && a->constant == b->constant && a->burst == b->burst;
}

static bool same_system(const struct row_config *a, const struct row_config *b)
{
    return a->partitions == b->partitions && a->replication == b->replication &&
           a->brokers == b->brokers && a->flush_messages == b->flush_messages &&
           strcmp(a->topic_config, b->topic_config) == 0 &&
           a->link_bytes_per_s == b->link_bytes_per_s &&
           a->disk_read_bytes_per_s == b->disk_read_bytes_per_s &&
           a->disk_write_bytes_per_s == b->disk_write_bytes_per_s &&
           a->disk_read_iops == b->disk_read_iops && a->disk_write_iops == b->disk_write_iops &&
           a->catch_up == b->catch_up && a->cache_dropped == b->cache_dropped &&
           a->warmup_s == b->warmup_s && a->measure_s == b->measure_s;
}

static void check_pair(struct rows *rows, const struct row *a, const struct row *b)
{
    if (!same_load(&a->config, &b->config) || !same_system(&a->config, &b->config))
        rows_problem(rows, b->file, b->line, b->id,
                     "differs in its configuration from %s:%d, which has the same id", a->file,
                     a->line);
    else if (a->repeat == b->repeat)
        rows_problem(rows, b->file, b->line, b->id, "repeat %d is at %s:%d already", b->repeat,
                     a->file, a->line);
}

int rows_repeats_before(const struct rows *rows, const char *id)
{
    int count = 0;
    for (int i = 0; i < rows->count - 1; i++)
        count += strcmp(rows->row[i].id, id) == 0;
    return count;
}

void rows_check_repeats(struct rows *rows, int first)
{
    for (int i = first; i < rows->count; i++) {
        const struct row *row = &rows->row[i];
        int repeats = 1, problems = rows->problem_count;
        for (int k = 0; k < i && rows->problem_count == problems; k++)
            if (strcmp(rows->row[k].id, row->id) == 0) {
                check_pair(rows, &rows->row[k], row);
                repeats++;
            }
        if (repeats == MEASURED_REPEATS_MAX + 1)
            rows_problem(rows, row->file, row->line, row->id, "more than %d repeats",
                         MEASURED_REPEATS_MAX);
    }
}
