#pragma once
/* One tag at one registry, registry.example/app:1, over a network that is the test's; and so is the
 * time by which answers age. */
#include "test.h"

#include "base/clock.h"
#include "base/limits.h"
#include "evidence/answer.h"

#define HOUR  (3600 * NS_PER_S)
#define OTHER "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define TYPE  "application/vnd.oci.image.manifest.v1+json"

/* How the network answers. */
struct network {
    enum error_kind failure; /* ERROR_NONE: with `status` */
    unsigned status;
    const char *digest; /* what HEAD tells of the tag */
    unsigned by_digest; /* the status of what is asked for by digest; 0: as all else */
    unsigned sent;
};

extern struct network network;
extern struct arena arena;
extern struct registries *registries;
extern int64_t now;
extern atomic_bool cancel;
extern struct str digest; /* of the image that there is, which the tag points to at first */
extern const struct asker NOBODY;

/* Of each test: a tag counts for 30 s, and a failure is not remembered. */
int begin(void **state);
int end(void **state);

/* The same with other times, and with a place that is shared; what there was is stopped before. */
void start(int64_t tag_ttl, int64_t failure_ttl, const struct cache_shared *shared);
void stop(void);

/* Ask for the tag, with so much time. What is returned lives until the test ends. */
struct evidence ask_as(const struct asker *asker, int64_t stale_for, unsigned wants, int64_t time);

/* The same as nobody, for the digest alone. */
struct evidence ask(int64_t stale_for);

void assert_fresh(struct evidence evidence, const char *wanted);
void assert_stale(struct evidence evidence, int64_t age);
void assert_none(struct evidence evidence, enum error_kind kind);

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
