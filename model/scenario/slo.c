/*
 * "checkout produce p99 < 50 ms": subject (may be left out), metric, statistic, comparison, value. Each sentence is read
 * word by word, so that the message can say which word is wrong.
 */
#include "model/scenario/scenario_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SLOS_MAX = 1000, WORDS_MAX = 8 };

static const struct metric {
    const char *words; /* one or two */
    enum scenario_metric metric;
    enum scenario_subject subject;
    bool is_lower_better;
    enum scenario_unit unit;
    bool has_statistic; /* else only max (or min) makes sense */
} metrics[] = {
    {"produce", SCENARIO_METRIC_PRODUCE, SCENARIO_SUBJECT_PRODUCER, true, SCENARIO_UNIT_TIME, true},
    {"end-to-end", SCENARIO_METRIC_END_TO_END, SCENARIO_SUBJECT_GROUP, true, SCENARIO_UNIT_TIME,
     true},
    {"fetch", SCENARIO_METRIC_FETCH, SCENARIO_SUBJECT_GROUP, true, SCENARIO_UNIT_TIME, true},
    {"lag", SCENARIO_METRIC_LAG_TIME, SCENARIO_SUBJECT_GROUP, true, SCENARIO_UNIT_TIME, true},
    {"throughput", SCENARIO_METRIC_THROUGHPUT, SCENARIO_SUBJECT_PRODUCER, false, SCENARIO_UNIT_RATE,
     false},
    {"errors", SCENARIO_METRIC_ERRORS, SCENARIO_SUBJECT_PRODUCER, true, SCENARIO_UNIT_RATIO, false},
    {"disk", SCENARIO_METRIC_DISK, SCENARIO_SUBJECT_CLUSTER, true, SCENARIO_UNIT_RATIO, false},
    {"cpu", SCENARIO_METRIC_CPU, SCENARIO_SUBJECT_CLUSTER, true, SCENARIO_UNIT_RATIO, false},
    {"network", SCENARIO_METRIC_NETWORK, SCENARIO_SUBJECT_CLUSTER, true, SCENARIO_UNIT_RATIO,
     false},
    {"disk-bandwidth", SCENARIO_METRIC_DISK_BANDWIDTH, SCENARIO_SUBJECT_CLUSTER, true,
     SCENARIO_UNIT_RATIO, false},
};
static const char metric_list[] =
    "produce, end-to-end, fetch, lag, throughput, errors, disk, cpu, network or disk-bandwidth";

struct sentence {
    struct scenario_build *b;
    const struct scenario_node *node;
    const char *path;
    char *words[WORDS_MAX];
    int count, at;
};

static bool fail(struct sentence *s, const char *what)
{
    scenario_errors_add(s->b->errors, s->node->at, "%s \"%s\": %s", s->path,
                        scenario_shown(s->b->arena, s->node->text), what);
    return false;
}

static const char *word(const struct sentence *s)
{
    return s->at < s->count ? s->words[s->at] : "";
}

static const char *word_shown(const struct sentence *s)
{
    return s->at < s->count
               ? scenario_arena_printf(s->b->arena, "\"%s\"", scenario_shown(s->b->arena, word(s)))
               : "the end";
}

/* Comparison signs stand alone even where no space is left around them. */
static void split(struct sentence *s)
{
    struct scenario_arena *arena = s->b->arena;
    char *spaced = scenario_arena_take(arena, 3 * strlen(s->node->text) + 1), *to = spaced;
    for (const char *c = s->node->text; *c; c++) {
        bool is_sign = *c == '<' || *c == '>';
        if (is_sign)
            *to++ = ' ';
        *to++ = *c;
        if (is_sign && c[1] == '=')
            *to++ = *++c;
        if (is_sign)
            *to++ = ' ';
    }
    for (char *part; (part = strsep(&spaced, " ")) && s->count < WORDS_MAX;)
        if (part[0])
            s->words[s->count++] = part;
}

static const struct metric *metric_find(const char *name)
{
    for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++)
        if (strcmp(metrics[i].words, name) == 0)
            return &metrics[i];
    return NULL;
}

static bool fail_subject(struct sentence *s, const char *name)
{
    struct scenario_guess guess;
    scenario_guess_init(&guess, name);
    for (int i = 0; i < s->b->s->producer_count; i++)
        scenario_guess_offer(&guess, s->b->s->producers[i].name);
    for (int i = 0; i < s->b->s->group_count; i++)
        scenario_guess_offer(&guess, s->b->s->groups[i].name);
    return fail(s, scenario_arena_printf(s->b->arena, "no producer or group is called \"%s\"%s",
                                         scenario_shown(s->b->arena, name),
                                         scenario_guess_text(&guess, s->b->arena)));
}

/* A producer or group of a metric that either may have: throughput. */
static bool set_subject(struct sentence *s, struct scenario_slo *slo, const struct metric *m,
                        const char *name)
{
    int producer = scenario_producer_find(s->b->s, name),
        group = scenario_group_find(s->b->s, name);
    bool is_either = m->metric == SCENARIO_METRIC_THROUGHPUT;
    if (producer < 0 && group < 0)
        return fail_subject(s, name);
    if (m->subject == SCENARIO_SUBJECT_CLUSTER)
        return fail(s, scenario_arena_printf(s->b->arena, "%s is of the cluster, not of \"%s\"",
                                             m->words, name));
    if (m->subject == SCENARIO_SUBJECT_GROUP && group < 0)
        return fail(s,
                    scenario_arena_printf(s->b->arena, "%s is of a group, and \"%s\" is a producer",
                                          m->words, name));
    if (m->subject == SCENARIO_SUBJECT_PRODUCER && producer < 0 && !is_either)
        return fail(s,
                    scenario_arena_printf(s->b->arena, "%s is of a producer, and \"%s\" is a group",
                                          m->words, name));
    bool is_group = m->subject == SCENARIO_SUBJECT_GROUP || producer < 0;
    slo->subject_kind = is_group ? SCENARIO_SUBJECT_GROUP : SCENARIO_SUBJECT_PRODUCER;
    slo->subject = is_group ? group : producer;
    return true;
}

static bool read_statistic(struct sentence *s, struct scenario_slo *slo, const struct metric *m)
{
    const char *w = word(s);
    char *end;
    bool is_stated = true;
    if (strcmp(w, "max") == 0) {
        slo->statistic = SCENARIO_STAT_MAX;
    } else if (strcmp(w, "min") == 0) {
        slo->statistic = SCENARIO_STAT_MIN;
    } else if (strcmp(w, "mean") == 0) {
        slo->statistic = SCENARIO_STAT_MEAN;
    } else if (w[0] == 'p' && w[1] >= '0' && w[1] <= '9') {
        slo->statistic = SCENARIO_STAT_PERCENTILE;
        slo->percentile = strtod(w + 1, &end);
        if (*end || slo->percentile <= 0 || slo->percentile >= 100)
            return fail(s, scenario_arena_printf(
                               s->b->arena,
                               "%s is not a percentile; expected such as p50, p99 or p99.9",
                               word_shown(s)));
    } else {
        is_stated = false;
    }
    /* A lag is sampled now and then: a percentile of it would say more than was seen. */
    bool is_lag = m->metric == SCENARIO_METRIC_LAG_TIME;
    if (!is_stated && m->has_statistic)
        return fail(s, scenario_arena_printf(s->b->arena, "%s is not a statistic; expected mean%s",
                                             word_shown(s),
                                             is_lag ? " or max" : ", max or such as p99"));
    if (is_lag && slo->statistic != SCENARIO_STAT_MAX && slo->statistic != SCENARIO_STAT_MEAN)
        return fail(
            s, scenario_arena_printf(s->b->arena, "lag has no %s; expected max or mean", word(s)));
    if (!is_stated)
        slo->statistic = m->is_lower_better && m->metric != SCENARIO_METRIC_ERRORS
                             ? SCENARIO_STAT_MAX
                             : SCENARIO_STAT_MEAN;
    if (slo->statistic == SCENARIO_STAT_PERCENTILE && !m->has_statistic)
        return fail(s, scenario_arena_printf(
                           s->b->arena, "%s has no percentiles; expected max or mean", m->words));
    s->at += is_stated;
    return true;
}

static bool read_compare(struct sentence *s, struct scenario_slo *slo, const struct metric *m)
{
    static const char *const signs[] = {"<", "<=", ">", ">="};
    for (int i = 0; i < 4; i++)
        if (strcmp(word(s), signs[i]) == 0) {
            slo->compare = (enum scenario_compare)i;
            s->at++;
            if ((i < 2) != m->is_lower_better)
                return fail(s,
                            scenario_arena_printf(s->b->arena, "%s must be %s a value, not %s it",
                                                  m->words, m->is_lower_better ? "below" : "above",
                                                  m->is_lower_better ? "above" : "below"));
            return true;
        }
    return fail(
        s, scenario_arena_printf(s->b->arena,
                                 "%s is not a comparison; expected <, <=, > or >=", word_shown(s)));
}

static bool read_value(struct sentence *s, struct scenario_slo *slo, const struct metric *m)
{
    struct scenario_arena *arena = s->b->arena;
    const char *first = word(s);
    const char *text = s->at + 1 < s->count
                           ? scenario_arena_printf(arena, "%s %s", first, s->words[s->at + 1])
                           : first;
    struct scenario_number number;
    if (s->count - s->at > 2)
        return fail(s, scenario_arena_printf(arena, "too many words after the value"));
    if (m->metric == SCENARIO_METRIC_LAG_TIME && s->at + 1 < s->count &&
        strcmp(s->words[s->at + 1], "records") == 0) {
        slo->metric = SCENARIO_METRIC_LAG_RECORDS;
        text = first;
    }
    enum scenario_unit unit =
        slo->metric == SCENARIO_METRIC_LAG_RECORDS ? SCENARIO_UNIT_NONE : m->unit;
    switch (scenario_number_parse(text, strlen(text), unit, false, &number)) {
    case SCENARIO_NUMBER_OK:
        break;
    case SCENARIO_NUMBER_NO_UNIT:
        return fail(s, scenario_arena_printf(arena, "%s needs a unit, such as %s %s", first, first,
                                             scenario_unit_proposal(unit)));
    case SCENARIO_NUMBER_BAD_UNIT:
        return fail(s,
                    scenario_arena_printf(arena, "the unit of \"%s\" is not one of %s",
                                          scenario_shown(arena, text), scenario_unit_names(unit)));
    default:
        return fail(s, scenario_arena_printf(arena, "%s is not a value; expected such as 50 %s",
                                             word_shown(s), scenario_unit_proposal(unit)));
    }
    if (!(number.value > 0))
        return fail(s, "the value must be above 0");
    if (m->unit == SCENARIO_UNIT_RATIO && number.value > 1)
        return fail(s, "the value must be at most 100 %");
    if (m->metric == SCENARIO_METRIC_THROUGHPUT && number.unit == SCENARIO_UNIT_RECORDS)
        slo->metric = SCENARIO_METRIC_RECORD_RATE;
    slo->value = number.value;
    return true;
}

static bool read_sentence(struct sentence *s, struct scenario_slo *slo)
{
    split(s);
    const struct metric *m = metric_find(word(s));
    const char *subject = NULL;
    /* A producer may be called "produce": the subject is what stands before a metric. */
    if (s->count > 1 && metric_find(s->words[1])) {
        subject = word(s);
        m = metric_find(s->words[1]);
        s->at = 1;
    }
    if (!m) {
        bool is_name = scenario_producer_find(s->b->s, word(s)) >= 0 ||
                       scenario_group_find(s->b->s, word(s)) >= 0;
        s->at = is_name;
        return fail(s, scenario_arena_printf(s->b->arena, "%s is not a metric; expected %s",
                                             word_shown(s), metric_list));
    }
    s->at++;
    slo->text = s->node->text;
    slo->metric = m->metric;
    slo->subject_kind = m->subject;
    slo->subject = -1;
    return (!subject || set_subject(s, slo, m, subject)) && read_statistic(s, slo, m) &&
           read_compare(s, slo, m) && read_value(s, slo, m);
}

static void read_slos(struct scenario_build *b, struct scenario_thing *thing,
                      const struct scenario_key *key, const struct scenario_node *node)
{
    const char *path = scenario_path_text(b->arena, thing->path, key->path);
    if (node->kind != SCENARIO_NODE_LIST) {
        scenario_errors_add(b->errors, node->at, "%s is not a list; expected %s", path,
                            key->special->expects);
        return;
    }
    if (node->count > SLOS_MAX) {
        scenario_errors_add(b->errors, node->at, "%s has %d entries; the limit is %d", path,
                            node->count, SLOS_MAX);
        return;
    }
    b->s->slos = scenario_arena_take(b->arena, (size_t)(node->count + 1) * sizeof *b->s->slos);
    for (const struct scenario_node *item = node->first; item; item = item->next) {
        struct sentence s = {.b = b, .node = item, .path = path};
        if (item->kind != SCENARIO_NODE_SCALAR)
            scenario_errors_add(b->errors, item->at,
                                "%s has an entry that is not a sentence; expected %s", path,
                                key->special->expects);
        else if (read_sentence(&s, &b->s->slos[b->s->slo_count]))
            b->s->slo_count++;
    }
}

const struct scenario_special scenario_special_slo = {
    .read = read_slos,
    .expects = "a list of sentences such as checkout produce p99 < 50 ms",
    .schema = "\"type\": \"array\", \"items\": {\"type\": \"string\"}"};
