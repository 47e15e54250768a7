/*
 * sim/histogram_hgrm.c - the percentile table that HdrHistogram's plotters read.
 */
#include <inttypes.h>

#include "sim/histogram.h"

#define TICKS_PER_HALVING 5 /* HdrHistogram's default */
#define NS_PER_MS         1e6

static void write_head(FILE *file)
{
    fprintf(file, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount",
            "1/(1-Percentile)");
}

static void write_line(FILE *file, int64_t value_ns, double share, uint64_t below)
{
    fprintf(file, "%12.6f %2.12f %10" PRIu64 " %14.2f\n", (double)value_ns / NS_PER_MS, share,
            below, 1.0 / (1.0 - share));
}

/* Steps of 1/10 to one half, of 1/20 to three quarters and so on, until all values are below. */
static void write_body(const struct sim_histogram *h, FILE *file)
{
    double share = 0.0, step = 0.5 / TICKS_PER_HALVING;
    unsigned tick = 0;
    uint64_t below = 0;
    struct sim_histogram_cursor cursor = {0};
    while (below < h->count && sim_histogram_next(h, &cursor)) {
        below += cursor.count;
        while (share * (double)h->count <= (double)below) {
            write_line(file, sim_histogram_quantile_ns(h, share), share, below);
            share += step;
            if (++tick % TICKS_PER_HALVING == 0)
                step /= 2.0;
            if (below == h->count)
                break;
        }
    }
    fprintf(file, "%12.6f %2.12f %10" PRIu64 "\n", (double)h->max_ns / NS_PER_MS, 1.0, h->count);
}

static void write_foot(const struct sim_histogram *h, FILE *file)
{
    fprintf(file, "#[Mean    = %12.6f, StdDeviation   = %12.6f]\n",
            sim_histogram_mean_ns(h) / NS_PER_MS, sim_histogram_sd_ns(h) / NS_PER_MS);
    fprintf(file, "#[Max     = %12.6f, Total count    = %12" PRIu64 "]\n",
            (double)(h->max_ns < 0 ? 0 : h->max_ns) / NS_PER_MS, h->count);
    fprintf(file, "#[Buckets = %12d, SubBuckets     = %12d]\n",
            SIM_HISTOGRAM_MAX_BITS - SIM_HISTOGRAM_SUB_BITS, 2 << SIM_HISTOGRAM_SUB_BITS);
}

int sim_histogram_write_hgrm(const struct sim_histogram *h, FILE *file)
{
    write_head(file);
    if (h->count > 0)
        write_body(h, file);
    write_foot(h, file);
    return ferror(file) ? -1 : 0;
}
