/* tests/model/test_size_spread.c - bounds over draws of what a scenario leaves open. */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "model/answer/size.h"
#include "model/answer/size_spread.h"
#include "model/scenario/load.h"

/* A day of 20 MB/s fills 3 x 1.7 of 3 x 2 TB. */
static const char *const text =
    "version: 1\n"
    "cluster: {brokers: 3, machine: aws/m6i.2xlarge, racks: [a, b, c], volumes: {type: gp3, size: "
    "2 "
    "TB}}\n"
    "topics: {t: {partitions: 12, replication: 3, config: {retention.ms: 1 d}}}\n"
    "producers: {p: {topic: t, rate: %s, record: {size: 10 kB}}}\n";

struct sized {
    struct scenario_doc *doc;
    struct result *result;
    const struct result_bound *disk;
};

static struct sized size_with(const char *rate)
{
    struct sized s = {0};
    struct model_profile profile;
    char file[600];
    struct scenario_options options = {.datadir = "scenarios"};
    snprintf(file, sizeof file, text, rate);
    if (scenario_load_text("t.yaml", file, strlen(file), &options, &s.doc) != SCENARIO_OK)
        fail_msg("%s", scenario_error_at(s.doc, 0)->message);
    model_profile_init(&profile);
    s.result = result_new();
    struct size_counts counts = size_search(scenario_base(s.doc), &profile, NULL);
    size_fill(scenario_base(s.doc), &profile, &counts, NULL, s.result);
    size_spread(s.doc, -1, 1, 3, &profile, NULL, s.result);
    for (uint32_t i = 0; i < s.result->bound_count; i++)
        if (strcmp(s.result->bounds[i].resource, "disk space") == 0)
            s.disk = &s.result->bounds[i];
    return s;
}

static void end(struct sized *s)
{
    result_free(s->result);
    scenario_doc_free(s->doc);
}

static void stated_load__has_no_spread(void **state)
{
    (void)state;
    struct sized s = size_with("15 MB/s");
    assert_true(isnan(s.disk->utilisation_low) && isnan(s.disk->utilisation_high));
    assert_int_equal(s.result->verdict, RESULT_FITS);
    end(&s);
}

/* The 5 % and 95 % points of 10 to 30 MB/s are 11 and 29. */
static void range__moves_a_bound_between_its_ends(void **state)
{
    (void)state;
    struct sized low = size_with("11 MB/s"), high = size_with("29 MB/s"),
                 range = size_with("10..30 MB/s");
    assert_true(fabs(range.disk->utilisation_low / low.disk->utilisation - 1) < 0.1);
    assert_true(fabs(range.disk->utilisation_high / high.disk->utilisation - 1) < 0.1);
    end(&low);
    end(&high);
    end(&range);
}

static void draws_that_disagree__decide_nothing(void **state)
{
    (void)state;
    struct sized s = size_with("5..35 MB/s");
    assert_int_equal(s.result->verdict, RESULT_UNDECIDED);
    assert_non_null(strstr(s.result->verdict_text, "of 60 draws of the ranges; disk space is at "));
    end(&s);
    s = size_with("5..6 MB/s");
    assert_int_equal(s.result->verdict, RESULT_FITS);
    end(&s);
    s = size_with("40..50 MB/s");
    assert_int_equal(s.result->verdict, RESULT_DOES_NOT_FIT);
    assert_non_null(strstr(s.result->verdict_text, "in nine of ten draws disk space is at "));
    end(&s);
}

static void range__whose_ends_look_alike_is_one_number(void **state)
{
    (void)state;
    struct sized s = size_with("10..10.01 MB/s");
    const char *at = NULL;
    for (uint32_t i = 0; !at && i < s.result->warning_count; i++)
        at = strstr(s.result->warnings[i].text, "in nine of ten draws ");
    assert_non_null(at);
    assert_null(strstr(at, " .. "));
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stated_load__has_no_spread),
        cmocka_unit_test(range__moves_a_bound_between_its_ends),
        cmocka_unit_test(draws_that_disagree__decide_nothing),
        cmocka_unit_test(range__whose_ends_look_alike_is_one_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
