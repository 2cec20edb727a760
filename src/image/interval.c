#include "image/interval.h"

const struct interval interval_everything = {
    .low = {.prerelease = STR("0"), .parts = 3},
    .endless = true,
};

bool interval_has(const struct interval *interval, const struct semver *version)
{
    int low = semver_cmp(version, &interval->low);
    if (low < 0 || (low == 0 && interval->low_open)) {
        return false;
    }
    if (interval->endless) {
        return true;
    }
    int high = semver_cmp(version, &interval->high);
    return high < 0 || (high == 0 && !interval->high_open);
}

struct interval interval_intersect(const struct interval *a, const struct interval *b)
{
    struct interval both = *a;
    int low = semver_cmp(&b->low, &a->low);
    if (low > 0 || (low == 0 && b->low_open)) {
        both.low = b->low;
        both.low_open = b->low_open;
    }
    if (b->endless) {
        return both;
    }
    int high = a->endless ? -1 : semver_cmp(&b->high, &a->high);
    if (high < 0 || (high == 0 && b->high_open)) {
        both.high = b->high;
        both.high_open = b->high_open;
        both.endless = false;
    }
    return both;
}

struct semver semver_bump(const struct semver *version, unsigned part)
{
    struct semver next = {.major = version->major, .prerelease = STR_EMPTY, .parts = 3};
    if (part == 0) {
        next.major++;
    } else if (part == 1) {
        next.minor = version->minor + 1;
    } else {
        next.minor = version->minor;
        next.patch = version->patch + 1;
    }
    return next;
}

/* The end of an interval that takes nothing of `version`, prereleases included. */
static void end_before(struct interval *interval, struct semver version)
{
    interval->high = version;
    interval->high.prerelease = STR("0");
    interval->high_open = true;
    interval->endless = false;
}

static unsigned caret_part(const struct semver *version)
{
    if (version->major > 0 || version->parts == 1) {
        return 0;
    }
    return version->minor > 0 || version->parts == 2 ? 1 : 2;
}

struct interval interval_of(enum comparison comparison, const struct semver *version)
{
    struct interval interval = interval_everything;
    /* With a prerelease nothing is left open: "1.27-alpine" is 1.27.0-alpine alone. */
    bool partial = version->parts < 3 && version->prerelease.n == 0;
    switch (comparison) {
    case NOT_EQUAL:
    case EQUAL:
        interval.low = interval.high = *version;
        interval.endless = false;
        if (partial) {
            end_before(&interval, semver_bump(version, version->parts - 1));
            interval.low.prerelease = comparison == NOT_EQUAL ? STR("0") : STR_EMPTY;
        }
        break;
    case GREATER:
        interval.low = partial ? semver_bump(version, version->parts - 1) : *version;
        interval.low_open = !partial;
        break;
    case GREATER_EQUAL:
        interval.low = *version;
        break;
    case LESS:
        if (partial) {
            end_before(&interval, *version);
        } else {
            interval.high = *version;
            interval.high_open = true;
            interval.endless = false;
        }
        break;
    case LESS_EQUAL:
        interval.high = *version;
        interval.endless = false;
        if (partial) {
            end_before(&interval, semver_bump(version, version->parts - 1));
        }
        break;
    case CARET:
        interval.low = *version;
        end_before(&interval, semver_bump(version, caret_part(version)));
        break;
    case TILDE:
        interval.low = *version;
        end_before(&interval, semver_bump(version, version->parts == 1 ? 0 : 1));
        break;
    }
    return interval;
}
