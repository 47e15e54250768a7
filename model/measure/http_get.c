#include "model/measure/http_get.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "model/measure/clock.h"

struct address {
    char host[256], port[8], path[1024];
};

static int parse_url(const char *url, struct address *a, struct measure_err *err)
{
    const char *p = url;
    if (strncmp(p, "http://", 7) != 0)
        return measure_fail(err, MEASURE_EINVALID, "%s: expected http://HOST:PORT/PATH", url);
    p += 7;
    size_t authority = strcspn(p, "/");
    const char *path = p + authority;
    bool bracket = *p == '[';
    p += bracket;
    size_t host = bracket ? strcspn(p, "]") : strcspn(p, ":/");
    const char *after = p + host + bracket;
    if (host == 0 || host >= sizeof a->host || strlen(path) >= sizeof a->path || after > path)
        return measure_fail(err, MEASURE_EINVALID, "%s: expected http://HOST:PORT/PATH", url);
    snprintf(a->host, sizeof a->host, "%.*s", (int)host, p);
    strcpy(a->port, "80");
    size_t port = (size_t)(path - after);
    if (port > 0 &&
        (*after != ':' || port < 2 || port > 6 || strspn(after + 1, "0123456789") != port - 1))
        return measure_fail(err, MEASURE_EINVALID, "%s: its port is not a number", url);
    if (port > 0)
        snprintf(a->port, sizeof a->port, "%.*s", (int)port - 1, after + 1);
    strcpy(a->path, *path ? path : "/");
    return MEASURE_OK;
}

/* 0, or an errno. */
static int wait_for(int fd, short events, int64_t deadline_ns)
{
    for (;;) {
        int64_t left_ns = deadline_ns - measure_now_ns();
        if (left_ns <= 0)
            return ETIMEDOUT;
        struct pollfd p = {fd, events, 0};
        int n = poll(&p, 1, (int)(left_ns / 1000000) + 1);
        if (n > 0)
            return 0;
        if (n < 0 && errno != EINTR)
            return errno;
    }
}

static int connect_one(const struct addrinfo *at, int64_t deadline_ns, int *out)
{
    int fd = socket(at->ai_family, at->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, at->ai_protocol);
    if (fd < 0)
        return errno;
    int rc = connect(fd, at->ai_addr, at->ai_addrlen) == 0 ? 0 : errno;
    if (rc == EINPROGRESS) {
        rc = wait_for(fd, POLLOUT, deadline_ns);
        socklen_t length = sizeof rc;
        if (rc == 0 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &rc, &length) != 0)
            rc = errno;
    }
    if (rc != 0)
        close(fd);
    else
        *out = fd;
    return rc;
}

static int open_connection(const struct address *a, int64_t deadline_ns, int *fd,
                           struct measure_err *err)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
    int rc = getaddrinfo(a->host, a->port, &hints, &list);
    if (rc != 0)
        return measure_fail(err, MEASURE_EFAILED, "%s: %s", a->host, gai_strerror(rc));
    for (struct addrinfo *at = list; at; at = at->ai_next) {
        rc = connect_one(at, deadline_ns, fd);
        if (rc == 0)
            break;
    }
    freeaddrinfo(list);
    return rc == 0
               ? MEASURE_OK
               : measure_fail(err, MEASURE_EFAILED, "%s:%s: %s", a->host, a->port, strerror(rc));
}

static int send_all(int fd, const char *text, int64_t deadline_ns)
{
    size_t left = strlen(text);
    while (left > 0) {
        int rc = wait_for(fd, POLLOUT, deadline_ns);
        if (rc != 0)
            return rc;
        ssize_t n = send(fd, text, left, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return errno;
        if (n > 0) {
            text += n;
            left -= (size_t)n;
        }
    }
    return 0;
}

/* Reads up to the end of the connection. Gives *text in any case. */
static int receive_all(int fd, int64_t deadline_ns, char **text, size_t *size)
{
    size_t capacity = 1 << 16;
    *size = 0;
    *text = malloc(capacity + 1);
    while (*text) {
        int rc = wait_for(fd, POLLIN, deadline_ns);
        if (rc != 0)
            return rc;
        ssize_t n = recv(fd, *text + *size, capacity - *size, 0);
        if (n == 0)
            break;
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return errno;
        *size += n > 0 ? (size_t)n : 0;
        if (*size == capacity) {
            if (capacity >= HTTP_BYTES_MAX)
                return EFBIG;
            capacity *= 2;
            *text = realloc(*text, capacity + 1);
        }
    }
    if (!*text)
        abort();
    (*text)[*size] = 0;
    return 0;
}

/* Cuts the head off. */
static int take_body(const char *url, char *text, size_t *size, struct measure_err *err)
{
    int status = 0;
    if (sscanf(text, "HTTP/%*d.%*d %d", &status) != 1)
        return measure_fail(err, MEASURE_EFAILED, "%s: the answer is not HTTP", url);
    if (status != 200)
        return measure_fail(err, MEASURE_EFAILED, "%s: the server answers with status %d", url,
                            status);
    char *body = strstr(text, "\r\n\r\n");
    if (!body)
        return measure_fail(err, MEASURE_EFAILED, "%s: the answer ends in its head", url);
    body[2] = 0; /* the head is a text of its own now */
    if (strcasestr(text, "\r\ntransfer-encoding: chunked"))
        return measure_fail(err, MEASURE_EFAILED, "%s: answers HTTP/1.0 in chunks", url);
    const char *length = strcasestr(text, "\r\ncontent-length:");
    body += 4;
    *size -= (size_t)(body - text);
    if (length && strtoull(length + 17, NULL, 10) != *size)
        return measure_fail(err, MEASURE_EFAILED, "%s: the answer was cut off", url);
    memmove(text, body, *size + 1);
    return MEASURE_OK;
}

int http_get(const char *url, char **body, size_t *size, struct measure_err *err)
{
    struct address a;
    int fd = -1;
    *body = NULL;
    int rc = parse_url(url, &a, err);
    int64_t deadline_ns = measure_now_ns() + HTTP_TIMEOUT_NS;
    if (rc == MEASURE_OK)
        rc = open_connection(&a, deadline_ns, &fd, err);
    if (rc != MEASURE_OK)
        return rc;
    char request[1500];
    snprintf(request, sizeof request,
             "GET %s HTTP/1.0\r\nHost: %s:%s\r\nAccept: text/plain; version=0.0.4\r\n\r\n", a.path,
             a.host, a.port);
    int problem = send_all(fd, request, deadline_ns);
    if (problem == 0)
        problem = receive_all(fd, deadline_ns, body, size);
    close(fd);
    rc = problem ? measure_fail(err, MEASURE_EFAILED, "%s: %s", url, strerror(problem))
                 : take_body(url, *body, size, err);
    if (rc != MEASURE_OK) {
        free(*body);
        *body = NULL;
    }
    return rc;
}
