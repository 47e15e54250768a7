/* See result_text.h; the same texts in the memory of a result: result.h. */
#include "model/cluster/result_text.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sim/memory.h"

/* ---- one number ---- */

double result_power10(int n)
{
    double p = 1;
    for (int i = 0; i < n; i++)
        p *= 10;
    return p;
}

/* Compared, not by log10: this folder calls no libm, and 1000 has three zeros wherever it is compiled. */
int result_exponent10(double value)
{
    int n = 0;
    if (!(value > 0) || isinf(value))
        return 0;
    while (value >= result_power10(n + 1))
        n++;
    while (n <= 0 && value < 1 / result_power10(-n))
        n--;
    return n;
}

double result_round(double value, int decimals)
{
    double p = result_power10(abs(decimals));
    return decimals >= 0 ? round(value * p) / p : round(value / p) * p;
}

/* Commas between the digits before the point. */
static void group(char text[RESULT_NUMBER_MAX], const char *plain)
{
    const char *digits = plain + (*plain == '-');
    size_t whole = strspn(digits, "0123456789");
    size_t n = 0;
    if (*plain == '-')
        text[n++] = '-';
    for (size_t i = 0; i < whole && n + 2 < RESULT_NUMBER_MAX; i++) {
        if (i > 0 && (whole - i) % 3 == 0)
            text[n++] = ',';
        text[n++] = digits[i];
    }
    for (const char *p = digits + whole; *p && n + 1 < RESULT_NUMBER_MAX; p++)
        text[n++] = *p;
    text[n] = 0;
}

void result_number_text(char text[RESULT_NUMBER_MAX], double value, int decimals)
{
    if (!isfinite(value) || fabs(value) > 1e18) {
        snprintf(text, RESULT_NUMBER_MAX, "-");
        return;
    }
    char plain[RESULT_NUMBER_MAX];
    double rounded = result_round(value, decimals) + 0.0; /* -0 becomes 0 */
    int shown = decimals < 0 ? 0 : decimals > 9 ? 9 : decimals;
    snprintf(plain, sizeof plain, "%.*f", shown, rounded);
    group(text, plain);
}

const char *result_count(struct result *result, uint64_t count)
{
    char plain[RESULT_NUMBER_MAX], grouped[RESULT_NUMBER_MAX];
    snprintf(plain, sizeof plain, "%" PRIu64, count);
    group(grouped, plain);
    return result_string(result, grouped);
}

/* ---- a share and its limit ---- */

bool result_same_side(double shown, double value, double limit)
{
    return (shown < limit) == (value < limit) && (shown > limit) == (value > limit);
}

int result_decimals_beside(double value, double limit, int least)
{
    int most = RESULT_DIGITS_BESIDE - 1 - result_exponent10(fabs(value));
    for (int decimals = least; decimals <= (most > least ? most : least); decimals++)
        if (result_same_side(result_round(value, decimals), value, limit))
            return decimals;
    return least;
}

/* As somebody stated it: 0.01 divided by 0.01 is 1 but for rounding. */
static int decimals_stated(double limit)
{
    int decimals = 0;
    while (decimals < 9 && fabs(result_round(limit, decimals) - limit) > 1e-9 * fabs(limit))
        decimals++;
    return decimals;
}

void result_beside_text(char text[RESULT_NUMBER_MAX], double rounded, double value, double limit,
                        int decimals)
{
    char number[RESULT_NUMBER_MAX];
    if (value == limit || result_same_side(rounded, value, limit)) {
        result_number_text(text, rounded, decimals);
        return;
    }
    result_number_text(number, limit, decimals_stated(limit));
    snprintf(text, RESULT_NUMBER_MAX, "%c %.60s", value < limit ? '<' : '>', number);
}

static bool is_small(double limit)
{
    return isfinite(limit) && limit < 0.01;
}

int result_percent_decimals(double ratio, double limit)
{
    if (is_small(limit) && ratio != 0)
        return 1 - result_exponent10(fabs(ratio / 0.01));
    return fabs(ratio) >= 0.01 || ratio == 0 ? 0 : 1;
}

void result_percent_text(char text[RESULT_NUMBER_MAX], const struct result_estimate *e,
                         double limit)
{
    char number[RESULT_NUMBER_MAX] = "< 0.1";
    double shown = e->value / 0.01, most = limit / 0.01;
    int decimals = result_decimals_beside(shown, most, result_percent_decimals(e->value, limit));
    if (!(e->value > 0 && e->value < 0.0005) || is_small(limit))
        result_beside_text(number, result_round(shown, decimals), shown, most, decimals);
    snprintf(text, RESULT_NUMBER_MAX, "%.60s %%", number);
}

const char *result_percent(struct result *result, double ratio, double limit)
{
    char text[RESULT_NUMBER_MAX];
    struct result_estimate e = result_exact(ratio);
    result_percent_text(text, &e, limit);
    return result_string(result, text);
}

/* ---- time ---- */

/* Settings such as Kafka's largest long mean that it never comes. */
static const double NEVER_S = 10000 * 365 * 86400.0;

void result_duration_text(char text[32], double s)
{
    if (s < 9.5)
        snprintf(text, 32, "%.2g s", s);
    else if (s < 120)
        snprintf(text, 32, "%.0f s", s);
    else if (s < 7200)
        snprintf(text, 32, s < 570 ? "%.2g min" : "%.0f min", s < 570 ? s / 60 : floor(s / 60));
    else if (s < 2 * 86400)
        snprintf(text, 32, "%.3g h", s / 3600);
    else if (s < NEVER_S)
        snprintf(text, 32, s < 999.5 * 86400 ? "%.3g d" : "%.0f d", s / 86400);
    else
        snprintf(text, 32, "more than 10,000 years");
}

const char *result_duration(struct result *result, double s)
{
    char text[32];
    result_duration_text(text, s);
    return result_string(result, text);
}

void result_day_text(char text[32], double day)
{
    if (day >= 1)
        snprintf(text, 32, "on day %.0f", floor(day));
    else
        snprintf(text, 32, "%s", day > 0 ? "within a day" : "from the start");
}

const char *result_day(struct result *result, double day)
{
    char text[32];
    result_day_text(text, day);
    return result_string(result, text);
}

/* ---- sentences ---- */

/* 16.1 trillion: from a billion on nobody counts commas. */
static bool put_words(FILE *out, double value)
{
    static const struct {
        double size;
        const char *word;
    } words[] = {{1e12, "trillion"}, {1e9, "billion"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (value >= words[i].size && value < 1e6 * words[i].size) {
            fprintf(out, "%.4g %s", value / words[i].size, words[i].word);
            return true;
        }
    return false;
}

/* %g writes 97,660 as 9.766e+04, which nobody reads: whole digits, grouped by three, or words take its place. */
static void put_readable(FILE *out, const char *text)
{
    while (*text) {
        size_t digits = strspn(text, "0123456789.");
        if (digits == 0 || strncmp(text + digits, "e+", 2) != 0) {
            size_t length = digits ? digits : 1;
            fwrite(text, 1, length, out);
            text += length;
            continue;
        }
        char *end, plain[RESULT_NUMBER_MAX], grouped[RESULT_NUMBER_MAX];
        double value = strtod(text, &end);
        snprintf(plain, sizeof plain, "%.0f", value);
        group(grouped, plain);
        if (!put_words(out, value))
            fputs(grouped, out);
        text = end;
    }
}

static const char *readable(struct result *result, const char *text)
{
    char *written = NULL;
    size_t size = 0;
    FILE *out = sim_checked(open_memstream(&written, &size));
    put_readable(out, text);
    fclose(out);
    const char *kept = result_string(result, sim_checked(written));
    free(written);
    return kept;
}

const char *result_format(struct result *result, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(length >= 0);
    char *text = result_alloc(result, (size_t)length + 1, 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return strstr(text, "e+") ? readable(result, text) : text;
}
