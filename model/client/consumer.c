#include "model/client/consumer.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/client/consumer_internal.h"
#include "sim/memory.h"

#define MS INT64_C(1000000)

/* Defaults: reference/kafka/groups.md section 6. */
void model_consumer_config_init(struct model_consumer_config *config, enum model_consumer_kind kind)
{
    memset(config, 0, sizeof *config);
    config->name = "";
    config->kind = kind;
    config->fetch_min_bytes = 1;
    config->fetch_max_wait_ns = 500 * MS;
    config->fetch_max_bytes = 52428800;
    config->max_partition_fetch_bytes = 1048576;
    /* librdkafka hands over one by one: here in runs of as many as Java's, judgement. */
    config->max_poll_records = 500;
    config->queued_min_messages = 100000;
    config->queued_max_bytes = UINT64_C(65536) * 1024;
    config->queue_backoff_ns = 1000 * MS;
    bool java = kind == MODEL_CONSUMER_JAVA;
    config->read_committed = !java;
    config->request_timeout_ns = (java ? 30000 : 60000) * MS;
    config->retry_backoff_ns = (java ? 100 : 500) * MS;
    config->reconnect_backoff_ns = (java ? 50 : 100) * MS;
    config->reconnect_backoff_max_ns = (java ? 1000 : 10000) * MS;
    config->auto_commit = true;
    config->auto_commit_interval_ns = 5000 * MS;
    config->offsets_topic = -1;
}

/* ---- statistics ---- */

#define HISTOGRAMS 5

static void each_histogram(struct model_consumer_stats *stats,
                           struct sim_histogram **out[HISTOGRAMS])
{
    struct sim_histogram **all[HISTOGRAMS] = {&stats->end_to_end_ns, &stats->fetch_ns,
                                              &stats->fetch_data_ns, &stats->commit_ns,
                                              &stats->records_per_fetch};
    memcpy(out, all, sizeof all);
}

void model_consumer_stats_init(struct model_consumer_stats *stats)
{
    struct sim_histogram **all[HISTOGRAMS];
    memset(stats, 0, sizeof *stats);
    each_histogram(stats, all);
    for (int i = 0; i < HISTOGRAMS; i++) {
        *all[i] = sim_checked(malloc(sizeof **all[i]));
        sim_histogram_init(*all[i]);
    }
}

void model_consumer_stats_reset(struct model_consumer_stats *stats)
{
    struct sim_histogram **all[HISTOGRAMS], *kept[HISTOGRAMS];
    each_histogram(stats, all);
    for (int i = 0; i < HISTOGRAMS; i++) {
        kept[i] = *all[i];
        sim_histogram_reset(kept[i]);
    }
    memset(stats, 0, sizeof *stats);
    for (int i = 0; i < HISTOGRAMS; i++)
        *all[i] = kept[i];
}

void model_consumer_stats_release(struct model_consumer_stats *stats)
{
    struct sim_histogram **all[HISTOGRAMS];
    each_histogram(stats, all);
    for (int i = 0; i < HISTOGRAMS; i++)
        if (*all[i]) {
            sim_histogram_release(*all[i]);
            free(*all[i]);
            *all[i] = NULL;
        }
}

/* ---- pieces ---- */

static double payload(const struct model_consumer *c, const struct piece *piece)
{
    if (!c->config.producer_record_bytes || !piece->stamped ||
        piece->producer >= c->config.producer_count)
        return (double)piece->wire_bytes;
    return c->config.producer_record_bytes[piece->producer] * piece->count;
}

void consumer_push(struct model_consumer *c, const struct piece *piece)
{
    if (c->ring_length == c->ring_capacity) {
        uint32_t capacity = c->ring_capacity ? 2 * c->ring_capacity : 16;
        struct piece *ring = sim_checked(malloc(capacity * sizeof *ring));
        for (uint32_t i = 0; i < c->ring_length; i++)
            ring[i] = c->ring[(c->ring_head + i) & (c->ring_capacity - 1)];
        free(c->ring);
        c->ring = ring;
        c->ring_capacity = capacity;
        c->ring_head = 0;
    }
    c->ring[(c->ring_head + c->ring_length++) & (c->ring_capacity - 1)] = *piece;
    c->buffered_records += piece->count;
    c->buffered_bytes += payload(c, piece);
    c->links[piece->link].pieces++;
    c->links[piece->link].answer_records += piece->count;
    c->stats->batches++;
}

static void take_piece(struct model_consumer *c, const struct piece *piece)
{
    if (c->taken_count == c->taken_capacity) {
        uint32_t capacity = c->taken_capacity ? 2 * c->taken_capacity : 16;
        c->taken = sim_checked(realloc(c->taken, capacity * sizeof *c->taken));
        c->taken_capacity = capacity;
    }
    c->taken[c->taken_count++] = *piece;
}

/* The first `count` records of the piece go into *first, the others stay. */
static void divide(struct piece *piece, uint32_t count, struct piece *first)
{
    *first = *piece;
    first->count = count;
    first->wire_bytes = piece->wire_bytes / piece->count * count;
    first->next_offset = piece->next_offset - (piece->count - count);
    int64_t step = (piece->last_ns - piece->first_ns) / (piece->count - 1);
    first->last_ns = piece->first_ns + step * (count - 1);
    piece->first_ns += step * count;
    first->groups = piece->groups < count ? piece->groups : count;
    piece->count -= count;
    piece->groups = piece->groups < piece->count ? piece->groups : piece->count;
    piece->wire_bytes -= first->wire_bytes;
    piece->whole = false;
}

/* Up to max.poll.records from what has arrived. */
static void take(struct model_consumer *c)
{
    uint64_t room = c->config.max_poll_records;
    c->taken_count = 0;
    c->undrained = -1;
    while (room > 0 && c->ring_length > 0) {
        struct piece *piece = &c->ring[c->ring_head], first = *piece;
        if (piece->count > room) {
            divide(piece, (uint32_t)room, &first);
        } else {
            c->ring_head = (c->ring_head + 1) & (c->ring_capacity - 1);
            c->ring_length--;
            c->links[piece->link].pieces--;
        }
        room -= first.count;
        c->buffered_records -= first.count;
        c->buffered_bytes -= payload(c, &first);
        take_piece(c, &first);
        if (room == 0)
            c->undrained = (int32_t)first.link;
    }
    if (c->ring_length == 0)
        c->buffered_bytes = 0; /* whatever was rounded */
}

/* ---- work ---- */

/* A hundred days, nearly: no run sees the end of what takes longer, and neither cores (model_cpu_run) nor 64 bits hold an hour for each of a million records. */
static const double MOST_NS = 8e15;

/* Receiving, checking, decompressing and parsing what was taken, and the application's own work on it. */
static double receive_cost(struct model_consumer *c)
{
    const struct model_profile *profile = c->profile;
    if (!profile)
        return 0;
    bool java = c->config.kind == MODEL_CONSUMER_JAVA;
    struct model_cost plain = *model_client_receive(profile, java);
    struct model_cost cost =
        c->config.tls ? model_cost_encrypted(plain, model_client_tls(profile, java)) : plain;
    double work = cost.request_ns * (double)c->fetches_unpaid;
    c->fetches_unpaid = 0;
    c->work_ns = c->waiting_ns = 0;
    for (uint32_t i = 0; i < c->taken_count; i++) {
        const struct piece *piece = &c->taken[i];
        double raw = payload(c, piece);
        work += (piece->whole ? cost.batch_ns : 0) + cost.record_ns * piece->count +
                cost.byte_ns * (double)piece->wire_bytes +
                profile->decompress_byte_ns[piece->codec <= BROKER_ZSTD ? piece->codec : 0] * raw;
        c->work_ns += (double)c->config.processing_record_ns * piece->count +
                      c->config.processing_byte_ns * raw;
        c->waiting_ns += (double)c->config.waiting_record_ns * piece->count;
    }
    return work;
}

static void hand_over(struct model_consumer *c)
{
    struct model_consumer_stats *stats = c->stats;
    int64_t now = sim_now_ns(c->sim);
    for (uint32_t i = 0; i < c->taken_count; i++) {
        const struct piece *piece = &c->taken[i];
        c->parts[piece->part].position = piece->next_offset;
        stats->records += piece->count;
        stats->wire_bytes += piece->wire_bytes;
        stats->raw_bytes += (uint64_t)(payload(c, piece) + 0.5);
        if (piece->stamped)
            sim_histogram_record_groups(stats->end_to_end_ns, now - piece->first_ns,
                                        now - piece->last_ns, piece->groups, piece->count);
        else
            stats->records_unstamped += piece->count;
    }
    c->taken_count = 0;
}

static void work(struct model_consumer *c, enum model_thread_class class,
                 void (*done)(struct model_burst *), double work_ns)
{
    c->busy = true;
    c->busy_since_ns = sim_now_ns(c->sim);
    c->burst.class = class;
    c->burst.done = done;
    model_cpu_run(c->cpu, &c->burst, fmin(work_ns, MOST_NS));
}

/*
 * Java's fetcher is part of poll(). librdkafka's broker thread reads an answer and makes an event of each record (rd_kafka_fetch_reply_handle,
 * rd_kafka_msgset_parse); what the application spends on taking them one by one is not seen in rows: with consumers its thread uses no more.
 */
static enum model_thread_class receiver(const struct model_consumer *c)
{
    return c->config.kind == MODEL_CONSUMER_JAVA ? MODEL_THREAD_APPLICATION
                                                 : MODEL_THREAD_CLIENT_NETWORK;
}

static void end_work(struct model_consumer *c)
{
    c->busy = false;
    c->busy_ns += sim_now_ns(c->sim) - c->busy_since_ns;
}

int64_t model_consumer_busy_ns(const struct model_consumer *c)
{
    return c->busy_ns + (c->busy ? sim_now_ns(c->sim) - c->busy_since_ns : 0);
}

void model_consumer_reset_busy(struct model_consumer *c)
{
    c->busy_ns = 0;
    c->busy_since_ns = sim_now_ns(c->sim);
}

static void waited(struct sim *sim, struct sim_event *event)
{
    (void)sim;
    struct model_consumer *c = sim_container(event, struct model_consumer, waited);
    end_work(c);
    consumer_poll(c);
}

/* Returns whether the application waits for others. */
static bool wait_for_others(struct model_consumer *c)
{
    if (c->waiting_ns <= 0)
        return false;
    if (!c->busy)
        c->busy_since_ns = sim_now_ns(c->sim);
    c->busy = true;
    sim_after(c->sim, &c->waited, (int64_t)fmin(c->waiting_ns, MOST_NS));
    return true;
}

static void worked(struct model_burst *burst)
{
    struct model_consumer *c = burst->owner;
    if (wait_for_others(c))
        return;
    end_work(c);
    consumer_poll(c);
}

/* The records are parsed: the next fetches go out, then the application works. Returns whether it does. */
static bool handed(struct model_consumer *c)
{
    hand_over(c);
    fetch_send(c);
    if (!c->cpu || c->work_ns <= 0)
        return wait_for_others(c);
    work(c, MODEL_THREAD_APPLICATION, worked, model_cpu_work(c->cpu, c->work_ns));
    return true;
}

static void parsed(struct model_burst *burst)
{
    struct model_consumer *c = burst->owner;
    end_work(c);
    if (!handed(c))
        consumer_poll(c);
    else
        consumer_set_wake(c);
}

/* ---- poll ---- */

void consumer_poll(struct model_consumer *c)
{
    if (!c->started || c->busy || c->in_poll)
        return;
    c->in_poll = true;
    for (;;) {
        commit_run(c);
        take(c);
        if (c->taken_count == 0) {
            fetch_send(c);
            break;
        }
        double work_ns = receive_cost(c);
        if (c->cpu) {
            work(c, receiver(c), parsed, work_ns);
            break;
        }
        if (handed(c))
            break;
    }
    c->in_poll = false;
    consumer_set_wake(c);
}

void consumer_set_wake(struct model_consumer *c)
{
    int64_t now = sim_now_ns(c->sim), wake = fetch_next_ns(c);
    if (!c->busy && c->commit_due_ns < wake)
        wake = c->commit_due_ns;
    if (wake == NEVER)
        sim_cancel(c->sim, &c->wake);
    else if (sim_event_time_ns(&c->wake) != wake)
        sim_at(c->sim, &c->wake, wake > now ? wake : now, SIM_PRIORITY_NORMAL);
}

static void wake(struct sim *sim, struct sim_event *event)
{
    (void)sim;
    struct model_consumer *c = sim_container(event, struct model_consumer, wake);
    fetch_timeouts(c);
    if (c->config.kind == MODEL_CONSUMER_LIBRDKAFKA)
        fetch_send(c);
    if (c->busy)
        consumer_set_wake(c);
    else
        consumer_poll(c);
}

/* ---- life ---- */

static int by_tp(const void *a, const void *b)
{
    struct broker_tp x = ((const struct consumer_part *)a)->tp;
    struct broker_tp y = ((const struct consumer_part *)b)->tp;
    if (x.topic != y.topic)
        return x.topic < y.topic ? -1 : 1;
    return x.partition < y.partition ? -1 : x.partition > y.partition;
}

static void came_up(void *owner, uint32_t node)
{
    struct model_consumer *c = owner;
    (void)node;
    if (c->commit.due)
        commit_send(c);
    if (c->config.kind == MODEL_CONSUMER_LIBRDKAFKA)
        fetch_send(c);
    consumer_poll(c);
}

static void known(void *owner)
{
    struct model_consumer *c = owner;
    fetch_find_leaders(c);
    consumer_poll(c);
}

static void init_network(struct model_consumer *c)
{
    char name[512];
    struct network_client_config config = {
        .reconnect_backoff_ns = c->config.reconnect_backoff_ns,
        .reconnect_backoff_max_ns = c->config.reconnect_backoff_max_ns,
        .java = c->config.kind == MODEL_CONSUMER_JAVA,
        .retry_backoff_ns = c->config.retry_backoff_ns,
    };
    snprintf(name, sizeof name, "group %s member %u network", c->config.name, c->config.member);
    network_client_init(&c->network, &config, c->sim, c->metadata, c->transport, c->config.seed,
                        c->config.replication, name);
    c->network.changed = came_up;
    c->network.known = known;
    c->network.owner = c;
}

struct model_consumer *
model_consumer_new(const struct model_consumer_config *config,
                   const struct model_consumer_start *parts, uint32_t part_count, struct sim *sim,
                   struct model_cpu *cpu, const struct model_profile *profile,
                   const struct model_metadata *metadata, struct model_transport *transport,
                   struct model_consumer_stats *stats)
{
    assert(config->max_poll_records > 0 && (cpu == NULL || profile != NULL));
    struct model_consumer *c = sim_alloc(1, sizeof *c);
    c->config = *config;
    c->sim = sim;
    c->cpu = cpu;
    c->profile = profile;
    c->metadata = metadata;
    c->transport = transport;
    c->stats = stats;
    c->burst.owner = c;
    sim_event_init(&c->wake, wake);
    sim_event_init(&c->waited, waited);
    c->undrained = -1;
    c->part_count = part_count;
    c->parts = sim_alloc(part_count, sizeof *c->parts);
    for (uint32_t i = 0; i < part_count; i++)
        c->parts[i] = (struct consumer_part){.tp = parts[i].tp,
                                             .link = -1,
                                             .sent_offset = -1,
                                             .sent_link = -1,
                                             .position = parts[i].offset,
                                             .fetch_offset = parts[i].offset};
    qsort(c->parts, part_count, sizeof *c->parts, by_tp);
    fetch_init(c);
    init_network(c);
    return c;
}

void model_consumer_start(struct model_consumer *c)
{
    assert(!c->started);
    c->started = true;
    commit_init(c);
    if (c->part_count > 0)
        network_client_ask(&c->network);
    consumer_poll(c);
}

void model_consumer_free(struct model_consumer *c)
{
    if (!c)
        return;
    sim_cancel(c->sim, &c->wake);
    sim_cancel(c->sim, &c->waited);
    network_client_release(&c->network);
    fetch_release(c);
    free(c->ring);
    free(c->taken);
    free(c->parts);
    free(c);
}

uint32_t model_consumer_part_count(const struct model_consumer *c)
{
    return c->part_count;
}

int64_t model_consumer_position(const struct model_consumer *c, uint32_t part, struct broker_tp *tp)
{
    assert(part < c->part_count);
    if (tp)
        *tp = c->parts[part].tp;
    return c->parts[part].position;
}
