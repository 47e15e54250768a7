/* report, plot: a result in, pages and pictures out. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "model/cli/cli.h"
#include "model/report/figures.h"
#include "model/report/outputs.h"

int cli_report(struct cli *cli)
{
    struct result *result;
    int status = cli_result_load(cli, cli->files[0], &result);
    if (status != CLI_DONE)
        return status;
    const struct result *shown = cli_variant(cli, result);
    status = shown ? cli_output_result(cli, shown, false, "") : CLI_USAGE;
    result_free(result);
    return status;
}

/* figures/ of the result's folder, or --out. */
static int figures_folder(const struct cli *cli, char folder[PATH_MAX])
{
    struct stat status;
    if (cli->out)
        snprintf(folder, PATH_MAX, "%.4000s", cli->out);
    else if (stat(cli->files[0], &status) == 0 && S_ISDIR(status.st_mode))
        snprintf(folder, PATH_MAX, "%.4000s/figures", cli->files[0]);
    else
        return cli_fail(cli, CLI_USAGE,
                        "plot: RESULT is no folder, so --out DIR must say where to");
    return CLI_DONE;
}

static int draw(struct cli *cli, const struct result *result)
{
    char folder[PATH_MAX];
    struct broker_err err = {""};
    struct report_figures figures;
    int status = figures_folder(cli, folder);
    if (status != CLI_DONE)
        return status;
    const char *format = cli->format == CLI_PNG ? "png" : "svg";
    struct report_figures_options options = {cli->plots, format, true, &cli_stop};
    int rc = report_make_folder(folder, &err);
    if (rc == BROKER_OK)
        rc = report_figures_write(result, folder, &options, &figures, &err);
    if (cli_stop)
        return CLI_SIGNAL + cli_stop;
    if (rc != BROKER_OK)
        return cli_fail(cli, CLI_FAILED, "%s", err.text);
    if (figures.note[0])
        return cli_fail(cli, CLI_FAILED, "%s; data and scripts are in %s", figures.note, folder);
    for (int i = 0; i < figures.count && !cli->quiet; i++)
        printf("%s/%s.%s\n", folder, figures.names[i], format);
    return fflush(stdout) == 0 ? CLI_DONE : CLI_FAILED;
}

int cli_plot(struct cli *cli)
{
    struct result *result;
    int status = cli_result_load(cli, cli->files[0], &result);
    if (status != CLI_DONE)
        return status;
    const struct result *shown = cli_variant(cli, result);
    status = shown ? draw(cli, shown) : CLI_USAGE;
    result_free(result);
    return status;
}
