/* A scenario as text, loaded: what the tests of the scenario begin with. */
#ifndef TESTS_SUPPORT_SCENARIO_TEXT_H
#define TESTS_SUPPORT_SCENARIO_TEXT_H

#include "model/scenario/load.h"

/* The shortest scenario with a topic, a producer and a group. */
extern const char scenario_five_lines[];

/* With `--set`s; errors are the caller's to look at. Gives. */
struct scenario_doc *scenario_text_sets(const char *text, const char *const *sets, int set_count);
/* Fails the test on any error. Gives. */
struct scenario_doc *scenario_text_load(const char *text);
/* One producer with those settings on a topic of 12 partitions. Fails the test on any error. Gives. */
struct scenario_doc *scenario_text_producer(const char *settings);
void scenario_text_close(double a, double b, double within);

#endif
