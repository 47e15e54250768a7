/* CSV as RFC 4180 has it, read back by a parser written from the RFC. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "model/report/csv.h"
#include "tests/support/fake_result.h"

static char *metrics(struct result *r)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(report_csv_metrics(r, out), 0);
    fclose(out);
    return text;
}

/* One field, moving *p to what follows its separator; sets *last at the end of a line. Gives. */
static char *field(const char **p, bool *last)
{
    char *out = calloc(1, strlen(*p) + 1), *to = out;
    bool quoted = **p == '"';
    if (quoted)
        ++*p;
    while (**p) {
        if (quoted && (*p)[0] == '"' && (*p)[1] == '"')
            ++*p;
        else if (quoted && **p == '"') {
            quoted = false;
            ++*p;
            break;
        } else if (!quoted && (**p == ',' || **p == '\r'))
            break;
        assert_true(quoted || **p != '"');
        *to++ = *(*p)++;
    }
    assert_false(quoted);
    *last = **p == '\r';
    if (*last)
        assert_int_equal((*p)[1], '\n');
    else
        assert_int_equal(**p, ',');
    *p += *last ? 2 : 1;
    return out;
}

static void assert_columns(const char *text, int expected)
{
    int lines = 0;
    while (*text) {
        int count = 0;
        for (bool last = false; !last; count++) {
            char *cell = field(&text, &last);
            assert_null(strchr(cell, '\n'));
            if (lines > 0 && count < 3) /* text columns: no formula */
                assert_true(!cell[0] || !strchr("=+-@\t", cell[0]));
            free(cell);
        }
        assert_int_equal(count, expected);
        lines++;
    }
    assert_true(lines > 1);
}

static void metrics__have_the_same_columns_in_each_line(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    char *text = metrics(r);
    assert_columns(text, 10);
    assert_non_null(
        strstr(text, ",produce latency,checkout,p99,21000000,19000000,24000000,0.95,10,ns\r\n"));
    assert_non_null(strstr(text, "acks-1,produce latency,checkout,p99,15500000,"));
    assert_non_null(strstr(text, ",bound,partitions,demand,48,,,,0,partitions\r\n"));
    assert_non_null(strstr(text, ",bound,partitions,allowed,4000,,,,0,partitions\r\n"));
    assert_non_null(strstr(text, ",bound,partitions,survive,,,,,0,ratio\r\n"));
    assert_non_null(strstr(text, ",bound,partitions,brokers,3,,,,0,brokers\r\n"));
    assert_non_null(strstr(text, ",end to end latency,billing,max,,,,,0,ns\r\n")); /* unknown */
    free(text);
    result_free(r);
}

/* Threads idle .86, and may idle .3 at least: used 0.14 of 0.7, as every other resource says it. */
static void metrics__of_resources_are_their_use(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    char *text = metrics(r);
    assert_non_null(strstr(text, ",network threads,broker 2,now,0.14,"));
    assert_non_null(strstr(text, ",network threads,broker 2,limit,0.7,"));
    assert_non_null(strstr(text, ",disk space,broker 3,now,0.25,"));
    assert_non_null(strstr(text, ",disk space,broker 3,fullest,0.6,"));
    assert_non_null(strstr(text, ",cpu,broker 1,now,0.22,"));
    free(text);
    result_free(r);
}

static void metrics__survive_hostile_names(void **state)
{
    (void)state;
    struct result *r = fake_result_hostile();
    char *text = metrics(r);
    assert_columns(text, 10);
    assert_null(strchr(text, '\x1b'));
    free(text);
    result_free(r);
}

static void metrics__of_an_unstable_study_hold_no_latency(void **state)
{
    (void)state;
    struct result *r = fake_result_unstable();
    for (uint32_t i = 0; i < r->variant_count; i++)
        r->variants[i]->verdict = RESULT_UNSTABLE;
    char *text = metrics(r);
    assert_null(strstr(text, "latency"));
    free(text);
    result_free(r);
}

static void series__share_a_table_when_they_share_the_grid(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    int tables = 0;
    for (int first = -1; (first = report_csv_series_next(r, first)) >= 0; tables++) {
        char *text;
        size_t size;
        FILE *out = open_memstream(&text, &size);
        assert_int_equal(report_csv_series(r, first, out), 0);
        fclose(out);
        if (tables == 0) {
            assert_int_equal(strncmp(text, "time_s,produce p50 checkout ns,", 31), 0);
            assert_columns(text, 7);
            assert_non_null(
                strstr(text, "\r\n17,")); /* with the empty cell of what was not observed */
        }
        if (strcmp(r->series[first].group, "horizon-lag") == 0)
            assert_int_equal(
                strncmp(text, "time_d,billing records (largest of the interval)\r\n", 50), 0);
        free(text);
    }
    assert_int_equal(tables, 6);
    result_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics__have_the_same_columns_in_each_line),
        cmocka_unit_test(metrics__of_resources_are_their_use),
        cmocka_unit_test(metrics__survive_hostile_names),
        cmocka_unit_test(metrics__of_an_unstable_study_hold_no_latency),
        cmocka_unit_test(series__share_a_table_when_they_share_the_grid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
