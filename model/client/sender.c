/*
 * model/client/sender.c - which broker is ready, when the thread wakes, sending.
 *
 * Shape    Java: one sender thread; librdkafka: a thread a broker. While a thread computes, batches go on filling.
 *          What a request takes: drain.c. What it costs: sender_work.c.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "model/client/producer_internal.h"

#define NO_LINK UINT32_MAX
#define MS      INT64_C(1000000)

/* ---- sending ---- */

static bool is_up(const struct model_producer *p, const struct link *link)
{
    return network_client_is_up(&p->network, (uint32_t)(link - p->links));
}

static void link_append(struct link *link, struct request *request)
{
    request->previous = link->last;
    request->next = NULL;
    *(link->last ? &link->last->next : &link->first) = request;
    link->last = request;
}

void link_remove(struct link *link, struct request *request)
{
    *(request->previous ? &request->previous->next : &link->first) = request->next;
    *(request->next ? &request->next->previous : &link->last) = request->previous;
}

static void send_request(struct model_producer *p, struct request *request)
{
    struct link *link = &p->links[request->link];
    int64_t now = sim_now_ns(p->sim);
    request_fill_call(p, request);
    for (uint32_t i = 0; i < request->count; i++)
        request->batches[i]->attempts++;
    p->stats->requests++;
    sim_histogram_record_n(p->stats->sent_ns, now - request->drained_ns, request->count);
    sim_histogram_record(p->stats->in_flight, link->in_flight);
    link_append(link, request);
    link->unsent--;
    link->socket_bytes += request->bytes;
    request->call.at.sent_ns = now;
    p->transport->send(p->transport, &request->call);
}

/*
 * A broker reads one request of a connection at a time; what it has not read stays in the sockets. librdkafka polls before it sends, and Linux
 * calls a send buffer writable while at least half of what it holds is free (sk_stream_is_writeable): up to two thirds. A request counts as sent
 * when its last byte is in there.
 */
static bool socket_takes(const struct model_producer *p, const struct link *link,
                         const struct request *request)
{
    uint64_t room = p->config.socket_bytes, held = link->socket_bytes;
    return held == 0 || (held <= room / 3 * 2 && held + request->bytes <= room);
}

/* max.in.flight.requests.per.connection holds librdkafka's sends back (rd_kafka_send), not what it makes. Java never made more. */
static bool may_send(const struct model_producer *p, const struct link *link,
                     const struct request *request)
{
    return producer_is_java(p) || (link->in_flight - link->unsent < p->config.max_in_flight &&
                                   socket_takes(p, link, request));
}

/* librdkafka makes requests for connections that are up, and empties what waits for one that breaks (rd_kafka_broker_fail). Java's are lost in it. */
static void send_or_take_back(struct model_producer *p, struct request *request)
{
    if (producer_is_java(p) || is_up(p, &p->links[request->link]))
        send_request(p, request);
    else
        answer_unsent(p, request);
}

void sender_flush(struct model_producer *p)
{
    struct request **at = &p->outbox, *last = NULL;
    if (!p->outbox)
        return;
    for (uint32_t i = 0; i < p->link_count; i++)
        p->links[i].stalled = false;
    while (*at && (*at)->computed && (*at)->app_mark <= p->app_mark_done) {
        struct request *request = *at;
        struct link *link = &p->links[request->link];
        link->stalled = link->stalled || (is_up(p, link) && !may_send(p, link, request));
        if (link->stalled) {
            last = request;
            at = &request->next;
            continue;
        }
        *at = request->next;
        send_or_take_back(p, request);
    }
    for (; *at; at = &(*at)->next)
        last = *at;
    p->outbox_last = last;
}

static void compute(struct model_producer *p, struct request *request)
{
    *(p->outbox_last ? &p->outbox_last->next : &p->outbox) = request;
    p->outbox_last = request;
    p->links[request->link].unsent++;
    request->bytes = model_call_produce_overhead_bytes(1, request->count);
    for (uint32_t i = 0; i < request->count; i++)
        request->bytes += request->batches[i]->wire_bytes;
    if (p->cpu)
        p->links[request->link].sender->request = request;
    else
        request->computed = true;
}

/* ---- ready ---- */

/* queue.buffering.backpressure.threshold 1: librdkafka makes no request while one waits to be sent, whatever it has in flight. */
static bool may_make(const struct model_producer *p, const struct link *link)
{
    return producer_is_java(p) ? link->in_flight < p->config.max_in_flight : link->unsent == 0;
}

static bool can_send(const struct model_producer *p, const struct link *link)
{
    return may_make(p, link) && !link->sender->awake;
}

/* Linux lets a sleep with a time-out last so much longer (prctl(2), PR_SET_TIMERSLACK: the default). */
int64_t sender_slack_ns(const struct model_producer *p)
{
    return p->cpu && p->config.linger_ns > 0 ? 50000 : 0;
}

/* The next record that begins a batch wakes its link's thread. Only the first of all partitions is looked at. */
static int64_t next_opening_ns(const struct model_producer *p, const struct link *link)
{
    if (p->openings.count == 0 || p->config.partitioner.kind == MODEL_PARTITIONER_STICKY)
        return NEVER;
    const struct part *part = &p->parts[p->feeds[p->openings.items[1]].outlet];
    return part->link >= 0 && &p->links[part->link] == link ? heap_first(&p->openings) : NEVER;
}

/*
 * When a sleeping thread comes to a link's batches. librdkafka's sleeps whole milliseconds from when it last looked (poll), and the
 * application wakes it when it adds a record to a partition whose linger is over, or the first to an empty one: so partitions that are due
 * within the same millisecond go out together.
 */
static int64_t due_ns(const struct model_producer *p, const struct link *link)
{
    int64_t due = heap_first(&link->due), looked = link->sender->looked_ns;
    if (!p->cpu || due == NEVER || due <= looked)
        return due;
    if (producer_is_java(p))
        return due + sender_slack_ns(p);
    int64_t timer = looked + (due - looked + MS - 1) / MS * MS + sender_slack_ns(p);
    int64_t enqueue = due + p->parts[link->due.items[1]].head->enqueue_ns;
    int64_t opening = next_opening_ns(p, link);
    if (opening >= due && opening < enqueue)
        enqueue = opening;
    return timer < enqueue ? timer : enqueue;
}

static bool ready(const struct model_producer *p, const struct link *link, int64_t now_ns)
{
    int64_t due = link->sender->awake ? heap_first(&link->due) : due_ns(p, link);
    if (due <= now_ns)
        return true;
    if (!p->blocked || !producer_is_java(p))
        return false;
    /* Memory exhausted: whatever there is may go. */
    for (uint32_t i = 1; i <= link->due.count; i++)
        if (request_may_drain(p, link->due.items[i], now_ns))
            return true;
    return false;
}

/* The next link, in turn, that `sender` may drain now (NULL: any whose thread sleeps); NO_LINK if none. */
static uint32_t next_ready(const struct model_producer *p, const struct sender *sender,
                           int64_t now_ns)
{
    uint32_t number = p->next_link;
    for (uint32_t i = 0; i < p->link_count; i++, number++) {
        if (number == p->link_count)
            number = 0;
        const struct link *link = &p->links[number];
        if (heap_first(&link->due) > now_ns && !p->blocked)
            continue; /* nearly always: no thread comes before a batch is due */
        bool may = sender ? link->sender == sender && may_make(p, link) : can_send(p, link);
        if (may && is_up(p, link) && ready(p, link, now_ns))
            return number;
    }
    return NO_LINK;
}

static bool drain_next(struct model_producer *p, const struct sender *sender, int64_t now_ns)
{
    uint32_t number = next_ready(p, sender, now_ns);
    if (number == NO_LINK)
        return false;
    p->next_link = number + 1 < p->link_count ? number + 1 : 0;
    compute(p, request_drain(p, number, now_ns));
    return true;
}

/* ---- the thread ---- */

static void turn(struct model_burst *burst);

static void wake(struct sender *sender, double work_ns)
{
    if (sender->burst.slept_since_ns < sender->producer->senders_worked_ns)
        sender->burst.slept_since_ns = sender->producer->senders_worked_ns;
    sender->awake = true;
    sender->burst.done = turn;
    sender->burst.owner = sender;
    sender->burst.class = MODEL_THREAD_CLIENT_NETWORK;
    model_cpu_run(sender->producer->cpu, &sender->burst, work_ns + sender->looking_ns);
    sender->looking_ns = 0;
}

/*
 * What has to be fetched into the core's cache again after a sleep is mostly what all threads of the client share: 88 to 99 us a request whether one
 * broker's thread makes 570 a second or three make 715.
 */
static int64_t last_work_ns(const struct sender *sender)
{
    int64_t others_ns = sender->producer->senders_worked_ns;
    return sender->looked_ns > others_ns ? sender->looked_ns : others_ns;
}

/*
 * The application wakes the thread, which looks when to come back: Java's for each new batch, librdkafka's for a queue's first. Batches are opened
 * here when something is due and not before, so what that costs comes with the next burst; but the thread has worked then.
 */
void sender_new_batch(struct model_producer *p, const struct part *part, int64_t opened_ns)
{
    struct sender *sender = p->links[part->link].sender;
    if (!p->cpu || sender->awake || opened_ns <= sender->looked_ns ||
        !(producer_is_java(p) || part->length == 1))
        return;
    int64_t worked_ns = last_work_ns(sender);
    sender->looked_ns = opened_ns;
    if (p->config.linger_ns <= 0) /* it sends at once */
        return;
    sender->looking_ns += model_cpu_cold_work(p->cpu, opened_ns - worked_ns);
    if (p->senders_worked_ns < opened_ns)
        p->senders_worked_ns = opened_ns;
}

/* Answers first: librdkafka polls its socket before it serves its partitions, Java's NetworkClient completes receives in the poll that ends a turn. */
static bool take_answer(struct sender *sender)
{
    struct request *request = sender->answers;
    if (!request)
        return false;
    sender->answers = request->next_answer;
    if (!sender->answers)
        sender->answers_last = NULL;
    sender->answered = request;
    return true;
}

static void end_job(struct model_producer *p, struct sender *sender)
{
    struct request *answered = sender->answered;
    if (sender->request)
        sender->request->computed = true;
    sender->request = sender->answered = NULL;
    if (answered) {
        answered->read_ns = sender->burst.begin_ns;
        answer_read(p, answered);
    }
}

static void fall_asleep(struct sender *sender, int64_t now_ns)
{
    sender->awake = false;
    sender->looked_ns = now_ns;
}

/* A job is over, or the thread has just been woken: the next one, or sleep. */
static void turn(struct model_burst *burst)
{
    struct sender *sender = burst->owner;
    struct model_producer *p = sender->producer;
    int64_t now = sim_now_ns(p->sim);
    p->in_run = true;
    end_job(p, sender);
    accumulator_advance(p, now);
    p->senders_worked_ns = now;
    if (take_answer(sender))
        model_cpu_run(p->cpu, burst, sender_answer_cost(p, sender->answered));
    else if (drain_next(p, sender, now))
        model_cpu_run(p->cpu, burst, sender_request_cost(p, sender->request));
    else
        fall_asleep(sender, now);
    p->in_run = false;
    sender_run(p);
}

void sender_answer(struct model_producer *p, struct request *request)
{
    struct sender *sender = p->links[request->link].sender;
    request->next_answer = NULL;
    *(sender->answers_last ? &sender->answers_last->next_answer : &sender->answers) = request;
    sender->answers_last = request;
    if (sender->awake)
        return;
    /* It takes the first answer as soon as it runs, whatever comes until then: reading is part of the same burst. */
    take_answer(sender);
    wake(sender, sender_answer_cost(p, request));
}

/* Kafka's clients connect to a broker when they have something for it. */
static void connect_where_ready(struct model_producer *p, int64_t now_ns)
{
    for (uint32_t i = 0; i < p->link_count && p->network.up_count < p->link_count; i++)
        if (network_client_is_idle(&p->network, i) && ready(p, &p->links[i], now_ns))
            network_client_connect(&p->network, i);
}

/* Java's only thread looks at everything itself before it sleeps: until then nobody need wake it. */
static bool awake(const struct model_producer *p)
{
    return producer_is_java(p) && p->senders->awake && !p->blocked;
}

/* Without a CPU all is done at once; with one, threads are woken that will do it. */
static void serve(struct model_producer *p, int64_t now_ns)
{
    uint32_t number;
    if (!p->cpu)
        while (drain_next(p, NULL, now_ns))
            accumulator_advance(p, now_ns);
    else
        while ((number = next_ready(p, NULL, now_ns)) != NO_LINK)
            wake(p->links[number].sender, 0);
}

static void set_wake(struct model_producer *p, int64_t now_ns)
{
    int64_t wake = accumulator_next_ns(p, now_ns);
    int64_t other = answer_next_ns(p);
    if (other < wake)
        wake = other;
    for (uint32_t i = 0; i < p->link_count; i++) {
        const struct link *link = &p->links[i];
        bool waits = !is_up(p, link) && !network_client_is_idle(&p->network, i);
        int64_t due = can_send(p, link) && !waits ? due_ns(p, link) : NEVER;
        wake = due < wake ? due : wake;
    }
    if (wake == NEVER)
        sim_cancel(p->sim, &p->wake);
    else if (sim_event_time_ns(&p->wake) != wake)
        sim_at(p->sim, &p->wake, wake > now_ns ? wake : now_ns, SIM_PRIORITY_NORMAL);
}

void sender_run(struct model_producer *p)
{
    if (p->in_run || !p->started)
        return;
    p->in_run = true;
    int64_t now = sim_now_ns(p->sim);
    answer_timeouts(p, now);
    accumulator_advance(p, now);
    connect_where_ready(p, now);
    if (!awake(p))
        serve(p, now);
    sender_flush(p);
    if (!awake(p))
        set_wake(p, now);
    p->in_run = false;
}
