/*
 * tests/theory/test_cluster_laws.c - laws of operational analysis, which hold for any system, held against whole clusters.
 *
 * The utilisation law (use = rate x service), the response-time law and the asymptotic bounds of a closed system, the fluid limit of an
 * open one in overload. Costs are the profile's that ship, without cold wake-ups and collections, so that each request costs
 * what the profile says and nothing else.
 * Source   P. J. Denning, J. P. Buzen, "The operational analysis of queueing network models", Computing Surveys 10 (1978).
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/stat.h"
#include "tests/support/small_cluster.h"

#define SECOND          INT64_C(1000000000)
#define NIC_BYTES_PER_S 10e9
#define RTT_NS          200e3

/* One broker with one network and one I/O thread, more cores than threads; clients that wait for each answer. */
static const char *const form =
    "version: 1\n"
    "cluster:\n"
    "  brokers: 1\n"
    "  machine: {vcpus: 16, coremark: 16000, ram: 16 GiB, network: {baseline: 10 GB/s},\n"
    "            disks: {type: nvme, size: 4 TB}}\n"
    "  gc: none\n"
    "  network: {same_rack: 200 us, jitter: 0, single_flow: 10 GB/s}\n"
    "  config: {num.network.threads: 1, num.io.threads: 1}\n"
    "topics: {t: {partitions: 1, replication: 1}}\n"
    "producers:\n"
    "  p: {topic: t, clients: %d, rate: %s, record: {size: 1000 B}, arrivals: poisson,\n"
    "      machine: {vcpus: 64, coremark: 16000, ram: 16 GiB, network: {baseline: 10 GB/s}},\n"
    "      config: {linger.ms: 0, batch.size: 0, acks: 1, max.in.flight.requests.per.connection: "
    "%d,\n"
    "               buffer.memory: %s}}\n"
    "start: {logs: empty}\n"
    "run: {measure: 10 s, warmup: 1 s}\n";

struct seen {
    double seconds;
    double requests, rate; /* a second */
    double request_bytes;
    double latency_mean_ns, latency_max_ns;
    double network_busy_s, io_busy_s;
};

static double request_bytes(const struct model_producer_stats *stats)
{
    return (double)stats->wire_bytes_acked / (double)stats->records_acked +
           (double)model_call_produce_overhead_bytes(1, 1);
}

static struct seen run(int clients, const char *rate, int in_flight, const char *memory,
                       uint64_t seed, int64_t warmup_ns, int64_t measure_ns)
{
    char text[2048];
    struct model_profile profile;
    struct small_cluster small;
    snprintf(text, sizeof text, form, clients, rate, in_flight, memory);
    small_profile_linear(&profile);
    struct small_options options = {
        .seed = seed, .length_ns = warmup_ns + measure_ns, .profile = &profile};
    small_cluster_new_with(&small, text, &options);
    const struct cluster_seen *all = small_cluster_run(&small, warmup_ns, measure_ns);
    const struct model_producer_stats *stats = all->producers[0].stats;
    const struct cluster_broker_seen *broker = &all->brokers[0];
    double seconds = (double)measure_ns / 1e9, cores = 16;
    struct seen seen = {
        .seconds = seconds,
        .requests = (double)broker->host.requests[MODEL_PRODUCE],
        .rate = (double)stats->records_acked / seconds,
        .request_bytes = request_bytes(stats),
        .latency_mean_ns = sim_histogram_mean_ns(stats->latency_ns),
        .latency_max_ns = (double)stats->latency_ns->max_ns,
        .network_busy_s = broker->cpu_class_ratio[MODEL_THREAD_NETWORK] * cores * seconds,
        .io_busy_s = broker->cpu_class_ratio[MODEL_THREAD_IO] * cores * seconds,
    };
    assert_int_equal(stats->records_failed + stats->records_expired + stats->records_refused, 0);
    small_cluster_free(&small);
    return seen;
}

/* ---- what a request costs, from the profile alone ---- */

static double network_service_ns(double bytes)
{
    struct model_profile p;
    small_profile_linear(&p);
    double answer = (double)model_call_produce_response_bytes(1, 1);
    return model_cost_ns(&p.receive, 1, 1, 1, 1, bytes) +
           model_cost_ns(&p.send, 1, 0, 0, 0, answer);
}

static double io_service_ns(double bytes)
{
    struct model_profile p;
    small_profile_linear(&p);
    double batch = bytes - (double)model_call_produce_overhead_bytes(1, 1);
    return model_cost_ns(&p.append, 1, 1, 1, 1, batch);
}

/* Frames, headers and gaps of one packet: 38 + 52 bytes (reference/hardware-models.md 3.1). */
static double line_ns(double bytes)
{
    return (bytes + 90) / NIC_BYTES_PER_S * 1e9;
}

static double wakeup_ns(void)
{
    struct model_profile p;
    small_profile_linear(&p);
    return (double)p.wakeup_ns;
}

/* From draining to the answer, alone in the system: what the sender computes, both ways, four wake-ups, the broker's two threads. */
static double cycle_ns(double bytes)
{
    struct model_profile p;
    small_profile_linear(&p);
    double answer = (double)model_call_produce_response_bytes(1, 1);
    double sender = p.java_send.request_ns + p.java_send.batch_ns;
    return sender + RTT_NS + line_ns(bytes) + line_ns(answer) + network_service_ns(bytes) +
           io_service_ns(bytes) + 4 * wakeup_ns();
}

/* ---- utilisation law ---- */

/* Poisson: the count of 10 s has the standard deviation of its own root, and the use is the count times the service. */
static void cpu__is_used_for_arrivals_times_service(void **state)
{
    (void)state;
    double network[8], io[8], chi2 = 0;
    const double rate = 4000;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        struct seen seen = run(10, "4000 records/s", 5, "32 MiB", seed, SECOND, 10 * SECOND);
        double network_ns = network_service_ns(seen.request_bytes);
        double io_ns = io_service_ns(seen.request_bytes);
        /* Exactly what was handled: off by the requests that straddle an end. */
        assert_true(fabs(seen.network_busy_s * 1e9 / network_ns - seen.requests) < 10);
        assert_true(fabs(seen.io_busy_s * 1e9 / io_ns - seen.requests) < 10);
        double z = (seen.network_busy_s * 1e9 / network_ns - rate * 10) / sqrt(rate * 10);
        assert_true(fabs(z) < 3.5);
        chi2 += z * z;
        network[seed - 1] = seen.network_busy_s / seen.seconds - rate * network_ns / 1e9;
        io[seed - 1] = seen.io_busy_s / seen.seconds - rate * io_ns / 1e9;
    }
    struct sim_interval of_network = sim_interval_mean(network, 8, 0.999);
    struct sim_interval of_io = sim_interval_mean(io, 8, 0.999);
    assert_true(of_network.low <= 0 && 0 <= of_network.high);
    assert_true(of_io.low <= 0 && 0 <= of_io.high);
    /* Eight squares of standard normals: chi-squared with 8 degrees of freedom lies here in 99.9 % of all cases. */
    assert_true(chi2 > 0.71 && chi2 < 27.87);
}

/* ---- closed systems: rate: max, one request in flight a client ---- */

static struct seen closed(int clients)
{
    return run(clients, "max", 1, "32 KiB", 1, SECOND, 5 * SECOND);
}

static void rate_max__of_one_client_is_one_request_a_cycle(void **state)
{
    (void)state;
    struct seen seen = closed(1);
    double bound = 1e9 / cycle_ns(seen.request_bytes);
    if (fabs(seen.rate / bound - 1) > 0.002)
        fail_msg("%.1f records/s, expected %.1f", seen.rate, bound);
}

/* X <= min(N / D, 1 / Dmax), where a thread of the broker that another's request keeps awake need not be woken; with services of fixed length it is no less than with exponential ones: N / (D + (N - 1) Dmax). */
static void rate_max__stays_within_the_asymptotic_bounds(void **state)
{
    (void)state;
    double before = 0;
    for (int clients = 1; clients <= 32; clients *= 2) {
        struct seen seen = closed(clients);
        double cycle = cycle_ns(seen.request_bytes);
        double most_ns = network_service_ns(seen.request_bytes);
        double woken_ns = clients > 1 ? 3 * wakeup_ns() : 0;
        double high = fmin(clients * 1e9 / (cycle - woken_ns), 1e9 / most_ns);
        double low = clients * 1e9 / (cycle + (clients - 1) * most_ns);
        if (!(seen.rate <= high * 1.002 && seen.rate >= low * 0.998))
            fail_msg("%d clients: %.0f is not in %.0f to %.0f", clients, seen.rate, low, high);
        assert_true(seen.rate >= before * 0.999);
        before = seen.rate;
    }
}

static void rate_max__of_many_clients_is_what_the_busiest_thread_can_do(void **state)
{
    (void)state;
    struct seen seen = closed(64);
    double bound = 1e9 / network_service_ns(seen.request_bytes);
    if (!(seen.rate <= bound * 1.002 && seen.rate >= bound * 0.98))
        fail_msg("%.0f records/s, bound %.0f", seen.rate, bound);
    assert_true(seen.network_busy_s / seen.seconds > 0.98);
}

/* ---- open systems in overload ---- */

/*
 * More arrives than the network thread carries: the record that is answered at T was due at T * capacity / rate, because
 * the wait counts from the intended send. Half the largest wait is the mean.
 */
static void overload__latency_grows_by_the_share_that_is_too_much(void **state)
{
    (void)state;
    struct seen seen = run(64, "60000 records/s", 5, "1 MiB", 1, 0, 10 * SECOND);
    double capacity = 1e9 / network_service_ns(seen.request_bytes);
    assert_true(capacity < 50000);
    double last_ns = 10e9 * (1 - capacity / 60000);
    /* The client that happens to have most to send is latest: of 64, within 3.5 standard deviations of its Poisson count. */
    double spread_ns = 3.5 * 10e9 / sqrt(60000 * 10 / 64.0);
    if (!(seen.latency_max_ns > last_ns && seen.latency_max_ns < last_ns + spread_ns) ||
        fabs(seen.latency_mean_ns / (last_ns / 2) - 1) > 0.02)
        fail_msg("latency mean %.2f s max %.2f s, fluid limit %.2f s", seen.latency_mean_ns / 1e9,
                 seen.latency_max_ns / 1e9, last_ns / 1e9);
    assert_true(fabs(seen.rate / capacity - 1) < 0.02);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cpu__is_used_for_arrivals_times_service),
        cmocka_unit_test(rate_max__of_one_client_is_one_request_a_cycle),
        cmocka_unit_test(rate_max__stays_within_the_asymptotic_bounds),
        cmocka_unit_test(rate_max__of_many_clients_is_what_the_busiest_thread_can_do),
        cmocka_unit_test(overload__latency_grows_by_the_share_that_is_too_much),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
