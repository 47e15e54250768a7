/* Inputs that the file does not state and whose default is a guess. */
#include "model/scenario/scenario_internal.h"

#include <string.h>

static bool is_ratio(const struct scenario_key *key)
{
    return key->special == &scenario_special_ratio;
}

static bool is_assumption(const struct scenario_build *b, const struct scenario_thing *thing,
                          const struct scenario_key *key)
{
    const struct scenario_producer *p = thing->base;
    if (is_ratio(key))
        return p->config.compression_type != SCENARIO_COMPRESSION_NONE;
    if (strcmp(key->path, "cluster/network/cross_rack") == 0)
        return b->s->cluster.rack_count > 1;
    return key->likely_high > 0;
}

/* Of a compression table the value is a factor on what compression saves: 1 is the table itself. */
static void set_ratio(struct scenario_ratio_table *table, double factor)
{
    for (int i = 0; i < table->count; i++)
        table->ratio[i] = 1 + (table->ratio[i] - 1) * factor;
}

static void describe(struct scenario_build *b, const struct scenario_thing *thing,
                     const struct scenario_key *key, struct scenario_input *input)
{
    char text[64];
    const struct scenario_producer *p = thing->base;
    input->path = scenario_path_text(b->arena, thing->path, key->path);
    input->unit = is_ratio(key) ? "times that" : scenario_unit_base(key->unit);
    if (is_ratio(key)) {
        input->low = 0.6; /* judgement: text against already dense records */
        input->central = 1;
        input->high = 1.5; /* judgement: JSON of one kind; measured lz4 ratios of 3 against 2.1 */
        input->text =
            scenario_arena_printf(b->arena, "%.2g for large batches",
                                  p->compression_ratio.ratio[p->compression_ratio.count - 1]);
        return;
    }
    input->low = key->likely_low;
    input->high = key->likely_high;
    input->central = scenario_field_number(key, thing->base);
    if (key->type == SCENARIO_KEY_INTEGER)
        scenario_integer_write((int64_t)input->central, key->unit, text);
    else
        scenario_number_write(input->central, key->unit, text);
    input->text = scenario_arena_text(b->arena, text, strlen(text));
}

static void note(struct scenario_build *b, const struct scenario_thing *thing,
                 const struct scenario_key *key)
{
    b->assumed = scenario_arena_grow(b->arena, b->assumed, b->assumed_count, &b->assumed_room,
                                     sizeof *b->assumed);
    struct scenario_uncertain *u = &b->assumed[b->assumed_count++];
    *u = (struct scenario_uncertain){.key = key};
    describe(b, thing, key, &u->input);
}

void scenario_assume(struct scenario_build *b, struct scenario_thing *thing,
                     const struct scenario_key *key)
{
    if (!is_assumption(b, thing, key))
        return;
    note(b, thing, key);
    if (b->assume != b->assumed_count)
        return;
    if (is_ratio(key))
        set_ratio(&((struct scenario_producer *)thing->base)->compression_ratio, b->assume_value);
    else
        scenario_field_set_number(key, thing->base, b->assume_value, (int64_t)b->assume_value);
}
