/*
 * model/evidence/fitted.h - what a fit reads of a row: what predictions are held against, and two parts of it.
 *
 * Shape    The measured quantities (measured.h), then the client's CPU by thread. A sum does not tell a cost of the application's thread from
 *          one of the thread that sends: where a row has both threads, they are fitted instead of their sum. Plans ask for the sum, so the
 *          parts are in no `measured:` block, no verification and no profile's errors; a calibration's report tells theirs.
 * Units    Cores.
 * Source   Thread names of librdkafka and of its client: /proc/PID/task/TID/comm, as model/measure/cpu.h groups them.
 */
#ifndef MODEL_EVIDENCE_FITTED_H
#define MODEL_EVIDENCE_FITTED_H

#include <stdbool.h>

#include "model/scenario/measured.h"

enum {
    FITTED_APPLICATION_CPU = MEASURED_QUANTITIES, /* cores, threads that are not the client's own */
    FITTED_BROKER_THREAD_CPU, /* cores, librdkafka's threads that send to brokers and receive */
    FITTED_QUANTITIES
};

/* "produce_p50", "application_cpu" */
const char *fitted_name(int quantity);
/* CPU, of whatever: linear in the costs. */
bool fitted_is_cpu(int quantity);

#endif
