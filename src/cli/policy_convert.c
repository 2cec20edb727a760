/* `pratique policy convert`: policies of other tools as policies of ours. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/replace.h"
#include "convert/convert.h"

static const char *const SUFFIXES[] = {".yaml", ".yml", ".json", NULL};

/* What has been read; the documents live until everything is written. */
struct sources {
    struct invocation *invocation;
    struct conversion *conversion;
    struct json_stream *streams;
    size_t n, room;
};

static void sources_done(struct sources *sources)
{
    for (size_t i = 0; i < sources->n; i++) {
        json_stream_done(&sources->streams[i]);
    }
}

/* Files are read one after the other; they are not large. */
static struct json_stream *add_stream(struct sources *sources)
{
    sources->streams = arena_grow(&sources->invocation->arena, sources->streams, sources->n,
                                  &sources->room, sizeof *sources->streams);
    return &sources->streams[sources->n];
}

static status convert_file(struct sources *sources, const char *path, struct error *err)
{
    struct str text, name = strcmp(path, "-") == 0 ? STR("standard input") : str_from(path);
    struct json_stream *stream = add_stream(sources);
    TRY(file_read(&sources->invocation->arena, path, LIMIT_POLICY_FILE, &text, err));
    if (failed(yaml_parse(text, stream, err))) {
        return error_wrap(err, "%.*s", STR_ARG(name));
    }
    sources->n++;
    for (size_t i = 0; i < stream->n; i++) {
        convert_document(sources->conversion, name, &stream->docs[i]);
    }
    return OK;
}

static status convert_path(struct sources *sources, const char *path, struct error *err)
{
    if (!file_is_directory(path)) {
        return convert_file(sources, path, err);
    }
    struct file_list list;
    TRY(file_list(&sources->invocation->arena, path, SUFFIXES, LIMIT_POLICY_FILES, &list, err));
    for (size_t i = 0; i < list.n; i++) {
        TRY(convert_file(sources, list.paths[i], err));
    }
    return OK;
}

static status convert_all(struct sources *sources, struct error *err)
{
    for (size_t i = 0; i < sources->invocation->n_operands; i++) {
        TRY(convert_path(sources, sources->invocation->operands[i], err));
    }
    return OK;
}

/* -- printing -- */

static void print_note(FILE *file, const struct convert_note *note)
{
    output_text(file, note->file);
    fprintf(file, ":%u:%u: ", note->mark.line, note->mark.column);
    output_text(file, note->kind);
    fputs(note->name.n > 0 ? " " : "", file);
    output_text(file, note->name);
    if (note->path.n > 0) {
        fputs(": ", file);
        output_text(file, note->path);
    }
    fprintf(file, ": %s: ", convert_effect_name(note->effect));
    output_text(file, note->text);
    fputc('\n', file);
}

static void print_json(FILE *out, const struct convert_result *result)
{
    fputs("{\"policies\":[", out);
    for (size_t i = 0; i < result->n_outputs; i++) {
        fputs(i > 0 ? "," : "", out);
        output_json(out, result->outputs[i].text);
    }
    fputs("],\"notes\":[", out);
    for (size_t i = 0; i < result->n_notes; i++) {
        const struct convert_note *note = &result->notes[i];
        fputs(i > 0 ? ",{" : "{", out);
        output_member(out, true, "file", note->file);
        fprintf(out, ",\"line\":%u,\"column\":%u", note->mark.line, note->mark.column);
        output_member(out, false, "kind", note->kind);
        output_member(out, false, "name", note->name);
        output_member(out, false, "path", note->path);
        output_member(out, false, "effect", str_from(convert_effect_name(note->effect)));
        output_member(out, false, "text", note->text);
        fputc('}', out);
    }
    fputs("]}\n", out);
}

static void print_yaml(FILE *out, const struct convert_result *result)
{
    for (size_t i = 0; i < result->n_outputs; i++) {
        fputs(i > 0 ? "---\n" : "", out);
        fwrite(result->outputs[i].text.p, 1, result->outputs[i].text.n, out);
    }
}

/* -- files -- */

static status cannot_write(const char *path, struct error *err)
{
    return error_set(err, ERROR_INTERNAL, "%s: cannot be written: %s", path, strerror(errno));
}

static status write_file(struct invocation *invocation, const char *folder,
                         const struct convert_output *output, struct error *err)
{
    const char *path = arena_printf(&invocation->arena, "%s/%.*s", folder, STR_ARG(output->name)).p;
    bool force = option_given(invocation, "force");
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (force ? O_TRUNC : O_EXCL), 0644);
    if (fd < 0 && errno == EEXIST) {
        return error_set(err, ERROR_CONFIG, "%s exists; --force overwrites", path);
    }
    if (fd < 0) {
        return cannot_write(path, err);
    }
    status st = write_all(fd, output->text) ? OK : cannot_write(path, err);
    if (close(fd) != 0 && !failed(st)) {
        st = cannot_write(path, err);
    }
    return st;
}

static status write_files(struct invocation *invocation, const char *folder,
                          const struct convert_result *result, struct error *err)
{
    if (mkdir(folder, 0755) != 0 && errno != EEXIST) {
        return error_set(err, ERROR_INTERNAL, "%s: cannot be made: %s", folder, strerror(errno));
    }
    for (size_t i = 0; i < result->n_outputs; i++) {
        TRY(write_file(invocation, folder, &result->outputs[i], err));
    }
    return OK;
}

static status show(struct invocation *invocation, const struct convert_result *result,
                   struct error *err)
{
    const char *folder = option_argument(invocation, "write-to");
    bool json = option_json(invocation);
    if (folder != NULL) {
        TRY(write_files(invocation, folder, result, err));
    }
    if (json) {
        print_json(invocation->out, result);
    } else if (folder == NULL) {
        print_yaml(invocation->out, result);
    }
    for (size_t i = 0; !json && i < result->n_notes; i++) {
        print_note(invocation->err, &result->notes[i]);
    }
    return OK;
}

static int run(struct invocation *invocation)
{
    struct sources sources = {.invocation = invocation,
                              .conversion = convert_begin(&invocation->arena)};
    struct error err;
    struct convert_result result = {0};
    status st = convert_all(&sources, &err);
    if (!failed(st)) {
        result = convert_finish(sources.conversion);
        st = show(invocation, &result, &err);
    }
    if (!failed(st) && result.n_outputs == 0) {
        st = error_set(&err, ERROR_INPUT, "there is nothing to convert");
    }
    sources_done(&sources);
    if (failed(st)) {
        return output_error(invocation, &err);
    }
    return result.n_notes > 0 ? EXIT_CODE_NO : EXIT_CODE_YES;
}

static const struct option OPTIONS[] = {
    {.name = "write-to",
     .argument = "DIR",
     .help = "write a file for each object into DIR, which is made if it is missing"},
    {.name = "force", .help = "overwrite files in DIR"},
    OPTION_OUTPUT,
    OPTION_END,
};

const struct command command_policy_convert = {
    .name = "policy convert",
    .summary = "write policies of other tools as policies of this one",
    .operands = "FROM...",
    .min_operands = 1,
    .max_operands = SIZE_MAX,
    .options = OPTIONS,
    .about = "Converts policies of Kyverno, Gatekeeper (constraints of its library that are\n"
             "about images), sigstore's policy-controller, Connaisseur, Portieris and\n"
             "policy.json of containers. FROM is a file, a directory (searched for *.yaml,\n"
             "*.yml and *.json at any depth) or - for standard input. Convert all that\n"
             "belongs together at once: some tools make one list of several objects.\n\n"
             "Nothing becomes looser, and nothing is dropped silently. What cannot be carried\n"
             "over exactly is told on stderr, one line each:\n\n"
             "  FILE:LINE:COLUMN: KIND NAME: PATH: EFFECT: MESSAGE\n\n"
             "EFFECT is \"same\" (the same images under all their names), \"stricter\", or\n"
             "\"not converted\": then the images that it was about are denied until it is\n"
             "converted by hand; an object that is no policy of these tools is left out.\n\n"
             "With --output json there is one object on stdout: policies, a list of texts, and\n"
             "notes, a list of {file, line, column, kind, name, path, effect, text}.",
    .exits = "0  everything is carried over exactly\n"
             "1  something is not; the notes tell what\n"
             "2  the command line is wrong, or a file in DIR exists\n"
             "3  a file cannot be read or written, or there is nothing to convert",
    .examples = "pratique policy convert kyverno/ > policies.yaml\n"
                "kubectl get clusterpolicy -o yaml | pratique policy convert -\n"
                "pratique policy convert --write-to policies/ constraints.yaml",
    .run = run,
};
