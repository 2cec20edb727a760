#include "base/clock.h"
#include "cli/image_inspect.h"
#include "cli/output.h"

/* null where there is nothing. */
static void member(FILE *out, bool first, const char *name, struct str value)
{
    if (value.n > 0) {
        output_member(out, first, name, value);
    } else {
        fprintf(out, "%s\"%s\":null", first ? "" : ",", name);
    }
}

static void texts(FILE *out, const char *name, const struct str *items, size_t n)
{
    fprintf(out, ",\"%s\":[", name);
    for (size_t i = 0; i < n; i++) {
        fputs(i > 0 ? "," : "", out);
        output_json(out, items[i]);
    }
    fputc(']', out);
}

static void pairs(FILE *out, const char *name, const struct oci_pair *items, size_t n)
{
    fprintf(out, ",\"%s\":{", name);
    for (size_t i = 0; i < n; i++) {
        fputs(i > 0 ? "," : "", out);
        output_json(out, items[i].key);
        fputc(':', out);
        output_json(out, items[i].value);
    }
    fputc('}', out);
}

static void config_of(FILE *out, const struct oci_config *config)
{
    char created[CLOCK_TEXT_MAX] = "";
    if (config->has_created) {
        clock_format_seconds(config->created, created);
    }
    fputs(",\"config\":{", out);
    member(out, true, "created", str_from(created));
    output_member(out, false, "user", config->user);
    output_member(out, false, "workingDir", config->working_dir);
    texts(out, "entrypoint", config->entrypoint, config->n_entrypoint);
    texts(out, "cmd", config->cmd, config->n_cmd);
    texts(out, "exposedPorts", config->exposed_ports, config->n_exposed_ports);
    texts(out, "env", config->env, config->n_env);
    pairs(out, "labels", config->labels, config->n_labels);
    fputc('}', out);
}

static void layers(FILE *out, const struct oci_manifest *manifest)
{
    fputs(",\"layers\":[", out);
    for (size_t i = 0; i < manifest->n_layers; i++) {
        const struct oci_descriptor *layer = &manifest->layers[i];
        fputs(i > 0 ? ",{" : "{", out);
        output_member(out, true, "digest", layer->digest);
        output_member(out, false, "mediaType", layer->media_type);
        fprintf(out, ",\"size\":%llu}", (unsigned long long)layer->size);
    }
    fputc(']', out);
}

static void platform(FILE *out, const struct oci_platform_image *image)
{
    arena_auto arena;
    arena_init(&arena, 1 << 20);
    fputc('{', out);
    output_member(out, true, "platform", oci_platform_print(&arena, &image->platform));
    output_member(out, false, "digest", image->descriptor.digest);
    output_member(out, false, "mediaType", image->manifest.media_type);
    member(out, false, "artifactType", image->manifest.artifact_type);
    fprintf(out, ",\"size\":%llu", (unsigned long long)oci_platform_image_size(image));
    layers(out, &image->manifest);
    pairs(out, "annotations", image->manifest.annotations, image->manifest.n_annotations);
    if (image->known) {
        config_of(out, &image->config);
    } else {
        fputs(",\"config\":null", out);
    }
    fputc('}', out);
}

static void image_of(FILE *out, const struct inspection *it)
{
    if (!it->known) {
        fputs(",\"image\":null", out);
        return;
    }
    fprintf(out, ",\"image\":{\"index\":%s", it->image.index ? "true" : "false");
    pairs(out, "annotations", it->image.annotations, it->image.n_annotations);
    fputs(",\"platforms\":[", out);
    for (size_t i = 0; i < it->image.n_images; i++) {
        fputs(i > 0 ? "," : "", out);
        platform(out, &it->image.images[i]);
    }
    fputs("]}", out);
}

static void source(FILE *out, const struct registry_source *it)
{
    if (it->host.n == 0) {
        fputs(",\"source\":null", out);
        return;
    }
    fputs(",\"source\":{", out);
    output_member(out, true, "host", it->host);
    output_member(out, false, "repository", it->repository);
    member(out, false, "credential", it->credential);
    fputc('}', out);
}

static void step(FILE *out, const struct registry_step *it)
{
    fputc('{', out);
    output_member(out, true, "method", it->method);
    output_member(out, false, "url", it->url);
    fprintf(out, ",\"token\":%s,\"milliseconds\":%.3f,\"status\":", it->token ? "true" : "false",
            (double)it->took / (double)NS_PER_MS);
    if (it->status == 0) {
        fputs("null", out);
    } else {
        fprintf(out, "%u", it->status);
    }
    member(out, false, "error", it->error);
    fputc('}', out);
}

void image_inspect_json(FILE *out, const struct inspection *it)
{
    fputc('{', out);
    output_member(out, true, "input", it->input);
    member(out, false, "reference", it->reference);
    member(out, false, "digest", it->resolved.digest);
    member(out, false, "mediaType", it->resolved.media_type);
    source(out, &it->resolved.source);
    image_of(out, it);
    fputs(",\"steps\":[", out);
    for (size_t i = 0; i < it->steps.n; i++) {
        fputs(i > 0 ? "," : "", out);
        step(out, &it->steps.items[i]);
    }
    fputc(']', out);
    member(out, false, "error", it->error);
    fputs("}\n", out);
}
