/* See hot_partition.h. */
#include "model/cluster/hot_partition.h"

#include "model/cluster/flow.h"

/* A partition with less than so many times its fair part is one of many: chance spreads keys that far. */
static const double HOT_FACTOR = 2;
/* As of threads in answer/warnings.c: a saturated one still waits between two fetches. */
static const double PARTITION_BINDS = 0.8;

static double records_of(const struct scenario *s, const struct model_shares *shares, int topic,
                         int partition)
{
    double sum = 0;
    for (int i = 0; i < s->producer_count; i++)
        if (s->producers[i].topic == topic)
            sum += s->producers[i].records_per_s_peak * model_shares_of(shares, i, partition);
    return sum;
}

/* Of the member that has most: model/client/group.h. */
static int most_partitions(const struct scenario *s, const struct scenario_group *g)
{
    int most = 0;
    for (int t = 0; t < g->topic_count; t++)
        most += (s->topics[g->topics[t]].partitions + g->clients - 1) / g->clients;
    return most;
}

double model_hot_member(const struct scenario *s, const struct scenario_group *g, double share)
{
    int partitions = scenario_partitions_read(s, g);
    double others = partitions > 1 ? (most_partitions(s, g) - 1.0) / (partitions - 1) : 0;
    return share + (1 - share) * others;
}

struct model_hot_partition model_hot_partition(const struct scenario *s,
                                               const struct scenario_group *g)
{
    struct model_shares *shares = model_shares_new(s);
    struct model_hot_partition hot = {.topic = ""};
    double all = 0, most = 0;
    int partitions = scenario_partitions_read(s, g);
    for (int t = 0; t < g->topic_count; t++) {
        for (int p = 0; p < s->topics[g->topics[t]].partitions; p++) {
            double records = records_of(s, shares, g->topics[t], p);
            all += records;
            if (records <= most)
                continue;
            most = records;
            hot.topic = s->topics[g->topics[t]].name;
        }
    }
    model_shares_free(shares);
    if (!(all > 0))
        return hot;
    hot.share = most / all;
    hot.fair = 1.0 / partitions;
    hot.member = model_hot_member(s, g, hot.share);
    return hot;
}

const char *model_hot_partition_remedy(struct result *r, const struct scenario *s,
                                       const struct scenario_group *g, double busy)
{
    struct model_hot_partition hot = model_hot_partition(s, g);
    if (hot.share <= HOT_FACTOR * hot.fair || busy * hot.share / hot.member < PARTITION_BINDS)
        return NULL;
    return result_format(r,
                         "one partition of %s has %.0f %% of what it reads, and one consumer reads "
                         "that alone: spread its keys (more partitions help only with that), or "
                         "shorten processing; more machines or consumers do not help",
                         hot.topic, 100 * hot.share);
}
