/*
 * scenarios/hardware/catalogue.csv: one machine type a row, as its provider documents it. Columns are found by their
 * header, so that the file may gain some. Empty means unknown.
 */
#include "model/scenario/scenario_internal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct scenario_catalogue {
    int count;
    struct scenario_machine *machines;
};

enum column {
    PROVIDER,
    INSTANCE,
    KIND,
    VCPU,
    RAM_GIB,
    THREADS,
    COREMARK,
    NET_BASELINE,
    NET_BURST,
    NET_MODEL,
    BLOCK_BASELINE,
    BLOCK_BURST,
    BLOCK_BASELINE_IOPS,
    BLOCK_BURST_IOPS,
    DISK_COUNT,
    DISK_GB,
    DISK_TYPE,
    DISK_READ_IOPS,
    DISK_WRITE_IOPS,
    DISK_READ_MB,
    PRICE_HOUR,
    PRICE_REGION,
    PRICE_DATE,
    PRICE_3Y,
    VOLUME_TYPE,
    VOLUME_PRICE,
    CROSS_AZ,
    MSK_STORAGE,
    MSK_NIC,
    COLUMNS,
};

static const char *const column_names[COLUMNS] = {
    "provider",
    "instance",
    "kind",
    "vcpu",
    "ram_gib",
    "threads_per_core",
    "coremark_iter_per_s_per_vcpu",
    "net_baseline_gbps",
    "net_burst_gbps",
    "net_model",
    "block_baseline_mb_per_s",
    "block_burst_mb_per_s",
    "block_baseline_iops_16k",
    "block_burst_iops_16k",
    "local_disk_count",
    "local_disk_size_gb_each",
    "local_disk_type",
    "local_rand_read_iops_4k_total",
    "local_rand_write_iops_4k_total",
    "local_read_mb_per_s_total",
    "price_usd_per_hour_ondemand",
    "price_region",
    "price_date",
    "price_usd_per_year_3yr_all_upfront",
    "block_storage_type",
    "block_storage_usd_per_gb_month",
    "cross_az_usd_per_gb_both_sides",
    "msk_storage_cap_mib_per_s",
    "msk_nic_mib_per_s",
};

enum { FIELDS_MAX = 64 };

/* Splits one line in place; quoted fields hold no line break and no doubled quote in this file. */
static int split(char *line, char *fields[FIELDS_MAX])
{
    int count = 0;
    for (char *at = line; count < FIELDS_MAX;) {
        char *end;
        if (*at == '"') {
            fields[count++] = ++at;
            end = strchr(at, '"');
            if (!end)
                return count;
            *end++ = 0;
        } else {
            fields[count++] = at;
            end = at + strcspn(at, ",");
        }
        if (*end != ',') {
            *end = 0;
            return count;
        }
        *end = 0;
        at = end + 1;
    }
    return count;
}

static double number(const char *text)
{
    return text[0] ? strtod(text, NULL) : 0;
}

static void set_network(struct scenario_machine *m, char *const *f)
{
    double gbps = 125e6; /* bytes per second */
    m->nic_baseline_bytes_per_s = number(f[NET_BASELINE]) * gbps;
    m->nic_burst_bytes_per_s = number(f[NET_BURST]) * gbps;
    if (f[MSK_NIC][0]) /* the caps that AWS's sizing tool uses */
        m->nic_baseline_bytes_per_s = number(f[MSK_NIC]) * 1048576;
    if (m->nic_baseline_bytes_per_s <= 0) /* GCP, Azure: one figure, as what can be had */
        m->nic_baseline_bytes_per_s = m->nic_burst_bytes_per_s;
    if (m->nic_burst_bytes_per_s < m->nic_baseline_bytes_per_s)
        m->nic_burst_bytes_per_s = m->nic_baseline_bytes_per_s;
    m->nic_model = strcmp(f[NET_MODEL], "credit") == 0 ? SCENARIO_NIC_CREDIT : SCENARIO_NIC_FIXED;
    if (m->nic_model == SCENARIO_NIC_FIXED)
        m->nic_burst_bytes_per_s = m->nic_baseline_bytes_per_s;
    /* AWS publishes no bucket; one measured c5.xlarge held its burst for about 600 s. */
    m->nic_credit_bytes = (m->nic_burst_bytes_per_s - m->nic_baseline_bytes_per_s) * 600;
}

static void set_block(struct scenario_machine *m, char *const *f)
{
    m->block_baseline_bytes_per_s =
        f[MSK_STORAGE][0] ? number(f[MSK_STORAGE]) * 1048576 : number(f[BLOCK_BASELINE]) * 1e6;
    m->block_burst_bytes_per_s = fmax(number(f[BLOCK_BURST]) * 1e6, m->block_baseline_bytes_per_s);
    m->block_baseline_iops = number(f[BLOCK_BASELINE_IOPS]);
    m->block_burst_iops = fmax(number(f[BLOCK_BURST_IOPS]), m->block_baseline_iops);
    m->block_burst_ns = INT64_C(1800000000000); /* "30 minutes at least once every 24 hours" */
}

static void set_disks(struct scenario_machine *m, char *const *f)
{
    int count = (int)number(f[DISK_COUNT]);
    if (count <= 0)
        return;
    enum scenario_disk_type type =
        strstr(f[DISK_TYPE], "HDD") ? SCENARIO_DISK_HDD : SCENARIO_DISK_NVME;
    scenario_disks_preset(&m->disks, type, (int64_t)(number(f[DISK_GB]) * 1e9));
    m->disks.count = count;
    if (f[DISK_READ_IOPS][0])
        m->disks.read_iops = number(f[DISK_READ_IOPS]) / count;
    if (f[DISK_WRITE_IOPS][0])
        m->disks.write_iops = number(f[DISK_WRITE_IOPS]) / count;
    if (f[DISK_READ_MB][0])
        m->disks.read_bytes_per_s = number(f[DISK_READ_MB]) * 1e6 / count;
}

static const char *copy(struct scenario_arena *arena, const char *field)
{
    return scenario_arena_text(arena, field, strlen(field));
}

static void set_prices(struct scenario_machine *m, char *const *f, struct scenario_arena *arena)
{
    m->usd_per_hour = number(f[PRICE_HOUR]);
    m->usd_per_year_3y = number(f[PRICE_3Y]);
    m->volume_type = copy(arena, f[VOLUME_TYPE]);
    m->volume_usd_per_gb_month = number(f[VOLUME_PRICE]);
    m->cross_zone_usd_per_gb = number(f[CROSS_AZ]);
    m->price_date = copy(arena, f[PRICE_DATE]);
    m->price_region = copy(arena, f[PRICE_REGION]);
}

static void set_machine(struct scenario_machine *m, char *const *f, struct scenario_arena *arena)
{
    m->name = scenario_arena_printf(arena, "%s/%s", f[PROVIDER], f[INSTANCE]);
    m->provider = copy(arena, f[PROVIDER]);
    m->vcpus = (int)number(f[VCPU]);
    m->ram_bytes = (int64_t)(number(f[RAM_GIB]) * 1073741824);
    m->threads_per_core = (int)number(f[THREADS]);
    m->coremark_per_vcpu = f[COREMARK][0] ? number(f[COREMARK]) : SCENARIO_COREMARK;
    set_network(m, f);
    set_block(m, f);
    set_disks(m, f);
    set_prices(m, f, arena);
}

static char *read_all(const char *path, struct scenario_arena *arena)
{
    FILE *in = fopen(path, "r");
    if (!in)
        return NULL;
    char *text = NULL;
    size_t room = 0;
    ssize_t bytes = getdelim(&text, &room, 0, in);
    char *copy = bytes >= 0 ? scenario_arena_text(arena, text, (size_t)bytes) : NULL;
    free(text);
    fclose(in);
    return copy;
}

static bool find_columns(char *header, int at[COLUMNS])
{
    char *names[FIELDS_MAX];
    int count = split(header, names);
    for (int c = 0; c < COLUMNS; c++) {
        at[c] = -1;
        for (int i = 0; i < count; i++)
            if (strcmp(names[i], column_names[c]) == 0)
                at[c] = i;
        if (at[c] < 0)
            return false;
    }
    return true;
}

static void read_rows(struct scenario_catalogue *c, char *rows, const int at[COLUMNS],
                      struct scenario_arena *arena)
{
    static char empty[] = "";
    char *next = rows, *line;
    while ((line = strsep(&next, "\n"))) {
        char *fields[FIELDS_MAX], *wanted[COLUMNS];
        if (!line[0])
            continue;
        int count = split(line, fields);
        for (int i = 0; i < COLUMNS; i++)
            wanted[i] = at[i] < count ? fields[at[i]] : empty;
        set_machine(&c->machines[c->count++], wanted, arena);
    }
}

struct scenario_catalogue *scenario_catalogue_read(const char *datadir,
                                                   struct scenario_arena *arena,
                                                   struct scenario_errors *errors)
{
    const char *path = scenario_arena_printf(arena, "%s/hardware/catalogue.csv", datadir);
    char *text = read_all(path, arena), *rows = text ? strchr(text, '\n') : NULL;
    int at[COLUMNS];
    if (!text) {
        errors->io = true;
        scenario_errors_add(errors, (struct scenario_place){path, 0, 0}, "cannot be read: %s",
                            strerror(errno));
        return NULL;
    }
    if (rows)
        *rows++ = 0;
    if (!rows || !find_columns(text, at)) {
        errors->io = true;
        scenario_errors_add(errors, (struct scenario_place){path, 1, 1},
                            "is not a machine catalogue: a column is missing");
        return NULL;
    }
    int lines = 1;
    for (const char *c = rows; *c; c++)
        lines += *c == '\n';
    struct scenario_catalogue *c = scenario_arena_take(arena, sizeof *c);
    c->machines = scenario_arena_take(arena, (size_t)lines * sizeof *c->machines);
    read_rows(c, rows, at, arena);
    return c;
}

const struct scenario_machine *scenario_catalogue_find(const struct scenario_catalogue *c,
                                                       const char *name)
{
    for (int i = 0; i < c->count; i++)
        if (strcmp(c->machines[i].name, name) == 0)
            return &c->machines[i];
    return NULL;
}

/* The provider is easily left out, so that the type alone is a candidate too. */
void scenario_catalogue_guess(const struct scenario_catalogue *c, struct scenario_guess *guess)
{
    for (int i = 0; i < c->count; i++) {
        const char *name = c->machines[i].name, *type = strchr(name, '/') + 1,
                   *before = guess->best;
        scenario_guess_offer(guess, name);
        scenario_guess_offer(guess, type);
        if (guess->best != before)
            guess->best = name;
    }
}
