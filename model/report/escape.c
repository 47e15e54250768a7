#include "model/report/escape.h"

#include <stdlib.h>
#include <string.h>

#include "sim/memory.h"

static bool utf8_tail(const unsigned char *p, int n)
{
    for (int i = 1; i <= n; i++)
        if ((p[i] & 0xC0) != 0x80)
            return false;
    return true;
}

/* Smallest code point that may be written with n continuation bytes. */
static const int32_t UTF8_SMALLEST[] = {0, 0x80, 0x800, 0x10000};

int32_t report_utf8_next(const char **text)
{
    const unsigned char *p = (const unsigned char *)*text;
    if (p[0] == 0)
        return 0;
    if (p[0] < 0x80) {
        *text += 1;
        return p[0];
    }
    int n = p[0] >= 0xF0 && p[0] < 0xF8 ? 3 : p[0] >= 0xE0 ? 2 : p[0] >= 0xC0 ? 1 : 0;
    if (n == 0 || p[0] >= 0xF8 || !utf8_tail(p, n)) {
        *text += 1;
        return -1;
    }
    int32_t c = p[0] & (0x3F >> n);
    for (int i = 1; i <= n; i++)
        c = c << 6 | (p[i] & 0x3F);
    bool surrogate = c >= 0xD800 && c <= 0xDFFF;
    if (c < UTF8_SMALLEST[n] || c > 0x10FFFF || surrogate) {
        *text += 1;
        return -1;
    }
    *text += n + 1;
    return c;
}

static bool is_combining(int32_t c)
{
    return (c >= 0x300 && c <= 0x36F) || (c >= 0x1AB0 && c <= 0x1AFF) ||
           (c >= 0x1DC0 && c <= 0x1DFF) || (c >= 0x20D0 && c <= 0x20FF) || c == 0x200B ||
           c == 0x200C || c == 0x200D || (c >= 0xFE00 && c <= 0xFE0F);
}

static bool is_wide(int32_t c)
{
    return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) ||
           (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
           (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
           (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF) ||
           (c >= 0x20000 && c <= 0x3FFFD);
}

/* What must not reach a terminal or a page as it is: controls, direction overrides, line and paragraph separators. */
static bool is_unsafe(int32_t c)
{
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x200E || c == 0x200F || c == 0x061C ||
           (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x2028 ||
           c == 0x2029 || c == 0xFEFF || c == 0xFFFE || c == 0xFFFF;
}

int report_width(const char *text)
{
    int width = 0;
    for (int32_t c; (c = report_utf8_next(&text)) != 0;)
        width += c < 0 ? 4 : is_combining(c) ? 0 : is_wide(c) ? 2 : 1;
    return width;
}

static void put_raw(FILE *out, const char *from, const char *to)
{
    fwrite(from, 1, (size_t)(to - from), out);
}

static void put_hex(FILE *out, const char *from, const char *to)
{
    for (; from < to; from++)
        fprintf(out, "\\x%02X", (unsigned char)*from);
}

static void put_clean(FILE *out, const char *text)
{
    for (;;) {
        const char *from = text;
        int32_t c = report_utf8_next(&text);
        if (c == 0)
            return;
        if (is_unsafe(c))
            put_hex(out, from, text);
        else
            put_raw(out, from, text);
    }
}

static FILE *memory_open(char **text, size_t *size)
{
    FILE *out = sim_checked(open_memstream(text, size));
    return out;
}

char *report_clean(const char *text)
{
    char *clean;
    size_t size;
    FILE *out = memory_open(&clean, &size);
    put_clean(out, text);
    fclose(out);
    return clean;
}

char *report_clip(const char *text, int columns)
{
    char *clean = report_clean(text);
    if (report_width(clean) <= columns)
        return clean;
    const char *p = clean;
    const char *end = clean;
    for (int width = 0; *p; end = p) {
        int32_t c = report_utf8_next(&p);
        width += is_combining(c) ? 0 : is_wide(c) ? 2 : 1;
        if (width > columns - 1)
            break;
    }
    size_t keep = (size_t)(end - clean);
    char *clip = sim_checked(malloc(keep + sizeof "…"));
    memcpy(clip, clean, keep);
    strcpy(clip + keep, "…");
    free(clean);
    return clip;
}

char *report_clip_middle(const char *text, int columns)
{
    char *clean = report_clean(text), *joined;
    if (report_width(clean) <= columns)
        return clean;
    char *head = report_clip(clean, columns / 2);
    const char *tail = clean;
    while (report_width(tail) > columns - columns / 2)
        report_utf8_next(&tail);
    if (asprintf(&joined, "%s%s", head, tail) < 0)
        abort();
    free(head);
    free(clean);
    return joined;
}

void report_put_html(FILE *out, const char *text)
{
    for (;;) {
        const char *from = text;
        int32_t c = report_utf8_next(&text);
        if (c == 0)
            return;
        if (c == '&')
            fputs("&amp;", out);
        else if (c == '<')
            fputs("&lt;", out);
        else if (c == '>')
            fputs("&gt;", out);
        else if (c == '"')
            fputs("&quot;", out);
        else if (c == '\'')
            fputs("&#39;", out);
        else if (is_unsafe(c) && c != '\n' && c != '\t')
            put_hex(out, from, text);
        else
            put_raw(out, from, text);
    }
}

void report_put_markdown(FILE *out, const char *text)
{
    for (;;) {
        const char *from = text;
        int32_t c = report_utf8_next(&text);
        if (c == 0)
            return;
        if (c == '\n' || c == '\t' || c == '\r')
            fputc(' ', out);
        else if (c == '&')
            fputs("&amp;", out);
        else if (c == '<')
            fputs("&lt;", out);
        else if (c == '>')
            fputs("&gt;", out);
        else if (is_unsafe(c))
            fputc('\\', out), put_hex(out, from, text);
        else if (c > 0 && c < 0x80 && strchr("\\`*_[]|#~!", c))
            fprintf(out, "\\%c", (char)c);
        else
            put_raw(out, from, text);
    }
}

void report_put_csv(FILE *out, const char *text)
{
    char *clean = report_clean(text);
    bool formula = clean[0] && strchr("=+-@", clean[0]);
    if (!formula && !strpbrk(clean, ",\"")) {
        fputs(clean, out);
    } else {
        fputs(formula ? "\"'" : "\"", out);
        for (const char *p = clean; *p; p++) {
            if (*p == '"')
                fputc('"', out);
            fputc(*p, out);
        }
        fputc('"', out);
    }
    free(clean);
}

void report_put_json(FILE *out, const char *text)
{
    fputc('"', out);
    for (;;) {
        const char *from = text;
        int32_t c = report_utf8_next(&text);
        if (c == 0)
            break;
        if (c < 0)
            fputs("\xEF\xBF\xBD", out);
        else if (c == '"' || c == '\\')
            fprintf(out, "\\%c", (char)c);
        else if (c == '\n')
            fputs("\\n", out);
        else if (c == '\t')
            fputs("\\t", out);
        else if (c < 0x20 || c == 0x7F)
            fprintf(out, "\\u%04X", (unsigned)c);
        else
            put_raw(out, from, text);
    }
    fputc('"', out);
}

char *report_plot_cell(const char *text)
{
    char *cell = report_clip_middle(text, 32);
    for (char *p = cell; *p; p++) {
        if (*p == '"')
            *p = '\'';
        else if (*p == '\\')
            *p = '/';
    }
    return cell;
}

void report_slug(char slug[REPORT_SLUG_MAX], const char *text)
{
    size_t n = 0;
    for (; *text && n + 1 < REPORT_SLUG_MAX; text++) {
        char c = *text;
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        bool inner = (c == '.' || c == '_' || c == '-') && n > 0;
        if (word || inner)
            slug[n++] = c;
        else if (n > 0 && slug[n - 1] != '-')
            slug[n++] = '-';
    }
    while (n > 0 && (slug[n - 1] == '-' || slug[n - 1] == '.'))
        n--;
    if (n == 0)
        slug[n++] = 'x';
    slug[n] = 0;
}
