/*
 * model/answer/binding.c - which resource is the first to bind.
 */
#include "model/answer/fill.h"
#include "model/answer/max_rate.h"

#include <string.h>

/*
 * Whose queue grows, as the verdict names it: NULL: nobody's. What holds it up is the brokers' or its own: no other client's, and no disk's
 * space, which is no rate.
 */
static const char *waiting(const struct fill *fill)
{
    const struct scenario *s = fill->scenario;
    for (int p = 0; p < s->producer_count; p++)
        if (fill->producer_unstable[p] && fill_followers_unstable(fill, (uint32_t)p))
            return ""; /* the followers', whom no client holds up */
    for (int p = 0; p < s->producer_count; p++)
        if (fill->producer_unstable[p])
            return s->producers[p].name;
    for (int g = 0; g < s->group_count; g++)
        if (fill->group_unstable[g])
            return s->groups[g].name;
    return NULL;
}

#define OF_CLIENTS "client "

/* "client cpu" of "checkout clients 2", "client thread" of "billing" */
static bool row_concerns(const struct result_resource *row, const char *whose)
{
    if (!whose)
        return true;
    if (strncmp(row->name, OF_CLIENTS, strlen(OF_CLIENTS)) != 0)
        return row->kind != RESULT_DISK_SPACE;
    return fill_is_of_client(row->busiest, whose);
}

/* "client in flight of checkout" */
static bool bound_concerns(const struct result_bound *b, const char *whose)
{
    const char *name = strrchr(b->resource, ' ');
    return !whose || strncmp(b->resource, OF_CLIENTS, strlen(OF_CLIENTS)) != 0 ||
           (name && strcmp(name + 1, whose) == 0);
}

static const struct result_resource *least_headroom(const struct result *result, const char *whose)
{
    const struct result_resource *found = NULL;
    for (uint32_t i = 0; i < result->resource_count; i++) {
        const struct result_resource *row = &result->resources[i];
        if (row->limit > 0 && row->used && row_concerns(row, whose) &&
            (!found || row->headroom < found->headroom))
            found = row;
    }
    return found;
}

static double used_of(const struct result_resource *row)
{
    return result_used_share(row->kind, row->now.value);
}

/* A disk fills by how long it lasts, which limits no rate. */
static const struct result_resource *most_used(const struct result *result)
{
    const struct result_resource *found = NULL;
    for (uint32_t i = 0; i < result->resource_count; i++) {
        const struct result_resource *row = &result->resources[i];
        if (row->kind != RESULT_DISK_SPACE && row->limit > 0 && row->used &&
            (!found || used_of(row) > used_of(found)))
            found = row;
    }
    return found;
}

/* The bound that carries least at rate: max, and the share of it that was reached; NULL: none is known. */
static const struct result_bound *ceiling_of(const struct fill *fill, double *reached)
{
    const struct result *result = fill->result;
    double bytes_per_s = 0;
    for (int p = 0; p < fill->scenario->producer_count; p++)
        if (fill->scenario->producers[p].rate_kind == SCENARIO_RATE_MAX)
            bytes_per_s += result->flows[p].bytes_per_s.value;
    for (uint32_t i = 0; i < result->bound_count; i++)
        if (result->bounds[i].binding && strncmp(result->bounds[i].resource, "max by ", 7) == 0) {
            *reached = bytes_per_s / result->bounds[i].capacity;
            return &result->bounds[i];
        }
    return NULL;
}

#define FULLY_USED                                                                                 \
    0.9 /* judgement: what is nearer than that to full may well be what records wait for */

/* A paced producer whose records are refused while nothing is fully used: what it may hold back is too little. "": there is none. */
static const char *own_buffer(const struct fill *fill)
{
    const struct scenario *s = fill->scenario;
    for (int p = 0; p < s->producer_count; p++)
        if (fill->producer_unstable[p] && fill_refused(fill, (uint32_t)p) &&
            s->producers[p].rate_kind != SCENARIO_RATE_MAX)
            return result_format(fill->result, "%s of %s",
                                 s->producers[p].client == SCENARIO_CLIENT_JAVA
                                     ? "buffer.memory"
                                     : "queue.buffering.max",
                                 s->producers[p].name);
    return "";
}

bool fill_bound_without_row(const struct result_bound *b)
{
    static const char *const kinds[] = {"client in flight ", "client connection ",
                                        "client fetches ", "client queue "};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        if (strncmp(b->resource, kinds[k], strlen(kinds[k])) == 0)
            return true;
    return strcmp(b->resource, "replica fetchers") == 0 && b->utilisation > FULLY_USED;
}

/* The most used of them; NULL: there is none. */
static const struct result_bound *nearest_without_row(const struct result *result,
                                                      const char *whose)
{
    const struct result_bound *found = NULL;
    for (uint32_t i = 0; i < result->bound_count; i++) {
        const struct result_bound *b = &result->bounds[i];
        if (fill_bound_without_row(b) && bound_concerns(b, whose) &&
            (!found || b->utilisation > found->utilisation))
            found = b;
    }
    return found;
}

/* At rate: max it is what is nearest to being fully used; replica fetchers and producers' threads have a bound and no row. */
const char *fill_binding(const struct fill *fill)
{
    struct result *result = fill->result;
    bool at_most = max_rate_any(fill->scenario);
    const char *whose = waiting(fill);
    const struct result_resource *most = most_used(result);
    const struct result_resource *row = at_most ? most : least_headroom(result, whose);
    double reached = 0;
    const struct result_bound *bound = at_most ? ceiling_of(fill, &reached) : NULL;
    if (bound && (!row || reached > used_of(row)))
        return bound->resource + strlen("max by ");
    const struct result_bound *rowless = at_most ? NULL : nearest_without_row(result, whose);
    if (rowless && (!row || rowless->utilisation * row->headroom > 1))
        return rowless->resource;
    const char *buffer = most && used_of(most) > FULLY_USED ? "" : own_buffer(fill);
    if (buffer[0])
        return buffer;
    return row ? result_format(result, "%s of %s", row->name, row->busiest) : "";
}
