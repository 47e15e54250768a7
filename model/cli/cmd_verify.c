/* verify: measured scenarios in, the error table out. */
#include <string.h>

#include "model/cli/cli.h"
#include "model/evidence/verify_write.h"
#include "model/report/outputs.h"

struct table {
    const struct verify *verify;
    const struct verify_marks *marks;
    bool peers;
};

static int write_text(void *context, FILE *out)
{
    struct table *t = context;
    return verify_write_text(t->verify, t->marks, t->peers, out);
}
static int write_json(void *context, FILE *out)
{
    struct table *t = context;
    return verify_write_json(t->verify, t->marks, t->peers, out);
}
static int write_csv(void *context, FILE *out)
{
    struct table *t = context;
    return verify_write_csv(t->verify, t->peers, out);
}

static int write_errors(void *context, FILE *out)
{
    return verify_write_errors(((struct table *)context)->verify, out);
}

/* Into the file, or on standard output for NULL and -. */
static int put(struct cli *cli, const char *path, int (*write)(void *context, FILE *out),
               struct table *table)
{
    struct cli to = *cli;
    to.out = path;
    return cli_output(&to, write, table);
}

static int put_figure(struct cli *cli, const struct table *table)
{
    struct broker_err err = {""};
    char note[200];
    int rc = verify_write_figure(table->verify, cli->plots, cli->out, &cli_stop, note, &err);
    if (rc != BROKER_OK)
        return cli_fail(cli, CLI_FAILED, "%s", err.text);
    if (note[0])
        cli_note(cli, "%s", note);
    return CLI_DONE;
}

static bool is_stdout(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

static int put_all(struct cli *cli, struct table *table)
{
    int status = CLI_DONE;
    if (!is_stdout(cli->json_file) && !is_stdout(cli->csv_file))
        status = put(cli, NULL, write_text, table);
    if (status == CLI_DONE && cli->json_file)
        status = put(cli, cli->json_file, write_json, table);
    if (status == CLI_DONE && cli->csv_file)
        status = put(cli, cli->csv_file, write_csv, table);
    if (status == CLI_DONE && cli->errors_file)
        status = put(cli, cli->errors_file, write_errors, table);
    if (status == CLI_DONE && cli->out)
        status = put_figure(cli, table);
    return status;
}

static int failed(const struct cli *cli, int status, const struct broker_err *err)
{
    if (status == VERIFY_STOPPED)
        return cli_fail(cli, CLI_SIGNAL + cli_stop, "stopped; nothing was written");
    return cli_fail(cli, status == VERIFY_EINVALID ? CLI_SCENARIO : CLI_FAILED, "%s", err->text);
}

static bool nothing_predicted(const struct verify *verify)
{
    for (int i = 0; i < verify->count; i++)
        if (!verify->cases[i].failure[0])
            return false;
    return true;
}

static int run(struct cli *cli, struct verify *verify, struct verify_options *options,
               struct verify_marks *marks)
{
    char forecast[300];
    struct cli_progress progress;
    struct broker_err err = {""};
    verify_forecast(verify, options, forecast, sizeof forecast);
    cli_note(cli, "%s", forecast);
    if (verify->profiles > 0)
        cli_note(cli, "left out: %d profile%s below %s", verify->profiles,
                 verify->profiles == 1 ? "" : "s", options->folder);
    cli_progress_init(&progress, cli);
    options->progress = progress.on ? cli_progress_show : NULL;
    options->progress_ctx = &progress;
    int rc = verify_run(verify, options, &err);
    cli_progress_clear(&progress);
    if (rc != VERIFY_OK)
        return failed(cli, rc, &err);
    struct table table = {verify, marks, cli->peers};
    int missed = verify_marks_check(marks, verify);
    int status = put_all(cli, &table);
    if (status == CLI_DONE && nothing_predicted(verify))
        return cli_fail(cli, CLI_FAILED, "no case could be predicted; the first: %s",
                        verify->cases[0].failure);
    return status == CLI_DONE && missed ? CLI_MISSED : status;
}

/* Before minutes of predictions, not after them. */
static int check_outputs(const struct cli *cli)
{
    const char *const files[] = {cli->json_file, cli->csv_file, cli->errors_file};
    struct broker_err err = {""};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (files[i] && !is_stdout(files[i]) && report_file_check(files[i], &err) != BROKER_OK)
            return cli_fail(cli, CLI_FAILED, "%s", err.text);
    return CLI_DONE;
}

int cli_verify(struct cli *cli)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%.4000s/validation", cli->scenarios);
    struct verify_options options = {.datadir = cli->scenarios,
                                     .folder = cli->file_count ? cli->files[0] : folder,
                                     .profile = cli->profile,
                                     .seed = cli->seed_set ? cli->seed : 0,
                                     .budget = cli->budget,
                                     .threads = cli->threads,
                                     .peers = cli->peers,
                                     .stop = &cli_stop};
    struct verify *verify = NULL;
    struct verify_marks marks;
    struct broker_err err = {""};
    if (check_outputs(cli) != CLI_DONE)
        return CLI_FAILED;
    if (verify_marks_read(options.folder, &marks, &err) != 0)
        return cli_fail(cli, CLI_SCENARIO, "%s", err.text);
    int rc = verify_load(&options, &verify, &err);
    if (rc != VERIFY_OK)
        return failed(cli, rc, &err);
    int status = verify->count
                     ? run(cli, verify, &options, &marks)
                     : cli_fail(cli, CLI_SCENARIO,
                                "%s: no scenario with a measured: block below it", options.folder);
    verify_free(verify);
    return status;
}
