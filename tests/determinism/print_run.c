/*
 * tests/determinism/print_run.c - all that replications of a scenario saw, as text: FILE SEED THREADS.
 *
 * Fingerprints and counts, every bin of every histogram, every point of every series. Doubles are printed in hexadecimal: two
 * texts are equal when all bits are.
 */
#include <stdio.h>
#include <stdlib.h>

#include "model/answer/replicate.h"

static void print_histogram(const char *name, const struct sim_histogram *h)
{
    struct sim_histogram_cursor at = {0};
    printf("%s count %llu observations %llu min %lld max %lld mean %a sd %a p99 %lld\n", name,
           (unsigned long long)h->count, (unsigned long long)h->observation_count,
           (long long)h->min_ns, (long long)h->max_ns, sim_histogram_mean_ns(h),
           sim_histogram_sd_ns(h), (long long)sim_histogram_quantile_ns(h, 0.99));
    while (sim_histogram_next(h, &at))
        printf(" %lld:%llu", (long long)at.lower_ns, (unsigned long long)at.count);
    putchar('\n');
}

static void print_series(const char *name, const double *series, uint32_t count)
{
    printf("%s", name);
    for (uint32_t i = 0; i < count; i++)
        printf(" %a", series[i]);
    putchar('\n');
}

static void print_producer(const struct outcome_producer *p, uint32_t ticks)
{
    const struct model_producer_stats *c = &p->counts;
    printf("producer due %llu acked %llu failed %llu expired %llu bytes %llu batches %llu\n",
           (unsigned long long)c->records_due, (unsigned long long)c->records_acked,
           (unsigned long long)c->records_failed, (unsigned long long)c->records_expired,
           (unsigned long long)c->wire_bytes_acked, (unsigned long long)c->batches);
    print_histogram("latency", &p->latency);
    print_histogram("queue", &p->queue);
    print_histogram("batch", &p->batch);
    for (int part = 0; part < CLUSTER_PARTS; part++)
        print_histogram(cluster_part_name((enum cluster_part)part), &p->parts[part]);
    print_series("p99", p->latency_series.p99_ns, ticks);
    print_series("mean", p->latency_series.mean_ns, ticks);
    print_series("acked", p->acked_bytes, ticks);
    print_series("buffered", p->buffered_records, ticks);
    print_series("backlog", p->backlog_s, ticks);
}

static void print_group(const struct outcome_group *g, uint32_t ticks)
{
    printf("group records %llu bytes %llu fetches %llu commits %llu lag %a grows %d\n",
           (unsigned long long)g->counts.records, (unsigned long long)g->counts.wire_bytes,
           (unsigned long long)g->counts.fetches, (unsigned long long)g->counts.commits,
           g->lag_end_records, g->lag_grows);
    print_histogram("end to end", &g->end_to_end);
    print_histogram("fetch", &g->fetch);
    print_series("p99", g->latency_series.p99_ns, ticks);
    print_series("records", g->records, ticks);
    print_series("lag", g->lag_records, ticks);
}

static void print_broker(const struct cluster_broker_seen *b, uint32_t ticks)
{
    printf("broker cpu %a in %a out %a disk %a %s written %a read %a cache %a gc %llu %lld %lld\n",
           b->cpu_ratio, b->network_in_bytes_per_s, b->network_out_bytes_per_s, b->disk_ratio,
           b->disk_bind, b->disk_write_bytes_per_s, b->disk_read_bytes_per_s, b->cache_seconds,
           (unsigned long long)b->host.gc_pauses, (long long)b->host.gc_pause_ns,
           (long long)b->host.gc_pause_ns_max);
    printf("host idle %a %a queue %a rolls %llu deleted %llu cold %llu pauses %lld syncs %llu log "
           "%llu\n",
           b->host.network_idle_ratio, b->host.io_idle_ratio, b->host.request_queue_mean,
           (unsigned long long)b->host.segment_rolls, (unsigned long long)b->host.segments_deleted,
           (unsigned long long)b->host.cold_bytes, (long long)b->host.write_pause_ns,
           (unsigned long long)b->host.syncs, (unsigned long long)b->log_bytes);
    print_series("cpu", b->cpu, ticks);
    print_series("in", b->network_in, ticks);
    print_series("out", b->network_out, ticks);
    print_series("disk", b->disk, ticks);
}

static void print_outcome(const struct outcome *o, uint32_t number)
{
    printf("replication %u fingerprint %016llx events %llu batches %llu requests %llu\n", number,
           (unsigned long long)o->fingerprint, (unsigned long long)o->events,
           (unsigned long long)o->batches, (unsigned long long)o->requests);
    for (uint32_t p = 0; p < o->producer_count; p++)
        print_producer(&o->producers[p], o->tick_count);
    for (uint32_t g = 0; g < o->group_count; g++)
        print_group(&o->groups[g], o->tick_count);
    for (uint32_t b = 0; b < o->broker_count; b++)
        print_broker(&o->brokers[b].seen, o->tick_count);
    for (uint32_t c = 0; c < o->client_count; c++)
        printf("client %s cpu %a\n", o->clients[c].name, o->clients[c].cpu_ratio);
}

static int run(const struct scenario_doc *doc, uint64_t seed, uint32_t threads)
{
    const struct scenario *base = scenario_base(doc);
    struct model_profile profile;
    model_profile_init(&profile);
    struct replicate_options options = {.seed = seed,
                                        .replications = (uint32_t)base->run.replications,
                                        .measure_ns = base->run.measure_ns,
                                        .warmup_ns = base->run.warmup_ns,
                                        .threads = threads};
    struct replications out;
    struct broker_err err = {0};
    if (replicate(doc, -1, &profile, &options, &out, &err) != BROKER_OK) {
        fprintf(stderr, "print_run: %s\n", err.text);
        return 1;
    }
    for (uint32_t i = 0; i < out.count; i++)
        print_outcome(out.outcomes[i], i);
    replications_release(&out);
    return 0;
}

int main(int argc, char **argv)
{
    struct scenario_options options = {.datadir = "scenarios"};
    struct scenario_doc *doc;
    if (argc != 4) {
        fprintf(stderr, "usage: print_run FILE SEED THREADS\n");
        return 2;
    }
    int status = 3;
    if (scenario_load(argv[1], &options, &doc) != SCENARIO_OK)
        scenario_errors_write(doc, stderr);
    else
        status = run(doc, strtoull(argv[2], NULL, 10), (uint32_t)strtoul(argv[3], NULL, 10));
    scenario_doc_free(doc);
    return fflush(stdout) == 0 ? status : 1;
}
