/* Every broken scenario of scenario_errors.txt gives exactly the messages that stand behind it, each case a test. */
#include "model/scenario/load.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

enum { CASES_MAX = 1000, CASES_MIN = 120 /* what was promised */ };

struct broken {
    const char *name;
    char *file;
    char *expected;
};

static const struct {
    const char *word, *line;
} standard_lines[] = {
    {"@document", "---"},
    {"@version", "version: 1"},
    {"@cluster", "cluster: {machine: aws/i3en.2xlarge, racks: [a, b, c]}"},
    {"@topics", "topics: {orders: {}}"},
    {"@producers", "producers: {p: {topic: orders, rate: 10 MB/s}}"},
};

static char *read_all(const char *path)
{
    enum { TABLE_BYTES_MAX = 1 << 20 };
    static char text[TABLE_BYTES_MAX + 1];
    FILE *in = fopen(path, "r");
    if (!in) {
        fprintf(stderr, "%s cannot be read; tests run from the top of the tree\n", path);
        exit(1);
    }
    text[fread(text, 1, TABLE_BYTES_MAX, in)] = 0;
    fclose(in);
    return text;
}

/* \xNN in the table is that byte. */
static void unescape(char *text)
{
    char *to = text;
    for (char *c = text; *c; c++) {
        unsigned byte;
        if (sscanf(c, "\\x%2x", &byte) == 1 && c[2] != ' ') {
            *to++ = (char)byte;
            c += 3;
        } else {
            *to++ = *c;
        }
    }
    *to = 0;
}

static char *expand(const char *lines)
{
    char *out = NULL;
    size_t bytes = 0;
    FILE *memory = open_memstream(&out, &bytes);
    while (*lines) {
        size_t length = strcspn(lines, "\n");
        const char *line = lines;
        int shown = (int)length;
        for (size_t i = 0; i < sizeof standard_lines / sizeof standard_lines[0]; i++)
            if (strlen(standard_lines[i].word) == length &&
                memcmp(standard_lines[i].word, lines, length) == 0) {
                line = standard_lines[i].line;
                shown = (int)strlen(line);
            }
        fprintf(memory, "%.*s\n", shown, line);
        lines += length + (lines[length] == '\n');
    }
    fclose(memory);
    unescape(out);
    return out;
}

/* Cuts the table in place: --- name, lines, =>, messages. */
static int read_cases(char *text, struct broken *cases)
{
    int count = 0;
    for (char *at = strstr(text, "\n--- "); at && count < CASES_MAX;) {
        char *name = at + 5, *next = strstr(name, "\n--- ");
        if (next)
            *next = 0;
        char *lines = strchr(name, '\n') + 1, *arrow = strstr(lines - 1, "\n=>\n");
        lines[-1] = 0;
        char *expected = arrow + 4;
        if (arrow < lines)
            lines = expected - 1 + strlen(expected - 1); /* no lines: an empty file */
        else
            *arrow = 0;
        cases[count++] = (struct broken){name, expand(lines), expected};
        at = next;
    }
    return count;
}

/* Messages of a file called "t", without its name. */
static char *messages(const struct broken *c)
{
    struct scenario_options options = {.datadir = "scenarios"};
    struct scenario_doc *doc;
    char *out = NULL;
    size_t bytes = 0;
    enum scenario_status status = scenario_load_text("t", c->file, strlen(c->file), &options, &doc);
    assert_true(status == SCENARIO_EINVALID || status == SCENARIO_ELIMIT);
    FILE *memory = open_memstream(&out, &bytes);
    for (int i = 0; i < scenario_error_count(doc); i++) {
        const struct scenario_error *e = scenario_error_at(doc, i);
        fprintf(memory, "%d:%d: %s\n", e->line, e->column, e->message);
    }
    fclose(memory);
    assert_null(scenario_base(doc));
    scenario_doc_free(doc);
    return out;
}

static void scenario__is_refused_with_its_exact_message(void **state)
{
    const struct broken *c = *state;
    char *got = messages(c);
    size_t bytes = strlen(c->expected);
    while (bytes > 0 && c->expected[bytes - 1] == '\n')
        c->expected[--bytes] = 0;
    got[strlen(got) - 1] = 0;
    assert_string_equal(got, c->expected);
    free(got);
}

static void table__holds_at_least_120_cases(void **state)
{
    assert_true(*(int *)*state >= CASES_MIN);
}

int main(void)
{
    static struct broken cases[CASES_MAX];
    static struct CMUnitTest tests[CASES_MAX + 1];
    char *text = read_all("tests/model/scenario_errors.txt");
    int count = read_cases(text, cases);
    for (int i = 0; i < count; i++)
        tests[i] = (struct CMUnitTest){.name = cases[i].name,
                                       .test_func = scenario__is_refused_with_its_exact_message,
                                       .initial_state = &cases[i]};
    tests[count] = (struct CMUnitTest){.name = "table__holds_at_least_120_cases",
                                       .test_func = table__holds_at_least_120_cases,
                                       .initial_state = &count};
    int failed = _cmocka_run_group_tests("scenario_errors", tests, (size_t)count + 1, NULL, NULL);
    for (int i = 0; i < count; i++)
        free(cases[i].file);
    return failed;
}
