/*
 * model/scenario/beside.h - which file a path means that another file names: beside that file, not in the folder the program runs in.
 *
 * Shape    "traces/day.csv" in "cases/a.yaml" is "cases/traces/day.csv". An absolute path and the empty one stay, and so does a path in a file
 *          whose own has no folder.
 * Units    -
 * Omits    Links, `..` and whether there is such a file.
 * Source   -
 * Checked  tests/model/test_profile.c
 */
#ifndef MODEL_SCENARIO_BESIDE_H
#define MODEL_SCENARIO_BESIDE_H

/* How many letters of file, its folder with the slash, stand before a path that it states: 0 of an absolute one. */
int scenario_beside(const char *file, const char *path);

#endif
