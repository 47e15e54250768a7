/* broker-core/log/topic_id.h - partition.metadata: the topic's id beside its data (log-storage.md section 2). */
#ifndef BROKER_LOG_TOPIC_ID_H
#define BROKER_LOG_TOPIC_ID_H

#include "broker-core/log/log_internal.h"

/* 16 bytes as 22 characters of URL-safe base64 without padding, and back (false if it is none). */
#define BROKER_ID_TEXT_BYTES 23
void broker_id_print(const uint8_t id[16], char text[BROKER_ID_TEXT_BYTES]);
bool broker_id_parse(const char *text, uint8_t id[16]);

int broker_topic_id_read(struct broker_log *log, struct broker_err *err);

#endif
