/* Looking a key up in the table. The rows are in keys_root.c, keys_topic.c, keys_producer.c and keys_group.c. */
#include "model/scenario/keys_internal.h"

#include <string.h>

#define TABLE(name_, noun_, rows, type)                                                            \
    {                                                                                              \
        .name = name_, .noun = noun_, .keys = rows, .size_bytes = sizeof(type)                     \
    }

const struct scenario_key_table scenario_key_tables[SCENARIO_SECTIONS] = {
    [SCENARIO_SECTION_ROOT] = TABLE("", "scenario", scenario_keys_root, struct scenario),
    [SCENARIO_SECTION_TOPIC] = TABLE("topics", "topic", scenario_keys_topic, struct scenario_topic),
    [SCENARIO_SECTION_PRODUCER] =
        TABLE("producers", "producer", scenario_keys_producer, struct scenario_producer),
    [SCENARIO_SECTION_GROUP] = TABLE("groups", "group", scenario_keys_group, struct scenario_group),
};

int scenario_key_count(enum scenario_section section)
{
    const int counts[SCENARIO_SECTIONS] = {scenario_keys_root_count, scenario_keys_topic_count,
                                           scenario_keys_producer_count, scenario_keys_group_count};
    return counts[section];
}

const struct scenario_key *scenario_key_find(enum scenario_section section, const char *path)
{
    const struct scenario_key *keys = scenario_key_tables[section].keys;
    size_t bytes = strlen(path);
    for (int i = 0, n = scenario_key_count(section); i < n; i++)
        if (keys[i].path_bytes == bytes && memcmp(keys[i].path, path, bytes) == 0)
            return &keys[i];
    return NULL;
}

bool scenario_key_has_below(enum scenario_section section, const char *path)
{
    const struct scenario_key *keys = scenario_key_tables[section].keys;
    size_t bytes = strlen(path);
    if (bytes == 0)
        return true;
    for (int i = 0, n = scenario_key_count(section); i < n; i++)
        if (strncmp(keys[i].path, path, bytes) == 0 && keys[i].path[bytes] == '/')
            return true;
    return false;
}

bool scenario_key_is_numeric(const struct scenario_key *key)
{
    return key->type == SCENARIO_KEY_COUNT || key->type == SCENARIO_KEY_INTEGER ||
           key->type == SCENARIO_KEY_NUMBER || key->type == SCENARIO_KEY_RATE;
}

bool scenario_key_is_below(const char *path, const char *prefix, size_t prefix_bytes)
{
    return prefix_bytes == 0 ||
           (strncmp(path, prefix, prefix_bytes) == 0 && path[prefix_bytes] == '/');
}

bool scenario_key_is_repeated(const struct scenario_key *keys, int row, size_t bytes)
{
    for (int i = 0; i < row; i++)
        if (strncmp(keys[i].path, keys[row].path, bytes) == 0 &&
            (keys[i].path[bytes] == '/' || keys[i].path[bytes] == 0))
            return true;
    return false;
}

bool scenario_key_is_whole(const struct scenario_key *key)
{
    return key->type == SCENARIO_KEY_COUNT || key->type == SCENARIO_KEY_INTEGER;
}
