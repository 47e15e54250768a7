/* Rows that describe load in more than one number: shapes, growth, tables of sizes and compression, starting lag. */
#include "model/scenario/special_internal.h"

#include <math.h>
#include <string.h>

/* ---- daily and weekly shape ---- */

static void read_shape(struct scenario_build *b, const char *path, const struct scenario_node *node,
                       const char *expects, double *out, int wanted)
{
    static const struct scenario_key like = {
        .type = SCENARIO_KEY_NUMBER, .low = 0, .high = 1e6, .is_fixed = true};
    struct scenario_number number = {0};
    double most = 0;
    int i = 0;
    if (node->kind != SCENARIO_NODE_LIST) {
        special_report(b, path, node, expects);
        return;
    }
    if (node->count != wanted && node->count != 1) {
        scenario_errors_add(b->errors, node->at, "%s has %d numbers; expected %d", path,
                            node->count, wanted);
        return;
    }
    for (const struct scenario_node *item = node->first; item; item = item->next, i++) {
        if (!scenario_value_number(b, scenario_arena_printf(b->arena, "%s[%d]", path, i), &like,
                                   item, &number))
            return;
        out[i] = number.value;
        most = fmax(most, number.value);
    }
    if (most <= 0) {
        scenario_errors_add(b->errors, node->at, "%s is all zero; expected 1 at the peak", path);
        return;
    }
    for (i = 0; i < wanted; i++)
        out[i] = node->count == 1 ? 1 : out[i] / most;
}

READ(read_daily)
{
    struct scenario_producer *p = thing->base;
    read_shape(b, special_path(b, thing, key), node, key->special->expects, p->daily, 24);
}

READ(read_weekly)
{
    struct scenario_producer *p = thing->base;
    read_shape(b, special_path(b, thing, key), node, key->special->expects, p->weekly, 7);
}

const struct scenario_special scenario_special_daily = {
    .read = read_daily,
    .expects = "a list of 24 numbers, 1 at the peak",
    .schema =
        "\"type\": \"array\", \"items\": {\"type\": \"number\", \"minimum\": 0}, \"maxItems\": 24"};
const struct scenario_special scenario_special_weekly = {
    .read = read_weekly,
    .expects = "a list of 7 numbers, 1 at the peak",
    .schema =
        "\"type\": \"array\", \"items\": {\"type\": \"number\", \"minimum\": 0}, \"maxItems\": 7"};

/* ---- growth ---- */

static bool ends_with(const char *text, const char *end)
{
    size_t a = strlen(text), b = strlen(end);
    return a >= b && strcmp(text + a - b, end) == 0;
}

/* Words behind a value ("a month", "records") that are no unit of numbers: it is read without them, and told with them as an input. */
static bool read_worded(struct scenario_build *b, const char *path, const struct scenario_key *like,
                        const struct scenario_node *node, const char *words,
                        struct scenario_number *out)
{
    struct scenario_node plain = *node;
    plain.text = scenario_arena_text(b->arena, node->text, strlen(node->text) - strlen(words));
    int drawn = b->uncertain_count;
    if (!scenario_value_any(b, path, like, &plain, out))
        return false;
    if (b->uncertain_count > drawn)
        b->uncertain[b->uncertain_count - 1].input.text = node->text;
    return true;
}

READ(read_growth)
{
    static const struct scenario_key like = {
        .type = SCENARIO_KEY_NUMBER, .unit = SCENARIO_UNIT_RATIO, .low = -0.9, .high = 10};
    static const int64_t month_ns =
        INT64_C(2629800000000000); /* 30.4375 days: a twelfth of 365.25 */
    struct scenario_producer *p = thing->base;
    const char *path = special_path(b, thing, key);
    bool is_month = node->kind == SCENARIO_NODE_SCALAR && ends_with(node->text, " a month");
    bool is_year = node->kind == SCENARIO_NODE_SCALAR && ends_with(node->text, " a year");
    struct scenario_number number = {0};
    p->growth_period_ns = is_year ? 12 * month_ns : month_ns;
    if (!is_month && !is_year) {
        special_report(b, path, node, key->special->expects);
        return;
    }
    if (read_worded(b, path, &like, node, is_month ? " a month" : " a year", &number))
        p->growth_ratio = number.value;
}

const struct scenario_special scenario_special_growth = {
    .read = read_growth,
    .expects = "a percentage a month or a year, such as 3 % a month",
    .schema = "\"type\": \"string\", \"pattern\": \"% a (month|year)$\""};

/* ---- size: value maps ---- */

/*
 * {1 KiB: 1.5, 16 KiB: 2.4} into two arrays, in order of size. Returns the count, 0 after an error.
 */
static int read_table(struct scenario_build *b, const char *path, const struct scenario_node *node,
                      const char *expects, const struct scenario_key *like, int64_t *sizes,
                      double *values)
{
    static const struct scenario_key size_like = {.type = SCENARIO_KEY_INTEGER,
                                                  .unit = SCENARIO_UNIT_BYTES,
                                                  .low = 1,
                                                  .high = 1e9,
                                                  .is_fixed = true};
    int count = 0;
    bool ok = node->kind == SCENARIO_NODE_MAP && node->count > 0;
    if (!ok)
        special_report(b, path, node, expects);
    if (ok && node->count > SCENARIO_TABLE_MAX) {
        scenario_errors_add(b->errors, node->at, "%s has %d entries; expected at most %d", path,
                            node->count, SCENARIO_TABLE_MAX);
        return 0;
    }
    for (const struct scenario_node *item = ok ? node->first : NULL; item; item = item->next) {
        struct scenario_node size = {
            .kind = SCENARIO_NODE_SCALAR, .at = item->key_at, .text = item->key};
        struct scenario_number bytes = {0}, value = {0};
        const char *item_path =
            scenario_arena_printf(b->arena, "%s.%s", path, scenario_shown(b->arena, item->key));
        if (!scenario_value_number(b, scenario_arena_printf(b->arena, "size in %s", path),
                                   &size_like, &size, &bytes) ||
            !scenario_value_any(b, item_path, like, item, &value)) {
            ok = false;
            continue;
        }
        if (count > 0 && bytes.integer <= sizes[count - 1]) {
            scenario_errors_add(b->errors, item->key_at, "%s is not in order of size at %s", path,
                                item->key);
            ok = false;
            continue;
        }
        sizes[count] = bytes.integer;
        values[count++] = value.value;
    }
    return ok ? count : 0;
}

READ(read_ratio)
{
    static const struct scenario_key like = {.type = SCENARIO_KEY_NUMBER, .low = 0.5, .high = 1000};
    struct scenario_producer *p = thing->base;
    struct scenario_number number = {0};
    const char *path = special_path(b, thing, key);
    if (node->kind == SCENARIO_NODE_SCALAR ||
        scenario_is_distribution(node)) { /* one ratio at any size */
        if (scenario_value_any(b, path, &like, node, &number)) {
            p->compression_ratio.count = 1;
            p->compression_ratio.batch_bytes[0] = 1;
            p->compression_ratio.ratio[0] = number.value;
        }
        return;
    }
    p->compression_ratio.count =
        read_table(b, path, node, key->special->expects, &like, p->compression_ratio.batch_bytes,
                   p->compression_ratio.ratio);
}

WRITE(write_ratio)
{
    const struct scenario_producer *p = thing->base;
    char size[64], ratio[64];
    (void)s, (void)key;
    for (int i = 0; i < p->compression_ratio.count; i++)
        fprintf(
            out, "%s%s: %s", i == 0 ? "{" : ", ",
            scenario_integer_write(p->compression_ratio.batch_bytes[i], SCENARIO_UNIT_BYTES, size),
            scenario_number_write(p->compression_ratio.ratio[i], SCENARIO_UNIT_NONE, ratio));
    fputs("}", out);
}

const struct scenario_special scenario_special_ratio = {
    .read = read_ratio,
    .write = write_ratio,
    .expects = "a ratio, or a map of batch sizes with their ratios, such as {16 KiB: 2.4}",
    .schema = "\"type\": [\"number\", \"string\", \"object\"]"};

READ(read_size_table)
{
    static const struct scenario_key like = {.type = SCENARIO_KEY_NUMBER,
                                             .unit = SCENARIO_UNIT_RATIO,
                                             .low = 0,
                                             .high = 1,
                                             .is_fixed = true};
    struct scenario_producer *p = thing->base;
    const char *path = special_path(b, thing, key);
    int n = read_table(b, path, node, key->special->expects, &like, p->size.bytes, p->size.share);
    double sum = 0, mean = 0, square = 0;
    for (int i = 0; i < n; i++)
        sum += p->size.share[i];
    if (n > 0 && fabs(sum - 1) > 1e-6) {
        char shown[64];
        snprintf(shown, sizeof shown, "%.6g", sum * 100);
        scenario_errors_add(b->errors, node->at, "%s has shares that sum to %s %%; expected 100 %%",
                            path, shown);
        return;
    }
    for (int i = 0; i < n; i++) {
        double bytes = (double)p->size.bytes[i];
        mean += p->size.share[i] * bytes;
        square += p->size.share[i] * bytes * bytes;
    }
    p->size.count = n;
    p->size.mean_bytes = mean;
    p->size.cv = mean > 0 ? sqrt(fmax(0, square - mean * mean)) / mean : 0;
}

const struct scenario_special scenario_special_size_table = {
    .read = read_size_table,
    .expects = "a map of sizes with their shares, such as {200 B: 70 %, 2 KiB: 30 %}",
    .schema = "\"type\": \"object\""};

/* ---- starting lag ---- */

READ(read_lag)
{
    static const struct scenario_key time_like = {
        .type = SCENARIO_KEY_NUMBER, .unit = SCENARIO_UNIT_TIME, .low = 0, .high = 31622400e9};
    static const struct scenario_key size_like = {
        .type = SCENARIO_KEY_NUMBER, .unit = SCENARIO_UNIT_BYTES, .low = 0, .high = 1e16};
    static const struct scenario_key count_like = {
        .type = SCENARIO_KEY_NUMBER, .low = 0, .high = 1e15};
    struct scenario_group *g = thing->base;
    const char *path = special_path(b, thing, key);
    struct scenario_number number = {0};
    const char *text = node->kind == SCENARIO_NODE_SCALAR ? node->text : "";
    bool is_count = ends_with(text, " records");
    if (strcmp(text, "none") == 0)
        return;
    const struct scenario_key *like = ends_with(text, "B") ? &size_like : &time_like;
    g->lag_kind = is_count               ? SCENARIO_LAG_RECORDS
                  : ends_with(text, "B") ? SCENARIO_LAG_BYTES
                                         : SCENARIO_LAG_TIME;
    if (scenario_number_end(text, strlen(text)) == 0 && !scenario_is_distribution(node))
        special_report(b, path, node, key->special->expects);
    else if (is_count ? read_worded(b, path, &count_like, node, " records", &number)
                      : scenario_value_any(b, path, like, node, &number))
        g->lag = number.value;
}

const struct scenario_special scenario_special_lag = {
    .read = read_lag,
    .expects = "none, a time, a size, or a count such as 1000000 records",
    .schema = "\"type\": \"string\""};
