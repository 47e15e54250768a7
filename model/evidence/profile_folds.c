/* model/evidence/profile_folds.c - what of an earlier calibration lies beside a profile; see profile_write.h. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "model/evidence/profile_write.h"

static int remove_one(const char *path, struct broker_err *err)
{
    if (unlink(path) == 0 || errno == ENOENT)
        return 0;
    return broker_err_set(err, -1, "%.120s, of an earlier calibration, stays: %s", path,
                          strerror(errno));
}

int profile_remove_stale(const char *profile, int folds, struct broker_err *err)
{
    char path[PATH_MAX + 160];
    snprintf(path, sizeof path, "%s.scaled.yaml", profile);
    int status = remove_one(path, err);
    for (int fold = folds + 1; fold <= CALIBRATE_FOLDS_MAX; fold++) {
        snprintf(path, sizeof path, "%s.fold-%d.yaml", profile, fold);
        if (remove_one(path, err) != 0)
            status = -1;
    }
    return status;
}
