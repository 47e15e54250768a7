/*
 * The batch-level producers against producers that handle each message by itself.
 *
 * The oracle below is the clients' rules written down as plainly as possible: every record is an event, every batch a list of its
 * records, and the sender looks at everything whenever anything has happened. Both sides see the same records where the batch level draws
 * them one by one, and the same kind of stream where it draws runs of them.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "model/client/producer.h"
#include "sim/histogram.h"
#include "sim/random.h"
#include "tests/support/toy_broker.h"

#define MS INT64_C(1000000)
#define S  INT64_C(1000000000)

enum { PARTITIONS = 8, BROKERS = 2, DELAY_MS = 3 };
#define NAME   "oracle"
#define NEVER  INT64_MAX
#define HEADER 61u

/* ---- the oracle ---- */

struct message {
    int64_t time_ns;
    uint64_t bytes;
};

struct message_batch {
    struct message *messages;
    uint32_t count;
    uint32_t capacity;
    uint64_t bytes;
    int64_t opened_ns;
    bool closed;
    struct message_batch *next;
};

struct oracle {
    struct oracle_request *flying;
    struct sim *sim;
    const struct model_producer_config *config;
    struct model_arrivals *arrivals;
    uint32_t outlets;
    struct sim_stream sticky;
    struct sim_event record_event;
    struct sim_event sender_event;
    struct message_batch *queue[PARTITIONS]; /* oldest first */
    uint32_t in_flight[BROKERS];
    uint32_t sticky_partition;
    double produced;
    int64_t sticky_until_ns;
    uint64_t batches;
    uint64_t requests;
    uint64_t messages;
    struct sim_histogram latency;
};

struct oracle_request {
    struct oracle_request *next; /* in flight */
    struct sim_event answer;
    struct oracle *oracle;
    uint32_t broker;
    struct message_batch *batches;
};

static bool is_java(const struct oracle *o)
{
    return o->config->kind == MODEL_PRODUCER_JAVA;
}

static struct message_batch *last_of(struct message_batch *batch)
{
    while (batch && batch->next)
        batch = batch->next;
    return batch;
}

static void add_message(struct message_batch *batch, struct message message)
{
    if (batch->count == batch->capacity) {
        batch->capacity = batch->capacity ? 2 * batch->capacity : 16;
        batch->messages = realloc(batch->messages, batch->capacity * sizeof *batch->messages);
        assert_non_null(batch->messages);
    }
    batch->messages[batch->count++] = message;
    batch->bytes += message.bytes;
}

static void add_batch(struct oracle *o, uint32_t partition, struct message message)
{
    struct message_batch *batch = calloc(1, sizeof *batch);
    assert_non_null(batch);
    batch->opened_ns = sim_now_ns(o->sim);
    struct message_batch *last = last_of(o->queue[partition]);
    *(last ? &last->next : &o->queue[partition]) = batch;
    add_message(batch, message);
}

/* Java: after batch.size bytes, when the partition's last batch takes no more. */
static bool java_switches(struct oracle *o)
{
    const struct message_batch *last = last_of(o->queue[o->sticky_partition]);
    if ((last && !last->closed) || o->produced < (double)o->config->batch_size)
        return false;
    o->sticky_partition = (uint32_t)sim_below(&o->sticky, PARTITIONS);
    o->produced = 0;
    return true;
}

static uint32_t choose(struct oracle *o, uint32_t outlet)
{
    if (o->outlets > 1)
        return outlet;
    if (is_java(o)) {
        java_switches(o);
    } else if (sim_now_ns(o->sim) >= o->sticky_until_ns) {
        o->sticky_partition = (uint32_t)sim_below(&o->sticky, PARTITIONS);
        o->sticky_until_ns = sim_now_ns(o->sim) + o->config->partitioner.sticky_linger_ns;
    }
    return o->sticky_partition;
}

static void append_java(struct oracle *o, uint32_t outlet, struct message message)
{
    for (;;) {
        uint32_t partition = choose(o, outlet);
        struct message_batch *last = last_of(o->queue[partition]);
        bool open = last && !last->closed;
        if (open && HEADER + last->bytes + message.bytes <= o->config->batch_size) {
            add_message(last, message);
            o->produced += (double)message.bytes;
            return;
        }
        if (open) {
            last->closed = true;
            if (o->outlets == 1 && java_switches(o))
                continue;
        }
        add_batch(o, partition, message);
        o->produced += (double)(HEADER + message.bytes);
        return;
    }
}

/* A librdkafka partition has one queue: its only "batch" here. */
static void append_librdkafka(struct oracle *o, uint32_t outlet, struct message message)
{
    uint32_t partition = choose(o, outlet);
    if (!o->queue[partition])
        add_batch(o, partition, message);
    else
        add_message(o->queue[partition], message);
}

static void free_request(struct oracle_request *request)
{
    while (request->batches) {
        struct message_batch *batch = request->batches;
        request->batches = batch->next;
        free(batch->messages);
        free(batch);
    }
    free(request);
}

static void oracle_answer(struct sim *sim, struct sim_event *event)
{
    struct oracle_request *request = sim_container(event, struct oracle_request, answer);
    struct oracle *o = request->oracle;
    for (struct message_batch *batch = request->batches; batch; batch = batch->next)
        for (uint32_t i = 0; i < batch->count; i++)
            sim_histogram_record(&o->latency, sim_now_ns(sim) - batch->messages[i].time_ns);
    o->in_flight[request->broker]--;
    struct oracle_request **at = &o->flying;
    while (*at != request)
        at = &(*at)->next;
    *at = request->next;
    free_request(request);
    sim_at(sim, &o->sender_event, sim_now_ns(sim), SIM_PRIORITY_LAST);
}

static void oracle_send(struct oracle *o, uint32_t broker, struct message_batch *batches)
{
    struct oracle_request *request = calloc(1, sizeof *request);
    assert_non_null(request);
    request->oracle = o;
    request->broker = broker;
    request->batches = batches;
    request->next = o->flying;
    o->flying = request;
    o->in_flight[broker]++;
    o->requests++;
    for (; batches; batches = batches->next) {
        o->batches++;
        o->messages += batches->count;
    }
    sim_event_init(&request->answer, oracle_answer);
    sim_after(o->sim, &request->answer, DELAY_MS * MS);
}

/* When the partition's first batch may go: now, or when its linger is over. */
static int64_t ready_ns(const struct oracle *o, uint32_t partition)
{
    const struct message_batch *batch = o->queue[partition];
    if (!batch)
        return NEVER;
    bool full = batch->closed || batch->next;
    if (!is_java(o))
        full =
            batch->count >= o->config->batch_num_messages || batch->bytes >= o->config->batch_size;
    return full ? 0 : batch->opened_ns + o->config->linger_ns;
}

static bool send_java(struct oracle *o, uint32_t broker)
{
    bool ready = false;
    for (uint32_t p = broker; p < PARTITIONS; p += BROKERS)
        ready |= ready_ns(o, p) <= sim_now_ns(o->sim);
    if (!ready || o->in_flight[broker] == o->config->max_in_flight)
        return false;
    struct message_batch *batches = NULL;
    for (uint32_t p = broker; p < PARTITIONS; p += BROKERS) {
        struct message_batch *batch = o->queue[p];
        if (!batch)
            continue;
        o->queue[p] = batch->next;
        batch->next = batches;
        batches = batch;
    }
    oracle_send(o, broker, batches);
    return true;
}

/* The first messages of the queue, as many as fit a message set. */
static struct message_batch *cut(struct oracle *o, struct message_batch *queue)
{
    struct message_batch *batch = calloc(1, sizeof *batch);
    assert_non_null(batch);
    uint32_t n = 0;
    while (n < queue->count && n < o->config->batch_num_messages &&
           batch->bytes + queue->messages[n].bytes <= o->config->batch_size)
        add_message(batch, queue->messages[n++]);
    queue->count -= n;
    queue->bytes -= batch->bytes;
    memmove(queue->messages, queue->messages + n, queue->count * sizeof *queue->messages);
    return batch;
}

static void drop_queue(struct oracle *o, uint32_t partition)
{
    free(o->queue[partition]->messages);
    free(o->queue[partition]);
    o->queue[partition] = NULL;
}

/* One request a look (queue.buffering.backpressure.threshold 1): what is left is looked at anew, with its own linger. */
static void send_librdkafka(struct oracle *o, uint32_t partition)
{
    while (ready_ns(o, partition) <= sim_now_ns(o->sim)) {
        struct message_batch *queue = o->queue[partition];
        oracle_send(o, partition % BROKERS, cut(o, queue));
        if (queue->count == 0)
            drop_queue(o, partition);
        else
            queue->opened_ns = queue->messages[0].time_ns;
    }
}

static void oracle_sender(struct sim *sim, struct sim_event *event)
{
    struct oracle *o = sim_container(event, struct oracle, sender_event);
    int64_t next = NEVER;
    for (uint32_t b = 0; b < BROKERS && is_java(o); b++)
        while (send_java(o, b))
            ;
    for (uint32_t p = 0; p < PARTITIONS && !is_java(o); p++)
        send_librdkafka(o, p);
    for (uint32_t p = 0; p < PARTITIONS; p++)
        if (o->in_flight[p % BROKERS] < o->config->max_in_flight && ready_ns(o, p) < next)
            next = ready_ns(o, p);
    if (next != NEVER)
        sim_at(sim, event, next, SIM_PRIORITY_LAST);
}

static void ignore(void *ctx, uint32_t outlet)
{
    (void)ctx;
    (void)outlet;
}

/* The next record of all outlets. */
static int64_t next_record(struct oracle *o, uint32_t *outlet)
{
    for (;;) {
        int64_t next = NEVER;
        for (uint32_t i = 0; i < o->outlets; i++) {
            int64_t time = model_arrivals_peek(o->arrivals, i);
            if (time < next) {
                next = time;
                *outlet = i;
            }
        }
        if (model_arrivals_next_deal_ns(o->arrivals) > next ||
            model_arrivals_next_deal_ns(o->arrivals) == NEVER)
            return next;
        model_arrivals_deal(o->arrivals, ignore, NULL);
    }
}

static void oracle_record(struct sim *sim, struct sim_event *event)
{
    struct oracle *o = sim_container(event, struct oracle, record_event);
    uint32_t outlet = 0;
    int64_t now = sim_now_ns(sim);
    while (next_record(o, &outlet) <= now) {
        struct model_take_limit one = {now, UINT64_MAX, 1, true};
        struct model_taken taken;
        assert_true(model_arrivals_take(o->arrivals, outlet, &one, &taken));
        struct message message = {taken.first_ns, taken.bytes};
        if (is_java(o))
            append_java(o, outlet, message);
        else
            append_librdkafka(o, outlet, message);
    }
    sim_at(sim, event, next_record(o, &outlet), SIM_PRIORITY_NORMAL);
    sim_at(sim, &o->sender_event, now, SIM_PRIORITY_LAST);
}

static void oracle_init(struct oracle *o, struct sim *sim,
                        const struct model_producer_config *config, uint32_t overhead_bytes)
{
    memset(o, 0, sizeof *o);
    o->sim = sim;
    o->config = config;
    struct model_arrivals_config arrivals = config->arrivals;
    arrivals.sizes.overhead_bytes = overhead_bytes;
    o->outlets = config->partitioner.kind == MODEL_PARTITIONER_STICKY ? 1 : PARTITIONS;
    o->arrivals =
        model_arrivals_new(&arrivals, config->seed, 0, "producer " NAME " client 0 arrivals",
                           "producer " NAME, 0, o->outlets, config->weights);
    sim_stream_init(&o->sticky, config->seed, 0, "producer " NAME " client 0 sticky");
    o->sticky_partition = (uint32_t)sim_below(&o->sticky, PARTITIONS);
    sim_histogram_init(&o->latency);
    sim_event_init(&o->record_event, oracle_record);
    sim_event_init(&o->sender_event, oracle_sender);
    uint32_t outlet;
    sim_at(sim, &o->record_event, next_record(o, &outlet), SIM_PRIORITY_NORMAL);
}

static void oracle_release(struct oracle *o)
{
    for (uint32_t p = 0; p < PARTITIONS; p++)
        while (o->queue[p]) {
            struct message_batch *batch = o->queue[p];
            o->queue[p] = batch->next;
            free(batch->messages);
            free(batch);
        }
    while (o->flying) {
        struct oracle_request *request = o->flying;
        o->flying = request->next;
        free_request(request);
    }
    model_arrivals_free(o->arrivals);
    sim_histogram_release(&o->latency);
}

/* ---- the comparison ---- */

struct outcome {
    double batches_per_s;
    double requests_per_s;
    double p50_ns;
    double p99_ns;
};

/* Interpolated within its bin: bins are as wide as the difference that is looked for. */
static double quantile(const struct sim_histogram *h, double q)
{
    int64_t low = 0, high = h->max_ns + 1;
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (sim_histogram_share_below(h, middle) < q)
            low = middle;
        else
            high = middle;
    }
    return (double)high;
}

/* Per second at the nominal rate: how many records happen to come in the time is not what is compared. */
static struct outcome outcome_of(const struct model_producer_config *config, uint64_t batches,
                                 uint64_t requests, uint64_t records,
                                 const struct sim_histogram *latency)
{
    double seconds = (double)records / config->arrivals.rate_records_per_s;
    return (struct outcome){(double)batches / seconds, (double)requests / seconds,
                            quantile(latency, 0.5), quantile(latency, 0.99)};
}

static struct outcome run_batches(const struct model_producer_config *config, int64_t length_ns)
{
    struct sim sim;
    struct toy_broker toy;
    struct model_producer_stats stats;
    sim_init(&sim);
    toy_broker_init(&toy, &sim, BROKERS, DELAY_MS * MS);
    model_producer_stats_init(&stats);
    struct model_producer *producer =
        model_producer_new(config, &sim, NULL, NULL, &toy.metadata, &toy.transport, &stats);
    model_producer_start(producer);
    sim_run_until(&sim, length_ns);
    struct outcome outcome =
        outcome_of(config, stats.batches, stats.requests, toy.records, stats.latency_ns);
    model_producer_free(producer);
    model_producer_stats_release(&stats);
    toy_broker_release(&toy);
    sim_release(&sim);
    return outcome;
}

static struct outcome run_messages(const struct model_producer_config *config, int64_t length_ns,
                                   uint32_t overhead_bytes)
{
    struct sim sim;
    struct oracle oracle;
    sim_init(&sim);
    oracle_init(&oracle, &sim, config, overhead_bytes);
    sim_run_until(&sim, length_ns);
    struct outcome outcome =
        outcome_of(config, oracle.batches, oracle.requests, oracle.messages, &oracle.latency);
    oracle_release(&oracle);
    sim_release(&sim);
    return outcome;
}

static int compare(const char *what, const char *quantity, double batches, double messages)
{
    double difference = batches / messages - 1;
    if (difference < 0.01 && difference > -0.01)
        return 0;
    print_error("%s: %s is %.6g by batches, %.6g by messages: %+.2f %%\n", what, quantity, batches,
                messages, 100 * difference);
    return 1;
}

static void add(struct outcome *sum, struct outcome part)
{
    sum->batches_per_s += part.batches_per_s;
    sum->requests_per_s += part.requests_per_s;
    sum->p50_ns += part.p50_ns;
    sum->p99_ns += part.p99_ns;
}

/*
 * Means over several seeds: with fixed delays, the pattern in which requests follow each other when the window is full persists for
 * long, so that many short runs say more than a long one.
 */
static int check(const char *what, struct model_producer_config *config, int seeds, double records)
{
    int64_t length = (int64_t)(records / config->arrivals.rate_records_per_s * 1e9);
    struct outcome b = {0}, m = {0};
    for (int i = 0; i < seeds; i++) {
        config->seed = (uint64_t)i + 1;
        /* Length, attributes, two deltas, key and value length, headers: what a producer adds to 100 bytes. */
        uint32_t overhead = config->batch_size < 10000 ? 9 : 10;
        add(&b, run_batches(config, length));
        add(&m, run_messages(config, length, overhead));
    }
    return compare(what, "batches/s", b.batches_per_s / seeds, m.batches_per_s / seeds) +
           compare(what, "requests/s", b.requests_per_s / seeds, m.requests_per_s / seeds) +
           compare(what, "p50", b.p50_ns / seeds, m.p50_ns / seeds) +
           compare(what, "p99", b.p99_ns / seeds, m.p99_ns / seeds);
}

static void configure(struct model_producer_config *config, enum model_producer_kind kind,
                      bool keyed, bool burst, int64_t linger_ms, bool large, double *weights)
{
    model_producer_config_init(config, kind);
    config->name = NAME;
    config->partitions = PARTITIONS;
    config->idempotent = false;
    config->linger_ns = linger_ms * MS;
    config->arrivals.kind = burst ? MODEL_ARRIVALS_BURST : MODEL_ARRIVALS_POISSON;
    config->arrivals.burst_records = large ? 20 : 5;
    config->arrivals.rate_records_per_s = large ? 40000 : 4000;
    config->arrivals.sizes =
        (struct model_sizes){.kind = MODEL_SIZE_LOGNORMAL, .mean_bytes = 100, .cv = 0.8};
    config->partitioner.adaptive = false; /* the oracle draws partitions evenly */
    /* Small enough to be filled at the longer lingers. */
    if (kind == MODEL_PRODUCER_JAVA)
        config->batch_size = large ? 8192 : 2000;
    else
        config->batch_num_messages = large ? 100 : 20;
    if (keyed) {
        config->partitioner.kind = MODEL_PARTITIONER_KEYED;
        config->partitioner.key_count = 1000;
        config->partitioner.zipf_s = 0.8;
        model_partition_weights(&config->partitioner, PARTITIONS, weights);
        config->weights = weights;
    }
}

static void compare_all(enum model_producer_kind kind, bool large, int seeds, double records)
{
    static const int64_t lingers[] = {0, 1, 5, 50};
    int wrong = 0;
    for (size_t l = 0; l < 4; l++)
        for (int keyed = 0; keyed < 2; keyed++)
            for (int burst = 0; burst < 2; burst++) {
                struct model_producer_config config;
                double weights[PARTITIONS];
                char what[100];
                configure(&config, kind, keyed, burst, lingers[l], large, weights);
                snprintf(what, sizeof what, "%s %s %s linger %d ms, %s batches",
                         kind == MODEL_PRODUCER_JAVA ? "java" : "librdkafka",
                         keyed ? "keyed" : "sticky", burst ? "burst" : "poisson", (int)lingers[l],
                         large ? "large" : "small");
                wrong += check(what, &config, seeds, records);
            }
    assert_int_equal(wrong, 0);
}

static void java__agrees_with_single_messages_in_small_batches(void **state)
{
    (void)state;
    compare_all(MODEL_PRODUCER_JAVA, false, 2, 50e3);
}

static void java__agrees_with_single_messages_in_large_batches(void **state)
{
    (void)state;
    compare_all(MODEL_PRODUCER_JAVA, true, 20, 100e3);
}

static void librdkafka__agrees_with_single_messages_in_small_batches(void **state)
{
    (void)state;
    compare_all(MODEL_PRODUCER_LIBRDKAFKA, false, 2, 50e3);
}

static void librdkafka__agrees_with_single_messages_in_large_batches(void **state)
{
    (void)state;
    compare_all(MODEL_PRODUCER_LIBRDKAFKA, true, 20, 100e3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(java__agrees_with_single_messages_in_small_batches),
        cmocka_unit_test(java__agrees_with_single_messages_in_large_batches),
        cmocka_unit_test(librdkafka__agrees_with_single_messages_in_small_batches),
        cmocka_unit_test(librdkafka__agrees_with_single_messages_in_large_batches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
