#include "cli/render.h"

#include <unistd.h>

#include "base/limits.h"
#include "base/process.h"

static bool has_file(const char *path, const char *name)
{
    arena_auto arena;
    arena_init(&arena, MIB);
    return access(arena_printf(&arena, "%s/%s", path, name).p, F_OK) == 0;
}

static bool is_chart(const char *path)
{
    return has_file(path, "Chart.yaml");
}

static bool is_kustomization(const char *path)
{
    return has_file(path, "kustomization.yaml") || has_file(path, "kustomization.yml") ||
           has_file(path, "Kustomization");
}

bool render_is_source(const char *path)
{
    return is_chart(path) || is_kustomization(path);
}

static status not_installed(const char *path, const char *what, const char *tools,
                            const char *instead, struct error *err)
{
    return error_set(err, ERROR_INPUT,
                     "%s is a %s: install %s, pass what it makes (%s | pratique check -), or read "
                     "the files as they are with --as-files",
                     path, what, tools, instead);
}

status render(struct arena *arena, const char *path, size_t max, struct str *ret_text,
              struct error *err)
{
    const char *const helm[] = {"helm", "template", "--", path, NULL};
    const char *const kustomize[] = {"kustomize", "build", "--", path, NULL};
    const char *const kubectl[] = {"kubectl", "kustomize", "--", path, NULL};
    const char *const *argv = helm;
    if (is_chart(path)) {
        if (!process_exists("helm")) {
            return not_installed(path, "chart", "helm", "helm template", err);
        }
    } else if (process_exists("kustomize")) {
        argv = kustomize;
    } else if (process_exists("kubectl")) {
        argv = kubectl;
    } else {
        return not_installed(path, "kustomization", "kustomize or kubectl", "kustomize build", err);
    }
    if (failed(process_read(arena, argv, max, ret_text, err))) {
        return error_wrap(err, "%s", path);
    }
    return OK;
}
