/*
 * model/evidence/collector.h - how long a broker's collector stops it, read off rows that counted the pauses.
 *
 * Shape    A row says how many pauses its brokers made and for how long in all. Their mean becomes the median of the profile's lognormal, whose
 *          spread is the start's. A fit would find it in latencies, where it takes up every other stall too: twice what the pauses were.
 * Units    ns on the start profile's core; standard error as a ratio.
 * Omits    Rows of brokers that share a machine, whose pauses wait for each other's threads; rows whose requests fill half of one of G1's regions, for
 *          these go past the young generation and bring other, shorter pauses.
 * Errors   None: with fewer than COLLECTOR_PAUSES_MIN the median is NAN, and the start's stays.
 * Source   Humongous objects and region sizes: Oracle, HotSpot Virtual Machine Garbage Collection Tuning Guide, "Garbage-First".
 * Checked  tests/model/test_collector.c, by hand
 */
#ifndef MODEL_EVIDENCE_COLLECTOR_H
#define MODEL_EVIDENCE_COLLECTOR_H

#include "model/evidence/configuration.h"
#include "model/hardware/profile.h"

enum { COLLECTOR_PAUSES_MIN = 10 };

struct collector {
    double pauses; /* that count */
    double median_ns;
    double standard_error; /* of the mean, by how far configurations differ from it; NAN: one */
};

/* out[configuration]: not to be looked at; NULL: all are. */
struct collector collector_read(const struct configurations *configurations, const bool *out,
                                const struct model_profile *start);

/* "6 %", or that it is unknown. Returns text or a constant. */
enum { COLLECTOR_TEXT_BYTES = 16 };
const char *collector_error_text(const struct collector *collector,
                                 char text[COLLECTOR_TEXT_BYTES]);

/* What was read, into a profile; nothing where too little was. */
void collector_apply(const struct collector *collector, struct model_profile *profile);

#endif
