/* Batches by a producer's settings, and payload of bytes on the wire: by hand, and against the flows that they become. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "model/cluster/flow.h"
#include "model/scenario/full_batch.h"
#include "tests/support/near.h"
#include "tests/support/size_fixture.h"

/* (65,536 - 61) / 1,010 = 64.8; librdkafka counts no header, and at most 20 by batch.num.messages. */
static void full__holds_what_fits(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, NULL);
    struct scenario_producer p = z.s->producers[0];
    near(scenario_full_batch(&p), 64, 1e-12);
    p.client = SCENARIO_CLIENT_LIBRDKAFKA;
    near(scenario_full_batch(&p), 64, 1e-12);
    p.config.batch_num_messages = 20;
    near(scenario_full_batch(&p), 20, 1e-12);
    size_fixture_release(&z);
}

/* A batch begins with the record that found no room, which is rather a large one; what is left is half of such a record. */
static void full__leaves_room_that_a_record_does_not_fit(void **state)
{
    (void)state;
    struct sized z =
        size_fixture(size_fixture_text,
                     "producers.checkout.record.size={lognormal: {mean: 1000 B, cv: 1}}", NULL);
    near(scenario_full_batch(&z.s->producers[0]), 65475 / 1010.0 - 1, 1e-9);
    size_fixture_release(&z);
}

/* 65,475 bytes of room: as many again as the batches to date came to less, with a margin of 1.05, and the last record as it is. */
static void full__is_what_javas_estimate_says(void **state)
{
    (void)state;
    struct sized z = size_fixture(
        size_fixture_text, "producers.checkout.config={batch.size: 65536, compression.type: lz4}",
        "producers.checkout.compression_ratio={1 KiB: 1, 1 MiB: 11}", NULL);
    struct scenario_producer p = z.s->producers[0];
    near(scenario_full_batch_at(&p, 1), floor(64468 / 1.05 / 1010 + 1), 1e-12);
    near(scenario_full_batch_at(&p, 0.5), floor(64468 / 0.525 / 1010 + 1), 1e-12);
    /* Full ones alone: the ratio is that of what fits by it. */
    double all = scenario_full_batch(&p),
           ratio = scenario_ratio_at(&p.compression_ratio, all * 1010);
    near(all, floor(64468 * ratio / 1.05 / 1010 + 1), 1e-12);
    assert_true(ratio > 9.5);
    near(scenario_full_batch_at(&p, 0.01), all, 1e-12);
    /* Every second one a record that gains nothing: 1, and 0.995 now and then. One in a hundred: down by 0.5 between them, on average. */
    near(scenario_full_batch_beside(&p, 0.5, 1000), 61, 0.02);
    double rare = scenario_full_batch_beside(&p, 0.01, 1000);
    assert_true(rare > 2 * 61 && rare < 5 * 61);
    p.client = SCENARIO_CLIENT_LIBRDKAFKA; /* counts bytes as they are */
    near(scenario_full_batch_beside(&p, 0.5, 1000), 64, 1e-12);
    size_fixture_release(&z);
}

/* Single records: 61 + 1,009 bytes each on the wire. */
static void wire__of_single_records_is_a_header_each(void **state)
{
    (void)state;
    struct sized z = size_fixture(size_fixture_text, "producers.checkout.config.linger.ms=0", NULL);
    near(scenario_payload_of_wire(&z.s->producers[0], 48, 6, 1070e3), 1e6, 1e-9);
    size_fixture_release(&z);
}

static double wire_of(const char *a, const char *b)
{
    struct sized z = size_fixture(size_fixture_text, "producers.checkout.counted=wire", a, b, NULL);
    struct model_placement *m = model_placement_new(z.s, 1);
    struct model_shares *shares = model_shares_new(z.s);
    struct model_flows *f = model_flows_new(z.s, NULL, m, shares, 1);
    double wire = model_flows_producer(f, 0)->wire_bytes_per_s;
    model_flows_free(f);
    model_shares_free(shares);
    model_placement_free(m);
    size_fixture_release(&z);
    return wire;
}

/* What was stated on the wire is what the closed form sends there: of full batches, of few records and of small ones. */
static void wire__comes_back_as_stated(void **state)
{
    (void)state;
    near(wire_of("producers.checkout.rate=12 MB/s", NULL), 12e6, 0.001);
    near(wire_of("producers.checkout.config.linger.ms=5", NULL), 12e6, 0.005);
    near(wire_of("producers.checkout.record.size=20 B", "producers.checkout.config.linger.ms=5"),
         12e6, 0.01);
    near(wire_of("producers.checkout.partitioner=uniform", "producers.checkout.config.linger.ms=5"),
         12e6, 0.02);
    near(wire_of("producers.checkout.config={compression.type: lz4, linger.ms: 20}",
                 "producers.checkout.compression_ratio={1 KiB: 2, 64 KiB: 4}"),
         12e6, 0.03);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full__holds_what_fits),
        cmocka_unit_test(full__leaves_room_that_a_record_does_not_fit),
        cmocka_unit_test(full__is_what_javas_estimate_says),
        cmocka_unit_test(wire__of_single_records_is_a_header_each),
        cmocka_unit_test(wire__comes_back_as_stated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
