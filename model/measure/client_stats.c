#include "model/measure/client_stats.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

void client_stats_init(struct client_stats *stats, int64_t from_ns, int64_t to_ns)
{
    memset(stats, 0, sizeof *stats);
    stats->from_ns = from_ns;
    stats->to_ns = to_ns;
}

static void add_window(struct client_sum *sum, const json_t *object, const char *key)
{
    const json_t *w = json_object_get(object, key);
    double count = json_number_value(json_object_get(w, "cnt"));
    if (!(count > 0))
        return;
    sum->count += count;
    sum->sum += json_number_value(json_object_get(w, "sum"));
    sum->p99_weighted += count * json_number_value(json_object_get(w, "p99"));
}

static double produce_requests(json_t *brokers)
{
    double sum = 0;
    const char *name;
    json_t *broker;
    json_object_foreach(brokers, name, broker) sum +=
        json_number_value(json_object_get(json_object_get(broker, "req"), "Produce"));
    return sum;
}

static void add_windows(struct client_stats *s, json_t *brokers, json_t *topics)
{
    const char *name;
    json_t *item;
    json_object_foreach(brokers, name, item)
    {
        add_window(&s->round_trip, item, "rtt");
        add_window(&s->queue_wait, item, "int_latency");
        add_window(&s->send_buffer, item, "outbuf_latency");
    }
    json_object_foreach(topics, name, item)
    {
        add_window(&s->batch_bytes, item, "batchsize");
        add_window(&s->batch_records, item, "batchcnt");
    }
}

static void add_document(struct client_stats *s, const json_t *root)
{
    json_t *brokers = json_object_get(root, "brokers");
    int64_t ts_us = json_integer_value(json_object_get(root, "ts"));
    double requests = produce_requests(brokers);
    bool inside = s->last_us > 0 && s->last_us * 1000 >= s->from_ns && ts_us * 1000 <= s->to_ns;
    if (inside && ts_us > s->last_us) {
        s->documents++;
        s->covered_us += (double)(ts_us - s->last_us);
        s->requests += requests - s->last_requests;
        add_windows(s, brokers, json_object_get(root, "topics"));
    }
    s->last_us = ts_us;
    s->last_requests = requests;
}

int client_stats_add(struct client_stats *stats, const char *json, struct measure_err *err)
{
    json_error_t at;
    json_t *root = json_loads(json, JSON_REJECT_DUPLICATES, &at);
    if (!root)
        return measure_fail(err, MEASURE_EFAILED, "librdkafka's statistics: %s", at.text);
    int rc = MEASURE_OK;
    if (json_is_integer(json_object_get(root, "ts")) &&
        json_is_object(json_object_get(root, "brokers")))
        add_document(stats, root);
    else
        rc = measure_fail(err, MEASURE_EFAILED, "librdkafka's statistics have no ts or brokers");
    json_decref(root);
    return rc;
}

double client_sum_mean(const struct client_sum *sum)
{
    return sum->count > 0 ? sum->sum / sum->count : NAN;
}

double client_sum_p99(const struct client_sum *sum)
{
    return sum->count > 0 ? sum->p99_weighted / sum->count : NAN;
}

double client_requests_per_s(const struct client_stats *stats)
{
    return stats->covered_us > 0 ? stats->requests / (stats->covered_us / 1e6) : NAN;
}
