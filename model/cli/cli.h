/*
 * model/cli/cli.h - the program: one table of commands, one of options, and what a command gets to work with.
 *
 * Shape    main() reads the command line by the tables and calls the command. Help, man page and completion are printed from
 *          the same tables, so that they cannot drift. Results go to standard output or files, messages to standard error,
 *          progress to standard error when that is a terminal.
 * Checked  tests/model/test_cli.c runs the program itself
 */
#ifndef MODEL_CLI_CLI_H
#define MODEL_CLI_CLI_H

#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "broker-core/status.h"
#include "model/cli/measure_options.h"
#include "model/cluster/horizon_state.h"
#include "model/cluster/result.h"
#include "model/scenario/load.h"

/* What the program ends with; part of its interface. */
enum cli_exit {
    CLI_DONE = 0,
    CLI_FAILED = 1,    /* a file, the memory, gnuplot */
    CLI_USAGE = 2,     /* the command line */
    CLI_SCENARIO = 3,  /* the scenario is wrong */
    CLI_MISSED = 4,    /* an SLO or a limit is missed */
    CLI_UNDECIDED = 5, /* not decided at this precision */
    CLI_LIMIT = 6,     /* a limit of the run was hit */
    CLI_SIGNAL = 128,  /* plus the signal's number: 130, 143 */
};

struct cli;

struct cli_command {
    const char *name;
    const char *files; /* "FILE...", "RESULT" or "" */
    int files_min, files_max;
    const char *summary; /* one line of the help */
    const char *text;    /* more of it, for `help COMMAND` and the man page */
    int (*run)(struct cli *cli);
};

/* Bits of the commands, in the order of CLI_COMMANDS. */
enum {
    CLI_NEW = 1 << 0,
    CLI_CHECK = 1 << 1,
    CLI_EXPLAIN = 1 << 2,
    CLI_SCHEMA = 1 << 3,
    CLI_KEYS = 1 << 4,
    CLI_SIZE = 1 << 5,
    CLI_RUN = 1 << 6,
    CLI_REPORT = 1 << 7,
    CLI_PLOT = 1 << 8,
    CLI_VERIFY = 1 << 9,
    CLI_IMPORT = 1 << 10,
    CLI_CALIBRATE = 1 << 11,
    CLI_MEASURE = 1 << 12, /* the last: it is not there without librdkafka */
};

struct cli_option {
    const char *name;
    char letter;          /* 0: none */
    const char *argument; /* NULL: takes none */
    unsigned commands;    /* bits */
    const char *help;
    bool (*take)(struct cli *cli, const char *value); /* false: wrong, and that has been said */
};

/* Both end with a NULL name. */
extern const struct cli_command CLI_COMMANDS[];
extern const struct cli_option CLI_OPTIONS[];

enum cli_format {
    CLI_TEXT,
    CLI_JSON,
    CLI_MARKDOWN,
    CLI_CSV,
    CLI_HTML,
    CLI_JUNIT,
    CLI_HGRM,
    CLI_SVG,
    CLI_PNG,
};

struct cli {
    const struct cli_command *command;
    int file_count;
    char **files;

    const char **sets; /* --set, in order */
    int set_count;
    const char *out, *prices, *variant, *preset, *metric;
    const char *json_file, *csv_file, *errors_file, *profile; /* verify; profile: import, too */
    const char *from, *java, *librdkafka;                     /* calibrate: names of profiles */
    const char *cluster;                                      /* import */
    enum cli_format format;
    bool brief, quick, quiet, no_plots, list, seed_set, help, peers, warming;
    uint64_t seed, budget, max_batches;
    int replications, threads, folds;
    double precision;
    enum horizon_at at;
    double at_day;
    struct cli_measure measure;

    char scenarios[PATH_MAX]; /* folders of the data that the program ships with */
    char plots[PATH_MAX];
};

/* Index of the command in CLI_COMMANDS, or -1. */
int cli_command_find(const char *name);
/* What its --format takes: "svg png". */
const char *cli_formats(const struct cli_command *command);
bool cli_option_fits(const struct cli_option *option, const struct cli_command *command);

/* ---- options.c ---- */

/* Reads argv behind the command's name. Returns CLI_DONE, or CLI_USAGE when something is wrong and has been said. */
int cli_options_read(struct cli *cli, int argc, char **argv);
void cli_options_release(struct cli *cli);
/* "json" */
const char *cli_format_name(enum cli_format format);

/* ---- help.c, man.c, completion.c: return 0, or -1 when writing failed ---- */

int cli_help_write(FILE *out);
int cli_help_command_write(const struct cli_command *command, FILE *out);
int cli_version_write(FILE *out);
int cli_man_write(FILE *out);
int cli_completion_write(FILE *out);

/* ---- datadir.c ---- */

/* Finds the shipped data: $HEADROOM_DATADIR, the source tree around the program, the installed place. */
void cli_datadir_find(struct cli *cli);

/* ---- message.c ---- */

/* "headroom: ..." on standard error. */
void cli_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same unless --quiet. */
void cli_note(const struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* An error of a command: as a sentence, and as JSON on standard output when that is asked for. Returns status. */
int cli_fail(const struct cli *cli, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The word nearest to `word` among those offered so far; best is NULL when none is near. */
struct cli_guess {
    const char *word, *best;
    int best_distance;
};
void cli_guess_offer(struct cli_guess *guess, const char *candidate);

/* ---- signals.c ---- */

/* Set by SIGINT and SIGTERM; one more, two seconds later, ends the program at once. SIGPIPE is ignored: writes report it. */
extern volatile sig_atomic_t cli_stop;
void cli_signals_init(void);

/* ---- progress.c ---- */

struct cli_progress {
    bool on; /* standard error is a terminal and --quiet is not given */
    int64_t start_ns, shown_ns;
};
void cli_progress_init(struct cli_progress *progress, const struct cli *cli);
void cli_progress_show(void *progress, double done_ratio, const char *what);
void cli_progress_clear(struct cli_progress *progress);
double cli_progress_elapsed_s(const struct cli_progress *progress);

/* ---- output.c, load.c ---- */

/* Runs write(context, stream) on standard output, or on --out FILE as a whole, and makes sure that it got there.
 * Returns CLI_DONE or CLI_FAILED. */
int cli_output(const struct cli *cli, int (*write)(void *context, FILE *out), void *context);
/* Writes a result in --format, text by default. */
int cli_output_result(struct cli *cli, const struct result *result, bool size, const char *suffix);

/* Loads a scenario with --set; says its errors. *doc is set in any case, for scenario_doc_free.
 * Returns CLI_DONE, CLI_SCENARIO, CLI_FAILED or CLI_LIMIT. */
int cli_scenario_load(struct cli *cli, const char *path, struct scenario_doc **doc);
/* place.c: --cluster's `cluster:` block and its first producer's machine, as text, NULL without; a refusal of rows that need it. A status. */
struct cli_place {
    char *cluster, *client;
};
int cli_place(struct cli *cli, struct cli_place *place);
void cli_place_free(struct cli_place *place);
struct rows;
int cli_check_machines(const struct cli *cli, const struct rows *rows);
/* Reads RESULT: a result.json, a folder with one, or `-`. Gives *result. Returns CLI_DONE or CLI_FAILED. */
int cli_result_load(struct cli *cli, const char *path, struct result **result);
/* The variant that --variant names, or the result itself; NULL when there is none, which has been said. */
const struct result *cli_variant(const struct cli *cli, const struct result *result);
/* CLI_DONE, CLI_MISSED or CLI_UNDECIDED. */
int cli_verdict_status(const struct result *result);

/* ---- one file a command ---- */

int cli_new(struct cli *cli);
int cli_check(struct cli *cli);
int cli_explain(struct cli *cli);
int cli_schema(struct cli *cli);
int cli_keys(struct cli *cli);
int cli_size(struct cli *cli);
int cli_run(struct cli *cli);
int cli_report(struct cli *cli);
int cli_plot(struct cli *cli);
int cli_verify(struct cli *cli);
int cli_import(struct cli *cli);
int cli_calibrate(struct cli *cli);
#ifdef HAVE_RDKAFKA
int cli_measure(struct cli *cli);
#endif

#endif
