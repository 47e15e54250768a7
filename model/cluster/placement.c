/*
 * model/cluster/placement.c - see placement.h. The striping itself follows reference/kafka/replication.md section 10: a rack
 * is a ring of brokers whose start moves on by one with each partition; a partition takes its leader from the next
 * rack and its followers from the racks after it, so that leaders and racks are used evenly.
 */
#include "model/cluster/placement.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "sim/memory.h"
#include "sim/random.h"

struct topic_place {
    char *name;
    int partitions;
    int replication;
    struct model_replica *replicas; /* partitions * replication */
};

struct model_placement {
    int brokers, disks;
    int topics;
    int offsets_topic;
    struct topic_place *topic;
    int *replicas_on; /* by broker */
    int *leaders_on;
    int *rack_of;
    int *on_disk; /* by broker * disks + disk */
};

/* One rack's brokers; `epoch` is the partition that it was last asked for. */
struct rack {
    const char *name;
    int *brokers;
    int count, start, next, epoch;
};

struct placer {
    struct sim_stream stream;
    struct rack racks[SCENARIO_RACKS_MAX];
    int rack_count;
    int brokers;
    int offset; /* rack that the next leader comes from */
    int epoch;
};

static int draw_below(struct placer *p, int n)
{
    return (int)sim_below(&p->stream, (uint64_t)n);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct rack *)a)->name, ((const struct rack *)b)->name);
}

static void placer_init(struct placer *p, const struct scenario *s, uint64_t seed,
                        const char *topic)
{
    const struct scenario_cluster *c = &s->cluster;
    memset(p, 0, sizeof *p);
    sim_stream_initf(&p->stream, seed, 0, "placement %.240s", topic);
    p->brokers = c->brokers;
    for (int r = 0; r < c->rack_count; r++) {
        if (r * c->brokers_per_machine >= c->brokers)
            break; /* a rack without brokers is none */
        struct rack *rack = &p->racks[p->rack_count++];
        rack->name = c->racks[r] ? c->racks[r] : "";
        rack->brokers = sim_alloc((size_t)c->brokers, sizeof *rack->brokers);
        for (int b = 0; b < c->brokers; b++)
            if (scenario_rack_of(c, b) == r)
                rack->brokers[rack->count++] = b;
    }
    qsort(p->racks, (size_t)p->rack_count, sizeof *p->racks, by_name);
    for (int r = 0; r < p->rack_count; r++)
        p->racks[r].start = draw_below(p, p->racks[r].count);
    p->offset = draw_below(p, p->rack_count);
}

static void placer_release(struct placer *p)
{
    for (int r = 0; r < p->rack_count; r++)
        free(p->racks[r].brokers);
}

/* The rack's next broker for this partition, -1 when all of them hold a replica already. */
static int rack_next(struct rack *rack, int epoch)
{
    if (rack->epoch != epoch) {
        rack->epoch = epoch;
        rack->next = 0;
        rack->start = (rack->start + 1) % rack->count;
    }
    if (rack->next >= rack->count)
        return -1;
    return rack->brokers[(rack->start + rack->next++) % rack->count];
}

/* Fisher and Yates. */
static void shuffle_brokers(struct placer *p, int *brokers, int count)
{
    for (int i = count - 1; i > 0; i--) {
        int j = draw_below(p, i + 1), held = brokers[i];
        brokers[i] = brokers[j];
        brokers[j] = held;
    }
}

static void placer_shuffle(struct placer *p)
{
    for (int i = p->rack_count - 1; i > 0; i--) {
        int j = draw_below(p, i + 1);
        struct rack held = p->racks[i];
        p->racks[i] = p->racks[j];
        p->racks[j] = held;
    }
    for (int r = 0; r < p->rack_count; r++)
        shuffle_brokers(p, p->racks[r].brokers, p->racks[r].count);
}

/*
 * Usually the rack at the offset. Not so with as many racks as brokers and one replica: a rack that was last used in epoch 0 still looks
 * used up in the epoch 0 after a shuffle, and the next one has its turn.
 */
static int place_leader(struct placer *p, struct model_replica *out)
{
    int rack = p->offset;
    int broker = rack_next(&p->racks[rack], p->epoch);
    for (int tries = 1; broker < 0 && tries < p->rack_count; tries++) {
        rack = (rack + 1) % p->rack_count;
        broker = rack_next(&p->racks[rack], p->epoch);
    }
    assert(broker >= 0); /* not all racks can look used up: each had a later epoch since */
    out->broker = broker;
    return rack;
}

/* The leader's rack has given its broker: the followers' round passes it over the first time. */
static void place_followers(struct placer *p, int leader_rack, struct model_replica *out,
                            int replication)
{
    int r = p->offset;
    for (int i = 1; i < replication; i++) {
        int broker = -1;
        do {
            if (r == leader_rack)
                leader_rack = -1;
            else
                broker = rack_next(&p->racks[r], p->epoch);
            r = (r + 1) % p->rack_count;
        } while (broker < 0);
        out[i].broker = broker;
    }
}

static void place_partition(struct placer *p, struct model_replica *out, int replication)
{
    if (p->epoch == p->brokers && p->brokers > 1) {
        placer_shuffle(p);
        p->epoch = 0;
    }
    if (p->offset == p->rack_count)
        p->offset = 0;
    int leader_rack = place_leader(p, &out[0]);
    place_followers(p, leader_rack, out, replication);
    p->epoch++;
    p->offset++;
}

/* Kafka puts a new replica where the fewest partitions are. */
static int emptiest_disk(const struct model_placement *m, int broker)
{
    const int *on = &m->on_disk[(size_t)broker * (size_t)m->disks];
    int best = 0;
    for (int d = 1; d < m->disks; d++)
        if (on[d] < on[best])
            best = d;
    return best;
}

static void settle(struct model_placement *m, struct model_replica *replicas, int replication)
{
    for (int i = 0; i < replication; i++) {
        struct model_replica *r = &replicas[i];
        r->disk = emptiest_disk(m, r->broker);
        m->on_disk[r->broker * m->disks + r->disk]++;
        m->replicas_on[r->broker]++;
    }
    m->leaders_on[replicas[0].broker]++;
}

static void place_topic(struct model_placement *m, const struct scenario *s, uint64_t seed,
                        const char *name, int partitions, int replication)
{
    struct topic_place *t = &m->topic[m->topics++];
    struct placer p;
    assert(partitions > 0 && replication > 0 && replication <= m->brokers);
    t->name = strdup(name);
    t->partitions = partitions;
    t->replication = replication;
    t->replicas = sim_alloc((size_t)partitions * (size_t)replication, sizeof *t->replicas);
    placer_init(&p, s, seed, name);
    for (int i = 0; i < partitions; i++) {
        struct model_replica *r = &t->replicas[(size_t)i * (size_t)replication];
        place_partition(&p, r, replication);
        settle(m, r, replication);
    }
    placer_release(&p);
}

static bool any_group_commits(const struct scenario *s)
{
    for (int g = 0; g < s->group_count; g++)
        if (s->groups[g].config.enable_auto_commit)
            return true;
    return false;
}

static int log_dirs(const struct scenario_disks *disks)
{
    return disks->layout == SCENARIO_RAID0 || disks->count < 1 ? 1 : disks->count;
}

struct model_placement *model_placement_new(const struct scenario *s, uint64_t seed)
{
    const struct scenario_broker_config *config = &s->cluster.config;
    struct model_placement *m = sim_alloc(1, sizeof *m);
    assert(s->cluster.brokers >= 1 && s->cluster.rack_count >= 1);
    m->brokers = s->cluster.brokers;
    m->disks = log_dirs(&s->cluster.disks);
    m->topic = sim_alloc((size_t)s->topic_count + 1, sizeof *m->topic);
    m->replicas_on = sim_alloc((size_t)m->brokers, sizeof *m->replicas_on);
    m->leaders_on = sim_alloc((size_t)m->brokers, sizeof *m->leaders_on);
    m->rack_of = sim_alloc((size_t)m->brokers, sizeof *m->rack_of);
    for (int b = 0; b < m->brokers; b++)
        m->rack_of[b] = scenario_rack_of(&s->cluster, b);
    m->on_disk = sim_alloc((size_t)m->brokers * (size_t)m->disks, sizeof *m->on_disk);
    for (int t = 0; t < s->topic_count; t++)
        place_topic(m, s, seed, s->topics[t].name, s->topics[t].partitions,
                    s->topics[t].replication);
    m->offsets_topic = -1;
    if (any_group_commits(s)) {
        int replication = config->offsets_topic_replication_factor;
        m->offsets_topic = m->topics;
        place_topic(m, s, seed, "__consumer_offsets", config->offsets_topic_num_partitions,
                    replication < m->brokers ? replication : m->brokers);
    }
    return m;
}

void model_placement_free(struct model_placement *m)
{
    if (!m)
        return;
    for (int t = 0; t < m->topics; t++) {
        free(m->topic[t].name);
        free(m->topic[t].replicas);
    }
    free(m->topic);
    free(m->replicas_on);
    free(m->leaders_on);
    free(m->rack_of);
    free(m->on_disk);
    free(m);
}

int model_placement_broker_count(const struct model_placement *m)
{
    return m->brokers;
}

int model_placement_disk_count(const struct model_placement *m)
{
    return m->disks;
}

int model_placement_rack_of(const struct model_placement *m, int broker)
{
    assert(broker >= 0 && broker < m->brokers);
    return m->rack_of[broker];
}

int model_placement_topic_count(const struct model_placement *m)
{
    return m->topics;
}

int model_placement_offsets_topic(const struct model_placement *m)
{
    return m->offsets_topic;
}

static const struct topic_place *topic_at(const struct model_placement *m, int topic)
{
    assert(topic >= 0 && topic < m->topics);
    return &m->topic[topic];
}

const char *model_placement_topic_name(const struct model_placement *m, int topic)
{
    return topic_at(m, topic)->name;
}

int model_placement_partition_count(const struct model_placement *m, int topic)
{
    return topic_at(m, topic)->partitions;
}

int model_placement_replication(const struct model_placement *m, int topic)
{
    return topic_at(m, topic)->replication;
}

const struct model_replica *model_placement_replicas(const struct model_placement *m, int topic,
                                                     int partition)
{
    const struct topic_place *t = topic_at(m, topic);
    assert(partition >= 0 && partition < t->partitions);
    return &t->replicas[(size_t)partition * (size_t)t->replication];
}

int model_placement_replicas_on(const struct model_placement *m, int broker)
{
    assert(broker >= 0 && broker < m->brokers);
    return m->replicas_on[broker];
}

int model_placement_leaders_on(const struct model_placement *m, int broker)
{
    assert(broker >= 0 && broker < m->brokers);
    return m->leaders_on[broker];
}

/* Java's String.hashCode over UTF-16; names here are ASCII, where a byte is a code unit. abs(INT_MIN) counts as 0 (Utils.abs). */
int model_placement_coordinator(const char *group, int partitions)
{
    uint32_t h = 0;
    assert(partitions > 0);
    for (const unsigned char *c = (const unsigned char *)group; *c; c++)
        h = 31 * h + *c;
    int32_t signed_hash = (int32_t)h;
    int32_t positive = signed_hash == INT32_MIN ? 0 : signed_hash < 0 ? -signed_hash : signed_hash;
    return positive % partitions;
}
