/*
 * model/client/trace_csv.c - reads recorded arrivals: `time,count[,bytes]`.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/client/arrivals_internal.h"

/* A year of seconds has 3.2e7 rows; more than that is not a trace that anybody meant. */
#define ROWS_MAX        50000000u
/* 100 years, 1e15 records and bytes in a row: sums of ROWS_MAX rows of it still fit 80 bits, so sums are checked too. */
#define SECONDS_MAX     3155760000u
#define VALUE_MAX       UINT64_C(1000000000000000)
#define FILE_MAX        (UINT64_C(4) << 30)
/* Spreadsheets begin a CSV of UTF-8 with it. */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

struct cursor {
    const char *at;
    const char *end;
};

static void skip_blank(struct cursor *c)
{
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' || *c->at == '\r'))
        c->at++;
}

static bool digit(const struct cursor *c)
{
    return c->at < c->end && *c->at >= '0' && *c->at <= '9';
}

/* Digits of at most `max`; false without any or beyond. */
static bool whole(struct cursor *c, uint64_t max, uint64_t *value)
{
    if (!digit(c))
        return false;
    *value = 0;
    for (; digit(c); c->at++) {
        *value = *value * 10 + (uint64_t)(*c->at - '0');
        if (*value > max)
            return false;
    }
    return true;
}

/* Decimal seconds to whole ns; further digits are dropped. */
static bool seconds(struct cursor *c, int64_t *ns)
{
    uint64_t value = 0;
    bool some = digit(c);
    if (some && !whole(c, SECONDS_MAX, &value))
        return false;
    int64_t fraction = 0, unit = 100000000;
    if (c->at < c->end && *c->at == '.') {
        c->at++;
        for (; digit(c); c->at++, unit /= 10, some = true)
            fraction += (*c->at - '0') * unit;
    }
    *ns = (int64_t)value * 1000000000 + fraction;
    return some;
}

static bool separator(struct cursor *c)
{
    skip_blank(c);
    if (c->at == c->end || *c->at != ',')
        return false;
    c->at++;
    skip_blank(c);
    return true;
}

static const char *parse_row(struct cursor *c, struct trace_row *row)
{
    memset(row, 0, sizeof *row);
    if (!seconds(c, &row->time_ns))
        return "time is not a number of seconds from 0 to 3155760000";
    if (!separator(c))
        return "expected time,count or time,count,bytes";
    if (!whole(c, VALUE_MAX, &row->count))
        return "count is not a whole number from 0 to 10^15";
    if (separator(c) && !whole(c, VALUE_MAX, &row->bytes))
        return "bytes is not a whole number from 0 to 10^15";
    skip_blank(c);
    return c->at == c->end ? NULL : "expected the end of the line";
}

/* The first line may name the columns; other names mean other things than are read here. */
static const char *check_header(const struct cursor *c)
{
    static const char *const names[] = {"time,count", "time,count,bytes"};
    char text[32];
    size_t length = 0;
    for (const char *at = c->at; at < c->end && length + 1 < sizeof text; at++)
        if (*at != ' ' && *at != '\t' && *at != '\r' && *at != '"')
            text[length++] = *at;
    text[length] = 0;
    return strcmp(text, names[0]) == 0 || strcmp(text, names[1]) == 0
               ? NULL
               : "the columns are time,count or time,count,bytes";
}

static struct model_trace *fail(struct model_trace *trace, char error[128], uint64_t line,
                                const char *what)
{
    snprintf(error, 128, "line %" PRIu64 ": %s", line, what);
    model_trace_free(trace);
    return NULL;
}

static const char *add_row(struct model_trace *trace, size_t *capacity, struct trace_row *row)
{
    if (trace->count > 0 && row->time_ns < trace->rows[trace->count - 1].time_ns)
        return "time goes back";
    if (trace->count == ROWS_MAX)
        return "more than 50000000 rows";
    if (trace->count == *capacity) {
        size_t wanted = *capacity ? 2 * *capacity : 64;
        struct trace_row *rows = realloc(trace->rows, wanted * sizeof *rows);
        if (!rows)
            return "out of memory";
        trace->rows = rows;
        *capacity = wanted;
    }
    row->before = trace->records;
    trace->records += row->count;
    if (trace->records > VALUE_MAX)
        return "more than 10^15 records in all";
    trace->rows[trace->count++] = *row;
    return NULL;
}

/* The last row lasts as long as the one before it, a lone row a second. */
static void measure(struct model_trace *trace)
{
    size_t n = trace->count;
    int64_t last = n > 1 ? trace->rows[n - 1].time_ns - trace->rows[n - 2].time_ns : 1000000000;
    trace->length_ns = trace->rows[n - 1].time_ns - trace->rows[0].time_ns + (last > 0 ? last : 1);
}

struct model_trace *model_trace_parse(const char *text, size_t size, char error[128])
{
    struct model_trace *trace = calloc(1, sizeof *trace);
    if (!trace)
        return fail(NULL, error, 0, "out of memory");
    size_t capacity = 0;
    uint64_t line = 0;
    const char *end = text + size;
    bool marked = size >= 3 && memcmp(text, BYTE_ORDER_MARK, 3) == 0;
    for (const char *at = text + (marked ? 3 : 0); at < end; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        struct cursor c = {at, newline ? newline : end};
        at = newline ? newline + 1 : end;
        skip_blank(&c);
        if (c.at == c.end || *c.at == '#')
            continue;
        struct trace_row row;
        bool header = line == 0 && !digit(&c) && *c.at != '.' && *c.at != '-';
        const char *what = header ? check_header(&c) : parse_row(&c, &row);
        if (!what && !header)
            what = add_row(trace, &capacity, &row);
        if (what)
            return fail(trace, error, line + 1, what);
    }
    if (trace->records == 0)
        return fail(trace, error, line ? line : 1, "the trace has no records");
    measure(trace);
    return trace;
}

struct model_trace *model_trace_read(const char *path, char error[128])
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        snprintf(error, 128, "cannot be opened");
        return NULL;
    }
    char *text = NULL;
    size_t size = 0, capacity = 0, got = 0;
    bool fine = true;
    do {
        size += got;
        if (size == capacity) {
            capacity = capacity ? 2 * capacity : 65536;
            char *grown = capacity <= FILE_MAX ? realloc(text, capacity) : NULL;
            fine = grown != NULL;
            text = fine ? grown : text;
        }
    } while (fine && (got = fread(text + size, 1, capacity - size, file)) > 0);
    fine = fine && !ferror(file);
    fclose(file);
    struct model_trace *trace = fine ? model_trace_parse(text, size, error) : NULL;
    if (!fine)
        snprintf(error, 128, "cannot be read, or is larger than 4 GiB");
    free(text);
    return trace;
}

void model_trace_free(struct model_trace *trace)
{
    if (!trace)
        return;
    free(trace->rows);
    free(trace);
}

uint64_t model_trace_records(const struct model_trace *trace)
{
    return trace->records;
}

int64_t model_trace_length_ns(const struct model_trace *trace)
{
    return trace->length_ns;
}

double model_trace_mean_bytes(const struct model_trace *trace)
{
    uint64_t bytes = 0, records = 0;
    for (size_t i = 0; i < trace->count; i++)
        if (trace->rows[i].bytes > 0) {
            bytes += trace->rows[i].bytes;
            records += trace->rows[i].count;
        }
    return records > 0 ? (double)bytes / (double)records : 0;
}
