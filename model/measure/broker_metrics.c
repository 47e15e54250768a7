#include "model/measure/broker_metrics.h"

#include <ctype.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "model/measure/clock.h"
#include "model/measure/http_get.h"
#include "model/measure/prometheus.h"

const char *const BROKER_REQUEST_NAMES[BROKER_REQUESTS] = {"Produce", "FetchConsumer",
                                                           "FetchFollower"};
const char *const BROKER_PART_NAMES[BROKER_PARTS] = {"total",  "request_queue",  "local",
                                                     "remote", "response_queue", "response_send"};
const char *const BROKER_STATISTIC_NAMES[BROKER_STATISTICS] = {"mean", "p50", "p99"};

static const char *const PART_KEYS[BROKER_PARTS] = {
    "requestmetricstotaltimems",         "requestmetricsrequestqueuetimems",
    "requestmetricslocaltimems",         "requestmetricsremotetimems",
    "requestmetricsresponsequeuetimems", "requestmetricsresponsesendtimems"};

enum { KEY_MAX = 512 };

/* Lower case, without underscores. */
static size_t append_plain(char *key, size_t used, const char *text)
{
    for (; *text && used < KEY_MAX - 1; text++)
        if (isalnum((unsigned char)*text))
            key[used++] = (char)tolower((unsigned char)*text);
    key[used] = 0;
    return used;
}

/* Removes `word` from key and tells whether it was there. */
static bool take_word(char *key, const char *word)
{
    char *at = strstr(key, word);
    if (!at)
        return false;
    memmove(at, at + strlen(word), strlen(at + strlen(word)) + 1);
    return true;
}

/* Which statistic of a time: taken out of the key, or told by the label `quantile`. */
static int take_statistic(char *key, const char *quantile)
{
    char *end;
    double q = strtod(quantile, &end);
    if (*quantile && *end == 0)
        return q == 0.5 ? BROKER_P50 : q == 0.99 ? BROKER_P99 : -1;
    if (strstr(key, "999thpercentile"))
        return -1;
    if (take_word(key, "50thpercentile"))
        return BROKER_P50;
    if (take_word(key, "99thpercentile"))
        return BROKER_P99;
    return take_word(key, "mean") ? BROKER_MEAN : -1;
}

static int find_request(const char *name)
{
    for (int i = 0; i < BROKER_REQUESTS; i++)
        if (strcasecmp(BROKER_REQUEST_NAMES[i], name) == 0)
            return i;
    return -1;
}

static void add(double *sum, double value)
{
    *sum = isnan(*sum) ? value : *sum + value;
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

/* A counter of requests may be split by version; the parts are summed. */
static void take_request(struct broker_scrape *s, char *key, const struct prometheus_sample *sample)
{
    int request = find_request(prometheus_label(sample, "request"));
    if (request < 0)
        return;
    char count[KEY_MAX];
    strcpy(count, key);
    if ((take_word(count, "count") || take_word(count, "total")) &&
        (ends_with(count, "requestmetricsrequestspersec") ||
         ends_with(count, "requestmetricsrequests"))) {
        add(&s->requests[request], sample->value);
        return;
    }
    int statistic = take_statistic(key, prometheus_label(sample, "quantile"));
    for (int part = 0; statistic >= 0 && part < BROKER_PARTS; part++)
        if (ends_with(key, PART_KEYS[part]))
            s->time_ms[request][part][statistic] = sample->value;
}

/* Over all topics: those of a topic have its label, and are in the sum already. */
static void take_topics(struct broker_scrape *s, char *key, const struct prometheus_sample *sample)
{
    if (prometheus_label(sample, "topic")[0] ||
        !(take_word(key, "count") || take_word(key, "total")))
        return;
    take_word(key, "persec");
    if (ends_with(key, "topicmetricsbytesin"))
        add(&s->bytes_in, sample->value);
    else if (ends_with(key, "topicmetricsbytesout"))
        add(&s->bytes_out, sample->value);
    else if (ends_with(key, "topicmetricsmessagesin"))
        add(&s->messages_in, sample->value);
}

static void take_log(struct broker_scrape *s, char *key, const struct prometheus_sample *sample)
{
    take_word(key, "value");
    if (ends_with(key, "kafkaloglogsize") &&
        strcmp(prometheus_label(sample, "topic"), s->topic) == 0)
        add(&s->log_bytes, sample->value);
}

static void take_sample(void *ctx, const struct prometheus_sample *sample)
{
    struct broker_scrape *s = ctx;
    char key[KEY_MAX];
    append_plain(key, append_plain(key, 0, sample->name), prometheus_label(sample, "name"));
    if (strstr(key, "requestmetrics"))
        take_request(s, key, sample);
    else if (strstr(key, "brokertopicmetrics"))
        take_topics(s, key, sample);
    else if (strstr(key, "kafkalog"))
        take_log(s, key, sample);
    else if (strcmp(key, "jvmgccollectionsecondscount") == 0)
        add(&s->gc_count, sample->value);
    else if (strcmp(key, "jvmgccollectionsecondssum") == 0)
        add(&s->gc_seconds, sample->value);
    else if (strcmp(key, "processcpusecondstotal") == 0)
        s->process_cpu_s = sample->value;
    else if (ends_with(key, "operatingsystemprocesscputime"))
        s->system_cpu_s = sample->value / 1e9; /* ns */
}

static void clear(struct broker_scrape *s, const char *topic)
{
    memset(s, 0, sizeof *s);
    s->topic = topic;
    for (int r = 0; r < BROKER_REQUESTS; r++) {
        s->requests[r] = NAN;
        for (int p = 0; p < BROKER_PARTS; p++)
            for (int q = 0; q < BROKER_STATISTICS; q++)
                s->time_ms[r][p][q] = NAN;
    }
    s->bytes_in = s->bytes_out = s->messages_in = s->log_bytes = NAN;
    s->gc_count = s->gc_seconds = s->process_cpu_s = s->system_cpu_s = NAN;
}

int broker_scrape_parse(struct broker_scrape *scrape, const char *text, size_t size,
                        const char *topic, struct measure_err *err)
{
    clear(scrape, topic);
    return prometheus_parse(text, size, take_sample, scrape, err);
}

int broker_scrape_get(struct broker_scrape *scrape, const char *url, const char *topic,
                      struct measure_err *err)
{
    char *text;
    size_t size;
    int64_t asked_ns = measure_now_ns();
    int rc = http_get(url, &text, &size, err);
    if (rc != MEASURE_OK)
        return rc;
    int64_t answered_ns = measure_now_ns();
    struct measure_err inner;
    rc = broker_scrape_parse(scrape, text, size, topic, &inner);
    scrape->at_ns = asked_ns + (answered_ns - asked_ns) / 2;
    free(text);
    return rc == MEASURE_OK ? rc : measure_fail(err, rc, "%.200s: %.180s", url, inner.text);
}

struct asked {
    pthread_t thread;
    bool threaded;
    struct broker_scrape *scrape;
    const char *url, *topic;
    int rc;
    struct measure_err err;
};

static void *ask(void *ctx)
{
    struct asked *a = ctx;
    a->rc = broker_scrape_get(a->scrape, a->url, a->topic, &a->err);
    return NULL;
}

int broker_scrape_all(struct broker_scrape *scrapes, const char *const *urls, int count,
                      const char *topic, struct measure_err *err)
{
    struct asked *asked = calloc((size_t)count + 1, sizeof *asked);
    int rc = MEASURE_OK;
    if (!asked)
        return measure_fail(err, MEASURE_EFAILED, "out of memory");
    for (int i = 0; i < count; i++) {
        struct asked *a = &asked[i];
        *a = (struct asked){.scrape = &scrapes[i], .url = urls[i], .topic = topic};
        a->threaded = pthread_create(&a->thread, NULL, ask, a) == 0;
        if (!a->threaded)
            ask(a);
    }
    for (int i = 0; i < count; i++) {
        if (asked[i].threaded)
            pthread_join(asked[i].thread, NULL);
        if (asked[i].rc != MEASURE_OK && rc == MEASURE_OK) {
            rc = asked[i].rc;
            *err = asked[i].err;
        }
    }
    free(asked);
    return rc;
}

int broker_scrape_in_time(int64_t over_ns, int64_t from_ns, struct measure_err *err)
{
    if (over_ns <= from_ns)
        return MEASURE_OK;
    return measure_fail(err, MEASURE_EFAILED,
                        "two scrapes of --metrics took %.1f s, and %d s are theirs before what is "
                        "measured: let the exporter tell fewer metrics",
                        (double)(over_ns - from_ns + BROKER_SCRAPE_LEAD_NS) / 1e9,
                        (int)(BROKER_SCRAPE_LEAD_NS / 1000000000));
}

static double seconds_between(const struct broker_scrape *a, const struct broker_scrape *b)
{
    return (double)(b->at_ns - a->at_ns) / 1e9;
}

double broker_rate(double before, double after, const struct broker_scrape *first,
                   const struct broker_scrape *last)
{
    double seconds = seconds_between(first, last);
    return seconds > 0 && after >= before ? (after - before) / seconds : NAN;
}

/* CPU seconds at a scrape. */
static double cpu_s(const struct broker_scrape *s, bool of_system)
{
    return of_system ? s->system_cpu_s : s->process_cpu_s;
}

/* Both spans hold the cost of one scrape: what the longer one has more is the load's alone. */
double broker_cores(const struct broker_scrape *probe, const struct broker_scrape *first,
                    const struct broker_scrape *last)
{
    bool of_system = !isnan(last->system_cpu_s);
    double lead = cpu_s(first, of_system) - cpu_s(probe, of_system);
    double used = cpu_s(last, of_system) - cpu_s(first, of_system);
    double longer = seconds_between(first, last) - seconds_between(probe, first);
    return longer > 0 && lead >= 0 && used >= lead ? (used - lead) / longer : NAN;
}
