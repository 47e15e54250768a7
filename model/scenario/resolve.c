/* What follows from other values: machines of one's own, counts, rates in both units, what a client does by itself. */
#include "model/scenario/beside.h"
#include "model/scenario/profile.h"
#include "model/scenario/scenario_internal.h"

#include <math.h>
#include <string.h>

/* ---- disks ---- */

static bool stated(struct scenario_build *b, struct scenario_thing *thing, const char *prefix,
                   const char *name)
{
    return scenario_is_stated(thing, scenario_arena_printf(b->arena, "%s/%s", prefix, name));
}

static bool is_bad(struct scenario_build *b, struct scenario_thing *thing, const char *prefix,
                   const char *name)
{
    return scenario_origin_of(thing, scenario_arena_printf(b->arena, "%s/%s", prefix, name))
        ->is_bad;
}

/* What is stated on top of `start`; `how` is the origin of the rest. */
static void overlay_disks(struct scenario_build *b, struct scenario_thing *thing,
                          const char *prefix, struct scenario_disks *disks,
                          const struct scenario_disks *start, const char *how)
{
    const struct scenario_key_table *table = &scenario_key_tables[thing->section];
    const struct scenario_disks given = *disks;
    size_t at = (size_t)((char *)disks - (char *)thing->base);
    *disks = *start;
    for (int i = 0; i < scenario_key_count(thing->section); i++) {
        const struct scenario_key *key = &table->keys[i];
        struct scenario_origin *origin = &thing->origins[i];
        if (!scenario_key_is_below(key->path, prefix, strlen(prefix)))
            continue;
        bool fits = !key->disk_types || (key->disk_types & (1u << start->type));
        if (origin->kind == SCENARIO_ORIGIN_STATED && !fits)
            scenario_errors_add(b->errors, origin->node->key_at, "%s is no setting of type %s",
                                scenario_path_text(b->arena, thing->path, key->path),
                                scenario_disk_type_name(start->type));
        else if (origin->kind != SCENARIO_ORIGIN_NONE && !origin->is_bad)
            scenario_field_copy(key, (char *)disks - at, (const char *)&given - at);
        else if (fits && origin->kind == SCENARIO_ORIGIN_NONE)
            scenario_derived(b, thing, key->path, "%s", how);
    }
}

static void resolve_disks(struct scenario_build *b, struct scenario_thing *thing,
                          const char *prefix, struct scenario_disks *disks)
{
    struct scenario_disks start;
    if (disks->size_bytes <= 0 || !stated(b, thing, prefix, "type") ||
        is_bad(b, thing, prefix, "type"))
        return;
    scenario_disks_preset(&start, disks->type, disks->size_bytes);
    overlay_disks(b, thing, prefix, disks, &start,
                  scenario_arena_printf(b->arena, "figures of type %s",
                                        scenario_disk_type_name(disks->type)));
}

/* The hard disks among volumes have one bucket, of I/Os of 1 MiB: what is said of their bytes holds for their I/Os. */
static bool counts_megabytes(struct scenario_build *b)
{
    enum scenario_disk_type type = b->s->cluster.disks.type;
    static const char *const ios[] = {"iops", "burst_iops", "credit_ios"};
    bool said = false;
    for (int i = 0; i < 3; i++)
        said |= stated(b, &b->root, "cluster/volumes", ios[i]);
    return (type == SCENARIO_DISK_ST1 || type == SCENARIO_DISK_SC1) && !said;
}

/* Without a burst figure of its own, a volume bursts to what it sustains; io2's speed follows from its IOPS. */
static void follow_stated_speed(struct scenario_build *b)
{
    struct scenario_disks *d = &b->s->cluster.disks;
    struct scenario_thing *root = &b->root;
    if (d->type == SCENARIO_DISK_IO2 && stated(b, root, "cluster/volumes", "iops") &&
        !stated(b, root, "cluster/volumes", "throughput")) {
        d->throughput_bytes_per_s = fmin(0.256 * d->iops, 4000) * 1048576;
        scenario_derived(b, root, "cluster/volumes/throughput",
                         "0.256 MiB/s an IOPS, at most 4000 MiB/s");
    }
    if (!stated(b, root, "cluster/volumes", "burst_throughput") &&
        (d->credit_bytes <= 0 || d->burst_bytes_per_s < d->throughput_bytes_per_s))
        d->burst_bytes_per_s = d->throughput_bytes_per_s;
    if (counts_megabytes(b))
        scenario_disks_count_megabytes(d);
    if (!stated(b, root, "cluster/volumes", "burst_iops") &&
        (d->credit_ios <= 0 || d->burst_iops < d->iops))
        d->burst_iops = d->iops;
}

/* ---- machines ---- */

struct machine_of {
    struct scenario_build *b;
    struct scenario_thing *thing;
    const char *prefix;
    bool is_like;
};

static bool machine_stated(const struct machine_of *m, const char *name)
{
    return stated(m->b, m->thing, m->prefix, name);
}

static void machine_derived(const struct machine_of *m, const char *name, const char *how)
{
    const char *path = scenario_arena_printf(m->b->arena, "%s/%s", m->prefix, name);
    if (!scenario_is_stated(m->thing, path))
        scenario_derived(m->b, m->thing, path, "%s",
                         m->is_like ? "as the machine it is like" : how);
}

static void require(const struct machine_of *m, const struct scenario_node *map, const char *name)
{
    if (!m->is_like && !machine_stated(m, name))
        scenario_errors_add(
            m->b->errors, map->at, "%s is missing",
            scenario_path_text(m->b->arena, m->thing->path,
                               scenario_arena_printf(m->b->arena, "%s/%s", m->prefix, name)));
}

static void fill_network(const struct machine_of *m, struct scenario_machine *machine)
{
    if (!machine_stated(m, "network/burst") &&
        machine->nic_burst_bytes_per_s < machine->nic_baseline_bytes_per_s)
        machine->nic_burst_bytes_per_s = machine->nic_baseline_bytes_per_s;
    if (!machine_stated(m, "network/credit"))
        machine->nic_credit_bytes =
            (machine->nic_burst_bytes_per_s - machine->nic_baseline_bytes_per_s) * 600;
    machine->nic_model = machine->nic_burst_bytes_per_s > machine->nic_baseline_bytes_per_s
                             ? SCENARIO_NIC_CREDIT
                             : SCENARIO_NIC_FIXED;
    machine_derived(m, "network/burst", "no burst is known");
    machine_derived(m, "network/credit", "600 s at burst, as one measured case");
}

static void fill_block(const struct machine_of *m, struct scenario_machine *machine)
{
    if (machine->block_burst_bytes_per_s < machine->block_baseline_bytes_per_s)
        machine->block_burst_bytes_per_s = machine->block_baseline_bytes_per_s;
    if (machine->block_burst_iops < machine->block_baseline_iops)
        machine->block_burst_iops = machine->block_baseline_iops;
    if (!machine_stated(m, "block/burst_time") && !m->is_like)
        machine->block_burst_ns = INT64_C(1800000000000); /* as AWS */
    machine_derived(m, "block/baseline", "no limit is known");
    machine_derived(m, "block/burst", "as baseline");
    machine_derived(m, "block/baseline_iops", "no limit is known");
    machine_derived(m, "block/burst_iops", "as baseline_iops");
    machine_derived(m, "block/burst_time", "30 minutes, as AWS");
}

/* A machine written as a map; one that is a name is complete. */
void scenario_resolve_machine(struct scenario_build *b, struct scenario_thing *thing,
                              const char *prefix, struct scenario_machine *machine)
{
    const struct scenario_node *map = scenario_node_at(thing->node, prefix);
    if (!map || map->kind != SCENARIO_NODE_MAP) {
        if (!machine->name)
            machine->name = "";
    } else {
        struct machine_of m = {b, thing, prefix, stated(b, thing, prefix, "like")};
        machine->name = m.is_like ? scenario_arena_printf(b->arena, "own, like %s",
                                                          machine->name ? machine->name : "?")
                                  : "own";
        require(&m, map, "vcpus");
        require(&m, map, "ram");
        require(&m, map, "network/baseline");
        if (!m.is_like && !machine_stated(&m, "coremark"))
            machine->coremark_per_vcpu = SCENARIO_COREMARK;
        if (!m.is_like && !machine_stated(&m, "threads_per_core"))
            machine->threads_per_core = 1;
        machine_derived(&m, "vcpus", "");
        machine_derived(&m, "threads_per_core",
                        "judgement: a core each, the slower reading of its CoreMark");
        machine_derived(&m, "ram", "");
        machine_derived(&m, "network/baseline", "");
        machine_derived(&m, "coremark", "judgement: an ordinary vCPU");
        fill_network(&m, machine);
        fill_block(&m, machine);
    }
    if (!machine->provider)
        machine->provider = machine->volume_type = machine->price_date = machine->price_region = "";
}

/* Disks of the machine that the cluster's is like, or NULL. */
static const struct scenario_disks *disks_of_like(struct scenario_build *b)
{
    const struct scenario_origin *like = scenario_origin_of(&b->root, "cluster/machine/like");
    bool is_name = like->kind == SCENARIO_ORIGIN_STATED && !like->is_bad;
    const struct scenario_machine *m =
        is_name ? scenario_catalogue_find(b->catalogue, like->node->text) : NULL;
    return m && m->disks.count > 0 ? &m->disks : NULL;
}

static void require_disks(struct scenario_build *b, const struct scenario_node *map)
{
    static const char prefix[] = "cluster/machine/disks";
    static const char *const names[] = {"type", "size"};
    for (int i = 0; i < 2; i++)
        if (!stated(b, &b->root, prefix, names[i]))
            scenario_errors_add(b->errors, map->at, "cluster.machine.disks.%s is missing",
                                names[i]);
}

static void resolve_own_disks(struct scenario_build *b)
{
    static const char prefix[] = "cluster/machine/disks";
    struct scenario_machine *machine = &b->s->cluster.machine;
    const struct scenario_node *map = scenario_node_at(b->root.node, prefix);
    const struct scenario_node *machine_map = scenario_node_at(b->root.node, "cluster/machine");
    struct machine_of m = {b, &b->root, "cluster/machine",
                           stated(b, &b->root, "cluster/machine", "like")};
    if (machine_map && machine_map->kind == SCENARIO_NODE_MAP) {
        machine_derived(&m, "price", "unknown");
        machine_derived(&m, "price_3_years", "unknown");
    }
    if (!map)
        return;
    const struct scenario_disks *like = disks_of_like(b);
    if (like && (!stated(b, &b->root, prefix, "type") || machine->disks.type == like->type)) {
        overlay_disks(b, &b->root, prefix, &machine->disks, like, "as the machine it is like");
    } else {
        require_disks(b, map);
        resolve_disks(b, &b->root, prefix, &machine->disks);
    }
    if (machine->disks.is_volume)
        scenario_errors_add(
            b->errors, scenario_place_of(&b->root, "cluster/machine/disks/type"),
            "cluster.machine.disks.type is %s, a volume; write it under cluster.volumes",
            scenario_disk_type_name(machine->disks.type));
}

/* ---- cluster ---- */

static int brokers_or_three(const struct scenario *s)
{
    return s->cluster.brokers > 0 ? s->cluster.brokers : 3;
}

static void require_machine(struct scenario_build *b)
{
    const struct scenario_node *cluster = scenario_node_at(b->root.node, "cluster");
    bool is_wrong =
        cluster && cluster->kind != SCENARIO_NODE_MAP && !scenario_node_is_empty(cluster);
    if (!is_wrong && !scenario_node_at(b->root.node, "cluster/machine"))
        scenario_errors_add(b->errors, cluster ? cluster->at : b->root.at,
                            "cluster.machine is missing; name one, such as aws/i3en.2xlarge, or "
                            "describe it as a map");
}

const char *scenario_resolve_path(const struct scenario_build *b, const char *path)
{
    const char *file = b->s->path;
    return scenario_arena_printf(b->arena, "%.*s%s", scenario_beside(file, path), file, path);
}

static void resolve_cluster(struct scenario_build *b)
{
    if (b->s->cluster.profile && scenario_profile_is_path(b->s->cluster.profile))
        b->s->cluster.profile = scenario_resolve_path(b, b->s->cluster.profile);
    struct scenario_cluster *c = &b->s->cluster;
    struct scenario_thing *root = &b->root;
    if (!scenario_is_stated(root, "cluster/brokers")) {
        int step = scenario_rack_step(c);
        c->brokers = (3 + step - 1) / step * step;
        scenario_derived(b, root, "cluster/brokers", "at least 3, the same count in each rack");
    }
    require_machine(b);
    scenario_resolve_machine(b, root, "cluster/machine", &c->machine);
    resolve_own_disks(b);
    if (scenario_node_at(root->node, "cluster/volumes")) {
        resolve_disks(b, root, "cluster/volumes", &c->disks);
        follow_stated_speed(b);
    } else {
        c->disks = c->machine.disks;
    }
    if (!scenario_is_stated(root, "cluster/heap")) {
        int64_t quarter = c->machine.ram_bytes / 4 / 1048576 * 1048576, usual = INT64_C(6) << 30;
        c->heap_bytes = quarter < usual ? quarter : usual;
        scenario_derived(b, root, "cluster/heap",
                         "judgement: 6 GiB, at most a quarter of the memory");
    }
    if (!scenario_is_stated(root, "cluster/config/offsets.topic.replication.factor")) {
        int brokers = brokers_or_three(b->s);
        c->config.offsets_topic_replication_factor = brokers < 3 ? brokers : 3;
        scenario_derived(b, root, "cluster/config/offsets.topic.replication.factor",
                         "Kafka 4.2, at most the brokers");
    }
}

/* ---- topics ---- */

static int largest_group(const struct scenario *s, int topic)
{
    int most = 0;
    for (int i = 0; i < s->group_count; i++)
        if (scenario_reads(&s->groups[i], topic) && s->groups[i].clients > most)
            most = s->groups[i].clients;
    return most;
}

/* A topic's setting is the broker's unless the topic says otherwise; both structs are the same type. */
static void inherit(struct scenario_build *b, struct scenario_thing *thing)
{
    const struct scenario_key_table *topics = &scenario_key_tables[SCENARIO_SECTION_TOPIC];
    const struct scenario_key_table *root = &scenario_key_tables[SCENARIO_SECTION_ROOT];
    size_t to = offsetof(struct scenario_topic, config),
           from = offsetof(struct scenario, cluster.topic_defaults);
    for (int i = 0; i < scenario_key_count(SCENARIO_SECTION_TOPIC); i++) {
        const struct scenario_key *key = &topics->keys[i];
        if (thing->origins[i].kind != SCENARIO_ORIGIN_NONE || strncmp(key->path, "config/", 7) != 0)
            continue;
        for (int j = 0; j < scenario_key_count(SCENARIO_SECTION_ROOT); j++)
            if (root->keys[j].offset == key->offset - to + from && root->keys[j].is_kafka) {
                scenario_field_copy(key, thing->base, (char *)b->s + from - to);
                scenario_derived(b, thing, key->path, "%s",
                                 scenario_path_text(b->arena, "", root->keys[j].path));
            }
    }
}

static void resolve_topic(struct scenario_build *b, struct scenario_thing *thing)
{
    struct scenario_topic *topic = thing->base;
    int brokers = brokers_or_three(b->s);
    if (!scenario_is_stated(thing, "partitions")) {
        int readers = largest_group(b->s, thing->index);
        topic->partitions = readers > 12 ? readers : 12;
        topic->partitions = topic->partitions > brokers ? topic->partitions : brokers;
        scenario_derived(b, thing, "partitions",
                         "judgement: 12, at least one a broker and one a consumer");
    }
    if (!scenario_is_stated(thing, "replication")) {
        topic->replication = brokers < 3 ? brokers : 3;
        scenario_derived(b, thing, "replication", "judgement: 3, at most the brokers");
    }
    inherit(b, thing);
}

/* ---- all ---- */

void scenario_resolve(struct scenario_build *b)
{
    struct scenario *s = b->s;
    if (scenario_origin_of(&b->root, "cluster/racks")->is_bad && s->cluster.rack_count == 0)
        s->cluster.rack_count = 1;
    resolve_cluster(b);
    scenario_resolve_clients(b);
    for (int i = 0; i < s->topic_count; i++)
        resolve_topic(b, &b->topics[i]);
    scenario_resolve_prices(b);
}
