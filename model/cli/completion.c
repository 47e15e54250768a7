#include "model/cli/cli.h"

static const char HEAD[] =
    "# bash completion for headroom; written by `headroom --completion bash`\n"
    "_headroom() {\n"
    "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} options='' "
    "formats=''\n"
    "  if [ \"$COMP_CWORD\" = 1 ]; then\n"
    "    COMPREPLY=($(compgen -W '";

static const char VALUES[] = "help --help --version --man --completion' -- \"$word\"))\n"
                             "    return\n"
                             "  fi\n";

static const char BEFORE[] = "  case $before in\n"
                             "    --format)\n"
                             "      COMPREPLY=($(compgen -W \"$formats\" -- \"$word\"))\n"
                             "      return ;;\n"
                             "    --preset)\n"
                             "      COMPREPLY=($(compgen -W \"$(headroom new --list 2>/dev/null | "
                             "sed -n 's/^\\([a-z0-9-]*\\).*/\\1/p')\" "
                             "-- \"$word\"))\n"
                             "      return ;;\n"
                             "  esac\n";

static const char TAIL[] = "  case $word in\n"
                           "    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
                           "    *) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n"
                           "  esac\n"
                           "}\n"
                           "complete -o filenames -F _headroom headroom\n";

int cli_completion_write(FILE *out)
{
    fputs(HEAD, out);
    for (const struct cli_command *c = CLI_COMMANDS; c->name; c++)
        fprintf(out, "%s ", c->name);
    fputs(VALUES, out);
    fputs("  case ${COMP_WORDS[1]} in\n", out);
    for (const struct cli_command *c = CLI_COMMANDS; c->name; c++) {
        fprintf(out, "    %s) formats='%s'; options='", c->name, cli_formats(c));
        for (const struct cli_option *o = CLI_OPTIONS; o->name; o++)
            if (cli_option_fits(o, c))
                fprintf(out, "--%s ", o->name);
        fputs("' ;;\n", out);
    }
    fputs("  esac\n", out);
    fputs(BEFORE, out);
    fputs(TAIL, out);
    return ferror(out) ? -1 : 0;
}
