/* Reading verify.yaml: three levels of maps with one number at each end. */
#include "model/evidence/verify_marks.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { DEPTH_MAX = 3, KEY_MAX = 64 };

struct reading {
    struct verify_marks *marks;
    char key[DEPTH_MAX][KEY_MAX];
    int depth; /* maps open */
    bool has_key;
    int line;
    struct broker_err *err;
};

static const char *const statistic_names[VERIFY_STATISTICS] = {
    [VERIFY_MEDIAN] = "median",
    [VERIFY_ANCHORED_MEDIAN] = "anchored_median",
    [VERIFY_CLUSTER_BINDS_MEDIAN] = "cluster_binds_median",
    [VERIFY_CLUSTER_BINDS_ANSWERED] = "cluster_binds_answered",
    [VERIFY_FACTOR_2] = "factor_2",
    [VERIFY_TIMES_SPREAD] = "times_spread",
    [VERIFY_SPREAD] = "spread",
    [VERIFY_COVERAGE] = "coverage",
    [VERIFY_RANK] = "rank",
    [VERIFY_FALSE_PASSES] = "false_passes",
};

const char *verify_statistic_name(enum verify_statistic statistic)
{
    return statistic_names[statistic];
}

bool verify_statistic_is_floor(enum verify_statistic statistic)
{
    return statistic == VERIFY_RANK || statistic == VERIFY_FACTOR_2 ||
           statistic == VERIFY_CLUSTER_BINDS_ANSWERED;
}

static int wrong(const struct reading *r, const char *what, const char *expected)
{
    return broker_err_set(r->err, -1, "%.120s:%d: \"%.40s\": expected %s", r->marks->path, r->line,
                          what, expected);
}

static int find(const char *name, const char *const *names, int from, int to)
{
    for (int i = from; i < to; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

static int find_quantity(const char *name)
{
    for (int q = 0; q < MEASURED_QUANTITIES; q++)
        if (strcmp(measured_quantity_name((enum measured_quantity)q), name) == 0)
            return q;
    return -1;
}

/* "10 %" is 0.1; only times_spread is a plain number. */
static bool parse_number(const char *text, bool is_plain, double *value)
{
    char *end;
    *value = strtod(text, &end);
    while (*end == ' ')
        end++;
    if (end == text || !isfinite(*value) || *value < 0 || strcmp(end, is_plain ? "" : "%") != 0)
        return false;
    *value /= is_plain ? 1 : 100;
    return true;
}

static int keep(struct reading *r, int population, int quantity, int statistic, double value)
{
    struct verify_marks *m = r->marks;
    if (statistic == VERIFY_TIMES_SPREAD)
        m->times_spread[population][quantity] = value;
    else if (statistic == VERIFY_SPREAD)
        m->spread[population][quantity] = value;
    else if (m->count == VERIFY_MARKS_MAX)
        return wrong(r, statistic_names[statistic], "fewer marks");
    else
        m->mark[m->count++] = (struct verify_mark){.population = (enum verify_population)population,
                                                   .statistic = (enum verify_statistic)statistic,
                                                   .quantity = quantity,
                                                   .limit = value,
                                                   .line = r->line,
                                                   .value = NAN};
    return 0;
}

static int take(struct reading *r, const char *text)
{
    static const char *const populations[] = {"own", "public"};
    int population = find(r->key[0], populations, 0, VERIFY_POPULATIONS);
    if (population < 0)
        return wrong(r, r->key[0], "own or public");
    if (r->depth < 2)
        return wrong(r, text, "a map of marks");
    const char *last = r->key[r->depth - 1];
    int quantity = r->depth == 3 ? find_quantity(r->key[1]) : -1;
    if (r->depth == 3 && quantity < 0)
        return wrong(r, r->key[1], "a quantity, such as produce_p99");
    int statistic = r->depth == 3 ? find(last, statistic_names, 0, VERIFY_QUANTITY_STATISTICS)
                                  : find(last, statistic_names, VERIFY_COVERAGE, VERIFY_STATISTICS);
    if (statistic < 0)
        return wrong(r, last,
                     r->depth == 3 ? "median, anchored_median, cluster_binds_median, "
                                     "cluster_binds_answered, factor_2, times_spread or spread"
                                   : "a quantity's map, coverage, rank or false_passes");
    double value;
    if (!parse_number(text, statistic == VERIFY_TIMES_SPREAD, &value))
        return wrong(r, text,
                     statistic == VERIFY_TIMES_SPREAD ? "a number, such as 1.25"
                                                      : "a percentage, such as 10 %");
    return keep(r, population, quantity, statistic, value);
}

static int on_scalar(struct reading *r, const char *text)
{
    if (r->depth == 0)
        return wrong(r, text, "the maps own and public");
    if (!r->has_key) {
        if (strlen(text) >= KEY_MAX)
            return wrong(r, text, "a shorter name");
        snprintf(r->key[r->depth - 1], KEY_MAX, "%s", text);
        r->has_key = true;
        return 0;
    }
    r->has_key = false;
    return take(r, text);
}

static int on_event(struct reading *r, const yaml_event_t *event)
{
    r->line = (int)event->start_mark.line + 1;
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return on_scalar(r, (const char *)event->data.scalar.value);
    case YAML_MAPPING_START_EVENT:
        if (r->depth == DEPTH_MAX || (r->depth > 0 && !r->has_key))
            return wrong(r, "{", "at most three levels of maps");
        r->depth++;
        r->has_key = false;
        return 0;
    case YAML_MAPPING_END_EVENT:
        r->depth--;
        r->has_key = false;
        return 0;
    case YAML_SEQUENCE_START_EVENT:
    case YAML_ALIAS_EVENT:
        return wrong(r, "[", "maps and percentages only");
    default:
        return 0;
    }
}

static int parse(struct reading *r, FILE *file)
{
    yaml_parser_t parser;
    int status = 0;
    bool done = false;
    if (!yaml_parser_initialize(&parser))
        abort();
    yaml_parser_set_input_file(&parser, file);
    while (status == 0 && !done) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            r->line = (int)parser.problem_mark.line + 1;
            status = wrong(r, parser.problem ? parser.problem : "?", "YAML");
            break;
        }
        done = event.type == YAML_STREAM_END_EVENT;
        status = on_event(r, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return status;
}

int verify_marks_read(const char *folder, struct verify_marks *marks, struct broker_err *err)
{
    *marks = (struct verify_marks){0};
    for (int p = 0; p < VERIFY_POPULATIONS; p++)
        for (int q = 0; q < MEASURED_QUANTITIES; q++)
            marks->times_spread[p][q] = marks->spread[p][q] = NAN;
    snprintf(marks->path, sizeof marks->path, "%.230s/verify.yaml", folder);
    FILE *file = fopen(marks->path, "rb");
    if (!file && errno != ENOENT && errno != ENOTDIR)
        return broker_err_set(err, -1, "%.200s: %s", marks->path, strerror(errno));
    if (!file) {
        marks->path[0] = 0;
        return 0;
    }
    struct reading r = {.marks = marks, .err = err};
    int status = parse(&r, file);
    fclose(file);
    return status;
}
