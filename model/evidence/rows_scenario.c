/*
 * model/evidence/rows_scenario.c - the scenario of a measured configuration: the laboratory that it was measured in, its load, and a
 * `measured:` block with all repeats.
 *
 * The laboratory is one small machine: the brokers' processes share a core, the load has another, the loopback device is between them.
 */
#include <math.h>
#include <string.h>

#include "model/evidence/rows.h"

/*
 * The machine that rows are measured on, as its micro-benchmarks say (machine.json beside the rows): reads 683 MB/s, 8,983 random reads
 * a second of 106 us; 34 Gbit/s over loopback, half of a thread ping-pong of 5.68 us each way and the stack beside. An fsync of an append
 * takes 0.34 ms: a write, and a flush. What is written back is seen in rows at `max`: 10.6 GB in 20 s less the 4.2 GB that stay dirty.
 */
#define READ_BYTES_PER_S  683e6
#define WRITE_BYTES_PER_S 320e6
#define READ_IOPS         9000
#define WRITE_IOPS        20000
#define CATCH_UP_BYTES    "2.4 GB" /* of the topic that a catch-up reader begins at the beginning of */

static void write_disks(const struct row_config *c, FILE *out)
{
    double read = c->disk_read_bytes_per_s > 0 ? c->disk_read_bytes_per_s : READ_BYTES_PER_S;
    double write = c->disk_write_bytes_per_s > 0 ? c->disk_write_bytes_per_s : WRITE_BYTES_PER_S;
    double read_iops = c->disk_read_iops > 0 ? c->disk_read_iops : READ_IOPS;
    double write_iops = c->disk_write_iops > 0 ? c->disk_write_iops : WRITE_IOPS;
    fprintf(out,
            "{type: ssd, count: 1, size: 100 GB, read: %.6g MB/s, write: %.6g MB/s, read_iops: "
            "%.6g, write_iops: %.6g, read_latency: 106 us, write_latency: 40 us, flush: 300 us}",
            read / 1e6, write / 1e6, read_iops, write_iops);
}

static void write_cluster(const struct row_config *c, const char *profile, FILE *out)
{
    fprintf(out,
            "cluster:\n"
            "  brokers: %d\n"
            "  brokers_per_machine: %d\n"
            "  racks: [a]\n"
            "  profile: %s\n"
            "  heap: 1 GiB\n"
            "  read_ahead: 8 MiB\n"
            "  machine:\n"
            "    vcpus: 1                          # all brokers are pinned to one core\n"
            "    coremark: 24000\n"
            "    ram: 24 GiB\n"
            "    network: {baseline: 34 Gbit/s}    # loopback\n"
            "    disks: ",
            c->brokers, c->brokers, profile);
    write_disks(c, out);
    fprintf(out, "\n  network: {same_rack: 20 us, jitter: 0.1, single_flow: 34 Gbit/s");
    if (c->link_bytes_per_s > 0)
        fprintf(out, ", shared: %.6g Mbit/s, shared_burst: 64 kB", c->link_bytes_per_s * 8 / 1e6);
    fprintf(out, "}\n");
}

static void write_topic(const struct row_config *c, FILE *out)
{
    fprintf(out,
            "topics:\n  load: {partitions: %d, replication: %d, config: {min.insync.replicas: 1",
            c->partitions, c->replication);
    if (c->flush_messages > 0)
        fprintf(out, ", flush.messages: %.0f", c->flush_messages);
    if (c->catch_up) /* retention keeps what the reader is to read */
        fprintf(out, ", retention.bytes: %.0f", 2.4e9 / c->partitions);
    fprintf(out, "}}\n");
}

static void write_client_config(const struct row_config *c, FILE *out)
{
    fprintf(out, "    config: {acks: %s, linger.ms: %g, batch.size: %.0f, compression.type: %s",
            c->acks < 0    ? "all"
            : c->acks == 0 ? "0"
                           : "1",
            c->linger_ms, c->batch_bytes, c->compression);
    if (!c->java) /* as the load generator sets them */
        fprintf(out, ", batch.num.messages: 10000, queue.buffering.max.messages: 200000, "
                     "queue.buffering.max.kbytes: 131072");
    fprintf(out, "}\n");
    if (strcmp(c->compression, "none") == 0)
        return;
    /* What is not random is one letter: it compresses to next to nothing, the random part not at all. */
    double share = fmin(1, fmax(0.01, c->random_payload_share));
    fprintf(out, "    compression_ratio: %.4g\n", 1 / share);
}

/* kafka-producer-perf-test sleeps until it is two milliseconds behind, and then sends what is due: bursts. */
static void write_arrivals(const struct row_config *c, FILE *out)
{
    if (c->rate_max)
        fprintf(out, "    rate: max\n");
    else
        fprintf(out, "    rate: %.6g records/s\n", c->rate_per_s);
    fprintf(out, "    record: {size: %.0f B}\n", c->record_bytes);
    double together = c->java && !c->rate_max ? fmax(1, c->rate_per_s * 2e-3) : c->burst;
    if (together > 1)
        fprintf(out, "    arrivals: {burst: {records: %.6g}}\n", together);
    else
        fprintf(out, "    arrivals: %s\n", c->constant ? "constant" : "poisson");
}

static void write_clients(const struct row_config *c, FILE *out)
{
    fprintf(
        out,
        "producers:\n"
        "  load:\n"
        "    topic: load\n"
        "    client: %s\n"
        "    machine: {vcpus: 1, coremark: 24000, ram: 24 GiB, network: {baseline: 34 Gbit/s}}\n",
        c->java ? "java" : "librdkafka");
    write_arrivals(c, out);
    if (!c->java)
        fprintf(out, "    partitioner: uniform\n");
    write_client_config(c, out);
    if (c->consumer_groups > 0)
        fprintf(out, "groups:\n");
    for (int g = 0; g < c->consumer_groups; g++)
        fprintf(out,
                "  reader-%d: {topics: [load], beside: load, processing: {per_record: 1 us}}\n",
                g + 1);
    if (c->catch_up)
        fprintf(out, "  catch-up: {topics: [load], beside: load, lag: " CATCH_UP_BYTES
                     ", processing: {per_record: 1 us}}\n");
}

/* ---- what was measured ---- */

static void write_value(double value, enum measured_quantity q, FILE *out)
{
    const char *unit = measured_quantity_unit(q);
    if (isnan(value))
        fputs("unknown", out);
    else if (strcmp(unit, "s") == 0)
        fprintf(out, "%.6g ms", value * 1e3);
    else if (strcmp(unit, "bytes/s") == 0)
        fprintf(out, "%.6g MB/s", value / 1e6);
    else if (strcmp(unit, "records/s") == 0)
        fprintf(out, "%.6g records/s", value);
    else
        fprintf(out, "%.6g", value);
}

static void write_quantity(const struct row *row, int count, enum measured_quantity q, FILE *out)
{
    bool known = false;
    for (int i = 0; i < count; i++)
        known |= !isnan(row[i].value[q]);
    if (!known)
        return;
    fprintf(out, "  %s: [", measured_quantity_name(q));
    for (int i = 0; i < count; i++) {
        fputs(i > 0 ? ", " : "", out);
        write_value(row[i].value[q], q, out);
    }
    fputs("]\n", out);
}

int rows_scenario_write(const struct row *row, int count, const char *profile, FILE *out)
{
    const struct row_config *c = &row->config;
    fprintf(
        out,
        "# Generated by `headroom import` out of measured rows: %d of configuration %s. Change the "
        "rows, not this file.\n"
        "version: 1\n"
        "question: What does configuration %s of family %s give?\n",
        count, row->id, row->id, row->family);
    write_cluster(c, profile, out);
    write_topic(c, out);
    write_clients(c, out);
    fprintf(out,
            "start: {logs: %s, cache: %s, credits: full}\n"
            "run: {warmup: %g s, measure: %g s, replications: 3, seed: 1}\n"
            "horizon: {length: 1 h}\n"
            "measured:\n"
            "  id: %s\n"
            "  family: %s\n"
            "  source: measured rows\n",
            c->catch_up ? "retained" : "empty", c->cache_dropped ? "cold" : "warm", c->warmup_s,
            c->measure_s, row->id, row->family);
    if (c->rate_max)
        fprintf(out, "  maximum: true\n");
    for (int q = 0; q < MEASURED_QUANTITIES; q++)
        write_quantity(row, count, (enum measured_quantity)q, out);
    return ferror(out) ? -1 : 0;
}
