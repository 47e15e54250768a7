#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/report/csv.h"
#include "model/report/escape.h"
#include "model/report/html.h"
#include "model/report/junit.h"
#include "model/report/markdown.h"
#include "model/report/outputs.h"
#include "model/report/result_json.h"
#include "model/report/tables.h"
#include "model/report/text.h"

static int fail(struct broker_err *err, const char *path)
{
    int status = errno == ENOSPC || errno == EDQUOT ? BROKER_EFULL : BROKER_EIO;
    return broker_err_set(err, status, "%.160s: %s", path, strerror(errno));
}

/* ---- the files of a result ---- */

enum { INNER_MAX = REPORT_SLUG_MAX + 24 };

struct job {
    const struct result *result;
    const struct report_folder_options *options;
    const char *folder;      /* aside */
    const struct result *of; /* the result or one of its variants: whose series and histograms */
    const char *inner;       /* where they go below folder: "", or "variants/1-acks-1/" */
    struct report_figures figures;
    struct broker_err *err;
};

static bool is_stopped(const struct job *job)
{
    return job->options->stop && *job->options->stop;
}

typedef int (*write_function)(struct job *job, int index, FILE *out);

/* One file of the folder, synced: the folder's rename must not be on the disk before its files are. */
static int put_file(struct job *job, write_function write, int index, const char *name)
{
    if (is_stopped(job))
        return broker_err_set(job->err, BROKER_EREFUSED, "stopped");
    char *path = report_path(job->folder, "%s", name);
    FILE *out = fopen(path, "w");
    int rc = out ? BROKER_OK : fail(job->err, path);
    if (out) {
        errno = EIO;
        bool good = write(job, index, out) == 0 && fflush(out) == 0 && !ferror(out) &&
                    fsync(fileno(out)) == 0;
        int saved = errno;
        if (fclose(out) != 0 && good)
            good = false;
        else
            errno = saved;
        if (!good)
            rc = fail(job->err, path);
    }
    free(path);
    return rc;
}

static int write_json(struct job *job, int index, FILE *out)
{
    (void)index;
    return report_json_write(job->result, out);
}
static int write_text(struct job *job, int index, FILE *out)
{
    (void)index;
    return report_text_write(job->result, "", out);
}
static int write_markdown(struct job *job, int index, FILE *out)
{
    (void)index;
    return report_markdown_write(job->result, out);
}
static int write_metrics(struct job *job, int index, FILE *out)
{
    (void)index;
    return report_csv_metrics(job->result, out);
}
static int write_junit(struct job *job, int index, FILE *out)
{
    (void)index;
    return report_junit_write(job->result, out);
}
static int write_scenario(struct job *job, int index, FILE *out)
{
    (void)index;
    return fputs(job->result->scenario_text, out) < 0 ? -1 : 0;
}
static int write_series(struct job *job, int index, FILE *out)
{
    return report_csv_series(job->of, index, out);
}
static int write_hgrm(struct job *job, int index, FILE *out)
{
    return sim_histogram_write_hgrm(job->of->latencies[index].histogram, out);
}
static int write_html(struct job *job, int index, FILE *out)
{
    (void)index;
    char *pictures = report_path(job->folder, "figures");
    struct report_page page = {job->options->plots, pictures, &job->figures};
    int rc = report_html_write(job->result, &page, out, job->err);
    free(pictures);
    return rc == BROKER_OK ? 0 : -1;
}

static int make_inner(struct job *job, const char *name)
{
    char *path = report_path(job->folder, "%s%s", job->inner, name);
    int rc = mkdir(path, 0777) == 0 ? BROKER_OK : fail(job->err, path);
    free(path);
    return rc;
}

/* series/throughput-bytes-s.csv; a second table of the same kind (another grid) gets its number. */
static int put_all_series(struct job *job)
{
    const struct result *r = job->of;
    int rc = make_inner(job, "series");
    for (int first = -1; rc == BROKER_OK && (first = report_csv_series_next(r, first)) >= 0;) {
        char group[REPORT_SLUG_MAX], unit[REPORT_SLUG_MAX], name[INNER_MAX + 200];
        report_slug(group, r->series[first].group);
        report_slug(unit, r->series[first].unit);
        int same = 0;
        for (int k = -1; (k = report_csv_series_next(r, k)) >= 0 && k < first;)
            same += strcmp(r->series[k].group, r->series[first].group) == 0 &&
                    strcmp(r->series[k].unit, r->series[first].unit) == 0;
        snprintf(name, sizeof name, same ? "%sseries/%s-%s-%d.csv" : "%sseries/%s-%s.csv",
                 job->inner, group, unit, same + 1);
        rc = put_file(job, write_series, first, name);
    }
    return rc;
}

static int put_all_histograms(struct job *job)
{
    const struct result *r = job->of;
    int rc = make_inner(job, "histograms");
    for (uint32_t i = 0; i < r->latency_count && rc == BROKER_OK; i++) {
        if (!r->latencies[i].histogram || r->verdict == RESULT_UNSTABLE)
            continue;
        char subject[REPORT_SLUG_MAX], kind[REPORT_SLUG_MAX], name[INNER_MAX + 200];
        report_slug(subject, r->latencies[i].subject);
        report_slug(kind, report_latency_word(r->latencies[i].kind));
        snprintf(name, sizeof name, "%shistograms/%u-%s-%s.hgrm", job->inner, i + 1, subject, kind);
        rc = put_file(job, write_hgrm, (int)i, name);
    }
    return rc;
}

/* Series and histograms of each variant, in a folder of its own: names alone could meet once they are made plain. */
static int put_variants(struct job *job)
{
    const struct result *r = job->result;
    int rc = r->variant_count > 0 ? make_inner(job, "variants") : BROKER_OK;
    for (uint32_t v = 0; v < r->variant_count && rc == BROKER_OK; v++) {
        char slug[REPORT_SLUG_MAX], name[INNER_MAX], inner[INNER_MAX + 1];
        report_slug(slug, r->variants[v]->variant);
        snprintf(name, sizeof name, "variants/%u-%s", v + 1, slug);
        snprintf(inner, sizeof inner, "%s/", name);
        rc = make_inner(job, name);
        job->of = r->variants[v];
        job->inner = inner;
        if (rc == BROKER_OK)
            rc = put_all_series(job);
        if (rc == BROKER_OK)
            rc = put_all_histograms(job);
        job->of = r;
        job->inner = "";
    }
    return rc;
}

static int put_figures(struct job *job)
{
    int rc = make_inner(job, "figures");
    if (rc != BROKER_OK)
        return rc;
    char *folder = report_path(job->folder, "figures");
    struct report_figures_options options = {job->options->plots, "svg", job->options->figures,
                                             job->options->stop};
    rc = report_figures_write(job->result, folder, &options, &job->figures, job->err);
    free(folder);
    return rc;
}

static int put_everything(struct job *job)
{
    static const struct {
        const char *name;
        write_function write;
    } files[] = {{"result.json", write_json},   {"report.txt", write_text},
                 {"report.md", write_markdown}, {"metrics.csv", write_metrics},
                 {"junit.xml", write_junit},    {"scenario.yaml", write_scenario},
                 {"report.html", write_html}};
    int rc = put_figures(job);
    if (rc == BROKER_OK)
        rc = put_all_series(job);
    if (rc == BROKER_OK)
        rc = put_all_histograms(job);
    if (rc == BROKER_OK)
        rc = put_variants(job);
    for (size_t i = 0; i < sizeof files / sizeof *files && rc == BROKER_OK; i++)
        rc = put_file(job, files[i].write, 0, files[i].name);
    if (rc == BROKER_OK && is_stopped(job))
        rc = broker_err_set(job->err, BROKER_EREFUSED, "stopped");
    return rc;
}

/* ---- the exchange ---- */

static bool is_ours(const char *name)
{
    static const char *const names[] = {
        ".",           "..",          "result.json", "report.txt",    "report.md",
        "report.html", "metrics.csv", "junit.xml",   "scenario.yaml", "figures",
        "series",      "histograms",  "variants"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* BROKER_OK when path is missing, empty or a result; never otherwise. */
static int check_replaceable(const char *path, struct broker_err *err)
{
    DIR *folder = opendir(path);
    if (!folder)
        return errno == ENOENT ? BROKER_OK : fail(err, path);
    int rc = BROKER_OK;
    for (struct dirent *entry; rc == BROKER_OK && (entry = readdir(folder));)
        if (!is_ours(entry->d_name))
            rc = broker_err_set(err, BROKER_EEXISTS,
                                "%.120s holds %.60s, which is no part of a result: move it away or "
                                "name another folder with --out",
                                path, entry->d_name);
    closedir(folder);
    return rc;
}

/* The new folder takes the old one's place in one step; the old one is then at `aside`. */
static int exchange(const char *aside, const char *path, struct broker_err *err)
{
    if (renameat2(AT_FDCWD, aside, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
        return BROKER_OK;
    if (errno == EEXIST && renameat2(AT_FDCWD, aside, AT_FDCWD, path, RENAME_EXCHANGE) == 0) {
        report_remove_folder(aside);
        return BROKER_OK;
    }
    if (errno != EINVAL && errno != ENOSYS)
        return fail(err, path);
    /* A file system without these flags: an empty folder can be replaced, and a full one goes first. */
    report_remove_folder(path);
    return rename(aside, path) == 0 ? BROKER_OK : fail(err, path);
}

static int make_aside(const char *path, char **aside, struct broker_err *err)
{
    char *for_dir = strdup(path), *for_base = strdup(path);
    if (!for_dir || !for_base)
        abort();
    const char *parent = dirname(for_dir);
    int rc = report_make_folder(parent, err);
    if (asprintf(aside, "%s/.%s.XXXXXX", parent, basename(for_base)) < 0)
        abort();
    if (rc == BROKER_OK && !mkdtemp(*aside))
        rc = fail(err, path);
    if (rc == BROKER_OK) {
        mode_t mask = umask(0);
        umask(mask);
        if (chmod(*aside, 0777 & ~mask) != 0)
            errno = 0; /* a file system without modes */
    } else {
        free(*aside);
        *aside = NULL;
    }
    free(for_dir);
    free(for_base);
    return rc;
}

static void sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

int report_folder_check(const char *path, struct broker_err *err)
{
    char *aside = NULL;
    int rc = check_replaceable(path, err);
    if (rc == BROKER_OK)
        rc = make_aside(path, &aside, err);
    if (aside)
        report_remove_folder(aside);
    free(aside);
    return rc;
}

int report_folder_write(const struct result *result, const char *path,
                        const struct report_folder_options *options, char note[200],
                        struct broker_err *err)
{
    char *aside = NULL;
    note[0] = 0;
    int rc = check_replaceable(path, err);
    if (rc == BROKER_OK)
        rc = make_aside(path, &aside, err);
    if (rc != BROKER_OK)
        return rc;
    struct job job = {.result = result,
                      .options = options,
                      .folder = aside,
                      .of = result,
                      .inner = "",
                      .err = err};
    rc = put_everything(&job);
    if (rc == BROKER_OK) {
        sync_folder(aside);
        rc = exchange(aside, path, err);
    }
    if (rc != BROKER_OK)
        report_remove_folder(aside);
    else
        snprintf(note, 200, "%s", job.figures.note);
    if (rc != BROKER_OK && is_stopped(&job))
        rc = broker_err_set(err, BROKER_EREFUSED, "stopped");
    free(aside);
    return rc;
}
