/*
 * Kafka's settings that exist and are no key here, each with what stands for it or why nothing does. Names: the configuration
 * reference of Kafka 4.2 and librdkafka's CONFIGURATION.md; a name that ends with a dot is a whole family.
 */
#include "model/scenario/scenario_internal.h"

#include <string.h>

#define STEADY    "; in steady state it has no effect"
#define TRANSACT  "transactions are not simulated"
#define REBALANCE "group rebalances are not simulated" STEADY
#define COMPACT   "compaction is not simulated"
#define TIERED    "tiered storage is not simulated"
#define CONTROL   "the controller and its elections are not simulated" STEADY
#define METADATA  "metadata requests are not simulated" STEADY
#define QUOTA     "quotas and throttles are not simulated"
#define SECURITY  "authentication is not simulated; cluster.tls says what is encrypted"
#define SHARE     "share groups are not simulated"
#define CODE      "code of one's own is not simulated"
#define METRICS   "what measuring costs is part of the profile"
#define WHERE     "addresses are not simulated"
#define EXPIRE    "committed offsets do not expire here"
#define LEVEL     "a codec's level is not modelled; state the producer's compression_ratio"
#define TIME      "timestamps are those of the schedule"
#define IDLE      "connections stay open" STEADY
#define GONE      "Kafka 4.2 does not have it any more"

/* In `text`, %s is the stated value. */
static const struct {
    const char *name, *text;
} settings[] = {
    /* what our own keys say; another level or unit of the same: other_names.c */
    {"log.cleanup.policy", "old segments are deleted; compaction is not simulated"},
    {"broker.rack", "use cluster.racks"},
    {"client.rack", "use client_rack: true, with racks"},
    {"log.dir", "use cluster.volumes or machine.disks, with count"},
    {"log.dirs", "use cluster.volumes or machine.disks, with count"},
    {"security.protocol", "use cluster.tls: clients, or all"},
    {"security.inter.broker.protocol", "use cluster.tls: all"},
    {"partitioner.class", "use partitioner: sticky, keyed or uniform"},
    {"partitioner", "use partitioner beside config: sticky, keyed or uniform"},
    {"partitioner.ignore.keys", "use partitioner: sticky"},
    {"partitioner.availability.timeout.ms", "brokers do not fail in a run" STEADY},
    {"broker.id", "use cluster.brokers: how many there are"},
    {"node.id", "use cluster.brokers: how many there are"},
    {"compression.codec", "use compression.type: %s"},
    {"queue.buffering.max.ms", "use linger.ms: %s"},
    {"request.required.acks", "use acks: %s"},
    {"max.in.flight", "use max.in.flight.requests.per.connection: %s"},
    {"message.send.max.retries", "use retries: %s"},
    /* transactions */
    {"transactional.id", TRANSACT},
    {"transaction.", TRANSACT},
    {"transactional.", TRANSACT},
    {"isolation.level", TRANSACT ", so that every record is a committed one"},
    {"producer.id.", "producer ids do not expire here"},
    {"max.transaction.timeout.ms", TRANSACT},
    /* groups */
    {"session.timeout.ms", REBALANCE},
    {"heartbeat.interval.ms", REBALANCE},
    {"partition.assignment.strategy", REBALANCE},
    {"group.instance.id", REBALANCE},
    {"group.protocol", REBALANCE},
    {"group.protocol.type", REBALANCE},
    {"group.remote.assignor", REBALANCE},
    {"group.initial.rebalance.delay.ms", REBALANCE},
    {"group.min.session.timeout.ms", REBALANCE},
    {"group.max.session.timeout.ms", REBALANCE},
    {"group.max.size", REBALANCE},
    {"group.consumer.", REBALANCE},
    {"group.coordinator.", REBALANCE},
    {"group.streams.", REBALANCE},
    {"internal.leave.group.on.close", REBALANCE},
    {"coordinator.query.interval.ms", REBALANCE},
    {"group.id", "the group's name in the scenario stands for it"},
    {"group.share.", SHARE},
    {"share.", SHARE},
    {"offsets.", EXPIRE},
    {"offset.metadata.max.bytes", "commits carry no metadata"},
    {"enable.auto.offset.store", "a record is done with when it was processed"},
    {"enable.partition.eof", "consumers run on at the end of a partition"},
    {"exclude.internal.topics", "a group reads the topics that it names"},
    {"allow.auto.create.topics", "a scenario names its topics"},
    {"default.api.timeout.ms", "only produce, fetch and commit requests are sent" STEADY},
    {"check.crcs", "what a consumer computes is part of its profile"},
    {"auto.include.jmx.reporter", METRICS},
    /* the log */
    {"log.cleaner.", COMPACT},
    {"min.cleanable.dirty.ratio", COMPACT},
    {"min.compaction.lag.ms", COMPACT},
    {"max.compaction.lag.ms", COMPACT},
    {"delete.retention.ms", COMPACT},
    {"remote.", TIERED},
    {"local.retention.ms", TIERED "; use retention.ms"},
    {"local.retention.bytes", TIERED "; use retention.bytes"},
    {"log.local.retention.ms", TIERED "; use log.retention.ms"},
    {"log.local.retention.bytes", TIERED "; use log.retention.bytes"},
    {"log.dir.failure.timeout.ms", "disks do not fail in a run"},
    {"message.timestamp.before.max.ms", TIME},
    {"message.timestamp.after.max.ms", TIME},
    {"log.message.timestamp.before.max.ms", TIME},
    {"log.message.timestamp.after.max.ms", TIME},
    {"message.timestamp.difference.max.ms", GONE},
    {"log.message.timestamp.difference.max.ms", GONE},
    {"message.format.version", GONE},
    {"log.message.format.version", GONE},
    {"message.downconversion.enable", GONE},
    {"log.message.downconversion.enable", GONE},
    {"inter.broker.protocol.version", GONE},
    {"zookeeper.", GONE},
    {"compression.gzip.level", LEVEL},
    {"compression.lz4.level", LEVEL},
    {"compression.zstd.level", LEVEL},
    {"compression.level", LEVEL},
    /* replication and the controller */
    {"unclean.leader.election.enable", CONTROL},
    {"auto.leader.rebalance.enable", CONTROL},
    {"leader.imbalance.", CONTROL},
    {"controller.", CONTROL},
    {"controlled.shutdown.", CONTROL},
    {"process.roles", CONTROL},
    {"initial.broker.registration.timeout.ms", CONTROL},
    {"broker.heartbeat.interval.ms", CONTROL},
    {"broker.session.timeout.ms", CONTROL},
    {"metadata.log.", CONTROL},
    {"metadata.max.retention.bytes", CONTROL},
    {"metadata.max.retention.ms", CONTROL},
    {"metadata.max.idle.interval.ms", CONTROL},
    {"server.max.startup.time.ms", "brokers run from the beginning"},
    {"num.replica.alter.log.dirs.threads", "replicas are not moved in a run"},
    {"replica.socket.timeout.ms", "brokers do not fail in a run" STEADY},
    {"fetch.purgatory.purge.interval.requests", "its memory is part of the profile"},
    {"producer.purgatory.purge.interval.requests", "its memory is part of the profile"},
    {"delete.records.purgatory.purge.interval.requests", "its memory is part of the profile"},
    {"delete.topic.enable", "topics live for the whole run"},
    {"auto.create.topics.enable", "a scenario names its topics"},
    {"create.topic.policy.class.name", CODE},
    {"alter.config.policy.class.name", CODE},
    /* quotas */
    {"leader.replication.throttled.", QUOTA},
    {"follower.replication.throttled.", QUOTA},
    {"alter.log.dirs.replication.quota.", QUOTA},
    {"replication.quota.", QUOTA},
    {"quota.", QUOTA},
    {"client.quota.callback.class", QUOTA},
    {"max.connections", QUOTA},
    {"max.connections.", QUOTA},
    {"max.connection.creation.rate", QUOTA},
    {"queued.max.request.bytes", "requests are limited by their count: queued.max.requests"},
    /* connections and clients at large */
    {"connections.max.idle.ms", IDLE},
    {"connections.max.reauth.ms", IDLE},
    {"connection.failed.authentication.delay.ms", SECURITY},
    {"socket.connection.setup.timeout.ms", IDLE},
    {"socket.connection.setup.timeout.max.ms", IDLE},
    {"socket.listen.backlog.size", IDLE},
    {"socket.keepalive.enable", IDLE},
    {"socket.nagle.disable", "clients send at once"},
    {"advertised.listeners", WHERE},
    {"listeners", WHERE},
    {"listener.", WHERE},
    {"inter.broker.listener.name", WHERE},
    {"early.start.listeners", WHERE},
    {"bootstrap.servers", WHERE},
    {"metadata.broker.list", WHERE},
    {"client.dns.lookup", WHERE},
    {"client.id", "a client's name changes no figure"},
    {"metadata.max.age.ms", METADATA},
    {"metadata.max.idle.ms", METADATA},
    {"metadata.recovery.", METADATA},
    {"topic.metadata.", METADATA},
    {"bootstrap.controllers", WHERE},
    {"enable.metrics.push", METRICS},
    {"telemetry.", METRICS},
    {"statistics.interval.ms", METRICS},
    {"metric.reporters", METRICS},
    {"metrics.", METRICS},
    {"kafka.metrics.", METRICS},
    {"sasl.", SECURITY},
    {"ssl.", SECURITY},
    {"security.providers", SECURITY},
    {"authorizer.class.name", SECURITY},
    {"super.users", SECURITY},
    {"principal.builder.class", SECURITY},
    {"delegation.token.", SECURITY},
    {"password.encoder.", SECURITY},
    {"interceptor.classes", CODE},
    {"config.providers", CODE},
    {"key.serializer", "use record.size: what is sent once it is serialised"},
    {"value.serializer", "use record.size: what is sent once it is serialised"},
    {"key.deserializer", "use processing.per_record: what a record costs its consumer"},
    {"value.deserializer", "use processing.per_record: what a record costs its consumer"},
};

/* An exact name before a family: `metadata.max.age.ms` is a client's, `metadata.log.` the controller's. */
static const char *find(const char *name, bool families)
{
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        size_t bytes = strlen(settings[i].name);
        bool is_family = settings[i].name[bytes - 1] == '.';
        if (is_family == families && (families ? strncmp(settings[i].name, name, bytes) == 0
                                               : strcmp(settings[i].name, name) == 0))
            return settings[i].text;
    }
    return NULL;
}

const char *scenario_unmodelled(struct scenario_arena *arena, const char *name,
                                const struct scenario_node *value, bool families)
{
    const char *text = find(name, families);
    return text ? scenario_other_text(arena, text, value) : NULL;
}
