#include "cli/manifests.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/limits.h"
#include "cli/render.h"
#include "review/review.h"

/* Editors of Windows put it first; kubectl passes over it, and so does this. */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

static const char *const SUFFIXES[] = {".yaml", ".yml", ".json", NULL};

/* -- finding files -- */

static status add_file(struct manifests *manifests, struct manifest_file file, struct error *err)
{
    if (manifests->n == LIMIT_MANIFEST_FILES) {
        return error_set(err, ERROR_LIMIT, "more than %u manifest files", LIMIT_MANIFEST_FILES);
    }
    manifests->files =
        arena_grow(manifests->arena, manifests->files, manifests->n, &manifests->room, sizeof file);
    manifests->files[manifests->n++] = file;
    return OK;
}

/* Keep a path that leads to nothing, so that the others are visited and it is told. */
static status add_problem(struct manifests *manifests, const char *path, struct error problem,
                          struct error *err)
{
    struct error *copy = ARENA_NEW(manifests->arena, struct error);
    *copy = problem;
    return add_file(manifests, (struct manifest_file){.path = path, .problem = copy}, err);
}

static status add_standard_input(struct manifests *manifests, struct error *err)
{
    struct manifest_file file = {.path = "-", .held = true};
    struct error problem;
    if (failed(file_read(manifests->arena, "-", LIMIT_MANIFEST_FILE, &file.text, &problem))) {
        return add_problem(manifests, "-", problem, err);
    }
    return add_file(manifests, file, err);
}

static status list_directory(struct arena *arena, const char *path, struct file_list *ret_list,
                             struct error *err)
{
    TRY(file_list(arena, path, SUFFIXES, LIMIT_MANIFEST_FILES, ret_list, err));
    if (ret_list->n == 0) {
        return error_set(err, ERROR_NOT_FOUND, "%s: no *.yaml, *.yml or *.json file in it", path);
    }
    return OK;
}

static status add_directory(struct manifests *manifests, const char *path, struct error *err)
{
    struct file_list list;
    struct error problem;
    if (failed(list_directory(manifests->arena, path, &list, &problem))) {
        return add_problem(manifests, path, problem, err);
    }
    for (size_t i = 0; i < list.n; i++) {
        TRY(add_file(manifests, (struct manifest_file){.path = list.paths[i]}, err));
    }
    return OK;
}

static status add_rendered(struct manifests *manifests, const char *path, struct error *err)
{
    struct manifest_file file = {.path = path, .held = true};
    struct error problem;
    if (failed(render(manifests->arena, path, LIMIT_MANIFEST_FILE, &file.text, &problem))) {
        return add_problem(manifests, path, problem, err);
    }
    return add_file(manifests, file, err);
}

status manifests_find(struct arena *arena, const char *const *paths, size_t n,
                      enum manifests_render render, struct manifests *ret_manifests,
                      struct error *err)
{
    struct manifests manifests = {.arena = arena};
    for (size_t i = 0; i < n; i++) {
        if (strcmp(paths[i], "-") == 0) {
            TRY(add_standard_input(&manifests, err));
        } else if (render == MANIFESTS_RENDER && render_is_source(paths[i])) {
            TRY(add_rendered(&manifests, paths[i], err));
        } else if (file_is_directory(paths[i])) {
            TRY(add_directory(&manifests, paths[i], err));
        } else {
            TRY(add_file(&manifests, (struct manifest_file){.path = paths[i]}, err));
        }
    }
    *ret_manifests = manifests;
    return OK;
}

/* -- taking a stream apart -- */

static bool is_separator(struct str line)
{
    return str_starts(line, STR("---")) && (line.n == 3 || str_find(STR(" \t\r"), line.p[3]) < 3);
}

/* Whether a line is more than white space, a comment or a directive. */
static bool has_content(struct str line)
{
    return str_trim(line).n > 0 && str_trim(line).p[0] != '#' && line.p[0] != '%';
}

bool manifests_cut(struct str stream, struct str *ret_document, struct str *ret_rest)
{
    struct str left = stream;
    bool content = false;
    while (left.n > 0) {
        struct str line, rest;
        str_cut(left, '\n', &line, &rest);
        if (is_separator(line)) {
            if (content) {
                break;
            }
            line = str_sub(line, 3, line.n);
        }
        content = content || has_content(line);
        left = rest;
    }
    *ret_document = str_sub(stream, 0, stream.n - left.n);
    *ret_rest = left;
    return stream.n > 0;
}

/* -- visiting -- */

uint32_t manifest_line(const struct manifest_place *place, yyjson_val *object, struct str pointer)
{
    yyjson_val *value = yyjson_ptr_getn(object, pointer.p, pointer.n);
    if (place->doc == NULL || value == NULL) {
        return place->line;
    }
    uint32_t line = json_mark(place->doc, value).line;
    return line > 0 ? place->before + line : place->line;
}

struct visit {
    const struct manifest_visitor *visitor;
    struct manifest_place place;
    uint32_t lines; /* before the piece at hand */
    size_t padding; /* bytes that telling where errors stand may still take */
};

static void tell(const struct visit *visit, const struct error *err)
{
    visit->visitor->problem(visit->visitor->context, &visit->place, err);
}

static void visit_root(const struct visit *visit, yyjson_val *root)
{
    arena_auto arena;
    arena_init(&arena, LIMIT_POLICY_ARENA);
    yyjson_val **items;
    size_t n;
    struct error err;
    if (failed(review_items(&arena, root, &items, &n, &err))) {
        tell(visit, &err);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        visit->visitor->object(visit->visitor->context, &visit->place, items[i]);
    }
}

static uint32_t count_lines(struct str text)
{
    uint32_t n = 0;
    struct str line;
    while (str_cut(text, '\n', &line, &text)) {
        n++;
    }
    return n;
}

/* A piece without the blank lines, comments and bare separators before its document: the line that
 * a document begins in is that of its first content. */
static struct str document_of(struct str piece)
{
    struct str left = piece;
    while (left.n > 0) {
        struct str line, rest;
        str_cut(left, '\n', &line, &rest);
        struct str part = is_separator(line) ? str_sub(line, 3, line.n) : line;
        if (has_content(part) || str_starts(line, STR("%"))) {
            return left;
        }
        left = rest;
    }
    return left;
}

/* Move a place that begins the text of an error into the place that is told. */
static void take_place(struct error *err, struct manifest_place *place)
{
    uint32_t line = 0, column = 0;
    int n = 0;
    if (sscanf(err->text, "line %" SCNu32 ", column %" SCNu32 ": %n", &line, &column, &n) == 2 &&
        n > 0) {
        place->line = line;
        place->column = column;
        memmove(err->text, err->text + n, strlen(err->text + n) + 1);
    }
}

/* Fail once more, behind as many empty lines as the file has before the document, so that all lines
 * in the error are lines of the file. False if that would take too much. */
static bool fail_in_place(struct visit *visit, struct str document, uint32_t before,
                          struct error *err)
{
    if (before > visit->padding) {
        return false;
    }
    visit->padding -= before;
    buf_auto text;
    buf_init(&text, 2 * (size_t)LIMIT_MANIFEST_FILE);
    for (uint32_t i = 0; i < before; i++) {
        buf_add_char(&text, '\n');
    }
    buf_add(&text, document);
    json_stream_auto stream = {.docs = NULL};
    return failed(yaml_parse(buf_str(&text), &stream, err));
}

static void tell_broken(struct visit *visit, struct str document, uint32_t before,
                        struct error *err)
{
    visit->place.line = before + 1;
    visit->place.column = 0;
    if (before == 0 || fail_in_place(visit, document, before, err)) {
        take_place(err, &visit->place);
    } else {
        const struct error relative = *err;
        error_fill(err, relative.kind, "in the document that begins here: %s", relative.text);
    }
    tell(visit, err);
    visit->place.document++;
}

/* One piece of a stream: usually one document, several if JSON texts follow each other. */
static void visit_piece(struct visit *visit, struct str piece)
{
    struct str document = document_of(piece);
    struct str needed = visit->visitor->needed;
    if (needed.n > 0 && memmem(document.p, document.n, needed.p, needed.n) == NULL) {
        return;
    }
    uint32_t before = visit->lines + count_lines(str_sub(piece, 0, piece.n - document.n));
    json_stream_auto stream = {.docs = NULL};
    struct error err;
    if (failed(yaml_parse(document, &stream, &err))) {
        tell_broken(visit, document, before, &err);
    }
    for (size_t i = 0; i < stream.n; i++) {
        visit->place.line = before + stream.docs[i].start.line;
        visit->place.column = stream.docs[i].start.column;
        visit->place.doc = &stream.docs[i];
        visit->place.before = before;
        visit_root(visit, stream.docs[i].root);
        visit->place.doc = NULL;
        visit->place.document++;
    }
    visit->lines += count_lines(piece);
}

static void visit_file(const struct manifest_file *file, const struct manifest_visitor *visitor)
{
    struct visit visit = {.visitor = visitor, .place.file = str_from(file->path)};
    struct error err;
    arena_auto arena;
    arena_init(&arena, 2 * LIMIT_MANIFEST_FILE);
    struct str text = file->text;
    if (!file->held && failed(file_read(&arena, file->path, LIMIT_MANIFEST_FILE, &text, &err))) {
        tell(&visit, &err);
        return;
    }
    visit.padding = text.n > MIB ? text.n : MIB;
    if (str_starts(text, STR(BYTE_ORDER_MARK))) {
        text = str_sub(text, sizeof BYTE_ORDER_MARK - 1, text.n);
    }
    struct str piece;
    while (manifests_cut(text, &piece, &text)) {
        visit_piece(&visit, piece);
    }
}

void manifests_visit(const struct manifests *manifests, const struct manifest_visitor *visitor)
{
    for (size_t i = 0; i < manifests->n; i++) {
        const struct manifest_file *file = &manifests->files[i];
        if (file->problem == NULL) {
            visit_file(file, visitor);
        } else {
            struct manifest_place place = {.file = str_from(file->path)};
            visitor->problem(visitor->context, &place, file->problem);
        }
        if (visitor->done != NULL) {
            visitor->done(visitor->context);
        }
    }
}
