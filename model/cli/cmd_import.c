/* import: measured rows become scenarios that `verify` can run. */
#include <stdlib.h>
#include <string.h>

#include "model/cli/cli.h"
#include "model/evidence/rows.h"
#include "model/report/outputs.h"

/* Repeats of one configuration, as they will stand in its file. */
struct configuration {
    const char *profile;
    struct row *rows;
    int count;
};

static int by_id_and_repeat(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    int order = strcmp(x->id, y->id);
    return order ? order : x->repeat - y->repeat;
}

static int write_configuration(void *context, FILE *out)
{
    const struct configuration *c = context;
    return rows_scenario_write(c->rows, c->count, c->profile, out);
}

static int write_file(struct cli *cli, struct configuration *c)
{
    char path[PATH_MAX];
    struct cli one = *cli;
    snprintf(path, sizeof path, "%.4000s/%s.yaml", cli->out, c->rows->id);
    one.out = path;
    return cli_output(&one, write_configuration, c);
}

/* Rows taken while the broker's code was still being compiled are another system: a fresh broker. */
static int drop_warming(struct rows *rows)
{
    int kept = 0;
    for (int i = 0; i < rows->count; i++)
        if (rows->row[i].jit != ROW_WARMING)
            rows->row[kept++] = rows->row[i];
    int dropped = rows->count - kept;
    rows->count = kept;
    return dropped;
}

static int write_all(struct cli *cli, struct rows *rows)
{
    int files = 0, status = CLI_DONE, dropped = cli->warming ? 0 : drop_warming(rows);
    qsort(rows->row, (size_t)rows->count, sizeof *rows->row, by_id_and_repeat);
    for (int i = 0, next; i < rows->count && status == CLI_DONE; i = next, files++) {
        for (next = i; next < rows->count && strcmp(rows->row[next].id, rows->row[i].id) == 0;)
            next++;
        int count = next - i < MEASURED_REPEATS_MAX ? next - i : MEASURED_REPEATS_MAX;
        struct configuration c = {cli->profile ? cli->profile : "generic", &rows->row[i], count};
        status = write_file(cli, &c);
    }
    if (status == CLI_DONE && !cli->quiet)
        printf(
            "%s: %d scenarios of %d rows; %d rows of a broker that was still warming up left out\n",
            cli->out, files, rows->count, dropped);
    return status;
}

static void say_all(char *const *texts, int count)
{
    for (int i = 0; i < count; i++)
        cli_say("%s", texts[i]);
}

int cli_import(struct cli *cli)
{
    struct rows rows = {0};
    struct broker_err err = {""};
    int status = CLI_DONE;
    if (!cli->out)
        return cli_fail(cli, CLI_USAGE, "import: --out DIR must say where to");
    for (int i = 0; i < cli->file_count; i++) {
        int problems = rows.problem_count;
        if (rows_read(&rows, cli->files[i], &err) != 0) {
            status = CLI_FAILED;
            if (rows.problem_count == problems)
                cli_say("%s", err.text);
        }
    }
    say_all(rows.problems, rows.problem_count);
    if (!cli->quiet)
        say_all(rows.warnings, rows.warning_count);
    if (status == CLI_DONE && report_make_folder(cli->out, &err) != BROKER_OK)
        status = cli_fail(cli, CLI_FAILED, "%s", err.text);
    if (status == CLI_DONE)
        status = write_all(cli, &rows);
    rows_release(&rows);
    return status;
}
