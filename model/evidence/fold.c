/* model/evidence/fold.c - see fold.h. */
#include "model/evidence/fold.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/random.h"

struct card {
    uint64_t hash;
    const char *id;
    int configuration;
};

static int compare(const void *a, const void *b)
{
    const struct card *x = a, *y = b;
    return x->hash != y->hash ? (x->hash > y->hash ? 1 : -1) : strcmp(x->id, y->id);
}

static uint64_t hash_of(const char *id, uint64_t seed)
{
    struct sim_stream stream;
    sim_stream_initf(&stream, seed, 0, "fold of %s", id);
    return sim_u64(&stream);
}

void fold_deal(const struct configurations *c, int folds, uint64_t seed, int *fold)
{
    assert(folds >= 1);
    struct card *cards = calloc((size_t)c->count + 1, sizeof *cards);
    assert(cards);
    const char *family;
    int dealt = 0;
    for (int f = 0; (family = configurations_family(c, f)); f++) {
        size_t count = 0;
        for (int i = 0; i < c->count; i++)
            if (strcmp(c->configuration[i].row->family, family) == 0) {
                const char *id = c->configuration[i].row->id;
                cards[count++] = (struct card){hash_of(id, seed), id, i};
            }
        qsort(cards, count, sizeof *cards, compare);
        for (size_t i = 0; i < count; i++)
            fold[cards[i].configuration] = dealt++ % folds;
    }
    free(cards);
}
