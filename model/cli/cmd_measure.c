#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/cli/cli.h"
#include "model/evidence/rows.h"
#include "model/measure/measure.h"
#include "model/measure/quantity.h"
#include "model/scenario/load.h"
#include "sim/memory.h"

enum { PIDS_MAX = 64, GROUPS_MAX = 64, PARTITIONS_MAX = 10000, REPEATS_MAX = 1000 };

/* What the options come to; wrong counts what has been said. */
struct request {
    struct cli *cli;
    struct measure_config config;
    struct measure_options options;
    int pids[PIDS_MAX];
    struct cli_progress progress;
    int wrong;
};

static void wrong(struct request *r, const char *name, const char *value, const char *expected)
{
    cli_say("--%s %s: expected %s", name, value, expected);
    r->wrong++;
}

static void take_count(struct request *r, const char *name, const char *value, int low, int high,
                       int *count)
{
    char expected[80];
    if (!value || measure_parse_count(value, low, high, count))
        return;
    snprintf(expected, sizeof expected, "a whole number from %d to %d", low, high);
    wrong(r, name, value, expected);
}

static void take_time(struct request *r, const char *name, const char *value, int64_t *time_ns)
{
    if (value && !measure_parse_time(value, time_ns))
        wrong(r, name, value, "a time with its unit: 5ms, 15s, 4m");
}

static void take_bytes(struct request *r, const char *name, const char *value, int32_t *bytes)
{
    if (value && !measure_parse_bytes(value, bytes))
        wrong(r, name, value, "a size with its unit: 1000B, 10kB, 1MiB");
}

static void take_acks(struct request *r, const char *value)
{
    if (!value)
        return;
    if (strcmp(value, "all") == 0 || strcmp(value, "-1") == 0)
        r->config.acks = -1;
    else if (!measure_parse_count(value, 0, 1, &r->config.acks))
        wrong(r, "acks", value, "0, 1 or all");
}

static void take_arrivals(struct request *r, const char *value)
{
    if (!value || strcmp(value, "poisson") == 0)
        return;
    if (strcmp(value, "constant") == 0)
        r->config.arrivals = MEASURE_CONSTANT;
    else if (strncmp(value, "burst:", 6) != 0 ||
             !measure_parse_count(value + 6, 1, 1000000, &r->config.burst))
        wrong(r, "arrivals", value, "poisson, constant, or burst:N with N from 1 to 1000000");
}

static void take_word(struct request *r, const char *name, const char *value, char *to, size_t size)
{
    if (!value)
        return;
    if (strlen(value) >= size)
        wrong(r, name, value, "fewer letters");
    else
        strcpy(to, value);
}

static void take_topic_configs(struct request *r, const struct cli_list *list)
{
    struct measure_config *c = &r->config;
    for (int i = 0; i < list->count; i++) {
        if (c->topic_config_count == MEASURE_TOPIC_CONFIGS)
            wrong(r, "topic-config", list->items[i], "at most 16 of them");
        else
            take_word(r, "topic-config", list->items[i], c->topic_config[c->topic_config_count++],
                      sizeof c->topic_config[0]);
    }
}

static void take_rate(struct request *r, const char *value)
{
    if (value && !measure_parse_rate(value, &r->config.rate_per_s))
        wrong(r, "rate", value, "records a second, as 20000/s, or max");
}

static void take_linger(struct request *r, const char *value)
{
    int64_t time_ns = 0;
    if (!value)
        return;
    take_time(r, "linger", value, &time_ns);
    r->config.linger_ms = (double)time_ns / 1e6;
}

static void take_config(struct request *r, const struct cli_measure *m)
{
    struct measure_config *c = &r->config;
    measure_config_init(c);
    take_rate(r, m->rate);
    take_bytes(r, "size", m->size, &c->record_bytes);
    take_linger(r, m->linger);
    take_count(r, "partitions", m->partitions, 1, PARTITIONS_MAX, &c->partitions);
    take_count(r, "replication", m->replication, 1, 100, &c->replication);
    take_acks(r, m->acks);
    take_count(r, "groups", m->groups, 0, GROUPS_MAX, &c->groups);
    take_arrivals(r, m->arrivals);
    take_word(r, "compression", m->compression, c->compression, sizeof c->compression);
    if (m->random_share && !measure_parse_share(m->random_share, &c->random_share))
        wrong(r, "random-share", m->random_share, "0 to 1, or 0% to 100%");
    take_bytes(r, "batch-bytes", m->batch_bytes, &c->batch_bytes);
    take_time(r, "warmup", m->warmup, &c->warmup_ns);
    take_time(r, "measure", m->time, &c->measure_ns);
    take_word(r, "family", m->family, c->family, sizeof c->family);
    take_word(r, "id", m->id, c->id, sizeof c->id);
    take_topic_configs(r, &m->topic_configs);
}

/* A plan says what varies: options that say the same are a contradiction, not a filter. */
static void check_plan(struct request *r, const struct cli_measure *m)
{
    const struct {
        const char *name, *value;
    } fixed[] = {{"rate", m->rate},
                 {"size", m->size},
                 {"linger", m->linger},
                 {"partitions", m->partitions},
                 {"replication", m->replication},
                 {"acks", m->acks},
                 {"groups", m->groups},
                 {"arrivals", m->arrivals},
                 {"compression", m->compression},
                 {"random-share", m->random_share},
                 {"batch-bytes", m->batch_bytes},
                 {"family", m->family},
                 {"id", m->id},
                 {"topic-config", m->topic_configs.count ? m->topic_configs.items[0] : NULL}};
    if (!m->plan)
        return;
    if (strcmp(m->plan, "quick") == 0)
        r->options.plan = MEASURE_QUICK;
    else if (strcmp(m->plan, "full") == 0)
        r->options.plan = MEASURE_FULL;
    else
        wrong(r, "plan", m->plan, "quick or full");
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (fixed[i].value)
            wrong(r, fixed[i].name, fixed[i].value, "nothing: --plan says what is measured");
}

static void take_jit(struct request *r, const char *value)
{
    static const char *const states[][2] = {
        {"warm", "warm"}, {"mostly-warm", "mostly warm"}, {"warming", "warming"}};
    for (size_t i = 0; value && i < sizeof states / sizeof *states; i++)
        if (strcmp(value, states[i][0]) == 0)
            r->options.jit = states[i][1];
    if (value && !r->options.jit)
        wrong(r, "jit", value, "warm, mostly-warm or warming");
}

static void check_length(struct request *r, const char *name, const struct cli_list *list)
{
    if (list->count > PIDS_MAX)
        wrong(r, name, list->items[PIDS_MAX], "at most 64 of them");
}

static void take_pids(struct request *r, const struct cli_list *list)
{
    for (int i = 0; i < list->count && i < PIDS_MAX; i++)
        take_count(r, "broker-pid", list->items[i], 1, INT_MAX, &r->pids[i]);
    check_length(r, "broker-pid", list);
    r->options.broker_pids = r->pids;
    r->options.broker_pid_count = list->count;
}

static void on_say(void *ctx, const char *text)
{
    struct request *r = ctx;
    if (r->options.dry_run) { /* then it is the result */
        printf("%s\n", text);
        return;
    }
    cli_progress_clear(&r->progress);
    cli_note(r->cli, "%s", text);
}

static void on_progress(void *ctx, double done_ratio, const char *what)
{
    cli_progress_show(&((struct request *)ctx)->progress, done_ratio, what);
}

static void take_options(struct request *r, const struct cli_measure *m)
{
    struct measure_options *o = &r->options;
    o->bootstrap = m->bootstrap;
    o->client_config = m->client_config;
    o->out = r->cli->out;
    o->topic = m->topic;
    o->config = &r->config;
    take_count(r, "repeat", m->repeat, 1, REPEATS_MAX, &o->repeats);
    take_jit(r, m->jit);
    take_time(r, "prewarm", m->prewarm, &o->prewarm_ns);
    o->seed = r->cli->seed_set ? r->cli->seed : 1;
    take_pids(r, &m->broker_pids);
    o->log_dirs = m->log_dirs.items;
    o->log_dir_count = m->log_dirs.count;
    o->gc_logs = m->gc_logs.items;
    o->gc_log_count = m->gc_logs.count;
    o->metrics = m->metrics.items;
    o->metrics_count = m->metrics.count;
    check_length(r, "metrics", &m->metrics);
    check_length(r, "gc-log", &m->gc_logs);
    o->dry_run = m->dry_run;
    o->stop = &cli_stop;
    o->say = on_say;
    o->progress = on_progress;
    o->ctx = r;
}

static void check_together(struct request *r, const struct cli_measure *m)
{
    struct measure_err err;
    if (!m->bootstrap) {
        cli_say("measure: --bootstrap HOST:PORT is missing");
        r->wrong++;
    }
    if (!r->cli->out && !m->dry_run) {
        cli_say("measure: --out FILE is missing: rows are appended to it");
        r->wrong++;
    }
    check_plan(r, m);
    if (r->wrong == 0 && measure_config_check(&r->config, &err) != MEASURE_OK) {
        cli_say("measure: %s", err.text);
        r->wrong++;
    }
    if (!r->config.id[0])
        measure_config_name(&r->config);
}

/* What scenarios do not have makes rows that nobody can predict: better known before hours of measuring than after. */
static void warn_of_topic_configs(struct request *r)
{
    struct scenario_options how = {.datadir = r->cli->scenarios};
    struct row_config c = {.partitions = 1, .replication = 1};
    struct scenario_doc *doc;
    char *text = NULL;
    size_t size;
    for (int i = 0; i < r->config.topic_config_count; i++)
        if (!rows_topic_setting(&c, r->config.topic_config[i]))
            cli_note(r->cli, "warning: --topic-config %s: no row with it can be read again",
                     r->config.topic_config[i]);
    FILE *out = sim_checked(open_memstream(&text, &size));
    fputs("version: 1\ncluster: {brokers: 1, machine: aws/i3en.2xlarge, racks: [a]}\n", out);
    rows_topic_write(&c, out);
    fputs("producers: {load: {topic: load, rate: 1 MB/s}}\n", out);
    if (fclose(out) != 0)
        abort();
    if (scenario_load_text("measure", text, size, &how, &doc) == SCENARIO_EINVALID)
        cli_note(r->cli, "warning: --topic-config: no scenario can be made of such rows: %s",
                 scenario_error_at(doc, 0)->message);
    scenario_doc_free(doc);
    free(text);
}

int cli_measure(struct cli *cli)
{
    struct request r = {.cli = cli};
    struct measure_err err;
    take_config(&r, &cli->measure);
    take_options(&r, &cli->measure);
    check_together(&r, &cli->measure);
    if (r.wrong)
        return CLI_USAGE;
    warn_of_topic_configs(&r);
    cli_progress_init(&r.progress, cli);
    int rc = measure_run(&r.options, &err);
    cli_progress_clear(&r.progress);
    switch (rc) {
    case MEASURE_OK:
        return CLI_DONE;
    case MEASURE_STOPPED:
        return CLI_SIGNAL + cli_stop;
    case MEASURE_EINVALID:
        return cli_fail(cli, CLI_USAGE, "measure: %s", err.text);
    default:
        return cli_fail(cli, CLI_FAILED, "measure: %s", err.text);
    }
}
