/*
 * model/scenario/scenario_internal.h - the parts of the loader, as they see each other.
 *
 * Shape    text -> (yaml.c) tree of nodes -> (set.c) patched by --set and variants -> (build.c) one field a table row
 *          -> (resolve.c) what follows from other values -> (check.c) contradictions. Each stage adds its errors to one list.
 * Units    A number in a node becomes a value in the base unit of its row: ns, ms for Kafka's times, bytes, bytes per
 *          second, records per second, ratio.
 * Omits    -
 * Source   -
 * Checked  through load.h
 */
#ifndef MODEL_SCENARIO_SCENARIO_INTERNAL_H
#define MODEL_SCENARIO_SCENARIO_INTERNAL_H

#include <stdarg.h>

#include "model/scenario/load.h"

/* ---- arena.c: memory that is freed as a whole ---- */

struct scenario_arena {
    struct scenario_arena_chunk *first;
};

/* Zeroed memory for any type. Never NULL: the program ends when memory is out, as it could not even report it. */
void *scenario_arena_take(struct scenario_arena *arena, size_t bytes);
char *scenario_arena_text(struct scenario_arena *arena, const char *text, size_t bytes);
char *scenario_arena_printf(struct scenario_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *scenario_arena_vprintf(struct scenario_arena *arena, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
/* Room for one more behind `count` elements of that size: array, or a copy that is twice as large and *room with it. */
void *scenario_arena_grow(struct scenario_arena *arena, void *array, int count, int *room,
                          size_t size);
void scenario_arena_release(struct scenario_arena *arena);

/* ---- errors.c ---- */

enum {
    SCENARIO_ERRORS_MAX = 100, /* nobody reads more; the last one counts the rest */
};

struct scenario_place {
    const char *source;
    int line, column;
};

struct scenario_errors {
    struct scenario_arena *arena;
    struct scenario_error *list; /* SCENARIO_ERRORS_MAX + 1 */
    int count, left_out;
    bool limit, io;
};

void scenario_errors_init(struct scenario_errors *errors, struct scenario_arena *arena);
void scenario_errors_add(struct scenario_errors *errors, struct scenario_place at,
                         const char *format, ...) __attribute__((format(printf, 3, 4)));
void scenario_errors_sort(struct scenario_errors *errors);
/* text with each byte that is not printable as \xNN, cut after 60 characters. */
const char *scenario_shown(struct scenario_arena *arena, const char *text);
/* Edits (insert, delete, replace, swap of neighbours) between two words; at most 250 bytes are looked at. */
int scenario_distance(const char *a, const char *b);

/* The nearest of the words offered so far, if any is near enough to be what was meant. */
struct scenario_guess {
    const char *word, *best;
    int best_distance;
};
void scenario_guess_init(struct scenario_guess *guess, const char *word);
void scenario_guess_offer(struct scenario_guess *guess, const char *candidate);
/* "; did you mean "partitions"?", or "". */
const char *scenario_guess_text(const struct scenario_guess *guess, struct scenario_arena *arena);

/* ---- yaml.c ---- */

enum scenario_node_kind { SCENARIO_NODE_SCALAR, SCENARIO_NODE_MAP, SCENARIO_NODE_LIST };

struct scenario_node {
    enum scenario_node_kind kind;
    bool quoted;
    struct scenario_place at, key_at;
    const char *key;  /* in a map */
    const char *text; /* of a scalar */
    struct scenario_node *first, *last, *next;
    int count; /* children */
};

/* Refuses what is not plain UTF-8 text without control characters and tabs in the indentation. Returns whether it may be parsed. */
bool scenario_text_check(const char *source, const char *text, size_t bytes,
                         struct scenario_errors *errors);
/* The root node, or NULL after an error. */
struct scenario_node *scenario_yaml_read(const char *source, const char *text, size_t bytes,
                                         struct scenario_arena *arena,
                                         struct scenario_errors *errors);
struct scenario_node *scenario_node_find(const struct scenario_node *map, const char *key);
bool scenario_node_is_empty(const struct scenario_node *node); /* `key:` with nothing behind it */

/* ---- units.c ---- */

enum scenario_unit {
    SCENARIO_UNIT_NONE,
    SCENARIO_UNIT_BYTES,
    SCENARIO_UNIT_TIME,
    SCENARIO_UNIT_MS, /* Kafka's times: as TIME, in ms */
    SCENARIO_UNIT_SPEED,
    SCENARIO_UNIT_RECORDS, /* records per second */
    SCENARIO_UNIT_RATE,    /* SPEED or RECORDS */
    SCENARIO_UNIT_RATIO,
    SCENARIO_UNIT_TIME_PER_BYTE,
    SCENARIO_UNIT_USD_HOUR,
    SCENARIO_UNIT_USD_YEAR,
    SCENARIO_UNIT_USD_GB,
    SCENARIO_UNIT_USD_GB_MONTH,
    SCENARIO_UNIT_USD_IOPS_MONTH,
    SCENARIO_UNIT_USD_MB_S_MONTH,
    SCENARIO_UNITS,
};

struct scenario_number {
    double value;    /* in the base unit */
    int64_t integer; /* the same, exactly, when is_whole */
    bool is_whole;
    enum scenario_unit unit; /* RATE becomes SPEED or RECORDS */
};

enum scenario_number_status {
    SCENARIO_NUMBER_OK,
    SCENARIO_NUMBER_NOT,     /* not a number at all */
    SCENARIO_NUMBER_NO_UNIT, /* a plain number where a unit is needed (the value is set) */
    SCENARIO_NUMBER_BAD_UNIT,
    SCENARIO_NUMBER_ODD, /* 010, 0x10, 1_000, 1,000, 1:30: YAML and people disagree about these */
    SCENARIO_NUMBER_HUGE,
};

/*
 * A whole text as a number with a unit: "20 MB/s". plain_ok: a number without a unit is in the base unit. unit_hint
 * (may be NULL): what to use when the text has no unit, as in the low end of "15..25 MB/s".
 */
enum scenario_number_status scenario_number_parse(const char *text, size_t bytes,
                                                  enum scenario_unit unit, bool plain_ok,
                                                  struct scenario_number *out);
/* Where the number ends and the unit begins; bytes when there is no unit. */
size_t scenario_number_end(const char *text, size_t bytes);
/* The shortest text that parses to the same value; plain numbers for MS and NONE. buffer: 64 bytes. */
const char *scenario_number_write(double value, enum scenario_unit unit, char *buffer);
const char *scenario_integer_write(int64_t value, enum scenario_unit unit, char *buffer);
/* "ns, us, ms, s, m, h, d, w, y" */
const char *scenario_unit_names(enum scenario_unit unit);
/* "MB/s": the unit to propose */
const char *scenario_unit_proposal(enum scenario_unit unit);
void scenario_unit_guess(enum scenario_unit unit, struct scenario_guess *guess);
/* "bytes/s": base unit, for scenario_input */
const char *scenario_unit_base(enum scenario_unit unit);

/* ---- keys*.c: the table ---- */

enum scenario_key_type {
    SCENARIO_KEY_COUNT,   /* int */
    SCENARIO_KEY_INTEGER, /* int64_t: Kafka's integers, bytes, times */
    SCENARIO_KEY_NUMBER,  /* double */
    SCENARIO_KEY_RATE,    /* double, and rate_kind of the producer */
    SCENARIO_KEY_BOOL,
    SCENARIO_KEY_CHOICE, /* enum: index into choices */
    SCENARIO_KEY_TEXT,
    SCENARIO_KEY_SPECIAL, /* its own read and write functions */
};

enum scenario_section {
    SCENARIO_SECTION_ROOT,
    SCENARIO_SECTION_TOPIC,
    SCENARIO_SECTION_PRODUCER,
    SCENARIO_SECTION_GROUP,
    SCENARIO_SECTIONS,
};

struct scenario_build;
struct scenario_thing;
struct scenario_key;

struct scenario_special {
    /* Reads node (never NULL) into the field. Errors go to the build. */
    void (*read)(struct scenario_build *b, struct scenario_thing *thing,
                 const struct scenario_key *key, const struct scenario_node *node);
    /* Writes the field as one flow value. */
    void (*write)(const struct scenario *s, const struct scenario_thing *thing,
                  const struct scenario_key *key, FILE *out);
    const char *expects; /* "a list of rack names" */
    const char *schema;  /* JSON Schema of the value: members of an object, without braces */
};

enum { SCENARIO_FOR_JAVA = 1, SCENARIO_FOR_LIBRDKAFKA = 2 };

struct scenario_key {
    const char *path; /* in its section, steps apart by '/': "config/linger.ms" */
    size_t path_bytes;
    enum scenario_key_type type;
    enum scenario_unit unit;
    double low, high; /* in the base unit; high INFINITY: no upper bound */
    double likely_low,
        likely_high; /* where an unstated value may well lie instead of its default; 0, 0: not an assumption */
    const char *value;          /* default as a file would say it; NULL: derived, or absent */
    const char *origin;         /* where the default comes from; of a derived one: how */
    const char *help;           /* one sentence */
    size_t offset;              /* in the section's struct */
    const char *const *choices; /* NULL-ended */
    const struct scenario_special *special;
    const char *value_librdkafka; /* NULL: as value */
    const char *group; /* the map that must be there for this row to have a default; NULL: always */
    unsigned char clients;     /* 0: every client kind */
    unsigned short disk_types; /* 0: every type; else a bit per scenario_disk_type */
    bool is_required;
    bool is_kafka; /* a plain number is in Kafka's unit */
    bool is_fixed; /* no range or distribution */
    bool is_file;  /* a path, from the file that states it (cluster.profile: where it is no name) */
};

struct scenario_key_table {
    const char *name;                /* "topics"; "" for the root */
    const char *noun;                /* "topic" */
    const struct scenario_key *keys; /* scenario_key_count rows */
    size_t size_bytes;               /* of the section's struct */
};

extern const struct scenario_key_table scenario_key_tables[SCENARIO_SECTIONS];
int scenario_key_count(enum scenario_section section);
/* The row, or NULL. */
const struct scenario_key *scenario_key_find(enum scenario_section section, const char *path);
/* Whether any row lies below path. */
bool scenario_key_has_below(enum scenario_section section, const char *path);
/* Whether path lies below the first prefix_bytes of prefix; all do below nothing. */
bool scenario_key_is_below(const char *path, const char *prefix, size_t prefix_bytes);
/* Whether an earlier row begins with the same `bytes` of path, up to the end of a step. */
bool scenario_key_is_repeated(const struct scenario_key *keys, int row, size_t bytes);
/* Whether only whole values are allowed. */
bool scenario_key_is_whole(const struct scenario_key *key);
bool scenario_key_is_numeric(const struct scenario_key *key);
/* Of a producer or group; Java for what is no client. */
enum scenario_client_kind scenario_client_of(const struct scenario_thing *thing);

/* ---- build.c: one tree to one scenario ---- */

enum scenario_origin_kind {
    SCENARIO_ORIGIN_NONE, /* not part of the resolved scenario */
    SCENARIO_ORIGIN_STATED,
    SCENARIO_ORIGIN_DEFAULT,
    SCENARIO_ORIGIN_DERIVED, /* text says how */
};

struct scenario_origin {
    enum scenario_origin_kind kind;
    const struct scenario_node *node; /* STATED */
    const char *text;
    bool is_uncertain; /* STATED as a range or distribution */
    bool is_bad;       /* what was stated is wrong; an error says so */
};

/* The root, a topic, a producer or a group while it is built. */
struct scenario_thing {
    enum scenario_section section;
    int index;
    const char *name;
    const char *path; /* "producers.checkout"; "" for the root */
    const struct scenario_node *node;
    struct scenario_place at;
    void *base;
    struct scenario_origin *origins; /* one a row */
    bool is_wrong;                   /* not a map: an error says so, and what it lacks is no news */
};

enum scenario_dist { SCENARIO_DIST_UNIFORM, SCENARIO_DIST_LOGNORMAL, SCENARIO_DIST_TRIANGULAR };

struct scenario_uncertain {
    struct scenario_input input;
    const struct scenario_key *key;
    struct scenario_place at;
    enum scenario_dist dist;
    double a, b, c; /* uniform: min, max; lognormal: mean, cv; triangular: min, mode, max */
};

struct scenario_build {
    struct scenario_arena *arena; /* of the scenario */
    struct scenario_errors *errors;
    const struct scenario_catalogue *catalogue;
    const char *datadir; /* whose profiles there are; NULL: not looked at */
    const struct scenario_node *tree;
    struct scenario *s;
    struct scenario_thing root;
    struct scenario_thing *topics, *producers, *groups;
    struct scenario_uncertain *uncertain;
    int uncertain_count, uncertain_room;
    struct scenario_uncertain
        *assumed; /* unstated inputs, in the order in which their defaults were taken */
    int assumed_count, assumed_room;
    int assume; /* 1 + index of the assumed input that has assume_value; 0: none */
    double assume_value;
    const double *override; /* by uncertain index; NULL: central values */
    int override_count;
    enum scenario_rate_kind rate_kind; /* of the RATE row read last */
};

/* Reads the tree into a new scenario. The result is only valid without errors. */
void scenario_build_run(struct scenario_build *b);
/* What follows from other values; called when all that is stated is in place. */
void scenario_resolve(struct scenario_build *b);
/* Of a file that the scenario names: relative paths begin at the scenario's folder. */
const char *scenario_resolve_path(const struct scenario_build *b, const char *path);
void scenario_resolve_clients(struct scenario_build *b);
void scenario_resolve_machine(struct scenario_build *b, struct scenario_thing *thing,
                              const char *prefix, struct scenario_machine *machine);
void scenario_resolve_prices(struct scenario_build *b);
void scenario_check(struct scenario_build *b);

/* The origin of a row of the thing's section. */
struct scenario_origin *scenario_origin_at(struct scenario_thing *thing,
                                           const struct scenario_key *key);
/* The same by path, which must be one of the table. */
struct scenario_origin *scenario_origin_of(struct scenario_thing *thing, const char *path);
bool scenario_is_stated(struct scenario_thing *thing, const char *path);
/* Marks a row as derived; the value is already stored. */
void scenario_derived(struct scenario_build *b, struct scenario_thing *thing, const char *path,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Where the value was stated, else where the thing begins. */
/* The node at a path of the table below map, or NULL. */
const struct scenario_node *scenario_node_at(const struct scenario_node *map, const char *path);
struct scenario_place scenario_place_of(struct scenario_thing *thing, const char *path);
/* "producers.checkout.config.linger.ms" */
const char *scenario_path_text(struct scenario_arena *arena, const char *thing_path,
                               const char *key_path);

/* Called when a row's default is in place: notes it as assumed where its row has a likely range, or replaces it. */
void scenario_assume(struct scenario_build *b, struct scenario_thing *thing,
                     const struct scenario_key *key);

/* value.c */
void scenario_value_read(struct scenario_build *b, struct scenario_thing *thing,
                         const struct scenario_key *key, const struct scenario_node *node);
void scenario_value_default(struct scenario_build *b, struct scenario_thing *thing,
                            const struct scenario_key *key);
/* As a message shows a value: numbers bare, other text in quotes. */
const char *scenario_value_shown(struct scenario_arena *arena, const char *text);
bool scenario_is_distribution(const struct scenario_node *node);
/* A plain value inside a special one: reports errors as `path`. Returns whether *out is set. */
bool scenario_value_number(struct scenario_build *b, const char *path,
                           const struct scenario_key *like, const struct scenario_node *node,
                           struct scenario_number *out);
/* The same, a range or distribution too: then *out is what counts in this build. */
bool scenario_value_any(struct scenario_build *b, const char *path, const struct scenario_key *like,
                        const struct scenario_node *node, struct scenario_number *out);
/* "0 to 900000 (ms)", "1 KiB or more" */
const char *scenario_range_text(struct scenario_arena *arena, const struct scenario_key *key,
                                enum scenario_unit unit);
/* Copies the row's field between two structs of the section. */
void scenario_field_copy(const struct scenario_key *key, void *to, const void *from);
void scenario_field_set_number(const struct scenario_key *key, void *base, double value,
                               int64_t integer);
double scenario_field_number(const struct scenario_key *key, const void *base);

/* ---- catalogue.c ---- */

struct scenario_catalogue;
/* NULL after an error. */
struct scenario_catalogue *scenario_catalogue_read(const char *datadir,
                                                   struct scenario_arena *arena,
                                                   struct scenario_errors *errors);
const struct scenario_machine *scenario_catalogue_find(const struct scenario_catalogue *c,
                                                       const char *name);
void scenario_catalogue_guess(const struct scenario_catalogue *c, struct scenario_guess *guess);

/* ---- disks.c ---- */

extern const char *const scenario_disk_type_names[];
/* I/Os of 1 MiB for the bytes of a volume: rate, burst and credit. */
void scenario_disks_count_megabytes(struct scenario_disks *disks);
/* What is known of a disk of that type and size; the rest of the fields is 0. */
void scenario_disks_preset(struct scenario_disks *disks, enum scenario_disk_type type,
                           int64_t size_bytes);

/* ---- unmodelled.c ---- */

/*
 * Why a setting of Kafka is no key here, or what to use for it; NULL for what is none. value (may be NULL) is what was stated. families:
 * looks at how the name begins, for when no key is near to it.
 */
const char *scenario_unmodelled(struct scenario_arena *arena, const char *name,
                                const struct scenario_node *value, bool families);

/* ---- unknown.c ---- */

/* topics, producers, groups, variants: maps of names, which are no rows. */
bool scenario_is_root_map(const char *key);
/* One error: node, below prefix of the thing and spelled path in all, is no key. */
void scenario_report_unknown(struct scenario_build *b, struct scenario_thing *thing,
                             const char *prefix, const struct scenario_node *node,
                             const char *path);

/* "partitions, replication or config": what may stand below prefix where that is little; NULL where it is much, or nothing. */
const char *scenario_few_steps(struct scenario_arena *arena, enum scenario_section section,
                               const char *prefix);

/* ---- value.c ---- */

/* "a, b or c" of a list that ends with NULL. */
const char *scenario_choices_text(struct scenario_arena *arena, const char *const *choices);

/* ---- other_names.c ---- */

/* "retention.ms: 24 h": what is written here for a name of elsewhere, in that section and its config; NULL: not known. */
const char *scenario_other_name(struct scenario_arena *arena, enum scenario_section section,
                                const char *name, const struct scenario_node *value);
/* text with the value, "..." where there is none to show, in place of %s. */
const char *scenario_other_text(struct scenario_arena *arena, const char *text,
                                const struct scenario_node *value);

/* ---- special.c ---- */

extern const struct scenario_special scenario_special_machine, scenario_special_racks,
    scenario_special_brokers, scenario_special_acks, scenario_special_topic,
    scenario_special_topics, scenario_special_client_racks, scenario_special_daily,
    scenario_special_weekly, scenario_special_growth, scenario_special_ratio,
    scenario_special_size_table, scenario_special_lag, scenario_special_warmup,
    scenario_special_slo, scenario_special_version, scenario_special_seed, scenario_special_cleanup,
    scenario_special_measured, scenario_special_beside;

/* ---- set.c ---- */

/* Root of a tree like `tree` with the value at the dotted path replaced; NULL after an error. Shares what it can. */
struct scenario_node *scenario_set(struct scenario_arena *arena, struct scenario_errors *errors,
                                   const struct scenario_node *tree, const char *path,
                                   struct scenario_place path_at,
                                   const struct scenario_node *value);

/* ---- schema.c ---- */

/* The members topics, producers, groups and variants. */
void scenario_schema_things_write(FILE *out, int indent);

/* ---- load.c ---- */

struct scenario_state { /* one built scenario */
    const char *name;   /* variant; "" for the base */
    const struct scenario_node *tree;
    struct scenario_build build;
};

struct scenario_doc {
    struct scenario_arena arena;
    struct scenario_errors errors;
    struct scenario_catalogue *catalogue;
    const char *path, *name;
    const char *datadir; /* borrowed while it is read */
    bool quick;
    struct scenario_state base;
    struct scenario_state *variants;
    int variant_count;
};

/* What a scenario has before its tree is read. */
void scenario_state_prepare(const struct scenario_doc *doc, const char *variant,
                            struct scenario *s);

#endif
