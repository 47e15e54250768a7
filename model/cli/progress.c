#include <string.h>
#include <time.h>
#include <unistd.h>

#include "model/cli/cli.h"
#include "model/report/number.h"

enum { REDRAW_NS = 100000000 };

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void cli_progress_init(struct cli_progress *progress, const struct cli *cli)
{
    memset(progress, 0, sizeof *progress);
    progress->on = !cli->quiet && isatty(STDERR_FILENO);
    progress->start_ns = now_ns();
}

double cli_progress_elapsed_s(const struct cli_progress *progress)
{
    return (double)(now_ns() - progress->start_ns) / 1e9;
}

/* One line, redrawn: "  43 %  replication 5 of 10, 4 s left". */
void cli_progress_show(void *context, double done_ratio, const char *what)
{
    struct cli_progress *progress = context;
    int64_t now = now_ns();
    if (!progress->on || (progress->shown_ns && now - progress->shown_ns < REDRAW_NS))
        return;
    progress->shown_ns = now;
    char left[REPORT_CELL_MAX] = "";
    double elapsed_s = (double)(now - progress->start_ns) / 1e9;
    if (done_ratio > 0.02 && elapsed_s > 0.5)
        report_duration(left, elapsed_s * (1 - done_ratio) / done_ratio);
    fprintf(stderr, "\r\033[K  %3.0f %%  %.50s%s%.12s%s", done_ratio * 100, what,
            left[0] ? ", " : "", left, left[0] ? " left" : "");
    fflush(stderr);
}

void cli_progress_clear(struct cli_progress *progress)
{
    if (progress->on && progress->shown_ns)
        fputs("\r\033[K", stderr);
    progress->shown_ns = 0;
}
