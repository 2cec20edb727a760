#include "cli/layouts.h"

#include "cli/options.h"

status layouts_open(struct invocation *invocation, struct layouts *ret_layouts, struct error *err)
{
    size_t n;
    const char **paths = option_arguments(invocation, "layout", &n);
    layouts_auto layouts = {.offline = n > 0 ? offline_new() : NULL};
    for (size_t i = 0; i < n; i++) {
        if (failed(offline_add(layouts.offline, str_from(paths[i]), err))) {
            err->kind = ERROR_CONFIG;
            return FAILED;
        }
    }
    if (n > 0) {
        layouts.source = offline_source(layouts.offline);
    }
    *ret_layouts = layouts;
    layouts.offline = NULL;
    return OK;
}

const struct evidence_source *layouts_source(const struct layouts *layouts)
{
    return layouts->offline == NULL ? NULL : &layouts->source;
}

void layouts_done(struct layouts *layouts)
{
    offline_free(layouts->offline);
    layouts->offline = NULL;
}
