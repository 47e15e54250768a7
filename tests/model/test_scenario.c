/* Loading: what a good file becomes, its defaults, --set and variants. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/scenario/scenario_internal.h"
#include "tests/support/scenario_text.h"

/* ---- what a file becomes ---- */

static void load__reads_the_quickstart(void **state)
{
    (void)state;
    struct scenario_options options = {.datadir = "scenarios"};
    struct scenario_doc *doc;
    assert_int_equal(scenario_load("scenarios/quickstart.yaml", &options, &doc), SCENARIO_OK);
    const struct scenario *s = scenario_base(doc);
    const struct scenario_producer *p = &s->producers[0];
    assert_string_equal(s->name, "quickstart");
    assert_string_equal(s->variant, "");
    assert_int_equal(s->cluster.brokers, 3);
    assert_int_equal(s->cluster.rack_count, 3);
    assert_int_equal(s->cluster.survive, SCENARIO_SURVIVE_RACK);
    assert_int_equal(s->cluster.machine.vcpus, 8);
    assert_int_equal(s->cluster.machine.ram_bytes, INT64_C(64) << 30);
    assert_true(s->cluster.machine.nic_baseline_bytes_per_s == 8.4e9 / 8);
    assert_int_equal(s->cluster.disks.count, 2);
    assert_int_equal(s->cluster.disks.size_bytes, INT64_C(2500000000000));
    assert_true(s->cluster.disks.read_iops == 85000);
    assert_int_equal(s->topics[0].partitions, 48);
    assert_int_equal(s->topics[0].config.retention_ms, 2 * 86400000);
    assert_int_equal(s->topics[0].config.min_insync_replicas, 2);
    assert_int_equal(p->topic, 0);
    assert_int_equal(p->clients, 24);
    assert_true(p->payload_bytes_per_s_mean == 14e6);
    assert_true(p->payload_bytes_per_s_peak == 20e6);
    assert_true(p->records_per_s_peak == 20e6 / 1024);
    assert_int_equal(p->size.kind, SCENARIO_SIZE_LOGNORMAL);
    assert_true(p->daily[0] == 0.3 && p->daily[23] == 0.4 && p->weekly[6] == 1);
    assert_true(p->growth_ratio == 0.03);
    assert_int_equal(p->config.acks, -1);
    assert_int_equal(p->config.batch_size, 65536);
    assert_int_equal(p->config.compression_type, SCENARIO_COMPRESSION_LZ4);
    assert_true(scenario_ratio_at(&p->compression_ratio, 100) == 1.5);
    assert_true(scenario_ratio_at(&p->compression_ratio, 16384) == 2.4);
    assert_true(scenario_ratio_at(&p->compression_ratio, 1e9) == 2.8);
    scenario_text_close(scenario_ratio_at(&p->compression_ratio, 4096), 1.95, 1e-9);
    assert_int_equal(s->groups[0].clients, 12);
    assert_int_equal(s->groups[0].processing_per_record_ns, 5000);
    assert_int_equal(s->slo_count, 3);
    assert_int_equal(s->slos[0].metric, SCENARIO_METRIC_PRODUCE);
    assert_true(s->slos[0].percentile == 99 && s->slos[0].value == 50e6);
    assert_int_equal(s->slos[1].metric, SCENARIO_METRIC_END_TO_END);
    assert_int_equal(s->slos[2].subject_kind, SCENARIO_SUBJECT_CLUSTER);
    assert_true(s->slos[2].value == 0.8);
    assert_int_equal(scenario_variant_count(doc), 2);
    assert_string_equal(scenario_variant_at(doc, 0)->variant, "acks-1");
    scenario_doc_free(doc);
}

static void load__fills_five_lines_with_defaults(void **state)
{
    (void)state;
    struct scenario_doc *doc = scenario_text_load(scenario_five_lines);
    const struct scenario *s = scenario_base(doc);
    assert_int_equal(s->cluster.brokers, 3);
    assert_int_equal(s->topics[0].replication, 3);
    assert_int_equal(s->topics[0].partitions, 12);
    assert_int_equal(s->topics[0].config.segment_bytes, 1 << 30);
    assert_int_equal(s->topics[0].config.flush_messages, INT64_MAX);
    assert_int_equal(s->producers[0].config.linger_ms, 5);
    assert_true(s->producers[0].config.enable_idempotence);
    assert_int_equal(s->producers[0].rack_count, 3);
    assert_int_equal(s->groups[0].topic_count, 1);
    assert_int_equal(s->groups[0].config.max_poll_records, 500);
    assert_true(s->limits.cpu == 0.6 && s->limits.thread_idle == 0.3);
    assert_int_equal(s->run.measure_ns, INT64_C(60000000000));
    assert_true(s->run.warmup_auto);
    scenario_doc_free(doc);
}

static void load__gives_librdkafka_its_own_defaults(void **state)
{
    (void)state;
    struct scenario_doc *doc = scenario_text_producer("rate: 10 MB/s, client: librdkafka");
    const struct scenario_producer_config *c = &scenario_base(doc)->producers[0].config;
    assert_int_equal(c->batch_size, 1000000);
    assert_int_equal(c->batch_num_messages, 10000);
    assert_int_equal(c->buffer_memory, INT64_C(1048576) * 1024);
    assert_int_equal(c->delivery_timeout_ms, 300000);
    assert_int_equal(c->max_in_flight, 1000000);
    assert_false(c->enable_idempotence);
    assert_int_equal(c->send_buffer_bytes, -1);
    scenario_doc_free(doc);
}

static void load__gives_consumers_of_librdkafka_their_own_defaults(void **state)
{
    (void)state;
    struct scenario_doc *doc =
        scenario_text_load("version: 1\ncluster: {machine: aws/i3en.2xlarge}\n"
                           "producers: {p: {topic: t, rate: 1 MB/s}}\n"
                           "groups: {g: {topics: [t], client: librdkafka}, "
                           "h: {topics: [t]}}\n");
    const struct scenario_consumer_config *c = &scenario_base(doc)->groups[0].config;
    assert_int_equal(c->queued_min_messages, 100000);
    assert_int_equal(c->queued_max_bytes, INT64_C(65536) * 1024);
    assert_int_equal(c->request_timeout_ms, 60000);
    assert_int_equal(c->retry_backoff_ms, 500);
    assert_int_equal(c->reconnect_backoff_max_ms, 10000);
    assert_int_equal(c->receive_buffer_bytes, -1);
    c = &scenario_base(doc)->groups[1].config;
    assert_int_equal(c->max_poll_records, 500);
    assert_int_equal(c->request_timeout_ms, 30000);
    assert_int_equal(c->reconnect_backoff_ms, 50);
    scenario_doc_free(doc);
}

static void load__turns_idempotence_off_with_acks_1_as_the_client_does(void **state)
{
    (void)state;
    struct scenario_doc *doc = scenario_text_producer("rate: 10 MB/s, config: {acks: 1}");
    assert_false(scenario_base(doc)->producers[0].config.enable_idempotence);
    scenario_doc_free(doc);
}

static void load__takes_topics_from_producers_when_none_are_given(void **state)
{
    (void)state;
    struct scenario_doc *doc =
        scenario_text_load("version: 1\ncluster: {machine: aws/i3en.2xlarge}\n"
                           "producers: {p: {topic: t, rate: 1 MB/s}, q: {topic: u, rate: max}, "
                           "r: {topic: t, rate: 5 records/s}}\n");
    const struct scenario *s = scenario_base(doc);
    assert_int_equal(s->topic_count, 2);
    assert_string_equal(s->topics[1].name, "u");
    assert_int_equal(s->producers[2].topic, 0);
    assert_int_equal(s->producers[1].rate_kind, SCENARIO_RATE_MAX);
    assert_true(s->producers[2].payload_bytes_per_s_peak == 5 * 1024);
    scenario_doc_free(doc);
}

static void load__passes_broker_settings_on_to_topics(void **state)
{
    (void)state;
    struct scenario_doc *doc =
        scenario_text_load("version: 1\ncluster: {machine: aws/i3en.2xlarge, config: "
                           "{log.segment.bytes: 64 MiB, log.retention.ms: 1 h}}\n"
                           "topics: {a: {}, b: {config: {segment.bytes: 128 "
                           "MiB}}}\nproducers: {p: {topic: a, rate: 1 MB/s}}\n");
    const struct scenario *s = scenario_base(doc);
    assert_int_equal(s->topics[0].config.segment_bytes, 64 << 20);
    assert_int_equal(s->topics[1].config.segment_bytes, 128 << 20);
    assert_int_equal(s->topics[1].config.retention_ms, 3600000);
    scenario_doc_free(doc);
}

/* A second of linger fills batches: floor((16384 - 61) x 2 / 1.05 / 507) = 61 records, 61 + 61 x 507 / 2 bytes on the wire. */
static void load__counts_wire_bytes_as_compressed(void **state)
{
    (void)state;
    struct scenario_doc *doc = scenario_text_producer(
        "rate: 10 MB/s, counted: wire, compression_ratio: 2, partitioner: uniform, "
        "config: {compression.type: lz4, linger.ms: 1000}, record: {size: 500 B}");
    const struct scenario_producer *p = &scenario_base(doc)->producers[0];
    double records = 10e6 / (61 + 60 * 510 / 2.0) * 60;
    scenario_text_close(p->records_per_s_peak, records, 1e-3);
    scenario_text_close(p->payload_bytes_per_s_peak, 500 * records, 1e-3);
    scenario_doc_free(doc);
}

static void load__takes_one_rate_as_the_peak_of_its_shape(void **state)
{
    (void)state;
    struct scenario_doc *doc =
        scenario_text_producer("rate: 10 MB/s, shape: {weekly: [2, 2, 2, 2, 2, 1, 1]}");
    const struct scenario_producer *p = &scenario_base(doc)->producers[0];
    assert_true(p->weekly[0] == 1 && p->weekly[6] == 0.5);
    assert_true(p->payload_bytes_per_s_peak == 10e6);
    scenario_text_close(p->payload_bytes_per_s_mean, 60e6 / 7, 1e-3);
    scenario_doc_free(doc);
}

static void load__computes_mean_and_spread_of_a_size_table(void **state)
{
    (void)state;
    struct scenario_doc *doc = scenario_text_producer(
        "rate: 10 MB/s, record: {size: {table: {100 B: 75 %, 500 B: 25 %}}}");
    const struct scenario_size *size = &scenario_base(doc)->producers[0].size;
    assert_true(size->mean_bytes == 200);
    scenario_text_close(size->cv, sqrt(30000.0) / 200, 1e-12);
    scenario_doc_free(doc);
}

static void load__knows_what_gp2_and_st1_volumes_do(void **state)
{
    (void)state;
    struct scenario_doc *doc = scenario_text_load(
        "version: 1\ncluster: {machine: aws/m5.2xlarge, volumes: {type: gp2, size: 100 GiB}}\n"
        "producers: {p: {topic: t, rate: 1 MB/s}}\n");
    const struct scenario_disks *d = &scenario_base(doc)->cluster.disks;
    /* 5.4 million credits at 3000 - 300 a second last 2000 s. */
    assert_true(d->iops == 300 && d->burst_iops == 3000);
    assert_true(d->credit_ios / (d->burst_iops - d->iops) == 2000);
    scenario_doc_free(doc);
    doc = scenario_text_load(
        "version: 1\ncluster: {machine: aws/m5.2xlarge, volumes: {type: st1, size: 1 TiB}}\n"
        "producers: {p: {topic: t, rate: 1 MB/s}}\n");
    d = &scenario_base(doc)->cluster.disks;
    scenario_text_close(d->credit_bytes / (d->burst_bytes_per_s - d->throughput_bytes_per_s), 4993,
                        1);
    scenario_text_close(d->credit_ios / (d->burst_iops - d->iops), 4993, 1);
    scenario_doc_free(doc);
    /* What is said of its bytes goes for its I/Os of 1 MiB: else those would bind below the burst. */
    doc = scenario_text_load(
        "version: 1\n"
        "cluster:\n"
        "  machine: aws/m5.2xlarge\n"
        "  volumes: {type: st1, size: 1 TiB, throughput: 100 MiB/s, burst_throughput: 400 MiB/s}\n"
        "producers: {p: {topic: t, rate: 1 MB/s}}\n");
    d = &scenario_base(doc)->cluster.disks;
    assert_true(d->iops == 100 && d->burst_iops == 400);
    scenario_doc_free(doc);
}

static void load__takes_a_machine_like_another(void **state)
{
    (void)state;
    struct scenario_doc *doc = scenario_text_load(
        "version: 1\ncluster: {machine: {like: aws/i3en.2xlarge, ram: 128 GiB}}\n"
        "producers: {p: {topic: t, rate: 1 MB/s}}\n");
    const struct scenario_machine *m = &scenario_base(doc)->cluster.machine;
    assert_int_equal(m->ram_bytes, INT64_C(128) << 30);
    assert_int_equal(m->vcpus, 8);
    assert_int_equal(scenario_base(doc)->cluster.disks.count, 2);
    scenario_doc_free(doc);
    doc = scenario_text_load(
        "version: 1\n"
        "cluster: {machine: {like: aws/i3en.2xlarge, disks: {layout: raid0, write: 900 MB/s}}}\n"
        "producers: {p: {topic: t, rate: 1 MB/s}}\n");
    const struct scenario_disks *d = &scenario_base(doc)->cluster.disks;
    assert_int_equal(d->layout, SCENARIO_RAID0);
    assert_int_equal(d->count, 2);
    assert_true(d->read_iops == 85000 && d->write_bytes_per_s == 900e6);
    scenario_doc_free(doc);
}

static void load__ignores_notes_that_begin_with_x(void **state)
{
    (void)state;
    char text[2048];
    snprintf(text, sizeof text, "%sx-owner: {team: payments, since: [2021]}\n",
             scenario_five_lines);
    scenario_doc_free(scenario_text_load(text));
}

/* As editors on Windows save it. */
static void load__takes_a_file_that_begins_with_a_byte_order_mark(void **state)
{
    (void)state;
    char text[2048];
    snprintf(text, sizeof text, "\xef\xbb\xbf%s", scenario_five_lines);
    scenario_doc_free(scenario_text_load(text));
}

static void load__refuses_a_file_that_is_too_large(void **state)
{
    (void)state;
    struct scenario_options options = {.datadir = "scenarios", .input_bytes_max = 100};
    struct scenario_doc *doc;
    assert_int_equal(scenario_load("scenarios/quickstart.yaml", &options, &doc), SCENARIO_ELIMIT);
    assert_string_equal(scenario_error_at(doc, 0)->message, "is larger than the limit of 100 B");
    scenario_doc_free(doc);
}

static void load__says_why_a_file_cannot_be_read(void **state)
{
    (void)state;
    struct scenario_options options = {.datadir = "scenarios"};
    struct scenario_doc *doc;
    assert_int_equal(scenario_load("scenarios/none.yaml", &options, &doc), SCENARIO_EIO);
    assert_string_equal(scenario_error_at(doc, 0)->message,
                        "cannot be read: No such file or directory");
    scenario_doc_free(doc);
    options.datadir = "nowhere";
    assert_int_equal(scenario_load("scenarios/quickstart.yaml", &options, &doc), SCENARIO_EIO);
    scenario_doc_free(doc);
}

/* ---- --set and variants ---- */

static void set__changes_the_same_keys_as_the_file(void **state)
{
    (void)state;
    static const char *const sets[] = {
        "producers.p.rate=40 MB/s", "producers.p.config.linger.ms=20",
        "topics.orders={partitions: 7, replication: 2}", "cluster.racks=[x, y]", "run.measure=5 s"};
    struct scenario_doc *doc = scenario_text_sets(scenario_five_lines, sets, 5);
    const struct scenario *s = scenario_base(doc);
    assert_non_null(s);
    assert_true(s->producers[0].payload_bytes_per_s_peak == 40e6);
    assert_int_equal(s->producers[0].config.linger_ms, 20);
    assert_int_equal(s->topics[0].partitions, 7);
    assert_int_equal(s->topics[0].config.retention_ms, 604800000);
    assert_int_equal(s->cluster.brokers, 4);
    assert_int_equal(s->run.measure_ns, INT64_C(5000000000));
    scenario_doc_free(doc);
}

static void set__reports_errors_at_the_option(void **state)
{
    (void)state;
    static const char *const sets[] = {"producers.p.config.linger.ms=-5",
                                       "producers.p.config.linger=5", "oops"};
    struct scenario_doc *doc = scenario_text_sets(scenario_five_lines, sets, 3);
    char *text = NULL;
    size_t bytes = 0;
    FILE *memory = open_memstream(&text, &bytes);
    scenario_errors_write(doc, memory);
    fclose(memory);
    assert_string_equal(
        text, "--set producers.p.config.linger=5: no key \"producers.p.config.linger\"; did you "
              "mean \"producers.p.config.linger.ms\"?\n"
              "--set oops: expected PATH=VALUE, such as producers.checkout.rate=\"40 MB/s\"\n"
              "--set producers.p.config.linger.ms=-5: producers.p.config.linger.ms is -5; expected "
              "0 to 900000 (ms)\n");
    free(text);
    scenario_doc_free(doc);
}

static void set__finds_names_that_hold_dots(void **state)
{
    (void)state;
    static const char *const sets[] = {"topics.orders.v1.partitions=9"};
    struct scenario_doc *doc = scenario_text_sets(
        "version: 1\ncluster: {machine: aws/i3en.2xlarge}\ntopics: {orders: {}, orders.v1: {}}\n"
        "producers: {p: {topic: orders, rate: 1 MB/s}}\n",
        sets, 1);
    assert_int_equal(scenario_base(doc)->topics[0].partitions, 12);
    assert_int_equal(scenario_base(doc)->topics[1].partitions, 9);
    scenario_doc_free(doc);
}

static void variant__changes_only_what_it_says(void **state)
{
    (void)state;
    char text[2048];
    snprintf(text, sizeof text,
             "%svariants: {fast: {producers.p.config.linger.ms: 0}, wide: "
             "{topics.orders.partitions: 60, "
             "producers.p.record.size: 2 KiB}}\n",
             scenario_five_lines);
    struct scenario_doc *doc = scenario_text_load(text);
    assert_int_equal(scenario_base(doc)->producers[0].config.linger_ms, 5);
    assert_int_equal(scenario_variant_at(doc, 0)->producers[0].config.linger_ms, 0);
    assert_int_equal(scenario_variant_at(doc, 0)->topics[0].partitions, 12);
    assert_int_equal(scenario_variant_at(doc, 1)->topics[0].partitions, 60);
    assert_int_equal(scenario_variant_at(doc, 1)->producers[0].config.linger_ms, 5);
    assert_true(scenario_variant_at(doc, 1)->producers[0].size.mean_bytes == 2048);
    assert_string_equal(scenario_variant_at(doc, 1)->variant, "wide");
    scenario_doc_free(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(load__reads_the_quickstart),
        cmocka_unit_test(load__fills_five_lines_with_defaults),
        cmocka_unit_test(load__gives_librdkafka_its_own_defaults),
        cmocka_unit_test(load__gives_consumers_of_librdkafka_their_own_defaults),
        cmocka_unit_test(load__turns_idempotence_off_with_acks_1_as_the_client_does),
        cmocka_unit_test(load__takes_topics_from_producers_when_none_are_given),
        cmocka_unit_test(load__passes_broker_settings_on_to_topics),
        cmocka_unit_test(load__counts_wire_bytes_as_compressed),
        cmocka_unit_test(load__takes_one_rate_as_the_peak_of_its_shape),
        cmocka_unit_test(load__computes_mean_and_spread_of_a_size_table),
        cmocka_unit_test(load__knows_what_gp2_and_st1_volumes_do),
        cmocka_unit_test(load__takes_a_machine_like_another),
        cmocka_unit_test(load__ignores_notes_that_begin_with_x),
        cmocka_unit_test(load__takes_a_file_that_begins_with_a_byte_order_mark),
        cmocka_unit_test(load__refuses_a_file_that_is_too_large),
        cmocka_unit_test(load__says_why_a_file_cannot_be_read),
        cmocka_unit_test(set__changes_the_same_keys_as_the_file),
        cmocka_unit_test(set__reports_errors_at_the_option),
        cmocka_unit_test(set__finds_names_that_hold_dots),
        cmocka_unit_test(variant__changes_only_what_it_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
