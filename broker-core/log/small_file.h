/*
 * broker-core/log/small_file.h - the text files beside the segments: read whole, written aside and renamed.
 *
 * Source   reference/kafka/log-storage.md section 2.
 */
#ifndef BROKER_LOG_SMALL_FILE_H
#define BROKER_LOG_SMALL_FILE_H

#include "broker-core/env.h"

/* Growing text; `failed` once memory ran out. Zero it before use, free text. */
struct broker_text {
    char *text;
    size_t size, room;
    bool failed;
};
void broker_text_add(struct broker_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Adds a decimal number, without the cost of a format. */
void broker_text_add_number(struct broker_text *text, int64_t value, char after);
void broker_text_add_name(struct broker_text *text, const char *name, char after);

/* Writes path.tmp, syncs it, renames it to path, syncs the folder. */
int broker_small_file_write(struct broker_env *env, const char *folder, const char *name,
                            const void *bytes, size_t size, struct broker_receipt *receipt,
                            struct broker_err *err);
/* Whole file with a 0 behind it; EMISSING if it is not there. Gives *bytes (free). */
int broker_small_file_read(struct broker_env *env, const char *folder, const char *name,
                           uint8_t **bytes, size_t *size, struct broker_err *err);

/*
 * Lines of a checkpoint file: "0", the count, then entries. Each call gives the next entry's line (a string) or NULL; *rc tells
 * BROKER_ECORRUPT for a wrong version, count or line end. Changes the text. Start with *at = text.
 */
struct broker_lines {
    char *at;
    int64_t expected; /* entries that the second line announced */
};
int broker_lines_begin(struct broker_lines *lines, char *text);
char *broker_lines_next(struct broker_lines *lines);
/* Next whitespace-separated field as a number; false if there is none. */
bool broker_field_number(char **at, int64_t *value);
/* Next field as text. */
char *broker_field_text(char **at);

#endif
