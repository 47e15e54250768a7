/* broker-core/log/small_file.c - see small_file.h. */
#include "broker-core/log/small_file.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No checkpoint of ours is larger; a file beyond it is not read into memory. */
#define SIZE_MAX_BYTES (UINT64_C(256) << 20)

static char *room_for(struct broker_text *text, size_t more)
{
    if (text->size + more > text->room) {
        size_t room = text->room ? text->room : 256;
        while (room < text->size + more)
            room *= 2;
        char *grown = realloc(text->text, room);
        if (!grown) {
            text->failed = true;
            return NULL;
        }
        text->text = grown;
        text->room = room;
    }
    return text->text + text->size;
}

void broker_text_add(struct broker_text *text, const char *format, ...)
{
    char line[512];
    va_list args;
    va_start(args, format);
    int size = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    assert(size >= 0 && (size_t)size < sizeof line);
    char *to = room_for(text, (size_t)size);
    if (!to)
        return;
    memcpy(to, line, (size_t)size);
    text->size += (size_t)size;
}

void broker_text_add_number(struct broker_text *text, int64_t value, char after)
{
    char digits[24];
    size_t at = sizeof digits;
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    digits[--at] = after;
    do {
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    } while (left);
    if (value < 0)
        digits[--at] = '-';
    char *to = room_for(text, sizeof digits - at);
    if (!to)
        return;
    memcpy(to, digits + at, sizeof digits - at);
    text->size += sizeof digits - at;
}

void broker_text_add_name(struct broker_text *text, const char *name, char after)
{
    size_t length = strlen(name);
    char *to = room_for(text, length + 1);
    if (!to)
        return;
    memcpy(to, name, length);
    to[length] = after;
    text->size += length + 1;
}

static void join(char path[BROKER_PATH_MAX], const char *folder, const char *name,
                 const char *suffix)
{
    int length =
        snprintf(path, BROKER_PATH_MAX, "%s%s%s%s", folder, *folder ? "/" : "", name, suffix);
    assert(length > 0 && length < BROKER_PATH_MAX);
}

static int write_aside(struct broker_env *env, const char *path, const void *bytes, size_t size,
                       struct broker_receipt *receipt)
{
    struct broker_file *file;
    int rc = env->ops->open(env, path, BROKER_OPEN_WRITE | BROKER_OPEN_CREATE, &file);
    if (rc != BROKER_OK)
        return rc;
    struct broker_span span = {bytes, size};
    receipt->files_made++;
    rc = env->ops->truncate(env, file, 0);
    if (rc == BROKER_OK && size)
        rc = env->ops->append(env, file, &span, 1);
    if (rc == BROKER_OK) {
        rc = env->ops->sync(env, file);
        receipt->small_file_bytes += size;
        receipt->synced_bytes += size;
        receipt->syncs++;
    }
    env->ops->close(env, file);
    return rc;
}

int broker_small_file_write(struct broker_env *env, const char *folder, const char *name,
                            const void *bytes, size_t size, struct broker_receipt *receipt,
                            struct broker_err *err)
{
    char aside[BROKER_PATH_MAX], path[BROKER_PATH_MAX];
    join(aside, folder, name, ".tmp");
    join(path, folder, name, "");
    int rc = write_aside(env, aside, bytes, size, receipt);
    if (rc == BROKER_OK) {
        rc = env->ops->rename(env, aside, path);
        receipt->renames++;
    }
    if (rc == BROKER_OK) {
        rc = env->ops->sync_folder(env, folder);
        receipt->syncs++;
    }
    return rc == BROKER_OK ? rc
                           : broker_err_set(err, rc, "write %s: %s", path, broker_status_name(rc));
}

int broker_small_file_read(struct broker_env *env, const char *folder, const char *name,
                           uint8_t **bytes, size_t *size, struct broker_err *err)
{
    char path[BROKER_PATH_MAX];
    struct broker_file *file;
    join(path, folder, name, "");
    int rc = env->ops->open(env, path, BROKER_OPEN_READ, &file);
    if (rc != BROKER_OK)
        return broker_err_set(err, rc, "%s: %s", path, broker_status_name(rc));
    uint64_t whole = env->ops->size(env, file);
    uint8_t *read = whole <= SIZE_MAX_BYTES ? malloc((size_t)whole + 1) : NULL;
    rc = read ? env->ops->read_at(env, file, 0, read, (size_t)whole, size) : BROKER_ECORRUPT;
    env->ops->close(env, file);
    if (rc != BROKER_OK) {
        free(read);
        return broker_err_set(err, rc, "read %s: %s", path, broker_status_name(rc));
    }
    read[*size] = 0;
    *bytes = read;
    return BROKER_OK;
}

char *broker_lines_next(struct broker_lines *lines)
{
    char *line = lines->at;
    if (!*line)
        return NULL;
    char *end = strchr(line, '\n');
    if (end) {
        *end = 0;
        lines->at = end + 1;
    } else {
        lines->at = line + strlen(line);
    }
    return line;
}

bool broker_field_number(char **at, int64_t *value)
{
    char *end;
    errno = 0;
    if (**at != '-' && (**at < '0' || **at > '9'))
        return false;
    long long read = strtoll(*at, &end, 10);
    if (end == *at || errno || (*end && *end != ' ' && *end != '\t' && *end != '\r'))
        return false;
    *at = end + strspn(end, " \t\r");
    *value = read;
    return true;
}

char *broker_field_text(char **at)
{
    char *field = *at, *end = field + strcspn(field, " \t\r");
    if (end == field)
        return NULL;
    *at = end + strspn(end, " \t\r");
    *end = 0;
    return field;
}

int broker_lines_begin(struct broker_lines *lines, char *text)
{
    int64_t version;
    *lines = (struct broker_lines){.at = text};
    char *line = broker_lines_next(lines);
    if (!line) /* an empty file has no entries */
        return BROKER_OK;
    if (!broker_field_number(&line, &version) || version != 0)
        return BROKER_ECORRUPT;
    line = broker_lines_next(lines);
    if (!line || !broker_field_number(&line, &lines->expected) || lines->expected < 0)
        return BROKER_ECORRUPT;
    return BROKER_OK;
}
