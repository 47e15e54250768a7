/*
 * model/answer/fill_resource.c - utilisation of each resource on its busiest broker, with the limits that verdicts use.
 *
 * `survive` scales what was simulated by what the bounds say of the loss: the same traffic on fewer brokers. Headroom is how far the
 * load may grow in proportion until the limit; threads count by what is not idle. A vCPU slows down as its neighbour gets busy: CPU grows
 * by the work that is done at each use.
 */
#include "model/answer/fill.h"

#include <math.h>
#include <string.h>

#include "model/cluster/machine_share.h"

enum measure {
    CPU,
    NETWORK_IN,
    NETWORK_OUT,
    SHARED_NETWORK,
    DISK,
    NETWORK_IDLE,
    IO_IDLE,
    CACHE_SECONDS
};

static double measure_of(const struct cluster_broker_seen *seen, enum measure measure)
{
    switch (measure) {
    case CPU:
        return seen->cpu_ratio;
    case NETWORK_IN:
        return seen->network_in_ratio;
    case NETWORK_OUT:
        return seen->network_out_ratio;
    case SHARED_NETWORK:
        return seen->shared_network_ratio;
    case DISK:
        return seen->disk_ratio;
    case NETWORK_IDLE:
        return seen->host.network_idle_ratio;
    case IO_IDLE:
        return seen->host.io_idle_ratio;
    case CACHE_SECONDS:
        break;
    }
    return seen->cache_seconds;
}

/* Idle shares and cache ages: the smallest is the busiest. */
static bool low_is_busy(enum measure measure)
{
    return measure >= NETWORK_IDLE;
}

static double broker_value(const struct outcome *outcome, uint32_t broker, double measure)
{
    return measure_of(&outcome->brokers[broker].seen, (enum measure)(int)measure);
}

static uint32_t busiest(const struct fill *fill, enum measure measure,
                        struct result_estimate *estimate)
{
    uint32_t found = 0;
    *estimate = result_unknown();
    for (uint32_t b = 0; b < fill->replications->outcomes[0]->broker_count; b++) {
        struct result_estimate one = fill_estimate(fill, broker_value, b, measure);
        if (!one.known)
            continue;
        if (!estimate->known ||
            (low_is_busy(measure) ? one.value < estimate->value : one.value > estimate->value)) {
            *estimate = one;
            found = b;
        }
    }
    return found;
}

/* By how much more the busiest survivor has to do, by the bound of that name; NAN without one. */
static double survive_factor(const struct fill *fill, const char *bound)
{
    const struct result_bound *b = result_bound_of(fill->result, bound);
    return b && b->utilisation > 0 ? b->utilisation_survive / b->utilisation : NAN;
}

static struct result_estimate scaled(struct result_estimate e, double factor)
{
    if (!e.known || !isfinite(factor))
        return result_unknown();
    return result_interval(e.value * factor, e.low * factor, e.high * factor, e.level, e.n);
}

/* 1 - (1 - idle) * factor, never below nothing. */
static struct result_estimate scaled_idle(struct result_estimate e, double factor)
{
    if (!e.known || !isfinite(factor))
        return result_unknown();
    return result_interval(fmax(0, 1 - (1 - e.value) * factor), fmax(0, 1 - (1 - e.low) * factor),
                           fmax(0, 1 - (1 - e.high) * factor), e.level, e.n);
}

/* How much busier present work would keep the brokers' machines at their limit's speed, at which the bounds reckon too. */
static double slower_at(const struct fill *fill, double now, double limit)
{
    const struct scenario_machine *machine = &fill->scenario->cluster.machine;
    return model_machine_speed_mean(machine, fill->profile, now) /
           model_machine_speed_mean(machine, fill->profile, limit);
}

enum measured_quantity fill_measured(enum result_resource_kind kind)
{
    switch (kind) {
    case RESULT_CPU:
        return MEASURED_BROKER_CPU;
    case RESULT_CLIENT_CPU:
        return MEASURED_CLIENT_CPU;
    case RESULT_DISK_SPACE:
        return MEASURED_DISK_BYTES;
    default:
        return MEASURED_QUANTITIES;
    }
}

static struct result_resource *new_row(struct fill *fill, enum result_resource_kind kind,
                                       const char *name, const char *busiest,
                                       const struct result_estimate *now)
{
    struct result_resource *row = RESULT_ADD(fill->result, resources, resource_count);
    enum measured_quantity quantity = fill_measured(kind);
    row->kind = kind;
    row->name = name;
    row->busiest = result_string(fill->result, busiest);
    row->now = *now;
    row->predicted =
        quantity == MEASURED_QUANTITIES ? result_unknown() : fill_predicted(fill, quantity, now);
    row->survive = result_unknown();
    row->note = "";
    return row;
}

static const char *broker_name(struct fill *fill, uint32_t broker)
{
    return result_format(fill->result, "broker %u", broker + 1);
}

/*
 * What the stated load asks of a resource. One that is always busy shows what it has, and in a run that carries less than is offered each
 * shows what came through: the bound reckons what is asked. slower: see slower_at; 1 of what has one speed.
 */
static double asked_of(const struct fill *fill, double now, double slower, const char *bound)
{
    const struct result_bound *b = result_bound_of(fill->result, bound);
    bool hidden = now >= FILL_ALWAYS_BUSY || fill_any_unstable(fill);
    return hidden && b && b->utilisation > now * slower ? b->utilisation : now * slower;
}

static struct result_resource *add(struct fill *fill, enum result_resource_kind kind,
                                   const char *name, enum measure measure, double limit,
                                   const char *bound)
{
    struct result_estimate now;
    uint32_t broker = busiest(fill, measure, &now);
    struct result_resource *row = new_row(fill, kind, name, broker_name(fill, broker), &now);
    row->limit = limit;
    row->used = now.known && (low_is_busy(measure) ? now.value < 1 : now.value > 0);
    double factor = survive_factor(fill, bound);
    if (low_is_busy(measure)) {
        row->survive = scaled_idle(now, factor);
        double busy = asked_of(fill, 1 - now.value, 1, bound);
        row->headroom = busy > 0 ? (1 - limit) / busy : INFINITY;
    } else {
        double slower = measure == CPU ? slower_at(fill, now.value, limit) : 1;
        row->survive = scaled(now, factor);
        row->headroom = now.value > 0 ? limit / asked_of(fill, now.value, slower, bound) : INFINITY;
    }
    return row;
}

static void add_cache(struct fill *fill)
{
    struct result_estimate now;
    uint32_t broker = busiest(fill, CACHE_SECONDS, &now);
    struct result_resource *row =
        new_row(fill, RESULT_PAGE_CACHE, "page cache", broker_name(fill, broker), &now);
    row->used = now.known && isfinite(now.value);
    double factor = survive_factor(fill, "disk bandwidth");
    row->survive = isfinite(factor) && factor > 0 ? scaled(now, 1 / factor) : result_unknown();
    row->headroom = 0;
}

static const char *disk_bind(const struct fill *fill)
{
    const struct outcome *first = fill->replications->outcomes[0];
    const char *bind = "";
    double most = 0;
    for (uint32_t b = 0; b < first->broker_count; b++) {
        if (first->brokers[b].seen.disk_ratio > most) {
            most = first->brokers[b].seen.disk_ratio;
            bind = first->brokers[b].seen.disk_bind;
        }
    }
    return bind;
}

/* The horizon is the middle's; over the draws of what is not stated its fill moves as the bound's does. */
static struct result_estimate over_draws(const struct fill *fill, double ratio)
{
    const struct result_bound *b = result_bound_of(fill->result, "disk space");
    if (!b || !isfinite(b->utilisation_low) || b->utilisation <= 0)
        return result_exact(ratio);
    return result_interval(ratio, ratio * fmin(1, b->utilisation_low / b->utilisation),
                           ratio * fmax(1, b->utilisation_high / b->utilisation), 0.9, 1);
}

/* Fill over the horizon, by the disk that is fullest at its fullest. */
static void add_disk_space(struct fill *fill)
{
    struct result *result = fill->result;
    const struct result_disk *fullest = NULL;
    double most = 0;
    for (uint32_t i = 0; i < result->disk_count; i++) {
        const struct result_disk *d = &result->disks[i];
        double ratio =
            d->capacity_bytes ? (double)d->used_max_bytes / (double)d->capacity_bytes : 0;
        if (!fullest || ratio > most) {
            fullest = d;
            most = ratio;
        }
    }
    if (!fullest)
        return;
    struct result_estimate now = over_draws(fill, most);
    struct result_resource *row = new_row(fill, RESULT_DISK_SPACE, "disk space",
                                          broker_name(fill, (uint32_t)fullest->broker - 1), &now);
    double limit = fill->scenario->limits.disk_space;
    row->used = most > 0;
    row->limit = limit;
    row->headroom = most > 0 ? limit / most : INFINITY;
    bool full = (double)fullest->used_start_bytes >= 0.95 * (double)fullest->capacity_bytes;
    row->note = fullest->day_95 < 0 ? "not full in 3 y"
                                    : result_format(result, "95 %% %s",
                                                    result_day(result, full ? 0 : fullest->day_95));
}

double fill_client_cpu(const struct outcome *outcome, uint32_t client, double unused)
{
    (void)unused;
    return outcome->clients[client].cpu_ratio;
}

static double client_network(const struct outcome *outcome, uint32_t client, double unused)
{
    (void)unused;
    return fmax(outcome->clients[client].network_in_ratio,
                outcome->clients[client].network_out_ratio);
}

/* "client cpu" of "checkout clients 2" -> the bound "client cpu of checkout"; no name of a scenario has a space. */
static const char *client_bound(struct fill *fill, const char *name, const char *where)
{
    return result_format(fill->result, "%s of %.*s", name, (int)strcspn(where, " "), where);
}

bool fill_is_of_client(const char *place, const char *name)
{
    size_t length = strlen(name);
    return length > 0 && strncmp(place, name, length) == 0 &&
           (place[length] == ' ' || place[length] == '\0');
}

/* Of what a group read, the share that came meanwhile; the rest is the lag that it had. */
static double came_share(const struct fill *fill, int group)
{
    double read = 0, fell = 0;
    for (uint32_t r = 0; r < fill->replications->count; r++) {
        const struct outcome_group *g = &fill->replications->outcomes[r]->groups[group];
        read += (double)g->counts.records;
        fell += g->lag_fell_records;
    }
    return read > 0 ? fmin(1, fmax(0, 1 - fell / read)) : 1;
}

/* Judgement: a lag that falls by less than this share of what is read may be that of a group that keeps up, between two fetches. */
static const double KEEPS_UP_FROM = 0.9;

bool fill_catches_up(const struct fill *fill, int group)
{
    return scenario_begins_behind(&fill->scenario->groups[group]) && !fill->group_unstable[group] &&
           came_share(fill, group) < KEEPS_UP_FROM;
}

/*
 * A group that catches up goes as fast as its machines and threads let it: that they are full is what it is for, and no limit of theirs. One
 * that falls behind without end has too little of something, as one that is beyond its limit with what comes alone; and one that has caught up
 * before the measurement is like any other.
 */
static bool excused(const struct fill *fill, int group, double used, double limit)
{
    return fill_catches_up(fill, group) && used * came_share(fill, group) <= limit;
}

/*
 * Whose group's machine it is; -1: a producer's. By its place, as machines.c makes them: a group may have a producer's name. Where ranges drew
 * another number of machines in the first replication, the name says that the place is not it.
 */
static int group_of_machine(const struct fill *fill, uint32_t client, const char *name)
{
    const struct scenario *s = fill->scenario;
    uint32_t end = 0;
    for (int p = 0; p < s->producer_count; p++)
        end += (uint32_t)s->producers[p].machines;
    for (int g = 0; g < s->group_count && client >= end; g++) {
        end += s->groups[g].beside < 0 ? (uint32_t)s->groups[g].machines : 0;
        if (client < end)
            return fill_is_of_client(name, s->groups[g].name) ? g : -1;
    }
    return -1;
}

static const struct scenario_machine *machine_of(const struct fill *fill, uint32_t client,
                                                 const char *name)
{
    const struct scenario *s = fill->scenario;
    int group = group_of_machine(fill, client, name), p = 0;
    if (group >= 0)
        return &s->groups[group].machine;
    while (p + 1 < s->producer_count && !fill_is_of_client(name, s->producers[p].name))
        p++;
    return &s->producers[p].machine;
}

/* The busiest of what clients have: a share that may grow to its limit. */
static void add_client(struct fill *fill, enum result_resource_kind kind, const char *name,
                       fill_value_fn *value, double limit)
{
    bool threads = kind == RESULT_CLIENT_THREAD;
    const struct outcome *first = fill->replications->outcomes[0];
    uint32_t count = threads ? first->group_count : first->client_count, found = 0;
    struct result_estimate most = result_unknown();
    for (uint32_t i = 0; i < count; i++) {
        struct result_estimate one = fill_estimate(fill, value, i, 0);
        int group = threads ? (int)i : group_of_machine(fill, i, first->clients[i].name);
        if (group >= 0 && excused(fill, group, one.value, limit))
            continue;
        if (one.known && (!most.known || one.value > most.value)) {
            most = one;
            found = i;
        }
    }
    if (!most.known)
        return;
    const char *where = threads ? fill->scenario->groups[found].name : first->clients[found].name;
    struct result_resource *row = new_row(fill, kind, name, where, &most);
    row->used = most.value > 0;
    row->limit = limit;
    double asked = asked_of(fill, most.value, 1, client_bound(fill, name, where));
    if (kind == RESULT_CLIENT_CPU) {
        const struct scenario_machine *machine = machine_of(fill, found, where);
        asked *= model_machine_speed(machine, fill->profile, asked) /
                 model_machine_speed(machine, fill->profile, limit);
    }
    row->headroom = most.value > 0 ? limit / asked : INFINITY;
}

static double group_thread(const struct outcome *outcome, uint32_t group, double unused)
{
    (void)unused;
    return outcome->groups[group].thread_ratio;
}

void fill_resources(struct fill *fill)
{
    const struct scenario_limits *limits = &fill->scenario->limits;
    if (fill->replications->count == 0)
        return;
    if (fill->scenario->cluster.network.shared_bytes_per_s > 0) {
        add(fill, RESULT_SHARED_NETWORK, "shared network", SHARED_NETWORK, limits->network,
            "shared network")
            ->busiest = "all machines";
    } else {
        add(fill, RESULT_NETWORK_OUT, "network out", NETWORK_OUT, limits->network, "network out");
        add(fill, RESULT_NETWORK_IN, "network in", NETWORK_IN, limits->network, "network in");
    }
    add(fill, RESULT_CPU, "cpu", CPU, limits->cpu, "cpu");
    add_disk_space(fill);
    struct result_resource *disk = add(fill, RESULT_DISK_BANDWIDTH, "disk bandwidth", DISK,
                                       limits->disk_bandwidth, "disk bandwidth");
    const char *bind = disk_bind(fill);
    disk->note = *bind ? result_format(fill->result, "by %s", bind) : "";
    add(fill, RESULT_NETWORK_THREADS, "network threads", NETWORK_IDLE, limits->thread_idle,
        "network threads");
    add(fill, RESULT_IO_THREADS, "I/O threads", IO_IDLE, limits->thread_idle, "I/O threads");
    add_cache(fill);
    add_client(fill, RESULT_CLIENT_CPU, "client cpu", fill_client_cpu, limits->cpu);
    add_client(fill, RESULT_CLIENT_NETWORK, "client network", client_network, limits->network);
    /* A thread is one core's at most; cores may be idle beside it. */
    add_client(fill, RESULT_CLIENT_THREAD, "client thread", group_thread, 1);
}
