#pragma once
/* Intervals of versions: what one comparator of a range means. Pure. Internal to image/. */
#include "image/semver.h"

/* From `low` to `high`, by the order of versions. */
struct interval {
    struct semver low, high;
    bool low_open;  /* `low` itself is out */
    bool high_open; /* `high` itself is out */
    bool endless;   /* there is no `high` */
};

/* All versions. The least of all is 0.0.0-0: "0" is the least prerelease. */
extern const struct interval interval_everything;

enum comparison {
    EQUAL,
    NOT_EQUAL,
    GREATER,
    GREATER_EQUAL,
    LESS,
    LESS_EQUAL,
    CARET,
    TILDE,
};

/* What a comparator lets in; for NOT_EQUAL, what it takes out. Borrows the prerelease. */
struct interval interval_of(enum comparison comparison, const struct semver *version);

/* Whether a version lies in an interval. */
bool interval_has(const struct interval *interval, const struct semver *version);

/* What lies in both. */
struct interval interval_intersect(const struct interval *a, const struct interval *b);

/* The version in which part number `part` (0: major) is one more and what follows is 0. */
struct semver semver_bump(const struct semver *version, unsigned part);
