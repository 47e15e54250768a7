/*
 * tests/fuzz/driver.h - a main for fuzz_*.c: mutates inputs and runs LLVMFuzzerTestOneInput on them until time is up.
 *
 * Shape    fuzz_x [-seconds N] [-seed S] [FILE...]: the files (or, without any, those of FUZZ_CORPUS) are the first inputs.
 *          Each round takes one input of the pool, changes it in one to eight places, and runs it; some of what came out
 *          joins the pool. The same seed and files give the same inputs. What an input crashed on is written beside the
 *          program as NAME.crash, to be run again: fuzz_x -seconds 0 NAME.crash runs each file once, unchanged.
 * Units    Seconds of wall clock.
 * Omits    Coverage feedback. With clang, -DFUZZ_LIBFUZZER -fsanitize=fuzzer takes libFuzzer's main instead of this one.
 * Source   -
 * Checked  by hand: a planted abort is found and its input written.
 *
 * Before including, a fuzzer may define
 *     FUZZ_CORPUS      paths of files to begin with:   #define FUZZ_CORPUS "a.yaml", "b.yaml"
 *     FUZZ_DICTIONARY  words that the format knows:    #define FUZZ_DICTIONARY "rate", "MB/s"
 */
#ifndef TESTS_FUZZ_DRIVER_H
#define TESTS_FUZZ_DRIVER_H

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#ifndef FUZZ_LIBFUZZER

#ifndef FUZZ_CORPUS
#define FUZZ_CORPUS NULL
#endif
#ifndef FUZZ_DICTIONARY
#define FUZZ_DICTIONARY NULL
#endif

enum { FUZZ_POOL = 128, FUZZ_INPUT_MAX = 64 * 1024, FUZZ_INPUTS_MAX = 4 * 1024 * 1024 };

struct fuzz_input {
    uint8_t *data;
    size_t size;
};

static struct {
    uint64_t random;
    struct fuzz_input pool[FUZZ_POOL];
    size_t pool_count, corpus_count; /* the first corpus_count are never replaced */
    uint8_t now[FUZZ_INPUTS_MAX];
    size_t now_size;
    char crash_path[4096];
} fuzz;

/* splitmix64 */
static uint64_t fuzz_random(void)
{
    uint64_t z = fuzz.random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static size_t fuzz_below(size_t n)
{
    return n ? (size_t)(fuzz_random() % n) : 0;
}

/* ---- when it crashes ---- */

static void fuzz_save(void)
{
    int fd = open(fuzz.crash_path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    ssize_t written = fd >= 0 ? write(fd, fuzz.now, fuzz.now_size) : -1;
    static const char said[] = "\nthe input was written to ";
    if (written >= 0 && write(2, said, sizeof said - 1) > 0 &&
        write(2, fuzz.crash_path, strlen(fuzz.crash_path)) > 0 && write(2, "\n", 1) > 0)
        close(fd);
}

static void fuzz_on_signal(int number)
{
    fuzz_save();
    signal(number, SIG_DFL);
    raise(number);
}

/* There only in a sanitized build. */
extern void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static void fuzz_watch(const char *program)
{
    snprintf(fuzz.crash_path, sizeof fuzz.crash_path, "%s.crash", program);
    signal(SIGABRT, fuzz_on_signal);
    if (__sanitizer_set_death_callback) {
        __sanitizer_set_death_callback(fuzz_save);
        return;
    }
    signal(SIGSEGV, fuzz_on_signal);
    signal(SIGBUS, fuzz_on_signal);
    signal(SIGFPE, fuzz_on_signal);
}

/* ---- inputs ---- */

static void fuzz_run(void)
{
    /* A copy of exactly that size, so that a read beyond it is seen. */
    uint8_t *copy = malloc(fuzz.now_size ? fuzz.now_size : 1);
    if (!copy)
        abort();
    memcpy(copy, fuzz.now, fuzz.now_size);
    LLVMFuzzerTestOneInput(copy, fuzz.now_size);
    free(copy);
}

static void fuzz_keep(void)
{
    size_t at = fuzz.pool_count;
    if (at == FUZZ_POOL) {
        at = fuzz.corpus_count + fuzz_below(FUZZ_POOL - fuzz.corpus_count);
        free(fuzz.pool[at].data);
    } else {
        fuzz.pool_count++;
    }
    fuzz.pool[at].size = fuzz.now_size;
    fuzz.pool[at].data = malloc(fuzz.now_size ? fuzz.now_size : 1);
    if (!fuzz.pool[at].data)
        abort();
    memcpy(fuzz.pool[at].data, fuzz.now, fuzz.now_size);
}

static void fuzz_read(const char *path)
{
    FILE *in = fopen(path, "rb");
    if (!in) {
        fprintf(stderr, "%s cannot be read\n", path);
        exit(1);
    }
    fuzz.now_size = fread(fuzz.now, 1, sizeof fuzz.now, in);
    fclose(in);
    fuzz_run();
    if (fuzz.pool_count < FUZZ_POOL / 2) {
        fuzz_keep();
        fuzz.corpus_count = fuzz.pool_count;
    }
}

/* ---- changes ---- */

static void fuzz_remove(size_t at, size_t count)
{
    memmove(fuzz.now + at, fuzz.now + at + count, fuzz.now_size - at - count);
    fuzz.now_size -= count;
}

static void fuzz_insert(size_t at, const uint8_t *data, size_t count)
{
    if (fuzz.now_size + count > FUZZ_INPUT_MAX)
        return;
    memmove(fuzz.now + at + count, fuzz.now + at, fuzz.now_size - at);
    memcpy(fuzz.now + at, data, count);
    fuzz.now_size += count;
}

static void fuzz_insert_word(size_t at)
{
    static const char *const words[] = {FUZZ_DICTIONARY};
    const char *word = words[fuzz_below(sizeof words / sizeof words[0])];
    if (word)
        fuzz_insert(at, (const uint8_t *)word, strlen(word));
}

/* A piece of another input of the pool. */
static void fuzz_splice(size_t at)
{
    const struct fuzz_input *other = &fuzz.pool[fuzz_below(fuzz.pool_count)];
    size_t from = fuzz_below(other->size), count = fuzz_below(other->size - from + 1);
    fuzz_insert(at, other->data + from, count > 512 ? 512 : count);
}

static void fuzz_overwrite(size_t at, size_t count)
{
    static const uint64_t edges[] = {
        0,         1,      0x7f,       0x80,       0xff,       0x7fff,
        0x8000,    0xffff, 0x7fffffff, 0x80000000, 0xffffffff, UINT64_C(0x7fffffffffffffff),
        UINT64_MAX};
    uint64_t value = edges[fuzz_below(sizeof edges / sizeof edges[0])];
    for (size_t i = 0; i < count && at + i < fuzz.now_size; i++)
        fuzz.now[at + i] = (uint8_t)(value >> 8 * (count - 1 - i));
}

static void fuzz_change(void)
{
    size_t at = fuzz_below(fuzz.now_size + 1), left = fuzz.now_size - at;
    uint8_t byte = (uint8_t)fuzz_random(), piece[64];
    size_t count = fuzz_below(left < 64 ? left + 1 : 64);
    switch (fuzz_below(9)) {
    case 0:
        if (left > 0)
            fuzz.now[at] ^= (uint8_t)(1u << fuzz_below(8));
        break;
    case 1:
        if (left > 0)
            fuzz.now[at] = byte;
        break;
    case 2:
        fuzz_insert(at, &byte, 1);
        break;
    case 3:
        fuzz_remove(at, count);
        break;
    case 4:
        memcpy(piece, fuzz.now + at, count);
        fuzz_insert(fuzz_below(fuzz.now_size + 1), piece, count);
        break;
    case 5:
        fuzz_overwrite(at, (size_t)1 << fuzz_below(4));
        break;
    case 6:
        fuzz_splice(at);
        break;
    case 7:
        fuzz_insert_word(at);
        break;
    case 8:
        if (fuzz_below(8) == 0)
            fuzz.now_size = at;
        break;
    }
}

static void fuzz_round(void)
{
    const struct fuzz_input *input = &fuzz.pool[fuzz_below(fuzz.pool_count)];
    fuzz.now_size = input->size < FUZZ_INPUT_MAX ? input->size : FUZZ_INPUT_MAX;
    memcpy(fuzz.now, input->data, fuzz.now_size);
    for (size_t i = 0, n = 1 + fuzz_below(8); i < n; i++)
        fuzz_change();
    fuzz_run();
    if (fuzz_below(16) == 0)
        fuzz_keep();
}

/* ---- the program ---- */

/* Any text, a commit's hash too: FNV-1a. */
static uint64_t fuzz_seed(const char *text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *text; text++)
        hash = (hash ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
    return hash;
}

static double fuzz_now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(int argc, char **argv)
{
    static const char *const corpus[] = {FUZZ_CORPUS};
    double seconds = 10, begin = fuzz_now_s();
    const char *seed = "1";
    int first = 1;
    for (; first + 1 < argc && argv[first][0] == '-'; first += 2) {
        if (strcmp(argv[first], "-seconds") == 0)
            seconds = atof(argv[first + 1]);
        else if (strcmp(argv[first], "-seed") == 0)
            seed = argv[first + 1];
        else
            break;
    }
    if (first < argc && argv[first][0] == '-') {
        fprintf(stderr, "usage: %s [-seconds N] [-seed S] [FILE...]\n", argv[0]);
        return 2;
    }
    fuzz.random = fuzz_seed(seed);
    fuzz_watch(argv[0]);
    fuzz.now_size = 0;
    fuzz_run();
    for (int i = first; i < argc; i++)
        fuzz_read(argv[i]);
    for (size_t i = 0; first >= argc && i < sizeof corpus / sizeof corpus[0]; i++)
        if (corpus[i])
            fuzz_read(corpus[i]);
    if (fuzz.pool_count == 0) {
        fuzz.now_size = 0;
        fuzz_keep();
    }
    uint64_t rounds = 0;
    while (fuzz_now_s() - begin < seconds)
        for (int i = 0; i < 16; i++, rounds++)
            fuzz_round();
    printf("%s: %llu inputs, seed %s, nothing broke\n", argv[0], (unsigned long long)rounds, seed);
    for (size_t i = 0; i < fuzz.pool_count; i++)
        free(fuzz.pool[i].data);
    return 0;
}

#endif
#endif
