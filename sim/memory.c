/* See memory.h. */
#include "sim/memory.h"

#include <stdio.h>
#include <stdlib.h>

void *sim_checked(void *memory)
{
    if (!memory) {
        fputs("headroom: out of memory\n", stderr);
        abort();
    }
    return memory;
}

void *sim_alloc(size_t count, size_t size)
{
    return sim_checked(calloc(count ? count : 1, size));
}
