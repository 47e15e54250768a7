#include <string.h>

#include "model/cli/cli.h"

/* size has no latencies, so no hgrm */
#define RESULT_FORMATS "Formats: text, json, markdown, csv, html, junit"

const struct cli_command CLI_COMMANDS[] = {
    {"new", "", 0, 0, "write a commented scenario to start from",
     "Writes the quickstart, or the preset that --preset names. --list tells which presets there "
     "are, "
     "with the question that each one answers. A file that is there is not replaced.",
     cli_new},
    {"check", "FILE...", 1, INT_MAX, "tell every error of a scenario, with its place",
     "Reads each file and prints FILE:LINE:COLUMN: MESSAGE for all that is wrong in it. Of a "
     "file that is right it says what is in it, and warns of consumers that would be idle and of "
     "lag beyond what is kept. Formats: text, json.",
     cli_check},
    {"explain", "FILE", 1, 1, "print the resolved scenario, with the origin of each value",
     "Prints the scenario as it will be used: every default filled in, every unit resolved, each "
     "line "
     "with a comment on where its value comes from. The output is itself a scenario.",
     cli_explain},
    {"schema", "", 0, 0, "print the JSON Schema of scenario files",
     "For editors: with it they complete keys and mark errors while you type.", cli_schema},
    {"keys", "", 0, 0, "print the reference of all keys",
     "Markdown: each key with its type, unit, range, default and meaning.", cli_keys},
    {"size", "FILE", 1, 1, "bounds per resource, brokers needed, monthly cost",
     "Reckons, without simulating, what each resource must carry, names the one that binds, and "
     "gives "
     "the smallest cluster by each of them. Takes milliseconds, or seconds with hundreds of "
     "brokers. --prices FILE has a `key: number` "
     "a "
     "line: machine_usd_per_hour (or a machine's name, aws/m5.large), storage_usd_per_gb_month, "
     "iops_usd_per_month, throughput_usd_per_mb_s_month, cross_zone_usd_per_gb, hours_per_month; "
     "date and region are shown; # begins a comment. " RESULT_FORMATS ".",
     cli_size},
    {"run", "FILE", 1, 1, "simulate, print one screen, write the result folder",
     "Says what it will cost, simulates the scenario and its variants through the real log code, "
     "prints "
     "one screen and writes out/NAME/ (or --out DIR): result.json, a one-file HTML page, figures "
     "with "
     "their data, series, histograms, Markdown and JUnit. The folder appears whole or not at all. "
     "With --at worst it goes on from the worst moment of the horizon (the deepest lag, else the "
     "first burst credits that run empty, the highest load, the fullest disk) with the load, lags, "
     "logs and credits of that moment, but at the stated peak and with the lags and credits of the "
     "start where those are worse, and says which it was; --at 12.5 takes noon of day 12. "
     "--prices FILE is as for size. " RESULT_FORMATS ", hgrm.",
     cli_run},
    {"report", "RESULT", 1, 1, "print a result again, in any format",
     "RESULT is a result folder, its result.json, or - for standard input. --brief prints the page "
     "for the budget meeting. " RESULT_FORMATS ", hgrm.",
     cli_report},
    {"plot", "RESULT", 1, 1, "draw the figures of a result again",
     "Writes data, gnuplot scripts and pictures into the result's figures folder, or into --out "
     "DIR. "
     "Formats: svg, png.",
     cli_plot},
    {"verify", "[DIR]", 0, 1, "the error table: predictions beside measurements",
     "Predicts every scenario below DIR (else the shipped validation scenarios) that has a "
     "measured: "
     "block, own rows with a profile that has not seen them, and prints measured, predicted, "
     "interval "
     "and error of each, medians by family and quantity, coverage of the intervals, ranks, false "
     "passes, and the pass marks of DIR/verify.yaml. Says beforehand what it will cost. Exit "
     "status 4 "
     "when a mark is missed.",
     cli_verify},
    {"import", "ROWS...", 1, INT_MAX, "make a scenario of each measured configuration",
     "ROWS are JSON lines as `headroom measure` writes them, the output of "
     "kafka-producer-perf-test with `# name=value` lines for its options, or a result of the "
     "OpenMessaging Benchmark. Writes --out DIR/ID.yaml for each configuration, with what was "
     "measured of it, for `verify`.",
     cli_import},
    {"calibrate", "ROWS...", 1, INT_MAX, "fit a profile to measured rows, with its error",
     "Reads measured rows (JSON lines, kafka-producer-perf-test, OpenMessaging Benchmark), fits "
     "the costs "
     "of broker and clients to them, and writes the profile --out PROFILE.yaml, with "
     "PROFILE.fold-N.yaml "
     "beside it: what each fold says that has not seen some of the configurations. Prints the "
     "errors on "
     "what was not fitted, by quantity and family, beside simpler models; and which parameters the "
     "rows "
     "do not determine. A fit that does not converge writes nothing.",
     cli_calibrate},
#ifdef HAVE_RDKAFKA
    {"measure", "", 0, 0, "load a running cluster and append rows of measurements",
     "Sends records at the times of a schedule, whatever the acknowledgements do, to a topic that "
     "it "
     "makes and removes, and appends a row to --out FILE: throughput, latency from the intended "
     "time, the client's statistics, and CPU, disk and metrics of brokers where they can be read. "
     "--plan quick or full measures all that calibrate needs, in a random order, and says before "
     "how "
     "long it takes.",
     cli_measure},
#endif
    {NULL, NULL, 0, 0, NULL, NULL, NULL},
};

int cli_command_find(const char *name)
{
    for (int i = 0; CLI_COMMANDS[i].name; i++)
        if (strcmp(CLI_COMMANDS[i].name, name) == 0)
            return i;
    return -1;
}

bool cli_option_fits(const struct cli_option *option, const struct cli_command *command)
{
    return option->commands >> (command - CLI_COMMANDS) & 1;
}
