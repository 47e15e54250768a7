/*
 * Kinds of load that a profile's rows or the public cases had: what is no number and so has no range. A client's own costs are told from
 * the other's, so that acks and codecs are asked for with the client that uses them.
 */
#include "model/answer/trust.h"

#include <stdio.h>
#include <string.h>

typedef void visit(void *ctx, const char *kind);

static void visit_client(enum scenario_client_kind client, const char *what, visit *see, void *ctx)
{
    char kind[64];
    snprintf(kind, sizeof kind, "%s/%s", client == SCENARIO_CLIENT_JAVA ? "java" : "librdkafka",
             what);
    see(ctx, kind);
}

static void visit_producer(const struct scenario *s, const struct scenario_producer *p, visit *see,
                           void *ctx)
{
    int acks = p->config.acks;
    visit_client(p->client, acks < 0 ? "acks=all" : acks == 0 ? "acks=0" : "acks=1", see, ctx);
    visit_client(p->client, scenario_compression_name(p->config.compression_type), see, ctx);
    if (s->topics[p->topic].config.flush_messages < INT64_MAX)
        see(ctx, "flush.messages");
    if (s->topics[p->topic].config.flush_ms < INT64_MAX)
        see(ctx, "flush.ms");
}

static void visit_kinds(const struct scenario *s, visit *see, void *ctx)
{
    for (int p = 0; p < s->producer_count; p++)
        visit_producer(s, &s->producers[p], see, ctx);
    for (int g = 0; g < s->group_count; g++)
        visit_client(s->groups[g].client, "consumer", see, ctx);
    if (s->cluster.tls != SCENARIO_TLS_OFF)
        see(ctx, "tls");
}

static void add(void *ctx, const char *kind)
{
    char *kinds = ctx;
    size_t used = strlen(kinds);
    if (!model_profile_names(kinds, kind) && used + strlen(kind) + 3 < MODEL_PROFILE_IDS_BYTES)
        snprintf(kinds + used, MODEL_PROFILE_IDS_BYTES - used, used ? "%s " : " %s ", kind);
}

void trust_add_kinds(char kinds[MODEL_PROFILE_IDS_BYTES], const struct scenario *s)
{
    visit_kinds(s, add, kinds);
}

struct lacking {
    const char *known; /* kinds */
    char *missing;
};

static void add_missing(void *ctx, const char *kind)
{
    struct lacking *lacking = ctx;
    if (!model_profile_names(lacking->known, kind))
        add(lacking->missing, kind);
}

void trust_missing_kinds(const struct scenario *s, const char *known,
                         char missing[MODEL_PROFILE_IDS_BYTES])
{
    struct lacking lacking = {known, missing};
    missing[0] = '\0';
    visit_kinds(s, add_missing, &lacking);
}
