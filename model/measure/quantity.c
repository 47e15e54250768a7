#include "model/measure/quantity.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct unit {
    const char *name;
    double factor;
};

static const struct unit RATES[] = {{"/s", 1}, {"records/s", 1}, {NULL, 0}};
static const struct unit SIZES[] = {{"B", 1},      {"kB", 1e3},      {"MB", 1e6},
                                    {"KiB", 1024}, {"MiB", 1048576}, {NULL, 0}};
static const struct unit TIMES[] = {{"us", 1e3}, {"ms", 1e6},   {"s", 1e9},
                                    {"m", 60e9}, {"h", 3600e9}, {NULL, 0}};

/* Digits and a point: strtod alone would read 0x10, 1e3 and inf, too. */
static bool parse(const char *text, const struct unit *units, double *value)
{
    char number[40], *end;
    size_t digits = strspn(text, "0123456789.");
    if (digits == 0 || digits >= sizeof number)
        return false;
    memcpy(number, text, digits);
    number[digits] = 0;
    double read = strtod(number, &end);
    if (*end)
        return false;
    const char *unit = text + digits + strspn(text + digits, " ");
    for (const struct unit *u = units; u->name; u++) {
        if (strcmp(unit, u->name) != 0)
            continue;
        *value = read * u->factor;
        return isfinite(*value);
    }
    return false;
}

bool measure_parse_rate(const char *text, double *rate_per_s)
{
    double value = 0;
    if (strcmp(text, "max") != 0 && (!parse(text, RATES, &value) || value <= 0))
        return false;
    *rate_per_s = value;
    return true;
}

bool measure_parse_bytes(const char *text, int32_t *bytes)
{
    double value;
    if (!parse(text, SIZES, &value) || value > INT32_MAX || value != floor(value))
        return false;
    *bytes = (int32_t)value;
    return true;
}

bool measure_parse_time(const char *text, int64_t *time_ns)
{
    double value;
    if (strcmp(text, "0") == 0)
        value = 0;
    else if (!parse(text, TIMES, &value) || value > 9e18)
        return false;
    *time_ns = (int64_t)(value + 0.5);
    return true;
}

bool measure_parse_share(const char *text, double *share)
{
    static const struct unit shares[] = {{"", 1}, {"%", 0.01}, {NULL, 0}};
    double value;
    if (!parse(text, shares, &value) || value > 1)
        return false;
    *share = value;
    return true;
}

bool measure_parse_count(const char *text, int low, int high, int *count)
{
    if (!*text || strspn(text, "0123456789") != strlen(text))
        return false;
    errno = 0;
    long value = strtol(text, NULL, 10);
    if (errno || value < low || value > high)
        return false;
    *count = (int)value;
    return true;
}
