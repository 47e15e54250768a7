/* model/evidence/spread.c - see spread.h. */
#include "model/evidence/spread.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/evidence/quantile.h"
#include "sim/memory.h"

int spread_differences(const double *repeats, int count, double *differences)
{
    double others[MEASURED_REPEATS_MAX];
    int found = 0;
    for (int i = 0; i < count; i++) {
        int n = 0;
        for (int k = 0; k < count; k++)
            if (k != i && repeats[k] > 0 && n < MEASURED_REPEATS_MAX)
                others[n++] = repeats[k];
        double difference = fabs(repeats[i] / evidence_quantile(others, n, 0.5) - 1);
        if (repeats[i] > 0 && isfinite(difference))
            differences[found++] = difference;
    }
    return found;
}

double spread_of_rows(const struct rows *rows, enum measured_quantity quantity, int *repeats)
{
    double *all = sim_alloc((size_t)rows->count + 1, sizeof *all);
    double one[MEASURED_REPEATS_MAX];
    int count = 0;
    for (int i = 0, next; i < rows->count; i = next) {
        int n = 0;
        for (next = i; next < rows->count && strcmp(rows->row[next].id, rows->row[i].id) == 0;
             next++)
            if (n < MEASURED_REPEATS_MAX && !row_left_out(&rows->row[next], (int)quantity))
                one[n++] = rows->row[next].value[quantity];
        count += spread_differences(one, n, all + count);
    }
    double spread = evidence_quantile(all, count, 0.5);
    free(all);
    if (repeats)
        *repeats = count;
    return spread;
}
