#include "tests/support/fake_result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct result_estimate ms(double value, double half)
{
    return result_interval(value * 1e6, (value - half) * 1e6, (value + half) * 1e6, 0.95, 10);
}

static struct result_estimate ms_between(double value, double low, double high)
{
    return result_interval(value * 1e6, low * 1e6, high * 1e6, 0.95, 10);
}

static struct result_estimate about(double value, double share)
{
    return result_interval(value, value * (1 - share), value * (1 + share), 0.95, 10);
}

static void add_slo(struct result *r, const char *text, const char *unit,
                    struct result_estimate estimate, double limit, const char *note)
{
    struct result_slo *slo = RESULT_ADD(r, slos, slo_count);
    *slo = (struct result_slo){.text = text,
                               .unit = unit,
                               .estimate = estimate,
                               .limit = limit,
                               .note = note,
                               .verdict = RESULT_FITS};
}

/* 20,000 batches of a few records whose latencies rise as -ln(1 - q) does, from `least` on. */
static struct sim_histogram *curve(double least_ms, double scale_ms)
{
    struct sim_histogram *h = result_histogram(NULL);
    for (int i = 0; i < 200000; i++) {
        double q = (i + 0.5) / 200000;
        sim_histogram_record_n(h, (int64_t)((least_ms - scale_ms * log(1 - q)) * 1e6), 4);
    }
    return h;
}

static struct result_latency *add_latency(struct result *r, enum result_latency_kind kind,
                                          const char *subject, const char *of_p99)
{
    struct result_latency *l = RESULT_ADD(r, latencies, latency_count);
    l->kind = kind;
    l->subject = subject;
    l->of_p99 = of_p99;
    return l;
}

static void add_latencies(struct result *r)
{
    struct result_latency *l = add_latency(r, RESULT_PRODUCE, "checkout", "linger 10, replica 6");
    l->mean_ns = ms(9.8, 0.3);
    l->p50_ns = ms(9.1, 0.3);
    l->p95_ns = ms(16, 2);
    l->p99_ns = ms_between(21, 19, 24);
    l->p999_ns = ms(34, 6);
    l->max_ns = ms(61, 20);
    l->histogram = curve(5.2, 4.1);
    l = add_latency(r, RESULT_END_TO_END, "billing", "fetch wait 11");
    l->mean_ns = ms(14, 1);
    l->p50_ns = ms(12, 2);
    l->p95_ns = ms(26, 3);
    l->p99_ns = ms_between(38, 33, 45);
    l->p999_ns = ms(71, 9);
    l->max_ns = result_unknown();
    l->histogram = curve(5.9, 7.8);
}

static void add_part(struct result *r, const char *name, double p50, double p99)
{
    struct result_part *p = RESULT_ADD(r, parts, part_count);
    *p = (struct result_part){.subject = "checkout", .name = name};
    p->p50_ns = result_interval(p50 * 1e6, (p50 - .2) * 1e6, (p50 + .2) * 1e6, 0.95, 10);
    p->p99_ns = p99 < 10 ? ms(p99, .2) : ms(p99, 2);
    p->mean_ns = ms(p50 * 1.1, .1);
}

static void add_flow(struct result *r, const char *name, bool produce)
{
    struct result_flow *f = RESULT_ADD(r, flows, flow_count);
    f->name = name;
    f->produce = produce;
    f->records_per_s = about(19531, .004);
    f->bytes_per_s = about(20e6, .004);
    f->wire_bytes_per_s = about(11.4e6, .004);
    f->records_per_batch = produce ? about(4.1, .01) : result_unknown();
    f->batches_per_s = produce ? about(4760, .01) : result_unknown();
    f->requests_per_s = produce ? about(1490, .01) : result_unknown();
    f->failed_ratio = result_exact(0);
    f->offered_records_per_s = 19531;
}

static struct result_resource *add_resource(struct result *r, enum result_resource_kind kind,
                                            const char *name, const char *busiest, double now,
                                            double limit, double survive, double headroom)
{
    struct result_resource *x = RESULT_ADD(r, resources, resource_count);
    *x = (struct result_resource){.kind = kind,
                                  .name = name,
                                  .busiest = busiest,
                                  .used = true,
                                  .limit = limit,
                                  .headroom = headroom,
                                  .note = ""};
    x->now = about(now, .01);
    x->survive = survive > 0 ? about(survive, .01) : result_unknown();
    return x;
}

static void add_resources(struct result *r)
{
    add_resource(r, RESULT_NETWORK_OUT, "network out", "broker 2", .31, .7, .47, 1.5);
    add_resource(r, RESULT_CPU, "cpu", "broker 1", .22, .6, .34, 1.8);
    add_resource(r, RESULT_DISK_SPACE, "disk space", "broker 3", .6, .8, 0, 1.3)->note =
        "not full in 3 y";
    add_resource(r, RESULT_DISK_BANDWIDTH, "disk bandwidth", "broker 3", .04, .7, .06, 17);
    add_resource(r, RESULT_NETWORK_THREADS, "network threads", "broker 2", .86, .3, .78, 5);
    add_resource(r, RESULT_PAGE_CACHE, "page cache", "broker 1", 41 * 60, 0, 27 * 60,
                 (double)INFINITY);
    add_resource(r, RESULT_CLIENT_CPU, "client cpu", "", 0, .8, 0, 0)->used = false;
}

static void add_disks(struct result *r)
{
    r->horizon_days = 30;
    for (int broker = 1; broker <= 3; broker++) {
        struct result_disk *d = RESULT_ADD(r, disks, disk_count);
        *d = (struct result_disk){.broker = broker, .disk = 1, .capacity_bytes = 5000000000000u};
        d->name = result_format(r, "broker %d", broker);
        d->used_start_bytes = d->used_moment_bytes = 1250000000000u;
        d->used_end_bytes = 1287000000000u + (uint64_t)broker * 3000000000u;
        d->used_max_bytes = d->used_end_bytes + 1700000000000u;
        d->day_of_max = 29.5;
        d->day_80 = d->day_85 = d->day_95 = -1;
    }
}

static struct result_series *add_series(struct result *r, const char *name, const char *group,
                                        const char *unit, const char *x_unit, double dx,
                                        uint32_t count)
{
    struct result_series *s = RESULT_ADD(r, series, series_count);
    *s = (struct result_series){
        .name = name, .group = group, .unit = unit, .x_unit = x_unit, .dx = dx, .count = count};
    s->y = result_alloc(r, count, sizeof *s->y);
    return s;
}

/* A level with a slow swing and a quick one. */
static void wave(struct result_series *s, double level, double slow, double quick)
{
    for (uint32_t i = 0; i < s->count; i++)
        s->y[i] = level * (1 + slow * sin(i * 0.11) + quick * sin(i * 2.3 + 1));
}

static void add_all_series(struct result *r)
{
    wave(add_series(r, "produce p50 checkout", "latency", "ns", "s", 1, 60), 9.1e6, .03, .02);
    wave(add_series(r, "produce p95 checkout", "latency", "ns", "s", 1, 60), 16e6, .05, .05);
    struct result_series *p99 = add_series(r, "produce p99 checkout", "latency", "ns", "s", 1, 60);
    wave(p99, 21e6, .08, .12);
    p99->y[17] = (double)NAN; /* nothing observed */
    wave(add_series(r, "end to end p50 billing", "latency", "ns", "s", 1, 60), 12e6, .03, .02);
    wave(add_series(r, "end to end p95 billing", "latency", "ns", "s", 1, 60), 26e6, .05, .06);
    wave(add_series(r, "end to end p99 billing", "latency", "ns", "s", 1, 60), 38e6, .1, .1);
    wave(add_series(r, "checkout in", "throughput", "bytes/s", "s", 1, 60), 20e6, .02, .03);
    wave(add_series(r, "billing out, on the wire", "throughput", "bytes/s", "s", 1, 60), 20e6, .02,
         .05);
    wave(add_series(r, "billing", "horizon-lag", "records", "d", .25, 120), 9e6, .1, .3);
    wave(add_series(r, "billing", "lag", "records", "s", 1, 60), 240, .1, .3);
    wave(add_series(r, "cpu broker 1", "utilisation", "ratio", "s", 1, 60), .22, .03, .05);
    wave(add_series(r, "network out broker 2", "utilisation", "ratio", "s", 1, 60), .31, .02, .03);
    static const char *const disks[] = {"disk broker 1", "disk broker 2", "disk broker 3"};
    for (int b = 0; b < 3; b++) {
        struct result_series *s = add_series(r, disks[b], "disk", "bytes", "d", .25, 120);
        for (uint32_t i = 0; i < s->count; i++)
            s->y[i] = 1.25e12 + 14e9 * i + 3e9 * b + 4e10 * sin(i * 1.57);
    }
}

static void add_bound(struct result *r, const char *resource, const char *formula, double demand,
                      double capacity, const char *unit, double survive, int brokers, bool binding)
{
    struct result_bound *b = RESULT_ADD(r, bounds, bound_count);
    *b = (struct result_bound){.resource = resource,
                               .formula = formula,
                               .demand = demand,
                               .capacity = capacity,
                               .unit = unit,
                               .utilisation = demand / capacity * .7,
                               .utilisation_survive = survive,
                               .brokers_needed = brokers,
                               .binding = binding};
}

static void add_bounds(struct result *r)
{
    add_bound(r, "network out", "11.4 MB/s x (3 - 1 + 1) / 3 brokers", 11.4e6, 26e6, "bytes/s", .47,
              3, true);
    add_bound(r, "network in", "11.4 MB/s x 3 / 3 brokers", 11.4e6, 26e6, "bytes/s", .47, 3, false);
    add_bound(r, "disk space", "11.4 MB/s x 3 x 2 d / 3 brokers", 1.3e12, 4e12, "bytes", .39, 3,
              false);
    add_bound(r, "partitions", "48 x 3 / 3 brokers", 48, 4000, "partitions", (double)NAN, 3, false);
    r->brokers = 3;
    r->brokers_needed = 3;
}

static void add_costs(struct result *r)
{
    static const struct result_cost costs[] = {
        {"compute", 1980, "3 x aws/i3en.2xlarge at 0.904 $ an hour", true, false},
        {"disk", 0, "part of the machine", true, true},
        {"cross-zone traffic", 950, "47 TB at 0.02 $ a GB", true, false}};
    for (int i = 0; i < 3; i++)
        *(struct result_cost *)RESULT_ADD(r, costs, cost_count) = costs[i];
    r->usd_per_month = 2930;
    r->currency_note = "list prices of 2026-07-20, us-east-1";
}

static struct result *bare(const char *variant)
{
    struct result *r = result_new();
    r->scenario = "quickstart";
    r->question =
        "Do three brokers in three zones carry the order stream, with produce p99 below 50 ms "
        "and disks below 80 %?";
    r->variant = variant;
    r->scenario_text = "version: 1\ncluster:\n  brokers: 3   # as written\n";
    r->verdict = RESULT_FITS;
    r->verdict_text = "FITS, also with one rack lost";
    r->survive = RESULT_SURVIVE_RACK;
    r->survive_verdict = RESULT_FITS;
    r->binding = "network out of broker 2";
    r->study = "steady";
    r->profile = "kafka-4.2-jvm17";
    r->profile_error =
        "held-out error p99 18 % (median), 41 % (90th percentile); 8 vCPUs: scaled by a "
        "checked rule";
    r->run = (struct result_run){.seed = 1,
                                 .replications = 10,
                                 .complete = true,
                                 .measured_s = 60,
                                 .warmup_s = 4,
                                 .batches = 1400000,
                                 .requests = 450000,
                                 .events = 31000000,
                                 .fingerprint = 0x9f00c0ffee123456u};
    return r;
}

static struct result *variant(const char *name, double p99, double low, double high, double disk,
                              double cpu)
{
    struct result *r = bare(name);
    struct result_latency *l = add_latency(r, RESULT_PRODUCE, "checkout", "");
    l->mean_ns = l->p50_ns = l->p95_ns = l->p999_ns = l->max_ns = result_unknown();
    l->p99_ns = ms_between(p99, low, high);
    add_resource(r, RESULT_CPU, "cpu", "broker 1", cpu, .6, 0, 1.8);
    struct result_disk *d = RESULT_ADD(r, disks, disk_count);
    *d = (struct result_disk){.broker = 1,
                              .disk = 1,
                              .capacity_bytes = 1000000,
                              .day_80 = -1,
                              .day_85 = -1,
                              .day_95 = -1,
                              .used_max_bytes = (uint64_t)(disk * 1000000)};
    r->horizon_days = 30;
    add_costs(r);
    return r;
}

static void add_trusts(struct result *r)
{
    struct result_estimate cpu = about(.22, .02);
    *(struct result_trust *)RESULT_ADD(r, trusts, trust_count) =
        (struct result_trust){"checkout produce p99",
                              "ns",
                              "public cases",
                              ms_between(21, 19, 24),
                              result_interval(21e6, 18.4e6, 44e6, .9, 52),
                              .52,
                              52};
    *(struct result_trust *)RESULT_ADD(r, trusts, trust_count) = (struct result_trust){
        "cpu of broker 1", "ratio", "outside", cpu, result_unknown(), (double)NAN, 0};
}

struct result *fake_result_new(void)
{
    struct result *r = bare("");
    add_slo(r, "checkout produce p99 < 50 ms", "ns", ms_between(21, 19, 24), 50e6, "");
    add_slo(r, "billing end-to-end p99 < 200 ms", "ns", ms_between(38, 33, 45), 200e6, "");
    add_slo(r, "disk max < 80 %", "ratio", result_interval(.61, .58, .65, .95, 10), .8, "day 30");
    r->slos[0].predicted = result_interval(21e6, 18.4e6, 44e6, .9, 52);
    add_trusts(r);
    add_latencies(r);
    add_flow(r, "checkout → orders", true);
    add_flow(r, "orders → billing", false);
    add_resources(r);
    add_disks(r);
    add_part(r, "client linger, queue", 7.2, 10);
    add_part(r, "request queue", .1, .6);
    add_part(r, "local (append)", .2, 1.1);
    add_part(r, "remote (replicas)", 1.4, 8.3);
    add_part(r, "response queue, send", .1, .4);
    *(struct result_warning *)RESULT_ADD(r, warnings, warning_count) = (struct result_warning){
        "batches hold 4.1 records",
        "with linger.ms 20 they hold 7.9, and wire traffic falls 14 % (variant linger-20)."};
    *(struct result_input *)RESULT_ADD(r, inputs, input_count) = (struct result_input){
        "record size spread", "cv assumed 0.8", "checkout produce p99 x 1.6 from 0.5 to 1.2", .24};
    *(struct result_rare *)RESULT_ADD(r, rares, rare_count) =
        (struct result_rare){"segment roll", 9};
    *(struct result_rare *)RESULT_ADD(r, rares, rare_count) = (struct result_rare){"full GC", 0};
    add_all_series(r);
    add_bounds(r);
    add_costs(r);
    r->variant_count = 2;
    r->variants = result_alloc(r, 2, sizeof *r->variants);
    r->variants[0] = variant("acks-1", 15.5, 14, 17, .61, .21);
    r->variants[1] = variant("linger-20", 30.5, 28, 33, .53, .18);
    return r;
}

struct result *fake_result_unstable(void)
{
    struct result *r = fake_result_new();
    r->scenario = "overload";
    r->verdict = RESULT_UNSTABLE;
    r->verdict_text = "UNSTABLE: more comes in than the disks of broker 2 can write";
    for (uint32_t i = 0; i < r->slo_count; i++) {
        r->slos[i].estimate = result_unknown();
        r->slos[i].verdict = RESULT_DOES_NOT_FIT;
    }
    r->flows[0].failed_ratio = about(.31, .02);
    return r;
}

static const char *const HOSTILE =
    "=cmd|' /C calc'!A0 \"'`id`$(id)\n<script>alert(1)</script>\x1b[31m\x07 \xff\xc3( "
    "\xe2\x80\xae|a|b|\\*_ @x &amp; "
    "'; system 'touch pwned'; print ' long long long long long long long long long long long long";

struct result *fake_result_hostile(void)
{
    struct result *r = fake_result_new();
    const char **const texts[] = {&r->scenario,      &r->question,     &r->variant,
                                  &r->scenario_text, &r->verdict_text, &r->binding,
                                  &r->study,         &r->profile,      &r->profile_error,
                                  &r->currency_note, &r->survive_note};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = HOSTILE;
    for (uint32_t i = 0; i < r->slo_count; i++)
        r->slos[i].text = r->slos[i].note = HOSTILE;
    for (uint32_t i = 0; i < r->trust_count; i++)
        r->trusts[i].quantity = r->trusts[i].evidence = HOSTILE;
    for (uint32_t i = 0; i < r->latency_count; i++)
        r->latencies[i].subject = r->latencies[i].of_p99 = HOSTILE;
    for (uint32_t i = 0; i < r->part_count; i++)
        r->parts[i].subject = r->parts[i].name = HOSTILE;
    for (uint32_t i = 0; i < r->flow_count; i++)
        r->flows[i].name = HOSTILE;
    for (uint32_t i = 0; i < r->resource_count; i++)
        r->resources[i].name = r->resources[i].busiest = r->resources[i].note = HOSTILE;
    for (uint32_t i = 0; i < r->warning_count; i++)
        r->warnings[i].text = r->warnings[i].remedy = HOSTILE;
    for (uint32_t i = 0; i < r->input_count; i++)
        r->inputs[i].key = r->inputs[i].assumed = r->inputs[i].effect = HOSTILE;
    for (uint32_t i = 0; i < r->rare_count; i++)
        r->rares[i].name = HOSTILE;
    for (uint32_t i = 0; i < r->series_count; i++)
        r->series[i].name = i % 2 ? HOSTILE : result_format(r, "produce p99 %s", HOSTILE);
    for (uint32_t i = 0; i < r->bound_count; i++)
        r->bounds[i].resource = r->bounds[i].formula = HOSTILE;
    for (uint32_t i = 0; i < r->cost_count; i++)
        r->costs[i].part = r->costs[i].basis = HOSTILE;
    for (uint32_t i = 0; i < r->variant_count; i++)
        r->variants[i]->variant = r->variants[i]->latencies[0].subject = HOSTILE;
    return r;
}
