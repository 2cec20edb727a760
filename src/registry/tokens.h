#pragma once
/* Tokens of registries, kept until they expire, and who was let in by a password. Each is good for
 * one registry and one credential alone: it goes to no other host, and to nobody else who asks.
 * Bounded; what was used longest ago goes first. Threading: any thread. */
#include "oci/flow.h"

struct tokens;

/* Returns owned. What it holds is overwritten when it is freed. */
struct tokens *tokens_new(void);
void tokens_free(struct tokens *tokens);

/* A text by which a credential is told from others, and which tells nothing of it; NULL is that of
 * nobody. Lives in the arena. */
struct str tokens_identity(struct arena *arena, const struct flow_credential *credential);

/* Whether a token is kept for a repository of this registry (its origin, as text). */
bool tokens_any(struct tokens *tokens, struct str origin, struct str repository, int64_t now);

/* The token kept for a repository and who asks (tokens_identity); one without text stands for their
 * password. Lives in the arena. */
bool tokens_for(struct tokens *tokens, struct str origin, struct str repository, struct str who,
                int64_t now, struct arena *arena, struct flow_token *ret_token);

/* The one kept for the realm, service and scope of `wanted`. */
bool tokens_find(struct tokens *tokens, struct str origin, const struct flow_token *wanted,
                 struct str who, int64_t now, struct arena *arena, struct token *ret_token);

/* Keep a token, in the place of one that is the same in all but the token; not one that has no time
 * to live. Limits: LIMIT_REGISTRY_TOKENS, LIMIT_REGISTRY_TOKEN_BYTES. */
void tokens_keep(struct tokens *tokens, struct str origin, struct str repository, struct str who,
                 const struct flow_token *token, int64_t now);

/* Forget what is kept for the realm, service and scope of `refused`. */
void tokens_forget(struct tokens *tokens, struct str origin, const struct flow_token *refused,
                   struct str who);

/* Keep for an hour that this repository's registry asks for the password of `who`, and takes it.
 * The password itself is not kept. */
void tokens_keep_password(struct tokens *tokens, struct str origin, struct str repository,
                          struct str who, int64_t now);
void tokens_forget_password(struct tokens *tokens, struct str origin, struct str repository,
                            struct str who);
