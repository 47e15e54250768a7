/* model/scenario/beside.c - see beside.h. */
#include "model/scenario/beside.h"

#include <string.h>

int scenario_beside(const char *file, const char *path)
{
    const char *slash = strrchr(file, '/');
    return path[0] && path[0] != '/' && slash ? (int)(slash - file) + 1 : 0;
}
