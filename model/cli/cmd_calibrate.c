/* calibrate: measured rows in, a profile with its error out. */
#include <stdlib.h>
#include <string.h>

#include "model/cli/cli.h"
#include "model/evidence/calibrate.h"
#include "model/evidence/profile_write.h"
#include "model/report/outputs.h"
#include "model/scenario/profile.h"

enum { OUTPUTS_MAX = CALIBRATE_FOLDS_MAX + 3 };

/* The files of one calibration: all are written aside before the first appears. */
struct outputs {
    struct report_file file[OUTPUTS_MAX];
    int count;
    char folder[PATH_MAX], name[64];
};

/* ---- rows ---- */

static int read_rows(const struct cli *cli, struct rows *rows)
{
    struct broker_err err = {""};
    int status = CLI_DONE;
    for (int i = 0; i < cli->file_count; i++)
        if (rows_read(rows, cli->files[i], &err) != 0) {
            if (rows->problem_count == 0) /* else they are told below */
                cli_say("%s", err.text);
            status = CLI_FAILED;
        }
    for (int i = 0; i < rows->warning_count; i++)
        cli_note(cli, "warning: %s", rows->warnings[i]);
    for (int i = 0; i < rows->problem_count; i++)
        cli_say("%s", rows->problems[i]);
    return rows->problem_count > 0 ? CLI_FAILED : status;
}

/* ---- profiles ---- */

/* FOLDER/NAME.yaml taken apart. Says what is wrong with it. */
static bool take_name(const struct cli *cli, struct outputs *outputs)
{
    const char *slash = strrchr(cli->out, '/'), *name = slash ? slash + 1 : cli->out;
    size_t length = strlen(name);
    if (length <= 5 || strcmp(name + length - 5, ".yaml") || length - 5 >= sizeof outputs->name) {
        cli_say("--out %s: expected PROFILE.yaml, a name of at most %zu characters", cli->out,
                sizeof outputs->name - 1);
        return false;
    }
    snprintf(outputs->name, sizeof outputs->name, "%.*s", (int)(length - 5), name);
    snprintf(outputs->folder, sizeof outputs->folder, "%.*s",
             slash ? (int)(slash - cli->out) + 1 : 0, cli->out);
    return true;
}

static int add_output(struct outputs *outputs, const struct calibration *calibration, int fold,
                      const char *name, enum profile_part part, struct profile_clients clients)
{
    char path[PATH_MAX + 128];
    struct broker_err err = {""};
    struct report_file *file = &outputs->file[outputs->count];
    snprintf(path, sizeof path, "%s%s.yaml", outputs->folder, name);
    if (report_file_open(file, path, &err) != BROKER_OK) {
        cli_say("%s", err.text);
        return CLI_FAILED;
    }
    outputs->count++;
    if (profile_write(calibration, fold, name, part, clients, file->stream) == 0)
        return CLI_DONE;
    cli_say("%s cannot be written", path);
    return CLI_FAILED;
}

static int add_all(const struct cli *cli, struct outputs *outputs, const struct calibration *c)
{
    struct profile_clients clients = {cli->java, cli->librdkafka}, none = {NULL, NULL};
    int status = CLI_DONE;
    for (int fold = 0; fold < c->folds && status == CLI_DONE; fold++) {
        char name[96];
        snprintf(name, sizeof name, "%s.fold-%d", outputs->name, fold + 1);
        status = add_output(outputs, c, fold, name, PROFILE_WHOLE, none);
    }
    if (status == CLI_DONE && cli->java)
        status = add_output(outputs, c, -1, cli->java, PROFILE_JAVA, none);
    if (status == CLI_DONE && cli->librdkafka)
        status = add_output(outputs, c, -1, cli->librdkafka, PROFILE_LIBRDKAFKA, none);
    if (status == CLI_DONE) /* last: when it is there, all are */
        status = add_output(outputs, c, -1, outputs->name, PROFILE_WHOLE, clients);
    return status;
}

static int write_profiles(const struct cli *cli, struct outputs *outputs,
                          const struct calibration *c)
{
    struct broker_err err = {""};
    int status = add_all(cli, outputs, c);
    for (int i = 0; i < outputs->count; i++) {
        if (status != CLI_DONE) {
            report_file_abandon(&outputs->file[i]);
        } else if (report_file_commit(&outputs->file[i], &err) != BROKER_OK) {
            cli_say("%s", err.text);
            status = CLI_FAILED;
        }
    }
    return status;
}

static int remove_stale(const struct outputs *outputs, int folds)
{
    char profile[PATH_MAX + 128];
    struct broker_err err = {""};
    snprintf(profile, sizeof profile, "%s%s", outputs->folder, outputs->name);
    if (profile_remove_stale(profile, folds, &err) == 0)
        return CLI_DONE;
    cli_say("%s", err.text);
    return CLI_FAILED;
}

/* ---- the command ---- */

static int tell(const struct cli *cli, const struct calibration *c)
{
    if (calibration_write(c, stdout) == 0 && fflush(stdout) == 0 && !ferror(stdout))
        return CLI_DONE;
    return cli_fail(cli, CLI_FAILED, "the report cannot be written");
}

static int fit(const struct cli *cli, const struct rows *rows, const struct model_profile *start,
               const struct row_place *place, struct outputs *outputs)
{
    struct calibration *calibration = NULL;
    struct broker_err err = {""};
    struct cli_progress progress;
    cli_progress_init(&progress, cli);
    struct calibrate_options options = {.datadir = cli->scenarios,
                                        .start = start,
                                        .place = place,
                                        .seed = cli->seed,
                                        .folds = cli->folds,
                                        .threads = cli->threads,
                                        .batches_max = cli->max_batches,
                                        .quick = cli->quick,
                                        .progress = cli_progress_show,
                                        .progress_ctx = &progress,
                                        .stop = &cli_stop};
    enum calibrate_status rc = calibrate(rows, &options, &calibration, &err);
    cli_progress_clear(&progress);
    if (rc == CALIBRATE_STOPPED)
        return cli_fail(cli, CLI_SIGNAL + cli_stop, "stopped; nothing was written");
    int status = calibration ? tell(cli, calibration) : CLI_DONE;
    if (rc != CALIBRATE_OK)
        status = cli_fail(cli, CLI_FAILED, "%s; nothing was written", err.text);
    if (status == CLI_DONE)
        status = write_profiles(cli, outputs, calibration);
    if (status == CLI_DONE)
        status = remove_stale(outputs, calibration->folds);
    if (status == CLI_DONE)
        cli_note(cli, "%s, with %d profiles of its folds beside it", cli->out, calibration->folds);
    calibration_free(calibration);
    return status;
}

static int load_start(const struct cli *cli, struct model_profile *start, struct broker_err *err)
{
    const char *from = cli->from ? cli->from : "generic";
    return scenario_profile_load(cli->scenarios, from, start, err);
}

int cli_calibrate(struct cli *cli)
{
    struct rows rows = {0};
    struct outputs outputs = {.count = 0};
    struct model_profile start;
    struct broker_err err = {""};
    if (!cli->out) {
        cli_say("calibrate: --out PROFILE.yaml is missing");
        return CLI_USAGE;
    }
    if (!take_name(cli, &outputs))
        return CLI_USAGE;
    if (report_file_check(cli->out, &err) != BROKER_OK) /* not after the fit */
        return cli_fail(cli, CLI_FAILED, "%s", err.text);
    if (load_start(cli, &start, &err) != 0)
        return cli_fail(cli, CLI_FAILED, "%s", err.text);
    struct cli_place place = {0};
    int status = read_rows(cli, &rows);
    if (status == CLI_DONE)
        status = cli_place(cli, &place);
    if (status == CLI_DONE)
        status = cli_check_machines(cli, &rows);
    if (status == CLI_DONE)
        status =
            fit(cli, &rows, &start, &(struct row_place){place.cluster, place.client}, &outputs);
    cli_place_free(&place);
    rows_release(&rows);
    return status;
}
