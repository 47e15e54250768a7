#include "model/report/html_svg.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim/memory.h"

enum { FILE_BYTES_MAX = 8000000 }; /* a picture of ours has 0.1 MB, the template 10 kB */

char *html_read_file(const char *path)
{
    FILE *in = fopen(path, "r");
    if (!in)
        return NULL;
    char *text = NULL;
    size_t size = 0;
    FILE *memory = sim_checked(open_memstream(&text, &size));
    char piece[4096];
    for (size_t n; (n = fread(piece, 1, sizeof piece, in)) > 0 && size < FILE_BYTES_MAX;)
        fwrite(piece, 1, n, memory), fflush(memory);
    bool bad = ferror(in) || !feof(in);
    fclose(in);
    fclose(memory);
    if (bad) {
        free(text);
        errno = EIO;
        return NULL;
    }
    return text;
}

/* Text of gnuplot's is escaped, so that a < is always a tag of its own. */
static bool is_harmless(const char *svg)
{
    static const char *const refused[] = {
        "<script", "<foreignObject", "javascript:", "<iframe", "<image", "<a "};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (strcasestr(svg, refused[i]))
            return false;
    return true;
}

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* ids are made unique by the figure's name; so are the references `#id`. */
static void put_unique(const char *svg, const char *name, FILE *out)
{
    static const char *const before[] = {"id=\"", "id='", "href=\"#", "href='#", "url(#"};
    bool in_tag = false;
    while (*svg) {
        if (*svg == '<')
            in_tag = true;
        else if (*svg == '>')
            in_tag = false;
        size_t skip = 0;
        for (size_t i = 0; in_tag && i < sizeof before / sizeof *before && !skip; i++)
            if (starts(svg, before[i]))
                skip = strlen(before[i]);
        if (skip) {
            fwrite(svg, 1, skip, out);
            fprintf(out, "%s-", name);
            svg += skip;
        } else {
            fputc(*svg++, out);
        }
    }
}

int html_svg_put(const char *path, const char *name, FILE *out)
{
    char *text = html_read_file(path);
    char *svg = text ? strstr(text, "<svg") : NULL;
    bool good = svg && is_harmless(svg);
    if (good)
        put_unique(svg, name, out);
    free(text);
    return good ? 0 : -1;
}
