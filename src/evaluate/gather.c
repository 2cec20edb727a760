#include "evaluate/gather.h"

#include "base/clock.h"
#include "image/digest.h"
#include "oci/image.h"

/* Of the time that is left, this part is kept for deciding and answering: one registry that never
 * answers must not cost a review whose policies only warn. */
enum { TIME_KEPT = 10 };

/* The first, and one for what the digests that it brought lead to. */
enum { ROUNDS_MAX = 2 };

/* Images that ask, and what they ask together. */
struct gathering {
    struct plan *plan;
    const struct evaluate_options *options;
    struct arena *arena;
    struct evidence_query *queries;
    struct evidence *answers;
    struct str *keys;
    uint64_t *hashes; /* of keys */
    size_t n;
    size_t *query_of; /* by image; SIZE_MAX: asks nothing */
    size_t room;      /* for what is found out */
};

enum { PORT_MAX = 6 }; /* ":65535" */

/* ":5000", at the end of `room`; nothing for no port. */
static struct str write_port(char room[PORT_MAX], unsigned port)
{
    size_t at = PORT_MAX;
    for (unsigned left = port; left > 0; left /= 10) {
        room[--at] = (char)('0' + left % 10);
    }
    if (port > 0) {
        room[--at] = ':';
    }
    return (struct str){room + at, PORT_MAX - at};
}

struct str evidence_key(const struct reference *reference, struct arena *arena)
{
    char digits[PORT_MAX];
    struct str port = write_port(digits, reference->port);
    bool digest = reference->digest.n > 0;
    struct str parts[] = {reference->host,
                          port,
                          STR("/"),
                          reference->repository,
                          digest ? STR("@") : STR(":"),
                          digest ? reference->digest : reference->match_tag};
    return arena_join(arena, parts, sizeof parts / sizeof parts[0]);
}

/* -- asking -- */

static size_t find_query(const struct gathering *gathering, struct str key, uint64_t hash)
{
    for (size_t i = 0; i < gathering->n; i++) {
        if (gathering->hashes[i] == hash && str_eq(gathering->keys[i], key)) {
            return i;
        }
    }
    return gathering->n;
}

static unsigned unasked(const struct plan_image *image)
{
    return image->unreadable.n > 0 ? 0 : image->wants & ~image->asked;
}

static void add_query(struct gathering *gathering, size_t index)
{
    struct plan_image *image = &gathering->plan->images[index];
    unsigned wants = unasked(image);
    gathering->query_of[index] = SIZE_MAX;
    if (wants == 0) {
        return;
    }
    struct str key = evidence_key(&image->reference, gathering->arena);
    uint64_t hash = str_hash(key);
    size_t at = find_query(gathering, key, hash);
    if (at == gathering->n) {
        gathering->keys[at] = key;
        gathering->hashes[at] = hash;
        gathering->queries[gathering->n++] =
            (struct evidence_query){.reference = &image->reference, .stale_for = image->stale_for};
    }
    struct evidence_query *query = &gathering->queries[at];
    query->wants |= wants;
    query->stale_for = query->stale_for < image->stale_for ? query->stale_for : image->stale_for;
    gathering->query_of[index] = at;
    image->asked |= wants;
}

static struct gathering list_queries(struct plan *plan, const struct evaluate_options *options,
                                     struct arena *arena)
{
    size_t n = plan->n_images;
    struct gathering gathering = {
        .plan = plan,
        .options = options,
        .arena = arena,
        .queries = ARENA_ARRAY(arena, struct evidence_query, n),
        .answers = ARENA_ARRAY(arena, struct evidence, n),
        .keys = ARENA_ARRAY(arena, struct str, n),
        .hashes = ARENA_ARRAY(arena, uint64_t, n),
        .query_of = ARENA_ARRAY(arena, size_t, n),
    };
    for (size_t i = 0; i < n; i++) {
        add_query(&gathering, i);
    }
    return gathering;
}

/* -- what comes of it -- */

static void refuse(struct evidence *evidence, enum error_kind kind, struct str problem)
{
    *evidence = (struct evidence){.problem = problem, .problem_kind = kind};
}

/* What is found out is only as good as the source. What can be seen to be wrong is not used. */
static void check_answer(const struct evidence_query *query, struct evidence *evidence)
{
    struct digest digest;
    struct str asked = query->reference->digest;
    if (evidence->digest.n > 0 && digest_parse(evidence->digest, &digest) != DIGEST_OK) {
        refuse(evidence, ERROR_EVIDENCE, STR("the answer has a digest that is none"));
    } else if (evidence->digest.n > 0 && asked.n > 0 && !str_eq(evidence->digest, asked)) {
        refuse(evidence, ERROR_EVIDENCE, STR("the answer is about another digest"));
    } else if (evidence->image != NULL &&
               (evidence->digest.n == 0 || !str_eq(evidence->image->digest, evidence->digest))) {
        refuse(evidence, ERROR_EVIDENCE, STR("the answer is about another image"));
    } else if (evidence->stale && (evidence->age > query->stale_for ||
                                   !error_kind_info(evidence->problem_kind)->silent)) {
        refuse(evidence, ERROR_EVIDENCE, STR("the answer is older than it may be"));
    }
}

/* What is said later of an image that has got its digest is no fresher than the digest. */
static void give(struct plan_image *image, const struct evidence *answer)
{
    struct evidence before = image->evidence;
    image->evidence = *answer;
    if (before.stale) {
        image->evidence.stale = true;
        image->evidence.age = before.age;
    }
    if (before.stale && answer->problem.n == 0) {
        image->evidence.problem = before.problem;
        image->evidence.problem_kind = before.problem_kind;
    }
}

static void fail_all(struct gathering *gathering, const struct error *err)
{
    struct str text = arena_dup(gathering->arena, str_from(err->text));
    for (size_t i = 0; i < gathering->n; i++) {
        refuse(&gathering->answers[i], err->kind, text);
    }
}

static int64_t deadline_of(const struct evaluate_options *options)
{
    if (options->deadline == 0) {
        return 0;
    }
    int64_t left = options->deadline - clock_monotonic();
    return options->deadline - (left > 0 ? left / TIME_KEPT : 0);
}

static status ask_source(struct gathering *gathering, bool *ret_later, struct error *err)
{
    const struct evaluate_options *options = gathering->options;
    const struct evidence_source *source = options->source;
    if (source == NULL) {
        return error_set(err, ERROR_CONFIG, "no registry is asked here");
    }
    const struct evidence_round round = {
        .queries = gathering->queries,
        .n = gathering->n,
        .review = gathering->plan->review,
        .deadline = deadline_of(options),
        .room = gathering->room,
        .inline_only = options->inline_only,
    };
    bool later = false;
    TRY(source->gather(source->self, &round, gathering->arena, gathering->answers, &later, err));
    if (later && !options->inline_only) {
        return error_set(err, ERROR_INTERNAL, "the answer was put off");
    }
    *ret_later = later;
    return OK;
}

/* Ask, and give each image its answer. Returns false if it takes time. */
static bool ask(struct gathering *gathering)
{
    struct error err;
    bool later = false;
    if (failed(ask_source(gathering, &later, &err))) {
        fail_all(gathering, &err);
    }
    if (later) {
        return false;
    }
    for (size_t i = 0; i < gathering->n; i++) {
        check_answer(&gathering->queries[i], &gathering->answers[i]);
    }
    for (size_t i = 0; i < gathering->plan->n_images; i++) {
        if (gathering->query_of[i] != SIZE_MAX) {
            give(&gathering->plan->images[i], &gathering->answers[gathering->query_of[i]]);
        }
    }
    return true;
}

static bool has_unasked(const struct plan *plan)
{
    for (size_t i = 0; i < plan->n_images; i++) {
        if (unasked(&plan->images[i]) != 0) {
            return true;
        }
    }
    return false;
}

bool gather(struct plan *plan, const struct evaluate_options *options, struct arena *arena)
{
    if (has_unasked(plan) && policy_is_denied(plan, arena)) {
        plan->unasked = true;
        return true;
    }
    size_t room = LIMIT_EVIDENCE;
    for (int round = 0; round < ROUNDS_MAX && has_unasked(plan); round++) {
        struct gathering gathering = list_queries(plan, options, arena);
        gathering.room = room;
        size_t before = arena->used;
        if (!ask(&gathering)) {
            return false;
        }
        size_t took = arena->used - before;
        room -= took < room ? took : room;
        policy_pin(plan, arena);
    }
    policy_judge_evidence(plan, arena);
    return true;
}
