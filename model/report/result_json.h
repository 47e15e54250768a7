/*
 * model/report/result_json.h - the result document as a file, and back.
 *
 * Shape    {"format_version": "2.6", ...}: one table of fields (result_fields.c) drives writing and reading, so that reading and
 *          writing again gives the same bytes. Keys are sorted in every object. An estimate is {known, value, low, high,
 *          level, n}, never a bare number; unknown numbers are null.
 *          Histograms are {lower bound of the bin in ns: count} pairs. Nothing tells the time, the machine or a path.
 * Units    In the keys.
 * Versions A larger minor number only adds keys: unknown ones are skipped. A larger major number is refused, a smaller one is read.
 * Source   reference: result JSON of the user-experience notes; RFC 8259.
 * Checked  tests/model/test_json.c
 */
#ifndef MODEL_REPORT_RESULT_JSON_H
#define MODEL_REPORT_RESULT_JSON_H

#include <stdio.h>

#include "broker-core/status.h"
#include "model/cluster/result.h"

/* Returns 0, or -1 when the stream has an error. */
int report_json_write(const struct result *result, FILE *out);

/*
 * Reads a result from a stream; name is what messages call it.
 *
 * Gives    *result (NULL when refused).
 * Returns  BROKER_OK; BROKER_EIO when it cannot be read; BROKER_ECORRUPT when it is no result, with the path of the key at
 *          fault; BROKER_EREFUSED when its major version is not ours.
 */
int report_json_read(FILE *in, const char *name, struct result **result, struct broker_err *err);

#endif
