/* headroom measure: what a JMX exporter says, and how it is asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "model/measure/http_get.h"
#include "model/measure/measured_row.h"
#include "model/measure/prometheus.h"
#include "tests/support/exporter_text.h"

/* ---- an exporter's text ---- */

struct seen {
    int count;
    double sum;
    char last[300];
};

static void on_sample(void *ctx, const struct prometheus_sample *s)
{
    struct seen *seen = ctx;
    seen->count++;
    seen->sum += s->value;
    snprintf(seen->last, sizeof seen->last, "%s|%s", s->name, prometheus_label(s, "path"));
}

static int parse(const char *text, struct seen *seen, struct measure_err *err)
{
    memset(seen, 0, sizeof *seen);
    return prometheus_parse(text, strlen(text), on_sample, seen, err);
}

static void prometheus__reads_samples_labels_escapes_and_time_stamps(void **state)
{
    (void)state;
    struct seen seen;
    struct measure_err err;
    static const char text[] = "# HELP up is it\n# TYPE up gauge\n\nup 1\r\n"
                               "a:b{x=\"1\",} 2.5e3 1700000000000\n"
                               "c { path = \"C:\\\\d\\\"\\n}\" , y=\"\" } -4";
    assert_int_equal(parse(text, &seen, &err), MEASURE_OK);
    assert_int_equal(seen.count, 3);
    assert_true(seen.sum == 2497);
    assert_string_equal(seen.last, "c|C:\\d\"\n}");
    assert_int_equal(parse("x NaN\ny +Inf\n", &seen, &err), MEASURE_OK);
    assert_int_equal(seen.count, 2);
}

static void prometheus__names_the_line_that_is_malformed(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "up",        "up x",        "9up 1",        "up{a} 1",
        "up{a=1} 1", "up{a=\"1} 1", "up{a=\"1\" 1", "up{a=\"1\"b=\"2\"} 1",
        "up 1 2 3",  "up{a=\"\\",   "{a=\"1\"} 1",  "up 1x"};
    struct seen seen;
    struct measure_err err;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[64];
        snprintf(text, sizeof text, "ok 1\n%s\nok 1\n", bad[i]);
        assert_int_equal(parse(text, &seen, &err), MEASURE_EFAILED);
        assert_int_equal(strncmp(err.text, "line 2 is not a sample: ", 24), 0);
        assert_int_equal(seen.count, 1);
    }
}

static void prometheus__survives_a_cut_anywhere(void **state)
{
    (void)state;
    static const char text[] = "c{path=\"C:\\\\d\\\"\\n}\",y=\"\"} -4 17\nup{a=\"b\"} 5\n";
    struct seen seen;
    struct measure_err err;
    for (size_t size = 0; size <= strlen(text); size++) {
        char *cut = malloc(size + 1); /* its end is the heap's, for the sanitizer */
        memcpy(cut, text, size);
        memset(&seen, 0, sizeof seen);
        prometheus_parse(cut, size, on_sample, &seen, &err);
        assert_true(seen.count <= 2);
        free(cut);
    }
    char *longest = malloc(5000);
    memset(longest, 'a', 5000);
    assert_int_equal(prometheus_parse(longest, 5000, on_sample, &seen, &err), MEASURE_EFAILED);
    free(longest);
}

/* The same without rules. */
static const char UNRULED[] =
    "kafka_network_RequestMetrics_Count{name=\"RequestsPerSec\",request=\"Produce\",version=\"11\","
    "} 1000\n"
    "kafka_network_RequestMetrics_Count{name=\"TotalTimeMs\",request=\"Produce\",} 12345\n"
    "kafka_network_RequestMetrics_OneMinuteRate{name=\"RequestsPerSec\",request=\"Produce\","
    "version=\"11\",} 8\n"
    "kafka_network_RequestMetrics_50thPercentile{name=\"TotalTimeMs\",request=\"Produce\",} 1.5\n"
    "kafka_network_RequestMetrics_Mean{name=\"TotalTimeMs\",request=\"Produce\",} 2\n"
    "kafka_network_RequestMetrics_99thPercentile{name=\"TotalTimeMs\",request=\"Produce\",} 9\n"
    "kafka_network_RequestMetrics_999thPercentile{name=\"TotalTimeMs\",request=\"Produce\",} 90\n"
    "kafka_server_BrokerTopicMetrics_Count{name=\"BytesInPerSec\",} 1000\n"
    "kafka_server_BrokerTopicMetrics_Count{name=\"BytesInPerSec\",topic=\"t\",} 1\n"
    "kafka_server_BrokerTopicMetrics_MeanRate{name=\"BytesInPerSec\",} 3\n"
    "kafka_log_Log_Value{name=\"Size\",partition=\"0\",topic=\"t\",} 111\n";

static void broker_metrics__are_the_same_by_either_names(void **state)
{
    (void)state;
    struct broker_scrape ruled, unruled;
    struct measure_err err;
    assert_int_equal(broker_scrape_parse(&ruled, RULED, strlen(RULED), "t", &err), MEASURE_OK);
    assert_int_equal(broker_scrape_parse(&unruled, UNRULED, strlen(UNRULED), "t", &err),
                     MEASURE_OK);
    const struct broker_scrape *both[] = {&ruled, &unruled};
    for (int i = 0; i < 2; i++) {
        assert_true(both[i]->requests[BROKER_PRODUCE] == 1000);
        assert_true(isnan(both[i]->requests[BROKER_FETCH_CONSUMER]));
        assert_true(both[i]->time_ms[BROKER_PRODUCE][BROKER_TOTAL][BROKER_P50] == 1.5);
        assert_true(both[i]->time_ms[BROKER_PRODUCE][BROKER_TOTAL][BROKER_P99] == 9);
        assert_true(both[i]->bytes_in == 1000);
        assert_true(both[i]->log_bytes == 111);
    }
    assert_true(unruled.time_ms[BROKER_PRODUCE][BROKER_TOTAL][BROKER_MEAN] == 2);
    assert_true(isnan(ruled.time_ms[BROKER_PRODUCE][BROKER_TOTAL][BROKER_MEAN]));
    assert_true(ruled.time_ms[BROKER_PRODUCE][BROKER_RESPONSE_QUEUE][BROKER_P99] == 0.25);
    assert_true(isnan(ruled.time_ms[BROKER_PRODUCE][BROKER_REQUEST_QUEUE][BROKER_P99]));
    assert_true(ruled.bytes_out == 50);
    assert_true(ruled.gc_count == 4 && ruled.gc_seconds == 0.5);
}

static void broker_rate__is_nothing_after_a_restart(void **state)
{
    (void)state;
    struct broker_scrape a = {.at_ns = 0}, b = {.at_ns = INT64_C(2000000000)};
    assert_true(broker_rate(100, 300, &a, &b) == 100);
    assert_true(isnan(broker_rate(300, 100, &a, &b)));
    assert_true(isnan(broker_rate(NAN, 100, &a, &b)));
}

static struct broker_scrape cpu_at(double at_s, double cpu_s)
{
    return (struct broker_scrape){
        .at_ns = (int64_t)(at_s * 1e9), .process_cpu_s = cpu_s, .system_cpu_s = NAN};
}

static void scrape__that_reaches_into_the_window_is_refused(void **state)
{
    (void)state;
    struct measure_err err;
    const int64_t from_ns = INT64_C(60000000000);
    assert_int_equal(broker_scrape_in_time(from_ns - 1, from_ns, &err), MEASURE_OK);
    assert_int_equal(broker_scrape_in_time(from_ns, from_ns, &err), MEASURE_OK);
    assert_int_equal(broker_scrape_in_time(from_ns + 2500000000, from_ns, &err), MEASURE_EFAILED);
    assert_string_equal(err.text,
                        "two scrapes of --metrics took 6.5 s, and 4 s are theirs before what is "
                        "measured: let the exporter tell fewer metrics");
}

static void broker_cores__leave_out_what_scrapes_cost(void **state)
{
    (void)state;
    struct broker_scrape probe = cpu_at(0, 100), first = cpu_at(2, 100.6), last = cpu_at(12, 102.2),
                         nothing = cpu_at(12, NAN), again = cpu_at(12, 3);
    /* 0.125 cores and 0.35 s a scrape: 0.6 = 2 * 0.125 + 0.35, 1.6 = 10 * 0.125 + 0.35 */
    assert_true(fabs(broker_cores(&probe, &first, &last) - 0.125) < 1e-9);
    assert_true(isnan(broker_cores(&probe, &first, &nothing)));
    assert_true(isnan(broker_cores(&probe, &first, &again))); /* the broker was started again */
    assert_true(isnan(broker_cores(&again, &first, &last)));
    assert_true(isnan(broker_cores(&probe, &last, &first)));
}

/* ---- HTTP ---- */

struct server {
    int fd, port;
    const char *answer;
    char request[600];
    pthread_t thread;
    pthread_barrier_t *others; /* nobody answers before all were asked */
};

static void *serve_one(void *arg)
{
    struct server *s = arg;
    int c = accept(s->fd, NULL, NULL);
    if (s->others)
        pthread_barrier_wait(s->others);
    ssize_t n = read(c, s->request, sizeof s->request - 1);
    s->request[n > 0 ? n : 0] = 0;
    const char *p = s->answer;
    while (*p) { /* in small pieces */
        size_t size = strnlen(p, 7);
        if (write(c, p, size) != (ssize_t)size)
            break;
        p += size;
    }
    close(c);
    return NULL;
}

static void start_server(struct server *s, const char *answer, pthread_barrier_t *others)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof at;
    memset(s, 0, sizeof *s);
    s->answer = answer;
    s->others = others;
    s->fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(s->fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(s->fd, 1), 0);
    assert_int_equal(getsockname(s->fd, (struct sockaddr *)&at, &length), 0);
    s->port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&s->thread, NULL, serve_one, s), 0);
}

static int get(const char *answer, char **body, size_t *size, struct measure_err *err,
               struct server *s)
{
    char url[64];
    start_server(s, answer, NULL);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/metrics", s->port);
    int rc = http_get(url, body, size, err);
    pthread_join(s->thread, NULL);
    close(s->fd);
    return rc;
}

/* Each broker answers once all have been asked: one after the other would wait until they are given up. */
static void scrape__asks_all_brokers_at_the_same_time(void **state)
{
    (void)state;
    enum { BROKERS = 3 };
    struct server server[BROKERS];
    struct broker_scrape scrape[BROKERS];
    char url[BROKERS][64];
    const char *urls[BROKERS];
    pthread_barrier_t all;
    struct measure_err err;
    pthread_barrier_init(&all, NULL, BROKERS);
    for (int i = 0; i < BROKERS; i++) {
        start_server(&server[i], "HTTP/1.1 200 OK\r\n\r\nprocess_cpu_seconds_total 7\n", &all);
        snprintf(url[i], sizeof url[i], "http://127.0.0.1:%d/metrics", server[i].port);
        urls[i] = url[i];
    }
    assert_int_equal(broker_scrape_all(scrape, urls, BROKERS, "t", &err), MEASURE_OK);
    for (int i = 0; i < BROKERS; i++) {
        assert_true(scrape[i].process_cpu_s == 7);
        pthread_join(server[i].thread, NULL);
        close(server[i].fd);
    }
    pthread_barrier_destroy(&all);
    urls[1] = "http://127.0.0.1:1/metrics"; /* nobody is there */
    assert_int_equal(broker_scrape_all(&scrape[1], urls + 1, 1, "t", &err), MEASURE_EFAILED);
    assert_non_null(strstr(err.text, "127.0.0.1:1"));
}

static void http_get__gives_the_body(void **state)
{
    (void)state;
    struct server s;
    struct measure_err err;
    char *body;
    size_t size;
    assert_int_equal(
        get("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nup 1\n", &body, &size, &err, &s),
        MEASURE_OK);
    assert_int_equal(size, 5);
    assert_string_equal(body, "up 1\n");
    assert_int_equal(strncmp(s.request, "GET /metrics HTTP/1.0\r\n", 23), 0);
    free(body);
}

static void http_get__tells_what_went_wrong(void **state)
{
    (void)state;
    static const char *const answers[][2] = {
        {"HTTP/1.1 404 Not Found\r\n\r\n", "status 404"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nup 1\n", "cut off"},
        {"HTTP/1.1 200 OK\r\nContent-", "ends in its head"},
        {"SSH-2.0-x\r\n", "not HTTP"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nup 1\n", "chunks"}};
    struct server s;
    struct measure_err err;
    char *body;
    size_t size;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        assert_int_equal(get(answers[i][0], &body, &size, &err, &s), MEASURE_EFAILED);
        assert_non_null(strstr(err.text, answers[i][1]));
        assert_null(body);
    }
    static const char *const urls[] = {"https://a/", "http://", "http://a:b/", "http://a:/",
                                       "a:80"};
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        assert_int_equal(http_get(urls[i], &body, &size, &err), MEASURE_EINVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prometheus__reads_samples_labels_escapes_and_time_stamps),
        cmocka_unit_test(prometheus__names_the_line_that_is_malformed),
        cmocka_unit_test(prometheus__survives_a_cut_anywhere),
        cmocka_unit_test(broker_metrics__are_the_same_by_either_names),
        cmocka_unit_test(broker_rate__is_nothing_after_a_restart),
        cmocka_unit_test(scrape__that_reaches_into_the_window_is_refused),
        cmocka_unit_test(broker_cores__leave_out_what_scrapes_cost),
        cmocka_unit_test(scrape__asks_all_brokers_at_the_same_time),
        cmocka_unit_test(http_get__gives_the_body),
        cmocka_unit_test(http_get__tells_what_went_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
