/* What a JMX exporter says of a broker by its own example rules. */
#ifndef TESTS_SUPPORT_EXPORTER_TEXT_H
#define TESTS_SUPPORT_EXPORTER_TEXT_H

static const char RULED[] =
    "kafka_network_requestmetrics_requests_total{request=\"Produce\",version=\"11\"} 700\n"
    "kafka_network_requestmetrics_requests_total{request=\"Produce\",version=\"12\"} 300\n"
    "kafka_network_requestmetrics_requests_total{request=\"Metadata\",version=\"12\"} 5\n"
    "kafka_network_requestmetrics_totaltimems{request=\"Produce\",quantile=\"0.50\"} 1.5\n"
    "kafka_network_requestmetrics_totaltimems{request=\"Produce\",quantile=\"0.99\"} 9\n"
    "kafka_network_requestmetrics_totaltimems{request=\"Produce\",quantile=\"0.999\"} 90\n"
    "kafka_network_requestmetrics_totaltimems_count{request=\"Produce\"} 12345\n"
    "kafka_network_requestmetrics_responsequeuetimems{request=\"Produce\",quantile=\"0.99\"} 0.25\n"
    "kafka_server_brokertopicmetrics_bytesin_total{topic=\"t\"} 1\n"
    "kafka_server_brokertopicmetrics_bytesin_total 1000\n"
    "kafka_server_brokertopicmetrics_bytesout_total 50\n"
    "kafka_server_brokertopicmetrics_replicationbytesin_total 4\n"
    "kafka_log_log_size{topic=\"t\",partition=\"0\"} 100\n"
    "kafka_log_log_size{topic=\"t\",partition=\"1\"} 11\n"
    "kafka_log_log_size{topic=\"u\",partition=\"0\"} 7\n"
    "jvm_gc_collection_seconds_count{gc=\"G1 Young Generation\"} 3\n"
    "jvm_gc_collection_seconds_count{gc=\"G1 Old Generation\"} 1\n"
    "jvm_gc_collection_seconds_sum{gc=\"G1 Young Generation\"} 0.5\n";

#endif
