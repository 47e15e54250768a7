/*
 * broker-core/status.h - how a call of this folder says that something went wrong.
 *
 * Shape    Two vocabularies. `enum broker_status` is what the environment and the log return to their host (a failing
 *          world). `enum broker_error` holds Kafka's own error codes, which travel to clients per partition.
 *          `struct broker_err` carries the sentence; each layer adds in front what it was doing.
 * Source   Kafka's codes: reference/kafka/wire-protocol.md.
 */
#ifndef BROKER_STATUS_H
#define BROKER_STATUS_H

#include <stdarg.h>
#include <stdint.h>

enum broker_status {
    BROKER_OK = 0,
    BROKER_EMISSING, /* no such file or folder */
    BROKER_EEXISTS,  /* exists already */
    BROKER_EFULL,    /* no space left; a short append has been cut back to the old end */
    BROKER_EIO,      /* the device failed; the log dir must go offline */
    BROKER_ELOCKED,  /* another process holds the lock */
    BROKER_ECORRUPT, /* bytes on disk or wire do not parse */
    BROKER_EREFUSED, /* the request is valid but may not be carried out; see the Kafka code beside it */
};

/* Kafka's protocol error codes; only those that this folder gives. */
enum broker_error {
    KAFKA_NONE = 0,
    KAFKA_UNKNOWN_SERVER_ERROR = -1,
    KAFKA_OFFSET_OUT_OF_RANGE = 1,
    KAFKA_CORRUPT_MESSAGE = 2,
    KAFKA_UNKNOWN_TOPIC_OR_PARTITION = 3,
    KAFKA_NOT_LEADER_OR_FOLLOWER = 6,
    KAFKA_REQUEST_TIMED_OUT = 7,
    KAFKA_MESSAGE_TOO_LARGE = 10,
    KAFKA_INVALID_TOPIC = 17,
    KAFKA_RECORD_LIST_TOO_LARGE = 18,
    KAFKA_NOT_ENOUGH_REPLICAS = 19,
    KAFKA_NOT_ENOUGH_REPLICAS_AFTER_APPEND = 20,
    KAFKA_INVALID_REQUIRED_ACKS = 21,
    KAFKA_INVALID_TIMESTAMP = 32,
    KAFKA_OUT_OF_ORDER_SEQUENCE_NUMBER = 45,
    KAFKA_INVALID_PRODUCER_EPOCH = 47,
    KAFKA_INVALID_TXN_STATE = 48,
    KAFKA_STORAGE_ERROR = 56,
    KAFKA_FETCH_SESSION_ID_NOT_FOUND = 70,
    KAFKA_INVALID_FETCH_SESSION_EPOCH = 71,
    KAFKA_FENCED_LEADER_EPOCH = 74,
    KAFKA_UNKNOWN_LEADER_EPOCH = 75,
    KAFKA_UNSUPPORTED_COMPRESSION_TYPE = 76,
    KAFKA_OFFSET_NOT_AVAILABLE = 78,
    KAFKA_INVALID_RECORD = 87,
};

/* The sentence that goes with a status. Zero it before use; a NULL err is allowed everywhere. */
struct broker_err {
    char text[256];
};

/* Sets err's sentence and returns status, so that a failing line is one line. */
int broker_err_set(struct broker_err *err, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "what I was doing: " before err's sentence and returns status unchanged. */
int broker_err_wrap(struct broker_err *err, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

const char *broker_status_name(int status);
const char *broker_error_name(int kafka_error);

#endif
