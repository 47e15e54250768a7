#include "model/measure/payload.h"

#include <stdlib.h>
#include <string.h>

#include "sim/random.h"
#include "sim/memory.h"

/* zstd looks back 8 MiB at librdkafka's highest level, others less; a batch holds 1 MB by default. */
enum { POOL_BYTES = 16 << 20 };

void measure_payload_init(struct measure_payload *p, const struct measure_config *config,
                          uint64_t seed, int repeat)
{
    p->record_bytes = (size_t)config->record_bytes;
    size_t rest = p->record_bytes - MEASURE_RECORD_BYTES_MIN;
    p->random_bytes = (size_t)((double)rest * config->random_share + 0.5);
    p->pool_bytes = POOL_BYTES > p->random_bytes ? POOL_BYTES : p->random_bytes;
    p->pool_bytes = (p->pool_bytes + 7) & ~(size_t)7;
    p->at = 0;
    p->record = sim_checked(malloc(p->record_bytes));
    p->pool = sim_checked(malloc(p->pool_bytes));
    memset(p->record, 'a', p->record_bytes);
    struct sim_stream stream;
    sim_stream_init(&stream, seed, (uint64_t)repeat, "measure payload");
    for (size_t i = 0; i < p->pool_bytes; i += 8) {
        uint64_t word = sim_u64(&stream);
        memcpy(p->pool + i, &word, sizeof word);
    }
}

void measure_payload_release(struct measure_payload *p)
{
    free(p->record);
    free(p->pool);
    p->record = p->pool = NULL;
}

const uint8_t *measure_payload_next(struct measure_payload *p, int64_t intended_ns)
{
    if (p->at + p->random_bytes > p->pool_bytes)
        p->at = 0;
    measure_payload_stamp(p, intended_ns);
    memcpy(p->record + MEASURE_RECORD_BYTES_MIN, p->pool + p->at, p->random_bytes);
    p->at += p->random_bytes;
    return p->record;
}

void measure_payload_stamp(struct measure_payload *p, int64_t intended_ns)
{
    memcpy(p->record, &intended_ns, sizeof intended_ns);
}

int64_t measure_payload_time(const void *record)
{
    int64_t time_ns;
    memcpy(&time_ns, record, sizeof time_ns);
    return time_ns;
}
