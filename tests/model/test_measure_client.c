/* headroom measure: the client's own statistics and settings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "model/measure/client_config.h"
#include "model/measure/measured_row.h"
#include "tests/support/scratch.h"

/* ---- librdkafka's statistics ---- */

static const char *document(char *text, size_t size, long long ts_us, int requests, int count)
{
    snprintf(text, size,
             "{\"ts\": %lld, \"brokers\": {\"a:1/1\": {\"req\": {\"Produce\": %d, \"Fetch\": 9},"
             " \"rtt\": {\"sum\": %d, \"cnt\": %d, \"p99\": 900},"
             " \"int_latency\": {\"sum\": 0, \"cnt\": 0},"
             " \"outbuf_latency\": {\"sum\": %d, \"cnt\": %d}}},"
             " \"topics\": {\"t\": {\"batchsize\": {\"sum\": %d, \"cnt\": %d},"
             " \"batchcnt\": {\"sum\": %d, \"cnt\": %d}}}}",
             ts_us, requests, count * 400, count, count * 30, count, count * 5000, count, count * 5,
             count);
    return text;
}

static void client_stats__count_whole_intervals_of_the_window_only(void **state)
{
    (void)state;
    struct client_stats s;
    struct measure_err err;
    char text[1024];
    client_stats_init(&s, INT64_C(2500000000), INT64_C(6000000000));
    static const struct {
        long long ts_us;
        int requests, count;
    } documents[] = {{1000000, 10, 7000},  {2000000, 500, 7000}, {3000000, 1000, 7000},
                     {4000000, 1100, 90},  {5000000, 1220, 110}, {6000000, 1300, 100},
                     {7000000, 9000, 7000}};
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++)
        assert_int_equal(client_stats_add(&s,
                                          document(text, sizeof text, documents[i].ts_us,
                                                   documents[i].requests, documents[i].count),
                                          &err),
                         MEASURE_OK);
    assert_int_equal(s.documents, 3);
    assert_true(s.round_trip.count == 300);
    assert_true(client_sum_mean(&s.round_trip) == 400);
    assert_true(client_sum_mean(&s.send_buffer) == 30);
    assert_true(client_sum_p99(&s.round_trip) == 900);
    assert_true(client_sum_mean(&s.batch_records) == 5);
    assert_true(fabs(client_requests_per_s(&s) - 100) < 1e-9);
    assert_true(isnan(client_sum_mean(&s.queue_wait)));
    assert_int_equal(client_stats_add(&s, "{\"ts\": 1", &err), MEASURE_EFAILED);
    assert_int_equal(client_stats_add(&s, "[]", &err), MEASURE_EFAILED);
}

/* ---- client settings ---- */

static void client_config__takes_security_and_nothing_that_is_measured(void **state)
{
    (void)state;
    struct client_config c;
    struct measure_err err;
    char path[128];
    scratch_put("client.properties",
                "# comment\n\n security.protocol = SASL_SSL \r\nsasl.password=a=b c\n");
    snprintf(path, sizeof path, "%s/client.properties", scratch);
    assert_int_equal(client_config_read(&c, path, &err), MEASURE_OK);
    assert_int_equal(c.count, 2);
    assert_string_equal(c.settings[0].key, "security.protocol");
    assert_string_equal(c.settings[0].value, "SASL_SSL");
    assert_string_equal(c.settings[1].value, "a=b c");
    client_config_release(&c);
    scratch_put("client.properties", "sasl.password=secret\nlinger.ms=7\n");
    assert_int_equal(client_config_read(&c, path, &err), MEASURE_EINVALID);
    assert_non_null(strstr(err.text, "client.properties:2: linger.ms; only keys of"));
    scratch_put("client.properties", "secret\n");
    assert_int_equal(client_config_read(&c, path, &err), MEASURE_EINVALID);
    assert_null(strstr(err.text, "secret"));
    assert_int_equal(client_config_read(&c, NULL, &err), MEASURE_OK);
    assert_int_equal(client_config_read(&c, "/nowhere/x", &err), MEASURE_EFAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(client_stats__count_whole_intervals_of_the_window_only),
        cmocka_unit_test(client_config__takes_security_and_nothing_that_is_measured),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
