/* What things cost where nobody said: the provider's list of the machine that was named, and what follows for `cost`. */
#include "model/scenario/scenario_internal.h"

#include <string.h>

static const double MIB = 1048576;

bool scenario_machine_is_msk(const struct scenario_machine *machine)
{
    return strcmp(machine->provider, "aws-msk") == 0;
}

bool scenario_machine_sells(const struct scenario_machine *machine,
                            const struct scenario_disks *volumes)
{
    return !volumes->is_volume || !*machine->provider || strncmp(machine->provider, "aws", 3) == 0;
}

bool scenario_disks_are_included(const struct scenario_machine *machine,
                                 const struct scenario_disks *disks)
{
    double own = (double)machine->disks.count * (double)machine->disks.size_bytes;
    if (disks->is_volume)
        return false;
    return !*machine->provider || (double)disks->count * (double)disks->size_bytes <= own;
}

/* ---- volumes ---- */

static void set_price(struct scenario_build *b, const char *path, double *field, double usd,
                      const char *how)
{
    if (scenario_is_stated(&b->root, path))
        return;
    *field = usd;
    scenario_derived(b, &b->root, path, "%s", how);
}

/*
 * MSK's own list, whatever volume type describes the figures: hardware-models.md 1.10. Throughput costs nothing up to the 250 MiB/s that an
 * ordinary volume gives; what is provisioned beyond is billed whole, as AWS's own sizing script (msk_sizing.py) does.
 */
static void price_msk(struct scenario_build *b)
{
    struct scenario_disks *d = &b->s->cluster.disks;
    const struct scenario_machine *m = &b->s->cluster.machine;
    double provisioned = d->throughput_bytes_per_s;
    set_price(b, "cluster/volumes/price", &d->usd_per_gb_month, m->volume_usd_per_gb_month,
              *m->volume_type ? scenario_arena_printf(b->arena, "catalogue: %s", m->volume_type)
                              : "unknown: not in the machine's catalogue row");
    set_price(b, "cluster/volumes/price_iops", &d->usd_per_iops_month, 0, "MSK bills none");
    set_price(b, "cluster/volumes/price_throughput", &d->usd_per_mb_s_month, 0.08,
              "MSK: when more than 250 MiB/s are provisioned");
    d->throughput_free_bytes_per_s = provisioned > 250 * MIB ? 0 : provisioned;
}

/* On another cloud a volume of AWS stands for its figures, not for its price. */
static void price_foreign(struct scenario_build *b)
{
    struct scenario_disks *d = &b->s->cluster.disks;
    const char *provider = b->s->cluster.machine.provider;
    const char *how = scenario_arena_printf(b->arena, "unknown: %s is a volume of AWS, not of %s",
                                            scenario_disk_type_name(d->type), provider);
    set_price(b, "cluster/volumes/price", &d->usd_per_gb_month, 0, how);
    set_price(b, "cluster/volumes/price_iops", &d->usd_per_iops_month, 0, how);
    set_price(b, "cluster/volumes/price_throughput", &d->usd_per_mb_s_month, 0, how);
}

static void price_volumes(struct scenario_build *b)
{
    const struct scenario_machine *m = &b->s->cluster.machine;
    if (!scenario_machine_sells(m, &b->s->cluster.disks))
        price_foreign(b);
    else if (b->s->cluster.disks.is_volume && scenario_machine_is_msk(m))
        price_msk(b);
}

/* ---- cost ---- */

static const char *whose_storage(const struct scenario *s)
{
    const struct scenario_disks *d = &s->cluster.disks;
    if (d->is_volume)
        return "the volumes' price";
    if (d->usd_per_gb_month > 0)
        return "the disks' price";
    return scenario_disks_are_included(&s->cluster.machine, d)
               ? "part of the machine's price"
               : "unknown: the machine has no such disks of its own";
}

static void resolve_cost(struct scenario_build *b)
{
    struct scenario *s = b->s;
    const struct scenario_machine *m = &s->cluster.machine;
    if (!scenario_is_stated(&b->root, "cost/machine")) {
        bool is_3y = s->cost.commitment == SCENARIO_THREE_YEARS;
        s->cost.machine_usd_per_hour = is_3y ? m->usd_per_year_3y / 8760 : m->usd_per_hour;
        scenario_derived(b, &b->root, "cost/machine",
                         m->price_date[0] ? "catalogue, %s of %s" : "the machine's price",
                         m->price_region, m->price_date);
    }
    if (!scenario_is_stated(&b->root, "cost/storage")) {
        s->cost.storage_usd_per_gb_month = s->cluster.disks.usd_per_gb_month;
        scenario_derived(b, &b->root, "cost/storage", "%s", whose_storage(s));
    }
    if (!scenario_is_stated(&b->root, "cost/cross_rack")) {
        s->cost.cross_zone_usd_per_gb = s->cluster.rack_count > 1 ? m->cross_zone_usd_per_gb : 0;
        scenario_derived(b, &b->root, "cost/cross_rack", "%s",
                         s->cluster.rack_count > 1 ? "the machine's catalogue row" : "one rack");
    }
}

void scenario_resolve_prices(struct scenario_build *b)
{
    price_volumes(b);
    resolve_cost(b);
}
