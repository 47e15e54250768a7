/*
 * model/report/number.h - how many digits of this number are known, and in which unit is it read best?
 *
 * Shape    An interval of half-width h supports digits down to the power of ten at or below h / 2 (so that 13 keeps its units and
 *          25 does too, but 250 loses them); never more than three significant ones. Exact numbers get three significant ones (whole numbers are whole). Values too close to a
 *          limit get a digit or two more that show on which side they are, or say only that: "< 100 %".
 * Units    A `struct report_unit` divides: {1e6, "MB/s"}. Bytes are decimal in all reports (MB, GB): MiB never appear beside them.
 * Omits    Locales: point and comma as in English. A number whose digits are settled, and the digits of a share: result_text.h.
 * Source   GUM 7.2.6 on digits and uncertainty, which keeps one or two digits of it.
 * Checked  tests/model/test_report.c
 */
#ifndef MODEL_REPORT_NUMBER_H
#define MODEL_REPORT_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

#include "model/cluster/result_text.h"

enum { REPORT_CELL_MAX = RESULT_NUMBER_MAX };

struct report_unit {
    double size; /* one of it, in the base unit */
    const char *name;
};

/* Digits after the point (negative: rounded to tens, hundreds, ...) that the estimate supports when divided by unit_size. */
int report_decimals(const struct result_estimate *e, double unit_size);

/* The value with the digits that it supports, no unit. "-" when unknown. */
void report_value(char cell[REPORT_CELL_MAX], const struct result_estimate *e, double unit_size);

/* The same in a column whose largest value is `largest`: no digits that are nothing beside it. */
void report_value_beside(char cell[REPORT_CELL_MAX], const struct result_estimate *e,
                         double unit_size, double largest);

/* A unit in which `value` (of base unit "ns", "bytes", "bytes/s", "ratio", "s", ...) is 1 or more, or the smallest one. */
struct report_unit report_unit_for(const char *base, double value);

/* "21 ms", "61 %", "20 MB/s": the value in the unit that suits it. limit (NAN: none): see Shape. */
void report_quantity(char cell[REPORT_CELL_MAX], const struct result_estimate *e, const char *base,
                     double limit);
/* "19 .. 24 ms", "no interval" for what was reckoned once or seen once, "-" when unknown; ends that are far apart as report_span has them. */
void report_interval(char cell[REPORT_CELL_MAX], const struct result_estimate *e, const char *base,
                     double limit);

/* The same of an interval whose ends are far apart: each rounded outwards, to two significant digits or what the width supports, "3.3 .. 61 ms";
 * more beside the limit. So it never leaves out its own value. An end a thousand times the value says "1.2 ms .. no limit", one of a
 * thousandth 0, both "no limits known", unless the whole interval lies on one side of the limit; the document keeps the numbers. */
void report_span(char cell[REPORT_CELL_MAX], const struct result_estimate *e, const char *base,
                 double limit);

/* The interval that an SLO is judged by, and which it is: with the profile's error where that is known. */
const struct result_estimate *report_slo_interval(char cell[REPORT_CELL_MAX],
                                                  const struct result_slo *slo);

/* "31 %". */
void report_percent(char cell[REPORT_CELL_MAX], const struct result_estimate *e, double limit);
/* "41 min", "1.8 s", "3 d": two or three digits. */
void report_duration(char cell[REPORT_CELL_MAX], double seconds);
/* "1.4 million", "18,200". */
void report_count(char cell[REPORT_CELL_MAX], double count);

#endif
