#include "tests/support/toy_broker.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct toy_answer {
    struct sim_event event;
    struct toy_broker *toy;
    struct model_call *call;
    struct toy_answer *next;
    struct toy_answer *all;
};

static void answer(struct sim *sim, struct sim_event *event)
{
    (void)sim;
    struct toy_answer *a = sim_container(event, struct toy_answer, event);
    struct model_call *call = a->call;
    a->next = a->toy->free_answers;
    a->toy->free_answers = a;
    call->answered(call);
}

static void count(struct toy_broker *toy, const struct model_call *call)
{
    toy->requests++;
    for (uint32_t i = 0; i < call->produce.count; i++) {
        const struct broker_produce_part *part = &call->produce.parts[i];
        struct broker_batch_header header;
        broker_batch_header_read(part->spans[0].bytes, &header);
        assert(broker_batch_size(&header) == broker_spans_size(part->spans, part->span_count));
        toy->batches++;
        toy->records += (uint64_t)header.record_count;
    }
    toy->payload_bytes += call->produce.payload_bytes;
}

static void send(struct model_transport *transport, struct model_call *call)
{
    struct toy_broker *toy = sim_container(transport, struct toy_broker, transport);
    call->outcome = MODEL_CALL_ANSWERED;
    call->generation = call->connection->generation;
    if (call->kind == MODEL_PRODUCE) {
        count(toy, call);
        if (toy->decide && !toy->decide(toy, call))
            return;
    }
    struct toy_answer *a = toy->free_answers;
    if (a) {
        toy->free_answers = a->next;
    } else {
        a = calloc(1, sizeof *a);
        assert(a);
        a->toy = toy;
        a->all = toy->all_answers;
        toy->all_answers = a;
        sim_event_init(&a->event, answer);
    }
    a->call = call;
    sim_after(toy->sim, &a->event, call->kind == MODEL_PRODUCE ? toy->delay_ns : 0);
}

static void close_connection(struct model_transport *transport, struct model_connection *connection)
{
    struct toy_broker *toy = sim_container(transport, struct toy_broker, transport);
    toy->closes++;
    connection->generation++;
}

static int32_t leader(void *ctx, struct broker_tp tp, int32_t *leader_epoch)
{
    const struct toy_broker *toy = ctx;
    if (leader_epoch)
        *leader_epoch = 0;
    return toy->no_leader ? -1 : tp.partition % (int32_t)toy->brokers;
}

void toy_broker_init(struct toy_broker *toy, struct sim *sim, uint32_t brokers, int64_t delay_ns)
{
    assert(brokers > 0 && brokers <= TOY_BROKERS_MAX);
    memset(toy, 0, sizeof *toy);
    toy->transport.send = send;
    toy->transport.close = close_connection;
    toy->sim = sim;
    toy->brokers = brokers;
    toy->delay_ns = delay_ns;
    for (uint32_t i = 0; i < brokers; i++) {
        toy->connections[i].server_id = (int32_t)i;
        toy->connection_list[i] = &toy->connections[i];
    }
    toy->metadata = (struct model_metadata){
        .broker_count = brokers, .connections = toy->connection_list, .leader = leader, .ctx = toy};
}

void toy_broker_release(struct toy_broker *toy)
{
    while (toy->all_answers) {
        struct toy_answer *a = toy->all_answers;
        toy->all_answers = a->all;
        free(a);
    }
    toy->free_answers = NULL;
}
