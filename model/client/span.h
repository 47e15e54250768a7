/*
 * model/client/span.h - when the messages of a batch were meant to be sent, carried inside the batch itself.
 *
 * Shape    The first 24 bytes of a simulated batch's payload are a span; the rest is a hole. So the intended send times travel
 *          through the real log, replication and fetch, and a consumer reads them from what it fetched: no side table can
 *          disagree with the log. A span stands for `count` messages equally spaced from first_ns to last_ns.
 * Units    ns of simulated time.
 * Checked  tests/model/test_span.c; the error of equal spacing is bounded by the message-level oracle (tests/agreement).
 */
#ifndef MODEL_CLIENT_SPAN_H
#define MODEL_CLIENT_SPAN_H

#include <stdint.h>

#define MODEL_SPAN_BYTES 24

struct model_span {
    int64_t first_ns; /* intended send time of the first message */
    int64_t last_ns;
    uint32_t count;
    uint16_t producer; /* number of the producer entry in the scenario */
    uint16_t groups;   /* instants at which they came, equally many at each; 0: each at its own */
};

void model_span_write(const struct model_span *span, uint8_t bytes[MODEL_SPAN_BYTES]);
void model_span_read(const uint8_t bytes[MODEL_SPAN_BYTES], struct model_span *span);

#endif
