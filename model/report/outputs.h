/*
 * model/report/outputs.h - files and result folders that appear whole or not at all.
 *
 * Shape    Written aside in the same folder, flushed, synced, closed, then renamed; each step is checked. A result folder is
 *          written aside as a whole and exchanged with the old one in one rename, so that a reader sees the old result or
 *          the new one. Full disk, unwritable folder, closed pipe and a signal leave the old one, and a status.
 *          Only a folder that is empty or holds nothing but a result is ever replaced: a mistyped --out must not cost files.
 * Omits    Surviving a power loss between the exchange and the sync of the parent folder: then the old result is back.
 * Source   reference: output files in the reliability notes; rename(2), renameat2(2).
 * Checked  tests/model/test_outputs.c
 */
#ifndef MODEL_REPORT_OUTPUTS_H
#define MODEL_REPORT_OUTPUTS_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>

#include "broker-core/status.h"
#include "model/cluster/result.h"
#include "model/report/figures.h"

/* folder/NAME. Gives; aborts when memory is out. */
char *report_path(const char *folder, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A file that is not there until it is whole. A device or pipe is written directly. */
struct report_file {
    FILE *stream;
    char *path, *aside; /* aside NULL: written directly */
};
/* Before a long run: BROKER_OK when report_file_open will do and the file can appear, else BROKER_EIO. Nothing stays. */
int report_file_check(const char *path, struct broker_err *err);
/* Returns BROKER_OK or BROKER_EIO. Gives *file, for exactly one of the two below. */
int report_file_open(struct report_file *file, const char *path, struct broker_err *err);
/* The file appears. Returns BROKER_OK, or BROKER_EIO (BROKER_EFULL when the disk is full): nothing has appeared. */
int report_file_commit(struct report_file *file, struct broker_err *err);
void report_file_abandon(struct report_file *file);

struct report_folder_options {
    const char *plots;           /* scripts and page template: `plots/` of the source tree */
    bool figures;                /* false: no pictures (data and scripts are written) */
    volatile sig_atomic_t *stop; /* nonzero: give up; NULL: never */
};

/* Before a long run: BROKER_OK when report_folder_write can begin, else what it would return. Makes the parents. */
int report_folder_check(const char *path, struct broker_err *err);

/*
 * Writes result.json, report.txt, report.html, report.md, metrics.csv, junit.xml, scenario.yaml, figures/, series/ and histograms/, and
 * series and histograms of each variant in variants/N-NAME/, into the folder at path, making its parents. note (200 bytes) is set to "" or to why there are no figures.
 *
 * Returns  BROKER_OK; BROKER_EEXISTS when the folder holds something else; BROKER_EFULL, BROKER_EIO when it cannot be written;
 *          BROKER_EREFUSED when *stop was set.
 */
int report_folder_write(const struct result *result, const char *path,
                        const struct report_folder_options *options, char note[200],
                        struct broker_err *err);

/* Copies from/name to to/name. Returns BROKER_OK or BROKER_EIO. */
int report_copy_file(const char *from, const char *name, const char *to, struct broker_err *err);
/* Makes a folder and those above it. Returns BROKER_OK or BROKER_EIO. */
int report_make_folder(const char *path, struct broker_err *err);
/* Removes a folder that this module made, four levels deep at most. Errors are ignored. */
void report_remove_folder(const char *path);

#endif
