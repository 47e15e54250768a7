/* How far a profile's error holds: inside what was fitted, on other cores, outside. */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "model/answer/trust.h"
#include "model/scenario/load.h"

static const char *const one_core =
    "version: 1\n"
    "cluster: {brokers: 1, machine: {vcpus: 1, coremark: 16000, ram: 8 GiB, network: {baseline: 1 "
    "Gbit/s}, disks: {type: ssd, size: 100 GB}}}\n"
    "topics: {t: {partitions: 4, replication: 1}}\n"
    "producers: {p: {topic: t, rate: 5000 records/s, record: {size: 1000 B}, config: {acks: 1}}}\n";

/* Four copies of each record, one a batch. */
static const char *const four_brokers =
    "version: 1\n"
    "cluster: {brokers: 4, machine: {vcpus: 1, coremark: 16000, ram: 8 GiB, network: {baseline: 1 "
    "Gbit/s}, disks: {type: ssd, size: 100 GB}}}\n"
    "topics: {t: {partitions: 4, replication: 4}}\n"
    "producers: {p: {topic: t, rate: 5000 records/s, record: {size: 1000 B}, config: {acks: 1, "
    "batch.size: 0}}}\n";

static const char *const two_producers =
    "version: 1\n"
    "cluster: {brokers: 2, machine: {vcpus: 1, coremark: 16000, ram: 8 GiB, network: {baseline: 1 "
    "Gbit/s}, disks: {type: ssd, size: 100 GB}}}\n"
    "topics: {t: {partitions: 200, replication: 2}, u: {partitions: 200, replication: 1}}\n"
    "producers: {p: {topic: t, rate: 300000 records/s, record: {size: 1000 B}, config: {acks: "
    "1}},\n"
    "            q: {topic: u, rate: 202000 records/s, record: {size: 1000 B}, config: {acks: "
    "1}}}\n"
    "groups: {g: {topics: [t]}}\n";

struct judged {
    enum trust_class class, written, batches; /* of all that cores decide; of bytes; of batches */
    bool held_out, scaled;                    /* whose error counts for p99 */
    char text[256], outside[256];
};

static uint32_t fitted_vcpus;
static double fitted_coremark;

static struct judged judge_of(const char *text, const char *set, bool calibrated)
{
    struct judged judged;
    struct scenario_doc *doc;
    struct scenario_options options = {
        .datadir = "scenarios", .sets = &set, .set_count = set != NULL};
    if (scenario_load_text("t.yaml", text, strlen(text), &options, &doc) != SCENARIO_OK)
        fail_msg("%s", scenario_error_at(doc, 0)->message);
    struct model_profile profile;
    model_profile_init(&profile);
    profile.calibrated = calibrated;
    profile.fitted_vcpus = fitted_vcpus;
    profile.fitted_coremark = fitted_coremark;
    strcpy(profile.error, calibrated ? "held-out median: p50 7 %" : "uncalibrated");
    profile.range[MODEL_PROFILE_RATE] = (struct model_profile_range){true, 20, 250000};
    profile.range[MODEL_PROFILE_RECORD_BYTES] = (struct model_profile_range){true, 100, 100000};
    profile.range[MODEL_PROFILE_PARTITIONS] = (struct model_profile_range){true, 1, 256};
    profile.range[MODEL_PROFILE_LINGER_MS] = (struct model_profile_range){true, 0, 100};
    profile.range[MODEL_PROFILE_REPLICATION] = (struct model_profile_range){true, 1, 3};
    profile.held_out[MEASURED_DISK_BYTES] =
        (struct model_profile_error){.ratio_low = 0.986, .ratio_high = 1.04, .rows = 69};
    strcpy(profile.fitted_kinds, " java/acks=1 java/none librdkafka/acks=1 librdkafka/lz4 ");
    strcpy(profile.scaled_kinds, " java/acks=all java/lz4 java/gzip ");
    profile.held_out[MEASURED_PRODUCE_P99].rows = 80;
    profile.scaled[MEASURED_PRODUCE_P99].rows = 94;
    profile.scaled[MEASURED_END_TO_END_P50].rows = 3;
    struct trust_evidence p99 = trust_evidence(scenario_base(doc), &profile, MEASURED_PRODUCE_P99);
    judged.held_out = p99.error == &profile.held_out[MEASURED_PRODUCE_P99];
    judged.scaled = p99.error == &profile.scaled[MEASURED_PRODUCE_P99];
    judged.written = trust_evidence(scenario_base(doc), &profile, MEASURED_DISK_BYTES).class;
    judged.batches = trust_evidence(scenario_base(doc), &profile, MEASURED_BATCHES).class;
    assert_null(trust_evidence(scenario_base(doc), &profile, MEASURED_END_TO_END_P50).error);
    struct result *result = result_new();
    judged.class = trust_of(scenario_base(doc), &profile);
    strcpy(judged.text, trust_text(result, scenario_base(doc), &profile));
    strcpy(judged.outside, trust_outside(result, scenario_base(doc), &profile));
    result_free(result);
    scenario_doc_free(doc);
    return judged;
}

static struct judged judge(const char *set, bool calibrated)
{
    return judge_of(one_core, set, calibrated);
}

static void conditions_that_were_fitted__have_the_profiles_error(void **state)
{
    (void)state;
    struct judged j = judge(NULL, true);
    assert_int_equal(j.class, TRUST_FITTED);
    assert_string_equal(j.text, "held-out median: p50 7 %");
    assert_string_equal(j.outside, "");
    assert_true(j.held_out && !j.scaled);
}

static void other_cores__are_scaled_to(void **state)
{
    (void)state;
    assert_int_equal(judge("cluster.machine.vcpus=8", true).class, TRUST_SCALED);
    struct judged j = judge("cluster.machine.coremark=12000", true);
    assert_int_equal(j.class, TRUST_SCALED);
    assert_non_null(strstr(j.text, "scaled to other cores"));
    assert_true(j.scaled && !j.held_out);
    assert_int_equal(j.written, TRUST_FITTED); /* bytes do not depend on how fast cores are */
}

static void another_release__has_the_errors_of_public_cases(void **state)
{
    (void)state;
    struct judged j = judge("cluster.kafka=3.6", true);
    assert_int_equal(j.class, TRUST_SCALED);
    assert_true(j.scaled && !j.held_out);
    assert_non_null(strstr(j.text, "here costs go to Kafka 3.6 as they are"));
}

static void rows_of_ones_own__are_fitted_on_their_machine(void **state)
{
    (void)state;
    fitted_vcpus = 8;
    fitted_coremark = 16000;
    assert_int_equal(judge("cluster.machine.vcpus=8", true).class, TRUST_FITTED);
    assert_int_equal(judge(NULL, true).class, TRUST_SCALED);
    fitted_coremark = 30000;
    assert_int_equal(judge("cluster.machine.vcpus=8", true).class, TRUST_SCALED);
    fitted_vcpus = 0;
    fitted_coremark = 0;
}

static void what_was_not_fitted__is_named(void **state)
{
    (void)state;
    struct judged j = judge("topics.t.partitions=512", true);
    assert_int_equal(j.class, TRUST_UNCHECKED);
    assert_string_equal(j.outside, "partitions a broker 512 (fitted 1 to 256)");
    assert_int_equal(j.batches, TRUST_UNCHECKED);
    assert_int_equal(j.written, TRUST_FITTED); /* without keys batches are as full in many */
    assert_non_null(strstr(j.text, "outside the fitted range"));
    j = judge("producers.p.record.size=50 B", true);
    assert_string_equal(j.outside, "record bytes 50 (fitted 100 to 100,000)");
    j = judge("cluster.tls=clients", true);
    assert_int_equal(j.class, TRUST_UNCHECKED);
    assert_string_equal(j.outside, "tls");
}

/*
 * 16 records of 1 kB a batch: twice as many batches would have 0.4 % more bytes, of which 1.4 % are not known anyway. Of 1 record a batch they
 * cannot be told, nor where a batch compresses by its size.
 */
static void bytes__are_known_where_batches_do_not_change_them(void **state)
{
    (void)state;
    static const struct {
        const char *set;
        enum trust_class written;
    } cases[] = {
        {"producers.p.config.linger.ms=1000", TRUST_FITTED},
        {"producers.p.config={linger.ms: 1000, acks: 1, batch.size: 0}", TRUST_UNCHECKED},
        {"producers.p={topic: t, rate: 5000 records/s, record: {size: 1000 B}, config: {linger.ms: "
         "1000, acks: 1, compression.type: lz4}, compression_ratio: {1 KiB: 1, 64 KiB: 4}}",
         TRUST_UNCHECKED},
        {"cluster.tls=clients", TRUST_FITTED},
        {"producers.p.config.compression.type=zstd", TRUST_UNCHECKED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct judged j = judge(cases[i].set, true);
        assert_int_equal(j.class, TRUST_UNCHECKED);
        assert_int_equal(j.written, cases[i].written);
        assert_int_equal(j.batches, TRUST_UNCHECKED);
    }
    assert_int_equal(judge_of(four_brokers, NULL, true).class, TRUST_UNCHECKED);
    assert_int_equal(judge_of(four_brokers, NULL, true).written, TRUST_FITTED);
}

static void rates_and_partitions__are_those_of_all_on_a_broker(void **state)
{
    (void)state;
    assert_string_equal(judge_of(two_producers, NULL, true).outside,
                        "records a second and broker 251,000 (fitted 20 to 250,000), partitions a "
                        "broker 300 (fitted 1 to 256), java consumer");
}

static void kinds_of_load__are_fitted_seen_in_public_cases_or_neither(void **state)
{
    (void)state;
    struct judged j = judge("producers.p.config.acks=all", true);
    assert_int_equal(j.class, TRUST_SCALED);
    assert_string_equal(j.outside, "");
    assert_true(j.scaled);
    assert_string_equal(
        j.text, "held-out median: p50 7 %, without java acks=all; here that of public cases");
    assert_int_equal(j.written, TRUST_FITTED); /* who waits for whom changes no bytes */
    assert_int_equal(j.batches, TRUST_SCALED); /* but batches */
    j = judge("producers.p.config.compression.type=gzip", true);
    assert_int_equal(j.class, TRUST_SCALED);
    assert_int_equal(j.written, TRUST_SCALED); /* of public cases alone */
    j = judge("producers.p.config.compression.type=lz4", true);
    assert_int_equal(j.class, TRUST_SCALED);
    assert_int_equal(j.written, TRUST_FITTED); /* librdkafka's rows had it */
    assert_int_equal(j.batches, TRUST_SCALED);
    j = judge("cluster.kafka=3.6", true);
    assert_int_equal(j.batches, TRUST_FITTED);
    j = judge("producers.p.config.compression.type=zstd", true);
    assert_int_equal(j.class, TRUST_UNCHECKED);
    assert_string_equal(j.outside, "java zstd");
    j = judge("producers.p.client=librdkafka", true);
    assert_string_equal(j.outside, "librdkafka none");
    j = judge("topics.t.config.flush.messages=1", true);
    assert_string_equal(j.outside, "flush.messages");
    j = judge("topics.t.config.flush.ms=1000", true);
    assert_string_equal(j.outside, "flush.ms");
}

static void kinds__are_known_by_their_whole_names(void **state)
{
    (void)state;
    struct scenario_doc *doc;
    struct scenario_options options = {.datadir = "scenarios"};
    char missing[MODEL_PROFILE_IDS_BYTES];
    assert_int_equal(scenario_load_text("t.yaml", one_core, strlen(one_core), &options, &doc),
                     SCENARIO_OK);
    /* java/acks=1 is not java/acks=1x, java/none not xjava/none */
    trust_missing_kinds(scenario_base(doc), " java/acks=1x xjava/none java/none ", missing);
    assert_string_equal(missing, " java/acks=1 ");
    trust_missing_kinds(scenario_base(doc), " java/acks=1 xjava/none ", missing);
    assert_string_equal(missing, " java/none ");
    trust_missing_kinds(scenario_base(doc), " java/acks=1 java/none ", missing);
    assert_string_equal(missing, "");
    char kinds[MODEL_PROFILE_IDS_BYTES] = " java/acks=1x java/none ";
    trust_add_kinds(kinds, scenario_base(doc));
    assert_string_equal(kinds, " java/acks=1x java/none java/acks=1 ");
    scenario_doc_free(doc);
}

static void rate_max__is_in_every_range(void **state)
{
    (void)state;
    assert_int_equal(judge("producers.p.rate=max", true).class, TRUST_FITTED);
}

static void too_few_cases__take_the_error_of_what_is_most_like_them(void **state)
{
    (void)state;
    struct scenario_doc *doc;
    struct scenario_options options = {.datadir = "scenarios"};
    struct model_profile profile;
    assert_int_equal(scenario_load_text("t.yaml", one_core, strlen(one_core), &options, &doc),
                     SCENARIO_OK);
    model_profile_init(&profile);
    profile.calibrated = true;
    profile.fitted_vcpus = 64; /* other cores */
    profile.scaled[MEASURED_PRODUCE_P50].rows = 44;
    profile.scaled[MEASURED_END_TO_END_P50].rows = 2;
    const struct scenario *s = scenario_base(doc);
    assert_ptr_equal(trust_evidence(s, &profile, MEASURED_END_TO_END_P50).error,
                     &profile.scaled[MEASURED_PRODUCE_P50]);
    profile.scaled[MEASURED_END_TO_END_P50].rows = 5;
    assert_ptr_equal(trust_evidence(s, &profile, MEASURED_END_TO_END_P50).error,
                     &profile.scaled[MEASURED_END_TO_END_P50]);
    assert_null(trust_evidence(s, &profile, MEASURED_END_TO_END_P99).error);
    scenario_doc_free(doc);
}

static void uncalibrated__stays_uncalibrated(void **state)
{
    (void)state;
    struct judged j = judge("topics.t.partitions=512", false);
    assert_int_equal(j.class, TRUST_UNCALIBRATED);
    assert_string_equal(j.text, "uncalibrated");
    assert_true(!j.held_out && !j.scaled);
}

static void prediction__adds_the_error_to_the_simulations_interval(void **state)
{
    (void)state;
    struct model_profile_error error = {.rows = 80, .ratio_low = 0.5, .ratio_high = 3};
    struct result_estimate exact = result_exact(10), e = trust_predict(&exact, &error);
    assert_true(fabs(e.low - 5) < 1e-9 && fabs(e.high - 30) < 1e-9);
    assert_true(e.value == 10 && e.level == 0.9);

    struct result_estimate run = result_interval(10, 8, 12.5, 0.95, 10);
    e = trust_predict(&run, &error);
    assert_true(e.low < 5 && e.low > 4 && e.high > 30 && e.high < 37.5);

    /* A prediction that is always too low stays in its own interval. */
    error.ratio_low = 2;
    e = trust_predict(&exact, &error);
    assert_true(e.low == 10 && e.high > 29);
    assert_false(trust_predict(&exact, NULL).known);
    struct result_estimate unknown = result_unknown();
    assert_false(trust_predict(&unknown, &error).known);
}

static void p99__is_not_below_the_p50_beside_it(void **state)
{
    (void)state;
    struct result_estimate p50 = result_interval(7, 6.8, 22, 0.9, 50),
                           p99 = result_interval(8.9, 5.8, 40, 0.9, 50),
                           e = result_above(&p99, &p50), unknown = result_unknown();
    assert_true(e.low == 6.8 && e.value == 8.9 && e.high == 40);
    p50.low = 9; /* never beyond its own value */
    assert_true(result_above(&p99, &p50).low == 5.8);
    p50.low = 3;
    assert_true(result_above(&p99, &p50).low == 5.8);
    assert_true(result_above(&p99, &unknown).low == 5.8);
    assert_false(result_above(&unknown, &p99).known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conditions_that_were_fitted__have_the_profiles_error),
        cmocka_unit_test(other_cores__are_scaled_to),
        cmocka_unit_test(another_release__has_the_errors_of_public_cases),
        cmocka_unit_test(rows_of_ones_own__are_fitted_on_their_machine),
        cmocka_unit_test(what_was_not_fitted__is_named),
        cmocka_unit_test(bytes__are_known_where_batches_do_not_change_them),
        cmocka_unit_test(rates_and_partitions__are_those_of_all_on_a_broker),
        cmocka_unit_test(kinds_of_load__are_fitted_seen_in_public_cases_or_neither),
        cmocka_unit_test(kinds__are_known_by_their_whole_names),
        cmocka_unit_test(rate_max__is_in_every_range),
        cmocka_unit_test(too_few_cases__take_the_error_of_what_is_most_like_them),
        cmocka_unit_test(uncalibrated__stays_uncalibrated),
        cmocka_unit_test(p99__is_not_below_the_p50_beside_it),
        cmocka_unit_test(prediction__adds_the_error_to_the_simulations_interval),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
