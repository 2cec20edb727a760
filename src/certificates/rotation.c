#include "certificates/rotation.h"

#include "base/limits.h"
#include "certificates/bundle.h"
#include "crypto/issue.h"

/* -- when -- */

/* `part` of the time of a certificate is left, or it has not begun: someone's clock was wrong. */
static bool is_due(const struct certificate *certificate, int64_t part, int64_t now)
{
    return now < certificate->not_before || certificate->not_after - now <= part;
}

static bool needs_authority(const struct certificates_state *state,
                            const struct rotation_times *times, int64_t now)
{
    if (!state->signs) {
        return true;
    }
    const struct certificate *first = &state->authorities.items[0];
    bool alone = state->authorities.n == 1; /* else the rotation before is not over */
    return now >= first->not_after || (alone && is_due(first, times->authority_validity / 5, now));
}

/* A leaf ends with its authority at the latest; a newer one would end no later. */
static bool leaf_is_due(const struct certificates_state *state, const struct rotation_times *times,
                        int64_t now)
{
    const struct certificate *first = &state->authorities.items[0];
    return now < state->leaf.not_before || (is_due(&state->leaf, times->validity / 3, now) &&
                                            state->leaf.not_after < first->not_after);
}

/* How long every caBundle must have held the first authority before the leaf is by it. */
static int64_t wait_for_leaf(const struct certificates_state *state,
                             const struct rotation_times *times, const struct rotation_view *view)
{
    bool nobody_serves = !state->sound && state->authorities.n == 1 && !view->others;
    bool nobody_verifies = state->sound && view->now >= state->leaf.not_after;
    return nobody_serves || nobody_verifies ? 0 : times->overlap;
}

enum rotation_step rotation_next(const struct certificates_state *state,
                                 const struct rotation_times *times,
                                 const struct rotation_view *view)
{
    if (needs_authority(state, times, view->now)) {
        return ROTATION_NEW_AUTHORITY;
    }
    if (!state->by_first) {
        return view->settled >= wait_for_leaf(state, times, view) ? ROTATION_NEW_LEAF
                                                                  : ROTATION_NOTHING;
    }
    if (leaf_is_due(state, times, view->now)) {
        return ROTATION_NEW_LEAF;
    }
    bool done = state->authorities.n > 1 && view->settled >= 0 && view->served >= times->overlap;
    return done ? ROTATION_DROP_AUTHORITIES : ROTATION_NOTHING;
}

bool rotation_is_over(const struct certificates_state *state, const struct rotation_times *times,
                      const struct rotation_view *view)
{
    return state->signs && state->by_first && state->authorities.n == 1 &&
           view->served >= times->overlap;
}

/* -- what -- */

/* Those to keep beside a new one. The one that signed what is served now is among them. */
static struct certificate_list kept(struct arena *arena, const struct certificates_state *state,
                                    struct str leaf)
{
    const size_t room = LIMIT_AUTHORITIES - 1;
    struct certificate_list list = {
        .items = ARENA_ARRAY(arena, struct certificate, state->authorities.n)};
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < state->authorities.n && list.n < room; i++) {
            struct error ignored;
            const struct certificate *one = &state->authorities.items[i];
            bool signed_it = !failed(certificate_check_issuer(leaf, one->pem, STR_EMPTY, &ignored));
            if (signed_it == (pass == 0)) {
                list.items[list.n++] = *one;
            }
        }
    }
    return list;
}

static void make_authority(struct arena *arena, const struct certificates_state *state,
                           const struct rotation_request *request, struct certificates_secret *ret)
{
    struct key_pair pair;
    issue_authority(arena, request->authority_name, request->now,
                    request->times->authority_validity, &pair);
    struct certificate_list old = kept(arena, state, ret->leaf);
    ret->authorities =
        arena_join(arena, (struct str[]){pair.certificate, bundle_text(arena, &old)}, 2);
    ret->authority_key = pair.key;
}

static status make_leaf(struct arena *arena, const struct certificates_state *state,
                        const struct rotation_request *request, struct certificates_secret *ret,
                        struct error *err)
{
    const struct key_pair authority = {state->authorities.items[0].pem, ret->authority_key};
    const struct leaf_request leaf = {.names = request->names,
                                      .n_names = request->n_names,
                                      .now = request->now,
                                      .validity = request->times->validity};
    struct key_pair pair;
    TRY(issue_leaf(arena, &authority, &leaf, &pair, err));
    ret->leaf = pair.certificate;
    ret->key = pair.key;
    return OK;
}

status rotation_make(struct arena *arena, enum rotation_step step,
                     const struct certificates_state *state,
                     const struct certificates_secret *secret,
                     const struct rotation_request *request, struct certificates_secret *ret_secret,
                     struct error *err)
{
    struct certificates_secret next = *secret;
    bool sound = step == ROTATION_NEW_AUTHORITY || state->signs;
    if (step == ROTATION_NOTHING || !sound) {
        return error_set(err, ERROR_INPUT, "the authority has no key");
    }
    if (step == ROTATION_NEW_AUTHORITY) {
        make_authority(arena, state, request, &next);
    } else if (step == ROTATION_NEW_LEAF) {
        TRY(make_leaf(arena, state, request, &next, err));
    } else {
        next.authorities = state->authorities.items[0].pem;
    }
    *ret_secret = next;
    return OK;
}
