#pragma once
/* A network that is a table: what must be sent, by which way, and what is answered to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/limits.h"
#include "registry/registry.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

#define HEX64    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ONE      "sha256:" HEX64
#define HUB      "https://registry-1.docker.io/v2/library/nginx/manifests/"
#define MANIFEST "{\"schemaVersion\":2,\"mediaType\":\"" OCI_INDEX "\",\"manifests\":[]}"
/* printf '%s' MANIFEST | sha256sum */
#define MANIFEST_DIGEST manifest_digest.p
#define FOUND           .status = 200, .digest = ONE, .type = OCI_INDEX

/* What is sent is shown as "METHOD URL", then " [AUTHORIZATION]", " guarded" where its address is
 * looked at, " ca TEXT", " client TEXT", " proxy URL" where they are there. */
struct hop {
    const char *sent;
    unsigned status; /* 0: no answer, and `body` is why */
    const char *challenge, *location, *digest, *type, *body, *link, *retry_after;
};

extern struct str manifest_digest;
extern struct arena arena;
extern struct error err;
extern struct registry_options options; /* of the next registry; zeroed for each test */
extern struct registry_call call;       /* a minute, anonymous, nobody's name */
extern int64_t now;                     /* monotonic and wall */

/* Of each test. */
int net_start(void **state);
int net_end(void **state);

/* The registry by `options`, made at the first use. */
struct registry *registry(void);

/* The table of the next calls. All of one must have been sent before another. */
#define NET(...)                                                                                   \
    do {                                                                                           \
        static const struct hop hops_[] = {__VA_ARGS__};                                           \
        net(hops_, COUNT(hops_));                                                                  \
    } while (0)
void net(const struct hop *hops, size_t n);

/* All of the table was sent. */
void net_is_over(void);

struct reference reference_of(const char *text);

/* Resolve `text`, to this digest; or it fails so. */
void assert_resolves(const char *text, const char *digest);
void assert_fails(const char *text, enum error_kind kind, const char *message);

/* Credentials by a docker config. */
void use_credentials(const char *config);

/* Others in their place. */
void change_credentials(const char *config);

int ahead_tests(void);
int content_tests(void);
int credentials_tests(void);
int gates_tests(void);
int hosts_tests(void);
int passwords_tests(void);
int places_tests(void);
int referrers_tests(void);
int resolve_tests(void);
int tokens_tests(void);
int waiting_tests(void);
