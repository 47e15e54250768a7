/* model/evidence/rows_json.c - a row as a JSON object: what `headroom measure` writes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/evidence/rows_internal.h"

/* A row also makes and removes its topic, which takes longer than its measured time where that is short. */
#define PAUSE_SLACK 10

struct reading {
    struct rows *rows;
    const struct row *row;
    const char *where; /* "config.", "measured.client.": what stands before a field's name */
};

/* "config.linger_ms is -1; expected ...": the value as it stands in the file, cut where it is long. */
static void wrong(const struct reading *r, const char *field, const json_t *value,
                  const char *expected)
{
    char *text = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(10)) : NULL;
    rows_problem(r->rows, r->row->file, r->row->line, r->row->id, "%s%s is %.60s%s; expected %s",
                 r->where, field, text ? text : "missing", text && strlen(text) > 60 ? "..." : "",
                 expected);
    free(text);
}

static json_t *need(const struct reading *r, const json_t *object, const char *field)
{
    json_t *value = json_object_get(object, field);
    if (!value)
        rows_problem(r->rows, r->row->file, r->row->line, r->row->id, "%s%s is missing", r->where,
                     field);
    return value;
}

/* ---- fields ---- */

struct field {
    const char *name;
    double low, high;
    bool is_whole, is_needed;
    double otherwise; /* when it is absent or null */
    const char *expected;
};

static double read_number(const struct reading *r, const json_t *object, const struct field *f)
{
    json_t *value = f->is_needed ? need(r, object, f->name) : json_object_get(object, f->name);
    double number = json_number_value(value);
    if (!value || (json_is_null(value) && !f->is_needed))
        return f->otherwise;
    if (json_is_number(value) && number >= f->low && number <= f->high &&
        (!f->is_whole || number == floor(number)))
        return number;
    wrong(r, f->name, value, f->expected);
    return f->otherwise;
}

/* What was measured: null or absent where it was not. */
static double measured(const struct reading *r, const json_t *object, const char *name)
{
    const struct field f = {name, 0, 1e15, .otherwise = NAN, .expected = "a number, 0 or more"};
    return read_number(r, object, &f);
}

static const char *word(const struct reading *r, const json_t *object, const char *field)
{
    json_t *value = need(r, object, field);
    if (value && !json_is_string(value))
        wrong(r, field, value, "text");
    return json_is_string(value) ? json_string_value(value) : "";
}

/* Index of the word in a list that ends with NULL; -1 and said, when it is none of them. */
static int choice(const struct reading *r, const json_t *object, const char *field,
                  const char *const *words, const char *expected)
{
    const char *text = word(r, object, field);
    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], text) == 0)
            return i;
    if (*text)
        wrong(r, field, json_object_get(object, field), expected);
    return -1;
}

/*
 * A field that nobody reads would change what was measured, and nothing that is predicted; a reading under a misspelt name would be
 * missing without a word. Names end with NULL, and include what measure writes and nobody needs here.
 */
static void check_known(const struct reading *r, const json_t *object, const char *const *names)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        bool known = false;
        for (size_t i = 0; names[i]; i++)
            known |= strcmp(names[i], name) == 0;
        if (!known)
            rows_warn(r->rows, r->row->file, r->row->line, r->row->id,
                      "%s%s is not known and not read", r->where, name);
    }
}

/* ---- the configuration ---- */

static void read_rate(const struct reading *r, const json_t *config, struct row_config *c)
{
    json_t *rate = need(r, config, "rate_per_s");
    c->rate_max = json_is_string(rate) && strcmp(json_string_value(rate), "max") == 0;
    if (json_is_number(rate) && json_number_value(rate) > 0)
        c->rate_per_s = json_number_value(rate);
    else if (rate && !c->rate_max)
        wrong(r, "rate_per_s", rate, "records a second above 0, or \"max\"");
}

static void read_words(const struct reading *r, const json_t *config, struct row_config *c)
{
    static const char *const clients[] = {"librdkafka", "java", NULL};
    static const char *const acks[] = {"0", "1", "all", "-1", NULL};
    static const char *const codecs[] = {"none", "gzip", "snappy", "lz4", "zstd", NULL};
    int codec = choice(r, config, "compression", codecs, "none, gzip, snappy, lz4 or zstd");
    int whose = choice(r, config, "acks", acks, "\"0\", \"1\" or \"all\"");
    c->java = choice(r, config, "client", clients, "\"java\" or \"librdkafka\"") == 1;
    c->in_pulses = c->java; /* Kafka's own tool */
    c->acks = whose >= 2 ? -1 : whose < 0 ? 1 : whose;
    snprintf(c->compression, sizeof c->compression, "%s", codecs[codec < 0 ? 0 : codec]);
    json_t *arrivals = json_object_get(config, "arrivals");
    const char *text = json_is_string(arrivals) ? json_string_value(arrivals) : "";
    c->constant = strcmp(text, "constant") == 0;
    if (arrivals && !c->constant && strcmp(text, "poisson") != 0)
        wrong(r, "arrivals", arrivals, "\"poisson\" or \"constant\"");
}

/* "100mbit", "1gbit": as tc says them. In bytes a second. */
static double link_rate(const struct reading *r, const json_t *value)
{
    static const struct {
        const char *unit;
        double scale;
    } units[] = {{"kbit", 1e3}, {"mbit", 1e6}, {"gbit", 1e9}};
    double rate = 0;
    char unit[8] = "", behind;
    if (json_is_string(value) &&
        sscanf(json_string_value(value), "%lf%7s%c", &rate, unit, &behind) == 2)
        for (size_t i = 0; i < sizeof units / sizeof *units; i++)
            if (strcmp(unit, units[i].unit) == 0 && rate > 0 && rate < 1e6)
                return rate * units[i].scale / 8;
    wrong(r, "link_rate", value, "a rate such as \"100mbit\" or \"1gbit\"");
    return 0;
}

static void read_topic_config(const struct reading *r, const json_t *list, struct row_config *c)
{
    size_t i;
    json_t *item;
    if (list && !json_is_null(list) && !json_is_array(list))
        wrong(r, "topic_config", list, "a list, such as [\"flush.messages=1\"]");
    json_array_foreach(list, i, item)
    {
        if (!json_is_string(item) || !rows_topic_setting(c, json_string_value(item)))
            wrong(r, "topic_config", item, "KEY=VALUE, such as \"flush.messages=1\"");
    }
}

static void read_limits(const struct reading *r, const json_t *disk, struct row_config *c)
{
    static const char *const names[] = {"read_bps", "write_bps", "read_iops", "write_iops", NULL};
    const struct reading inner = {r->rows, r->row, "config.disk_limit."};
    const struct field read_bps = {"read_bps", 1e3, 1e12, .expected = "bytes a second"},
                       write_bps = {"write_bps", 1e3, 1e12, .expected = "bytes a second"},
                       read_iops = {"read_iops", 1, 1e8, .expected = "reads a second"},
                       write_iops = {"write_iops", 1, 1e8, .expected = "writes a second"};
    check_known(&inner, disk, names);
    c->disk_read_bytes_per_s = read_number(&inner, disk, &read_bps);
    c->disk_write_bytes_per_s = read_number(&inner, disk, &write_bps);
    c->disk_read_iops = read_number(&inner, disk, &read_iops);
    c->disk_write_iops = read_number(&inner, disk, &write_iops);
}

static void read_conditions(const struct reading *r, const json_t *config, struct row_config *c)
{
    json_t *link = json_object_get(config, "link_rate"),
           *disk = json_object_get(config, "disk_limit"),
           *cache = json_object_get(config, "page_cache");
    if (link && !json_is_null(link))
        c->link_bytes_per_s = link_rate(r, link);
    if (json_is_object(disk))
        read_limits(r, disk, c);
    else if (disk && !json_is_null(disk))
        wrong(r, "disk_limit", disk, "a map of read_bps, write_bps, read_iops, write_iops");
    c->catch_up = json_is_string(cache);
    c->cache_dropped = c->catch_up && strcmp(json_string_value(cache), "drop") == 0;
    if (cache && !json_is_null(cache) && !c->cache_dropped &&
        !(c->catch_up && strcmp(json_string_value(cache), "warm") == 0))
        wrong(r, "page_cache", cache, "\"drop\", \"warm\" or null");
    read_topic_config(r, json_object_get(config, "topic_config"), c);
}

static void check_known_config(const struct reading *r, const json_t *config)
{
    static const char *const names[] = {
        "client",   "rate_per_s", "record_bytes", "partitions",  "replication",
        "acks",     "linger_ms",  "batch_bytes",  "compression", "random_payload_share",
        "arrivals", "burst",      "topic_config", "link_rate",   "disk_limit",
        "brokers",  "page_cache", "warmup_s",     "measure_s",   "consumer_groups",
        NULL,
    };
    check_known(r, config, names);
}

static void read_config(const struct reading *r, const json_t *config, struct row_config *c)
{
    struct {
        struct field field;
        double *at;
        int *whole_at;
    } const fields[] = {
        {{"record_bytes", 1, 1e9, true, true, 1, "whole bytes, 1 or more"}, &c->record_bytes, NULL},
        {{"partitions", 1, 200000, true, true, 1, "1 to 200000"}, NULL, &c->partitions},
        {{"replication", 1, 100, true, true, 1, "1 to 100"}, NULL, &c->replication},
        {{"brokers", 1, 1000, true, false, 1, "1 to 1000"}, NULL, &c->brokers},
        {{"linger_ms", 0, 900000, false, true, 0, "0 to 900000 (ms)"}, &c->linger_ms, NULL},
        {{"batch_bytes", 1, 2e9, true, true, 1, "whole bytes, 1 or more"}, &c->batch_bytes, NULL},
        {{"random_payload_share", 0, 1, false, false, 1, "0 to 1"}, &c->random_payload_share, NULL},
        {{"consumer_groups", 0, 1000, true, false, 0, "0 to 1000"}, NULL, &c->consumer_groups},
        {{"burst", 1, 1e6, true, false, 1, "1 to 1000000 (records)"}, &c->burst, NULL},
        {{"warmup_s", 0, 86400, false, true, 0, "0 to 86400 (s)"}, &c->warmup_s, NULL},
        {{"measure_s", 0.1, 86400, false, true, 1, "0.1 to 86400 (s)"}, &c->measure_s, NULL},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        double value = read_number(r, config, &fields[i].field);
        if (fields[i].at)
            *fields[i].at = value;
        else
            *fields[i].whole_at = (int)value;
    }
    c->brokers_said = json_is_number(json_object_get(config, "brokers"));
    read_rate(r, config, c);
    read_words(r, config, c);
    read_conditions(r, config, c);
    check_known_config(r, config);
}

/* ---- what was measured ---- */

static void check_latency(const struct reading *r, const json_t *latency)
{
    static const char *const names[] = {"p50", "p90", "p95", "p99", "p999", "max"};
    struct rows_latency l = {.where = r->where,
                             .count = sizeof names / sizeof *names,
                             .mean = {"mean", measured(r, latency, "mean")}};
    for (int i = 0; i < l.count; i++)
        l.rising[i] = (struct rows_statistic){names[i], measured(r, latency, names[i])};
    rows_check_latency(r->rows, r->row, &l);
}

static void read_latency(const struct reading *r, const char *where, const json_t *latency,
                         double *mean, double *p50, double *p99)
{
    const struct reading inner = {r->rows, r->row, where};
    if (!latency || json_is_null(latency))
        return;
    if (!json_is_object(latency)) {
        wrong(&inner, "", latency, "a map of percentiles, or null");
        return;
    }
    const struct field fields[] = {
        {"mean", 0, 1e9, .is_needed = true, .otherwise = NAN, .expected = "ms, 0 or more"},
        {"p50", 0, 1e9, .is_needed = true, .otherwise = NAN, .expected = "ms, 0 or more"},
        {"p99", 0, 1e9, .is_needed = true, .otherwise = NAN, .expected = "ms, 0 or more"}};
    double *const at[] = {mean, p50, p99};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        *at[i] = read_number(&inner, latency, &fields[i]) / 1e3;
    check_latency(&inner, latency);
}

/* Of some brokers only, as where others run on other machines, it is no mean. */
static bool is_complete(const struct reading *r, const json_t *list, int brokers)
{
    if (json_array_size(list) > (size_t)brokers)
        wrong(r, "broker_cpu_cores", list, "a number for each broker, or fewer");
    else if (json_array_size(list) < (size_t)brokers)
        rows_warn(r->rows, r->row->file, r->row->line, r->row->id,
                  "%sbroker_cpu_cores has %zu of %d brokers: their mean is left out", r->where,
                  json_array_size(list), brokers);
    return json_array_size(list) == (size_t)brokers;
}

/* Of the threads of one process that are listed, which are the larger ones. */
static double sum_of_threads(const struct reading *r, const char *field, const json_t *threads)
{
    const char *name;
    json_t *thread;
    double sum = 0;
    json_object_foreach((json_t *)(uintptr_t)threads, name, thread)
    {
        if (!json_is_number(thread) || json_number_value(thread) < 0)
            wrong(r, field, threads, "cores by thread, 0 or more");
        sum += json_number_value(thread);
    }
    return sum;
}

/* Beyond what the ticks of their clocks explain. */
static bool exceeds(double of_threads, double cores)
{
    return of_threads > 1.05 * cores + 0.02;
}

/*
 * A broker's threads by the names that measure gives them, in a mean over the brokers. What is not listed used little: replica fetchers of a
 * cluster that replicates nothing, whose work is the rest's then. Where the network and I/O threads are not listed, nothing is known by thread.
 */
static void read_broker_threads(const json_t *threads, int brokers, struct row *row)
{
    double request = 0, fetcher = 0, *value = row->value;
    const json_t *one;
    size_t i;
    json_array_foreach(threads, i, one)
    {
        const json_t *cores = json_object_get(one, "network_and_io_threads");
        if (!cores)
            return;
        request += json_number_value(cores) / brokers;
        fetcher += json_number_value(json_object_get(one, "replica_fetcher")) / brokers;
    }
    if (json_array_size(threads) != (size_t)brokers || !isfinite(value[MEASURED_BROKER_CPU]))
        return;
    value[FITTED_REQUEST_CPU] = request;
    value[FITTED_FETCHER_CPU] = fetcher > 0 ? fetcher : NAN;
    value[FITTED_OTHER_CPU] = fmax(value[MEASURED_BROKER_CPU] - request - fetcher, 0);
}

/* The mean over the brokers; each is held against its own threads, which are listed where they are large. */
static double broker_cpu(const struct reading *r, const json_t *m, int brokers, double *most)
{
    json_t *list = json_object_get(m, "broker_cpu_cores"), *item;
    json_t *threads = json_object_get(m, "broker_threads_cpu_cores");
    double sum = 0;
    size_t i;
    if (json_array_size(list) == 0)
        return NAN;
    bool complete = is_complete(r, list, brokers);
    json_array_foreach(list, i, item)
    {
        double cores = json_number_value(item), of_threads;
        if (!json_is_number(item) || cores < 0 || cores > ROWS_CORES_MAX)
            wrong(r, "broker_cpu_cores", item, "cores, 0 to 1024");
        of_threads = sum_of_threads(r, "broker_threads_cpu_cores", json_array_get(threads, i));
        if (exceeds(of_threads, cores) || (of_threads > 0.01 && cores > 20 * of_threads))
            wrong(r, "broker_cpu_cores", item,
                  "about the sum of its threads (are these per cent?)");
        sum += cores;
        *most = fmax(*most, cores);
    }
    return complete ? sum / (double)json_array_size(list) : NAN;
}

/*
 * The log was looked at after the whole run. What it says of a record (batches, bytes) times the records acknowledged a second in the
 * window is what the window's rates were, also where the warm-up ran at another speed.
 */
static void read_log(const struct reading *r, const json_t *log, struct row *row)
{
    static const char *const names[] = {"batches", "records", "bytes", NULL};
    const struct reading inner = {r->rows, r->row, "measured.log_whole_run."};
    if (!json_is_object(log))
        return;
    check_known(&inner, log, names);
    row->log_batches = measured(&inner, log, "batches");
    row->log_records = measured(&inner, log, "records");
    row->log_bytes = measured(&inner, log, "bytes");
    if (!(row->log_records > 0))
        return;
    double per_record = row->value[MEASURED_THROUGHPUT] / row->log_records;
    row->value[MEASURED_BATCHES] = row->log_batches * per_record;
    row->value[MEASURED_DISK_BYTES] = row->log_bytes * per_record * row->config.replication;
}

static double read_sum(const struct reading *r, const json_t *list, const char *name)
{
    double sum = 0;
    json_t *item;
    size_t i;
    json_array_foreach(list, i, item) sum += measured(r, item, name);
    return sum;
}

/* The exporter of some brokers knows no longest pause. */
static void read_pauses(const struct reading *r, const json_t *list, struct row *row)
{
    static const char *const names[] = {"count", "total_ms", "max_ms", NULL};
    const struct reading inner = {r->rows, r->row, "measured.gc_pauses."};
    double seconds = (row->config.warmup_s + row->config.measure_s) * row->config.brokers;
    json_t *item;
    size_t i;
    if (json_array_size(list) == 0)
        return;
    json_array_foreach(list, i, item) check_known(&inner, item, names);
    row->pauses = read_sum(&inner, list, "count");
    row->pause_s = read_sum(&inner, list, "total_ms") / 1e3;
    if (row->pause_s > PAUSE_SLACK * seconds)
        wrong(&inner, "total_ms", list, "less than the row lasted (milliseconds)");
}

static void read_client(const struct reading *r, const json_t *client, struct row *row)
{
    static const char *const names[] = {
        "produce_requests_per_s", "round_trip_mean_ms", "round_trip_p99_ms",  "queue_wait_mean_ms",
        "send_buffer_mean_ms",    "batch_bytes_mean",   "batch_records_mean", NULL};
    const struct reading inner = {r->rows, r->row, "measured.client."};
    if (!json_is_object(client))
        return;
    check_known(&inner, client, names);
    double round_trip = measured(&inner, client, "round_trip_mean_ms"),
           parts = measured(&inner, client, "queue_wait_mean_ms") +
                   measured(&inner, client, "send_buffer_mean_ms") + round_trip,
           mean = row->value[MEASURED_PRODUCE_MEAN] * 1e3;
    row->value[MEASURED_REQUESTS] = measured(&inner, client, "produce_requests_per_s");
    row->value[MEASURED_ROUND_TRIP] = round_trip > 0 ? round_trip / 1e3 : NAN; /* acks=0: none */
    if (mean > ROWS_PARTS_FACTOR * parts || parts > ROWS_PARTS_FACTOR * mean)
        rows_problem(r->rows, r->row->file, r->row->line, r->row->id,
                     "measured.produce_latency_ms.mean is %g, and the client's parts sum up to %g; "
                     "expected nearly the same: are the units mixed?",
                     mean, parts);
}

static void check_silence(const struct reading *r, const json_t *m, const struct row *row)
{
    const double *value = row->value;
    if (value[MEASURED_THROUGHPUT] == 0 &&
        !(isnan(value[MEASURED_PRODUCE_MEAN]) && isnan(value[MEASURED_END_TO_END_P99])))
        wrong(r, "acked_records_per_s", json_object_get(m, "acked_records_per_s"),
              "above 0 beside latencies");
}

static void check_megabytes(const struct reading *r, const json_t *m, const struct row *row)
{
    double mb = measured(r, m, "acked_mb_per_s");
    double computed = row->value[MEASURED_THROUGHPUT] * row->config.record_bytes / 1e6;
    if (computed > 1 && fabs(mb * 1.048576 / computed - 1) < 0.005)
        wrong(r, "acked_mb_per_s", json_object_get(m, "acked_mb_per_s"),
              "10^6 bytes a second; this is MiB");
    else if (fabs(mb - computed) > 0.02 * computed + 0.001) /* three decimals */
        wrong(r, "acked_mb_per_s", json_object_get(m, "acked_mb_per_s"),
              "acked_records_per_s times record_bytes");
}

/*
 * Of Kafka's own tool without its compiler: half of what a run of seconds spends, and nothing of what a producer in service does. librdkafka's
 * threads by the names that measure gives them; one that is not listed used little, and says nothing then of the other either.
 */
static void read_client_cpu(const struct reading *r, const json_t *m, struct row *row)
{
    static const char field[] = "client_threads_cpu_cores";
    const json_t *threads = json_object_get(m, field);
    const json_t *application = json_object_get(threads, "application"),
                 *broker_thread = json_object_get(threads, "librdkafka_broker_thread");
    double cores = measured(r, m, "client_cpu_cores"), *value = row->value,
           compiler = json_number_value(json_object_get(threads, "jit_compiler"));
    if (threads && !json_is_null(threads) && !json_is_object(threads))
        wrong(r, field, threads, "a map of cores by thread");
    if (exceeds(sum_of_threads(r, field, threads), cores))
        wrong(r, field, threads,
              "threads that use no more than client_cpu_cores together (are these per cent?)");
    value[MEASURED_CLIENT_CPU] = row->config.java && compiler < cores ? cores - compiler : cores;
    if (!row->config.java && application && broker_thread) {
        value[FITTED_APPLICATION_CPU] = json_number_value(application);
        value[FITTED_BROKER_THREAD_CPU] = json_number_value(broker_thread);
    }
}

static void check_known_measured(const struct reading *r, const json_t *m)
{
    static const char *const names[] = {
        "acked_records_per_s",
        "acked_mb_per_s",
        "failed",
        "unacknowledged",
        "queue_full_waits",
        "produce_latency_ms",
        "end_to_end_latency_ms",
        "consumed_records_per_s",
        "client",
        "broker_cpu_cores",
        "broker_threads_cpu_cores",
        "client_cpu_cores",
        "client_threads_cpu_cores",
        "gc_pauses",
        "log_whole_run",
        "broker_metrics",
        "catch_up_reader",
        NULL,
    };
    check_known(r, m, names);
}

static void read_measured(const struct reading *r, const json_t *m, struct row *row)
{
    const struct field acked = {"acked_records_per_s",
                                0,
                                1e12,
                                .is_needed = true,
                                .otherwise = NAN,
                                .expected = "records a second, 0 or more"};
    double *value = row->value, ignored;
    json_t *groups = json_object_get(m, "end_to_end_latency_ms");
    value[MEASURED_THROUGHPUT] = read_number(r, m, &acked);
    read_latency(r, "measured.produce_latency_ms.", json_object_get(m, "produce_latency_ms"),
                 &value[MEASURED_PRODUCE_MEAN], &value[MEASURED_PRODUCE_P50],
                 &value[MEASURED_PRODUCE_P99]);
    read_latency(r, "measured.end_to_end_latency_ms.", json_array_get(groups, 0), &ignored,
                 &value[MEASURED_END_TO_END_P50], &value[MEASURED_END_TO_END_P99]);
    for (size_t g = 1; g < json_array_size(groups); g++) /* checked, and no more */
        read_latency(r, "measured.end_to_end_latency_ms.", json_array_get(groups, g), &ignored,
                     &ignored, &ignored);
    if (row->config.java) /* Kafka's own tool */
        rows_drop_coarse(row);
    value[MEASURED_BROKER_CPU] = broker_cpu(r, m, row->config.brokers, &row->broker_cpu_most);
    read_broker_threads(json_object_get(m, "broker_threads_cpu_cores"), row->config.brokers, row);
    read_client_cpu(r, m, row);
    read_client(r, json_object_get(m, "client"), row);
    read_log(r, json_object_get(m, "log_whole_run"), row);
    read_pauses(r, json_object_get(m, "gc_pauses"), row);
    check_known_measured(r, m);
    check_silence(r, m, row);
    check_megabytes(r, m, row);
    if (measured(r, m, "failed") > 0)
        rows_warn(r->rows, row->file, row->line, row->id,
                  "measured.failed is %g: records that were lost are in no latency",
                  measured(r, m, "failed"));
}

static void read_jit(const struct reading *r, const json_t *object, struct row *row)
{
    static const char *const names[] = {
        [ROW_WARM] = "warm", [ROW_MOSTLY_WARM] = "mostly warm", [ROW_WARMING] = "warming"};
    json_t *jit = json_object_get(object, "jit");
    for (int i = 0; i < 3 && json_is_string(jit); i++)
        if (strcmp(json_string_value(jit), names[i]) == 0) {
            row->jit = (enum row_jit)i;
            return;
        }
    if (jit && !json_is_null(jit))
        wrong(r, "jit", jit, "\"warm\", \"mostly warm\" or \"warming\"");
}

static void read_name(const struct reading *r, const json_t *object, const char *field, char *name,
                      size_t size)
{
    char expected[64];
    if (!rows_take_name(name, size, word(r, object, field), expected))
        wrong(r, field, json_object_get(object, field), expected);
}

void rows_read_json_line(struct rows *rows, const char *file, int line, json_t *object)
{
    const struct field repeat = {"repeat", 1, 1e6, true, true, 1, "1 or more"};
    if (!json_is_object(object)) {
        rows_problem(rows, file, line, "", "expected an object, a row");
        return;
    }
    struct row *row = rows_add(rows, file, line);
    const struct reading r = {rows, row, ""}, config = {rows, row, "config."},
                         m = {rows, row, "measured."};
    read_name(&r, object, "id", row->id, sizeof row->id);
    read_name(&r, object, "family", row->family, sizeof row->family);
    row->repeat = (int)read_number(&r, object, &repeat);
    read_jit(&r, object, row);
    json_t *has = need(&r, object, "config"), *was = need(&r, object, "measured");
    if (has && json_is_object(has))
        read_config(&config, has, &row->config);
    else if (has)
        wrong(&r, "config", has, "a map");
    if (was && json_is_object(was))
        read_measured(&m, was, row);
    else if (was)
        wrong(&r, "measured", was, "a map");
}
