/*
 * One direction of an interface: processor sharing in virtual time, small messages in between, burst credits.
 *
 * Virtual time is the bytes that each sharing transfer has got; a transfer is through when it has moved on by its size.
 * A small message stops it for as long as the message takes: clock_ns then lies ahead of now.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "model/hardware/network_internal.h"
#include "sim/dmath.h"
#include "sim/memory.h"

struct model_nic_share {
    double finish_bytes; /* virtual */
    uint64_t order;      /* of arrival, among equals */
    struct model_transfer *transfer;
};

static void share_due(struct sim *sim, struct sim_event *event);

static void side_init(struct model_nic_side *side, struct sim *sim,
                      const struct model_nic_config *config)
{
    memset(side, 0, sizeof(*side));
    side->sim = sim;
    side->baseline = config->baseline_bytes_per_s * 1e-9;
    side->burst = config->burst_bytes_per_s * 1e-9;
    if (side->burst < side->baseline)
        side->burst = side->baseline;
    side->credit_max = side->burst > side->baseline ? config->credit_bytes : 0;
    side->credit = config->credits_full ? side->credit_max : 0;
    side->rate = side->credit > 0 ? side->burst : side->baseline;
    side->clock_ns = (double)sim_now_ns(sim);
    side->credit_ns = side->clock_ns;
    side->since_ns = sim_now_ns(sim);
    sim_event_init(&side->event, share_due);
}

void model_nic_init(struct model_nic *nic, struct model_net *net,
                    const struct model_nic_config *config)
{
    assert(config->baseline_bytes_per_s >= 0);
    assert(config->credit_bytes >= 0);
    side_init(&nic->in, net->sim, config);
    side_init(&nic->out, net->sim, config);
}

void model_nic_release(struct model_nic *nic)
{
    free(nic->in.heap);
    free(nic->out.heap);
    nic->in.heap = NULL;
    nic->out.heap = NULL;
}

static bool before(const struct model_nic_share *a, const struct model_nic_share *b)
{
    if (a->finish_bytes < b->finish_bytes)
        return true;
    return !(a->finish_bytes > b->finish_bytes) && a->order < b->order;
}

static void heap_push(struct model_nic_side *side, struct model_nic_share share)
{
    if (side->count == side->capacity) {
        side->capacity = side->capacity == 0 ? 16 : side->capacity * 2;
        side->heap = sim_checked(realloc(side->heap, side->capacity * sizeof(*side->heap)));
    }
    uint32_t i = side->count++;
    while (i > 0 && before(&share, &side->heap[(i - 1) / 2])) {
        side->heap[i] = side->heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    side->heap[i] = share;
}

static struct model_transfer *heap_pop(struct model_nic_side *side)
{
    struct model_transfer *first = side->heap[0].transfer;
    struct model_nic_share last = side->heap[--side->count];
    uint32_t i = 0;
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child >= side->count)
            break;
        if (child + 1 < side->count && before(&side->heap[child + 1], &side->heap[child]))
            child++;
        if (!before(&side->heap[child], &last))
            break;
        side->heap[i] = side->heap[child];
        i = child;
    }
    side->heap[i] = last;
    return first;
}

static void set_rate(struct model_nic_side *side)
{
    /* Less than one byte is none: the clock's steps of 1 ns cannot spend it exactly. */
    side->rate = side->credit >= 1 ? side->burst : side->baseline;
}

/* Bring virtual time and credits to now, at the rate that held until now. */
static void advance(struct model_nic_side *side)
{
    double now_ns = (double)sim_now_ns(side->sim);
    double sent = 0;
    if (now_ns > side->clock_ns) {
        if (side->count > 0) {
            sent = (now_ns - side->clock_ns) * side->rate;
            side->virtual_bytes += sent / side->count;
        }
        side->clock_ns = now_ns;
    }
    if (side->credit_max > 0) {
        side->credit += (now_ns - side->credit_ns) * side->baseline - sent;
        if (side->credit > side->credit_max)
            side->credit = side->credit_max;
        side->credit_ns = now_ns;
        set_rate(side);
    }
}

/* The event comes when the first transfer is through, or the credits are gone and the rate changes. */
static void schedule(struct model_nic_side *side)
{
    if (side->count == 0)
        return;
    double wait_ns = (side->heap[0].finish_bytes - side->virtual_bytes) * side->count / side->rate;
    if (side->rate > side->baseline) {
        double credit_ns = side->credit / (side->burst - side->baseline);
        if (credit_ns < wait_ns)
            wait_ns = credit_ns;
    }
    double at_ns = side->clock_ns + (wait_ns > 0 ? wait_ns : 0);
    int64_t now_ns = sim_now_ns(side->sim);
    int64_t due_ns = (int64_t)sim_ceil(at_ns);
    sim_at(side->sim, &side->event, due_ns > now_ns ? due_ns : now_ns, SIM_PRIORITY_NORMAL);
}

static bool first_is_through(const struct model_nic_side *side)
{
    double left = side->heap[0].finish_bytes - side->virtual_bytes;
    return left * side->count < side->rate * 0.5; /* within half of the clock's step */
}

static void share_due(struct sim *sim, struct sim_event *event)
{
    (void)sim;
    struct model_nic_side *side = sim_container(event, struct model_nic_side, event);
    advance(side);
    while (side->count > 0 && first_is_through(side)) {
        struct model_transfer *through = heap_pop(side);
        model_net_side_done(through); /* may share this side again */
    }
    if (side->count == 0)
        side->virtual_bytes = 0; /* keeps it small, so exact */
    schedule(side);
}

static void count(struct model_nic_side *side, uint64_t bytes, double wire_bytes)
{
    side->messages++;
    side->payload_bytes += bytes;
    side->wire_bytes += wire_bytes;
}

int64_t model_nic_pass(struct model_nic_side *side, uint64_t bytes, double wire_bytes)
{
    count(side, bytes, wire_bytes);
    if (!(side->baseline > 0))
        return sim_now_ns(side->sim);
    advance(side);
    double line_ns = wire_bytes / side->rate;
    double through_ns = side->clock_ns + line_ns * (side->count + 1);
    side->clock_ns += line_ns;
    if (side->credit_max > 0)
        side->credit -= wire_bytes;
    return (int64_t)sim_ceil(through_ns);
}

void model_nic_share(struct model_nic_side *side, struct model_transfer *transfer)
{
    count(side, transfer->bytes, transfer->wire_bytes);
    if (!(side->baseline > 0))
        return;
    advance(side);
    transfer->sides++;
    struct model_nic_share share = {
        .finish_bytes = side->virtual_bytes + transfer->wire_bytes,
        .order = side->order++,
        .transfer = transfer,
    };
    heap_push(side, share);
    /* A pending event for another first transfer comes too early at worst, and looks again. */
    if (side->heap[0].transfer == transfer || !sim_is_pending(&side->event))
        schedule(side);
}

/* Wire bytes that were counted when they came and have yet to pass the line. */
static double pending_bytes(const struct model_nic_side *side)
{
    double now_ns = (double)sim_now_ns(side->sim);
    if (side->clock_ns > now_ns || side->count == 0) {
        double ahead_ns = side->clock_ns > now_ns ? side->clock_ns - now_ns : 0;
        double pending = ahead_ns * side->rate;
        for (uint32_t i = 0; i < side->count; i++)
            pending += side->heap[i].finish_bytes - side->virtual_bytes;
        return pending;
    }
    double got = side->virtual_bytes + (now_ns - side->clock_ns) * side->rate / side->count;
    double pending = 0;
    for (uint32_t i = 0; i < side->count; i++)
        pending += side->heap[i].finish_bytes > got ? side->heap[i].finish_bytes - got : 0;
    return pending;
}

double model_nic_used_ratio(const struct model_nic_side *side)
{
    double elapsed_ns = (double)(sim_now_ns(side->sim) - side->since_ns);
    if (!(side->baseline > 0) || elapsed_ns <= 0)
        return 0;
    double passed = side->wire_bytes - pending_bytes(side);
    return passed > 0 ? passed / (side->baseline * elapsed_ns) : 0;
}

double model_nic_credit_bytes(const struct model_nic_side *side)
{
    if (!(side->credit_max > 0))
        return 0;
    double now_ns = (double)sim_now_ns(side->sim);
    double sent =
        side->count > 0 && now_ns > side->clock_ns ? (now_ns - side->clock_ns) * side->rate : 0;
    double credit = side->credit + (now_ns - side->credit_ns) * side->baseline - sent;
    if (credit > side->credit_max)
        return side->credit_max;
    return credit > 0 ? credit : 0;
}

static void side_reset(struct model_nic_side *side)
{
    side->since_ns = sim_now_ns(side->sim);
    side->wire_bytes = side->baseline > 0 ? pending_bytes(side) : 0;
    side->payload_bytes = 0;
    side->messages = 0;
}

void model_nic_reset_stats(struct model_nic *nic)
{
    side_reset(&nic->in);
    side_reset(&nic->out);
}
