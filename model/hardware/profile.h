/*
 * model/hardware/profile.h - what a broker and its clients cost: CPU per request, batch, record and byte.
 *
 * Shape    Plain numbers, read from scenarios/profiles/NAME.yaml by model/scenario. One vCPU of `coremark` speed spends
 *          them; other cores scale by the ratio of CoreMark per vCPU.
 *          A profile that was fitted also says how wrong it was on what it had not seen, and for which conditions it was fitted.
 * Units    ns of CPU; ns per byte where the name says so. Errors: ratios, 0.07 is 7 %.
 * Source   Each value's origin and standard error stand in the profile file; a profile without a fit is "uncalibrated".
 */
#ifndef MODEL_HARDWARE_PROFILE_H
#define MODEL_HARDWARE_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

/* A linear cost: request + batch * batches + record * records + byte * bytes, each 0 or more. */
struct model_cost {
    double request_ns;
    double partition_ns;
    double batch_ns;
    double record_ns;
    double byte_ns;
};

enum {
    MODEL_PROFILE_QUANTITIES = 12, /* as enum measured_quantity of model/scenario/measured.h */
    MODEL_PROFILE_IDS_BYTES = 4096,
};

/* Error of one quantity on configurations that were not fitted: |predicted / measured - 1|. */
struct model_profile_error {
    uint32_t rows; /* configurations that it stands on; 0: unknown */
    double median;
    double signed_median; /* above 0: predicted too high */
    double p90;
    double ratio_low, ratio_high; /* 5 % and 95 % points of measured / predicted */
};

/* Conditions whose fitted range a profile states. */
enum model_profile_condition {
    MODEL_PROFILE_RATE, /* records/s of all producers, a broker; 0 is never in it, `max` always */
    MODEL_PROFILE_RECORD_BYTES, /* value */
    MODEL_PROFILE_PARTITIONS,   /* replicas of all topics, a broker */
    MODEL_PROFILE_REPLICATION,
    MODEL_PROFILE_BROKERS,
    MODEL_PROFILE_LINGER_MS,
    MODEL_PROFILE_GROUPS,      /* fan-out */
    MODEL_PROFILE_BATCH_BYTES, /* batch.size */
    MODEL_PROFILE_CONDITIONS
};

struct model_profile_range {
    bool known;
    double low, high;
};

struct model_profile {
    char name[64];
    bool calibrated;
    char error[160]; /* "held-out median: p50 7 %, p99 18 %, CPU 6 %", or "uncalibrated" */
    struct model_profile_error
        held_out[MODEL_PROFILE_QUANTITIES]; /* by enum measured_quantity; rows 0: unknown */
    struct model_profile_error scaled[MODEL_PROFILE_QUANTITIES]; /* on other machines than fitted */
    uint32_t fitted_vcpus;  /* of the machine that it was fitted on; 0: one */
    double fitted_coremark; /* per vCPU; 0: coremark */
    double fitted_kafka;    /* release of its brokers; 0: 4.2 */
    struct model_profile_range range[MODEL_PROFILE_CONDITIONS]; /* fitted */
    /* " java/acks=1 librdkafka/lz4 ": kinds of load of the rows, and of the public cases that scaled is of; "": not stated */
    char fitted_kinds[MODEL_PROFILE_IDS_BYTES], scaled_kinds[MODEL_PROFILE_IDS_BYTES];
    char held_out_ids
        [MODEL_PROFILE_IDS_BYTES]; /* " id id id ": configurations that a fold's profile has not seen; "" */
    char clients_java[256],
        clients_librdkafka
            [256];   /* profiles of the clients' costs, by name or path; "": in the file itself */
    double coremark; /* per vCPU, of the core that the costs were measured on */

    /* broker, by thread */
    /*
     * Network thread: one turn of its loop (select, the wake-up by a request handler), whatever number of frames and answers it finds ready.
     * Hundreds of busy connections share it; one connection pays it twice a request.
     */
    double poll_ns;
    struct model_cost receive; /* network thread: read, frame, parse a produce request */
    /*
     * Where brokers are guests that hand free memory back to their host (virtio-balloon, free page reporting), what a produce request has
     * beyond core_cache_bytes costs so much more a byte: the log's new pages have to be found again, a fault of several us each. Rows, all
     * of such a guest, show it where full batches outrun the memory that is still there; with memory that stays such batches cost no more
     * a byte than small ones (third.jsonl).
     */
    double fault_byte_ns;
    double core_cache_bytes;
    struct model_cost append; /* I/O thread: validate and append as leader */
    double sync_ns;           /* I/O or fetcher thread: one fsync, the system's part included */
    struct model_cost fetch_receive; /* network thread: parse a fetch request */
    /*
     * I/O thread: request = one fetch; partition = one look at one that its session covers, data or not. All of them are looked at when it
     * comes, and again when it waited.
     */
    struct model_cost fetch;
    /* I/O thread: what a follower's fetch costs beside, once; partition = state, ISR and high watermark of each that its session covers. */
    struct model_cost replica_read;
    double read_partition_ns; /* I/O thread: one whose records a fetch has found */
    /* Network thread: an answer; partition = one whose records it carries, by a sendfile of its own. */
    struct model_cost send;
    /* Replica fetcher thread: handle the answer and append as follower. */
    struct model_cost replica_append;
    /* Replica fetcher thread: build the next request; partition = each that it follows. */
    struct model_cost replica_fetch;
    struct model_cost tls; /* per byte and direction, network and fetcher threads */
    double
        idle_broker_ns_per_s; /* heartbeats, metrics, timers: a share of one core that is always spent */
    double idle_partition_ns_per_s; /* per hosted replica */

    /* clients */
    struct model_cost java_send;    /* application and sender thread per record, batch, request */
    struct model_cost java_receive; /* consumer: per fetch, batch, record, byte */
    struct model_cost librdkafka_send;
    struct model_cost librdkafka_receive;
    /* Encryption: a message, its bytes; record: of an uncompressed batch that is sent. On the thread that sends or polls. */
    struct model_cost java_tls;
    struct model_cost librdkafka_tls;
    struct model_cost java_answer; /* sender thread: an answer to a produce request */
    struct model_cost librdkafka_answer;
    /*
     * An application that sends records at their times, not in a loop, is woken for what is due: each wake-up costs so much, whatever it
     * finds due, which is why a record costs an application far more at a thousand a second than at a hundred thousand.
     */
    double java_app_wake_ns;
    double librdkafka_app_wake_ns;
    double
        java_app_window_ns; /* from due to looking what is due: what comes in between goes along */
    double librdkafka_app_window_ns;
    struct model_cost
        librdkafka_app; /* the application thread: produce() of a record, copying its bytes */
    /* What the client's messages beyond a core's cache cost: a byte more; a message has some bytes beside its payload. */
    double client_far_byte_ns;
    double client_message_bytes;

    /* codecs, ns per uncompressed byte: index is enum broker_codec */
    double compress_byte_ns[5];
    double decompress_byte_ns[5];

    /* scheduler of the host */
    int64_t quantum_ns; /* time slice when threads outnumber cores */
    int64_t wakeup_ns;  /* from being made runnable to running on an idle core */
    /*
     * A broker thread that slept computes cold_work_ns * slept / (slept + cold_sleep_ns) more when it wakes: leaving idle,
     * refilling caches, its polling loop. It is why a request costs several times more on an idle broker than on a busy one.
     */
    double cold_work_ns;
    int64_t cold_sleep_ns;
    double
        client_cold_work_ns; /* the same of clients' threads; sleeps are those of all that send */
    int64_t client_cold_sleep_ns;

    /* garbage collector, G1 young collections */
    bool gc;
    double gc_alloc_per_byte;    /* bytes allocated per byte handled */
    double gc_alloc_per_request; /* bytes allocated per request */
    double gc_young_bytes;       /* a collection each time so much was allocated */
    double gc_heap_bytes;        /* of the brokers that this was measured on; 0: unknown */
    double
        gc_pause_median_ns; /* on the profile's core: a pause is work, however many threads share it */
    double gc_pause_sigma; /* of the logarithm */
};

/* Values of reference/hardware-models.md section 4, marked uncalibrated: what a scenario gets without a profile file. */
void model_profile_init(struct model_profile *profile);

/*
 * The profile for cores that are `speed` times as fast as its own. Bytes that are copied or checked wait for memory, not for the core: what
 * they cost is multiplied by what every cost is divided by. Compression and TLS compute, and go with the core.
 * Source: scenarios/validation/kafka-4.2/third.jsonl: 2.2 times the speed in requests, and from 20 to 300 MB/s 0.44 ns more a byte, where
 * the rows from 20 to 120 MB/s have 0.42.
 * page_reporting: of the guest that the cores belong to; without it fault_byte is 0.
 */
void model_profile_on(const struct model_profile *profile, double speed, bool page_reporting,
                      struct model_profile *out);

/* "rate_per_s", "record_bytes" ...: as in the profile file under `range`. */
const char *model_profile_condition_name(enum model_profile_condition condition);
/* False when the profile states a range of the condition and value is outside it. */
bool model_profile_covers(const struct model_profile *profile,
                          enum model_profile_condition condition, double value);
/* Whether a list of the profile (held_out_ids, a list of kinds) has that name. */
bool model_profile_names(const char *list, const char *id);

/* What a produce request of that size costs beyond its bytes' ordinary cost. */
double model_fault_ns(const struct model_profile *profile, double request_bytes);

/* The same of a client that sends so many messages at once. */
double model_client_far_ns(const struct model_profile *profile, double records, double bytes);

/*
 * What the collector of a heap allows the young generation: in proportion to the heap as gc.young to gc.heap, at most 60 % of it
 * (G1MaxNewSizePercent: Oracle, HotSpot Virtual Machine Garbage Collection Tuning Guide, "Garbage-First", defaults), unless
 * collections then last longer than -XX:MaxGCPauseMillis=20 of Kafka's start script: G1 shrinks it step by step to its least, 5 % of the
 * heap (G1NewSizePercent). They do where more brokers than cores want to collect: crowd, brokers a core.
 */
double model_young_bytes(const struct model_profile *profile, double heap_bytes, double crowd);

double model_cost_ns(const struct model_cost *cost, double requests, double partitions,
                     double batches, double records, double bytes);

/* What sending, receiving, and encrypting either cost a client of that kind. */
const struct model_cost *model_client_send(const struct model_profile *profile, bool java);
/* Reading what a produce request is answered with, and telling its batches; nothing comes with acks=0. */
struct model_cost model_client_answer(const struct model_profile *profile, bool java, int acks);
const struct model_cost *model_client_receive(const struct model_profile *profile, bool java);
const struct model_cost *model_client_tls(const struct model_profile *profile, bool java);
/* Encrypting produce requests: librdkafka 2.0 hands each record of an uncompressed batch to TLS by itself (two writes). */
double model_tls_send_ns(const struct model_profile *profile, bool java, bool compressed,
                         double requests, double records, double bytes);
/* The same cost where a message and its bytes are encrypted too. */
struct model_cost model_cost_encrypted(struct model_cost cost, const struct model_cost *tls);

#endif
