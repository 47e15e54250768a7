#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/scenario_text.h"

const char scenario_five_lines[] = "version: 1\n"
                                   "cluster: {machine: aws/i3en.2xlarge, racks: [a, b, c]}\n"
                                   "topics: {orders: {config: {retention.ms: 2 d}}}\n"
                                   "producers: {p: {rate: 10 MB/s}}\n"
                                   "groups: {g: {}}\n";

void scenario_text_close(double a, double b, double within)
{
    if (!(fabs(a - b) <= within))
        print_error("%.17g is not within %g of %.17g\n", a, within, b);
    assert_true(fabs(a - b) <= within);
}

struct scenario_doc *scenario_text_sets(const char *text, const char *const *sets, int set_count)
{
    struct scenario_options options = {
        .datadir = "scenarios", .sets = sets, .set_count = set_count};
    struct scenario_doc *doc;
    enum scenario_status status = scenario_load_text("t.yaml", text, strlen(text), &options, &doc);
    assert_int_equal(status == SCENARIO_OK, scenario_error_count(doc) == 0);
    return doc;
}

struct scenario_doc *scenario_text_load(const char *text)
{
    struct scenario_doc *doc = scenario_text_sets(text, NULL, 0);
    scenario_errors_write(doc, stderr);
    assert_int_equal(scenario_error_count(doc), 0);
    return doc;
}

struct scenario_doc *scenario_text_producer(const char *settings)
{
    char text[4096];
    snprintf(text, sizeof text,
             "version: 1\ncluster: {machine: aws/i3en.2xlarge, racks: [a, b, c]}\n"
             "topics: {orders: {partitions: 12}}\nproducers: {p: {%s}}\n",
             settings);
    return scenario_text_load(text);
}
