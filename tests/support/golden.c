#include "tests/support/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_golden(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        fail_msg("%s cannot be written", path);
}

void golden_compare(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "tests/golden/%s", name);
    if (getenv("UPDATE_GOLDEN")) {
        write_golden(path, text);
        return;
    }
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("%s is missing; UPDATE_GOLDEN=1 makes it", path);
    char *line = NULL;
    size_t size = 0;
    int number = 0;
    for (ssize_t n; (n = getline(&line, &size, file)) > 0; text += n) {
        number++;
        if (strncmp(text, line, (size_t)n) != 0)
            fail_msg("%s:%d: expected %.*s, got %.*s", path, number, (int)n - 1, line,
                     (int)strcspn(text, "\n"), text);
    }
    if (*text)
        fail_msg("%s ends after line %d; the text goes on with %.60s", path, number, text);
    free(line);
    fclose(file);
}
