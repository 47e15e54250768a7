/*
 * tests/support/both_envs.h - the broker core's two environments side by side, for tests that give both the same work.
 *
 * Shape    Real files in a folder of their own, and files in memory. Clock, chance and the files' times of change are the same on both.
 *          Syncs of real files are left out: what they do shows only after a power loss, and they would take minutes.
 */
#ifndef TESTS_SUPPORT_BOTH_ENVS_H
#define TESTS_SUPPORT_BOTH_ENVS_H

#include "model/broker/env_sim.h"
#include "tests/support/broker_fixture.h"

enum { BOTH_FILES, BOTH_MEMORY, BOTH };

struct both_envs {
    struct broker_env *env[BOTH];
    struct fixture_env files;
    struct env_sim *memory;
    struct env_sim *chance; /* gives the real files' environment the same random bytes */
};

/* The address of b must not change until release; one at a time. Begins at FIXTURE_START_MS or where the fixture's clock stands. */
void both_envs_init(struct both_envs *b, uint64_t seed);
void both_envs_release(struct both_envs *b);
void both_envs_set_now(struct both_envs *b, int64_t now_ms);

/* Fails the test, naming `history`, unless the folder holds the same names and bytes on both, and the folders in it, too. */
void both_envs_compare(const struct both_envs *b, const char *folder, uint64_t history);

#endif
