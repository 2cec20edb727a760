#pragma once
/* Versions in tags, and ranges of them. Pure.
 *
 * A version is MAJOR[.MINOR[.PATCH]][-PRERELEASE][+BUILD] with an optional leading "v"; missing
 * parts count as 0, "_" in a tag's build part stands for "+", which tags cannot hold. Build parts
 * do not order. Numbers may have leading zeros ("24.04", "2024.01.15"), since tags do; numbers in a
 * prerelease may not. A number above SEMVER_NUMBER_MAX makes it no version.
 *
 * A range is comparators (=, !=, >, >=, <, <=, ^, ~, or none for =) joined by spaces or commas
 * (and) and by "||" (or). "1.2.x", "1.2.*" and "1.2" mean any patch of 1.2, "*" is any version, and
 * "1.2 - 1.4" is inclusive. A partial version stands for all that it leaves open: ">1.2" begins
 * with 1.3.0, "<=1.2" ends before 1.3.0, "^0.2" and "~0.2" are >=0.2.0 and below 0.3.0.
 *
 * A prerelease ("1.27.0-alpine", "2.0.0-rc.1") is in a range only if a comparator of the same
 * alternative, "!=" apart, names a prerelease too (">=1.27-0" takes all), as Helm and Flux have it.
 * It is never in by an upper bound that was not written out: "<2", "^1.2" and "1.x" take nothing
 * of 2.0.0-rc.1,
 * "<2.0.0" does.
 * Spec: semver.org 2.0.0 for order; Masterminds/semver for ranges, but for "<2" as said and
 * "~0.0.0", which is below 0.1.0 as in npm. */
#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

#define SEMVER_NUMBER_MAX (UINT64_MAX - 1)

struct semver {
    uint64_t major, minor, patch;
    struct str prerelease; /* without "-"; empty if none; borrows */
    unsigned parts;        /* how many numbers were written, 1 to 3 */
};

/* Parse a version. Returns false if `text` is none. */
bool semver_parse(struct str text, struct semver *ret_version);

/* <0, 0, >0. Spec: semver.org 2.0.0 section 11. */
int semver_cmp(const struct semver *a, const struct semver *b);

struct semver_range;

/* Compile a range. Lives in the arena; `text` is copied. Errors: INPUT, LIMIT.
 * Limits: LIMIT_PATTERN_TEXT. */
MUST status semver_range_parse(struct arena *arena, struct str text,
                               const struct semver_range **ret_range, struct error *err);

/* Whether a version is in the range. */
bool semver_range_match(const struct semver_range *range, const struct semver *version);

/* True if certainly no version is in the range (">2 <1"). Exact where no prerelease is named. */
bool semver_range_empty(const struct semver_range *range);
