/* The document: file, options and variants, from bytes to scenarios or to errors. */
#include "model/scenario/scenario_internal.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/memory.h"

enum {
    VARIANTS_MAX = 100,
    INPUT_BYTES_MAX = 4 * 1024 * 1024 /* bounds libyaml's quadratic scanner */
};

/* ---- one scenario ---- */

static const char *stem(struct scenario_arena *arena, const char *path)
{
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    const char *dot = strrchr(name, '.');
    bool is_yaml = dot && dot > name && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
    return is_yaml ? scenario_arena_text(arena, name, (size_t)(dot - name)) : name;
}

void scenario_state_prepare(const struct scenario_doc *doc, const char *variant, struct scenario *s)
{
    s->name = doc->name;
    s->path = doc->path;
    s->variant = variant;
    s->question = "";
    s->measured = (struct measured){.id = "", .family = "", .source = "", .series = ""};
}

/* All ranges at one end together: what contradicts there would contradict in some replication. */
static void check_end(struct scenario_doc *doc, const struct scenario_state *state, bool is_high)
{
    int n = state->build.uncertain_count;
    struct scenario_arena arena = {0};
    struct scenario_errors errors;
    double *values = scenario_arena_take(&arena, (size_t)n * sizeof *values);
    struct scenario *s = scenario_arena_take(&arena, sizeof *s);
    for (int i = 0; i < n; i++)
        values[i] =
            is_high ? state->build.uncertain[i].input.high : state->build.uncertain[i].input.low;
    scenario_errors_init(&errors, &arena);
    struct scenario_build b = {.arena = &arena,
                               .errors = &errors,
                               .catalogue = doc->catalogue,
                               .tree = state->tree,
                               .s = s,
                               .override = values,
                               .override_count = n};
    scenario_state_prepare(doc, state->name, s);
    scenario_build_run(&b);
    for (int i = 0; i < errors.count; i++) {
        const struct scenario_error *e = &errors.list[i];
        const char *source = scenario_arena_text(&doc->arena, e->source, strlen(e->source));
        scenario_errors_add(&doc->errors, (struct scenario_place){source, e->line, e->column},
                            "%s (with every range at its %s end)", e->message,
                            is_high ? "high" : "low");
    }
    scenario_arena_release(&arena);
}

static void build_state(struct scenario_doc *doc, struct scenario_state *state,
                        const struct scenario_node *tree)
{
    int before = doc->errors.count;
    state->tree = tree;
    state->build = (struct scenario_build){.arena = &doc->arena,
                                           .errors = &doc->errors,
                                           .catalogue = doc->catalogue,
                                           .datadir = doc->datadir,
                                           .tree = tree};
    state->build.s = scenario_arena_take(&doc->arena, sizeof *state->build.s);
    scenario_state_prepare(doc, state->name, state->build.s);
    scenario_build_run(&state->build);
    if (doc->quick && state->build.root.origins) {
        state->build.s->run.quick = true;
        scenario_derived(&state->build, &state->build.root, "run/quick", "--quick");
    }
    if (doc->errors.count == before && state->build.uncertain_count > 0) {
        check_end(doc, state, false);
        check_end(doc, state, true);
    }
}

/* ---- --set ---- */

/* The value is YAML of its own; its errors are at the option, which has no lines. */
static struct scenario_node *option_value(struct scenario_doc *doc, const char *source,
                                          const char *text)
{
    int before = doc->errors.count;
    struct scenario_node *value = NULL;
    if (scenario_text_check(source, text, strlen(text), &doc->errors))
        value = scenario_yaml_read(source, text, strlen(text), &doc->arena, &doc->errors);
    for (int i = before; i < doc->errors.count; i++)
        doc->errors.list[i].line = doc->errors.list[i].column = 0;
    return value;
}

static void forget_lines(struct scenario_node *node)
{
    node->at.line = node->at.column = node->key_at.line = node->key_at.column = 0;
    for (struct scenario_node *child = node->first; child; child = child->next)
        forget_lines(child);
}

static const struct scenario_node *
apply_option(struct scenario_doc *doc, const struct scenario_node *tree, const char *option)
{
    const char *equals = strchr(option, '=');
    const char *source =
        scenario_arena_printf(&doc->arena, "--set %s", scenario_shown(&doc->arena, option));
    struct scenario_place at = {source, 0, 0};
    if (!equals || equals == option) {
        scenario_errors_add(&doc->errors, at,
                            "expected PATH=VALUE, such as producers.checkout.rate=\"40 MB/s\"");
        return tree;
    }
    const char *path = scenario_arena_text(&doc->arena, option, (size_t)(equals - option));
    struct scenario_node *value = option_value(doc, source, equals + 1);
    if (!value)
        return tree;
    forget_lines(value);
    const struct scenario_node *changed =
        scenario_set(&doc->arena, &doc->errors, tree, path, at, value);
    return changed ? changed : tree;
}

/* ---- variants ---- */

static const struct scenario_node *apply_variant(struct scenario_doc *doc,
                                                 const struct scenario_node *tree,
                                                 const struct scenario_node *variant)
{
    if (variant->kind != SCENARIO_NODE_MAP) {
        scenario_errors_add(&doc->errors, variant->at,
                            "variants.%s is not a map; expected paths with their values",
                            scenario_shown(&doc->arena, variant->key));
        return tree;
    }
    for (const struct scenario_node *item = variant->first; item; item = item->next) {
        const struct scenario_node *changed =
            scenario_set(&doc->arena, &doc->errors, tree, item->key, item->key_at, item);
        tree = changed ? changed : tree;
    }
    return tree;
}

/* Topics that only producers name would otherwise come and go with a variant, and results could not be set side by side. */
static void refuse_other_topics(struct scenario_doc *doc, const struct scenario_state *state,
                                const struct scenario_node *variant)
{
    const struct scenario *base = doc->base.build.s, *s = state->build.s;
    bool is_same = base->topic_count == s->topic_count;
    for (int i = 0; is_same && i < s->topic_count; i++)
        is_same = strcmp(base->topics[i].name, s->topics[i].name) == 0;
    if (!is_same)
        scenario_errors_add(
            &doc->errors, variant->key_at,
            "variants.%s has other topics than the file; give them all under topics",
            scenario_shown(&doc->arena, variant->key));
}

static void build_variants(struct scenario_doc *doc, const struct scenario_node *tree)
{
    const struct scenario_node *map = scenario_node_find(tree, "variants");
    if (!map || scenario_node_is_empty(map))
        return;
    if (map->kind != SCENARIO_NODE_MAP) {
        scenario_errors_add(&doc->errors, map->at,
                            "variants is not a map; expected names with what they change");
        return;
    }
    if (map->count > VARIANTS_MAX) {
        doc->errors.limit = true;
        scenario_errors_add(&doc->errors, map->at, "variants has %d entries; the limit is %d",
                            map->count, VARIANTS_MAX);
        return;
    }
    doc->variants = scenario_arena_take(&doc->arena, (size_t)map->count * sizeof *doc->variants);
    bool is_base_wrong = doc->errors.count > 0;
    for (const struct scenario_node *variant = map->first; variant; variant = variant->next) {
        if (strncmp(variant->key, "x-", 2) == 0)
            continue;
        struct scenario_state *state = &doc->variants[doc->variant_count++];
        state->name = variant->key;
        const struct scenario_node *changed = apply_variant(doc, tree, variant);
        /* Errors of the file would come again in every variant. */
        if (!is_base_wrong) {
            build_state(doc, state, changed);
            refuse_other_topics(doc, state, variant);
        }
    }
}

/* ---- the document ---- */

static enum scenario_status status_of(const struct scenario_doc *doc)
{
    if (doc->errors.count == 0)
        return SCENARIO_OK;
    return doc->errors.io ? SCENARIO_EIO : doc->errors.limit ? SCENARIO_ELIMIT : SCENARIO_EINVALID;
}

static struct scenario_doc *doc_new(const char *path, const struct scenario_options *options)
{
    assert(options && options->datadir);
    struct scenario_doc *doc = sim_alloc(1, sizeof *doc);
    doc->path = scenario_arena_text(&doc->arena, path, strlen(path));
    doc->name = stem(&doc->arena, doc->path);
    doc->quick = options->quick;
    doc->datadir = options->datadir;
    doc->base.name = "";
    scenario_errors_init(&doc->errors, &doc->arena);
    return doc;
}

static int64_t bytes_max(const struct scenario_options *options)
{
    return options->input_bytes_max > 0 ? options->input_bytes_max : INPUT_BYTES_MAX;
}

static void report_size(struct scenario_doc *doc, const struct scenario_options *options)
{
    char limit[64];
    doc->errors.limit = true;
    scenario_errors_add(&doc->errors, (struct scenario_place){doc->path, 0, 0},
                        "is larger than the limit of %s",
                        scenario_integer_write(bytes_max(options), SCENARIO_UNIT_BYTES, limit));
}

static void read_doc(struct scenario_doc *doc, const char *text, size_t bytes,
                     const struct scenario_options *options)
{
    doc->catalogue = scenario_catalogue_read(options->datadir, &doc->arena, &doc->errors);
    if (!doc->catalogue || !scenario_text_check(doc->path, text, bytes, &doc->errors))
        return;
    const struct scenario_node *tree =
        scenario_yaml_read(doc->path, text, bytes, &doc->arena, &doc->errors);
    if (!tree)
        return;
    if (tree->kind == SCENARIO_NODE_MAP)
        for (int i = 0; i < options->set_count; i++)
            tree = apply_option(doc, tree, options->sets[i]);
    build_state(doc, &doc->base, tree);
    if (tree->kind == SCENARIO_NODE_MAP)
        build_variants(doc, tree);
}

enum scenario_status scenario_load_text(const char *name, const char *text, size_t text_bytes,
                                        const struct scenario_options *options,
                                        struct scenario_doc **doc)
{
    *doc = doc_new(name, options);
    if ((int64_t)text_bytes > bytes_max(options))
        report_size(*doc, options);
    else
        read_doc(*doc, text, text_bytes, options);
    scenario_errors_sort(&(*doc)->errors);
    return status_of(*doc);
}

/* At most limit + 1 bytes, so that a larger file is seen to be one. NULL with errno. */
static char *read_file(const char *path, int64_t limit, size_t *bytes)
{
    errno = 0;
    FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
    char *text = in ? malloc((size_t)limit + 1) : NULL;
    if (in && !text)
        abort();
    *bytes = in ? fread(text, 1, (size_t)limit + 1, in) : 0;
    int failed = !in || ferror(in) ? (errno ? errno : EIO) : 0;
    if (in && in != stdin)
        fclose(in);
    if (failed) {
        free(text);
        text = NULL;
    }
    errno = failed;
    return text;
}

enum scenario_status scenario_load(const char *path, const struct scenario_options *options,
                                   struct scenario_doc **doc)
{
    size_t bytes;
    char *text = read_file(path, bytes_max(options), &bytes);
    if (text) {
        enum scenario_status status = scenario_load_text(path, text, bytes, options, doc);
        free(text);
        return status;
    }
    const char *why = strerror(errno);
    *doc = doc_new(path, options);
    (*doc)->errors.io = true;
    scenario_errors_add(&(*doc)->errors, (struct scenario_place){(*doc)->path, 0, 0},
                        "cannot be read: %s", why);
    return SCENARIO_EIO;
}

void scenario_doc_free(struct scenario_doc *doc)
{
    if (!doc)
        return;
    scenario_arena_release(&doc->arena);
    free(doc);
}

int scenario_error_count(const struct scenario_doc *doc)
{
    return doc->errors.count;
}

const struct scenario_error *scenario_error_at(const struct scenario_doc *doc, int index)
{
    assert(index >= 0 && index < doc->errors.count);
    return &doc->errors.list[index];
}

void scenario_errors_write(const struct scenario_doc *doc, FILE *out)
{
    for (int i = 0; i < doc->errors.count; i++) {
        const struct scenario_error *e = &doc->errors.list[i];
        if (e->line > 0)
            fprintf(out, "%s:%d:%d: %s\n", e->source, e->line, e->column, e->message);
        else
            fprintf(out, "%s: %s\n", e->source, e->message);
    }
}

const struct scenario *scenario_base(const struct scenario_doc *doc)
{
    return doc->errors.count == 0 ? doc->base.build.s : NULL;
}

int scenario_variant_count(const struct scenario_doc *doc)
{
    return doc->variant_count;
}

const struct scenario *scenario_variant_at(const struct scenario_doc *doc, int index)
{
    assert(doc->errors.count == 0);
    assert(index >= 0 && index < doc->variant_count);
    return doc->variants[index].build.s;
}
