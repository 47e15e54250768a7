#include "model/report/gnuplot.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/report/escape.h"

enum { LITERAL_COLUMNS = 200 };

void gnuplot_put_literal(FILE *out, const char *text)
{
    char *clean = report_clip(text, LITERAL_COLUMNS);
    fputc('\'', out);
    for (const char *p = clean; *p; p++) {
        if (*p == '\'')
            fputs(
                "’",
                out); /* gnuplot 5.4 takes a doubled quote at the start of a literal for its end */
        else
            fputc(*p == '\\' ? '/' : *p,
                  out); /* a backslash before a line's end would join lines */
    }
    fputc('\'', out);
    free(clean);
}

/* A figure of ours takes 0.1 s, 60 MB and 0.2 MB; these are far beyond and still harmless. */
static void limit_child(void)
{
    const struct rlimit cpu = {60, 60}, memory = {2000000000, 2000000000},
                        file = {100000000, 100000000};
    setrlimit(RLIMIT_CPU, &cpu);
    setrlimit(RLIMIT_AS, &memory);
    setrlimit(RLIMIT_FSIZE, &file);
}

static void be_gnuplot(const char *folder, const char *script, const char *set_format, int words)
{
    int nothing = open("/dev/null", O_RDONLY);
    if (nothing < 0 || dup2(nothing, 0) < 0 || dup2(words, 1) < 0 || dup2(words, 2) < 0 ||
        chdir(folder) != 0)
        _exit(126);
    limit_child();
    char *argv[] = {(char *)"gnuplot",  (char *)"-d",   (char *)"-e",
                    (char *)set_format, (char *)script, NULL};
    char *envp[] = {(char *)"LC_ALL=C.UTF-8", (char *)"GNUTERM=unknown", NULL};
    execvpe("gnuplot", argv, envp);
    _exit(errno == ENOENT ? 127 : 126);
}

static bool is_plain(const char *name)
{
    return name[0] && name[0] != '-' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") == strlen(name);
}

/* What gnuplot says, up to the first `size` bytes, until it closes its end or we are to stop. */
static void listen_to(int words, char *said, size_t size, volatile sig_atomic_t *stop)
{
    size_t n = 0;
    for (;;) {
        struct pollfd wait = {words, POLLIN, 0};
        if (stop && *stop)
            break;
        int ready = poll(&wait, 1, 200);
        if (ready < 0 && errno != EINTR)
            break;
        if (ready <= 0)
            continue;
        char piece[512];
        ssize_t got = read(words, piece, sizeof piece);
        if (got <= 0)
            break;
        size_t keep = size - 1 - n < (size_t)got ? size - 1 - n : (size_t)got;
        memcpy(said + n, piece, keep);
        n += keep;
    }
    said[n] = 0;
}

/* gnuplot repeats the line at fault with a caret below it. */
static void one_line(char *line, size_t size, const char *said)
{
    size_t n = 0;
    for (; *said && n + 1 < size; said++) {
        bool space =
            *said == ' ' || *said == '\n' || *said == '\t' || *said == '\r' || *said == '^';
        if (!space)
            line[n++] = *said;
        else if (n > 0 && line[n - 1] != ' ')
            line[n++] = ' ';
    }
    line[n] = 0;
}

static int judge(int status, const char *script, const char *said, struct broker_err *err)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return BROKER_OK;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
        return broker_err_set(err, BROKER_EMISSING, "gnuplot is not installed");
    char line[sizeof(struct broker_err)];
    one_line(line, sizeof line, said);
    char *clean = report_clip(line, 160);
    broker_err_set(err, BROKER_EIO, "gnuplot %s: %s", script, clean);
    free(clean);
    return BROKER_EIO;
}

int gnuplot_run(const char *folder, const char *script, const char *format,
                volatile sig_atomic_t *stop, struct broker_err *err)
{
    assert(is_plain(script) && is_plain(format));
    char set_format[64];
    snprintf(set_format, sizeof set_format, "FORMAT='%s'", format);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return broker_err_set(err, BROKER_EIO, "pipe: %s", strerror(errno));
    pid_t child = fork();
    if (child == 0)
        be_gnuplot(folder, script, set_format, ends[1]);
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        return broker_err_set(err, BROKER_EIO, "fork: %s", strerror(errno));
    }
    char said[512];
    listen_to(ends[0], said, sizeof said, stop);
    close(ends[0]);
    if (stop && *stop)
        kill(child, SIGKILL);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (stop && *stop)
        return broker_err_set(err, BROKER_EIO, "stopped");
    return judge(status, script, said, err);
}
