#include "pages.h"

#include "base/clock.h"
#include "base/limits.h"

/* 2026-11-26T18:00:00Z */
static const int64_t NOW = INT64_C(1795716000) * NS_PER_S;

struct filling {
    struct arena *arena;
    struct str text;
    unsigned n;
};

/* Put together by hand: printf stops at a NUL. */
static struct str fill(struct filling *filling)
{
    struct str number = arena_printf(filling->arena, "#%u#", ++filling->n);
    return arena_join(filling->arena, (struct str[]){filling->text, number}, 2);
}

static struct history_image *fill_images(struct filling *filling, size_t n)
{
    struct history_image *images = ARENA_ARRAY(filling->arena, struct history_image, n);
    for (size_t i = 0; i < n; i++) {
        images[i].text = fill(filling);
        images[i].rewritten = fill(filling);
        images[i].normalised = fill(filling);
        images[i].path = fill(filling);
        images[i].verdict = fill(filling);
    }
    return images;
}

static struct history_violation *fill_violations(struct filling *filling, size_t n)
{
    struct history_violation *violations = ARENA_ARRAY(filling->arena, struct history_violation, n);
    for (size_t i = 0; i < n; i++) {
        violations[i].path = fill(filling);
        violations[i].cause = fill(filling);
        violations[i].policy = i == 0 ? STR_EMPTY : fill(filling);
        violations[i].rule = fill(filling);
        violations[i].mode = fill(filling);
        violations[i].exception = i < 2 ? STR_EMPTY : fill(filling);
        violations[i].message = fill(filling);
    }
    return violations;
}

static struct history_entry *fill_entry(struct filling *filling, bool detail)
{
    struct history_entry *entry = ARENA_NEW(filling->arena, struct history_entry);
    *entry = (struct history_entry){.id = 7,
                                    .time = NOW - 61 * NS_PER_S,
                                    .duration_ns = 68000,
                                    .policy_hash = 0x0123456789abcdef,
                                    .dry_run = true};
    struct str *const texts[] = {
        &entry->uid,     &entry->endpoint, &entry->api,         &entry->operation, &entry->group,
        &entry->version, &entry->kind,     &entry->subresource, &entry->namespace, &entry->name,
        &entry->user,    &entry->verdict,  &entry->cause};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        *texts[i] = fill(filling);
    }
    entry->detail = detail ? fill(filling) : STR_EMPTY;
    entry->n_images = 2;
    entry->image_count = 5;
    entry->images = fill_images(filling, entry->n_images);
    entry->n_violations = 3;
    entry->violation_count = 9;
    entry->violations = fill_violations(filling, entry->n_violations);
    return entry;
}

static void write_decisions(struct filling *filling, const struct ui_frame *frame, struct buf *html)
{
    struct history_entry *entries[] = {fill_entry(filling, true), fill_entry(filling, false)};
    const struct ui_decisions decisions = {.history = UI_HISTORY_READ,
                                           .entries = entries,
                                           .n = 2,
                                           .cursor = 6,
                                           .looked = 20000,
                                           .reached = NOW - NS_PER_S,
                                           .left = 41000,
                                           .losing = true};
    ui_decisions(frame, &decisions, html);
}

static void write_policies(struct filling *filling, const struct ui_frame *frame, struct buf *html)
{
    static uint64_t places[] = {0, 1};
    struct ui_policy *policies = ARENA_ARRAY(filling->arena, struct ui_policy, 2);
    for (size_t i = 0; i < 2; i++) {
        struct ui_rule *rule = ARENA_NEW(filling->arena, struct ui_rule);
        bool exception = i == 1;
        *rule = exception ? (struct ui_rule){0}
                          : (struct ui_rule){fill(filling), fill(filling), fill(filling)};
        policies[i] = (struct ui_policy){.kind = fill(filling),
                                         .namespace = fill(filling),
                                         .name = fill(filling),
                                         .mode = exception ? STR_EMPTY : fill(filling),
                                         .match = fill(filling),
                                         .images = fill(filling),
                                         .policies = exception ? fill(filling) : STR_EMPTY,
                                         .excused = exception ? fill(filling) : STR_EMPTY,
                                         .until = NOW + NS_PER_S,
                                         .source = fill(filling),
                                         .rules = rule,
                                         .n_rules = exception ? 0 : 1,
                                         .rule_count = exception ? 0 : 2,
                                         .counted = true};
    }
    const struct ui_policies all = {.policies = policies,
                                    .n = 2,
                                    .places = places,
                                    .count = 2,
                                    .loaded = NOW,
                                    .broken = fill(filling)};
    ui_policies(frame, &all, html);
}

static void write_replica(struct filling *filling, const struct ui_frame *frame, struct buf *html)
{
    const struct ui_check checks[] = {{fill(filling), UI_GOOD, fill(filling)},
                                      {fill(filling), UI_STALE, fill(filling)},
                                      {fill(filling), UI_BAD, fill(filling)}};
    const struct ui_reviews reviews[] = {{fill(filling), 1, 2, 3}};
    const struct ui_count lost[] = {{fill(filling), 4}};
    const struct ui_replica replica = {.started = NOW - 3600 * NS_PER_S,
                                       .checks = checks,
                                       .n_checks = 3,
                                       .reviews = reviews,
                                       .n_reviews = 1,
                                       .history = true,
                                       .lost = lost,
                                       .n_lost = 1,
                                       .certificate_end = NOW + 86400 * NS_PER_S};
    ui_replica(frame, &replica, html);
}

/* Every parameter of the page as a person may have typed it. */
static struct ui_request fill_request(struct filling *filling, enum ui_page page)
{
    struct ui_request request = {.page = page, .before = 99, .from = 0};
    for (enum ui_parameter i = 0; i < UI_PARAMETER_COUNT; i++) {
        if (ui_filters(page, i)) {
            request.values[i] = fill(filling);
        }
    }
    return request;
}

void write_sample(enum sample sample, struct str text, struct arena *arena, unsigned *ret_n,
                  struct buf *html)
{
    struct filling filling = {.arena = arena, .text = text};
    struct ui_request request =
        fill_request(&filling, sample == SAMPLE_POLICIES ? UI_POLICIES : UI_DECISIONS);
    if (sample >= SAMPLE_REPLICA && sample != SAMPLE_FAILED) {
        request = (struct ui_request){0};
        filling.n = 0;
    }
    const struct ui_frame frame = {
        .now = NOW, .version = fill(&filling), .replica = fill(&filling), .request = &request};
    switch (sample) {
    case SAMPLE_DECISIONS:
        write_decisions(&filling, &frame, html);
        break;
    case SAMPLE_DECISION:
        ui_decision(&frame, fill_entry(&filling, true), html);
        break;
    case SAMPLE_POLICIES:
        write_policies(&filling, &frame, html);
        break;
    case SAMPLE_REPLICA:
        write_replica(&filling, &frame, html);
        break;
    case SAMPLE_FAILED:
        ui_decisions(
            &frame, &(struct ui_decisions){.history = UI_HISTORY_FAILED, .problem = fill(&filling)},
            html);
        break;
    case SAMPLE_REFUSAL:
        ui_refusal(&frame, "This cannot be asked", fill(&filling), html);
        break;
    case SAMPLE_OFF:
        ui_decisions(&frame, &(struct ui_decisions){.history = UI_HISTORY_OFF}, html);
        break;
    case SAMPLE_EMPTY:
    case SAMPLE_COUNT:
        ui_decisions(&frame, &(struct ui_decisions){.history = UI_HISTORY_READ}, html);
        break;
    }
    *ret_n = filling.n;
}
