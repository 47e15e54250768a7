/*
 * Hardware against what can be worked out by hand or has a closed form. Numbers are those of reference/hardware-models.md section 8.
 * Random ones run with fixed seeds; their intervals are at least four standard errors wide on each side.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/hardware/cache.h"
#include "model/hardware/call.h"
#include "model/hardware/cpu.h"
#include "model/hardware/disk.h"
#include "model/hardware/limit.h"
#include "model/hardware/machine.h"
#include "model/hardware/network.h"
#include "sim/random.h"
#include "tests/support/near.h"

#define MS  INT64_C(1000000)
#define S   INT64_C(1000000000)
#define KIB 1024.0
#define MIB 1048576.0
#define GIB 1073741824.0

/* ---- burst credits ---- */

/* Keep a limit saturated in steps and see when its rate falls: seconds at burst, and the rate afterwards. */
static void saturate(struct model_limit *limit, double step, double *burst_s, double *then_per_s)
{
    int64_t now_ns = 0;
    while (model_limit_credit(limit, now_ns) > 0)
        now_ns = model_limit_take(limit, now_ns, step);
    /* The step in which the credits ended was slower in part: count the burst's part of it. */
    double taken_s = (double)now_ns * 1e-9;
    double base = limit->base_per_s, burst = limit->burst_per_s;
    *burst_s = (limit->taken - base * taken_s) / (burst - base);
    int64_t from_ns = now_ns;
    double before = limit->taken;
    for (int i = 0; i < 1000; i++)
        now_ns = model_limit_take(limit, now_ns, step);
    *then_per_s = (limit->taken - before) / ((double)(now_ns - from_ns) * 1e-9);
}

static void gp2__bursts_for_an_hour(void **state) /* 1 */
{
    (void)state;
    const struct {
        double gib;
        double seconds;
    } volumes[] = {{100, 2000}, {250, 2400}, {500, 3600}, {750, 7200}};
    for (int i = 0; i < 4; i++) {
        struct model_limit limit;
        double burst_s, then_per_s;
        model_limit_init(&limit, 3 * volumes[i].gib, 3000, 5.4e6, true);
        saturate(&limit, 1000, &burst_s, &then_per_s);
        near(burst_s, volumes[i].seconds, 1e-6);
        near(then_per_s, 3 * volumes[i].gib, 1e-6);
    }
}

static void st1__bursts_for_4993_seconds(void **state) /* 2 */
{
    (void)state;
    struct model_limit limit;
    double burst_s, then_per_s;
    model_limit_init(&limit, 40 * MIB, 250 * MIB, 1048576 * MIB, true);
    saturate(&limit, 100 * MIB, &burst_s, &then_per_s);
    near(burst_s, 4993.2, 1e-5);
    near(then_per_s, 40 * MIB, 1e-6);
}

static void m5_xlarge__bursts_for_half_an_hour(void **state) /* 3 */
{
    (void)state;
    struct model_limit limit;
    double burst_s, then_per_s;
    model_limit_init(&limit, 143.75e6, 593.75e6, 810000e6, true);
    saturate(&limit, 100e6, &burst_s, &then_per_s);
    near(burst_s, 1800, 1e-6);
    near(then_per_s, 143.75e6, 1e-6);
}

static void azure_p10__bursts_for_half_an_hour(void **state) /* 13 */
{
    (void)state;
    struct model_limit limit;
    double burst_s, then_per_s;
    model_limit_init(&limit, 100e6, 170e6, 126000e6, true);
    saturate(&limit, 10e6, &burst_s, &then_per_s);
    near(burst_s, 1800, 1e-6);
    near(then_per_s, 100e6, 1e-6);
}

static void gp2__refills_at_its_base_rate(void **state)
{
    (void)state;
    struct model_limit limit; /* 100 GiB: 5.0 hours from empty when idle */
    model_limit_init(&limit, 300, 3000, 5.4e6, false);
    near(model_limit_credit(&limit, 9000 * S), 2.7e6, 1e-9);
    near(model_limit_credit(&limit, 18000 * S), 5.4e6, 1e-9);
    near(model_limit_credit(&limit, 20000 * S), 5.4e6, 1e-9);
}

/* ---- hard disk ---- */

static const struct model_disk_config cheetah = {
    .seek_track_ns = 200000, .seek_average_ns = 3400000, .seek_full_ns = 6600000};

static void cheetah__seeks_as_its_data_sheet_says(void **state) /* 4 */
{
    (void)state;
    near(model_disk_seek_ns(&cheetah, 1), 6.6e6, 1e-9);
    assert_true(model_disk_seek_ns(&cheetah, 0) <= 0);
    struct sim_stream random;
    sim_stream_init(&random, 1, 0, "cylinders");
    double sum = 0;
    for (int i = 0; i < 400000; i++)
        sum += model_disk_seek_ns(&cheetah, fabs(sim_unit(&random) - sim_unit(&random)));
    near(sum / 400000, 3.4e6, 0.003);
}

static void seek__never_falls_with_distance(void **state)
{
    (void)state;
    /* The four drives of section 1.1, the last with a negative linear part. */
    const int64_t drives[][3] = {{200000, 3400000, 6600000},
                                 {440000, 3900000, 7400000},
                                 {800000, 8500000, 16000000},
                                 {1000000, 12000000, 20000000}};
    for (int d = 0; d < 4; d++) {
        struct model_disk_config config = {.seek_track_ns = drives[d][0],
                                           .seek_average_ns = drives[d][1],
                                           .seek_full_ns = drives[d][2]};
        for (int i = 1; i <= 1000; i++)
            assert_true(model_disk_seek_ns(&config, i / 1000.0) >=
                        model_disk_seek_ns(&config, (i - 1) / 1000.0));
    }
}

struct stream {
    struct model_io io;
    struct model_disk *disk;
    uint64_t *total;
};

static void stream_next(struct model_io *io)
{
    struct stream *s = io->owner;
    *s->total += io->bytes;
    io->position += io->bytes;
    model_disk_submit(s->disk, io);
}

/* Streams over many places of the disk, one request at a time from each in turn. */
static double interleaved_mb_per_s(uint64_t chunk)
{
    enum { FILES = 400 };
    struct sim sim;
    sim_init(&sim);
    /* HC310: 7.4 ms average seek, 7200 rpm; B = 200 MB/s all over. Not allowed to choose. */
    struct model_disk_config config = {.kind = MODEL_DISK_HDD,
                                       .count = 1,
                                       .size_bytes = UINT64_C(6000000000000),
                                       .rpm = 7200,
                                       .seek_track_ns = 230000,
                                       .seek_average_ns = 7400000,
                                       .seek_full_ns = 14500000,
                                       .outer_bytes_per_s = 200e6,
                                       .inner_bytes_per_s = 200e6,
                                       .queue_depth = 1};
    struct model_disk *disk = model_disk_new(&sim, 1, 0, "disk", &config, NULL);
    static struct stream streams[FILES];
    uint64_t total = 0;
    for (uint64_t i = 0; i < FILES; i++) {
        streams[i] = (struct stream){.disk = disk, .total = &total};
        streams[i].io = (struct model_io){.done = stream_next,
                                          .owner = &streams[i],
                                          .kind = MODEL_IO_WRITE,
                                          .file = i,
                                          .bytes = chunk};
        model_disk_submit(disk, &streams[i].io);
    }
    /* Overdue requests go first, in order of arrival: that is what the queue does anyhow. */
    sim_run_until(&sim, 60 * S);
    model_disk_free(disk);
    sim_release(&sim);
    return (double)total / 60 * 1e-6;
}

static void hdd__streams_that_interleave_lose_most_of_the_rate(void **state) /* 5 */
{
    (void)state;
    near(interleaved_mb_per_s(128 * 1024), 10.7, 0.03);
    near(interleaved_mb_per_s(1024 * 1024), 62.3, 0.03);
    near(interleaved_mb_per_s(4 * 1024 * 1024), 129, 0.03);
}

/* ---- flash ---- */

/* Poisson arrivals of one kind of work; the station answers through arrival_over. */
struct arrivals {
    struct sim_event event;
    struct sim_stream random;
    struct sim *sim;
    double mean_ns;
    int64_t left;
    int64_t count;
    double sojourn_ns; /* sum */
    void (*submit)(struct arrivals *arrivals);
    struct model_disk *disk;
    struct model_cpu *cpu;
    struct model_machine *from;
    struct model_machine *to;
};

static void arrival_due(struct sim *sim, struct sim_event *event)
{
    struct arrivals *a = sim_container(event, struct arrivals, event);
    a->submit(a);
    if (--a->left > 0)
        sim_after(sim, event, sim_exponential_ns(&a->random, a->mean_ns));
}

static void arrivals_run(struct arrivals *a, struct sim *sim, uint64_t seed, double mean_ns,
                         int64_t count)
{
    a->sim = sim;
    a->mean_ns = mean_ns;
    a->left = count;
    sim_stream_init(&a->random, seed, 0, "arrivals");
    sim_event_init(&a->event, arrival_due);
    sim_after(sim, &a->event, sim_exponential_ns(&a->random, mean_ns));
    sim_run(sim);
    assert_int_equal(a->count, count);
}

static void arrival_over(struct arrivals *a, int64_t begun_ns)
{
    a->count++;
    a->sojourn_ns += (double)(sim_now_ns(a->sim) - begun_ns);
}

static void read_over(struct model_io *io)
{
    arrival_over(io->owner, io->submitted_ns);
    free(io);
}

static void read_submit(struct arrivals *a)
{
    struct model_io *io = calloc(1, sizeof(*io));
    io->done = read_over;
    io->owner = a;
    io->kind = MODEL_IO_READ;
    io->bytes = 4096;
    model_disk_submit(a->disk, io);
}

static double ssd_sojourn_ns(struct model_disk_config config, double utilisation, int64_t count)
{
    struct sim sim;
    sim_init(&sim);
    config.kind = MODEL_DISK_SSD;
    config.count = 1;
    config.size_bytes = 1;
    config.write_latency_ns = config.read_latency_ns;
    struct model_disk *disk = model_disk_new(&sim, 1, 0, "ssd", &config, NULL);
    struct arrivals a = {.submit = read_submit, .disk = disk};
    arrivals_run(&a, &sim, 1, (double)config.read_latency_ns / config.servers / utilisation, count);
    model_disk_free(disk);
    sim_release(&sim);
    return a.sojourn_ns / (double)count;
}

static void ssd__of_one_server_is_m_d_1(void **state)
{
    (void)state;
    const double rho[] = {0.5, 0.8, 0.9};
    const double within[] = {0.01, 0.02, 0.05};
    for (int i = 0; i < 3; i++) {
        struct model_disk_config config = {.read_latency_ns = 100000, .servers = 1};
        double wait_ns = ssd_sojourn_ns(config, rho[i], 400000) - 100000;
        near(wait_ns, 100000 * rho[i] / (2 * (1 - rho[i])), within[i]);
    }
}

static void ssd__gives_its_iops_by_littles_law(void **state) /* 14 */
{
    (void)state;
    struct sim sim;
    sim_init(&sim);
    struct model_disk_config config = {.kind = MODEL_DISK_SSD,
                                       .count = 1,
                                       .size_bytes = 1,
                                       .servers = 26,
                                       .read_latency_ns = 132000,
                                       .write_latency_ns = 132000};
    struct model_disk *disk = model_disk_new(&sim, 1, 0, "ssd", &config, NULL);
    static struct stream streams[100];
    uint64_t total = 0;
    for (uint64_t i = 0; i < 100; i++) { /* more at a time than it has servers */
        streams[i] = (struct stream){.disk = disk, .total = &total};
        streams[i].io = (struct model_io){.done = stream_next,
                                          .owner = &streams[i],
                                          .kind = MODEL_IO_READ,
                                          .file = i,
                                          .bytes = 1};
        model_disk_submit(disk, &streams[i].io);
    }
    sim_run_until(&sim, 1 * S);
    near((double)total, 197e3, 0.002);
    model_disk_free(disk);
    sim_release(&sim);
}

/* ---- cores ---- */

static void burst_over(struct model_burst *burst)
{
    struct arrivals *a = burst->owner;
    a->count++;
    free(burst);
}

static void burst_submit(struct arrivals *a)
{
    struct model_burst *burst = calloc(1, sizeof(*burst));
    burst->done = burst_over;
    burst->owner = a;
    model_cpu_run(a->cpu, burst, sim_exponential(&a->random, 1e6));
}

static void cpu__lets_as_many_wait_as_erlang_c_says(void **state) /* 11 */
{
    (void)state;
    const uint32_t cores[] = {3, 8, 16};
    const double waits[] = {0.492, 0.271, 0.130};
    for (int i = 0; i < 3; i++) {
        struct sim sim;
        struct model_cpu cpu;
        sim_init(&sim);
        /* A quantum beyond any burst: first come, first served to the end. */
        struct model_cpu_config config = {.vcpus = cores[i], .speed = 1, .quantum_ns = 1000 * S};
        model_cpu_init(&cpu, &sim, &config);
        struct arrivals a = {.submit = burst_submit, .cpu = &cpu};
        int64_t count = 400000;
        arrivals_run(&a, &sim, 1, 1e6 / (0.7 * cores[i]), count);
        double waited = (double)cpu.stats.waited / (double)count;
        near(waited, waits[i], 0.03);
        /* Mean wait of all: C / (c mu (1 - rho)). */
        double wait_ns = (double)cpu.stats.wait_ns / (double)count;
        near(wait_ns, waits[i] * 1e6 / (cores[i] * 0.3), 0.06);
        near(model_cpu_utilisation(&cpu), 0.7, 0.01);
        model_cpu_release(&cpu);
        sim_release(&sim);
    }
}

/* With a short quantum one core is processor sharing: the mean time of a long burst grows with its length alone. */
struct slice_probe {
    struct model_burst burst;
    struct arrivals *a;
    int64_t begun_ns;
    double work_ns;
};

static double long_ns, long_work_ns;

static void slice_over(struct model_burst *burst)
{
    struct slice_probe *p = burst->owner;
    p->a->count++;
    if (p->work_ns > 2e6) {
        long_ns += (double)(sim_now_ns(p->a->sim) - p->begun_ns);
        long_work_ns += p->work_ns;
    }
    free(p);
}

static void slice_submit(struct arrivals *a)
{
    struct slice_probe *p = calloc(1, sizeof(*p));
    p->burst.done = slice_over;
    p->burst.owner = p;
    p->a = a;
    p->begun_ns = sim_now_ns(a->sim);
    p->work_ns = sim_exponential(&a->random, 1e6);
    model_cpu_run(a->cpu, &p->burst, p->work_ns);
}

static void cpu__with_a_short_quantum_shares(void **state)
{
    (void)state;
    struct sim sim;
    struct model_cpu cpu;
    sim_init(&sim);
    struct model_cpu_config config = {.vcpus = 1, .speed = 1, .quantum_ns = 20000};
    model_cpu_init(&cpu, &sim, &config);
    struct arrivals a = {.submit = slice_submit, .cpu = &cpu};
    long_ns = long_work_ns = 0;
    arrivals_run(&a, &sim, 1, 1e6 / 0.6, 100000);
    near(long_ns / long_work_ns, 1 / (1 - 0.6), 0.04); /* M/G/1-PS: x / (1 - rho) */
    model_cpu_release(&cpu);
    sim_release(&sim);
}

/* ---- network ---- */

static struct sim net_sim;
static struct model_net net;
static struct model_machine machine[3];

static void net_start(struct model_net_config config, const double bytes_per_s[3])
{
    sim_init(&net_sim);
    model_net_init(&net, &net_sim, &config);
    memset(machine, 0, sizeof(machine));
    for (int i = 0; i < 3; i++) {
        struct model_nic_config nic = {.baseline_bytes_per_s = bytes_per_s[i]};
        model_nic_init(&machine[i].nic, &net, &nic);
    }
}

static void net_stop(void)
{
    for (int i = 0; i < 3; i++)
        model_nic_release(&machine[i].nic);
    model_net_release(&net);
    sim_release(&net_sim);
}

static int arrived_count;

static void count_arrival(struct model_transfer *transfer)
{
    (void)transfer;
    arrived_count++;
}

/* Many messages at once on one connection: bytes per second until the last one is there. */
static double pipelined_per_s(double window_bytes)
{
    enum { MESSAGES = 200, BYTES = 1000000 };
    static struct model_transfer transfers[MESSAGES];
    struct model_connection connection = {
        .client = &machine[0], .server = &machine[1], .window_bytes = window_bytes};
    arrived_count = 0;
    for (int i = 0; i < MESSAGES; i++) {
        transfers[i] = (struct model_transfer){.done = count_arrival};
        model_net_send(&net, &transfers[i], &machine[0], &machine[1], BYTES, &connection);
    }
    sim_run(&net_sim);
    assert_int_equal(arrived_count, MESSAGES);
    return (double)MESSAGES * BYTES / ((double)sim_now_ns(&net_sim) * 1e-9);
}

static void window__caps_a_connection(void **state) /* 7 */
{
    (void)state;
    net_start((struct model_net_config){.same_rack_rtt_ns = 80 * MS}, (double[3]){0, 0, 0});
    near(pipelined_per_s(64 * KIB), 0.8192e6, 0.001);
    net_stop();
    net_start((struct model_net_config){.same_rack_rtt_ns = MS}, (double[3]){1.25e9, 1.25e9, 0});
    near(pipelined_per_s(100 * KIB), 102.4e6, 0.001);
    net_stop();
}

static void frames__leave_so_much_for_payload(void **state) /* 15 */
{
    (void)state;
    const struct {
        uint32_t mtu;
        double mb_per_s;
    } cases[] = {{1500, 1177}, {9001, 1238}};
    for (int c = 0; c < 2; c++) {
        net_start((struct model_net_config){.mtu = cases[c].mtu}, (double[3]){1.25e9, 1.25e9, 0});
        near(pipelined_per_s(0) * 1e-6, cases[c].mb_per_s, 0.001);
        net_stop();
    }
}

/* A connection that always has one message under way. */
struct source {
    struct model_transfer transfer;
    struct model_connection connection;
    uint64_t total;
};

enum { SOURCE_BYTES = 1000000 };

static void source_send(struct source *s)
{
    model_net_send(&net, &s->transfer, s->connection.client, s->connection.server, SOURCE_BYTES,
                   &s->connection);
}

static void source_next(struct model_transfer *transfer)
{
    struct source *s = transfer->owner;
    s->total += SOURCE_BYTES;
    source_send(s);
}

static void source_start(struct source *s, int from, int to)
{
    memset(s, 0, sizeof(*s));
    s->connection.client = &machine[from];
    s->connection.server = &machine[to];
    s->transfer.done = source_next;
    s->transfer.owner = s;
    source_send(s);
}

static void flows__that_share_lines_get_the_fair_share(void **state) /* 8 */
{
    (void)state;
    /* Line A is what machine 0 sends, 10; line B what machine 1 gets, 4. */
    net_start((struct model_net_config){.small_bytes = 1}, (double[3]){10e9, 4e9, 0});
    machine[1].nic.out.baseline = 0;
    struct source ab, a, b;
    source_start(&ab, 0, 1);
    source_start(&a, 0, 2);
    source_start(&b, 2, 1);
    sim_run_until(&net_sim, 10 * S);
    double goodput = SOURCE_BYTES / model_net_wire_bytes(&net, SOURCE_BYTES);
    near((double)ab.total / 10, 2e9 * goodput, 0.01);
    near((double)b.total / 10, 2e9 * goodput, 0.01);
    near((double)a.total / 10, 8e9 * goodput, 0.01);
    net_stop();
}

struct probe {
    struct model_transfer transfer;
    struct arrivals *a;
    int64_t begun_ns;
};

static void probe_over(struct model_transfer *transfer)
{
    struct probe *p = transfer->owner;
    arrival_over(p->a, p->begun_ns);
    free(p);
}

static void probe_send(struct arrivals *a, uint64_t bytes)
{
    struct probe *p = calloc(1, sizeof(*p));
    p->transfer.done = probe_over;
    p->transfer.owner = p;
    p->a = a;
    p->begun_ns = sim_now_ns(a->sim);
    model_net_send(&net, &p->transfer, a->from, a->to, bytes, NULL);
}

static void random_size_submit(struct arrivals *a)
{
    probe_send(a, (uint64_t)sim_exponential(&a->random, 1e6) + 1);
}

static void fixed_size_submit(struct arrivals *a)
{
    probe_send(a, 8949);
}

static void line__of_large_messages_is_m_g_1_sharing(void **state)
{
    (void)state;
    const double rho[] = {0.5, 0.8};
    for (int i = 0; i < 2; i++) {
        net_start((struct model_net_config){.small_bytes = 1}, (double[3]){1e9, 0, 0});
        struct arrivals a = {.submit = random_size_submit, .from = &machine[0], .to = &machine[1]};
        double service_ns = model_net_wire_bytes(&net, 1000000);
        arrivals_run(&a, &net_sim, 1, service_ns / rho[i], 200000);
        near(a.sojourn_ns / 200000, service_ns / (1 - rho[i]), i == 0 ? 0.02 : 0.04);
        net_stop();
    }
}

static void line__of_small_messages_is_m_d_1(void **state)
{
    (void)state;
    net_start((struct model_net_config){.mtu = 9001}, (double[3]){1e9, 0, 0});
    struct arrivals a = {.submit = fixed_size_submit, .from = &machine[0], .to = &machine[1]};
    double service_ns = 9039;
    arrivals_run(&a, &net_sim, 1, service_ns / 0.8, 400000);
    near(a.sojourn_ns / 400000 - service_ns, service_ns * 0.8 / (2 * 0.2), 0.03);
    net_stop();
}

/* Small and large together carry no more than the line, and all of it when it is saturated. */
static void line__gives_all_it_has_to_any_mixture(void **state)
{
    (void)state;
    net_start((struct model_net_config){.mtu = 9001}, (double[3]){1e9, 0, 0});
    struct source large;
    source_start(&large, 0, 1);
    struct arrivals small = {
        .submit = fixed_size_submit, .from = &machine[0], .to = &machine[2], .sim = &net_sim};
    small.mean_ns = 9039 / 0.6;
    small.left = 1000000;
    sim_stream_init(&small.random, 1, 0, "small");
    sim_event_init(&small.event, arrival_due);
    sim_after(&net_sim, &small.event, 0);
    sim_run_until(&net_sim, 2 * S);
    double large_wire =
        (double)large.total / SOURCE_BYTES * model_net_wire_bytes(&net, SOURCE_BYTES);
    double small_wire = (double)small.count * 9039;
    near((large_wire + small_wire) / 2, 1e9, 0.005);
    near(small_wire / 2, 0.6e9, 0.02);
    sim_cancel(&net_sim, &small.event);
    large.transfer.done = count_arrival;
    sim_run(&net_sim);
    net_stop();
}

/* ---- page cache ---- */

static void dirty__position_ratio_is_the_kernels(void **state) /* 9 */
{
    (void)state;
    const double dirty[] = {8.4, 9.1, 9.8, 10.5, 11.2};
    const double ratio[] = {2, 1.125, 1, 0.875, 0};
    for (int i = 0; i < 5; i++) {
        double got = model_cache_position_ratio(dirty[i] * GIB, 8.4 * GIB, 11.2 * GIB);
        assert_true(fabs(got - ratio[i]) < 1e-9);
    }
    assert_true(fabs(model_cache_position_ratio(20 * GIB, 8.4 * GIB, 11.2 * GIB)) < 1e-12);
    assert_true(fabs(model_cache_position_ratio(0, 8.4 * GIB, 11.2 * GIB) - 2) < 1e-12);
}

static void cache__of_48_gib_holds_328_seconds(void **state) /* 10 */
{
    (void)state;
    struct sim sim;
    sim_init(&sim);
    struct model_disk_config null = {.kind = MODEL_DISK_NULL, .count = 1};
    struct model_disk *disk = model_disk_new(&sim, 1, 0, "null", &null, NULL);
    struct model_cache_config config = {.size_bytes = (uint64_t)(48 * GIB),
                                        .dirty_background_ratio = 0.1,
                                        .dirty_ratio = 0.2,
                                        .dirty_expire_ns = 30 * S};
    struct model_cache *cache = model_cache_new(&sim, &config, &disk, 1);
    uint64_t stamp = model_cache_stamp(cache);
    int64_t tenths = 0;
    while (model_cache_hits(cache, stamp)) { /* 150 MiB a second */
        model_cache_write(cache, 0, 1, (uint64_t)tenths * 15728640, 15728640);
        sim_run_until(&sim, ++tenths * 100 * MS);
    }
    near((double)tenths / 10, 327.7, 0.0005);
    model_cache_free(cache);
    model_disk_free(disk);
    sim_release(&sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gp2__bursts_for_an_hour),
        cmocka_unit_test(st1__bursts_for_4993_seconds),
        cmocka_unit_test(m5_xlarge__bursts_for_half_an_hour),
        cmocka_unit_test(azure_p10__bursts_for_half_an_hour),
        cmocka_unit_test(gp2__refills_at_its_base_rate),
        cmocka_unit_test(cheetah__seeks_as_its_data_sheet_says),
        cmocka_unit_test(seek__never_falls_with_distance),
        cmocka_unit_test(hdd__streams_that_interleave_lose_most_of_the_rate),
        cmocka_unit_test(ssd__of_one_server_is_m_d_1),
        cmocka_unit_test(ssd__gives_its_iops_by_littles_law),
        cmocka_unit_test(cpu__lets_as_many_wait_as_erlang_c_says),
        cmocka_unit_test(cpu__with_a_short_quantum_shares),
        cmocka_unit_test(window__caps_a_connection),
        cmocka_unit_test(frames__leave_so_much_for_payload),
        cmocka_unit_test(flows__that_share_lines_get_the_fair_share),
        cmocka_unit_test(line__of_large_messages_is_m_g_1_sharing),
        cmocka_unit_test(line__of_small_messages_is_m_d_1),
        cmocka_unit_test(line__gives_all_it_has_to_any_mixture),
        cmocka_unit_test(dirty__position_ratio_is_the_kernels),
        cmocka_unit_test(cache__of_48_gib_holds_328_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
