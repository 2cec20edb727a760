#pragma once
/* An API server in memory, behind the scripted port: objects by path, resourceVersions, conflicts,
 * the three operations of JSON Patch that are used; and faults at a chosen call. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fetch/scripted.h"

enum fake_fault {
    FAKE_NO_FAULT,
    FAKE_LOST,     /* the call does not reach the server */
    FAKE_UNHEARD,  /* it does, but its answer is lost */
    FAKE_CONFLICT, /* answered 409, without effect */
    FAKE_ERROR,    /* answered 500, without effect */
    FAKE_MISSING   /* answered 404, without effect */
};

struct fake_object {
    char path[160];
    char *text; /* JSON, without resourceVersion; NULL: gone */
    uint64_t version;
};

struct fake_api {
    struct fake_object objects[16];
    size_t n;
    uint64_t version;
    size_t calls, writes; /* so far; writes are those beside leases */
    char last[512];       /* the last request: method, path, body without Secrets; and headers */
    char body[16384];
    /* Asked before each call which fault it meets; NULL: none. */
    enum fake_fault (*before)(void *argument, const char *method, const char *path);
    void (*after)(void *argument, const char *method, const char *path);
    void *argument;
};

/* Begin without objects; free. */
void fake_api_init(struct fake_api *api);
void fake_api_done(struct fake_api *api);

/* The type of fetch_script; `argument` is the api, whose server is https://api. */
status fake_api_answer(void *argument, const struct fetch_request *request, struct arena *arena,
                       struct fetch_answer *ret_answer, struct error *err);

/* Put an object there, or take it away (NULL), as someone else would. */
void fake_api_put(struct fake_api *api, const char *path, const char *text);

/* The object as JSON; NULL: there is none. */
const char *fake_api_get(const struct fake_api *api, const char *path);
