#pragma once
/* Patterns over image references, matched part by part: host, path, tag and digest, never as one
 * string, so that "registry.example.com" can never match "registry.example.com.evil.org".
 *
 * Grammar: [host[:port]][/path][:tag][@digest], with wildcards:
 *   `*`   any run of characters inside one path segment, one label of a host, a tag or a digest
 *   `**`  as a whole segment: any number of segments, but one at least where it comes last; first
 *         in a pattern: any host, any port and any path; first label of a host ("**.example.com"):
 *         one or more labels
 *
 * A bare host ("ghcr.io", "localhost:5000") is everything in that registry. "ghcr.io/acme" and a
 * last segment `**` are everything below acme, not a repository "acme". What stands before the
 * first slash is a host if it has a "." or ":" or is localhost; so it is in a pattern without a
 * slash, a port apart. A name without a host is Docker Hub's, as in a reference: "nginx" is
 * docker.io/library/nginx, "acme" and a segment `*` are all that is docker.io/acme's. Behind
 * "docker.io" one segment alone is one of library's, `*` too.
 *
 * Without a tag or digest a pattern matches any. With a tag it matches references with that tag
 * ("latest" where neither tag nor digest is written), with a digest those with that digest. Beside
 * a digest the tag is only what someone wrote: runtimes pull by the digest.
 *
 * Hosts compare in canonical form: without regard to case; all names of Docker Hub's registry are
 * docker.io (a host with wildcards that matches one of them means docker.io too); an IPv6 address
 * is one label. No port equals 443; port `*` is any or none. `*` as the whole pattern or as its
 * whole first segment is refused: `**` is meant, or Docker Hub, and a reader could not tell.
 *
 * Pure. Ownership: patterns live in the arena and are immutable; shared freely. */
#include "base/arena.h"
#include "base/status.h"
#include "image/reference.h"

struct pattern;

/* Compile a pattern. `text` is copied. Errors: INPUT (what is wrong and what would be right),
 * LIMIT. Limits: LIMIT_PATTERN_TEXT. */
MUST status pattern_parse(struct arena *arena, struct str text, const struct pattern **ret_pattern,
                          struct error *err);

/* The same pattern on any port, where it names none: whoever means a host to be denied means its
 * other ports too. Lives in the arena; may be the pattern itself. */
const struct pattern *pattern_on_any_port(struct arena *arena, const struct pattern *pattern);

/* Whether the pattern matches the whole reference. A reference without a host (REFERENCE_EXACT,
 * REFERENCE_ANY) is matched by none. Linear in practice; worst case bounded by pattern length x
 * reference length. */
bool pattern_match(const struct pattern *pattern, const struct reference *reference);

/* Whether it matches the reference with some digest or other, known or not: what of a reference
 * that is about to get its digest can be told before. */
bool pattern_match_any_digest(const struct pattern *pattern, const struct reference *reference);

/* The pattern as written. */
struct str pattern_text(const struct pattern *pattern);

/* True if `wide` certainly matches whatever `narrow` matches. May be false where it cannot tell. */
bool pattern_covers(const struct pattern *wide, const struct pattern *narrow);

/* True if certainly no reference matches both. May be false where it cannot tell. */
bool pattern_disjoint(const struct pattern *a, const struct pattern *b);

/* What every match begins with, for an index: the canonical host, then literal path segments up to
 * the first wildcard. Returns false if the host is not literal. Borrows the pattern. */
bool pattern_literal_prefix(const struct pattern *pattern, struct str *ret_host,
                            const struct str **ret_segments, size_t *ret_n);

/* True if the pattern names a tag or a digest at all. */
bool pattern_names_tag(const struct pattern *pattern);
bool pattern_names_digest(const struct pattern *pattern);

/* -- lists with exclusions: ["ghcr.io", "!ghcr.io/acme/legacy"] -- */

struct pattern_list {
    const struct pattern **include; /* empty: everything */
    size_t n_include;
    const struct pattern **exclude;
    size_t n_exclude;
};

/* True if any (or, for an empty `include`, no particular) pattern includes the reference and none
 * excludes it. */
bool pattern_list_match(const struct pattern_list *list, const struct reference *reference);

/* -- rewriting: {from: "docker.io", to: "mirror.example.com"} -- */

struct rewrite;

/* Compile a rewrite. Both sides are trees (a host, or a host and path with `**` as last segment) or
 * both are single repositories without a wildcard; neither names a tag or digest, and `to` does not
 * cover `from`, which would change nothing. Errors: INPUT, LIMIT. Limits: LIMIT_PATTERN_TEXT each.
 */
MUST status rewrite_parse(struct arena *arena, struct str from, struct str to,
                          const struct rewrite **ret_rewrite, struct error *err);

/* If `from` matches and `to` does not (so that doing it twice changes nothing), put the rewritten
 * reference, tag and digest kept as written, into *ret_text and return true. The text may be too
 * long for a reference: whoever uses it parses it again. Lives in the arena. */
bool rewrite_apply(const struct rewrite *rewrite, struct arena *arena,
                   const struct reference *reference, struct str *ret_text);

/* True if what `a` writes, `b` might rewrite again. */
bool rewrite_chains(const struct rewrite *a, const struct rewrite *b);
