/* What refers to an image, asked of its registry, for tests: a JSON object with "digests", and
 * "error" or null. usage: referrers DURATION CA CONFIG PLAIN REFERENCE [TYPE]; CA and CONFIG are
 * paths, PLAIN a host over plain HTTP; "-" is none. REFERENCE has a digest. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "registry/registry.h"

enum { ROOM = 64 * MIB, MOST_TEXT = 16 * MIB };

static bool is_given(const char *text)
{
    return strcmp(text, "-") != 0;
}

static status ask(char **arguments, struct arena *arena, struct oci_manifest *ret_index,
                  struct error *err)
{
    const struct registry_host host = {
        .name = str_from(arguments[3]), .plain = true, .inside_network = true};
    struct registry_options options = {.hosts = {&host, is_given(arguments[3]) ? 1 : 0}};
    struct reference reference;
    int64_t patience;
    TRY(clock_parse_duration(str_from(arguments[0]), &patience, err));
    TRY(reference_parse(arena, str_from(arguments[4]), &reference, err));
    if (is_given(arguments[1])) {
        TRY(file_read(arena, arguments[1], LIMIT_CERTIFICATE_FILE, &options.ca, err));
    }
    struct keyring *keyring = keyring_new();
    struct registry *registry = registry_new(&options);
    status st = is_given(arguments[2])
                    ? keyring_load_docker_config(keyring, arguments[2], KEYRING_DOCKER, err)
                    : OK;
    if (!failed(st)) {
        const struct registry_call call = {.deadline = clock_monotonic() + patience,
                                           .keyring = keyring,
                                           .trusted_name = true,
                                           .arena = arena};
        const struct registry_subject subject = {
            .reference = &reference,
            .digest = reference.digest,
            .artifact_type = arguments[5] != NULL ? str_from(arguments[5]) : STR_EMPTY};
        st = registry_referrers(registry, &subject, &call, ret_index, err);
    }
    registry_free(registry);
    keyring_free(keyring);
    return st;
}

static void print(const struct oci_manifest *index, bool good, const struct error *err)
{
    struct buf out;
    buf_init(&out, MOST_TEXT);
    buf_printf(&out, "{\"digests\":[");
    for (size_t i = 0; good && i < index->n_manifests; i++) {
        buf_printf(&out, "%s\"%.*s\"", i == 0 ? "" : ",", STR_ARG(index->manifests[i].digest));
    }
    buf_printf(&out, "]");
    if (good) {
        buf_printf(&out, ",\"error\":null");
    } else {
        buf_add_member(&out, "error", str_from(err->text));
    }
    printf("%.*s}\n", STR_ARG(buf_str(&out)));
    buf_done(&out);
}

int main(int argc, char **argv)
{
    if (argc != 6 && argc != 7) {
        fputs("usage: referrers DURATION CA CONFIG PLAIN REFERENCE [TYPE]\n", stderr);
        return 2;
    }
    arena_auto arena;
    struct oci_manifest index;
    struct error err;
    arena_init(&arena, ROOM);
    bool good = !failed(ask(argv + 1, &arena, &index, &err));
    print(&index, good, &err);
    return good ? 0 : 1;
}
