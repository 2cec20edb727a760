#include <stdlib.h>

#include "base/limits.h"
#include "evaluate/evaluate.h"
#include "replay/replay.h"

enum { SLOTS = 1 << 18 };

_Static_assert(SLOTS >= 2 * REPLAY_ROWS_MAX, "the hash table must stay half empty");

void replay_tally_init(struct replay_tally *tally)
{
    *tally = (struct replay_tally){.n_slots = SLOTS};
    arena_init(&tally->arena, LIMIT_POLICY_ARENA);
    tally->slots = ARENA_ARRAY(&tally->arena, uint32_t, SLOTS);
    tally->room = REPLAY_ROWS_MAX;
    tally->rows = ARENA_ARRAY(&tally->arena, struct replay_row, tally->room);
}

void replay_tally_done(struct replay_tally *tally)
{
    arena_done(&tally->arena);
    *tally = (struct replay_tally){.n = 0};
}

/* -- counting -- */

static bool same_row(const struct replay_row *a, const struct replay_row *b)
{
    return a->change == b->change && str_eq(a->rule, b->rule) &&
           str_eq(a->namespace, b->namespace) && str_eq(a->image, b->image);
}

static uint64_t row_hash(const struct replay_row *row)
{
    uint64_t hash = str_hash(row->image);
    hash = hash * 31 + str_hash(row->namespace);
    hash = hash * 31 + str_hash(row->rule);
    return (hash * 31 + row->change) ^ (hash >> 32);
}

static void count_row(struct replay_tally *tally, const struct replay_row *row)
{
    uint64_t at = row_hash(row) & (tally->n_slots - 1);
    for (; tally->slots[at] != 0; at = (at + 1) & (tally->n_slots - 1)) {
        struct replay_row *found = &tally->rows[tally->slots[at] - 1];
        if (same_row(found, row)) {
            found->count++;
            return;
        }
    }
    if (tally->n == tally->room) {
        tally->dropped++;
        return;
    }
    struct replay_row *added = &tally->rows[tally->n++];
    *added = (struct replay_row){
        .change = row->change,
        .rule = arena_dup(&tally->arena, row->rule),
        .namespace = arena_dup(&tally->arena, row->namespace),
        .image = arena_dup(&tally->arena, row->image),
        .message = arena_dup(&tally->arena, row->message),
        .count = 1,
    };
    tally->slots[at] = (uint32_t)tally->n;
}

/* -- judging -- */

static status judge(const struct policy_set *set, const struct replay_case *subject, int64_t now,
                    struct arena *arena, struct decision *ret_decision, struct error *err)
{
    const struct evaluate_options options = {.now = now, .mutate = subject->mutate};
    struct review_answer answer;
    return evaluate_review(set, &subject->review, &options, arena, ret_decision, &answer, err);
}

/* The violation that denies the image; NULL if none does. */
static const struct violation *denial_of(const struct decision *decision,
                                         const struct review_image *image)
{
    for (size_t i = 0; i < decision->n_violations; i++) {
        const struct violation *violation = &decision->violations[i];
        if (violation->image == image && violation->mode == POLICY_ENFORCE &&
            violation->exception.n == 0) {
            return violation;
        }
    }
    return NULL;
}

static struct str rule_of(struct arena *arena, const struct violation *violation)
{
    if (violation == NULL) {
        return STR("not listed");
    }
    return violation_name(violation, arena);
}

static enum replay_change change_of(bool before, bool after)
{
    if (before == after) {
        return after ? REPLAY_SAME_ALLOWED : REPLAY_SAME_DENIED;
    }
    return after ? REPLAY_NEWLY_ALLOWED : REPLAY_NEWLY_DENIED;
}

static bool is_admitted(const struct decision *decision, size_t index)
{
    return decision->images[index].verdict == VERDICT_ALLOW;
}

/* Whether the image was admitted: as judged, as recorded, or because it is there. */
static bool was_admitted(const struct replay_case *subject, const struct decision *before,
                         size_t index, const struct review_image *image)
{
    if (before != NULL) {
        return is_admitted(before, index);
    }
    return !subject->recorded || subject->admitted[image - subject->review.images];
}

static struct str rule_before(struct arena *arena, const struct replay_case *subject,
                              const struct decision *before, const struct review_image *image)
{
    if (before != NULL) {
        return rule_of(arena, denial_of(before, image));
    }
    return subject->denying[image - subject->review.images];
}

static bool count_image(struct replay_tally *tally, const struct replay_case *subject,
                        const struct decision *before, const struct decision *after, size_t index,
                        struct arena *arena)
{
    const struct review_image *image = after->images[index].image;
    struct replay_row row = {
        .change = change_of(was_admitted(subject, before, index, image), is_admitted(after, index)),
        .namespace = subject->review.namespace,
        .image = image->text,
    };
    tally->images[row.change]++;
    if (row.change == REPLAY_NEWLY_DENIED) {
        const struct violation *denial = denial_of(after, image);
        row.rule = rule_of(arena, denial);
        row.message = denial != NULL ? denial->message : STR_EMPTY;
    } else if (row.change == REPLAY_NEWLY_ALLOWED) {
        row.rule = rule_before(arena, subject, before, image);
    } else {
        return false;
    }
    count_row(tally, &row);
    return true;
}

status replay_judge(struct replay_tally *tally, const struct policy_set *before,
                    const struct policy_set *after, int64_t now, struct replay_case *subject,
                    struct arena *arena, struct error *err)
{
    struct decision old = {.n_images = 0}, new;
    if (before != NULL) {
        TRY(judge(before, subject, now, arena, &old, err));
    }
    TRY(judge(after, subject, now, arena, &new, err));
    if (old.problem.n > 0 || new.problem.n > 0) {
        const struct str *problem = new.problem.n > 0 ? &new.problem : &old.problem;
        return error_set(err, ERROR_INPUT, "%.*s", STR_ARG(*problem));
    }
    bool changed = false;
    for (size_t i = 0; i < new.n_images; i++) {
        changed =
            count_image(tally, subject, before != NULL ? &old : NULL, &new, i, arena) || changed;
    }
    tally->reviews++;
    tally->changed_reviews += changed ? 1 : 0;
    tally->incomplete += subject->incomplete ? 1 : 0;
    return OK;
}

/* -- order -- */

static int compare_rows(const void *a, const void *b)
{
    const struct replay_row *x = a, *y = b;
    if (x->change != y->change) {
        return x->change < y->change ? -1 : 1;
    }
    int order = str_cmp(x->rule, y->rule);
    if (order == 0 && x->count != y->count) {
        return x->count > y->count ? -1 : 1;
    }
    order = order != 0 ? order : str_cmp(x->namespace, y->namespace);
    return order != 0 ? order : str_cmp(x->image, y->image);
}

void replay_tally_sort(struct replay_tally *tally)
{
    qsort(tally->rows, tally->n, sizeof *tally->rows, compare_rows);
}
