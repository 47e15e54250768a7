/* The list of all errors of a file, and the guess at what was meant. */
#include "model/scenario/scenario_internal.h"

#include <stdarg.h>
#include <string.h>

void scenario_errors_init(struct scenario_errors *errors, struct scenario_arena *arena)
{
    *errors = (struct scenario_errors){.arena = arena};
    errors->list = scenario_arena_take(arena, sizeof *errors->list * (SCENARIO_ERRORS_MAX + 1));
}

/* Names of things come into messages whole; none may move a terminal's cursor. */
static char *printable(struct scenario_arena *arena, const char *text)
{
    size_t used = 0;
    char *out = scenario_arena_take(arena, 4 * strlen(text) + 1);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c == 0x7f)
            used += (size_t)sprintf(out + used, "\\x%02x", c);
        else
            out[used++] = (char)c;
    }
    return out;
}

void scenario_errors_add(struct scenario_errors *errors, struct scenario_place at,
                         const char *format, ...)
{
    if (errors->count >= SCENARIO_ERRORS_MAX) {
        errors->left_out++;
        return;
    }
    va_list args;
    va_start(args, format);
    const char *text = scenario_arena_vprintf(errors->arena, format, args);
    va_end(args);
    struct scenario_error *e = &errors->list[errors->count++];
    *e = (struct scenario_error){
        .source = at.source ? at.source : "", .line = at.line, .column = at.column};
    e->message = printable(errors->arena, text);
}

static int place_compare(const struct scenario_error *a, const struct scenario_error *b)
{
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    if (a->column != b->column)
        return a->column < b->column ? -1 : 1;
    return 0;
}

/* Two variants may make the same mistake at the same place. */
static void drop_repeated(struct scenario_errors *errors)
{
    int kept = 0;
    for (int i = 0; i < errors->count; i++) {
        const struct scenario_error *e = &errors->list[i];
        bool is_same = kept > 0 && place_compare(&errors->list[kept - 1], e) == 0 &&
                       strcmp(errors->list[kept - 1].source, e->source) == 0 &&
                       strcmp(errors->list[kept - 1].message, e->message) == 0;
        if (!is_same)
            errors->list[kept++] = *e;
    }
    errors->count = kept;
}

/* Stable, so that errors of one place keep the order in which they were found. Options (line 0) come first. */
void scenario_errors_sort(struct scenario_errors *errors)
{
    for (int i = 1; i < errors->count; i++) {
        struct scenario_error e = errors->list[i];
        int j = i;
        for (; j > 0 && place_compare(&errors->list[j - 1], &e) > 0; j--)
            errors->list[j] = errors->list[j - 1];
        errors->list[j] = e;
    }
    drop_repeated(errors);
    if (errors->left_out > 0) {
        struct scenario_error *last = &errors->list[errors->count++];
        last->source = errors->list[0].source;
        last->message =
            scenario_arena_printf(errors->arena, "%d more errors are not shown", errors->left_out);
        errors->left_out = 0;
    }
}

const char *scenario_shown(struct scenario_arena *arena, const char *text)
{
    enum { SHOWN_MAX = 60 }; /* half a line of a terminal */
    char *out = scenario_arena_take(arena, 4 * SHOWN_MAX + 4);
    size_t used = 0, i = 0;
    for (; text[i] && i < SHOWN_MAX; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c == 0x7f)
            used += (size_t)sprintf(out + used, "\\x%02x", c);
        else
            out[used++] = (char)c;
    }
    while (text[i] && used > 0 && ((unsigned char)text[i] & 0xc0) == 0x80) {
        /* The cut is inside a character: take all of it away. */
        unsigned char c = (unsigned char)out[--used];
        i--;
        if ((c & 0xc0) != 0x80)
            break;
    }
    if (text[i])
        memcpy(out + used, "...", 3);
    return out;
}

/* Optimal string alignment over three rows. */
int scenario_distance(const char *a, const char *b)
{
    enum { LOOKED_AT = 250 };
    int rows[3][LOOKED_AT + 1];
    int n = (int)strnlen(a, LOOKED_AT), m = (int)strnlen(b, LOOKED_AT);
    int *before = rows[0], *above = rows[1], *row = rows[2];
    for (int j = 0; j <= m; j++)
        above[j] = before[j] = j;
    for (int i = 1; i <= n; i++) {
        row[0] = i;
        for (int j = 1; j <= m; j++) {
            int best = above[j - 1] + (a[i - 1] != b[j - 1]);
            best = above[j] + 1 < best ? above[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            row[j] = best;
        }
        int *spare = before;
        before = above;
        above = row;
        row = spare;
    }
    return above[m];
}

void scenario_guess_init(struct scenario_guess *guess, const char *word)
{
    *guess = (struct scenario_guess){.word = word};
    /* A third of the letters may be wrong: below that, a proposal misleads more often than it helps. */
    guess->best_distance = (int)strnlen(word, 250) / 3 + 1;
    if (guess->best_distance > 4)
        guess->best_distance = 4;
}

/* "broker" for "one broker": half of what was to be written, without a slip. */
static bool is_last_word(const char *word, const char *candidate)
{
    const char *last = strrchr(candidate, ' ');
    return last && strcmp(last + 1, word) == 0;
}

/* "linger" for "linger.ms": the unit that Kafka puts behind the name is left out. */
static bool lacks_unit(const char *word, const char *candidate)
{
    size_t length = strlen(word);
    return strncmp(word, candidate, length) == 0 && candidate[length] == '.' &&
           !strchr(candidate + length + 1, '.');
}

void scenario_guess_offer(struct scenario_guess *guess, const char *candidate)
{
    bool half = is_last_word(guess->word, candidate) || lacks_unit(guess->word, candidate);
    int distance = half ? 1 : scenario_distance(guess->word, candidate);
    if (distance < guess->best_distance && distance < (int)strlen(candidate)) {
        guess->best_distance = distance;
        guess->best = candidate;
    }
}

const char *scenario_guess_text(const struct scenario_guess *guess, struct scenario_arena *arena)
{
    return guess->best ? scenario_arena_printf(arena, "; did you mean \"%s\"?", guess->best) : "";
}
