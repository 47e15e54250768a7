#include "model/report/json_write.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "model/report/escape.h"

void json_put_init(struct json_writer *w, FILE *out)
{
    *w = (struct json_writer){.out = out};
}

void json_put_finish(struct json_writer *w)
{
    assert(w->depth == 0 && !w->after_key);
    fputc('\n', w->out);
}

static void line_break(struct json_writer *w)
{
    fputc('\n', w->out);
    for (int i = 0; i < w->depth; i++)
        fputs("  ", w->out);
}

/* What stands between the last thing and the next one. */
static void separate(struct json_writer *w)
{
    if (w->after_key) {
        w->after_key = false;
        return;
    }
    bool one_line = w->inline_[w->depth];
    if (w->filled[w->depth])
        fputs(one_line ? ", " : ",", w->out);
    if (w->depth > 0 && !one_line)
        line_break(w);
    w->filled[w->depth] = true;
}

static void begin(struct json_writer *w, char c, bool one_line)
{
    separate(w);
    fputc(c, w->out);
    assert(w->depth + 1 < JSON_DEPTH_MAX);
    w->inline_[w->depth + 1] = one_line || w->inline_[w->depth];
    w->depth++;
    w->filled[w->depth] = false;
}

static void end(struct json_writer *w, char c)
{
    assert(w->depth > 0 && !w->after_key);
    bool broken = w->filled[w->depth] && !w->inline_[w->depth];
    w->depth--;
    if (broken)
        line_break(w);
    fputc(c, w->out);
}

void json_put_object_begin(struct json_writer *w)
{
    begin(w, '{', false);
}
void json_put_object_begin_inline(struct json_writer *w)
{
    begin(w, '{', true);
}
void json_put_object_end(struct json_writer *w)
{
    end(w, '}');
}
void json_put_array_begin(struct json_writer *w)
{
    begin(w, '[', false);
}
void json_put_array_begin_inline(struct json_writer *w)
{
    begin(w, '[', true);
}
void json_put_array_end(struct json_writer *w)
{
    end(w, ']');
}

void json_put_key(struct json_writer *w, const char *key)
{
    assert(!w->after_key);
    separate(w);
    report_put_json(w->out, key);
    fputs(": ", w->out);
    w->after_key = true;
}

void json_put_string(struct json_writer *w, const char *text)
{
    if (!text) {
        json_put_null(w);
        return;
    }
    separate(w);
    report_put_json(w->out, text);
}

void json_put_double(struct json_writer *w, double value)
{
    separate(w);
    if (isnan(value)) {
        fputs("null", w->out);
    } else if (isinf(value)) {
        fputs(value > 0 ? "\"inf\"" : "\"-inf\"", w->out);
    } else if (value == 0) {
        fputs("0", w->out); /* also for -0, which a reader takes for an integer */
    } else {
        char text[40];
        for (int digits = 15; digits <= 17; digits++) {
            snprintf(text, sizeof text, "%.*g", digits, value);
            if (strtod(text, NULL) == value)
                break;
        }
        fputs(text, w->out);
    }
}

void json_put_int(struct json_writer *w, int64_t value)
{
    separate(w);
    fprintf(w->out, "%" PRId64, value);
}

void json_put_uint(struct json_writer *w, uint64_t value)
{
    separate(w);
    fprintf(w->out, value > INT64_MAX ? "\"%" PRIu64 "\"" : "%" PRIu64, value);
}

void json_put_bool(struct json_writer *w, bool value)
{
    separate(w);
    fputs(value ? "true" : "false", w->out);
}

void json_put_null(struct json_writer *w)
{
    separate(w);
    fputs("null", w->out);
}
