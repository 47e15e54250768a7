#include "model/report/table.h"

#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "model/report/escape.h"
#include "sim/memory.h"

void report_table_init(struct report_table *t, const char *id, const char *title)
{
    memset(t, 0, sizeof *t);
    t->id = id;
    t->title = title;
}

void report_table_release(struct report_table *t)
{
    for (int i = 0; i < t->row_count * t->column_count; i++)
        free(t->cells[i]);
    free(t->cells);
    t->cells = NULL;
    t->row_count = 0;
}

void report_table_column(struct report_table *t, char align, int edge, const char *header)
{
    assert(t->column_count < REPORT_COLUMNS_MAX && t->row_count == 0);
    struct report_column *c = &t->columns[t->column_count++];
    snprintf(c->header, sizeof c->header, "%s", header);
    c->align = align;
    c->edge = edge;
}

int report_table_row(struct report_table *t)
{
    size_t before = (size_t)(t->row_count * t->column_count), more = (size_t)t->column_count;
    t->cells = sim_checked(realloc(t->cells, (before + more) * sizeof *t->cells));
    for (size_t i = before; i < before + more; i++)
        t->cells[i] = sim_checked(strdup(""));
    return t->row_count++;
}

void report_table_set(struct report_table *t, int row, int column, const char *format, ...)
{
    assert(row < t->row_count && column < t->column_count);
    char **cell = &t->cells[row * t->column_count + column];
    free(*cell);
    va_list args;
    va_start(args, format);
    if (vasprintf(cell, format, args) < 0)
        abort();
    va_end(args);
}

const char *report_table_cell(const struct report_table *t, int row, int column)
{
    return t->cells[row * t->column_count + column];
}

/* ---- the 80-column screen ---- */

struct line {
    FILE *out;
    int pen; /* columns printed so far */
};

static void pad_to(struct line *line, int column)
{
    for (; line->pen < column; line->pen++)
        fputc(' ', line->out);
}

static void line_end(struct line *line)
{
    fputc('\n', line->out);
    line->pen = 0;
}

static void put(struct line *line, const char *text)
{
    fputs(text, line->out);
    line->pen += report_width(text);
}

/* One space is what stands between two words of one cell. */
enum { GAP = 2 };

/* Where each cell begins. One that would reach into the next begins earlier: a value that is cut cannot be read, a name can. */
struct places {
    int start[REPORT_COLUMNS_MAX];
};

/* The next cell to the right of column that says something; -1: none. */
static int next_cell(const struct report_table *t, char *const *cells, int column)
{
    for (int k = column + 1; k < t->column_count; k++)
        if (cells[k][0])
            return k;
    return -1;
}

/* Right-most column that a cell may take, so that the cells behind it keep their places. */
static int room_end(const struct report_table *t, char *const *cells, const struct places *places,
                    int column)
{
    int next = next_cell(t, cells, column);
    return next < 0 ? REPORT_SCREEN : places->start[next] - GAP;
}

static struct places place(const struct report_table *t, char *const *cells)
{
    struct places places = {{0}};
    for (int k = t->column_count - 1; k > 0; k--) {
        const struct report_column *c = &t->columns[k];
        int width = report_width(cells[k]), end = room_end(t, cells, &places, k);
        places.start[k] = c->align == 'l' ? c->edge : c->edge - width;
        if (c->align == 'r' && places.start[k] + width > end)
            places.start[k] = end - width;
    }
    return places;
}

static void put_wrapped(struct line *line, const char *text, int indent);

static void put_name(struct line *line, const struct report_table *t, char *const *cells,
                     const struct places *places, int indent)
{
    char *name = report_clean(cells[0]);
    int end = room_end(t, cells, places, 0);
    pad_to(line, indent);
    if (indent + report_width(name) <= end) {
        put(line, name);
    } else {
        put_wrapped(line, name, indent + 2);
        if (end < REPORT_SCREEN)
            line_end(line);
    }
    free(name);
}

/* A name that leaves no room for what is behind it: that stands on the next line. */
static void put_alone(struct line *line, const char *cell, int start)
{
    char *name = report_clean(cell);
    pad_to(line, start);
    put_wrapped(line, name, start);
    line_end(line);
    free(name);
}

static void put_row(struct line *line, const struct report_table *t, char *const *cells, int indent)
{
    struct places places = place(t, cells);
    put_name(line, t, cells, &places, indent);
    int count = t->column_count_text ? t->column_count_text : t->column_count;
    for (int k = 1; k < count; k++) {
        if (!cells[k][0])
            continue;
        const struct report_column *c = &t->columns[k];
        bool last = k == count - 1 && c->align == 'l';
        int start = places.start[k];
        int least = line->pen + (line->pen > 0 ? GAP : 0);
        start = start > least ? start : least;
        int end = room_end(t, cells, &places, k);
        if (!last && c->align == 'l' &&
            report_width(cells[k]) > (end - start > 8 ? end - start : 8)) {
            put_alone(line, cells[k], start);
            continue;
        }
        char *cell = last ? report_clean(cells[k])
                          : report_clip(cells[k], end - start > 8 ? end - start : 8);
        pad_to(line, start);
        if (last)
            put_wrapped(line, cell, c->edge);
        else
            put(line, cell);
        free(cell);
    }
    line_end(line);
}

void report_table_text(const struct report_table *t, FILE *out)
{
    struct line line = {out, 0};
    char *headers[REPORT_COLUMNS_MAX];
    for (int k = 0; k < t->column_count; k++)
        headers[k] = (char *)t->columns[k].header;
    put_row(&line, t, headers, 0);
    for (int row = 0; row < t->row_count; row++)
        put_row(&line, t, t->cells + row * t->column_count, 2);
}

static bool ends_with(const char *text, const char *end, const char *word)
{
    size_t bytes = strlen(word);
    return (size_t)(end - text) >= bytes && memcmp(end - bytes, word, bytes) == 0;
}

/* A number stays with its unit, and with what it is the number of: "broker 2". */
static bool may_break(const char *text, const char *space)
{
    static const char *const counted[] = {"broker", "disk", "day"};
    for (size_t i = 0; i < sizeof counted / sizeof *counted; i++)
        if (space[1] >= '0' && space[1] <= '9' && ends_with(text, space, counted[i]))
            return false;
    bool digit = space > text && space[-1] >= '0' && space[-1] <= '9';
    bool unit = strchr("%smhdkMGTBnux$", space[1]) != NULL;
    return !(digit && unit);
}

static bool joins(const char *text, const char *hyphen)
{
    return *hyphen == '-' && hyphen > text && isalpha((unsigned char)hyphen[-1]) &&
           isalpha((unsigned char)hyphen[1]);
}

/* Bytes of text that fit into `columns`, cut after a space if there is one, else after a hyphen; all of it when it fits. */
static size_t fitting(const char *text, int columns)
{
    const char *p = text, *space = NULL, *hyphen = NULL;
    int width = 0;
    while (*p) {
        const char *from = p;
        char one[8] = "";
        report_utf8_next(&p);
        memcpy(one, from, (size_t)(p - from));
        width += report_width(one);
        if (width > columns && *from == ' ' && may_break(text, from))
            return (size_t)(p - text);
        if (width > columns)
            return (size_t)((space ? space : hyphen ? hyphen : from > text ? from : p) - text);
        if (*from == ' ' && may_break(text, from))
            space = p;
        if (joins(text, from))
            hyphen = p;
    }
    return (size_t)(p - text);
}

static void put_wrapped(struct line *line, const char *text, int indent)
{
    while (*text) {
        size_t n = fitting(text, REPORT_SCREEN - line->pen);
        size_t shown = n;
        while (text[n] && shown > 0 && text[shown - 1] == ' ')
            shown--;
        fprintf(line->out, "%.*s", (int)shown, text);
        text += n;
        if (*text) {
            line_end(line);
            pad_to(line, indent);
        } else {
            line->pen = REPORT_SCREEN; /* nothing follows on this line */
        }
    }
}

void report_paragraph(FILE *out, const char *first, int indent, const char *text)
{
    struct line line = {out, 0};
    char *clean = report_clean(text);
    put(&line, first);
    put_wrapped(&line, clean, indent);
    line_end(&line);
    free(clean);
}

/* ---- Markdown and HTML ---- */

static bool is_blank(const struct report_table *t, int column)
{
    for (int row = 0; row < t->row_count; row++)
        if (report_table_cell(t, row, column)[0])
            return false;
    return true;
}

void report_table_markdown(const struct report_table *t, FILE *out)
{
    for (int k = 0; k < t->column_count; k++) {
        fputs("| ", out);
        report_put_markdown(out, t->columns[k].header);
        fputc(' ', out);
    }
    fputs("|\n", out);
    for (int k = 0; k < t->column_count; k++)
        fputs(t->columns[k].align == 'r' ? "| ---: " : "| --- ", out);
    fputs("|\n", out);
    for (int row = 0; row < t->row_count; row++) {
        for (int k = 0; k < t->column_count; k++) {
            fputs("| ", out);
            report_put_markdown(out, report_table_cell(t, row, k));
            fputc(' ', out);
        }
        fputs("|\n", out);
    }
}

static void put_html_cell(FILE *out, const char *tag, char align, const char *text)
{
    fprintf(out, "<%s%s>", tag, align == 'r' ? " class=\"n\"" : "");
    report_put_html(out, text);
    fprintf(out, "</%.2s>", tag);
}

void report_table_html(const struct report_table *t, FILE *out)
{
    fputs("<div class=\"scroll\"><table", out);
    if (t->id[0])
        fprintf(out, " id=\"%s\"", t->id);
    fputs(">\n<thead><tr>", out);
    for (int k = 0; k < t->column_count; k++)
        if (!is_blank(t, k))
            put_html_cell(out, "th scope=\"col\"", t->columns[k].align, t->columns[k].header);
    fputs("</tr></thead>\n<tbody>\n", out);
    for (int row = 0; row < t->row_count; row++) {
        fputs("<tr>", out);
        for (int k = 0; k < t->column_count; k++)
            if (!is_blank(t, k))
                put_html_cell(out, k == 0 ? "th scope=\"row\"" : "td", t->columns[k].align,
                              report_table_cell(t, row, k));
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></div>\n", out);
}
