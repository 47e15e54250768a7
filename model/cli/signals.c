#include <string.h>
#include <time.h>

#include "model/cli/cli.h"

volatile sig_atomic_t cli_stop;

static int64_t first_at_s;

static int64_t now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/*
 * One press of ^C may arrive twice: timeout(1) and other wrappers pass on to their child what its process group got already. So a
 * second signal ends the program only when somebody meant it, a second or two after the first; else measure's topics would stay.
 */
static void on_signal(int number)
{
    if (cli_stop == 0) {
        first_at_s = now_s();
        cli_stop = number;
    } else if (now_s() > first_at_s + 1) {
        signal(number, SIG_DFL);
        raise(number);
    }
}

void cli_signals_init(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
}
