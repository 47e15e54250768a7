/*
 * model/evidence/verify_write_errors.c - what a profile's costs, scaled to other machines, were wrong by: for the intervals of `run`, which
 * tells latencies of a steady state only.
 */
#include "model/answer/trust.h"
#include "model/evidence/error_table.h"
#include "model/evidence/profile_write.h"
#include "model/evidence/verify_write.h"

static void write_kinds(const struct verify *verify, FILE *out)
{
    char kinds[MODEL_PROFILE_IDS_BYTES] = "";
    for (int i = 0; i < verify->count; i++)
        if (verify->cases[i].population == VERIFY_PUBLIC && verify->cases[i].doc)
            trust_add_kinds(kinds, scenario_base(verify->cases[i].doc));
    profile_write_names("scaled_kinds", kinds, out);
}

int verify_write_errors(const struct verify *verify, FILE *out)
{
    struct model_profile_error errors[MODEL_PROFILE_QUANTITIES];
    struct error_filter filter = {.population = VERIFY_PUBLIC, .method = VERIFY_BLIND};
    for (int q = 0; q < MODEL_PROFILE_QUANTITIES; q++) {
        filter.quantity = (enum measured_quantity)q;
        filter.steady = q != MEASURED_THROUGHPUT && q != MEASURED_BROKER_CPU;
        struct error_row row = error_table_row(verify, &filter);
        errors[q] = error_summary_stated(&row.error);
    }
    fprintf(
        out,
        "# Written by `headroom verify --errors`: how wrong %s was on public cases, which ran on "
        "other machines.\n# Maxima and CPU of all; latencies of cases below saturation.\n",
        verify->profile);
    profile_write_errors("scaled_error", errors, out);
    write_kinds(verify, out);
    return ferror(out) ? -1 : 0;
}
