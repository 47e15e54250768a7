/* model/evidence/fitted.c - see fitted.h. */
#include "model/evidence/fitted.h"

#include <assert.h>

static const struct {
    const char *name;
    enum measured_quantity whole;
} parts[FITTED_QUANTITIES - MEASURED_QUANTITIES] = {
    [FITTED_APPLICATION_CPU - MEASURED_QUANTITIES] = {"application_cpu", MEASURED_CLIENT_CPU},
    [FITTED_BROKER_THREAD_CPU - MEASURED_QUANTITIES] = {"broker_thread_cpu", MEASURED_CLIENT_CPU},
    [FITTED_REQUEST_CPU - MEASURED_QUANTITIES] = {"request_cpu", MEASURED_BROKER_CPU},
    [FITTED_FETCHER_CPU - MEASURED_QUANTITIES] = {"fetcher_cpu", MEASURED_BROKER_CPU},
    [FITTED_OTHER_CPU - MEASURED_QUANTITIES] = {"other_broker_cpu", MEASURED_BROKER_CPU},
};

static bool is_part(int quantity)
{
    assert(quantity >= 0 && quantity < FITTED_QUANTITIES);
    return quantity >= MEASURED_QUANTITIES;
}

const char *fitted_name(int quantity)
{
    return is_part(quantity) ? parts[quantity - MEASURED_QUANTITIES].name
                             : measured_quantity_name((enum measured_quantity)quantity);
}

int fitted_whole(int quantity)
{
    return is_part(quantity) ? (int)parts[quantity - MEASURED_QUANTITIES].whole : quantity;
}

bool fitted_is_cpu(int quantity)
{
    int whole = fitted_whole(quantity);
    return whole == MEASURED_BROKER_CPU || whole == MEASURED_CLIENT_CPU;
}
