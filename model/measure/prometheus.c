#include "model/measure/prometheus.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* A line that is being read; what is kept goes to sample->text. */
struct reader {
    const char *p, *end;
    struct prometheus_sample *sample;
    size_t used;
};

static void skip_blanks(struct reader *r)
{
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\t'))
        r->p++;
}

static bool keep(struct reader *r, char c)
{
    if (r->used >= PROMETHEUS_TEXT)
        return false;
    r->sample->text[r->used++] = c;
    return true;
}

static bool is_name(char c, bool first)
{
    return isalpha((unsigned char)c) || c == '_' || c == ':' ||
           (!first && isdigit((unsigned char)c));
}

static const char *read_name(struct reader *r)
{
    size_t start = r->used;
    while (r->p < r->end && is_name(*r->p, r->used == start))
        if (!keep(r, *r->p++))
            return NULL;
    return r->used > start && keep(r, 0) ? r->sample->text + start : NULL;
}

static const char *read_quoted(struct reader *r)
{
    size_t start = r->used;
    if (r->p == r->end || *r->p++ != '"')
        return NULL;
    for (; r->p < r->end && *r->p != '"'; r->p++) {
        char c = *r->p;
        if (c == '\\') {
            if (++r->p == r->end)
                return NULL;
            c = *r->p == 'n' ? '\n' : *r->p;
        }
        if (!keep(r, c))
            return NULL;
    }
    if (r->p == r->end || !keep(r, 0))
        return NULL;
    r->p++;
    return r->sample->text + start;
}

static bool read_label(struct reader *r)
{
    struct prometheus_sample *s = r->sample;
    if (s->label_count == PROMETHEUS_LABELS)
        return false;
    const char *name = read_name(r);
    skip_blanks(r);
    if (!name || r->p == r->end || *r->p++ != '=')
        return false;
    skip_blanks(r);
    const char *value = read_quoted(r);
    s->labels[s->label_count].name = name;
    s->labels[s->label_count++].value = value;
    return value != NULL;
}

/* After '{'. A comma may stand before '}': exporters write it. */
static bool read_labels(struct reader *r)
{
    for (;;) {
        skip_blanks(r);
        if (r->p < r->end && *r->p == '}') {
            r->p++;
            return true;
        }
        if (!read_label(r))
            return false;
        skip_blanks(r);
        if (r->p < r->end && *r->p == ',')
            r->p++;
        else if (r->p == r->end || *r->p != '}')
            return false;
    }
}

static bool read_value(struct reader *r)
{
    char number[64];
    size_t n = 0;
    while (r->p < r->end && !isspace((unsigned char)*r->p) && n < sizeof number - 1)
        number[n++] = *r->p++;
    number[n] = 0;
    char *end;
    r->sample->value = strtod(number, &end); /* NaN, +Inf and -Inf, too */
    return n > 0 && *end == 0;
}

/* A time stamp in ms, or nothing. */
static bool read_rest(struct reader *r)
{
    skip_blanks(r);
    if (r->p < r->end && *r->p == '-')
        r->p++;
    while (r->p < r->end && isdigit((unsigned char)*r->p))
        r->p++;
    skip_blanks(r);
    return r->p == r->end;
}

static bool read_sample(struct reader *r)
{
    struct prometheus_sample *s = r->sample;
    s->label_count = 0;
    s->name = read_name(r);
    if (!s->name)
        return false;
    skip_blanks(r);
    if (r->p < r->end && *r->p == '{') {
        r->p++;
        if (!read_labels(r))
            return false;
    }
    skip_blanks(r);
    return read_value(r) && read_rest(r);
}

int prometheus_parse(const char *text, size_t size,
                     void (*take)(void *ctx, const struct prometheus_sample *sample), void *ctx,
                     struct measure_err *err)
{
    struct prometheus_sample sample;
    const char *end = text + size;
    int line = 0;
    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        stop = stop ? stop : end;
        struct reader r = {text, stop, &sample, 0};
        if (r.end > r.p && r.end[-1] == '\r')
            r.end--;
        line++;
        text = stop < end ? stop + 1 : end;
        skip_blanks(&r);
        if (r.p == r.end || *r.p == '#')
            continue;
        if (!read_sample(&r))
            return measure_fail(err, MEASURE_EFAILED, "line %d is not a sample: %.*s", line,
                                (int)(stop - r.p < 60 ? stop - r.p : 60), r.p);
        take(ctx, &sample);
    }
    return MEASURE_OK;
}

const char *prometheus_label(const struct prometheus_sample *sample, const char *name)
{
    for (int i = 0; i < sample->label_count; i++)
        if (strcmp(sample->labels[i].name, name) == 0)
            return sample->labels[i].value;
    return "";
}
