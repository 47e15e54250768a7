#include "tests/support/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char scratch[64];

int scratch_make(void **state)
{
    (void)state;
    strcpy(scratch, "/tmp/headroom-test.XXXXXX");
    return mkdtemp(scratch) ? 0 : -1;
}

int scratch_remove(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", scratch);
    return system(command);
}

void scratch_put_bytes(const char *name, const void *bytes, size_t size)
{
    char path[512], command[600];
    snprintf(path, sizeof path, "%s/%s", scratch, name);
    snprintf(command, sizeof command, "mkdir -p $(dirname %s)", path);
    assert_int_equal(system(command), 0);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    fclose(out);
}

void scratch_put(const char *name, const char *text)
{
    scratch_put_bytes(name, text, strlen(text));
}
