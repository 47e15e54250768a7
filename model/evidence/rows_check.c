/* model/evidence/rows_check.c - what cannot be true of a row: a fit to it would be worse than none. */
#include <math.h>
#include <string.h>

#include "model/evidence/rows_internal.h"

/* Longest produce latency that is believed: clients give a record up after five minutes at the latest. */
#define LATENCY_MAX_S 600
/* CPU accounting of a kernel in ticks: a reading may exceed what is possible by so much. */
#define CPU_SLACK     1.05
/* Poisson counts of a short run and a window's edges: an open loop delivers so near to what it was asked for. */
#define RATE_SLACK    1.5

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

static void check_config(struct rows *rows, const struct row *row)
{
    const struct row_config *c = &row->config;
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

static void check_bytes(struct rows *rows, const struct row *row)
{
    const struct row_config *c = &row->config;
    double payload = row->value[MEASURED_THROUGHPUT] * c->record_bytes * c->replication;
    if (strcmp(c->compression, "none") == 0 && known(row, MEASURED_DISK_BYTES) && !c->rate_max &&
        row->value[MEASURED_DISK_BYTES] < 0.5 * payload)
        problem(rows, row, MEASURED_DISK_BYTES, "at least the payload of all replicas");
    if (!c->rate_max && row->value[MEASURED_THROUGHPUT] > RATE_SLACK * c->rate_per_s)
        problem(rows, row, MEASURED_THROUGHPUT, "about the rate that was asked for, or less");
    if (known(row, MEASURED_ROUND_TRIP) && known(row, MEASURED_PRODUCE_MEAN) &&
        row->value[MEASURED_ROUND_TRIP] > 200 * row->value[MEASURED_PRODUCE_MEAN])
        problem(rows, row, MEASURED_ROUND_TRIP, "less than the latency: are the units mixed?");
    if (known(row, MEASURED_BROKER_CPU) && row->value[MEASURED_BROKER_CPU] > 1024 * CPU_SLACK)
        problem(rows, row, MEASURED_BROKER_CPU, "cores, not per cent");
}

void rows_check(struct rows *rows, const struct row *row)
{
    check_config(rows, row);
    check_ranges(rows, row);
    check_order(rows, row, MEASURED_PRODUCE_P50, MEASURED_PRODUCE_P99);
    check_order(rows, row, MEASURED_END_TO_END_P50, MEASURED_END_TO_END_P99);
    check_bytes(rows, row);
}

static bool same_config(const struct row_config *a, const struct row_config *b)
{
    return a->java == b->java && a->rate_max == b->rate_max && a->rate_per_s == b->rate_per_s &&
           a->record_bytes == b->record_bytes && a->partitions == b->partitions &&
           a->replication == b->replication && a->brokers == b->brokers && a->acks == b->acks &&
           a->linger_ms == b->linger_ms && a->batch_bytes == b->batch_bytes &&
           strcmp(a->compression, b->compression) == 0 &&
           a->consumer_groups == b->consumer_groups && a->burst == b->burst &&
           a->flush_messages == b->flush_messages && a->link_bytes_per_s == b->link_bytes_per_s &&
           a->disk_write_iops == b->disk_write_iops &&
           a->disk_write_bytes_per_s == b->disk_write_bytes_per_s &&
           a->disk_read_bytes_per_s == b->disk_read_bytes_per_s;
}

void rows_check_all(struct rows *rows)
{
    for (int i = 0; i < rows->count; i++)
        for (int k = 0; k < i; k++) {
            const struct row *a = &rows->row[k], *b = &rows->row[i];
            if (strcmp(a->id, b->id) != 0)
                continue;
            if (!same_config(&a->config, &b->config))
                rows_problem(rows, b->file, b->line, b->id,
                             "differs in its configuration from %s:%d, which has the same id",
                             a->file, a->line);
            else if (a->repeat == b->repeat)
                rows_problem(rows, b->file, b->line, b->id, "repeat %d is at %s:%d already",
                             b->repeat, a->file, a->line);
            else
                continue;
            break;
        }
}
