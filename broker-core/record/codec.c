/* broker-core/record/codec.c - see codec.h. */
#include "broker-core/record/codec.h"
#include "broker-core/record/bytes.h"

#include <lz4frame.h>
#include <snappy-c.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

/* A byte string that grows up to BROKER_UNCOMPRESSED_MAX. */
struct output {
    uint8_t *bytes;
    size_t size, room;
};

static bool grow(struct output *out, size_t more)
{
    if (out->size + more <= out->room)
        return true;
    size_t room = out->room ? out->room : 4096;
    while (room < out->size + more)
        room *= 2;
    if (room > BROKER_UNCOMPRESSED_MAX)
        return false;
    uint8_t *grown = realloc(out->bytes, room);
    if (!grown)
        return false;
    out->bytes = grown;
    out->room = room;
    return true;
}

/* A stream is read in steps of this; only a speed matter. */
#define STEP 65536

static bool gunzip(const uint8_t *bytes, size_t size, struct output *out)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)bytes, .avail_in = (uInt)size};
    /* 15 + 16: a window of 32 KiB behind a gzip header (zlib.h). */
    if (inflateInit2(&stream, 15 + 16) != Z_OK)
        return false;
    int rc = Z_OK;
    while (rc == Z_OK && grow(out, STEP)) {
        stream.next_out = out->bytes + out->size;
        stream.avail_out = STEP;
        rc = inflate(&stream, Z_NO_FLUSH);
        out->size += STEP - stream.avail_out;
    }
    inflateEnd(&stream);
    return rc == Z_STREAM_END;
}

static bool unsnappy_block(const uint8_t *bytes, size_t size, struct output *out)
{
    size_t length;
    if (snappy_uncompressed_length((const char *)bytes, size, &length) != SNAPPY_OK ||
        length > BROKER_UNCOMPRESSED_MAX || !grow(out, length))
        return false;
    if (snappy_uncompress((const char *)bytes, size, (char *)out->bytes + out->size, &length) !=
        SNAPPY_OK)
        return false;
    out->size += length;
    return true;
}

/* Java's framing: magic, two versions, then blocks behind their lengths. librdkafka sends one bare block. */
static const uint8_t xerial[] = {0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
enum { XERIAL_HEADER_BYTES = sizeof xerial + 4 + 4, XERIAL_BLOCK = 32768 };

static bool unsnappy(const uint8_t *bytes, size_t size, struct output *out)
{
    if (size < XERIAL_HEADER_BYTES || memcmp(bytes, xerial, sizeof xerial) != 0)
        return unsnappy_block(bytes, size, out);
    for (size_t at = XERIAL_HEADER_BYTES; at < size;) {
        if (size - at < 4)
            return false;
        size_t block = broker_get32(bytes + at);
        at += 4;
        if (block > size - at || !unsnappy_block(bytes + at, block, out))
            return false;
        at += block;
    }
    return true;
}

static bool unlz4(const uint8_t *bytes, size_t size, struct output *out)
{
    LZ4F_dctx *context;
    size_t left = 1;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)))
        return false;
    while (left && grow(out, STEP)) {
        size_t put = STEP, used = size;
        left = LZ4F_decompress(context, out->bytes + out->size, &put, bytes, &used, NULL);
        if (LZ4F_isError(left) || (!put && !used))
            break; /* damaged, or the stream ends too early */
        out->size += put;
        bytes += used;
        size -= used;
    }
    LZ4F_freeDecompressionContext(context);
    return left == 0;
}

static bool unzstd(const uint8_t *bytes, size_t size, struct output *out)
{
    ZSTD_DStream *stream = ZSTD_createDStream();
    ZSTD_inBuffer in = {bytes, size, 0};
    size_t left = 1;
    while (stream && (in.pos < in.size || left) && grow(out, STEP)) {
        ZSTD_outBuffer to = {out->bytes + out->size, STEP, 0};
        size_t before = in.pos;
        left = ZSTD_decompressStream(stream, &to, &in);
        if (ZSTD_isError(left) || (!to.pos && in.pos == before))
            break;
        out->size += to.pos;
    }
    bool whole = stream && left == 0 && in.pos == in.size;
    ZSTD_freeDStream(stream);
    return whole;
}

int broker_decompress(enum broker_codec codec, const uint8_t *bytes, size_t size, uint8_t **out,
                      size_t *out_size, struct broker_err *err)
{
    typedef bool decompress_fn(const uint8_t *, size_t, struct output *);
    static decompress_fn *const functions[] = {[BROKER_GZIP] = gunzip,
                                               [BROKER_SNAPPY] = unsnappy,
                                               [BROKER_LZ4] = unlz4,
                                               [BROKER_ZSTD] = unzstd};
    static const char *const names[] = {"", "gzip", "snappy", "lz4", "zstd"};
    struct output output = {0};
    if (!grow(&output, 1))
        return broker_err_set(err, BROKER_EIO, "out of memory");
    if (size > UINT32_MAX || !functions[codec](bytes, size, &output)) {
        free(output.bytes);
        return broker_err_set(err, BROKER_ECORRUPT, "payload is no whole %s stream", names[codec]);
    }
    *out = output.bytes;
    *out_size = output.size;
    return BROKER_OK;
}

static bool do_gzip(const uint8_t *bytes, size_t size, struct output *out)
{
    z_stream stream = {.next_in = (Bytef *)(uintptr_t)bytes, .avail_in = (uInt)size};
    /* Java's GZIPOutputStream: default level, window of 32 KiB, zlib's default memory level 8. */
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) !=
        Z_OK)
        return false;
    size_t most = deflateBound(&stream, (uLong)size);
    int rc = Z_MEM_ERROR;
    if (grow(out, most)) {
        stream.next_out = out->bytes;
        stream.avail_out = (uInt)most;
        rc = deflate(&stream, Z_FINISH);
        out->size = most - stream.avail_out;
    }
    deflateEnd(&stream);
    return rc == Z_STREAM_END;
}

static bool do_snappy(const uint8_t *bytes, size_t size, struct output *out)
{
    if (!grow(out, XERIAL_HEADER_BYTES))
        return false;
    memcpy(out->bytes, xerial, sizeof xerial);
    broker_put32(out->bytes + sizeof xerial, 1);     /* version */
    broker_put32(out->bytes + sizeof xerial + 4, 1); /* oldest compatible version */
    out->size = XERIAL_HEADER_BYTES;
    while (size) {
        size_t block = size < XERIAL_BLOCK ? size : XERIAL_BLOCK;
        size_t length = snappy_max_compressed_length(block);
        if (!grow(out, 4 + length))
            return false;
        if (snappy_compress((const char *)bytes, block, (char *)out->bytes + out->size + 4,
                            &length) != SNAPPY_OK)
            return false;
        broker_put32(out->bytes + out->size, (uint32_t)length);
        out->size += 4 + length;
        bytes += block;
        size -= block;
    }
    return true;
}

static bool do_lz4(const uint8_t *bytes, size_t size, struct output *out)
{
    /* Independent blocks of 64 KiB, no checksums: what Java writes and what its reader demands. */
    LZ4F_preferences_t as_java = {
        .frameInfo = {.blockSizeID = LZ4F_max64KB, .blockMode = LZ4F_blockIndependent}};
    size_t most = LZ4F_compressFrameBound(size, &as_java);
    if (!grow(out, most))
        return false;
    out->size = LZ4F_compressFrame(out->bytes, most, bytes, size, &as_java);
    return !LZ4F_isError(out->size);
}

static bool do_zstd(const uint8_t *bytes, size_t size, struct output *out)
{
    size_t most = ZSTD_compressBound(size);
    if (!grow(out, most))
        return false;
    out->size = ZSTD_compress(out->bytes, most, bytes, size, 3); /* Kafka's default level */
    return !ZSTD_isError(out->size);
}

int broker_compress(enum broker_codec codec, const uint8_t *bytes, size_t size, uint8_t **out,
                    size_t *out_size, struct broker_err *err)
{
    typedef bool compress_fn(const uint8_t *, size_t, struct output *);
    static compress_fn *const functions[] = {[BROKER_GZIP] = do_gzip,
                                             [BROKER_SNAPPY] = do_snappy,
                                             [BROKER_LZ4] = do_lz4,
                                             [BROKER_ZSTD] = do_zstd};
    struct output output = {0};
    if (!grow(&output, 1) || size > BROKER_UNCOMPRESSED_MAX ||
        !functions[codec](bytes, size, &output)) {
        free(output.bytes);
        return broker_err_set(err, BROKER_EIO, "compression failed");
    }
    *out = output.bytes;
    *out_size = output.size;
    return BROKER_OK;
}
