#include "model/cli/cli.h"

/* roff: a dash is a hyphen unless escaped, a dot or quote at the start of a line is a request. */
static void put(const char *text, FILE *out)
{
    for (const char *p = text; *p; p++) {
        if ((*p == '.' || *p == '\'') && (p == text || p[-1] == '\n'))
            fputs("\\&", out);
        if (*p == '-')
            fputs("\\-", out);
        else if (*p == '\\')
            fputs("\\e", out);
        else
            fputc(*p, out);
    }
}

static void put_option(const struct cli_option *o, FILE *out)
{
    fputs(".TP\n.B ", out);
    if (o->letter)
        fprintf(out, "\\-%c, ", o->letter);
    fputs("\\-\\-", out), put(o->name, out);
    if (o->argument)
        fputs(" \\fI", out), put(o->argument, out), fputs("\\fR", out);
    fputs("\n", out), put(o->help, out);
    const char *before = ". (";
    for (const struct cli_command *c = CLI_COMMANDS; c->name; c++) {
        if (cli_option_fits(o, c)) {
            fprintf(out, "%s%s", before, c->name);
            before = ", ";
        }
    }
    fputs(")\n", out);
}

static const char *const STATUS[][2] = {
    {"0", "done; SLOs and limits are met, or none are given"},
    {"1", "failed: a file, the memory, gnuplot when plot was asked for"},
    {"2", "the command line is wrong"},
    {"3", "the scenario is wrong"},
    {"4", "an SLO or a limit is missed"},
    {"5", "undecided: an interval straddles a limit"},
    {"6", "a limit of the run was hit"},
    {"130, 143", "ended by SIGINT, SIGTERM"},
};

static const char HEAD[] =
    ".TH HEADROOM 1 \"\" \"headroom " HEADROOM_VERSION "\" \"User Commands\"\n"
    ".SH NAME\nheadroom \\- capacity planning for Kafka\\-style event streaming\n"
    ".SH SYNOPSIS\n.B headroom\n\\fICOMMAND\\fR [\\fIOPTIONS\\fR] \\fIFILE\\fR...\n"
    ".SH DESCRIPTION\n"
    "Runs the log and partition code of a Kafka\\-compatible broker core inside a\n"
    "deterministic simulation of disks, page cache, networks, processors, producers\n"
    "and consumers, and tells which resource binds first, what latency to expect,\n"
    "when disks are full and what it costs. Same scenario and seed, same result.\n"
    ".SH COMMANDS\n";

static const char TAIL[] =
    ".SH ENVIRONMENT\n.TP\n.B HEADROOM_DATADIR\n"
    "Folder with scenarios/ and plots/, instead of the installed one.\n"
    ".TP\n.B TMPDIR\nWhere report \\-\\-format html draws its figures.\n"
    ".PP\nNothing in the environment changes a number.\n"
    ".SH FILES\n.TP\n.I out/NAME/\nWhat run writes: result.json, report.html, report.txt,\n"
    "report.md, metrics.csv, junit.xml, scenario.yaml, figures/, series/, histograms/.\n"
    ".SH EXAMPLES\n.nf\nheadroom new > mine.yaml\nheadroom check mine.yaml\n"
    "headroom run mine.yaml \\-\\-set producers.checkout.rate=\"40 MB/s\"\n"
    "headroom report out/mine \\-\\-format markdown\n.fi\n";

int cli_man_write(FILE *out)
{
    fputs(HEAD, out);
    for (const struct cli_command *c = CLI_COMMANDS; c->name; c++) {
        fprintf(out, ".TP\n.B %s \\fI%s\\fR\n", c->name, c->files);
        put(c->text, out);
        fputc('\n', out);
    }
    fputs(".SH OPTIONS\n", out);
    for (const struct cli_option *o = CLI_OPTIONS; o->name; o++)
        put_option(o, out);
    fputs(".SH EXIT STATUS\n", out);
    for (size_t i = 0; i < sizeof STATUS / sizeof *STATUS; i++)
        fprintf(out, ".TP\n.B %s\n%s\n", STATUS[i][0], STATUS[i][1]);
    fputs(TAIL, out);
    return ferror(out) ? -1 : 0;
}
