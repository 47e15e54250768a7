/* headroom COMMAND [OPTIONS] FILE... */
#include <errno.h>
#include <string.h>

#include "model/cli/cli.h"

/* What was written must have arrived, the help too: a full disk behind `> file` shows only here. */
static int close_stdout(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    if (status == CLI_DONE) {
        cli_say("standard output: %s", strerror(errno));
        status = CLI_FAILED;
    }
    return status;
}

static int unknown_command(const char *word)
{
#ifndef HAVE_RDKAFKA
    if (strcmp(word, "measure") == 0) {
        cli_say("measure: this program was built without librdkafka; install librdkafka-dev and "
                "build it again");
        return CLI_FAILED;
    }
#endif
    struct cli_guess guess = {word, NULL, 0};
    for (const struct cli_command *c = CLI_COMMANDS; c->name; c++)
        cli_guess_offer(&guess, c->name);
    cli_guess_offer(&guess, "help");
    if (guess.best)
        cli_say("unknown command %s; did you mean %s?", word, guess.best);
    else
        cli_say("unknown command %s; `headroom help` lists them", word);
    return CLI_USAGE;
}

static int help(int argc, char **argv)
{
    if (argc < 3)
        return cli_help_write(stdout) == 0 ? CLI_DONE : CLI_FAILED;
    int index = cli_command_find(argv[2]);
    if (index < 0)
        return unknown_command(argv[2]);
    return cli_help_command_write(&CLI_COMMANDS[index], stdout) == 0 ? CLI_DONE : CLI_FAILED;
}

static int completion(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[2], "bash") == 0)
        return cli_completion_write(stdout) == 0 ? CLI_DONE : CLI_FAILED;
    cli_say("--completion: expected bash");
    return CLI_USAGE;
}

static int run_command(int index, int argc, char **argv)
{
    struct cli cli;
    memset(&cli, 0, sizeof cli);
    cli.command = &CLI_COMMANDS[index];
    cli_datadir_find(&cli);
    int status = cli_options_read(&cli, argc - 1, argv + 1);
    if (status == CLI_DONE && cli.help)
        status = cli_help_command_write(cli.command, stdout) == 0 ? CLI_DONE : CLI_FAILED;
    else if (status == CLI_DONE)
        status = cli.command->run(&cli);
    cli_options_release(&cli);
    return status;
}

static int dispatch(int argc, char **argv)
{
    if (argc < 2) {
        cli_help_write(stderr);
        return CLI_USAGE;
    }
    const char *word = argv[1];
    if (strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        return help(argc, argv);
    if (strcmp(word, "--version") == 0)
        return cli_version_write(stdout) == 0 ? CLI_DONE : CLI_FAILED;
    if (strcmp(word, "--man") == 0)
        return cli_man_write(stdout) == 0 ? CLI_DONE : CLI_FAILED;
    if (strcmp(word, "--completion") == 0)
        return completion(argc, argv);
    int index = cli_command_find(word);
    return index >= 0 ? run_command(index, argc, argv) : unknown_command(word);
}

int main(int argc, char **argv)
{
    cli_signals_init();
    return close_stdout(dispatch(argc, argv));
}
