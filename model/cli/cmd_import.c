/* import: measured rows become scenarios that `verify` can run. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/cli/cli.h"
#include "model/evidence/rows.h"
#include "model/evidence/spread.h"
#include "model/report/outputs.h"
#include "model/scenario/load.h"
#include "model/scenario/profile.h"

/* As a scenario that names none: the one whose error is known. */
#define DEFAULT_PROFILE "kafka-4.2-jvm17"

/* Repeats of one configuration, as they will stand in its file. */
struct configuration {
    const char *profile;
    const struct row_place *place;
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
    return rows_scenario_write(c->rows, c->count, c->profile, c->place, out);
}

/* A row may ask for what no scenario allows, a record larger than a message: that is said of the row, and nothing is written. */
static int check(struct cli *cli, const struct configuration *c, const char *text, size_t size)
{
    struct scenario_options options = {.datadir = cli->scenarios};
    struct scenario_doc *doc;
    struct broker_err err = {""};
    int status = CLI_DONE;
    if (scenario_load_text(c->rows->id, text, size, &options, &doc) != SCENARIO_OK)
        status = cli_fail(cli, CLI_FAILED, "%s:%d: row %s: as a scenario, %s", c->rows->file,
                          c->rows->line, c->rows->id, scenario_error_at(doc, 0)->message);
    for (int i = 0; i < c->count && status == CLI_DONE; i++)
        if (row_check_machines(&c->rows[i], scenario_base(doc), &err) != 0)
            status = cli_fail(cli, CLI_FAILED, "%s", err.text);
    scenario_doc_free(doc);
    return status;
}

static int check_configuration(struct cli *cli, struct configuration *c)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (!out || write_configuration(c, out) != 0 || fclose(out) != 0)
        abort(); /* memory */
    int status = check(cli, c, text, size);
    free(text);
    return status;
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

/* The noise floor, where there are repeats. */
static void put_spread(const struct rows *rows)
{
    const char *before = "repeats differ by (median): ";
    for (int q = 0; q < MEASURED_QUANTITIES; q++) {
        int repeats;
        double spread = spread_of_rows(rows, (enum measured_quantity)q, &repeats);
        if (repeats == 0)
            continue;
        printf("%s%s %.2g %%", before, measured_quantity_name((enum measured_quantity)q),
               100 * spread);
        before = ", ";
    }
    if (*before == ',')
        printf("\n");
}

/* Repeats beside each other: one call a configuration, until one fails. *files counts those that did not. */
static int for_each(struct cli *cli, struct rows *rows, const struct row_place *place,
                    int (*act)(struct cli *cli, struct configuration *c), int *files)
{
    int status = CLI_DONE;
    *files = 0;
    for (int i = 0, next; i < rows->count && status == CLI_DONE; i = next) {
        for (next = i; next < rows->count && strcmp(rows->row[next].id, rows->row[i].id) == 0;)
            next++;
        struct configuration c = {cli->profile ? cli->profile : DEFAULT_PROFILE, place,
                                  &rows->row[i], next - i};
        status = act(cli, &c);
        *files += status == CLI_DONE;
    }
    return status;
}

static void tell(const struct cli *cli, const struct rows *rows, int files, int dropped)
{
    printf("%s: %d scenario%s of %d row%s", cli->out, files, files == 1 ? "" : "s", rows->count,
           rows->count == 1 ? "" : "s");
    if (dropped)
        printf("; %d of a broker that was still warming up left out", dropped);
    printf("\n");
    put_spread(rows);
}

/* All are checked before the first is written. */
static int write_all(struct cli *cli, struct rows *rows, const struct row_place *place)
{
    struct broker_err err = {""};
    int files, dropped = cli->warming ? 0 : drop_warming(rows);
    qsort(rows->row, (size_t)rows->count, sizeof *rows->row, by_id_and_repeat);
    int status = for_each(cli, rows, place, check_configuration, &files);
    if (status == CLI_DONE && report_make_folder(cli->out, &err) != BROKER_OK)
        status = cli_fail(cli, CLI_FAILED, "%s", err.text);
    if (status == CLI_DONE)
        status = for_each(cli, rows, place, write_file, &files);
    if (status == CLI_DONE && !cli->quiet)
        tell(cli, rows, files, dropped);
    return status;
}

static void say_all(char *const *texts, int count)
{
    for (int i = 0; i < count; i++)
        cli_say("%s", texts[i]);
}

/* A path counts from here, and in a scenario from its folder. */
static int find_profile(struct cli *cli)
{
    static char path[PATH_MAX];
    if (!cli->profile || !scenario_profile_is_path(cli->profile))
        return CLI_DONE;
    if (!realpath(cli->profile, path))
        return cli_fail(cli, CLI_FAILED, "%s: %s", cli->profile, strerror(errno));
    cli->profile = path;
    return CLI_DONE;
}

int cli_import(struct cli *cli)
{
    struct rows rows = {0};
    struct broker_err err = {""};
    struct cli_place place = {0};
    int status = CLI_DONE;
    if (!cli->out)
        return cli_fail(cli, CLI_USAGE, "import: --out DIR must say where to");
    if (cli->profile && cli->cluster)
        return cli_fail(cli, CLI_USAGE, "import: --profile %s: the cluster of %s names its own",
                        cli->profile, cli->cluster);
    if (find_profile(cli) != CLI_DONE)
        return CLI_FAILED;
    for (int i = 0; i < cli->file_count; i++) {
        int problems = rows.problem_count;
        if (rows_read(&rows, cli->files[i], &err) != 0) {
            status = CLI_FAILED;
            if (rows.problem_count == problems)
                cli_say("%s", err.text);
        }
    }
    if (status == CLI_DONE)
        status = cli_place(cli, &place);
    say_all(rows.problems, rows.problem_count);
    if (!cli->quiet)
        say_all(rows.warnings, rows.warning_count);
    if (status == CLI_DONE)
        status = cli_check_machines(cli, &rows);
    if (status == CLI_DONE)
        status = write_all(cli, &rows, &(struct row_place){place.cluster, place.client});
    rows_release(&rows);
    cli_place_free(&place);
    return status;
}
