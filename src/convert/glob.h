#pragma once
/* Globs that other tools match against the whole text of a reference, written as patterns of ours,
 * which match it part by part. Inside convert/.
 *
 * Two directions. `glob_within` finds patterns that match nothing but what the glob matches: for
 * what is allowed or excused. `glob_around` finds patterns that match at least what the glob
 * matches: for what is denied or demanded of. Both mean images, not spellings: a pattern is within
 * a glob if the glob matches some spelling of each image, and around it if it matches the image of
 * each spelling.
 *
 * Pure; lives in the arena. */
#include "convert/lists.h"

/* What the text is that a tool matches against; a bit set: the image matches if one text does. */
enum glob_text {
    GLOB_TEXT_WRITTEN = 1, /* as it stands in the manifest */
    GLOB_TEXT_FULL = 2,    /* "index.docker.io/library/nginx:latest", tag and digest as written */
    GLOB_TEXT_PINNED = 4,  /* the same, but of tag and digest only the digest */
    GLOB_TEXT_NORMAL = 8   /* "docker.io/library/nginx:latest", of tag and digest only the digest */
};

/* A glob as bytes of the text and wildcards. */
enum glob_wildcard {
    GLOB_ANY = 1,    /* any run of characters */
    GLOB_SEGMENT,    /* any run without "/" */
    GLOB_ONE,        /* one character */
    GLOB_IMPOSSIBLE, /* a character that no reference has */
    GLOB_VERSION     /* last: a tag, a digest, both or none */
};

struct glob {
    struct str tokens; /* bytes below 8 are wildcards */
    unsigned texts;    /* of enum glob_text */
};

/* `*` is GLOB_ANY, and `?` is GLOB_ONE. */
struct glob glob_of_stars(struct arena *arena, struct str text, unsigned texts);

/* `**` is GLOB_ANY, `*` GLOB_SEGMENT. */
struct glob glob_of_segments(struct arena *arena, struct str text, unsigned texts);

/* The text itself; with what may stand around it. */
struct glob glob_of_text(struct arena *arena, struct str text, unsigned texts);
struct glob glob_of_prefix(struct arena *arena, struct str text, unsigned texts);

/* A repository, of which every tag and digest is meant. */
struct glob glob_of_repository(struct arena *arena, struct str text, unsigned texts);

enum glob_quality {
    GLOB_EXACT,
    GLOB_SPELLING, /* the same images, but under all their names */
    GLOB_INEXACT   /* fewer images within, more around */
};

/* A pattern, but not what `except` matches, if that is not empty. */
struct glob_item {
    struct str pattern, except;
};

struct glob_patterns {
    struct glob_item *items;
    size_t n, room;
    enum glob_quality quality;
    const char *why; /* the first reason for the worst quality: "..." */
};

/* Add a pattern, if it is valid; otherwise the result is inexact and false is returned. */
bool glob_add(struct arena *arena, struct glob_patterns *patterns, struct str pattern,
              struct str except);

/* Add what is within the glob, or around it. Patterns are all valid. */
void glob_within(struct arena *arena, const struct glob *glob, struct glob_patterns *patterns);
void glob_around(struct arena *arena, const struct glob *glob, struct glob_patterns *patterns);
