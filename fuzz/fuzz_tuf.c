/* What a TUF repository sends. The first line says what is read: "metadata", each file for itself;
 * "client", a whole conversation, where files are divided by lines of "%%" and the first is the
 * root that is trusted; "pattern", a pattern and a path, a line each. Whatever is sent, canonical
 * forms are read as the same again, a client asks for plain names of bounded files and ends, and
 * what it trusts are bytes that it was given, of versions and times that hold. */
#include "base/limits.h"
#include "tuf/canonical.h"
#include "tuf/delegation.h"
#include "tuf/key.h"
#include "tuf/metadata.h"
#include "tuf/signature.h"
#include "tuf/tuf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LONGEST = 64 * 1024, PATTERN_MAX = 24, FILES_MAX = 64 };

static const int64_t NOW = INT64_C(1787356800000000000); /* 2026-08-22 */

static void check_error(const struct error *err)
{
    ENSURE(err->kind == ERROR_INPUT || err->kind == ERROR_EVIDENCE || err->kind == ERROR_LIMIT ||
           err->kind == ERROR_NOT_FOUND);
    ENSURE(err->text[0] != '\0');
}

/* -- canonical forms -- */

static bool canonical(struct str text, struct buf *buf)
{
    json_doc_auto doc = {0};
    struct error err = {.kind = ERROR_NONE};
    if (failed(json_parse_within(text, LIMIT_TUF_MEMORY, &doc, &err)) ||
        failed(tuf_canonical(doc.root, buf, &err))) {
        check_error(&err);
        return false;
    }
    ENSURE(!buf_overflowed(buf));
    return true;
}

static bool has_control_character(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char)text.p[i] < ' ') {
            return true;
        }
    }
    return false;
}

/* Of a form that is JSON too, which those with raw control characters are not. */
static void check_canonical(struct str text)
{
    buf_auto form, again;
    buf_init(&form, text.n);
    buf_init(&again, text.n);
    if (canonical(text, &form) && !has_control_character(buf_str(&form))) {
        ENSURE(canonical(buf_str(&form), &again));
        ENSURE(str_eq(buf_str(&form), buf_str(&again)));
    }
}

/* -- files -- */

static void check_signers(const struct tuf_metadata *metadata, const struct tuf_signers *signers)
{
    struct error err = {.kind = ERROR_NONE};
    tuf_keys_auto keys;
    tuf_keys_read(signers, &keys);
    ENSURE(signers->threshold >= 1 && keys.n <= LIMIT_TUF_ROLE_KEYS);
    for (size_t i = 0; i < keys.n; i++) {
        ENSURE(keys.items[i].same <= i && tuf_keys_find(&keys, keys.items[i].id) == i);
    }
    ENSURE(!tuf_keys_replaced(signers, signers));
    if (failed(tuf_check_threshold(metadata, signers, &err))) {
        check_error(&err);
    } else {
        ENSURE(signers->threshold <= keys.n);
    }
}

static void check_file(struct str text, enum tuf_type type)
{
    tuf_metadata_auto metadata = {0};
    struct error err = {.kind = ERROR_NONE};
    struct tuf_expected expected = {0};
    if (failed(tuf_metadata_read(text, type, &metadata, &err))) {
        check_error(&err);
        ENSURE(metadata.body == NULL);
        return;
    }
    ENSURE(metadata.version >= 1 && metadata.version <= LIMIT_TUF_VERSION);
    if (type == TUF_ROOT) {
        for (enum tuf_type one = TUF_ROOT; one < TUF_TYPE_COUNT; one++) {
            struct tuf_signers signers = tuf_root_signers(&metadata, one);
            check_signers(&metadata, &signers);
        }
    } else if (type != TUF_TARGETS) {
        struct str name = type == TUF_SNAPSHOT ? STR("targets.json") : STR("snapshot.json");
        ENSURE(tuf_meta(&metadata, name, &expected) && expected.version >= 1);
    }
    yyjson_val *role;
    size_t i, max;
    yyjson_arr_foreach(type == TUF_TARGETS ? tuf_delegations(&metadata) : NULL, i, max, role)
    {
        struct tuf_signers signers = tuf_delegation_signers(&metadata, role, STR("targets"));
        bool is = false;
        check_signers(&metadata, &signers);
        if (failed(tuf_delegation_is_for(role, STR("a/b.json"), &is, &err))) {
            check_error(&err);
        }
    }
}

/* -- patterns -- */

/* The same by the definition, which may take for ever. */
static bool matches(struct str pattern, struct str path)
{
    if (pattern.n == 0) {
        return path.n == 0;
    }
    struct str rest = str_sub(pattern, 1, pattern.n), behind = str_sub(path, 1, path.n);
    bool slash = path.n > 0 && path.p[0] == '/';
    if (pattern.p[0] == '*') {
        return matches(rest, path) || (path.n > 0 && !slash && matches(pattern, behind));
    }
    return path.n > 0 && (pattern.p[0] == path.p[0] || (pattern.p[0] == '?' && !slash)) &&
           matches(rest, behind);
}

static void check_pattern(struct str text)
{
    struct str pattern, path;
    str_cut(text, '\n', &pattern, &path);
    if (pattern.n <= PATTERN_MAX && path.n <= PATTERN_MAX) {
        ENSURE(tuf_path_matches(pattern, path) == matches(pattern, path));
    }
}

/* -- a conversation -- */

static bool is_given(const struct str *files, size_t n, struct str bytes)
{
    for (size_t i = 0; i < n; i++) {
        if (files[i].p == bytes.p && files[i].n == bytes.n) {
            return true;
        }
    }
    return false;
}

static void check_trusted(const struct tuf *tuf, const struct str *files, size_t n, bool ready)
{
    const struct tuf_file *trusted;
    size_t n_trusted;
    tuf_trusted(tuf, &trusted, &n_trusted);
    ENSURE(n_trusted <= TUF_TYPE_COUNT + LIMIT_TUF_FILES);
    for (size_t i = 0; i < n_trusted; i++) {
        ENSURE(is_given(files, n, trusted[i].bytes));
        ENSURE(trusted[i].version >= 1 && (!ready || trusted[i].expires > NOW));
    }
    for (enum tuf_type type = TUF_ROOT; ready && type < TUF_TYPE_COUNT; type++) {
        ENSURE(tuf_role(tuf, tuf_type_name(type)) != NULL);
    }
}

static void check_move(const struct tuf_move *move)
{
    ENSURE(move->path.n > 0 && move->path.p[0] != '/' && move->max <= LIMIT_TUF_TARGET);
    for (size_t i = 0; i < move->path.n; i++) {
        char c = move->path.p[i];
        ENSURE(c > ' ' && c < 0x7f && c != '?' && c != '#' && c != '\\');
        ENSURE(c != '/' || move->target);
    }
}

static void converse(const struct str *files, size_t n)
{
    const struct tuf_file kept = {.role = STR("root"), .bytes = files[0]};
    const struct tuf_want want = {&kept, 1, NOW};
    struct tuf_move move;
    struct error err = {.kind = ERROR_NONE};
    tuf_auto *tuf = NULL;
    size_t next = 1, asked = 0;
    bool ready = false;
    status st = tuf_start(&want, &tuf, &move, &err);
    if (failed(st)) {
        check_error(&err);
        return;
    }
    while (!failed(st)) {
        if (move.action == TUF_FOUND) {
            ENSURE(is_given(files, n, move.bytes));
            break;
        }
        if (move.action == TUF_READY) {
            ready = true;
            check_trusted(tuf, files, n, true);
            st = tuf_find(tuf, STR("trusted_root.json"), &move, &err);
            continue;
        }
        check_move(&move);
        /* An empty file is one that is not there. */
        struct str bytes = next < n ? files[next++] : STR_EMPTY;
        const struct tuf_answer answer = {.there = bytes.n > 0, .bytes = bytes};
        st = tuf_take(tuf, &answer, &move, &err);
        ENSURE(++asked <= n + 8);
    }
    if (failed(st)) {
        check_error(&err);
    }
    check_trusted(tuf, files, n, ready);
}

static void read_files(struct str rest)
{
    struct str files[FILES_MAX], line;
    size_t n = 0, from = 0, at = 0;
    while (at <= rest.n && n < FILES_MAX) {
        size_t end = at + str_find(str_sub(rest, at, rest.n), '\n');
        line = str_sub(rest, at, end);
        if (str_eq(line, STR("%%")) || end >= rest.n) {
            size_t to = str_eq(line, STR("%%")) ? at : rest.n;
            files[n++] = str_trim(str_sub(rest, from, to));
            from = end + 1;
        }
        at = end + 1;
    }
    if (n > 0) {
        converse(files, n);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size}, what, rest;
    if (size > LONGEST) {
        return 0;
    }
    str_cut(text, '\n', &what, &rest);
    if (str_eq(what, STR("client"))) {
        read_files(rest);
    } else if (str_eq(what, STR("pattern"))) {
        check_pattern(rest);
    } else if (str_eq(what, STR("metadata"))) {
        check_canonical(rest);
        for (enum tuf_type type = TUF_ROOT; type < TUF_TYPE_COUNT; type++) {
            check_file(rest, type);
        }
    }
    return 0;
}
