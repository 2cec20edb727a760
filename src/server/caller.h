#pragma once
/* Who may see pages, by what is known before anything is read: where a request comes from, what
 * name it asks for, and whether another site's page sent it. Pure. */
#include <sys/socket.h>

#include "image/glob.h"

/* True for the machine's or Pod's own addresses, 127.0.0.0/8 and ::1: `kubectl port-forward` comes
 * from there. */
bool caller_is_local(const struct sockaddr *address);

/* True if the value of a Host header is an IP address, "localhost", or one of `names`, without
 * regard to case, port and a last dot. Any other name may lead here only since somebody made it
 * so: a page of theirs, open in a browser here, could then read this one.
 * Spec: RFC 9110 section 7.2. */
bool caller_host_is_ours(struct str host, const struct glob_list *names);

/* True if a page of another site asks, and not by a link that a person follows. Browsers say it,
 * of requests to this machine and over TLS; whoever says nothing is no browser, or an old one.
 * Spec: Fetch Metadata Request Headers. */
bool caller_is_another_site(struct str site, struct str mode, struct str dest);
