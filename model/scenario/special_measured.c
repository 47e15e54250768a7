/* The quantities of a `measured:` block: one value, or one a repeat; `unknown` where a repeat lacks it. */
#include "model/scenario/scenario_internal.h"

#include <math.h>
#include <string.h>

/* Times are kept in ns by all other rows, and in seconds here. */
static double scale_of(const struct scenario_key *key)
{
    return key->unit == SCENARIO_UNIT_TIME ? 1e-9 : 1;
}

static enum measured_quantity quantity_of(const struct scenario_key *key)
{
    const char *name = strrchr(key->path, '/') + 1;
    int q = 0;
    while (strcmp(measured_quantity_name((enum measured_quantity)q), name) != 0)
        q++;
    return (enum measured_quantity)q;
}

static void read_value(struct scenario_build *b, const char *path, const struct scenario_key *key,
                       const struct scenario_node *node, double *value)
{
    struct scenario_key like = *key;
    struct scenario_number number = {0};
    like.type = SCENARIO_KEY_NUMBER;
    like.special = NULL;
    *value = NAN;
    if (node->kind == SCENARIO_NODE_SCALAR && strcmp(node->text, "unknown") == 0)
        return;
    if (scenario_value_number(b, path, &like, node, &number))
        *value = number.value * scale_of(key);
}

/* Quantities that are stated for more repeats than others leave the others unknown. */
static void read_measured(struct scenario_build *b, struct scenario_thing *thing,
                          const struct scenario_key *key, const struct scenario_node *node)
{
    struct measured *m = &b->s->measured;
    const char *path = scenario_path_text(b->arena, thing->path, key->path);
    enum measured_quantity q = quantity_of(key);
    const struct scenario_node *item = node->kind == SCENARIO_NODE_LIST ? node->first : node;
    int count = node->kind == SCENARIO_NODE_LIST ? node->count : 1;
    if (node->kind == SCENARIO_NODE_MAP || count < 1 || count > MEASURED_REPEATS_MAX) {
        scenario_errors_add(b->errors, node->at, "%s is %s; expected %s", path,
                            node->kind == SCENARIO_NODE_MAP ? "a map"
                            : count < 1                     ? "an empty list"
                                                            : "too long a list",
                            key->special->expects);
        return;
    }
    for (int r = m->repeat_count; r < count; r++)
        for (int other = 0; other < MEASURED_QUANTITIES; other++)
            m->value[r][other] = NAN;
    m->repeat_count = count > m->repeat_count ? count : m->repeat_count;
    m->present = true;
    for (int r = 0; r < count; r++, item = node->kind == SCENARIO_NODE_LIST ? item->next : NULL)
        read_value(b, path, key, item, &m->value[r][q]);
}

static void write_measured(const struct scenario *s, const struct scenario_thing *thing,
                           const struct scenario_key *key, FILE *out)
{
    const struct measured *m = &s->measured;
    enum measured_quantity q = quantity_of(key);
    char buffer[64];
    (void)thing;
    for (int r = 0; r < m->repeat_count; r++) {
        double value = m->value[r][q];
        fprintf(out, "%s%s", r == 0 ? "[" : ", ",
                isnan(value) ? "unknown"
                             : scenario_number_write(value / scale_of(key), key->unit, buffer));
    }
    fputs("]", out);
}

const struct scenario_special scenario_special_measured = {
    .read = read_measured,
    .write = write_measured,
    .expects = "a value, or a list of up to 16, one a repeat; unknown where there is none",
    .schema = "\"type\": [\"number\", \"string\", \"array\"]"};
