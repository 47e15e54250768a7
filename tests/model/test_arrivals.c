/* Arrivals against closed forms of counts, gaps and sizes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "model/client/arrivals.h"
#include "sim/stat.h"

#define MS INT64_C(1000000)
#define S  INT64_C(1000000000)

static void assert_near(double got, double want, double relative)
{
    if (!(got > want * (1 - relative) && got < want * (1 + relative)))
        fail_msg("got %g, expected %g", got, want);
}

static struct model_arrivals *open(const struct model_arrivals_config *config, uint64_t seed)
{
    return model_arrivals_new(config, seed, 0, "test arrivals", "test", 0, 1, NULL);
}

/* Counts of equal windows, taken one window at a time. */
static struct sim_tally counts(struct model_arrivals *arrivals, int64_t window_ns, int windows,
                               struct sim_tally *bytes)
{
    struct sim_tally tally;
    sim_tally_init(&tally);
    if (bytes)
        sim_tally_init(bytes);
    for (int i = 1; i <= windows; i++) {
        struct model_take_limit limit = {i * window_ns, UINT64_MAX, UINT64_MAX, false};
        struct model_taken taken;
        model_arrivals_take(arrivals, 0, &limit, &taken);
        sim_tally_add(&tally, (double)taken.count);
        if (bytes)
            sim_tally_add(bytes, (double)taken.bytes);
        if (taken.count == 0)
            continue;
        assert_true(taken.first_ns > (i - 1) * window_ns && taken.last_ns <= i * window_ns);
        assert_true(taken.first_ns <= taken.last_ns);
        assert_true(taken.groups >= 1 && taken.groups <= taken.count);
    }
    return tally;
}

static struct model_arrivals_config poisson(double rate)
{
    struct model_arrivals_config config;
    model_arrivals_config_init(&config);
    config.kind = MODEL_ARRIVALS_POISSON;
    config.rate_records_per_s = rate;
    return config;
}

static void constant__comes_in_equal_steps(void **state)
{
    (void)state;
    struct model_arrivals_config config;
    model_arrivals_config_init(&config);
    config.rate_records_per_s = 1000;
    struct model_arrivals *arrivals = open(&config, 1);
    int64_t before = model_arrivals_peek(arrivals, 0);
    assert_in_range(before, 0, MS);
    for (int i = 0; i < 1000; i++) {
        struct model_take_limit one = {INT64_MAX / 2, UINT64_MAX, 1, false};
        struct model_taken taken;
        assert_true(model_arrivals_take(arrivals, 0, &one, &taken));
        assert_int_equal(taken.bytes, 1024);
        int64_t next = model_arrivals_peek(arrivals, 0);
        assert_in_range(next - before, MS - 1, MS + 1);
        before = next;
    }
    model_arrivals_free(arrivals);
}

/* Variance / mean of counts is 1, one by one (mean 5) and in grains (mean 500). */
static void poisson__has_poisson_counts(void **state)
{
    (void)state;
    static const double means[] = {5, 500};
    for (int i = 0; i < 2; i++) {
        struct model_arrivals_config config = poisson(means[i] * 100);
        struct model_arrivals *arrivals = open(&config, 2);
        struct sim_tally tally = counts(arrivals, 10 * MS, 40000, NULL);
        assert_near(tally.mean, means[i], 0.005);
        assert_near(sim_tally_variance(&tally) / tally.mean, 1, 0.04);
        model_arrivals_free(arrivals);
    }
}

static void sizes__have_their_mean_and_variance_however_many_are_drawn_at_once(void **state)
{
    (void)state;
    static const double rates[] = {100, 2000, 100000}; /* 1, 20, 1000 a window */
    for (int i = 0; i < 3; i++) {
        struct model_arrivals_config config = poisson(rates[i]);
        config.sizes.kind = MODEL_SIZE_LOGNORMAL;
        config.sizes.mean_bytes = 1000;
        config.sizes.cv = 0.8;
        config.sizes.overhead_bytes = 10;
        struct model_arrivals *arrivals = open(&config, 3);
        struct sim_tally bytes;
        struct sim_tally tally = counts(arrivals, 10 * MS, 20000, &bytes);
        /* A compound Poisson sum: variance = mean count x (variance + mean^2) of one. */
        assert_near(bytes.mean / tally.mean, 1010, 0.01);
        assert_near(sim_tally_variance(&bytes), rates[i] / 100 * (1010.0 * 1010 + 800.0 * 800),
                    0.06);
        model_arrivals_free(arrivals);
    }
}

static void table__draws_its_sizes(void **state)
{
    (void)state;
    struct model_arrivals_config config = poisson(1000);
    config.sizes = (struct model_sizes){.kind = MODEL_SIZE_TABLE,
                                        .mean_bytes = 0.9 * 100 + 0.1 * 5000,
                                        .cv = 2.4915,
                                        .count = 2,
                                        .bytes = {100, 5000},
                                        .share = {0.9, 0.1}};
    struct model_arrivals *arrivals = open(&config, 3);
    int small = 0, large = 0;
    for (int i = 0; i < 10000; i++) {
        struct model_take_limit one = {INT64_MAX / 2, UINT64_MAX, 1, true};
        struct model_taken taken;
        assert_true(model_arrivals_take(arrivals, 0, &one, &taken));
        small += taken.bytes == 100;
        large += taken.bytes == 5000;
    }
    assert_int_equal(small + large, 10000);
    assert_near(large, 1000, 0.1);
    model_arrivals_free(arrivals);
}

/* Bursts of 20 at Poisson times: variance / mean of counts is 20. */
static void bursts__come_together(void **state)
{
    (void)state;
    struct model_arrivals_config config = poisson(2000);
    config.kind = MODEL_ARRIVALS_BURST;
    config.burst_records = 20;
    struct model_arrivals *arrivals = open(&config, 4);
    struct sim_tally tally = counts(arrivals, 100 * MS, 20000, NULL);
    assert_near(tally.mean, 200, 0.01);
    assert_near(sim_tally_variance(&tally) / tally.mean, 20, 0.04);
    model_arrivals_free(arrivals);
}

/* Bursts of 20 each 10 ms: ten in 100 ms, always. */
static void bursts__come_at_equal_steps_when_constant(void **state)
{
    (void)state;
    struct model_arrivals_config config = poisson(2000);
    config.kind = MODEL_ARRIVALS_BURST;
    config.burst_records = 20;
    config.burst_constant = true;
    struct model_arrivals *arrivals = open(&config, 4);
    struct sim_tally tally = counts(arrivals, 100 * MS, 2000, NULL);
    assert_near(tally.mean, 200, 0.001);
    assert_near(1 + sim_tally_variance(&tally), 1, 0.001);
    model_arrivals_free(arrivals);
}

/* Two states, 3 and 1/3 times the mean: index of dispersion 1 + 2 variance x time constant / mean over long windows. */
static void mmpp__has_its_mean_and_dispersion(void **state)
{
    (void)state;
    struct model_arrivals_config config = poisson(1000);
    config.kind = MODEL_ARRIVALS_MMPP;
    config.mmpp_count = 1;
    config.mmpp[0] = (struct model_mmpp){.high = 3, .busy_ns = 20 * MS, .quiet_ns = 60 * MS};
    struct model_arrivals *arrivals = open(&config, 5);
    struct sim_tally tally = counts(arrivals, S, 20000, NULL);
    /* busy 1/4: high 3000, quiet 333.3; variance 3/16 x 2666.7^2; constant 1 / (1/20 + 1/60) = 15 ms; window correction 1 - 15 ms / 1 s */
    double variance = 3.0 / 16 * 2666.7 * 2666.7;
    assert_near(tally.mean, 1000, 0.01);
    assert_near(sim_tally_variance(&tally) / tally.mean,
                1 + 2 * variance * 0.015 / 1000 * (1 - 0.015), 0.06);
    model_arrivals_free(arrivals);
}

static void superposition__fills_four_components_or_refuses(void **state)
{
    (void)state;
    struct model_mmpp out[MODEL_MMPP_MAX];
    assert_true(model_mmpp_superpose(1000, 1e4, out));
    /* sum over components of 2 (rate d / 4)^2 constant / rate = dispersion - 1 */
    double d = out[0].high - 1, sum = 0;
    for (int i = 0; i < MODEL_MMPP_MAX; i++)
        sum += 2 * (1e4 * d / 4) * (1e4 * d / 4) * (double)out[i].busy_ns / 2e9 / 1e4;
    assert_near(sum, 999, 1e-6);
    assert_false(model_mmpp_superpose(1e9, 1e4, out));
    assert_false(model_mmpp_superpose(0.5, 1e4, out));
}

/* Streams of one modulation are busy together: counts of two are correlated, without it they are not. */
static void modulation__is_shared_by_name(void **state)
{
    (void)state;
    struct model_arrivals_config config = poisson(1000);
    config.kind = MODEL_ARRIVALS_MMPP;
    config.mmpp_count = 1;
    config.mmpp[0] = (struct model_mmpp){.high = 3, .busy_ns = 200 * MS, .quiet_ns = 600 * MS};
    double product[2] = {0, 0};
    for (int other = 0; other < 2; other++) {
        struct model_arrivals *a = model_arrivals_new(&config, 6, 0, "a", "m", 0, 1, NULL);
        struct model_arrivals *b =
            model_arrivals_new(&config, 6, 0, "b", other ? "n" : "m", 0, 1, NULL);
        for (int i = 1; i <= 5000; i++) {
            struct model_take_limit limit = {i * 100 * MS, UINT64_MAX, UINT64_MAX, false};
            struct model_taken x, y;
            model_arrivals_take(a, 0, &limit, &x);
            model_arrivals_take(b, 0, &limit, &y);
            product[other] += ((double)x.count - 100) * ((double)y.count - 100) / 5000;
        }
        model_arrivals_free(a);
        model_arrivals_free(b);
    }
    assert_true(product[0] > 8000); /* 3/16 x 266.67^2 = 13333, less what changes inside a window */
    assert_true(product[1] < 1500 && product[1] > -1500);
}

static void limits__end_a_take_and_full_says_when(void **state)
{
    (void)state;
    for (int fast = 0; fast < 2; fast++) {
        struct model_arrivals_config config = poisson(fast ? 1e6 : 1e4);
        struct model_arrivals *arrivals = open(&config, 7);
        for (int i = 0; i < 2000; i++) {
            uint64_t room = fast ? 1024 * 500 + 700 : 1024 * 5 + 700;
            struct model_take_limit limit = {INT64_MAX / 2, room, UINT64_MAX, false};
            int64_t full = model_arrivals_full_ns(arrivals, 0, &limit);
            struct model_taken taken;
            limit.until_ns = full;
            assert_true(model_arrivals_take(arrivals, 0, &limit, &taken));
            assert_int_equal(taken.count, fast ? 500 : 5);
            assert_true(taken.full);
            assert_true(taken.last_ns <= full);
            assert_int_equal(model_arrivals_peek(arrivals, 0), full);
        }
        model_arrivals_free(arrivals);
    }
}

static void force_one__takes_a_record_that_is_too_large(void **state)
{
    (void)state;
    struct model_arrivals_config config = poisson(1000);
    struct model_arrivals *arrivals = open(&config, 8);
    struct model_take_limit limit = {S, 10, UINT64_MAX, true};
    struct model_taken taken;
    assert_true(model_arrivals_take(arrivals, 0, &limit, &taken));
    assert_int_equal(taken.count, 1);
    limit.force_one = false;
    assert_false(model_arrivals_take(arrivals, 0, &limit, &taken));
    model_arrivals_free(arrivals);
}

/* However it is looked at in between, the stream stays the same while records are drawn one by one. */
static void looking__changes_nothing(void **state)
{
    (void)state;
    struct model_arrivals_config config = poisson(1000);
    struct model_arrivals *a = open(&config, 9), *b = open(&config, 9);
    for (int i = 1; i < 1000; i++) {
        struct model_take_limit limit = {i * 10 * MS, UINT64_MAX, UINT64_MAX, false};
        struct model_take_limit look = {i * 10 * MS + 20 * MS, 9000, UINT64_MAX, false};
        struct model_taken x, y;
        model_arrivals_full_ns(b, 0, &look);
        model_arrivals_peek(b, 0);
        assert_int_equal(model_arrivals_take(a, 0, &limit, &x),
                         model_arrivals_take(b, 0, &limit, &y));
        assert_int_equal(x.count, y.count);
        assert_int_equal(x.last_ns, y.last_ns);
    }
    model_arrivals_free(a);
    model_arrivals_free(b);
}

static void touched(void *ctx, uint32_t outlet)
{
    ((uint64_t *)ctx)[outlet]++;
}

/* A constant stream dealt to outlets keeps its total exactly and its weights nearly. */
static void dealing__keeps_the_total(void **state)
{
    (void)state;
    struct model_arrivals_config config;
    model_arrivals_config_init(&config);
    config.rate_records_per_s = 10000;
    static const double weights[3] = {0.7, 0.2, 0.1};
    struct model_arrivals *arrivals =
        model_arrivals_new(&config, 10, 0, "dealt", "m", 0, 3, weights);
    uint64_t calls[3] = {0}, sum[3] = {0};
    assert_true(model_arrivals_is_dealt(arrivals));
    while (model_arrivals_next_deal_ns(arrivals) <= 10 * S)
        model_arrivals_deal(arrivals, touched, calls);
    for (uint32_t i = 0; i < 3; i++) {
        struct model_take_limit all = {INT64_MAX, UINT64_MAX, UINT64_MAX, false};
        struct model_taken taken;
        assert_true(model_arrivals_take(arrivals, i, &all, &taken));
        sum[i] = taken.count;
        assert_near((double)sum[i], 1e5 * weights[i], 0.05);
        assert_true(calls[i] > 0);
    }
    assert_in_range(sum[0] + sum[1] + sum[2], 100000 - 1, 100000 + 1);
    model_arrivals_free(arrivals);
}

static void shape__is_the_hours_factor(void **state)
{
    (void)state;
    struct model_arrivals_config config = poisson(100);
    config.shaped = true;
    for (int i = 0; i < 24; i++)
        config.daily[i] = i < 12 ? 0.2 : 1;
    config.weekly[6] = 0.5;
    config.growth_ratio = 0.1;
    config.growth_period_ns = 24 * 3600 * S;
    struct model_arrivals *arrivals = open(&config, 11);
    struct sim_tally tally = counts(arrivals, 12 * 3600 * S, 2, NULL);
    /* growth within the first day: 1.1^(t / day), averaged over the halves' hours */
    assert_near(tally.min, 100 * 43200 * 0.2 * 1.0222, 0.005);
    assert_near(tally.max, 100 * 43200 * 1.0 * 1.0721, 0.005);
    assert_near(model_arrivals_factor(&config, 6 * 24 * 3600 * S + 13 * 3600 * S),
                0.5 * 1.7716 * 1.05298, 0.001);
    model_arrivals_free(arrivals);
}

/* ---- traces ---- */

static struct model_trace *parse(const char *text)
{
    char error[128];
    struct model_trace *trace = model_trace_parse(text, strlen(text), error);
    if (!trace)
        fail_msg("%s", error);
    return trace;
}

static void trace__is_followed_and_repeated(void **state)
{
    (void)state;
    struct model_trace *trace =
        parse("time,count,bytes\n# a comment\n10,2,300\n\n10.5,1,50\n11,4\n");
    assert_int_equal(model_trace_records(trace), 7);
    assert_int_equal(model_trace_length_ns(trace), 1500 * MS);
    struct model_arrivals_config config;
    model_arrivals_config_init(&config);
    config.kind = MODEL_ARRIVALS_TRACE;
    config.trace = trace;
    struct model_arrivals *arrivals = open(&config, 1);
    static const int64_t times[] = {0, 250, 500, 1000, 1125, 1250, 1375, 1500, 1750};
    static const uint64_t bytes[] = {150, 150, 50, 1024, 1024, 1024, 1024, 150, 150};
    for (int i = 0; i < 9; i++) {
        struct model_take_limit one = {INT64_MAX / 2, UINT64_MAX, 1, false};
        struct model_taken taken;
        assert_true(model_arrivals_take(arrivals, 0, &one, &taken));
        assert_int_equal(taken.first_ns, times[i] * MS);
        assert_int_equal(taken.bytes, bytes[i]);
    }
    model_arrivals_free(arrivals);
    model_trace_free(trace);
}

static void trace__has_the_mean_size_of_records_whose_bytes_are_known(void **state)
{
    (void)state;
    struct model_trace *some = parse("0,10,1000\n1,90\n2,30,3000\n"), *none = parse("0,10\n1,7\n");
    assert_true(model_trace_mean_bytes(some) == 100);
    assert_true(model_trace_mean_bytes(none) == 0);
    model_trace_free(some);
    model_trace_free(none);
}

/* As spreadsheets write "CSV UTF-8". */
static void trace__may_begin_with_a_byte_order_mark(void **state)
{
    (void)state;
    struct model_trace *named = parse("\xef\xbb\xbftime,count\r\n0,10\r\n1,7\r\n"),
                       *bare = parse("\xef\xbb\xbf"
                                     "0,10\n1,7\n");
    assert_int_equal(model_trace_records(named), 17);
    assert_int_equal(model_trace_records(bare), 17);
    model_trace_free(named);
    model_trace_free(bare);
}

static void trace__is_divided_among_clients_without_loss(void **state)
{
    (void)state;
    struct model_trace *trace = parse("0,10\n1,7\n2,1\n3,12\n");
    uint64_t sum = 0;
    for (uint32_t client = 0; client < 4; client++) {
        struct model_arrivals_config config;
        model_arrivals_config_init(&config);
        config.kind = MODEL_ARRIVALS_TRACE;
        config.trace = trace;
        config.trace_stride = 4;
        config.trace_phase = client;
        struct model_arrivals *arrivals = open(&config, 1);
        struct model_take_limit lap = {4 * S - 1, UINT64_MAX, UINT64_MAX, false};
        struct model_taken taken;
        assert_true(model_arrivals_take(arrivals, 0, &lap, &taken));
        assert_in_range(taken.count, 7, 8);
        sum += taken.count;
        model_arrivals_free(arrivals);
    }
    assert_int_equal(sum, 30);
    model_trace_free(trace);
}

static void trace__refuses_with_line_and_reason(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"", "line 1: the trace has no records"},
        {"time,count\n", "line 1: the trace has no records"},
        {"time,size\n1,2\n", "line 1: the columns are time,count or time,count,bytes"},
        {"1,2\n0.5,1\n", "line 2: time goes back"},
        {"1,2\nx,1\n", "line 2: time is not a number of seconds from 0 to 3155760000"},
        {"-1,2\n", "line 1: time is not a number of seconds from 0 to 3155760000"},
        {"1\n", "line 1: expected time,count or time,count,bytes"},
        {"1,-2\n", "line 1: count is not a whole number from 0 to 10^15"},
        {"1,2.5\n", "line 1: expected the end of the line"},
        {"1,2,3,4\n", "line 1: expected the end of the line"},
        {"1,2,x\n", "line 1: bytes is not a whole number from 0 to 10^15"},
        {"1,1000000000000001\n", "line 1: count is not a whole number from 0 to 10^15"},
        {"3155760001,1\n", "line 1: time is not a number of seconds from 0 to 3155760000"},
        {"1,0\n2,0\n", "line 2: the trace has no records"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char error[128];
        assert_null(model_trace_parse(cases[i].text, strlen(cases[i].text), error));
        assert_string_equal(error, cases[i].error);
    }
    char error[128];
    assert_null(model_trace_read("/nonexistent/trace.csv", error));
    assert_string_equal(error, "cannot be opened");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constant__comes_in_equal_steps),
        cmocka_unit_test(poisson__has_poisson_counts),
        cmocka_unit_test(sizes__have_their_mean_and_variance_however_many_are_drawn_at_once),
        cmocka_unit_test(table__draws_its_sizes),
        cmocka_unit_test(bursts__come_together),
        cmocka_unit_test(bursts__come_at_equal_steps_when_constant),
        cmocka_unit_test(mmpp__has_its_mean_and_dispersion),
        cmocka_unit_test(superposition__fills_four_components_or_refuses),
        cmocka_unit_test(modulation__is_shared_by_name),
        cmocka_unit_test(limits__end_a_take_and_full_says_when),
        cmocka_unit_test(force_one__takes_a_record_that_is_too_large),
        cmocka_unit_test(looking__changes_nothing),
        cmocka_unit_test(dealing__keeps_the_total),
        cmocka_unit_test(shape__is_the_hours_factor),
        cmocka_unit_test(trace__is_followed_and_repeated),
        cmocka_unit_test(trace__has_the_mean_size_of_records_whose_bytes_are_known),
        cmocka_unit_test(trace__may_begin_with_a_byte_order_mark),
        cmocka_unit_test(trace__is_divided_among_clients_without_loss),
        cmocka_unit_test(trace__refuses_with_line_and_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
