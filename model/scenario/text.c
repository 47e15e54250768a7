/*
 * Is this plain text that YAML should see at all? libyaml takes UTF-16, control characters in odd places and tabs that
 * it then complains about in words that help nobody; so bytes are looked at first.
 */
#include "model/scenario/scenario_internal.h"

#include <string.h>

struct reader {
    const char *source;
    const unsigned char *at, *end;
    int line, column;
    bool only_blanks; /* since the line began */
    struct scenario_errors *errors;
};

static struct scenario_place here(const struct reader *r)
{
    return (struct scenario_place){r->source, r->line, r->column};
}

/* Code point and length of the character at r->at; length 0: not UTF-8. */
static unsigned decode(const struct reader *r, int *length)
{
    unsigned c = r->at[0];
    int n = c < 0x80                ? 1
            : c >= 0xc2 && c < 0xe0 ? 2
            : c >= 0xe0 && c < 0xf0 ? 3
            : c >= 0xf0 && c < 0xf5 ? 4
                                    : 0;
    *length = 0;
    if (n == 0 || r->end - r->at < n)
        return 0;
    unsigned code = n == 1 ? c : c & (0x7fu >> n);
    for (int i = 1; i < n; i++) {
        if ((r->at[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (r->at[i] & 0x3fu);
    }
    bool is_overlong = (n == 3 && code < 0x800) || (n == 4 && code < 0x10000);
    if (is_overlong || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        return 0;
    *length = n;
    return code;
}

/* Direction overrides can make a key look like another one. */
static bool is_direction(unsigned code)
{
    return (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) ||
           code == 0x200e || code == 0x200f;
}

static bool is_control(unsigned code)
{
    return (code < 0x20 && code != '\n' && code != '\r' && code != '\t') ||
           (code >= 0x7f && code < 0xa0 && code != 0x85);
}

/* One character. Returns false when the rest can't be read. */
static bool step(struct reader *r)
{
    int length;
    unsigned code = decode(r, &length);
    if (length == 0) {
        scenario_errors_add(r->errors, here(r), "byte \\x%02x is not UTF-8; save the file as UTF-8",
                            r->at[0]);
        return false;
    }
    if (is_control(code) || is_direction(code)) {
        scenario_errors_add(r->errors, here(r), "character U+%04X is not allowed", code);
        return false;
    }
    if (code == '\t' && r->only_blanks) {
        scenario_errors_add(r->errors, here(r), "tab in the indentation; use spaces");
        return false;
    }
    r->at += length;
    r->column++;
    r->only_blanks = r->only_blanks && code == ' ';
    if (code == '\n') {
        r->line++;
        r->column = 1;
        r->only_blanks = true;
    }
    return true;
}

bool scenario_text_check(const char *source, const char *text, size_t bytes,
                         struct scenario_errors *errors)
{
    struct reader r = {
        .source = source, .line = 1, .column = 1, .only_blanks = true, .errors = errors};
    r.at = (const unsigned char *)text;
    r.end = r.at + bytes;
    if (bytes >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0)) {
        scenario_errors_add(errors, here(&r), "the file is UTF-16; save it as UTF-8");
        return false;
    }
    if (bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        r.at += 3;
    while (r.at < r.end)
        if (!step(&r))
            return false;
    return true;
}
