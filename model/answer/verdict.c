/*
 * model/answer/verdict.c - SLOs, limits of resources, losses and growth together: fits, does not fit, undecided or unstable, and the sentence.
 */
#include "model/answer/against.h"
#include "model/answer/fill.h"

#include <math.h>
#include <string.h>

/* What keeps an SLO undecided: too short a run, or the profile. */
static const char *slo_text(const struct fill *fill, const struct result_slo *slo)
{
    struct result *result = fill->result;
    if (slo->verdict == RESULT_DOES_NOT_FIT)
        return result_format(result, "%s is missed", slo->text);
    if (slo->reason[0])
        return result_format(result, "%s: %s", slo->text, slo->reason);
    const struct result_estimate *e = &slo->estimate;
    bool alone = e->known && (e->low > slo->limit || e->high < slo->limit);
    if (!alone || !slo->predicted.known)
        return result_format(result, "%s %s", slo->text,
                             fill->drawn ? "over the ranges that were drawn" : "at this precision");
    return result_format(result, "the simulation decides %s, the profile's error leaves it open",
                         slo->text);
}

static const char *row_text(const struct fill *fill, const struct result_resource *row,
                            enum result_verdict verdict)
{
    bool open = verdict == RESULT_UNDECIDED;
    const char *by = !open || !row->predicted.known ? ""
                     : fill->drawn                  ? "with the inputs' ranges, "
                                                    : "with the profile's error, ";
    return result_format(fill->result, "%s%s of %s %sbeyond its limit of %.0f %%", by, row->name,
                         row->busiest, open ? "may be " : "", row->limit * 100);
}

static const char *lost_text(const struct fill *fill, const struct result_resource *row)
{
    return result_format(fill->result, "with %s, %s goes beyond its limit of %.0f %%",
                         scenario_lost_name(fill->scenario->cluster.survive), row->name,
                         row->limit * 100);
}

/* As long as a group reads all that disks and threads give it. */
static const char *what_waits(const struct fill *fill)
{
    for (int g = 0; g < fill->scenario->group_count; g++)
        if (fill_catches_up(fill, g))
            return result_format(fill->result, "what waits grows while %s catches up",
                                 fill->scenario->groups[g].name);
    return "what waits grows without end";
}

/* What waited before it was measured may make good what is refused meanwhile. */
static const char *unstable_producer(const struct fill *fill, int p)
{
    const struct result_flow *flow = &fill->result->flows[p];
    const char *name = fill->scenario->producers[p].name;
    bool refused = fill_refused(fill, (uint32_t)p);
    if (refused && flow->records_per_s.value > flow->offered_records_per_s)
        return result_format(fill->result, "UNSTABLE: the client of %s refuses records at times",
                             name);
    if (fill_gives_up(fill, (uint32_t)p))
        return result_format(fill->result, "UNSTABLE: %s gives up records that wait longer than %s",
                             name, fill_waits_at_most(fill, (uint32_t)p));
    return result_format(fill->result, "UNSTABLE: %s offers more than is carried; %s", name,
                         refused ? "its client refuses the rest" : what_waits(fill));
}

static const char *unstable_text(const struct fill *fill)
{
    for (int p = 0; p < fill->scenario->producer_count; p++)
        if (fill->producer_unstable[p] && fill_followers_unstable(fill, (uint32_t)p))
            return result_format(fill->result, "UNSTABLE: followers of %s fall behind without end",
                                 fill->scenario->topics[fill->scenario->producers[p].topic].name);
    for (int p = 0; p < fill->scenario->producer_count; p++)
        if (fill->producer_unstable[p] && !fill_waves(fill, p))
            return unstable_producer(fill, p);
    for (int g = 0; g < fill->scenario->group_count; g++)
        if (fill->group_unstable[g])
            return result_format(fill->result, "UNSTABLE: %s falls behind without end",
                                 fill->scenario->groups[g].name);
    return NULL;
}

/* One of the SLOs has said so already. */
static bool is_said(const struct fill *fill, const struct result_resource *row,
                    enum result_verdict verdict)
{
    for (int i = 0; i < fill->scenario->slo_count; i++) {
        const struct scenario_slo *slo = &fill->scenario->slos[i];
        for (uint32_t k = 0; fill_slo_about(slo, row) && k < fill->result->slo_count; k++)
            if (fill->result->slos[k].verdict == verdict &&
                strcmp(fill->result->slos[k].text, slo->text) == 0)
                return true;
    }
    return false;
}

static void object_resources(const struct fill *fill, struct against *against,
                             enum result_verdict verdict)
{
    for (uint32_t i = 0; i < fill->result->resource_count; i++) {
        const struct result_resource *row = &fill->result->resources[i];
        bool now = result_judge_now(row) == verdict;
        if (now && is_said(fill, row, verdict))
            continue;
        if (now)
            against_add(against, row_text(fill, row, verdict), true);
        else if (row->survive.known && result_judge_lost(row) == verdict)
            against_add(against, lost_text(fill, row), true);
    }
}

static void object_notes(const struct fill *fill, struct against *against)
{
    const struct result *r = fill->result;
    const char *notes[] = {r->survive_note, r->growth_note, r->unread_note};
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++)
        if (notes[i][0])
            against_add(against, notes[i], false);
}

/* What would be said if it were stable, too: who mends the one should not find the next. Busy resources may be the cause, disk space is none. */
static const char *unstable_and_more(const struct fill *fill, const char *unstable)
{
    struct against against = {.result = fill->result, .text = unstable};
    for (uint32_t i = 0; i < fill->result->resource_count; i++) {
        const struct result_resource *row = &fill->result->resources[i];
        if (row->kind == RESULT_DISK_SPACE && result_judge_now(row) == RESULT_DOES_NOT_FIT)
            against_add(&against, row_text(fill, row, RESULT_DOES_NOT_FIT), false);
    }
    object_notes(fill, &against);
    return against_text(&against);
}

static const char *not_text(const struct fill *fill, enum result_verdict verdict)
{
    struct result *result = fill->result;
    struct against against = {.result = result};
    for (uint32_t i = 0; i < result->slo_count; i++)
        if (result->slos[i].verdict == verdict)
            against_add(&against, slo_text(fill, &result->slos[i]), true);
    object_resources(fill, &against, verdict);
    if (verdict == RESULT_DOES_NOT_FIT)
        object_notes(fill, &against);
    else if (!against.text && fill_first_in_waves(fill) >= 0)
        against.text = fill_waves_text(fill, fill_first_in_waves(fill));
    else if (!against.text)
        against.text = result_format(result, "what happens with %s is not known",
                                     scenario_lost_name(fill->scenario->cluster.survive));
    const char *word = verdict == RESULT_DOES_NOT_FIT ? "DOES NOT FIT" : "UNDECIDED";
    return result_format(result, "%s: %s", word, against_text(&against));
}

/* With the loss: the bounds' word on replicas in sync, and each resource that was simulated. */
static enum result_verdict verdict_lost(const struct result *result)
{
    enum result_verdict verdict = result->survive_note[0] ? RESULT_DOES_NOT_FIT : RESULT_UNDECIDED;
    bool known = false;
    for (uint32_t i = 0; i < result->resource_count; i++) {
        const struct result_resource *row = &result->resources[i];
        if (!row->survive.known)
            continue;
        if (!known && verdict == RESULT_UNDECIDED)
            verdict = RESULT_FITS;
        known = true;
        verdict = result_worse(verdict, result_judge_lost(row));
    }
    return result->survive == RESULT_SURVIVE_NONE ? RESULT_UNDECIDED : verdict;
}

static enum result_verdict verdict_now(const struct fill *fill)
{
    const struct result *result = fill->result;
    enum result_verdict verdict = RESULT_FITS;
    for (uint32_t i = 0; i < result->slo_count; i++)
        verdict = result_worse(verdict, result->slos[i].verdict);
    for (uint32_t i = 0; i < result->resource_count; i++)
        verdict = result_worse(verdict, result_judge_now(&result->resources[i]));
    if (fill_first_in_waves(fill) >= 0)
        verdict = result_worse(verdict, RESULT_UNDECIDED);
    bool later = result->growth_note[0] || result->unread_note[0];
    return later ? result_worse(verdict, RESULT_DOES_NOT_FIT) : verdict;
}

/* Why what fits by the numbers is not said to fit; NULL: it is. */
static const char *doubt(const struct fill *fill)
{
    if (!fill->profile->calibrated)
        return "the profile is not calibrated, so nobody knows how wrong it is; by the simulation "
               "alone it fits";
    return fill_offered_less(fill) ? "less came in the simulation than the stated load" : NULL;
}

static void say(struct fill *fill, enum result_verdict verdict)
{
    struct result *result = fill->result;
    const char *doubted = verdict == RESULT_FITS ? doubt(fill) : NULL;
    result->verdict = doubted ? RESULT_UNDECIDED : verdict;
    if (doubted)
        result->verdict_text = result_format(result, "UNDECIDED: %s", doubted);
    else if (verdict != RESULT_FITS)
        result->verdict_text = not_text(fill, verdict);
    else if (fill->scenario->cluster.survive != SCENARIO_SURVIVE_NONE)
        result->verdict_text = result_format(result, "FITS, also with %s",
                                             scenario_lost_name(fill->scenario->cluster.survive));
    else
        result->verdict_text = "FITS";
}

void fill_verdict(struct fill *fill)
{
    struct result *result = fill->result;
    bool lost = result->survive != RESULT_SURVIVE_NONE;
    enum result_verdict verdict = verdict_now(fill);
    result->survive_verdict = verdict_lost(result);
    const char *unstable = unstable_text(fill);
    if (unstable) {
        result->verdict = RESULT_UNSTABLE;
        result->survive_verdict = lost ? RESULT_UNSTABLE : RESULT_UNDECIDED;
        result->verdict_text = unstable_and_more(fill, unstable);
    } else {
        say(fill, lost ? result_worse(verdict, result->survive_verdict) : verdict);
    }
    result->binding = fill_binding(fill);
}
