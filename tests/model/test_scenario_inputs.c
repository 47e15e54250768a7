/* Uncertain inputs and assumptions: central values, samples, one moved at a time. */
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

/* ---- uncertain inputs ---- */

static const char uncertain[] =
    "rate: 15..25 MB/s, clients: 3..9, record: {size: {lognormal: {mean: {lognormal: {mean: "
    "1 KiB, cv: 0.5}}, cv: {triangular: {min: 0.2, mode: 0.8, max: 1}}}}}";

static void input__has_its_central_value_in_the_base(void **state)
{
    (void)state;
    struct scenario_doc *doc = scenario_text_producer(uncertain);
    const struct scenario_producer *p = &scenario_base(doc)->producers[0];
    assert_true(p->payload_bytes_per_s_peak == 20e6);
    assert_int_equal(p->clients, 6);
    assert_true(p->size.mean_bytes == 1024);
    assert_true(fabs(p->size.cv - 0.689898) < 1e-6); /* half of the draws: 0.2 + sqrt(0.24) */
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

/* A growth has no unit without its period. */
static void input__is_told_as_the_file_says_it(void **state)
{
    (void)state;
    static const char *const sets[] = {"producers.p.growth=1..5 % a month",
                                       "groups.g.lag=1000..9000 records"};
    struct scenario_doc *doc = scenario_text_sets(scenario_five_lines, sets, 2);
    assert_int_equal(scenario_input_count(doc, -1), 2);
    assert_string_equal(scenario_input_at(doc, -1, 0)->text, "1..5 % a month");
    assert_string_equal(scenario_input_at(doc, -1, 1)->text, "1000..9000 records");
    assert_true(scenario_base(doc)->groups[0].lag == 5000);
    scenario_doc_free(doc);
}

static void sample__depends_on_seed_and_replication_alone(void **state)
{
    (void)state;
    struct scenario_doc *doc = scenario_text_producer(uncertain);
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
    struct scenario_doc *doc = scenario_text_producer(uncertain),
                        *less = scenario_text_producer("rate: 15..25 MB/s");
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
    struct scenario_doc *doc = scenario_text_producer(uncertain);
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
    scenario_text_close(rate, 20e6, 5 * 10e6 / sqrt(12.0 * DRAWS));
    scenario_text_close(size, 1024, 5 * 512 / sqrt(DRAWS));
    scenario_text_close(sqrt(square - size * size) / size, 0.5, 0.05);
    scenario_text_close(cv, (0.2 + 0.8 + 1) / 3, 5 * 0.17 / sqrt(DRAWS));
    scenario_doc_free(doc);
}

static void with_input__moves_one_input_and_leaves_the_others(void **state)
{
    (void)state;
    struct scenario_doc *doc = scenario_text_producer("clients: 3..9, rate: 15..25 MB/s");
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
    struct scenario_doc *doc = scenario_text_load(scenario_five_lines);
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
    struct scenario_doc *doc = scenario_text_load(scenario_five_lines);
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
    doc = scenario_text_producer(
        "rate: 10 MB/s, record: {size: 1 KiB}, config: {compression.type: lz4}");
    assert_null(assumption(doc, "producers.p.record.size.lognormal.mean", &index));
    assert_non_null(assumption(doc, "producers.p.compression_ratio", &index));
    s = scenario_with_assumption(doc, -1, index, 0.5);
    assert_string_equal(scenario_assumption_at(doc, -1, index)->unit,
                        "times that"); /* a factor, and no ratio */
    scenario_text_close(scenario_ratio_at(&s->producers[0].compression_ratio, 16384), 1.5, 1e-12);
    scenario_free(s);
    scenario_doc_free(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(input__has_its_central_value_in_the_base),
        cmocka_unit_test(input__is_told_as_the_file_says_it),
        cmocka_unit_test(sample__depends_on_seed_and_replication_alone),
        cmocka_unit_test(sample__draws_an_input_alike_whatever_else_the_file_holds),
        cmocka_unit_test(sample__follows_the_stated_distributions),
        cmocka_unit_test(with_input__moves_one_input_and_leaves_the_others),
        cmocka_unit_test(sample__equals_the_base_when_nothing_is_uncertain),
        cmocka_unit_test(assumption__is_an_input_that_the_file_leaves_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
