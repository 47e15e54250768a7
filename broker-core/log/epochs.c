/* broker-core/log/epochs.c - see epochs.h. */
#include "broker-core/log/epochs.h"
#include "broker-core/log/small_file.h"

#include <stdlib.h>
#include <string.h>

#define FILE_NAME "leader-epoch-checkpoint"

void broker_epochs_release(struct broker_epochs *epochs)
{
    free(epochs->all);
    *epochs = (struct broker_epochs){0};
}

int32_t broker_epochs_latest(const struct broker_epochs *epochs)
{
    return epochs->count ? epochs->last : -1;
}

static void drop_last(struct broker_epochs *epochs)
{
    if (--epochs->count)
        epochs->last = epochs->all[epochs->count - 1].epoch;
}

int broker_epochs_assign(struct broker_epochs *epochs, int32_t epoch, int64_t start_offset,
                         bool *changed)
{
    *changed = false;
    if (epoch < 0 || (epochs->count && epochs->all[epochs->count - 1].epoch == epoch &&
                      epochs->all[epochs->count - 1].start_offset <= start_offset))
        return BROKER_OK;
    while (epochs->count && (epochs->all[epochs->count - 1].epoch >= epoch ||
                             epochs->all[epochs->count - 1].start_offset >= start_offset))
        drop_last(epochs);
    if (epochs->count == epochs->room) {
        uint32_t room = epochs->room ? 2 * epochs->room : 2;
        struct broker_epoch *grown = realloc(epochs->all, room * sizeof *grown);
        if (!grown)
            return BROKER_EIO;
        epochs->all = grown;
        epochs->room = room;
    }
    epochs->all[epochs->count++] = (struct broker_epoch){epoch, start_offset};
    epochs->last = epoch;
    *changed = true;
    return BROKER_OK;
}

bool broker_epochs_truncate_end(struct broker_epochs *epochs, int64_t offset)
{
    uint32_t before = epochs->count;
    while (epochs->count && epochs->all[epochs->count - 1].start_offset >= offset)
        drop_last(epochs);
    return epochs->count != before;
}

bool broker_epochs_truncate_start(struct broker_epochs *epochs, int64_t offset)
{
    uint32_t drop = 0;
    while (drop + 1 < epochs->count && epochs->all[drop + 1].start_offset <= offset)
        drop++;
    if (!epochs->count || epochs->all[drop].start_offset >= offset)
        return false;
    memmove(epochs->all, epochs->all + drop, (epochs->count - drop) * sizeof *epochs->all);
    epochs->count -= drop;
    epochs->all[0].start_offset = offset;
    return true;
}

int32_t broker_epochs_end_offset(const struct broker_epochs *epochs, int32_t epoch,
                                 int64_t log_end_offset, int64_t *end_offset)
{
    int32_t latest = broker_epochs_latest(epochs);
    *end_offset = -1;
    if (epoch < 0 || latest < epoch)
        return -1;
    if (epoch == latest) {
        *end_offset = log_end_offset;
        return epoch;
    }
    uint32_t next = 0;
    while (epochs->all[next].epoch <= epoch)
        next++;
    *end_offset = epochs->all[next].start_offset;
    return next ? epochs->all[next - 1].epoch : epoch;
}

int broker_epochs_write(const struct broker_epochs *epochs, struct broker_env *env,
                        const char *folder, struct broker_receipt *receipt, struct broker_err *err)
{
    struct broker_text text = {0};
    broker_text_add(&text, "0\n%u\n", epochs->count);
    for (uint32_t i = 0; i < epochs->count; i++) {
        broker_text_add_number(&text, epochs->all[i].epoch, ' ');
        broker_text_add_number(&text, epochs->all[i].start_offset, '\n');
    }
    int rc = text.failed ? broker_err_set(err, BROKER_EIO, "out of memory")
                         : broker_small_file_write(env, folder, FILE_NAME, text.text, text.size,
                                                   receipt, err);
    free(text.text);
    return rc;
}

static int parse(struct broker_epochs *epochs, char *text)
{
    struct broker_lines lines;
    int rc = broker_lines_begin(&lines, text);
    int64_t count = 0;
    for (char *line; rc == BROKER_OK && (line = broker_lines_next(&lines)); count++) {
        int64_t epoch, start_offset;
        bool changed;
        if (!broker_field_number(&line, &epoch) || !broker_field_number(&line, &start_offset) ||
            *line || epoch < 0 || epoch > INT32_MAX || start_offset < 0)
            return BROKER_ECORRUPT;
        rc = broker_epochs_assign(epochs, (int32_t)epoch, start_offset, &changed);
    }
    return rc == BROKER_OK && count != lines.expected ? BROKER_ECORRUPT : rc;
}

int broker_epochs_read(struct broker_epochs *epochs, struct broker_env *env, const char *folder,
                       struct broker_err *err)
{
    uint8_t *bytes;
    size_t size;
    int rc = broker_small_file_read(env, folder, FILE_NAME, &bytes, &size, NULL);
    if (rc == BROKER_EMISSING)
        return BROKER_OK;
    if (rc == BROKER_OK) {
        rc = parse(epochs, (char *)bytes);
        free(bytes);
    }
    if (rc == BROKER_OK)
        return rc;
    broker_epochs_release(epochs);
    return broker_err_set(err, rc, "%s/" FILE_NAME ": %s", folder, broker_status_name(rc));
}
