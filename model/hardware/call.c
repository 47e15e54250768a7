/* Sizes of request and response frames: sums of the fields of reference/kafka/wire-messages.md, newest version. */
#include "model/hardware/call.h"

#include "broker-core/record/varint.h"

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
    NAME = 1 + 20,             /* topic, host, cluster id, software: 20 characters, judgement */
    /* wire-protocol.md section 4 and 3: APIs that a broker of 4.2 lists, features that it supports or has finalized */
    APIS = 60,
    FEATURES = 8,
};

uint32_t model_call_record_overhead_bytes(double payload_bytes, double key_bytes,
                                          double batch_bytes, int64_t linger_ns)
{
    double records = batch_bytes / (payload_bytes > 1 ? payload_bytes : 1);
    size_t body = 1 + broker_varlong_size(linger_ns / 1000000) + /* attributes */
                  broker_varlong_size((int64_t)(records / 2)) +
                  broker_varlong_size((int64_t)key_bytes) +
                  broker_varlong_size((int64_t)(payload_bytes - key_bytes)) +
                  broker_varlong_size(0); /* headers */
    return (uint32_t)(broker_varlong_size((int64_t)(payload_bytes + (double)body)) + body);
}

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

uint64_t model_call_api_versions_request_bytes(void)
{
    return REQUEST_HEADER + NAME + SHORT_STRING + 5 + TAGS; /* software and its version: 4.2.0 */
}

uint64_t model_call_api_versions_response_bytes(void)
{
    const uint64_t api = 2 + 2 + 2 + TAGS;
    const uint64_t feature = NAME + 2 + 2 + TAGS;
    /* response header v0 has no tags; error, throttle time; two lists of features and their epoch are tagged */
    return LENGTH + 4 + 2 + ARRAY + APIS * api + 4 + TAGS + 2 * (3 + FEATURES * feature) + 2 + 8;
}

uint64_t model_call_metadata_request_bytes(uint32_t topics)
{
    return REQUEST_HEADER + ARRAY + (uint64_t)topics * (16 + NAME + TAGS) + 2 + TAGS;
}

uint64_t model_call_metadata_response_bytes(uint32_t brokers, uint32_t topics, uint32_t partitions,
                                            uint32_t replicas)
{
    const uint64_t broker = 4 + NAME + 4 + SHORT_STRING + TAGS;
    const uint64_t topic = 2 + NAME + 16 + 1 + ARRAY + 4 + TAGS;
    /* error, index, leader and its epoch; replicas, those in sync, those offline */
    const uint64_t partition = 2 + 4 + 4 + 4 + 2 * (ARRAY + 4 * (uint64_t)replicas) + ARRAY + TAGS;
    const uint64_t body = 4 + ARRAY + NAME + 4 + ARRAY + TAGS; /* throttle, cluster, controller */
    return RESPONSE_HEADER + body + brokers * broker + topics * topic + partitions * partition;
}
