/* model/evidence/rows_topic.c - settings of the topic, as a row has them ("segment.bytes=1048576") and as a scenario has them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/evidence/rows_internal.h"

#define FLUSH_MESSAGES_MAX 9e18    /* whole numbers of 64 bits, which a scenario reads, end there */
#define MESSAGE_BYTES      1048588 /* max.message.bytes of Kafka 4.2 */

/* It stands in YAML: nothing that would be read as more than a word. */
static bool is_made_of(const char *text, size_t size, const char *letters)
{
    return size > 0 && strspn(text, letters) >= size;
}

static bool take_flush(struct row_config *c, const char *value)
{
    char *end;
    double messages = strtod(value, &end);
    if (*end || !(messages >= 1 && messages < FLUSH_MESSAGES_MAX) || messages != floor(messages))
        return false;
    c->flush_messages = messages;
    return true;
}

bool rows_topic_setting(struct row_config *c, const char *text)
{
    static const char lower[] = "abcdefghijklmnopqrstuvwxyz.",
                      word[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789._-";
    size_t used = strlen(c->topic_config), name = strcspn(text, "=");
    const char *value = text + name + (text[name] != 0);
    if (!is_made_of(text, name, lower) || !is_made_of(value, strlen(value), word))
        return false;
    if (strncmp(text, "flush.messages=", name + 1) == 0)
        return take_flush(c, value);
    int size = snprintf(c->topic_config + used, sizeof c->topic_config - used, ", %.*s: %s",
                        (int)name, text, value);
    return size < (int)(sizeof c->topic_config - used);
}

/* The setting's value; NULL: it is not said. */
static const char *said(const struct row_config *c, const char *name)
{
    char piece[80];
    int size = snprintf(piece, sizeof piece, ", %s: ", name);
    const char *at = strstr(c->topic_config, piece);
    return at ? at + size : NULL;
}

static void put(const struct row_config *c, const char *name, int64_t value, FILE *out)
{
    if (!said(c, name))
        fprintf(out, ", %s: %lld", name, (long long)value);
}

void rows_topic_write(const struct row_config *c, FILE *out)
{
    bool isr = said(c, "min.insync.replicas") != NULL;
    const char *segment = said(c, "segment.bytes");
    fprintf(out, "topics:\n  load: {partitions: %d, replication: %d, config: {%s%s", c->partitions,
            c->replication, isr ? "" : "min.insync.replicas: 1", c->topic_config + (isr ? 2 : 0));
    if (c->flush_messages > 0)
        fprintf(out, ", flush.messages: %.0f", c->flush_messages);
    if (segment && atof(segment) < MESSAGE_BYTES) /* Kafka takes no batch beyond it, either */
        put(c, "max.message.bytes", (int64_t)atof(segment), out);
    if (c->catch_up) { /* a fresh topic: as little as retention can leave */
        put(c, "segment.bytes", 16777216, out);
        put(c, "retention.bytes", 0, out);
    }
    fprintf(out, "}}\n");
}
