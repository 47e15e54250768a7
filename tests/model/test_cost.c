/* Cost: parts against arithmetic, prices of one's own, and unknown said as unknown. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/answer/cost.h"
#include "model/cluster/flow.h"
#include "tests/support/near.h"
#include "model/report/tables.h"
#include "tests/support/size_fixture.h"

static void compute__is_machines_by_the_hour(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, NULL);
    near(size_fixture_cost(&z, "compute")->usd_per_month, 6 * 1.0 * 730, 1e-12);
    near(z.r->usd_per_month, 6 * 1.0 * 730, 1e-12);
    size_fixture_release(&z);
    z = size_fixture(size_fixture_text, "cluster.machine=aws/i3en.2xlarge", NULL);
    near(size_fixture_cost(&z, "compute")->usd_per_month, 6 * 0.904 * 730, 1e-12);
    assert_non_null(strstr(size_fixture_cost(&z, "compute")->basis, "us-east-1, 2026-07-20"));
    size_fixture_release(&z);
}

static void unknown__is_said_and_never_nothing(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, NULL);
    assert_false(size_fixture_cost(&z, "cross-zone traffic")->known);
    assert_non_null(strstr(z.r->currency_note, "not counted: cross-zone traffic"));
    assert_true(size_fixture_cost(&z, "disk")->known); /* local: in the machine's price */
    size_fixture_release(&z);
}

/* A machine type of a cloud that comes without disks: whatever stands for them is not free. */
static void disks__of_a_machine_without_any_are_not_in_its_price(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "cluster.machine=gcp/n2-standard-8",
                                  "cluster.volumes={type: ssd, size: 4 TB}", NULL);
    const struct result_cost *disk = size_fixture_cost(&z, "disk");
    assert_false(disk->known);
    assert_non_null(strstr(disk->basis, "6 x 4000 GB ssd: gcp/n2-standard-8 has no disks"));
    assert_non_null(strstr(z.r->currency_note, "not counted: disk"));
    size_fixture_release(&z);
}

static void disks__that_are_more_than_a_machine_has_are_not_in_its_price(void **state)
{
    (void)state;
    static const char *const volumes[] = {"cluster.volumes={type: nvme, size: 2 TB, count: 2}",
                                          "cluster.volumes={type: nvme, size: 100 TB}"};
    for (int i = 0; i < 2; i++) {
        struct sized z =
            size_fixture(size_fixture_text, "cluster.machine=aws/i3en.2xlarge", volumes[i], NULL);
        const struct result_cost *disk = size_fixture_cost(&z, "disk");
        assert_int_equal(disk->known, i == 0);
        assert_int_equal(strstr(disk->basis, "i3en.2xlarge has 2 x 2500 GB of its own") != NULL, i);
        size_fixture_release(&z);
    }
}

static void volumes__show_no_part_that_costs_nothing(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "cluster.machine=aws/m5.2xlarge",
                                  "cluster.volumes={type: st1, size: 1000 GiB}", NULL);
    const char *basis = size_fixture_cost(&z, "disk")->basis;
    assert_non_null(strstr(basis, "1000 GiB at 0.045 $ a month"));
    size_fixture_release(&z);
}

/*
 * gp3: 1,000 GiB at 0.08 $, 16,000 IOPS of which 3,000 free at 0.005 $, 250 MiB/s of which 125 free at 0.04 $. AWS's GB and MB are
 * binary; infracost's golden test has 5 MiB/s at 0.20 $ and 1,000 IOPS at 5.00 $.
 */
static void volumes__cost_space_iops_and_throughput(void **state)
{
    (void)state;
    struct sized z = size_fixture(
        size_fixture_text, "cluster.machine=aws/m5.2xlarge",
        "cluster.volumes={type: gp3, size: 1000 GiB, iops: 16000, throughput: 250 MiB/s}", NULL);
    double each = 1000 * 0.08 + 13000 * 0.005 + 125 * 0.04;
    near(size_fixture_cost(&z, "disk")->usd_per_month, 6 * each, 1e-9);
    assert_non_null(strstr(size_fixture_cost(&z, "disk")->basis,
                           "1000 GiB at 0.08 $ + 13,000 IOPS at 0.005 $ + 125 MiB/s at 0.04 $"));
    size_fixture_release(&z);
}

/*
 * AutoMQ's example in shares: of what is produced two thirds cross to a leader in another zone, each of two replicas crosses once, and of
 * each group's reading two thirds cross again: 4 times the load with two groups.
 */
static void traffic__crosses_as_often_as_the_closed_form_says(void **state)
{
    (void)state;
    struct sized z = size_fixture(
        size_fixture_text, "cost.cross_rack=0.02 USD/GB", "producers.checkout.racks=[a, b, c]",
        "groups.billing.racks=[a, b, c]", "groups.audit.racks=[a, b, c]", NULL);
    double wire = 12e6 / 64000 * (61 + 64 * 1010);
    near(size_fixture_cost(&z, "cross-zone traffic")->usd_per_month,
         wire * (2 / 3.0 + 2 + 2 * 2 / 3.0) * 730 * 3600 / 1073741824 * 0.02, 1e-3);
    size_fixture_release(&z);
}

static double wire_of(const struct scenario *s, const struct model_profile *profile)
{
    struct model_placement *m = model_placement_new(s, s->run.seed);
    struct model_shares *shares = model_shares_new(s);
    struct model_flows *f = model_flows_mean(s, profile, m, shares, NULL);
    double wire = model_flows_producer(f, 0)->wire_bytes_per_s;
    model_flows_free(f);
    model_shares_free(shares);
    model_placement_free(m);
    return wire;
}

/* One busy client without a linger: what its thread is too late for gathers, and less crosses than records in batches of their own. */
static void traffic__is_that_of_the_batches_of_the_bounds(void **state)
{
    (void)state;
    struct sized z = size_fixture(
        size_fixture_text, "cost.cross_rack=0.02 USD/GB", "producers.checkout.clients=1",
        "producers.checkout.partitioner=uniform", "producers.checkout.record.size=100 B",
        "producers.checkout.config={linger.ms: 0, acks: 1, enable.idempotence: false}",
        "producers.checkout.racks=[a, b, c]", "groups.billing.racks=[a, b, c]",
        "groups.audit.racks=[a, b, c]", NULL);
    struct model_profile profile;
    model_profile_init(&profile);
    double wire = wire_of(z.s, &profile);
    assert_true(wire < 0.9 * wire_of(z.s, NULL));
    near(size_fixture_cost(&z, "cross-zone traffic")->usd_per_month,
         wire * (2 / 3.0 + 2 + 2 * 2 / 3.0) * 730 * 3600 / 1073741824 * 0.02, 1e-3);
    size_fixture_release(&z);
}

/* 5 % in each of twelve periods; machines stay what they are. */
static void growth__is_said_beside_the_cost_of_today(void **state)
{
    (void)state;
    struct sized z = size_fixture(
        size_fixture_text, "cost.cross_rack=0.02 USD/GB", "producers.checkout.racks=[a, b, c]",
        "producers.checkout.growth=5 % a month", "horizon.length=365.25 d", NULL);
    const struct result_cost *crossing = size_fixture_cost(&z, "cross-zone traffic");
    char want[40];
    const char *basis = strstr(crossing->basis, "as it has grown on day ");
    const char *note = strstr(z.r->currency_note, "for today's load, with its growth ");
    assert_non_null(basis);
    assert_non_null(note);
    double traffic = crossing->usd_per_month * pow(1.05, 12);
    double together = z.r->usd_per_month + traffic - crossing->usd_per_month;
    snprintf(want, sizeof want, "on day 365: %s $", result_count(z.r, (uint64_t)llround(traffic)));
    assert_non_null(strstr(basis, want));
    snprintf(want, sizeof want, " %s $ on day 365", result_count(z.r, (uint64_t)llround(together)));
    assert_non_null(strstr(note, want));
    size_fixture_release(&z);
    z = size_fixture(size_fixture_text, "cost.cross_rack=0.02 USD/GB", NULL);
    assert_null(strstr(z.r->currency_note, "growth"));
    size_fixture_release(&z);
}

/* Twice the records do not cross twice as heavy: their batches are larger, and compress better. */
static void growth__crosses_in_batches_of_the_grown_load(void **state)
{
    (void)state;
    struct sized z = size_fixture(
        size_fixture_text, "cost.cross_rack=0.02 USD/GB", "producers.checkout.racks=[a, b, c]",
        "producers.checkout.growth=100 % a month", "horizon.length=2629800 s", /* a month */
        "producers.checkout.config={linger.ms: 20, batch.size: 1 MB, compression.type: lz4}",
        "producers.checkout.compression_ratio={1 KiB: 1, 64 KiB: 4}", NULL);
    struct sized then = size_fixture(
        size_fixture_text, "cost.cross_rack=0.02 USD/GB", "producers.checkout.racks=[a, b, c]",
        "producers.checkout.rate=24 MB/s",
        "producers.checkout.config={linger.ms: 20, batch.size: 1 MB, compression.type: lz4}",
        "producers.checkout.compression_ratio={1 KiB: 1, 64 KiB: 4}", NULL);
    double today = size_fixture_cost(&z, "cross-zone traffic")->usd_per_month;
    double grown = size_fixture_cost(&then, "cross-zone traffic")->usd_per_month;
    char want[60];
    assert_true(grown < 1.8 * today);
    snprintf(want, sizeof want, "on day 30: %s $", result_count(z.r, (uint64_t)llround(grown)));
    assert_non_null(strstr(size_fixture_cost(&z, "cross-zone traffic")->basis, want));
    size_fixture_release(&then);
    size_fixture_release(&z);
}

/* Wherever it is stated: 6 brokers with one disk of 500 GB at 0.17 $. */
static void local_disks__cost_what_was_stated(void **state)
{
    (void)state;
    static const char *const stated[][2] = {
        {"cluster.volumes={type: ssd, size: 500 GB, price: 0.17 USD/GB-month}",
         "question=the price of volumes"},
        {"cluster.machine.disks={type: hdd, size: 500 GB, price: 0.17 USD/GB-month}",
         "question=the price of disks"},
        {"cluster.machine.disks={type: nvme, size: 500 GB}", "cost.storage=0.17 USD/GB-month"},
    };
    for (size_t i = 0; i < sizeof stated / sizeof *stated; i++) {
        struct sized z =
            size_fixture(size_fixture_text, "cluster.brokers=6",
                         "topics.orders.config.retention.ms=1 h", stated[i][0], stated[i][1], NULL);
        near(size_fixture_cost(&z, "disk")->usd_per_month, z.r->brokers * 500 * 0.17, 1e-9);
        assert_non_null(strstr(size_fixture_cost(&z, "disk")->basis, "500 GB at 0.17 $ a month"));
        size_fixture_release(&z);
    }
}

/* A price of nothing is a bill of nothing; only what is in the machine's price is included. */
static void disks_of_the_machine__are_included_and_free_ones_are_not(void **state)
{
    (void)state;
    char cell[REPORT_CELL_MAX];
    struct sized z = size_fixture(size_fixture_text, NULL);
    assert_true(size_fixture_cost(&z, "disk")->included);
    assert_false(size_fixture_cost(&z, "compute")->included);
    report_cost_part_cell(size_fixture_cost(&z, "disk"), cell);
    assert_string_equal(cell, "included");
    size_fixture_release(&z);
    z = size_fixture(size_fixture_text, "cluster.volumes={type: gp3, size: 9 TB}", NULL);
    struct result_cost free_of_charge = *size_fixture_cost(&z, "disk");
    free_of_charge.usd_per_month = 0;
    report_cost_part_cell(&free_of_charge, cell);
    assert_string_equal(cell, "0");
    size_fixture_release(&z);
}

/* The row of the catalogue: storage at 0.1 $, and no bill for what brokers replicate; clients' traffic is billed as anywhere. */
static void msk__bills_its_own_storage_and_no_replication(void **state)
{
    (void)state;
    struct sized z = size_fixture(
        size_fixture_text, "cluster.machine=aws-msk/kafka.m5.2xlarge",
        "cluster.volumes={type: gp3, size: 1000 GiB, throughput: 250 MiB/s, iops: 16000}",
        "producers.checkout.racks=[a, b, c]", "groups.billing.racks=[a, b, c]",
        "groups.audit.racks=[a, b, c]", NULL);
    double wire = 12e6 / 64000 * (61 + 64 * 1010);
    near(size_fixture_cost(&z, "cross-zone traffic")->usd_per_month,
         wire * (2 / 3.0 + 2 * 2 / 3.0) * 730 * 3600 / 1073741824 * 0.02, 1e-3);
    assert_non_null(strstr(size_fixture_cost(&z, "cross-zone traffic")->basis,
                           "MSK does not bill the 24.26 MB/s of replication"));
    near(size_fixture_cost(&z, "disk")->usd_per_month, 6 * 1000 * 0.1, 1e-9);
    size_fixture_release(&z);
    z = size_fixture(
        size_fixture_text,
        "cluster.machine={like: aws-msk/express.m7g.2xlarge, network: {baseline: 1 GB/s}}",
        "cluster.volumes={type: gp3, size: 1000 GB}", NULL);
    assert_false(size_fixture_cost(&z, "disk")->known);
    size_fixture_release(&z);
}

static void volumes_of_aws__have_no_price_on_another_cloud(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "cluster.machine=gcp/n2-standard-8",
                                  "cluster.volumes={type: gp3, size: 1000 GiB, iops: 6000}", NULL);
    const struct result_cost *disk = size_fixture_cost(&z, "disk");
    assert_false(disk->known);
    assert_non_null(strstr(disk->basis, "that is a volume of AWS, and gcp's price of one (its "
                                        "pd-ssd: 0.17 $) is unknown; state volumes.price"));
    size_fixture_release(&z);
    z = size_fixture(
        size_fixture_text, "cluster.machine=gcp/n2-standard-8",
        "cluster.volumes={type: gp3, size: 1000 GiB, iops: 6000, price: 0.17 USD/GB-month}", NULL);
    near(size_fixture_cost(&z, "disk")->usd_per_month, z.r->brokers * 1000 * 0.17, 1e-9);
    size_fixture_release(&z);
}

static void prices__replace_the_list(void **state)
{
    (void)state;
    static const char text[] = "# negotiated\n"
                               "date: 2026-09-01\n"
                               "region: eu-central-1   # ours\n"
                               "\n"
                               "aws/i3en.2xlarge: 0.5\n"
                               "cross_zone_usd_per_gb: 0.01\n"
                               "hours_per_month: 744\n";
    struct sized z = size_fixture(size_fixture_text, "cluster.machine=aws/i3en.2xlarge", NULL);
    struct model_profile profile;
    struct cost_prices prices;
    char error[COST_ERROR_BYTES] = "";
    struct result *r = result_new();
    cost_prices_init(&prices);
    assert_true(cost_prices_parse("p.yaml", text, &prices, error));
    model_profile_init(&profile);
    cost_fill(z.s, &profile, 6, &prices, r);
    near(r->costs[0].usd_per_month, 6 * 0.5 * 744, 1e-12);
    assert_non_null(strstr(r->costs[0].basis, "eu-central-1, 2026-09-01"));
    assert_true(r->costs[2].known);
    assert_non_null(strstr(r->costs[2].basis, "at 0.01 $ a GiB"));
    result_free(r);
    cost_prices_release(&prices);
    size_fixture_release(&z);
}

static void prices__with_an_error_give_its_place_and_nothing_else(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"iops_usd_per_month: -1\n",
         "p:1: iops_usd_per_month is -1; expected a number from 0 to 1e9"},
        {"\n\nhours_per_month: 0\n", "p:3: hours_per_month is 0; expected a number above 0"},
        {"machine_usd_per_hour: 1 $\n",
         "p:1: machine_usd_per_hour is 1 $; expected a number from 0 to 1e9"},
        {"machine_usd_per_hour: 0x10\n",
         "p:1: machine_usd_per_hour is 0x10; expected a number from 0 to 1e9"},
        {"machine_usd_per_hour: nan\n",
         "p:1: machine_usd_per_hour is nan; expected a number from 0 to 1e9"},
        {"machine_usd_per_hour:\n",
         "p:1: machine_usd_per_hour is empty; expected a number from 0 to 1e9"},
        {"aws/m5.large: much\n",
         "p:1: aws/m5.large is much; expected a number from 0 to 1e9 ($ an hour)"},
        {"cross_zone_usd_per_gb: 1\ncross_zone_usd_per_gb: 2\n",
         "p:2: cross_zone_usd_per_gb is 2; expected to stand once"},
        {"\n{\"machine_usd_per_hour\": 0.61}\n",
         "p: is JSON; expected a `key: number` a line, such as machine_usd_per_hour: 0.61"},
        {"nonsense\n", "p:1: nonsense; expected `key: number`"},
        {"disk: 3\n",
         "p:1: unknown key disk; expected date, region, a machine (aws/m5.large) or one "
         "of machine_usd_per_hour, storage_usd_per_gb_month, ..."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cost_prices prices;
        char error[COST_ERROR_BYTES] = "";
        cost_prices_init(&prices);
        assert_false(cost_prices_parse("p", cases[i].text, &prices, error));
        assert_string_equal(error, cases[i].error);
        assert_true(isnan(prices.machine_usd_per_hour) && prices.machine_count == 0);
    }
    struct cost_prices prices;
    char error[COST_ERROR_BYTES] = "";
    cost_prices_init(&prices);
    assert_false(cost_prices_read("/no/such/prices.yaml", &prices, error));
    assert_string_equal(error, "/no/such/prices.yaml: No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compute__is_machines_by_the_hour),
        cmocka_unit_test(unknown__is_said_and_never_nothing),
        cmocka_unit_test(disks__of_a_machine_without_any_are_not_in_its_price),
        cmocka_unit_test(disks__that_are_more_than_a_machine_has_are_not_in_its_price),
        cmocka_unit_test(volumes__show_no_part_that_costs_nothing),
        cmocka_unit_test(volumes__cost_space_iops_and_throughput),
        cmocka_unit_test(traffic__crosses_as_often_as_the_closed_form_says),
        cmocka_unit_test(traffic__is_that_of_the_batches_of_the_bounds),
        cmocka_unit_test(growth__is_said_beside_the_cost_of_today),
        cmocka_unit_test(growth__crosses_in_batches_of_the_grown_load),
        cmocka_unit_test(local_disks__cost_what_was_stated),
        cmocka_unit_test(disks_of_the_machine__are_included_and_free_ones_are_not),
        cmocka_unit_test(msk__bills_its_own_storage_and_no_replication),
        cmocka_unit_test(volumes_of_aws__have_no_price_on_another_cloud),
        cmocka_unit_test(prices__replace_the_list),
        cmocka_unit_test(prices__with_an_error_give_its_place_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
