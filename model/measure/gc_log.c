#include "model/measure/gc_log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int gc_log_end(const char *path, int64_t *end, struct measure_err *err)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return measure_fail(err, MEASURE_EFAILED, "GC log %s: %s", path, strerror(errno));
    *end = st.st_size;
    return MEASURE_OK;
}

/* The line's last word: "8.602ms". */
static void take_line(struct gc_pauses *pauses, const char *line)
{
    const char *last = strrchr(line, ' ');
    if (!last || !strstr(line, " Pause "))
        return;
    char *end;
    double ms = strtod(last + 1, &end);
    if (end == last + 1 || strncmp(end, "ms", 2) != 0 || !(ms >= 0))
        return;
    pauses->count++;
    pauses->total_ms += ms;
    pauses->max_ms = ms > pauses->max_ms ? ms : pauses->max_ms;
}

int gc_log_read(const char *path, int64_t from, struct gc_pauses *pauses, struct measure_err *err)
{
    int64_t end;
    memset(pauses, 0, sizeof *pauses);
    int rc = gc_log_end(path, &end, err);
    FILE *in = rc == MEASURE_OK ? fopen(path, "r") : NULL;
    if (!in)
        return rc != MEASURE_OK
                   ? rc
                   : measure_fail(err, MEASURE_EFAILED, "GC log %s: %s", path, strerror(errno));
    char *line = NULL;
    size_t size = 0;
    if (fseek(in, end >= from ? (long)from : 0, SEEK_SET) == 0)
        while (getline(&line, &size, in) > 0)
            take_line(pauses, line);
    free(line);
    fclose(in);
    return MEASURE_OK;
}
