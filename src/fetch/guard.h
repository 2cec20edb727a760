#pragma once
/* Addresses that nobody outside may make us ask: of this machine, and those at which a network
 * gives its machines what is theirs alone (credentials of a cloud, say). Pure.
 *
 * Private networks (RFC 1918, fc00::/7) are none of them: registries are there. */
#include <sys/socket.h>

#include "base/status.h"
#include "base/str.h"

/* Whether `address` is unspecified, loopback, link-local, multicast, reserved, or a cloud's
 * metadata service; also where IPv6 carries such an IPv4 address (mapped, compatible, NAT64, 6to4).
 * What is neither IPv4 nor IPv6 is one too. Spec: RFC 6890, RFC 4291, RFC 6052, RFC 3056. */
bool guard_refuses(const struct sockaddr *address);

/* The same of a host as it stands in a URL, as far as that says an address by itself; "localhost"
 * and names below it are one. For what is asked by way of a proxy. */
bool guard_refuses_host(struct str host);
