/*
 * model/client/delivery_report.c - when the application learns that a batch is acknowledged.
 *
 * Shape    Java calls the callbacks of a batch in the thread that has read its answer. librdkafka leaves a report to the application's
 *          thread, which is woken for it and polls; until then the records count in the queue's limits. With rate: max that thread
 *          never sleeps.
 * Source   librdkafka INTRODUCTION.md, "Threads and callbacks": callbacks run in the threads that call rd_kafka_poll().
 */
#include "model/client/producer_internal.h"

static bool app_is_woken(const struct model_producer *p)
{
    return p->cpu && !producer_is_java(p) && !p->config.max_rate;
}

void report_delivered(struct model_producer *p, struct batch *batch, int64_t now_ns)
{
    if (!app_is_woken(p)) {
        batch_record_age(p, batch, p->stats->latency_ns, now_ns);
        return;
    }
    sender_app_work(p, 0);
    batch->references++;
    batch->report_mark = p->app_mark;
    batch->next = NULL;
    *(p->reports_last ? &p->reports_last->next : &p->reports) = batch;
    p->reports_last = batch;
}

bool report_serve(struct model_producer *p, int64_t now_ns)
{
    bool any = false;
    while (p->reports && p->reports->report_mark <= p->app_mark_done) {
        struct batch *batch = p->reports;
        p->reports = batch->next;
        if (!p->reports)
            p->reports_last = NULL;
        batch_record_age(p, batch, p->stats->latency_ns, now_ns);
        pool_drop_reference(p, batch);
        any = true;
    }
    return any;
}
