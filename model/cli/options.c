#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "model/cli/cli.h"
#include "sim/memory.h"

/* ---- values ---- */

static bool wrong(const char *option, const char *value, const char *expected)
{
    cli_say("--%s %s: expected %s", option, value, expected);
    return false;
}

static bool parse_whole(const char *text, uint64_t low, uint64_t high, uint64_t *value)
{
    if (!*text || strspn(text, "0123456789") != strlen(text))
        return false;
    errno = 0;
    *value = strtoull(text, NULL, 10);
    return errno == 0 && *value >= low && *value <= high;
}

static bool take_set(struct cli *cli, const char *value)
{
    if (!strchr(value, '='))
        return wrong("set", value, "KEY=VALUE");
    cli->sets = sim_checked(realloc(cli->sets, (size_t)(cli->set_count + 1) * sizeof *cli->sets));
    cli->sets[cli->set_count++] = value;
    return true;
}

static bool take_seed(struct cli *cli, const char *value)
{
    cli->seed_set = parse_whole(value, 0, UINT64_MAX, &cli->seed);
    return cli->seed_set || wrong("seed", value, "a whole number from 0 to 2^64 - 1");
}

static bool take_replications(struct cli *cli, const char *value)
{
    uint64_t count;
    if (!parse_whole(value, 2, 10000, &count))
        return wrong("replications", value, "a whole number from 2 to 10000");
    cli->replications = (int)count;
    return true;
}

static bool take_threads(struct cli *cli, const char *value)
{
    uint64_t count;
    if (!parse_whole(value, 1, 1024, &count))
        return wrong("threads", value, "a whole number from 1 to 1024");
    cli->threads = (int)count;
    return true;
}

/* Batches: 4e8 as well as 400000000. */
static bool take_budget(struct cli *cli, const char *value)
{
    char *end;
    double count = strtod(value, &end);
    if (end == value || *end || !(count >= 1e3 && count <= 1e15))
        return wrong("budget", value, "record batches, 1e3 to 1e15, such as 4e8");
    cli->budget = (uint64_t)count;
    return true;
}

static bool take_folds(struct cli *cli, const char *value)
{
    uint64_t count;
    if (!parse_whole(value, 2, 20, &count))
        return wrong("folds", value, "a whole number from 2 to 20");
    cli->folds = (int)count;
    return true;
}

static bool take_max_batches(struct cli *cli, const char *value)
{
    return parse_whole(value, 100, 1000000000, &cli->max_batches) ||
           wrong("max-batches", value, "a whole number from 100 to 1000000000");
}

static bool take_precision(struct cli *cli, const char *value)
{
    char *end;
    double percent = strtod(value, &end);
    while (*end == ' ')
        end++;
    if (end == value || strcmp(end, "%") != 0 || !(percent >= 0.1 && percent <= 50))
        return wrong("precision", value, "0.1% to 50%, with the % sign");
    cli->precision = percent / 100;
    return true;
}

/* start, worst, or a day of the horizon such as 12.5 */
static bool take_at(struct cli *cli, const char *value)
{
    char *end;
    cli->at = HORIZON_AT_DAY;
    if (strcmp(value, "start") == 0 || strcmp(value, "worst") == 0) {
        cli->at = *value == 's' ? HORIZON_AT_START : HORIZON_AT_WORST;
        return true;
    }
    cli->at_day = strtod(value, &end);
    bool is_day = end != value && *end == 0 && strspn(value, "0123456789.") == strlen(value);
    return is_day || wrong("at", value, "start, worst or a day of the horizon, such as 12.5");
}

static const char *const FORMATS[] = {"text",  "json", "markdown", "csv", "html",
                                      "junit", "hgrm", "svg",      "png"};

const char *cli_format_name(enum cli_format format)
{
    return FORMATS[format];
}

const char *cli_formats(const struct cli_command *command)
{
    switch (1u << (command - CLI_COMMANDS)) {
    case CLI_CHECK:
        return "text json";
    case CLI_SIZE: /* no latencies, so no histogram */
        return "text json markdown csv html junit";
    case CLI_PLOT:
        return "svg png";
    default:
        return "text json markdown csv html junit hgrm";
    }
}

static bool has_word(const char *words, const char *word)
{
    size_t bytes = strlen(word);
    for (const char *at = words; bytes > 0 && (at = strstr(at, word)); at += bytes)
        if ((at == words || at[-1] == ' ') && (at[bytes] == ' ' || at[bytes] == 0))
            return true;
    return false;
}

/* "svg or png", "text, json, markdown or csv" */
static void put_choices(char text[100], const char *words)
{
    const char *last = strrchr(words, ' ');
    size_t used = 0;
    for (const char *p = words; *p && used + 5 < 100; p++) {
        const char *between = *p != ' ' ? NULL : p == last ? " or " : ", ";
        if (between)
            used += (size_t)snprintf(text + used, 100 - used, "%s", between);
        else
            text[used++] = *p;
    }
    text[used] = 0;
}

static bool take_format(struct cli *cli, const char *value)
{
    const char *formats = cli_formats(cli->command);
    char choices[100];
    for (int i = 0; i < (int)(sizeof FORMATS / sizeof *FORMATS); i++) {
        if (strcmp(FORMATS[i], value) == 0 && has_word(formats, value)) {
            cli->format = (enum cli_format)i;
            return true;
        }
    }
    if (strcmp(value, "svg") == 0 || strcmp(value, "png") == 0)
        return wrong("format", value, "another; `headroom plot` draws pictures");
    put_choices(choices, formats);
    return wrong("format", value, choices);
}

static bool take_json(struct cli *cli, const char *value)
{
    (void)value;
    return take_format(cli, "json");
}

#define TAKE_TEXT(member)                                                                          \
    static bool take_##member(struct cli *cli, const char *value)                                  \
    {                                                                                              \
        cli->member = value;                                                                       \
        return true;                                                                               \
    }
#define TAKE_FLAG(member)                                                                          \
    static bool take_##member(struct cli *cli, const char *value)                                  \
    {                                                                                              \
        (void)value;                                                                               \
        cli->member = true;                                                                        \
        return true;                                                                               \
    }
TAKE_TEXT(out)
TAKE_TEXT(prices)
TAKE_TEXT(variant)
TAKE_TEXT(preset)
TAKE_TEXT(metric)
TAKE_TEXT(json_file)
TAKE_TEXT(csv_file)
TAKE_TEXT(errors_file)
TAKE_TEXT(profile)
TAKE_TEXT(from)
TAKE_TEXT(java)
TAKE_TEXT(librdkafka)
TAKE_FLAG(brief)
TAKE_FLAG(quick)
TAKE_FLAG(quiet)
TAKE_FLAG(no_plots)
TAKE_FLAG(list)
TAKE_FLAG(help)
TAKE_FLAG(peers)
TAKE_FLAG(warming)
TAKE_TEXT(cluster)

#ifdef HAVE_RDKAFKA
#define TAKE_MEASURE_TEXT(field, name, argument, help)                                             \
    static bool take_measure_##field(struct cli *cli, const char *value)                           \
    {                                                                                              \
        cli->measure.field = value;                                                                \
        return true;                                                                               \
    }
#define TAKE_MEASURE_LIST(field, name, argument, help)                                             \
    static bool take_measure_##field(struct cli *cli, const char *value)                           \
    {                                                                                              \
        struct cli_list *list = &cli->measure.field;                                               \
        list->items =                                                                              \
            sim_checked(realloc(list->items, (size_t)(list->count + 1) * sizeof *list->items));    \
        list->items[list->count++] = value;                                                        \
        return true;                                                                               \
    }
#define TAKE_MEASURE_FLAG(field, name, help)                                                       \
    static bool take_measure_##field(struct cli *cli, const char *value)                           \
    {                                                                                              \
        (void)value;                                                                               \
        cli->measure.field = true;                                                                 \
        return true;                                                                               \
    }
CLI_MEASURE_TEXTS(TAKE_MEASURE_TEXT)
CLI_MEASURE_LISTS(TAKE_MEASURE_LIST)
CLI_MEASURE_FLAGS(TAKE_MEASURE_FLAG)
#define MEASURE_ROW(field, name, argument, help)                                                   \
    {name, 0, argument, CLI_MEASURE, help, take_measure_##field},
#define MEASURE_FLAG_ROW(field, name, help)                                                        \
    {name, 0, NULL, CLI_MEASURE, help, take_measure_##field},
#endif

enum {
    WITH_SCENARIO = CLI_CHECK | CLI_EXPLAIN | CLI_SIZE | CLI_RUN,
    WITH_RESULT = CLI_REPORT | CLI_PLOT,
    ALL = WITH_SCENARIO | WITH_RESULT | CLI_NEW | CLI_SCHEMA | CLI_KEYS | CLI_VERIFY | CLI_IMPORT |
          CLI_CALIBRATE | CLI_MEASURE,
};

const struct cli_option CLI_OPTIONS[] = {
    {"set", 0, "KEY=VALUE", WITH_SCENARIO, "change one key of the scenario; may be repeated",
     take_set},
    {"seed", 0, "N", CLI_RUN | CLI_VERIFY | CLI_CALIBRATE | CLI_MEASURE,
     "seed of all random streams (else the scenario's; 1)", take_seed},
    {"replications", 0, "N", CLI_RUN, "independent repetitions (else the scenario's)",
     take_replications},
    {"precision", 0, "P%", CLI_RUN, "stop as soon as latencies are known to P%", take_precision},
    {"quick", 0, NULL, CLI_RUN | CLI_CALIBRATE,
     "3 replications of at most 5 s: wide intervals, soon", take_quick},
    {"at", 0, "MOMENT", CLI_RUN, "go on from start, worst (of the horizon) or a day", take_at},
    {"threads", 0, "N", CLI_RUN | CLI_VERIFY | CLI_CALIBRATE,
     "replications, or cases, at a time (else one per core)", take_threads},
    {"budget", 0, "BATCHES", CLI_VERIFY, "record batches, all cases and warm-ups (else 4e8)",
     take_budget},
    {"profile", 0, "NAME", CLI_VERIFY | CLI_IMPORT,
     "that one, not the scenarios' own; import: to write", take_profile},
    {"cluster", 0, "FILE", CLI_IMPORT | CLI_CALIBRATE,
     "scenario of the measured cluster (else the lab's)", take_cluster},
    {"warming", 0, NULL, CLI_IMPORT, "rows of a broker that was still warming up, too",
     take_warming},
    {"peers", 0, NULL, CLI_VERIFY, "the rules in use beside it: AWS, vCPUs, M/M/1", take_peers},
    {"json", 0, "FILE", CLI_VERIFY, "everything as JSON into FILE, - for standard output",
     take_json_file},
    {"csv", 0, "FILE", CLI_VERIFY, "one line a case and quantity into FILE", take_csv_file},
    {"errors", 0, "FILE", CLI_VERIFY, "errors on other machines into PROFILE.scaled.yaml",
     take_errors_file},
    {"prices", 0, "FILE", CLI_SIZE | CLI_RUN, "prices to reckon with, instead of the catalogue's",
     take_prices},
    {"variant", 0, "NAME", WITH_RESULT, "that variant instead of the scenario as written",
     take_variant},
    {"metric", 0, "NAME", CLI_REPORT, "the latency that hgrm prints: 'checkout produce'",
     take_metric},
    {"preset", 0, "NAME", CLI_NEW, "which scenario to write (else quickstart)", take_preset},
    {"list", 0, NULL, CLI_NEW, "list the presets with their questions", take_list},
    {"brief", 0, NULL, CLI_RUN | CLI_REPORT, "one short page: verdict, cost, room to grow, risks",
     take_brief},
    {"format", 0, "NAME", CLI_CHECK | CLI_SIZE | CLI_RUN | WITH_RESULT,
     "of the output; `help COMMAND` names them", take_format},
    {"json", 0, NULL, CLI_CHECK | CLI_SIZE | CLI_RUN | CLI_REPORT, "the same as --format json",
     take_json},
    {"from", 0, "PROFILE", CLI_CALIBRATE, "profile to start from, name or file (else generic)",
     take_from},
    {"java", 0, "NAME", CLI_CALIBRATE, "the Java client's costs, to NAME.yaml beside --out",
     take_java},
    {"librdkafka", 0, "NAME", CLI_CALIBRATE, "the same for the costs of librdkafka",
     take_librdkafka},
    {"folds", 0, "N", CLI_CALIBRATE, "groups of configurations to hold out in turn (else 5)",
     take_folds},
    {"max-batches", 0, "N", CLI_CALIBRATE, "batches of one simulation (else 96,000)",
     take_max_batches},
#ifdef HAVE_RDKAFKA
    CLI_MEASURE_TEXTS(MEASURE_ROW) CLI_MEASURE_LISTS(MEASURE_ROW)
        CLI_MEASURE_FLAGS(MEASURE_FLAG_ROW)
#endif
            {"out", 'o', "PATH", ALL & ~(unsigned)CLI_CHECK,
             "a folder for run, plot, verify, import, else a file", take_out},
    {"no-plots", 0, NULL, CLI_RUN | CLI_REPORT, "no figures", take_no_plots},
    {"quiet", 'q', NULL, ALL, "errors only on standard error, no progress", take_quiet},
    {"help", 'h', NULL, ALL, "what the command does and takes", take_help},
    {NULL, 0, NULL, 0, NULL, NULL},
};

/* ---- reading ---- */

enum { OPTIONS_MAX = sizeof CLI_OPTIONS / sizeof *CLI_OPTIONS, LETTER_BASE = 1000 };

static void fill_getopt(const struct cli_command *command, struct option *longs, char *letters)
{
    int n = 0, k = 0;
    letters[k++] = ':'; /* a missing argument is told apart from an unknown option */
    for (int i = 0; CLI_OPTIONS[i].name; i++) {
        const struct cli_option *o = &CLI_OPTIONS[i];
        if (!cli_option_fits(o, command))
            continue;
        int argument = o->argument ? required_argument : no_argument;
        longs[n++] = (struct option){o->name, argument, NULL, LETTER_BASE + i};
        if (o->letter) {
            letters[k++] = o->letter;
            if (o->argument)
                letters[k++] = ':';
        }
    }
    longs[n] = (struct option){NULL, 0, NULL, 0};
    letters[k] = 0;
}

/* The table's row for what getopt_long returned. */
static const struct cli_option *row_of(int found)
{
    if (found >= LETTER_BASE)
        return &CLI_OPTIONS[found - LETTER_BASE];
    for (int i = 0; CLI_OPTIONS[i].name; i++)
        if (CLI_OPTIONS[i].letter == found)
            return &CLI_OPTIONS[i];
    return NULL;
}

static int unknown_option(const struct cli *cli, const char *word)
{
    const char *name = word + strspn(word, "-");
    char bare[64];
    snprintf(bare, sizeof bare, "%.*s", (int)strcspn(name, "="), name);
    struct cli_guess guess = {bare, NULL, 0};
    for (int i = 0; CLI_OPTIONS[i].name; i++)
        if (cli_option_fits(&CLI_OPTIONS[i], cli->command))
            cli_guess_offer(&guess, CLI_OPTIONS[i].name);
    if (guess.best)
        cli_say("%s: unknown option %s; did you mean --%s?", cli->command->name, word, guess.best);
    else
        cli_say("%s: unknown option %s; `headroom help %s` lists them", cli->command->name, word,
                cli->command->name);
    return CLI_USAGE;
}

/* getopt_long accepts any beginning of a name that is unique today; tomorrow's option would break the caller's script. */
static bool is_abbreviated(const char *word, const struct cli_option *o)
{
    if (strncmp(word, "--", 2) != 0)
        return false;
    size_t n = strcspn(word + 2, "=");
    return n != strlen(o->name) && strncmp(word + 2, o->name, n) == 0;
}

static int check_files(const struct cli *cli)
{
    const struct cli_command *c = cli->command;
    if (cli->help || (cli->file_count >= c->files_min && cli->file_count <= c->files_max))
        return CLI_DONE;
    if (cli->file_count < c->files_min)
        cli_say("%s: %s is missing; `headroom help %s` tells more", c->name, c->files, c->name);
    else
        cli_say("%s: %s is more than it takes", c->name, cli->files[c->files_max]);
    return CLI_USAGE;
}

static int take_one(struct cli *cli, int found, char **argv)
{
    const char *word = argv[optind - 1];
    if (found == '?')
        return unknown_option(cli, word);
    if (found == ':') {
        cli_say("%s: %s wants a value", cli->command->name, word);
        return CLI_USAGE;
    }
    const struct cli_option *o = row_of(found);
    const char *spelled = o->argument && optarg == word ? argv[optind - 2] : word;
    if (is_abbreviated(spelled, o))
        return unknown_option(cli, spelled);
    return o->take(cli, optarg) ? CLI_DONE : CLI_USAGE;
}

int cli_options_read(struct cli *cli, int argc, char **argv)
{
    struct option longs[OPTIONS_MAX];
    char letters[2 * OPTIONS_MAX + 2];
    fill_getopt(cli->command, longs, letters);
    opterr = 0;
    optind = 1;
    for (int found; (found = getopt_long(argc, argv, letters, longs, NULL)) >= 0;) {
        int status = take_one(cli, found, argv);
        if (status != CLI_DONE)
            return status;
    }
    cli->files = argv + optind;
    cli->file_count = argc - optind;
    return check_files(cli);
}

void cli_options_release(struct cli *cli)
{
    free(cli->sets);
    cli->sets = NULL;
#define RELEASE_LIST(field, name, argument, help)                                                  \
    free(cli->measure.field.items);                                                                \
    cli->measure.field.items = NULL;
    CLI_MEASURE_LISTS(RELEASE_LIST)
}
