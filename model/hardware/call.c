/* Sizes of request and response frames: sums of the fields of reference/kafka/wire-messages.md, newest version. */
#include "model/hardware/call.h"

enum {
    LENGTH = 4, /* of the frame */
    /* request header v2: api key, version, correlation id, client id "producer-1", tags */
    REQUEST_HEADER = LENGTH + 2 + 2 + 4 + (2 + 10) + 1,
    RESPONSE_HEADER = LENGTH + 4 + 1, /* correlation id, tags */
    ARRAY = 1,                        /* compact length below 127 */
    TAGS = 1,
    TOPIC = 16 + ARRAY + TAGS, /* topic id, partitions */
    RECORDS_LENGTH = 3,        /* compact length of 16 kB to 2 MB */
    SHORT_STRING = 1,          /* empty or null */
};

uint64_t model_call_produce_overhead_bytes(uint32_t topics, uint32_t partitions)
{
    const uint64_t body = SHORT_STRING + 2 + 4 + ARRAY + TAGS; /* acks, timeout */
    const uint64_t partition = 4 + RECORDS_LENGTH + TAGS;      /* index */
    return REQUEST_HEADER + body + (uint64_t)topics * TOPIC + (uint64_t)partitions * partition;
}

uint64_t model_call_produce_response_bytes(uint32_t topics, uint32_t partitions)
{
    const uint64_t body = ARRAY + 4 + TAGS; /* throttle time */
    /* index, error, base offset, append time, log start, record errors, message */
    const uint64_t partition = 4 + 2 + 8 + 8 + 8 + ARRAY + SHORT_STRING + TAGS;
    return RESPONSE_HEADER + body + (uint64_t)topics * TOPIC + (uint64_t)partitions * partition;
}

uint64_t model_call_fetch_request_bytes(uint32_t partitions)
{
    /* max wait, min bytes, max bytes, isolation, session id and epoch, topics, forgotten topics, rack */
    const uint64_t body = 4 + 4 + 4 + 1 + 4 + 4 + ARRAY + ARRAY + SHORT_STRING + TAGS;
    /* partition, leader epoch, offset, last fetched epoch, log start, max bytes */
    const uint64_t partition = 4 + 4 + 8 + 4 + 8 + 4 + TAGS;
    return REQUEST_HEADER + body + (partitions > 0 ? TOPIC : 0) + (uint64_t)partitions * partition;
}

uint64_t model_call_fetch_response_overhead_bytes(uint32_t partitions)
{
    const uint64_t body = 4 + 2 + 4 + ARRAY + TAGS; /* throttle time, error, session id */
    /* index, error, high watermark, last stable, log start, aborted, preferred replica, records */
    const uint64_t partition = 4 + 2 + 8 + 8 + 8 + ARRAY + 4 + RECORDS_LENGTH + TAGS;
    return RESPONSE_HEADER + body + (partitions > 0 ? TOPIC : 0) + (uint64_t)partitions * partition;
}
