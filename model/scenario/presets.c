/* Scenarios that ship, to start one's own from: files of the data folder. */
#include "model/scenario/scenario_internal.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool is_preset_name(const char *name)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    return name[0] && name[strspn(name, allowed)] == 0;
}

int scenario_new_write(const char *datadir, const char *name, FILE *out)
{
    char line[4096], *path = NULL;
    bool is_first = !name;
    if (is_first)
        name = "quickstart";
    if (!is_preset_name(name))
        return 1;
    if (asprintf(&path, "%s/%s.yaml", datadir, name) < 0)
        return -1;
    FILE *in = fopen(path, "r");
    int why = errno;
    free(path);
    errno = why;
    if (!in)
        return why == ENOENT && !is_first ? 1 : -1; /* without the first one there are none */
    while (fgets(line, sizeof line, in))
        fputs(line, out);
    bool failed = ferror(in) || ferror(out);
    fclose(in);
    return failed ? -1 : 0;
}

static int is_scenario(const struct dirent *entry)
{
    size_t bytes = strlen(entry->d_name);
    return bytes > 5 && entry->d_name[0] != '.' && strcmp(entry->d_name + bytes - 5, ".yaml") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name); /* not alphasort: that follows the locale */
}

/* The line `question: ...` of a file, without its key. */
static void write_question(const char *datadir, const char *file, FILE *out)
{
    static const char key[] = "question: ";
    char line[4096], *path = NULL;
    if (asprintf(&path, "%s/%s", datadir, file) < 0)
        return;
    FILE *in = fopen(path, "r");
    free(path);
    fprintf(out, "%-24.*s ", (int)strlen(file) - 5, file);
    while (in && fgets(line, sizeof line, in))
        if (strncmp(line, key, strlen(key)) == 0) {
            line[strcspn(line, "\n")] = 0;
            fputs(line + strlen(key), out);
            break;
        }
    fputs("\n", out);
    if (in)
        fclose(in);
}

int scenario_presets_write(const char *datadir, FILE *out)
{
    struct dirent **entries;
    int count = scandir(datadir, &entries, is_scenario, by_name);
    if (count < 0)
        return -1;
    for (int i = 0; i < count; i++) {
        write_question(datadir, entries[i]->d_name, out);
        free(entries[i]);
    }
    free(entries);
    return ferror(out) ? -1 : 0;
}
