/*
 * broker-core/log/txn_index.h - the aborted transactions of one segment (log-storage.md sections 3 and 6).
 */
#ifndef BROKER_LOG_TXN_INDEX_H
#define BROKER_LOG_TXN_INDEX_H

#include "broker-core/log/producers.h"
#include "broker-core/log/segment.h"

/* version, producer id, first offset, last offset, last stable offset */
#define BROKER_TXN_ENTRY_BYTES (2 + 8 + 8 + 8 + 8)

struct broker_aborted_txn {
    int64_t producer_id, first_offset, last_offset, last_stable_offset;
};

int broker_txn_index_add(struct broker_segment *segment, const struct broker_txn_end *end,
                         struct broker_receipt *receipt, struct broker_err *err);
/* Keeps the entries whose last offset is < offset. */
int broker_txn_index_truncate(struct broker_segment *segment, int64_t offset,
                              struct broker_err *err);
/* Calls each in order until it returns false. BROKER_ECORRUPT at an entry of unknown version. */
typedef bool broker_aborted_fn(void *ctx, const struct broker_aborted_txn *txn);
int broker_txn_index_each(struct broker_segment *segment, broker_aborted_fn *each, void *ctx,
                          struct broker_err *err);

#endif
