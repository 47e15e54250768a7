/* Advice: once, and by the cause. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "model/answer/advice.h"
#include "tests/support/size_fixture.h"

/* The only warning that begins so, or NULL; more than one fail. */
static const struct result_warning *about(const struct result *r, const char *beginning)
{
    const struct result_warning *found = NULL;
    for (uint32_t i = 0; i < r->warning_count; i++) {
        if (strncmp(r->warnings[i].text, beginning, strlen(beginning)) != 0)
            continue;
        if (found)
            fail_msg("two warnings: %s, %s", found->text, r->warnings[i].text);
        found = &r->warnings[i];
    }
    return found;
}

static void assert_advice(const char *set, const char *more, const char *remedy)
{
    struct sized z = size_fixture(size_fixture_text, set, more, NULL);
    const struct result_warning *w = about(z.r, "batches of checkout hold ");
    if (!w || strcmp(w->remedy, remedy) != 0)
        fail_msg("%s: %s is not %s", set, w ? w->remedy : "nothing", remedy);
    size_fixture_release(&z);
}

/* 12 clients; the linger of the fixture is 100 ms. */
static void batches__are_advised_by_what_closes_them(void **state)
{
    (void)state;
    assert_advice("producers.checkout.record.size=10 KiB",
                  "producers.checkout.config.batch.size=16384",
                  "raise batch.size (now 16384): two records do not fit");
    assert_advice("producers.checkout.client=librdkafka",
                  "producers.checkout.config.batch.num.messages=1",
                  "raise batch.num.messages (now 1): two records do not fit");
    assert_advice("producers.checkout.rate=120 records/s", "producers.checkout.config.linger.ms=5",
                  "raise linger.ms (now 5; 5 records take 400 ms to come), or use fewer clients "
                  "(now 12)");
    assert_advice("producers.checkout.rate=120 records/s", "producers.checkout.partitioner=uniform",
                  "use fewer partitions (now 48) or clients (now 12); no linger.ms helps where 5 "
                  "records take 19 s to come");
}

/* `check` says what it finds without bounds or a run. */
static void groups__that_lag_behind_empty_logs_are_advised(void **state)
{
    (void)state;
    struct sized z =
        size_fixture(size_fixture_text, "groups.billing.lag=10 d", "start.logs=empty", NULL);
    struct result *r = result_new();
    advice_groups(r, z.s);
    assert_non_null(about(r, "billing is stated to lag, and start.logs: empty"));
    assert_null(about(r, "billing starts "));
    result_free(r);
    size_fixture_release(&z);
}

static const char *poll_warning(const char *a, const char *b, const char *c, const char **remedy)
{
    static char text[400], what[200];
    struct sized z = size_fixture(size_fixture_text, a, b, c, NULL);
    struct result *r = result_new();
    advice_polls(r, z.doc, -1);
    const struct result_warning *w = about(r, "a consumer of billing for which ");
    snprintf(text, sizeof text, "%s", w ? w->text : "");
    snprintf(what, sizeof what, "%s", w ? w->remedy : "");
    *remedy = what;
    result_free(r);
    size_fixture_release(&z);
    return text;
}

/* 500 records of a poll of Java, one of librdkafka. */
static void groups__that_poll_too_seldom_are_warned_about(void **state)
{
    (void)state;
    static const char more[] = "question=how long a poll takes",
                      wait[] = "groups.billing.processing.wait=1 s";
    const char *remedy;
    assert_string_equal(
        poll_warning(wait, more, more, &remedy),
        "a consumer of billing for which 500 records wait takes 8.3 min for one "
        "poll, and leaves its group after 5 min (max.poll.interval.ms): what it has "
        "not committed is read again, and no run shows that");
    assert_string_equal(remedy,
                        "fewer max.poll.records (now 500), a longer max.poll.interval.ms, or "
                        "shorten processing");
    assert_string_equal(poll_warning("groups.billing.processing.wait=0.5 s", more, more, &remedy),
                        "");
    assert_string_equal(
        poll_warning(wait, "groups.billing.config.max.poll.interval.ms=15 m", more, &remedy), "");
    assert_string_equal(
        poll_warning(wait, "groups.billing.config.max.poll.records=200", more, &remedy), "");
    assert_string_equal(poll_warning(wait, "groups.billing.client=librdkafka", more, &remedy), "");
    assert_non_null(strstr(poll_warning("groups.billing.processing.wait=6 m",
                                        "groups.billing.client=librdkafka", more, &remedy),
                           "for which 1 record waits takes 6 min for one poll"));
    assert_string_equal(remedy, "a longer max.poll.interval.ms, or shorten processing");
    /* 2.5 min in the middle */
    assert_non_null(strstr(poll_warning("groups.billing.processing.wait=0.1..1 s", more,
                                        "groups.billing.config.max.poll.interval.ms=6 m", &remedy),
                           "for which 500 records wait takes up to 8.3 min for one poll, and "
                           "leaves its group after 6 min"));
    /* 48 partitions over its consumers, each with a record of a megabyte at a time */
    assert_string_equal(poll_warning(wait, "producers.checkout.record.size=1 MB", more, &remedy),
                        "");
}

static void batches__of_thousands_of_clients_count_them_by_thousands(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "producers.checkout.clients=20000",
                                  "producers.checkout.partitioner=uniform", NULL);
    const struct result_warning *w = about(z.r, "batches of checkout hold ");
    assert_non_null(w);
    assert_non_null(strstr(w->remedy, "or clients (now 20,000)"));
    size_fixture_release(&z);
}

static void batches__that_nothing_fills_are_left_alone(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "producers.checkout.rate=1 records/s",
                                  "producers.checkout.clients=1", NULL);
    assert_null(about(z.r, "batches of checkout"));
    size_fixture_release(&z);
    z = size_fixture(size_fixture_text, "producers.checkout.record.size=100 kB",
                     "producers.checkout.config.batch.size=16384", NULL);
    assert_null(about(z.r, "batches of checkout")); /* one record, and large enough */
    size_fixture_release(&z);
}

/* What a run saw takes the place of what the bounds expected. */
static void batches__are_warned_about_once(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "producers.checkout.rate=120 records/s",
                                  "producers.checkout.config.linger.ms=5", NULL);
    assert_non_null(strstr(about(z.r, "batches of checkout")->text, "hold 1"));
    advice_batches(z.r, z.s, 0, 3.25, 5);
    assert_string_equal(about(z.r, "batches of checkout")->text,
                        "batches of checkout hold 3.2 records, 3,250 bytes, which costs CPU and "
                        "compresses badly");
    advice_batches(z.r, z.s, 0, 4.94, 5);
    assert_non_null(strstr(about(z.r, "batches of checkout")->text, "hold 4.9 records"));
    advice_batches(z.r, z.s, 0, 4.96, 5); /* "5" is not few */
    assert_null(about(z.r, "batches of checkout"));
    advice_batches(z.r, z.s, 0, 3.25, 5);
    advice_batches(z.r, z.s, 0, 20, 5);
    assert_null(about(z.r, "batches of checkout"));
    size_fixture_release(&z);
}

static void topics__that_pack_anew_are_told(void **state)
{
    (void)state;
    static const char *const codecs[] = {"topics.orders.config.compression.type=producer",
                                         "topics.orders.config.compression.type=gzip"};
    for (int i = 0; i < 2; i++) {
        struct sized z = size_fixture(size_fixture_text, codecs[i], NULL);
        assert_true((about(z.r, "leaders of orders pack") != NULL) == (i == 1));
        size_fixture_release(&z);
    }
}

static void racks__that_a_group_states_in_vain_are_told(void **state)
{
    (void)state;
    static const char selector[] = "cluster.config.replica.selector.class=RackAwareReplicaSelector";
    static const struct {
        const char *set, *more;
        bool told;
    } cases[] = {
        {"question=not stated", "question=nothing", false},
        {"groups.billing.client_rack=true", "question=leaders all the same", true},
        {"groups.billing.client_rack=true", selector, false},
        {"question=as the selector has it", selector, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sized z = size_fixture(size_fixture_text, cases[i].set, cases[i].more, NULL);
        assert_true((about(z.r, "billing states its racks") != NULL) == cases[i].told);
        size_fixture_release(&z);
    }
}

static void consumers__without_a_partition_are_counted(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "groups.billing.clients=48", NULL);
    assert_null(about(z.r, "1"));
    size_fixture_release(&z);
    z = size_fixture(size_fixture_text, "groups.billing.clients=60", NULL);
    assert_string_equal(about(z.r, "12 of the 60")->text,
                        "12 of the 60 consumers of billing are idle: it reads 48 partitions");
    size_fixture_release(&z);
}

/* A segment of 1 GiB takes 71 minutes to fill at 250 kB/s: that much is kept beyond the day. */
static void groups__begin_no_earlier_than_what_is_kept(void **state)
{
    (void)state;
    static const struct {
        const char *lag, *more, *text;
    } cases[] = {
        {"groups.billing.lag=24 h", "question=kept", NULL},
        {"groups.billing.lag=30 d", "question=not kept",
         "billing starts 30 d behind, but orders keeps about 25.3 h (retention.ms + a segment): "
         "what is older does not exist"},
        {"groups.billing.lag=2 TB", "question=46 h of 12 MB/s",
         "billing starts 46.3 h behind, but orders keeps about 25.3 h (retention.ms + a "
         "segment): what is older does not exist"},
        {"groups.billing.lag=10 h", "topics.orders.config.retention.bytes=5 GB",
         "billing starts 10 h behind, but orders keeps about 6.85 h (retention.bytes + a "
         "segment): what is older does not exist"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sized z = size_fixture(size_fixture_text, cases[i].lag, cases[i].more, NULL);
        const struct result_warning *w = about(z.r, "billing starts 4");
        w = w ? w : about(z.r, "billing starts 3");
        w = w ? w : about(z.r, "billing starts 1");
        if (!cases[i].text)
            assert_null(w);
        else
            assert_string_equal(w ? w->text : "", cases[i].text);
        size_fixture_release(&z);
    }
}

/* Of a scenario without SLOs there is nothing to say. */
static void slos__that_bounds_do_not_judge_are_named(void **state)
{
    (void)state;
    struct sized z = size_fixture(
        size_fixture_text,
        "slo.normal=[checkout produce p99 < 50 ms, billing lag max < 1 s, disk max < 70 %, "
        "cpu max < 50 %]",
        NULL);
    advice_slos(z.r, z.s);
    const struct result_warning *w = about(z.r, "bounds judge limits");
    assert_non_null(w);
    assert_string_equal(w->text, "bounds judge limits of resources, and no SLO (checkout produce "
                                 "p99 < 50 ms, billing lag max < 1 s, disk max < 70 % and 1 more)");
    size_fixture_release(&z);
    z = size_fixture(size_fixture_text, NULL);
    advice_slos(z.r, z.s);
    assert_null(about(z.r, "bounds judge limits"));
    size_fixture_release(&z);
}

/* A "fits" of bounds says nothing of the hours in which a group reads what it missed. */
static void groups__that_catch_up_faster_than_bounds_count_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *lag, *logs;
        bool told;
    } cases[] = {{"groups.billing.lag=1 h", "start.logs=retained", true},
                 {"groups.billing.lag=1 h", "start.logs=empty", false},
                 {"groups.billing.lag=none", "start.logs=retained", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sized z = size_fixture(size_fixture_text, cases[i].lag, cases[i].logs, NULL);
        advice_catching_up(z.r, z.s);
        const struct result_warning *w = about(z.r, "bounds count billing at the pace of the load");
        assert_true((w != NULL) == cases[i].told);
        size_fixture_release(&z);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(racks__that_a_group_states_in_vain_are_told),
        cmocka_unit_test(batches__are_advised_by_what_closes_them),
        cmocka_unit_test(groups__that_poll_too_seldom_are_warned_about),
        cmocka_unit_test(groups__that_lag_behind_empty_logs_are_advised),
        cmocka_unit_test(batches__of_thousands_of_clients_count_them_by_thousands),
        cmocka_unit_test(batches__that_nothing_fills_are_left_alone),
        cmocka_unit_test(batches__are_warned_about_once),
        cmocka_unit_test(topics__that_pack_anew_are_told),
        cmocka_unit_test(consumers__without_a_partition_are_counted),
        cmocka_unit_test(slos__that_bounds_do_not_judge_are_named),
        cmocka_unit_test(groups__that_catch_up_faster_than_bounds_count_are_named),
        cmocka_unit_test(groups__begin_no_earlier_than_what_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
