/*
 * tests/bench/bench_scenario.c - what it costs to load a scenario.
 *
 * scenario.parse  ns a load of the quickstart: machine catalogue, both variants and all checks included. Yardstick:
 *                 libyaml's events of the same text, thrown away.
 */
#include "model/scenario/load.h"
#include "tests/support/bench.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

static char text[65536];
static size_t text_bytes;

static void load_once(void)
{
    static const struct scenario_options options = {.datadir = "scenarios"};
    struct scenario_doc *doc;
    enum scenario_status status =
        scenario_load_text("quickstart.yaml", text, text_bytes, &options, &doc);
    assert(status == SCENARIO_OK);
    scenario_doc_free(doc);
}

static void parse_once(void)
{
    yaml_parser_t parser;
    int ok = yaml_parser_initialize(&parser);
    assert(ok);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, text_bytes);
    for (bool more = true; more;) {
        yaml_event_t event;
        ok = yaml_parser_parse(&parser, &event);
        assert(ok);
        more = event.type != YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
}

int main(int argc, char **argv)
{
    int times = bench_is_small(argc, argv) ? 1 : 200;
    struct bench bench = {.name = "scenario.parse"};
    FILE *in = fopen("scenarios/quickstart.yaml", "r");
    if (!in) {
        fprintf(stderr, "scenarios/quickstart.yaml cannot be read; run from the top of the tree\n");
        return 1;
    }
    text_bytes = fread(text, 1, sizeof text, in);
    fclose(in);
    for (int round = -1; round < BENCH_ROUNDS; round++) {
        int64_t start = bench_clock_ns();
        for (int i = 0; i < times; i++)
            load_once();
        int64_t middle = bench_clock_ns();
        for (int i = 0; i < times; i++)
            parse_once();
        int64_t end = bench_clock_ns();
        if (round >= 0)
            bench_add(&bench, (double)(middle - start) / times, (double)(end - middle) / times);
    }
    bench_print(&bench);
    return 0;
}
