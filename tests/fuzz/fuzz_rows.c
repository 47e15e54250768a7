/*
 * Any bytes as measured rows: refused with a line, or rows whose values are possible and whose scenarios are YAML that the loader
 * understands (it may refuse a value that goes beyond its range, never a line that it cannot read).
 */
#include <assert.h>
#include <math.h>
#include <sys/mman.h>

#include "model/evidence/rows.h"
#include "model/scenario/load.h"

#define FUZZ_CORPUS                                                                                \
    "tests/model/rows/repeats.jsonl", "tests/model/rows/broken.jsonl", "tests/model/rows/perf.txt"
#define FUZZ_DICTIONARY                                                                            \
    "\"acks\": \"all\"", "\"max\"", "null", "-1", "1e300", "0", "\"drop\"", "\"java\"",            \
        "\"publishRate\": [1.0]", "\"id\": \"../x\"", "# acks=1\n", " records sent, ", "\n"
#include "tests/fuzz/driver.h"

static void write_scenario(const struct row *row)
{
    struct scenario_options options = {.datadir = "scenarios"};
    struct scenario_doc *doc;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert(out && rows_scenario_write(row, 1, "generic", NULL, out) == 0);
    fclose(out);
    enum scenario_status status = scenario_load_text("row", text, size, &options, &doc);
    assert(status == SCENARIO_OK || status == SCENARIO_EINVALID);
    for (int i = 0; i < scenario_error_count(doc); i++)
        assert(!strstr(scenario_error_at(doc, i)->message, "YAML") &&
               !strstr(scenario_error_at(doc, i)->message, "unknown key"));
    scenario_doc_free(doc);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rows rows = {0};
    struct broker_err err = {""};
    char path[64];
    int fd = memfd_create("rows", MFD_CLOEXEC);
    assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int rc = rows_read(&rows, path, &err);
    assert((rc == 0) == (rows.problem_count == 0) && (rc == 0 || err.text[0]));
    for (int i = 0; i < rows.count && rc == 0; i++) {
        assert(rows.row[i].value[MEASURED_THROUGHPUT] >= 0);
        if (i < 4) /* loading is what takes the time */
            write_scenario(&rows.row[i]);
    }
    rows_release(&rows);
    close(fd);
    return 0;
}
