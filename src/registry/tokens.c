#include "registry/tokens.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "crypto/digest.h"

/* A token is not used in its last seconds: the request takes a while, and clocks differ. */
static const int64_t MARGIN = 5 * NS_PER_S;

/* How long a password is shown before it is asked for again: a registry may become open. */
static const int64_t PASSWORD_LIFETIME = 3600 * NS_PER_S;

enum part { ORIGIN, REPOSITORY, WHO, REALM, SERVICE, SCOPE, TEXT, PARTS };

struct kept {
    struct str parts[PARTS];
    char *memory; /* of the parts; owned */
    size_t size;
    int64_t expires;
    uint64_t used;
};

struct tokens {
    pthread_mutex_t lock;
    struct kept items[LIMIT_REGISTRY_TOKENS];
    size_t n, bytes;
    uint64_t uses;
};

struct tokens *tokens_new(void)
{
    struct tokens *tokens = calloc(1, sizeof *tokens);
    ENSURE(tokens != NULL && pthread_mutex_init(&tokens->lock, NULL) == 0);
    return tokens;
}

/* The last one takes its place. */
static void drop(struct tokens *tokens, size_t i)
{
    struct kept *kept = &tokens->items[i];
    explicit_bzero(kept->memory, kept->size);
    free(kept->memory);
    tokens->bytes -= kept->size;
    *kept = tokens->items[--tokens->n];
}

void tokens_free(struct tokens *tokens)
{
    if (tokens == NULL) {
        return;
    }
    while (tokens->n > 0) {
        drop(tokens, tokens->n - 1);
    }
    pthread_mutex_destroy(&tokens->lock);
    free(tokens);
}

struct str tokens_identity(struct arena *arena, const struct flow_credential *credential)
{
    if (credential == NULL) {
        return STR_EMPTY;
    }
    const struct str texts[] = {credential->username, credential->password,
                                credential->identity_token, credential->registry_token};
    struct digester digester;
    char room[DIGEST_ROOM];
    ENSURE(digester_start(&digester, STR("sha256")));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        digester_add(&digester, (struct str){(const char *)&texts[i].n, sizeof texts[i].n});
        digester_add(&digester, texts[i]);
    }
    return arena_dup(arena, digester_end(&digester, room));
}

static bool is_good(const struct kept *kept, int64_t now)
{
    return now < kept->expires - MARGIN;
}

static bool is_of(const struct kept *kept, struct str origin, struct str repository)
{
    return str_eq(kept->parts[ORIGIN], origin) && str_eq(kept->parts[REPOSITORY], repository);
}

static bool is_same(const struct kept *kept, struct str origin, const struct flow_token *token,
                    struct str who)
{
    return str_eq(kept->parts[ORIGIN], origin) && str_eq(kept->parts[WHO], who) &&
           str_eq(kept->parts[REALM], token->realm) &&
           str_eq(kept->parts[SERVICE], token->service) && str_eq(kept->parts[SCOPE], token->scope);
}

static void take(struct tokens *tokens, struct kept *kept, int64_t now, struct arena *arena,
                 struct token *ret_token)
{
    kept->used = ++tokens->uses;
    ret_token->text = arena_dup(arena, kept->parts[TEXT]);
    ret_token->lifetime = kept->expires - now;
}

bool tokens_any(struct tokens *tokens, struct str origin, struct str repository, int64_t now)
{
    bool found = false;
    pthread_mutex_lock(&tokens->lock);
    for (size_t i = 0; i < tokens->n && !found; i++) {
        found = is_of(&tokens->items[i], origin, repository) && is_good(&tokens->items[i], now);
    }
    pthread_mutex_unlock(&tokens->lock);
    return found;
}

bool tokens_for(struct tokens *tokens, struct str origin, struct str repository, struct str who,
                int64_t now, struct arena *arena, struct flow_token *ret_token)
{
    bool found = false;
    pthread_mutex_lock(&tokens->lock);
    for (size_t i = 0; i < tokens->n && !found; i++) {
        struct kept *kept = &tokens->items[i];
        found =
            is_of(kept, origin, repository) && is_good(kept, now) && str_eq(kept->parts[WHO], who);
        if (found) {
            *ret_token = (struct flow_token){
                .realm = arena_dup(arena, kept->parts[REALM]),
                .service = arena_dup(arena, kept->parts[SERVICE]),
                .scope = arena_dup(arena, kept->parts[SCOPE]),
            };
            take(tokens, kept, now, arena, &ret_token->token);
        }
    }
    pthread_mutex_unlock(&tokens->lock);
    return found;
}

bool tokens_find(struct tokens *tokens, struct str origin, const struct flow_token *wanted,
                 struct str who, int64_t now, struct arena *arena, struct token *ret_token)
{
    bool found = false;
    pthread_mutex_lock(&tokens->lock);
    for (size_t i = 0; i < tokens->n && !found; i++) {
        struct kept *kept = &tokens->items[i];
        found = is_same(kept, origin, wanted, who) && is_good(kept, now);
        if (found) {
            take(tokens, kept, now, arena, ret_token);
        }
    }
    pthread_mutex_unlock(&tokens->lock);
    return found;
}

/* Make room for one of `size`: expired ones first, then the one used longest ago. */
static void make_room(struct tokens *tokens, size_t size, int64_t now)
{
    for (size_t i = tokens->n; i-- > 0;) {
        if (!is_good(&tokens->items[i], now)) {
            drop(tokens, i);
        }
    }
    while (tokens->n == LIMIT_REGISTRY_TOKENS ||
           tokens->bytes + size > LIMIT_REGISTRY_TOKEN_BYTES) {
        size_t oldest = 0;
        for (size_t i = 1; i < tokens->n; i++) {
            oldest = tokens->items[i].used < tokens->items[oldest].used ? i : oldest;
        }
        drop(tokens, oldest);
    }
}

static void forget(struct tokens *tokens, struct str origin, const struct flow_token *token,
                   struct str who)
{
    for (size_t i = tokens->n; i-- > 0;) {
        if (is_same(&tokens->items[i], origin, token, who)) {
            drop(tokens, i);
        }
    }
}

/* Copy the parts into memory of their own. */
static void copy(struct kept *kept, const struct str parts[PARTS], size_t size)
{
    kept->memory = malloc(size + 1);
    ENSURE(kept->memory != NULL);
    char *at = kept->memory;
    for (size_t i = 0; i < PARTS; i++) {
        if (parts[i].n > 0) {
            memcpy(at, parts[i].p, parts[i].n);
        }
        kept->parts[i] = (struct str){at, parts[i].n};
        at += parts[i].n;
    }
    kept->size = size;
}

void tokens_keep(struct tokens *tokens, struct str origin, struct str repository, struct str who,
                 const struct flow_token *token, int64_t now)
{
    const struct str parts[PARTS] = {
        origin, repository, who, token->realm, token->service, token->scope, token->token.text};
    size_t size = 0;
    for (size_t i = 0; i < PARTS; i++) {
        size += parts[i].n;
    }
    pthread_mutex_lock(&tokens->lock);
    forget(tokens, origin, token, who);
    if (token->token.lifetime > MARGIN && size <= LIMIT_REGISTRY_TOKEN_BYTES) {
        make_room(tokens, size, now);
        struct kept *kept = &tokens->items[tokens->n++];
        *kept = (struct kept){.expires = now + token->token.lifetime, .used = ++tokens->uses};
        copy(kept, parts, size);
        tokens->bytes += size;
    }
    pthread_mutex_unlock(&tokens->lock);
}

void tokens_forget(struct tokens *tokens, struct str origin, const struct flow_token *refused,
                   struct str who)
{
    pthread_mutex_lock(&tokens->lock);
    forget(tokens, origin, refused, who);
    pthread_mutex_unlock(&tokens->lock);
}

/* What stands for the password: no token has no realm. */
static struct flow_token password_of(struct str repository)
{
    return (struct flow_token){.scope = repository, .token.lifetime = PASSWORD_LIFETIME};
}

void tokens_keep_password(struct tokens *tokens, struct str origin, struct str repository,
                          struct str who, int64_t now)
{
    const struct flow_token password = password_of(repository);
    tokens_keep(tokens, origin, repository, who, &password, now);
}

void tokens_forget_password(struct tokens *tokens, struct str origin, struct str repository,
                            struct str who)
{
    const struct flow_token password = password_of(repository);
    tokens_forget(tokens, origin, &password, who);
}
