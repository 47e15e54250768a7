#include "model/measure/client_config.h"
#include "sim/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const PREFIXES[] = {"security.", "sasl.", "ssl.", "enable.ssl.",
                                       "broker.address."};

static bool is_allowed(const char *key)
{
    for (size_t i = 0; i < sizeof PREFIXES / sizeof *PREFIXES; i++)
        if (strncmp(key, PREFIXES[i], strlen(PREFIXES[i])) == 0)
            return true;
    return false;
}

/* Cuts blanks off both ends. */
static char *trim(char *text)
{
    text += strspn(text, " \t");
    size_t n = strlen(text);
    while (n > 0 && strchr(" \t\r\n", text[n - 1]))
        text[--n] = 0;
    return text;
}

static void add(struct client_config *config, const char *key, const char *value)
{
    config->settings = sim_checked(
        realloc(config->settings, (size_t)(config->count + 1) * sizeof *config->settings));
    struct client_setting *s = &config->settings[config->count++];
    s->key = sim_checked(strdup(key));
    s->value = sim_checked(strdup(value));
}

static int read_line(struct client_config *config, const char *path, int number, char *line,
                     struct measure_err *err)
{
    char *text = trim(line), *equals = strchr(text, '=');
    if (!*text || *text == '#')
        return MEASURE_OK;
    if (!equals)
        return measure_fail(err, MEASURE_EINVALID, "%s:%d: expected KEY=VALUE", path, number);
    *equals = 0;
    char *key = trim(text);
    if (!is_allowed(key))
        return measure_fail(err, MEASURE_EINVALID,
                            "%s:%d: %.60s; only keys of security, sasl, ssl, enable.ssl and "
                            "broker.address are taken",
                            path, number, key);
    add(config, key, trim(equals + 1));
    return MEASURE_OK;
}

int client_config_read(struct client_config *config, const char *path, struct measure_err *err)
{
    memset(config, 0, sizeof *config);
    if (!path)
        return MEASURE_OK;
    FILE *in = fopen(path, "r");
    if (!in)
        return measure_fail(err, MEASURE_EFAILED, "%s: %s", path, strerror(errno));
    char *line = NULL;
    size_t size = 0;
    int rc = MEASURE_OK, number = 0;
    while (rc == MEASURE_OK && getline(&line, &size, in) > 0)
        rc = read_line(config, path, ++number, line, err);
    free(line);
    fclose(in);
    if (rc != MEASURE_OK)
        client_config_release(config);
    return rc;
}

void client_config_release(struct client_config *config)
{
    for (int i = 0; i < config->count; i++) {
        free(config->settings[i].key);
        free(config->settings[i].value);
    }
    free(config->settings);
    memset(config, 0, sizeof *config);
}
