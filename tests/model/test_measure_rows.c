/* headroom measure: rows: written, read back, appended. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "model/evidence/rows.h"
#include "model/measure/measured_row.h"
#include "model/measure/rows_file.h"
#include "tests/support/exporter_text.h"
#include "tests/support/scratch.h"

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
    r->client_cpu = (struct cpu_usage){.cores = 0.31, .count = 2};
    cpu_group_name(CPU_CLIENT, "headroom", r->client_cpu.groups[0].name);
    cpu_group_name(CPU_CLIENT, "rdk:broker1", r->client_cpu.groups[1].name);
    r->client_cpu.groups[0].cores = 0.21;
    r->client_cpu.groups[1].cores = 0.09;
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
    strcpy(f.config.topic_config[0], "segment.bytes=1048576");
    f.config.rate_per_s = 100;
    char *whole = write_row(&f.row);
    f.row.has_log = false;
    f.row.scrape_count = f.row.broker_count = 0;
    f.row.repeat = 3;
    f.row.jit = "mostly warm";
    char *remote = write_row(&f.row), *both;
    assert_true(asprintf(&both, "%s%s", whole, remote) > 0);
    scratch_put("two.jsonl", both);
    snprintf(path, sizeof path, "%s/two.jsonl", scratch);
    assert_int_equal(rows_read(&rows, path, &err), 0);
    assert_int_equal(rows.problem_count, 0);
    assert_int_equal(rows.warning_count, 0);
    assert_int_equal(rows.count, 2);
    const double *value = rows.row[0].value;
    assert_string_equal(rows.row[0].id, "rate-04");
    assert_string_equal(rows.row[0].config.topic_config, ", segment.bytes: 1048576");
    assert_int_equal(rows.row[0].repeat, 2);
    assert_int_equal(rows.row[0].jit, ROW_WARM);
    assert_int_equal(rows.row[1].jit, ROW_MOSTLY_WARM);
    assert_true(rows.row[0].config.rate_per_s == 100 && rows.row[0].config.measure_s == 15);
    assert_true(value[MEASURED_THROUGHPUT] == 100);
    assert_true(fabs(value[MEASURED_PRODUCE_P50] - 0.005) < 0.00005);
    assert_true(value[MEASURED_BROKER_CPU] == 0.1235 || value[MEASURED_BROKER_CPU] == 0.1234);
    assert_true(value[MEASURED_DISK_BYTES] == 101000);
    assert_true(value[MEASURED_CLIENT_CPU] == 0.31);
    assert_true(value[FITTED_APPLICATION_CPU] == 0.21);
    assert_true(value[FITTED_BROKER_THREAD_CPU] == 0.09);
    assert_true(isnan(rows.row[1].value[MEASURED_BROKER_CPU]));
    assert_true(isnan(rows.row[1].value[MEASURED_DISK_BYTES]));
    rows_release(&rows);
    free(whole), free(remote), free(both);
    release_row(&f);
}

/* Of brokers on other machines, by either name; the MBean's is the broker's own. A load of 1.25 cores and scrapes of 0.5 s each. */
static void row__has_the_cpu_that_exporters_tell(void **state)
{
    (void)state;
    static const char *const texts[][3] = {
        {"process_cpu_seconds_total 9.375\n", "process_cpu_seconds_total 10.5\n",
         "process_cpu_seconds_total 13.5\n"},
        {"java_lang_OperatingSystem_ProcessCpuTime 9.375E9\nprocess_cpu_seconds_total 1\n",
         "java_lang_OperatingSystem_ProcessCpuTime 1.05E10\nprocess_cpu_seconds_total 2\n",
         "java_lang_OperatingSystem_ProcessCpuTime 1.35E10\nprocess_cpu_seconds_total 9\n"}};
    static const int64_t at_ns[] = {-INT64_C(500000000), 0, INT64_C(2000000000)};
    for (int i = 0; i < 2; i++) {
        struct full_row f;
        struct measure_err err;
        fill_row(&f);
        f.row.broker_count = 0;
        struct broker_scrape *scrapes[] = {&f.row.probe[0], &f.row.before[0], &f.row.after[0]};
        for (int k = 0; k < 3; k++) {
            assert_int_equal(
                broker_scrape_parse(scrapes[k], texts[i][k], strlen(texts[i][k]), "t", &err),
                MEASURE_OK);
            scrapes[k]->at_ns = at_ns[k];
        }
        char *line = write_row(&f.row);
        assert_non_null(strstr(line, "\"broker_cpu_cores\": [1.2500], "));
        free(line);
        release_row(&f);
    }
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
    snprintf(path, sizeof path, "%s/rows.jsonl", scratch);
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
    snprintf(path, sizeof path, "%s/none.jsonl", scratch);
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
    scratch_put("torn", "{\"id\": \"x\", \"repeat\": 1}\n{\"id\": \"x\"");
    scratch_put("other", "version: 1\n");
    snprintf(path, sizeof path, "%s/torn", scratch);
    assert_int_equal(rows_file_open(&file, path, &err), MEASURE_EFAILED);
    assert_non_null(strstr(err.text, "torn:2: the last row has no end"));
    snprintf(path, sizeof path, "%s/other", scratch);
    assert_int_equal(rows_file_open(&file, path, &err), MEASURE_EFAILED);
    assert_int_equal(rows_file_open(&file, scratch, &err), MEASURE_EFAILED);
    assert_int_equal(rows_file_open(&file, "/dev/null", &err), MEASURE_EFAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(row__reads_back),
        cmocka_unit_test(row__is_read_by_calibration),
        cmocka_unit_test(row__has_the_cpu_that_exporters_tell),
        cmocka_unit_test(row__leaves_out_what_was_not_measured),
        cmocka_unit_test(rows_file__appends_and_counts_repeats),
        cmocka_unit_test(rows_file__without_a_row_is_removed),
        cmocka_unit_test(rows_file__is_not_appended_to_what_is_no_row),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
