/* Policies, and a review to judge by them, decided by the program and by oracles that look at
 * everything without an index. An input is one of two:
 *
 * - a line of letters, lines of images, and from the first line "---" on, policies as they are.
 *   Letters: c CRI-O, a uncovered images allowed, m mutate, i an ImageReview, n no namespace, u an
 *   update, d a deletion, o a user and labels are not known, l labels are, s labels of the
 *   namespace are. "=" before an image: it is unchanged;
 * - "dice", and bytes by which policies and reviews of the tests' model are rolled. */
#include "../tests/unit/evaluate/subject.h"
#include "../tests/unit/policy/oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 256 * MIB, INPUT_MAX = 4 * KIB, SUBJECTS_MAX = 6, REVIEWS_MAX = 4 };

/* -- policies as text -- */

struct question {
    struct str letters;
    struct review_image images[SUBJECTS_MAX];
    struct json_doc labels;
    struct review review;
    bool mutate;
};

static bool has_letter(const struct question *question, char letter)
{
    return str_find(question->letters, letter) < question->letters.n;
}

static struct str next_line(struct str *text)
{
    struct str line = *text, rest = STR_EMPTY;
    (void)str_cut(*text, '\n', &line, &rest);
    *text = rest;
    return line;
}

/* Read the letters and the images. Returns the policies. */
static struct str read_question(struct str text, struct question *question)
{
    struct review *review = &question->review;
    question->letters = next_line(&text);
    while (text.n > 0 && !str_starts(text, STR("---"))) {
        struct str line = next_line(&text);
        if (review->n_images < SUBJECTS_MAX) {
            bool unchanged = str_starts(line, STR("="));
            question->images[review->n_images++] = (struct review_image){
                .text = str_sub(line, unchanged ? 1 : 0, line.n),
                .path = STR("spec.containers[0].image"),
                .unchanged = unchanged,
            };
        }
    }
    return text;
}

static enum review_operation operation_of(const struct question *question)
{
    if (has_letter(question, 'i')) {
        return REVIEW_OPERATION_UNKNOWN;
    }
    if (has_letter(question, 'd')) {
        return REVIEW_DELETE;
    }
    return has_letter(question, 'u') ? REVIEW_UPDATE : REVIEW_CREATE;
}

static void ask(struct question *question)
{
    struct review *review = &question->review;
    parse_json(STR("{\"team\":\"a\",\"env\":\"prod\"}"), &question->labels);
    review->api = has_letter(question, 'i') ? REVIEW_IMAGE_V1ALPHA1 : REVIEW_ADMISSION_V1;
    review->operation = operation_of(question);
    review->kind = STR("Pod");
    review->namespace = has_letter(question, 'n') ? STR_EMPTY : STR("shop");
    review->user_known = !has_letter(question, 'o');
    review->user = STR("alice");
    review->labels_known = !has_letter(question, 'o');
    review->labels = has_letter(question, 'l') ? question->labels.root : NULL;
    review->namespace_labels_known = has_letter(question, 's');
    review->namespace_labels = question->labels.root;
    review->images = question->images;
    question->mutate = has_letter(question, 'm');
}

static struct policy_set *load(const struct question *question, struct str text,
                               struct arena *arena)
{
    struct diagnostics list;
    diagnostics_init(&list, arena);
    const struct policy_options options = {
        .now = MODEL_NOW,
        .allow_uncovered = has_letter(question, 'a'),
        .runtime = has_letter(question, 'c') ? POLICY_RUNTIME_CRIO : POLICY_RUNTIME_CONTAINERD,
    };
    struct policy_set *set = NULL;
    struct error err;
    return failed(policy_parse(STR("p"), text, &options, &list, &set, &err)) ? NULL : set;
}

/* Decide; the plan, the texts and the verdict are those of a scan of everything. */
static void judge(const struct policy_set *set, const struct review *review, bool rewrite,
                  struct plan *plan, struct decision *decision, struct arena *arena)
{
    policy_select(set, review, MODEL_NOW, rewrite, arena, plan);
    policy_judge_evidence(plan, arena);
    policy_decide(plan, arena, decision);
    ENSURE(decision->verdict == oracle_decide(set, review, MODEL_NOW, rewrite, arena));
    ENSURE(oracle_same_plan(plan, MODEL_NOW, arena));
    for (size_t i = 0; i < plan->n_images; i++) {
        struct str text = plan->images[i].image->text;
        text = rewrite ? oracle_text(set, review, text, arena) : text;
        ENSURE(str_eq(plan->images[i].text, text));
    }
}

/* An admission follows from the findings that the decision itself shows. */
static void check_decision(const struct decision *decision)
{
    size_t denials = 0;
    for (size_t i = 0; i < decision->n_violations; i++) {
        const struct violation *violation = &decision->violations[i];
        denials += violation->mode == POLICY_ENFORCE && violation->exception.n == 0;
        ENSURE(violation->message.n > 0 && violation->message.n <= LIMIT_MESSAGE);
        ENSURE(str_ends(violation->message, violation->reason));
    }
    ENSURE(denials <= decision->n_denials);
    ENSURE((decision->verdict == VERDICT_ALLOW) == (decision->n_denials == 0));
}

static bool resolves(const struct policy_set *set)
{
    for (size_t i = 0; i < set->n_policies; i++) {
        if (set->policies[i]->resolve_digest) {
            return true;
        }
    }
    return false;
}

/* What was rewritten and is asked again stays, and is judged as before, also by a validating
 * webhook, which rewrites nothing; but that one does not mind a digest that could not be had. */
static void judge_again(const struct policy_set *set, const struct question *question,
                        const struct plan *first, enum verdict verdict, struct arena *arena)
{
    struct review_image images[SUBJECTS_MAX];
    struct review review = question->review;
    review.images = images;
    review.n_images = first->n_images;
    for (size_t i = 0; i < first->n_images; i++) {
        images[i] = *first->images[i].image;
        images[i].text = first->images[i].text;
    }
    for (int rewrite = resolves(set) ? 1 : 0; rewrite < 2; rewrite++) {
        struct plan plan;
        struct decision decision;
        judge(set, &review, rewrite == 1, &plan, &decision, arena);
        ENSURE(decision.verdict == verdict);
        for (size_t i = 0; i < decision.n_images; i++) {
            ENSURE(!decision.images[i].rewritten);
        }
    }
}

static void judge_text(struct str text, struct arena *arena)
{
    struct question question = {0};
    struct str policies = read_question(text, &question);
    struct policy_set *set = load(&question, policies, arena);
    if (set == NULL) {
        return;
    }
    ask(&question);
    struct plan plan;
    struct decision decision;
    judge(set, &question.review, question.mutate, &plan, &decision, arena);
    check_decision(&decision);
    if (question.mutate) {
        judge_again(set, &question, &plan, decision.verdict, arena);
    }
    json_doc_done(&question.labels);
    policy_set_unref(set);
}

/* -- policies by dice -- */

static void judge_model(const struct policy_set *policies, const struct model_set *set,
                        const struct model_review *model)
{
    struct subject subject;
    make_subject(model, &subject);
    const struct evaluate_options options = {.now = MODEL_NOW, .mutate = model->mutate};
    struct decision decision;
    struct review_answer answer;
    struct totals totals = {0};
    struct error err;
    ENSURE(!failed(evaluate_review(policies, &subject.review, &options, &subject.arena, &decision,
                                   &answer, &err)));
    if (model->asks == ASKS_DELETE) {
        ENSURE(decision.verdict == VERDICT_ALLOW && answer.allowed);
    } else {
        ENSURE(compare_images(set, model, &decision, &subject.arena, &totals));
        ENSURE(answer_follows(&decision, &answer, model->mutate));
    }
    subject_done(&subject);
}

static void judge_dice(struct dice *dice, struct arena *arena)
{
    struct model_set set;
    buf_auto text;
    buf_init(&text, MIB);
    roll_set(dice, &set, &text);
    if (set.n == 0) {
        return;
    }
    struct policy_set *policies = NULL;
    ENSURE(!failed(load_model(buf_str(&text), &set, arena, &policies)));
    for (size_t i = 0; i < REVIEWS_MAX && dice->n > 0; i++) {
        struct model_review model = roll_review(dice);
        judge_model(policies, &set, &model);
    }
    policy_set_unref(policies);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct str DICE = {"dice", 4};
    struct str text = {(const char *)data, size};
    if (size > INPUT_MAX) {
        return 0;
    }
    arena_auto arena;
    arena_init(&arena, ROOM);
    if (str_starts(text, DICE)) {
        struct dice dice = {.bytes = data + DICE.n, .n = size - DICE.n};
        judge_dice(&dice, &arena);
    } else {
        judge_text(text, &arena);
    }
    return 0;
}
