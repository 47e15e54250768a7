/*
 * Numbers with units, read whole and written so that they read back the same.
 *
 * Decimal and binary sizes are told apart by their exact spelling (MB, MiB); "Mb", "mb" and "K" are errors, as people
 * differ about them.
 */
#include "model/scenario/scenario_internal.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct unit {
    const char *name;
    double factor;
    int64_t whole; /* the same as an integer; 0: none */
};

#define WHOLE(name, factor)                                                                        \
    {                                                                                              \
        name, (double)(factor), (factor)                                                           \
    }

static const struct unit sizes[] = {
    WHOLE("B", INT64_C(1)),
    WHOLE("kB", INT64_C(1000)),
    WHOLE("MB", INT64_C(1000000)),
    WHOLE("GB", INT64_C(1000000000)),
    WHOLE("TB", INT64_C(1000000000000)),
    WHOLE("PB", INT64_C(1000000000000000)),
    WHOLE("KiB", INT64_C(1) << 10),
    WHOLE("MiB", INT64_C(1) << 20),
    WHOLE("GiB", INT64_C(1) << 30),
    WHOLE("TiB", INT64_C(1) << 40),
    WHOLE("PiB", INT64_C(1) << 50),
    {0},
};
static const struct unit times[] = {
    WHOLE("ns", INT64_C(1)),
    WHOLE("us", INT64_C(1000)),
    WHOLE("ms", INT64_C(1000000)),
    WHOLE("s", INT64_C(1000000000)),
    WHOLE("m", INT64_C(60000000000)),
    WHOLE("h", INT64_C(3600000000000)),
    WHOLE("d", INT64_C(86400000000000)),
    WHOLE("w", INT64_C(604800000000000)),
    WHOLE("y", INT64_C(31536000000000000)), /* 365 d */
    {0},
};
static const struct unit times_ms[] = {
    {"us", 1e-3, 0},
    WHOLE("ms", INT64_C(1)),
    WHOLE("s", INT64_C(1000)),
    WHOLE("m", INT64_C(60000)),
    WHOLE("h", INT64_C(3600000)),
    WHOLE("d", INT64_C(86400000)),
    WHOLE("w", INT64_C(604800000)),
    WHOLE("y", INT64_C(31536000000)),
    {0},
};
static const struct unit speeds[] = {
    WHOLE("B/s", INT64_C(1)),
    WHOLE("kB/s", INT64_C(1000)),
    WHOLE("MB/s", INT64_C(1000000)),
    WHOLE("GB/s", INT64_C(1000000000)),
    WHOLE("TB/s", INT64_C(1000000000000)),
    WHOLE("KiB/s", INT64_C(1) << 10),
    WHOLE("MiB/s", INT64_C(1) << 20),
    WHOLE("GiB/s", INT64_C(1) << 30),
    WHOLE("kbit/s", INT64_C(125)),
    WHOLE("Mbit/s", INT64_C(125000)),
    WHOLE("Gbit/s", INT64_C(125000000)),
    {0},
};
static const struct unit records[] = {WHOLE("records/s", INT64_C(1)), {0}};
static const struct unit ratios[] = {{"%", 0.01, 0}, {0}};
static const struct unit per_byte[] = {
    WHOLE("ns/B", INT64_C(1)),
    WHOLE("us/kB", INT64_C(1)),
    WHOLE("ms/MB", INT64_C(1)),
    WHOLE("s/GB", INT64_C(1)),
    {0},
};
static const struct unit usd_hour[] = {WHOLE("USD/h", INT64_C(1)), {0}};
static const struct unit usd_year[] = {WHOLE("USD/year", INT64_C(1)), {0}};
static const struct unit usd_gb[] = {WHOLE("USD/GB", INT64_C(1)), {0}};
static const struct unit usd_gb_month[] = {WHOLE("USD/GB-month", INT64_C(1)), {0}};
static const struct unit usd_iops_month[] = {WHOLE("USD/IOPS-month", INT64_C(1)), {0}};
static const struct unit usd_mb_s_month[] = {WHOLE("USD/MB/s-month", INT64_C(1)), {0}};

static const struct {
    const struct unit *units;
    const char *names, *proposal, *base;
} kinds[SCENARIO_UNITS] = {
    [SCENARIO_UNIT_NONE] = {NULL, "", "", ""},
    [SCENARIO_UNIT_BYTES] = {sizes, "B, kB, MB, GB, TB, KiB, MiB, GiB, TiB", "MB", "bytes"},
    [SCENARIO_UNIT_TIME] = {times, "ns, us, ms, s, m, h, d, w, y", "ms", "ns"},
    [SCENARIO_UNIT_MS] = {times_ms, "us, ms, s, m, h, d, w, y", "ms", "ms"},
    [SCENARIO_UNIT_SPEED] = {speeds, "B/s, kB/s, MB/s, GB/s, KiB/s, MiB/s, GiB/s, Mbit/s, Gbit/s",
                             "MB/s", "bytes/s"},
    [SCENARIO_UNIT_RECORDS] = {records, "records/s", "records/s", "records/s"},
    [SCENARIO_UNIT_RATE] = {speeds,
                            "B/s, kB/s, MB/s, GB/s, KiB/s, MiB/s, GiB/s, Mbit/s, Gbit/s, records/s",
                            "MB/s", "bytes/s"},
    [SCENARIO_UNIT_RATIO] = {ratios, "%", "%", "1"},
    [SCENARIO_UNIT_TIME_PER_BYTE] = {per_byte, "ns/B, us/kB, ms/MB, s/GB", "ns/B", "ns/byte"},
    [SCENARIO_UNIT_USD_HOUR] = {usd_hour, "USD/h", "USD/h", "USD/h"},
    [SCENARIO_UNIT_USD_YEAR] = {usd_year, "USD/year", "USD/year", "USD/year"},
    [SCENARIO_UNIT_USD_GB] = {usd_gb, "USD/GB", "USD/GB", "USD/GB"},
    [SCENARIO_UNIT_USD_GB_MONTH] = {usd_gb_month, "USD/GB-month", "USD/GB-month", "USD/GB-month"},
    [SCENARIO_UNIT_USD_IOPS_MONTH] = {usd_iops_month, "USD/IOPS-month", "USD/IOPS-month",
                                      "USD/IOPS-month"},
    [SCENARIO_UNIT_USD_MB_S_MONTH] = {usd_mb_s_month, "USD/MB/s-month", "USD/MB/s-month",
                                      "USD/MB/s-month"},
};

const char *scenario_unit_names(enum scenario_unit unit)
{
    return kinds[unit].names;
}

const char *scenario_unit_proposal(enum scenario_unit unit)
{
    return kinds[unit].proposal;
}

const char *scenario_unit_base(enum scenario_unit unit)
{
    return kinds[unit].base;
}

void scenario_unit_guess(enum scenario_unit unit, struct scenario_guess *guess)
{
    for (const struct unit *u = kinds[unit].units; u && u->name; u++)
        scenario_guess_offer(guess, u->name);
    if (unit == SCENARIO_UNIT_RATE)
        scenario_guess_offer(guess, records[0].name);
}

static const struct unit *unit_find(enum scenario_unit unit, const char *text, size_t bytes)
{
    for (const struct unit *u = kinds[unit].units; u && u->name; u++)
        if (strlen(u->name) == bytes && memcmp(u->name, text, bytes) == 0)
            return u;
    return NULL;
}

/* [+-]digits[.digits][e[+-]digits] */
size_t scenario_number_end(const char *text, size_t bytes)
{
    size_t i = 0;
    if (i < bytes && (text[i] == '+' || text[i] == '-'))
        i++;
    size_t digits = 0;
    for (; i < bytes && isdigit((unsigned char)text[i]); i++)
        digits++;
    if (i + 1 < bytes && text[i] == '.' && isdigit((unsigned char)text[i + 1])) {
        for (i++; i < bytes && isdigit((unsigned char)text[i]); i++)
            digits++;
    }
    if (digits == 0)
        return 0;
    size_t e = i;
    if (e < bytes && (text[e] == 'e' || text[e] == 'E')) {
        e++;
        if (e < bytes && (text[e] == '+' || text[e] == '-'))
            e++;
        size_t first = e;
        while (e < bytes && isdigit((unsigned char)text[e]))
            e++;
        if (e > first)
            i = e;
    }
    return i;
}

/* What people write for numbers and YAML, C or a spreadsheet read differently. */
static bool is_odd(const char *text, size_t bytes)
{
    size_t sign = bytes > 0 && (text[0] == '-' || text[0] == '+');
    const char *d = text + sign;
    size_t n = bytes - sign;
    if (n > 1 && d[0] == '0' &&
        (isdigit((unsigned char)d[1]) || d[1] == 'x' || d[1] == 'o' || d[1] == 'b'))
        return true;
    for (size_t i = 1; i + 1 < n; i++)
        if ((d[i] == '_' || d[i] == ',' || d[i] == ':' || d[i] == '\'') &&
            isdigit((unsigned char)d[i - 1]) && isdigit((unsigned char)d[i + 1]))
            return true;
    return false;
}

/* Exactly, when it has neither point nor exponent. */
static bool parse_integer(const char *text, size_t bytes, int64_t *out)
{
    bool negative = bytes > 0 && text[0] == '-';
    int64_t value = 0;
    for (size_t i = (text[0] == '-' || text[0] == '+'); i < bytes; i++) {
        if (!isdigit((unsigned char)text[i]))
            return false;
        int digit = text[i] - '0';
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, negative ? -digit : digit, &value))
            return false;
    }
    *out = value;
    return true;
}

/* 0.1 s is 1e8 ns although 0.1 is no binary fraction: what is whole but for rounding is whole. */
static void find_whole(struct scenario_number *n)
{
    double nearest = nearbyint(n->value);
    double slack = fabs(n->value) * 1e-12;
    if (fabs(n->value - nearest) <= slack && fabs(nearest) < 9e18) {
        n->integer = (int64_t)nearest;
        n->is_whole = true;
        n->value = nearest;
    }
}

static enum scenario_number_status scale(struct scenario_number *n, const char *text, size_t end,
                                         const struct unit *u)
{
    int64_t whole = u ? u->whole : 1, product;
    double factor = u ? u->factor : 1;
    char digits[64];
    if (end >= sizeof digits)
        return SCENARIO_NUMBER_HUGE;
    if (parse_integer(text, end, &n->integer) && whole > 0 &&
        !__builtin_mul_overflow(n->integer, whole, &product)) {
        n->integer = product;
        n->is_whole = true;
        n->value = (double)product;
        return SCENARIO_NUMBER_OK;
    }
    memcpy(digits, text, end);
    digits[end] = 0;
    double plain = strtod(digits, NULL);
    /* Dividing by 100 rounds once; multiplying by 0.01 would twice. */
    n->value = factor == 0.01 ? plain / 100 : factor == 1e-3 ? plain / 1000 : plain * factor;
    if (!isfinite(n->value))
        return SCENARIO_NUMBER_HUGE;
    find_whole(n);
    return SCENARIO_NUMBER_OK;
}

enum scenario_number_status scenario_number_parse(const char *text, size_t bytes,
                                                  enum scenario_unit unit, bool plain_ok,
                                                  struct scenario_number *out)
{
    *out =
        (struct scenario_number){.unit = unit == SCENARIO_UNIT_RATE ? SCENARIO_UNIT_SPEED : unit};
    while (bytes > 0 && text[bytes - 1] == ' ')
        bytes--;
    if (is_odd(text, bytes))
        return SCENARIO_NUMBER_ODD;
    size_t end = scenario_number_end(text, bytes);
    if (end == 0)
        return SCENARIO_NUMBER_NOT;
    size_t name = end;
    while (name < bytes && text[name] == ' ')
        name++;
    if (name == bytes) {
        enum scenario_number_status status = scale(out, text, end, NULL);
        bool needs_unit = !plain_ok && unit != SCENARIO_UNIT_NONE;
        return status == SCENARIO_NUMBER_OK && needs_unit ? SCENARIO_NUMBER_NO_UNIT : status;
    }
    const struct unit *u = unit_find(unit, text + name, bytes - name);
    if (!u && unit == SCENARIO_UNIT_RATE &&
        (u = unit_find(SCENARIO_UNIT_RECORDS, text + name, bytes - name)))
        out->unit = SCENARIO_UNIT_RECORDS;
    if (!u)
        return unit == SCENARIO_UNIT_NONE ? SCENARIO_NUMBER_NOT : SCENARIO_NUMBER_BAD_UNIT;
    return scale(out, text, end, u);
}

static double in_unit(double value, const struct unit *u)
{
    return u->factor == 0.01 ? value * 100 : u->factor == 1e-3 ? value * 1000 : value / u->factor;
}

static bool reads_back(const char *text, const struct unit *u, double value)
{
    struct scenario_number back;
    size_t end = scenario_number_end(text, strlen(text));
    return scale(&back, text, end, u) == SCENARIO_NUMBER_OK && back.value == value;
}

/* Fewest digits that give the value back, with that unit. Returns how many characters the number has, 1000: too many. */
static int shortest(double value, const struct unit *u, char *buffer)
{
    for (int digits = 1; digits <= 17; digits++) {
        int n = snprintf(buffer, 64, "%.*g", digits, in_unit(value, u));
        if (strchr(buffer, 'e') || !reads_back(buffer, u, value))
            continue;
        snprintf(buffer + n, 64 - (size_t)n, " %s", u->name);
        return n;
    }
    return 1000;
}

/* Any text that gives the value back: dividing by the unit rounds, so a neighbour may be what is needed. */
static void write_exactly(double value, const struct unit *u, char *buffer)
{
    double near = in_unit(value, u);
    for (int step = 0; step < 5; step++) {
        int n = snprintf(buffer, 64, "%.17g", near);
        if (reads_back(buffer, u, value)) {
            snprintf(buffer + n, 64 - (size_t)n, " %s", u->name);
            return;
        }
        /* 0, +1, -1, +2, -2 units in the last place */
        for (int i = 0; i <= step; i++)
            near = nextafter(near, step % 2 ? -INFINITY : INFINITY);
    }
    snprintf(buffer, 64, "%.17g %s", in_unit(value, u), u->name);
}

static const char *write_plain(double value, char *buffer)
{
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(buffer, 64, "%.*g", digits, value);
        if (strtod(buffer, NULL) == value)
            break;
    }
    /* 1e+06 is a number to us too, but nobody writes it. */
    if (strchr(buffer, 'e') && fabs(value) < 1e15 && value == nearbyint(value))
        snprintf(buffer, 64, "%.0f", value);
    return buffer;
}

const char *scenario_number_write(double value, enum scenario_unit unit, char *buffer)
{
    if (unit == SCENARIO_UNIT_NONE || unit == SCENARIO_UNIT_MS)
        return write_plain(value, buffer);
    char best[64] = "", text[64];
    int best_length = 1000;
    if (value == 0) {
        snprintf(buffer, 64, "0 %s", kinds[unit].proposal);
        return buffer;
    }
    /* At the same length the larger unit reads better; 0.5 MB only where nothing says it whole. */
    for (const struct unit *u = kinds[unit].units; u->name; u++) {
        int length = shortest(value, u, text) + (strstr(u->name, "bit") ? 3 : 0);
        length += text[0] == '0' ? 100 : 0;
        if (length < 1000 && length <= best_length) {
            best_length = length;
            memcpy(best, text, sizeof best);
        }
    }
    if (best_length == 1000)
        write_exactly(value, &kinds[unit].units[0], best);
    memcpy(buffer, best, sizeof best);
    return buffer;
}

const char *scenario_integer_write(int64_t value, enum scenario_unit unit, char *buffer)
{
    const struct unit *best = NULL;
    if (unit != SCENARIO_UNIT_NONE)
        for (const struct unit *u = kinds[unit].units; u->name; u++)
            if (u->whole > 0 && value % u->whole == 0 && (!best || u->whole >= best->whole))
                best = u;
    if (value == 0 && unit == SCENARIO_UNIT_BYTES)
        best = &sizes[0];
    else if (value == 0 && best)
        best = unit == SCENARIO_UNIT_MS     ? &times_ms[1]
               : unit == SCENARIO_UNIT_TIME ? &times[3]
                                            : best;
    if (best)
        snprintf(buffer, 64, "%" PRId64 " %s", value / best->whole, best->name);
    else
        snprintf(buffer, 64, "%" PRId64, value);
    return buffer;
}
