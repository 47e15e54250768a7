#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "model/cli/cli.h"
#include "model/report/escape.h"
#include "model/report/json_write.h"
#include "model/report/outputs.h"
#include "model/report/result_json.h"
#include "sim/memory.h"

/* Errors as JSON too, so that a program that asked for JSON gets JSON in any case. */
static void put_json_errors(const struct scenario_doc *doc, int status)
{
    struct json_writer w;
    json_put_init(&w, stdout);
    json_put_object_begin(&w);
    json_put_key(&w, "error");
    json_put_object_begin(&w);
    json_put_key(&w, "messages");
    json_put_array_begin(&w);
    for (int i = 0; i < scenario_error_count(doc); i++) {
        const struct scenario_error *e = scenario_error_at(doc, i);
        json_put_object_begin_inline(&w);
        json_put_key(&w, "column"), json_put_int(&w, e->column);
        json_put_key(&w, "line"), json_put_int(&w, e->line);
        json_put_key(&w, "message"), json_put_string(&w, e->message);
        json_put_key(&w, "source"), json_put_string(&w, e->source);
        json_put_object_end(&w);
    }
    json_put_array_end(&w);
    json_put_key(&w, "status"), json_put_int(&w, status);
    json_put_object_end(&w);
    json_put_object_end(&w);
    json_put_finish(&w);
    fflush(stdout);
}

/* SOURCE:LINE:COLUMN: MESSAGE lines; a file's name may hold anything, a terminal must not obey it. */
static void say_errors(const struct scenario_doc *doc)
{
    char *text = NULL;
    size_t size = 0;
    FILE *memory = sim_checked(open_memstream(&text, &size));
    scenario_errors_write(doc, memory);
    fclose(memory);
    for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = 0;
        char *clean = report_clean(line);
        fprintf(stderr, "%s\n", clean);
        free(clean);
    }
    free(text);
}

int cli_scenario_load(struct cli *cli, const char *path, struct scenario_doc **doc)
{
    static const int statuses[] = {[SCENARIO_OK] = CLI_DONE,
                                   [SCENARIO_EINVALID] = CLI_SCENARIO,
                                   [SCENARIO_EIO] = CLI_FAILED,
                                   [SCENARIO_ELIMIT] = CLI_LIMIT};
    struct scenario_options options = {.datadir = cli->scenarios,
                                       .sets = cli->sets,
                                       .set_count = cli->set_count,
                                       .quick = cli->quick};
    int status = statuses[scenario_load(path, &options, doc)];
    if (status == CLI_DONE)
        return status;
    say_errors(*doc);
    if (cli->format == CLI_JSON)
        put_json_errors(*doc, status);
    return status;
}

static FILE *open_result(const char *path, char name[PATH_MAX])
{
    struct stat status;
    snprintf(name, PATH_MAX, "%.4000s", path);
    if (strcmp(path, "-") == 0) {
        snprintf(name, PATH_MAX, "standard input");
        return stdin;
    }
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        snprintf(name, PATH_MAX, "%.4000s/result.json", path);
    return fopen(name, "r");
}

int cli_result_load(struct cli *cli, const char *path, struct result **result)
{
    char name[PATH_MAX];
    struct broker_err err = {""};
    *result = NULL;
    FILE *in = open_result(path, name);
    if (!in)
        return cli_fail(cli, CLI_FAILED, "%s: %s", name, strerror(errno));
    int rc = report_json_read(in, name, result, &err);
    if (in != stdin)
        fclose(in);
    return rc == BROKER_OK ? CLI_DONE : cli_fail(cli, CLI_FAILED, "%s", err.text);
}

const struct result *cli_variant(const struct cli *cli, const struct result *result)
{
    if (!cli->variant)
        return result;
    struct cli_guess guess = {cli->variant, NULL, 0};
    for (uint32_t i = 0; i < result->variant_count; i++) {
        if (strcmp(result->variants[i]->variant, cli->variant) == 0)
            return result->variants[i];
        cli_guess_offer(&guess, result->variants[i]->variant);
    }
    if (guess.best)
        cli_fail(cli, CLI_USAGE, "no variant %s; did you mean %s?", cli->variant, guess.best);
    else
        cli_fail(cli, CLI_USAGE, "no variant %s", cli->variant);
    return NULL;
}
