/* broker-core/log/checkpoint.c - the dir's checkpoint files: one offset a partition (log-storage.md section 2). */
#include "broker-core/log/dir_internal.h"
#include "broker-core/log/small_file.h"

#include <stdlib.h>

int64_t broker_checkpoint_recovery_point(const struct broker_dir_entry *entry)
{
    return entry->log ? broker_log_recovery_point(entry->log) : -1;
}

/* Only where it lies above the first segment's base (section 1). */
int64_t broker_checkpoint_start_offset(const struct broker_dir_entry *entry)
{
    if (!entry->log || entry->log->start_offset <= entry->log->segments[0]->base_offset)
        return -1;
    return entry->log->start_offset;
}

int64_t broker_checkpoint_high_watermark(const struct broker_dir_entry *entry)
{
    return entry->log ? broker_log_high_watermark(entry->log) : -1;
}

int broker_checkpoint_write(struct broker_dir *dir, const char *name, broker_checkpoint_fn *value,
                            struct broker_receipt *receipt, struct broker_err *err)
{
    struct broker_text text = {0};
    int64_t count = 0;
    for (uint32_t i = 0; i < dir->entry_count; i++)
        count += value(dir->entries[i]) >= 0;
    broker_text_add_number(&text, 0, '\n');
    broker_text_add_number(&text, count, '\n');
    for (uint32_t i = 0; i < dir->entry_count; i++) {
        const struct broker_dir_entry *entry = dir->entries[i];
        if (value(entry) < 0)
            continue;
        broker_text_add_name(&text, entry->topic, ' ');
        broker_text_add_number(&text, entry->partition, ' ');
        broker_text_add_number(&text, value(entry), '\n');
    }
    int rc = text.failed ? broker_err_set(err, BROKER_EIO, "out of memory")
                         : broker_small_file_write(dir->env, dir->path, name, text.text, text.size,
                                                   receipt, err);
    free(text.text);
    return rc;
}

static const struct {
    const char *name;
    broker_checkpoint_fn *value;
    size_t field;
} checkpoints[] = {
    {"recovery-point-offset-checkpoint", broker_checkpoint_recovery_point,
     offsetof(struct broker_dir_entry, recovery_point)},
    {"log-start-offset-checkpoint", broker_checkpoint_start_offset,
     offsetof(struct broker_dir_entry, start_offset)},
    {"replication-offset-checkpoint", broker_checkpoint_high_watermark,
     offsetof(struct broker_dir_entry, high_watermark)},
};
enum { CHECKPOINTS = sizeof checkpoints / sizeof checkpoints[0] };

int broker_checkpoints_write(struct broker_dir *dir, struct broker_receipt *receipt,
                             struct broker_err *err)
{
    int rc = BROKER_OK;
    for (int i = 0; i < CHECKPOINTS && rc == BROKER_OK; i++)
        rc = broker_checkpoint_write(dir, checkpoints[i].name, checkpoints[i].value, receipt, err);
    return rc;
}

static int read_lines(struct broker_dir *dir, char *text, size_t field)
{
    struct broker_lines lines;
    char *line;
    int rc = broker_lines_begin(&lines, text);
    while (rc == BROKER_OK && (line = broker_lines_next(&lines)) != NULL) {
        int64_t partition, offset;
        const char *topic = broker_field_text(&line);
        if (!topic || !broker_field_number(&line, &partition) ||
            !broker_field_number(&line, &offset) || partition < 0 || partition > INT32_MAX ||
            offset < 0)
            return BROKER_ECORRUPT;
        struct broker_dir_entry *entry = broker_dir_entry_make(dir, topic, (int32_t)partition);
        if (!entry)
            return BROKER_EIO;
        *(int64_t *)(void *)((char *)entry + field) = offset;
    }
    return rc;
}

static void forget(struct broker_dir *dir, size_t field)
{
    for (uint32_t i = 0; i < dir->entry_count; i++)
        *(int64_t *)(void *)((char *)dir->entries[i] + field) = -1;
}

int broker_checkpoints_read(struct broker_dir *dir, struct broker_err *err)
{
    for (int i = 0; i < CHECKPOINTS; i++) {
        uint8_t *bytes;
        size_t size;
        int rc =
            broker_small_file_read(dir->env, dir->path, checkpoints[i].name, &bytes, &size, err);
        if (rc == BROKER_EMISSING) { /* as on the first start */
            if (err)
                err->text[0] = 0;
            continue;
        }
        if (rc != BROKER_OK)
            return rc;
        rc = read_lines(dir, (char *)bytes, checkpoints[i].field);
        free(bytes);
        if (rc == BROKER_EIO)
            return broker_err_set(err, rc, "out of memory");
        if (rc != BROKER_OK)
            forget(dir, checkpoints[i].field);
    }
    return BROKER_OK;
}
