#pragma once
/* Images on disk, from which a command learns what it would ask registries. */
#include "cli/command.h"
#include "offline/offline.h"

#define OPTION_LAYOUT                                                                              \
    {                                                                                              \
        .name = "layout", .argument = "[NAME=]PATH", .repeated = true,                             \
        .help = "images on disk that rules about digests and images may look at: an OCI\n"         \
                "layout, as a folder or a tar archive; NAME is the reference that its image\n"     \
                "has in the manifests, if not the layout's own; may stand several times"           \
    }

struct layouts {
    struct offline *offline; /* owned; NULL: none was given */
    struct evidence_source source;
};

/* Open what --layout names. The layouts are closed by layouts_done. Errors: CONFIG. */
MUST status layouts_open(struct invocation *invocation, struct layouts *ret_layouts,
                         struct error *err);

/* For struct evaluate_options; NULL if no layout was given. Borrows. */
const struct evidence_source *layouts_source(const struct layouts *layouts);

/* Close them. Zeroed ones are fine. */
void layouts_done(struct layouts *layouts);

#define layouts_auto __attribute__((cleanup(layouts_done))) struct layouts
