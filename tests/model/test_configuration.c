/* Which rows are one configuration, on which cluster it is simulated, and how configurations are dealt to folds. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/evidence/fold.h"
#include "tests/support/fit_fixture.h"

static void configurations__put_repeats_together_and_leave_warming_rows_out(void **state)
{
    (void)state;
    struct configurations c;
    struct broker_err err;
    fit_rows = (struct rows){0};
    for (int i = 0; i < 12; i++) { /* four configurations, three repeats that differ by 10 % */
        struct row *row = fit_add_row("rate", 100, 1000, 5, 0);
        snprintf(row->id, sizeof row->id, "rate-%d", i % 4);
        row->value[MEASURED_BROKER_CPU] = 0.1 * (i < 4 ? 0.9 : i < 8 ? 1 : 1.1);
    }
    struct row *warming = fit_add_row("rate", 100, 1000, 5, 0);
    strcpy(warming->id, "rate-0");
    warming->jit = ROW_WARMING;
    warming->value[MEASURED_BROKER_CPU] = 5;
    assert_int_equal(configurations_init(&c, &fit_rows, "scenarios", NULL, &err), 0);
    assert_int_equal(c.count, 4);
    assert_int_equal(c.left_out, 1);
    assert_int_equal(c.configuration[0].repeats, 3);
    fit_assert_within(c.configuration[0].value[MEASURED_BROKER_CPU], 0.1, 1e-12);
    assert_int_equal(c.spread_repeats[MEASURED_BROKER_CPU], 12);
    /* Median |ln ratio| is ln 1.1 or so, times sqrt(3/2) for the median's freedom, times 1.4826. */
    fit_assert_within(c.spread[MEASURED_BROKER_CPU], log(1.1) * sqrt(1.5) * 1.4826, 0.05);
    assert_true(isnan(c.configuration[0].sigma[MEASURED_PRODUCE_P50]));
    configurations_release(&c);
}

static void fold__deals_configurations_evenly_and_never_splits_repeats(void **state)
{
    (void)state;
    static const char *const families[] = {"rate", "size", "java", "net"};
    struct configurations c;
    struct broker_err err;
    fit_rows = (struct rows){0};
    for (int i = 0; i < 40; i++)
        for (int repeat = 0; repeat < 2; repeat++) {
            struct row *row = fit_add_row(families[i % 4], 100 + i, 1000, 5, 0);
            snprintf(row->id, sizeof row->id, "%s-%d", families[i % 4], i);
        }
    assert_int_equal(configurations_init(&c, &fit_rows, "scenarios", NULL, &err), 0);
    assert_int_equal(c.count, 40); /* what is dealt are configurations: repeats cannot straddle */
    int fold[40], other[40], size[5] = {0}, of_family[4][5] = {{0}};
    fold_deal(&c, 5, 1, fold);
    fold_deal(&c, 5, 2, other);
    for (int i = 0; i < 40; i++) {
        size[fold[i]]++;
        of_family[i % 4][fold[i]]++;
    }
    for (int f = 0; f < 5; f++) {
        assert_int_equal(size[f], 8);
        for (int k = 0; k < 4; k++)
            assert_int_equal(of_family[k][f], 2);
    }
    assert_memory_not_equal(fold, other, sizeof fold); /* the seed deals */
    configurations_release(&c);
}

/* Rows of a cluster of one's own are simulated on its machine, and the profile says which that was. */
static void configurations__are_simulated_on_the_cluster_that_is_named(void **state)
{
    (void)state;
    struct configurations c;
    struct broker_err err = {""};
    fit_add_plan();
    fit_measure(fit_closed_form, &(struct model_profile){.coremark = 1}, 1);
    struct row_place place = {"cluster: {brokers: 1, machine: aws/m7g.2xlarge, volumes: {type: "
                              "gp3, count: 1, size: 500 GB}}\n",
                              "{vcpus: 3, ram: 4 GiB, network: {baseline: 1 Gbit/s}}"};
    if (configurations_init(&c, &fit_rows, "scenarios", &place, &err) != 0)
        fail_msg("%s", err.text);
    const struct scenario_machine *m = &scenario_base(c.configuration[0].doc)->cluster.machine;
    assert_int_equal(m->vcpus, 8);
    assert_true(m->coremark_per_vcpu > 24000);
    assert_int_equal(scenario_base(c.configuration[0].doc)->producers[0].machine.vcpus, 3);
    configurations_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(configurations__put_repeats_together_and_leave_warming_rows_out),
        cmocka_unit_test(fold__deals_configurations_evenly_and_never_splits_repeats),
        cmocka_unit_test(configurations__are_simulated_on_the_cluster_that_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
