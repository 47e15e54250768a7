#include "model/measure/cpu.h"
#include "sim/memory.h"

#include <assert.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

bool cpu_parse_stat(const char *text, int64_t *ticks)
{
    const char *p = strrchr(text, ')'); /* the name may hold ") " itself: the last one ends it */
    if (!p)
        return false;
    long long user, system;
    /* state, ppid, pgrp, session, tty, tpgid, flags, minflt, cminflt, majflt, cmajflt, utime, stime */
    if (sscanf(p + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lld %lld", &user, &system) !=
            2 ||
        user < 0 || system < 0)
        return false;
    *ticks = user + system;
    return true;
}

bool cpu_parse_schedstat(const char *text, int64_t *cpu_ns)
{
    long long ns;
    if (sscanf(text, "%lld", &ns) != 1 || ns < 0)
        return false;
    *cpu_ns = ns;
    return true;
}

/* Reads a small file as text. */
static bool read_text(const char *path, char *text, size_t size)
{
    FILE *in = fopen(path, "r");
    if (!in)
        return false;
    size_t n = fread(text, 1, size - 1, in);
    text[n] = 0;
    fclose(in);
    return n > 0;
}

static int64_t ticks_to_ns(int64_t ticks)
{
    return ticks * (INT64_C(1000000000) / sysconf(_SC_CLK_TCK));
}

static void add_thread(struct cpu_sample *sample, const char *root, int pid, int tid)
{
    char path[512], text[1024];
    struct cpu_thread t = {.tid = tid};
    snprintf(path, sizeof path, "%s/%d/task/%d/comm", root, pid, tid);
    if (!read_text(path, text, sizeof text))
        return; /* it has just ended */
    text[strcspn(text, "\n")] = 0;
    snprintf(t.name, sizeof t.name, "%.15s", text);
    snprintf(path, sizeof path, "%s/%d/task/%d/schedstat", root, pid, tid);
    if (!read_text(path, text, sizeof text) || !cpu_parse_schedstat(text, &t.cpu_ns)) {
        snprintf(path, sizeof path, "%s/%d/task/%d/stat", root, pid, tid);
        int64_t ticks;
        if (!read_text(path, text, sizeof text) || !cpu_parse_stat(text, &ticks))
            return;
        t.cpu_ns = ticks_to_ns(ticks);
    }
    if (sample->count == sample->capacity) {
        sample->capacity = sample->capacity ? 2 * sample->capacity : 64;
        sample->threads = sim_checked(
            realloc(sample->threads, (size_t)sample->capacity * sizeof *sample->threads));
    }
    sample->threads[sample->count++] = t;
}

static bool read_process(struct cpu_sample *sample, const char *root, int pid)
{
    clockid_t clock;
    struct timespec t;
    if (strcmp(root, "/proc") == 0 && clock_getcpuclockid(pid, &clock) == 0 &&
        clock_gettime(clock, &t) == 0) {
        sample->cpu_ns = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
        return true;
    }
    char path[512], text[1024];
    int64_t ticks;
    snprintf(path, sizeof path, "%s/%d/stat", root, pid);
    if (!read_text(path, text, sizeof text) || !cpu_parse_stat(text, &ticks))
        return false;
    sample->cpu_ns = ticks_to_ns(ticks);
    return true;
}

int cpu_sample_read(struct cpu_sample *sample, const char *root, int pid, struct measure_err *err)
{
    memset(sample, 0, sizeof *sample);
    char path[512];
    snprintf(path, sizeof path, "%s/%d/task", root, pid);
    DIR *dir = opendir(path);
    if (!dir || !read_process(sample, root, pid)) {
        int rc =
            measure_fail(err, MEASURE_EFAILED, "process %d: %s", pid,
                         dir || errno == ENOENT ? "there is none of that id" : strerror(errno));
        if (dir)
            closedir(dir);
        return rc;
    }
    for (struct dirent *e; (e = readdir(dir));)
        if (isdigit((unsigned char)e->d_name[0]))
            add_thread(sample, root, pid, atoi(e->d_name));
    closedir(dir);
    return MEASURE_OK;
}

void cpu_sample_release(struct cpu_sample *sample)
{
    free(sample->threads);
    memset(sample, 0, sizeof *sample);
}

/* ---- usage ---- */

struct rename {
    const char *start, *group;
};

static const struct rename BROKER_NAMES[] = {
    {"data-plane-kafk", "network_and_io_threads"}, /* the kernel keeps 15 letters of a name */
    {"ReplicaFetcherT", "replica_fetcher"},
    {"C1 Compiler", "jit_compiler"},
    {"C2 Compiler", "jit_compiler"},
    {"GC Thread#", "gc"},
    {NULL, NULL},
};
static const struct rename CLIENT_NAMES[] = {
    {"rdk:broker", "librdkafka_broker_thread"},
    {"rdk:main", "librdkafka_main"},
    {"", "application"},
    {NULL, NULL},
};

void cpu_group_name(enum cpu_names names, const char *thread, char group[40])
{
    for (const struct rename *r = names == CPU_BROKER ? BROKER_NAMES : CLIENT_NAMES; r->start;
         r++) {
        if (strncmp(thread, r->start, strlen(r->start)) == 0) {
            snprintf(group, 40, "%s", r->group);
            return;
        }
    }
    size_t n = 0;
    for (; *thread && n < 39; thread++)
        if (!isdigit((unsigned char)*thread))
            group[n++] = *thread;
    group[n] = 0;
}

static int64_t used_ns(const struct cpu_sample *before, const struct cpu_thread *after)
{
    for (int i = 0; i < before->count; i++)
        if (before->threads[i].tid == after->tid)
            return after->cpu_ns - before->threads[i].cpu_ns;
    return after->cpu_ns;
}

struct group {
    char name[40];
    int64_t cpu_ns;
};

static int by_use(const void *a, const void *b)
{
    const struct group *x = a, *y = b;
    if (x->cpu_ns != y->cpu_ns)
        return x->cpu_ns < y->cpu_ns ? 1 : -1;
    return strcmp(x->name, y->name);
}

static void add_use(struct group *groups, int *count, const char *name, int64_t cpu_ns)
{
    int i = 0;
    while (i < *count && strcmp(groups[i].name, name) != 0)
        i++;
    if (i == *count) {
        snprintf(groups[i].name, sizeof groups[i].name, "%s", name);
        groups[i].cpu_ns = 0;
        ++*count;
    }
    groups[i].cpu_ns += cpu_ns;
}

void cpu_usage_between(struct cpu_usage *usage, const struct cpu_sample *before,
                       const struct cpu_sample *after, enum cpu_names names)
{
    assert(after->at_ns > before->at_ns);
    memset(usage, 0, sizeof *usage);
    double elapsed_ns = (double)(after->at_ns - before->at_ns);
    usage->cores = (double)(after->cpu_ns - before->cpu_ns) / elapsed_ns;
    struct group *groups = sim_alloc((size_t)after->count + 1, sizeof *groups);
    int count = 0;
    for (int i = 0; i < after->count; i++) {
        char name[40];
        cpu_group_name(names, after->threads[i].name, name);
        add_use(groups, &count, name, used_ns(before, &after->threads[i]));
    }
    qsort(groups, (size_t)count, sizeof *groups, by_use);
    for (int i = 0; i < count && usage->count < CPU_GROUPS; i++) {
        double cores = (double)groups[i].cpu_ns / elapsed_ns;
        if (cores < CPU_GROUP_CORES_MIN)
            break;
        snprintf(usage->groups[usage->count].name, 40, "%s", groups[i].name);
        usage->groups[usage->count++].cores = cores;
    }
    free(groups);
}
