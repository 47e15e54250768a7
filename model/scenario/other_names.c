/*
 * What keys are called elsewhere: Kafka's settings under another level's name or unit, and the words of other tools. A topic's log.retention.hours
 * is its retention.ms, the broker's is log.retention.ms. Names: Kafka's broker and topic configuration references, AWS's and Terraform's words.
 */
#include "model/scenario/scenario_internal.h"

#include <string.h>

#define BIT(section) (1u << SCENARIO_SECTION_##section)
#define CLIENTS      (BIT(PRODUCER) | BIT(GROUP))

/* In `text`, %s is the stated value. Rows of the root are those of cluster and its config. */
static const struct {
    const char *name;
    unsigned sections;
    const char *text;
} names[] = {
    {"log.retention.hours", BIT(ROOT), "log.retention.ms: %s h"},
    {"log.retention.minutes", BIT(ROOT), "log.retention.ms: %s m"},
    {"log.retention.days", BIT(ROOT), "log.retention.ms: %s d"},
    {"retention.hours", BIT(ROOT), "log.retention.ms: %s h"},
    {"retention.minutes", BIT(ROOT), "log.retention.ms: %s m"},
    {"retention.days", BIT(ROOT), "log.retention.ms: %s d"},
    {"log.roll.hours", BIT(ROOT), "log.roll.ms: %s h"},
    {"log.segment.ms", BIT(ROOT), "log.roll.ms: %s"},
    {"log.roll.jitter.hours", BIT(ROOT), "log.roll.jitter.ms: %s h"},
    {"default.replication.factor", BIT(ROOT), "topics.NAME.replication: %s"},
    {"replication.factor", BIT(ROOT), "topics.NAME.replication: %s"},
    {"replication", BIT(ROOT), "topics.NAME.replication: %s"},
    {"num.partitions", BIT(ROOT), "topics.NAME.partitions: %s"},
    {"partitions", BIT(ROOT), "topics.NAME.partitions: %s"},
    {"retention", BIT(ROOT), "config: {log.retention.ms: %s}"},
    {"zones", BIT(ROOT), "racks"},
    {"availability_zones", BIT(ROOT), "racks"},
    {"nodes", BIT(ROOT), "brokers: %s"},
    {"instance_type", BIT(ROOT), "machine: %s"},
    {"instance", BIT(ROOT), "machine: %s"},
    {"disks", BIT(ROOT), "volumes, or machine.disks"},

    {"retention.hours", BIT(TOPIC), "retention.ms: %s h"},
    {"retention.minutes", BIT(TOPIC), "retention.ms: %s m"},
    {"retention.days", BIT(TOPIC), "retention.ms: %s d"},
    {"log.retention.hours", BIT(TOPIC), "retention.ms: %s h"},
    {"log.retention.minutes", BIT(TOPIC), "retention.ms: %s m"},
    {"log.retention.days", BIT(TOPIC), "retention.ms: %s d"},
    {"log.roll.hours", BIT(TOPIC), "segment.ms: %s h"},
    {"segment.hours", BIT(TOPIC), "segment.ms: %s h"},
    {"log.segment.ms", BIT(TOPIC), "segment.ms: %s"},
    {"log.roll.jitter.hours", BIT(TOPIC), "segment.jitter.ms: %s h"},
    {"retention", BIT(TOPIC), "config: {retention.ms: %s}"},
    {"replication.factor", BIT(TOPIC), "replication: %s"},
    {"replication_factor", BIT(TOPIC), "replication: %s"},
    {"replicas", BIT(TOPIC), "replication: %s"},

    {"compression", BIT(PRODUCER), "config: {compression.type: %s}"},
    {"record_size", BIT(PRODUCER), "record: {size: %s}"},
    {"message_size", BIT(PRODUCER), "record: {size: %s}"},
    {"size", BIT(PRODUCER), "record: {size: %s}"},
    {"throughput", BIT(PRODUCER), "rate: %s"},
    {"producers", BIT(PRODUCER), "clients: %s"},
    {"consumers", BIT(GROUP), "clients: %s"},
    {"members", BIT(GROUP), "clients: %s"},
    {"count", CLIENTS, "clients: %s"},
    {"instances", CLIENTS, "clients: %s"},
};

/* What the value would be here: a list keeps its own brackets in the file, so it is not copied. */
static const char *stated(struct scenario_arena *arena, const struct scenario_node *value)
{
    bool is_text = value && value->kind == SCENARIO_NODE_SCALAR && value->text[0];
    return is_text ? scenario_shown(arena, value->text) : "...";
}

const char *scenario_other_text(struct scenario_arena *arena, const char *text,
                                const struct scenario_node *value)
{
    const char *mark = strstr(text, "%s");
    return mark ? scenario_arena_printf(arena, "%.*s%s%s", (int)(mark - text), text,
                                        stated(arena, value), mark + 2)
                : text;
}

const char *scenario_other_name(struct scenario_arena *arena, enum scenario_section section,
                                const char *name, const struct scenario_node *value)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if ((names[i].sections & (1u << section)) && strcmp(names[i].name, name) == 0)
            return scenario_other_text(arena, names[i].text, value);
    return NULL;
}
