#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/measure/measure.h"

int measure_fail(struct measure_err *err, int status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    return status;
}

void measure_config_init(struct measure_config *config)
{
    memset(config, 0, sizeof *config);
    strcpy(config->family, "measure");
    strcpy(config->compression, "none");
    config->rate_per_s = 20000;
    config->record_bytes = 1000;
    config->partitions = 4;
    config->replication = 1;
    config->acks = 1;
    config->linger_ms = 5;
    config->batch_bytes = 1000000;
    config->random_share = 1;
    config->burst = 1;
    config->warmup_ns = INT64_C(5000000000);
    config->measure_ns = INT64_C(15000000000);
}

static bool is_word(const char *text)
{
    return text[0] && strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789._-") == strlen(text);
}

static int check_names(const struct measure_config *c, struct measure_err *err)
{
    if (c->id[0] && !is_word(c->id))
        return measure_fail(err, MEASURE_EINVALID, "id %s: letters, digits, '.', '_' and '-'",
                            c->id);
    if (!is_word(c->family))
        return measure_fail(err, MEASURE_EINVALID, "family %s: letters, digits, '.', '_' and '-'",
                            c->family);
    for (int i = 0; i < c->topic_config_count; i++) {
        const char *eq = strchr(c->topic_config[i], '=');
        if (!eq || eq == c->topic_config[i])
            return measure_fail(err, MEASURE_EINVALID, "topic config %s: expected KEY=VALUE",
                                c->topic_config[i]);
    }
    return MEASURE_OK;
}

/* low and high are what a run of this generator can mean, not what some cluster carries. */
static int check_range(const char *what, double value, double low, double high, const char *unit,
                       struct measure_err *err)
{
    if (value >= low && value <= high)
        return MEASURE_OK;
    return measure_fail(err, MEASURE_EINVALID, "%s is %.12g%s; expected %.12g to %.12g%s", what,
                        value, unit, low, high, unit);
}

static int check_ranges(const struct measure_config *c, struct measure_err *err)
{
    const struct {
        const char *what;
        double value, low, high;
        const char *unit;
    } ranges[] = {
        {"rate", c->rate_per_s, 0, 1e7, "/s"},
        {"size", c->record_bytes, MEASURE_RECORD_BYTES_MIN, 100e6, " B"},
        {"partitions", c->partitions, 1, 10000, ""},
        {"replication", c->replication, 1, 100, ""},
        {"acks", c->acks, -1, 1, ""},
        {"linger", c->linger_ms, 0, 900000, " ms"}, /* librdkafka's own limit */
        {"batch size", c->batch_bytes, 1, 2147483647, " B"},
        {"random share", c->random_share, 0, 1, ""},
        {"groups", c->groups, 0, 64, ""},
        {"burst", c->burst, 1, 1e6, " records"},
        {"warm-up", (double)c->warmup_ns / 1e9, 0, 86400, " s"},
        {"measured time", (double)c->measure_ns / 1e9, 0.5, 86400, " s"},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        int rc = check_range(ranges[i].what, ranges[i].value, ranges[i].low, ranges[i].high,
                             ranges[i].unit, err);
        if (rc != MEASURE_OK)
            return rc;
    }
    return MEASURE_OK;
}

int measure_config_check(const struct measure_config *c, struct measure_err *err)
{
    int rc = check_names(c, err);
    if (rc == MEASURE_OK)
        rc = check_ranges(c, err);
    if (rc != MEASURE_OK)
        return rc;
    if (c->rate_per_s == 0 && (c->burst > 1 || c->arrivals == MEASURE_CONSTANT))
        return measure_fail(err, MEASURE_EINVALID,
                            "rate max has no arrivals: it sends whenever the queue takes a record");
    if (c->rate_per_s > 0 && c->rate_per_s * (double)c->measure_ns / 1e9 < 1)
        return measure_fail(err, MEASURE_EINVALID, "no record would be sent in %.6g s at %.6g/s",
                            (double)c->measure_ns / 1e9, c->rate_per_s);
    return MEASURE_OK;
}

/* ---- a name that tells configurations apart ---- */

struct name {
    char *text;
    size_t size, used;
};

static void put(struct name *n, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(struct name *n, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(n->text + n->used, n->size - n->used, format, args);
    va_end(args);
    n->used += (size_t)length;
    if (n->used >= n->size)
        n->used = n->size - 1;
}

/* FNV-1a, over what has no short spelling. */
static uint32_t hash(uint32_t h, const char *text)
{
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 16777619u;
    return h;
}

static uint32_t hash_rest(const struct measure_config *c)
{
    char numbers[128];
    snprintf(numbers, sizeof numbers, "%d %.17g %lld %lld", c->batch_bytes, c->random_share,
             (long long)c->warmup_ns, (long long)c->measure_ns);
    uint32_t h = hash(2166136261u, numbers);
    for (int i = 0; i < c->topic_config_count; i++)
        h = hash(hash(h, "\n"), c->topic_config[i]);
    return h;
}

void measure_config_name(struct measure_config *c)
{
    struct measure_config plain;
    measure_config_init(&plain);
    struct name n = {c->id, sizeof c->id, 0};
    if (c->rate_per_s > 0)
        put(&n, "r%.9g", c->rate_per_s);
    else
        put(&n, "rmax");
    put(&n, "-b%d-p%d-l%.6g", c->record_bytes, c->partitions, c->linger_ms);
    if (c->replication != 1)
        put(&n, "-rf%d", c->replication);
    if (c->acks != 1)
        put(&n, "-%s", c->acks ? "all" : "a0");
    if (c->groups)
        put(&n, "-g%d", c->groups);
    if (c->burst > 1 || c->arrivals == MEASURE_CONSTANT)
        put(&n, c->burst > 1 ? "-x%d" : "-constant", c->burst);
    if (strcmp(c->compression, "none") != 0)
        put(&n, "-%s", c->compression);
    if (hash_rest(c) != hash_rest(&plain))
        put(&n, "-%08x", hash_rest(c));
}
