#include "tests/support/markup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { DEPTH_MAX = 64, NAME_MAX_BYTES = 40 };

struct markup {
    const char *p;
    bool html;
    int depth;
    char open[DEPTH_MAX][NAME_MAX_BYTES];
    void (*each)(const char *name, const char *attributes);
};

static bool is_void(const char *name)
{
    static const char *const names[] = {"meta", "br", "img", "link", "hr", "input"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static void check_text(const char *from, const char *to)
{
    for (; from < to; from++) {
        unsigned char c = (unsigned char)*from;
        if (c < 0x20 && c != '\n' && c != '\t' && c != '\r')
            fail_msg("control character %02x before %.40s", c, from);
        if (c == '&' && !isalpha((unsigned char)from[1]) && from[1] != '#')
            fail_msg("& alone before %.40s", from);
    }
}

static void read_name(struct markup *m, char name[NAME_MAX_BYTES])
{
    size_t n = 0;
    while ((isalnum((unsigned char)*m->p) || strchr(":_-", *m->p)) && *m->p &&
           n + 1 < NAME_MAX_BYTES)
        name[n++] = *m->p++;
    name[n] = 0;
    if (n == 0)
        fail_msg("< alone before %.40s", m->p);
}

/* To the end of the tag: attributes must have quoted values. Returns true for an empty element. */
static bool skip_attributes(struct markup *m)
{
    for (;;) {
        m->p += strspn(m->p, " \t\r\n");
        if (*m->p == '>')
            return false;
        if (m->p[0] == '/' && m->p[1] == '>')
            return true;
        char name[NAME_MAX_BYTES];
        read_name(m, name);
        m->p += strspn(m->p, " \t\r\n");
        if (*m->p != '=') {
            if (!m->html)
                fail_msg("attribute %s has no value", name);
            continue;
        }
        m->p++;
        m->p += strspn(m->p, " \t\r\n");
        char quote = *m->p++;
        if (quote != '"' && quote != '\'')
            fail_msg("value of %s is not quoted: %.40s", name, m->p);
        const char *end = strchr(m->p, quote);
        if (!end)
            fail_msg("value of %s has no end", name);
        check_text(m->p, end);
        m->p = end + 1;
    }
}

static void start_tag(struct markup *m)
{
    char name[NAME_MAX_BYTES];
    m->p++;
    read_name(m, name);
    const char *from = m->p;
    bool empty = skip_attributes(m);
    if (m->each) {
        char attributes[400];
        snprintf(attributes, sizeof attributes, "%.*s", (int)(m->p - from), from);
        m->each(name, attributes);
    }
    m->p += empty ? 2 : 1;
    if (m->html && (strcmp(name, "style") == 0 || strcmp(name, "script") == 0)) {
        char end[NAME_MAX_BYTES + 4];
        snprintf(end, sizeof end, "</%s>", name);
        m->p = strstr(m->p, end);
        assert_non_null(m->p);
    }
    if (empty || (m->html && is_void(name)))
        return;
    if (m->depth >= DEPTH_MAX)
        fail_msg("deeper than %d", DEPTH_MAX);
    strcpy(m->open[m->depth++], name);
}

static void end_tag(struct markup *m)
{
    char name[NAME_MAX_BYTES];
    m->p += 2;
    read_name(m, name);
    if (m->depth == 0 || strcmp(m->open[m->depth - 1], name) != 0)
        fail_msg("</%s> ends %s", name, m->depth ? m->open[m->depth - 1] : "nothing");
    m->depth--;
    if (*m->p++ != '>')
        fail_msg("</%s is not closed", name);
}

static void skip_to(struct markup *m, const char *end)
{
    const char *at = strstr(m->p, end);
    if (!at)
        fail_msg("%s is missing after %.40s", end, m->p);
    m->p = at + strlen(end);
}

void markup_check(const char *text, bool html,
                  void (*each)(const char *name, const char *attributes))
{
    struct markup m = {.p = text, .html = html, .each = each};
    while (*m.p) {
        size_t n = strcspn(m.p, "<");
        check_text(m.p, m.p + n);
        m.p += n;
        if (strncmp(m.p, "<!--", 4) == 0)
            skip_to(&m, "-->");
        else if (strncmp(m.p, "<![CDATA[", 9) == 0)
            skip_to(&m, "]]>");
        else if (strncmp(m.p, "<!", 2) == 0 || strncmp(m.p, "<?", 2) == 0)
            skip_to(&m, ">");
        else if (strncmp(m.p, "</", 2) == 0)
            end_tag(&m);
        else if (*m.p == '<')
            start_tag(&m);
    }
    if (m.depth)
        fail_msg("%s is never closed", m.open[m.depth - 1]);
}
