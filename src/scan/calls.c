#include "scan/calls.h"

#include "base/clock.h"
#include "base/limits.h"

/* A call is made again so often if the API server asks for patience; so many calls may fail in a
 * row. */
enum { PATIENCE = 12, FAILURES = 5 };

const char *scan_call_name(enum scan_call call)
{
    static const char *const NAMES[SCAN_CALLS] = {"list", "get", "create", "update", "delete"};
    return NAMES[call];
}

const char *scan_outcome_name(enum scan_outcome outcome)
{
    static const char *const NAMES[SCAN_OUTCOMES] = {"done", "not_found", "conflict", "failed"};
    return NAMES[outcome];
}

void calls_init(struct calls *calls, struct kube *kube, const struct scan_watcher *watcher,
                const atomic_bool *stop)
{
    *calls = (struct calls){.kube = kube, .watcher = watcher, .stop = stop};
}

static void end_all(struct calls *calls, const struct error *why)
{
    calls->over = true;
    calls->why = *why;
}

status calls_check(struct calls *calls, struct error *err)
{
    bool stopped = calls->stop != NULL && atomic_load(calls->stop);
    if (!calls->over && (stopped || !calls->watcher->leads(calls->watcher->self))) {
        struct error why;
        error_fill(&why, ERROR_TIMEOUT, "%s",
                   stopped ? "the server stops" : "this replica does not lead any more");
        end_all(calls, &why);
    }
    if (!calls->over) {
        return OK;
    }
    *err = calls->why;
    return FAILED;
}

status calls_wait(struct calls *calls, struct error *err)
{
    int64_t now = kube_now(calls->kube);
    int64_t at = calls->next > now ? calls->next : now;
    calls->next = at + NS_PER_S / LIMIT_SCAN_CALLS;
    kube_wait(calls->kube, at);
    return calls_check(calls, err);
}

void calls_note(struct calls *calls, enum scan_call call, enum scan_outcome outcome,
                const struct error *err)
{
    const struct scan_watcher *watcher = calls->watcher;
    watcher->tell(watcher->self,
                  &(struct scan_event){.kind = SCAN_CALL, .call = call, .outcome = outcome});
    bool bad = outcome == SCAN_FAILED && err->kind != ERROR_UNAUTHORIZED;
    calls->failures = bad ? calls->failures + 1 : 0;
    if (calls->failures == FAILURES && !calls->over) {
        end_all(calls, err);
    }
}

static enum scan_outcome outcome_of(enum kube_outcome outcome)
{
    return outcome == KUBE_DONE        ? SCAN_DONE
           : outcome == KUBE_NOT_FOUND ? SCAN_NOT_FOUND
                                       : SCAN_CONFLICT;
}

status calls_make(struct calls *calls, enum scan_call kind, const struct kube_call *call,
                  enum kube_outcome *ret_outcome, struct json_doc *ret_object, struct error *err)
{
    for (unsigned patience = PATIENCE;;) {
        kube_wait(calls->kube, kube_left_alone(calls->kube));
        TRY(calls_wait(calls, err));
        if (!failed(kube_call(calls->kube, call, ret_outcome, ret_object, err))) {
            calls_note(calls, kind, outcome_of(*ret_outcome), err);
            return OK;
        }
        bool asked = kube_left_alone(calls->kube) > kube_now(calls->kube);
        if (!asked || --patience == 0) {
            calls_note(calls, kind, SCAN_FAILED, err);
            return FAILED;
        }
    }
}
