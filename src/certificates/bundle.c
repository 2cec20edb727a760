#include "certificates/bundle.h"

#include <string.h>

#include "base/limits.h"

struct str bundle_text(struct arena *arena, const struct certificate_list *list)
{
    struct str *parts = ARENA_ARRAY(arena, struct str, list->n);
    for (size_t i = 0; i < list->n; i++) {
        parts[i] = list->items[i].pem;
    }
    return arena_join(arena, parts, list->n);
}

static bool holds(const struct certificate_list *list, const struct certificate *one)
{
    for (size_t i = 0; i < list->n; i++) {
        if (strcmp(list->items[i].id, one->id) == 0) {
            return true;
        }
    }
    return false;
}

struct bundle_look bundle_look(struct arena *arena, const struct certificate_list *authorities,
                               struct str current, bool exact)
{
    struct error ignored;
    struct certificate_list now = {0}, wanted = {0};
    struct bundle_look look = {.complete = true};
    if (failed(certificates_read(arena, current, &now, &ignored))) {
        now.n = 0;
    }
    wanted.items = ARENA_ARRAY(arena, struct certificate, authorities->n + now.n);
    for (size_t i = 0; i < authorities->n; i++) {
        look.complete = look.complete && holds(&now, &authorities->items[i]);
        wanted.items[wanted.n++] = authorities->items[i];
    }
    for (size_t i = 0; i < now.n; i++) {
        if (!now.items[i].authority || holds(authorities, &now.items[i])) {
            continue;
        }
        look.others = true;
        if (!exact && wanted.n < LIMIT_AUTHORITIES && !holds(&wanted, &now.items[i])) {
            wanted.items[wanted.n++] = now.items[i];
        }
    }
    look.wanted = bundle_text(arena, &wanted);
    return look;
}
