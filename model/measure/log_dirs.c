#include "model/measure/log_dirs.h"

#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    LENGTH_AT = 8,
    MAGIC_AT = 8 + 4 + 4,
    COUNT_AT = MAGIC_AT + 1 + 4 + 2 + 4 + 8 + 8 + 8 + 2 + 4,
    HEADER_BYTES = COUNT_AT + 4,
    BEFORE_LENGTH = 8 + 4, /* what the length does not count */
};

static uint32_t be32(const uint8_t *p)
{
    uint32_t value;
    memcpy(&value, p, sizeof value);
    return be32toh(value);
}

static int scan_batches(struct measure_log *log, int fd, int64_t size, const char *path,
                        struct measure_err *err)
{
    uint8_t h[HEADER_BYTES];
    for (int64_t at = 0; at + HEADER_BYTES <= size;) {
        if (pread(fd, h, sizeof h, at) != (ssize_t)sizeof h)
            return measure_fail(err, MEASURE_EFAILED, "%s: %s", path, strerror(errno));
        int64_t bytes = (int64_t)be32(h + LENGTH_AT) + BEFORE_LENGTH;
        if (h[MAGIC_AT] != 2 || bytes < HEADER_BYTES)
            return measure_fail(err, MEASURE_EFAILED, "%s: byte %lld is not the start of a batch",
                                path, (long long)at);
        if (at + bytes > size)
            break;
        log->batches++;
        log->records += be32(h + COUNT_AT);
        log->bytes += bytes;
        at += bytes;
    }
    return MEASURE_OK;
}

static int scan_file(struct measure_log *log, const char *path, struct measure_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        int rc = measure_fail(err, MEASURE_EFAILED, "%s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return rc;
    }
    int rc = scan_batches(log, fd, st.st_size, path, err);
    close(fd);
    return rc;
}

static int scan_replica(struct measure_log *log, const char *folder, struct measure_err *err)
{
    DIR *dir = opendir(folder);
    if (!dir) /* another broker's disk holds this partition */
        return errno == ENOENT
                   ? MEASURE_OK
                   : measure_fail(err, MEASURE_EFAILED, "%s: %s", folder, strerror(errno));
    int rc = MEASURE_OK;
    log->replicas++;
    for (struct dirent *e; rc == MEASURE_OK && (e = readdir(dir));) {
        size_t n = strlen(e->d_name);
        if (n < 4 || strcmp(e->d_name + n - 4, ".log") != 0)
            continue;
        char path[2 * PATH_MAX];
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        rc = scan_file(log, path, err);
    }
    closedir(dir);
    return rc;
}

int measure_log_scan(struct measure_log *log, const char *const *dirs, int dir_count,
                     const char *topic, int partitions, struct measure_err *err)
{
    memset(log, 0, sizeof *log);
    for (int d = 0; d < dir_count; d++) {
        if (access(dirs[d], R_OK | X_OK) != 0)
            return measure_fail(err, MEASURE_EFAILED, "log dir %s: %s", dirs[d], strerror(errno));
        for (int p = 0; p < partitions; p++) {
            char folder[PATH_MAX];
            snprintf(folder, sizeof folder, "%s/%s-%d", dirs[d], topic, p);
            int rc = scan_replica(log, folder, err);
            if (rc != MEASURE_OK)
                return rc;
        }
    }
    if (log->replicas == 0)
        return measure_fail(err, MEASURE_EFAILED, "no replica of %s lies in the log dirs given",
                            topic);
    return MEASURE_OK;
}
