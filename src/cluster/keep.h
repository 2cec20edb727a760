#pragma once
/* What is kept of an object that the API server has. Pure. Private to cluster/. */
#include "base/arena.h"
#include "json/doc.h"

/* A policy as one would write it: without its status, and of its metadata name and namespace alone.
 * So the text changes if and only if what the policy means may have. Lives in the arena. */
struct str keep_policy(struct arena *arena, yyjson_val *object);

/* The status of a policy, as JSON; empty if there is none. Lives in the arena. */
struct str keep_status(struct arena *arena, yyjson_val *object);

/* The labels of a namespace, as a JSON object. Lives in the arena. */
struct str keep_labels(struct arena *arena, yyjson_val *object);

/* metadata.generation; 0 if there is none. */
int64_t keep_generation(yyjson_val *object);
