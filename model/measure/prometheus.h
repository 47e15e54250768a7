/*
 * model/measure/prometheus.h - the text that Prometheus exporters answer with, sample by sample.
 *
 * Shape    NAME{LABEL="VALUE",...} VALUE [TIMESTAMP], comments and empty lines between.
 * Omits    Types and help texts, time stamps, exemplars.
 * Source   Prometheus text exposition format 0.0.4.
 * Checked  tests/model/test_measure_metrics.c, also with lines cut anywhere.
 */
#ifndef MODEL_MEASURE_PROMETHEUS_H
#define MODEL_MEASURE_PROMETHEUS_H

#include <stddef.h>

#include "model/measure/measure.h"

#define PROMETHEUS_LABELS 16
#define PROMETHEUS_TEXT   2048 /* of one sample: its name, labels and their values */

struct prometheus_sample {
    const char *name;
    int label_count;
    struct {
        const char *name, *value;
    } labels[PROMETHEUS_LABELS];
    double value;
    char text[PROMETHEUS_TEXT]; /* what the pointers point into */
};

/* "" when there is no such label. */
const char *prometheus_label(const struct prometheus_sample *sample, const char *name);

/*
 * Calls take for each sample.
 * Returns MEASURE_OK, or MEASURE_EFAILED at the first line that is not of the format; err names the line.
 */
int prometheus_parse(const char *text, size_t size,
                     void (*take)(void *ctx, const struct prometheus_sample *sample), void *ctx,
                     struct measure_err *err);

#endif
