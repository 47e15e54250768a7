#include "model/report/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIGNIFICANT_MAX = 3,
    FAR_APART = 2, /* ends of an interval, from which on each has digits of its own */
    MEANS_NOTHING =
        1000, /* judgement: an end so many times the value, or a part of it so small, tells no planner anything but on which side of a limit it is */
};

/* 5.95 of 2 .. 540 is 6 and no 10 or 0; 14.9 of 14.5 .. 70 no 10: wide intervals support no digit, but a value is still told. */
static bool is_like(double rounded, double value, double low, double high)
{
    return rounded >= low && rounded <= high && fabs(rounded - value) <= 0.1 * fabs(value);
}

static int decimals_of(double value, double low, double high)
{
    double size = fmax(fabs(value), fmax(fabs(low), fabs(high)));
    if (size == 0 || !isfinite(size))
        return 0;
    int three = SIGNIFICANT_MAX - 1 - result_exponent10(size);
    double half = (high - low) / 2;
    if (!(half > 0))
        return three > 0 && value != round(value) ? three : 0;
    int supported = -result_exponent10(half / 2 * (1 + 1e-9)); /* 0.2 made of 7.4 - 7.0 is 0.2 */
    supported = supported < three ? supported : three;
    int own = SIGNIFICANT_MAX - 1 - result_exponent10(fabs(value));
    while (supported < own && !is_like(result_round(value, supported), value, low, high))
        supported++;
    return supported;
}

int report_decimals(const struct result_estimate *e, double unit_size)
{
    bool exact = e->level == 0;
    double low = exact ? e->value : e->low, high = exact ? e->value : e->high;
    return decimals_of(e->value / unit_size, low / unit_size, high / unit_size);
}

void report_value(char cell[REPORT_CELL_MAX], const struct result_estimate *e, double unit_size)
{
    if (!e->known)
        snprintf(cell, REPORT_CELL_MAX, "-");
    else
        result_number_text(cell, e->value / unit_size, report_decimals(e, unit_size));
}

/* One digit of what is small beside the others is better than a 0 for what is there; below this it is nothing. */
static const double LEAST_BESIDE = 0.0005;

void report_value_beside(char cell[REPORT_CELL_MAX], const struct result_estimate *e,
                         double unit_size, double largest)
{
    int decimals = report_decimals(e, unit_size);
    int enough = SIGNIFICANT_MAX - 1 - result_exponent10(largest / unit_size);
    double value = e->value / unit_size;
    decimals = decimals < enough ? decimals : enough;
    if (!e->known)
        snprintf(cell, REPORT_CELL_MAX, "-");
    else if (value > 0 && value < LEAST_BESIDE)
        result_number_text(cell, 0, 0);
    else if (value > 0 && value < 0.5 * pow(10, -decimals))
        result_number_text(cell, value, -result_exponent10(value));
    else
        result_number_text(cell, value, decimals);
}

enum { UNITS_MOST = 7 };

static const struct {
    const char *base;
    struct report_unit units[UNITS_MOST + 1]; /* largest first */
} UNITS[] = {
    {"ns",
     {{86400e9, "d"},
      {3600e9, "h"},
      {60e9, "min"},
      {1e9, "s"},
      {1e6, "ms"},
      {1e3, "us"},
      {1, "ns"}}},
    {"s", {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}, {1e-3, "ms"}}},
    {"bytes", {{1e12, "TB"}, {1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}, {1, "B"}}},
    {"bytes/s", {{1e9, "GB/s"}, {1e6, "MB/s"}, {1e3, "kB/s"}, {1, "B/s"}}},
    {"records", {{1e9, "billion records"}, {1e6, "M records"}, {1, "records"}}},
    {"records/s", {{1e6, "M records/s"}, {1, "records/s"}}},
    {"ratio", {{0.01, "%"}}},
};

/* People say 90 s, 90 min and 36 h, but 1.5 s: a unit that is no thousand of the next begins at two of it. */
static double begins_at(const struct report_unit *unit, const struct report_unit *next)
{
    return unit->size > 999 * next->size ? unit->size : 2 * unit->size;
}

struct report_unit report_unit_for(const char *base, double value)
{
    for (size_t i = 0; i < sizeof UNITS / sizeof *UNITS; i++) {
        if (strcmp(UNITS[i].base, base) != 0)
            continue;
        const struct report_unit *u = UNITS[i].units;
        int last = 0;
        while (last < UNITS_MOST - 1 && u[last + 1].size > 0)
            last++;
        for (int k = 0; k < last; k++)
            if (fabs(value) >= begins_at(&u[k], &u[k + 1]))
                return u[k];
        return u[last];
    }
    return (struct report_unit){1, base};
}

static const char *unit_gap(const struct report_unit *unit)
{
    return unit->name[0] ? " " : "";
}

void report_quantity(char cell[REPORT_CELL_MAX], const struct result_estimate *e, const char *base,
                     double limit)
{
    if (!e->known) {
        snprintf(cell, REPORT_CELL_MAX, "-");
        return;
    }
    if (strcmp(base, "ratio") == 0) {
        result_percent_text(cell, e, limit);
        return;
    }
    struct report_unit unit = report_unit_for(base, e->value);
    double shown = e->value / unit.size, most = limit / unit.size;
    int decimals = result_decimals_beside(shown, most, report_decimals(e, unit.size));
    char number[REPORT_CELL_MAX];
    result_beside_text(number, result_round(shown, decimals), shown, most, decimals);
    snprintf(cell, REPORT_CELL_MAX, "%.30s%s%.20s", number, unit_gap(&unit), unit.name);
}

static double outwards(double shown, int decimals, bool up)
{
    double unit = result_power10(abs(decimals));
    unit = decimals >= 0 ? 1 / unit : unit;
    return (up ? ceil(shown / unit - 1e-9) : floor(shown / unit + 1e-9)) * unit;
}

/* Two significant digits or as many as the interval supports, outwards, and more until the limit is on its side. */
static void end_of_span(char cell[REPORT_CELL_MAX], double shown, int least, int most, double limit,
                        bool up)
{
    int decimals = shown > 0 ? 1 - result_exponent10(shown) : 0;
    decimals = decimals > least ? decimals : least;
    decimals = decimals < most ? decimals : most;
    int finest = RESULT_DIGITS_BESIDE - 1 - result_exponent10(shown);
    double end = outwards(shown, decimals, up);
    while (!result_same_side(end, shown, limit) && decimals < finest)
        end = outwards(shown, ++decimals, up);
    result_beside_text(cell, end, shown, limit, decimals);
}

/* An end that decides on which side of the limit the whole interval lies is told, however far away it is. */
static bool is_endless(const struct result_estimate *e, double limit)
{
    bool meets = isfinite(limit) && e->high <= limit;
    return e->value > 0 && e->high > MEANS_NOTHING * e->value && !meets;
}

static bool begins_nowhere(const struct result_estimate *e, double limit)
{
    bool exceeds = isfinite(limit) && e->low >= limit;
    return e->value > 0 && e->low * MEANS_NOTHING < e->value && !exceeds;
}

void report_span(char cell[REPORT_CELL_MAX], const struct result_estimate *e, const char *base,
                 double limit)
{
    if (!e->known || e->level == 0) {
        snprintf(cell, REPORT_CELL_MAX, e->known ? "no interval" : "-");
        return;
    }
    struct report_unit unit = report_unit_for(base, e->value);
    int least = e->high >= FAR_APART * e->low ? -9 : report_decimals(e, unit.size), most = 9;
    if (strcmp(base, "ratio") == 0)
        most = result_percent_decimals(e->value, limit);
    char low[REPORT_CELL_MAX], high[REPORT_CELL_MAX];
    bool endless = is_endless(e, limit), from_0 = begins_nowhere(e, limit);
    end_of_span(low, from_0 ? 0 : e->low / unit.size, least, most, limit / unit.size, false);
    end_of_span(high, e->high / unit.size, least, most, limit / unit.size, true);
    if (endless && from_0)
        snprintf(cell, REPORT_CELL_MAX, "no limits known");
    else if (endless)
        snprintf(cell, REPORT_CELL_MAX, "%.20s%s%.12s .. no limit", low, unit_gap(&unit),
                 unit.name);
    else
        snprintf(cell, REPORT_CELL_MAX, "%.20s .. %.20s%s%.12s", low, high, unit_gap(&unit),
                 unit.name);
}

/* Digits of the estimate, or those of a share, and more beside a limit: the same of both ends. */
static int decimals_of_ends(const struct result_estimate *e, const char *base, double size,
                            double limit)
{
    bool ratio = strcmp(base, "ratio") ==
                 0; /* all alike, or one share would be 1,486 % here and 1,500 % there */
    int least = ratio ? result_percent_decimals(e->value, limit) : report_decimals(e, size);
    int low = result_decimals_beside(e->low / size, limit / size, least),
        high = result_decimals_beside(e->high / size, limit / size, least);
    return low > high ? low : high;
}

void report_interval(char cell[REPORT_CELL_MAX], const struct result_estimate *e, const char *base,
                     double limit)
{
    if (!e->known || e->level == 0 || e->high >= FAR_APART * e->low) {
        report_span(cell, e, base, limit);
        return;
    }
    struct report_unit unit = report_unit_for(base, e->value);
    double most = limit / unit.size, low_shown = e->low / unit.size,
           high_shown = e->high / unit.size;
    int decimals = decimals_of_ends(e, base, unit.size, limit);
    char low[REPORT_CELL_MAX], high[REPORT_CELL_MAX];
    result_beside_text(low, result_round(low_shown, decimals), low_shown, most, decimals);
    result_beside_text(high, result_round(high_shown, decimals), high_shown, most, decimals);
    if (strcmp(low, high) == 0) /* both round to it: "24.0 h", not "24.0 .. 24.0 h" */
        snprintf(cell, REPORT_CELL_MAX, "%.20s%s%.12s", low, unit_gap(&unit), unit.name);
    else
        snprintf(cell, REPORT_CELL_MAX, "%.20s .. %.20s%s%.12s", low, high, unit_gap(&unit),
                 unit.name);
}

const struct result_estimate *report_slo_interval(char cell[REPORT_CELL_MAX],
                                                  const struct result_slo *slo)
{
    if (slo->predicted.known) {
        report_span(cell, &slo->predicted, slo->unit, slo->limit);
        return &slo->predicted;
    }
    report_interval(cell, &slo->estimate, slo->unit, slo->limit);
    return &slo->estimate;
}

void report_percent(char cell[REPORT_CELL_MAX], const struct result_estimate *e, double limit)
{
    report_quantity(cell, e, "ratio", limit);
}

void report_duration(char cell[REPORT_CELL_MAX], double seconds)
{
    struct report_unit unit = report_unit_for("s", fmax(fabs(seconds), 1));
    double value = seconds / unit.size;
    char number[REPORT_CELL_MAX];
    bool whole = value >= 10 || fabs(value - round(value)) < 0.05;
    result_number_text(number, value, whole ? 0 : value >= 1 ? 1 : 2);
    snprintf(cell, REPORT_CELL_MAX, "%.30s %s", number, unit.name);
}

void report_count(char cell[REPORT_CELL_MAX], double count)
{
    char number[REPORT_CELL_MAX];
    double size = count >= 1e12 ? 1e12 : count >= 1e9 ? 1e9 : count >= 1e6 ? 1e6 : 1;
    double value = count / size;
    result_number_text(number, value, size > 1 && value < 100 ? 1 : 0);
    const char *word = size > 1e9   ? " trillion"
                       : size > 1e6 ? " billion"
                       : size > 1   ? " million"
                                    : "";
    snprintf(cell, REPORT_CELL_MAX, "%.30s%s", number, word);
}
