/* model/evidence/profile_folds.c - what of an earlier calibration lies beside a profile; see profile_write.h. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "model/evidence/profile_write.h"

int profile_remove_folds(const char *profile, int folds, struct broker_err *err)
{
    int status = 0;
    for (int fold = folds + 1; fold <= CALIBRATE_FOLDS_MAX; fold++) {
        char path[PATH_MAX + 160];
        snprintf(path, sizeof path, "%s.fold-%d.yaml", profile, fold);
        if (unlink(path) != 0 && errno != ENOENT)
            status = broker_err_set(err, -1, "%.120s, of an earlier calibration, stays: %s", path,
                                    strerror(errno));
    }
    return status;
}
