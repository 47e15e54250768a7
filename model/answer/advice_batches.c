/* See advice.h: batches that hold little. */
#include "model/answer/advice.h"

#include <string.h>

#include "model/cluster/flow.h"
#include "model/cluster/result_text.h"
#include "model/scenario/full_batch.h"

#define BATCH_BYTES_SMALL 65536
/* A batch so near to a full one is closed by batch.size, not by linger.ms (judgement: sizes vary). */
#define FULL_FROM         0.8
#define RECORDS_WANTED    5
/* Longer than that nobody lets a record wait (judgement). */
#define LINGER_S_MAX      1

/* "fewer partitions (now 12) or clients (now 60)", or "" where there is one of each. */
static const char *fewer(struct result *r, const struct scenario_producer *p, int partitions)
{
    /* Without keys a client fills one batch after the other, whatever the partitions. */
    bool by_partition = p->partitioner != SCENARIO_PARTITIONER_STICKY && partitions > 1;
    const char *first = by_partition ? result_format(r, "partitions (now %s)",
                                                     result_count(r, (uint64_t)partitions))
                                     : "";
    const char *second =
        p->clients > 1 ? result_format(r, "clients (now %s)", result_count(r, (uint64_t)p->clients))
                       : "";
    return *first || *second ? result_format(r, "use fewer %s%s%s", first,
                                             *first && *second ? " or " : "", second)
                             : "";
}

/* "" where nothing helps. */
static const char *fill_sooner(struct result *r, const struct scenario_producer *p, int partitions)
{
    double streams = (double)p->clients *
                     (p->partitioner == SCENARIO_PARTITIONER_STICKY ? 1 : (double)partitions);
    double wait_s = (RECORDS_WANTED - 1) / (p->records_per_s_peak / streams);
    const char *other = fewer(r, p, partitions);
    if (wait_s > LINGER_S_MAX)
        return *other
                   ? result_format(r, "%s; no linger.ms helps where %d records take %.2g s to come",
                                   other, RECORDS_WANTED, wait_s)
                   : "";
    return result_format(r, "raise linger.ms (now %.4g; %d records take %.2g ms to come)%s%s",
                         (double)p->config.linger_us / 1e3, RECORDS_WANTED, wait_s * 1e3,
                         *other ? ", or " : "", other);
}

/* "batch.size (now 16384)": what a full batch is full by. */
static const char *what_is_full(struct result *r, const struct scenario_producer *p, double full)
{
    const struct scenario_producer_config *c = &p->config;
    if (full >= (double)c->batch_num_messages)
        return result_format(r, "batch.num.messages (now %lld)", (long long)c->batch_num_messages);
    return result_format(r, "batch.size (now %lld)", (long long)c->batch_size);
}

static const char *batches_remedy(struct result *r, const struct scenario *s,
                                  const struct scenario_producer *p, double records)
{
    double full = scenario_full_batch(p);
    if (records < FULL_FROM * full)
        return fill_sooner(r, p, s->topics[p->topic].partitions);
    const char *end = what_is_full(r, p, full);
    return full < 2 ? result_format(r, "raise %s: two records do not fit", end)
                    : result_format(r, "raise %s: a full batch holds %.2g records", end, full);
}

/* Takes away what the bounds said of the producer's batches. */
static void forget(struct result *r, const char *beginning)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < r->warning_count; i++)
        if (strncmp(r->warnings[i].text, beginning, strlen(beginning)) != 0)
            r->warnings[kept++] = r->warnings[i];
    r->warning_count = kept;
}

void advice_batches(struct result *r, const struct scenario *s, int producer, double records,
                    double low)
{
    const struct scenario_producer *p = &s->producers[producer];
    const char *beginning = result_format(r, "batches of %s hold ", p->name);
    double bytes = records * p->size.mean_bytes;
    forget(r, beginning);
    bool few = records > 0 && result_round(records, 1) < low; /* as it is told */
    if (!(few && bytes < BATCH_BYTES_SMALL) || p->config.batch_size == 0)
        return;
    const char *remedy = batches_remedy(r, s, p, records);
    if (*remedy)
        result_warn(
            r,
            result_format(r, "%s%.2g record%s, %.3g bytes, which costs CPU and compresses badly",
                          beginning, records, records < 1.05 ? "" : "s", bytes),
            remedy);
}
