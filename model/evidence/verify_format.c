/* Numbers and names as the error table's text shows them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/evidence/verify_write.h"
#include "model/report/number.h"

void verify_quantity_text(char cell[VERIFY_CELL_MAX], enum measured_quantity quantity,
                          bool is_maximum)
{
    snprintf(cell, VERIFY_CELL_MAX, "%s%s",
             is_maximum && quantity == MEASURED_THROUGHPUT ? "maximum " : "",
             measured_quantity_name(quantity));
    for (char *at = cell; *at; at++)
        if (*at == '_')
            *at = ' ';
}

/* Three significant digits, thousands apart. Cores have no unit: the name says CPU, and the columns are narrow. */
static void put(char cell[VERIFY_CELL_MAX], double value, const char *unit)
{
    char number[REPORT_CELL_MAX];
    int decimals = value > 0 ? 2 - (int)floor(log10(value) + 1e-9) : 0;
    result_number_text(number, value, decimals < 6 ? decimals : 6);
    snprintf(cell, VERIFY_CELL_MAX, "%.25s%s%.12s", number, unit[0] ? " " : "", unit);
}

void verify_value_text(char cell[VERIFY_CELL_MAX], enum measured_quantity quantity, double value)
{
    const char *unit = measured_quantity_unit(quantity);
    if (isnan(value))
        snprintf(cell, VERIFY_CELL_MAX, "-");
    else if (strcmp(unit, "s") == 0 && value < 1e-3)
        put(cell, value * 1e6, "us");
    else if (strcmp(unit, "s") == 0 && value < 1)
        put(cell, value * 1e3, "ms");
    else if (strcmp(unit, "bytes/s") == 0)
        put(cell, value / (value < 1e6 ? 1e3 : 1e6), value < 1e6 ? "kB/s" : "MB/s");
    else
        put(cell, value,
            strcmp(unit, "cores") == 0 ? ""
            : strchr(unit, '/')        ? strchr(unit, '/')
                                       : unit);
}

void verify_percent_text(char cell[VERIFY_CELL_MAX], double ratio, bool is_signed)
{
    double percent = 100 * ratio;
    int decimals = fabs(percent) < 9.95 ? 1 : 0;
    if (isnan(ratio))
        snprintf(cell, VERIFY_CELL_MAX, "-");
    else if (fabs(percent) >= 1e5)
        snprintf(cell, VERIFY_CELL_MAX, "%s1e%.0f %%", percent < 0 ? "-" : "> ",
                 floor(log10(fabs(percent))));
    else
        snprintf(cell, VERIFY_CELL_MAX, is_signed ? "%+.*f %%" : "%.*f %%", decimals, percent);
}
