/*
 * model/evidence/rows_perf.c - rows out of what kafka-producer-perf-test prints.
 *
 * Each final line is a row. What was run is said before it: by the command line (with or without "#" or "$" in front, on one line or
 * broken over many), or by `# name=value name=value` comments under the names of Kafka's options, and id, family, brokers, partitions,
 * replication, warmup_s, measure_s. What was said holds until it is said otherwise; final lines with nothing new between them are repeats.
 * Before Kafka 3.0 all records of a run were one payload (KAFKA-12611), which compresses to next to nothing: that is not guessed.
 * The tool's "MB" are MiB, its percentiles whole milliseconds, and its latencies count from the send call, so that a late sender hides its
 * delay.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/evidence/rows_perf_internal.h"

struct summary {
    double records, per_s, mb_per_s, mean, max, p50, p95, p99, p999;
    bool
        is_steady; /* what remains without --warmup-records; it stands behind the line of the whole */
};

static bool read_summary(const char *line, struct summary *s)
{
    static const char whole[] = " records sent, ", steady[] = " steady state records sent, ";
    char *end;
    s->records = strtod(line, &end);
    s->is_steady = strncmp(end, steady, sizeof steady - 1) == 0;
    if (end == line || (!s->is_steady && strncmp(end, whole, sizeof whole - 1) != 0))
        return false;
    end += s->is_steady ? sizeof steady - 1 : sizeof whole - 1;
    return sscanf(end,
                  "%lf records/sec (%lf MB/sec), %lf ms avg latency, %lf ms max latency, %lf ms "
                  "50th, %lf ms 95th, %lf ms 99th, %lf ms 99.9th",
                  &s->per_s, &s->mb_per_s, &s->mean, &s->max, &s->p50, &s->p95, &s->p99,
                  &s->p999) == 8;
}

/* Two decimals of MiB, and one of records. */
#define MEGABYTES_ROUNDING 0.005
#define RECORDS_ROUNDING   0.05

static void check_size(struct perf *p, struct row *row, const struct summary *s)
{
    double size = s->mb_per_s * 1048576 / s->per_s, said = row->config.record_bytes;
    double expected = said * s->per_s / 1048576;
    double slack = 0.02 * expected + MEGABYTES_ROUNDING + said * RECORDS_ROUNDING / 1048576;
    if (!p->size_said && s->mb_per_s < 10 * MEGABYTES_ROUNDING)
        rows_problem(p->rows, p->file, p->line, row->id,
                     "record-size is not said (`# record-size=N`), and %.2f MB/sec are too few to "
                     "tell it",
                     s->mb_per_s);
    else if (!p->size_said)
        row->config.record_bytes = fmax(1, round(size));
    else if (fabs(s->mb_per_s - expected) > slack)
        rows_problem(p->rows, p->file, p->line, row->id,
                     "record-size is %g but rates say %.0f bytes (the tool's MB are MiB)", said,
                     size);
}

/* Milliseconds, the percentiles and what they are of whole ones. */
static void check_summary(const struct perf *p, const struct row *row, const struct summary *s)
{
    struct rows_latency l = {.where = "",
                             .count = 5,
                             .rising = {{"50th", s->p50},
                                        {"95th", s->p95},
                                        {"99th", s->p99},
                                        {"99.9th", s->p999},
                                        {"max latency", ceil(s->max)}},
                             .mean = {"avg latency", s->mean}};
    rows_check_latency(p->rows, row, &l);
}

static void warn(const struct perf *p, const struct row *row)
{
    if (!p->partitions_said)
        rows_warn(p->rows, p->file, p->line, row->id,
                  "partitions are not said (`# partitions=N`): 1 is taken");
    if (!p->replication_said)
        rows_warn(p->rows, p->file, p->line, row->id,
                  "replication is not said (`# replication=N`): 1 is taken");
    if (!p->rate_said)
        rows_warn(p->rows, p->file, p->line, row->id,
                  "throughput is not said (`# throughput=N`, -1: as many as can be): the row is "
                  "taken for a maximum");
    if (!p->share_said && strcmp(row->config.compression, "none") != 0)
        rows_warn(p->rows, p->file, p->line, row->id,
                  "how well the payload compresses is not said (`# random_payload_share=N`): %s",
                  p->from_file ? "not at all is taken, for it is a file's"
                               : "as the tool's random letters do, since Kafka 3.0, is taken");
}

/*
 * Of 26 letters each holds 4.7 bits of its byte, 0.588. zlib at its level 6 comes within a tenth of that and zstd within some per cent, for
 * batches of 16 kB to 1 MB and records of 100 B to 10 kB; what only looks for repetitions finds none.
 */
double rows_letters_share(const char *compression)
{
    if (strcmp(compression, "gzip") == 0)
        return 0.63;
    return strcmp(compression, "zstd") == 0 ? 0.61 : 1;
}

static void add_row(struct perf *p, const struct summary *s)
{
    struct row *row = rows_add(p->rows, p->file, p->line);
    row->config = p->said.config;
    if (p->changed && !*p->said.id)
        p->unnamed++;
    p->changed = false;
    row->elsewhere = true;
    if (row->config.brokers < row->config.replication && !row->config.brokers_said)
        row->config.brokers = row->config.replication;
    snprintf(row->id, sizeof row->id, "%s", p->said.id);
    if (!*row->id)
        snprintf(row->id, sizeof row->id, "perf-%d", p->unnamed);
    snprintf(row->family, sizeof row->family, "%s", p->said.family);
    row->repeat = rows_repeats_before(p->rows, row->id) + 1;
    if (!p->share_said && !p->from_file)
        row->config.random_payload_share = rows_letters_share(row->config.compression);
    check_size(p, row, s);
    p->total_s = s->records / s->per_s;
    if (!(row->config.measure_s > 0))
        row->config.measure_s = round(10 * p->total_s) / 10;
    warn(p, row);
}

static void read_final(struct perf *p, const struct summary *s)
{
    bool again = s->is_steady && p->total_s > 0;
    if (!(s->per_s > 0 && s->records > 0)) {
        rows_problem(p->rows, p->file, p->line, p->said.id, "no records were sent");
        return;
    }
    if (!again)
        add_row(p, s);
    struct row *row = &p->rows->row[p->rows->count - 1];
    double seconds = s->records / s->per_s;
    if (again) {
        row->config.warmup_s = round(10 * fmax(0, p->total_s - seconds)) / 10;
        row->config.measure_s = round(10 * seconds) / 10;
    }
    p->total_s = s->is_steady ? 0 : p->total_s;
    row->value[MEASURED_THROUGHPUT] = s->per_s;
    row->value[MEASURED_PRODUCE_MEAN] = s->mean / 1e3;
    row->value[MEASURED_PRODUCE_P50] = s->p50 / 1e3;
    row->value[MEASURED_PRODUCE_P99] = s->p99 / 1e3;
    check_summary(p, row, s);
    if (rows_drop_coarse(row) > 0)
        rows_warn(p->rows, p->file, p->line, row->id,
                  "the tool counts whole milliseconds: percentiles below 5 ms are left out");
}

/* Final lines come first: no backslash makes one a part of a command. */
static void read_line(struct perf *p, char *line)
{
    struct summary s;
    bool continued = p->continues, named = strstr(line, "kafka-producer-perf-test") != NULL;
    bool comment = line[strspn(line, " \t")] == '#';
    p->continues = false;
    if (named || !continued)
        p->option = NULL;
    if (read_summary(line, &s))
        read_final(p, &s);
    else if (!comment && strstr(line, "records sent") && strstr(line, "99.9th"))
        rows_problem(p->rows, p->file, p->line, p->said.id,
                     "not read; expected \"N records sent, N.N records/sec (N.NN MB/sec), ...\"");
    else if (named || continued || perf_begins_with_option(line) || strstr(line, "--record-size"))
        perf_read_command(p, line);
    else if (comment)
        perf_read_comment(p, line);
}

void rows_read_perf(struct rows *rows, const char *file, char *text)
{
    struct perf p = {.rows = rows, .file = file, .changed = true};
    rows_defaults(&p.said);
    p.said.config.rate_max = p.said.config.in_pulses = true;
    p.said.config.warmup_s = p.said.config.measure_s = 0;
    snprintf(p.said.family, sizeof p.said.family, "perf-test");
    for (char *line = text, *end; line && *line; line = end) {
        end = strchr(line, '\n');
        if (end)
            *end++ = 0;
        p.line++;
        read_line(&p, line);
    }
}
