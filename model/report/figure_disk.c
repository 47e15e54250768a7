/* Disk space over the horizon: the fullest disks, and one line for those that nobody could tell apart. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/report/figures_internal.h"
#include "sim/memory.h"

/* Of what the axis spans: a line is drawn 2 pixels wide on some 300. */
static const double SAME_RATIO = 0.006;

struct line {
    const struct result_series *series;
    double most;
    int drawn_by; /* index of the line that stands for it: its own, or of one that looks alike */
};

struct lines {
    struct line *line; /* fullest first */
    int count;
};

static int fuller(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    if (x->most != y->most)
        return x->most < y->most ? 1 : -1;
    return x->series < y->series ? -1 : x->series > y->series; /* as in the document */
}

/* Every disk in the unit and on the grid of the first. */
static struct lines disks_of(const struct result *r)
{
    struct lines lines = {sim_alloc(r->series_count + 1, sizeof *lines.line), 0};
    const struct result_series *first = NULL;
    for (uint32_t i = 0; i < r->series_count; i++) {
        const struct result_series *s = &r->series[i];
        if (strcmp(s->group, "disk") != 0 || !figure_has_line(s))
            continue;
        first = first ? first : s;
        if (figure_same_grid(s, first))
            lines.line[lines.count++] = (struct line){.series = s, .most = figure_largest(&s, 1)};
    }
    qsort(lines.line, (size_t)lines.count, sizeof *lines.line, fuller);
    return lines;
}

static bool look_alike(const struct result_series *a, const struct result_series *b, double room)
{
    for (uint32_t i = 0; i < a->count; i++) {
        double between = fabs(a->y[i] - b->y[i]);
        if (isfinite(between) && between > room)
            return false;
    }
    return true;
}

static void merge(struct lines *lines, double room)
{
    for (int k = 0; k < lines->count; k++) {
        lines->line[k].drawn_by = k;
        for (int other = 0; other < k && lines->line[k].drawn_by == k; other++)
            if (lines->line[other].drawn_by == other &&
                look_alike(lines->line[other].series, lines->line[k].series, room))
                lines->line[k].drawn_by = other;
    }
}

/* ---- what a line is called ---- */

/* "disk broker 3", "disk 1 of broker 3": 3; 0 where no broker is named. */
static int broker_of(const struct line *line)
{
    const char *at = strstr(line->series->name, "broker ");
    long number = at ? strtol(at + 7, NULL, 10) : 0;
    return number > 0 && number < 1000000 ? (int)number : 0;
}

static int merged_count(const struct lines *lines, int head)
{
    int count = 0;
    for (int k = 0; k < lines->count; k++)
        count += lines->line[k].drawn_by == head;
    return count;
}

/* The smallest number above `above` of a broker with a disk drawn by head; 0: none. */
static int next_broker(const struct lines *lines, int head, int above)
{
    int next = 0;
    for (int k = 0; k < lines->count; k++) {
        int broker = broker_of(&lines->line[k]);
        if (lines->line[k].drawn_by == head && broker > above && (next == 0 || broker < next))
            next = broker;
    }
    return next;
}

/* "1-6, 8". Returns how many brokers these are. */
static int put_brokers(const struct lines *lines, int head, FILE *out)
{
    int count = 0;
    for (int from = next_broker(lines, head, 0); from > 0;) {
        int to = from;
        while (next_broker(lines, head, to) == to + 1)
            to++;
        fprintf(out, to > from ? "%s%d-%d" : "%s%d", count ? ", " : "", from, to);
        count += to - from + 1;
        from = next_broker(lines, head, to);
    }
    return count;
}

/* One disk keeps its name; several are "brokers 1-6", or "12 disks of brokers 1-6". Gives. */
static char *label_of(const struct lines *lines, int head)
{
    char *brokers = NULL, *label;
    size_t size;
    FILE *out = sim_checked(open_memstream(&brokers, &size));
    int disks = merged_count(lines, head), count = put_brokers(lines, head, out), n;
    fclose(out);
    const char *word = count == 1 ? "broker" : "brokers";
    if (disks == 1)
        n = asprintf(&label, "%s", lines->line[head].series->name);
    else if (count == 0)
        n = asprintf(&label, "%s and %d like it", lines->line[head].series->name, disks - 1);
    else if (count == disks && !strstr(lines->line[head].series->name, " of broker "))
        n = asprintf(&label, "%s %s", word, brokers);
    else
        n = asprintf(&label, "%d disks of %s %s", disks, word, brokers);
    if (n < 0)
        abort();
    free(brokers);
    return label;
}

/* ---- the figure ---- */

static double one_capacity(const struct result *r)
{
    double capacity = r->disk_count ? (double)r->disks[0].capacity_bytes : 0;
    for (uint32_t i = 1; i < r->disk_count; i++)
        if ((double)r->disks[i].capacity_bytes != capacity)
            return 0;
    return capacity;
}

static int put_disks(struct lines *lines, struct report_unit unit, FILE *data, FILE *set)
{
    const struct result_series *of[FIGURE_LINES_MAX];
    char *labels[FIGURE_LINES_MAX];
    int count = 0, all = 0;
    for (int k = 0; k < lines->count; k++) {
        if (lines->line[k].drawn_by != k)
            continue;
        if (count < FIGURE_LINES_MAX) {
            of[count] = lines->line[k].series;
            labels[count++] = label_of(lines, k);
        }
        all++;
    }
    figure_put_lines(of, (const char *const *)labels, count, unit, "DISK", data, set);
    for (int k = 0; k < count; k++)
        free(labels[k]);
    return all - count;
}

/* In bytes with the capacity's shares as lines when all disks are equal; else without them. */
bool figure_disk(const struct result *r, FILE *data, FILE *set, struct figure_shown *shown)
{
    (void)shown; /* the axis has its own word: one line may stand for many disks */
    struct lines lines = disks_of(r);
    bool some = lines.count > 0;
    if (some) {
        bool ratio = strcmp(lines.line[0].series->unit, "ratio") == 0;
        double capacity = ratio ? 1 : one_capacity(r), most = lines.line[0].most;
        double top = fmax(1.06 * capacity, 1.03 * most);
        struct report_unit unit = ratio ? (struct report_unit){0.01, "%"}
                                        : report_unit_for("bytes", fmax(capacity, most));
        merge(&lines, SAME_RATIO * top);
        bool less = put_disks(&lines, unit, data, set) > 0;
        fprintf(set, "DISK_CAPACITY = %.9g\nDISK_TOP = %.9g\n", capacity / unit.size,
                top / unit.size);
        figure_literal(set, "DISK_DAY", less ? "day (only the fullest are drawn)" : "day");
    }
    free(lines.line);
    return some;
}
