/* The screen: as drawn, at most 80 columns wide, honest about what is not known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "model/report/escape.h"
#include "model/report/markdown.h"
#include "model/report/shown.h"
#include "model/report/tables.h"
#include "model/report/text.h"
#include "tests/support/fake_result.h"
#include "tests/support/golden.h"

/* Inlined, gcc takes the text for a pointer to the variable that open_memstream keeps it in. */
static __attribute__((noinline)) char *screen(struct result *r, const char *suffix)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(report_text_write(r, suffix, out), 0);
    fclose(out);
    return text;
}

static __attribute__((noinline)) char *size_screen(struct result *r)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(report_text_size(r, out), 0);
    fclose(out);
    return text;
}

static void assert_narrow(const char *text)
{
    for (char *copy = strdup(text), *line = copy, *end;
         (end = strchr(line, '\n')) || !(free(copy), 1); line = end + 1) {
        *end = 0;
        if (report_width(line) > 80)
            fail_msg("%d columns: %s", report_width(line), line);
    }
}

/* So many producers alike but for their p99, which is times[k] times the first's. */
static void add_producers(struct result *r, int count, const double *times)
{
    uint32_t parts = r->part_count;
    for (int k = 0; k < count; k++) {
        struct result_latency *l = RESULT_ADD(r, latencies, latency_count);
        *l = r->latencies[0];
        l->histogram = NULL;
        l->subject = result_format(r, "producer-%d", k + 1);
        l->p99_ns.value *= times[k];
        for (uint32_t i = 0; i < parts; i++) {
            struct result_part *p = RESULT_ADD(r, parts, part_count);
            *p = r->parts[i];
            p->subject = l->subject;
            p->p99_ns.value *= times[k];
        }
    }
}

static void screen__is_as_drawn(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    char *text = screen(r, "2.9 s");
    golden_compare("run-screen.txt", text);
    assert_narrow(text);
    free(text);
    result_free(r);
}

/* "expected 432,000…" and "196,000…" cannot be read: what does not fit beside its neighbours begins earlier. */
static void value__is_never_cut(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    r->slos[1].text = "billing lag max < 1000000 records";
    r->slos[1].unit = "records";
    r->slos[1].limit = 1e6;
    r->slos[1].estimate = result_interval(432.1e6, 400.2e6, 471.3e6, .95, 3);
    r->trusts[0].quantity = "checkout at most";
    r->trusts[0].unit = "records/s";
    r->trusts[0].simulated = result_interval(196000, 190000, 202000, .95, 3);
    r->trusts[0].predicted = result_interval(196000, 110000, 290000, .9, 22);
    char *text = screen(r, NULL);
    assert_null(strstr(text, "…"));
    assert_non_null(strstr(text, "430 M records"));
    assert_non_null(strstr(text, "196,000 records/s  110,000 .. 290,000 records/s"));
    assert_narrow(text);
    free(text);
    result_free(r);
}

/* Half a second of a fetch on a quiet topic is what it may wait, and no fault of the broker. */
static void fetch__says_that_it_waits_for_data(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    r->latencies[1].kind = RESULT_FETCH;
    r->latencies[1].of_p99 = "";
    char *text = screen(r, NULL);
    assert_non_null(strstr(text, "\n  billing fetch  "));
    assert_non_null(strstr(text, "  with waits for data\n"));
    assert_narrow(text);
    free(text);
    result_free(r);
}

/* Eight large records a second: not enough for any percentile. */
static void latency__that_nobody_knows_is_in_ms(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    for (uint32_t i = 0; i < r->latency_count; i++)
        r->latencies[i].p50_ns = r->latencies[i].p95_ns = r->latencies[i].p99_ns =
            r->latencies[i].p999_ns = result_unknown();
    char *text = screen(r, NULL);
    assert_non_null(strstr(text, "\nLatency, ms "));
    free(text);
    result_free(r);
}

/* A group that catches up reads 1.35 GB/s, and a stream beside it brings 1.03 MB/s: not 0.00103 GB/s. */
static void throughput__is_in_a_unit_that_suits_most_flows(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    r->flows[0].wire_bytes_per_s = result_exact(1.03e6);
    r->flows[1].bytes_per_s = result_exact(1.35e9);
    r->flows[1].wire_bytes_per_s = result_exact(0);
    struct report_table t;
    report_table_flows(r, 0, &t);
    assert_string_equal(report_table_cell(&t, 0, 4), "1.03");
    assert_string_equal(report_table_cell(&t, 1, 2), "1,350");
    report_table_release(&t);
    result_free(r);
}

/* One of many, of which nothing but its latency matters. */
static struct result_latency *add_group(struct result *r, int k)
{
    struct result_latency *l = RESULT_ADD(r, latencies, latency_count);
    *l = (struct result_latency){.kind = RESULT_END_TO_END,
                                 .subject = result_format(r, "group-%02d", k)};
    return l;
}

/* Thirty groups: what SLOs name and the slowest, however few the screen shows; the first is asked for, the last slowest. */
static void rows__of_many_groups_are_those_of_slos_and_the_slowest(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    for (int k = 0; k < 30; k++) {
        struct result_latency *l = add_group(r, k);
        l->p99_ns = result_exact(1e9 * (k + 1));
        struct result_flow *f = RESULT_ADD(r, flows, flow_count);
        *f = r->flows[1];
        f->name = result_format(r, "orders → %s", l->subject);
    }
    r->slos[1].text = "group-07 end-to-end p99 < 1 h";
    char *text = screen(r, NULL);
    assert_non_null(strstr(text, "\n  group-07 end to end "));
    assert_non_null(strstr(text, "\n  group-29 end to end "));
    assert_non_null(strstr(text, "\n  orders → group-07 "));
    assert_null(strstr(text, "group-20"));
    assert_non_null(strstr(text, " have all)"));
    assert_narrow(text);
    free(text);
    struct report_table all;
    report_table_latencies(r, 0, &all);
    assert_int_equal(all.row_count, (int)r->latency_count);
    report_table_release(&all);
    result_free(r);
}

/* Short runs know no p99. Of three, billing's 38 ms are the slowest, then p50 of 30 and 29 ms. */
static void rows__without_a_p99_are_the_slowest_by_p50(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    for (int k = 0; k < 30; k++)
        add_group(r, k)->p50_ns = result_exact(1e6 * (k + 1));
    bool *shown = report_shown_latencies(r, 3);
    for (int k = 0; k < 30; k++)
        assert_int_equal(shown[r->latency_count - 30 + (uint32_t)k], k >= 28);
    free(shown);
    result_free(r);
}

/* "network in 0.0313 | 1.40 GB/s": a demand that is small beside what is allowed has its own unit. */
static void demand__is_in_its_own_unit_where_that_differs(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    r->bounds[0].demand = 31.3e6;
    r->bounds[0].capacity = 1.4e9;
    struct report_table t;
    report_table_bounds(r, &t);
    assert_string_equal(report_table_cell(&t, 0, 1), "31.3 MB/s");
    assert_string_equal(report_table_cell(&t, 0, 2), "1.40 GB/s");
    assert_string_equal(report_table_cell(&t, 1, 1), "11.4");
    report_table_release(&t);
    result_free(r);
}

/* A prediction's 90 % and a simulation's 95 % in one column: each row says which; all alike, the header does. */
static void slos__of_two_levels_say_their_own(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    struct report_table t;
    report_table_slos(r, &t);
    assert_string_equal(t.columns[3].header, "level");
    assert_string_equal(report_table_cell(&t, 0, 3), "90 %");
    assert_string_equal(report_table_cell(&t, 1, 3), "95 %");
    report_table_release(&t);
    r->slos[0].predicted = result_unknown();
    r->slos[2].estimate = result_exact(.61); /* reckoned once */
    report_table_slos(r, &t);
    assert_string_equal(t.columns[2].header, "95 % interval");
    assert_int_equal(t.column_count, 4);
    assert_string_equal(report_table_cell(&t, 2, 2), "no interval");
    report_table_release(&t);
    result_free(r);
}

/* As the verdict counts them: beyond its limit, and what the profile's error leaves open. */
static void resources__are_marked_as_they_are_judged(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    struct report_table t;
    report_table_resources(r, &t);
    assert_string_equal(report_table_cell(&t, 0, 3), "70 %");
    report_table_release(&t);
    r->resources[0].now = result_exact(.75);
    r->resources[1].predicted = result_interval(.4, .2, .8, .9, 1);
    report_table_resources(r, &t);
    assert_string_equal(report_table_cell(&t, 0, 3), "70 % ✗");
    assert_string_equal(report_table_cell(&t, 1, 3), "60 % ?");
    assert_string_equal(report_table_cell(&t, 3, 3), "70 %  ");
    report_table_release(&t);
    result_free(r);
}

/* "brokers: auto" is no number that the scenario has. */
static void brokers__that_size_chose_are_said_to_be_so(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    char *text = size_screen(r);
    assert_non_null(strstr(text, "3 brokers; the scenario has 3."));
    free(text);
    r->brokers_auto = true;
    text = size_screen(r);
    assert_non_null(strstr(text, "3 brokers, which brokers: auto takes."));
    free(text);
    result_free(r);
}

/* Whose machine it is must be read: what is behind a long name stands on the next line. */
static void resources__of_long_names_are_not_cut(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    r->resources[0].busiest = "a-consumer-group-with-a-rather-long-name clients";
    char *text = screen(r, NULL);
    assert_narrow(text);
    assert_non_null(strstr(text, "a-consumer-group-with-a-rather-long-name clients\n"));
    free(text);
    result_free(r);
}

/* Under growth: what a disk holds today is not what it comes to, and its room is for what the horizon brings. */
/* Beside the columns of a loss there are some fifteen for what binds. */
static void resources__break_a_long_word_at_its_hyphens(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    for (uint32_t i = 0; i < r->resource_count; i++)
        if (r->resources[i].kind == RESULT_DISK_BANDWIDTH) {
            r->resources[i].headroom = 8.6;
            r->resources[i].note = "machine-to-volume throughput";
        }
    char *text = screen(r, "");
    assert_narrow(text);
    assert_non_null(strstr(text, "machine-to-\n"));
    free(text);
    result_free(r);
}

static void disk_space__now_is_what_it_starts_with(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    struct report_table t;
    report_table_resources(r, &t);
    assert_string_equal(report_table_cell(&t, 2, 0), "disk space");
    assert_string_equal(report_table_cell(&t, 2, 2), "25 %");
    assert_string_equal(report_table_cell(&t, 2, 5), "60 % on day 30, not full in 3 y");
    report_table_release(&t);
    for (uint32_t i = 0; i < r->disk_count; i++)
        r->disks[i].day_95 = 12;
    r->resources[2].note = "95 % on day 12"; /* in the order of the days, and one day once */
    report_table_resources(r, &t);
    assert_string_equal(report_table_cell(&t, 2, 5), "95 % on day 12, 60 % on day 30");
    report_table_release(&t);
    for (uint32_t i = 0; i < r->disk_count; i++) {
        r->disks[i].used_max_bytes = r->disks[i].capacity_bytes;
        r->disks[i].day_95 = 30;
    }
    r->resources[2].note = "95 % some day"; /* its words decide nothing */
    report_table_resources(r, &t);
    assert_string_equal(report_table_cell(&t, 2, 5), "60 % on day 30");
    report_table_release(&t);
    r->resources[2].note = "not full in 3 y";
    for (uint32_t i = 0; i < r->disk_count; i++)
        r->disks[i].used_max_bytes = r->disks[i].used_start_bytes;
    r->resources[2].now = result_exact(.25);
    report_table_resources(r, &t);
    assert_string_equal(report_table_cell(&t, 2, 5), "not full in 3 y");
    report_table_release(&t);
    result_free(r);
}

/* A run from day 12 begins with the disks of day 12, and the table of the days says which its first is. */
static void disk_space__now_is_that_of_the_moment_that_the_run_begins_at(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    struct report_table t;
    r->moment_day = 12;
    for (uint32_t i = 0; i < r->disk_count; i++)
        r->disks[i].used_moment_bytes = r->disks[i].capacity_bytes / 2;
    report_table_resources(r, &t);
    assert_string_equal(report_table_cell(&t, 2, 2), "50 %");
    assert_string_equal(report_table_cell(&t, 2, 5), "60 % on day 30, not full in 3 y");
    report_table_release(&t);
    char *text = screen(r, NULL);
    assert_non_null(strstr(text, "day 0"));
    free(text);
    result_free(r);
}

/* Sixty brokers: three rows, and how far the other 57 come. */
static void disks__that_are_left_out_are_summed_up(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    assert_null(report_disks_left(r, 3));
    for (int broker = 4; broker <= 60; broker++) {
        struct result_disk *d = RESULT_ADD(r, disks, disk_count);
        *d = r->disks[0];
        d->broker = broker;
        d->used_max_bytes = 1000000000000u + (uint64_t)(broker % 2) * 500000000000u;
    }
    char *text = screen(r, NULL);
    assert_non_null(strstr(text, "\n  (the 3 fullest of 60; the others come at most to 20 % .. "
                                 "30 %)\n"));
    free(text);
    result_free(r);
}

static void brief__is_one_short_page(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(report_text_brief(r, out), 0);
    fclose(out);
    golden_compare("brief.txt", text);
    assert_narrow(text);
    free(text);
    result_free(r);
}

static void size__is_as_drawn(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    r->run.replications = 0;
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(report_text_size(r, out), 0);
    fclose(out);
    golden_compare("size-screen.txt", text);
    assert_narrow(text);
    free(text);
    result_free(r);
}

/* What no page of a run has to say: seeds, and latencies of variants. */
static void size__is_the_same_in_markdown(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    r->run.replications = r->variants[0]->run.replications = 0;
    r->run.complete = false;
    r->brokers_needed_days = 365;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(report_markdown_write(r, out), 0);
    fclose(out);
    assert_non_null(strstr(text,
                           "\nBrokers hold 365 days of growth too; all else but disk space is "
                           "today's. Smallest cluster by all of them: "));
    assert_non_null(strstr(text, "| Variants | first to bind | brokers | $ a month | verdict |"));
    assert_non_null(strstr(text, "| Reckoned as |"));
    assert_non_null(strstr(text, "bounds by closed form: nothing was simulated"));
    assert_null(strstr(text, "STOPPED EARLY"));
    free(text);
    result_free(r);
}

static void screen__leaves_out_parts_of_which_no_percentile_is_known(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    char *text = screen(r, NULL);
    assert_non_null(strstr(text, "\nProduce time by part"));
    free(text);
    for (uint32_t i = 0; i < r->part_count; i++)
        r->parts[i].p50_ns.known = r->parts[i].p99_ns.known = false;
    text = screen(r, NULL);
    assert_null(strstr(text, "\nProduce time by part"));
    free(text);
    result_free(r);
}

static void screen__says_from_where_the_scenario_and_its_variants_ran(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    assert_true(r->variant_count >= 2);
    r->moment = "day 3, 18:00: deepest lag of billing";
    r->variants[0]->moment = r->moment;
    r->variants[1]->moment = "day 9, 10:00: highest load";
    char *text = screen(r, NULL), line[200];
    assert_non_null(strstr(text, "\nRun from day 3, 18:00: deepest lag of billing.\n"));
    snprintf(line, sizeof line, "\n%s runs from day 9, 10:00: highest load.\n",
             r->variants[1]->variant);
    assert_non_null(strstr(text, line));
    assert_null(strstr(text, "runs from day 3"));
    free(text);
    result_free(r);
}

/* A sign alone does not tell what to change. */
/* Two producers: variants are compared by the one that the SLO is about, though the other is slower. */
static void variants__are_compared_by_the_producer_of_the_slo(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    struct result_latency *slow = RESULT_ADD(r, latencies, latency_count);
    *slow = *report_produce_of(r, "checkout");
    slow->histogram = NULL;
    slow->subject = "archive";
    slow->p99_ns.value *= 10;
    char *text = screen(r, NULL);
    assert_non_null(strstr(text, "simulated checkout p99"));
    assert_string_equal(report_compared_producer(r), "checkout");
    free(text);
    r->slo_count = 0;
    assert_string_equal(report_compared_producer(r), "archive");
    r->latency_count--;
    text = screen(r, NULL);
    assert_non_null(strstr(text, "simulated produce p99"));
    free(text);
    result_free(r);
}

static void variants__that_do_not_fit_say_why(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    r->variants[0]->verdict = RESULT_DOES_NOT_FIT;
    r->variants[0]->verdict_text = "DOES NOT FIT: disk max < 80 % is missed";
    char *text = screen(r, NULL), line[200];
    snprintf(line, sizeof line, "\n  %s: DOES NOT FIT: disk max < 80 %% is missed\n",
             r->variants[0]->variant);
    assert_non_null(strstr(text, line));
    snprintf(line, sizeof line, "\n  %s: ", r->variants[1]->variant);
    assert_null(strstr(text, line));
    free(text);
    result_free(r);
}

static void unstable__prints_no_latency(void **state)
{
    (void)state;
    struct result *r = fake_result_unstable();
    char *text = screen(r, "");
    assert_non_null(strstr(text, "UNSTABLE"));
    assert_non_null(strstr(text, "none to plan with: queues grow or records are given up"));
    assert_null(strstr(text, "Latency, ms"));
    assert_null(strstr(text, "Produce time by part"));
    assert_non_null(strstr(text, "failed"));
    assert_narrow(text);
    free(text);
    result_free(r);
}

static void hostile_names__neither_move_the_cursor_nor_widen_the_screen(void **state)
{
    (void)state;
    static const double times[] = {2};
    struct result *r = fake_result_hostile();
    add_producers(r, 1, times);
    r->latencies[r->latency_count - 1].subject = "\x1b[2J\xe2\x80\xae and a long name behind it";
    for (uint32_t i = r->part_count / 2; i < r->part_count; i++)
        r->parts[i].subject = r->latencies[r->latency_count - 1].subject;
    char *text = screen(r, "");
    assert_null(strchr(text, '\x1b'));
    assert_null(strchr(text, '\x07'));
    assert_null(strstr(text, "\xe2\x80\xae"));
    assert_non_null(strstr(text, "\\x1B"));
    assert_narrow(text);
    free(text);
    result_free(r);
}

static void screen__shows_the_parts_of_each_producer(void **state)
{
    (void)state;
    static const double times[] = {2};
    struct result *r = fake_result_new();
    add_producers(r, 1, times);
    char *text = screen(r, "");
    const char *head = strstr(text, "Produce p99 by part, ms");
    assert_non_null(head);
    /* The slower one first. */
    const char *slow = strstr(head, "producer-1"), *fast = strstr(head, "checkout");
    assert_true(slow && fast && slow < fast && fast < strchr(head, '\n'));
    assert_narrow(text);
    free(text);
    result_free(r);
}

static void screen__shows_means_where_a_p99_is_not_known(void **state)
{
    (void)state;
    static const double times[] = {2};
    struct result *r = fake_result_new();
    add_producers(r, 1, times);
    r->parts[r->part_count - 1].p99_ns.known = false;
    char *text = screen(r, "");
    assert_non_null(strstr(text, "Produce mean by part, ms"));
    free(text);
    result_free(r);
}

static void screen__shows_the_slowest_of_many_producers(void **state)
{
    (void)state;
    static const double times[] = {0.5, 3, 2, 5, 4, 0.25};
    struct result *r = fake_result_new();
    add_producers(r, 6, times);
    char *text = screen(r, "");
    const char *head = strstr(text, "Produce p99 by part, ms"), *end = strchr(head, '\n');
    const char *last = head;
    static const char *const order[] = {"producer-4", "producer-5", "producer-2", "producer-3"};
    for (int i = 0; i < 4; i++) {
        last = strstr(last, order[i]);
        assert_true(last && last < end);
    }
    assert_non_null(strstr(text, "(the 4 slowest of 7 producers; the page has all)"));
    assert_narrow(text);
    free(text);
    result_free(r);
}

static void empty_result__says_little_and_does_not_crash(void **state)
{
    (void)state;
    struct result *r = result_new();
    r->scenario = "nothing";
    char *text = screen(r, "");
    assert_null(strstr(text, "SLO"));
    assert_null(strstr(text, "Resource"));
    assert_null(strstr(text, "nan"));
    free(text);
    result_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(screen__is_as_drawn),
        cmocka_unit_test(value__is_never_cut),
        cmocka_unit_test(fetch__says_that_it_waits_for_data),
        cmocka_unit_test(latency__that_nobody_knows_is_in_ms),
        cmocka_unit_test(throughput__is_in_a_unit_that_suits_most_flows),
        cmocka_unit_test(rows__of_many_groups_are_those_of_slos_and_the_slowest),
        cmocka_unit_test(rows__without_a_p99_are_the_slowest_by_p50),
        cmocka_unit_test(demand__is_in_its_own_unit_where_that_differs),
        cmocka_unit_test(slos__of_two_levels_say_their_own),
        cmocka_unit_test(resources__are_marked_as_they_are_judged),
        cmocka_unit_test(brokers__that_size_chose_are_said_to_be_so),
        cmocka_unit_test(resources__of_long_names_are_not_cut),
        cmocka_unit_test(resources__break_a_long_word_at_its_hyphens),
        cmocka_unit_test(disk_space__now_is_what_it_starts_with),
        cmocka_unit_test(disk_space__now_is_that_of_the_moment_that_the_run_begins_at),
        cmocka_unit_test(disks__that_are_left_out_are_summed_up),
        cmocka_unit_test(brief__is_one_short_page),
        cmocka_unit_test(screen__leaves_out_parts_of_which_no_percentile_is_known),
        cmocka_unit_test(screen__says_from_where_the_scenario_and_its_variants_ran),
        cmocka_unit_test(variants__are_compared_by_the_producer_of_the_slo),
        cmocka_unit_test(variants__that_do_not_fit_say_why),
        cmocka_unit_test(size__is_as_drawn),
        cmocka_unit_test(size__is_the_same_in_markdown),
        cmocka_unit_test(screen__shows_the_parts_of_each_producer),
        cmocka_unit_test(screen__shows_means_where_a_p99_is_not_known),
        cmocka_unit_test(screen__shows_the_slowest_of_many_producers),
        cmocka_unit_test(unstable__prints_no_latency),
        cmocka_unit_test(hostile_names__neither_move_the_cursor_nor_widen_the_screen),
        cmocka_unit_test(empty_result__says_little_and_does_not_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
