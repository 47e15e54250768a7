/* model/evidence/collector.c - see collector.h. */
#include "model/evidence/collector.h"

#include <math.h>
#include <stdio.h>

#include "model/hardware/cpu.h"

/* G1HeapRegionSize: the heap in at most 2,048 regions of a power of two, 1 to 32 MiB. Before Java 15 it was rounded down: JDK-8241670. */
static double region_bytes(double heap_bytes)
{
    double bytes = 1 << 20;
    while (bytes * 2048 < heap_bytes && bytes < 32 << 20)
        bytes *= 2;
    return bytes;
}

static bool counts(const struct configuration *one)
{
    const struct scenario_cluster *cluster = &scenario_base(one->doc)->cluster;
    bool shared = one->row->config.brokers > 1 && cluster->brokers_per_machine > 1;
    double batch_bytes = one->row->log_bytes / one->row->log_batches;
    bool humongous = batch_bytes >= region_bytes((double)cluster->heap_bytes) / 2;
    return one->pauses > 0 && !shared && !humongous;
}

static bool looked_at(const struct configurations *c, const bool *out, int i)
{
    return !(out && out[i]) && counts(&c->configuration[i]);
}

/* A pause is work, which the profile states for its own core. */
static double pause_ns(const struct configuration *one, const struct model_profile *start)
{
    double coremark = scenario_base(one->doc)->cluster.machine.coremark_per_vcpu;
    return one->pause_s * 1e9 * model_cpu_speed(coremark, start->coremark);
}

/* Of a ratio of two sums over configurations; NAN: of one, which tells nothing of others. */
static double standard_error(const struct configurations *c, const bool *out,
                             const struct model_profile *start, double pauses, double mean_ns)
{
    double squares = 0, n = 0;
    for (int i = 0; i < c->count; i++) {
        const struct configuration *one = &c->configuration[i];
        if (!looked_at(c, out, i))
            continue;
        double off_ns = pause_ns(one, start) - mean_ns * one->pauses;
        squares += off_ns * off_ns;
        n++;
    }
    return n > 1 ? sqrt(squares * n / (n - 1)) / (pauses * mean_ns) : NAN;
}

struct collector collector_read(const struct configurations *c, const bool *out,
                                const struct model_profile *start)
{
    struct collector read = {.median_ns = NAN, .standard_error = NAN};
    double total_ns = 0;
    for (int i = 0; i < c->count; i++)
        if (looked_at(c, out, i)) {
            read.pauses += c->configuration[i].pauses;
            total_ns += pause_ns(&c->configuration[i], start);
        }
    if (read.pauses < COLLECTOR_PAUSES_MIN || !start->gc)
        return read;
    double mean_ns = total_ns / read.pauses, sigma = start->gc_pause_sigma;
    read.median_ns = mean_ns * exp(-sigma * sigma / 2);
    read.standard_error = standard_error(c, out, start, read.pauses, mean_ns);
    return read;
}

const char *collector_error_text(const struct collector *c, char text[COLLECTOR_TEXT_BYTES])
{
    if (isnan(c->standard_error))
        return "unknown, of one configuration";
    snprintf(text, COLLECTOR_TEXT_BYTES, "%.0f %%", 100 * c->standard_error);
    return text;
}

void collector_apply(const struct collector *collector, struct model_profile *profile)
{
    if (collector->median_ns > 0)
        profile->gc_pause_median_ns = collector->median_ns;
}
