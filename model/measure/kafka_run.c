#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "model/measure/clock.h"
#include "model/measure/kafka_internal.h"
#include "model/measure/page_reporting.h"
#include "model/measure/plan.h"
#include "model/measure/rows_file.h"
#include "sim/memory.h"

/* Four minutes of load and the just-in-time compiler has settled: medians of the measured rows no longer move. */
#define WARM_NS         INT64_C(240000000000)
#define PREWARM_STEP_NS INT64_C(10000000000)

static void say(const struct measure_options *o, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void say(const struct measure_options *o, const char *format, ...)
{
    char text[600];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (o->say)
        o->say(o->ctx, text);
}

/* ---- before anything is made ---- */

static int check_options(const struct measure_options *o, struct measure_err *err)
{
    struct cpu_sample sample;
    for (int i = 0; i < o->broker_pid_count; i++) {
        int rc = cpu_sample_read(&sample, "/proc", o->broker_pids[i], err);
        if (rc != MEASURE_OK)
            return rc;
        cpu_sample_release(&sample);
    }
    for (int i = 0; i < o->log_dir_count; i++)
        if (access(o->log_dirs[i], R_OK | X_OK) != 0)
            return measure_fail(err, MEASURE_EFAILED, "log dir %s: %s", o->log_dirs[i],
                                strerror(errno));
    for (int i = 0; i < o->gc_log_count; i++) {
        int64_t end;
        int rc = gc_log_end(o->gc_logs[i], &end, err);
        if (rc != MEASURE_OK)
            return rc;
    }
    for (int i = 0; i < o->metrics_count; i++) {
        struct broker_scrape scrape;
        int rc = broker_scrape_get(&scrape, o->metrics[i], "", err);
        if (rc != MEASURE_OK)
            return rc;
    }
    return MEASURE_OK;
}

static int check_configs(const struct measure_schema *schema, int brokers, struct measure_err *err)
{
    for (int i = 0; i < schema->config_count; i++) {
        const struct measure_config *c = &schema->configs[i];
        int rc = measure_config_check(c, err);
        if (rc == MEASURE_OK)
            rc = kafka_producer_check(c, err);
        if (rc == MEASURE_OK && c->replication > brokers)
            rc = measure_fail(err, MEASURE_EINVALID,
                              "replication %d needs as many brokers; there %s %d", c->replication,
                              brokers == 1 ? "is" : "are", brokers);
        if (rc != MEASURE_OK)
            return rc;
    }
    return MEASURE_OK;
}

/* A name that nobody else has: 64 random bits. Not a random stream of the seed, or two runs would meet. */
static void name_topics(struct kafka_session *session)
{
    uint64_t bits = 0;
    if (session->options->topic) {
        snprintf(session->topic_base, sizeof session->topic_base, "%s", session->options->topic);
        return;
    }
    if (getrandom(&bits, sizeof bits, 0) != (ssize_t)sizeof bits)
        bits = (uint64_t)measure_now_ns() ^ (uint64_t)getpid() << 32;
    snprintf(session->topic_base, sizeof session->topic_base, "headroom-measure-%016llx",
             (unsigned long long)bits);
}

/* What the brokers' memory does to rows; known only where they are on this machine. */
static void say_memory(const struct measure_options *o)
{
    if (o->broker_pid_count > 0 && measure_page_reporting("/sys"))
        say(o,
            "this guest hands free memory back to its host (virtio-balloon, free page reporting): "
            "the page cache's first use of a page costs a fault there, and rows of full batches "
            "can differ by a factor of two. Where these rows are imported, `cluster: "
            "{page_reporting: true}` says so.");
}

static int check_pids(const struct measure_options *o, int brokers, struct measure_err *err)
{
    if (o->broker_pid_count > brokers)
        return measure_fail(err, MEASURE_EINVALID, "%d processes of brokers, of which there %s %d",
                            o->broker_pid_count, brokers == 1 ? "is" : "are", brokers);
    if (o->broker_pid_count > 0 && o->broker_pid_count < brokers)
        say(o, "processes of %d of %d brokers: no prediction is held against their CPU",
            o->broker_pid_count, brokers);
    return MEASURE_OK;
}

/* ---- the plan ---- */

static void say_length(const struct measure_options *o, const struct measure_schema *s)
{
    long long seconds = (s->length_ns + o->prewarm_ns) / 1000000000;
    say(o, "%d row%s of %d configuration%s%s: about %lld min %02lld s", s->step_count,
        s->step_count == 1 ? "" : "s", s->config_count, s->config_count == 1 ? "" : "s",
        o->prewarm_ns ? ", after warming the brokers" : "", seconds / 60, seconds % 60);
    if (s->step_count > 1 || o->prewarm_ns)
        say(o,
            "  of these %lld s before each row until the brokers have deleted the topic before it "
            "(log.segment.delete.delay.ms: a lower one makes it shorter)",
            (long long)(s->pause_ns / 1000000000));
}

static void say_plan(const struct measure_options *o, const struct measure_schema *s)
{
    for (int i = 0; i < s->config_count && o->plan != MEASURE_NO_PLAN; i++)
        say(o, "  %-12s %s", s->configs[i].family, s->configs[i].id);
    say_length(o, s);
}

struct progress {
    const struct measure_options *options;
    int64_t start_ns, length_ns;
};

static void show(struct progress *p, const char *what)
{
    if (p->options->progress)
        p->options->progress(
            p->options->ctx,
            fmin(1, (double)(measure_now_ns() - p->start_ns) / (double)p->length_ns), what);
}

/* Mixed load, whose rows nobody sees. */
static int prewarm(struct kafka_session *session, struct progress *progress,
                   struct measure_err *err)
{
    const struct measure_options *o = session->options;
    struct measure_config times;
    struct measure_schema mix;
    measure_config_init(&times);
    times.warmup_ns = 0;
    times.measure_ns = PREWARM_STEP_NS;
    measure_schema_init(&mix, MEASURE_QUICK, session->admin.brokers, 1, o->seed, &times);
    int64_t end = measure_now_ns() + o->prewarm_ns;
    int rc = MEASURE_OK;
    for (int i = 0; rc == MEASURE_OK && measure_now_ns() < end; i++) {
        show(progress, "warming the brokers");
        struct measure_config *c = &mix.configs[mix.steps[i % mix.step_count].config];
        rc = kafka_row_measure(session, c, 1, NULL, NULL, err);
    }
    measure_schema_release(&mix);
    return rc;
}

/* ---- rows ---- */

struct writer {
    struct rows_file *file;
};

static int write_row(void *ctx, const struct measured_row *row, struct measure_err *err)
{
    struct writer *w = ctx;
    char *line = NULL;
    size_t size = 0;
    FILE *out = sim_checked(open_memstream(&line, &size));
    int rc = measured_row_write(row, out);
    if (fclose(out) != 0 || rc != 0)
        rc = measure_fail(err, MEASURE_EFAILED, "a row cannot be put together: out of memory");
    else
        rc = rows_file_append(w->file, line, size, err);
    free(line);
    return rc;
}

static int run_steps(struct kafka_session *session, const struct measure_schema *schema,
                     struct rows_file *file, struct progress *progress, struct measure_err *err)
{
    struct writer writer = {file};
    for (int i = 0; i < schema->step_count; i++) {
        const struct measure_config *c = &schema->configs[schema->steps[i].config];
        int repeat = rows_file_repeats(file, c->id) + schema->steps[i].repeat;
        char what[160];
        snprintf(what, sizeof what, "row %d of %d: %s", i + 1, schema->step_count, c->id);
        show(progress, what);
        struct measure_err inner;
        if (session->removed_ns &&
            !measure_wait_until(session->removed_ns + schema->pause_ns, session->options->stop))
            return MEASURE_STOPPED;
        int rc = kafka_row_measure(session, c, repeat, write_row, &writer, &inner);
        if (rc != MEASURE_OK)
            return rc == MEASURE_STOPPED ? rc
                                         : measure_fail(err, rc, "row %d of %d, %s: %.250s", i + 1,
                                                        schema->step_count, c->id, inner.text);
    }
    return MEASURE_OK;
}

static int run_rows(struct kafka_session *session, const struct measure_schema *schema,
                    struct measure_err *err)
{
    const struct measure_options *o = session->options;
    struct rows_file file;
    struct progress progress = {o, measure_now_ns(), schema->length_ns + o->prewarm_ns};
    int rc = rows_file_open(&file, o->out, err);
    if (rc != MEASURE_OK)
        return rc;
    session->jit = o->jit ? o->jit : o->prewarm_ns >= WARM_NS ? "warm" : "warming";
    name_topics(session);
    if (o->prewarm_ns)
        rc = prewarm(session, &progress, err);
    if (rc == MEASURE_OK)
        rc = run_steps(session, schema, &file, &progress, err);
    rows_file_close(&file);
    return rc;
}

static int run_session(struct kafka_session *session, struct measure_err *err)
{
    const struct measure_options *o = session->options;
    struct measure_schema schema;
    int rc = kafka_admin_open(&session->admin, &session->address, err);
    if (rc != MEASURE_OK)
        return rc;
    measure_schema_init(&schema, o->plan, session->admin.brokers, o->repeats, o->seed, o->config);
    measure_schema_pause(&schema, kafka_admin_delete_delay_ns(&session->admin), o->prewarm_ns > 0);
    rc = check_pids(o, session->admin.brokers, err);
    if (rc == MEASURE_OK)
        rc = check_configs(&schema, session->admin.brokers, err);
    if (rc == MEASURE_OK) {
        say_plan(o, &schema);
        say_memory(o);
        if (!o->dry_run)
            rc = run_rows(session, &schema, err);
    }
    measure_schema_release(&schema);
    kafka_admin_close(&session->admin);
    return rc;
}

int measure_run(const struct measure_options *options, struct measure_err *err)
{
    struct kafka_session session = {.options = options,
                                    .address = {.bootstrap = options->bootstrap}};
    int rc = check_options(options, err);
    if (rc == MEASURE_OK)
        rc = client_config_read(&session.address.settings, options->client_config, err);
    if (rc == MEASURE_OK)
        rc = run_session(&session, err);
    client_config_release(&session.address.settings);
    return rc;
}
