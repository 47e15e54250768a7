/*
 * Any bytes as a scenario: it loads or it has errors, never both or neither; what loads can be drawn from, and what
 * explain writes of it loads again.
 */
#define FUZZ_CORPUS                                                                                \
    "scenarios/quickstart.yaml", "tests/model/scenario/volumes.yaml",                              \
        "tests/model/scenario/own-machine.yaml", "tests/model/scenario/clients.yaml"
#define FUZZ_DICTIONARY                                                                            \
    "..", "max", "auto", "MB/s", " records/s", " %", " KiB", " ms", "-1", "1e9", "0", "null", "~", \
        "true", "{}", "[]", "{uniform: {min: 1, max: 2}}", "{lognormal: {mean: 1 MB/s, cv: 1}}",   \
        "{triangular: {min: 1, mode: 2, max: 3}}", "config: {", "rate: ", "racks: [a, b]",         \
        "like: aws/m5.2xlarge", "client: librdkafka", "survive: one rack", "type: gp2",            \
        "type: hdd", "compression_ratio: {1 KiB: 2}",                                              \
        "producers.checkout.rate: ", "x-note: ", "\n", "  ", "\"", "#", "--- ",                    \
        "9223372036854775807", "&a ", "*a", "!!int "
#include "tests/fuzz/driver.h"

#include "model/scenario/load.h"

#include <assert.h>

static const struct scenario_options options = {.datadir = "scenarios"};

static void check_errors(const struct scenario_doc *doc)
{
    assert(scenario_error_count(doc) > 0);
    assert(!scenario_base(doc));
    for (int i = 0; i < scenario_error_count(doc); i++) {
        const struct scenario_error *e = scenario_error_at(doc, i);
        assert(e->line >= 0 && e->column >= 0 && e->message[0]);
        for (const char *c = e->message; *c; c++)
            assert((unsigned char)*c >= 0x20 && *c != 0x7f);
    }
}

static void check_explained(const struct scenario_doc *doc)
{
    char *text = NULL;
    size_t bytes = 0;
    struct scenario_doc *again;
    FILE *memory = open_memstream(&text, &bytes);
    assert(scenario_explain(doc, memory) == 0);
    fclose(memory);
    enum scenario_status status =
        scenario_load_text("tests/model/scenario/explained", text, bytes, &options, &again);
    if (status != SCENARIO_OK) {
        fwrite(text, 1, bytes, stderr);
        scenario_errors_write(again, stderr);
    }
    assert(status == SCENARIO_OK);
    scenario_doc_free(again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct scenario_doc *doc;
    enum scenario_status status =
        scenario_load_text("tests/model/scenario/fuzz", (const char *)data, size, &options, &doc);
    if (status != SCENARIO_OK) {
        check_errors(doc);
    } else {
        assert(scenario_error_count(doc) == 0);
        for (int v = -1; v < scenario_variant_count(doc); v++)
            scenario_free(scenario_sample(doc, v, 1, (uint32_t)size));
        check_explained(doc);
    }
    scenario_doc_free(doc);
    return 0;
}
