#include <microhttpd.h>
#include <string.h>

#include "base/limits.h"
#include "policy/describe.h"
#include "server/hits.h"
#include "server/page_gather.h"

static bool holds(struct str text, struct str part)
{
    return part.n == 0 || memmem(text.p, text.n, part.p, part.n) != NULL;
}

static bool is_wanted(const struct policy_set *set, size_t index, const struct ui_request *request)
{
    struct str mode = request->values[UI_MODE];
    return (mode.n == 0 || str_eq(mode, policy_describe_mode(set, index))) &&
           holds(policy_describe_name(set, index), request->values[UI_NAME]);
}

static struct ui_rule *copy_rules(struct arena *arena, const struct policy_description *from)
{
    struct ui_rule *rules = ARENA_ARRAY(arena, struct ui_rule, from->n_rules);
    for (size_t i = 0; i < from->n_rules; i++) {
        rules[i] = (struct ui_rule){from->rules[i].name, from->rules[i].kind, from->rules[i].words};
    }
    return rules;
}

static struct str source_of(const struct policy_description *description, struct arena *arena)
{
    return description->object
               ? STR("custom resource")
               : arena_printf(arena, "%.*s:%u", STR_ARG(description->file), description->mark.line);
}

static struct ui_policy describe(const struct policy_set *set, size_t index, struct arena *arena)
{
    struct policy_description description;
    policy_describe(set, index, arena, &description);
    return (struct ui_policy){
        .kind = description.kind,
        .namespace = description.namespace,
        .name = description.name,
        .mode = description.broken ? STR("broken") : description.mode,
        .match = description.match,
        .images = description.images,
        .policies = description.policies,
        .excused = description.excused,
        .until = description.until,
        .source = source_of(&description, arena),
        .rules = copy_rules(arena, &description),
        .n_rules = description.n_rules,
        .rule_count = description.rule_count,
    };
}

/* -- hits -- */

static void add_hits(struct service *service, struct ui_policies *policies)
{
    hits_collect(&service->snapshot);
    for (size_t i = 0; i < policies->n; i++) {
        struct ui_policy *policy = &policies->policies[i];
        const struct policy_hits named = {
            .kind = policy->kind, .namespace = policy->namespace, .name = policy->name};
        struct policy_hits total;
        policy->counted = hits_find(&named, &total);
        policy->hits = (struct ui_hits){total.judged, total.denied, total.warned, total.excused};
    }
}

/* -- the page -- */

/* One more than a page shows, so that it can say whether there are more. */
static void list_policies(const struct policy_set *set, const struct ui_request *request,
                          struct arena *arena, struct ui_policies *policies)
{
    size_t count = policy_describe_count(set);
    policies->policies = ARENA_ARRAY(arena, struct ui_policy, LIMIT_UI_ROWS + 1);
    policies->places = ARENA_ARRAY(arena, uint64_t, LIMIT_UI_ROWS + 1);
    policies->count = count;
    policies->hash = policy_set_hash(set);
    for (size_t i = request->from; i < count && policies->n <= LIMIT_UI_ROWS; i++) {
        if (is_wanted(set, i, request)) {
            policies->places[policies->n] = i;
            policies->policies[policies->n++] = describe(set, i, arena);
        }
    }
}

unsigned page_policies(struct page_source *source, const struct ui_request *request,
                       struct buf *html)
{
    struct service *service = source->service;
    struct ui_frame frame = page_frame(source, request);
    struct health_check check;
    health_read(&service->health, LOADABLE_POLICIES, &check);
    struct ui_policies policies = {
        .loaded = page_time_of_load(LOADABLE_POLICIES),
        .broken = str_from(check.detail),
    };
    struct policy_set *set = snapshot_take(&service->snapshot);
    policies.waiting = set == NULL;
    if (set != NULL) {
        list_policies(set, request, &source->arena, &policies);
        add_hits(service, &policies);
    }
    ui_policies(&frame, &policies, html);
    policy_set_unref(set);
    return MHD_HTTP_OK;
}
