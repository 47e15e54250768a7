/* Drawing uncertain inputs, each from the stream that its path names. */
#include "model/scenario/sample_internal.h"
#include "sim/dmath.h"
#include "sim/memory.h"
#include "sim/random.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Inverse of the triangular distribution function. */
static double triangular(const struct scenario_uncertain *u, double p)
{
    double width = u->c - u->a, left = u->b - u->a;
    if (p * width < left)
        return u->a + sim_sqrt(p * width * left);
    return u->c - sim_sqrt((1 - p) * width * (u->c - u->b));
}

static double lognormal(const struct scenario_uncertain *u, double p)
{
    double variance = sim_log1p(u->b * u->b);
    return u->a * sim_exp(sim_sqrt(variance) * sim_normal_quantile(p) - variance / 2);
}

/* The value below which a share p of the draws lies, 0 < p < 1. */
static double quantile(const struct scenario_uncertain *u, double p)
{
    switch (u->dist) {
    case SCENARIO_DIST_LOGNORMAL:
        return u->b > 0 && u->a > 0 ? lognormal(u, p) : u->a;
    case SCENARIO_DIST_TRIANGULAR:
        return triangular(u, p);
    default:
        return u->a + p * (u->b - u->a);
    }
}

void scenario_uncertain_describe(struct scenario_uncertain *u)
{
    bool is_uniform = u->dist == SCENARIO_DIST_UNIFORM;
    u->input.central = is_uniform                           ? u->a + (u->b - u->a) / 2
                       : u->dist == SCENARIO_DIST_LOGNORMAL ? u->a /* exactly its median */
                                                            : quantile(u, 0.5);
    u->input.low = is_uniform ? u->a : quantile(u, 0.025);
    u->input.high = is_uniform ? u->b : quantile(u, 0.975);
}

static const struct scenario_state *state_of(const struct scenario_doc *doc, int variant)
{
    assert(doc->errors.count == 0);
    assert(variant >= -1 && variant < doc->variant_count);
    return variant < 0 ? &doc->base : &doc->variants[variant];
}

int scenario_input_count(const struct scenario_doc *doc, int variant)
{
    return state_of(doc, variant)->build.uncertain_count;
}

const struct scenario_input *scenario_input_at(const struct scenario_doc *doc, int variant,
                                               int index)
{
    const struct scenario_build *b = &state_of(doc, variant)->build;
    assert(index >= 0 && index < b->uncertain_count);
    return &b->uncertain[index].input;
}

/* The scenario comes with its own memory, so that threads can each draw and free theirs. */
struct owned {
    struct scenario s;
    struct scenario_arena arena;
};

static struct scenario *build_with(const struct scenario_doc *doc,
                                   const struct scenario_state *state, const double *values,
                                   int assume, double assume_value)
{
    struct owned *o = sim_alloc(1, sizeof *o);
    struct scenario_errors errors;
    scenario_errors_init(&errors, &o->arena);
    struct scenario_build b = {.arena = &o->arena,
                               .errors = &errors,
                               .catalogue = doc->catalogue,
                               .tree = state->tree,
                               .s = &o->s,
                               .assume = assume,
                               .assume_value = assume_value,
                               .override = values,
                               .override_count = state->build.uncertain_count};
    scenario_state_prepare(doc, state->name, &o->s);
    scenario_build_run(&b);
    if (doc->quick)
        o->s.run.quick = true;
    if (errors.count == 0)
        return &o->s;
    scenario_free(&o->s);
    return NULL;
}

/* Named by the input's path; by a hash of it where the path is longer than a stream's name may be. */
static void stream_of(struct sim_stream *stream, uint64_t seed, uint32_t replication,
                      const char *path)
{
    if (strlen(path) < 200)
        sim_stream_initf(stream, seed, replication, "input %s", path);
    else
        sim_stream_initf(stream, seed, replication, "input %016" PRIx64, sim_hash_name(path));
}

struct scenario *scenario_sample(const struct scenario_doc *doc, int variant, uint64_t seed,
                                 uint32_t replication)
{
    const struct scenario_state *state = state_of(doc, variant);
    int n = state->build.uncertain_count;
    double *values = sim_alloc((size_t)n + 1, sizeof *values);
    for (int i = 0; i < n; i++) {
        struct sim_stream stream;
        stream_of(&stream, seed, replication, state->build.uncertain[i].input.path);
        values[i] = quantile(&state->build.uncertain[i], sim_unit_open(&stream));
    }
    struct scenario *s = build_with(doc, state, values, 0, 0);
    free(values);
    return s;
}

struct scenario *scenario_with_input(const struct scenario_doc *doc, int variant, int index,
                                     double value)
{
    const struct scenario_state *state = state_of(doc, variant);
    int n = state->build.uncertain_count;
    assert(index >= 0 && index < n);
    double *values = sim_alloc((size_t)n + 1, sizeof *values);
    for (int i = 0; i < n; i++)
        values[i] = i == index ? value : state->build.uncertain[i].input.central;
    struct scenario *s = build_with(doc, state, values, 0, 0);
    free(values);
    return s;
}

struct scenario *scenario_at_end(const struct scenario_doc *doc, int variant, bool is_high)
{
    const struct scenario_state *state = state_of(doc, variant);
    int n = state->build.uncertain_count;
    double *values = sim_alloc((size_t)n + 1, sizeof *values);
    for (int i = 0; i < n; i++) {
        const struct scenario_input *input = &state->build.uncertain[i].input;
        values[i] = is_high ? input->high : input->low;
    }
    struct scenario *s = build_with(doc, state, values, 0, 0);
    free(values);
    return s;
}

int scenario_assumption_count(const struct scenario_doc *doc, int variant)
{
    return state_of(doc, variant)->build.assumed_count;
}

const struct scenario_input *scenario_assumption_at(const struct scenario_doc *doc, int variant,
                                                    int index)
{
    const struct scenario_build *b = &state_of(doc, variant)->build;
    assert(index >= 0 && index < b->assumed_count);
    return &b->assumed[index].input;
}

struct scenario *scenario_with_assumption(const struct scenario_doc *doc, int variant, int index,
                                          double value)
{
    const struct scenario_state *state = state_of(doc, variant);
    assert(index >= 0 && index < state->build.assumed_count);
    return build_with(doc, state, NULL, index + 1, value);
}

void scenario_free(struct scenario *s)
{
    if (!s)
        return;
    struct owned *o = (struct owned *)s;
    scenario_arena_release(&o->arena);
    free(o);
}
