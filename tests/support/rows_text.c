#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/rows_text.h"

struct rows rows_text_read(const char *text, int expected)
{
    struct rows rows = {0};
    struct broker_err err = {""};
    char path[] = "/tmp/headroom-rows-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    assert_int_equal(rows_read(&rows, path, &err), expected);
    unlink(path);
    return rows;
}

const struct row *rows_text_find(const struct rows *rows, const char *id, int repeat)
{
    for (int i = 0; i < rows->count; i++)
        if (strcmp(rows->row[i].id, id) == 0 && rows->row[i].repeat == repeat)
            return &rows->row[i];
    fail_msg("no row %s", id);
    return NULL;
}

void rows_text_near(double value, double expected)
{
    if (fabs(value - expected) > 1e-9 * fabs(expected))
        fail_msg("%.9g, expected %.9g", value, expected);
}

void rows_text_told(const struct rows *rows, const char *part)
{
    for (int i = 0; i < rows->problem_count; i++)
        if (strstr(rows->problems[i], part))
            return;
    fail_msg("no problem says \"%s\"; the first is %s", part,
             rows->problem_count ? rows->problems[0] : "none");
}

void rows_text_problem(const char *text, const char *part)
{
    struct rows rows = rows_text_read(text, -1);
    rows_text_told(&rows, part);
    rows_release(&rows);
}

struct scenario_doc *rows_text_scenario(const struct row *row, int count)
{
    char *text = NULL;
    size_t size;
    struct scenario_doc *doc;
    struct scenario_options options = {.datadir = "scenarios"};
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(rows_scenario_write(row, count, "generic", NULL, out), 0);
    fclose(out);
    if (scenario_load_text("row.yaml", text, size, &options, &doc) != SCENARIO_OK)
        fail_msg("%s in\n%s", scenario_error_at(doc, 0)->message, text);
    free(text);
    return doc;
}
