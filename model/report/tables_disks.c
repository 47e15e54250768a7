/* The disks over the horizon, fullest first. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/report/number.h"
#include "model/report/tables.h"
#include "sim/memory.h"

const struct result_disk *report_fullest_disk(const struct result *r)
{
    const struct result_disk *fullest = NULL;
    double most = -1;
    for (uint32_t i = 0; i < r->disk_count; i++) {
        const struct result_disk *d = &r->disks[i];
        if (d->capacity_bytes && (double)d->used_max_bytes / (double)d->capacity_bytes > most) {
            fullest = d;
            most = (double)d->used_max_bytes / (double)d->capacity_bytes;
        }
    }
    return fullest;
}

double report_disk_max_ratio(const struct result *r)
{
    const struct result_disk *d = report_fullest_disk(r);
    return d ? (double)d->used_max_bytes / (double)d->capacity_bytes : (double)NAN;
}

struct result_estimate report_disk_today(const struct result *r, const struct result_resource *x)
{
    const struct result_disk *d = report_fullest_disk(r);
    if (!d)
        return x->now;
    uint64_t bytes = r->moment_day > 0 ? d->used_moment_bytes : d->used_start_bytes;
    return result_exact((double)bytes / (double)d->capacity_bytes);
}

static int fuller(const void *a, const void *b)
{
    const struct result_disk *x = *(const struct result_disk *const *)a;
    const struct result_disk *y = *(const struct result_disk *const *)b;
    double fx = x->capacity_bytes ? (double)x->used_max_bytes / (double)x->capacity_bytes : 0;
    double fy = y->capacity_bytes ? (double)y->used_max_bytes / (double)y->capacity_bytes : 0;
    if (fx != fy)
        return fx < fy ? 1 : -1;
    if (x->broker != y->broker)
        return x->broker < y->broker ? -1 : 1;
    return x->disk < y->disk ? -1 : x->disk > y->disk;
}

static void day_cell(struct report_table *t, int row, int column, double day)
{
    if (isnan(day) || day < 0)
        report_table_set(t, row, column, "none");
    else if (day < 10)
        report_table_set(t, row, column, "%.1f", floor(day * 10) / 10);
    else
        report_table_set(t, row, column, "%.0f", floor(day)); /* a day early rather than late */
}

static void bytes_cell(struct report_table *t, int row, int column, uint64_t bytes, double size)
{
    char cell[REPORT_CELL_MAX];
    struct result_estimate e = result_exact((double)bytes);
    report_value(cell, &e, size);
    report_table_set(t, row, column, "%s", cell);
}

static struct report_unit disks_unit(const struct result *r)
{
    double least = (double)INFINITY;
    for (uint32_t i = 0; i < r->disk_count; i++)
        least = fmin(least, (double)r->disks[i].capacity_bytes);
    return report_unit_for("bytes", least);
}

static void most_cell(char cell[REPORT_CELL_MAX], const struct result_disk *d)
{
    double ratio =
        d->capacity_bytes ? (double)d->used_max_bytes / (double)d->capacity_bytes : (double)NAN;
    report_percent(cell, &(struct result_estimate){.known = isfinite(ratio), .value = ratio}, 0.8);
}

static void disk_row(struct report_table *t, const struct result_disk *d, bool numbered,
                     double size)
{
    int row = report_table_row(t);
    if (numbered)
        report_table_set(t, row, 0, "broker %d, disk %d", d->broker, d->disk);
    else
        report_table_set(t, row, 0, "broker %d", d->broker);
    bytes_cell(t, row, 1, d->capacity_bytes, size);
    bytes_cell(t, row, 2, d->used_start_bytes, size);
    bytes_cell(t, row, 3, d->used_end_bytes, size);
    char cell[REPORT_CELL_MAX];
    most_cell(cell, d);
    report_table_set(t, row, 4, "%s", cell);
    day_cell(t, row, 5, d->day_80);
    day_cell(t, row, 6, d->day_85);
    day_cell(t, row, 7, d->day_95);
}

static bool several_disks(const struct result *r)
{
    for (uint32_t i = 0; i < r->disk_count; i++)
        if (r->disks[i].disk > 1)
            return true;
    return false;
}

/* Fullest first. Gives. */
static const struct result_disk **ordered(const struct result *r)
{
    const struct result_disk **order = sim_alloc(r->disk_count + 1, sizeof *order);
    for (uint32_t i = 0; i < r->disk_count; i++)
        order[i] = &r->disks[i];
    qsort(order, r->disk_count, sizeof *order, fuller);
    return order;
}

char *report_disks_left(const struct result *r, int most)
{
    char high[REPORT_CELL_MAX], low[REPORT_CELL_MAX], *text;
    if (r->disk_count <= (uint32_t)most)
        return NULL;
    const struct result_disk **order = ordered(r);
    most_cell(high, order[most]);
    most_cell(low, order[r->disk_count - 1]);
    bool alike = strcmp(high, low) == 0;
    int left = (int)r->disk_count - most;
    if (asprintf(&text, "the %d fullest of %u; the other%s at most to %s%s%s", most, r->disk_count,
                 left == 1 ? " comes" : "s come", alike ? "" : low, alike ? "" : " .. ", high) < 0)
        abort();
    free(order);
    return text;
}

void report_table_disks(const struct result *r, int most, struct report_table *t)
{
    struct report_unit unit = disks_unit(r);
    char header[40];
    report_table_init(t, "disks", "Disk space over time");
    snprintf(header, sizeof header, "Disks, %s", unit.name);
    report_table_column(t, 'l', 0, header);
    report_table_column(t, 'r', 28, "size");
    report_table_column(t, 'r', 36, r->moment_day > 0 ? "day 0" : "start"); /* of the horizon */
    snprintf(header, sizeof header, "day %.0f", r->horizon_days);
    report_table_column(t, 'r', 45, header);
    report_table_column(t, 'r', 52, "most");
    report_table_column(t, 'r', 66, "day of 80 %");
    report_table_column(t, 'r', 73, "85 %");
    report_table_column(t, 'r', 80, "95 %");
    if (r->disk_count == 0)
        return;
    const struct result_disk **order = ordered(r);
    for (uint32_t i = 0; i < r->disk_count && (most == 0 || i < (uint32_t)most); i++)
        disk_row(t, order[i], several_disks(r), unit.size);
    free(order);
}
