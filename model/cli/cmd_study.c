/* size, run: a scenario in, a result out. */
#include <stdlib.h>
#include <string.h>

#include "model/answer/study.h"
#include "model/cli/cli.h"
#include "model/report/escape.h"
#include "model/report/number.h"
#include "model/report/outputs.h"
#include "sim/memory.h"

static struct study_options study_options(const struct cli *cli)
{
    return (struct study_options){.seed = cli->seed,
                                  .seed_set = cli->seed_set,
                                  .replications = cli->replications,
                                  .precision = cli->precision,
                                  .quick = cli->quick,
                                  .threads = cli->threads,
                                  .at = cli->at,
                                  .at_day = cli->at_day,
                                  .prices_path = cli->prices,
                                  .datadir = cli->scenarios,
                                  .stop = &cli_stop};
}

static int study_failed(const struct cli *cli, int status, const struct broker_err *err)
{
    static const int statuses[] = {[STUDY_OK] = CLI_DONE,
                                   [STUDY_EINVALID] = CLI_SCENARIO,
                                   [STUDY_EIO] = CLI_FAILED,
                                   [STUDY_ELIMIT] = CLI_LIMIT,
                                   [STUDY_STOPPED] = CLI_SIGNAL};
    if (status == STUDY_STOPPED)
        return cli_fail(cli, CLI_SIGNAL + cli_stop, "stopped; nothing was written");
    return cli_fail(cli, statuses[status], "%s", err->text);
}

int cli_size(struct cli *cli)
{
    struct scenario_doc *doc;
    struct result *result = NULL;
    struct broker_err err = {""};
    int status = cli_scenario_load(cli, cli->files[0], &doc);
    if (status == CLI_DONE) {
        struct study_options options = study_options(cli);
        int rc = study_size(doc, &options, &result, &err);
        status =
            rc == STUDY_OK ? cli_output_result(cli, result, true, "") : study_failed(cli, rc, &err);
    }
    if (status == CLI_DONE)
        status = cli_verdict_status(result);
    result_free(result);
    scenario_doc_free(doc);
    return status;
}

/* out/NAME, NAME made fit for a folder. */
static void default_folder(char folder[PATH_MAX], const char *name)
{
    char slug[REPORT_SLUG_MAX];
    report_slug(slug, name);
    snprintf(folder, PATH_MAX, "out/%s", slug);
}

static int write_folder(struct cli *cli, const struct result *result, const char *folder)
{
    struct report_folder_options options = {cli->plots, !cli->no_plots, &cli_stop};
    struct broker_err err = {""};
    char note[200];
    int rc = report_folder_write(result, folder, &options, note, &err);
    if (cli_stop)
        return cli_fail(cli, CLI_SIGNAL + cli_stop, "stopped; nothing was written");
    if (rc != BROKER_OK)
        return cli_fail(cli, CLI_FAILED, "%s", err.text);
    if (note[0] && !cli->no_plots)
        cli_note(cli, "%s", note);
    return CLI_DONE;
}

/* Does the scatter of the runs themselves leave an SLO open? */
static bool is_scattered(const struct result *result)
{
    for (uint32_t i = 0; i < result->slo_count; i++) {
        const struct result_slo *slo = &result->slos[i];
        const struct result_estimate *e = &slo->estimate;
        if (slo->verdict == RESULT_UNDECIDED && e->known && e->low <= slo->limit &&
            e->high >= slo->limit)
            return true;
    }
    return false;
}

/* Does an SLO miss what --quick cut? */
static bool was_too_quick(const struct result *result)
{
    for (uint32_t i = 0; i < result->slo_count; i++)
        if (strcmp(result->slos[i].remedy, STUDY_NOT_QUICK) == 0)
            return true;
    return false;
}

/* Is there an SLO of which so short a run has no number? */
static bool was_too_short(const struct result *result)
{
    for (uint32_t i = 0; i < result->slo_count; i++)
        if (result->slos[i].verdict == RESULT_UNDECIDED && !result->slos[i].estimate.known)
            return true;
    return false;
}

/* A longer run narrows scatter; what the profile's error leaves open, rows of one's own cluster close. */
static const char *next_step(const struct cli *cli, const struct result *result)
{
    bool quick = cli->quick && result->verdict == RESULT_FITS;
    if (!(cli->precision > 0) && (quick || is_scattered(result)))
        return "run ... --precision 2%";
    if (was_too_quick(result))
        return "run ..., without --quick";
    if (was_too_short(result))
        return "run ... --set run.measure=...";
    return result->verdict == RESULT_UNDECIDED ? "measure ..., then calibrate ..."
                                               : "report ... --brief";
}

/* The screen goes to standard output; --out names the folder here. */
static int print_screen(struct cli *cli, const struct result *result, double elapsed_s,
                        const char *folder)
{
    char elapsed[REPORT_CELL_MAX];
    report_duration(elapsed, elapsed_s);
    cli->out = NULL;
    int status = cli_output_result(cli, result, false, elapsed);
    if (status == CLI_DONE && cli->format == CLI_TEXT && !cli->quiet) {
        printf("%s/report.html   next: headroom %s\n", folder, next_step(cli, result));
        fflush(stdout);
    }
    return status;
}

static int run_and_write(struct cli *cli, const struct scenario_doc *doc, const char *folder)
{
    struct study_options options = study_options(cli);
    struct cli_progress progress;
    struct result *result = NULL;
    struct broker_err err = {""};
    char forecast[300];
    if (report_folder_check(folder, &err) != BROKER_OK)
        return cli_fail(cli, CLI_FAILED, "%s", err.text);
    int rc = study_check(doc, &options, &err);
    if (rc != STUDY_OK)
        return study_failed(cli, rc, &err);
    options.counts = sim_alloc((size_t)scenario_variant_count(doc) + 1, sizeof *options.counts);
    if (study_forecast(doc, &options, forecast, sizeof forecast))
        cli_note(cli, "%s", forecast);
    cli_progress_init(&progress, cli);
    options.progress = cli_progress_show;
    options.progress_ctx = &progress;
    rc = study_run(doc, &options, &result, &err);
    cli_progress_clear(&progress);
    free(options.counts);
    if (rc != STUDY_OK)
        return study_failed(cli, rc, &err);
    int status = write_folder(cli, result, folder);
    if (status == CLI_DONE)
        status = print_screen(cli, result, cli_progress_elapsed_s(&progress), folder);
    if (status == CLI_DONE)
        status = cli_verdict_status(result);
    result_free(result);
    return status;
}

int cli_run(struct cli *cli)
{
    struct scenario_doc *doc;
    int status = cli_scenario_load(cli, cli->files[0], &doc);
    if (status == CLI_DONE) {
        char folder[PATH_MAX];
        default_folder(folder, scenario_base(doc)->name);
        if (cli->out)
            snprintf(folder, sizeof folder, "%.4000s", cli->out);
        status = run_and_write(cli, doc, folder);
    }
    scenario_doc_free(doc);
    return status;
}
