/* A scenario as text, run to its result: what the tests of answers begin with. */
#ifndef TESTS_SUPPORT_STUDY_FIXTURE_H
#define TESTS_SUPPORT_STUDY_FIXTURE_H

#include "model/cluster/result.h"
#include "model/scenario/load.h"

/* One broker with one disk; a stream of 2 MB/s, and a group that keeps up beside one that begins 30 s behind. */
extern const char study_fixture_text[];
/* Three brokers that sync each append, on drives whose flush takes 1.64 ms. */
extern const char study_fixture_synced[];

/* The result of a run with so many `--set`s; free it. Fails the test on a bad scenario, or when the run does. */
struct result *study_fixture(const char *text, const char *const *sets, int count);
/* The same, and the scenario that was run; free both. */
struct result *study_fixture_doc(const char *text, const char *const *sets, int count,
                                 struct scenario_doc **doc);

#endif
