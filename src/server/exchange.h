#pragma once
/* One HTTP exchange: the callbacks of libmicrohttpd. */
#include <microhttpd.h>

#include "server/connections.h"
#include "server/service.h"

/* A daemon and what it serves; `cls` of all callbacks below. */
struct door {
    struct service *service;
    struct connections *connections;
    bool reviews; /* the TLS door; the plain one has health and metrics alone */
};

/* The type of MHD_OPTION_URI_LOG_CALLBACK: a request line is there. */
void *exchange_line(void *cls, const char *uri, struct MHD_Connection *connection);

/* MHD_AccessHandlerCallback */
enum MHD_Result exchange_handle(void *cls, struct MHD_Connection *connection, const char *url,
                                const char *method, const char *version, const char *upload,
                                size_t *upload_size, void **exchange);

/* MHD_RequestCompletedCallback */
void exchange_completed(void *cls, struct MHD_Connection *connection, void **exchange,
                        enum MHD_RequestTerminationCode code);

/* MHD_NotifyConnectionCallback */
void exchange_connection(void *cls, struct MHD_Connection *connection, void **socket_context,
                         enum MHD_ConnectionNotificationCode code);
