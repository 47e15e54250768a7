#include "model/report/figures.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "model/report/escape.h"
#include "model/report/figures_internal.h"
#include "model/report/gnuplot.h"
#include "model/report/outputs.h"
#include "sim/memory.h"

static const struct figure {
    const char *name, *title;
    bool (*data)(const struct result *r, FILE *data, FILE *set, struct figure_shown *shown);
} FIGURES[] = {
    {"latency", "Latency by percentile", figure_latency},
    {"over-time", "Latency over time", figure_over_time},
    {"parts", "Where produce time goes", figure_parts},
    {"utilisation", "Use of each resource against its limit", figure_utilisation},
    {"disk", "Disk space over the horizon", figure_disk},
    {"throughput", "Throughput in and out", figure_throughput},
    {"lag", "Consumer lag while measured", figure_lag},
    {"horizon-lag", "Consumer lag over the horizon", figure_horizon_lag},
    {"variants", "Variants side by side", figure_variants},
};
enum { FIGURE_COUNT = sizeof FIGURES / sizeof *FIGURES };
_Static_assert((int)FIGURE_COUNT <= (int)REPORT_FIGURES_MAX, "room for each figure");

enum { LITERAL_COLUMNS = 110 }; /* what fits below a figure; legends are cut before */

void figure_number(FILE *data, double value)
{
    if (isfinite(value))
        fprintf(data, "%.9g", value);
    else
        fputc('?', data);
}

void figure_text(FILE *data, const char *text)
{
    char *cell = report_plot_cell(text);
    fputs(cell, data);
    free(cell);
}

void figure_literal(FILE *set, const char *name, const char *text)
{
    char *clip = report_clip(text, LITERAL_COLUMNS);
    fprintf(set, "%s = ", name);
    gnuplot_put_literal(set, clip);
    fputc('\n', set);
    free(clip);
}

static int rank_of(const double *scores, int count, int i)
{
    int higher = 0;
    for (int k = 0; k < count; k++)
        higher += scores[k] > scores[i] || (scores[k] == scores[i] && k < i);
    return higher;
}

bool *figure_highest(const double *scores, int count, int most)
{
    bool *is_high = sim_alloc((size_t)count, sizeof *is_high);
    for (int i = 0; i < count; i++)
        is_high[i] = scores[i] > -(double)INFINITY && rank_of(scores, count, i) < most;
    return is_high;
}

static void put_footer(const struct result *r, FILE *set)
{
    char *name = report_clip(r->scenario, 60);
    char *variant = report_clip(r->variant, 40);
    char how[80] = "bounds by closed form", footer[400];
    if (r->run.replications > 0)
        snprintf(how, sizeof how, "seed %llu, %u replication%s", (unsigned long long)r->run.seed,
                 r->run.replications, r->run.replications == 1 ? "" : "s");
    snprintf(footer, sizeof footer, "%s%s%s: %s, headroom %s", name, variant[0] ? ", variant " : "",
             variant, how, HEADROOM_VERSION);
    fputs("# Written by headroom for the scripts of this folder.\nSHOWN = ''\n", set);
    figure_literal(set, "FOOTER", footer);
    free(name);
    free(variant);
}

/* One data file; removed again when there is nothing to draw. */
static int write_data(const struct result *r, const struct figure *figure, const char *folder,
                      FILE *set, struct figure_shown *shown, bool *has_data, struct broker_err *err)
{
    char *path = report_path(folder, "%s.dat", figure->name);
    char *words = NULL;
    size_t size;
    FILE *own = open_memstream(&words, &size);
    FILE *data = own ? fopen(path, "w") : NULL;
    int rc = BROKER_OK;
    if (!data) {
        rc = broker_err_set(err, BROKER_EIO, "%s: %s", path, strerror(errno));
    } else {
        *has_data = figure->data(r, data, own, shown);
        bool bad = ferror(data) != 0;
        if (fclose(data) != 0 || bad)
            rc = broker_err_set(err, BROKER_EIO, "%s: %s", path, strerror(errno));
        if (!*has_data)
            remove(path);
    }
    if (own)
        fclose(own);
    if (rc == BROKER_OK && *has_data)
        fputs(words, set);
    free(words);
    free(path);
    return rc;
}

/* "Latency by percentile: 8 of 20"; the picture says it in its foot */
static void put_title(const struct figure *figure, const struct figure_shown *shown,
                      struct report_figures *made, FILE *set)
{
    char *title = made->titles[made->count];
    made->names[made->count++] = figure->name;
    if (shown->drawn < shown->of) {
        snprintf(title, REPORT_TITLE_MAX, "%s: %d of %d", figure->title, shown->drawn, shown->of);
        fprintf(set, "if (NAME eq '%s') SHOWN = '%d of %d shown.  '\n", figure->name, shown->drawn,
                shown->of);
    } else {
        snprintf(title, REPORT_TITLE_MAX, "%s", figure->title);
    }
}

static int write_all_data(const struct result *r, const char *folder, struct report_figures *made,
                          struct broker_err *err)
{
    char *path = report_path(folder, "settings.gp");
    FILE *set = fopen(path, "w");
    int rc = set ? BROKER_OK : broker_err_set(err, BROKER_EIO, "%s: %s", path, strerror(errno));
    if (set)
        put_footer(r, set);
    for (int i = 0; i < FIGURE_COUNT && rc == BROKER_OK; i++) {
        bool has_data = false;
        struct figure_shown shown = {0};
        rc = write_data(r, &FIGURES[i], folder, set, &shown, &has_data, err);
        if (has_data)
            put_title(&FIGURES[i], &shown, made, set);
    }
    bool bad = set && ferror(set);
    if (set && (fclose(set) != 0 || bad) && rc == BROKER_OK)
        rc = broker_err_set(err, BROKER_EIO, "%s: %s", path, strerror(errno));
    free(path);
    return rc;
}

static int copy_scripts(const char *scripts, const char *folder, const struct report_figures *made,
                        struct broker_err *err)
{
    int rc = report_copy_file(scripts, "style.gp", folder, err);
    for (int i = 0; i < made->count && rc == BROKER_OK; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s.gp", made->names[i]);
        rc = report_copy_file(scripts, name, folder, err);
    }
    return rc;
}

static bool is_picture(const char *folder, const char *name, const char *format)
{
    struct stat status;
    char *path = report_path(folder, "%s.%s", name, format);
    bool good = stat(path, &status) == 0 && status.st_size > 0;
    free(path);
    return good;
}

static int draw_one(const char *folder, const char *name,
                    const struct report_figures_options *options, struct broker_err *words)
{
    char script[64];
    snprintf(script, sizeof script, "%s.gp", name);
    int rc = gnuplot_run(folder, script, options->format, options->stop, words);
    if (rc == BROKER_OK && !is_picture(folder, name, options->format))
        rc = broker_err_set(words, BROKER_EIO, "gnuplot %s wrote no picture", script);
    return rc;
}

/* A figure that fails is left out and told; without gnuplot the others need not be tried. */
static int draw_all(const char *folder, const struct report_figures_options *options,
                    struct report_figures *made, struct broker_err *err)
{
    for (int i = 0; i < made->count; i++) {
        struct broker_err words = {""};
        int rc = draw_one(folder, made->names[i], options, &words);
        if (options->stop && *options->stop)
            return broker_err_set(err, BROKER_EIO, "stopped");
        made->drawn[i] = rc == BROKER_OK;
        if (rc != BROKER_OK)
            snprintf(made->note, sizeof made->note, "%s: %.160s",
                     rc == BROKER_EMISSING ? "no figures" : "a figure is missing", words.text);
        if (rc == BROKER_EMISSING)
            break;
    }
    return BROKER_OK;
}

int report_figures_write(const struct result *result, const char *folder,
                         const struct report_figures_options *options,
                         struct report_figures *figures, struct broker_err *err)
{
    memset(figures, 0, sizeof *figures);
    int rc = write_all_data(result, folder, figures, err);
    if (rc == BROKER_OK)
        rc = copy_scripts(options->scripts, folder, figures, err);
    if (rc != BROKER_OK)
        return rc;
    if (!options->draw) {
        snprintf(figures->note, sizeof figures->note, "no figures: not asked for");
        return BROKER_OK;
    }
    return draw_all(folder, options, figures, err);
}
