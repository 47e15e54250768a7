/* The result document as JSON: the same bytes after a round trip, and a clear refusal of anything else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/report/json_write.h"
#include "model/report/result_fields.h"
#include "model/report/result_json.h"
#include "tests/support/fake_result.h"

static char *written(const struct result *r)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(report_json_write(r, out), 0);
    fclose(out);
    return text;
}

static int read_text(const char *text, struct result **r, struct broker_err *err)
{
    FILE *in = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    int rc = report_json_read(in, "result.json", r, err);
    fclose(in);
    return rc;
}

static void assert_round_trip(struct result *r)
{
    char *first = written(r);
    struct result *again;
    struct broker_err err = {""};
    if (read_text(first, &again, &err) != BROKER_OK)
        fail_msg("%s", err.text);
    char *second = written(again);
    assert_string_equal(first, second);
    free(first);
    free(second);
    result_free(again);
    result_free(r);
}

static void round_trip__is_the_same_bytes(void **state)
{
    (void)state;
    assert_round_trip(fake_result_new());
    assert_round_trip(fake_result_unstable());
    assert_round_trip(fake_result_hostile());
    assert_round_trip(result_new());
}

static void round_trip__keeps_the_extremes(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    r->run.seed = UINT64_MAX;
    r->run.fingerprint = UINT64_MAX;
    r->horizon_days = 5e-324;
    r->usd_per_month = -0.0;
    r->resources[0].headroom = -(double)INFINITY;
    r->resources[1].headroom = (double)NAN;
    r->resources[2].headroom = 0.1 + 0.2;
    r->resources[3].headroom = 123456789012345678.0;
    assert_round_trip(r);
}

static void histogram__comes_back_whole(void **state)
{
    (void)state;
    struct result *r = fake_result_new(), *again;
    sim_histogram_record_span(r->latencies[0].histogram, 1000003, 90000018, 777);
    char *text = written(r);
    struct broker_err err = {""};
    assert_int_equal(read_text(text, &again, &err), BROKER_OK);
    const struct sim_histogram *a = r->latencies[0].histogram, *b = again->latencies[0].histogram;
    assert_int_equal(a->count, b->count);
    assert_true(sim_histogram_mean_ns(a) == sim_histogram_mean_ns(b));
    for (double q = 0; q <= 1; q += 1.0 / 64) {
        assert_int_equal(sim_histogram_quantile_ns(a, q), sim_histogram_quantile_ns(b, q));
        assert_int_equal(sim_histogram_quantile_printable(a, q),
                         sim_histogram_quantile_printable(b, q));
    }
    free(text);
    result_free(again);
    result_free(r);
}

static void fields__are_sorted_in_every_object(void **state)
{
    (void)state;
    for (const struct result_field *f = RESULT_FIELDS; f[0].key && f[1].key; f++)
        assert_true(strcmp(f[0].key, f[1].key) < 0);
    for (const struct result_field *f = RESULT_FIELDS; f->key; f++)
        for (const struct result_field *i = f->inner; i && i[0].key && i[1].key; i++)
            assert_true(strcmp(i[0].key, i[1].key) < 0);
}

static void unknown_numbers__are_null(void **state)
{
    (void)state;
    struct result *r = fake_result_unstable();
    char *text = written(r);
    assert_null(strstr(text, "nan"));
    assert_null(strstr(text, "NaN"));
    json_t *root = json_loads(text, 0, NULL);
    json_t *slo = json_array_get(json_object_get(json_object_get(root, "result"), "slos"), 0);
    json_t *estimate = json_object_get(slo, "estimate");
    assert_true(json_is_null(json_object_get(estimate, "value")));
    assert_true(json_is_false(json_object_get(estimate, "known")));
    json_decref(root);
    free(text);
    result_free(r);
}

/* In the document a disk is called as the screens call it, and a day that does not come is none. */
static void disks__are_named_and_days_that_do_not_come_are_null(void **state)
{
    (void)state;
    struct result *r = fake_result_new(), *again;
    struct broker_err err = {""};
    r->disks[0].day_80 = 0;
    char *text = written(r);
    json_t *root = json_loads(text, 0, NULL);
    json_t *disk = json_array_get(json_object_get(json_object_get(root, "result"), "disks"), 0);
    assert_string_equal(json_string_value(json_object_get(disk, "name")), "broker 1");
    assert_true(json_is_null(json_object_get(disk, "day_95")));
    assert_true(json_is_number(json_object_get(disk, "day_80")));
    json_decref(root);
    assert_int_equal(read_text(text, &again, &err), BROKER_OK);
    assert_true(again->disks[0].day_80 == 0 && again->disks[0].day_95 == -1);
    free(text);
    result_free(again);
    result_free(r);
}

/* text with the first `from` replaced. Gives. */
static char *patched(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    assert_non_null(at);
    char *out;
    assert_true(asprintf(&out, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from)) > 0);
    return out;
}

static void assert_refused(const char *from, const char *to, int status, const char *says)
{
    struct result *r = fake_result_new(), *again;
    char *text = written(r), *bad = patched(text, from, to);
    struct broker_err err = {""};
    assert_int_equal(read_text(bad, &again, &err), status);
    assert_null(again);
    if (!strstr(err.text, says))
        fail_msg("expected \"%s\" in \"%s\"", says, err.text);
    free(bad);
    free(text);
    result_free(r);
}

static void read__refuses_what_is_no_result(void **state)
{
    (void)state;
    assert_refused("\"2.8\"", "\"3.0\"", BROKER_EREFUSED, "reads 1.x to 2.x; use a newer headroom");
    assert_refused("\"format_version\"", "\"version\"", BROKER_ECORRUPT, "no result of headroom");
    assert_refused("\"verdict\": \"fits\"", "\"verdict\": \"fit\"", BROKER_ECORRUPT, "verdict");
    assert_refused("\"broker\": 1", "\"broker\": \"1\"", BROKER_ECORRUPT,
                   "result.disks[0].broker: expected an integer");
    assert_refused("\"limit\": ", "\"limits\": ", BROKER_ECORRUPT, "limit: expected this key");
    assert_refused("{", "[", BROKER_ECORRUPT, "result.json:");
    assert_refused("\"known\": true, \"level", "\"known\": 1, \"level", BROKER_ECORRUPT,
                   "an estimate");
    assert_refused("\"bins_by_lower_ns\": {\"", "\"bins_by_lower_ns\": {\"1", BROKER_ECORRUPT,
                   "lower bound of a bin");
}

static void read__accepts_a_larger_minor_number_and_unknown_keys(void **state)
{
    (void)state;
    struct result *r = fake_result_new(), *again;
    char *text = written(r), *minor = patched(text, "\"2.8\"", "\"2.9\"");
    char *more = patched(minor, "\"binding\"", "\"aaa\": {\"b\": [1]},\n    \"binding\"");
    struct broker_err err = {""};
    assert_int_equal(read_text(more, &again, &err), BROKER_OK);
    assert_string_equal(again->scenario, "quickstart");
    result_free(again);
    free(more);
    free(minor);
    free(text);
    result_free(r);
}

/* A result of format 1.0 knows nothing of survive, one of 1.1 nothing of predictions, one of 1.2 nothing of reasons. */
static void read__fills_what_an_older_minor_number_lacks(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "\"survive\": \"", "\"survive_note\"", "\"survive_verdict\"",   "\"moment\"",
        "\"moment_day\"",  "\"trusts\"",       "\"used_moment_bytes\"", "\"included\""};
    static const char *const gone[] = {"\"a\": \"", "\"b\"", "\"c\"", "\"d\"",
                                       "\"e\"",     "\"f\"", "\"g\"", "\"h\""};
    struct result *r = fake_result_new(), *again;
    while (r->variant_count > 0)
        result_free(r->variants[--r->variant_count]);
    char *text = written(r);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char *next = patched(text, keys[i], gone[i]);
        free(text);
        text = next;
    }
    struct broker_err err = {""};
    assert_int_equal(read_text(text, &again, &err), BROKER_ECORRUPT);
    char *old = patched(text, "\"2.8\"", "\"1.0\"");
    if (read_text(old, &again, &err) != BROKER_OK)
        fail_msg("%s", err.text);
    assert_int_equal(again->survive, RESULT_SURVIVE_NONE);
    assert_string_equal(again->survive_note, "");
    assert_int_equal(again->trust_count, 0);
    assert_int_equal(again->disks[0].broker, r->disks[0].broker + 1); /* counted from 0 then */
    assert_int_equal(again->disks[0].disk, r->disks[0].disk + 1);
    assert_true(r->disks[0].used_start_bytes > 0);
    assert_int_equal(again->disks[0].used_moment_bytes, r->disks[0].used_start_bytes);
    result_free(again);
    free(old);
    free(text);
    result_free(r);
}

static void writer__escapes_as_rfc_8259_wants(void **state)
{
    (void)state;
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    struct json_writer w;
    json_put_init(&w, out);
    json_put_array_begin_inline(&w);
    json_put_string(&w, "\"\\\n\t\x01\x7f\xff é");
    json_put_double(&w, 0.1);
    json_put_double(&w, 1e300);
    json_put_double(&w, (double)NAN);
    json_put_uint(&w, UINT64_MAX);
    json_put_array_end(&w);
    json_put_finish(&w);
    fclose(out);
    assert_string_equal(text, "[\"\\\"\\\\\\n\\t\\u0001\\u007F\xEF\xBF\xBD é\", 0.1, 1e+300, null, "
                              "\"18446744073709551615\"]\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip__is_the_same_bytes),
        cmocka_unit_test(round_trip__keeps_the_extremes),
        cmocka_unit_test(histogram__comes_back_whole),
        cmocka_unit_test(fields__are_sorted_in_every_object),
        cmocka_unit_test(disks__are_named_and_days_that_do_not_come_are_null),
        cmocka_unit_test(unknown_numbers__are_null),
        cmocka_unit_test(read__refuses_what_is_no_result),
        cmocka_unit_test(read__accepts_a_larger_minor_number_and_unknown_keys),
        cmocka_unit_test(read__fills_what_an_older_minor_number_lacks),
        cmocka_unit_test(writer__escapes_as_rfc_8259_wants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
