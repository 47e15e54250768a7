/* model/cluster/record_work.c - see record_work.h. */
#include "model/cluster/record_work.h"

#include "model/hardware/cpu.h"

double record_work_ns(const struct model_profile *profile, const struct scenario_group *group,
                      double gain, const struct record_work *record)
{
    const struct model_cost *cost =
        model_client_receive(profile, group->client == SCENARIO_CLIENT_JAVA);
    double speed = gain * model_cpu_speed(group->machine.coremark_per_vcpu, profile->coremark);
    double slower = model_cpu_gain((uint32_t)group->machine.threads_per_core, 0) / gain;
    double receive =
        cost->record_ns + record->batches * cost->batch_ns + record->bytes * record->unpack;
    double processing =
        (double)group->processing_per_record_ns + record->bytes * group->processing_ns_per_byte;
    return receive / speed + record->bytes * cost->byte_ns + processing * slower;
}
