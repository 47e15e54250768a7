/* broker-core/log/recover.h - one segment checked batch by batch, its indexes written anew. */
#ifndef BROKER_LOG_RECOVER_H
#define BROKER_LOG_RECOVER_H

#include "broker-core/log/log_internal.h"

/*
 * Keeps the batches up to the first that is torn, damaged or out of order, and cuts the rest (*truncated). Producer state is
 * rebuilt up to the segment first; afterwards it stands at the segment's end, with a snapshot there.
 */
int broker_log_recover_segment(struct broker_log *log, struct broker_segment *segment,
                               struct broker_recovery *recovery, bool *truncated,
                               struct broker_receipt *receipt, struct broker_err *err);

#endif
