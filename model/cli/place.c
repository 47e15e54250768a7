/* What rows were measured on, where they do not say it: the `cluster:` block of a scenario of one's own, and its producers' machine. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/cli/cli.h"
#include "model/evidence/rows.h"
#include "model/scenario/load.h"
#include "model/scenario/profile.h"
#include "sim/memory.h"

/* From the line "cluster:" to the next one that is not indented. Scenarios are checked before, so the block is there. */
static int copy_block(FILE *in, char **block)
{
    char *line = NULL;
    size_t line_size = 0, size;
    bool inside = false;
    FILE *out = sim_checked(open_memstream(block, &size));
    while (getline(&line, &line_size, in) > 0) {
        bool indented = line[strspn(line, " \t")] != *line || strchr("#\r\n", *line);
        inside = indented ? inside : strncmp(line, "cluster:", 8) == 0;
        if (inside)
            fputs(line, out);
    }
    int bad = ferror(in);
    free(line);
    if (fclose(out) != 0)
        abort();
    return bad ? -1 : 0;
}

static char *machine_text(const struct scenario_machine *m)
{
    char *text = NULL;
    if (asprintf(&text,
                 "{vcpus: %d, threads_per_core: %d, coremark: %.6g, ram: %lld B, network: "
                 "{baseline: %.9g B/s, burst: %.9g B/s}}",
                 m->vcpus, m->threads_per_core, m->coremark_per_vcpu, (long long)m->ram_bytes,
                 m->nic_baseline_bytes_per_s,
                 fmax(m->nic_baseline_bytes_per_s, m->nic_burst_bytes_per_s)) < 0)
        abort();
    return text;
}

/* It is copied word for word into other folders, where a relative path is another file. */
static int check_profile(const struct cli *cli, const char *block, const struct scenario *s)
{
    const char *profile = s->cluster.profile;
    if (!scenario_profile_is_path(profile) || (profile[0] == '/' && strstr(block, profile)))
        return CLI_DONE;
    return cli_fail(cli, CLI_SCENARIO,
                    "%s: cluster.profile is a relative path (%s); for --cluster "
                    "give the absolute one",
                    cli->cluster, profile);
}

int cli_place(struct cli *cli, struct cli_place *place)
{
    struct scenario_doc *doc;
    *place = (struct cli_place){0};
    if (!cli->cluster)
        return CLI_DONE;
    int status = cli_scenario_load(cli, cli->cluster, &doc);
    FILE *in = status == CLI_DONE ? fopen(cli->cluster, "re") : NULL;
    if (status == CLI_DONE && (!in || copy_block(in, &place->cluster) != 0))
        status = cli_fail(cli, CLI_FAILED, "%s: %s", cli->cluster, strerror(errno));
    if (status == CLI_DONE)
        status = check_profile(cli, place->cluster, scenario_base(doc));
    if (status == CLI_DONE && scenario_base(doc)->producer_count > 0)
        place->client = machine_text(&scenario_base(doc)->producers[0].machine);
    if (in)
        fclose(in);
    scenario_doc_free(doc);
    return status;
}

void cli_place_free(struct cli_place *place)
{
    free(place->cluster);
    free(place->client);
}

/* Without a word on the machine the scenario would be of another one, and look right. */
int cli_check_machines(const struct cli *cli, const struct rows *rows)
{
    for (int i = 0; i < rows->count && !cli->cluster; i++)
        if (rows->row[i].elsewhere)
            return cli_fail(cli, CLI_FAILED,
                            "%s:%d: row %s does not say what it was measured on; give a scenario "
                            "that does with --cluster FILE",
                            rows->row[i].file, rows->row[i].line, rows->row[i].id);
    return CLI_DONE;
}
