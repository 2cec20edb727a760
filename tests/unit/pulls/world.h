#pragma once
/* An API server with Secrets and service accounts, and reviews of objects in its namespaces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../kube/fake_api.h"
#include "base/clock.h"
#include "base/limits.h"
#include "pulls/pulls.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define MODERN "kubernetes.io/dockerconfigjson"

extern struct fake_api api;
extern struct fetch api_port;
extern const struct kube_config api_config;
extern struct arena arena;
extern struct error err;
extern char asked[8192]; /* of the API server, since it was emptied: paths behind "namespaces/" */

/* Of each test. */
int world_begin(void **state);
int world_end(void **state);

/* The review of creating an object; in `object`, ' stands for ". `kind` is "Pod" or
 * "apps/Deployment". */
struct review *review_of(const char *kind, const char *namespace, const char *object);

/* One of a Pod or of a template, whose spec is `spec` and a container. */
struct review *pod_of(const char *namespace, const char *spec);
struct review *deployment_of(const char *namespace, const char *spec);

/* Store a Secret that holds a docker config with this password of "u" for a host; or any text, of
 * any type. */
void put_secret(const char *namespace, const char *name, const char *host, const char *password);
void put_bytes(const char *namespace, const char *name, const char *type, const char *text);
void remove_secret(const char *namespace, const char *name);

/* Store a service account with these imagePullSecrets: "{'name':'a'}". */
void put_account(const char *namespace, const char *name, const char *list);
