#include "base/clock.h"
#include "cli/image_inspect.h"
#include "cli/output.h"

static void label(FILE *out, const char *indent, const char *name)
{
    fprintf(out, "%s%-11s  ", indent, name);
}

static void line(FILE *out, const char *indent, const char *name, struct str value)
{
    if (value.n > 0) {
        label(out, indent, name);
        output_text(out, value);
        fputc('\n', out);
    }
}

static void list(FILE *out, const char *name, const struct str *items, size_t n)
{
    if (n > 0) {
        label(out, "    ", name);
        for (size_t i = 0; i < n; i++) {
            fputs(i > 0 ? " " : "", out);
            output_text(out, items[i]);
        }
        fputc('\n', out);
    }
}

static void pairs(FILE *out, const char *name, const struct oci_pair *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        label(out, "    ", i == 0 ? name : "");
        output_text(out, items[i].key);
        fputs("=", out);
        output_text(out, items[i].value);
        fputc('\n', out);
    }
}

static void config_of(FILE *out, const struct oci_config *config)
{
    char created[CLOCK_TEXT_MAX] = "";
    if (config->has_created) {
        clock_format_seconds(config->created, created);
    }
    line(out, "    ", "created", str_from(created));
    line(out, "    ", "user", config->user.n > 0 ? config->user : STR("none, which is root"));
    list(out, "entrypoint", config->entrypoint, config->n_entrypoint);
    list(out, "command", config->cmd, config->n_cmd);
    line(out, "    ", "directory", config->working_dir);
    list(out, "ports", config->exposed_ports, config->n_exposed_ports);
    list(out, "environment", config->env, config->n_env);
    pairs(out, "labels", config->labels, config->n_labels);
}

static void platform(const struct invocation *invocation, const struct oci_platform_image *image)
{
    FILE *out = invocation->out;
    arena_auto arena;
    arena_init(&arena, 1 << 20);
    fputs("  ", out);
    output_styled(invocation, STYLE_STRONG, oci_platform_print(&arena, &image->platform));
    fputc('\n', out);
    line(out, "    ", "digest", image->descriptor.digest);
    label(out, "    ", "size");
    fprintf(out, "%llu bytes in %zu layer%s\n", (unsigned long long)oci_platform_image_size(image),
            image->manifest.n_layers, image->manifest.n_layers == 1 ? "" : "s");
    line(out, "    ", "artifact", image->manifest.artifact_type);
    if (image->known) {
        config_of(out, &image->config);
    } else {
        line(out, "    ", "config", STR("none that a runtime reads: it is no image that runs"));
    }
    pairs(out, "annotations", image->manifest.annotations, image->manifest.n_annotations);
}

static void steps(const struct invocation *invocation, const struct registry_steps *all)
{
    FILE *out = invocation->out;
    for (size_t i = 0; i < all->n; i++) {
        const struct registry_step *step = &all->items[i];
        fputs(i == 0 ? "  asked\n    " : "    ", out);
        fprintf(out, "%4s ", step->method.p);
        if (step->status > 0) {
            fprintf(out, "%3u", step->status);
        } else {
            output_styled(invocation, STYLE_BAD, STR("  -"));
        }
        fprintf(out, "  %8.1f ms  ", (double)step->took / (double)NS_PER_MS);
        output_text(out, step->url);
        if (step->error.n > 0) {
            fputs(": ", out);
            output_text(out, step->error);
        }
        fputc('\n', out);
    }
}

void image_inspect_text(const struct invocation *invocation, const struct inspection *it)
{
    FILE *out = invocation->out;
    const struct registry_source *source = &it->resolved.source;
    output_styled(invocation, STYLE_STRONG, it->input);
    fputc('\n', out);
    line(out, "  ", "reference", it->reference);
    line(out, "  ", "digest", it->resolved.digest);
    line(out, "  ", "media type", it->resolved.media_type);
    line(out, "  ", "registry", source->host);
    line(out, "  ", "repository", source->repository);
    if (source->host.n > 0) {
        line(out, "  ", "credential", source->credential.n > 0 ? source->credential : STR("none"));
    }
    if (it->error.n > 0) {
        label(out, "  ", "error");
        output_styled(invocation, STYLE_BAD, it->error);
        fputc('\n', out);
    }
    for (size_t i = 0; it->known && i < it->image.n_images; i++) {
        platform(invocation, &it->image.images[i]);
    }
    steps(invocation, &it->steps);
}
