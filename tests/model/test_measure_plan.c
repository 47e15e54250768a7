/* headroom measure: what is measured, in which order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "model/measure/plan.h"

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

/* Between rows, and before the first where warming has removed topics. */
static void plan__counts_the_wait_for_what_is_deleted(void **state)
{
    (void)state;
    struct measure_schema s;
    for (int warmed = 0; warmed < 2; warmed++) {
        check_plan(MEASURE_QUICK, 1, 1, &s);
        int64_t length_ns = s.length_ns;
        measure_schema_pause(&s, INT64_C(60000000000), warmed);
        assert_int_equal(s.pause_ns, INT64_C(62000000000));
        assert_int_equal(s.length_ns, length_ns + s.pause_ns * (s.step_count - 1 + warmed));
        measure_schema_release(&s);
    }
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(config__says_what_is_impossible),
        cmocka_unit_test(name__differs_when_a_value_does),
        cmocka_unit_test(plan__measures_each_configuration_once_a_pass_in_an_order_of_its_own),
        cmocka_unit_test(plan__quick_is_a_part_of_full_and_replication_needs_brokers),
        cmocka_unit_test(plan__counts_the_wait_for_what_is_deleted),
        cmocka_unit_test(plan__is_the_same_for_the_same_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
