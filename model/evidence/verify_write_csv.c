/* The error table for spreadsheets: RFC 4180, SI units, one line for each case, quantity and method. */
#include <math.h>

#include "model/evidence/verify_write.h"
#include "model/report/escape.h"

static void put_number(FILE *out, double value)
{
    if (isfinite(value))
        fprintf(out, "%.9g", value);
    fputc(',', out);
}

static void put_text(FILE *out, const char *text)
{
    report_put_csv(out, text);
    fputc(',', out);
}

static void put_line(const struct verify_case *c, enum verify_method method,
                     enum measured_quantity q, FILE *out)
{
    char fitted[16];
    const struct predict_value *p = &c->predicted[method][q];
    verify_fitted_text(c, fitted);
    put_text(out, c->name);
    put_text(out, verify_population_name(c->population));
    put_text(out, c->measured.family);
    put_text(out, c->measured.series);
    put_text(out, fitted);
    put_text(out, measured_quantity_name(q));
    put_text(out, measured_quantity_unit(q));
    put_text(out, verify_method_name(method));
    put_number(out, measured_median(&c->measured, q));
    put_number(out, p->value);
    put_number(out, p->low);
    put_number(out, p->high);
    put_number(out, verify_error(c, method, q));
    fprintf(out, "%d\r\n", verify_counts(c, method, q));
}

int verify_write_csv(const struct verify *verify, bool peers, FILE *out)
{
    fputs("case,rows,family,series,fitted,quantity,unit,method,measured,predicted,low_90,high_90,"
          "error_ratio,counts\r\n",
          out);
    int methods = peers ? VERIFY_METHODS : VERIFY_ANCHORED + 1;
    for (int i = 0; i < verify->count; i++) {
        const struct verify_case *c = &verify->cases[i];
        for (int q = 0; q < MEASURED_QUANTITIES; q++)
            for (int m = 0; m < methods; m++)
                if (!isnan(measured_median(&c->measured, (enum measured_quantity)q)) &&
                    !isnan(c->predicted[m][q].value))
                    put_line(c, (enum verify_method)m, (enum measured_quantity)q, out);
    }
    return ferror(out) ? -1 : 0;
}
