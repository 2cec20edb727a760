#include "registry/hosts.h"

#include "base/limits.h"
#include "oci/flow.h"

#define HUB "docker.io"
/* Where Docker Hub has its registry. */
#define HUB_REGISTRY "registry-1.docker.io"

static const struct registry_host UNKNOWN;

static bool has_port(struct str name)
{
    size_t from = str_starts(name, STR("[")) ? str_find(name, ']') : 0;
    return str_find(str_sub(name, from, name.n), ':') < name.n - from;
}

static const struct registry_host *find(const struct registry_hosts *hosts, const struct url *url)
{
    const struct registry_host *found = NULL;
    for (size_t i = 0; i < hosts->n; i++) {
        struct str name = hosts->items[i].name;
        bool hub = str_eq(name, STR(HUB)) && str_eq(url->host, STR(HUB_REGISTRY));
        if ((flow_names(name, url) || hub) && (found == NULL || has_port(name))) {
            found = &hosts->items[i];
        }
    }
    return found;
}

const struct registry_host *registry_host_of(const struct registry_hosts *hosts,
                                             const struct url *url)
{
    const struct registry_host *found = find(hosts, url);
    return found == NULL ? &UNKNOWN : found;
}

/* "host" of a plain registry means port 80. */
static bool read_host(struct arena *arena, const struct registry_hosts *hosts, struct str text,
                      struct registry_place *place)
{
    if (!url_parse_host(arena, text, false, &place->at)) {
        return false;
    }
    place->host = find(hosts, &place->at);
    if (place->host == NULL && !has_port(text)) {
        place->at.port = 80;
        place->host = find(hosts, &place->at);
    }
    place->host = place->host == NULL ? &UNKNOWN : place->host;
    return url_parse_host(arena, text, place->host->plain, &place->at);
}

static bool is_hub(struct str name)
{
    return str_eq(name, STR(HUB)) || str_eq(name, STR(HUB_REGISTRY));
}

/* "host[:port][/prefix]" */
static bool read_place(struct arena *arena, const struct registry_hosts *hosts, struct str text,
                       struct str repository, struct registry_place *ret_place)
{
    struct str host, prefix;
    bool prefixed = str_cut(text, '/', &host, &prefix);
    struct registry_place place = {.name = is_hub(host) ? STR(HUB) : host};
    place.repository = prefixed && prefix.n > 0
                           ? arena_printf(arena, "%.*s/%.*s", STR_ARG(prefix), STR_ARG(repository))
                           : repository;
    if (!read_host(arena, hosts, is_hub(host) ? STR(HUB_REGISTRY) : host, &place)) {
        return false;
    }
    *ret_place = place;
    return true;
}

status registry_places(struct arena *arena, const struct registry_hosts *hosts,
                       const struct reference *reference, struct registry_place **ret_places,
                       size_t *ret_n, struct error *err)
{
    struct registry_place named;
    struct str text = is_hub(reference->host) ? reference->host : reference->registry;
    if (!read_place(arena, hosts, text, reference->repository, &named)) {
        return error_set(err, ERROR_INPUT, "\"%.*s\" is no host that can be asked",
                         STR_ARG(reference->registry));
    }
    named.named = true;
    const struct registry_host *host = named.host;
    ENSURE(host->n_mirrors <= LIMIT_REGISTRY_MIRRORS);
    struct registry_place *places = ARENA_ARRAY(arena, struct registry_place, host->n_mirrors + 1);
    size_t n = 0;
    for (size_t i = 0; i <= host->n_mirrors; i++) {
        struct str place = i < host->n_mirrors ? host->mirrors[i] : host->location;
        if (i == host->n_mirrors && place.n == 0) {
            places[n++] = named;
        } else if (!read_place(arena, hosts, place, reference->repository, &places[n++])) {
            return error_set(err, ERROR_CONFIG, "\"%.*s\" is no host that can be asked for %.*s",
                             STR_ARG(place), STR_ARG(host->name));
        }
    }
    *ret_places = places;
    *ret_n = n;
    return OK;
}
