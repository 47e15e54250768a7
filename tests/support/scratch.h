/* A folder of a test's own that goes away with it: group setup and teardown, and files in it. */
#ifndef TESTS_SUPPORT_SCRATCH_H
#define TESTS_SUPPORT_SCRATCH_H

#include <stddef.h>

extern char scratch[64]; /* its path, between make and remove */

int scratch_make(void **state);
int scratch_remove(void **state);
/* A file below the folder, its folders with it. */
void scratch_put_bytes(const char *name, const void *bytes, size_t size);
void scratch_put(const char *name, const char *text);

#endif
