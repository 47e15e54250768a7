/*
 * model/measure/rows_file.h - the file that rows are appended to, whole or not at all.
 *
 * Shape    Opened and locked for the whole run. A row is written by one call and synced before the next is measured; what a full disk
 *          left of one is cut off again. Repeats of an id go on counting where the file's own end.
 * Checked  tests/model/test_measure_rows.c
 */
#ifndef MODEL_MEASURE_ROWS_FILE_H
#define MODEL_MEASURE_ROWS_FILE_H

#include <stddef.h>

#include "model/measure/measure.h"

struct rows_file {
    int fd;
    bool locked; /* it is ours, to remove as well */
    char path[512];
    int id_count;
    struct rows_file_id {
        char id[64];
        int repeats; /* the highest in the file */
    } * ids;
};

/* Makes the file if need be. MEASURE_EFAILED: cannot be, is in use, or does not end with a whole row. */
int rows_file_open(struct rows_file *file, const char *path, struct measure_err *err);
/* A file without a row is removed. */
void rows_file_close(struct rows_file *file);
/* How many repeats of id the file had when it was opened. */
int rows_file_repeats(const struct rows_file *file, const char *id);
int rows_file_append(struct rows_file *file, const char *line, size_t size,
                     struct measure_err *err);

#endif
