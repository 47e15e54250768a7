/* See size_formula.h. */
#include "model/answer/size_formula.h"

#include <assert.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>

/* A count that is whole but for rounding of doubles (3.0000000001) is not rounded up: 1e-9 is far below any input's precision. */
int64_t size_count(double demand, double capacity)
{
    if (!(capacity > 0))
        return 0;
    double n = demand / capacity;
    if (n > 9e15)
        return INT64_MAX;
    double up = ceil(n * (1 - 1e-12) - 1e-9);
    return up < 1 ? 1 : (int64_t)up;
}

int64_t size_round_up(int64_t count, int64_t step)
{
    assert(count >= 0 && step > 0);
    return count > INT64_MAX - step ? count : (count + step - 1) / step * step;
}

double size_cache_s(double cache_bytes, double write_bytes_per_s)
{
    return write_bytes_per_s > 0 ? cache_bytes / write_bytes_per_s : INFINITY;
}

double size_sustained_bytes_per_s(int64_t brokers, int replication, int groups, double disk,
                                  double link, double nic)
{
    double b = (double)brokers, r = replication, best = INFINITY, reads = groups + r - 1;
    if (disk > 0)
        best = fmin(best, disk * b / r);
    if (link > 0)
        best = fmin(best, link * b / r);
    if (nic > 0) {
        best = fmin(best, nic * b / r); /* what comes in: produce and replication */
        if (reads > 0)
            best = fmin(best, nic * b / reads);
    }
    return best;
}

double size_write_equivalent_bytes_per_s(double produce, double consume, int replication)
{
    return produce * replication + (consume + produce * (replication - 1)) / 4;
}

int64_t size_vcpus_by_rule(double write_equivalent, double use)
{
    return size_count(write_equivalent, 20e6 * use);
}

double size_wait_probability(double servers, double erlangs)
{
    if (erlangs <= 0)
        return 0;
    if (erlangs >= servers)
        return 1;
    double beta = (servers - erlangs) / sqrt(erlangs);
    return 1 / (1 + beta * gsl_cdf_ugaussian_P(beta) / gsl_ran_ugaussian_pdf(beta));
}

double size_catch_up_s(double backlog, double produce_per_s, double consume_per_s)
{
    if (backlog <= 0)
        return 0;
    return consume_per_s > produce_per_s ? backlog / (consume_per_s - produce_per_s) : INFINITY;
}

struct size_cross_zone size_cross_zone_bytes_per_s(double produce, int zones, int replication,
                                                   int groups)
{
    double other = (zones - 1.0) / zones;
    int beyond = replication < zones ? replication - 1 : zones - 1; /* replicas in other zones */
    struct size_cross_zone x = {.produce = produce * other,
                                .replication = produce * beyond,
                                .consume = produce * groups * other};
    return x;
}

double size_replica_memory_bytes(int64_t partitions, int replication, double each_bytes)
{
    return (double)partitions * replication * each_bytes;
}
