/* A profile that a calibration writes: read back, and nothing of an earlier one left. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "model/evidence/calibrate.h"
#include "model/evidence/profile_write.h"
#include "tests/support/fit_fixture.h"
#include "tests/support/scratch.h"

static void profile__is_read_back_as_it_was_written(void **state)
{
    (void)state;
    struct model_profile start, truth, said, read;
    struct calibration *c;
    struct broker_err err = {""};
    fit_measure_shifted(&start, &truth);
    struct calibrate_options options = fit_options(fit_closed_form, &start);
    assert_int_equal(calibrate(&fit_rows, &options, &c, &err), CALIBRATE_OK);
    char path[128];
    snprintf(path, sizeof path, "%s/own.yaml", scratch);
    for (int fold = -1; fold < 2; fold++) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        assert_int_equal(
            profile_write(c, fold, "own", PROFILE_WHOLE, (struct profile_clients){0}, file), 0);
        fclose(file);
        if (scenario_profile_load_file("scenarios", path, &read, &err) != 0)
            fail_msg("%s", err.text);
        calibration_profile(c, fold, "own", &said);
        const struct scenario_profile_key *key;
        for (int i = 0; (key = scenario_profile_key_at(i)); i++)
            if (scenario_profile_get(&said, key) > 0)
                fit_assert_within(scenario_profile_get(&read, key),
                                  scenario_profile_get(&said, key), 1e-4);
        assert_true(read.calibrated);
        assert_string_equal(read.error, said.error);
        assert_string_equal(read.held_out_ids, said.held_out_ids);
        assert_string_equal(read.fitted_kinds, said.fitted_kinds);
        assert_true(model_profile_names(read.fitted_kinds, "librdkafka/acks=1"));
        assert_false(model_profile_names(read.fitted_kinds, "librdkafka/zstd"));
        assert_int_equal(read.held_out[MEASURED_BROKER_CPU].rows, 20);
        assert_true(read.range[MODEL_PROFILE_RATE].known);
        assert_true(read.range[MODEL_PROFILE_RATE].high <= 4000);
        int held_out = 0;
        for (int i = 0; i < fit_rows.count; i++)
            held_out += model_profile_names(read.held_out_ids, fit_table[i].id);
        assert_int_equal(held_out, fold < 0 ? 0 : 4); /* 20 configurations, 5 folds */
    }
    calibration_free(c);
}

/* A profile's rates and partitions are those on one broker: the rows' on two, half of them. */
static void profile__states_what_one_broker_had(void **state)
{
    (void)state;
    struct model_profile start, whole, fold;
    struct calibration *c;
    struct broker_err err = {""};
    fit_start_profile(&start);
    fit_add_plan();
    for (int i = 0; i < fit_rows.count; i++) {
        fit_table[i].config.brokers = 2;
        fit_table[i].config.partitions = 6;
        fit_table[i].config.replication = 2;
    }
    fit_measure(fit_closed_form, &start, 1);
    struct calibrate_options options = fit_options(fit_closed_form, &start);
    if (calibrate(&fit_rows, &options, &c, &err) != CALIBRATE_OK)
        fail_msg("%s", err.text);
    calibration_profile(c, -1, "own", &whole);
    assert_true(whole.range[MODEL_PROFILE_RATE].low == 50);
    assert_true(whole.range[MODEL_PROFILE_RATE].high == 2000);
    assert_true(whole.range[MODEL_PROFILE_PARTITIONS].low == 6);
    assert_true(whole.range[MODEL_PROFILE_PARTITIONS].high == 6);
    assert_true(whole.range[MODEL_PROFILE_REPLICATION].high == 2);
    assert_true(whole.range[MODEL_PROFILE_BROKERS].low == 2);
    calibration_profile(c, 0, "own", &fold);
    assert_true(fold.range[MODEL_PROFILE_RATE].low >= 50);
    calibration_free(c);
}

static bool is_there(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", scratch, name);
    return access(path, F_OK) == 0;
}

static void what_an_earlier_calibration_left__is_removed(void **state)
{
    (void)state;
    char profile[128];
    struct broker_err err = {""};
    static const char *const names[] = {"p.yaml",         "p.fold-2.yaml",  "p.fold-3.yaml",
                                        "p.fold-20.yaml", "pp.fold-3.yaml", "p.scaled.yaml"};
    for (int i = 0; i < 6; i++)
        scratch_put(names[i], "x\n");
    snprintf(profile, sizeof profile, "%s/p", scratch);
    assert_int_equal(profile_remove_stale(profile, 2, &err), 0);
    assert_true(is_there("p.yaml") && is_there("p.fold-2.yaml") && is_there("pp.fold-3.yaml"));
    assert_false(is_there("p.fold-3.yaml") || is_there("p.fold-20.yaml"));
    assert_false(is_there("p.scaled.yaml")); /* of other costs */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(profile__is_read_back_as_it_was_written),
        cmocka_unit_test(profile__states_what_one_broker_had),
        cmocka_unit_test(what_an_earlier_calibration_left__is_removed),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
