/*
 * model/hardware/network.h - machines' network interfaces and the way between them.
 *
 * Shape    A transfer of bytes takes a share of the sender's outgoing and of the receiver's incoming interface and arrives when
 *          the later of the two is done, plus half a round trip. Each direction of an interface is processor sharing between
 *          transfers, in virtual time. Messages up to `small_bytes` (64 KiB: one segmentation-offload burst) cost
 *          one event: they pass in order, their bytes are taken from the others' share, and their own time counts how many
 *          share the line. A connection is one flow: its transfers pass one after the other, never faster than window / RTT
 *          or the single-flow limit, and never overtake. Rate: burst while the direction has credits, else baseline.
 *          The delays of a named connection come from streams of its own, one a direction: the n-th message that way meets the same
 *          delay whoever else is on the network.
 * Units    bytes of payload; wire bytes (with frames) where it says so; ns; bytes per second.
 * Omits    Loss, slow start, acknowledgements (1 to 5 % of the other direction), switches and trunks.
 *          A flow held back by its window does not hand its unused share to others before it ends.
 * Source   reference/hardware-models.md section 3.
 * Checked  tests/model/test_network.c; tests/theory/test_hardware_oracles.c: section 8, numbers 7, 8 and 15; M/G/1 sharing.
 */
#ifndef MODEL_HARDWARE_NETWORK_H
#define MODEL_HARDWARE_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/random.h"
#include "sim/sim.h"

/* hardware-models.md 3.1: EC2 inside a VPC; preamble 8, header 14, check 4, gap 12; IPv4 20, TCP 20, time stamps 12. */
enum {
    MODEL_NET_MTU = 9001,
    MODEL_NET_PACKET_BYTES = 20 + 20 + 12,
    MODEL_NET_FRAME_BYTES = 8 + 14 + 4 + 12 + MODEL_NET_PACKET_BYTES, /* beside its payload */
    MODEL_NET_SEGMENT_BYTES = MODEL_NET_MTU - MODEL_NET_PACKET_BYTES, /* payload of a full one */
};

struct model_machine;
struct model_connection;
struct model_net;
struct model_nic;

struct model_nic_config {
    double baseline_bytes_per_s; /* each direction, on the wire; 0: no limit */
    double burst_bytes_per_s;    /* below the baseline: no burst */
    double credit_bytes; /* each direction: what a full bucket lets through above the baseline */
    bool credits_full;
};

struct model_nic_share; /* a transfer in the heap of a side */

/* One direction of an interface. */
struct model_nic_side {
    struct sim *sim;
    double baseline; /* wire bytes per ns; 0: no limit */
    double burst;
    double rate; /* now */
    double credit;
    double credit_max;

    double
        clock_ns; /* up to when the line is accounted for; ahead of now while small messages pass */
    double credit_ns; /* up to when credit is */

    /* since the statistics were reset; here because each message counts */
    double wire_bytes;
    uint64_t payload_bytes;
    uint64_t messages;
    int64_t since_ns;

    uint32_t count;
    uint32_t capacity;
    struct model_nic_share *heap;
    double virtual_bytes; /* that each sharing transfer has got since the side was last empty */
    uint64_t order;
    struct sim_event event;
};

struct model_nic {
    struct model_nic_side in;
    struct model_nic_side out;
};

struct model_net_config {
    int64_t same_rack_rtt_ns;
    int64_t cross_rack_rtt_ns;
    int64_t loopback_rtt_ns; /* within one machine */
    double rtt_sigma;        /* lognormal: of ln(rtt) */
    double spike_ratio;      /* share of messages between racks that meet a spike */
    int64_t spike_ns_min;    /* uniform between the two */
    int64_t spike_ns_max;
    double single_flow_bytes_per_s; /* of one connection; 0: no limit */
    /*
     * One link that all traffic goes over, both directions and within machines too, instead of the interfaces: a token bucket (a
     * rate limit on a loopback device, a shared uplink). 0: none.
     */
    double shared_bytes_per_s;
    double shared_burst_bytes;
    uint32_t mtu;         /* 1500 or 9001; 0: 9001 */
    uint32_t small_bytes; /* on the wire; 0: 64 KiB; 1: share everything exactly */
    uint64_t seed;
    uint32_t replication;
};

struct model_net {
    struct sim *sim;
    struct model_net_config config;
    double segment_bytes;     /* payload of one full frame */
    float *jitter;            /* quantiles of the lognormal factor */
    struct sim_stream random; /* delays of messages without a named connection */
    struct model_nic shared;  /* its `out` is the shared link */
};

/* One message under way. The caller sets the first part and owns the memory until done begins. */
struct model_transfer {
    void (*done)(struct model_transfer *transfer); /* the last byte is at the receiver */
    void *owner;

    struct sim_event event;
    struct model_net *net;
    struct model_net_flow *flow; /* NULL: no order */
    struct model_transfer *next; /* behind it on the same flow */
    struct model_nic *from;      /* NULL: within one machine */
    struct model_nic *to;
    uint64_t bytes;
    double wire_bytes;
    int64_t floor_ns; /* the last byte is not sent sooner, by window and flow limit */
    int64_t delay_ns;
    uint32_t sides; /* still busy with it */
};

/* One direction of a connection: embedded in struct model_connection, zero before its first message. */
struct model_net_flow {
    bool known;                /* the next two are set */
    double window_ns_per_byte; /* RTT / window; 0: no window */
    double limit_ns_per_byte;  /* of the single-flow limit; 0: none */
    int64_t rtt_ns;
    int64_t window_ns;             /* earlier bytes are acknowledged by then */
    int64_t limit_ns;              /* earlier bytes have passed the flow limit by then */
    int64_t arrival_ns;            /* of the last message whose arrival is known */
    struct model_transfer *active; /* shares the line; those in `waiting` are behind it */
    struct model_transfer *waiting;
    struct model_transfer *waiting_last;
    bool named;              /* the next is set */
    struct sim_stream delay; /* of its messages */
};

void model_net_init(struct model_net *net, struct sim *sim, const struct model_net_config *config);
void model_net_release(struct model_net *net);

/*
 * Gives a new connection its own streams of delays, by its name: "producer checkout client 3 broker 1".
 *
 * Asserts  that nothing was sent on it yet, and that the name is shorter than 400 bytes.
 */
void model_net_connect(struct model_net *net, struct model_connection *connection,
                       const char *name);

void model_nic_init(struct model_nic *nic, struct model_net *net,
                    const struct model_nic_config *config);
void model_nic_release(struct model_nic *nic);

/*
 * Send `bytes` from one machine to another; transfer->done runs on arrival, never inside this call. On a connection,
 * arrivals keep the order of sending per direction; connection may be NULL (no order, no window).
 *
 * Borrows  transfer until done begins; connection until then too.
 * Asserts  bytes above 0; on a connection, from and to are its two ends.
 */
void model_net_send(struct model_net *net, struct model_transfer *transfer,
                    struct model_machine *from, struct model_machine *to, uint64_t bytes,
                    struct model_connection *connection);

/* Median round trip between two machines. */
int64_t model_net_rtt_ns(const struct model_net *net, const struct model_machine *from,
                         const struct model_machine *to);

/* Bytes on the wire for a message: payload and its frames. */
double model_net_wire_bytes(const struct model_net *net, uint64_t bytes);

/*
 * Wire bytes that passed since the reset, as a share of the baseline: what waits does not count, so only bursts exceed 1. 0 without
 * a limit.
 */
double model_nic_used_ratio(const struct model_nic_side *side);
double model_nic_credit_bytes(const struct model_nic_side *side);
void model_nic_reset_stats(struct model_nic *nic);

#endif
