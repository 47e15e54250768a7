/*
 * model/measure/client_config.h - how to reach the cluster: a file of librdkafka's settings for security.
 *
 * Shape    KEY=VALUE a line, `#` comments. A file, since passwords on a command line are seen by everybody.
 * Omits    Settings that change what is measured: those have options, and rows say them. Only keys that begin with security., sasl.,
 *          ssl., enable.ssl. or broker.address. are taken.
 * Source   librdkafka's CONFIGURATION.md
 * Checked  tests/model/test_measure_client.c
 */
#ifndef MODEL_MEASURE_CLIENT_CONFIG_H
#define MODEL_MEASURE_CLIENT_CONFIG_H

#include "model/measure/measure.h"

struct client_setting {
    char *key, *value;
};

struct client_config {
    int count;
    struct client_setting *settings;
};

/* path NULL: no settings. MEASURE_EINVALID: a line is wrong; err names it, but never its value. */
int client_config_read(struct client_config *config, const char *path, struct measure_err *err);
void client_config_release(struct client_config *config);

#endif
