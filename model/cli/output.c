#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/cli/cli.h"
#include "model/report/csv.h"
#include "model/report/html.h"
#include "model/report/junit.h"
#include "model/report/markdown.h"
#include "model/report/outputs.h"
#include "model/report/result_json.h"
#include "model/report/tables.h"
#include "model/report/text.h"

/* A write that failed inside a renderer has left its reason in errno or nowhere. */
static int to_stdout(const struct cli *cli, int (*write)(void *context, FILE *out), void *context)
{
    errno = 0;
    if (write(context, stdout) == 0 && fflush(stdout) == 0 && !ferror(stdout))
        return CLI_DONE;
    if (cli_stop)
        return CLI_SIGNAL + cli_stop;
    cli_say("standard output: %s", strerror(errno ? errno : EIO));
    (void)cli;
    return CLI_FAILED;
}

int cli_output(const struct cli *cli, int (*write)(void *context, FILE *out), void *context)
{
    if (!cli->out || strcmp(cli->out, "-") == 0)
        return to_stdout(cli, write, context);
    struct report_file file;
    struct broker_err err = {""};
    if (report_file_open(&file, cli->out, &err) != BROKER_OK)
        return cli_fail(cli, CLI_FAILED, "%s", err.text);
    if (write(context, file.stream) != 0) {
        report_file_abandon(&file);
        return cli_fail(cli, CLI_FAILED, "%s cannot be written", cli->out);
    }
    if (report_file_commit(&file, &err) != BROKER_OK)
        return cli_fail(cli, CLI_FAILED, "%s", err.text);
    return CLI_DONE;
}

/* ---- a result in any format ---- */

struct document {
    struct cli *cli;
    const struct result *result;
    const char *suffix;
    bool size;
    const struct sim_histogram *histogram;
};

static int write_text(void *context, FILE *out)
{
    struct document *d = context;
    if (d->cli->brief)
        return report_text_brief(d->result, out);
    return d->size ? report_text_size(d->result, out)
                   : report_text_write(d->result, d->suffix, out);
}
static int write_json(void *context, FILE *out)
{
    return report_json_write(((struct document *)context)->result, out);
}
static int write_markdown(void *context, FILE *out)
{
    return report_markdown_write(((struct document *)context)->result, out);
}
static int write_csv(void *context, FILE *out)
{
    return report_csv_metrics(((struct document *)context)->result, out);
}
static int write_junit(void *context, FILE *out)
{
    return report_junit_write(((struct document *)context)->result, out);
}
static int write_hgrm(void *context, FILE *out)
{
    return sim_histogram_write_hgrm(((struct document *)context)->histogram, out);
}

/* Pictures are drawn in a folder of their own, which is gone afterwards. */
static int write_html(void *context, FILE *out)
{
    struct document *d = context;
    const char *base = getenv("TMPDIR");
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%.4000s/headroom-XXXXXX", base && base[0] ? base : "/tmp");
    struct broker_err err = {""};
    if (!mkdtemp(folder)) {
        cli_say("%s: %s", folder, strerror(errno));
        return -1;
    }
    struct report_figures figures;
    struct report_figures_options options = {d->cli->plots, "svg", !d->cli->no_plots, &cli_stop};
    int rc = report_figures_write(d->result, folder, &options, &figures, &err);
    struct report_page page = {d->cli->plots, folder, &figures};
    if (rc == BROKER_OK)
        rc = report_html_write(d->result, &page, out, &err);
    report_remove_folder(folder);
    if (rc != BROKER_OK)
        cli_say("%s", err.text);
    else if (figures.note[0] && !d->cli->no_plots)
        cli_note(d->cli, "%s", figures.note);
    return rc == BROKER_OK ? 0 : -1;
}

/* The latency that --metric names, or the first one. */
static const struct sim_histogram *find_histogram(const struct cli *cli, const struct result *r)
{
    for (uint32_t i = 0; i < r->latency_count; i++) {
        const struct result_latency *l = &r->latencies[i];
        char name[300];
        snprintf(name, sizeof name, "%.250s %s", l->subject, report_latency_word(l->kind));
        if (l->histogram && (!cli->metric || strcmp(cli->metric, name) == 0))
            return l->histogram;
    }
    return NULL;
}

static void say_metrics(const struct result *r)
{
    for (uint32_t i = 0; i < r->latency_count; i++)
        if (r->latencies[i].histogram)
            cli_say("  --metric '%s %s'", r->latencies[i].subject,
                    report_latency_word(r->latencies[i].kind));
}

static int output_hgrm(struct cli *cli, struct document *d)
{
    if (d->result->verdict == RESULT_UNSTABLE)
        return cli_fail(cli, CLI_FAILED, "no steady state exists, so there is no latency to print");
    d->histogram = find_histogram(cli, d->result);
    if (d->histogram)
        return cli_output(cli, write_hgrm, d);
    cli_fail(cli, CLI_USAGE, "%s",
             cli->metric ? "no latency of that name; there is" : "no latency");
    say_metrics(d->result);
    return CLI_USAGE;
}

int cli_output_result(struct cli *cli, const struct result *result, bool size, const char *suffix)
{
    struct document d = {.cli = cli, .result = result, .suffix = suffix, .size = size};
    switch (cli->format) {
    case CLI_TEXT:
        return cli_output(cli, write_text, &d);
    case CLI_JSON:
        return cli_output(cli, write_json, &d);
    case CLI_MARKDOWN:
        return cli_output(cli, write_markdown, &d);
    case CLI_CSV:
        return cli_output(cli, write_csv, &d);
    case CLI_HTML:
        return cli_output(cli, write_html, &d);
    case CLI_JUNIT:
        return cli_output(cli, write_junit, &d);
    case CLI_HGRM:
        return output_hgrm(cli, &d);
    case CLI_SVG:
    case CLI_PNG:
        return cli_fail(cli, CLI_USAGE, "--format %s: `headroom plot` draws pictures",
                        cli_format_name(cli->format));
    }
    return CLI_USAGE;
}

int cli_verdict_status(const struct result *result)
{
    switch (result->verdict) {
    case RESULT_FITS:
        return CLI_DONE;
    case RESULT_UNDECIDED:
        return CLI_UNDECIDED;
    case RESULT_DOES_NOT_FIT:
    case RESULT_UNSTABLE:
        break;
    }
    return CLI_MISSED;
}
