/* model/evidence/rows.c - see rows.h: files, formats, lists of problems. */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "model/evidence/rows_internal.h"

#define FILE_BYTES_MAX (INT64_C(256) << 20) /* a row has about 1.5 kB: far beyond any study */

/* ---- lists ---- */

static void *grown(void *list, int count, size_t size)
{
    if ((count & (count - 1)) != 0)
        return list;
    void *more = realloc(list, (size_t)(count ? 2 * count : 1) * size);
    assert(more);
    return more;
}

static void note(char ***list, int *count, const char *file, int line, const char *id,
                 const char *format, va_list arguments)
{
    char what[512], *text = NULL;
    vsnprintf(what, sizeof what, format, arguments);
    int size = id && *id ? asprintf(&text, "%s:%d: row %s: %s", file, line, id, what)
                         : asprintf(&text, "%s:%d: %s", file, line, what);
    assert(size >= 0);
    *list = grown(*list, *count, sizeof **list);
    (*list)[(*count)++] = text;
}

void rows_problem(struct rows *rows, const char *file, int line, const char *id, const char *format,
                  ...)
{
    va_list arguments;
    va_start(arguments, format);
    note(&rows->problems, &rows->problem_count, file, line, id, format, arguments);
    va_end(arguments);
}

void rows_warn(struct rows *rows, const char *file, int line, const char *id, const char *format,
               ...)
{
    va_list arguments;
    va_start(arguments, format);
    note(&rows->warnings, &rows->warning_count, file, line, id, format, arguments);
    va_end(arguments);
}

void rows_defaults(struct row *row)
{
    *row = (struct row){.repeat = 1,
                        .pauses = NAN,
                        .pause_s = NAN,
                        .log_batches = NAN,
                        .log_records = NAN,
                        .log_bytes = NAN,
                        .file = ""};
    for (int q = 0; q < FITTED_QUANTITIES; q++)
        row->value[q] = NAN;
    row->config = (struct row_config){.java = true,
                                      .record_bytes = 1024,
                                      .partitions = 1,
                                      .replication = 1,
                                      .brokers = 1,
                                      .acks = -1,
                                      .linger_ms = 5,
                                      .batch_bytes = 16384,
                                      .compression = "none",
                                      .random_payload_share = 1,
                                      .producers = 1,
                                      .consumers = 1,
                                      .burst = 1,
                                      .warmup_s = 5,
                                      .measure_s = 30};
}

struct row *rows_add(struct rows *rows, const char *file, int line)
{
    rows->row = grown(rows->row, rows->count, sizeof *rows->row);
    struct row *row = &rows->row[rows->count++];
    rows_defaults(row);
    row->file = file;
    row->line = line;
    return row;
}

/* ---- files ---- */

static char *read_all(const char *path, struct broker_err *err)
{
    FILE *in = fopen(path, "re");
    char *text = NULL;
    size_t size = 0;
    if (!in) {
        broker_err_set(err, BROKER_EIO, "%s: %s", path, strerror(errno));
        return NULL;
    }
    FILE *out = open_memstream(&text, &size);
    assert(out);
    char piece[65536];
    for (size_t got; (got = fread(piece, 1, sizeof piece, in)) > 0;)
        if (fwrite(piece, 1, got, out) != got || ftell(out) > FILE_BYTES_MAX)
            break;
    bool bad = ferror(in) || ftell(out) > FILE_BYTES_MAX;
    int error = errno;
    fclose(in);
    fclose(out);
    if (!bad)
        return text;
    broker_err_set(err, BROKER_EIO, "%s: %s", path, error ? strerror(error) : "too large");
    free(text);
    return NULL;
}

static void read_lines(struct rows *rows, const char *file, char *text)
{
    int number = 0;
    for (char *line = text, *end; line && *line; line = end) {
        end = strchr(line, '\n');
        if (end)
            *end++ = 0;
        number++;
        if (line[strspn(line, " \t\r")] == 0)
            continue;
        json_error_t error;
        json_t *row = json_loads(line, JSON_REJECT_DUPLICATES, &error);
        if (!row)
            rows_problem(rows, file, number, "", "not JSON at column %d: %s", error.column,
                         error.text);
        else
            rows_read_json_line(rows, file, number, row);
        json_decref(row);
    }
}

/* One object over many lines is a result of the OpenMessaging Benchmark; an object a line is rows; else a tool's output. */
static void read_format(struct rows *rows, const char *file, char *text)
{
    if (text[strspn(text, " \t\r\n")] != '{') {
        rows_read_perf(rows, file, text);
        return;
    }
    json_t *whole = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    if (whole && json_object_get(whole, "publishRate"))
        rows_read_omb(rows, file, whole);
    else
        read_lines(rows, file, text);
    json_decref(whole);
}

int rows_read(struct rows *rows, const char *path, struct broker_err *err)
{
    if (rows->file_count == (int)(sizeof rows->files / sizeof rows->files[0]))
        return broker_err_set(err, BROKER_EREFUSED, "%s: more than %d files", path,
                              rows->file_count),
               -1;
    char *text = read_all(path, err);
    if (!text)
        return -1;
    char *file = strdup(path);
    assert(file);
    rows->files[rows->file_count++] = file;
    int problems = rows->problem_count, first = rows->count;
    read_format(rows, file, text);
    free(text);
    for (int i = first; i < rows->count; i++)
        rows_check(rows, &rows->row[i]);
    rows_check_repeats(rows, first);
    if (rows->count == first && rows->problem_count == problems)
        rows_problem(rows, file, 1, "", "no rows");
    if (rows->problem_count == problems)
        return 0;
    broker_err_set(err, BROKER_EREFUSED, "%s", rows->problems[problems]);
    return -1;
}

void rows_release(struct rows *rows)
{
    for (int i = 0; i < rows->problem_count; i++)
        free(rows->problems[i]);
    for (int i = 0; i < rows->warning_count; i++)
        free(rows->warnings[i]);
    for (int i = 0; i < rows->file_count; i++)
        free(rows->files[i]);
    free(rows->problems);
    free(rows->warnings);
    free(rows->row);
    *rows = (struct rows){0};
}
