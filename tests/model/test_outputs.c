/* Files and folders that appear whole or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/report/html_svg.h"
#include "model/report/outputs.h"
#include "tests/support/fake_result.h"

static char base[64];

static int make_base(void **state)
{
    (void)state;
    strcpy(base, "/tmp/test_outputs.XXXXXX");
    return mkdtemp(base) ? 0 : -1;
}

static int remove_base(void **state)
{
    (void)state;
    char command[256];
    snprintf(command, sizeof command, "chmod -R u+w %s; rm -rf %s", base, base);
    return system(command);
}

static int count_entries(const char *folder)
{
    int count = 0;
    DIR *dir = opendir(folder);
    if (!dir)
        return -1;
    for (struct dirent *entry; (entry = readdir(dir));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(dir);
    return count;
}

static bool exists(const char *folder, const char *name)
{
    char *path = report_path(folder, "%s", name);
    bool there = access(path, F_OK) == 0;
    free(path);
    return there;
}

static void put(const char *folder, const char *name, const char *text)
{
    char *path = report_path(folder, "%s", name);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
    free(path);
}

static int write_folder(struct result *r, const char *path, volatile sig_atomic_t *stop,
                        struct broker_err *err)
{
    struct report_folder_options options = {"plots", false, stop};
    char note[200];
    return report_folder_write(r, path, &options, note, err);
}

static void file__appears_when_it_is_whole(void **state)
{
    (void)state;
    struct report_file file;
    struct broker_err err = {""};
    char *path = report_path(base, "a.txt");
    put(base, "a.txt", "old");
    assert_int_equal(report_file_open(&file, path, &err), BROKER_OK);
    fputs("new", file.stream);
    char *text = html_read_file(path);
    assert_string_equal(text, "old");
    free(text);
    assert_int_equal(report_file_commit(&file, &err), BROKER_OK);
    text = html_read_file(path);
    assert_string_equal(text, "new");
    free(text);
    assert_int_equal(count_entries(base), 1);
    free(path);
}

static void file__that_is_abandoned_leaves_the_old_one(void **state)
{
    (void)state;
    struct report_file file;
    struct broker_err err = {""};
    char *path = report_path(base, "a.txt");
    put(base, "a.txt", "old");
    assert_int_equal(report_file_open(&file, path, &err), BROKER_OK);
    fputs("new", file.stream);
    report_file_abandon(&file);
    char *text = html_read_file(path);
    assert_string_equal(text, "old");
    assert_int_equal(count_entries(base), 1);
    free(text);
    free(path);
}

static void file__behind_a_link_keeps_the_link(void **state)
{
    (void)state;
    struct report_file file;
    struct broker_err err = {""};
    char *path = report_path(base, "link"), *target = report_path(base, "target");
    put(base, "target", "old");
    assert_int_equal(symlink("target", path), 0);
    assert_int_equal(report_file_open(&file, path, &err), BROKER_OK);
    fputs("new", file.stream);
    assert_int_equal(report_file_commit(&file, &err), BROKER_OK);
    struct stat status;
    assert_int_equal(lstat(path, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    char *text = html_read_file(target);
    assert_string_equal(text, "new");
    free(text);
    free(path);
    free(target);
}

static void file__on_a_full_disk_says_so(void **state)
{
    (void)state;
    struct report_file file;
    struct broker_err err = {""};
    assert_int_equal(report_file_open(&file, "/dev/full", &err), BROKER_OK);
    fputs("text", file.stream);
    assert_int_equal(report_file_commit(&file, &err), BROKER_EFULL);
    assert_non_null(strstr(err.text, "/dev/full: No space left"));
}

static void file__in_a_missing_folder_is_refused(void **state)
{
    (void)state;
    struct report_file file;
    struct broker_err err = {""};
    assert_int_equal(report_file_open(&file, "/nonexistent/x", &err), BROKER_EIO);
    assert_non_null(strstr(err.text, "/nonexistent/x: No such file"));
}

static void file__is_checked_before_a_long_run_and_nothing_stays(void **state)
{
    (void)state;
    struct broker_err err = {""};
    put(base, "old", "old\n");
    char *old = report_path(base, "old"), *fresh = report_path(base, "fresh"),
         *missing = report_path(base, "none/fresh");
    assert_int_equal(report_file_check(old, &err), BROKER_OK);
    assert_int_equal(report_file_check(fresh, &err), BROKER_OK);
    assert_int_equal(report_file_check(missing, &err), BROKER_EIO);
    assert_int_equal(report_file_check(base, &err), BROKER_EIO);
    assert_int_equal(count_entries(base), 1);
    free(old), free(fresh), free(missing);
}

static void folder__holds_everything(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    struct result *v = r->variants[0];
    struct broker_err err = {""};
    char *path = report_path(base, "deep/er/out");
    v->series = r->series, v->series_count = r->series_count; /* both arenas live to the end */
    v->latency_count = 0;
    struct result_latency *l = RESULT_ADD(v, latencies, latency_count);
    *l = (struct result_latency){.kind = RESULT_PRODUCE,
                                 .subject = "checkout",
                                 .histogram = result_histogram(r->latencies[0].histogram)};
    if (write_folder(r, path, NULL, &err) != BROKER_OK)
        fail_msg("%s", err.text);
    static const char *const names[] = {"result.json",
                                        "report.txt",
                                        "report.html",
                                        "report.md",
                                        "metrics.csv",
                                        "junit.xml",
                                        "scenario.yaml",
                                        "figures/latency.dat",
                                        "figures/style.gp",
                                        "series/throughput-bytes-s.csv",
                                        "histograms/1-checkout-produce.hgrm",
                                        "variants/1-acks-1/series/throughput-bytes-s.csv",
                                        "variants/1-acks-1/histograms/1-checkout-produce.hgrm",
                                        "variants/2-linger-20/series"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!exists(path, names[i]))
            fail_msg("%s is missing", names[i]);
    char *parent = report_path(base, "deep/er");
    assert_int_equal(count_entries(parent), 1);
    free(parent);
    free(path);
    result_free(r);
}

static void folder__is_replaced_as_a_whole(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    struct broker_err err = {""};
    char *path = report_path(base, "out");
    assert_int_equal(write_folder(r, path, NULL, &err), BROKER_OK);
    r->series_count = 0;
    while (r->variant_count > 0)
        result_free(r->variants[--r->variant_count]);
    assert_int_equal(write_folder(r, path, NULL, &err), BROKER_OK);
    assert_false(exists(path, "series/throughput-bytes-s.csv"));
    assert_false(exists(path, "variants"));
    assert_int_equal(count_entries(base), 1);
    free(path);
    result_free(r);
}

static void folder__with_something_else_in_it_is_left_alone(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    struct broker_err err = {""};
    put(base, "thesis.tex", "years of work");
    assert_int_equal(write_folder(r, base, NULL, &err), BROKER_EEXISTS);
    assert_non_null(strstr(err.text, "holds thesis.tex, which is no part of a result"));
    assert_int_equal(count_entries(base), 1);
    result_free(r);
}

static void folder__is_checked_before_a_long_run_and_nothing_stays(void **state)
{
    (void)state;
    struct broker_err err = {""};
    char *inner = report_path(base, "%s", "out/run");
    assert_int_equal(report_folder_check("/proc/none/run", &err), BROKER_EIO);
    assert_int_equal(report_folder_check(inner, &err), BROKER_OK);
    free(inner);
    inner = report_path(base, "%s", "out");
    assert_int_equal(count_entries(inner), 0);
    free(inner);
    put(base, "thesis.tex", "years of work");
    assert_int_equal(report_folder_check(base, &err), BROKER_EEXISTS);
}

static void folder__that_is_stopped_leaves_the_old_one(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    struct broker_err err = {""};
    volatile sig_atomic_t stop = SIGINT;
    char *path = report_path(base, "out");
    assert_int_equal(write_folder(r, path, &stop, &err), BROKER_EREFUSED);
    assert_int_equal(count_entries(base), 0);
    stop = 0;
    assert_int_equal(write_folder(r, path, &stop, &err), BROKER_OK);
    stop = SIGTERM;
    r->series_count = 0;
    assert_int_equal(write_folder(r, path, &stop, &err), BROKER_EREFUSED);
    assert_true(exists(path, "series/throughput-bytes-s.csv"));
    assert_int_equal(count_entries(base), 1);
    free(path);
    result_free(r);
}

/* A file size limit stands in for the full disk: the write fails in the middle of result.json. */
static void folder__that_does_not_fit_leaves_the_old_one(void **state)
{
    (void)state;
    struct result *r = fake_result_new();
    struct broker_err err = {""};
    char *path = report_path(base, "out");
    assert_int_equal(write_folder(r, path, NULL, &err), BROKER_OK);
    r->series_count = 0;
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit was, small = {8000, RLIM_INFINITY};
    getrlimit(RLIMIT_FSIZE, &was);
    small.rlim_max = was.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int rc = write_folder(r, path, NULL, &err);
    setrlimit(RLIMIT_FSIZE, &was);
    assert_int_not_equal(rc, BROKER_OK);
    assert_true(exists(path, "series/throughput-bytes-s.csv"));
    assert_int_equal(count_entries(base), 1);
    free(path);
    result_free(r);
}

static void folder__of_hostile_names_stays_inside(void **state)
{
    (void)state;
    struct result *r = fake_result_hostile();
    struct broker_err err = {""};
    char *path = report_path(base, "out");
    r->latencies[0].subject = "../../../../tmp/escaped";
    r->series[0].group = "../../escaped";
    r->variants[0]->variant = "../..";
    if (write_folder(r, path, NULL, &err) != BROKER_OK)
        fail_msg("%s", err.text);
    assert_int_equal(count_entries(base), 1);
    assert_true(exists(path, "histograms/1-tmp-escaped-produce.hgrm"));
    free(path);
    result_free(r);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_base, remove_base)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(file__appears_when_it_is_whole),
        TEST(file__that_is_abandoned_leaves_the_old_one),
        TEST(file__behind_a_link_keeps_the_link),
        TEST(file__on_a_full_disk_says_so),
        TEST(file__in_a_missing_folder_is_refused),
        TEST(file__is_checked_before_a_long_run_and_nothing_stays),
        TEST(folder__holds_everything),
        TEST(folder__is_replaced_as_a_whole),
        TEST(folder__with_something_else_in_it_is_left_alone),
        TEST(folder__is_checked_before_a_long_run_and_nothing_stays),
        TEST(folder__that_is_stopped_leaves_the_old_one),
        TEST(folder__that_does_not_fit_leaves_the_old_one),
        TEST(folder__of_hostile_names_stays_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
