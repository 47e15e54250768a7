/* A machine: its parts are there, and its limits bind its volumes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/hardware/machine.h"

#define MS  INT64_C(1000000)
#define GIB (UINT64_C(1) << 30)

static struct sim the_sim;
static struct model_net net;

static void start(void)
{
    sim_init(&the_sim);
    struct model_net_config config = {.same_rack_rtt_ns = MS / 5};
    model_net_init(&net, &the_sim, &config);
}

static void stop(void)
{
    model_net_release(&net);
    sim_release(&the_sim);
}

/* m5.xlarge: 4 vCPUs, 16 GiB, 1.25 Gbit/s, EBS 143.75 to 593.75 MB/s, 6,000 to 18,750 IOPS, half an hour of burst. */
static struct model_machine_config m5_xlarge(const struct model_disk_config *disks, uint32_t count)
{
    return (struct model_machine_config){
        .name = "broker 1",
        .id = 1,
        .rack = 2,
        .cpu = {.vcpus = 4, .speed = 0.6, .quantum_ns = MS},
        .nic = {.baseline_bytes_per_s = 156.25e6},
        .cache = {.dirty_background_ratio = 0.1, .dirty_ratio = 0.2, .dirty_expire_ns = 30000 * MS},
        .ram_bytes = 16 * GIB,
        .heap_bytes = 6 * GIB,
        .reserved_bytes = 1 * GIB,
        .disk_count = count,
        .disks = disks,
        .block_bytes_per_s = 143.75e6,
        .block_burst_bytes_per_s = 593.75e6,
        .block_iops = 6000,
        .block_burst_iops = 18750,
        .block_burst_ns = INT64_C(1800) * 1000 * MS,
        .block_credits_full = true,
    };
}

static const struct model_disk_config gp3 = {
    .kind = MODEL_DISK_VOLUME,
    .count = 1,
    .size_bytes = 1000 * GIB,
    .read_latency_ns = MS,
    .write_latency_ns = 2 * MS,
    .iops = 16000,
    .bytes_per_s = 1000 * 1048576.0,
    .io_bytes_max = 262144,
};

static void machine__has_memory_left_for_pages(void **state)
{
    (void)state;
    start();
    struct model_machine machine;
    struct model_machine_config config = m5_xlarge(&gp3, 1);
    model_machine_init(&machine, &the_sim, &net, &config);
    assert_int_equal(model_cache_size_bytes(machine.cache), 9 * GIB);
    assert_int_equal(machine.rack, 2);
    assert_string_equal(machine.name, "broker 1");
    assert_int_equal(machine.cpu.vcpus, 4);
    model_machine_release(&machine);
    model_machine_release(&machine); /* twice is allowed */
    stop();
}

static void machine__of_clients_has_no_disks(void **state)
{
    (void)state;
    start();
    struct model_machine machine;
    struct model_machine_config config = m5_xlarge(NULL, 0);
    config.ram_bytes = 0;
    model_machine_init(&machine, &the_sim, &net, &config);
    assert_null(machine.cache);
    model_machine_reset_stats(&machine);
    model_machine_release(&machine);
    stop();
}

static int done;
static void count_done(struct model_io *io)
{
    (void)io;
    done++;
}

static void volumes__share_the_limits_of_their_machine(void **state)
{
    (void)state;
    start();
    struct model_machine machine;
    struct model_disk_config volumes[2] = {gp3, gp3};
    struct model_machine_config config = m5_xlarge(volumes, 2);
    config.block_credits_full = false;
    model_machine_init(&machine, &the_sim, &net, &config);
    static struct model_io io[200];
    done = 0;
    for (uint64_t i = 0; i < 200; i++) {
        io[i] = (struct model_io){
            .done = count_done, .kind = MODEL_IO_WRITE, .file = i, .bytes = 1000000};
        model_disk_submit(machine.disks[i % 2], &io[i]);
    }
    sim_run(&the_sim);
    assert_int_equal(done, 200);
    /* 200 MB at 143.75 MB/s, though each volume alone could take 1048. */
    assert_in_range(sim_now_ns(&the_sim), 1391304348, 1391304348 + 1000);
    enum model_disk_bind bind;
    model_disk_busy_ratio(machine.disks[1], &bind);
    assert_int_equal(bind, MODEL_BIND_INSTANCE_BYTES);
    assert_string_equal(model_disk_bind_name(bind), "machine-to-volume throughput");
    model_machine_reset_stats(&machine);
    assert_true(model_disk_busy_ratio(machine.disks[0], NULL) < 1e-9);
    model_machine_release(&machine);
    stop();
}

static void local_disks__do_not_count_against_block_limits(void **state)
{
    (void)state;
    start();
    struct model_machine machine;
    struct model_disk_config nvme = {.kind = MODEL_DISK_SSD,
                                     .count = 1,
                                     .size_bytes = 1000 * GIB,
                                     .read_latency_ns = MS / 10,
                                     .write_latency_ns = MS / 50,
                                     .servers = 8,
                                     .write_bytes_per_s = 1e9};
    struct model_machine_config config = m5_xlarge(&nvme, 1);
    config.block_credits_full = false;
    model_machine_init(&machine, &the_sim, &net, &config);
    struct model_io io = {.done = count_done, .kind = MODEL_IO_WRITE, .bytes = 1000000000};
    model_disk_submit(machine.disks[0], &io);
    sim_run(&the_sim);
    assert_int_equal(sim_now_ns(&the_sim), 1000 * MS);
    model_machine_release(&machine);
    stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(machine__has_memory_left_for_pages),
        cmocka_unit_test(machine__of_clients_has_no_disks),
        cmocka_unit_test(volumes__share_the_limits_of_their_machine),
        cmocka_unit_test(local_disks__do_not_count_against_block_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
