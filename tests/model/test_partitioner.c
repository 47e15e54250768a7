/* Key hashes against published values; weights of key sets. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "model/client/partitioner.h"

static int32_t hash(const char *key)
{
    return model_murmur2((const uint8_t *)key, strlen(key));
}

/* reference/kafka/clients.md section 2 */
static void murmur2__gives_kafkas_values(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        int32_t hash;
        uint32_t mod_10;
    } vectors[] = {{"", 275646681, 1},        {"a", -1563381124, 4},
                   {"abc", 479470107, 7},     {"21", -973932308, 0},
                   {"key1", 28543940, 0},     {"hello", 2132663229, 9},
                   {"foobar", -790332482, 6}, {"a-little-bit-long-string", -985981536, 2}};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        assert_int_equal(hash(vectors[i].key), vectors[i].hash);
        assert_int_equal(((uint32_t)hash(vectors[i].key) & 0x7fffffff) % 10, vectors[i].mod_10);
    }
}

/* The check value of CRC-32/ISO-HDLC, and of one letter. */
static void crc32__gives_the_check_value(void **state)
{
    (void)state;
    assert_int_equal(model_crc32((const uint8_t *)"123456789", 9), 0xCBF43926);
    assert_int_equal(model_crc32((const uint8_t *)"a", 1), 0xE8B7BE43);
    assert_int_equal(model_crc32((const uint8_t *)"", 0), 0);
}

static double sum(const double *weights, uint32_t n)
{
    double all = 0;
    for (uint32_t i = 0; i < n; i++)
        all += weights[i];
    return all;
}

/* The weights are those of hashing every key, popularity by popularity. */
static void weights__are_those_of_the_keys(void **state)
{
    (void)state;
    double weights[7], expected[7] = {0}, all = 0;
    struct model_partitioner_config config = {
        .kind = MODEL_PARTITIONER_KEYED, .key_count = 50, .zipf_s = 1};
    model_partition_weights(&config, 7, weights);
    for (int k = 0; k < 50; k++) {
        char key[8];
        snprintf(key, sizeof key, "%d", k);
        expected[((uint32_t)hash(key) & 0x7fffffff) % 7] += 1.0 / (k + 1);
        all += 1.0 / (k + 1);
    }
    for (int p = 0; p < 7; p++)
        assert_true(weights[p] > expected[p] / all - 1e-12 &&
                    weights[p] < expected[p] / all + 1e-12);
}

/* reference/hardware-models.md 6.3: s 0.99, 10^6 keys: the top key has 6.5 %. */
static void hottest_partition__has_at_least_the_hottest_key(void **state)
{
    (void)state;
    double weights[48], most = 0;
    struct model_partitioner_config config = {
        .kind = MODEL_PARTITIONER_KEYED, .key_count = 1000000, .zipf_s = 0.99};
    model_partition_weights(&config, 48, weights);
    for (int p = 0; p < 48; p++)
        most = weights[p] > most ? weights[p] : most;
    assert_true(most > 0.065 && most < 0.12);
    assert_true(sum(weights, 48) > 1 - 1e-9 && sum(weights, 48) < 1 + 1e-9);
}

/* Keys beyond 2^20 count with their exact share: ten million of equal popularity spread evenly. */
static void many_keys__are_summed_in_closed_form(void **state)
{
    (void)state;
    double few[4], many[4];
    struct model_partitioner_config config = {
        .kind = MODEL_PARTITIONER_KEYED, .key_count = 1 << 20, .zipf_s = 1};
    model_partition_weights(&config, 4, few);
    config.key_count = UINT64_C(1) << 40;
    model_partition_weights(&config, 4, many);
    /* H(2^20) = 14.440, H(2^40) = 28.303: the tail is 48.98 %, evenly. */
    for (int p = 0; p < 4; p++) {
        double expected = few[p] * (1 - 0.48980) + 0.48980 / 4;
        assert_true(many[p] > expected - 2e-5 && many[p] < expected + 2e-5);
    }
    assert_true(sum(many, 4) > 1 - 1e-9 && sum(many, 4) < 1 + 1e-9);
}

static void stated_share__goes_to_one_partition(void **state)
{
    (void)state;
    double weights[5];
    struct model_partitioner_config config = {.kind = MODEL_PARTITIONER_KEYED,
                                              .hottest_share = 0.4};
    model_partition_weights(&config, 5, weights);
    assert_true(weights[0] == 0.4);
    assert_true(weights[4] > 0.1499999 && weights[4] < 0.1500001);
    config.kind = MODEL_PARTITIONER_UNIFORM;
    model_partition_weights(&config, 5, weights);
    assert_true(weights[0] == 0.2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(murmur2__gives_kafkas_values),
        cmocka_unit_test(crc32__gives_the_check_value),
        cmocka_unit_test(weights__are_those_of_the_keys),
        cmocka_unit_test(hottest_partition__has_at_least_the_hottest_key),
        cmocka_unit_test(many_keys__are_summed_in_closed_form),
        cmocka_unit_test(stated_share__goes_to_one_partition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
