/*
 * broker-core/env_posix.c - the environment on real files below one folder; see env.h.
 *
 * A file's size is kept beside its descriptor: a log writes a file through one handle, so no fstat is needed per append.
 */
#include "broker-core/env.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct posix_env {
    struct broker_env base;
    int root; /* descriptor of the root folder */
};

struct broker_file {
    int fd;
    uint64_t size;
};

static int status_of(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return BROKER_EMISSING;
    case EEXIST:
    case ENOTEMPTY:
        return BROKER_EEXISTS;
    case ENOSPC:
    case EDQUOT:
        return BROKER_EFULL;
    default:
        return BROKER_EIO;
    }
}

static int root_of(struct broker_env *env)
{
    return ((struct posix_env *)env)->root;
}

static const char *or_dot(const char *path)
{
    return *path ? path : ".";
}

static int64_t posix_now_ms(struct broker_env *env)
{
    (void)env;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void posix_random16(struct broker_env *env, uint8_t out[16])
{
    (void)env;
    for (size_t got = 0; got < 16;) {
        ssize_t n = getrandom(out + got, 16 - got, 0);
        if (n > 0)
            got += (size_t)n;
    }
}

static int posix_free_bytes(struct broker_env *env, const char *folder, uint64_t *free_bytes)
{
    int fd = openat(root_of(env), or_dot(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return status_of(errno);
    struct statvfs fs;
    int rc = fstatvfs(fd, &fs) ? status_of(errno) : BROKER_OK;
    close(fd);
    if (rc == BROKER_OK)
        *free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
    return rc;
}

static int posix_open(struct broker_env *env, const char *path, int flags,
                      struct broker_file **file)
{
    int mode = flags & BROKER_OPEN_WRITE ? O_RDWR : O_RDONLY;
    if (flags & BROKER_OPEN_CREATE)
        mode |= O_CREAT;
    if (flags & BROKER_OPEN_FRESH)
        mode |= O_EXCL;
    int fd = openat(root_of(env), path, mode | O_CLOEXEC, 0644);
    if (fd < 0)
        return status_of(errno);
    struct stat status;
    struct broker_file *made = fstat(fd, &status) ? NULL : malloc(sizeof *made);
    if (!made || S_ISDIR(status.st_mode)) {
        free(made);
        close(fd);
        return BROKER_EIO;
    }
    made->fd = fd;
    made->size = (uint64_t)status.st_size;
    *file = made;
    return BROKER_OK;
}

static void posix_close(struct broker_env *env, struct broker_file *file)
{
    (void)env;
    if (!file)
        return;
    close(file->fd);
    free(file);
}

static int write_all(int fd, struct iovec *parts, int count, uint64_t at)
{
    while (count) {
        ssize_t n = pwritev(fd, parts, count, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n ? status_of(errno) : BROKER_EIO;
        at += (uint64_t)n;
        size_t done = (size_t)n;
        for (; count && done >= parts->iov_len; parts++, count--)
            done -= parts->iov_len;
        if (count) {
            parts->iov_base = (char *)parts->iov_base + done;
            parts->iov_len -= done;
        }
    }
    return BROKER_OK;
}

/* Writes spans from `at`; holes are left to the file's extension, which reads as zeros. */
static int write_spans(int fd, const struct broker_span *spans, size_t count, uint64_t at)
{
    enum { PARTS_MAX = 64 }; /* far below the kernel's IOV_MAX of 1024; a batch has few spans */
    struct iovec parts[PARTS_MAX];
    for (size_t i = 0; i < count;) {
        if (!spans[i].bytes) {
            at += spans[i++].size;
            continue;
        }
        int used = 0;
        uint64_t start = at;
        for (; i < count && spans[i].bytes && used < PARTS_MAX; i++) {
            if (!spans[i].size)
                continue;
            parts[used].iov_base = (void *)(uintptr_t)spans[i].bytes;
            parts[used++].iov_len = spans[i].size;
            at += spans[i].size;
        }
        int rc = write_all(fd, parts, used, start);
        if (rc != BROKER_OK)
            return rc;
    }
    return BROKER_OK;
}

static int posix_append(struct broker_env *env, struct broker_file *file,
                        const struct broker_span *spans, size_t count)
{
    (void)env;
    uint64_t size = file->size + broker_spans_size(spans, count);
    int rc = write_spans(file->fd, spans, count, file->size);
    /* A hole at the end was not written: extend over it. */
    if (rc == BROKER_OK && count && !spans[count - 1].bytes && ftruncate(file->fd, (off_t)size))
        rc = status_of(errno);
    if (rc != BROKER_OK) {
        /* What remains beyond the old size is cut by the next start's recovery if even this fails. */
        if (ftruncate(file->fd, (off_t)file->size))
            rc = BROKER_EIO;
        return rc;
    }
    file->size = size;
    return BROKER_OK;
}

static int posix_write_at(struct broker_env *env, struct broker_file *file, uint64_t position,
                          const void *bytes, size_t size)
{
    (void)env;
    assert(position + size <= file->size);
    struct iovec part = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = size};
    return size ? write_all(file->fd, &part, 1, position) : BROKER_OK;
}

static int posix_read_at(struct broker_env *env, struct broker_file *file, uint64_t position,
                         void *bytes, size_t size, size_t *got)
{
    (void)env;
    size_t done = 0;
    while (done < size) {
        ssize_t n = pread(file->fd, (char *)bytes + done, size - done, (off_t)(position + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return status_of(errno);
        if (n == 0)
            break;
        done += (size_t)n;
    }
    *got = done;
    return BROKER_OK;
}

static int posix_view(struct broker_env *env, struct broker_file *file, uint64_t position,
                      uint64_t size, struct broker_view *view)
{
    if (position > file->size)
        position = file->size;
    if (size > file->size - position)
        size = file->size - position;
    *view = (struct broker_view){.spans = view->inline_spans, .count = 1};
    uint8_t *bytes = malloc(size ? size : 1);
    if (!bytes)
        return BROKER_EIO;
    size_t got = 0;
    int rc = posix_read_at(env, file, position, bytes, size, &got);
    if (rc != BROKER_OK) {
        free(bytes);
        return rc;
    }
    view->size = got;
    view->owned = bytes;
    view->inline_spans[0] = (struct broker_span){bytes, got};
    return BROKER_OK;
}

static void posix_view_release(struct broker_env *env, struct broker_view *view)
{
    (void)env;
    free(view->owned);
    *view = (struct broker_view){0};
}

static int posix_sync(struct broker_env *env, struct broker_file *file)
{
    (void)env;
    return fsync(file->fd) ? status_of(errno) : BROKER_OK;
}

static int posix_truncate(struct broker_env *env, struct broker_file *file, uint64_t size)
{
    (void)env;
    if (ftruncate(file->fd, (off_t)size))
        return status_of(errno);
    file->size = size;
    return BROKER_OK;
}

/* Sparse, as Kafka's RandomAccessFile.setLength: 30,000 indexes of 10 MiB must fit on a disk. */
static int posix_preallocate(struct broker_env *env, struct broker_file *file, uint64_t size)
{
    return size > file->size ? posix_truncate(env, file, size) : BROKER_OK;
}

static uint64_t posix_size(struct broker_env *env, struct broker_file *file)
{
    (void)env;
    return file->size;
}

static int posix_modified_ms(struct broker_env *env, struct broker_file *file, int64_t *modified_ms)
{
    (void)env;
    struct stat status;
    if (fstat(file->fd, &status))
        return status_of(errno);
    *modified_ms = (int64_t)status.st_mtim.tv_sec * 1000 + status.st_mtim.tv_nsec / 1000000;
    return BROKER_OK;
}

static int posix_set_modified_ms(struct broker_env *env, struct broker_file *file,
                                 int64_t modified_ms)
{
    (void)env;
    struct timespec time = {.tv_sec = modified_ms / 1000, .tv_nsec = modified_ms % 1000 * 1000000};
    const struct timespec times[2] = {time, time};
    return futimens(file->fd, times) ? status_of(errno) : BROKER_OK;
}

static int posix_make_folder(struct broker_env *env, const char *path)
{
    return mkdirat(root_of(env), path, 0755) ? status_of(errno) : BROKER_OK;
}

static int posix_sync_folder(struct broker_env *env, const char *path)
{
    int fd = openat(root_of(env), or_dot(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return status_of(errno);
    int rc = fsync(fd) ? status_of(errno) : BROKER_OK;
    close(fd);
    return rc;
}

static int posix_rename(struct broker_env *env, const char *from, const char *to)
{
    return renameat(root_of(env), from, root_of(env), to) ? status_of(errno) : BROKER_OK;
}

static int posix_remove(struct broker_env *env, const char *path)
{
    if (!unlinkat(root_of(env), path, 0))
        return BROKER_OK;
    if (errno != EISDIR && errno != EPERM)
        return status_of(errno);
    return unlinkat(root_of(env), path, AT_REMOVEDIR) ? status_of(errno) : BROKER_OK;
}

struct name {
    char *text;
    bool is_folder;
};

static int by_bytes(const void *a, const void *b)
{
    return strcmp(((const struct name *)a)->text, ((const struct name *)b)->text);
}

static bool entry_is_folder(DIR *dir, const struct dirent *entry)
{
    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_DIR;
    struct stat status;
    return !fstatat(dirfd(dir), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) &&
           S_ISDIR(status.st_mode);
}

/* Collects all names first: `each` may rename and remove. */
static int read_names(DIR *dir, struct name **names, size_t *count)
{
    size_t room = 0;
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (!entry)
            return errno ? BROKER_EIO : BROKER_OK;
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        if (*count == room) {
            room = room ? 2 * room : 32;
            struct name *grown = realloc(*names, room * sizeof *grown);
            if (!grown)
                return BROKER_EIO;
            *names = grown;
        }
        char *text = strdup(entry->d_name);
        if (!text)
            return BROKER_EIO;
        (*names)[(*count)++] = (struct name){text, entry_is_folder(dir, entry)};
    }
}

static int posix_list(struct broker_env *env, const char *folder, broker_list_fn *each, void *ctx)
{
    int fd = openat(root_of(env), or_dot(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return status_of(errno);
    DIR *dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return BROKER_EIO;
    }
    struct name *names = NULL;
    size_t count = 0;
    int rc = read_names(dir, &names, &count);
    closedir(dir);
    if (count)
        qsort(names, count, sizeof *names, by_bytes);
    for (size_t i = 0; i < count; i++) {
        if (rc == BROKER_OK)
            each(ctx, names[i].text, names[i].is_folder);
        free(names[i].text);
    }
    free(names);
    return rc;
}

/* An open-file-description lock: it conflicts with the lock a JVM takes, and within this process too. */
static int posix_lock(struct broker_env *env, const char *path, struct broker_file **lock)
{
    int rc = posix_open(env, path, BROKER_OPEN_WRITE | BROKER_OPEN_CREATE, lock);
    if (rc != BROKER_OK)
        return rc;
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (!fcntl((*lock)->fd, F_OFD_SETLK, &whole))
        return BROKER_OK;
    rc = errno == EAGAIN || errno == EACCES ? BROKER_ELOCKED : BROKER_EIO;
    posix_close(env, *lock);
    *lock = NULL;
    return rc;
}

static const struct broker_env_ops posix_ops = {
    .now_ms = posix_now_ms,
    .random16 = posix_random16,
    .free_bytes = posix_free_bytes,
    .open = posix_open,
    .close = posix_close,
    .append = posix_append,
    .write_at = posix_write_at,
    .read_at = posix_read_at,
    .view = posix_view,
    .view_release = posix_view_release,
    .sync = posix_sync,
    .truncate = posix_truncate,
    .preallocate = posix_preallocate,
    .size = posix_size,
    .modified_ms = posix_modified_ms,
    .set_modified_ms = posix_set_modified_ms,
    .make_folder = posix_make_folder,
    .sync_folder = posix_sync_folder,
    .rename = posix_rename,
    .remove = posix_remove,
    .list = posix_list,
    .lock = posix_lock,
    .unlock = posix_close,
};

int broker_env_posix_new(const char *root, struct broker_env **env, struct broker_err *err)
{
    struct posix_env *made = malloc(sizeof *made);
    if (!made)
        return broker_err_set(err, BROKER_EIO, "%s: out of memory", root);
    made->base.ops = &posix_ops;
    made->root = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (made->root < 0) {
        int rc = status_of(errno);
        broker_err_set(err, rc, "%s: %s", root, strerror(errno));
        free(made);
        return rc;
    }
    *env = &made->base;
    return BROKER_OK;
}

void broker_env_posix_free(struct broker_env *env)
{
    if (!env)
        return;
    close(root_of(env));
    free(env);
}
