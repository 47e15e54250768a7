/* tests/support/measured.c - see measured.h. */
#include "tests/support/measured.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define WARMUP_NS INT64_C(1000000000)
#define SETS_MAX  16

static int split(char *text, const char *sets[SETS_MAX])
{
    int count = 0;
    for (char *at = strtok(text, "\n"); at; at = strtok(NULL, "\n")) {
        assert(count < SETS_MAX);
        sets[count++] = at;
    }
    return count;
}

static void of_brokers(struct measured_run *m, const struct cluster_seen *seen, int vcpus)
{
    for (uint32_t b = 0; b < seen->broker_count; b++) {
        const struct cluster_broker_seen *broker = &seen->brokers[b];
        m->cpu = fmax(m->cpu, broker->cpu_ratio);
        m->disk = fmax(m->disk, broker->disk_ratio);
        m->cores += broker->cpu_ratio * vcpus;
        m->disks += broker->disk_ratio;
        m->network_in = fmax(m->network_in, broker->network_in_ratio);
        m->network_out = fmax(m->network_out, broker->network_out_ratio);
        m->in_bytes += broker->network_in_bytes_per_s;
        m->out_bytes += broker->network_out_bytes_per_s;
        m->written_bytes += broker->disk_write_bytes_per_s;
        m->log_bytes += (double)broker->log_bytes;
    }
}

static void of_groups(struct measured_run *m, const struct cluster_seen *seen, double seconds)
{
    for (uint32_t g = 0; g < seen->group_count; g++) {
        m->consumed += (double)seen->groups[g].stats->records / seconds;
        m->lag_start += seen->groups[g].lag_start_records;
        m->lag_end += seen->groups[g].lag_end_records;
    }
    if (seen->group_count > 0)
        m->end_to_end_ns = sim_histogram_mean_ns(seen->groups[0].stats->end_to_end_ns);
}

struct measured_run measured_run_with(const char *yaml, const char *sets, uint64_t seed,
                                      int64_t measure_ns, const struct model_profile *profile)
{
    char text[1024];
    const char *list[SETS_MAX];
    struct small_cluster small;
    assert(strlen(sets) < sizeof text);
    strcpy(text, sets);
    struct small_options options = {
        .seed = seed, .length_ns = WARMUP_NS + measure_ns, .profile = profile, .sets = list};
    options.set_count = split(text, list);
    small_cluster_new_with(&small, yaml, &options);
    const struct cluster_seen *seen = small_cluster_run(&small, WARMUP_NS, measure_ns);
    double seconds = (double)measure_ns / 1e9;
    struct measured_run m = {
        .produced = (double)seen->producers[0].stats->records_acked / seconds,
        .latency_ns = sim_histogram_mean_ns(seen->producers[0].stats->latency_ns),
        .fingerprint = seen->fingerprint,
    };
    of_brokers(&m, seen, small.scenario->cluster.machine.vcpus);
    of_groups(&m, seen, seconds);
    small_cluster_free(&small);
    return m;
}

struct measured_run measured_run(const char *yaml, const char *sets, uint64_t seed,
                                 int64_t measure_ns)
{
    return measured_run_with(yaml, sets, seed, measure_ns, NULL);
}
