#include "cli/sources.h"

#include "base/file.h"
#include "base/limits.h"
#include "policy/policy.h"

static void add_document(struct arena *arena, struct sources *sources, struct str file,
                         const struct json_doc *doc)
{
    yyjson_val *metadata = json_get(doc->root, "metadata");
    sources->items =
        arena_grow(arena, sources->items, sources->n, &sources->room, sizeof *sources->items);
    sources->items[sources->n++] = (struct source){
        .file = file,
        .doc = doc,
        .kind = json_str(json_get(doc->root, "kind")),
        .namespace = json_str(json_get(metadata, "namespace")),
        .name = json_str(json_get(metadata, "name")),
        .mark = json_mark(doc, json_get(metadata, "name")),
    };
}

status sources_parse(struct arena *arena, struct sources *sources, struct str file, struct str text,
                     struct error *err)
{
    struct json_stream stream;
    if (failed(yaml_parse(text, &stream, err))) {
        return error_wrap(err, "%.*s", STR_ARG(file));
    }
    sources->streams = arena_grow(arena, sources->streams, sources->n_streams,
                                  &sources->room_streams, sizeof stream);
    sources->streams[sources->n_streams++] = stream;
    for (size_t i = 0; i < stream.n; i++) {
        add_document(arena, sources, file, &stream.docs[i]);
    }
    return OK;
}

static status read_file(struct arena *arena, struct sources *sources, const char *path,
                        struct error *err)
{
    struct str text;
    TRY(file_read(arena, path, LIMIT_POLICY_FILE, &text, err));
    return sources_parse(arena, sources, arena_dup(arena, str_from(path)), text, err);
}

static status read_path(struct arena *arena, struct sources *sources, const char *path,
                        struct error *err)
{
    if (!file_is_directory(path)) {
        return read_file(arena, sources, path, err);
    }
    struct file_list files;
    TRY(file_list(arena, path, policy_suffixes, LIMIT_POLICY_FILES, &files, err));
    for (size_t i = 0; i < files.n; i++) {
        TRY(read_file(arena, sources, files.paths[i], err));
    }
    return OK;
}

status sources_read(struct arena *arena, const char *const *paths, size_t n,
                    struct sources *ret_sources, struct error *err)
{
    *ret_sources = (struct sources){.n = 0};
    for (size_t i = 0; i < n; i++) {
        TRY(read_path(arena, ret_sources, paths[i], err));
    }
    return OK;
}

void sources_done(struct sources *sources)
{
    for (size_t i = 0; i < sources->n_streams; i++) {
        json_stream_done(&sources->streams[i]);
    }
    *sources = (struct sources){.n = 0};
}
