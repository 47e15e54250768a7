/* model/evidence/fitted.c - see fitted.h. */
#include "model/evidence/fitted.h"

const char *fitted_name(int quantity)
{
    switch (quantity) {
    case FITTED_APPLICATION_CPU:
        return "application_cpu";
    case FITTED_BROKER_THREAD_CPU:
        return "broker_thread_cpu";
    default:
        return measured_quantity_name((enum measured_quantity)quantity);
    }
}

bool fitted_is_cpu(int quantity)
{
    return quantity == MEASURED_BROKER_CPU || quantity == MEASURED_CLIENT_CPU ||
           quantity == FITTED_APPLICATION_CPU || quantity == FITTED_BROKER_THREAD_CPU;
}
