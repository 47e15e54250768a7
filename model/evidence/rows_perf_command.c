/* model/evidence/rows_perf_command.c - what kafka-producer-perf-test ran with, by its command line or by comments; see rows_perf.c. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/evidence/rows_perf_internal.h"

#define COMMAND_BREAKS  " \t\r\\'\""
#define COMMAND_PROMPTS " \t#$>" /* a shell or a note-taker puts them before each line */

static void refuse(const struct perf *p, const char *name, const char *value, const char *expected)
{
    rows_problem(p->rows, p->file, p->line, p->said.id, "%s is %s; expected %s", name, value,
                 expected);
}

static bool set_number(struct perf *p, const char *name, const char *value)
{
    struct row_config *c = &p->said.config;
    const struct {
        const char *name;
        double low, high, *at;
    } numbers[] = {
        {"record-size", 1, 1e9, &c->record_bytes},
        {"record.size", 1, 1e9, &c->record_bytes},
        {"linger.ms", 0, 900000, &c->linger_ms},
        {"batch.size", 1, 2e9, &c->batch_bytes},
        {"warmup_s", 0, 86400, &c->warmup_s},
        {"measure_s", 0.1, 86400, &c->measure_s},
        {"flush.messages", 1, 1e9, &c->flush_messages},
        {"random_payload_share", 0, 1, &c->random_payload_share},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char *end, expected[64];
        double number = strtod(value, &end);
        if (strcmp(name, numbers[i].name) != 0)
            continue;
        snprintf(expected, sizeof expected, "%g to %g", numbers[i].low, numbers[i].high);
        if (end == value || *end || !(number >= numbers[i].low && number <= numbers[i].high))
            refuse(p, name, value, expected);
        else
            *numbers[i].at = number;
        p->size_said |= numbers[i].at == &c->record_bytes;
        p->share_said |= numbers[i].at == &c->random_payload_share;
        return true;
    }
    return false;
}

static bool set_count(struct perf *p, const char *name, const char *value)
{
    struct row_config *c = &p->said.config;
    const struct {
        const char *name;
        int *at;
    } counts[] = {
        {"partitions", &c->partitions}, {"replication", &c->replication}, {"brokers", &c->brokers}};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        char *end;
        long number = strtol(value, &end, 10);
        if (strcmp(name, counts[i].name) != 0)
            continue;
        if (end == value || *end || number < 1 || number > 200000)
            refuse(p, name, value, "1 to 200000");
        else
            *counts[i].at = (int)number;
        p->partitions_said |= counts[i].at == &c->partitions;
        p->replication_said |= counts[i].at == &c->replication;
        c->brokers_said |= counts[i].at == &c->brokers;
        return true;
    }
    return false;
}

static void set_name(struct perf *p, const char *name, const char *value, char *at, size_t size)
{
    char expected[64];
    if (!rows_take_name(at, size, value, expected))
        refuse(p, name, value, expected);
}

static bool set_word(struct perf *p, const char *name, const char *value)
{
    struct row_config *c = &p->said.config;
    if (strcmp(name, "id") == 0)
        set_name(p, name, value, p->said.id, sizeof p->said.id);
    else if (strcmp(name, "family") == 0)
        set_name(p, name, value, p->said.family, sizeof p->said.family);
    else if (strcmp(name, "compression.type") == 0 || strcmp(name, "compression") == 0)
        snprintf(c->compression, sizeof c->compression, "%.*s", (int)sizeof c->compression - 1,
                 value);
    else if (strcmp(name, "acks") == 0 && (strcmp(value, "all") == 0 || strcmp(value, "-1") == 0))
        c->acks = -1;
    else if (strcmp(name, "acks") == 0 && (strcmp(value, "0") == 0 || strcmp(value, "1") == 0))
        c->acks = atoi(value);
    else if (strcmp(name, "acks") == 0)
        refuse(p, name, value, "0, 1 or all");
    else if (strcmp(name, "payload-file") == 0)
        p->from_file = true;
    else
        return false;
    return true;
}

static bool set_rate(struct perf *p, const char *name, const char *value)
{
    char *end;
    double rate = strtod(value, &end);
    if (strcmp(name, "throughput") != 0)
        return false;
    if (end == value || *end || !isfinite(rate) || rate == 0)
        refuse(p, name, value, "records a second, or -1 for as many as can be");
    p->rate_said = true;
    p->said.config.rate_max = rate < 0;
    p->said.config.rate_per_s = rate < 0 ? 0 : rate;
    return true;
}

/* Where to, and how many: no part of a configuration. */
static bool is_idle(const char *name)
{
    static const char *const names[] = {"topic",         "num-records",      "bootstrap.servers",
                                        "client.id",     "bootstrap-server", "print-metrics",
                                        "warmup-records"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static void set_option(struct perf *p, const char *name, const char *value)
{
    if (is_idle(name))
        return;
    p->changed = true;
    if (!set_number(p, name, value) && !set_count(p, name, value) && !set_word(p, name, value) &&
        !set_rate(p, name, value))
        rows_warn(p->rows, p->file, p->line, p->said.id, "option %s=%s is not read", name, value);
}

/* "name=value" of --producer-props and the like. */
static void set_pair(struct perf *p, char *pair)
{
    char *equals = strchr(pair, '=');
    if (!equals)
        return;
    *equals = 0;
    set_option(p, pair, equals + 1);
}

void perf_read_comment(struct perf *p, char *line)
{
    char *save;
    for (char *word = strtok_r(line, "# \t\r,;'\"", &save); word;
         word = strtok_r(NULL, " \t\r,;'\"", &save))
        set_pair(p, word);
}

/* "--throughput", whose value is the next word, or "--throughput=100"; "--producer-props=acks=1" has a pair for a value. */
static void read_option(struct perf *p, char *option)
{
    char *equals = strchr(option, '=');
    p->option = equals ? NULL : option;
    if (equals && strchr(equals + 1, '='))
        set_pair(p, equals + 1);
    else if (equals)
        set_pair(p, option);
}

void perf_read_command(struct perf *p, char *line)
{
    char *save;
    size_t end = strlen(line);
    while (end > 0 && strchr(" \t\r", line[end - 1]))
        end--;
    p->continues = end > 0 && line[end - 1] == '\\';
    line += strspn(line, COMMAND_PROMPTS);
    for (char *word = strtok_r(line, COMMAND_BREAKS, &save); word;
         word = strtok_r(NULL, COMMAND_BREAKS, &save)) {
        if (strncmp(word, "--", 2) == 0) {
            read_option(p, word + 2);
        } else if (strchr(word, '=')) {
            set_pair(p, word);
        } else if (p->option) {
            set_option(p, p->option, word);
            p->option = NULL;
        }
    }
}

bool perf_begins_with_option(const char *line)
{
    line += strspn(line, COMMAND_PROMPTS);
    return strncmp(line, "--", 2) == 0 && line[2] >= 'a' && line[2] <= 'z';
}
