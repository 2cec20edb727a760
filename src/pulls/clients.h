#pragma once
/* Clients of the API server, one for each thread that asks, kept with their connections for who
 * asks next. Private to pulls/. Threading: any thread. */
#include "kube/client.h"

struct clients;
struct client;

/* None yet. `port` NULL: libcurl, one for each. All is borrowed. Returns owned. */
struct clients *clients_new(const struct kube_config *config, const struct fetch *port,
                            const atomic_bool *cancel);

/* Free; NULL is fine. All were given back. */
void clients_free(struct clients *clients);

/* One that nobody else has. Returns owned (clients_give). */
struct client *clients_take(struct clients *clients);

/* Lives as long as the client. */
struct kube *client_kube(const struct client *client);

/* Give one back. It is kept, unless LIMIT_PULL_CLIENTS are. */
void clients_give(struct clients *clients, struct client *client);
