/* A scenario as text, sized: what the tests of size, cost and horizon begin with. */
#ifndef TESTS_SUPPORT_SIZE_FIXTURE_H
#define TESTS_SUPPORT_SIZE_FIXTURE_H

#include "model/cluster/result.h"
#include "model/scenario/load.h"

/* Six brokers of round numbers: own machines with 100 MB/s of NIC and a disk of 2 TB. */
extern const char size_fixture_text[];
/*
 * A full batch of 64 KiB holds 64 records of 1,000 + 10 bytes, and has 61 of header. Every second one is followed by one of another partition, which
 * has the same of six leaders seven times in 48: it is cut with one record.
 */
#define SIZE_FIXTURE_CUT    (7.0 / 48 / 2)
#define SIZE_FIXTURE_BATCH  (64 - 63 * SIZE_FIXTURE_CUT)
/* Its stream on the log in bytes a second. */
#define SIZE_FIXTURE_WIRE   (12e3 * (61 / SIZE_FIXTURE_BATCH + 1010))
/* Bytes on the wire by bytes sent: 9,039 bytes a frame carry 8,949. */
#define SIZE_FIXTURE_FRAMES (9039.0 / 8949.0)

struct sized {
    struct scenario_doc *doc;
    const struct scenario *s;
    struct result *r;
};

/* Loads text with `--set`s (NULL at the end), sizes it with the generic profile, and fills the costs. Fails the test on a bad scenario. */
struct sized size_fixture(const char *text, ...) __attribute__((sentinel));
void size_fixture_release(struct sized *sized);

/* A --set: from 6:00 to 18:00 at the peak, a tenth of it at night. */
extern const char size_fixture_busy_half_day[];

/* The largest value of a series; -1 when there is none of that name. */
double size_fixture_series_max(const struct result *r, const char *name);

/* The first warning with that text in it; NULL: none. Its own text; "": none. */
const struct result_warning *size_fixture_find_warning(const struct result *r, const char *text);
const char *size_fixture_warning(const struct result *r, const char *text);
bool size_fixture_warns(const struct result *r, const char *text);

/* The row of a resource; fails the test when there is none. */
const struct result_bound *size_fixture_bound(const struct sized *sized, const char *resource);
const struct result_cost *size_fixture_cost(const struct sized *sized, const char *part);

#endif
