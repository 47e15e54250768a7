#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "model/cli/cli.h"
#include "model/report/escape.h"
#include "model/report/json_write.h"

static void say(const char *format, va_list args)
{
    char *text;
    if (vasprintf(&text, format, args) < 0)
        abort();
    char *clean = report_clean(text);
    fprintf(stderr, "headroom: %s\n", clean);
    free(clean);
    free(text);
}

void cli_say(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(format, args);
    va_end(args);
}

void cli_note(const struct cli *cli, const char *format, ...)
{
    if (cli->quiet)
        return;
    va_list args;
    va_start(args, format);
    say(format, args);
    va_end(args);
}

static void put_json_error(int status, const char *text)
{
    struct json_writer w;
    json_put_init(&w, stdout);
    json_put_object_begin(&w);
    json_put_key(&w, "error");
    json_put_object_begin(&w);
    json_put_key(&w, "message"), json_put_string(&w, text);
    json_put_key(&w, "status"), json_put_int(&w, status);
    json_put_object_end(&w);
    json_put_object_end(&w);
    json_put_finish(&w);
    fflush(stdout);
}

int cli_fail(const struct cli *cli, int status, const char *format, ...)
{
    char text[600];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    cli_say("%s", text);
    if (cli->format == CLI_JSON)
        put_json_error(status, text);
    return status;
}

/* ---- the nearest word ---- */

enum { WORD_MAX = 40 };

static int least(int a, int b, int c)
{
    int ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Edits from a to b: insert, delete, replace, swap two neighbours. Words longer than WORD_MAX are far from everything. */
static int distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    if (n > WORD_MAX || m > WORD_MAX)
        return WORD_MAX;
    int d[WORD_MAX + 1][WORD_MAX + 1];
    for (size_t i = 0; i <= n; i++) {
        for (size_t k = 0; k <= m; k++) {
            if (i == 0 || k == 0) {
                d[i][k] = (int)(i + k);
                continue;
            }
            bool differ = a[i - 1] != b[k - 1];
            d[i][k] = least(d[i - 1][k] + 1, d[i][k - 1] + 1, d[i - 1][k - 1] + differ);
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
                d[i][k] = least(d[i][k], d[i - 2][k - 2] + 1, WORD_MAX);
        }
    }
    return d[n][m];
}

/* Two mistakes at most, in fewer than half of the letters; or the beginning of the word. */
void cli_guess_offer(struct cli_guess *guess, const char *candidate)
{
    size_t n = strlen(guess->word);
    bool start = n >= 3 && strncmp(guess->word, candidate, n) == 0;
    int d = start ? 1 : distance(guess->word, candidate);
    if (d > 2 || 2 * d >= (int)strlen(candidate) || (guess->best && d >= guess->best_distance))
        return;
    guess->best = candidate;
    guess->best_distance = d;
}
