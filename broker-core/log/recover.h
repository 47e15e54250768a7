/* broker-core/log/recover.h - one segment checked batch by batch, its indexes written anew. */
#ifndef BROKER_LOG_RECOVER_H
#define BROKER_LOG_RECOVER_H

#include "broker-core/log/log_internal.h"

/*
 * Segment number `number` of the log. Keeps the batches up to the first that is torn, damaged, out of order or reaching into the next
 * segment's offsets, and cuts the rest (*truncated). Producer state is
 * rebuilt up to the segment first; afterwards it stands at the segment's end, with a snapshot there.
 */
int broker_log_recover_segment(struct broker_log *log, uint32_t number,
                               struct broker_recovery *recovery, bool *truncated,
                               struct broker_receipt *receipt, struct broker_err *err);

#endif
