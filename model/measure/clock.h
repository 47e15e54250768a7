/*
 * model/measure/clock.h - the real time of a measurement: the monotonic clock, which never jumps.
 */
#ifndef MODEL_MEASURE_CLOCK_H
#define MODEL_MEASURE_CLOCK_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

int64_t measure_now_ns(void);
/* Sleeps until then, whatever signals come. */
void measure_sleep_until(int64_t at_ns);
/* The same in pieces, for a thread that has to see *stop (NULL: none). Returns false when it was set. */
bool measure_wait_until(int64_t at_ns, const volatile sig_atomic_t *stop);

#endif
