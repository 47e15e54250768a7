/*
 * What has no number: the latency of a queue that grows, since it is as long as one looks, and more CPU than there is. A queue that grows in
 * the prediction alone is a wrong one: that latency counts as it was simulated.
 * Omits the round trip, which in-flight requests bound, and latencies under `rate: max`, which a full buffer does.
 */
#include <math.h>

#include "model/cluster/machine_share.h"
#include "model/evidence/verify_internal.h"

static const struct predict_value unknown = {NAN, NAN, NAN};

#define CARRIED 0.97 /* of the load: less was not the scatter of a window's arrivals */

/* False under `rate: max`, and where nobody measured it. */
static bool measured_falls_short(const struct verify_case *c)
{
    const struct scenario *s = scenario_base(c->doc);
    double stated = 0;
    for (int p = 0; p < s->producer_count; p++) {
        if (s->producers[p].rate_kind == SCENARIO_RATE_MAX)
            return false;
        stated += s->producers[p].records_per_s_peak;
    }
    return measured_median(&c->measured, MEASURED_THROUGHPUT) < CARRIED * stated;
}

static void leave_out_latencies(const struct verify_case *c, struct prediction *seen)
{
    struct predict_value *of = seen->quantity;
    if (seen->stable || !measured_falls_short(c))
        return;
    of[MEASURED_END_TO_END_P50] = of[MEASURED_END_TO_END_P99] = unknown;
    if (seen->sends_stable) /* only readers fall behind */
        return;
    of[MEASURED_PRODUCE_MEAN] = of[MEASURED_PRODUCE_P50] = of[MEASURED_PRODUCE_P99] = unknown;
}

/* ---- CPU ---- */

#define CORES_SLACK 1.001 /* of a core that is always busy, the edges of its last piece of work */

/* For one broker: those of a machine are shared by all on it. */
static double broker_cores(const struct scenario *s)
{
    int brokers = s->cluster.brokers > 0 ? s->cluster.brokers : 1;
    return (double)s->cluster.machine.vcpus * model_machines_for(s, brokers) / brokers;
}

static double client_cores(const struct scenario *s)
{
    double cores = 0;
    for (int p = 0; p < s->producer_count; p++)
        cores += (double)s->producers[p].machines * s->producers[p].machine.vcpus;
    for (int g = 0; g < s->group_count; g++)
        if (s->groups[g].beside < 0)
            cores += (double)s->groups[g].machines * s->groups[g].machine.vcpus;
    return cores;
}

static void limit(struct predict_value *v, double cores)
{
    if (v->value > CORES_SLACK * cores)
        *v = unknown;
    if (v->high > cores) /* not NAN */
        v->high = fmax(cores, v->value);
    if (v->low > cores)
        v->low = fmin(cores, v->value);
}

void verify_limit_cpu(const struct scenario *s, struct predict_value of[MEASURED_QUANTITIES])
{
    limit(&of[MEASURED_BROKER_CPU], broker_cores(s));
    limit(&of[MEASURED_CLIENT_CPU], client_cores(s));
}

void verify_leave_out(const struct verify_case *c, struct prediction *seen)
{
    leave_out_latencies(c, seen);
    verify_limit_cpu(scenario_base(c->doc), seen->quantity);
}
