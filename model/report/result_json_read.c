#include "model/report/result_json.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/report/result_fields.h"
#include "sim/memory.h"

/* A place in the document, for messages: a chain of keys and indexes that lives on the stack. */
struct place {
    const struct place *outer;
    const char *key;
    size_t index; /* used when key is NULL */
};

struct reader {
    struct result *result; /* whose arena takes the strings */
    struct broker_err *err;
    int minor; /* of the file */
};

static size_t place_print(const struct place *p, char *text, size_t size)
{
    size_t n = p->outer ? place_print(p->outer, text, size) : 0;
    if (n >= size)
        return n;
    int more = p->key ? snprintf(text + n, size - n, "%s%s", n ? "." : "", p->key)
                      : snprintf(text + n, size - n, "[%zu]", p->index);
    return n + (size_t)more;
}

static int refuse(struct reader *r, const struct place *place, const char *expected)
{
    char text[160] = "";
    place_print(place, text, sizeof text);
    return broker_err_set(r->err, BROKER_ECORRUPT, "%s: expected %s", text, expected);
}

static int get_double(struct reader *r, const struct place *place, const json_t *json,
                      double *value)
{
    if (json_is_null(json))
        *value = (double)NAN;
    else if (json_is_number(json))
        *value = json_number_value(json);
    else if (json_is_string(json) && strcmp(json_string_value(json), "inf") == 0)
        *value = (double)INFINITY;
    else if (json_is_string(json) && strcmp(json_string_value(json), "-inf") == 0)
        *value = -(double)INFINITY;
    else
        return refuse(r, place, "a number, null or \"inf\"");
    return BROKER_OK;
}

static int get_integer(struct reader *r, const struct place *place, const json_t *json, int64_t low,
                       int64_t high, int64_t *value)
{
    if (!json_is_integer(json) || json_integer_value(json) < low || json_integer_value(json) > high)
        return refuse(r, place, "an integer in range");
    *value = json_integer_value(json);
    return BROKER_OK;
}

/* Whole text in base 10 or 16; false when it is anything else. */
static bool parse_u64(const char *text, int base, uint64_t *value)
{
    const char *digits = base == 16 ? "0123456789abcdef" : "0123456789";
    if (!*text || strspn(text, digits) != strlen(text))
        return false;
    errno = 0;
    *value = strtoull(text, NULL, base);
    return errno == 0;
}

static int get_u64(struct reader *r, const struct place *place, const json_t *json, uint64_t *value)
{
    if (json_is_string(json) && parse_u64(json_string_value(json), 10, value))
        return BROKER_OK;
    int64_t number = 0;
    int rc = get_integer(r, place, json, 0, INT64_MAX, &number);
    *value = (uint64_t)number;
    return rc;
}

static int get_hex(struct reader *r, const struct place *place, const json_t *json, uint64_t *value)
{
    const char *text = json_string_value(json);
    if (!text || strncmp(text, "0x", 2) != 0 || strlen(text) != 18 ||
        !parse_u64(text + 2, 16, value))
        return refuse(r, place, "\"0x\" and 16 hexadecimal digits");
    return BROKER_OK;
}

static int get_estimate(struct reader *r, const struct place *outer, const json_t *json,
                        struct result_estimate *e)
{
    struct {
        const char *key;
        double *value;
    } numbers[] = {
        {"high", &e->high}, {"level", &e->level}, {"low", &e->low}, {"value", &e->value}};
    const json_t *known = json_object_get(json, "known");
    if (!json_is_boolean(known))
        return refuse(r, outer, "an estimate");
    e->known = json_is_true(known);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct place place = {outer, numbers[i].key, 0};
        const json_t *number = json_object_get(json, numbers[i].key);
        if (get_double(r, &place, number, numbers[i].value) != BROKER_OK)
            return BROKER_ECORRUPT;
        if (e->known && isnan(*numbers[i].value))
            return refuse(r, &place, "a number, because the estimate is known");
    }
    struct place place = {outer, "n", 0};
    return get_u64(r, &place, json_object_get(json, "n"), &e->n);
}

static int get_bins(struct reader *r, const struct place *outer, const json_t *json, uint64_t *bins,
                    uint64_t *total)
{
    const char *key;
    json_t *value;
    if (!json_is_object(json))
        return refuse(r, outer, "counts by lower bound");
    json_object_foreach((json_t *)json, key, value)
    {
        struct place place = {outer, key, 0};
        uint64_t lower, count;
        if (!parse_u64(key, 10, &lower) || lower > INT64_MAX)
            return refuse(r, &place, "a lower bound in ns as key");
        uint32_t bin = sim_histogram_bin((int64_t)lower);
        if (sim_histogram_bin_lower_ns(bin) != (int64_t)lower)
            return refuse(r, &place, "the lower bound of a bin as key");
        if (get_u64(r, &place, value, &count) != BROKER_OK)
            return BROKER_ECORRUPT;
        bins[bin] = count;
        if (__builtin_add_overflow(*total, count, total))
            return refuse(r, &place, "counts that fit 64 bits in all");
    }
    return BROKER_OK;
}

static int get_wide(struct reader *r, const struct place *place, const json_t *json,
                    unsigned __int128 *value)
{
    const char *text = json_string_value(json);
    char half[17] = "";
    uint64_t upper, lower;
    if (!text || strlen(text) != 34 || strncmp(text, "0x", 2) != 0)
        return refuse(r, place, "\"0x\" and 32 hexadecimal digits");
    memcpy(half, text + 2, 16);
    if (!parse_u64(half, 16, &upper) || !parse_u64(text + 18, 16, &lower))
        return refuse(r, place, "\"0x\" and 32 hexadecimal digits");
    *value = (unsigned __int128)upper << 64 | lower;
    return BROKER_OK;
}

/* What the bins do not tell: sums, the extremes, and how many calls made them. */
static int fill_exact(struct reader *r, const struct place *outer, const json_t *json,
                      struct sim_histogram *h)
{
    struct place sum = {outer, "sum_half_ns", 0}, squares = {outer, "many_squares", 0};
    struct place many = {outer, "many_count", 0}, calls = {outer, "observation_count", 0};
    struct place min = {outer, "min_ns", 0}, max = {outer, "max_ns", 0};
    unsigned __int128 halves, squared;
    if (get_wide(r, &sum, json_object_get(json, sum.key), &halves) != BROKER_OK ||
        get_wide(r, &squares, json_object_get(json, squares.key), &squared) != BROKER_OK ||
        get_u64(r, &many, json_object_get(json, many.key), &h->many_count) != BROKER_OK ||
        get_u64(r, &calls, json_object_get(json, calls.key), &h->observation_count) != BROKER_OK)
        return BROKER_ECORRUPT;
    h->sum_ns = (sim_int128)(halves >> 1);
    h->half_count = (uint64_t)(halves & 1);
    h->many_squares = (sim_int128)squared;
    if (h->count == 0)
        return BROKER_OK;
    if (get_integer(r, &min, json_object_get(json, min.key), 0, INT64_MAX, &h->min_ns) != BROKER_OK)
        return BROKER_ECORRUPT;
    return get_integer(r, &max, json_object_get(json, max.key), h->min_ns, INT64_MAX, &h->max_ns);
}

static int fill_histogram(struct reader *r, const struct place *outer, const json_t *json,
                          struct sim_histogram *h)
{
    struct place bins = {outer, "bins_by_lower_ns", 0};
    if (get_bins(r, &bins, json_object_get(json, bins.key), h->many, &h->count) != BROKER_OK)
        return BROKER_ECORRUPT;
    return fill_exact(r, outer, json, h);
}

static int get_histogram(struct reader *r, const struct place *place, const json_t *json,
                         struct sim_histogram **histogram)
{
    if (json_is_null(json))
        return BROKER_OK;
    if (!json_is_object(json))
        return refuse(r, place, "a histogram or null");
    struct sim_histogram *h = sim_checked(malloc(sizeof *h));
    sim_histogram_init(h);
    *histogram = h; /* from here on the result frees it */
    return fill_histogram(r, place, json, h);
}

static int get_enum(struct reader *r, const struct place *place, const json_t *json,
                    const struct result_field *f, void *member)
{
    const char *text = json_string_value(json);
    for (unsigned i = 0; text && f->names[i]; i++) {
        if (strcmp(text, f->names[i]) == 0) {
            memcpy(member, &i, sizeof i);
            return BROKER_OK;
        }
    }
    return refuse(r, place, "one of the words of this format");
}

static int get_fields(struct reader *r, const struct place *outer, const json_t *json,
                      const struct result_field *f, void *object);

static int get_variant(struct reader *r, const struct place *place, const json_t *json,
                       struct result **slot)
{
    *slot = result_new();
    struct reader inner = {*slot, r->err, r->minor};
    return get_fields(&inner, place, json, RESULT_FIELDS, *slot);
}

static int get_array(struct reader *r, const struct place *outer, const json_t *json,
                     const struct result_field *f, void *object)
{
    if (!json_is_array(json) || json_array_size(json) > UINT32_MAX)
        return refuse(r, outer, "an array");
    uint32_t count = (uint32_t)json_array_size(json);
    size_t size = f->type == FIELD_VARIANTS ? sizeof(struct result *) : f->size;
    char *elements = result_alloc(r->result, count, size);
    memcpy((char *)object + f->offset, &elements, sizeof elements);
    for (uint32_t i = 0; i < count; i++) {
        struct place place = {outer, NULL, i};
        const json_t *element = json_array_get(json, i);
        void *to = elements + i * size;
        int rc = BROKER_OK;
        memcpy((char *)object + f->count_offset, &(uint32_t){i + 1}, sizeof i);
        if (f->type == FIELD_DOUBLES)
            rc = get_double(r, &place, element, to);
        else if (f->type == FIELD_VARIANTS)
            rc = get_variant(r, &place, element, to);
        else
            rc = get_fields(r, &place, element, f->inner, to);
        if (rc != BROKER_OK)
            return rc;
    }
    return BROKER_OK;
}

static int get_string(struct reader *r, const struct place *place, const json_t *json,
                      const char **text)
{
    if (!json_is_string(json))
        return refuse(r, place, "a string");
    *text = result_string(r->result, json_string_value(json));
    return BROKER_OK;
}

static int get_field(struct reader *r, const struct place *place, const json_t *json,
                     const struct result_field *f, void *object)
{
    void *m = (char *)object + f->offset;
    int64_t number = 0;
    int rc;
    switch (f->type) {
    case FIELD_STRING:
        return get_string(r, place, json, m);
    case FIELD_BOOL:
        *(bool *)m = json_is_true(json);
        return json_is_boolean(json) ? BROKER_OK : refuse(r, place, "true or false");
    case FIELD_INT32:
        rc = get_integer(r, place, json, INT32_MIN, INT32_MAX, &number);
        *(int32_t *)m = (int32_t)number;
        return rc;
    case FIELD_UINT32:
        rc = get_integer(r, place, json, 0, UINT32_MAX, &number);
        *(uint32_t *)m = (uint32_t)number;
        return rc;
    case FIELD_UINT64:
        return get_u64(r, place, json, m);
    case FIELD_HEX64:
        return get_hex(r, place, json, m);
    case FIELD_DOUBLE:
        return get_double(r, place, json, m);
    case FIELD_DAY:
        rc = get_double(r, place, json, m);
        if (json_is_null(json))
            *(double *)m = -1;
        return rc;
    case FIELD_ESTIMATE:
        return get_estimate(r, place, json, m);
    case FIELD_ENUM:
        return get_enum(r, place, json, f, m);
    case FIELD_HISTOGRAM:
        return get_histogram(r, place, json, m);
    case FIELD_OBJECT:
        return get_fields(r, place, json, f->inner, m);
    case FIELD_DOUBLES:
    case FIELD_OBJECTS:
    case FIELD_VARIANTS:
        return get_array(r, place, json, f, object);
    }
    return BROKER_OK;
}

static int get_fields(struct reader *r, const struct place *outer, const json_t *json,
                      const struct result_field *f, void *object)
{
    if (!json_is_object(json))
        return refuse(r, outer, "an object");
    for (; f->key; f++) {
        struct place place = {outer, f->key, 0};
        const json_t *value = json_object_get(json, f->key);
        if (!value && r->minor < f->since_minor)
            continue;
        if (!value)
            return refuse(r, &place, "this key to be there");
        int rc = get_field(r, &place, value, f, object);
        if (rc != BROKER_OK)
            return rc;
    }
    return BROKER_OK;
}

static int check_version(const json_t *root, int *major_read, int *minor_read,
                         struct broker_err *err)
{
    const char *version = json_string_value(json_object_get(root, "format_version"));
    int major, minor;
    if (!version || sscanf(version, "%d.%d", &major, &minor) != 2)
        return broker_err_set(err, BROKER_ECORRUPT,
                              "format_version is missing: this is no result of headroom");
    if (major < 1 || major > RESULT_FORMAT_MAJOR)
        return broker_err_set(
            err, BROKER_EREFUSED, "format_version %d.%d: this headroom reads 1.x to %d.x; %s",
            major, minor, RESULT_FORMAT_MAJOR,
            major > RESULT_FORMAT_MAJOR ? "use a newer headroom" : "run the scenario again");
    *major_read = major;
    *minor_read = minor;
    return BROKER_OK;
}

/* Before 2.0 brokers and disks counted from 0 there, and from 1 in all names beside. */
static void count_from_1(struct result_disk *d)
{
    d->broker += d->broker < INT32_MAX;
    d->disk += d->disk < INT32_MAX;
}

/* What a disk was in an older format; before minor number 6 nothing but the start was known of what it held "now". */
static void bring_up_to_date(struct result *r, int major, int minor)
{
    for (uint32_t i = 0; i < r->disk_count; i++) {
        if (major < 2)
            count_from_1(&r->disks[i]);
        if (minor < 6)
            r->disks[i].used_moment_bytes = r->disks[i].used_start_bytes;
    }
    for (uint32_t v = 0; v < r->variant_count; v++)
        bring_up_to_date(r->variants[v], major, minor);
}

static int read_root(const json_t *root, struct result **result, struct broker_err *err)
{
    int major = 0, minor = 0, rc = check_version(root, &major, &minor, err);
    if (rc != BROKER_OK)
        return rc;
    *result = result_new();
    struct reader reader = {*result, err, minor};
    struct place place = {NULL, "result", 0};
    rc = get_fields(&reader, &place, json_object_get(root, "result"), RESULT_FIELDS, *result);
    if (rc != BROKER_OK) {
        result_free(*result);
        *result = NULL;
    } else {
        bring_up_to_date(*result, major, minor);
    }
    return rc;
}

int report_json_read(FILE *in, const char *name, struct result **result, struct broker_err *err)
{
    *result = NULL;
    json_error_t error;
    json_t *root = json_loadf(in, JSON_REJECT_DUPLICATES, &error);
    if (!root && ferror(in))
        return broker_err_set(err, BROKER_EIO, "%s: %s", name, strerror(errno));
    if (!root)
        return broker_err_set(err, BROKER_ECORRUPT, "%s:%d:%d: %s", name, error.line, error.column,
                              error.text);
    int rc = read_root(root, result, err);
    json_decref(root);
    return rc == BROKER_OK ? rc : broker_err_wrap(err, rc, "%s", name);
}
