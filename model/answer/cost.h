/*
 * model/answer/cost.h - what a cluster costs a month, by part, at list prices or at one's own.
 *
 * Shape    Parts: compute (brokers by the hour), disk (volumes by size, IOPS and throughput above what is free), cross-zone traffic
 *          (mean wire bytes between racks of the real placement and of the clients' racks). A price that nobody gave makes
 *          its part unknown; it is never counted as 0.
 * Units    US dollars; a month has cost.hours_per_month hours. The GB and MB/s in a price of cloud volumes and of traffic are GiB and
 *          MiB/s, as clouds bill them; a local disk's GB is 10^9 bytes, as it is sold.
 * Omits    Client machines, controllers of their own, support, taxes, requests to object stores, traffic out of the region.
 * Source   Catalogue prices carry their date and region; reference/hardware-models.md 1.10, peers-capacity.md item 13.
 * Checked  tests/model/test_cost.c
 *
 * A price file (`--prices FILE`) has one `key: number` a line; empty lines and what follows a # are skipped:
 *
 *     date: 2026-09-01                      # printed beside the sums
 *     region: eu-central-1
 *     machine_usd_per_hour: 0.61            # of the broker machine, whatever it is
 *     aws/i3en.2xlarge: 0.61                # or by name, for scenarios and variants with other machines
 *     storage_usd_per_gb_month: 0.07
 *     iops_usd_per_month: 0.004             # each above the free ones
 *     throughput_usd_per_mb_s_month: 0.03   # each MB/s above the free ones
 *     cross_zone_usd_per_gb: 0.02           # both sides together
 *     hours_per_month: 730
 */
#ifndef MODEL_ANSWER_COST_H
#define MODEL_ANSWER_COST_H

#include <stdbool.h>
#include <stddef.h>

#include "model/cluster/result.h"
#include "model/hardware/profile.h"
#include "model/scenario/scenario.h"

enum { COST_ERROR_BYTES = 640 }; /* a path, a key, a value and what was expected */

struct cost_machine_price {
    char name[64];
    double usd_per_hour;
};

/* NAN: not given. */
struct cost_prices {
    double machine_usd_per_hour;
    double storage_usd_per_gb_month;
    double iops_usd_per_month;
    double throughput_usd_per_mb_s_month;
    double cross_zone_usd_per_gb;
    double hours_per_month;
    char date[32];
    char region[64];
    size_t machine_count;
    struct cost_machine_price *machines;
};

void cost_prices_init(struct cost_prices *prices); /* nothing given */
void cost_prices_release(struct cost_prices *prices);

/*
 * Reads a price file, or its text (`name` stands in messages), into initialised prices.
 * Returns  false with "prices.yaml:3: iops_usd_per_month is -1; expected a number from 0" in error; prices are then as initialised.
 */
bool cost_prices_read(const char *path, struct cost_prices *prices, char error[COST_ERROR_BYTES]);
bool cost_prices_parse(const char *name, const char *text, struct cost_prices *prices,
                       char error[COST_ERROR_BYTES]);

/*
 * Fills costs, usd_per_month and currency_note for `brokers` brokers, for the load as it is now; what growth makes of it by the
 * horizon's end stands in basis and note. prices may be NULL. profile: what threads cost while records gather to batches, as for the bounds.
 * Asserts  brokers is at least 1 and at least every topic's replication.
 */
void cost_fill(const struct scenario *s, const struct model_profile *profile, int brokers,
               const struct cost_prices *prices, struct result *result);

#endif
