/* Everything of `headroom measure` that needs no cluster: schedules, plans, rows, and what is read of processes, logs and exporters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/evidence/rows.h"
#include "model/measure/client_config.h"
#include "model/measure/http_get.h"
#include "model/measure/measured_row.h"
#include "model/measure/payload.h"
#include "model/measure/plan.h"
#include "model/measure/prometheus.h"
#include "model/measure/quantity.h"
#include "model/measure/rows_file.h"
#include "model/measure/schedule.h"

static char base[64];

static int make_base(void **state)
{
    (void)state;
    strcpy(base, "/tmp/test_measure.XXXXXX");
    return mkdtemp(base) ? 0 : -1;
}

static int remove_base(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", base);
    return system(command);
}

/* A file below base, its folders with it. */
static void put_bytes(const char *name, const void *bytes, size_t size)
{
    char path[512], command[600];
    snprintf(path, sizeof path, "%s/%s", base, name);
    snprintf(command, sizeof command, "mkdir -p $(dirname %s)", path);
    assert_int_equal(system(command), 0);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    fclose(out);
}

static void put(const char *name, const char *text)
{
    put_bytes(name, text, strlen(text));
}

/* ---- numbers with units ---- */

static void quantity__reads_rates_sizes_times_and_shares(void **state)
{
    (void)state;
    double rate = -1, share = -1;
    int32_t bytes = -1;
    int64_t time_ns = -1;
    assert_true(measure_parse_rate("20000/s", &rate) && rate == 20000);
    assert_true(measure_parse_rate("0.5 records/s", &rate) && rate == 0.5);
    assert_true(measure_parse_rate("max", &rate) && rate == 0);
    assert_true(measure_parse_bytes("1 KiB", &bytes) && bytes == 1024);
    assert_true(measure_parse_bytes("1kB", &bytes) && bytes == 1000);
    assert_true(measure_parse_time("5ms", &time_ns) && time_ns == 5000000);
    assert_true(measure_parse_time("4m", &time_ns) && time_ns == INT64_C(240000000000));
    assert_true(measure_parse_time("0", &time_ns) && time_ns == 0);
    assert_true(measure_parse_share("30%", &share) && fabs(share - 0.3) < 1e-12);
}

static void quantity__refuses_what_has_no_unit_or_another(void **state)
{
    (void)state;
    static const char *const rates[] = {"20000", "-5/s", "0/s", "5/m", "/s", "", "inf/s", "0x10/s"};
    static const char *const sizes[] = {"1000", "1.5B", "1 KB", "9 GB", "3000 MB", "B"};
    static const char *const times[] = {"5", "5 min", "ms", "-1ms", "1e3ms"};
    double rate = 7;
    int32_t bytes = 7;
    int64_t time_ns = 7;
    int count = 7;
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
        assert_false(measure_parse_rate(rates[i], &rate));
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        assert_false(measure_parse_bytes(sizes[i], &bytes));
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        assert_false(measure_parse_time(times[i], &time_ns));
    assert_false(measure_parse_count("4x", 1, 10, &count));
    assert_false(measure_parse_count("11", 1, 10, &count));
    assert_false(measure_parse_share("1.1", &rate));
    assert_true(rate == 7 && bytes == 7 && time_ns == 7 && count == 7);
}

/* ---- schedule ---- */

enum { DRAWS = 200000 };

static void schedule__poisson_gaps_have_the_exponentials_moments(void **state)
{
    (void)state;
    struct measure_config c;
    struct measure_schedule s;
    measure_config_init(&c);
    c.rate_per_s = 5000;
    measure_schedule_init(&s, &c, 7, 1);
    double sum = 0, squares = 0;
    int64_t before = 0;
    for (int i = 0; i < DRAWS; i++) {
        int64_t at = measure_schedule_next(&s);
        assert_true(at >= before);
        double gap = (double)(at - before);
        sum += gap;
        squares += gap * gap;
        before = at;
    }
    double mean = sum / DRAWS, variance = squares / DRAWS - mean * mean;
    /* Mean 200 us with a standard error of 0.22 %; coefficient of variation 1. Five standard errors. */
    assert_true(fabs(mean / 200e3 - 1) < 5 / sqrt(DRAWS));
    assert_true(fabs(sqrt(variance) / mean - 1) < 0.02);
}

static void schedule__constant_keeps_the_rate_without_drift(void **state)
{
    (void)state;
    struct measure_config c;
    struct measure_schedule s;
    measure_config_init(&c);
    c.rate_per_s = 3;
    c.arrivals = MEASURE_CONSTANT;
    measure_schedule_init(&s, &c, 7, 1);
    int64_t at = -1;
    for (int i = 0; i < 3 * 86400; i++)
        at = measure_schedule_next(&s);
    /* The first is at 0; a third of a ns lost each time would be 86 us by now. */
    assert_true(llabs(at - (INT64_C(86400000000000) - 333333333)) <= 1);
}

static void schedule__bursts_keep_the_rate_of_records(void **state)
{
    (void)state;
    struct measure_config c;
    struct measure_schedule s;
    measure_config_init(&c);
    c.rate_per_s = 5000;
    c.burst = 100;
    measure_schedule_init(&s, &c, 7, 1);
    int64_t last = -1, first = 0;
    int moments = 0;
    for (int i = 0; i < DRAWS; i++) {
        int64_t at = measure_schedule_next(&s);
        moments += at != last;
        assert_int_equal(moments, i / 100 + 1); /* a hundred at each moment */
        last = at;
        first = i ? first : at;
    }
    double rate = DRAWS / ((double)last / 1e9);
    assert_true(fabs(rate / 5000 - 1) < 5 / sqrt(DRAWS / 100));
}

static void schedule__is_the_seeds_and_the_repeats(void **state)
{
    (void)state;
    struct measure_config c;
    struct measure_schedule a, b, other;
    measure_config_init(&c);
    measure_schedule_init(&a, &c, 7, 1);
    measure_schedule_init(&b, &c, 7, 1);
    measure_schedule_init(&other, &c, 7, 2);
    int same = 0;
    for (int i = 0; i < 1000; i++) {
        int64_t at = measure_schedule_next(&a);
        assert_int_equal(at, measure_schedule_next(&b));
        same += at == measure_schedule_next(&other);
    }
    assert_true(same < 10);
}

/* ---- payload ---- */

static void payload__is_a_time_random_bytes_and_a_letter(void **state)
{
    (void)state;
    struct measure_config c;
    struct measure_payload p;
    measure_config_init(&c);
    c.record_bytes = 108;
    c.random_share = 0.3;
    measure_payload_init(&p, &c, 1, 1);
    uint8_t first[108];
    memcpy(first, measure_payload_next(&p, 12345), sizeof first);
    const uint8_t *second = measure_payload_next(&p, 67890);
    assert_int_equal(measure_payload_time(first), 12345);
    assert_int_equal(measure_payload_time(second), 67890);
    assert_memory_not_equal(first + 8, second + 8, 30);
    for (int i = 38; i < 108; i++)
        assert_int_equal(second[i], 'a');
    measure_payload_release(&p);
}

/* ---- configurations and plans ---- */

static void config__says_what_is_impossible(void **state)
{
    (void)state;
    struct measure_config good, c;
    struct measure_err err;
    measure_config_init(&good);
    assert_int_equal(measure_config_check(&good, &err), MEASURE_OK);
    c = good, c.record_bytes = 7;
    assert_int_equal(measure_config_check(&c, &err), MEASURE_EINVALID);
    assert_string_equal(err.text, "size is 7 B; expected 8 to 100000000 B");
    c = good, c.rate_per_s = 0, c.burst = 10;
    assert_int_equal(measure_config_check(&c, &err), MEASURE_EINVALID);
    c = good, c.rate_per_s = 0.01;
    assert_int_equal(measure_config_check(&c, &err), MEASURE_EINVALID);
    assert_non_null(strstr(err.text, "no record would be sent"));
    c = good, strcpy(c.topic_config[c.topic_config_count++], "flush.messages");
    assert_int_equal(measure_config_check(&c, &err), MEASURE_EINVALID);
    c = good, strcpy(c.id, "two words");
    assert_int_equal(measure_config_check(&c, &err), MEASURE_EINVALID);
}

static void name__differs_when_a_value_does(void **state)
{
    (void)state;
    struct measure_config plain, c[16];
    measure_config_init(&plain);
    for (int i = 0; i < 16; i++)
        c[i] = plain;
    c[1].rate_per_s = 0;
    c[2].record_bytes = 100;
    c[3].partitions = 5;
    c[4].replication = 3;
    c[5].acks = -1;
    c[6].acks = 0;
    c[7].linger_ms = 0.5;
    c[8].batch_bytes = 16384;
    c[9].random_share = 0.3;
    c[10].groups = 1;
    c[11].arrivals = MEASURE_CONSTANT;
    c[12].burst = 2;
    strcpy(c[13].topic_config[c[13].topic_config_count++], "flush.messages=1");
    strcpy(c[14].compression, "lz4");
    c[15].measure_ns *= 2;
    for (int i = 0; i < 16; i++) {
        measure_config_name(&c[i]);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(c[i].id, c[k].id);
    }
    assert_string_equal(c[0].id, "r20000-b1000-p4-l5");
}

static void check_plan(enum measure_plan plan, int brokers, int repeats, struct measure_schema *s)
{
    struct measure_config times;
    struct measure_err err;
    measure_config_init(&times);
    measure_schema_init(s, plan, brokers, repeats, 3, &times);
    int64_t length_ns = 0;
    for (int i = 0; i < s->config_count; i++) {
        assert_int_equal(measure_config_check(&s->configs[i], &err), MEASURE_OK);
        assert_true(s->configs[i].replication <= brokers);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(s->configs[i].id, s->configs[k].id);
    }
    for (int i = 0; i < s->step_count; i++)
        length_ns += measure_config_length_ns(&s->configs[s->steps[i].config]);
    assert_int_equal(s->length_ns, length_ns);
}

static void plan__measures_each_configuration_once_a_pass_in_an_order_of_its_own(void **state)
{
    (void)state;
    struct measure_schema s;
    check_plan(MEASURE_FULL, 1, 3, &s);
    assert_int_equal(s.step_count, 3 * s.config_count);
    int moved = 0;
    for (int pass = 0; pass < 3; pass++) {
        int *seen = calloc((size_t)s.config_count, sizeof *seen);
        for (int i = 0; i < s.config_count; i++) {
            const struct measure_step *step = &s.steps[pass * s.config_count + i];
            assert_int_equal(step->repeat, pass + 1);
            assert_int_equal(seen[step->config]++, 0);
            moved += step->config != s.steps[i].config;
        }
        free(seen);
    }
    assert_true(moved > s.config_count);
    measure_schema_release(&s);
}

static void plan__quick_is_a_part_of_full_and_replication_needs_brokers(void **state)
{
    (void)state;
    struct measure_schema quick, full, three;
    check_plan(MEASURE_QUICK, 1, 0, &quick);
    check_plan(MEASURE_FULL, 1, 0, &full);
    check_plan(MEASURE_FULL, 3, 0, &three);
    assert_true(quick.config_count < full.config_count && full.config_count < three.config_count);
    assert_true(quick.length_ns < INT64_C(600000000000)); /* ten minutes */
    for (int i = 0; i < quick.config_count; i++) {
        int k = 0;
        while (k < full.config_count && strcmp(full.configs[k].id, quick.configs[i].id) != 0)
            k++;
        assert_true(k < full.config_count);
    }
    measure_schema_release(&quick);
    measure_schema_release(&full);
    measure_schema_release(&three);
}

static void plan__is_the_same_for_the_same_seed(void **state)
{
    (void)state;
    struct measure_schema a, b;
    check_plan(MEASURE_QUICK, 3, 2, &a);
    check_plan(MEASURE_QUICK, 3, 2, &b);
    assert_int_equal(a.step_count, b.step_count);
    assert_memory_equal(a.steps, b.steps, (size_t)a.step_count * sizeof *a.steps);
    measure_schema_release(&a);
    measure_schema_release(&b);
}

/* ---- CPU ---- */

static void cpu__reads_stat_whose_name_looks_like_its_end(void **state)
{
    (void)state;
    int64_t ticks = -1, ns = -1;
    assert_true(cpu_parse_stat("42 (a) R 1 2) S 1 42 42 0 -1 4194560 100 0 0 0 250 33 0 0 20 0 9 0",
                               &ticks));
    assert_int_equal(ticks, 283);
    assert_false(cpu_parse_stat("42 (a", &ticks));
    assert_false(cpu_parse_stat("42 (a) S 1 42 42 0 -1 41", &ticks));
    assert_false(cpu_parse_stat("", &ticks));
    assert_true(cpu_parse_schedstat("123456789 5 6\n", &ns));
    assert_int_equal(ns, 123456789);
    assert_false(cpu_parse_schedstat("-5 1 1", &ns));
    assert_false(cpu_parse_schedstat("x", &ns));
}

static void cpu__names_groups_as_rows_do(void **state)
{
    (void)state;
    static const char *const names[][2] = {{"data-plane-kafk", "network_and_io_threads"},
                                           {"C2 CompilerThre", "jit_compiler"},
                                           {"GC Thread#1", "gc"},
                                           {"G1 Conc#0", "G Conc#"},
                                           {"kafka-1-raft-io", "kafka--raft-io"},
                                           {"ReplicaFetcherT", "replica_fetcher"}};
    char group[40];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        cpu_group_name(CPU_BROKER, names[i][0], group);
        assert_string_equal(group, names[i][1]);
    }
    cpu_group_name(CPU_CLIENT, "rdk:broker1", group);
    assert_string_equal(group, "librdkafka_broker_thread");
    cpu_group_name(CPU_CLIENT, "headroom", group);
    assert_string_equal(group, "application");
}

static void put_thread(int tid, const char *name, const char *schedstat)
{
    char path[64];
    snprintf(path, sizeof path, "proc/77/task/%d/comm", tid);
    put(path, name);
    snprintf(path, sizeof path, "proc/77/task/%d/schedstat", tid);
    put(path, schedstat);
}

static void cpu__usage_is_the_difference_in_cores_by_group(void **state)
{
    (void)state;
    struct cpu_sample before, after;
    struct cpu_usage usage;
    struct measure_err err;
    char root[96];
    snprintf(root, sizeof root, "%s/proc", base);
    put("proc/77/stat", "77 (java) S 1 77 77 0 -1 0 0 0 0 0 100 50 0 0 20 0 9 0 1");
    put_thread(77, "java\n", "1000 0 0");
    put_thread(78, "data-plane-kafk\n", "1000000000 0 0");
    put_thread(79, "data-plane-kafk\n", "2000000000 0 0");
    assert_int_equal(cpu_sample_read(&before, root, 77, &err), MEASURE_OK);
    before.at_ns = 0;
    put("proc/77/stat", "77 (java) S 1 77 77 0 -1 0 0 0 0 0 300 150 0 0 20 0 9 0 1");
    put_thread(78, "data-plane-kafk\n", "2000000000 0 0");
    put_thread(79, "data-plane-kafk\n", "3500000000 0 0");
    put_thread(80, "C1 CompilerThre\n", "500000000 0 0"); /* born meanwhile */
    assert_int_equal(cpu_sample_read(&after, root, 77, &err), MEASURE_OK);
    after.at_ns = INT64_C(10000000000);
    cpu_usage_between(&usage, &before, &after, CPU_BROKER);
    double tick_s = 1.0 / (double)sysconf(_SC_CLK_TCK);
    assert_true(fabs(usage.cores - 300 * tick_s / 10) < 1e-9);
    assert_int_equal(usage.count, 2); /* java itself used nothing */
    assert_string_equal(usage.groups[0].name, "network_and_io_threads");
    assert_true(fabs(usage.groups[0].cores - 0.25) < 1e-9);
    assert_string_equal(usage.groups[1].name, "jit_compiler");
    assert_true(fabs(usage.groups[1].cores - 0.05) < 1e-9);
    cpu_sample_release(&before);
    cpu_sample_release(&after);
    assert_int_equal(cpu_sample_read(&before, root, 78, &err), MEASURE_EFAILED);
    assert_string_equal(err.text, "process 78: there is none of that id");
}

static void cpu__own_process_has_used_some(void **state)
{
    (void)state;
    struct cpu_sample sample;
    struct measure_err err;
    assert_int_equal(cpu_sample_read(&sample, "/proc", getpid(), &err), MEASURE_OK);
    assert_true(sample.cpu_ns > 0);
    assert_int_equal(sample.count, 1);
    cpu_sample_release(&sample);
}

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

/* As the exporter's own example rules name things ... */
static const char RULED[] =
    "kafka_network_requestmetrics_requests_total{request=\"Produce\",version=\"11\"} 700\n"
    "kafka_network_requestmetrics_requests_total{request=\"Produce\",version=\"12\"} 300\n"
    "kafka_network_requestmetrics_requests_total{request=\"Metadata\",version=\"12\"} 5\n"
    "kafka_network_requestmetrics_totaltimems{request=\"Produce\",quantile=\"0.50\"} 1.5\n"
    "kafka_network_requestmetrics_totaltimems{request=\"Produce\",quantile=\"0.99\"} 9\n"
    "kafka_network_requestmetrics_totaltimems{request=\"Produce\",quantile=\"0.999\"} 90\n"
    "kafka_network_requestmetrics_totaltimems_count{request=\"Produce\"} 12345\n"
    "kafka_network_requestmetrics_responsequeuetimems{request=\"Produce\",quantile=\"0.99\"} 0.25\n"
    "kafka_server_brokertopicmetrics_bytesin_total{topic=\"t\"} 1\n"
    "kafka_server_brokertopicmetrics_bytesin_total 1000\n"
    "kafka_server_brokertopicmetrics_bytesout_total 50\n"
    "kafka_server_brokertopicmetrics_replicationbytesin_total 4\n"
    "kafka_log_log_size{topic=\"t\",partition=\"0\"} 100\n"
    "kafka_log_log_size{topic=\"t\",partition=\"1\"} 11\n"
    "kafka_log_log_size{topic=\"u\",partition=\"0\"} 7\n"
    "jvm_gc_collection_seconds_count{gc=\"G1 Young Generation\"} 3\n"
    "jvm_gc_collection_seconds_count{gc=\"G1 Old Generation\"} 1\n"
    "jvm_gc_collection_seconds_sum{gc=\"G1 Young Generation\"} 0.5\n";
/* ... and without any. */
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

/* ---- HTTP ---- */

struct server {
    int fd, port;
    const char *answer;
    char request[600];
    pthread_t thread;
};

static void *serve_one(void *arg)
{
    struct server *s = arg;
    int c = accept(s->fd, NULL, NULL);
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

static void start_server(struct server *s, const char *answer)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof at;
    memset(s, 0, sizeof *s);
    s->answer = answer;
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
    start_server(s, answer);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/metrics", s->port);
    int rc = http_get(url, body, size, err);
    pthread_join(s->thread, NULL);
    close(s->fd);
    return rc;
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
    put("client.properties",
        "# comment\n\n security.protocol = SASL_SSL \r\nsasl.password=a=b c\n");
    snprintf(path, sizeof path, "%s/client.properties", base);
    assert_int_equal(client_config_read(&c, path, &err), MEASURE_OK);
    assert_int_equal(c.count, 2);
    assert_string_equal(c.settings[0].key, "security.protocol");
    assert_string_equal(c.settings[0].value, "SASL_SSL");
    assert_string_equal(c.settings[1].value, "a=b c");
    client_config_release(&c);
    put("client.properties", "sasl.password=secret\nlinger.ms=7\n");
    assert_int_equal(client_config_read(&c, path, &err), MEASURE_EINVALID);
    assert_non_null(strstr(err.text, "client.properties:2: linger.ms; only keys of"));
    put("client.properties", "secret\n");
    assert_int_equal(client_config_read(&c, path, &err), MEASURE_EINVALID);
    assert_null(strstr(err.text, "secret"));
    assert_int_equal(client_config_read(&c, NULL, &err), MEASURE_OK);
    assert_int_equal(client_config_read(&c, "/nowhere/x", &err), MEASURE_EFAILED);
}

/* ---- GC logs ---- */

static void gc_log__counts_pauses_since_a_place(void **state)
{
    (void)state;
    static const char before[] = "[0.016s][info][gc] Using G1\n"
                                 "[1.949s][info][gc] GC(0) Pause Young (Normal) (G1 Evacuation "
                                 "Pause) 51M->7M(1024M) 20.728ms\n";
    static const char after[] = "[2.189s][info][gc] GC(2) Concurrent Mark Cycle 30.5ms\n"
                                "[2.201s][info][gc] GC(2) Pause Remark 10M->10M(1024M) 2.5ms\n"
                                "[2.301s][info][gc] GC(3) Pause Young (Normal) (G1 Evacuation "
                                "Pause) 51M->2M(1024M) 8.25ms\n"
                                "[2.401s][info][gc] GC(4) Pause Young (Normal) (G1 Evac";
    char text[1024], path[128];
    struct gc_pauses pauses;
    struct measure_err err;
    int64_t from;
    snprintf(path, sizeof path, "%s/gc.log", base);
    put("gc.log", before);
    assert_int_equal(gc_log_end(path, &from, &err), MEASURE_OK);
    snprintf(text, sizeof text, "%s%s", before, after);
    put("gc.log", text);
    assert_int_equal(gc_log_read(path, from, &pauses, &err), MEASURE_OK);
    assert_int_equal(pauses.count, 2);
    assert_true(pauses.total_ms == 10.75 && pauses.max_ms == 8.25);
    put("gc.log", after + 54); /* begun anew */
    assert_int_equal(gc_log_read(path, 1000000, &pauses, &err), MEASURE_OK);
    assert_int_equal(pauses.count, 2);
    assert_int_equal(gc_log_end("/nowhere/gc.log", &from, &err), MEASURE_EFAILED);
}

/* ---- log dirs ---- */

static size_t put_batch(uint8_t *at, uint8_t records, uint8_t bytes)
{
    memset(at, 0, bytes);
    at[11] = (uint8_t)(bytes - 12);
    at[16] = 2;
    at[60] = records;
    return bytes;
}

static void log_scan__sums_whole_batches_of_all_replicas(void **state)
{
    (void)state;
    uint8_t file[400];
    size_t n = put_batch(file, 5, 100);
    n += put_batch(file + n, 2, 80);
    put_bytes("d1/t-0/00000000000000000000.log", file, n);
    put_bytes("d2/t-0/00000000000000000000.log", file, n);
    put_bytes("d2/t-0/00000000000000000000.index", "x", 1);
    put_bytes("d2/t-1/00000000000000000000.log", file, 150); /* the second is being written */
    put_bytes("d2/u-0/00000000000000000000.log", file, n);
    char d1[128], d2[128];
    snprintf(d1, sizeof d1, "%s/d1", base);
    snprintf(d2, sizeof d2, "%s/d2", base);
    const char *dirs[] = {d1, d2};
    struct measure_log log;
    struct measure_err err;
    assert_int_equal(measure_log_scan(&log, dirs, 2, "t", 2, &err), MEASURE_OK);
    assert_int_equal(log.replicas, 3);
    assert_int_equal(log.batches, 5);
    assert_int_equal(log.records, 19);
    assert_int_equal(log.bytes, 460);
}

static void log_scan__refuses_what_is_no_log(void **state)
{
    (void)state;
    uint8_t file[100];
    put_batch(file, 1, 100);
    file[16] = 1;
    put_bytes("d3/t-0/00000000000000000000.log", file, sizeof file);
    char d3[128];
    snprintf(d3, sizeof d3, "%s/d3", base);
    const char *dirs[] = {d3, "/nowhere"};
    struct measure_log log;
    struct measure_err err;
    assert_int_equal(measure_log_scan(&log, dirs, 1, "t", 1, &err), MEASURE_EFAILED);
    assert_non_null(strstr(err.text, "byte 0 is not the start of a batch"));
    assert_int_equal(measure_log_scan(&log, dirs, 1, "none", 1, &err), MEASURE_EFAILED);
    assert_int_equal(measure_log_scan(&log, dirs + 1, 1, "t", 1, &err), MEASURE_EFAILED);
}

/* ---- rows ---- */

struct full_row {
    struct measure_config config;
    struct sim_histogram latency, end_to_end;
    struct measured_group group;
    struct measured_row row;
};

static void fill_row(struct full_row *f)
{
    memset(f, 0, sizeof *f);
    measure_config_init(&f->config);
    strcpy(f->config.id, "rate-04");
    strcpy(f->config.topic_config[f->config.topic_config_count++], "a=\"\\");
    f->config.groups = 1;
    sim_histogram_init(&f->latency);
    sim_histogram_init(&f->end_to_end);
    for (int i = 1; i <= 1000; i++)
        sim_histogram_record(&f->latency, i * 10000);
    f->group = (struct measured_group){&f->end_to_end, 99.94};
    struct measured_row *r = &f->row;
    r->config = &f->config;
    r->repeat = 2;
    r->brokers = 1;
    r->jit = "warm";
    r->acked_per_s = 100.04;
    r->latency = &f->latency;
    r->group_count = 1;
    r->groups = &f->group;
    r->broker_count = 1;
    r->broker_cpu[0].cores = 0.12345;
    r->broker_cpu[0].count = 1;
    strcpy(r->broker_cpu[0].groups[0].name, "gc");
    r->broker_cpu[0].groups[0].cores = 0.01;
    r->has_log = true;
    r->log = (struct measure_log){3, 2000, 2020000, 1};
    r->scrape_count = 1;
    struct measure_err err;
    broker_scrape_parse(&r->before[0], RULED, strlen(RULED), "t", &err);
    r->after[0] = r->before[0];
    r->after[0].at_ns = r->before[0].at_ns + 1000000000;
    r->after[0].requests[BROKER_PRODUCE] += 70;
}

static void release_row(struct full_row *f)
{
    sim_histogram_release(&f->latency);
    sim_histogram_release(&f->end_to_end);
}

static char *write_row(const struct measured_row *row)
{
    char *line;
    size_t size;
    FILE *out = open_memstream(&line, &size);
    assert_int_equal(measured_row_write(row, out), 0);
    fclose(out);
    assert_int_equal(strchr(line, '\n') - line, size - 1); /* one line */
    return line;
}

static double number(json_t *root, const char *a, const char *b)
{
    return json_number_value(
        json_object_get(json_object_get(json_object_get(root, "measured"), a), b));
}

static void row__reads_back(void **state)
{
    (void)state;
    struct full_row f;
    fill_row(&f);
    char *line = write_row(&f.row);
    json_t *root = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    json_t *config = json_object_get(root, "config"), *m = json_object_get(root, "measured");
    assert_string_equal(json_string_value(json_object_get(root, "id")), "rate-04");
    assert_string_equal(json_string_value(json_object_get(config, "acks")), "1");
    assert_true(json_is_integer(json_object_get(config, "rate_per_s")));
    assert_true(json_is_real(json_object_get(config, "linger_ms")));
    assert_true(json_is_null(json_object_get(config, "link_rate")));
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(config, "topic_config"), 0)), "a=\"\\");
    assert_true(json_real_value(json_object_get(m, "acked_records_per_s")) == 100.0);
    assert_true(fabs(number(root, "produce_latency_ms", "p50") - 5) < 0.05);
    assert_true(number(root, "produce_latency_ms", "max") == 10);
    assert_true(number(root, "produce_latency_ms", "n") == 1000);
    assert_true(json_is_null(json_array_get(json_object_get(m, "end_to_end_latency_ms"), 0)));
    assert_true(json_is_null(json_object_get(json_object_get(m, "client"), "round_trip_mean_ms")));
    assert_null(json_object_get(m, "unacknowledged"));
    assert_true(number(root, "log_whole_run", "records") == 2000);
    json_t *metrics = json_array_get(json_object_get(m, "broker_metrics"), 0);
    assert_true(json_number_value(
                    json_object_get(json_object_get(metrics, "requests_per_s"), "Produce")) == 70);
    json_decref(root);
    free(line);
    release_row(&f);
}

/* The reader of calibration takes the writer's rows: whole ones and those of a remote cluster, of which less is known. */
static void row__is_read_by_calibration(void **state)
{
    (void)state;
    struct full_row f;
    struct rows rows = {0};
    struct broker_err err;
    char path[128];
    fill_row(&f);
    f.config.topic_config_count = 0;
    f.config.rate_per_s = 100;
    char *whole = write_row(&f.row);
    f.row.has_log = false;
    f.row.scrape_count = f.row.broker_count = 0;
    f.row.repeat = 3;
    f.row.jit = "mostly warm";
    char *remote = write_row(&f.row), *both;
    assert_true(asprintf(&both, "%s%s", whole, remote) > 0);
    put("two.jsonl", both);
    snprintf(path, sizeof path, "%s/two.jsonl", base);
    assert_int_equal(rows_read(&rows, path, &err), 0);
    assert_int_equal(rows.problem_count, 0);
    assert_int_equal(rows.warning_count, 0);
    assert_int_equal(rows.count, 2);
    const double *value = rows.row[0].value;
    assert_string_equal(rows.row[0].id, "rate-04");
    assert_int_equal(rows.row[0].repeat, 2);
    assert_int_equal(rows.row[0].jit, ROW_WARM);
    assert_int_equal(rows.row[1].jit, ROW_MOSTLY_WARM);
    assert_true(rows.row[0].config.rate_per_s == 100 && rows.row[0].config.measure_s == 15);
    assert_true(value[MEASURED_THROUGHPUT] == 100);
    assert_true(fabs(value[MEASURED_PRODUCE_P50] - 0.005) < 0.00005);
    assert_true(value[MEASURED_BROKER_CPU] == 0.1235 || value[MEASURED_BROKER_CPU] == 0.1234);
    assert_true(value[MEASURED_DISK_BYTES] == 101000);
    assert_true(isnan(rows.row[1].value[MEASURED_BROKER_CPU]));
    assert_true(isnan(rows.row[1].value[MEASURED_DISK_BYTES]));
    rows_release(&rows);
    free(whole), free(remote), free(both);
    release_row(&f);
}

static void row__leaves_out_what_was_not_measured(void **state)
{
    (void)state;
    struct full_row f;
    fill_row(&f);
    sim_histogram_reset(&f.latency);
    f.row.has_log = false;
    f.row.scrape_count = f.row.broker_count = f.row.group_count = 0;
    f.config.rate_per_s = 0;
    f.config.acks = 0;
    f.row.unacknowledged = 17;
    char *line = write_row(&f.row);
    json_t *root = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    json_t *config = json_object_get(root, "config"), *m = json_object_get(root, "measured");
    assert_string_equal(json_string_value(json_object_get(config, "rate_per_s")), "max");
    assert_true(json_is_null(json_object_get(m, "produce_latency_ms")));
    assert_null(json_object_get(m, "log_whole_run"));
    assert_null(json_object_get(m, "broker_metrics"));
    assert_int_equal(json_integer_value(json_object_get(m, "unacknowledged")), 17);
    assert_int_equal(json_array_size(json_object_get(m, "broker_cpu_cores")), 0);
    assert_int_equal(json_array_size(json_object_get(m, "gc_pauses")), 0);
    assert_true(json_is_real(json_object_get(json_object_get(m, "client"), "round_trip_mean_ms")));
    json_decref(root);
    free(line);
    release_row(&f);
}

static void rows_file__appends_and_counts_repeats(void **state)
{
    (void)state;
    struct rows_file a, b;
    struct measure_err err;
    char path[128];
    snprintf(path, sizeof path, "%s/rows.jsonl", base);
    assert_int_equal(rows_file_open(&a, path, &err), MEASURE_OK);
    assert_int_equal(rows_file_open(&b, path, &err), MEASURE_EFAILED);
    assert_non_null(strstr(err.text, "another measurement writes to it"));
    static const char row[] = "{\"id\": \"x\", \"repeat\": 3}\n";
    assert_int_equal(rows_file_append(&a, row, strlen(row), &err), MEASURE_OK);
    rows_file_close(&a);
    assert_int_equal(rows_file_open(&a, path, &err), MEASURE_OK);
    assert_int_equal(rows_file_repeats(&a, "x"), 3);
    assert_int_equal(rows_file_repeats(&a, "y"), 0);
    rows_file_close(&a);
}

static void rows_file__without_a_row_is_removed(void **state)
{
    (void)state;
    struct rows_file file;
    struct measure_err err;
    char path[128];
    snprintf(path, sizeof path, "%s/none.jsonl", base);
    assert_int_equal(rows_file_open(&file, path, &err), MEASURE_OK);
    assert_int_equal(access(path, F_OK), 0);
    rows_file_close(&file);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void rows_file__is_not_appended_to_what_is_no_row(void **state)
{
    (void)state;
    struct rows_file file;
    struct measure_err err;
    char path[128];
    put("torn", "{\"id\": \"x\", \"repeat\": 1}\n{\"id\": \"x\"");
    put("other", "version: 1\n");
    snprintf(path, sizeof path, "%s/torn", base);
    assert_int_equal(rows_file_open(&file, path, &err), MEASURE_EFAILED);
    assert_non_null(strstr(err.text, "torn:2: the last row has no end"));
    snprintf(path, sizeof path, "%s/other", base);
    assert_int_equal(rows_file_open(&file, path, &err), MEASURE_EFAILED);
    assert_int_equal(rows_file_open(&file, base, &err), MEASURE_EFAILED);
    assert_int_equal(rows_file_open(&file, "/dev/null", &err), MEASURE_EFAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantity__reads_rates_sizes_times_and_shares),
        cmocka_unit_test(quantity__refuses_what_has_no_unit_or_another),
        cmocka_unit_test(schedule__poisson_gaps_have_the_exponentials_moments),
        cmocka_unit_test(schedule__constant_keeps_the_rate_without_drift),
        cmocka_unit_test(schedule__bursts_keep_the_rate_of_records),
        cmocka_unit_test(schedule__is_the_seeds_and_the_repeats),
        cmocka_unit_test(payload__is_a_time_random_bytes_and_a_letter),
        cmocka_unit_test(config__says_what_is_impossible),
        cmocka_unit_test(name__differs_when_a_value_does),
        cmocka_unit_test(plan__measures_each_configuration_once_a_pass_in_an_order_of_its_own),
        cmocka_unit_test(plan__quick_is_a_part_of_full_and_replication_needs_brokers),
        cmocka_unit_test(plan__is_the_same_for_the_same_seed),
        cmocka_unit_test(cpu__reads_stat_whose_name_looks_like_its_end),
        cmocka_unit_test(cpu__names_groups_as_rows_do),
        cmocka_unit_test(cpu__usage_is_the_difference_in_cores_by_group),
        cmocka_unit_test(cpu__own_process_has_used_some),
        cmocka_unit_test(prometheus__reads_samples_labels_escapes_and_time_stamps),
        cmocka_unit_test(prometheus__names_the_line_that_is_malformed),
        cmocka_unit_test(prometheus__survives_a_cut_anywhere),
        cmocka_unit_test(broker_metrics__are_the_same_by_either_names),
        cmocka_unit_test(broker_rate__is_nothing_after_a_restart),
        cmocka_unit_test(http_get__gives_the_body),
        cmocka_unit_test(http_get__tells_what_went_wrong),
        cmocka_unit_test(client_stats__count_whole_intervals_of_the_window_only),
        cmocka_unit_test(client_config__takes_security_and_nothing_that_is_measured),
        cmocka_unit_test(gc_log__counts_pauses_since_a_place),
        cmocka_unit_test(log_scan__sums_whole_batches_of_all_replicas),
        cmocka_unit_test(log_scan__refuses_what_is_no_log),
        cmocka_unit_test(row__reads_back),
        cmocka_unit_test(row__is_read_by_calibration),
        cmocka_unit_test(row__leaves_out_what_was_not_measured),
        cmocka_unit_test(rows_file__appends_and_counts_repeats),
        cmocka_unit_test(rows_file__without_a_row_is_removed),
        cmocka_unit_test(rows_file__is_not_appended_to_what_is_no_row),
    };
    return cmocka_run_group_tests(tests, make_base, remove_base);
}
