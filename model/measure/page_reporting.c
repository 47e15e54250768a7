#include "model/measure/page_reporting.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BALLOON = 5, REPORTING = 5 };

static bool read_word(const char *folder, const char *name, const char *file, char word[160])
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s/%s", folder, name, file);
    FILE *in = fopen(path, "r");
    if (!in)
        return false;
    bool found = fscanf(in, "%159s", word) == 1;
    fclose(in);
    return found;
}

static bool reports(const char *folder, const char *device)
{
    char word[160];
    return read_word(folder, device, "device", word) && strtol(word, NULL, 16) == BALLOON &&
           read_word(folder, device, "features", word) && strlen(word) > REPORTING &&
           word[REPORTING] == '1';
}

bool measure_page_reporting(const char *root)
{
    char folder[256];
    snprintf(folder, sizeof folder, "%s/bus/virtio/devices", root);
    DIR *dir = opendir(folder);
    bool found = false;
    if (!dir)
        return false;
    for (struct dirent *e; !found && (e = readdir(dir));)
        found = e->d_name[0] != '.' && reports(folder, e->d_name);
    closedir(dir);
    return found;
}
