/* model/evidence/configuration.c - see configuration.h. */
#include "model/evidence/configuration.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/evidence/quantile.h"

/* The queue of the simulated client and broker settles within this; the measurement's longer warm-up was for the JIT. */
#define WARMUP_S_MAX    1.0
/* Standard deviation of a normal variable over its median absolute deviation. */
#define MAD_TO_SD       1.4826
/* Java's tool gives whole milliseconds: the error of rounding, uniform, as a standard deviation. */
#define JAVA_ROUNDING_S 0.29e-3
#define USE_MAX         0.99 /* a CPU reading is no nearer to 1 than its own error */
#define SPREAD_ROWS_MIN 6    /* repeats from which a spread is believed */
/*
 * CPU time in ticks of 10 ms (proc(5), stat: utime and stime, each cut): the difference of two readings is so much off, as a standard
 * deviation. Clocks of ns are better, and that is of no matter where a thread uses more than a few ticks.
 */
#define TICKS_S         (0.010 * 0.577)

/*
 * Spread where nothing was repeated, and the floor. Defaults: differences between passes over the same configurations in shared
 * virtual machines are of this size (host stalls move the tails most). Floors: judgement, a third of the error that is aimed at.
 */
static const struct {
    double spread, floor;
} trust[FITTED_QUANTITIES] = {
    [MEASURED_THROUGHPUT] = {0.04, 0.03},
    [MEASURED_PRODUCE_MEAN] = {0, 0},
    [MEASURED_PRODUCE_P50] = {0.05, 0.03},
    [MEASURED_PRODUCE_P99] = {0.20, 0.08},
    [MEASURED_ROUND_TRIP] = {0.07, 0.05},
    [MEASURED_END_TO_END_P50] = {0.06, 0.05},
    [MEASURED_END_TO_END_P99] = {0.20, 0.10},
    [MEASURED_BROKER_CPU] = {0.04, 0.03},
    [MEASURED_CLIENT_CPU] = {0.04, 0.03},
    [MEASURED_REQUESTS] = {0.03, 0.05},
    [MEASURED_BATCHES] = {0, 0},
    [MEASURED_DISK_BYTES] = {0, 0},
    [FITTED_APPLICATION_CPU] = {0.04, 0.03},
    [FITTED_BROKER_THREAD_CPU] = {0.04, 0.03},
    [FITTED_REQUEST_CPU] = {0.04, 0.03},
    [FITTED_FETCHER_CPU] = {0.04, 0.03},
    [FITTED_OTHER_CPU] = {0.30, 0.03}, /* the compiler and deletions come and go between repeats */
};

static bool used(const struct row *row)
{
    return row->jit != ROW_WARMING;
}

static bool known(double value)
{
    return isfinite(value) && value > 0;
}

/* ---- repeats ---- */

static int repeats_of(const struct rows *rows, const struct row *row, int q, double *values)
{
    int count = 0;
    for (int i = 0; i < rows->count && count < MEASURED_REPEATS_MAX; i++)
        if (used(&rows->row[i]) && strcmp(rows->row[i].id, row->id) == 0 &&
            (q < 0 || known(rows->row[i].value[q])))
            values[count++] = q < 0 ? 0 : rows->row[i].value[q];
    return count;
}

/* Differences of logarithms between repeats and the median of their configuration, corrected for the median's own freedom. */
static void estimate_spread(struct configurations *c, const struct rows *rows, int q)
{
    double *differences = calloc((size_t)rows->count + 1, sizeof *differences);
    double values[MEASURED_REPEATS_MAX], sorted[MEASURED_REPEATS_MAX];
    size_t count = 0;
    assert(differences);
    for (int i = 0; i < c->count; i++) {
        int n = repeats_of(rows, c->configuration[i].row, q, values);
        if (n < 2)
            continue;
        memcpy(sorted, values, sizeof values);
        double middle = evidence_quantile(sorted, n, 0.5);
        for (int k = 0; k < n && count < (size_t)rows->count; k++)
            differences[count++] =
                fabs(log(values[k] / middle)) * sqrt((double)n / (double)(n - 1));
    }
    c->spread_repeats[q] = count >= SPREAD_ROWS_MIN ? (int)count : 0;
    c->spread[q] = count >= SPREAD_ROWS_MIN
                       ? MAD_TO_SD * evidence_quantile(differences, (int)count, 0.5)
                       : trust[q].spread;
    free(differences);
}

/* ---- what is fitted ---- */

static bool is_latency(int q)
{
    return q == MEASURED_PRODUCE_P50 || q == MEASURED_PRODUCE_P99 || q == MEASURED_END_TO_END_P50 ||
           q == MEASURED_END_TO_END_P99 || q == MEASURED_ROUND_TRIP;
}

/*
 * A paced row's throughput is its rate, and a latency at `max` is that of a full queue, which its throughput already says. Means follow
 * from their stalls; batches and bytes from the rate and the linger.
 */
static bool is_fitted(const struct row_config *config, int q)
{
    if (!(trust[q].floor > 0) || (q == MEASURED_THROUGHPUT && !config->rate_max))
        return false;
    return !(is_latency(q) && config->rate_max);
}

/* Of a machine with the brokers on it; 0: not measured. */
static double broker_use(const struct configuration *one)
{
    const struct scenario_cluster *cluster = &scenario_base(one->doc)->cluster;
    double cores = one->value[MEASURED_BROKER_CPU];
    int together = one->row->config.brokers < cluster->brokers_per_machine
                       ? one->row->config.brokers
                       : cluster->brokers_per_machine;
    return known(cores) ? cores * together / cluster->machine.vcpus : 0;
}

/*
 * A latency goes with 1 / (1 - use): where the core is nearly full, as small an error of its costs as a repeat of a CPU reading and the floor make
 * moves it by factors. It then says that the core is full, and of anything else only noise.
 */
static double crowding(const struct configuration *one)
{
    double use = fmin(broker_use(one), USE_MAX);
    double cpu = hypot(trust[MEASURED_BROKER_CPU].spread, trust[MEASURED_BROKER_CPU].floor);
    return cpu * use / (1 - use);
}

/* Is `whole` there by its parts? */
static bool has_parts(const struct configuration *one, int whole)
{
    for (int q = MEASURED_QUANTITIES; q < FITTED_QUANTITIES; q++)
        if (fitted_whole(q) == whole && known(one->value[q]))
            return true;
    return false;
}

/* What the clock's steps leave open, as a share. */
static double rounding_of(const struct configuration *one, int q)
{
    if (fitted_is_cpu(q))
        return TICKS_S / one->row->config.measure_s / one->value[q];
    return one->row->config.java && is_latency(q) ? JAVA_ROUNDING_S / one->value[q] : 0;
}

static double sigma_of(const struct configurations *c, const struct configuration *one, int q)
{
    bool in_parts = fitted_whole(q) == q && has_parts(one, q);
    if (!known(one->value[q]) || !is_fitted(&one->row->config, q) || in_parts)
        return NAN;
    double rounding = rounding_of(one, q);
    double spread = c->spread[q] / sqrt(one->repeats > 0 ? one->repeats : 1);
    double crowded = is_latency(q) ? crowding(one) : 0;
    return sqrt(spread * spread + trust[q].floor * trust[q].floor + rounding * rounding +
                crowded * crowded);
}

/* ---- scenarios ---- */

static int make_doc(struct configuration *one, const char *datadir, const struct row_place *place,
                    struct broker_err *err)
{
    char *text = NULL;
    size_t size = 0;
    struct row row = *one->row;
    row.config.warmup_s = fmin(row.config.warmup_s, WARMUP_S_MAX);
    FILE *memory = open_memstream(&text, &size);
    if (!memory)
        return broker_err_set(err, -1, "row %s: %s", row.id, strerror(errno));
    int written = rows_scenario_write(&row, 1, "generic", place, memory);
    int closed = fclose(memory);
    int status = written != 0 || closed != 0
                     ? broker_err_set(err, -1, "row %s: %s", row.id, strerror(errno))
                     : 0;
    if (status == 0) {
        struct scenario_options options = {.datadir = datadir};
        scenario_load_text(row.id, text, size, &options, &one->doc);
        if (scenario_error_count(one->doc) > 0) {
            const struct scenario_error *e = scenario_error_at(one->doc, 0);
            status = broker_err_set(err, -1, "%s:%d: row %s makes no scenario: line %d: %s",
                                    row.file, row.line, row.id, e->line, e->message);
        }
    }
    free(text);
    return status;
}

/* Each repeat: one that cannot be would pass in a median. */
static int check_machines(const struct configuration *one, const struct rows *rows,
                          struct broker_err *err)
{
    for (int i = 0; i < rows->count; i++)
        if (used(&rows->row[i]) && strcmp(rows->row[i].id, one->row->id) == 0 &&
            row_check_machines(&rows->row[i], scenario_base(one->doc), err) != 0)
            return -1;
    return 0;
}

static bool is_first(const struct rows *rows, int index)
{
    for (int i = 0; i < index; i++)
        if (used(&rows->row[i]) && strcmp(rows->row[i].id, rows->row[index].id) == 0)
            return false;
    return used(&rows->row[index]);
}

static void add_pauses(const struct rows *rows, struct configuration *one)
{
    for (int i = 0; i < rows->count; i++) {
        const struct row *row = &rows->row[i];
        if (!used(row) || strcmp(row->id, one->row->id) != 0 || !known(row->pauses))
            continue;
        one->pauses += row->pauses;
        one->pause_s += row->pause_s;
    }
}

static void settle(struct configurations *c, const struct rows *rows, struct configuration *one)
{
    double values[MEASURED_REPEATS_MAX];
    one->repeats = repeats_of(rows, one->row, -1, values);
    add_pauses(rows, one);
    for (int q = 0; q < FITTED_QUANTITIES; q++) {
        int n = repeats_of(rows, one->row, q, values);
        bool counts = n > 0 && !row_left_out(one->row, q);
        one->value[q] = counts ? evidence_quantile(values, n, 0.5) : NAN;
    }
    for (int q = 0; q < FITTED_QUANTITIES; q++)
        one->sigma[q] = sigma_of(c, one, q);
}

int configurations_init(struct configurations *c, const struct rows *rows, const char *datadir,
                        const struct row_place *place, struct broker_err *err)
{
    *c = (struct configurations){0};
    c->configuration = calloc((size_t)rows->count + 1, sizeof *c->configuration);
    assert(c->configuration);
    for (int i = 0; i < rows->count; i++) {
        c->left_out += !used(&rows->row[i]);
        if (is_first(rows, i))
            c->configuration[c->count++].row = &rows->row[i];
    }
    for (int q = 0; q < FITTED_QUANTITIES; q++)
        estimate_spread(c, rows, q);
    for (int i = 0; i < c->count; i++) {
        if (make_doc(&c->configuration[i], datadir, place, err) != 0 ||
            check_machines(&c->configuration[i], rows, err) != 0)
            return -1;
        settle(c, rows, &c->configuration[i]);
    }
    return 0;
}

void configurations_release(struct configurations *c)
{
    for (int i = 0; i < c->count; i++)
        if (c->configuration[i].doc)
            scenario_doc_free(c->configuration[i].doc);
    free(c->configuration);
    *c = (struct configurations){0};
}

const char *configurations_family(const struct configurations *c, int index)
{
    for (int i = 0, seen = 0; i < c->count; i++) {
        bool first = true;
        for (int k = 0; k < i && first; k++)
            first = strcmp(c->configuration[k].row->family, c->configuration[i].row->family) != 0;
        if (first && seen++ == index)
            return c->configuration[i].row->family;
    }
    return NULL;
}
