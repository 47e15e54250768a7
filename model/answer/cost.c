/* See cost.h. */
#include "model/answer/cost.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "model/cluster/reading.h"
#include "model/cluster/flow.h"
#include "model/cluster/machine_share.h"
#include "model/cluster/placement.h"

/*
 * A cloud's GB is 2^30 bytes, by AWS's Service Terms (msk_sizing.py); its price list has EBS throughput in GiBps-mo, of which infracost's
 * golden test bills 130 - 125 MiB/s with 0.20 $.
 */
static const double MIB = 1048576, GIB = 1073741824;

struct bill {
    const struct scenario *s;
    const struct model_profile *profile;
    const struct cost_prices *prices;
    struct result *r;
    int brokers, machines;
    double hours;
    int64_t grown_ns;  /* traffic is reckoned as it is then; 0: today */
    double at_end_usd; /* a month, more than today at the horizon's end */
    const char *whose; /* "us-east-1, 2026-07-20" */
};

static struct result_cost *part(struct bill *b, const char *name, bool known, double usd,
                                const char *basis)
{
    struct result_cost *c = RESULT_ADD(b->r, costs, cost_count);
    c->part = name;
    c->known = known;
    c->usd_per_month = known ? usd : 0;
    c->basis = basis;
    if (known)
        b->r->usd_per_month += usd;
    return c;
}

static double given(double own, double listed)
{
    return isnan(own) ? listed : own;
}

/* NAN when nobody gave one. */
static double machine_price(const struct bill *b)
{
    const char *name = b->s->cluster.machine.name;
    for (size_t i = 0; i < b->prices->machine_count; i++)
        if (strcmp(b->prices->machines[i].name, name) == 0)
            return b->prices->machines[i].usd_per_hour;
    double listed = b->s->cost.machine_usd_per_hour;
    return given(b->prices->machine_usd_per_hour, listed > 0 ? listed : NAN);
}

static void compute(struct bill *b)
{
    double usd = machine_price(b);
    const char *name = b->s->cluster.machine.name;
    if (isnan(usd))
        part(b, "compute", false, 0,
             result_format(b->r, "%d x %s: the price of this machine is unknown", b->machines,
                           name));
    else
        part(b, "compute", true, usd * b->hours * b->machines,
             result_format(
                 b->r, "%d x %s at %.4g $ an hour%s, %.4g hours (%s)", b->machines, name, usd,
                 b->s->cost.commitment == SCENARIO_THREE_YEARS ? " (three years, paid in advance)"
                                                               : "",
                 b->hours, b->whose));
}

/* " + 3000 IOPS at 0.005 $", or nothing where there is none or it costs nothing. */
static const char *extra(const struct bill *b, double amount, const char *unit, double usd)
{
    return amount > 0 && usd > 0 ? result_format(b->r, " + %.4g %s at %.4g $", amount, unit, usd)
                                 : "";
}

/* Disks of one's own may be bought apart from the machine: then somebody gives them a price. */
static bool is_priced(const struct bill *b)
{
    const struct scenario_cluster *c = &b->s->cluster;
    bool beside = c->machine.disks.count == 0 || /* written under volumes */
                  !scenario_disks_are_included(&c->machine, &c->disks);
    return c->disks.is_volume || b->s->cost.storage_usd_per_gb_month > 0 ||
           (beside && !isnan(b->prices->storage_usd_per_gb_month));
}

/* A volume of AWS on a machine of another cloud stands for its figures; whoever sells it has another price. */
static const char *why_unknown(const struct bill *b)
{
    const struct scenario_machine *m = &b->s->cluster.machine;
    if (scenario_machine_sells(m, &b->s->cluster.disks))
        return "the price of a GB is unknown";
    const char *own =
        m->volume_usd_per_gb_month > 0
            ? result_format(b->r, " (its %s: %.4g $)", m->volume_type, m->volume_usd_per_gb_month)
            : "";
    return result_format(
        b->r, "that is a volume of AWS, and %s's price of one%s is unknown; state volumes.price",
        m->provider, own);
}

/* "no disks", "2 x 2500 GB" */
static const char *own_disks(const struct bill *b)
{
    const struct scenario_disks *own = &b->s->cluster.machine.disks;
    return own->count > 0
               ? result_format(b->r, "%d x %.4g GB", own->count, (double)own->size_bytes / 1e9)
               : "no disks";
}

static void disk(struct bill *b)
{
    const struct scenario_disks *d = &b->s->cluster.disks;
    double count = (double)d->count * b->machines;
    double gb = (double)d->size_bytes / (d->is_volume ? GIB : 1e9);
    const char *type = scenario_disk_type_name(d->type), *unit = d->is_volume ? "GiB" : "GB";
    if (!is_priced(b)) {
        bool included = scenario_disks_are_included(&b->s->cluster.machine, d);
        const char *basis =
            included
                ? "local disks are part of the machine's price"
                : result_format(b->r,
                                "%.0f x %.4g GB %s: %s has %s of its own, and the price of these "
                                "is unknown; state volumes.price",
                                count, gb, type, b->s->cluster.machine.name, own_disks(b));
        part(b, "disk", included, 0, basis)->included = included;
        return;
    }
    double listed = b->s->cost.storage_usd_per_gb_month;
    double per_gb = given(b->prices->storage_usd_per_gb_month, listed > 0 ? listed : NAN);
    double per_io = given(b->prices->iops_usd_per_month, d->usd_per_iops_month);
    double per_mb = given(b->prices->throughput_usd_per_mb_s_month, d->usd_per_mb_s_month);
    double ios = fmax(0, d->iops - d->iops_free);
    double mb = fmax(0, d->throughput_bytes_per_s - d->throughput_free_bytes_per_s) / MIB;
    if (isnan(per_gb)) {
        part(b, "disk", false, 0,
             result_format(b->r, "%.0f x %.4g %s %s: %s", count, gb, unit, type, why_unknown(b)));
        return;
    }
    part(b, "disk", true, count * (gb * per_gb + ios * per_io + mb * per_mb),
         result_format(b->r, "%.0f x %s: %.4g %s at %.4g $%s%s a month (%s)", count, type, gb, unit,
                       per_gb, extra(b, ios, "IOPS", per_io), extra(b, mb, "MiB/s", per_mb),
                       b->whose));
}

/* ---- traffic between racks, in mean bytes a second ---- */

/* Share of an entry's clients that are not in that rack; they are spread over its racks in turn. */
static double elsewhere(const int *racks, int count, int rack)
{
    int same = 0;
    if (count <= 0)
        return 0;
    for (int i = 0; i < count; i++)
        same += racks[i] == rack;
    return (double)(count - same) / count;
}

static double partition_produce(const struct bill *b, const struct model_flows *f, int topic,
                                int partition, int rack)
{
    double sum = 0;
    for (int i = 0; i < b->s->producer_count; i++) {
        const struct scenario_producer *p = &b->s->producers[i];
        if (p->topic == topic)
            sum += model_flows_producer(f, i)->wire[partition] *
                   elsewhere(p->racks, p->rack_count, rack);
    }
    return sum;
}

struct traffic {
    double produce, replicate, consume;
};

static void add_partition(const struct bill *b, const struct model_placement *m,
                          const struct model_flows *f, int topic, int partition,
                          struct traffic *sum)
{
    const struct model_replica *r = model_placement_replicas(m, topic, partition);
    int rack = model_placement_rack_of(m, r[0].broker);
    double mean = model_flows_partition(f, topic, partition)->wire_bytes_per_s;
    sum->produce += partition_produce(b, f, topic, partition, rack);
    for (int i = 1; i < model_placement_replication(m, topic); i++)
        if (model_placement_rack_of(m, r[i].broker) != rack)
            sum->replicate += mean;
    for (int g = 0; g < b->s->group_count; g++)
        if (scenario_reads(&b->s->groups[g], topic))
            sum->consume += mean * model_reading_elsewhere(b->s, &b->s->groups[g], m, r,
                                                           model_placement_replication(m, topic));
}

static struct traffic between_racks(const struct bill *b)
{
    struct traffic sum = {0};
    struct scenario sized = *b->s;
    sized.cluster.brokers = b->brokers;
    struct model_placement *m = model_placement_new(&sized, b->s->run.seed);
    struct model_shares *shares = model_shares_new(b->s);
    double *grown = result_alloc(b->r, (size_t)b->s->producer_count, sizeof *grown);
    for (int i = 0; i < b->s->producer_count; i++)
        grown[i] = model_growth_factor(&b->s->producers[i], b->grown_ns);
    struct model_flows *f = model_flows_mean(&sized, b->profile, m, shares, grown);
    for (int t = 0; t < b->s->topic_count; t++)
        for (int p = 0; p < b->s->topics[t].partitions; p++)
            add_partition(b, m, f, t, p, &sum);
    model_flows_free(f);
    model_shares_free(shares);
    model_placement_free(m);
    return sum;
}

static bool any_unstated(const struct scenario *s)
{
    for (int i = 0; i < s->producer_count; i++)
        if (s->producers[i].rate_kind == SCENARIO_RATE_MAX)
            return true;
    return false;
}

/* MSK does not bill what its brokers replicate: hardware-models.md 3.5, and the catalogue row says so. */
static double billed(const struct bill *b, const struct traffic *t)
{
    return t->produce + t->consume +
           (scenario_machine_is_msk(&b->s->cluster.machine) ? 0 : t->replicate);
}

static const char *crossing(const struct bill *b, const struct traffic *t)
{
    if (scenario_machine_is_msk(&b->s->cluster.machine))
        return result_format(b->r,
                             "produce %.4g + consume %.4g MB/s on average (MSK does not bill the "
                             "%.4g MB/s of replication)",
                             t->produce / 1e6, t->consume / 1e6, t->replicate / 1e6);
    return result_format(b->r, "produce %.4g + replication %.4g + consume %.4g MB/s on average",
                         t->produce / 1e6, t->replicate / 1e6, t->consume / 1e6);
}

static double horizon_days(const struct bill *b)
{
    return (double)b->s->horizon.length_ns / 86400e9;
}

/* The cluster is bought once; what crosses is paid as it comes, and it grows. */
static void traffic_grown(struct bill *b, double usd_per_gib, struct result_cost *today)
{
    struct bill grown = *b;
    grown.grown_ns = b->s->horizon.length_ns;
    struct traffic t = between_racks(&grown);
    double more = billed(b, &t) * b->hours * 3600 / GIB * usd_per_gib - today->usd_per_month;
    if (!(more > 0))
        return;
    b->at_end_usd = more;
    today->basis =
        result_format(b->r, "%s; as it has grown on day %.0f: %s $", today->basis, horizon_days(b),
                      result_count(b->r, (uint64_t)llround(today->usd_per_month + more)));
}

static void traffic(struct bill *b)
{
    static const char name[] = "cross-zone traffic";
    double listed = b->s->cost.cross_zone_usd_per_gb;
    double per_gb = given(b->prices->cross_zone_usd_per_gb, listed > 0 ? listed : NAN);
    if (b->s->cluster.rack_count < 2) {
        part(b, name, true, 0, "one rack: nothing crosses");
        return;
    }
    if (any_unstated(b->s)) {
        part(b, name, false, 0, "a producer runs at rate: max, so its traffic is unknown");
        return;
    }
    struct traffic t = between_racks(b);
    double gib = billed(b, &t) * b->hours * 3600 / GIB;
    const char *amounts = result_format(b->r, "%.4g GiB a month: %s", gib, crossing(b, &t));
    if (isnan(per_gb))
        part(b, name, false, 0, result_format(b->r, "%s; the price of a GB is unknown", amounts));
    else
        traffic_grown(
            b, per_gb,
            part(b, name, true, gib * per_gb,
                 result_format(b->r, "%s, at %.4g $ a GiB (%s)", amounts, per_gb, b->whose)));
}

static const char *note(const struct bill *b)
{
    const char *unknown = "";
    for (uint32_t i = 0; i < b->r->cost_count; i++)
        if (!b->r->costs[i].known)
            unknown = result_format(b->r, "%s%s %s", unknown,
                                    *unknown ? "," : "; not counted:", b->r->costs[i].part);
    const char *grown =
        b->at_end_usd > 0
            ? result_format(
                  b->r, "; for today's load, with its growth %s $ on day %.0f",
                  result_count(b->r, (uint64_t)llround(b->r->usd_per_month + b->at_end_usd)),
                  horizon_days(b))
            : "";
    return result_format(b->r, "prices of %s%s%s", b->whose, unknown, grown);
}

static const char *whose(const struct bill *b)
{
    const struct scenario_machine *m = &b->s->cluster.machine;
    const char *date = *b->prices->date ? b->prices->date : m->price_date;
    const char *region = *b->prices->region ? b->prices->region : m->price_region;
    if ((!date || !*date) && (!region || !*region))
        return "the scenario";
    return result_format(b->r, "%s%s%s", region ? region : "",
                         region && *region && date && *date ? ", " : "", date ? date : "");
}

void cost_fill(const struct scenario *s, const struct model_profile *profile, int brokers,
               const struct cost_prices *prices, struct result *result)
{
    struct cost_prices none;
    cost_prices_init(&none);
    struct bill b = {.s = s,
                     .profile = profile,
                     .prices = prices ? prices : &none,
                     .r = result,
                     .brokers = brokers,
                     .machines = model_machines_for(s, brokers)};
    assert(brokers >= 1);
    b.hours = given(b.prices->hours_per_month, s->cost.hours_per_month);
    b.whose = whose(&b);
    result->usd_per_month = 0;
    compute(&b);
    disk(&b);
    traffic(&b);
    result->currency_note = note(&b);
}
