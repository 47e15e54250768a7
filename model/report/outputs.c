#include "model/report/outputs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/memory.h"

char *report_path(const char *folder, const char *format, ...)
{
    char *name, *path;
    va_list args;
    va_start(args, format);
    if (vasprintf(&name, format, args) < 0 || asprintf(&path, "%s/%s", folder, name) < 0)
        abort();
    va_end(args);
    free(name);
    return path;
}

static int fail(struct broker_err *err, const char *path)
{
    int status = errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? BROKER_EFULL : BROKER_EIO;
    return broker_err_set(err, status, "%.160s: %s", path, strerror(errno));
}

/* A rename is only on the disk once its folder is. */
static void sync_parent(const char *path)
{
    char *copy = strdup(path);
    int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        fsync(fd); /* some file systems refuse this for folders; the rename itself was checked */
        close(fd);
    }
    free(copy);
}

/* ---- one file ---- */

static bool is_special(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

/* Where a link points to, so that the link stays; otherwise the path itself. */
static char *resolve(const char *path)
{
    char *real = realpath(path, NULL);
    return real ? real : strdup(path);
}

static int open_aside(struct report_file *file, struct broker_err *err)
{
    if (asprintf(&file->aside, "%s.XXXXXX", file->path) < 0)
        abort();
    int fd = mkostemp(file->aside, O_CLOEXEC);
    if (fd < 0) {
        int rc = fail(err, file->path);
        free(file->aside);
        file->aside = NULL;
        return rc;
    }
    mode_t mask = umask(0);
    umask(mask);
    if (fchmod(fd, 0666 & ~mask) != 0)
        errno = 0; /* a file system without modes */
    file->stream = fdopen(fd, "w");
    return file->stream ? BROKER_OK : fail(err, file->path);
}

int report_file_open(struct report_file *file, const char *path, struct broker_err *err)
{
    memset(file, 0, sizeof *file);
    file->path = resolve(path);
    if (!file->path)
        abort();
    int rc;
    if (is_special(file->path)) {
        file->stream = fopen(file->path, "w");
        rc = file->stream ? BROKER_OK : fail(err, path);
    } else {
        rc = open_aside(file, err);
    }
    if (rc != BROKER_OK)
        report_file_abandon(file);
    return rc;
}

int report_file_check(const char *path, struct broker_err *err)
{
    struct stat status;
    struct report_file file = {0};
    file.path = resolve(path);
    if (!file.path)
        abort();
    int rc = BROKER_OK;
    if (stat(file.path, &status) == 0 && S_ISDIR(status.st_mode))
        rc = broker_err_set(err, BROKER_EIO, "%.160s: %s", path, strerror(EISDIR));
    else if (is_special(file.path)) /* to open a pipe is to begin */
        rc = access(file.path, W_OK) == 0 ? BROKER_OK : fail(err, path);
    else
        rc = open_aside(&file, err);
    report_file_abandon(&file);
    return rc;
}

static int close_checked(FILE *stream, bool sync)
{
    bool good = fflush(stream) == 0 && !ferror(stream);
    good = good && (!sync || fsync(fileno(stream)) == 0); /* never again after a failure */
    int saved = errno;
    if (fclose(stream) != 0 && good)
        return -1;
    errno = saved;
    return good ? 0 : -1;
}

int report_file_commit(struct report_file *file, struct broker_err *err)
{
    int rc = BROKER_OK;
    errno = EIO; /* for a write error whose cause was forgotten by the stream */
    if (close_checked(file->stream, file->aside != NULL) != 0)
        rc = fail(err, file->path);
    file->stream = NULL;
    if (rc == BROKER_OK && file->aside && rename(file->aside, file->path) != 0)
        rc = fail(err, file->path);
    if (rc == BROKER_OK && file->aside) {
        sync_parent(file->path);
        free(file->aside);
        file->aside = NULL;
    }
    report_file_abandon(file);
    return rc;
}

void report_file_abandon(struct report_file *file)
{
    if (file->stream)
        fclose(file->stream);
    if (file->aside)
        unlink(file->aside);
    free(file->aside);
    free(file->path);
    memset(file, 0, sizeof *file);
}

/* ---- folders ---- */

int report_copy_file(const char *from, const char *name, const char *to, struct broker_err *err)
{
    char *source = report_path(from, "%s", name), *target = report_path(to, "%s", name);
    FILE *in = fopen(source, "r");
    FILE *out = in ? fopen(target, "w") : NULL;
    int rc = in && out ? BROKER_OK : fail(err, in ? target : source);
    char piece[4096];
    for (size_t n; rc == BROKER_OK && (n = fread(piece, 1, sizeof piece, in)) > 0;)
        fwrite(piece, 1, n, out);
    if (in && ferror(in) && rc == BROKER_OK)
        rc = fail(err, source);
    if (out && close_checked(out, false) != 0 && rc == BROKER_OK)
        rc = fail(err, target);
    if (in)
        fclose(in);
    free(source);
    free(target);
    return rc;
}

int report_make_folder(const char *path, struct broker_err *err)
{
    char *copy = sim_checked(strdup(path));
    int rc = BROKER_OK;
    for (char *p = copy + 1; rc == BROKER_OK; p++) {
        if (*p != '/' && *p != 0)
            continue;
        char was = *p;
        *p = 0;
        struct stat status;
        if (mkdir(copy, 0777) != 0 && (errno != EEXIST || stat(copy, &status) != 0))
            rc = fail(err, copy);
        *p = was;
        if (!was)
            break;
    }
    free(copy);
    return rc;
}

static void remove_deep(const char *path, int depth)
{
    DIR *folder = depth > 0 ? opendir(path) : NULL;
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        char *inner = report_path(path, "%s", entry->d_name);
        struct stat status;
        if (lstat(inner, &status) == 0 && S_ISDIR(status.st_mode))
            remove_deep(inner, depth - 1);
        else
            unlink(inner);
        free(inner);
    }
    if (folder)
        closedir(folder);
    rmdir(path);
}

void report_remove_folder(const char *path)
{
    remove_deep(path, 4);
}
