#include "pulls/clients.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/limits.h"
#include "fetch/curl.h"

struct client {
    struct fetch own; /* zeroed: it has none of its own */
    struct kube *kube;
};

struct clients {
    const struct kube_config *config;
    const struct fetch *port;
    const atomic_bool *cancel;
    pthread_mutex_t lock; /* of what is below */
    struct client *idle[LIMIT_PULL_CLIENTS];
    size_t n;
};

struct clients *clients_new(const struct kube_config *config, const struct fetch *port,
                            const atomic_bool *cancel)
{
    struct clients *clients = calloc(1, sizeof *clients);
    if (clients == NULL) {
        fatal("out of memory");
    }
    *clients = (struct clients){.config = config, .port = port, .cancel = cancel};
    pthread_mutex_init(&clients->lock, NULL);
    return clients;
}

static void end(struct client *client)
{
    kube_free(client->kube);
    fetch_curl_free(&client->own);
    free(client);
}

void clients_free(struct clients *clients)
{
    if (clients != NULL) {
        while (clients->n > 0) {
            end(clients->idle[--clients->n]);
        }
        pthread_mutex_destroy(&clients->lock);
        free(clients);
    }
}

static struct client *begin(const struct clients *clients)
{
    struct client *client = calloc(1, sizeof *client);
    if (client == NULL) {
        fatal("out of memory");
    }
    const struct fetch *port = clients->port;
    if (port == NULL) {
        client->own = fetch_curl_new();
        port = &client->own;
    }
    client->kube = kube_new(clients->config, port, clients->cancel);
    return client;
}

struct client *clients_take(struct clients *clients)
{
    pthread_mutex_lock(&clients->lock);
    struct client *client = clients->n > 0 ? clients->idle[--clients->n] : NULL;
    pthread_mutex_unlock(&clients->lock);
    return client != NULL ? client : begin(clients);
}

struct kube *client_kube(const struct client *client)
{
    return client->kube;
}

void clients_give(struct clients *clients, struct client *client)
{
    pthread_mutex_lock(&clients->lock);
    bool room = clients->n < LIMIT_PULL_CLIENTS;
    if (room) {
        clients->idle[clients->n++] = client;
    }
    pthread_mutex_unlock(&clients->lock);
    if (!room) {
        end(client);
    }
}
