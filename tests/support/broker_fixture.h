/*
 * tests/support/broker_fixture.h - a temporary folder with an environment on it whose clock and random bytes are fixed.
 *
 * Shape    fixture_init makes the folder and env_posix below it; now_ms stands still until a test moves it. fixture_release
 *          removes everything. Nothing here knows sim or model.
 */
#ifndef TESTS_SUPPORT_BROKER_FIXTURE_H
#define TESTS_SUPPORT_BROKER_FIXTURE_H

#include "broker-core/env.h"

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

#endif
