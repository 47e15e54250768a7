/* broker-core/log/index.c - sorted entries in a file; see index.h. */
#include "broker-core/log/index.h"
#include "broker-core/record/bytes.h"

#include <assert.h>

/* Kafka searches the last 8192 bytes first: they stay in the page cache, for in-sync readers look there. */
#define WARM_BYTES    8192
/* A range this short is read at once. */
#define BLOCK_ENTRIES 32

static void decode(const struct broker_index *index, const uint8_t *bytes,
                   struct broker_index_entry *entry)
{
    if (index->entry_bytes == BROKER_TIME_ENTRY_BYTES) {
        entry->key = (int64_t)broker_get64(bytes);
        entry->value = broker_get32(bytes + 8);
    } else {
        entry->key = broker_get32(bytes);
        entry->value = broker_get32(bytes + 4);
    }
}

static int read_entries(const struct broker_index *index, struct broker_env *env, uint32_t first,
                        uint32_t count, uint8_t *bytes)
{
    size_t size = (size_t)count * index->entry_bytes, got = 0;
    int rc = env->ops->read_at(env, index->file, (uint64_t)first * index->entry_bytes, bytes, size,
                               &got);
    return rc == BROKER_OK && got < size ? BROKER_ECORRUPT : rc;
}

int broker_index_get(const struct broker_index *index, struct broker_env *env, uint32_t n,
                     struct broker_index_entry *entry)
{
    uint8_t bytes[BROKER_TIME_ENTRY_BYTES];
    assert(n < index->count);
    int rc = read_entries(index, env, n, 1, bytes);
    if (rc == BROKER_OK)
        decode(index, bytes, entry);
    return rc;
}

int broker_index_open(struct broker_index *index, struct broker_env *env, const char *path,
                      bool make, struct broker_err *err)
{
    assert(!index->file);
    int flags = BROKER_OPEN_WRITE | (make ? BROKER_OPEN_CREATE : 0);
    int rc = env->ops->open(env, path, flags, &index->file);
    if (rc != BROKER_OK) {
        index->file = NULL;
        return broker_err_set(err, rc, "%s: %s", path, broker_status_name(rc));
    }
    uint64_t count = env->ops->size(env, index->file) / index->entry_bytes;
    index->count = index->synced = count < UINT32_MAX ? (uint32_t)count : UINT32_MAX;
    if (index->count)
        rc = broker_index_get(index, env, index->count - 1, &index->last);
    return rc == BROKER_OK ? rc : broker_err_set(err, rc, "%s: unreadable", path);
}

void broker_index_close(struct broker_index *index, struct broker_env *env)
{
    if (index->file)
        env->ops->close(env, index->file);
    index->file = NULL;
}

int broker_index_preallocate(struct broker_index *index, struct broker_env *env, int64_t max_bytes)
{
    uint64_t size = (uint64_t)max_bytes / index->entry_bytes * index->entry_bytes;
    uint64_t used = (uint64_t)index->count * index->entry_bytes;
    size = size > used ? size : used;
    if (env->ops->size(env, index->file) > size)
        return env->ops->truncate(env, index->file, size);
    return env->ops->preallocate(env, index->file, size);
}

int broker_index_trim(struct broker_index *index, struct broker_env *env)
{
    uint64_t used = (uint64_t)index->count * index->entry_bytes;
    return env->ops->size(env, index->file) == used ? BROKER_OK
                                                    : env->ops->truncate(env, index->file, used);
}

int broker_index_cut(struct broker_index *index, struct broker_env *env, uint32_t count)
{
    assert(count <= index->count);
    uint64_t size = env->ops->size(env, index->file);
    int rc = env->ops->truncate(env, index->file, (uint64_t)count * index->entry_bytes);
    if (rc == BROKER_OK)
        rc = env->ops->preallocate(env, index->file, size);
    if (rc != BROKER_OK)
        return rc;
    index->count = count;
    index->synced = index->synced < count ? index->synced : count;
    return count ? broker_index_get(index, env, count - 1, &index->last) : BROKER_OK;
}

int broker_index_add(struct broker_index *index, struct broker_env *env,
                     const struct broker_index_entry *entry)
{
    uint8_t bytes[BROKER_TIME_ENTRY_BYTES];
    uint64_t at = (uint64_t)index->count * index->entry_bytes;
    if (index->count && entry->key <= index->last.key)
        return BROKER_ECORRUPT; /* `last` may come from a damaged file */
    if (at + index->entry_bytes > env->ops->size(env, index->file))
        return BROKER_OK;
    if (index->entry_bytes == BROKER_TIME_ENTRY_BYTES) {
        broker_put64(bytes, (uint64_t)entry->key);
        broker_put32(bytes + 8, entry->value);
    } else {
        broker_put32(bytes, (uint32_t)entry->key);
        broker_put32(bytes + 4, entry->value);
    }
    int rc = env->ops->write_at(env, index->file, at, bytes, index->entry_bytes);
    if (rc != BROKER_OK)
        return rc;
    /* By field, as it was stored a moment ago: a wider load would wait until both stores have left for the cache. */
    index->last.key = entry->key;
    index->last.value = entry->value;
    index->count++;
    return BROKER_OK;
}

/* One comparison of a search: where the entry stands to what is looked for. */
typedef bool entry_after_fn(const struct broker_index_entry *entry, int64_t target);

static bool key_after(const struct broker_index_entry *entry, int64_t target)
{
    return entry->key > target;
}

static bool value_from(const struct broker_index_entry *entry, int64_t target)
{
    return (int64_t)entry->value >= target;
}

/*
 * Number of entries in [low, high) that are not `after` target; those stand in front. Probes one entry at a time and reads
 * the last block whole, as one page.
 */
static int count_before(const struct broker_index *index, struct broker_env *env, uint32_t *low,
                        uint32_t high, entry_after_fn *after, int64_t target,
                        struct broker_receipt *receipt)
{
    struct broker_index_entry entry;
    while (high - *low > BLOCK_ENTRIES) {
        uint32_t middle = *low + (high - *low) / 2;
        int rc = broker_index_get(index, env, middle, &entry);
        if (rc != BROKER_OK)
            return rc;
        receipt->scanned_bytes += index->entry_bytes;
        if (after(&entry, target))
            high = middle;
        else
            *low = middle + 1;
    }
    uint8_t block[BLOCK_ENTRIES * BROKER_TIME_ENTRY_BYTES];
    uint32_t first = *low;
    if (high == first)
        return BROKER_OK;
    int rc = read_entries(index, env, first, high - first, block);
    if (rc != BROKER_OK)
        return rc;
    receipt->scanned_bytes += (uint64_t)(high - first) * index->entry_bytes;
    for (; *low < high; ++*low) {
        decode(index, block + (size_t)(*low - first) * index->entry_bytes, &entry);
        if (after(&entry, target))
            break;
    }
    return BROKER_OK;
}

int broker_index_find(const struct broker_index *index, struct broker_env *env, int64_t key,
                      int64_t *found, struct broker_index_entry *entry,
                      struct broker_receipt *receipt)
{
    receipt->lookups++;
    *found = -1;
    if (!index->count)
        return BROKER_OK;
    if (key >= index->last.key) {
        *found = index->count - 1;
        *entry = index->last;
        return BROKER_OK;
    }
    uint32_t warm = WARM_BYTES / index->entry_bytes, low = 0, high = index->count - 1;
    if (high > warm) {
        struct broker_index_entry hot;
        int rc = broker_index_get(index, env, high - warm, &hot);
        if (rc != BROKER_OK)
            return rc;
        receipt->scanned_bytes += index->entry_bytes;
        if (hot.key <= key)
            low = high - warm;
        else
            high = high - warm;
    }
    int rc = count_before(index, env, &low, high, key_after, key, receipt);
    if (rc != BROKER_OK || low == 0)
        return rc;
    *found = low - 1;
    return broker_index_get(index, env, low - 1, entry);
}

int broker_index_find_value(const struct broker_index *index, struct broker_env *env,
                            uint32_t value, int64_t *found, struct broker_index_entry *entry,
                            struct broker_receipt *receipt)
{
    uint32_t low = 0;
    *found = -1;
    receipt->lookups++;
    int rc = count_before(index, env, &low, index->count, value_from, value, receipt);
    if (rc != BROKER_OK || low == index->count)
        return rc;
    *found = low;
    return broker_index_get(index, env, low, entry);
}
