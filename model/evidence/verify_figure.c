/* Predicted against measured, one panel a quantity, for those that a plan is made of. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/evidence/verify_write.h"
#include "model/report/gnuplot.h"
#include "model/report/outputs.h"
#include "sim/memory.h"

static const struct panel {
    enum measured_quantity quantity;
    double scale; /* of the figure's unit */
    const char *title;
} panels[] = {
    {MEASURED_PRODUCE_P50, 1e3, "produce p50, ms"},
    {MEASURED_PRODUCE_P99, 1e3, "produce p99, ms"},
    {MEASURED_END_TO_END_P50, 1e3, "end-to-end p50, ms"},
    {MEASURED_END_TO_END_P99, 1e3, "end-to-end p99, ms"},
    {MEASURED_ROUND_TRIP, 1e3, "mean round trip, ms"},
    {MEASURED_THROUGHPUT, 1e-3, "maximum rate, 1000 records/s"},
    {MEASURED_BROKER_CPU, 1, "broker CPU, cores"},
    {MEASURED_CLIENT_CPU, 1, "client CPU, cores"},
};
enum { PANELS = sizeof panels / sizeof *panels };

/* own blind, public blind, public anchored: one block each, always there, so that the script can name them. */
static const struct {
    enum verify_population population;
    enum verify_method method;
} blocks[] = {
    {VERIFY_OWN, VERIFY_BLIND}, {VERIFY_PUBLIC, VERIFY_BLIND}, {VERIFY_PUBLIC, VERIFY_ANCHORED}};
enum { BLOCKS = sizeof blocks / sizeof *blocks };

/* Both axes of a panel. */
struct range {
    double low, high;
};

static void widen(struct range *range, double value)
{
    range->low = fmin(range->low, value);
    range->high = fmax(range->high, value);
}

/* A point far outside keeps an empty block in the file, for blocks are counted. */
static int put_block(const struct verify *verify, const struct panel *panel, int block, FILE *data,
                     struct range *range)
{
    int count = 0;
    fputs("# measured\tpredicted\tlow\thigh\n1e300\t1e300\t1e300\t1e300\n", data);
    for (int i = 0; i < verify->count; i++) {
        const struct verify_case *c = &verify->cases[i];
        enum verify_method method = blocks[block].method;
        if (c->population != blocks[block].population || !verify_counts(c, method, panel->quantity))
            continue;
        const struct predict_value *p = &c->predicted[method][panel->quantity];
        double measured = measured_median(&c->measured, panel->quantity);
        widen(range, measured * panel->scale);
        widen(range, p->value * panel->scale);
        fprintf(data, "%.6g\t%.6g\t%.6g\t%.6g\n", measured * panel->scale, p->value * panel->scale,
                p->low * panel->scale, p->high * panel->scale);
        count++;
    }
    fputs("\n\n", data);
    return count;
}

/* Panels without a point are left out. */
static int put_data(const struct verify *verify, FILE *data, FILE *set)
{
    int shown = 0;
    for (int i = 0; i < PANELS; i++) {
        char *words = NULL;
        size_t size;
        FILE *own = sim_checked(open_memstream(&words, &size));
        int count = 0;
        struct range range = {INFINITY, 0};
        for (int b = 0; b < BLOCKS; b++)
            count += put_block(verify, &panels[i], b, own, &range);
        fclose(own);
        if (count) {
            shown++;
            fputs(words, data);
            fprintf(set, "SCATTER_%d = ", shown);
            gnuplot_put_literal(set, panels[i].title);
            fprintf(set, "\nSCATTER_LOW_%d = %.6g\nSCATTER_HIGH_%d = %.6g\n", shown,
                    range.low / 1.4, shown, range.high * 1.4);
        }
        free(words);
    }
    fprintf(set, "SCATTER_PANELS = %d\n", shown);
    return shown;
}

static void put_footer(const struct verify *verify, FILE *set)
{
    char footer[400];
    snprintf(footer, sizeof footer, "profile %s: %d case%s, seed %llu, headroom %s",
             verify->profile, verify->count, verify->count == 1 ? "" : "s",
             (unsigned long long)verify->seed, HEADROOM_VERSION);
    fputs("# Written by headroom for the scripts of this folder.\nFOOTER = ", set);
    gnuplot_put_literal(set, footer);
    fputc('\n', set);
}

static FILE *make(const char *folder, const char *name, struct broker_err *err)
{
    char *path = report_path(folder, "%s", name);
    FILE *file = fopen(path, "w");
    if (!file)
        broker_err_set(err, BROKER_EIO, "%.200s: %s", path, strerror(errno));
    free(path);
    return file;
}

static int put_files(const struct verify *verify, const char *folder, int *shown,
                     struct broker_err *err)
{
    FILE *data = make(folder, "verify-scatter.dat", err);
    FILE *set = data ? make(folder, "settings.gp", err) : NULL;
    int rc = set ? BROKER_OK : BROKER_EIO;
    if (set) {
        put_footer(verify, set);
        *shown = put_data(verify, data, set);
        if (ferror(data) || ferror(set))
            rc = broker_err_set(err, BROKER_EIO, "%.200s cannot be written", folder);
    }
    bool data_bad = data && fclose(data) != 0, set_bad = set && fclose(set) != 0;
    if (data_bad || set_bad)
        rc = broker_err_set(err, BROKER_EIO, "%.200s: %s", folder, strerror(errno));
    return rc;
}

int verify_write_figure(const struct verify *verify, const char *scripts, const char *folder,
                        volatile sig_atomic_t *stop, char note[200], struct broker_err *err)
{
    int shown = 0;
    note[0] = 0;
    int rc = report_make_folder(folder, err);
    if (rc == BROKER_OK)
        rc = put_files(verify, folder, &shown, err);
    if (rc == BROKER_OK)
        rc = report_copy_file(scripts, "style.gp", folder, err);
    if (rc == BROKER_OK)
        rc = report_copy_file(scripts, "verify-scatter.gp", folder, err);
    if (rc != BROKER_OK || shown == 0)
        return rc;
    rc = gnuplot_run(folder, "verify-scatter.gp", "svg", stop, err);
    if (rc == BROKER_EMISSING) {
        snprintf(note, 200, "no picture: gnuplot is not installed; data and script are in %.120s",
                 folder);
        return BROKER_OK;
    }
    return rc;
}
