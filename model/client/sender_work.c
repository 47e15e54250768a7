/*
 * model/client/sender_work.c - what a producer computes: the application on its records, the sender thread on requests and answers.
 *
 * Shape    The application's work runs beside the thread, one request behind: a request waits for the work on all that was drained before
 *          it. So work that overlaps with lingering costs no time, and a busy application bounds the rate.
 */
#include "model/client/producer_internal.h"

static void app_done(struct model_burst *burst);

/*
 * Records find the application awake: what waking for them costs hums (producer.c). A report does wake it, after no longer a sleep than lies
 * between two of those wake-ups.
 */
static void shorten_sleep(struct model_producer *p)
{
    int64_t now = sim_now_ns(p->sim);
    int64_t awake_ns = p->app_work_ns > 0 ? now : now - p->app_sleep_ns;
    if (p->app_sleep_ns > 0 && p->app.slept_since_ns < awake_ns)
        p->app.slept_since_ns = awake_ns;
}

static void app_start(struct model_producer *p)
{
    shorten_sleep(p);
    double work = p->app_work_ns;
    p->app_work_ns = 0;
    p->app_mark_run = p->app_mark;
    p->app_running = true;
    model_cpu_run(p->cpu, &p->app, work);
}

void sender_app_work(struct model_producer *p, double work_ns)
{
    p->app_mark++;
    p->app_work_ns += work_ns;
    if (!p->cpu) {
        p->app_mark_done = p->app_mark;
        return;
    }
    p->app.done = app_done;
    if (!p->app_running)
        app_start(p);
}

static void app_done(struct model_burst *burst)
{
    struct model_producer *p = burst->owner;
    p->app_running = false;
    p->app_mark_done = p->app_mark_run;
    if (p->app_mark > p->app_mark_done)
        app_start(p);
    if (report_serve(p, sim_now_ns(p->sim)))
        sender_run(p); /* the queue has room again */
    else
        sender_flush(p);
}

double sender_app_cost(const struct model_producer *p, double records, double raw_bytes)
{
    const struct model_profile *profile = p->profile;
    if (!p->cpu)
        return 0;
    if (!producer_is_java(p))
        return records * profile->librdkafka_app.record_ns +
               raw_bytes * profile->librdkafka_app.byte_ns;
    const struct model_cost *cost = &profile->java_send;
    return records * cost->record_ns +
           raw_bytes * (cost->byte_ns + profile->compress_byte_ns[p->config.compression.codec]);
}

static double tls_cost(const struct model_producer *p, const struct request *request)
{
    double records = 0;
    if (!p->config.tls)
        return 0;
    for (uint32_t i = 0; i < request->count; i++)
        records += request->batches[i]->span.count;
    return model_tls_send_ns(p->profile, producer_is_java(p),
                             p->config.compression.codec != BROKER_NONE, 1, records,
                             (double)request->bytes);
}

double sender_request_cost(const struct model_producer *p, const struct request *request)
{
    const struct model_profile *profile = p->profile;
    const struct model_cost *cost = model_client_send(profile, producer_is_java(p));
    double parts = request->count;
    double work =
        cost->request_ns + (cost->partition_ns + cost->batch_ns) * parts + tls_cost(p, request);
    if (producer_is_java(p))
        return work;
    for (uint32_t i = 0; i < request->count; i++) {
        const struct batch *batch = request->batches[i];
        if (batch->attempts > 0)
            continue;
        double records = batch->span.count, bytes = (double)batch->raw_bytes;
        work += records * cost->record_ns +
                bytes * (cost->byte_ns + profile->compress_byte_ns[p->config.compression.codec]) +
                model_client_far_ns(profile, records, bytes);
    }
    return work;
}

double sender_answer_cost(const struct model_producer *p, const struct request *request)
{
    struct model_cost cost = model_client_answer(p->profile, producer_is_java(p), p->config.acks);
    return cost.request_ns + cost.batch_ns * request->count;
}
