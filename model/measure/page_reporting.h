/*
 * model/measure/page_reporting.h - does this guest hand its free memory back to its host?
 *
 * Shape    Then what the page cache of a fresh log takes has to be found again by the host, a fault of several us a page: measured rows of
 *          full batches differ by a factor of two, whatever Kafka does, and `cluster.page_reporting` says so to a prediction.
 * Omits    Hosts that take memory without the guest's doing (swapping, same-page merging), and other hypervisors' balloons.
 * Source   Virtual I/O Device (VIRTIO) 1.2, 5.5: device 5, VIRTIO_BALLOON_F_REPORTING (5); Linux shows a device's features as a row of
 *          0 and 1 by number in /sys/bus/virtio/devices.
 * Checked  tests/model/test_measure_cpu.c on a folder made like /sys.
 */
#ifndef MODEL_MEASURE_PAGE_REPORTING_H
#define MODEL_MEASURE_PAGE_REPORTING_H

#include <stdbool.h>

/* root: "/sys". False where nothing tells. */
bool measure_page_reporting(const char *root);

#endif
