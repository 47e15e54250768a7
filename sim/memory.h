/*
 * sim/memory.h - memory that is there, or the program ends with a word about it.
 *
 * Shape    A study that runs out of memory has no answer to give, so nobody above handles it: one line to stderr, then abort.
 * Units    Sizes in bytes.
 * Omits    What is taken for each event: the kernel's own arrays grow by themselves and name themselves when they cannot.
 * Checked  tests/sim/test_memory.c
 */
#ifndef SIM_MEMORY_H
#define SIM_MEMORY_H

#include <stddef.h>

/* Zeroed, never NULL, not even for a count of 0. Gives; free() takes it back. */
void *sim_alloc(size_t count, size_t size);

/* What another function allocated: the same pointer, unless it is NULL. */
void *sim_checked(void *memory);

#endif
