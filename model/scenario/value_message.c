/* What messages say about a value: the allowed range, the unit that was meant, a proposal. */
#include "model/scenario/value_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *scenario_range_text(struct scenario_arena *arena, const struct scenario_key *key,
                                enum scenario_unit unit)
{
    char low[64], high[64];
    if (unit == SCENARIO_UNIT_RATE)
        unit = SCENARIO_UNIT_SPEED;
    const char *behind = "";
    if (key->is_kafka || unit == SCENARIO_UNIT_NONE) {
        behind = unit == SCENARIO_UNIT_MS ? " (ms)" : unit == SCENARIO_UNIT_BYTES ? " (bytes)" : "";
        unit = SCENARIO_UNIT_NONE;
    }
    if (scenario_key_is_whole(key)) {
        scenario_integer_write((int64_t)key->low, unit, low);
        scenario_integer_write(isinf(key->high) ? 0 : (int64_t)key->high, unit, high);
    } else {
        scenario_number_write(key->low, unit, low);
        scenario_number_write(isinf(key->high) ? 0 : key->high, unit, high);
    }
    if (isinf(key->high))
        return scenario_arena_printf(arena, "%s or more%s", low, behind);
    return scenario_arena_printf(arena, "%s to %s%s", low, high, behind);
}

const char *scenario_key_noun(const struct scenario_key *key)
{
    static const char *const nouns[SCENARIO_UNITS] = {
        [SCENARIO_UNIT_NONE] = "a number",
        [SCENARIO_UNIT_BYTES] = "a size",
        [SCENARIO_UNIT_TIME] = "a time",
        [SCENARIO_UNIT_MS] = "a time",
        [SCENARIO_UNIT_SPEED] = "a speed",
        [SCENARIO_UNIT_RECORDS] = "a rate",
        [SCENARIO_UNIT_RATE] = "a rate",
        [SCENARIO_UNIT_RATIO] = "a percentage",
        [SCENARIO_UNIT_TIME_PER_BYTE] = "a time per size",
        [SCENARIO_UNIT_USD_HOUR] = "a price",
        [SCENARIO_UNIT_USD_YEAR] = "a price",
        [SCENARIO_UNIT_USD_GB] = "a price",
        [SCENARIO_UNIT_USD_GB_MONTH] = "a price",
        [SCENARIO_UNIT_USD_IOPS_MONTH] = "a price",
        [SCENARIO_UNIT_USD_MB_S_MONTH] = "a price",
    };
    return key->unit == SCENARIO_UNIT_NONE && scenario_key_is_whole(key) ? "a whole number"
                                                                         : nouns[key->unit];
}

/* As a message shows a value: numbers bare, other text in quotes. */
const char *scenario_value_shown(struct scenario_arena *arena, const char *text)
{
    size_t bytes = strlen(text);
    if (bytes > 0 && scenario_number_end(text, bytes) > 0)
        return scenario_shown(arena, text);
    return scenario_arena_printf(arena, "\"%s\"", scenario_shown(arena, text));
}

/* What people write when they mean one of our units. */
static const struct {
    const char *written;
    enum scenario_unit unit;
    const char *meant;
} slips[] = {
    {"sec", SCENARIO_UNIT_TIME, "s"},
    {"secs", SCENARIO_UNIT_TIME, "s"},
    {"second", SCENARIO_UNIT_TIME, "s"},
    {"seconds", SCENARIO_UNIT_TIME, "s"},
    {"min", SCENARIO_UNIT_TIME, "m"},
    {"mins", SCENARIO_UNIT_TIME, "m"},
    {"minute", SCENARIO_UNIT_TIME, "m"},
    {"minutes", SCENARIO_UNIT_TIME, "m"},
    {"hour", SCENARIO_UNIT_TIME, "h"},
    {"hours", SCENARIO_UNIT_TIME, "h"},
    {"day", SCENARIO_UNIT_TIME, "d"},
    {"days", SCENARIO_UNIT_TIME, "d"},
    {"week", SCENARIO_UNIT_TIME, "w"},
    {"weeks", SCENARIO_UNIT_TIME, "w"},
    {"year", SCENARIO_UNIT_TIME, "y"},
    {"years", SCENARIO_UNIT_TIME, "y"},
    {"msec", SCENARIO_UNIT_TIME, "ms"},
    {"usec", SCENARIO_UNIT_TIME, "us"},
    {"K", SCENARIO_UNIT_BYTES, "kB"},
    {"KB", SCENARIO_UNIT_BYTES, "kB"},
    {"kb", SCENARIO_UNIT_BYTES, "kB"},
    {"k", SCENARIO_UNIT_BYTES, "kB"},
    {"M", SCENARIO_UNIT_BYTES, "MB"},
    {"mb", SCENARIO_UNIT_BYTES, "MB"},
    {"Mb", SCENARIO_UNIT_BYTES, "MB"},
    {"G", SCENARIO_UNIT_BYTES, "GB"},
    {"gb", SCENARIO_UNIT_BYTES, "GB"},
    {"Gb", SCENARIO_UNIT_BYTES, "GB"},
    {"T", SCENARIO_UNIT_BYTES, "TB"},
    {"Tb", SCENARIO_UNIT_BYTES, "TB"},
    {"tb", SCENARIO_UNIT_BYTES, "TB"},
    {"bytes", SCENARIO_UNIT_BYTES, "B"},
    {"Gi", SCENARIO_UNIT_BYTES, "GiB"},
    {"Mi", SCENARIO_UNIT_BYTES, "MiB"},
    {"Ki", SCENARIO_UNIT_BYTES, "KiB"},
    {"MB", SCENARIO_UNIT_SPEED, "MB/s"},
    {"MiB", SCENARIO_UNIT_SPEED, "MiB/s"},
    {"kB", SCENARIO_UNIT_SPEED, "kB/s"},
    {"GB", SCENARIO_UNIT_SPEED, "GB/s"},
    {"MBps", SCENARIO_UNIT_SPEED, "MB/s"},
    {"mb/s", SCENARIO_UNIT_SPEED, "MB/s"},
    {"Mb/s", SCENARIO_UNIT_SPEED, "Mbit/s"},
    {"Mbps", SCENARIO_UNIT_SPEED, "Mbit/s"},
    {"mbps", SCENARIO_UNIT_SPEED, "Mbit/s"},
    {"Gbps", SCENARIO_UNIT_SPEED, "Gbit/s"},
    {"Gb/s", SCENARIO_UNIT_SPEED, "Gbit/s"},
    {"gbps", SCENARIO_UNIT_SPEED, "Gbit/s"},
    {"msg/s", SCENARIO_UNIT_RATE, "records/s"},
    {"msgs/s", SCENARIO_UNIT_RATE, "records/s"},
    {"messages/s", SCENARIO_UNIT_RATE, "records/s"},
    {"rec/s", SCENARIO_UNIT_RATE, "records/s"},
    {"records", SCENARIO_UNIT_RATE, "records/s"},
    {"records/sec", SCENARIO_UNIT_RATE, "records/s"},
    {"/s", SCENARIO_UNIT_RATE, "records/s"},
    {"percent", SCENARIO_UNIT_RATIO, "%"},
    {"pct", SCENARIO_UNIT_RATIO, "%"},
};

static const char *unit_meant(const char *text, enum scenario_unit unit,
                              struct scenario_guess *guess)
{
    for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++) {
        bool fits = slips[i].unit == unit ||
                    (slips[i].unit == SCENARIO_UNIT_TIME && unit == SCENARIO_UNIT_MS) ||
                    (slips[i].unit == SCENARIO_UNIT_SPEED && unit == SCENARIO_UNIT_RATE);
        if (fits && strcmp(slips[i].written, text) == 0)
            return slips[i].meant;
    }
    scenario_guess_init(guess, text);
    scenario_unit_guess(unit, guess);
    return guess->best;
}

void scenario_report_unit(struct scenario_build *b, const char *path, enum scenario_unit unit,
                          const struct scenario_node *node, const char *text)
{
    size_t end = scenario_number_end(text, strlen(text));
    const char *name = text + end + strspn(text + end, " ");
    struct scenario_guess guess;
    const char *meant = unit_meant(name, unit, &guess);
    const char *ask = meant ? scenario_arena_printf(b->arena, "; did you mean \"%.*s %s\"?",
                                                    (int)end, text, meant)
                            : "";
    scenario_errors_add(b->errors, node->at, "%s is \"%s\"; unit \"%s\" is not one of %s%s", path,
                        scenario_shown(b->arena, text), scenario_shown(b->arena, name),
                        scenario_unit_names(unit), ask);
}

/* The unit that a bare number most likely lacks: that of the default, else one of the size that the key is about. */
static const char *proposal(const struct scenario_key *key)
{
    const char *value = key->value && scenario_key_is_numeric(key) ? key->value : "";
    const char *unit = value + scenario_number_end(value, strlen(value));
    if (unit[0] == ' ')
        return unit + 1;
    if (key->unit == SCENARIO_UNIT_BYTES && key->low <= 1)
        return "B";
    return key->unit == SCENARIO_UNIT_BYTES ? "GB" : scenario_unit_proposal(key->unit);
}

void scenario_report_no_unit(struct scenario_build *b, const char *path,
                             const struct scenario_key *key, const struct scenario_node *node,
                             const char *text)
{
    const char *number = scenario_shown(b->arena, text), *meant = number;
    char *end;
    double value = strtod(text, &end), percent = value * 100;
    if (key->unit == SCENARIO_UNIT_RATIO && !*end && value > 0 && value <= 1)
        meant = scenario_arena_printf(b->arena, "%g", percent);
    const char *also = key->unit == SCENARIO_UNIT_RATE
                           ? scenario_arena_printf(b->arena, " or %s records/s", number)
                           : "";
    scenario_errors_add(b->errors, node->at, "%s is %s; a unit is needed, such as %s %s%s", path,
                        number, meant, proposal(key), also);
}

void scenario_report_range(struct scenario_build *b, const char *path,
                           const struct scenario_key *key, enum scenario_unit unit,
                           const struct scenario_node *node, const char *text)
{
    scenario_errors_add(b->errors, node->at, "%s is %s; expected %s", path,
                        scenario_value_shown(b->arena, text),
                        scenario_range_text(b->arena, key, unit));
}

void scenario_report_not(struct scenario_build *b, const char *path, const struct scenario_key *key,
                         const struct scenario_node *node, const char *text)
{
    const char *range = scenario_range_text(b->arena, key, key->unit);
    scenario_errors_add(b->errors, node->at, "%s is %s; expected %s, %s", path,
                        scenario_value_shown(b->arena, text), scenario_key_noun(key), range);
}
