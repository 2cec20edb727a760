#include "offline/offline.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/limits.h"
#include "layout/layout.h"

enum { LAYOUT_ARENA = 64 * 1024 * 1024, FIND_ARENA = 16 * 1024 * 1024 };

/* What an answer takes of a review's memory beside an image: digest, media type, a problem. */
enum { ANSWER_ROOM = 1024 };

struct shelf {
    struct arena arena; /* of the layout */
    struct layout *layout;
    bool named; /* it is one image, of this reference */
    struct reference reference;
    const struct oci_descriptor *descriptor;
};

struct offline {
    pthread_mutex_t lock; /* a layout belongs to one thread */
    struct shelf shelves[LIMIT_LAYOUTS];
    size_t n;
};

struct offline *offline_new(void)
{
    struct offline *offline = calloc(1, sizeof *offline);
    ENSURE(offline != NULL);
    ENSURE(pthread_mutex_init(&offline->lock, NULL) == 0);
    return offline;
}

void offline_free(struct offline *offline)
{
    if (offline == NULL) {
        return;
    }
    for (size_t i = 0; i < offline->n; i++) {
        layout_close(offline->shelves[i].layout);
        arena_done(&offline->shelves[i].arena);
    }
    pthread_mutex_destroy(&offline->lock);
    free(offline);
}

/* -- adding -- */

/* The name as layouts have it: "docker.io/library/nginx:latest". */
static struct str full_name(struct arena *arena, const struct reference *reference)
{
    struct str parts[] = {reference_name(arena, reference), STR(":"), reference->match_tag};
    return arena_join(arena, parts, 3);
}

/* The image of a layout that a person gave a name. */
static status find_named(struct shelf *shelf, struct error *err)
{
    const struct reference *reference = &shelf->reference;
    bool digest = reference->digest.n > 0;
    const struct str names[] = {digest ? reference->digest : full_name(&shelf->arena, reference),
                                reference->match_tag, STR_EMPTY};
    for (size_t i = 0; i < (digest ? 1 : 3); i++) {
        if (!failed(layout_find(shelf->layout, names[i], &shelf->arena, &shelf->descriptor, err))) {
            return OK;
        }
        if (err->kind != ERROR_NOT_FOUND) {
            break;
        }
    }
    return FAILED;
}

static status open_shelf(struct shelf *shelf, struct str text, struct error *err)
{
    struct str name, path;
    struct error ignored;
    text = arena_dup(&shelf->arena, text);
    shelf->named = str_cut(text, '=', &name, &path) &&
                   !failed(reference_parse(&shelf->arena, name, &shelf->reference, &ignored));
    TRY(layout_open(&shelf->arena, shelf->named ? path.p : text.p, &shelf->layout, err));
    return shelf->named ? find_named(shelf, err) : OK;
}

status offline_add(struct offline *offline, struct str text, struct error *err)
{
    if (offline->n == LIMIT_LAYOUTS) {
        return error_set(err, ERROR_LIMIT, "more than %u layouts", LIMIT_LAYOUTS);
    }
    struct shelf *shelf = &offline->shelves[offline->n];
    *shelf = (struct shelf){.layout = NULL};
    arena_init(&shelf->arena, LAYOUT_ARENA);
    if (failed(open_shelf(shelf, text, err))) {
        layout_close(shelf->layout);
        arena_done(&shelf->arena);
        return FAILED;
    }
    offline->n++;
    return OK;
}

/* -- answering -- */

struct finding_place {
    struct layout *layout;
    const struct oci_descriptor *descriptor;
};

static status find_in(struct shelf *shelf, const struct reference *asked, struct arena *arena,
                      const struct oci_descriptor **ret_descriptor, struct error *err)
{
    if (asked->digest.n > 0) {
        return layout_find(shelf->layout, asked->digest, arena, ret_descriptor, err);
    }
    if (!shelf->named) {
        return layout_find(shelf->layout, full_name(arena, asked), arena, ret_descriptor, err);
    }
    struct reference named = shelf->reference;
    named.digest = STR_EMPTY;
    if (!str_eq(evidence_key(&named, arena), evidence_key(asked, arena))) {
        return error_set(err, ERROR_NOT_FOUND, "another image");
    }
    *ret_descriptor = shelf->descriptor;
    return OK;
}

/* What the layouts have of a reference. Errors: as offline_source. */
static status find(struct offline *offline, const struct reference *asked, struct arena *arena,
                   struct finding_place *ret_place, struct error *err)
{
    struct finding_place place = {0};
    for (size_t i = 0; i < offline->n; i++) {
        const struct oci_descriptor *found;
        if (failed(find_in(&offline->shelves[i], asked, arena, &found, err))) {
            if (err->kind == ERROR_NOT_FOUND) {
                continue;
            }
            return FAILED;
        }
        if (place.layout != NULL && !str_eq(place.descriptor->digest, found->digest)) {
            return error_set(err, ERROR_EVIDENCE, "two layouts have it: as %.*s and as %.*s",
                             STR_ARG(place.descriptor->digest), STR_ARG(found->digest));
        }
        place = place.layout == NULL ? (struct finding_place){offline->shelves[i].layout, found}
                                     : place;
    }
    if (place.layout == NULL) {
        return error_set(err, ERROR_NOT_FOUND, "none of the layouts has it");
    }
    *ret_place = place;
    return OK;
}

static status answer(struct offline *offline, const struct evidence_query *query, size_t room,
                     struct arena *arena, struct evidence *ret, struct error *err)
{
    arena_auto own;
    arena_init(&own, FIND_ARENA);
    struct finding_place place = {0};
    TRY(find(offline, query->reference, &own, &place, err));
    ret->digest = arena_dup(arena, place.descriptor->digest);
    ret->media_type = arena_dup(arena, place.descriptor->media_type);
    if ((query->wants & EVIDENCE_IMAGE) == 0) {
        return OK;
    }
    if (room == 0) {
        return error_set(err, ERROR_LIMIT, "the images of this review are too large together");
    }
    struct oci_image *image = ARENA_NEW(arena, struct oci_image);
    struct oci_reader reader = layout_reader(place.layout);
    reader.room = room;
    TRY(oci_image_assemble(&reader, place.descriptor, arena, image, err));
    ret->image = image;
    return OK;
}

static void gather_all(struct offline *offline, const struct evidence_round *round,
                       struct arena *arena, struct evidence *ret_evidence)
{
    size_t start = arena->used;
    for (size_t i = 0; i < round->n; i++) {
        struct error err;
        size_t kept = arena->used - start + (round->n - i) * ANSWER_ROOM;
        size_t room = round->room > kept ? round->room - kept : 0;
        if (failed(answer(offline, &round->queries[i], room, arena, &ret_evidence[i], &err))) {
            ret_evidence[i].problem = arena_dup(arena, str_from(err.text));
            ret_evidence[i].problem_kind = err.kind;
        }
    }
}

static status gather(void *self, const struct evidence_round *round, struct arena *arena,
                     struct evidence *ret_evidence, bool *ret_later, struct error *err)
{
    struct offline *offline = self;
    (void)err;
    if (round->inline_only) {
        *ret_later = true;
        return OK;
    }
    ENSURE(pthread_mutex_lock(&offline->lock) == 0);
    gather_all(offline, round, arena, ret_evidence);
    ENSURE(pthread_mutex_unlock(&offline->lock) == 0);
    return OK;
}

struct evidence_source offline_source(struct offline *offline)
{
    return (struct evidence_source){.self = offline, .gather = gather};
}
