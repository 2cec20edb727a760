#include "credentials/credential.h"

#include <stdlib.h>
#include <string.h>

static char *put(struct str text, char *end, struct str *ret_copy)
{
    if (text.n > 0) {
        memcpy(end, text.p, text.n);
    }
    end[text.n] = '\0';
    *ret_copy = (struct str){end, text.n};
    return end + text.n + 1;
}

void credential_copy(const struct credential *from, struct credential *ret_credential)
{
    size_t size = from->username.n + from->password.n + from->identity_token.n +
                  from->registry_token.n + from->source.n + 5;
    struct credential copy = {.memory = malloc(size), .size = size};
    if (copy.memory == NULL) {
        fatal("out of memory");
    }
    char *end = put(from->username, copy.memory, &copy.username);
    end = put(from->password, end, &copy.password);
    end = put(from->identity_token, end, &copy.identity_token);
    end = put(from->registry_token, end, &copy.registry_token);
    put(from->source, end, &copy.source);
    *ret_credential = copy;
}

void credential_done(struct credential *credential)
{
    if (credential->memory != NULL) {
        explicit_bzero(credential->memory, credential->size);
        free(credential->memory);
    }
    *credential = (struct credential){0};
}

bool credential_is_empty(const struct credential *credential)
{
    return credential->username.n == 0 && credential->password.n == 0 &&
           credential->identity_token.n == 0 && credential->registry_token.n == 0;
}
