/* The profile that a scenario gets without a profile file, and what a cost comes to. */
#include "model/hardware/profile.h"

#include <string.h>

#include "broker-core/record/batch.h"

double model_cost_ns(const struct model_cost *cost, double requests, double partitions,
                     double batches, double records, double bytes)
{
    return cost->request_ns * requests + cost->partition_ns * partitions +
           cost->batch_ns * batches + cost->record_ns * records + cost->byte_ns * bytes;
}

const char *model_profile_condition_name(enum model_profile_condition condition)
{
    static const char *const names[] = {"rate_per_s", "record_bytes", "partitions", "replication",
                                        "brokers",    "linger_ms",    "groups",     "batch_bytes"};
    _Static_assert(sizeof names / sizeof names[0] == MODEL_PROFILE_CONDITIONS, "one name each");
    return names[condition];
}

bool model_profile_covers(const struct model_profile *profile,
                          enum model_profile_condition condition, double value)
{
    const struct model_profile_range *range = &profile->range[condition];
    return !range->known || (value >= range->low && value <= range->high);
}

bool model_profile_names(const char *list, const char *id)
{
    size_t length = strlen(id);
    const char *at = length > 0 ? strstr(list, id) : NULL;
    for (; at; at = strstr(at + 1, id))
        if (at > list && at[-1] == ' ' && at[length] == ' ')
            return true;
    return false;
}

/*
 * Broker. One least-squares fit over 53 warm single-broker librdkafka rows of data/kafka-4.2 (weights 1 / CPU), network and I/O
 * threads together: cores = 0.0216 + requests * 41 us + cold wake-ups * 125 us * s / (s + 2 ms) + 1.43 ns a byte + 72 ns a
 * record, s the time that a thread slept; half the rows within 8 %, nine of ten within 25 %. Kafka's network and I/O threads
 * share a name in those rows; by thread (jstack, /proc) the network's have three quarters of it at 4,700 requests a second and 70 % at 11,600;
 * with acks=0 they save 55 to 60 % of their part, handlers 15 to 25 %: that much is the answer's. Every request of
 * those rows had one partition and one batch: what a partition costs was measured by itself (see generic.yaml).
 */
static void broker_init(struct model_profile *p)
{
    /* One connection at the full core: 28.7 us a request, eight 22.6, on a core 2.2 times as fast; two turns a request. */
    p->poll_ns = 8e3;
    p->receive = (struct model_cost){.request_ns = 5e3, .byte_ns = 0.2};
    p->append = (struct model_cost){
        .request_ns = 4e3, .partition_ns = 6.7e3, .batch_ns = 4e3, .record_ns = 20, .byte_ns = 0.3};
    /* An extra consumer group came out at no cost beside its wake-ups, a fit with 3 ms at 15 us a fetch: the latter, parted. */
    p->fetch_receive = (struct model_cost){.request_ns = 4e3, .partition_ns = 0.2e3};
    p->fetch = (struct model_cost){.request_ns = 3e3, .partition_ns = 0.8e3};
    p->replica_read = (struct model_cost){.partition_ns = 0.9e3};
    /* Sent bytes came out at zero on loopback (sendfile); 0.1 ns is a judgement for a real interface. */
    p->read_partition_ns = 11.5e3;
    p->send = (struct model_cost){.request_ns = 12e3, .partition_ns = 12.5e3, .byte_ns = 0.1};
    /* Replica fetcher threads of the rf3 rows: 0.056 cores at 476 rounds a second, 0.103 at 107 MB/s; cold wake-ups taken off. */
    p->replica_append = (struct model_cost){
        .request_ns = 10e3, .partition_ns = 15e3, .batch_ns = 4e3, .record_ns = 0, .byte_ns = 0.9};
    p->replica_fetch = (struct model_cost){.request_ns = 10e3, .partition_ns = 0.5e3};
    /*
     * Kafka 4.2 on JDK 17 with TLS 1.3 beside the same load without, on a core that needs 1 / 2.1 of the rows' CPU: 0.7 ns a byte from a
     * Java producer (80 MB/s), 0.6 to a consumer, no difference at 2,000 requests a second. Ciphers alone would be 0.3 (hardware-models.md 4.4).
     */
    p->tls = (struct model_cost){.byte_ns = 1.4};
    p->idle_broker_ns_per_s = 21.6e6;
    p->idle_partition_ns_per_s = 2e3; /* judgement: 30,000 replicas cost 6 % of a core */
}

/*
 * librdkafka: CPU of the broker's thread and of the application's, rows from 21 to 12,000 requests a second and those at `max`; the
 * application is woken for a record: u = rate * wake / (1 + rate * window). Consumers: fanout rows against rate rows, 45 us a fetch
 * with 7 to 13 records. Java: java rows less 0.15 cores that its JVM spends anyway.
 */
static void clients_init(struct model_profile *p)
{
    p->java_send = (struct model_cost){
        .request_ns = 60e3, .batch_ns = 10e3, .record_ns = 1.5e3, .byte_ns = 1.0};
    /* On a core that needs 1 / 2.2 of the rows' CPU: 0.105 us a record of 100 B, 0.62 of 1 kB, 5.4 of 10 kB; 90 us a fetch, some 500 a second. */
    p->java_receive = (struct model_cost){
        .request_ns = 100e3, .batch_ns = 3e3, .record_ns = 0.11e3, .byte_ns = 1.2};
    p->librdkafka_send =
        (struct model_cost){.request_ns = 15e3, .batch_ns = 3e3, .record_ns = 220, .byte_ns = 0.08};
    p->librdkafka_answer = (struct model_cost){.request_ns = 12e3};
    p->librdkafka_app = (struct model_cost){.record_ns = 550, .byte_ns = 0.4};
    p->librdkafka_app_wake_ns = 30e3;
    p->librdkafka_app_window_ns = 24e3;
    p->client_far_byte_ns = 0.7;
    p->client_message_bytes =
        600; /* records of 100 B: 0.7 us each in full batches, 0.2 us in small ones */
    /* As broker.tls: Java 1.0 ns a byte; librdkafka 2.0 with OpenSSL 3 1.1 ns a byte either way, 2 us a record of 1 kB sent, 5 us a request. */
    p->java_tls = (struct model_cost){.byte_ns = 2.1};
    p->librdkafka_tls = (struct model_cost){.request_ns = 10e3, .record_ns = 4e3, .byte_ns = 2.3};
    p->librdkafka_receive = (struct model_cost){
        .request_ns = 30e3, .batch_ns = 3e3, .record_ns = 0.5e3, .byte_ns = 0.2};
}

/*
 * hardware-models.md 4.3, data that shrink to a third: lzbench on Silesia, a core of EPYC 9554 at 3.1 GHz, 27,700 CoreMark
 * (m7a: 33,000 at 3.7 GHz), as ns a byte on one of 16,000: 1,730 / (MB/s). zstd -3 by its share of -1 on production batches.
 */
static void codecs_init(struct model_profile *p)
{
    p->compress_byte_ns[BROKER_GZIP] = 68;      /* zlib -6: 25.3 MB/s */
    p->compress_byte_ns[BROKER_SNAPPY] = 4.3;   /* 401 */
    p->compress_byte_ns[BROKER_LZ4] = 3.0;      /* 577 */
    p->compress_byte_ns[BROKER_ZSTD] = 6.6;     /* zstd -1: 422, and -3 has 257 / 416 of it */
    p->decompress_byte_ns[BROKER_GZIP] = 5.0;   /* 344 */
    p->decompress_byte_ns[BROKER_SNAPPY] = 1.6; /* 1077 */
    p->decompress_byte_ns[BROKER_LZ4] = 0.47;   /* 3716 */
    p->decompress_byte_ns[BROKER_ZSTD] = 1.3;   /* 1347 */
}

/*
 * Young collections of the same rows (1 GiB heap): about 600 MB between two, 1 byte allocated a byte (120 MB/s: four
 * in 20 s), 14 kB a request (12,000 requests/s: six in 20 s), pauses of 15 to 20 ms on the one core; sigma as hardware-models.md 4.6.
 */
static void collector_init(struct model_profile *p)
{
    p->gc = true;
    p->gc_alloc_per_byte = 1.15;
    p->gc_alloc_per_request = 15e3;
    p->gc_young_bytes = 600e6;
    p->gc_heap_bytes = 1073741824;
    p->gc_pause_median_ns = 16e6;
    p->gc_pause_sigma = 0.45;
}

void model_profile_init(struct model_profile *profile)
{
    memset(profile, 0, sizeof(*profile));
    strcpy(profile->name, "generic");
    strcpy(profile->error, "uncalibrated");
    /*
     * That a core which measures a CoreMark of 34,850 needs 1 / 2.2 of the CPU for the same (median of broker and clients in
     * scenarios/validation/kafka-4.2/repeats.jsonl). The rows' own core was not measured; its 2.9 GHz would give more if it were its guest's alone.
     */
    profile->coremark = 16000;
    broker_init(profile);
    clients_init(profile);
    codecs_init(profile);
    profile->quantum_ns = 1400000;      /* Linux EEVDF: 0.7 ms * (1 + log2 of 2 CPUs) */
    profile->wakeup_ns = 3000;          /* machine.json: half of a thread ping-pong of 5.68 us */
    profile->core_cache_bytes = 524288; /* L2 of a core where the rows were measured */
    profile->fault_byte_ns = 2; /* blocks of 1 MB: 2.2 ns a byte with faults, 0.17 without */
    profile->client_cold_work_ns = 85e3;
    profile->client_cold_sleep_ns = 1000000;
    profile->cold_work_ns = 190e3; /* by hand, with the costs of a request */
    profile->cold_sleep_ns = 5000000;
    collector_init(profile);
}

void model_profile_on(const struct model_profile *profile, double speed, bool page_reporting,
                      struct model_profile *out)
{
    *out = *profile;
    if (!page_reporting)
        out->fault_byte_ns = 0;
    struct model_cost *const costs[] = {
        &out->receive,
        &out->append,
        &out->fetch_receive,
        &out->fetch,
        &out->replica_read,
        &out->send,
        &out->replica_append,
        &out->replica_fetch,
        &out->java_send,
        &out->java_receive,
        &out->java_answer,
        &out->librdkafka_send,
        &out->librdkafka_receive,
        &out->librdkafka_app,
        &out->librdkafka_answer,
    };
    for (size_t i = 0; i < sizeof costs / sizeof costs[0]; i++)
        costs[i]->byte_ns *= speed;
    out->fault_byte_ns *= speed;
    out->client_far_byte_ns *= speed;
}

const struct model_cost *model_client_send(const struct model_profile *profile, bool java)
{
    return java ? &profile->java_send : &profile->librdkafka_send;
}

struct model_cost model_client_answer(const struct model_profile *profile, bool java, int acks)
{
    if (acks == 0)
        return (struct model_cost){0};
    return java ? profile->java_answer : profile->librdkafka_answer;
}

const struct model_cost *model_client_receive(const struct model_profile *profile, bool java)
{
    return java ? &profile->java_receive : &profile->librdkafka_receive;
}

const struct model_cost *model_client_tls(const struct model_profile *profile, bool java)
{
    return java ? &profile->java_tls : &profile->librdkafka_tls;
}

/* Java fills TLS records of 16 KiB: its cost of a record is zero. */
double model_tls_send_ns(const struct model_profile *profile, bool java, bool compressed,
                         double requests, double records, double bytes)
{
    return model_cost_ns(model_client_tls(profile, java), requests, 0, 0, compressed ? 0 : records,
                         bytes);
}

struct model_cost model_cost_encrypted(struct model_cost cost, const struct model_cost *tls)
{
    cost.request_ns += tls->request_ns;
    cost.byte_ns += tls->byte_ns;
    return cost;
}

double model_fault_ns(const struct model_profile *profile, double request_bytes)
{
    double beyond = request_bytes - profile->core_cache_bytes;
    return beyond > 0 ? beyond * profile->fault_byte_ns : 0;
}

double model_client_far_ns(const struct model_profile *profile, double records, double bytes)
{
    double beyond = bytes + records * profile->client_message_bytes - profile->core_cache_bytes;
    return beyond > 0 ? beyond * profile->client_far_byte_ns : 0;
}

#define G1_TARGET_NS 20e6
#define G1_NEW_MIN   0.05
#define G1_NEW_MAX   0.6

double model_young_bytes(const struct model_profile *profile, double heap_bytes, double crowd)
{
    bool shrinks = crowd > 1 && profile->gc_pause_median_ns * crowd > G1_TARGET_NS;
    double young = profile->gc_young_bytes, most = G1_NEW_MAX * heap_bytes;
    if (shrinks)
        return G1_NEW_MIN * heap_bytes;
    if (profile->gc_heap_bytes > 0)
        young *= heap_bytes / profile->gc_heap_bytes;
    return young < most ? young : most;
}
