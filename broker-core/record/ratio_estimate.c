#include "broker-core/record/ratio_estimate.h"

double broker_ratio_estimate_next(double estimate, double observed)
{
    double up = estimate + BROKER_RATIO_UP, down = estimate - BROKER_RATIO_DOWN;
    if (observed > estimate)
        return up > observed ? up : observed;
    return down > observed ? down : observed;
}
