/* model/evidence/parameter.c - see parameter.h. */
#include "model/evidence/parameter.h"

#include <math.h>
#include <string.h>

static bool always(const struct row_config *config)
{
    (void)config;
    return true;
}

static bool groups(const struct row_config *config)
{
    return config->consumer_groups > 0;
}

static bool replicas(const struct row_config *config)
{
    return config->replication > 1;
}

static bool flushes(const struct row_config *config)
{
    return config->flush_messages > 0;
}

static bool java(const struct row_config *config)
{
    return config->java;
}

static bool librdkafka(const struct row_config *config)
{
    return !config->java;
}

/* A consumer of the same process as the producer: rows have no other. */
static bool librdkafka_groups(const struct row_config *config)
{
    return !config->java && config->consumer_groups > 0;
}

static bool gzip(const struct row_config *config)
{
    return strcmp(config->compression, "gzip") == 0;
}

static bool snappy(const struct row_config *config)
{
    return strcmp(config->compression, "snappy") == 0;
}

static bool lz4(const struct row_config *config)
{
    return strcmp(config->compression, "lz4") == 0;
}

static bool zstd(const struct row_config *config)
{
    return strcmp(config->compression, "zstd") == 0;
}

struct candidate {
    const char *path;
    enum parameter_kind kind;
    bool (*matters)(const struct row_config *config);
    double factor; /* away from the start at most */
    double prior_sd;
};

/*
 * Bounds only keep a fit from running away. Prior: a factor of 1.6 is one standard deviation, because the start was read off the same kind of
 * rows by hand; with a wider one, what rows do not tell apart wanders with the seed (a request by a factor of two), and errors on rows that were
 * not fitted are no smaller.
 */
#define COST     30, 0.5
#define MEASURED 8, 0.5

static const struct candidate candidates[] = {
    {"broker.receive.request", PARAMETER_CPU, always, COST},
    {"broker.receive.byte", PARAMETER_CPU, always, COST},
    {"broker.append.batch", PARAMETER_CPU, java, COST},
    {"broker.append.record", PARAMETER_CPU, always, COST},
    {"broker.append.byte", PARAMETER_CPU, always, COST},
    {"broker.sync", PARAMETER_CPU, flushes, COST},
    {"broker.fetch_receive.request", PARAMETER_CPU, groups, COST},
    {"broker.send.byte", PARAMETER_CPU, groups, COST},
    {"broker.replica_append.request", PARAMETER_CPU, replicas, COST},
    {"broker.replica_append.batch", PARAMETER_CPU, replicas, COST},
    {"broker.replica_append.byte", PARAMETER_CPU, replicas, COST},
    {"broker.idle_per_s", PARAMETER_CPU, always, COST},
    {"client.java_send.request", PARAMETER_CPU, java, COST},
    {"client.java_send.batch", PARAMETER_CPU, java, COST},
    {"client.java_send.record", PARAMETER_CPU, java, COST},
    {"client.java_send.byte", PARAMETER_CPU, java, COST},
    {"client.java_answer.request", PARAMETER_CPU, java, COST},
    {"client.java_app_wake", PARAMETER_CPU, java, COST},
    {"client.librdkafka_send.request", PARAMETER_CPU, librdkafka, COST},
    {"client.librdkafka_send.batch", PARAMETER_CPU, librdkafka, COST},
    {"client.librdkafka_send.record", PARAMETER_CPU, librdkafka, COST},
    {"client.librdkafka_send.byte", PARAMETER_CPU, librdkafka, COST},
    {"client.librdkafka_receive.request", PARAMETER_CPU, librdkafka_groups, COST},
    {"client.librdkafka_receive.record", PARAMETER_CPU, librdkafka_groups, COST},
    {"client.librdkafka_receive.byte", PARAMETER_CPU, librdkafka_groups, COST},
    {"client.librdkafka_answer.request", PARAMETER_CPU, librdkafka, COST},
    {"client.librdkafka_app.record", PARAMETER_CPU, librdkafka, COST},
    {"client.librdkafka_app.byte", PARAMETER_CPU, librdkafka, COST},
    {"client.librdkafka_app_wake", PARAMETER_CPU, librdkafka, COST},
    {"client.far_byte", PARAMETER_CPU, always, COST},
    {"codec.gzip.compress_byte", PARAMETER_CPU, gzip, MEASURED},
    {"codec.snappy.compress_byte", PARAMETER_CPU, snappy, MEASURED},
    {"codec.lz4.compress_byte", PARAMETER_CPU, lz4, MEASURED},
    {"codec.zstd.compress_byte", PARAMETER_CPU, zstd, MEASURED},
    {"scheduler.wakeup", PARAMETER_SIMULATED, always, MEASURED},
    {"scheduler.cold_work", PARAMETER_SIMULATED, always, MEASURED},
    {"scheduler.client_cold_work", PARAMETER_SIMULATED, always, MEASURED},
    {"scheduler.cold_sleep", PARAMETER_SIMULATED, always, MEASURED},
};

/*
 * Of a broker, rows read CPU of the whole process: of a request they tell what it costs in all. Its parts among threads are the start's, where
 * 60 to 75 % of a request belong to the network thread (threads of Kafka 4.2 by name, at 700 and at 4,700 requests a second).
 */
static const struct {
    const char *leader, *follower;
} ties[] = {
    {"broker.receive.request", "broker.append.request"},
    {"broker.receive.request", "broker.send.request"},
    {"broker.fetch_receive.request", "broker.fetch.request"},
    {"broker.replica_append.request", "broker.replica_fetch.request"},
};

static const struct scenario_profile_key *key_of(const char *path)
{
    const struct scenario_profile_key *key;
    for (int i = 0; (key = scenario_profile_key_at(i)); i++)
        if (strcmp(key->path, path) == 0)
            return key;
    return NULL;
}

static void tie(struct parameter *one)
{
    int count = 0;
    for (size_t i = 0; i < sizeof ties / sizeof ties[0]; i++)
        if (strcmp(ties[i].leader, one->key->path) == 0)
            one->tied[count++] = key_of(ties[i].follower);
}

static const struct candidate *candidate_of(const char *path)
{
    for (size_t i = 0; i < sizeof candidates / sizeof candidates[0]; i++)
        if (strcmp(candidates[i].path, path) == 0)
            return &candidates[i];
    return NULL;
}

static bool matters_to_any(const struct candidate *c, const struct row_config *const *configs,
                           int count)
{
    for (int i = 0; i < count; i++)
        if (c->matters(configs[i]))
            return true;
    return false;
}

static double start_of(const struct model_profile *start, const struct scenario_profile_key *key)
{
    struct model_profile uncalibrated;
    model_profile_init(&uncalibrated);
    double value = scenario_profile_get(start, key);
    return value > 0 ? value : 0.1 * scenario_profile_get(&uncalibrated, key);
}

int parameter_choose(const struct model_profile *start, const struct row_config *const *configs,
                     int config_count, struct parameter *parameter)
{
    int count = 0;
    const struct scenario_profile_key *key;
    for (int i = 0; (key = scenario_profile_key_at(i)); i++) {
        const struct candidate *c = candidate_of(key->path);
        double at = start_of(start, key);
        if (!c || !(at > 0) || count == PARAMETERS_MAX || !matters_to_any(c, configs, config_count))
            continue;
        parameter[count++] = (struct parameter){.key = key,
                                                .kind = c->kind,
                                                .matters = c->matters,
                                                .start = at,
                                                .low = at / c->factor,
                                                .high = at * c->factor,
                                                .prior_sd = c->prior_sd};
        tie(&parameter[count - 1]);
    }
    return count;
}

void parameter_move(const struct parameter *parameter, double factor, struct model_profile *profile)
{
    const struct scenario_profile_key *key = parameter->key;
    for (int i = 0; key; key = parameter->tied[i++])
        scenario_profile_set(profile, key, scenario_profile_get(profile, key) * factor);
}

void parameter_apply(const struct parameter *parameter, int count, const double *ln_value,
                     const struct model_profile *start, struct model_profile *out)
{
    *out = *start;
    for (int p = 0; p < count; p++) {
        scenario_profile_set(out, parameter[p].key, parameter[p].start); /* a start of 0 has none */
        parameter_move(&parameter[p], exp(ln_value[p]) / parameter[p].start, out);
    }
}
