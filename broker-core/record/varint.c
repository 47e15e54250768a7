/* broker-core/record/varint.c - see varint.h. */
#include "broker-core/record/varint.h"

static bool read_groups(struct broker_cursor *cursor, unsigned groups_max, uint64_t *value)
{
    *value = 0;
    for (unsigned group = 0; group < groups_max; group++) {
        int byte = broker_cursor_byte(cursor);
        if (byte < 0)
            return false;
        *value |= (uint64_t)(byte & 0x7f) << 7 * group;
        if (!(byte & 0x80))
            return true;
    }
    return false;
}

bool broker_varint_read(struct broker_cursor *cursor, int32_t *value)
{
    uint64_t groups;
    if (!read_groups(cursor, BROKER_VARINT_BYTES_MAX, &groups))
        return false;
    /* The fifth group has four bits; what is above them falls off, as in Java's int. */
    *value = (int32_t)broker_unzigzag(groups & UINT32_MAX);
    return true;
}

bool broker_varlong_read(struct broker_cursor *cursor, int64_t *value)
{
    uint64_t groups;
    if (!read_groups(cursor, BROKER_VARLONG_BYTES_MAX, &groups))
        return false;
    *value = broker_unzigzag(groups);
    return true;
}
