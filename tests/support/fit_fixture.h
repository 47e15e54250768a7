/* Rows whose answer is known: made from a profile, by a closed form or by the simulation, and what a fit says of them. */
#ifndef TESTS_SUPPORT_FIT_FIXTURE_H
#define TESTS_SUPPORT_FIT_FIXTURE_H

#include "model/evidence/calibrate.h"

enum { FIT_ROWS_MAX = 120 };

extern struct row fit_table[FIT_ROWS_MAX];
extern struct rows fit_rows;

/* One more row of one broker and four partitions, with no readings; fit_rows begins empty. */
struct row *fit_add_row(const char *family, double rate_per_s, double record_bytes,
                        double linger_ms, int groups);
/* Twenty rows of three families, in place of those before. */
void fit_add_plan(void);

/* CPU and latency of a broker without queues, at no cost: enough for each parameter that it uses to be seen. */
int fit_closed_form(const struct scenario_doc *doc, const struct model_profile *profile,
                    const struct predict_options *options, struct prediction *out,
                    struct broker_err *err);
/* With an application that works on each record, beside the thread that sends. */
int fit_closed_form_by_thread(const struct scenario_doc *doc, const struct model_profile *profile,
                              const struct predict_options *options, struct prediction *out,
                              struct broker_err *err);

/* Fills the rows' readings with what `predict_with` says under the profile. */
void fit_measure(surface_predict_fn predict_with, const struct model_profile *profile,
                 uint64_t seed);
/* Costs of these tests' own: what the profile that ships says must not move their answers. */
void fit_start_profile(struct model_profile *p);
/* The same with costs moved by half to twofold. */
void fit_shift(struct model_profile *p);
/* The rows of the plan as the closed form says them with shifted costs. */
void fit_measure_shifted(struct model_profile *start, struct model_profile *truth);

struct calibrate_options fit_options(surface_predict_fn predict_with,
                                     const struct model_profile *start);
/* Position of a parameter, and its fitted value; both fail the test where it is not fitted. */
int fit_find(const struct calibration *c, const char *path);
double fit_value(const struct calibration *c, const char *path);
void fit_assert_within(double value, double of, double ratio);

#endif
