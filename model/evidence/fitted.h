/*
 * model/evidence/fitted.h - what a fit reads of a row: what predictions are held against, and parts of it.
 *
 * Shape    The measured quantities (measured.h), then CPU by thread, the client's and a broker's. A sum does not tell a cost of the
 *          application's thread from one of the thread that sends, nor a request's from a follower's fetches or from what a broker does
 *          besides: where a row has the threads, they are fitted instead of their sum. Plans ask for the sum, so the
 *          parts are in no `measured:` block, no verification and no profile's errors; a calibration's report tells theirs.
 * Units    Cores; a broker's are the mean over the brokers.
 * Source   Names of threads, /proc/PID/task/TID/comm, as model/measure/cpu.h groups them.
 */
#ifndef MODEL_EVIDENCE_FITTED_H
#define MODEL_EVIDENCE_FITTED_H

#include <stdbool.h>

#include "model/scenario/measured.h"

enum {
    FITTED_APPLICATION_CPU = MEASURED_QUANTITIES, /* cores, threads that are not the client's own */
    FITTED_BROKER_THREAD_CPU, /* cores, librdkafka's threads that send to brokers and receive */
    FITTED_REQUEST_CPU,       /* cores, a broker's network and I/O threads */
    FITTED_FETCHER_CPU,       /* cores, its replica fetchers */
    FITTED_OTHER_CPU, /* cores, the rest of it: timers, the log's background tasks, collections, the compiler's late work */
    FITTED_QUANTITIES
};

/* "produce_p50", "application_cpu" */
const char *fitted_name(int quantity);
/* CPU, of whatever: linear in the costs. */
bool fitted_is_cpu(int quantity);
/* The sum that it is a part of, which is not fitted where the part is; the quantity itself where it is none. */
int fitted_whole(int quantity);

#endif
