/*
 * tests/support/broker_fixture.h - a temporary folder with an environment on it whose clock and random bytes are fixed.
 *
 * Shape    fixture_init makes the folder and env_posix below it; now_ms stands still until a test moves it. fixture_release
 *          removes everything. Nothing here knows sim or model.
 */
#ifndef TESTS_SUPPORT_BROKER_FIXTURE_H
#define TESTS_SUPPORT_BROKER_FIXTURE_H

#include "broker-core/log/log.h"

struct fixture_env {
    struct broker_env *env; /* env_posix with the table below */
    struct broker_env_ops ops;
    char root[64];
};

/* What the environment's clock says in every fixture of this program. */
extern int64_t fixture_now_ms;
#define FIXTURE_START_MS INT64_C(1700000000000)

void fixture_init(struct fixture_env *fixture);
void fixture_release(struct fixture_env *fixture);

/* Whole file below the fixture's root; returns its size, -1 if missing. *bytes is freed by the caller (NULL: not wanted). */
int64_t fixture_read(const struct fixture_env *fixture, const char *path, uint8_t **bytes);
void fixture_write(const struct fixture_env *fixture, const char *path, const void *bytes,
                   size_t size);
bool fixture_exists(const struct fixture_env *fixture, const char *path);

/* ---- a log of opaque batches below the fixture's root, in folder "t-0" ---- */

struct fixture_log {
    struct fixture_env env;
    struct broker_log_config config; /* allow_holes set; change it before fixture_log_open */
    struct broker_log *log;
    struct broker_recovery recovery; /* of the last opening */
    struct broker_receipt receipt;   /* everything since fixture_log_init, appends included */
    struct broker_append out;        /* of the last append */
    struct broker_err err;
};

/* Makes the environment; does not open the log. */
void fixture_log_init(struct fixture_log *fixture);
void fixture_log_release(struct fixture_log *fixture);
/* Opens the log as after a clean or an unclean stop. Must succeed. */
void fixture_log_open(struct fixture_log *fixture, bool clean, int64_t recovery_point,
                      int64_t start_offset);
void fixture_log_close(struct fixture_log *fixture);
void fixture_log_abandon(struct fixture_log *fixture);

/* A header of `records` records at timestamp_ms without a producer id. */
struct broker_batch_header fixture_header(int32_t records, int64_t timestamp_ms);
/* Appends one opaque batch of size_bytes in all as leader of epoch 0, and publishes it. Returns Kafka's code. */
enum broker_error fixture_append(struct fixture_log *fixture, struct broker_batch_header header,
                                 uint64_t size_bytes);
/* `count` batches of two records and 1083 bytes, one ms apart from now on; each must succeed. */
void fixture_append_many(struct fixture_log *fixture, int count);

/* Size of the file "t-0/NNN<suffix>" of the segment at base_offset, -1 if missing. */
int64_t fixture_segment_bytes(const struct fixture_log *fixture, int64_t base_offset,
                              const char *suffix);
/* Inverts one byte of that file. */
void fixture_damage(const struct fixture_log *fixture, int64_t base_offset, const char *suffix,
                    size_t position);

#endif
