/* See advice.h: small requests that fill sockets. */
#include "model/answer/advice.h"

const struct result_bound *advice_sockets_bound(struct result *r, const struct scenario_producer *p)
{
    return result_bound_of(r, result_format(r, "client queue of %s", p->name));
}

const char *advice_sockets_remedy(struct result *r, const struct scenario_producer *p)
{
    if (!advice_sockets_bound(r, p))
        return NULL;
    return result_format(r,
                         "raise linger.ms (now %.4g), or limit "
                         "max.in.flight.requests.per.connection (now %d)",
                         (double)p->config.linger_us / 1e3, p->config.max_in_flight);
}

void advice_sockets(struct result *r, const struct scenario *s, int producer)
{
    const struct scenario_producer *p = &s->producers[producer];
    const struct result_bound *queue = advice_sockets_bound(r, p);
    if (!queue)
        return;
    const char *wait = result_duration(r, queue->demand * p->clients / p->records_per_s_peak);
    result_warn(r,
                result_format(r,
                              "%s: requests of few records fill its connections' sockets, as a "
                              "broker takes one after the other: what comes waits some %s: "
                              "%.3g records, where a client lets %.4g wait",
                              p->name, wait, queue->demand, queue->capacity),
                advice_sockets_remedy(r, p));
}
