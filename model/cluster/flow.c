/* See flow.h. Producers first, then what they and the committing groups sum up to on each partition. */
#include "model/cluster/flow_internal.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "broker-core/record/batch.h"
#include "model/cluster/gather.h"
#include "model/scenario/full_batch.h"
#include "sim/dmath.h"
#include "sim/memory.h"

/* groups.md: an offset commit record: key (group, topic, partition) and value (offset, epoch, metadata, timestamps). */
static const double COMMIT_RECORD_BYTES = 120;

/* ---- one producer's batches ---- */

static double burst_of(const struct scenario_producer *p)
{
    return p->arrivals.kind == SCENARIO_ARRIVALS_BURST && p->arrivals.burst_records > 1
               ? p->arrivals.burst_records
               : 1;
}

/* librdkafka's partitions of one leader: each has a batch of its own waiting for the connection. */
static void stream_alone(const struct flow_client *c, const int *of_broker, int count,
                         struct flow_stream *out)
{
    struct gather_at at = {.parts = 1};
    double batches = 0, squared = 0;
    for (int i = 0; i < count; i++) {
        struct flow_stream *s = &out[of_broker[i]];
        s->records = c->records_per_s * c->share[of_broker[i]];
        struct flow_events events = flow_events(c, c->share[of_broker[i]]);
        s->batches =
            s->records / model_flow_batch(events.per_s, events.burst, c->linger_s, c->most);
        at.records_per_s += s->records;
        squared += s->records * s->records;
        batches += s->batches;
    }
    if (batches <= 0)
        return;
    at.queues = at.records_per_s * at.records_per_s / squared; /* so many equal ones */
    double kept = gather_requests_per_s(c->gather, &at, batches) / batches;
    for (int i = 0; i < count; i++) {
        struct flow_stream *s = &out[of_broker[i]];
        s->batches = s->requests = fmax(s->batches * kept, s->records / c->most);
    }
}

typedef void stream_fn(const struct flow_client *c, const int *of_broker, int count,
                       struct flow_stream *out);

static void stream_by_broker(const struct flow_client *c, const struct model_placement *m,
                             stream_fn *stream, struct flow_stream *out, int partitions)
{
    int brokers = model_placement_broker_count(m);
    int *by_broker = sim_alloc((size_t)partitions, sizeof *by_broker);
    int *first = sim_alloc((size_t)brokers + 1, sizeof *first);
    for (int p = 0; p < partitions; p++)
        first[model_placement_replicas(m, c->p->topic, p)[0].broker + 1]++;
    for (int b = 0; b < brokers; b++)
        first[b + 1] += first[b];
    int *next = sim_alloc((size_t)brokers, sizeof *next);
    memcpy(next, first, (size_t)brokers * sizeof *next);
    for (int p = 0; p < partitions; p++)
        by_broker[next[model_placement_replicas(m, c->p->topic, p)[0].broker]++] = p;
    for (int b = 0; b < brokers; b++)
        stream(c, &by_broker[first[b]], first[b + 1] - first[b], out);
    free(next);
    free(first);
    free(by_broker);
}

static void streams(const struct flow_client *c, const struct model_placement *m,
                    struct flow_stream *out, int partitions)
{
    if (c->records_per_s <= 0)
        return;
    bool java = c->p->client == SCENARIO_CLIENT_JAVA;
    /* sticky.partitioning.linger.ms 0: each record draws its partition. */
    bool sticks = c->p->partitioner == SCENARIO_PARTITIONER_STICKY &&
                  (java || c->p->config.sticky_linger_ms > 0);
    if (sticks)
        flow_stream_sticky(c, m, out, partitions);
    else if (!java)
        stream_by_broker(c, m, stream_alone, out, partitions);
    else
        stream_by_broker(c, m, flow_stream_cycle, out, partitions);
}

/* ---- sums ---- */

/* Of so many records in so many batches. */
static double wire_of(const struct flow_client *c, double records, double batches)
{
    if (batches <= 0)
        return 0;
    double raw = records * c->record_bytes;
    double ratio = scenario_ratio_at(&c->p->compression_ratio, raw / batches);
    return batches * BROKER_BATCH_HEADER_BYTES + raw / ratio;
}

/* `clients` of them: those of the entry, times the part of the time that they do so. Returns the wire bytes of all of that. */
static double add_stream(const struct flow_client *c, const struct flow_stream *stream,
                         double clients, struct model_flow *flow, struct model_producer_flow *sum)
{
    if (stream->batches <= 0)
        return 0;
    double records = clients * stream->records, batches = clients * stream->batches;
    double whole = stream->records - stream->cut * stream->cut_records;
    double wire = clients * (wire_of(c, whole, stream->batches - stream->cut) +
                             wire_of(c, stream->records - whole, stream->cut));
    flow->records_per_s += records;
    flow->batches_per_s += batches;
    flow->requests_per_s += clients * stream->requests;
    flow->answers_per_s += c->p->config.acks == 0 ? 0 : clients * stream->requests;
    flow->payload_bytes_per_s += records * c->p->size.mean_bytes;
    flow->wire_bytes_per_s += wire;
    flow->raw_bytes_per_s += records * c->record_bytes;
    sum->records_per_s += records;
    sum->batches_per_s += batches;
    sum->requests_per_s += clients * stream->requests;
    sum->payload_bytes_per_s += records * c->p->size.mean_bytes;
    sum->wire_bytes_per_s += wire;
    return wire;
}

/* Of all that has been added so far. */
static void finish(const struct flow_client *c, struct model_producer_flow *sum)
{
    double headers = sum->batches_per_s * BROKER_BATCH_HEADER_BYTES;
    if (sum->batches_per_s <= 0)
        return;
    sum->records_per_batch = sum->records_per_s / sum->batches_per_s;
    sum->raw_batch_bytes = sum->records_per_batch * c->record_bytes;
    sum->ratio = sum->records_per_s * c->record_bytes / (sum->wire_bytes_per_s - headers);
}

/* Returns the wire bytes of that part of the time. */
static double add_at(const struct flow_maker *maker, struct model_flows *f, int producer,
                     double factor, double part)
{
    const struct scenario_producer *p = &maker->s->producers[producer];
    int partitions = f->partitions[p->topic];
    struct model_producer_flow *sum = &f->producer[producer];
    struct flow_stream *out = sim_alloc((size_t)partitions, sizeof *out);
    double wire = 0;
    struct flow_client c = {.p = p,
                            .share = sum->share,
                            .partitions = partitions,
                            .records_per_s = factor * p->records_per_s_peak / p->clients,
                            .burst = burst_of(p),
                            .record_bytes = scenario_record_bytes(p),
                            .most = scenario_full_batch(p),
                            .linger_s = (double)p->config.linger_us / 1e6};
    struct gather gather;
    gather_init(&gather, &maker->trip, maker->profile, p, maker->placement, c.record_bytes, c.most);
    c.gather = &gather;
    streams(&c, maker->placement, out, partitions);
    for (int i = 0; i < partitions; i++) {
        double bytes = add_stream(&c, &out[i], part * p->clients, &f->flow[p->topic][i], sum);
        sum->wire[i] += bytes;
        wire += bytes;
    }
    finish(&c, sum);
    sum->sockets = gather.fullest;
    free(out);
    return wire;
}

/* A client of a modulated rate is busy for a while and quiet for a while; a batch sees one of them unless it waits for longer. */
static bool has_states(const struct scenario_producer *p)
{
    double stay_ns = fmin((double)p->arrivals.mmpp_busy_ns, (double)p->arrivals.mmpp_quiet_ns);
    return p->arrivals.kind == SCENARIO_ARRIVALS_MMPP &&
           stay_ns > 1e3 * (double)p->config.linger_us;
}

double flow_add(const struct flow_maker *maker, struct model_flows *f, int producer, double factor,
                double part)
{
    const struct scenario_producer *p = &maker->s->producers[producer];
    const struct scenario_arrivals *a = &p->arrivals;
    if (!has_states(p))
        return add_at(maker, f, producer, factor, part) / part;
    double busy = (double)a->mmpp_busy_ns / (double)(a->mmpp_busy_ns + a->mmpp_quiet_ns);
    double low = fmax(0, (1 - busy * a->mmpp_high) / (1 - busy));
    double wire = add_at(maker, f, producer, factor * low, part * (1 - busy));
    return (wire + add_at(maker, f, producer, factor * a->mmpp_high, part * busy)) / part;
}

/* An auto-commit is one request of a client, with one record for each of its partitions that moved. */
static void add_commits(struct model_flows *f, const struct scenario *s,
                        const struct scenario_group *g, int offsets_topic)
{
    double period_s = (double)g->config.auto_commit_interval_ms / 1e3;
    int partitions = scenario_partitions_read(s, g);
    if (!g->config.enable_auto_commit || period_s <= 0)
        return;
    double active = g->clients < partitions ? g->clients : partitions;
    double requests = active / period_s, records = partitions / period_s;
    int at = model_placement_coordinator(g->name, f->partitions[offsets_topic]);
    struct model_flow *flow = &f->flow[offsets_topic][at];
    flow->requests_per_s += requests;
    flow->answers_per_s += requests;
    flow->batches_per_s += requests;
    flow->records_per_s += records;
    flow->payload_bytes_per_s += records * COMMIT_RECORD_BYTES;
    flow->raw_bytes_per_s += records * COMMIT_RECORD_BYTES;
    flow->wire_bytes_per_s += records * COMMIT_RECORD_BYTES + requests * BROKER_BATCH_HEADER_BYTES;
}

void flow_maker_init(struct flow_maker *maker, const struct scenario *s,
                     const struct model_profile *profile, const struct model_placement *m,
                     const struct model_shares *shares)
{
    assert(shares->producers == s->producer_count);
    *maker = (struct flow_maker){.s = s, .profile = profile, .placement = m, .shares = shares};
    round_trip_init(&maker->trip, s, model_placement_broker_count(m), profile);
}

static void start_producer(const struct flow_maker *maker, struct model_flows *f, int producer)
{
    const struct scenario_producer *p = &maker->s->producers[producer];
    struct model_producer_flow *sum = &f->producer[producer];
    int partitions = f->partitions[p->topic];
    sum->share = maker->shares->share[producer];
    sum->unstated = p->rate_kind == SCENARIO_RATE_MAX;
    sum->wire = sim_alloc((size_t)partitions, sizeof *sum->wire);
    for (int i = 0; i < partitions; i++)
        sum->hottest_share = fmax(sum->hottest_share, sum->share[i]);
}

struct model_flows *flow_start(const struct flow_maker *maker)
{
    const struct model_placement *m = maker->placement;
    struct model_flows *f = sim_alloc(1, sizeof *f);
    int offsets = model_placement_offsets_topic(m);
    f->topics = model_placement_topic_count(m);
    f->partitions = sim_alloc((size_t)f->topics, sizeof *f->partitions);
    f->flow = sim_alloc((size_t)f->topics, sizeof *f->flow);
    for (int t = 0; t < f->topics; t++) {
        f->partitions[t] = model_placement_partition_count(m, t);
        f->flow[t] = sim_alloc((size_t)f->partitions[t], sizeof **f->flow);
    }
    f->producers = maker->s->producer_count;
    f->producer = sim_alloc((size_t)f->producers, sizeof *f->producer);
    for (int i = 0; i < f->producers; i++)
        start_producer(maker, f, i);
    for (int g = 0; offsets >= 0 && g < maker->s->group_count; g++)
        add_commits(f, maker->s, &maker->s->groups[g], offsets);
    return f;
}

struct model_flows *model_flows_at(const struct scenario *s, const struct model_profile *profile,
                                   const struct model_placement *m,
                                   const struct model_shares *shares, const double *factors)
{
    struct flow_maker maker;
    flow_maker_init(&maker, s, profile, m, shares);
    struct model_flows *f = flow_start(&maker);
    for (int i = 0; i < f->producers; i++)
        flow_add(&maker, f, i, factors[i], 1);
    return f;
}

struct model_flows *model_flows_new(const struct scenario *s, const struct model_profile *profile,
                                    const struct model_placement *m,
                                    const struct model_shares *shares, double factor)
{
    double *factors = sim_alloc((size_t)s->producer_count, sizeof *factors);
    assert(factor >= 0);
    for (int i = 0; i < s->producer_count; i++)
        factors[i] = factor;
    struct model_flows *f = model_flows_at(s, profile, m, shares, factors);
    free(factors);
    return f;
}

void model_flows_free(struct model_flows *f)
{
    if (!f)
        return;
    for (int t = 0; t < f->topics; t++)
        free(f->flow[t]);
    for (int i = 0; i < f->producers; i++)
        free(f->producer[i].wire);
    free(f->flow);
    free(f->partitions);
    free(f->producer);
    free(f->week);
    free(f);
}

const struct model_flow *model_flows_partition(const struct model_flows *f, int topic,
                                               int partition)
{
    assert(topic >= 0 && topic < f->topics && partition >= 0 && partition < f->partitions[topic]);
    return &f->flow[topic][partition];
}

const struct model_producer_flow *model_flows_producer(const struct model_flows *f, int producer)
{
    assert(producer >= 0 && producer < f->producers);
    return &f->producer[producer];
}
