/* broker-core/log/topic_id.c - see topic_id.h. */
#include "broker-core/log/topic_id.h"
#include "broker-core/log/small_file.h"

#include <stdlib.h>
#include <string.h>

#define FILE_NAME "partition.metadata"

/* RFC 4648 section 5. */
static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void broker_id_print(const uint8_t id[16], char text[BROKER_ID_TEXT_BYTES])
{
    unsigned bits = 0, value = 0;
    char *at = text;
    for (int i = 0; i < 16; i++) {
        value = value << 8 | id[i];
        for (bits += 8; bits >= 6; bits -= 6)
            *at++ = digits[value >> (bits - 6) & 63];
    }
    *at++ = digits[value << (6 - bits) & 63];
    *at = 0;
}

bool broker_id_parse(const char *text, uint8_t id[16])
{
    unsigned bits = 0, value = 0;
    size_t count = 0;
    if (strlen(text) != BROKER_ID_TEXT_BYTES - 1)
        return false;
    for (; *text; text++) {
        const char *digit = strchr(digits, *text);
        if (!digit)
            return false;
        value = value << 6 | (unsigned)(digit - digits);
        bits += 6;
        if (bits >= 8 && count < 16) {
            bits -= 8;
            id[count++] = (uint8_t)(value >> bits);
        }
    }
    return count == 16;
}

static bool parse(struct broker_log *log, char *text)
{
    bool version = false;
    struct broker_lines lines = {.at = text};
    for (char *line; (line = broker_lines_next(&lines));) {
        if (!strcmp(line, "version: 0"))
            version = true;
        else if (!strncmp(line, "topic_id: ", 10))
            log->has_topic_id = broker_id_parse(line + 10, log->topic_id);
    }
    static const uint8_t zero[16];
    return version && log->has_topic_id && memcmp(log->topic_id, zero, 16) != 0;
}

int broker_topic_id_read(struct broker_log *log, struct broker_err *err)
{
    uint8_t *bytes;
    size_t size;
    int rc = broker_small_file_read(log->env, log->folder, FILE_NAME, &bytes, &size, NULL);
    if (rc == BROKER_EMISSING)
        return BROKER_OK;
    if (rc == BROKER_OK && !parse(log, (char *)bytes))
        rc = BROKER_ECORRUPT;
    if (rc == BROKER_OK || rc == BROKER_ECORRUPT)
        free(bytes);
    return rc == BROKER_OK ? rc : broker_err_set(err, rc, FILE_NAME ": %s", broker_status_name(rc));
}

const uint8_t *broker_log_topic_id(const struct broker_log *log)
{
    return log->has_topic_id ? log->topic_id : NULL;
}

int broker_log_assign_topic_id(struct broker_log *log, const uint8_t id[16],
                               struct broker_receipt *receipt, struct broker_err *err)
{
    char text[BROKER_ID_TEXT_BYTES];
    broker_id_print(id, text);
    if (log->has_topic_id)
        return memcmp(log->topic_id, id, 16)
                   ? broker_err_set(err, BROKER_EREFUSED, "%s has another topic id than %s",
                                    log->folder, text)
                   : BROKER_OK;
    struct broker_text file = {0};
    broker_text_add(&file, "version: 0\ntopic_id: %s", text);
    int rc = file.failed ? BROKER_EIO
                         : broker_small_file_write(log->env, log->folder, FILE_NAME, file.text,
                                                   file.size, receipt, err);
    free(file.text);
    if (rc != BROKER_OK)
        return rc;
    memcpy(log->topic_id, id, 16);
    log->has_topic_id = true;
    return BROKER_OK;
}
