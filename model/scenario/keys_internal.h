/*
 * model/scenario/keys_internal.h - how a row of the key table is written down.
 *
 * Shape    K(path, type, unit, low, high, default, its origin, offset, help, further members)
 * Units    As scenario_internal.h.
 * Omits    -
 * Source   -
 * Checked  tests/model/test_scenario_explain.c: every default parses and lies in its range; no row without help and origin.
 */
#ifndef MODEL_SCENARIO_KEYS_INTERNAL_H
#define MODEL_SCENARIO_KEYS_INTERNAL_H

#include "model/scenario/scenario_internal.h"

#include <math.h>

#define K(path_, type_, unit_, low_, high_, value_, origin_, offset_, help_, ...)                  \
    {                                                                                              \
        .path = path_, .path_bytes = sizeof(path_) - 1, .type = SCENARIO_KEY_##type_,              \
        .unit = SCENARIO_UNIT_##unit_, .low = low_, .high = high_, .value = value_,                \
        .origin = origin_, .offset = offset_, .help = help_, __VA_ARGS__                           \
    }
#define KAFKA      "Kafka 4.2"
#define LIBRDKAFKA "librdkafka 2"
#define INT_HIGH   2147483647.0
#define ANY        INFINITY
#define NS_MS      1e6
#define NS_S       1e9
#define NS_H       3600e9
#define NS_D       86400e9

/*
 * One machine under `prefix`, a member `m` of struct `t`. The figures of a machine of one's own have no general default;
 * resolve.c fills what is not said from the machine it is `like`, or asks for it.
 */
#define MACHINE_KEYS(prefix, t, m, default_, origin_)                                              \
    K(prefix, SPECIAL, NONE, 0, 0, default_, origin_, offsetof(t, m),                              \
      "Machine type: a name from scenarios/hardware/catalogue.csv, or a map that describes one "   \
      "of your own.",                                                                              \
      .special = &scenario_special_machine),                                                       \
        K(prefix "/like", SPECIAL, NONE, 0, 0, NULL, "", offsetof(t, m),                           \
          "A machine of the catalogue to start from; the other keys change it.",                   \
          .special = &scenario_special_machine, .group = prefix),                                  \
        K(prefix "/vcpus", COUNT, NONE, 1, 1024, NULL, "", offsetof(t, m.vcpus), "Virtual CPUs.",  \
          .group = prefix),                                                                        \
        K(prefix "/threads_per_core", COUNT, NONE, 1, 2, NULL, "",                                 \
          offsetof(t, m.threads_per_core),                                                         \
          "Hardware threads that share a core and are a vCPU each: alone it is 1.5 times as fast " \
          "as coremark says of all together.",                                                     \
          .group = prefix),                                                                        \
        K(prefix "/coremark", NUMBER, NONE, 1000, 1e6, NULL, "", offsetof(t, m.coremark_per_vcpu), \
          "CoreMark iterations per second of one vCPU; costs of a profile are scaled by it.",      \
          .group = prefix),                                                                        \
        K(prefix "/ram", INTEGER, BYTES, 268435456.0, 1e14, NULL, "", offsetof(t, m.ram_bytes),    \
          "Memory.", .group = prefix),                                                             \
        K(prefix "/network/baseline", NUMBER, SPEED, 1e5, 1e12, NULL, "",                          \
          offsetof(t, m.nic_baseline_bytes_per_s), "What the NIC sustains, each direction.",       \
          .group = prefix),                                                                        \
        K(prefix "/network/burst", NUMBER, SPEED, 1e5, 1e12, NULL, "",                             \
          offsetof(t, m.nic_burst_bytes_per_s),                                                    \
          "What the NIC gives while credits last, each direction.", .group = prefix),              \
        K(prefix "/network/credit", NUMBER, BYTES, 0, 1e16, NULL, "",                              \
          offsetof(t, m.nic_credit_bytes),                                                         \
          "Bytes above baseline that a full bucket allows, each direction.", .group = prefix),     \
        K(prefix "/block/baseline", NUMBER, SPEED, 0, 1e12, NULL, "",                              \
          offsetof(t, m.block_baseline_bytes_per_s),                                               \
          "Sustained limit towards all volumes together; 0 B/s: none.", .group = prefix),          \
        K(prefix "/block/burst", NUMBER, SPEED, 0, 1e12, NULL, "",                                 \
          offsetof(t, m.block_burst_bytes_per_s), "Limit towards the volumes while credits last.", \
          .group = prefix),                                                                        \
        K(prefix "/block/baseline_iops", NUMBER, NONE, 0, 1e8, NULL, "",                           \
          offsetof(t, m.block_baseline_iops),                                                      \
          "Sustained I/Os per second towards all volumes together; 0: no limit.",                  \
          .group = prefix),                                                                        \
        K(prefix "/block/burst_iops", NUMBER, NONE, 0, 1e8, NULL, "",                              \
          offsetof(t, m.block_burst_iops),                                                         \
          "I/Os per second towards the volumes while credits last.", .group = prefix),             \
        K(prefix "/block/burst_time", INTEGER, TIME, 0, NS_D, NULL, "",                            \
          offsetof(t, m.block_burst_ns), "How long a full bucket lasts at burst.",                 \
          .group = prefix)

enum { /* bits of scenario_key.disk_types */
       ON_HDD = 1 << SCENARIO_DISK_HDD,
       ON_FLASH = 1 << SCENARIO_DISK_SSD | 1 << SCENARIO_DISK_NVME,
       ON_LOCAL = ON_HDD | ON_FLASH,
       ON_IOPS = 1 << SCENARIO_DISK_GP3 | 1 << SCENARIO_DISK_IO2,
       ON_CLOUD =
           ON_IOPS | 1 << SCENARIO_DISK_GP2 | 1 << SCENARIO_DISK_ST1 | 1 << SCENARIO_DISK_SC1,
};

/* Disks under `prefix`, a struct scenario_disks `d` of struct `t`. disks.c fills what is not said, by type and size. */
#define DISK_KEYS(prefix, t, d, count_, layout_, is_required_)                                     \
    K(prefix "/type", CHOICE, NONE, 0, 0, NULL, "", offsetof(t, d.type), "Kind of disk.",          \
      .choices = scenario_disk_type_names, .group = prefix, .is_required = is_required_),          \
        K(prefix "/count", COUNT, NONE, 1, 64, count_, "judgement: one log directory",             \
          offsetof(t, d.count), "Disks in each broker.", .group = prefix),                         \
        K(prefix "/size", INTEGER, BYTES, 1e9, 1e15, NULL, "", offsetof(t, d.size_bytes),          \
          "Size of each disk.", .group = prefix, .is_required = is_required_),                     \
        K(prefix "/layout", CHOICE, NONE, 0, 0, layout_,                                           \
          "judgement: Kafka's log.dirs with one entry a disk", offsetof(t, d.layout),              \
          "jbod: one log directory a disk; raid0: one directory striped over all.",                \
          .choices = layout_names, .group = prefix),                                               \
        K(prefix "/throughput", NUMBER, SPEED, 1e6, 1e11, NULL, "",                                \
          offsetof(t, d.throughput_bytes_per_s), "Sustained bytes per second of each volume.",     \
          .disk_types = ON_CLOUD, .group = prefix),                                                \
        K(prefix "/iops", NUMBER, NONE, 10, 1e7, NULL, "", offsetof(t, d.iops),                    \
          "Sustained I/Os per second of each.", .disk_types = ON_CLOUD, .group = prefix),          \
        K(prefix "/burst_throughput", NUMBER, SPEED, 1e6, 1e11, NULL, "",                          \
          offsetof(t, d.burst_bytes_per_s), "Bytes per second while credits last.",                \
          .disk_types = ON_CLOUD, .group = prefix),                                                \
        K(prefix "/burst_iops", NUMBER, NONE, 10, 1e7, NULL, "", offsetof(t, d.burst_iops),        \
          "I/Os per second while credits last.", .disk_types = ON_CLOUD, .group = prefix),         \
        K(prefix "/credit", NUMBER, BYTES, 0, 1e16, NULL, "", offsetof(t, d.credit_bytes),         \
          "Bucket of bytes above what is sustained (st1, sc1).", .disk_types = ON_CLOUD,           \
          .group = prefix),                                                                        \
        K(prefix "/credit_ios", NUMBER, NONE, 0, 1e12, NULL, "", offsetof(t, d.credit_ios),        \
          "Bucket of I/Os above what is sustained (gp2).", .disk_types = ON_CLOUD,                 \
          .group = prefix),                                                                        \
        K(prefix "/io_size", INTEGER, BYTES, 4096, 1e9, NULL, "", offsetof(t, d.io_bytes_max),     \
          "An I/O up to this size counts as one.", .disk_types = ON_CLOUD, .group = prefix),       \
        K(prefix "/read", NUMBER, SPEED, 1e6, 1e12, NULL, "", offsetof(t, d.read_bytes_per_s),     \
          "Sequential read speed of each (hdd: outer tracks).", .disk_types = ON_LOCAL,            \
          .group = prefix),                                                                        \
        K(prefix "/write", NUMBER, SPEED, 1e6, 1e12, NULL, "", offsetof(t, d.write_bytes_per_s),   \
          "Sequential write speed of each (hdd: outer tracks).", .disk_types = ON_LOCAL,           \
          .group = prefix),                                                                        \
        K(prefix "/inner", NUMBER, SPEED, 1e6, 1e12, NULL, "", offsetof(t, d.inner_bytes_per_s),   \
          "Sequential speed on the inner tracks.", .disk_types = ON_HDD, .group = prefix),         \
        K(prefix "/read_iops", NUMBER, NONE, 10, 1e8, NULL, "", offsetof(t, d.read_iops),          \
          "4 KiB reads per second of each.", .disk_types = ON_FLASH, .group = prefix),             \
        K(prefix "/write_iops", NUMBER, NONE, 10, 1e8, NULL, "", offsetof(t, d.write_iops),        \
          "4 KiB writes per second of each.", .disk_types = ON_FLASH, .group = prefix),            \
        K(prefix "/read_latency", INTEGER, TIME, 1000, NS_S, NULL, "",                             \
          offsetof(t, d.read_latency_ns), "Median of one small read on an idle device.",           \
          .disk_types = ON_FLASH | ON_CLOUD, .group = prefix),                                     \
        K(prefix "/write_latency", INTEGER, TIME, 1000, NS_S, NULL, "",                            \
          offsetof(t, d.write_latency_ns), "Median of one small write on an idle device.",         \
          .disk_types = ON_FLASH | ON_CLOUD, .group = prefix),                                     \
        K(prefix "/latency_sigma", NUMBER, NONE, 0, 3, NULL, "", offsetof(t, d.latency_sigma),     \
          "Spread of the latency: sigma of its logarithm.", .disk_types = ON_FLASH | ON_CLOUD,     \
          .group = prefix),                                                                        \
        K(prefix "/stalls", NUMBER, RATIO, 0, 1, NULL, "", offsetof(t, d.stall_ratio),             \
          "Share of reads that wait behind a program or erase.", .disk_types = ON_FLASH,           \
          .group = prefix),                                                                        \
        K(prefix "/stall", INTEGER, TIME, 0, NS_S, NULL, "", offsetof(t, d.stall_ns),              \
          "Median of such a wait.", .disk_types = ON_FLASH, .group = prefix),                      \
        K(prefix "/stall_sigma", NUMBER, NONE, 0, 3, NULL, "", offsetof(t, d.stall_sigma),         \
          "Spread of such a wait: sigma of its logarithm.", .disk_types = ON_FLASH,                \
          .group = prefix),                                                                        \
        K(prefix "/buffer", NUMBER, BYTES, 0, 1e13, NULL, "", offsetof(t, d.buffer_bytes),         \
          "Write buffer in front of the flash, drained at `write`; 0 B: none.",                    \
          .disk_types = ON_FLASH, .group = prefix),                                                \
        K(prefix "/buffer_write", NUMBER, SPEED, 1e6, 1e12, NULL, "",                              \
          offsetof(t, d.buffer_bytes_per_s), "Write speed of each while its buffer has room.",     \
          .disk_types = ON_FLASH, .group = prefix),                                                \
        K(prefix "/buffer_safe", BOOL, NONE, 0, 0, NULL, "", offsetof(t, d.buffer_is_safe),        \
          "Whether the buffer survives a loss of power, so that a flush does not wait for it.",    \
          .disk_types = ON_FLASH, .group = prefix),                                                \
        K(prefix "/flush", INTEGER, TIME, 0, 10 * NS_S, NULL, "", offsetof(t, d.flush_ns),         \
          "One flush of the device's cache.", .group = prefix),                                    \
        K(prefix "/rpm", COUNT, NONE, 3600, 15000, NULL, "", offsetof(t, d.rpm),                   \
          "Revolutions per minute.", .disk_types = ON_HDD, .group = prefix),                       \
        K(prefix "/seek_track", INTEGER, TIME, 0, NS_S, NULL, "", offsetof(t, d.seek_track_ns),    \
          "Seek to the next track.", .disk_types = ON_HDD, .group = prefix),                       \
        K(prefix "/seek_average", INTEGER, TIME, 0, NS_S, NULL, "",                                \
          offsetof(t, d.seek_average_ns), "Average seek.", .disk_types = ON_HDD, .group = prefix), \
        K(prefix "/seek_full", INTEGER, TIME, 0, NS_S, NULL, "", offsetof(t, d.seek_full_ns),      \
          "Seek over the whole disk.", .disk_types = ON_HDD, .group = prefix),                     \
        K(prefix "/queue_depth", COUNT, NONE, 1, 32, NULL, "", offsetof(t, d.queue_depth),         \
          "Requests that the disk orders by itself (NCQ).", .disk_types = ON_HDD,                  \
          .group = prefix),                                                                        \
        K(prefix "/used", NUMBER, RATIO, 0.001, 1, NULL, "", offsetof(t, d.used_ratio),            \
          "Share of the disk, from the outside, over which its files are spread: short seeks and " \
          "fast tracks while little is used.",                                                     \
          .disk_types = ON_HDD, .group = prefix)

extern const struct scenario_key scenario_keys_root[], scenario_keys_topic[],
    scenario_keys_producer[], scenario_keys_group[];
extern const int scenario_keys_root_count, scenario_keys_topic_count, scenario_keys_producer_count,
    scenario_keys_group_count;
extern const char *const scenario_topic_codec_names[]; /* Kafka's: uncompressed, and producer */
extern const char *const scenario_codec_names[];

#endif
