/* Reading a price file. Whatever stands in it, the answer is prices or one message with its place. */
#include "model/answer/cost.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PRICE_FILE_BYTES_MAX = 1 << 20 }; /* a price list of every machine of a cloud is far below */

struct price_key {
    const char *name;
    size_t offset;
    bool above_zero;
};

static const struct price_key keys[] = {
    {"machine_usd_per_hour", offsetof(struct cost_prices, machine_usd_per_hour), false},
    {"storage_usd_per_gb_month", offsetof(struct cost_prices, storage_usd_per_gb_month), false},
    {"iops_usd_per_month", offsetof(struct cost_prices, iops_usd_per_month), false},
    {"throughput_usd_per_mb_s_month", offsetof(struct cost_prices, throughput_usd_per_mb_s_month),
     false},
    {"cross_zone_usd_per_gb", offsetof(struct cost_prices, cross_zone_usd_per_gb), false},
    {"hours_per_month", offsetof(struct cost_prices, hours_per_month), true},
};

void cost_prices_init(struct cost_prices *p)
{
    memset(p, 0, sizeof *p);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        *(double *)((char *)p + keys[i].offset) = NAN;
}

void cost_prices_release(struct cost_prices *p)
{
    free(p->machines);
    p->machines = NULL;
    p->machine_count = 0;
}

struct line {
    const char *file;
    int number;
    char key[128], value[128];
    char *error;
};

static bool bad(const struct line *l, const char *expected)
{
    snprintf(l->error, COST_ERROR_BYTES, "%.255s:%d: %s is %s; expected %s", l->file, l->number,
             l->key, *l->value ? l->value : "empty", expected);
    return false;
}

/* A whole plain decimal number, 0 or more; no hexadecimal, infinity or trailing text. */
static bool number_of(const struct line *l, double *number)
{
    char *end;
    if (!*l->value || strspn(l->value, "0123456789.eE+-") != strlen(l->value))
        return false;
    *number = strtod(l->value, &end);
    return !*end && isfinite(*number) && *number >= 0 && *number <= 1e9;
}

static bool add_machine(struct cost_prices *p, const struct line *l)
{
    double usd;
    if (!number_of(l, &usd))
        return bad(l, "a number from 0 to 1e9 ($ an hour)");
    if (strlen(l->key) >= sizeof p->machines->name)
        return bad(l, "a machine name below 64 characters");
    struct cost_machine_price *more =
        realloc(p->machines, (p->machine_count + 1) * sizeof *p->machines);
    if (!more)
        return bad(l, "less: out of memory");
    p->machines = more;
    struct cost_machine_price *m = &more[p->machine_count++];
    memset(m, 0, sizeof *m);
    strcpy(m->name, l->key);
    m->usd_per_hour = usd;
    return true;
}

static bool take_text(const struct line *l, char *out, size_t size)
{
    if (!*l->value || strlen(l->value) >= size)
        return bad(l, "a short text");
    strcpy(out, l->value);
    return true;
}

static bool take(struct cost_prices *p, const struct line *l)
{
    if (strcmp(l->key, "date") == 0)
        return take_text(l, p->date, sizeof p->date);
    if (strcmp(l->key, "region") == 0)
        return take_text(l, p->region, sizeof p->region);
    if (strchr(l->key, '/'))
        return add_machine(p, l);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        double *field = (double *)((char *)p + keys[i].offset);
        if (strcmp(l->key, keys[i].name) != 0)
            continue;
        if (!isnan(*field))
            return bad(l, "to stand once");
        return (number_of(l, field) && !(keys[i].above_zero && *field <= 0)) ||
               bad(l, keys[i].above_zero ? "a number above 0" : "a number from 0 to 1e9");
    }
    snprintf(l->error, COST_ERROR_BYTES,
             "%s:%d: unknown key %s; expected date, region, a machine (aws/m5.large) or one of "
             "machine_usd_per_hour, storage_usd_per_gb_month, ...",
             l->file, l->number, l->key);
    return false;
}

static void trim_into(char *out, size_t size, const char *from, size_t length)
{
    while (length > 0 && strchr(" \t\r\"'", from[length - 1]))
        length--;
    while (length > 0 && strchr(" \t\"'", *from)) {
        from++;
        length--;
    }
    length = length < size ? length : size - 1;
    memcpy(out, from, length);
    out[length] = 0;
}

/* Returns false on an error; *blank when there is nothing on the line. */
static bool split(struct line *l, const char *text, size_t length, bool *blank)
{
    const char *hash = memchr(text, '#', length);
    if (hash)
        length = (size_t)(hash - text);
    const char *colon = memchr(text, ':', length);
    trim_into(l->key, sizeof l->key, text, colon ? (size_t)(colon - text) : length);
    *blank = !colon && !*l->key;
    if (*blank)
        return true;
    if (!colon) {
        snprintf(l->error, COST_ERROR_BYTES, "%s:%d: %s; expected `key: number`", l->file,
                 l->number, l->key);
        return false;
    }
    trim_into(l->value, sizeof l->value, colon + 1, length - (size_t)(colon + 1 - text));
    return true;
}

static bool is_json(const char *text)
{
    text += strspn(text, " \t\r\n");
    return *text == '{' || *text == '[';
}

bool cost_prices_parse(const char *name, const char *text, struct cost_prices *p,
                       char error[COST_ERROR_BYTES])
{
    struct line l = {.file = name, .error = error};
    if (is_json(text)) {
        snprintf(error, COST_ERROR_BYTES,
                 "%s: is JSON; expected a `key: number` a line, such as machine_usd_per_hour: 0.61",
                 name);
        return false;
    }
    for (const char *at = text; *at;) {
        size_t length = strcspn(at, "\n");
        bool blank;
        l.number++;
        if (!split(&l, at, length, &blank) || (!blank && !take(p, &l))) {
            cost_prices_release(p);
            cost_prices_init(p);
            return false;
        }
        at += length + (at[length] == '\n');
    }
    return true;
}

bool cost_prices_read(const char *path, struct cost_prices *p, char error[COST_ERROR_BYTES])
{
    FILE *file = fopen(path, "rb");
    char *text = malloc(PRICE_FILE_BYTES_MAX + 1);
    bool ok = false;
    if (!file || !text)
        snprintf(error, COST_ERROR_BYTES, "%s: %s", path, file ? "out of memory" : strerror(errno));
    else {
        size_t got = fread(text, 1, PRICE_FILE_BYTES_MAX + 1, file);
        if (ferror(file))
            snprintf(error, COST_ERROR_BYTES, "%s: %s", path, strerror(errno));
        else if (got > PRICE_FILE_BYTES_MAX)
            snprintf(error, COST_ERROR_BYTES, "%s: larger than 1 MiB", path);
        else {
            text[got] = 0;
            ok = cost_prices_parse(path, text, p, error);
        }
    }
    if (file)
        fclose(file);
    free(text);
    return ok;
}
