/* model/evidence/profile_write.c - see profile_write.h. */
#include "model/evidence/profile_write.h"

#include <math.h>
#include <string.h>

#define JAVA           "client.java_"
#define LIBRDKAFKA     "client.librdkafka_"
#define COMMENT_COLUMN 46
#define NOT_DETERMINED                                                                             \
    0.5 /* share of the prior's variance that the rows took away, below which the prior decided */

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

const char *profile_number(double value, enum scenario_profile_unit unit, char text[48])
{
    double size = fabs(value);
    if (unit == SCENARIO_PROFILE_PLAIN)
        snprintf(text, 48, "%.5g", value);
    else if (unit == SCENARIO_PROFILE_BYTES && size >= 1e6)
        snprintf(text, 48, "%.5g MB", value / 1e6);
    else if (unit == SCENARIO_PROFILE_BYTES)
        snprintf(text, 48, size >= 1e3 ? "%.5g kB" : "%.5g B", size >= 1e3 ? value / 1e3 : value);
    else if (size >= 1e6)
        snprintf(text, 48, "%.5g ms", value / 1e6);
    else
        snprintf(text, 48, size >= 1e3 ? "%.5g us" : "%.5g ns", size >= 1e3 ? value / 1e3 : value);
    return text;
}

/* ---- head ---- */

static void write_head(const struct calibration *c, int fold, const struct model_profile *p,
                       FILE *out)
{
    int repeats = 0;
    for (int i = 0; i < c->configurations.count; i++)
        repeats += c->configurations.configuration[i].repeats;
    fprintf(out,
            "# Fitted by `headroom calibrate` to %d rows of %d configurations, from the profile "
            "%s; seed %llu, %d folds.\n"
            "# %s\n",
            repeats, c->configurations.count, c->options.start->name,
            (unsigned long long)c->options.seed, c->folds,
            fold < 0
                ? "Errors are those on configurations that were not fitted, by fold; below "
                  "saturation, but for throughput."
                : "The profile of one fold: it has not seen the configurations under held_out.");
    fprintf(out, "calibrated: true\nerror: \"%s\"\n", p->error);
}

void profile_write_names(const char *key, const char *list, FILE *out)
{
    char names[MODEL_PROFILE_IDS_BYTES];
    snprintf(names, sizeof names, "%s", list);
    const char *separator = "";
    char *rest = NULL;
    for (char *name = strtok_r(names, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
        if (!*separator)
            fprintf(out, "%s: [", key);
        fprintf(out, "%s%s", separator, name);
        separator = ", ";
    }
    if (*separator)
        fputs("]\n", out);
}

void profile_write_errors(const char *key,
                          const struct model_profile_error errors[MODEL_PROFILE_QUANTITIES],
                          FILE *out)
{
    for (int q = 0; q < MEASURED_QUANTITIES; q++) {
        const struct model_profile_error *e = &errors[q];
        if (e->rows > 0)
            fprintf(out,
                    "%s.%s: {median: %.4f, signed_median: %.4f, p90: %.4f, ratio_low: %.4f, "
                    "ratio_high: %.4f, rows: %u}\n",
                    key, measured_quantity_name((enum measured_quantity)q), e->median,
                    e->signed_median, e->p90, e->ratio_low, e->ratio_high, e->rows);
    }
}

static void write_evidence(const struct model_profile *p, FILE *out)
{
    profile_write_names("held_out", p->held_out_ids, out);
    profile_write_errors("held_out_error", p->held_out, out);
    fprintf(out, "fitted_on: {vcpus: %u, coremark: %.0f, kafka: %.1f}\n", p->fitted_vcpus,
            p->fitted_coremark, p->fitted_kafka);
    for (int k = 0; k < MODEL_PROFILE_CONDITIONS; k++)
        if (p->range[k].known)
            fprintf(out, "range.%s: %.9g..%.9g\n",
                    model_profile_condition_name((enum model_profile_condition)k), p->range[k].low,
                    p->range[k].high);
    profile_write_names("fitted_kinds", p->fitted_kinds, out);
}

/* ---- numbers ---- */

static int parameter_of(const struct calibration *c, const struct scenario_profile_key *key)
{
    for (int p = 0; p < c->parameters; p++) {
        if (c->parameter[p].key == key)
            return p;
        for (int i = 0; c->parameter[p].tied[i]; i++)
            if (c->parameter[p].tied[i] == key)
                return p;
    }
    return -1;
}

static bool is_read(const struct collector *read, const struct scenario_profile_key *key)
{
    return strcmp(key->path, "gc.pause_median") == 0 && read->median_ns > 0;
}

static void write_key(const struct calibration *c, const struct collector *read,
                      const struct model_profile *profile, const struct scenario_profile_key *key,
                      FILE *out)
{
    char number[48], error[COLLECTOR_TEXT_BYTES];
    int p = parameter_of(c, key);
    int width = fprintf(out, "%s: %s", key->path,
                        profile_number(scenario_profile_get(profile, key), key->unit, number));
    fprintf(out, "%*s ", width < COMMENT_COLUMN ? COMMENT_COLUMN - width : 0, "");
    if (is_read(read, key))
        fprintf(out, "# read: %.0f pauses, standard error of their mean %s\n", read->pauses,
                collector_error_text(read, error));
    else if (p < 0)
        fprintf(out, "# not fitted: as in %s\n", c->options.start->name);
    else
        fprintf(out, "# fit: standard error %.0f %%%s%s%s\n", 100 * c->standard_error[p],
                c->determined[p] < NOT_DETERMINED ? ", hardly determined by these rows" : "",
                c->parameter[p].key == key ? "" : ", tied to ",
                c->parameter[p].key == key ? "" : c->parameter[p].key->path);
}

static bool belongs(const char *path, enum profile_part part, struct profile_clients clients)
{
    bool java = begins(path, JAVA), librdkafka = begins(path, LIBRDKAFKA);
    if (part == PROFILE_WHOLE)
        return !(java && clients.java) && !(librdkafka && clients.librdkafka);
    return strcmp(path, "coremark") == 0 || (part == PROFILE_JAVA ? java : librdkafka);
}

/* What is 0 and was not fitted costs nothing: a line would only hide the others. */
static bool is_worth_a_line(const struct calibration *c, const struct model_profile *profile,
                            const struct scenario_profile_key *key)
{
    struct model_profile uncalibrated;
    model_profile_init(&uncalibrated);
    return parameter_of(c, key) >= 0 || scenario_profile_get(profile, key) > 0 ||
           scenario_profile_get(&uncalibrated, key) > 0;
}

int profile_write(const struct calibration *c, int fold, const char *name, enum profile_part part,
                  struct profile_clients clients, FILE *out)
{
    struct model_profile profile;
    const struct scenario_profile_key *key;
    struct collector read = calibration_collector(c, fold);
    calibration_profile(c, fold, name, &profile);
    write_head(c, fold, &profile, out);
    if (part == PROFILE_WHOLE) {
        write_evidence(&profile, out);
        if (clients.java)
            fprintf(out, "clients.java: %s\n", clients.java);
        if (clients.librdkafka)
            fprintf(out, "clients.librdkafka: %s\n", clients.librdkafka);
        fprintf(out, "gc.on: %s\n", profile.gc ? "true" : "false");
    }
    for (int i = 0; (key = scenario_profile_key_at(i)); i++)
        if (belongs(key->path, part, clients) && is_worth_a_line(c, &profile, key))
            write_key(c, &read, &profile, key, out);
    return fflush(out) == 0 && !ferror(out) ? 0 : -1;
}
