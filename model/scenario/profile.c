/* model/scenario/profile.c - see profile.h: finds the files of a profile and puts its parts together. */
#include "model/scenario/profile.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/scenario/beside.h"
#include "model/scenario/profile_internal.h"

enum {
    FILE_BYTES_MAX = 256 * 1024, /* a profile has some two hundred lines */
    PATH_BYTES = 1024,
};

static int compare_names(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* The profiles of folds are there for `verify`, errors on other machines for `run`: neither is to be chosen. */
static int is_profile(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 5 && strcmp(entry->d_name + length - 5, ".yaml") == 0 &&
           !strstr(entry->d_name, ".fold-") && !strstr(entry->d_name, ".scaled.");
}

static int no_such(const char *datadir, const char *name, struct broker_err *err)
{
    char folder[PATH_BYTES], names[160] = "";
    struct dirent **entries;
    snprintf(folder, sizeof folder, "%s/profiles", datadir);
    int count = scandir(folder, &entries, is_profile, compare_names);
    for (int i = 0; i < count; i++) {
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%.*s", used ? ", " : "",
                 (int)strlen(entries[i]->d_name) - 5, entries[i]->d_name);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return broker_err_set(err, -1, "no profile \"%.60s\"; there are: %s", name,
                          *names ? names : "none");
}

static int read_whole(const char *path, char **text, size_t *size, struct broker_err *err)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return broker_err_set(err, -1, "%s: %s", path, strerror(errno));
    *text = malloc(FILE_BYTES_MAX + 1);
    *size = *text ? fread(*text, 1, FILE_BYTES_MAX + 1, file) : 0;
    fclose(file);
    if (*text && *size <= FILE_BYTES_MAX)
        return 0;
    free(*text);
    return broker_err_set(err, -1, "%s: not a profile: larger than %d bytes", path, FILE_BYTES_MAX);
}

static bool is_name(const char *name)
{
    return *name && !strchr(name, '/') && name[0] != '.' && !strstr(name, ".scaled");
}

/* ---- clients' profiles ---- */

/* A path is from the file that names it, as a scenario's is; a name is a file beside that one, else a shipped one. */
static int find_client(const char *datadir, const char *beside, const char *name, char *path,
                       struct broker_err *err)
{
    bool is_path = scenario_profile_is_path(name);
    if (!is_path && !is_name(name))
        return no_such(datadir, name, err);
    int length = snprintf(path, PATH_BYTES, "%.*s%s%s", scenario_beside(beside, name), beside, name,
                          is_path ? "" : ".yaml");
    if (is_path)
        return length < PATH_BYTES ? 0 : broker_err_set(err, -1, "%.100s...: too long", path);
    FILE *there = length < PATH_BYTES ? fopen(path, "rb") : NULL;
    if (there)
        return fclose(there);
    length = snprintf(path, PATH_BYTES, "%s/profiles/%s.yaml", datadir, name);
    there = length < PATH_BYTES ? fopen(path, "rb") : NULL;
    return there ? fclose(there) : no_such(datadir, name, err);
}

/* Time on a core of another coremark becomes time on this profile's. */
static void convert(struct model_profile *profile, const char *only, double factor)
{
    const struct scenario_profile_key *key;
    for (int i = 0; (key = scenario_profile_key_at(i)); i++)
        if (strncmp(key->path, only, strlen(only)) == 0)
            scenario_profile_set(profile, key, scenario_profile_get(profile, key) * factor);
}

static int merge_client(const char *datadir, const char *beside, const char *name, const char *only,
                        struct model_profile *profile, struct broker_err *err)
{
    char path[PATH_BYTES], *text;
    size_t size;
    if (!*name)
        return 0;
    if (find_client(datadir, beside, name, path, err) != 0 ||
        read_whole(path, &text, &size, err) != 0)
        return -1;
    struct model_profile client;
    model_profile_init(&client);
    int status = profile_text_read(path, text, size, "coremark", &client, err);
    if (status == 0)
        status = profile_text_read(path, text, size, only, profile, err);
    if (status == 0 && client.coremark > 0 && profile->coremark > 0)
        convert(profile, only, client.coremark / profile->coremark);
    free(text);
    return status;
}

/* What the file names is read first, the file itself last: what it states itself wins. */
static int read_profile(const char *datadir, const char *path, const char *text, size_t size,
                        struct model_profile *profile, struct broker_err *err)
{
    if (profile_text_read(path, text, size, "", profile, err) != 0)
        return -1;
    if (!*profile->clients_java && !*profile->clients_librdkafka)
        return 0;
    if (merge_client(datadir, path, profile->clients_java, "client.java_", profile, err) != 0 ||
        merge_client(datadir, path, profile->clients_librdkafka, "client.librdkafka_", profile,
                     err) != 0)
        return -1;
    return profile_text_read(path, text, size, "", profile, err);
}

/* ---- a profile ---- */

/* PROFILE.scaled.yaml beside it, where `verify --errors` has written it. */
static int read_scaled(const char *path, struct model_profile *profile, struct broker_err *err)
{
    char scaled[PATH_BYTES], *text;
    size_t size, length = strlen(path);
    if (length < 5 || snprintf(scaled, sizeof scaled, "%.*s.scaled.yaml", (int)length - 5, path) >=
                          (int)sizeof scaled)
        return 0;
    FILE *there = fopen(scaled, "rb");
    if (!there)
        return 0;
    fclose(there);
    if (read_whole(scaled, &text, &size, err) != 0)
        return -1;
    int status = profile_text_read(scaled, text, size, "scaled_", profile, err);
    free(text);
    return status;
}

int scenario_profile_load_file(const char *datadir, const char *path, struct model_profile *profile,
                               struct broker_err *err)
{
    char *text;
    size_t size;
    model_profile_init(profile);
    if (read_whole(path, &text, &size, err) != 0)
        return -1;
    int status = read_profile(datadir, path, text, size, profile, err);
    if (status == 0)
        status = read_scaled(path, profile, err);
    free(text);
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t length = strlen(name);
    if (length > 5 && strcmp(name + length - 5, ".yaml") == 0)
        length -= 5;
    snprintf(profile->name, sizeof profile->name, "%.*s", (int)length, name);
    return status;
}

static bool ends_as_file(const char *name)
{
    size_t length = strlen(name);
    return length > 5 && strcmp(name + length - 5, ".yaml") == 0;
}

bool scenario_profile_is_path(const char *name)
{
    return strchr(name, '/') || ends_as_file(name);
}

bool scenario_profile_fold(const char *name, int fold, char *text, size_t size)
{
    bool file = ends_as_file(name);
    int length = snprintf(text, size, "%.*s.fold-%d%s", (int)strlen(name) - (file ? 5 : 0), name,
                          fold, file ? ".yaml" : "");
    return length < (int)size;
}

int scenario_profile_load(const char *datadir, const char *name, struct model_profile *profile,
                          struct broker_err *err)
{
    char path[PATH_BYTES];
    if (scenario_profile_is_path(name))
        return scenario_profile_load_file(datadir, name, profile, err);
    model_profile_init(profile);
    if (!is_name(name) ||
        snprintf(path, sizeof path, "%s/profiles/%s.yaml", datadir, name) >= (int)sizeof path)
        return no_such(datadir, name, err);
    FILE *there = fopen(path, "rb");
    if (!there && errno == ENOENT)
        return no_such(datadir, name, err);
    if (there)
        fclose(there);
    return scenario_profile_load_file(datadir, path, profile, err);
}
