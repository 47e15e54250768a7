/* Loading: what a good file becomes, defaults, --set, variants, uncertain inputs, explain, units. */
#include "model/scenario/load.h"
#include "model/scenario/scenario_internal.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char five_lines[] = "version: 1\n"
                                 "cluster: {machine: aws/i3en.2xlarge, racks: [a, b, c]}\n"
                                 "topics: {orders: {config: {retention.ms: 2 d}}}\n"
                                 "producers: {p: {rate: 10 MB/s}}\n"
                                 "groups: {g: {}}\n";

static void assert_close(double a, double b, double within)
{
    if (!(fabs(a - b) <= within))
        print_error("%.17g is not within %g of %.17g\n", a, within, b);
    assert_true(fabs(a - b) <= within);
}

static struct scenario_doc *load_sets(const char *text, const char *const *sets, int set_count)
{
    struct scenario_options options = {
        .datadir = "scenarios", .sets = sets, .set_count = set_count};
    struct scenario_doc *doc;
    enum scenario_status status = scenario_load_text("t.yaml", text, strlen(text), &options, &doc);
    assert_int_equal(status == SCENARIO_OK, scenario_error_count(doc) == 0);
    return doc;
}

static struct scenario_doc *load(const char *text)
{
    struct scenario_doc *doc = load_sets(text, NULL, 0);
    scenario_errors_write(doc, stderr);
    assert_int_equal(scenario_error_count(doc), 0);
    return doc;
}

/* five_lines with the producers' line replaced. */
static struct scenario_doc *load_producer(const char *settings)
{
    char text[4096];
    snprintf(text, sizeof text,
             "version: 1\ncluster: {machine: aws/i3en.2xlarge, racks: [a, b, c]}\n"
             "topics: {orders: {partitions: 12}}\nproducers: {p: {%s}}\n",
             settings);
    return load(text);
}

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
    assert_close(scenario_ratio_at(&p->compression_ratio, 4096), 1.95, 1e-9);
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
    struct scenario_doc *doc = load(five_lines);
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
    struct scenario_doc *doc = load_producer("rate: 10 MB/s, client: librdkafka");
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
    struct scenario_doc *doc = load("version: 1\ncluster: {machine: aws/i3en.2xlarge}\n"
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
    struct scenario_doc *doc = load_producer("rate: 10 MB/s, config: {acks: 1}");
    assert_false(scenario_base(doc)->producers[0].config.enable_idempotence);
    scenario_doc_free(doc);
}

static void load__takes_topics_from_producers_when_none_are_given(void **state)
{
    (void)state;
    struct scenario_doc *doc =
        load("version: 1\ncluster: {machine: aws/i3en.2xlarge}\n"
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
    struct scenario_doc *doc = load("version: 1\ncluster: {machine: aws/i3en.2xlarge, config: "
                                    "{log.segment.bytes: 64 MiB, log.retention.ms: 1 h}}\n"
                                    "topics: {a: {}, b: {config: {segment.bytes: 128 "
                                    "MiB}}}\nproducers: {p: {topic: a, rate: 1 MB/s}}\n");
    const struct scenario *s = scenario_base(doc);
    assert_int_equal(s->topics[0].config.segment_bytes, 64 << 20);
    assert_int_equal(s->topics[1].config.segment_bytes, 128 << 20);
    assert_int_equal(s->topics[1].config.retention_ms, 3600000);
    scenario_doc_free(doc);
}

static void load__counts_wire_bytes_as_compressed(void **state)
{
    (void)state;
    struct scenario_doc *doc =
        load_producer("rate: 10 MB/s, counted: wire, compression_ratio: 2, "
                      "config: {compression.type: lz4}, record: {size: 500 B}");
    const struct scenario_producer *p = &scenario_base(doc)->producers[0];
    assert_true(p->payload_bytes_per_s_peak == 20e6);
    assert_true(p->records_per_s_peak == 40000);
    scenario_doc_free(doc);
}

static void load__takes_one_rate_as_the_peak_of_its_shape(void **state)
{
    (void)state;
    struct scenario_doc *doc =
        load_producer("rate: 10 MB/s, shape: {weekly: [2, 2, 2, 2, 2, 1, 1]}");
    const struct scenario_producer *p = &scenario_base(doc)->producers[0];
    assert_true(p->weekly[0] == 1 && p->weekly[6] == 0.5);
    assert_true(p->payload_bytes_per_s_peak == 10e6);
    assert_close(p->payload_bytes_per_s_mean, 60e6 / 7, 1e-3);
    scenario_doc_free(doc);
}

static void load__computes_mean_and_spread_of_a_size_table(void **state)
{
    (void)state;
    struct scenario_doc *doc =
        load_producer("rate: 10 MB/s, record: {size: {table: {100 B: 75 %, 500 B: 25 %}}}");
    const struct scenario_size *size = &scenario_base(doc)->producers[0].size;
    assert_true(size->mean_bytes == 200);
    assert_close(size->cv, sqrt(30000.0) / 200, 1e-12);
    scenario_doc_free(doc);
}

static void load__knows_what_gp2_and_st1_volumes_do(void **state)
{
    (void)state;
    struct scenario_doc *doc =
        load("version: 1\ncluster: {machine: aws/m5.2xlarge, volumes: {type: gp2, size: 100 GiB}}\n"
             "producers: {p: {topic: t, rate: 1 MB/s}}\n");
    const struct scenario_disks *d = &scenario_base(doc)->cluster.disks;
    /* 5.4 million credits at 3000 - 300 a second last 2000 s. */
    assert_true(d->iops == 300 && d->burst_iops == 3000);
    assert_true(d->credit_ios / (d->burst_iops - d->iops) == 2000);
    scenario_doc_free(doc);
    doc = load("version: 1\ncluster: {machine: aws/m5.2xlarge, volumes: {type: st1, size: 1 TiB}}\n"
               "producers: {p: {topic: t, rate: 1 MB/s}}\n");
    d = &scenario_base(doc)->cluster.disks;
    assert_close(d->credit_bytes / (d->burst_bytes_per_s - d->throughput_bytes_per_s), 4993, 1);
    scenario_doc_free(doc);
}

static void load__takes_a_machine_like_another(void **state)
{
    (void)state;
    struct scenario_doc *doc =
        load("version: 1\ncluster: {machine: {like: aws/i3en.2xlarge, ram: 128 GiB}}\n"
             "producers: {p: {topic: t, rate: 1 MB/s}}\n");
    const struct scenario_machine *m = &scenario_base(doc)->cluster.machine;
    assert_int_equal(m->ram_bytes, INT64_C(128) << 30);
    assert_int_equal(m->vcpus, 8);
    assert_int_equal(scenario_base(doc)->cluster.disks.count, 2);
    scenario_doc_free(doc);
    doc = load(
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
    snprintf(text, sizeof text, "%sx-owner: {team: payments, since: [2021]}\n", five_lines);
    scenario_doc_free(load(text));
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
    struct scenario_doc *doc = load_sets(five_lines, sets, 5);
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
    struct scenario_doc *doc = load_sets(five_lines, sets, 3);
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
    struct scenario_doc *doc = load_sets(
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
             five_lines);
    struct scenario_doc *doc = load(text);
    assert_int_equal(scenario_base(doc)->producers[0].config.linger_ms, 5);
    assert_int_equal(scenario_variant_at(doc, 0)->producers[0].config.linger_ms, 0);
    assert_int_equal(scenario_variant_at(doc, 0)->topics[0].partitions, 12);
    assert_int_equal(scenario_variant_at(doc, 1)->topics[0].partitions, 60);
    assert_int_equal(scenario_variant_at(doc, 1)->producers[0].config.linger_ms, 5);
    assert_true(scenario_variant_at(doc, 1)->producers[0].size.mean_bytes == 2048);
    assert_string_equal(scenario_variant_at(doc, 1)->variant, "wide");
    scenario_doc_free(doc);
}

/* ---- uncertain inputs ---- */

static const char uncertain[] =
    "rate: 15..25 MB/s, clients: 3..9, record: {size: {lognormal: {mean: {lognormal: {mean: "
    "1 KiB, cv: 0.5}}, cv: {triangular: {min: 0.2, mode: 0.8, max: 1}}}}}";

static void input__has_its_central_value_in_the_base(void **state)
{
    (void)state;
    struct scenario_doc *doc = load_producer(uncertain);
    const struct scenario_producer *p = &scenario_base(doc)->producers[0];
    assert_true(p->payload_bytes_per_s_peak == 20e6);
    assert_int_equal(p->clients, 6);
    assert_true(p->size.mean_bytes == 1024 && p->size.cv == 0.8);
    assert_int_equal(scenario_input_count(doc, -1), 4);
    const struct scenario_input *rate = NULL;
    for (int i = 0; i < 4; i++)
        if (strcmp(scenario_input_at(doc, -1, i)->path, "producers.p.rate") == 0)
            rate = scenario_input_at(doc, -1, i);
    assert_non_null(rate);
    assert_string_equal(rate->text, "15..25 MB/s");
    assert_string_equal(rate->unit, "bytes/s");
    assert_true(rate->low == 15e6 && rate->central == 20e6 && rate->high == 25e6);
    scenario_doc_free(doc);
}

static void sample__depends_on_seed_and_replication_alone(void **state)
{
    (void)state;
    struct scenario_doc *doc = load_producer(uncertain);
    struct scenario *a = scenario_sample(doc, -1, 1, 3), *b = scenario_sample(doc, -1, 1, 3);
    struct scenario *c = scenario_sample(doc, -1, 1, 4), *d = scenario_sample(doc, -1, 2, 3);
    assert_true(a->producers[0].rate_peak == b->producers[0].rate_peak);
    assert_true(a->producers[0].size.cv == b->producers[0].size.cv);
    assert_true(a->producers[0].rate_peak != c->producers[0].rate_peak);
    assert_true(a->producers[0].rate_peak != d->producers[0].rate_peak);
    scenario_free(a);
    scenario_free(b);
    scenario_free(c);
    scenario_free(d);
    scenario_doc_free(doc);
}

static void sample__draws_an_input_alike_whatever_else_the_file_holds(void **state)
{
    (void)state;
    struct scenario_doc *doc = load_producer(uncertain), *less = load_producer("rate: 15..25 MB/s");
    struct scenario *a = scenario_sample(doc, -1, 1, 0), *b = scenario_sample(less, -1, 1, 0);
    assert_true(a->producers[0].rate_peak == b->producers[0].rate_peak);
    scenario_free(a);
    scenario_free(b);
    scenario_doc_free(doc);
    scenario_doc_free(less);
}

/* A uniform's mean and a lognormal's mean and cv, over 4000 draws: 5 standard errors. */
static void sample__follows_the_stated_distributions(void **state)
{
    (void)state;
    enum { DRAWS = 4000 };
    struct scenario_doc *doc = load_producer(uncertain);
    double rate = 0, size = 0, square = 0, cv = 0;
    for (uint32_t r = 0; r < DRAWS; r++) {
        struct scenario *s = scenario_sample(doc, -1, 7, r);
        const struct scenario_producer *p = &s->producers[0];
        assert_true(p->rate_peak >= 15e6 && p->rate_peak <= 25e6);
        assert_in_range(p->clients, 3, 9);
        rate += p->rate_peak / DRAWS;
        size += p->size.mean_bytes / DRAWS;
        square += p->size.mean_bytes * p->size.mean_bytes / DRAWS;
        cv += p->size.cv / DRAWS;
        scenario_free(s);
    }
    assert_close(rate, 20e6, 5 * 10e6 / sqrt(12.0 * DRAWS));
    assert_close(size, 1024, 5 * 512 / sqrt(DRAWS));
    assert_close(sqrt(square - size * size) / size, 0.5, 0.05);
    assert_close(cv, (0.2 + 0.8 + 1) / 3, 5 * 0.17 / sqrt(DRAWS));
    scenario_doc_free(doc);
}

static void with_input__moves_one_input_and_leaves_the_others(void **state)
{
    (void)state;
    struct scenario_doc *doc = load_producer("clients: 3..9, rate: 15..25 MB/s");
    int n = scenario_input_count(doc, -1);
    assert_int_equal(n, 2);
    for (int i = 0; i < n; i++) {
        const struct scenario_input *input = scenario_input_at(doc, -1, i);
        struct scenario *s = scenario_with_input(doc, -1, i, input->low);
        bool is_rate = strcmp(input->path, "producers.p.rate") == 0;
        assert_true(s->producers[0].rate_peak == (is_rate ? 15e6 : 20e6));
        assert_int_equal(s->producers[0].clients, is_rate ? 6 : 3);
        scenario_free(s);
    }
    scenario_doc_free(doc);
}

static void sample__equals_the_base_when_nothing_is_uncertain(void **state)
{
    (void)state;
    struct scenario_doc *doc = load(five_lines);
    struct scenario *s = scenario_sample(doc, -1, 1, 0);
    assert_memory_equal(&s->producers[0].config, &scenario_base(doc)->producers[0].config,
                        sizeof s->producers[0].config);
    assert_true(s->producers[0].rate_peak == 10e6);
    scenario_free(s);
    scenario_doc_free(doc);
}

/* ---- assumptions ---- */

static const struct scenario_input *assumption(const struct scenario_doc *doc, const char *path,
                                               int *index)
{
    for (*index = 0; *index < scenario_assumption_count(doc, -1); ++*index)
        if (strcmp(scenario_assumption_at(doc, -1, *index)->path, path) == 0)
            return scenario_assumption_at(doc, -1, *index);
    return NULL;
}

static void assumption__is_an_input_that_the_file_leaves_open(void **state)
{
    (void)state;
    int index;
    struct scenario_doc *doc = load(five_lines);
    const struct scenario_input *size =
        assumption(doc, "producers.p.record.size.lognormal.mean", &index);
    assert_non_null(size);
    assert_string_equal(size->text, "1 KiB");
    assert_true(size->low == 200 && size->central == 1024 && size->high == 2000);
    struct scenario *s = scenario_with_assumption(doc, -1, index, 200);
    assert_true(s->producers[0].size.mean_bytes == 200);
    assert_true(s->producers[0].records_per_s_peak == 10e6 / 200);
    assert_true(s->producers[0].size.cv == 0.8);
    scenario_free(s);
    assert_non_null(assumption(doc, "groups.g.processing.per_record", &index));
    assert_null(assumption(doc, "producers.p.compression_ratio", &index));
    scenario_doc_free(doc);
    doc = load_producer("rate: 10 MB/s, record: {size: 1 KiB}, config: {compression.type: lz4}");
    assert_null(assumption(doc, "producers.p.record.size.lognormal.mean", &index));
    assert_non_null(assumption(doc, "producers.p.compression_ratio", &index));
    s = scenario_with_assumption(doc, -1, index, 0.5);
    assert_close(scenario_ratio_at(&s->producers[0].compression_ratio, 16384), 1.5, 1e-12);
    scenario_free(s);
    scenario_doc_free(doc);
}

/* ---- explain ---- */

static char *explain(const struct scenario_doc *doc)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *memory = open_memstream(&text, &bytes);
    assert_int_equal(scenario_explain(doc, memory), 0);
    fclose(memory);
    return text;
}

/* All that is a number in both: the fields of the table. */
static void assert_same_fields(enum scenario_section section, const void *a, const void *b)
{
    for (int i = 0; i < scenario_key_count(section); i++) {
        const struct scenario_key *key = &scenario_key_tables[section].keys[i];
        const char *x = (const char *)a + key->offset, *y = (const char *)b + key->offset;
        if (key->type == SCENARIO_KEY_COUNT || key->type == SCENARIO_KEY_CHOICE)
            assert_int_equal(*(const int *)x, *(const int *)y);
        else if (key->type == SCENARIO_KEY_INTEGER)
            assert_int_equal(*(const int64_t *)x, *(const int64_t *)y);
        else if (key->type == SCENARIO_KEY_NUMBER || key->type == SCENARIO_KEY_RATE)
            assert_memory_equal(x, y, sizeof(double));
        else if (key->type == SCENARIO_KEY_BOOL)
            assert_int_equal(*(const bool *)x, *(const bool *)y);
        else if (key->type == SCENARIO_KEY_TEXT)
            assert_string_equal(*(const char *const *)x, *(const char *const *)y);
    }
}

static void assert_same_scenario(const struct scenario *a, const struct scenario *b)
{
    assert_same_fields(SCENARIO_SECTION_ROOT, a, b);
    assert_memory_equal(&a->cluster.disks, &b->cluster.disks, sizeof a->cluster.disks);
    assert_int_equal(a->topic_count, b->topic_count);
    assert_int_equal(a->producer_count, b->producer_count);
    assert_int_equal(a->group_count, b->group_count);
    assert_int_equal(a->slo_count, b->slo_count);
    for (int i = 0; i < a->topic_count; i++)
        assert_same_fields(SCENARIO_SECTION_TOPIC, &a->topics[i], &b->topics[i]);
    for (int i = 0; i < a->producer_count; i++) {
        const struct scenario_producer *p = &a->producers[i], *q = &b->producers[i];
        assert_same_fields(SCENARIO_SECTION_PRODUCER, p, q);
        assert_memory_equal(&p->config, &q->config, sizeof p->config);
        assert_memory_equal(&p->size, &q->size, sizeof p->size);
        assert_memory_equal(&p->daily, &q->daily, sizeof p->daily);
        assert_memory_equal(&p->compression_ratio, &q->compression_ratio,
                            sizeof p->compression_ratio);
    }
    for (int i = 0; i < a->group_count; i++)
        assert_same_fields(SCENARIO_SECTION_GROUP, &a->groups[i], &b->groups[i]);
}

static void assert_explained_is_same(const char *path)
{
    struct scenario_options options = {.datadir = "scenarios"};
    struct scenario_doc *doc, *again;
    enum scenario_status status = scenario_load(path, &options, &doc);
    scenario_errors_write(doc, stderr);
    assert_int_equal(status, SCENARIO_OK);
    char *text = explain(doc);
    status = scenario_load_text(path, text, strlen(text), &options, &again);
    scenario_errors_write(again, stderr);
    assert_int_equal(status, SCENARIO_OK);
    assert_same_scenario(scenario_base(doc), scenario_base(again));
    assert_int_equal(scenario_variant_count(doc), scenario_variant_count(again));
    for (int i = 0; i < scenario_variant_count(doc); i++)
        assert_same_scenario(scenario_variant_at(doc, i), scenario_variant_at(again, i));
    free(text);
    scenario_doc_free(doc);
    scenario_doc_free(again);
}

static void explain__loads_to_the_same_scenario(void **state)
{
    (void)state;
    assert_explained_is_same("scenarios/quickstart.yaml");
    assert_explained_is_same("tests/model/scenario/volumes.yaml");
    assert_explained_is_same("tests/model/scenario/own-machine.yaml");
    assert_explained_is_same("tests/model/scenario/clients.yaml");
}

static void explain__names_the_origin_of_each_value(void **state)
{
    (void)state;
    static const char *const sets[] = {"run.seed=9"};
    struct scenario_doc *doc = load_sets(five_lines, sets, 1);
    char *text = explain(doc);
    assert_non_null(strstr(text, "retention.ms: 2 d                        # t.yaml:3\n"));
    assert_non_null(
        strstr(text, "seed: 9                                      # --set run.seed=9\n"));
    assert_non_null(
        strstr(text, "buffer.memory: 33554432                  # 32 MiB; default: Kafka 4.2\n"));
    assert_non_null(strstr(
        text,
        "segment.bytes: 1073741824                # 1 GiB; cluster.config.log.segment.bytes\n"));
    free(text);
    scenario_doc_free(doc);
}

/* ---- schema, presets ---- */

static void new__writes_a_preset_that_loads(void **state)
{
    (void)state;
    char *text = NULL;
    size_t bytes = 0;
    FILE *memory = open_memstream(&text, &bytes);
    assert_int_equal(scenario_new_write("scenarios", NULL, memory), 0);
    assert_int_equal(scenario_new_write("scenarios", "no-such-preset", memory), 1);
    assert_int_equal(scenario_new_write("scenarios", "../README", memory), 1);
    fclose(memory);
    scenario_doc_free(load(text));
    free(text);
}

/* ---- units ---- */

static void assert_number(const char *text, enum scenario_unit unit, double value)
{
    struct scenario_number n;
    assert_int_equal(scenario_number_parse(text, strlen(text), unit, false, &n),
                     SCENARIO_NUMBER_OK);
    if (n.value != value)
        print_error("%s is %.17g\n", text, n.value);
    assert_true(n.value == value);
}

static void number__reads_sizes_times_and_rates(void **state)
{
    (void)state;
    assert_number("1 B", SCENARIO_UNIT_BYTES, 1);
    assert_number("1.5 KiB", SCENARIO_UNIT_BYTES, 1536);
    assert_number("20MB", SCENARIO_UNIT_BYTES, 20e6);
    assert_number("4 TiB", SCENARIO_UNIT_BYTES, 4398046511104);
    assert_number("0.1 s", SCENARIO_UNIT_TIME, 1e8);
    assert_number("2 d", SCENARIO_UNIT_TIME, 172800e9);
    assert_number("5 m", SCENARIO_UNIT_TIME, 300e9);
    assert_number("1 w", SCENARIO_UNIT_MS, 604800000);
    assert_number("14 MB/s", SCENARIO_UNIT_RATE, 14e6);
    assert_number("8.4 Gbit/s", SCENARIO_UNIT_SPEED, 1.05e9);
    assert_number("2e4 records/s", SCENARIO_UNIT_RATE, 20000);
    assert_number("60 %", SCENARIO_UNIT_RATIO, 0.6);
    assert_number("7 %", SCENARIO_UNIT_RATIO, 0.07);
    assert_number("3 ms/MB", SCENARIO_UNIT_TIME_PER_BYTE, 3);
}

static void number__refuses_what_people_and_yaml_read_differently(void **state)
{
    (void)state;
    static const char *const odd[] = {"010", "0x10", "1_000", "1,000", "1:30", "0o7", "-012"};
    struct scenario_number n;
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        assert_int_equal(
            scenario_number_parse(odd[i], strlen(odd[i]), SCENARIO_UNIT_NONE, true, &n),
            SCENARIO_NUMBER_ODD);
    static const char *const not [] = {"", "x", "5.", "--5", "+", "1e", "3x", "inf", "nan", "1 2"};
    for (size_t i = 0; i < sizeof not / sizeof not [0]; i++)
        assert_int_equal(
            scenario_number_parse(not [i], strlen(not [i]), SCENARIO_UNIT_NONE, true, &n),
            SCENARIO_NUMBER_NOT);
}

static void number__keeps_integers_exact_to_the_last(void **state)
{
    (void)state;
    struct scenario_number n;
    assert_int_equal(scenario_number_parse("9223372036854775807", 19, SCENARIO_UNIT_MS, true, &n),
                     SCENARIO_NUMBER_OK);
    assert_true(n.is_whole && n.integer == INT64_MAX);
    assert_int_equal(scenario_number_parse("9223372036854775808", 19, SCENARIO_UNIT_MS, true, &n),
                     SCENARIO_NUMBER_OK);
    assert_false(n.is_whole);
    assert_int_equal(scenario_number_parse("0.3 ms", 6, SCENARIO_UNIT_TIME, true, &n),
                     SCENARIO_NUMBER_OK);
    assert_true(n.is_whole && n.integer == 300000);
}

static void number__is_written_so_that_it_reads_back(void **state)
{
    (void)state;
    static const double values[] = {
        0, 1, 0.1, 0.904, 1.05e9, 14e6, 1.0 / 3, 123456789.125, 5e-7, 1e12, 288.39e6};
    static const enum scenario_unit units[] = {SCENARIO_UNIT_NONE,          SCENARIO_UNIT_BYTES,
                                               SCENARIO_UNIT_SPEED,         SCENARIO_UNIT_RATIO,
                                               SCENARIO_UNIT_TIME_PER_BYTE, SCENARIO_UNIT_USD_HOUR};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        for (size_t u = 0; u < sizeof units / sizeof units[0]; u++) {
            char text[64];
            struct scenario_number n;
            /* No double divided by 100 is this one; a percentage is never computed. */
            if (values[i] == 1.0 / 3 && units[u] == SCENARIO_UNIT_RATIO)
                continue;
            scenario_number_write(values[i], units[u], text);
            assert_int_equal(scenario_number_parse(text, strlen(text), units[u], true, &n),
                             SCENARIO_NUMBER_OK);
            if (n.value != values[i])
                print_error("%.17g became %s\n", values[i], text);
            assert_true(n.value == values[i]);
        }
}

/* ---- the table ---- */

static void table__has_help_and_an_origin_for_each_default(void **state)
{
    (void)state;
    for (int s = 0; s < SCENARIO_SECTIONS; s++)
        for (int i = 0; i < scenario_key_count((enum scenario_section)s); i++) {
            const struct scenario_key *key = &scenario_key_tables[s].keys[i];
            assert_true(strlen(key->help) > 4);
            assert_true(!key->value || key->origin[0]);
            assert_true(key->low <= key->high);
            assert_true(key->type != SCENARIO_KEY_CHOICE || key->choices);
            assert_true(key->type != SCENARIO_KEY_SPECIAL || key->special);
            for (int j = 0; j < i; j++)
                assert_string_not_equal(key->path, scenario_key_tables[s].keys[j].path);
        }
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
        cmocka_unit_test(load__refuses_a_file_that_is_too_large),
        cmocka_unit_test(load__says_why_a_file_cannot_be_read),
        cmocka_unit_test(set__changes_the_same_keys_as_the_file),
        cmocka_unit_test(set__reports_errors_at_the_option),
        cmocka_unit_test(set__finds_names_that_hold_dots),
        cmocka_unit_test(variant__changes_only_what_it_says),
        cmocka_unit_test(input__has_its_central_value_in_the_base),
        cmocka_unit_test(sample__depends_on_seed_and_replication_alone),
        cmocka_unit_test(sample__draws_an_input_alike_whatever_else_the_file_holds),
        cmocka_unit_test(sample__follows_the_stated_distributions),
        cmocka_unit_test(with_input__moves_one_input_and_leaves_the_others),
        cmocka_unit_test(sample__equals_the_base_when_nothing_is_uncertain),
        cmocka_unit_test(assumption__is_an_input_that_the_file_leaves_open),
        cmocka_unit_test(explain__loads_to_the_same_scenario),
        cmocka_unit_test(explain__names_the_origin_of_each_value),
        cmocka_unit_test(new__writes_a_preset_that_loads),
        cmocka_unit_test(number__reads_sizes_times_and_rates),
        cmocka_unit_test(number__refuses_what_people_and_yaml_read_differently),
        cmocka_unit_test(number__keeps_integers_exact_to_the_last),
        cmocka_unit_test(number__is_written_so_that_it_reads_back),
        cmocka_unit_test(table__has_help_and_an_origin_for_each_default),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
