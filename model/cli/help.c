#include <string.h>

#include "model/cli/cli.h"

static const char FOOT[] =
    "\nExit status: 0 done, 1 failed, 2 usage, 3 bad scenario, 4 an SLO or limit is\n"
    "missed, 5 undecided, 6 a limit of the run was hit, 130 and 143\n"
    "ended by SIGINT and SIGTERM. Results go to standard output and files, messages\n"
    "to standard error.\n";

int cli_help_write(FILE *out)
{
    fputs("Usage: headroom COMMAND [OPTIONS] FILE...\n"
          "Capacity planning for Kafka-style event streaming: runs real log code on simulated\n"
          "hardware.\n\nCommands\n",
          out);
    for (const struct cli_command *c = CLI_COMMANDS; c->name; c++) {
        char call[40];
        snprintf(call, sizeof call, "%s %s", c->name, c->files);
        fprintf(out, "  %-16s %s\n", call, c->summary);
    }
    fputs("  help [COMMAND]   this, or what one command does and takes\n"
          "\n  --version, --help, --man, --completion bash\n"
          "\nFirst steps\n"
          "  headroom new > mine.yaml\n"
          "  headroom run mine.yaml\n",
          out);
    fputs(FOOT, out);
    return ferror(out) ? -1 : 0;
}

/* Words of text in lines of at most 78 columns. */
static void put_filled(const char *text, FILE *out)
{
    size_t column = 0;
    while (*text) {
        size_t n = strcspn(text, " ");
        if (column + n > 78) {
            fputc('\n', out);
            column = 0;
        } else if (column > 0) {
            fputc(' ', out);
            column++;
        }
        fwrite(text, 1, n, out);
        column += n;
        text += n;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

static void put_option(const struct cli_option *o, FILE *out)
{
    char call[48], letter[8] = "    ";
    if (o->letter)
        snprintf(letter, sizeof letter, "-%c, ", o->letter);
    snprintf(call, sizeof call, "%s--%s%s%s", letter, o->name, o->argument ? " " : "",
             o->argument ? o->argument : "");
    fprintf(out, "  %-24s %s\n", call, o->help);
}

int cli_help_command_write(const struct cli_command *command, FILE *out)
{
    fprintf(out, "Usage: headroom %s [OPTIONS]%s%s\n", command->name, command->files[0] ? " " : "",
            command->files);
    put_filled(command->text, out);
    fputs("\nOptions\n", out);
    for (const struct cli_option *o = CLI_OPTIONS; o->name; o++)
        if (cli_option_fits(o, command))
            put_option(o, out);
    fputs(FOOT, out);
    return ferror(out) ? -1 : 0;
}

int cli_version_write(FILE *out)
{
    fputs("headroom " HEADROOM_VERSION "\n"
          "License GPL-3.0-or-later: free software; there is NO WARRANTY, to the extent\n"
          "permitted by law.\n",
          out);
    return ferror(out) ? -1 : 0;
}
