/* model/scenario/measured.c - see measured.h. */
#include "model/scenario/measured.h"

#include <math.h>

static const struct {
    const char *name, *unit;
} quantities[MEASURED_QUANTITIES] = {
    [MEASURED_THROUGHPUT] = {"throughput", "records/s"},
    [MEASURED_PRODUCE_MEAN] = {"produce_mean", "s"},
    [MEASURED_PRODUCE_P50] = {"produce_p50", "s"},
    [MEASURED_PRODUCE_P99] = {"produce_p99", "s"},
    [MEASURED_ROUND_TRIP] = {"round_trip", "s"},
    [MEASURED_END_TO_END_P50] = {"end_to_end_p50", "s"},
    [MEASURED_END_TO_END_P99] = {"end_to_end_p99", "s"},
    [MEASURED_BROKER_CPU] = {"broker_cpu", "cores"},
    [MEASURED_CLIENT_CPU] = {"client_cpu", "cores"},
    [MEASURED_REQUESTS] = {"requests", "requests/s"},
    [MEASURED_BATCHES] = {"batches", "batches/s"},
    [MEASURED_DISK_BYTES] = {"disk_bytes", "bytes/s"},
};

const char *measured_quantity_name(enum measured_quantity quantity)
{
    return quantities[quantity].name;
}

const char *measured_quantity_unit(enum measured_quantity quantity)
{
    return quantities[quantity].unit;
}

double measured_median(const struct measured *measured, enum measured_quantity quantity)
{
    double sorted[MEASURED_REPEATS_MAX];
    int count = 0;
    for (int r = 0; r < measured->repeat_count; r++) {
        double value = measured->value[r][quantity];
        if (isnan(value))
            continue;
        int at = count++;
        for (; at > 0 && sorted[at - 1] > value; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = value;
    }
    return count == 0 ? NAN : (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
}
