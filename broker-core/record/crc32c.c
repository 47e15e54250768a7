/*
 * broker-core/record/crc32c.c - CRC-32C by instruction or by table, and over zeros without touching them; see crc32c.h.
 *
 * A CRC register is a polynomial over GF(2) modulo P, here in reflected order (bit 31 is x^0). Feeding n zero bytes multiplies it
 * by x^(8n). n is taken apart into its 8 bytes; power[j][b] holds x^(8 * b * 256^j), so at most 8 products are needed, and
 * 3 for anything below 16 MiB.
 */
#include "broker-core/record/crc32c.h"
#include "broker-core/record/crc32c_internal.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_acle.h>
#include <sys/auxv.h>
#ifndef HWCAP_CRC32
#define HWCAP_CRC32 (1 << 7) /* Linux: arch/arm64/include/uapi/asm/hwcap.h */
#endif
#endif

/* Castagnoli's polynomial 0x1EDC6F41 with its bits reversed (record-format.md section 1). */
#define POLYNOMIAL 0x82F63B78u
#define ONE        0x80000000u /* x^0 */
#define X          0x40000000u /* x^1 */
/* P is (x + 1) times a primitive polynomial of degree 31: x^ORDER = 1. Checked in tests/broker-core/test_crc32c.c. */
#define ORDER      0x7FFFFFFFu

static uint32_t slice[8][256]; /* slice[k][b]: the register after byte b and k zero bytes */
static uint32_t power[8][256];
static uint32_t power_carryless[8][256]; /* the same over x^33, which the fast product adds */
static bool hardware;

/* a * b modulo P, bit by bit: for making the tables. */
static uint32_t multiply_slowly(uint32_t a, uint32_t b)
{
    uint32_t product = 0;
    for (uint32_t bit = ONE; bit; bit >>= 1) {
        if (a & bit)
            product ^= b;
        b = b & 1 ? (b >> 1) ^ POLYNOMIAL : b >> 1;
    }
    return product;
}

static uint32_t x_to_the(uint64_t exponent)
{
    uint32_t result = ONE, square = X;
    for (exponent %= ORDER; exponent; exponent >>= 1) {
        if (exponent & 1)
            result = multiply_slowly(result, square);
        square = multiply_slowly(square, square);
    }
    return result;
}

static void make_slices(void)
{
    for (uint32_t b = 0; b < 256; b++) {
        uint32_t crc = b;
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? (crc >> 1) ^ POLYNOMIAL : crc >> 1;
        slice[0][b] = crc;
    }
    for (int k = 1; k < 8; k++)
        for (uint32_t b = 0; b < 256; b++)
            slice[k][b] = (slice[k - 1][b] >> 8) ^ slice[0][slice[k - 1][b] & 0xff];
}

static void make_powers(void)
{
    uint32_t below_x33 = x_to_the(ORDER - 33);
    uint64_t bits = 8;
    for (int j = 0; j < 8; j++, bits = bits * 256 % ORDER) {
        uint32_t step = x_to_the(bits), value = ONE;
        for (int b = 0; b < 256; b++) {
            power[j][b] = value;
            power_carryless[j][b] = multiply_slowly(value, below_x33);
            value = multiply_slowly(value, step);
        }
    }
}

static bool find_hardware(void)
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul");
#elif defined(__aarch64__)
    return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0;
#else
    return false;
#endif
}

/* Before main: the tables are read by many threads and never change. */
__attribute__((constructor)) static void make_tables(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
#endif
    make_slices();
    make_powers();
    hardware = find_hardware();
}

uint32_t broker_crc32c_portable(uint32_t crc, const void *bytes, size_t size)
{
    const uint8_t *p = bytes;
    crc = ~crc;
    for (; size >= 8; size -= 8, p += 8) {
        uint32_t low = crc ^ ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                              (uint32_t)p[3] << 24);
        crc = slice[7][low & 0xff] ^ slice[6][low >> 8 & 0xff] ^ slice[5][low >> 16 & 0xff] ^
              slice[4][low >> 24] ^ slice[3][p[4]] ^ slice[2][p[5]] ^ slice[1][p[6]] ^
              slice[0][p[7]];
    }
    for (; size; size--, p++)
        crc = (crc >> 8) ^ slice[0][(crc ^ *p) & 0xff];
    return ~crc;
}

/* a * b modulo P, four bits of a at a time. */
static uint32_t multiply(uint32_t a, uint32_t b)
{
    uint32_t multiple[16] = {0};
    for (uint32_t i = 8; i; i >>= 1) {
        multiple[i] = b;
        b = b & 1 ? (b >> 1) ^ POLYNOMIAL : b >> 1;
    }
    for (uint32_t i = 2; i < 16; i <<= 1)
        for (uint32_t j = 1; j < i; j++)
            multiple[i + j] = multiple[i] ^ multiple[j];
    uint32_t product = 0; /* Horner: the nibble of the highest powers first */
    for (int i = 0; i < 32; i += 4) {
        /* product * x^4 modulo P: what falls out below comes back through the byte table's last four steps */
        product = (product >> 4) ^ slice[0][(product & 0xf) << 4];
        product ^= multiple[a >> i & 0xf];
    }
    return product;
}

uint32_t broker_crc32c_zeros_portable(uint32_t crc, uint64_t size)
{
    crc = ~crc;
    for (int j = 0; size; size >>= 8, j++)
        if (size & 0xff)
            crc = multiply(crc, power[j][size & 0xff]);
    return ~crc;
}

bool broker_crc32c_has_hardware(void)
{
    return hardware;
}

#if defined(__x86_64__)

/*
 * The register after `size` zero bytes. The carryless product in reflected order is a*b*x; the instruction then multiplies by
 * x^32 modulo P: together x^33, which power_carryless has taken off.
 */
__attribute__((target("sse4.2,pclmul"))) static uint32_t shift_over_zeros(uint32_t value,
                                                                          uint64_t size)
{
    for (int j = 0; size; size >>= 8, j++)
        if (size & 0xff) {
            __m128i a = _mm_cvtsi32_si128((int)value);
            __m128i b = _mm_cvtsi32_si128((int)power_carryless[j][size & 0xff]);
            __m128i product = _mm_clmulepi64_si128(a, b, 0);
            value = (uint32_t)_mm_crc32_u64(0, (uint64_t)_mm_cvtsi128_si64(product));
        }
    return value;
}

uint32_t broker_crc32c_zeros_hardware(uint32_t crc, uint64_t size)
{
    return ~shift_over_zeros(~crc, size);
}

/* The instruction takes three cycles and can start anew each cycle: three strings side by side, joined by shifting over zeros. */
#define LANE_BYTES 1024

__attribute__((target("sse4.2,pclmul"))) static uint64_t three_lanes(uint64_t crc, const uint8_t *p)
{
    uint64_t second = 0, third = 0;
    for (size_t i = 0; i < LANE_BYTES; i += 8) {
        uint64_t words[3];
        memcpy(&words[0], p + i, 8);
        memcpy(&words[1], p + LANE_BYTES + i, 8);
        memcpy(&words[2], p + 2 * LANE_BYTES + i, 8);
        crc = _mm_crc32_u64(crc, words[0]);
        second = _mm_crc32_u64(second, words[1]);
        third = _mm_crc32_u64(third, words[2]);
    }
    crc = shift_over_zeros((uint32_t)crc, LANE_BYTES) ^ second;
    return shift_over_zeros((uint32_t)crc, LANE_BYTES) ^ third;
}

__attribute__((target("sse4.2"))) uint32_t broker_crc32c_hardware(uint32_t crc, const void *bytes,
                                                                  size_t size)
{
    const uint8_t *p = bytes;
    uint64_t value = (uint32_t)~crc;
    for (; size >= 3 * LANE_BYTES; size -= 3 * LANE_BYTES, p += 3 * LANE_BYTES)
        value = three_lanes(value, p);
    for (; size >= 8; size -= 8, p += 8) {
        uint64_t word;
        memcpy(&word, p, sizeof word);
        value = _mm_crc32_u64(value, word);
    }
    uint32_t rest = (uint32_t)value;
    for (; size; size--, p++)
        rest = _mm_crc32_u8(rest, *p);
    return ~rest;
}

#elif defined(__aarch64__)

__attribute__((target("+crc"))) uint32_t broker_crc32c_hardware(uint32_t crc, const void *bytes,
                                                                size_t size)
{
    const uint8_t *p = bytes;
    crc = ~crc;
    for (; size >= 8; size -= 8, p += 8) {
        uint64_t word;
        memcpy(&word, p, sizeof word);
        crc = __crc32cd(crc, word);
    }
    for (; size; size--, p++)
        crc = __crc32cb(crc, *p);
    return ~crc;
}

uint32_t broker_crc32c_zeros_hardware(uint32_t crc, uint64_t size)
{
    return broker_crc32c_zeros_portable(crc, size);
}

#else

uint32_t broker_crc32c_hardware(uint32_t crc, const void *bytes, size_t size)
{
    return broker_crc32c_portable(crc, bytes, size);
}

uint32_t broker_crc32c_zeros_hardware(uint32_t crc, uint64_t size)
{
    return broker_crc32c_zeros_portable(crc, size);
}

#endif

uint32_t broker_crc32c(uint32_t crc, const void *bytes, size_t size)
{
    return hardware ? broker_crc32c_hardware(crc, bytes, size)
                    : broker_crc32c_portable(crc, bytes, size);
}

uint32_t broker_crc32c_zeros(uint32_t crc, uint64_t size)
{
    return hardware ? broker_crc32c_zeros_hardware(crc, size)
                    : broker_crc32c_zeros_portable(crc, size);
}
