#include "certificates/state.h"

static void read_authorities(struct arena *arena, const struct certificates_secret *secret,
                             struct certificates_state *state)
{
    struct error ignored;
    struct certificate_list all;
    if (failed(certificates_read(arena, secret->authorities, &all, &ignored))) {
        return;
    }
    for (size_t i = 0; i < all.n; i++) {
        if (all.items[i].authority) {
            all.items[state->authorities.n++] = all.items[i];
        }
    }
    state->authorities.items = all.items;
    state->signs =
        state->authorities.n > 0 &&
        !failed(certificate_check_key(all.items[0].pem, secret->authority_key, &ignored));
}

static status read_leaf(struct arena *arena, const struct certificates_secret *secret,
                        struct str name, struct certificates_state *state, struct error *err)
{
    struct certificate_list chain;
    if (secret->leaf.n == 0 || secret->key.n == 0) {
        return error_set(err, ERROR_NOT_FOUND, "there is no certificate in it yet");
    }
    TRY(certificates_read(arena, secret->leaf, &chain, err));
    TRY(certificate_check_key(secret->leaf, secret->key, err));
    if (state->authorities.n == 0) {
        return error_set(err, ERROR_INPUT, "there is no authority in it");
    }
    for (size_t i = 0; i < state->authorities.n; i++) {
        struct str authority = state->authorities.items[i].pem;
        if (!failed(certificate_check_issuer(secret->leaf, authority, name, err))) {
            state->leaf = chain.items[0];
            state->sound = true;
            state->by_first = i == 0;
            return OK;
        }
    }
    return FAILED;
}

void state_read(struct arena *arena, const struct certificates_secret *secret, struct str name,
                struct certificates_state *ret_state)
{
    struct certificates_state state = {.sound = false};
    read_authorities(arena, secret, &state);
    if (failed(read_leaf(arena, secret, name, &state, &state.problem))) {
        state.sound = false;
    }
    *ret_state = state;
}

bool state_is_usable(const struct certificates_state *state, int64_t now)
{
    return state->sound && now < state->leaf.not_after;
}
