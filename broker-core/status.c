/* broker-core/status.c - sentences for statuses; see status.h. */
#include "broker-core/status.h"

#include <stdio.h>
#include <string.h>

int broker_err_set(struct broker_err *err, int status, const char *format, ...)
{
    if (err) {
        va_list args;
        va_start(args, format);
        vsnprintf(err->text, sizeof err->text, format, args);
        va_end(args);
    }
    return status;
}

/* Copies what still fits behind the first `used` characters; a long sentence is cut, never an error. */
static void append_text(struct broker_err *err, size_t used, const char *text)
{
    if (used >= sizeof err->text - 1)
        return;
    size_t room = sizeof err->text - 1 - used;
    size_t length = strnlen(text, room);
    memcpy(err->text + used, text, length);
    err->text[used + length] = '\0';
}

int broker_err_wrap(struct broker_err *err, int status, const char *format, ...)
{
    if (err) {
        char inner[sizeof err->text];
        memcpy(inner, err->text, sizeof inner);
        inner[sizeof inner - 1] = '\0';
        va_list args;
        va_start(args, format);
        int printed = vsnprintf(err->text, sizeof err->text, format, args);
        va_end(args);
        size_t used = printed < 0 ? 0 : (size_t)printed;
        append_text(err, used, ": ");
        append_text(err, used + 2, inner);
    }
    return status;
}

const char *broker_status_name(int status)
{
    static const char *const names[] = {"ok",        "missing", "exists",  "full",
                                        "I/O error", "locked",  "corrupt", "refused"};
    return status >= 0 && status <= BROKER_EREFUSED ? names[status] : "unknown status";
}

const char *broker_error_name(int kafka_error)
{
    switch (kafka_error) {
#define NAME(code)                                                                                 \
    case KAFKA_##code:                                                                             \
        return #code;
        NAME(NONE)
        NAME(UNKNOWN_SERVER_ERROR)
        NAME(OFFSET_OUT_OF_RANGE)
        NAME(CORRUPT_MESSAGE)
        NAME(UNKNOWN_TOPIC_OR_PARTITION)
        NAME(NOT_LEADER_OR_FOLLOWER)
        NAME(REQUEST_TIMED_OUT)
        NAME(MESSAGE_TOO_LARGE)
        NAME(INVALID_TOPIC)
        NAME(RECORD_LIST_TOO_LARGE)
        NAME(NOT_ENOUGH_REPLICAS)
        NAME(NOT_ENOUGH_REPLICAS_AFTER_APPEND)
        NAME(INVALID_REQUIRED_ACKS)
        NAME(INVALID_TIMESTAMP)
        NAME(OUT_OF_ORDER_SEQUENCE_NUMBER)
        NAME(INVALID_PRODUCER_EPOCH)
        NAME(INVALID_TXN_STATE)
        NAME(STORAGE_ERROR)
        NAME(FETCH_SESSION_ID_NOT_FOUND)
        NAME(INVALID_FETCH_SESSION_EPOCH)
        NAME(FENCED_LEADER_EPOCH)
        NAME(UNKNOWN_LEADER_EPOCH)
        NAME(UNSUPPORTED_COMPRESSION_TYPE)
        NAME(OFFSET_NOT_AVAILABLE)
        NAME(INVALID_RECORD)
#undef NAME
    default:
        return "unknown error code";
    }
}
