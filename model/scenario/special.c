/* Rows that are neither a number nor a word: machines, racks, references to topics, and numbers with a word beside them. */
#include "model/scenario/special_internal.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

const char *special_path(struct scenario_build *b, const struct scenario_thing *thing,
                         const struct scenario_key *key)
{
    return scenario_path_text(b->arena, thing->path, key->path);
}

void special_report(struct scenario_build *b, const char *path, const struct scenario_node *node,
                    const char *expected)
{
    if (node->kind == SCENARIO_NODE_SCALAR)
        scenario_errors_add(b->errors, node->at, "%s is %s; expected %s", path,
                            scenario_value_shown(b->arena, node->text), expected);
    else
        scenario_errors_add(b->errors, node->at, "%s is a %s; expected %s", path,
                            node->kind == SCENARIO_NODE_MAP ? "map" : "list", expected);
}

/* Machines by broker or rack: who has some that are slower is told what can be asked instead. */
static void report_unlike(struct scenario_build *b, const char *path,
                          const struct scenario_node *node, const char *expected)
{
    special_report(
        b, path, node,
        scenario_arena_printf(
            b->arena,
            "%s; all brokers are alike: state the slowest machine for all, to be on the safe side",
            expected));
}

static bool is_word(const struct scenario_node *node, const char *word)
{
    return node->kind == SCENARIO_NODE_SCALAR && strcmp(node->text, word) == 0;
}

/* ---- version, seed ---- */

READ(read_version)
{
    if (!is_word(node, "1"))
        special_report(b, special_path(b, thing, key), node, key->special->expects);
    b->s->version = 1;
}

READ(read_seed)
{
    struct scenario_number number;
    bool ok = node->kind == SCENARIO_NODE_SCALAR &&
              scenario_number_parse(node->text, strlen(node->text), SCENARIO_UNIT_NONE, true,
                                    &number) == SCENARIO_NUMBER_OK &&
              number.is_whole && number.integer >= 0;
    if (ok)
        b->s->run.seed = (uint64_t)number.integer;
    else
        special_report(b, special_path(b, thing, key), node, key->special->expects);
}

const struct scenario_special scenario_special_version = {
    .read = read_version, .expects = "1, the only version so far", .schema = "\"const\": 1"};
const struct scenario_special scenario_special_seed = {.read = read_seed,
                                                       .expects = "a whole number, 0 or more",
                                                       .schema =
                                                           "\"type\": \"integer\", \"minimum\": 0"};

/* ---- brokers ---- */

READ(read_brokers)
{
    static const struct scenario_key like = {.type = SCENARIO_KEY_COUNT, .low = 1, .high = 10000};
    struct scenario_number number = {0};
    if (is_word(node, "auto")) {
        b->s->cluster.brokers_auto = true;
        return;
    }
    if (node->kind == SCENARIO_NODE_LIST)
        report_unlike(b, special_path(b, thing, key), node, key->special->expects);
    else if (node->kind == SCENARIO_NODE_SCALAR &&
             scenario_number_end(node->text, strlen(node->text)) == 0)
        special_report(b, special_path(b, thing, key), node, key->special->expects);
    else if (scenario_value_any(b, special_path(b, thing, key), &like, node, &number))
        b->s->cluster.brokers = (int)number.integer;
}

WRITE(write_brokers)
{
    (void)thing, (void)key;
    fprintf(out, "%d", s->cluster.brokers);
}

const struct scenario_special scenario_special_brokers = {
    .read = read_brokers,
    .write = write_brokers,
    .expects = "a whole number, 1 to 10000, or auto",
    .schema = "\"anyOf\": [{\"type\": \"integer\", \"minimum\": 1, \"maximum\": 10000}, {\"type\": "
              "[\"string\", \"object\"]}]"};

/* ---- machines ---- */

READ(read_machine)
{
    const char *path = special_path(b, thing, key);
    struct scenario_machine *machine = (void *)((char *)thing->base + key->offset);
    if (node->kind != SCENARIO_NODE_SCALAR) {
        bool brokers = thing->section == SCENARIO_SECTION_ROOT && node->kind == SCENARIO_NODE_LIST;
        (brokers ? report_unlike : special_report)(b, path, node, key->special->expects);
        return;
    }
    const struct scenario_machine *found = scenario_catalogue_find(b->catalogue, node->text);
    bool is_whole =
        strcmp(strrchr(key->path, '/') ? strrchr(key->path, '/') : key->path, "/like") != 0;
    if (!found) {
        struct scenario_guess guess;
        scenario_guess_init(&guess, node->text);
        scenario_catalogue_guess(b->catalogue, &guess);
        scenario_errors_add(b->errors, node->at, "%s \"%s\" is not in the catalogue%s", path,
                            scenario_shown(b->arena, node->text),
                            guess.best ? scenario_guess_text(&guess, b->arena)
                                       : "; the names are in hardware/catalogue.csv");
    } else if (is_whole && found->nic_baseline_bytes_per_s <= 0) {
        scenario_errors_add(
            b->errors, node->at,
            "%s \"%s\" has no network figure in the catalogue; write it as {like: %s, network: "
            "{baseline: ...}}",
            path, node->text, node->text);
    } else {
        *machine = *found;
    }
}

const struct scenario_special scenario_special_machine = {
    .read = read_machine,
    .expects = "a name of the catalogue or a map with vcpus, ram, network",
    .schema = "\"type\": \"string\""};

/* ---- racks ---- */

/* Text of each item of a list of words, or of a single word. Returns the count, -1 after an error. */
static int words(struct scenario_build *b, const char *path, const struct scenario_node *node,
                 const char *expected, const struct scenario_node **items, int max)
{
    if (node->kind == SCENARIO_NODE_MAP) {
        special_report(b, path, node, expected);
        return -1;
    }
    if (node->kind == SCENARIO_NODE_SCALAR) {
        items[0] = node;
        return 1;
    }
    int count = 0;
    for (const struct scenario_node *item = node->first; item; item = item->next) {
        if (item->kind != SCENARIO_NODE_SCALAR || !item->text[0]) {
            scenario_errors_add(b->errors, item->at, "%s[%d] is not a name; expected %s", path,
                                count, expected);
            return -1;
        }
        if (count == max) {
            scenario_errors_add(b->errors, item->at, "%s has %d entries; expected at most %d", path,
                                node->count, max);
            return -1;
        }
        for (int i = 0; i < count; i++)
            if (strcmp(items[i]->text, item->text) == 0) {
                scenario_errors_add(b->errors, item->at, "%s names \"%s\" twice", path,
                                    scenario_shown(b->arena, item->text));
                return -1;
            }
        items[count++] = item;
    }
    if (count == 0)
        scenario_errors_add(b->errors, node->at, "%s is empty; expected %s", path, expected);
    return count > 0 ? count : -1;
}

READ(read_racks)
{
    const struct scenario_node *items[SCENARIO_RACKS_MAX];
    struct scenario_cluster *cluster = &b->s->cluster;
    int count = -1;
    if (node->kind == SCENARIO_NODE_LIST)
        count = words(b, special_path(b, thing, key), node, key->special->expects, items,
                      SCENARIO_RACKS_MAX);
    else if (node->kind == SCENARIO_NODE_MAP)
        report_unlike(b, special_path(b, thing, key), node, key->special->expects);
    else
        special_report(b, special_path(b, thing, key), node, key->special->expects);
    cluster->rack_count = count < 1 ? 1 : count;
    cluster->racks[0] = "a";
    for (int i = 0; i < count; i++)
        cluster->racks[i] = items[i]->text;
}

static int rack_find(const struct scenario_cluster *cluster, const char *name)
{
    for (int i = 0; i < cluster->rack_count; i++)
        if (strcmp(cluster->racks[i], name) == 0)
            return i;
    return -1;
}

/* The producer's or group's own list of racks. */
static void client_racks(const struct scenario_thing *thing, int **count, int **racks)
{
    if (thing->section == SCENARIO_SECTION_PRODUCER) {
        struct scenario_producer *p = thing->base;
        *count = &p->rack_count;
        *racks = p->racks;
    } else {
        struct scenario_group *g = thing->base;
        *count = &g->rack_count;
        *racks = g->racks;
    }
}

READ(read_client_racks)
{
    const struct scenario_node *items[SCENARIO_RACKS_MAX];
    int *count, *racks;
    client_racks(thing, &count, &racks);
    const char *path = special_path(b, thing, key);
    int n = words(b, path, node, key->special->expects, items, SCENARIO_RACKS_MAX);
    for (int i = 0; i < n; i++) {
        int rack = rack_find(&b->s->cluster, items[i]->text);
        if (rack >= 0) {
            racks[(*count)++] = rack;
            continue;
        }
        struct scenario_guess guess;
        scenario_guess_init(&guess, items[i]->text);
        for (int r = 0; r < b->s->cluster.rack_count; r++)
            scenario_guess_offer(&guess, b->s->cluster.racks[r]);
        scenario_errors_add(
            b->errors, items[i]->at, "%s names \"%s\", which is not one of cluster.racks%s", path,
            scenario_shown(b->arena, items[i]->text), scenario_guess_text(&guess, b->arena));
    }
}

WRITE(write_client_racks)
{
    int *count, *racks;
    (void)key;
    client_racks(thing, &count, &racks);
    for (int i = 0; i < *count; i++)
        fprintf(out, "%s%s", i == 0 ? "[" : ", ", s->cluster.racks[racks[i]]);
    fputs("]", out);
}

const struct scenario_special scenario_special_racks = {
    .read = read_racks,
    .expects = "a list of rack names, such as [a, b, c]",
    .schema = "\"type\": \"array\", \"items\": {\"type\": \"string\"}, \"minItems\": 1, "
              "\"uniqueItems\": true"};
const struct scenario_special scenario_special_client_racks = {
    .read = read_client_racks,
    .write = write_client_racks,
    .expects = "names of cluster.racks",
    .schema = "\"type\": [\"string\", \"array\"], \"items\": {\"type\": \"string\"}"};

/* ---- topics ---- */

static int topic_or_report(struct scenario_build *b, const char *path,
                           const struct scenario_node *node)
{
    int topic = scenario_topic_find(b->s, node->text);
    if (topic >= 0)
        return topic;
    struct scenario_guess guess;
    scenario_guess_init(&guess, node->text);
    for (int i = 0; i < b->s->topic_count; i++)
        scenario_guess_offer(&guess, b->s->topics[i].name);
    scenario_errors_add(b->errors, node->at, "%s names topic \"%s\", which is not under topics%s",
                        path, scenario_shown(b->arena, node->text),
                        scenario_guess_text(&guess, b->arena));
    return -1;
}

READ(read_topic)
{
    struct scenario_producer *p = thing->base;
    const char *path = special_path(b, thing, key);
    if (node->kind != SCENARIO_NODE_SCALAR) {
        special_report(b, path, node, key->special->expects);
        return;
    }
    int topic = topic_or_report(b, path, node);
    p->topic = topic < 0 ? 0 : topic;
}

WRITE(write_topic)
{
    const struct scenario_producer *p = thing->base;
    (void)key;
    fputs(s->topics[p->topic].name, out);
}

READ(read_topics)
{
    enum { GROUP_TOPICS_MAX = 1000 };
    const struct scenario_node *items[GROUP_TOPICS_MAX];
    struct scenario_group *g = thing->base;
    const char *path = special_path(b, thing, key);
    int n = words(b, path, node, key->special->expects, items, GROUP_TOPICS_MAX);
    int *topics = scenario_arena_take(b->arena, (size_t)(n > 0 ? n : 1) * sizeof *topics);
    g->topics = topics;
    for (int i = 0; i < n; i++) {
        int topic = topic_or_report(b, path, items[i]);
        if (topic >= 0)
            topics[g->topic_count++] = topic;
    }
}

WRITE(write_topics)
{
    const struct scenario_group *g = thing->base;
    (void)key;
    for (int i = 0; i < g->topic_count; i++)
        fprintf(out, "%s%s", i == 0 ? "[" : ", ", s->topics[g->topics[i]].name);
    fputs("]", out);
}

const struct scenario_special scenario_special_topic = {.read = read_topic,
                                                        .write = write_topic,
                                                        .expects = "the name of a topic",
                                                        .schema = "\"type\": \"string\""};
const struct scenario_special scenario_special_topics = {
    .read = read_topics,
    .write = write_topics,
    .expects = "names of topics",
    .schema = "\"type\": [\"string\", \"array\"], \"items\": {\"type\": \"string\"}"};

/* ---- what becomes of old segments ---- */

/* A compacted topic taken for one that deletes would have another size: it is refused, not approximated. */
READ(read_cleanup)
{
    struct scenario_topic *topic = thing->base;
    const char *path = special_path(b, thing, key);
    topic->config.cleanup_policy = SCENARIO_CLEANUP_DELETE;
    if (node->kind == SCENARIO_NODE_SCALAR && strstr(node->text, "compact"))
        scenario_errors_add(b->errors, node->at,
                            "%s is %s; compaction is not simulated, only delete", path,
                            scenario_value_shown(b->arena, node->text));
    else if (!is_word(node, "delete"))
        special_report(b, path, node, key->special->expects);
}

const struct scenario_special scenario_special_cleanup = {
    .read = read_cleanup, .expects = "delete", .schema = "\"const\": \"delete\""};

/* ---- on whose machines a group runs ---- */

READ(read_beside)
{
    struct scenario_group *g = thing->base;
    struct scenario_guess guess;
    g->beside = -1;
    if (is_word(node, "none"))
        return;
    if (node->kind != SCENARIO_NODE_SCALAR) {
        special_report(b, special_path(b, thing, key), node, key->special->expects);
        return;
    }
    g->beside = scenario_producer_find(b->s, node->text);
    if (g->beside >= 0)
        return;
    scenario_guess_init(&guess, node->text);
    for (int p = 0; p < b->s->producer_count; p++)
        scenario_guess_offer(&guess, b->s->producers[p].name);
    scenario_errors_add(b->errors, node->at, "%s is \"%s\", which is not a producer%s",
                        special_path(b, thing, key), node->text,
                        scenario_guess_text(&guess, b->arena));
}

WRITE(write_beside)
{
    const struct scenario_group *g = thing->base;
    (void)key;
    fputs(g->beside < 0 ? "none" : s->producers[g->beside].name, out);
}

const struct scenario_special scenario_special_beside = {.read = read_beside,
                                                         .write = write_beside,
                                                         .expects = "none, or the name of a "
                                                                    "producer",
                                                         .schema = "\"type\": \"string\""};

/* ---- acks, warm-up ---- */

READ(read_acks)
{
    struct scenario_producer *p = thing->base;
    if (is_word(node, "all") || is_word(node, "-1"))
        p->config.acks = -1;
    else if (is_word(node, "0") || is_word(node, "1"))
        p->config.acks = node->text[0] - '0';
    else
        special_report(b, special_path(b, thing, key), node, key->special->expects);
}

const struct scenario_special scenario_special_acks = {
    .read = read_acks,
    .expects = "0, 1 or all",
    .schema = "\"enum\": [0, 1, -1, \"0\", \"1\", \"-1\", \"all\"]"};

READ(read_warmup)
{
    static const struct scenario_key like = {.type = SCENARIO_KEY_INTEGER,
                                             .unit = SCENARIO_UNIT_TIME,
                                             .low = 0,
                                             .high = 86400e9,
                                             .is_fixed = true};
    struct scenario_run *run = &b->s->run;
    struct scenario_number number = {0};
    run->warmup_auto = is_word(node, "auto");
    if (run->warmup_auto)
        run->warmup_ns =
            INT64_C(10000000000); /* twice the 5 s periods of checkpoints and commits; judgement */
    else if (node->kind == SCENARIO_NODE_SCALAR &&
             scenario_number_end(node->text, strlen(node->text)) == 0)
        special_report(b, special_path(b, thing, key), node, key->special->expects);
    else if (scenario_value_any(b, special_path(b, thing, key), &like, node, &number))
        run->warmup_ns = number.integer;
}

const struct scenario_special scenario_special_warmup = {
    .read = read_warmup, .expects = "auto or a time", .schema = "\"type\": \"string\""};
