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
    assert_advice("producers.checkout.rate=120 records/s", "producers.checkout.config.linger.ms=5",
                  "raise linger.ms (now 5; 5 records take 400 ms to come), or use fewer clients "
                  "(now 12)");
    assert_advice("producers.checkout.rate=120 records/s", "producers.checkout.partitioner=uniform",
                  "use fewer partitions (now 48) or clients (now 12); no linger.ms helps where 5 "
                  "records take 19 s to come");
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
                        "batches of checkout hold 3.2 records, 3250 bytes, which costs CPU and "
                        "compresses badly");
    advice_batches(z.r, z.s, 0, 20, 5);
    assert_null(about(z.r, "batches of checkout"));
    size_fixture_release(&z);
}

/* GROUPS */
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches__are_advised_by_what_closes_them),
        cmocka_unit_test(batches__that_nothing_fills_are_left_alone),
        cmocka_unit_test(batches__are_warned_about_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
