/* model/answer/study_settings.c - how much of a scenario is run: what the options say, else what the scenario does. */
#include "model/answer/study_internal.h"

#include <unistd.h>

#define REPLICATIONS_MIN   2 /* one value has no interval */
/* --quick: a wide interval soon (design section 7): seconds for a small cluster, minutes for a large one. */
#define QUICK_REPLICATIONS 3
#define QUICK_MEASURE_NS   INT64_C(5000000000)

static bool quick(const struct study_options *options, const struct scenario *s)
{
    return options->quick || s->run.quick;
}

uint32_t study_replications(const struct study_options *options, const struct scenario *s)
{
    int count = options->replications > 0 ? options->replications
                : quick(options, s)       ? QUICK_REPLICATIONS
                                          : s->run.replications;
    return (uint32_t)(count < REPLICATIONS_MIN ? REPLICATIONS_MIN : count);
}

double study_precision(const struct study_options *options, const struct scenario *s)
{
    return options->precision > 0 ? options->precision : quick(options, s) ? 0 : s->run.precision;
}

uint32_t study_replications_most(const struct study_options *options, const struct scenario *s)
{
    uint32_t count = study_replications(options, s), most = (uint32_t)s->run.replications_max;
    return study_precision(options, s) > 0 && most > count ? most : count;
}

int64_t study_measure_ns(const struct study_options *options, const struct scenario *s)
{
    return quick(options, s) && s->run.measure_ns > QUICK_MEASURE_NS ? QUICK_MEASURE_NS
                                                                     : s->run.measure_ns;
}

uint32_t study_threads(const struct study_options *options)
{
    long cores = options->threads > 0 ? options->threads : sysconf(_SC_NPROCESSORS_ONLN);
    return cores > 0 ? (uint32_t)cores : 1;
}

uint64_t study_seed(const struct study_options *options, const struct scenario *s)
{
    return options->seed_set ? options->seed : s->run.seed;
}

struct size_counts study_counts(const struct study_options *options, const struct scenario *s,
                                int variant, const struct model_profile *profile)
{
    struct size_counts *kept = options->counts ? &options->counts[variant + 1] : NULL;
    if (kept && kept->all > 0)
        return *kept;
    struct size_counts found = size_search(s, profile, options->stop);
    if (kept)
        *kept = found;
    return found;
}
