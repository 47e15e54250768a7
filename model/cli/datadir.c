#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/cli/cli.h"

static bool is_data(const char *folder)
{
    char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/scenarios/hardware/catalogue.csv", folder);
    return access(path, R_OK) == 0;
}

static void use(struct cli *cli, const char *folder)
{
    snprintf(cli->scenarios, sizeof cli->scenarios, "%.4000s/scenarios", folder);
    snprintf(cli->plots, sizeof cli->plots, "%.4000s/plots", folder);
}

#define INSTALLED "/share/headroom" /* beside bin/, wherever both were moved to */

/* build/headroom and build/clang/headroom have the source tree one and two folders above theirs. */
static bool find_around_program(char folder[PATH_MAX])
{
    ssize_t n = readlink("/proc/self/exe", folder, PATH_MAX - 1);
    if (n <= 0)
        return false;
    folder[n] = 0;
    for (int up = 0; up < 3; up++) {
        char *slash = strrchr(folder, '/');
        if (!slash || slash == folder)
            return false;
        *slash = 0;
        if (up > 0 && is_data(folder))
            return true;
        size_t end = strlen(folder);
        if (up == 1 && end + sizeof INSTALLED < PATH_MAX) {
            strcpy(folder + end, INSTALLED);
            if (is_data(folder))
                return true;
            folder[end] = 0;
        }
    }
    return false;
}

void cli_datadir_find(struct cli *cli)
{
    char folder[PATH_MAX];
    const char *own = getenv("HEADROOM_DATADIR");
    if (own && own[0])
        use(cli, own);
    else if (find_around_program(folder))
        use(cli, folder);
    else
        use(cli, HEADROOM_DATADIR);
}
