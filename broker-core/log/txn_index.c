/* broker-core/log/txn_index.c - see txn_index.h. */
#include "broker-core/log/txn_index.h"
#include "broker-core/record/bytes.h"

#include <inttypes.h>

/* The file is opened for each use: aborts are rare, and most segments have none. */
static int open_file(struct broker_segment *segment, int flags, struct broker_file **file,
                     struct broker_err *err)
{
    char path[BROKER_PATH_MAX];
    broker_segment_path(path, segment->folder, segment->base_offset, ".txnindex");
    int rc = segment->env->ops->open(segment->env, path, flags, file);
    return rc == BROKER_OK ? rc : broker_err_set(err, rc, "%s: %s", path, broker_status_name(rc));
}

int broker_txn_index_add(struct broker_segment *segment, const struct broker_txn_end *end,
                         struct broker_receipt *receipt, struct broker_err *err)
{
    uint8_t bytes[BROKER_TXN_ENTRY_BYTES];
    struct broker_file *file;
    int rc = open_file(segment, BROKER_OPEN_WRITE | BROKER_OPEN_CREATE, &file, err);
    if (rc != BROKER_OK)
        return rc;
    broker_put16(bytes, 0); /* version */
    broker_put64(bytes + 2, (uint64_t)end->txn.producer_id);
    broker_put64(bytes + 10, (uint64_t)end->txn.first_offset);
    broker_put64(bytes + 18, (uint64_t)end->txn.last_offset);
    broker_put64(bytes + 26, (uint64_t)end->last_stable_offset);
    struct broker_span span = {bytes, sizeof bytes};
    rc = segment->env->ops->append(segment->env, file, &span, 1);
    segment->env->ops->close(segment->env, file);
    receipt->files_made += !segment->has_txn_index;
    receipt->index_bytes += sizeof bytes;
    segment->has_txn_index = true;
    return rc;
}

static bool read_entry(struct broker_segment *segment, struct broker_file *file, uint64_t position,
                       struct broker_aborted_txn *txn, int *rc)
{
    uint8_t bytes[BROKER_TXN_ENTRY_BYTES];
    size_t got = 0;
    *rc = segment->env->ops->read_at(segment->env, file, position, bytes, sizeof bytes, &got);
    if (*rc != BROKER_OK || got < sizeof bytes)
        return false;
    if (broker_get16(bytes) != 0) {
        *rc = BROKER_ECORRUPT;
        return false;
    }
    txn->producer_id = (int64_t)broker_get64(bytes + 2);
    txn->first_offset = (int64_t)broker_get64(bytes + 10);
    txn->last_offset = (int64_t)broker_get64(bytes + 18);
    txn->last_stable_offset = (int64_t)broker_get64(bytes + 26);
    return true;
}

int broker_txn_index_each(struct broker_segment *segment, broker_aborted_fn *each, void *ctx,
                          struct broker_err *err)
{
    struct broker_file *file;
    struct broker_aborted_txn txn;
    if (!segment->has_txn_index)
        return BROKER_OK;
    int rc = open_file(segment, BROKER_OPEN_READ, &file, err);
    if (rc != BROKER_OK)
        return rc;
    for (uint64_t position = 0; read_entry(segment, file, position, &txn, &rc);
         position += BROKER_TXN_ENTRY_BYTES)
        if (!each(ctx, &txn))
            break;
    segment->env->ops->close(segment->env, file);
    return rc;
}

struct cut {
    int64_t offset;
    uint64_t kept;
};

static bool count_kept(void *ctx, const struct broker_aborted_txn *txn)
{
    struct cut *cut = ctx;
    if (txn->last_offset >= cut->offset)
        return false;
    cut->kept++;
    return true;
}

int broker_txn_index_truncate(struct broker_segment *segment, int64_t offset,
                              struct broker_err *err)
{
    struct cut cut = {offset, 0};
    struct broker_file *file;
    if (!segment->has_txn_index)
        return BROKER_OK;
    int rc = broker_txn_index_each(segment, count_kept, &cut, err);
    if (rc == BROKER_OK || rc == BROKER_ECORRUPT)
        rc = open_file(segment, BROKER_OPEN_WRITE, &file, err);
    if (rc != BROKER_OK)
        return rc;
    rc = segment->env->ops->truncate(segment->env, file, cut.kept * BROKER_TXN_ENTRY_BYTES);
    segment->env->ops->close(segment->env, file);
    return rc;
}
