#include "model/measure/clock.h"

#include <errno.h>
#include <time.h>

int64_t measure_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void measure_sleep_until(int64_t at_ns)
{
    struct timespec t = {(time_t)(at_ns / 1000000000), (long)(at_ns % 1000000000)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
        continue;
}

bool measure_wait_until(int64_t at_ns, const volatile sig_atomic_t *stop)
{
    const int64_t piece_ns = 50000000; /* how long a person waits for ^C without noticing */
    for (int64_t now; (now = measure_now_ns()) < at_ns;) {
        if (stop && *stop)
            return false;
        measure_sleep_until(at_ns - now > piece_ns ? now + piece_ns : at_ns);
    }
    return !(stop && *stop);
}
