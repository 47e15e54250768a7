/*
 * model/scenario/load.h - from a YAML file to resolved scenarios, or to every error that the file has.
 *
 * Shape    A document is the file, its --set options, its variants and its uncertain inputs. Loading never stops at the
 *          first error. The document gives the file as written (base), each variant, and for each replication a scenario
 *          whose uncertain inputs are drawn from streams named by the input's path, so that two variants and two
 *          designs see the same draws.
 * Units    As model/scenario/scenario.h.
 * Omits    YAML anchors, aliases, tags, several documents: refused.
 * Source   Limits: the YAML part of the reliability notes (quadratic scanners, alias bombs).
 * Checked  tests/model/test_scenario*.c, tests/fuzz/fuzz_yaml.c
 */
#ifndef MODEL_SCENARIO_LOAD_H
#define MODEL_SCENARIO_LOAD_H

#include "model/scenario/scenario.h"

#include <stdio.h>

struct scenario_doc;

enum scenario_status {
    SCENARIO_OK,
    SCENARIO_EINVALID, /* the file is read, but wrong: see scenario_error */
    SCENARIO_EIO,      /* the file or the data folder cannot be read: see scenario_error */
    SCENARIO_ELIMIT,   /* the input is larger or deeper than allowed: see scenario_error */
};

/* Zero everywhere but datadir is a good start. All borrowed during the call. */
struct scenario_options {
    const char *
        datadir; /* holds hardware/catalogue.csv and the presets: `scenarios/` of the source tree */
    const char *const *sets; /* "producers.checkout.rate=40 MB/s" each */
    int set_count;
    int64_t input_bytes_max; /* 0: 4 MiB */
    bool quick;              /* run.quick, as --quick says it */
};

struct scenario_error {
    const char *source; /* file name, or `--set NAME=...` */
    int line, column;   /* from 1; 0: the file as a whole */
    const char
        *message; /* "producers.checkout.config.linger.ms is -5; expected 0 to 900000 (ms)" */
};

/*
 * Read a file, or text that is called `name` in messages (relative paths in it are then resolved against the working folder).
 * *doc is always set, also when the status is not SCENARIO_OK: it then holds the errors.
 *
 * Gives    *doc, for scenario_doc_free.
 * Asserts  options and its datadir are there.
 */
enum scenario_status scenario_load(const char *path, const struct scenario_options *options,
                                   struct scenario_doc **doc);
enum scenario_status scenario_load_text(const char *name, const char *text, size_t text_bytes,
                                        const struct scenario_options *options,
                                        struct scenario_doc **doc);
void scenario_doc_free(struct scenario_doc *doc);

/* Errors in the order of their place. Borrowed from doc. */
int scenario_error_count(const struct scenario_doc *doc);
const struct scenario_error *scenario_error_at(const struct scenario_doc *doc, int index);
/* All of them as `SOURCE:LINE:COLUMN: message` lines. */
void scenario_errors_write(const struct scenario_doc *doc, FILE *out);

/* The file as written, with --set applied and uncertain inputs at their central value. NULL after errors. Borrowed. */
const struct scenario *scenario_base(const struct scenario_doc *doc);

/* Variants in the order of the file. Borrowed. Asserts: no errors, index in range. */
int scenario_variant_count(const struct scenario_doc *doc);
const struct scenario *scenario_variant_at(const struct scenario_doc *doc, int index);

/* An input that the file gives as a range or a distribution. */
struct scenario_input {
    const char *path;          /* "producers.checkout.record.size.lognormal.cv" */
    const char *text;          /* as in the file: "0.5..1.2" */
    const char *unit;          /* of the numbers below: "bytes/s", "ns", "" */
    double low, central, high; /* a range: its ends; a distribution: its 2.5 % and 97.5 % points */
};

/* variant -1 is the file as written; a variant may state other inputs. Borrowed. */
int scenario_input_count(const struct scenario_doc *doc, int variant);
const struct scenario_input *scenario_input_at(const struct scenario_doc *doc, int variant,
                                               int index);

/*
 * The scenario of one replication: each uncertain input drawn from the stream ("input PATH", seed, replication). Without
 * uncertain inputs it equals the base or variant.
 *
 * Returns  NULL when the drawn values contradict each other (loading has checked all ranges at their low and at their high ends).
 * Gives    the scenario, for scenario_free; it borrows from doc, which must outlive it.
 * Asserts  no errors in doc; variant is -1 or in range.
 */
struct scenario *scenario_sample(const struct scenario_doc *doc, int variant, uint64_t seed,
                                 uint32_t replication);

/* The same with input `index` at `value` and all others at their central value: for ranking inputs. Gives, as above. */
struct scenario *scenario_with_input(const struct scenario_doc *doc, int variant, int index,
                                     double value);

/* The same with all of them at their low ends, or at their high ones. Without uncertain inputs it equals the base or variant. Gives. */
struct scenario *scenario_at_end(const struct scenario_doc *doc, int variant, bool is_high);

/*
 * What the file leaves open although it may matter: inputs whose default is a guess, each with the range in which it may
 * well lie. They are not drawn for replications; ranking them tells the user what is worth finding out. text is the
 * default, as in "5 us". with_assumption puts one of them at a value, as scenario_with_input does.
 */
int scenario_assumption_count(const struct scenario_doc *doc, int variant);
const struct scenario_input *scenario_assumption_at(const struct scenario_doc *doc, int variant,
                                                    int index);
struct scenario *scenario_with_assumption(const struct scenario_doc *doc, int variant, int index,
                                          double value);
void scenario_free(struct scenario *s);

/* ---- what the program prints; all return 0, or -1 with errno when writing failed ---- */

/* The resolved scenario as YAML that loads to the same scenario, each line with the origin of its value. */
int scenario_explain(const struct scenario_doc *doc, FILE *out);
/* JSON Schema (draft-07) of a scenario file. */
int scenario_schema_write(FILE *out);
/* The key reference as Markdown. */
int scenario_keys_write(FILE *out);
/* A commented scenario to start from. name NULL: the quickstart. Returns 1 when there is no such preset, -1 when the presets cannot be read (nothing is written). */
int scenario_new_write(const char *datadir, const char *name, FILE *out);
/* Names of the presets, one a line with their question. */
int scenario_presets_write(const char *datadir, FILE *out);

#endif
