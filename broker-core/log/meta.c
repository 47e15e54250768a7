/* broker-core/log/meta.c - see meta.h. */
#include "broker-core/log/meta.h"
#include "broker-core/log/small_file.h"
#include "broker-core/log/topic_id.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_NAME "meta.properties"

/* What the lines of the file said so far. */
struct seen {
    int64_t version, node_id;
    bool cluster, bad;
};

static void take_number(const char *value, int64_t *number, struct seen *seen)
{
    char *at = (char *)(uintptr_t)value;
    if (!broker_field_number(&at, number) || *at)
        seen->bad = true;
}

static void take(const char *key, const char *value, struct broker_meta *meta, struct seen *seen)
{
    if (!strcmp(key, "version")) {
        take_number(value, &seen->version, seen);
    } else if (!strcmp(key, "node.id") || !strcmp(key, "broker.id")) {
        take_number(value, &seen->node_id, seen);
    } else if (!strcmp(key, "cluster.id")) {
        seen->cluster = *value && strlen(value) < sizeof meta->cluster_id;
        snprintf(meta->cluster_id, sizeof meta->cluster_id, "%s", value);
    } else if (!strcmp(key, "directory.id")) {
        meta->has_directory_id = broker_id_parse(value, meta->directory_id);
        seen->bad = seen->bad || !meta->has_directory_id;
    }
}

/* Java's properties, as far as Kafka writes them: key=value, comments behind # or !, spaces around. */
static bool parse(char *text, struct broker_meta *meta)
{
    struct seen seen = {.version = -1, .node_id = -1};
    struct broker_lines lines = {.at = text};
    for (char *line; (line = broker_lines_next(&lines));) {
        line += strspn(line, " \t");
        char *equals = strchr(line, '=');
        if (*line == '#' || *line == '!' || !equals)
            continue;
        char *value = equals + 1 + strspn(equals + 1, " \t");
        value[strcspn(value, " \t\r")] = 0;
        *equals = 0;
        line[strcspn(line, " \t")] = 0;
        take(line, value, meta, &seen);
    }
    if (seen.bad || seen.node_id < 0 || seen.node_id > INT32_MAX || seen.version < 0 ||
        seen.version > 1 || (seen.version == 1 && !seen.cluster))
        return false;
    meta->node_id = (int32_t)seen.node_id;
    return true;
}

int broker_meta_read(struct broker_env *env, const char *folder, struct broker_meta *meta,
                     struct broker_err *err)
{
    uint8_t *bytes;
    size_t size;
    *meta = (struct broker_meta){0};
    int rc = broker_small_file_read(env, folder, FILE_NAME, &bytes, &size, err);
    if (rc != BROKER_OK)
        return rc;
    rc = parse((char *)bytes, meta) ? BROKER_OK : BROKER_ECORRUPT;
    free(bytes);
    return rc == BROKER_OK ? rc : broker_err_set(err, rc, "%s/" FILE_NAME ": corrupt", folder);
}

static int write_new(struct broker_env *env, const char *folder, const struct broker_meta *meta,
                     struct broker_receipt *receipt, struct broker_err *err)
{
    char directory_id[BROKER_ID_TEXT_BYTES];
    struct broker_text text = {0};
    broker_id_print(meta->directory_id, directory_id);
    broker_text_add(&text, "version=1\ncluster.id=%s\nnode.id=%" PRId32 "\ndirectory.id=%s\n",
                    meta->cluster_id, meta->node_id, directory_id);
    int rc = text.failed ? broker_err_set(err, BROKER_EIO, "out of memory")
                         : broker_small_file_write(env, folder, FILE_NAME, text.text, text.size,
                                                   receipt, err);
    free(text.text);
    return rc;
}

int broker_meta_claim(struct broker_env *env, const char *folder, const char *cluster_id,
                      int32_t node_id, struct broker_meta *meta, struct broker_receipt *receipt,
                      struct broker_err *err)
{
    int rc = broker_meta_read(env, folder, meta, err);
    if (rc == BROKER_EMISSING) {
        *meta = (struct broker_meta){.node_id = node_id, .has_directory_id = true};
        snprintf(meta->cluster_id, sizeof meta->cluster_id, "%s", cluster_id);
        env->ops->random16(env, meta->directory_id);
        return write_new(env, folder, meta, receipt, err);
    }
    if (rc != BROKER_OK)
        return rc;
    if (meta->node_id != node_id || (*meta->cluster_id && strcmp(meta->cluster_id, cluster_id)))
        return broker_err_set(err, BROKER_EREFUSED,
                              "%s belongs to node %" PRId32 " of cluster %s, not to node %" PRId32
                              " of %s",
                              folder, meta->node_id, meta->cluster_id, node_id, cluster_id);
    return BROKER_OK;
}
