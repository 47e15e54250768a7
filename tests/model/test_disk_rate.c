/* What disks sustain, against arithmetic and against the simulated disk. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "model/cluster/disk_rate.h"
#include "tests/support/near.h"
#include "tests/support/size_fixture.h"
#include "tests/support/study_fixture.h"

static double disk_rate(const char *set)
{
    struct sized z = size_fixture("version: 1\n"
                                  "cluster: {machine: {vcpus: 8, ram: 32 GiB, network: {baseline: "
                                  "1 GB/s}, disks: {type: hdd, "
                                  "size: 4 TB}}}\n"
                                  "topics: {t: {partitions: 6, replication: 1}}\n"
                                  "producers: {p: {rate: 20 MB/s}}\n",
                                  set, NULL);
    double limit = z.s->limits.disk_bandwidth;
    double rate = size_fixture_bound(&z, "disk bandwidth")->capacity / limit;
    size_fixture_release(&z);
    return rate;
}

/* 4 MiB at the mean rate of the used tracks, then the mean seek between them and half a turn: by hand. */
static void bound__knows_how_much_of_a_hard_disk_is_used(void **state)
{
    (void)state;
    double turn = 30.0 / 7200, chunk = 4194304;
    near(disk_rate("cluster.machine.disks.used=100 %"), chunk / (chunk / 150e6 + 7.4e-3 + turn),
         1e-9);
    double a = 8 * 15.77e-3 / 3 - 5 * 7.17e-3, b = 5 * 7.17e-3 - 5 * 15.77e-3 / 3;
    double seek = 0.23e-3 + a * 0.25 / 3 + b * 0.5 * 8 / 15;
    near(disk_rate("cluster.machine.disks.used=25 %"), chunk / (chunk / 187.5e6 + seek + turn),
         1e-9);
}

/* Two disks share a chunk of 4 MiB: each writes 2 MiB and goes on; together twice that. */
static void bound__of_a_stripe_shares_the_chunk(void **state)
{
    (void)state;
    double turn = 30.0 / 7200, part = 2097152;
    near(disk_rate("cluster.machine.disks={type: hdd, size: 4 TB, count: 2, layout: raid0}"),
         2 * part / (part / 150e6 + 7.4e-3 + turn), 1e-9);
}

static const char *const hdd_text =
    "version: 1\n"
    "cluster: {brokers: 1, racks: [a], profile: generic, machine: {vcpus: 8, ram: 16 GB, network: "
    "{baseline: 1.25 GB/s}, disks: {type: hdd, size: 8 TB}}}\n"
    "topics: {t: {partitions: 12, replication: 1, config: {retention.ms: 2 d}}}\n"
    "producers: {p: {clients: 6, rate: 5 MB/s, record: {size: 1 KiB}, partitioner: uniform, "
    "config: "
    "{acks: 1, linger.ms: 100, batch.size: 131072}}}\n"
    "groups: {g: {clients: 6}}\n"
    "horizon: {length: 1 d}\n"
    "run: {warmup: 2 s, measure: 8 s, replications: 1}\n";

/*
 * Logs of 5 kB/s, each written back after 30 s: a thousand ways in that time, less those that 4 MiB chunks would have needed; each is the mean
 * seek and half a turn.
 */
static void bound__counts_seeks_to_logs_that_get_little(void **state)
{
    (void)state;
    struct sized z = size_fixture(hdd_text, "topics.t.partitions=1000", NULL);
    struct sized few = size_fixture(hdd_text, NULL);
    double way_s = 7.4e-3 + 30.0 / 7200, extra = 1000 / 30.0 - 5e6 / 4194304;
    double used = size_fixture_bound(&z, "disk bandwidth")->utilisation;
    near(used, 5e6 * (1 / 150e6 + way_s / 4194304) + extra * way_s, 0.02);
    assert_true(size_fixture_bound(&few, "disk bandwidth")->utilisation < 0.1);
    size_fixture_release(&few);
    size_fixture_release(&z);
}

static double row_bytes(const char *groups, const char *set)
{
    char text[2048];
    snprintf(
        text, sizeof text,
        "version: 1\n"
        "cluster: {machine: {vcpus: 8, ram: 32 GiB, network: {baseline: 1 GB/s}, disks: {type: "
        "hdd, size: 4 TB}}}\n"
        "topics: {t: {partitions: 6, replication: 1}}\n"
        "producers: {p: {rate: 20 MB/s}}\n"
        "groups: {%s}\n",
        groups);
    struct sized z = size_fixture(text, set, NULL);
    double bytes = disk_rate_row_bytes(z.s);
    size_fixture_release(&z);
    return bytes;
}

/* Groups that lag are those that read the disk; where none does, the smallest pieces count; read-ahead is below none. */
static void rows__are_those_of_groups_that_lag(void **state)
{
    (void)state;
    static const char two[] = "near: {clients: 1, config: {max.partition.fetch.bytes: 102400}}, "
                              "late: {clients: 1, config: {max.partition.fetch.bytes: 4194304}}";
    near(row_bytes(two, NULL), 131072, 1e-12);
    near(row_bytes(two, "groups.late.lag=6 h"), 4194304, 1e-12);
    near(row_bytes("late: {clients: 1, lag: 6 h, config: {max.partition.fetch.bytes: 4194304, "
                   "fetch.max.bytes: 1048576}}",
                   NULL),
         1048576, 1e-12);
    near(row_bytes(two, "cluster.read_ahead=1 MiB"), 1048576, 1e-12);
}

/* They take turns on their broker's threads whenever a socket is full. */
static void rows__of_several_readers_are_what_a_socket_takes(void **state)
{
    (void)state;
    static const char late[] = "late: {clients: 2, lag: 6 h}";
    near(row_bytes(late, NULL), 2 * 102400, 1e-12);
    near(row_bytes(late, "cluster.config.socket.send.buffer.bytes=262144"), 2 * 262144, 1e-12);
    near(row_bytes(late, "cluster.config.socket.send.buffer.bytes=-1"), 1048576, 1e-12);
    near(row_bytes(late, "groups.late.clients=1"), 1048576, 1e-12);
}

/* What a hard disk gives a lagging group: bound, horizon and run have one rate, that of what a socket takes in a row. */
static void lagging__reads_a_hard_disk_in_rows(void **state)
{
    (void)state;
    static const char *const pieces[] = {"groups.g.config.max.partition.fetch.bytes=131072",
                                         "groups.g.config.max.partition.fetch.bytes=1048576",
                                         "groups.g.config.max.partition.fetch.bytes=4194304"};
    for (int i = 0; i < 3; i++) {
        const char *sets[] = {"groups.g.lag=6 h", pieces[i]};
        struct scenario_doc *doc;
        struct result *r = study_fixture_doc(hdd_text, sets, 2, &doc);
        const char *bind;
        double rate = disk_rate_read(scenario_base(doc), &bind) *
                      (1 - 5e6 / disk_rate_write(scenario_base(doc), &bind));
        near(r->flows[1].wire_bytes_per_s.value, rate, 0.3);
        result_free(r);
        scenario_doc_free(doc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bound__knows_how_much_of_a_hard_disk_is_used),
        cmocka_unit_test(bound__of_a_stripe_shares_the_chunk),
        cmocka_unit_test(bound__counts_seeks_to_logs_that_get_little),
        cmocka_unit_test(rows__are_those_of_groups_that_lag),
        cmocka_unit_test(rows__of_several_readers_are_what_a_socket_takes),
        cmocka_unit_test(lagging__reads_a_hard_disk_in_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
