/*
 * broker-core/record/crc32c.h - CRC-32C (Castagnoli), the checksum of batches and snapshots.
 *
 * Shape    Incremental: start with 0, feed bytes and zeros in order, the value so far is always a finished checksum.
 * Source   reference/kafka/record-format.md section 1; check value: crc("123456789") = 0xE3069283.
 * Speed    SSE4.2 or ARMv8 instruction where the CPU has it (chosen at run time), slicing by 8 elsewhere; equal results.
 */
#ifndef BROKER_RECORD_CRC32C_H
#define BROKER_RECORD_CRC32C_H

#include <stddef.h>
#include <stdint.h>

uint32_t broker_crc32c(uint32_t crc, const void *bytes, size_t size);

/* As if `size` zero bytes had been fed, in O(log size). */
uint32_t broker_crc32c_zeros(uint32_t crc, uint64_t size);

#endif
