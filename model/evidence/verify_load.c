/* Which scenarios are to be verified, and with which profile? */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "model/evidence/verify_internal.h"
#include "model/scenario/profile.h"
#include "sim/memory.h"

enum { PATH_ROOM = 1024, FOLDS_MAX = 64, FOLDER_DEPTH_MAX = 8, FILES_MAX = 100000 };

struct paths {
    int count, room;
    char **path;
};

/* ---- files ---- */

static void add_path(struct paths *paths, const char *path)
{
    if (paths->count == paths->room) {
        paths->room = paths->room ? 2 * paths->room : 64;
        paths->path = sim_checked(realloc(paths->path, (size_t)paths->room * sizeof *paths->path));
    }
    paths->path[paths->count++] = sim_checked(strdup(path));
}

static bool is_scenario_name(const char *name)
{
    size_t length = strlen(name);
    return length > 5 && strcmp(name + length - 5, ".yaml") == 0 &&
           strcmp(name, "verify.yaml") != 0;
}

static int collect(const char *folder, int depth, struct paths *paths, struct broker_err *err)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return broker_err_set(err, VERIFY_EIO, "%.200s: %s", folder, strerror(errno));
    int status = VERIFY_OK;
    for (struct dirent *entry; status == VERIFY_OK && (entry = readdir(dir));) {
        char path[PATH_ROOM];
        struct stat info;
        if (entry->d_name[0] == '.' ||
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >= PATH_ROOM ||
            stat(path, &info) != 0)
            continue;
        if (S_ISDIR(info.st_mode) && depth < FOLDER_DEPTH_MAX)
            status = collect(path, depth + 1, paths, err);
        else if (S_ISREG(info.st_mode) && is_scenario_name(entry->d_name) &&
                 paths->count < FILES_MAX)
            add_path(paths, path);
    }
    closedir(dir);
    return status;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* ---- folds ---- */

struct folds {
    char base[PATH_ROOM];
    bool calibrated; /* the profile itself: without folds, its rows count as fitted */
    int count;
    int number[FOLDS_MAX];
    struct model_profile *profile[FOLDS_MAX];
};

static void load_folds(struct folds *folds, const char *datadir, const char *base)
{
    struct model_profile *whole = sim_checked(malloc(sizeof *whole));
    struct broker_err none = {""};
    snprintf(folds->base, sizeof folds->base, "%s", base);
    folds->calibrated =
        scenario_profile_load(datadir, base, whole, &none) == 0 && whole->calibrated;
    free(whole);
    for (int k = 0; k < FOLDS_MAX; k++) {
        char name[PATH_ROOM];
        struct broker_err err = {""};
        struct model_profile *profile = sim_checked(malloc(sizeof *profile));
        if (scenario_profile_fold(base, k, name, sizeof name) &&
            scenario_profile_load(datadir, name, profile, &err) == 0) {
            folds->number[folds->count] = k;
            folds->profile[folds->count++] = profile;
        } else {
            free(profile);
        }
    }
}

static void free_folds(struct folds *folds)
{
    for (int i = 0; i < folds->count; i++)
        free(folds->profile[i]);
    folds->count = 0;
}

/* A configuration that no fold has kept back was not fitted at all; without folds nobody can tell, so it counts as fitted. */
static void find_fold(struct verify_case *c, struct folds *folds, const char *datadir,
                      const char *base)
{
    if (strcmp(folds->base, base) != 0) {
        free_folds(folds);
        load_folds(folds, datadir, base);
    }
    c->fitted = folds->calibrated && folds->count == 0 ? VERIFY_FITTED : VERIFY_UNSEEN;
    for (int i = 0; i < folds->count; i++)
        if (model_profile_names(folds->profile[i]->held_out_ids, c->measured.id)) {
            c->fitted = VERIFY_HELD_OUT;
            c->fold = folds->number[i];
        }
}

/* ---- cases ---- */

static const char *base_profile(const struct verify_options *options, const struct verify_case *c)
{
    return options->profile ? options->profile : scenario_base(c->doc)->cluster.profile;
}

int verify_profile_of(const struct verify_work *work, const struct verify_case *c,
                      struct model_profile *profile, struct broker_err *err)
{
    char fold[PATH_ROOM];
    const char *name = base_profile(work->options, c);
    if (c->fitted == VERIFY_HELD_OUT && scenario_profile_fold(name, c->fold, fold, sizeof fold))
        name = fold;
    return scenario_profile_load(work->options->datadir, name, profile, err);
}

static enum verify_maximum maximum_of(const struct verify_case *c)
{
    const struct scenario *s = scenario_base(c->doc);
    if (!c->measured.maximum)
        return VERIFY_NO_MAXIMUM;
    for (int p = 0; p < s->producer_count; p++)
        if (s->producers[p].rate_kind == SCENARIO_RATE_MAX)
            return VERIFY_STEADY_RATE;
    return VERIFY_BISECTION;
}

static void clear_predictions(struct verify_case *c)
{
    for (int m = 0; m < VERIFY_METHODS; m++)
        for (int q = 0; q < MEASURED_QUANTITIES; q++)
            c->predicted[m][q] = (struct predict_value){NAN, NAN, NAN};
}

static char *case_name(const char *folder, const char *path)
{
    size_t skip = strlen(folder);
    while (path[skip] == '/')
        skip++;
    char *name = sim_checked(strndup(path + skip, strlen(path + skip) - 5));
    return name;
}

/* Below a folder of that name, however the path is spelled: `verify .` in it says "./case.yaml". */
static bool is_public(const char *path)
{
    char *whole = realpath(path, NULL);
    bool found = strstr(whole ? whole : path, "/public/") != NULL;
    free(whole);
    return found;
}

/* Takes doc. Returns whether it became a case: only what was measured does. */
static bool add_case(struct verify *verify, const char *folder, const char *path,
                     struct scenario_doc *doc)
{
    const struct scenario *s = scenario_base(doc);
    if (!s->measured.present) {
        scenario_doc_free(doc);
        return false;
    }
    struct verify_case *c = &verify->cases[verify->count++];
    *c = (struct verify_case){.doc = doc, .measured = s->measured, .stable = true};
    c->path = sim_checked(strdup(path));
    c->name = case_name(folder, path);
    c->population = is_public(path) ? VERIFY_PUBLIC : VERIFY_OWN;
    c->maximum = maximum_of(c);
    clear_predictions(c);
    return true;
}

/* Profiles may lie among the cases, where `calibrate -o` put them. An empty file is neither. */
static bool is_profile(const struct verify_options *options, const char *path)
{
    struct model_profile *profile = sim_checked(malloc(sizeof *profile));
    struct broker_err unused = {""};
    struct stat info;
    bool is = stat(path, &info) == 0 && info.st_size > 0 &&
              scenario_profile_load_file(options->datadir, path, profile, &unused) == 0;
    free(profile);
    return is;
}

static int load_one(struct verify *verify, const struct verify_options *options, const char *folder,
                    const char *path, struct folds *folds, struct broker_err *err)
{
    struct scenario_options how = {.datadir = options->datadir};
    struct scenario_doc *doc;
    if (scenario_load(path, &how, &doc) != SCENARIO_OK) {
        const struct scenario_error *e = scenario_error_at(doc, 0);
        bool skipped = is_profile(options, path);
        verify->profiles += skipped;
        int status = skipped ? VERIFY_OK
                             : broker_err_set(err, VERIFY_EINVALID, "%.100s:%d:%d: %.130s",
                                              e->source, e->line, e->column, e->message);
        scenario_doc_free(doc);
        return status;
    }
    if (add_case(verify, folder, path, doc)) {
        struct verify_case *c = &verify->cases[verify->count - 1];
        if (c->population == VERIFY_OWN)
            find_fold(c, folds, options->datadir, base_profile(options, c));
    }
    return VERIFY_OK;
}

static void name_profile(struct verify *v, const struct verify_options *options)
{
    struct model_profile profile;
    struct broker_err err = {""};
    const char *name = v->count ? base_profile(options, &v->cases[0]) : "none";
    for (int i = 1; i < v->count && name; i++)
        if (strcmp(base_profile(options, &v->cases[i]), name) != 0)
            name = NULL;
    snprintf(v->profile, sizeof v->profile, "%s", name ? name : "as each scenario says");
    if (name && v->count && scenario_profile_load(options->datadir, name, &profile, &err) == 0)
        snprintf(v->profile_error, sizeof v->profile_error, "%s", profile.error);
}

int verify_load(const struct verify_options *options, struct verify **verify,
                struct broker_err *err)
{
    char standard[PATH_ROOM];
    const char *folder = options->folder ? options->folder : standard;
    struct paths paths = {0};
    struct folds folds = {.base = ""};
    snprintf(standard, sizeof standard, "%s/validation", options->datadir);
    int status = collect(folder, 0, &paths, err);
    if (paths.count > 0)
        qsort(paths.path, (size_t)paths.count, sizeof *paths.path, by_text);
    struct verify *v = sim_alloc(1, sizeof *v);
    v->cases = sim_alloc((size_t)paths.count + 1, sizeof *v->cases);
    v->seed = options->seed ? options->seed : 1;
    v->budget = options->budget ? options->budget : VERIFY_BUDGET;
    for (int i = 0; i < paths.count && status == VERIFY_OK; i++)
        status = load_one(v, options, folder, paths.path[i], &folds, err);
    for (int i = 0; i < paths.count; i++)
        free(paths.path[i]);
    free(paths.path);
    free_folds(&folds);
    if (status == VERIFY_OK)
        name_profile(v, options);
    if (status != VERIFY_OK) {
        verify_free(v);
        v = NULL;
    }
    *verify = v;
    return status;
}

void verify_free(struct verify *verify)
{
    if (!verify)
        return;
    for (int i = 0; i < verify->count; i++) {
        free(verify->cases[i].path);
        free(verify->cases[i].name);
        scenario_doc_free(verify->cases[i].doc);
    }
    free(verify->cases);
    free(verify);
}
