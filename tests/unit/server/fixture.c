#include "fixture.h"

#include "base/clock.h"

enum { TEXT_MAX = 1024 * 1024 };

#define DOCUMENT(kind, metadata, spec)                                                             \
    "---\napiVersion: pratique.dev/v1alpha1\nkind: " kind "\nmetadata: {" metadata                 \
    "}\nspec: {" spec "}\n"
#define POLICIES                                                                                   \
    DOCUMENT("ClusterImagePolicy", "name: base",                                                   \
             "rules: [{name: trusted, allow: [good.example.com]}]")                                \
    DOCUMENT("ClusterImagePolicy", "name: soft",                                                   \
             "mode: warn, rules: [{name: no-latest, deny: ['**:latest']}]")                        \
    DOCUMENT("ImagePolicyException", "name: later",                                                \
             "policies: [base], images: [bad.example.com/excused], reason: 'because', "            \
             "until: '2099-01-01T00:00:00Z'")

struct service fixture_service;
static struct arena arena;
static struct server_config config;

int fixture_start(void **state)
{
    struct diagnostics list;
    struct policy_options options = {.now = THEN};
    struct policy_set *set = NULL;
    struct error err = {0};
    arena_init(&arena, 64 << 20);
    diagnostics_init(&list, &arena);
    if (failed(policy_parse(STR("p.yaml"), STR(POLICIES), &options, &list, &set, &err)) ||
        failed(kinds_build(&arena, NULL, 0, NULL, 0, &config.kinds, &err))) {
        buf_auto text;
        buf_init(&text, TEXT_MAX);
        diagnostics_print(&list, &text);
        print_message("%s\n%.*s", err.text, STR_ARG(buf_str(&text)));
        return 1;
    }
    fixture_service.config = &config;
    snapshot_init(&fixture_service.snapshot, set);
    return enter_folder(state);
}

int fixture_end(void **state)
{
    (void)worker_next(); /* lets go of the last review */
    snapshot_done(&fixture_service.snapshot);
    arena_done(&arena);
    return leave_folder(state);
}

const struct error *walk(enum endpoint endpoint, struct str body, struct job **ret_job)
{
    static struct error err;
    struct job *job = worker_next();
    job->endpoint = endpoint;
    job->body = body;
    job->arrived = clock_monotonic();
    status st = worker_run(job, &fixture_service, &err);
    *ret_job = job;
    return failed(st) ? &err : NULL;
}
