/*
 * broker-core/record/wrap.h - arithmetic on numbers that came from a disk or a wire and may be anything.
 */
#ifndef BROKER_RECORD_WRAP_H
#define BROKER_RECORD_WRAP_H

#include <stdint.h>

/* a + b as Java adds longs: what overflows falls off. */
static inline int64_t broker_wrap_add(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}
static inline int64_t broker_wrap_subtract(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

/* a - b, held at the ends of the range: how far apart two times are. */
static inline int64_t broker_distance(int64_t a, int64_t b)
{
    int64_t difference;
    if (__builtin_sub_overflow(a, b, &difference))
        return a < b ? INT64_MIN : INT64_MAX;
    return difference;
}

#endif
