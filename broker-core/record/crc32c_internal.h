/*
 * broker-core/record/crc32c_internal.h - both ways to compute the checksum, so that a test can hold them side by side.
 */
#ifndef BROKER_RECORD_CRC32C_INTERNAL_H
#define BROKER_RECORD_CRC32C_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Tables only; runs everywhere. */
uint32_t broker_crc32c_portable(uint32_t crc, const void *bytes, size_t size);
uint32_t broker_crc32c_zeros_portable(uint32_t crc, uint64_t size);

/* Whether the two below may be called on this CPU. */
bool broker_crc32c_has_hardware(void);
uint32_t broker_crc32c_hardware(uint32_t crc, const void *bytes, size_t size);
uint32_t broker_crc32c_zeros_hardware(uint32_t crc, uint64_t size);

#endif
