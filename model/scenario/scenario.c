/* Looking things up in a resolved scenario. */
#include "model/scenario/scenario_internal.h"
#include "model/scenario/keys_internal.h"
#include "sim/dmath.h"

#include <assert.h>
#include <string.h>

int scenario_topic_find(const struct scenario *s, const char *name)
{
    for (int i = 0; i < s->topic_count; i++)
        if (strcmp(s->topics[i].name, name) == 0)
            return i;
    return -1;
}

int scenario_producer_find(const struct scenario *s, const char *name)
{
    for (int i = 0; i < s->producer_count; i++)
        if (strcmp(s->producers[i].name, name) == 0)
            return i;
    return -1;
}

int scenario_group_find(const struct scenario *s, const char *name)
{
    for (int i = 0; i < s->group_count; i++)
        if (strcmp(s->groups[i].name, name) == 0)
            return i;
    return -1;
}

bool scenario_reads(const struct scenario_group *group, int topic)
{
    for (int t = 0; t < group->topic_count; t++)
        if (group->topics[t] == topic)
            return true;
    return false;
}

int scenario_readers(const struct scenario *s, int topic)
{
    int count = 0;
    for (int g = 0; g < s->group_count; g++)
        count += scenario_reads(&s->groups[g], topic);
    return count;
}

int scenario_partitions_read(const struct scenario *s, const struct scenario_group *group)
{
    int partitions = 0;
    for (int t = 0; t < group->topic_count; t++)
        partitions += s->topics[group->topics[t]].partitions;
    return partitions;
}

bool scenario_begins_behind(const struct scenario_group *group)
{
    return group->lag_kind != SCENARIO_LAG_NONE && group->lag > 0;
}

int scenario_rack_of(const struct scenario_cluster *cluster, int broker)
{
    return broker / cluster->brokers_per_machine % cluster->rack_count;
}

const char *scenario_lost_name(enum scenario_survive survive)
{
    static const char *const names[] = {"nothing lost", "one broker lost", "one machine lost",
                                        "one rack lost"};
    assert(survive <= SCENARIO_SURVIVE_RACK);
    return names[survive];
}

int scenario_rack_step(const struct scenario_cluster *cluster)
{
    return cluster->rack_count > 1 ? cluster->rack_count * cluster->brokers_per_machine : 1;
}

double scenario_lag_s(const struct scenario_group *group, double records_per_s, double bytes_per_s)
{
    switch (group->lag_kind) {
    case SCENARIO_LAG_NONE:
        break;
    case SCENARIO_LAG_TIME:
        return group->lag / 1e9;
    case SCENARIO_LAG_BYTES:
        return bytes_per_s > 0 ? group->lag / bytes_per_s : 0;
    case SCENARIO_LAG_RECORDS:
        return records_per_s > 0 ? group->lag / records_per_s : 0;
    }
    return 0;
}

double scenario_ratio_at(const struct scenario_ratio_table *table, double batch_bytes)
{
    int n = table->count;
    if (n == 0)
        return 1;
    if (batch_bytes <= (double)table->batch_bytes[0])
        return table->ratio[0];
    for (int i = 1; i < n; i++) {
        double low = (double)table->batch_bytes[i - 1], high = (double)table->batch_bytes[i];
        if (batch_bytes >= high)
            continue;
        double share = (sim_log(batch_bytes) - sim_log(low)) / (sim_log(high) - sim_log(low));
        return table->ratio[i - 1] + share * (table->ratio[i] - table->ratio[i - 1]);
    }
    return table->ratio[n - 1];
}

const char *scenario_disk_type_name(enum scenario_disk_type type)
{
    assert(type <= SCENARIO_DISK_SC1);
    return scenario_disk_type_names[type];
}

const char *scenario_compression_name(enum scenario_compression codec)
{
    assert(codec <= SCENARIO_COMPRESSION_PRODUCER);
    return codec == SCENARIO_COMPRESSION_PRODUCER ? "producer" : scenario_codec_names[codec];
}
