/* What follows from other values in producers and groups. */
#include "model/scenario/full_batch.h"
#include "model/scenario/scenario_internal.h"

#include <math.h>
#include <string.h>

static bool has_map(const struct scenario_thing *thing, const char *path)
{
    const struct scenario_node *node = scenario_node_at(thing->node, path);
    return node && node->kind == SCENARIO_NODE_MAP;
}

static const char *in(struct scenario_build *b, const struct scenario_thing *thing,
                      const char *path)
{
    return scenario_path_text(b->arena, thing->path, path);
}

static void default_row(struct scenario_build *b, struct scenario_thing *thing, const char *path,
                        const char *text)
{
    struct scenario_origin *origin = scenario_origin_of(thing, path);
    origin->kind = SCENARIO_ORIGIN_DERIVED;
    origin->text = text;
    scenario_assume(b, thing, scenario_key_find(thing->section, path));
}

/* ---- what both kinds of client have ---- */

static void resolve_machines(struct scenario_build *b, struct scenario_thing *thing,
                             struct scenario_machine *machine, int clients, int *machines)
{
    scenario_resolve_machine(b, thing, "machine", machine);
    if (!scenario_is_stated(thing, "machines")) {
        int vcpus = machine->vcpus > 0 ? machine->vcpus : 1;
        *machines = (clients + vcpus - 1) / vcpus;
        scenario_derived(b, thing, "machines", "judgement: a vCPU for each client");
    }
}

static void resolve_racks(struct scenario_build *b, struct scenario_thing *thing, int *count,
                          int *racks)
{
    if (scenario_is_stated(thing, "racks"))
        return;
    *count = b->s->cluster.rack_count;
    for (int i = 0; i < *count; i++)
        racks[i] = i;
    scenario_derived(b, thing, "racks", "all racks");
}

/* ---- records ---- */

static void resolve_size(struct scenario_build *b, struct scenario_thing *thing,
                         struct scenario_producer *p)
{
    bool is_lognormal = has_map(thing, "record/size/lognormal"),
         is_table = scenario_is_stated(thing, "record/size/table");
    if (is_lognormal && is_table)
        scenario_errors_add(b->errors, scenario_place_of(thing, "record/size/table"),
                            "%s is given both as lognormal and as table; give one",
                            in(b, thing, "record/size"));
    if (scenario_is_stated(thing, "record/size")) {
        p->size.kind = SCENARIO_SIZE_FIXED;
    } else if (is_table) {
        p->size.kind = SCENARIO_SIZE_TABLE;
    } else {
        p->size.kind = SCENARIO_SIZE_LOGNORMAL;
        if (!is_lognormal) {
            p->size.mean_bytes = 1024;
            p->size.cv = 0.8;
            default_row(b, thing, "record/size/lognormal/mean",
                        "judgement: between the 200 B and 1.9 kB of published streams");
            default_row(b, thing, "record/size/lognormal/cv",
                        "judgement: sigma 0.7 of the logarithm");
        }
    }
    if (!scenario_is_stated(thing, "record/key")) {
        bool has_keys = has_map(thing, "keys") && p->size.mean_bytes > 16;
        p->key_bytes = has_keys ? 16 : 0;
        scenario_derived(b, thing, "record/key", "%s",
                         has_keys ? "judgement: an id as long as a UUID's bytes" : "no keys");
    }
}

static void resolve_arrivals(struct scenario_build *b, struct scenario_thing *thing,
                             struct scenario_producer *p)
{
    static const struct {
        const char *path;
        enum scenario_arrivals_kind kind;
    } kinds[] = {{"arrivals/burst", SCENARIO_ARRIVALS_BURST},
                 {"arrivals/mmpp", SCENARIO_ARRIVALS_MMPP},
                 {"arrivals/trace", SCENARIO_ARRIVALS_TRACE}};
    const struct scenario_node *map = scenario_node_at(thing->node, "arrivals");
    int count = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (has_map(thing, kinds[i].path)) {
            p->arrivals.kind = kinds[i].kind;
            count++;
        }
    if (count > 1)
        scenario_errors_add(b->errors, map->at, "%s has %d kinds; give one",
                            in(b, thing, "arrivals"), count);
    if (count == 0 && !scenario_is_stated(thing, "arrivals")) {
        p->arrivals.kind = SCENARIO_ARRIVALS_POISSON;
        default_row(b, thing, "arrivals", "judgement: many independent sources");
    }
    p->arrivals.trace_path =
        p->arrivals.trace_path ? scenario_resolve_path(b, p->arrivals.trace_path) : "";
}

static void resolve_keys(struct scenario_build *b, struct scenario_thing *thing,
                         struct scenario_producer *p)
{
    bool has_keys = has_map(thing, "keys"),
         has_hottest = scenario_is_stated(thing, "hottest_partition");
    p->keys_kind = has_keys      ? SCENARIO_KEYS_ZIPF
                   : has_hottest ? SCENARIO_KEYS_HOTTEST
                                 : SCENARIO_KEYS_NONE;
    if (has_keys && has_hottest)
        scenario_errors_add(b->errors, scenario_place_of(thing, "hottest_partition"),
                            "%s and keys exclude each other; give one",
                            in(b, thing, "hottest_partition"));
    if (!scenario_is_stated(thing, "partitioner")) {
        p->partitioner = p->keys_kind == SCENARIO_KEYS_NONE ? SCENARIO_PARTITIONER_STICKY
                                                            : SCENARIO_PARTITIONER_KEYED;
        scenario_derived(b, thing, "partitioner", "%s",
                         p->keys_kind == SCENARIO_KEYS_NONE ? "no keys" : "there are keys");
    } else if (p->partitioner == SCENARIO_PARTITIONER_KEYED && p->keys_kind == SCENARIO_KEYS_NONE &&
               !scenario_origin_of(thing, "partitioner")->is_bad) {
        scenario_errors_add(
            b->errors, scenario_place_of(thing, "partitioner"),
            "%s is keyed; expected keys: {count: ...} or hottest_partition beside it",
            in(b, thing, "partitioner"));
    }
}

/* ---- rate ---- */

static double mean_of(const double *values, int count)
{
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += values[i];
    return sum / count;
}

/* Mean / peak of the shape; 1 without one. */
static double shape_ratio(const struct scenario_producer *p)
{
    return mean_of(p->daily, 24) * mean_of(p->weekly, 7);
}

static void resolve_mean_and_peak(struct scenario_build *b, struct scenario_thing *thing,
                                  struct scenario_producer *p)
{
    bool has_mean = scenario_is_stated(thing, "rate/mean"),
         has_peak = scenario_is_stated(thing, "rate/peak");
    double ratio = shape_ratio(p);
    if (!(ratio > 0)) /* the shape was wrong */
        ratio = 1;
    if (scenario_is_stated(thing, "rate")) {
        p->rate_mean = p->rate_peak * ratio;
    } else if (has_peak && !has_mean) {
        p->rate_mean = p->rate_peak * ratio;
        scenario_derived(b, thing, "rate/mean", "peak x mean of the shape");
    } else if (has_mean && !has_peak) {
        p->rate_peak = p->rate_mean / ratio;
        scenario_derived(b, thing, "rate/peak", "mean / mean of the shape");
    } else if (!has_mean && !scenario_node_at(thing->node, "rate")) {
        if (thing->is_wrong)
            return;
        scenario_errors_add(b->errors, thing->at,
                            "%s is missing; expected such as 20 MB/s, 20000 records/s or max",
                            in(b, thing, "rate"));
    } else if (!has_mean && scenario_node_at(thing->node, "rate")->count == 0) {
        scenario_errors_add(b->errors, scenario_node_at(thing->node, "rate")->at,
                            "%s is empty; expected mean or peak", in(b, thing, "rate"));
    }
}

/* Both units, and payload in any case. */
static void resolve_rates(const struct scenario *s, struct scenario_producer *p)
{
    double size = p->size.mean_bytes > 0 ? p->size.mean_bytes : 1;
    if (p->rate_kind == SCENARIO_RATE_MAX) {
        p->rate_mean = p->rate_peak = 0;
        return;
    }
    if (p->rate_kind == SCENARIO_RATE_RECORDS) {
        p->records_per_s_mean = p->rate_mean;
        p->records_per_s_peak = p->rate_peak;
        p->payload_bytes_per_s_mean = p->rate_mean * size;
        p->payload_bytes_per_s_peak = p->rate_peak * size;
        return;
    }
    p->payload_bytes_per_s_mean = p->rate_mean;
    p->payload_bytes_per_s_peak = p->rate_peak;
    if (p->counted == SCENARIO_COUNTED_WIRE && p->clients > 0) {
        bool known = p->topic >= 0 && p->topic < s->topic_count;
        int partitions = known ? s->topics[p->topic].partitions : 1;
        int brokers = s->cluster.brokers;
        p->payload_bytes_per_s_mean =
            scenario_payload_of_wire(p, partitions, brokers, p->rate_mean);
        p->payload_bytes_per_s_peak =
            scenario_payload_of_wire(p, partitions, brokers, p->rate_peak);
    }
    p->records_per_s_mean = p->payload_bytes_per_s_mean / size;
    p->records_per_s_peak = p->payload_bytes_per_s_peak / size;
}

/* ---- settings ---- */

/*
 * Ratios of published whole-file benchmarks (Silesia) for large batches, less for small ones. JSON of one kind does
 * better, encrypted or random data gets 1: a user who knows says so.
 */
static const struct scenario_ratio_table codec_ratios[] = {
    [SCENARIO_COMPRESSION_NONE] = {1, {1}, {1}},
    [SCENARIO_COMPRESSION_GZIP] = {3, {1024, 16384, 131072}, {1.6, 2.4, 2.7}},
    [SCENARIO_COMPRESSION_SNAPPY] = {3, {1024, 16384, 131072}, {1.4, 2.0, 2.1}},
    [SCENARIO_COMPRESSION_LZ4] = {3, {1024, 16384, 131072}, {1.4, 2.0, 2.1}},
    [SCENARIO_COMPRESSION_ZSTD] = {3, {1024, 16384, 131072}, {1.7, 2.5, 2.9}},
};

static void resolve_ratio(struct scenario_build *b, struct scenario_thing *thing,
                          struct scenario_producer *p)
{
    bool is_none = p->config.compression_type == SCENARIO_COMPRESSION_NONE;
    if (scenario_is_stated(thing, "compression_ratio") && !is_none)
        return;
    bool is_ignored = scenario_is_stated(
        thing, "compression_ratio"); /* by a variant that turns compression off */
    p->compression_ratio = codec_ratios[p->config.compression_type];
    scenario_assume(b, thing, scenario_key_find(thing->section, "compression_ratio"));
    if (!is_ignored)
        scenario_derived(
            b, thing, "compression_ratio", "%s",
            is_none ? "no compression"
                    : "judgement: published benchmarks of the codec, less for small batches");
}

/* Java: an unstated idempotence gives way to acks and to requests in flight; an unstated delivery timeout makes room. */
static void resolve_java(struct scenario_build *b, struct scenario_thing *thing,
                         struct scenario_producer *p)
{
    struct scenario_producer_config *c = &p->config;
    bool is_idempotent_stated = scenario_is_stated(thing, "config/enable.idempotence");
    if (!is_idempotent_stated && (c->acks != -1 || c->max_in_flight > 5 || c->retries == 0)) {
        c->enable_idempotence = false;
        scenario_derived(b, thing, "config/enable.idempotence", "Kafka 4.2: off with this %s",
                         c->acks != -1     ? "acks"
                         : c->retries == 0 ? "retries"
                                           : "max.in.flight.requests.per.connection");
    }
    int64_t least = c->linger_ms + c->request_timeout_ms;
    if (!scenario_is_stated(thing, "config/delivery.timeout.ms") &&
        c->delivery_timeout_ms < least) {
        c->delivery_timeout_ms = least;
        scenario_derived(b, thing, "config/delivery.timeout.ms",
                         "Kafka 4.2: linger.ms + request.timeout.ms");
    }
    c->batch_num_messages = c->queue_max_messages = INT64_MAX;
}

static void resolve_librdkafka(struct scenario_build *b, struct scenario_thing *thing,
                               struct scenario_producer *p)
{
    struct scenario_producer_config *c = &p->config;
    if (c->buffer_memory > 0 && c->buffer_memory <= INT64_MAX / 1024)
        c->buffer_memory *= 1024;
    if (c->send_buffer_bytes == 0)
        c->send_buffer_bytes = -1;
    if (c->receive_buffer_bytes == 0)
        c->receive_buffer_bytes = -1;
    if (c->enable_idempotence &&
        !scenario_is_stated(thing, "config/max.in.flight.requests.per.connection")) {
        c->max_in_flight = 5;
        scenario_derived(b, thing, "config/max.in.flight.requests.per.connection",
                         "librdkafka 2: 5 when idempotent");
    }
    if (c->queue_max_messages == 0)
        c->queue_max_messages = INT64_MAX;
}

/* ---- all ---- */

/* Which topic, when nothing says so: the only one. */
static bool only_topic(struct scenario_build *b, struct scenario_thing *thing, const char *path)
{
    if (scenario_is_stated(thing, path))
        return false;
    if (b->s->topic_count == 1) {
        scenario_derived(b, thing, path, "the only topic");
        return true;
    }
    if (!thing->is_wrong)
        scenario_errors_add(b->errors, thing->at, "%s is missing; %s", in(b, thing, path),
                            b->s->topic_count == 0 ? "no topics are given"
                                                   : "there is more than one topic");
    return false;
}

static void resolve_producer(struct scenario_build *b, struct scenario_thing *thing)
{
    struct scenario_producer *p = thing->base;
    if (only_topic(b, thing, "topic"))
        p->topic = 0;
    resolve_machines(b, thing, &p->machine, p->clients, &p->machines);
    resolve_racks(b, thing, &p->rack_count, p->racks);
    resolve_size(b, thing, p);
    resolve_arrivals(b, thing, p);
    resolve_keys(b, thing, p);
    if (p->client == SCENARIO_CLIENT_JAVA)
        resolve_java(b, thing, p);
    else
        resolve_librdkafka(b, thing, p);
    p->config.linger_us = p->config.linger_ms * 1000;
    resolve_ratio(b, thing, p);
    resolve_mean_and_peak(b, thing, p);
    resolve_rates(b->s, p);
}

/* Buffers of 0 are the system's own; poll() hands over what there is. */
static void resolve_librdkafka_consumer(struct scenario_consumer_config *c)
{
    if (c->send_buffer_bytes == 0)
        c->send_buffer_bytes = -1;
    if (c->receive_buffer_bytes == 0)
        c->receive_buffer_bytes = -1;
    c->max_poll_records = INT64_MAX;
    c->queued_max_bytes *= 1024; /* queued.max.messages.kbytes */
}

static void resolve_client_rack(struct scenario_build *b, struct scenario_thing *thing,
                                struct scenario_group *g)
{
    if (scenario_is_stated(thing, "client_rack"))
        return;
    g->states_rack = b->s->cluster.config.replica_selector != SCENARIO_SELECT_LEADER;
    scenario_derived(b, thing, "client_rack", "%s",
                     g->states_rack ? "judgement: the cluster has a replica.selector.class"
                                    : "Kafka 4.2: none");
}

static void resolve_group(struct scenario_build *b, struct scenario_thing *thing)
{
    struct scenario_group *g = thing->base;
    if (g->client == SCENARIO_CLIENT_LIBRDKAFKA)
        resolve_librdkafka_consumer(&g->config);
    resolve_client_rack(b, thing, g);
    if (only_topic(b, thing, "topics")) {
        g->topics = scenario_arena_take(b->arena, sizeof *g->topics);
        g->topic_count = 1;
    }
    resolve_machines(b, thing, &g->machine, g->clients, &g->machines);
    resolve_racks(b, thing, &g->rack_count, g->racks);
}

void scenario_resolve_clients(struct scenario_build *b)
{
    for (int i = 0; i < b->s->producer_count; i++)
        resolve_producer(b, &b->producers[i]);
    for (int i = 0; i < b->s->group_count; i++)
        resolve_group(b, &b->groups[i]);
}
