#include "model/report/result_json.h"

#include <inttypes.h>
#include <string.h>

#include "model/report/json_write.h"
#include "model/report/result_fields.h"

static const void *at(const void *object, size_t offset)
{
    return (const char *)object + offset;
}

static void put_estimate(struct json_writer *w, const struct result_estimate *e)
{
    json_put_object_begin_inline(w);
    json_put_key(w, "high"), e->known ? json_put_double(w, e->high) : json_put_null(w);
    json_put_key(w, "known"), json_put_bool(w, e->known);
    json_put_key(w, "level"), json_put_double(w, e->level);
    json_put_key(w, "low"), e->known ? json_put_double(w, e->low) : json_put_null(w);
    json_put_key(w, "n"), json_put_uint(w, e->n);
    json_put_key(w, "value"), e->known ? json_put_double(w, e->value) : json_put_null(w);
    json_put_object_end(w);
}

static void put_bin(struct json_writer *w, int64_t lower_ns, uint64_t count)
{
    char key[32];
    snprintf(key, sizeof key, "%" PRId64, lower_ns);
    json_put_key(w, key);
    json_put_uint(w, count);
}

/* Beyond int64_t: two halves in hexadecimal are exact and short. */
static void put_wide(struct json_writer *w, unsigned __int128 value)
{
    char text[40];
    snprintf(text, sizeof text, "0x%016" PRIx64 "%016" PRIx64, (uint64_t)(value >> 64),
             (uint64_t)value);
    json_put_string(w, text);
}

/* Counts of values by the lower bound of their bin, then what bins cannot tell exactly. */
static void put_histogram(struct json_writer *w, const struct sim_histogram *h)
{
    if (!h) {
        json_put_null(w);
        return;
    }
    json_put_object_begin(w);
    json_put_key(w, "bins_by_lower_ns");
    json_put_object_begin_inline(w);
    for (struct sim_histogram_cursor at_bin = {0}; sim_histogram_next(h, &at_bin);)
        put_bin(w, at_bin.lower_ns, at_bin.count);
    json_put_object_end(w);
    json_put_key(w, "many_count"), json_put_uint(w, h->many_count);
    json_put_key(w, "many_squares"), put_wide(w, (unsigned __int128)h->many_squares);
    json_put_key(w, "max_ns"), h->count ? json_put_int(w, h->max_ns) : json_put_null(w);
    json_put_key(w, "min_ns"), h->count ? json_put_int(w, h->min_ns) : json_put_null(w);
    json_put_key(w, "observation_count"), json_put_uint(w, h->observation_count);
    json_put_key(w, "sum_half_ns");
    put_wide(w, 2 * (unsigned __int128)h->sum_ns + h->half_count);
    json_put_object_end(w);
}

static void put_enum(struct json_writer *w, const struct result_field *f, const void *member)
{
    unsigned value;
    memcpy(&value, member, sizeof value);
    unsigned known = 0;
    while (f->names[known])
        known++;
    json_put_string(w, value < known ? f->names[value] : NULL);
}

static void put_doubles(struct json_writer *w, const double *y, uint32_t count)
{
    json_put_array_begin_inline(w);
    for (uint32_t i = 0; i < count; i++)
        json_put_double(w, y[i]);
    json_put_array_end(w);
}

static void put_fields(struct json_writer *w, const struct result_field *f, const void *object);

static void put_result(struct json_writer *w, const struct result *result)
{
    json_put_object_begin(w);
    put_fields(w, RESULT_FIELDS, result);
    json_put_object_end(w);
}

static void put_array(struct json_writer *w, const struct result_field *f, const void *object)
{
    uint32_t count = *(const uint32_t *)at(object, f->count_offset);
    json_put_array_begin(w);
    for (uint32_t i = 0; i < count; i++) {
        if (f->type == FIELD_VARIANTS) {
            put_result(w, (*(struct result * *const *)at(object, f->offset))[i]);
        } else {
            json_put_object_begin(w);
            put_fields(w, f->inner, *(const char *const *)at(object, f->offset) + i * f->size);
            json_put_object_end(w);
        }
    }
    json_put_array_end(w);
}

static void put_hex(struct json_writer *w, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "0x%016" PRIx64, value);
    json_put_string(w, text);
}

static void put_field(struct json_writer *w, const struct result_field *f, const void *object)
{
    const void *m = at(object, f->offset);
    switch (f->type) {
    case FIELD_STRING: {
        const char *text = *(const char *const *)m;
        json_put_string(w, text ? text : "");
        break;
    }
    case FIELD_BOOL:
        json_put_bool(w, *(const bool *)m);
        break;
    case FIELD_INT32:
        json_put_int(w, *(const int32_t *)m);
        break;
    case FIELD_UINT32:
        json_put_int(w, *(const uint32_t *)m);
        break;
    case FIELD_UINT64:
        json_put_uint(w, *(const uint64_t *)m);
        break;
    case FIELD_HEX64:
        put_hex(w, *(const uint64_t *)m);
        break;
    case FIELD_DOUBLE:
        json_put_double(w, *(const double *)m);
        break;
    case FIELD_DAY:
        *(const double *)m < 0 ? json_put_null(w) : json_put_double(w, *(const double *)m);
        break;
    case FIELD_ESTIMATE:
        put_estimate(w, m);
        break;
    case FIELD_ENUM:
        put_enum(w, f, m);
        break;
    case FIELD_HISTOGRAM:
        put_histogram(w, *(struct sim_histogram *const *)m);
        break;
    case FIELD_DOUBLES:
        put_doubles(w, *(double *const *)m, *(const uint32_t *)at(object, f->count_offset));
        break;
    case FIELD_OBJECT:
        json_put_object_begin(w);
        put_fields(w, f->inner, m);
        json_put_object_end(w);
        break;
    case FIELD_OBJECTS:
    case FIELD_VARIANTS:
        put_array(w, f, object);
        break;
    }
}

static void put_fields(struct json_writer *w, const struct result_field *f, const void *object)
{
    for (; f->key; f++) {
        json_put_key(w, f->key);
        put_field(w, f, object);
    }
}

int report_json_write(const struct result *result, FILE *out)
{
    struct json_writer w;
    json_put_init(&w, out);
    json_put_object_begin(&w);
    char version[24];
    snprintf(version, sizeof version, "%d.%d", RESULT_FORMAT_MAJOR, RESULT_FORMAT_MINOR);
    json_put_key(&w, "format_version"), json_put_string(&w, version);
    json_put_key(&w, "result"), put_result(&w, result);
    json_put_key(&w, "tool");
    json_put_object_begin_inline(&w);
    json_put_key(&w, "name"), json_put_string(&w, "headroom");
    json_put_key(&w, "version"), json_put_string(&w, HEADROOM_VERSION);
    json_put_object_end(&w);
    json_put_object_end(&w);
    json_put_finish(&w);
    return ferror(out) ? -1 : 0;
}
