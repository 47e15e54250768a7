/*
 * model/measure/quantity.h - numbers of the command line with their units: 20000/s, 1000B, 5ms.
 *
 * Shape    A number, spaces or none, a unit. The unit must be there (a rate may also be `max`).
 * Units    Sizes B, kB, MB (10^3, 10^6), KiB, MiB; times us, ms, s, m, h; rates /s or records/s.
 * Checked  tests/model/test_measure_schedule.c
 */
#ifndef MODEL_MEASURE_QUANTITY_H
#define MODEL_MEASURE_QUANTITY_H

#include <stdbool.h>
#include <stdint.h>

/* false: not such a number; *value is unchanged. */
bool measure_parse_rate(const char *text, double *rate_per_s); /* max: 0 */
bool measure_parse_bytes(const char *text, int32_t *bytes);
bool measure_parse_time(const char *text, int64_t *time_ns);
/* 0.3 or 30% */
bool measure_parse_share(const char *text, double *share);
/* Digits only, in [low, high]. */
bool measure_parse_count(const char *text, int low, int high, int *count);

#endif
