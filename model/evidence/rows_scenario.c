/*
 * model/evidence/rows_scenario.c - the scenario of a measured configuration: the laboratory that it was measured in, its load, and a
 * `measured:` block with all repeats.
 *
 * The laboratory is one small machine: the brokers' processes share a core, the load has another, the loopback device is between them.
 */
#include <math.h>
#include <string.h>

#include "broker-core/record/batch.h"
#include "model/evidence/rows_internal.h"

/*
 * The machine that the shipped rows were measured on, as its micro-benchmarks say: reads of 683 MB/s, 8,983 random reads a second of
 * 106 us; 34.7 Gbit/s over loopback; an append of 4 KiB with its fdatasync 339 us, of which data, journal, flush, commit block and flush
 * have a fifth each. What is written back is seen in the rows at `max` of 10 kB: 10.6 GB in 20 s, of which 4.4 GB (vm.dirty_ratio) may be
 * dirty still: 310 MB/s.
 */
/* Costs are stated for this core, whatever it is: one of another machine is scaled by its own CoreMark to it. */
#define COREMARK          "16000"
#define READ_BYTES_PER_S  683e6
#define WRITE_BYTES_PER_S 310e6
#define READ_IOPS         8983
#define WRITE_IOPS        8983

/* Before a catch-up reader starts: as many records of 1,000 B as it read, in batches of 1 MB, in a topic of its own. */
#define HISTORY_RECORDS 2441692
#define HISTORY_BYTES   1009
/* Length, attributes, deltas, no key, no headers around a value of 100 B to 16 kB. */
#define RECORD_BYTES    9

/*
 * ext4's journal writes its blocks one by one, and an empty flush is an I/O too: a block throttle counts seven and a half writes a flushed
 * append (the rows), where there are three and two thirds here (data, journal, commit block, two of three times pages of two indexes).
 */
#define WRITES_PER_SYNCED 2

/* A limit that was set, or what the device can do. */
static double limited(double limit, double device)
{
    return limit > 0 ? limit : device;
}

static void write_disks(const struct row_config *c, FILE *out)
{
    fprintf(out,
            "    disks:%s\n"
            "      {type: ssd, count: 1, size: 100 GB, read: %.6g MB/s, write: %.6g MB/s, "
            "read_iops: %.6g,\n"
            "       write_iops: %.6g, read_latency: 106 us, write_latency: 68 us, flush: 68 us}\n",
            c->disk_read_bytes_per_s > 0 || c->disk_write_bytes_per_s > 0 ||
                    c->disk_read_iops > 0 || c->disk_write_iops > 0
                ? "                            # a block throttle is part of the measurement"
                : "                            # machine.json: fio on the same disk",
            limited(c->disk_read_bytes_per_s, READ_BYTES_PER_S) / 1e6,
            limited(c->disk_write_bytes_per_s, WRITE_BYTES_PER_S) / 1e6,
            limited(c->disk_read_iops, READ_IOPS),
            limited(c->disk_write_iops / WRITES_PER_SYNCED, WRITE_IOPS));
}

static void write_cluster(const struct row_config *c, const char *profile, FILE *out)
{
    fprintf(out,
            "cluster:\n"
            "  brokers: %d\n"
            "  brokers_per_machine: %-3d             # all processes are pinned to one core\n"
            "  racks: [a]\n"
            "  profile: %s\n"
            "  heap: 1 GiB                          # -Xmx1g\n"
            "  read_ahead: 8 MiB                    # of the virtual disk\n"
            "  page_reporting: true                 # free memory goes back to the host\n"
            "  machine:\n"
            "    vcpus: 1\n"
            "    coremark: " COREMARK "                    # the core that costs are stated for\n"
            "    ram: 24 GiB\n"
            "    network: {baseline: 34.7 Gbit/s}   # machine.json: one stream over loopback\n",
            c->brokers, c->brokers, profile);
    write_disks(c, out);
    fprintf(out, "  network: {same_rack: 20 us, jitter: 0.1, single_flow: 34.7 Gbit/s");
    if (c->link_bytes_per_s > 0)
        fprintf(out, ", shared: %.6g Mbit/s, shared_burst: 64 kB", c->link_bytes_per_s * 8 / 1e6);
    fprintf(out, "}\n");
}

static void write_topics(const struct row_config *c, FILE *out)
{
    rows_topic_write(c, out);
    if (c->catch_up)
        fprintf(out,
                "  history: {partitions: 4, config: {retention.ms: -1, retention.bytes: %.0f}}\n",
                HISTORY_RECORDS * (double)HISTORY_BYTES / 4 * 1.05);
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
}

/*
 * How well a payload compresses is an input, as its size is: taken from the log where that was looked at. Else what is not random is one
 * letter and leaves next to nothing, and the random part all of itself.
 */
static void write_ratio(const struct row *row, FILE *out)
{
    const struct row_config *c = &row->config;
    double raw = c->record_bytes + RECORD_BYTES;
    double bytes =
        (row->log_bytes - BROKER_BATCH_HEADER_BYTES * row->log_batches) / row->log_records;
    if (strcmp(c->compression, "none") == 0)
        return;
    if (!(bytes > 0))
        bytes = raw * fmax(0.01, c->random_payload_share);
    fprintf(out, "    compression_ratio: %-8.4g                  # records before / after%s\n",
            fmax(0.5, raw / bytes),
            isnan(row->log_bytes) ? ", by the share of random bytes" : ", on the log");
}

/* kafka-producer-perf-test sleeps until it is so far behind, and then sends what is due: bursts, of each client. */
#define PULSE_S 2e-3

static void write_arrivals(const struct row_config *c, FILE *out)
{
    if (c->rate_max)
        fprintf(out, "    rate: max\n");
    else
        fprintf(out, "    rate: %.6g records/s\n", c->rate_per_s);
    fprintf(out, "    record: {size: %.0f B}\n", c->record_bytes);
    bool pulses = c->in_pulses && !c->rate_max;
    double together = pulses ? fmax(1, c->rate_per_s / fmax(1, c->producers) * PULSE_S) : c->burst;
    if (together > 1)
        fprintf(out, "    arrivals: {burst: {records: %.6g%s}}\n", together,
                pulses ? ", times: constant" : "");
    else
        fprintf(out, "    arrivals: %s\n", c->constant ? "constant" : "poisson");
}

/* Batches of 900 records wait a quarter of an hour for their last one: none is sent in a run, and they are what history consists of. */
static void write_history(FILE *out)
{
    fprintf(out,
            "  history:                             # what wrote it: sends nothing during the run\n"
            "    topic: history\n"
            "    client: librdkafka\n"
            "    rate: 4 records/s\n"
            "    record: {size: 1000 B}\n"
            "    partitioner: uniform\n"
            "    config: {acks: 1, linger.ms: 900000, message.timeout.ms: 0}\n");
}

static void write_group(const struct row_config *c, int number, bool beside, FILE *out)
{
    fprintf(out, "  reader-%d: {topics: [load], client: %s, ", number,
            c->java ? "java" : "librdkafka");
    if (c->consumers > 1)
        fprintf(out, "clients: %d, ", c->consumers);
    fprintf(out, "%sprocessing: {per_record: 1 us}}\n", beside ? "beside: load, " : "");
}

/* One record a poll, in the process of the producer. The catch-up reader's pace, 90,000 a second, is that of its code: 11 us a record. */
static void write_groups(const struct row_config *c, bool beside, FILE *out)
{
    if (c->consumer_groups > 0 || c->catch_up)
        fprintf(out, "groups:\n");
    for (int g = 0; g < c->consumer_groups; g++)
        write_group(c, g + 1, beside, out);
    if (c->catch_up)
        fprintf(out,
                "  catch-up: # a process of its own, beside which the others ran as before\n"
                "    {topics: [history], client: librdkafka, lag: %d records, processing: "
                "{per_record: 6 us},\n"
                "     machine: {vcpus: 1, coremark: " COREMARK
                ", ram: 24 GiB, network: {baseline: 34.7 Gbit/s}}}\n",
                HISTORY_RECORDS);
}

static void write_clients(const struct row *row, const struct row_place *place, FILE *out)
{
    const struct row_config *c = &row->config;
    fprintf(out,
            "producers:\n"
            "  load:\n"
            "    topic: load\n"
            "    client: %s\n",
            c->java ? "java" : "librdkafka");
    if (c->producers > 1)
        fprintf(out, "    clients: %d\n", c->producers);
    if (place && place->client)
        fprintf(out, "    machine: %s\n", place->client);
    else if (!place)
        fprintf(out, "    machine:                           # the other core\n"
                     "      {vcpus: 1, coremark: " COREMARK
                     ", ram: 24 GiB, network: {baseline: 34.7 Gbit/s}}\n");
    write_arrivals(c, out);
    if (!c->java)
        fprintf(out, "    partitioner: uniform\n");
    write_client_config(c, out);
    write_ratio(row, out);
    if (c->catch_up)
        write_history(out);
    write_groups(c, !place || place->client, out);
}

/* ---- what was measured ---- */

static void write_value(double value, enum measured_quantity q, FILE *out)
{
    const char *unit = measured_quantity_unit(q);
    if (isnan(value))
        fputs("unknown", out);
    else if (strcmp(unit, "s") == 0)
        fprintf(out, "%.8g ms", value * 1e3);
    else if (strcmp(unit, "bytes/s") == 0)
        fprintf(out, "%.8g MB/s", value / 1e6);
    else if (strcmp(unit, "records/s") == 0)
        fprintf(out, "%.8g records/s", value);
    else
        fprintf(out, "%.8g", value);
}

/* Bytes that were an input, and CPU of which a part, the catch-up reader's, was not counted. */
const char *row_left_out(const struct row *row, int q)
{
    if (q == MEASURED_DISK_BYTES && strcmp(row->config.compression, "none") != 0)
        return "disk_bytes is left out: compression_ratio was taken from it";
    if (fitted_whole(q) == MEASURED_CLIENT_CPU && row->config.catch_up)
        return "client_cpu is left out: it was read without the catch-up reader's";
    return NULL;
}

static void write_quantity(const struct row *row, int count, enum measured_quantity q, FILE *out)
{
    bool known = false;
    for (int i = 0; i < count; i++)
        known |= !isnan(row[i].value[q]);
    if (!known)
        return;
    if (row_left_out(row, (int)q)) {
        fprintf(out, "  # %s\n", row_left_out(row, (int)q));
        return;
    }
    fprintf(out, "  %s: [", measured_quantity_name(q));
    for (int i = 0; i < count; i++) {
        fputs(i > 0 ? ", " : "", out);
        write_value(row[i].value[q], q, out);
    }
    fputs("]\n", out);
}

/* "rows.jsonl lines 12, 13": without the folder, so that the scenario is the same wherever the rows lie. */
static void write_source(const struct row *row, int count, FILE *out)
{
    const char *slash = strrchr(row->file, '/');
    fprintf(out, "%s line%s", slash ? slash + 1 : row->file, count > 1 ? "s" : "");
    for (int i = 0; i < count; i++)
        fprintf(out, "%s%d", i > 0 ? ", " : " ", row[i].line);
}

int rows_scenario_write(const struct row *row, int count, const char *profile,
                        const struct row_place *place, FILE *out)
{
    const struct row_config *c = &row->config;
    if (place && !place->cluster)
        place = NULL;
    fprintf(out, "# Generated by `headroom import ROWS -o DIR`: change the rows, not this file. ");
    write_source(row, count, out);
    fprintf(out,
            "\nversion: 1\n"
            "question: What does configuration %s of family %s give?\n",
            row->id, row->family);
    if (place)
        fputs(place->cluster, out);
    else
        write_cluster(c, profile, out);
    write_topics(c, out);
    write_clients(row, place, out);
    fprintf(out,
            "start: {logs: %s, cache: %s, credits: full}\n"
            "run: {warmup: %g s, measure: %g s, replications: 3, seed: 1}\n"
            "horizon: {length: 1 h}\n"
            "measured:\n"
            "  id: %s\n"
            "  family: %s\n"
            "  source: ",
            c->catch_up ? "retained" : "empty", c->cache_dropped ? "cold" : "warm", c->warmup_s,
            c->measure_s, row->id, row->family);
    write_source(row, count, out);
    fprintf(out, "\n");
    if (c->rate_max)
        fprintf(out, "  maximum: true\n");
    for (int q = 0; q < MEASURED_QUANTITIES; q++)
        write_quantity(row, count, (enum measured_quantity)q, out);
    return ferror(out) ? -1 : 0;
}
