/*
 * model/measure/http_get.h - fetches one document by plain HTTP.
 *
 * Shape    HTTP/1.0, one request a connection, so that the answer ends with the connection and comes in one piece.
 * Omits    TLS, redirections, authentication, proxies.
 * Checked  tests/model/test_measure_metrics.c against a small server in the test.
 */
#ifndef MODEL_MEASURE_HTTP_GET_H
#define MODEL_MEASURE_HTTP_GET_H

#include <stddef.h>

#include "model/measure/measure.h"

#define HTTP_TIMEOUT_NS INT64_C(10000000000) /* Prometheus' own default for a scrape */
#define HTTP_BYTES_MAX  (64u << 20) /* a broker of 4000 partitions answers with some 10 MB */

/*
 * Gives *body (malloc, ended by a 0 that size does not count). url: http://HOST[:PORT][/PATH].
 * Returns MEASURE_OK; MEASURE_EINVALID: not such a URL; MEASURE_EFAILED: no answer, or not 200.
 */
int http_get(const char *url, char **body, size_t *size, struct measure_err *err);

#endif
