#include "model/measure/rows_file.h"
#include "sim/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static void note_repeat(struct rows_file *file, const char *id, int repeat)
{
    int i = 0;
    while (i < file->id_count && strcmp(file->ids[i].id, id) != 0)
        i++;
    if (i == file->id_count) {
        file->ids = sim_checked(realloc(file->ids, (size_t)(i + 1) * sizeof *file->ids));
        snprintf(file->ids[i].id, sizeof file->ids[i].id, "%s", id);
        file->ids[i].repeats = 0;
        file->id_count++;
    }
    if (file->ids[i].repeats < repeat)
        file->ids[i].repeats = repeat;
}

static int read_row(struct rows_file *file, const char *line, ssize_t length, int number,
                    struct measure_err *err)
{
    if (line[length - 1] != '\n')
        return measure_fail(err, MEASURE_EFAILED,
                            "%s:%d: the last row has no end; remove what is left of it", file->path,
                            number);
    json_t *row = json_loadb(line, (size_t)length, 0, NULL);
    const char *id = json_string_value(json_object_get(row, "id"));
    if (id)
        note_repeat(file, id, (int)json_integer_value(json_object_get(row, "repeat")));
    json_decref(row);
    return id ? MEASURE_OK
              : measure_fail(err, MEASURE_EFAILED,
                             "%s:%d: not a measured row; rows are appended to rows only",
                             file->path, number);
}

static int read_rows(struct rows_file *file, struct measure_err *err)
{
    FILE *in = fopen(file->path, "r");
    if (!in)
        return measure_fail(err, MEASURE_EFAILED, "%s: %s", file->path, strerror(errno));
    char *line = NULL;
    size_t size = 0;
    int rc = MEASURE_OK, number = 0;
    for (ssize_t n; rc == MEASURE_OK && (n = getline(&line, &size, in)) > 0;)
        rc = read_row(file, line, n, ++number, err);
    free(line);
    fclose(in);
    return rc;
}

int rows_file_open(struct rows_file *file, const char *path, struct measure_err *err)
{
    memset(file, 0, sizeof *file);
    snprintf(file->path, sizeof file->path, "%s", path);
    file->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (file->fd < 0)
        return measure_fail(err, MEASURE_EFAILED, "%s: %s", path, strerror(errno));
    struct stat st;
    if (fstat(file->fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        rows_file_close(file);
        return measure_fail(err, MEASURE_EFAILED, "%s is not a file", path);
    }
    file->locked = flock(file->fd, LOCK_EX | LOCK_NB) == 0;
    int rc = file->locked ? read_rows(file, err)
                          : measure_fail(err, MEASURE_EFAILED, "%s: %s", path,
                                         errno == EWOULDBLOCK ? "another measurement writes to it"
                                                              : strerror(errno));
    if (rc != MEASURE_OK)
        rows_file_close(file);
    return rc;
}

void rows_file_close(struct rows_file *file)
{
    struct stat st;
    if (file->locked && fstat(file->fd, &st) == 0 && st.st_size == 0)
        unlink(file->path);
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
    file->locked = false;
    free(file->ids);
    file->ids = NULL;
    file->id_count = 0;
}

int rows_file_repeats(const struct rows_file *file, const char *id)
{
    for (int i = 0; i < file->id_count; i++)
        if (strcmp(file->ids[i].id, id) == 0)
            return file->ids[i].repeats;
    return 0;
}

int rows_file_append(struct rows_file *file, const char *line, size_t size, struct measure_err *err)
{
    off_t end = lseek(file->fd, 0, SEEK_END);
    ssize_t n = write(file->fd, line, size);
    if (n == (ssize_t)size && fsync(file->fd) == 0)
        return MEASURE_OK;
    int problem = n >= 0 && n < (ssize_t)size ? ENOSPC : errno;
    bool whole = ftruncate(file->fd, end) == 0;
    return measure_fail(err, MEASURE_EFAILED, "%s: %s%s", file->path, strerror(problem),
                        whole ? "" : ", and a part of a row is left");
}
