#pragma once
/* The port for tests: it answers by a function of the test's, without a network. */
#include "fetch/fetch.h"

/* Answers one request; as fetch_port.send, with the argument of the script. */
typedef status fetch_script(void *argument, const struct fetch_request *request,
                            struct arena *arena, struct fetch_answer *ret_answer,
                            struct error *err);

struct fetch_scripted {
    fetch_script *script;
    void *argument;
};

/* A port that asks `scripted`, which is borrowed. The body of a 2xx answer to a request with a sink
 * is handed over, as a real port would; a script that does so itself leaves it empty. */
struct fetch fetch_scripted_port(struct fetch_scripted *scripted);
