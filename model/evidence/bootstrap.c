/* model/evidence/bootstrap.c - see bootstrap.h. */
#include "model/evidence/bootstrap.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sim/random.h"
#include "sim/stat.h"

void bootstrap(const struct surface *s, double reach, const double *ln_value, int resamples,
               uint64_t seed, double *standard_error)
{
    int count = s->configurations->count;
    struct sim_tally *tallies = calloc((size_t)s->parameters + 1, sizeof *tallies);
    int *drawn = calloc((size_t)count + 1, sizeof *drawn);
    assert(tallies && drawn);
    for (int p = 0; p < s->parameters; p++)
        sim_tally_init(&tallies[p]);
    for (int i = 0; i < resamples; i++) {
        double value[PARAMETERS_MAX];
        struct sim_stream stream;
        sim_stream_initf(&stream, seed, 0, "bootstrap resample %d", i);
        for (int k = 0; k < count; k++)
            drawn[k] = (int)sim_below(&stream, (uint64_t)count);
        memcpy(value, ln_value, sizeof value);
        fit_on_surface(s, (struct fit_set){drawn, count, false}, reach, value);
        for (int p = 0; p < s->parameters; p++)
            sim_tally_add(&tallies[p], value[p]);
    }
    for (int p = 0; p < s->parameters; p++)
        standard_error[p] = resamples > 1 ? sim_tally_sd(&tallies[p]) : 0;
    free(drawn);
    free(tallies);
}
