/*
 * model/hardware/call.h - one request on a connection between two machines, and the answer to it.
 *
 * Shape    A client (producer, consumer, replica fetcher) fills a call and hands it to its transport. The cluster carries it over
 *          the network to the broker's host; there it becomes a broker-core op. The answer comes back the same way, and
 *          `answered` runs on the client's side. The stamps along the way are Kafka's request-time parts.
 *          A client that waits no longer closes the connection: the broker finishes what it has in hand, as Kafka's does, and its
 *          answer goes nowhere; requests behind that one were never read.
 *          The same struct serves all kinds, so that host, network and records of time know one thing only.
 * Units    ns of simulated time; bytes on the wire, request frame included.
 * Owner    The client owns the call and everything it points to, from send until answered returns. In an answered fetch the op
 *          (with its regions) is alive until then; the host frees it afterwards.
 * Source   Parts: reference/kafka/request-path.md section 3. Order on a connection: section 7.
 */
#ifndef MODEL_HARDWARE_CALL_H
#define MODEL_HARDWARE_CALL_H

#include "broker-core/broker/broker.h"
#include "model/hardware/network.h"

struct model_machine;
struct model_call;

enum model_call_kind {
    MODEL_PRODUCE,
    MODEL_FETCH,
    MODEL_LIST_OFFSETS,
    MODEL_API_VERSIONS, /* the first on a new connection: TCP's handshake goes before it */
    MODEL_METADATA,
    MODEL_CALL_KINDS
};

/* What became of a call, beside the Kafka codes in its parts. */
enum model_call_outcome {
    MODEL_CALL_ANSWERED,
    MODEL_CALL_LOST, /* the connection broke or the broker is down: the client sees a disconnect */
};

/* A TCP connection: requests on it are handled one at a time, in order (the broker mutes it meanwhile). */
struct model_connection {
    struct model_machine *client;
    struct model_machine *server;
    int32_t server_id;          /* broker id */
    uint32_t thread;            /* network thread of the broker that serves it, fixed at accept */
    uint32_t generation;        /* times that it was closed and made anew */
    bool muted;                 /* a request of it is being handled */
    bool replication;           /* of a replica fetcher */
    struct model_call *waiting; /* received, behind the muted one; in order */
    struct model_call *waiting_last;
    double window_bytes;           /* send window; 0: no cap */
    struct model_net_flow flow[2]; /* the network's: to the server, to the client; zero at first */
};

/* When each part began, ns; 0 where it was not reached. Kafka's nouns in the comments. */
struct model_stamps {
    int64_t created_ns; /* by the client: drained from its queue */
    int64_t sent_ns;    /* handed to the client's NIC */
    int64_t
        arrived_ns;  /* at the broker's socket, where it may wait behind others of its connection */
    int64_t turn_ns; /* those are answered; it waits for the network thread */
    int64_t received_ns;  /* whole frame read by a network thread; RequestQueueTimeMs begins */
    int64_t taken_ns;     /* by an I/O thread; LocalTimeMs begins */
    int64_t local_ns;     /* local part done; RemoteTimeMs begins */
    int64_t ready_ns;     /* answer ready; ResponseQueueTimeMs begins */
    int64_t response_ns;  /* taken by the network thread; ResponseSendTimeMs begins */
    int64_t responded_ns; /* last byte written to the socket */
    int64_t answered_ns;  /* the client's application has it */
};

struct model_call {
    enum model_call_kind kind;
    enum model_call_outcome outcome;
    struct model_connection *connection;
    uint64_t request_bytes;
    uint64_t response_bytes; /* set by the host when the answer is ready */
    union {
        struct {
            struct broker_produce_part *parts;
            uint32_t count;
            int16_t acks; /* 0: answered runs when the request has been sent; no answer travels */
            int32_t timeout_ms;
            uint64_t payload_bytes; /* batches on the wire */
            uint64_t raw_bytes;     /* before compression */
            uint32_t records;
        } produce;
        struct broker_fetch_request fetch;
        struct {
            struct broker_offset_part *parts;
            uint32_t count;
        } offsets;
        struct {
            uint64_t answer_bytes;
        } metadata;
    };
    struct model_transfer transfer; /* under way: the request, then the answer */
    struct broker_op
        *op; /* the broker's side of it, while it is handled and until answered returns */
    struct model_stamps at;
    void (*answered)(struct model_call *call);
    void *owner;             /* the client's */
    struct model_call *next; /* in whichever queue holds it */
    void *host;              /* the host's, while it is handled */
    struct {
        uint64_t bytes;  /* of the answer, given to the socket so far */
        uint64_t inside; /* of the records of part `part` */
        uint32_t part;   /* of a fetch's answer: where the writing of records has come to */
    } sent;              /* the host's too */
    uint32_t thread;     /* the host's: network thread that reads it and writes its answer */
    uint32_t generation; /* of its connection when it was sent */
};

/* Its connection has been closed since: nobody reads the answer. */
static inline bool model_call_is_stale(const struct model_call *call)
{
    return call->generation != call->connection->generation;
}

/*
 * How a client reaches brokers: implemented by the cluster. Neither answers a call inside itself. After close what was sent on the
 * connection still ends with `answered`, as MODEL_CALL_LOST: soon where the broker has not begun it, else when the broker is done
 * with it. What is sent after close goes on a new connection.
 */
struct model_transport {
    void (*send)(struct model_transport *transport, struct model_call *call);
    void (*close)(struct model_transport *transport, struct model_connection *connection);
};

/*
 * Bytes of a record in a batch beside its key and value (record-format.md section 3), as of the middle of a full batch of batch_bytes that has
 * waited for all of its linger: what is smaller has a byte less of an offset or a time here and there.
 */
uint32_t model_call_record_overhead_bytes(double payload_bytes, double key_bytes,
                                          double batch_bytes, int64_t linger_ns);

/*
 * Bytes of request and response frames (reference/kafka/clients.md section 3, wire-messages.md): header, topic and partition
 * overheads. Payload of produce requests and fetch answers is added by the caller.
 */
uint64_t model_call_produce_overhead_bytes(uint32_t topics, uint32_t partitions);
uint64_t model_call_produce_response_bytes(uint32_t topics, uint32_t partitions);
uint64_t model_call_fetch_request_bytes(uint32_t partitions);
uint64_t model_call_fetch_response_overhead_bytes(uint32_t partitions);
uint64_t model_call_api_versions_request_bytes(void);
uint64_t model_call_api_versions_response_bytes(void);
uint64_t model_call_metadata_request_bytes(uint32_t topics);
uint64_t model_call_metadata_response_bytes(uint32_t brokers, uint32_t topics, uint32_t partitions,
                                            uint32_t replicas);

#endif
