/* Any bytes as a recorded trace: refused with a line, or followed for a while without a record out of order. */
#include <assert.h>

#include "model/client/arrivals.h"

#define FUZZ_DICTIONARY "time,count,bytes\n", "0,1\n", "0.5,10,1000\n", "1,1\n", "#", "\n", ","
#include "tests/fuzz/driver.h"

static void follow(const struct model_trace *trace)
{
    struct model_arrivals_config config;
    model_arrivals_config_init(&config);
    config.kind = MODEL_ARRIVALS_TRACE;
    config.trace = trace;
    config.trace_stride = 3;
    config.trace_phase = 2;
    struct model_arrivals *arrivals = model_arrivals_new(&config, 1, 0, "fuzz", "fuzz", 0, 1, NULL);
    int64_t before = 0;
    for (int i = 0; i < 50; i++) {
        struct model_take_limit limit = {INT64_MAX / 2, 100000, 1000, true};
        struct model_taken taken;
        if (!model_arrivals_take(arrivals, 0, &limit, &taken))
            break;
        assert(taken.count > 0 && taken.count <= 1000);
        assert(taken.first_ns >= before && taken.last_ns >= taken.first_ns);
        before = taken.last_ns;
    }
    model_arrivals_free(arrivals);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char error[128] = "";
    struct model_trace *trace = model_trace_parse((const char *)data, size, error);
    if (!trace) {
        assert(strncmp(error, "line ", 5) == 0);
        return 0;
    }
    assert(model_trace_records(trace) > 0 && model_trace_length_ns(trace) > 0);
    follow(trace);
    model_trace_free(trace);
    return 0;
}
