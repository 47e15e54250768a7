/* model/evidence/calibrate_null.c - see calibrate_null.h. */
#include "model/evidence/calibrate_null.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/evidence/null_models.h"

enum { Q = FITTED_QUANTITIES };

const char *calibrate_null_name(enum calibrate_null which)
{
    static const char *const names[] = {"mean", "M/M/1+linger", "AWS"};
    return names[which];
}

static const struct configuration *one_of(const struct calibration *c, int i)
{
    return &c->configurations.configuration[i];
}

static void say_mean(const struct calibration *c, double *predicted)
{
    for (int i = 0; i < c->configurations.count; i++)
        for (int q = 0; q < Q; q++) {
            double sum = 0;
            int n = 0;
            for (int k = 0; k < c->configurations.count; k++) {
                double value = one_of(c, k)->value[q];
                if (c->fold[k] != c->fold[i] && isfinite(value) && value > 0) {
                    sum += log(value);
                    n++;
                }
            }
            predicted[i * Q + q] = n > 0 ? exp(sum / n) : NAN;
        }
}

static void say_aws(const struct calibration *c, double *predicted)
{
    for (int i = 0; i < c->configurations.count; i++) {
        struct null_cluster cluster = null_cluster_of(scenario_base(one_of(c, i)->doc));
        predicted[i * Q + MEASURED_THROUGHPUT] =
            null_aws_bytes_per_s(&cluster) / one_of(c, i)->row->config.record_bytes;
    }
}

/* ---- M/M/1 ---- */

static bool can_anchor(const struct configuration *one, int q)
{
    return !one->row->config.rate_max && isfinite(one->value[q]) && one->value[q] > 0;
}

/* The configuration of the family whose rate is in the middle: as many are below as above, the first of equals. */
static int anchor_of(const struct calibration *c, const char *family, int q)
{
    int best = -1, best_distance = 0;
    for (int i = 0; i < c->configurations.count; i++) {
        int balance = 0;
        double rate = one_of(c, i)->row->config.rate_per_s;
        if (strcmp(one_of(c, i)->row->family, family) || !can_anchor(one_of(c, i), q))
            continue;
        for (int k = 0; k < c->configurations.count; k++)
            if (!strcmp(one_of(c, k)->row->family, family) && can_anchor(one_of(c, k), q)) {
                double other = one_of(c, k)->row->config.rate_per_s;
                balance += other > rate ? 1 : other < rate ? -1 : 0;
            }
        if (best < 0 || abs(balance) < best_distance) {
            best = i;
            best_distance = abs(balance);
        }
    }
    return best;
}

static void say_mm1(const struct calibration *c, int q, double quantile, double *predicted)
{
    const char *family;
    for (int f = 0; (family = configurations_family(&c->configurations, f)); f++) {
        int anchor = anchor_of(c, family, q);
        if (anchor < 0)
            continue;
        struct null_cluster cluster = null_cluster_of(scenario_base(one_of(c, anchor)->doc));
        struct null_mm1 model = null_mm1_anchor(&cluster, quantile, one_of(c, anchor)->value[q]);
        for (int i = 0; i < c->configurations.count; i++) {
            if (i == anchor || strcmp(one_of(c, i)->row->family, family))
                continue;
            cluster = null_cluster_of(scenario_base(one_of(c, i)->doc));
            predicted[i * Q + q] = null_mm1_quantile_s(model, &cluster, quantile);
        }
    }
}

void calibrate_null(const struct calibration *c, enum calibrate_null which, double *predicted)
{
    for (int i = 0; i < c->configurations.count * Q; i++)
        predicted[i] = NAN;
    if (which == CALIBRATE_NULL_MEAN) {
        say_mean(c, predicted);
    } else if (which == CALIBRATE_NULL_AWS) {
        say_aws(c, predicted);
    } else {
        say_mm1(c, MEASURED_PRODUCE_P50, 0.5, predicted);
        say_mm1(c, MEASURED_PRODUCE_P99, 0.99, predicted);
    }
}
