/* The program itself: what it says, where it says it, and what it ends with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/cli/cli.h"
#include "model/report/escape.h"
#include "model/report/html_svg.h"
#include "model/report/outputs.h"
#include "model/report/result_json.h"
#include "tests/support/fake_result.h"
#include "tests/support/golden.h"
#include "tests/support/scratch.h"

static char program[PATH_MAX]; /* .../headroom of the build that this test belongs to */

/* The small study that every run here simulates: one broker, half a second. */
static const char SMALL[] =
    "version: 1\n"
    "question: Does it run?\n"
    "cluster: {brokers: 1, machine: aws/m5.2xlarge, racks: [a], profile: generic,\n"
    "  volumes: {type: gp3, count: 1, size: 500 GB}}\n"
    "topics:\n"
    "  orders: {partitions: 4, replication: 1, config: {retention.ms: 1 h}}\n"
    "producers:\n"
    "  shop: {topic: orders, clients: 2, rate: 1 MB/s, record: {size: 1 KiB}}\n"
    "groups:\n"
    "  billing: {topics: [orders], clients: 2}\n"
    "run: {measure: 1 s, warmup: 500 ms, replications: 2}\n"
    "horizon: {length: 1 d}\n"
    "start: {logs: empty}\n";

static int find_program(void **state)
{
    (void)state;
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    if (n <= 0)
        return -1;
    program[n] = 0;
    for (int up = 0; up < 3; up++) /* tests/model/test_cli */
        *strrchr(program, '/') = 0;
    strcat(program, "/headroom");
    return access(program, X_OK);
}

static int make_base(void **state)
{
    if (scratch_make(state) != 0)
        return -1;
    scratch_put("small.yaml", SMALL);
    struct result *r = fake_result_new();
    char *path = report_path(scratch, "result.json");
    FILE *out = fopen(path, "w");
    int rc = report_json_write(r, out);
    fclose(out);
    free(path);
    result_free(r);
    return rc;
}

struct said {
    int status;
    char *out, *err;
};

static char *read_said(const char *name)
{
    char *path = report_path(scratch, "%s", name);
    char *text = html_read_file(path);
    assert_non_null(text);
    free(path);
    return text;
}

/* Runs `headroom ARGUMENTS` in the scratch folder by the shell. */
static struct said run(const char *format, ...) __attribute__((format(printf, 1, 2)));
static struct said run(const char *format, ...)
{
    char *arguments, *command;
    va_list args;
    va_start(args, format);
    assert_true(vasprintf(&arguments, format, args) >= 0);
    va_end(args);
    assert_true(
        asprintf(&command, "cd %s && { %s %s; } >.out 2>.err", scratch, program, arguments) > 0);
    int status = system(command);
    free(arguments);
    free(command);
    assert_true(WIFEXITED(status));
    return (struct said){WEXITSTATUS(status), read_said(".out"), read_said(".err")};
}

static void release(struct said *said)
{
    free(said->out);
    free(said->err);
}

/* Status, and what standard output and error must contain (NULL: must be empty). */
static void expect(struct said said, int status, const char *out, const char *err)
{
    if (said.status != status)
        fail_msg("status %d, expected %d: %s%s", said.status, status, said.err, said.out);
    if (out ? !strstr(said.out, out) : said.out[0])
        fail_msg("expected \"%s\" on standard output: %s", out ? out : "", said.out);
    if (err ? !strstr(said.err, err) : said.err[0])
        fail_msg("expected \"%s\" on standard error: %s", err ? err : "", said.err);
    release(&said);
}

static bool exists(const char *name)
{
    char *path = report_path(scratch, "%s", name);
    bool there = access(path, F_OK) == 0;
    free(path);
    return there;
}

/* ---- help and usage ---- */

static void help__goes_to_standard_output(void **state)
{
    (void)state;
    expect(run("--help"), 0, "Usage: headroom COMMAND", NULL);
    expect(run("help"), 0, "Exit status: 0 done", NULL);
    expect(run("help run"), 0, "--replications N", NULL);
    expect(run("run --help"), 0, "--replications N", NULL);
    expect(run("--version"), 0, "headroom " HEADROOM_VERSION "\n", NULL);
    expect(run("2>&1 >/dev/null"), 2, "Usage:", NULL);
}

static void help__is_at_most_eighty_columns_wide(void **state)
{
    (void)state;
    for (const struct cli_command *c = CLI_COMMANDS; c->name; c++) {
        struct said said = run("help %s", c->name);
        for (char *line = strtok(said.out, "\n"); line; line = strtok(NULL, "\n"))
            if (report_width(line) > 80)
                fail_msg("help %s: %s", c->name, line);
        free(said.out);
        free(said.err);
    }
}

static void help__names_the_formats_and_keys_that_options_take(void **state)
{
    (void)state;
    for (const struct cli_option *o = CLI_OPTIONS; o->name; o++)
        for (const struct cli_command *c = CLI_COMMANDS; c->name; c++)
            if (strcmp(o->name, "format") == 0 && cli_option_fits(o, c) &&
                !strstr(c->text, "Formats: "))
                fail_msg("help %s names no formats", c->name);
    expect(run("size --help"), 0, "storage_usd_per_gb_month", NULL);
    expect(run("check --format csv scenarios/quickstart.yaml"), 2, NULL,
           "--format csv: expected text or json");
    expect(run("keys"), 0, "[PRODUCER or GROUP] METRIC STATISTIC < VALUE", NULL);
    expect(run("schema"), 0, "lag max or mean", NULL);
}

static void help_man_and_completion__name_every_command_and_option(void **state)
{
    (void)state;
    struct said help = run("help"), man = run("--man"), completion = run("--completion bash");
    for (const struct cli_command *c = CLI_COMMANDS; c->name; c++) {
        assert_non_null(strstr(help.out, c->name));
        assert_non_null(strstr(man.out, c->name));
        assert_non_null(strstr(completion.out, c->name));
    }
    for (const struct cli_option *o = CLI_OPTIONS; o->name; o++) {
        char word[40];
        snprintf(word, sizeof word, "--%s ", o->name);
        assert_non_null(strstr(completion.out, word));
        assert_true(o->commands != 0);
    }
    release(&help);
    release(&man);
    release(&completion);
    expect(run("--completion zsh"), 2, NULL, "expected bash");
}

static void usage__errors_propose_what_was_meant(void **state)
{
    (void)state;
    expect(run("rnu x"), 2, NULL, "unknown command rnu; did you mean run?");
    expect(run("frobnicate"), 2, NULL, "`headroom help` lists them");
    expect(run("run --sede 3 x"), 2, NULL, "unknown option --sede; did you mean --seed?");
    expect(run("run --repl 3 x"), 2, NULL, "did you mean --replications?");
    expect(run("schema --seed 3"), 2, NULL, "unknown option --seed");
    expect(run("run"), 2, NULL, "FILE is missing");
    expect(run("run a b"), 2, NULL, "b is more than it takes");
    expect(run("run --seed"), 2, NULL, "--seed wants a value");
    expect(run("run --seed -1 x"), 2, NULL, "--seed -1: expected a whole number");
    expect(run("run --seed 18446744073709551616 x"), 2, NULL, "--seed");
    expect(run("run --precision 2 x"), 2, NULL, "with the % sign");
    expect(run("run --replications 1 x"), 2, NULL, "from 2 to 10000");
    expect(run("run --threads 0 x"), 2, NULL, "from 1 to 1024");
    expect(run("run --set a x"), 2, NULL, "expected KEY=VALUE");
    expect(run("report --format yaml x"), 2, NULL, "--format yaml: expected text, json");
    expect(run("run $(printf '\\033[31m')"), 1, NULL, "\\x1B[31m");
}

#ifdef HAVE_RDKAFKA
static void measure__says_all_that_is_wrong_at_once(void **state)
{
    (void)state;
    struct said said = run("measure --rate 5 --size 10 --linger 5 --partitions 0 --acks 2 "
                           "--arrivals burst:0 --random-share 2 --jit hot --repeat 0");
    static const char *const words[] = {
        "--rate 5: expected", "--size 10: expected",      "--linger 5: expected",
        "--partitions 0: ",   "--acks 2: expected 0, 1 ", "--arrivals burst:0: ",
        "--random-share 2: ", "--jit hot: expected warm", "--repeat 0: expected",
        "--bootstrap HOST",   "--out FILE is missing"};
    assert_int_equal(said.status, 2);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strstr(said.err, words[i]))
            fail_msg("\"%s\" is not in %s", words[i], said.err);
    release(&said);
}

static void measure__refuses_contradictions_before_it_connects(void **state)
{
    (void)state;
#define MEASURE "measure --bootstrap 127.0.0.1:1 -o rows.jsonl "
    expect(run(MEASURE "--plan quick --rate 5/s"), 2, NULL, "--plan says what is measured");
    expect(run(MEASURE "--plan slow"), 2, NULL, "--plan slow: expected quick or full");
    expect(run(MEASURE "--rate max --arrivals constant"), 2, NULL, "rate max has no arrivals");
    expect(run(MEASURE "--topic-config flush"), 2, NULL, "expected KEY=VALUE");
    expect(run(MEASURE "--size 7B"), 2, NULL, "size is 7 B; expected 8 to");
    expect(run(MEASURE "--broker-pid 999999999"), 1, NULL, "process 999999999: there is none");
    expect(run(MEASURE "--client-config none"), 1, NULL, "none: No such file");
    expect(run(MEASURE "--metrics http://127.0.0.1:1/"), 1, NULL,
           "127.0.0.1:1: Connection refused");
    assert_false(exists("rows.jsonl"));
}

static void measure__says_why_there_is_no_connection(void **state)
{
    (void)state;
    expect(run(MEASURE), 1, NULL, "no connection to 127.0.0.1:1: ");
    expect(
        run(MEASURE "--topic-config segment.bytes=1048576 --topic-config cleanup.policy=compact"),
        1, NULL, "no scenario can be made of such rows: topics.load.config.cleanup.policy is");
    assert_false(exists("rows.jsonl"));
}
#else
static void measure__says_that_it_is_not_there(void **state)
{
    (void)state;
    expect(run("measure"), 1, NULL, "built without librdkafka");
}
#endif

/* ---- scenarios ---- */

/* 5 s of 10 batches are no p99.9: the run without --quick may have it, a calibration not. */
static void run__quick_says_that_a_whole_run_is_next(void **state)
{
    (void)state;
    expect(run("run --quick --no-plots --out w --set 'slo={normal: [shop produce p99.9 < 1 s]}' "
               "--set 'producers.shop.rate=20 kB/s' --set 'run.measure=10 h' small.yaml"),
           5, "next: headroom run ..., without --quick", "3 replications of 5 s");
    expect(run("run --no-plots --out w --set 'slo={normal: [shop produce p99.9 < 1 s]}' "
               "--set 'producers.shop.rate=20 kB/s' small.yaml"),
           5, "next: headroom run ... --set run.measure=...", "replications of 1 s");
}

static void check__says_what_is_in_each_file_that_is_right(void **state)
{
    (void)state;
    expect(run("check small.yaml"), 0, "small.yaml: no errors; ", NULL);
    expect(run("check --quiet small.yaml"), 0, NULL, NULL);
    scratch_put("bad.yaml", "version: 1\nclustr: {brokers: 3}\n");
    expect(run("check bad.yaml small.yaml"), 3, "small.yaml: no errors; ", "bad.yaml:2:1: ");
    expect(run("check --set groups.billing.clients=500 small.yaml"), 0,
           "496 of the 500 consumers of billing are idle", NULL);
    expect(run("check --json --set groups.billing.clients=500 small.yaml"), 0, "\"warnings\": [",
           NULL);
    expect(run("check --json small.yaml"), 0, "{\n  \"valid\": true\n}\n", NULL);
}

static void check__reads_the_traces(void **state)
{
    (void)state;
    scratch_put("one.csv", "time,count\n0,1\n1,1\n");
    expect(run("check --set producers.shop.arrivals='{trace: {file: one.csv}}' small.yaml"), 3,
           NULL, "small.yaml: producer shop, trace one.csv: it has 1 records/s and rate says ");
}

static void check__tells_file_line_and_column(void **state)
{
    (void)state;
    scratch_put("bad.yaml", "version: 1\nclustr: {brokers: 3}\n");
    expect(run("check bad.yaml"), 3, NULL, "bad.yaml:2:1: ");
    expect(run("check --json bad.yaml"), 3, "\"line\": 2", "bad.yaml:2:1: ");
    expect(run("check small.yaml bad.yaml"), 3, "small.yaml: no errors; ", "bad.yaml:2:1: ");
    expect(run("check missing.yaml"), 1, NULL, "missing.yaml");
    expect(run("check --set producers.shop.rate=fast small.yaml"), 3, NULL, "--set");
    expect(run("run bad.yaml"), 3, NULL, "bad.yaml:2:1: ");
    assert_false(exists("out"));
}

static void new__writes_a_scenario_that_checks(void **state)
{
    (void)state;
    expect(run("new --out mine.yaml"), 0, NULL, NULL);
    expect(run("check mine.yaml"), 0, "mine.yaml: no errors", NULL);
    expect(run("new --preset hot-key --out mine.yaml"), 1, NULL, "mine.yaml is there already");
    expect(run("explain mine.yaml"), 0, "checkout", NULL);
    expect(run("new --out -"), 0, "question:", NULL);
    expect(run("new"), 0, "question:", NULL);
    expect(run("new --list"), 0, "quickstart", NULL);
    expect(run("new --preset nothing --out mine.yaml"), 2, NULL, "no preset nothing");
    expect(run("check mine.yaml"), 0, "mine.yaml: no errors", NULL);
}

static void import__makes_a_scenario_of_each_configuration(void **state)
{
    (void)state;
    scratch_put("rows.jsonl",
                "{\"id\": \"a-1\", \"family\": \"f\", \"repeat\": 1, \"config\": {\"client\": "
                "\"librdkafka\", \"rate_per_s\": 1000, \"record_bytes\": 1000, \"partitions\": 4, "
                "\"replication\": 1, \"acks\": \"1\", \"linger_ms\": 5, \"batch_bytes\": 1000000, "
                "\"compression\": \"none\", \"warmup_s\": 5, \"measure_s\": 15}, \"measured\": "
                "{\"acked_records_per_s\": 1000}}\n");
    scratch_put("perf.txt",
                "# partitions=4\n# replication=1\n150000 records sent, 9995.2 records/sec (9.53 "
                "MB/sec), 2.34 ms avg latency, 312.00 ms max latency, 8 ms 50th, 15 ms 95th, "
                "20 ms 99th, 45 ms 99.9th.\n");
    scratch_put(
        "large.jsonl",
        "{\"id\": \"a-2\", \"family\": \"f\", \"repeat\": 1, \"config\": {\"client\": "
        "\"librdkafka\", \"rate_per_s\": 10, \"record_bytes\": 900000000, \"partitions\": 4, "
        "\"replication\": 1, \"acks\": \"1\", \"linger_ms\": 5, \"batch_bytes\": 1000000, "
        "\"compression\": \"none\", \"warmup_s\": 5, \"measure_s\": 15}, \"measured\": "
        "{\"acked_records_per_s\": 10}}\n");
    scratch_put("bad.jsonl", "{\"id\": \"a-1\"}\n");
    expect(run("import rows.jsonl -o made"), 0, "made: 1 scenario of 1 row", NULL);
    expect(run("check made/a-1.yaml"), 0, "no errors", NULL);
    expect(run("explain made/a-1.yaml"), 0, "kafka-4.2-jvm17", NULL); /* whose error is known */
    expect(run("import rows.jsonl --profile generic --cluster made/a-1.yaml -o other"), 2, NULL,
           "the cluster of made/a-1.yaml names its own");
    expect(run("import rows.jsonl"), 2, NULL, "--out DIR");
    expect(run("import bad.jsonl rows.jsonl -o none"), 1, NULL, "bad.jsonl:1: row a-1: config is");
    expect(run("import rows.jsonl nowhere -o none"), 1, NULL, "nowhere: No such file");
    expect(run("import large.jsonl -o made"), 1, NULL, "large.jsonl:1: row a-2: as a scenario, ");
    assert_false(exists("made/a-2.yaml"));
    expect(run("import rows.jsonl large.jsonl -o fresh"), 1, NULL, "large.jsonl:1: row a-2: as a");
    assert_false(exists("fresh/a-1.yaml")); /* of the row that could be */
    assert_false(exists("fresh"));
    expect(run("import perf.txt -o none"), 1, NULL, "perf.txt:3: row perf-1 does not say what");
    expect(run("import perf.txt --cluster bad.jsonl -o none"), 3, NULL, "bad.jsonl:1:");
    assert_false(exists("none"));
    expect(run("import -q perf.txt --cluster small.yaml -o made"), 0, NULL, NULL);
    expect(run("explain made/perf-1.yaml"), 0, "aws/m5.2xlarge", NULL);
}

/* Of the laboratory that ships: one core of brokers, one of clients. */
#define ROW_WITH_CPU(broker, client)                                                               \
    "{\"id\": \"a-1\", \"family\": \"f\", \"repeat\": 1, \"config\": {\"client\": "                \
    "\"librdkafka\", \"rate_per_s\": 1000, \"record_bytes\": 1000, \"partitions\": 4, "            \
    "\"replication\": 1, \"acks\": \"1\", \"linger_ms\": 5, \"batch_bytes\": 1000000, "            \
    "\"compression\": \"none\", \"warmup_s\": 5, \"measure_s\": 15}, \"measured\": "               \
    "{\"acked_records_per_s\": 1000, \"broker_cpu_cores\": [" broker                               \
    "], \"client_cpu_cores\": " client "}}\n"

static void rows__with_more_cpu_than_their_machine_are_refused(void **state)
{
    (void)state;
    scratch_put("broker.jsonl", ROW_WITH_CPU("3.0", "0.2"));
    scratch_put("client.jsonl", ROW_WITH_CPU("0.2", "5"));
    static const char broker[] =
        "broker.jsonl:1: row a-1: measured.broker_cpu_cores is 3 cores; expected up to 1, those of";
    expect(run("import broker.jsonl -o made"), 1, NULL, broker);
    expect(run("import client.jsonl -o made"), 1, NULL,
           "client.jsonl:1: row a-1: measured.client_cpu_cores is 5 cores; expected up to 1, ");
    assert_false(exists("made/a-1.yaml"));
    expect(run("calibrate broker.jsonl -o p.yaml"), 1, NULL, broker);
    expect(run("import -q broker.jsonl --cluster small.yaml -o made"), 0, NULL, NULL);
}

/* Wherever the profile lies: from the scenario's folder, and import's from here. */
static void profile__may_be_a_file(void **state)
{
    (void)state;
    scratch_put("mine/own.yaml", "coremark: 16000\n");
    scratch_put("cases/plain.yaml", SMALL);
    expect(run("check cases/plain.yaml"), 0, "no errors", NULL);
    expect(run("size --set cluster.profile=../mine/own.yaml cases/plain.yaml"), 0, "own", NULL);
    expect(run("check --set cluster.profile=own.yaml cases/plain.yaml"), 3, NULL,
           "cluster.profile: cases/own.yaml: No such file");
    scratch_put("row.jsonl", ROW_WITH_CPU("0.1", "0.1"));
    expect(run("import row.jsonl --profile mine/own.yaml -o made"), 0, "1 scenario", NULL);
    expect(run("check made/a-1.yaml"), 0, "no errors", NULL);
    expect(run("import row.jsonl --profile mine/none.yaml -o made"), 1, NULL, "mine/none.yaml: No");
    expect(
        run("x 2>/dev/null; sed 's|profile: generic|profile: mine/own.yaml|' small.yaml >own.yaml"),
        0, NULL, NULL);
    expect(run("import row.jsonl --cluster own.yaml -o made"), 3, NULL,
           "own.yaml: cluster.profile is a relative path (mine/own.yaml)");
}

static void explain__prints_a_scenario_that_explains_to_itself(void **state)
{
    (void)state;
    expect(run("explain small.yaml -o one.yaml"), 0, NULL, NULL);
    expect(run("check one.yaml"), 0, "one.yaml: no errors", NULL);
    expect(run("explain small.yaml --set producers.shop.clients=7"), 0, "7", NULL);
}

static void schema_and_keys__are_printed(void **state)
{
    (void)state;
    expect(run("schema"), 0, "\"$schema\"", NULL);
    expect(run("keys"), 0, "linger.ms", NULL);
}

/* ---- studies ---- */

static void size__prints_bounds_and_a_result(void **state)
{
    (void)state;
    expect(run("size small.yaml"), 0, "Smallest cluster by all of them", NULL);
    expect(run("size --json small.yaml"), 0, "\"format_version\"", NULL);
    expect(run("size --json small.yaml -o size.json"), 0, NULL, NULL);
    expect(run("report size.json --format markdown"), 0, "Bounds by closed form", NULL);
}

static void run__writes_its_folder_and_prints_its_screen(void **state)
{
    (void)state;
    struct said said = run("run small.yaml");
    assert_true(said.status == 0 || said.status == 4 || said.status == 5);
    assert_non_null(strstr(said.out, "small: "));
    assert_non_null(strstr(said.out, "out/small/report.html"));
    assert_non_null(strstr(said.err, "replications of 1 s"));
    assert_null(strchr(said.err, '\r')); /* progress is for terminals */
    release(&said);
    assert_true(exists("out/small/result.json"));
    assert_true(exists("out/small/report.html"));
    assert_true(exists("out/small/figures/latency.svg"));
    expect(run("report out/small --format json -o again.json"), 0, NULL, NULL);
    expect(run("x 2>/dev/null; cmp again.json out/small/result.json"), 0, NULL, NULL);
}

static void run__gives_the_same_bytes_for_any_number_of_threads(void **state)
{
    (void)state;
    struct said a = run("run -q --no-plots --threads 1 small.yaml --out a");
    struct said b = run("run -q --no-plots --threads 3 small.yaml --out b");
    assert_int_equal(a.status, b.status);
    assert_string_equal(a.err, "");
    release(&a);
    release(&b);
    expect(run("x 2>/dev/null; cmp a/result.json b/result.json"), 0, NULL, NULL);
    struct said c = run("run -q --no-plots --seed 2 small.yaml --out b");
    release(&c);
    expect(run("x 2>/dev/null; ! cmp -s a/result.json b/result.json"), 0, NULL, NULL);
}

static void run__goes_on_from_a_moment_of_the_horizon(void **state)
{
    (void)state;
    struct said said = run("run -q --no-plots --set 'producers.shop.growth=10 %% a month' --set "
                           "'horizon.length=60 d' --set 'horizon.step=1 h' --at worst small.yaml "
                           "--out w");
    assert_non_null(strstr(said.out, "Run from day 60, 00:00"));
    assert_non_null(strstr(said.out, "highest load; load 1.2"));
    release(&said);
    expect(run("report w/result.json --format markdown"), 0, "highest load", NULL);
    expect(run("report w --brief"), 0, "highest load", NULL);
    expect(run("x 2>/dev/null; grep -c 'highest load' w/report.html w/result.json"), 0,
           "w/result.json:1", NULL);
    said = run("run -q --no-plots --at worst --set 'horizon.length=2 d' --set start.logs=retained "
               "--set 'topics.orders.config.retention.ms=1 d' "
               "--set topics.orders.config.segment.bytes=10000000 small.yaml --out w");
    assert_non_null(strstr(said.out, "Run from the start: the 2 days that follow bring no deeper"));
    release(&said);
    expect(run("run -q --no-plots --at 31 --set 'horizon.length=30 d' small.yaml --out w"), 3, NULL,
           "--at: day 31 lies beyond the horizon's 30 days");
    expect(run("run --at noon small.yaml"), 2, NULL,
           "--at noon: expected start, worst or a day of the horizon");
}

/* One line on standard error, the reason: no forecast of what will not be run. */
static void run__refuses_its_options_before_it_forecasts(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "--at 31 --set 'horizon.length=30 d'",
        "--at worst --set producers.shop.rate=max",
        "--prices nowhere.yaml",
        "--set cluster.brokers=auto --set 'producers.shop.rate=10000 GB/s'",
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct said said = run("run %s small.yaml --out w", refused[i]);
        assert_true(said.status == 3 || said.status == 1);
        assert_null(strstr(said.err, "replications of"));
        assert_non_null(strchr(said.err, '\n'));
        assert_string_equal(strchr(said.err, '\n'), "\n");
        release(&said);
    }
}

static void run__never_replaces_a_folder_that_is_no_result(void **state)
{
    (void)state;
    scratch_put("thesis.tex", "years of work");
    expect(run("run -q --no-plots small.yaml --out ."), 1, NULL, "which is no part of a result");
    assert_true(exists("thesis.tex"));
}

/* SIGINT in the middle: status 130, the old result is still there, nothing is left beside it. */
static void run__that_is_interrupted_leaves_the_old_result(void **state)
{
    (void)state;
    struct said said = run("run -q --no-plots small.yaml --out r");
    release(&said);
    expect(run("x 2>/dev/null; cp r/result.json before.json"), 0, NULL, NULL);
    expect(run("run -q --no-plots --set 'run.measure=900 s' small.yaml --out r & p=$!; sleep 0.5; "
               "kill -INT $p; wait $p"),
           130, NULL, "stopped; nothing was written");
    expect(run("x 2>/dev/null; cmp before.json r/result.json && ls -A | grep -c '^\\.r\\.'"), 1,
           "0", NULL);
}

/* As timeout(1) does: the program still ends by itself. */
static void run__is_not_killed_by_a_signal_that_arrives_twice(void **state)
{
    (void)state;
    expect(run("run -q --no-plots --set 'run.measure=900 s' small.yaml --out s & p=$!; sleep 0.5; "
               "kill -INT $p; sleep 0.01; kill -INT $p 2>/dev/null; wait $p"),
           130, NULL, "stopped; nothing was written");
}

/* ---- results ---- */

static void report__prints_every_format(void **state)
{
    (void)state;
    expect(run("report result.json"), 0, "quickstart: FITS", NULL);
    expect(run("report . --brief"), 0, "Room to grow", NULL);
    expect(run("report - <result.json"), 0, "quickstart: FITS", NULL);
    expect(run("report . --format markdown"), 0, "| checkout produce p99", NULL);
    expect(run("report . --format csv"), 0, "variant,metric,subject", NULL);
    expect(run("report . --format junit"), 0, "<testsuites", NULL);
    expect(run("report . --format hgrm"), 0, "Percentile", NULL);
    expect(run("report . --format hgrm --metric 'billing end to end'"), 0, "Percentile", NULL);
    expect(run("report . --format hgrm --metric nothing"), 2, NULL,
           "--metric 'billing end to end'");
    expect(run("report . --format html --no-plots"), 0, "<!doctype html>", NULL);
    expect(run("report . --format svg"), 2, NULL, "`headroom plot` draws pictures");
    expect(run("report . --variant acks-1"), 0, "(variant acks-1)", NULL);
    expect(run("report . --variant acks-2"), 2, NULL, "did you mean acks-1?");
    expect(run("report missing.json"), 1, NULL, "missing.json: No such file");
    expect(run("report --json missing.json"), 1, "\"error\"", "missing.json");
    expect(run("report small.yaml"), 1, NULL, "small.yaml:1:");
}

static void plot__draws_beside_the_result_or_elsewhere(void **state)
{
    (void)state;
    expect(run("plot . -q"), 0, NULL, NULL);
    assert_true(exists("figures/latency.svg"));
    expect(run("plot result.json --out pictures --format png"), 0, "pictures/latency.png", NULL);
    assert_true(exists("pictures/latency.png"));
    expect(run("plot result.json"), 2, NULL, "--out DIR");
    expect(run("plot . --format csv"), 2, NULL, "svg or png");
    expect(run("size --format hgrm quickstart.yaml"), 2, NULL,
           "expected text, json, markdown, csv, html or junit");
    expect(run("run --format png quickstart.yaml"), 2, NULL, "`headroom plot` draws pictures");
    expect(run("--completion bash"), 0, "plot) formats='svg png';", NULL);
}

static void without_gnuplot__plot_fails_and_report_goes_on(void **state)
{
    (void)state;
    expect(run("x 2>/dev/null; PATH=/nonexistent %s plot .", program), 1, NULL,
           "gnuplot is not installed; data and scripts are in ./figures");
    expect(run("x 2>/dev/null; PATH=/nonexistent %s report . --format html", program), 0,
           "no figures: gnuplot is not installed", "gnuplot is not installed");
}

static void standard_output__that_is_full_or_closed_is_no_success(void **state)
{
    (void)state;
    expect(run("report . >/dev/full"), 1, NULL, "standard output: No space left");
    expect(run("help >/dev/full"), 1, NULL, "standard output: No space left");
    expect(run("x 2>/dev/null; { sleep 0.2; %s schema; echo $? >status; } | true; cat status",
               program),
           0, "1", "standard output: Broken pipe");
    expect(run("report . --out /dev/full"), 1, NULL, "/dev/full: No space left");
    expect(run("report . --out /nonexistent/x"), 1, NULL, "/nonexistent/x: No such file");
}

static const char BAD_ROW[] =
    "{\"id\": \"a\", \"family\": \"rate\", \"repeat\": 1, \"jit\": \"warm\"}\n";

static void calibrate__says_what_is_missing(void **state)
{
    (void)state;
    expect(run("calibrate rows.jsonl"), 2, NULL, "--out PROFILE.yaml is missing");
    expect(run("calibrate rows.jsonl -o profile"), 2, NULL, "expected PROFILE.yaml");
    expect(run("calibrate rows.jsonl -o p.yaml --folds 1"), 2, NULL, "from 2 to 20");
    expect(run("calibrate rows.jsonl -o p.yaml --from other"), 1, NULL, "no profile \"other\"");
    expect(run("calibrate nothing.jsonl -o p.yaml"), 1, NULL, "nothing.jsonl: No such file");
}

static void calibrate__needs_its_folder_before_it_begins(void **state)
{
    (void)state;
    expect(run("calibrate nothing.jsonl -o none/p.yaml"), 1, NULL, "none/p.yaml: No such file");
    expect(run("verify . --json none/v.json"), 1, NULL, "none/v.json: No such file");
    expect(run("x 2>/dev/null; mkdir d.yaml"), 0, NULL, NULL);
    expect(run("calibrate nothing.jsonl -o d.yaml"), 1, NULL, "d.yaml: Is a directory");
}

static void calibrate__writes_nothing_from_bad_rows(void **state)
{
    (void)state;
    scratch_put("rows.jsonl", BAD_ROW);
    expect(run("calibrate rows.jsonl -o p.yaml"), 1, NULL, "rows.jsonl:1: row a: ");
    assert_false(exists("p.yaml"));
    assert_false(exists("p.fold-1.yaml"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_base, scratch_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(help__goes_to_standard_output),
        TEST(help__is_at_most_eighty_columns_wide),
        TEST(help__names_the_formats_and_keys_that_options_take),
        TEST(help_man_and_completion__name_every_command_and_option),
        TEST(usage__errors_propose_what_was_meant),
#ifdef HAVE_RDKAFKA
        TEST(measure__says_all_that_is_wrong_at_once),
        TEST(measure__refuses_contradictions_before_it_connects),
        TEST(measure__says_why_there_is_no_connection),
#else
        TEST(measure__says_that_it_is_not_there),
#endif
        TEST(run__quick_says_that_a_whole_run_is_next),
        TEST(check__says_what_is_in_each_file_that_is_right),
        TEST(check__reads_the_traces),
        TEST(check__tells_file_line_and_column),
        TEST(new__writes_a_scenario_that_checks),
        TEST(import__makes_a_scenario_of_each_configuration),
        TEST(rows__with_more_cpu_than_their_machine_are_refused),
        TEST(profile__may_be_a_file),
        TEST(explain__prints_a_scenario_that_explains_to_itself),
        TEST(schema_and_keys__are_printed),
        TEST(size__prints_bounds_and_a_result),
        TEST(run__writes_its_folder_and_prints_its_screen),
        TEST(run__gives_the_same_bytes_for_any_number_of_threads),
        TEST(run__goes_on_from_a_moment_of_the_horizon),
        TEST(run__refuses_its_options_before_it_forecasts),
        TEST(run__never_replaces_a_folder_that_is_no_result),
        TEST(run__that_is_interrupted_leaves_the_old_result),
        TEST(run__is_not_killed_by_a_signal_that_arrives_twice),
        TEST(calibrate__says_what_is_missing),
        TEST(calibrate__needs_its_folder_before_it_begins),
        TEST(calibrate__writes_nothing_from_bad_rows),
        TEST(report__prints_every_format),
        TEST(plot__draws_beside_the_result_or_elsewhere),
        TEST(without_gnuplot__plot_fails_and_report_goes_on),
        TEST(standard_output__that_is_full_or_closed_is_no_success),
    };
    return cmocka_run_group_tests(tests, find_program, NULL);
}
