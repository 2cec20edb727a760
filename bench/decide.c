/* The cost of a review in process, stage by stage: no socket, no TLS, no log.
 *
 * usage: decide POLICIES REVIEWS ROUNDS
 *   POLICIES  a file or directory, as for `pratique review --policy`
 *   REVIEWS   a file with one AdmissionReview a line
 *   ROUNDS    how often to go through all of them; as many again by a tenth go before, unmeasured
 *
 * Prints one JSON object: nanoseconds per review of each stage as p50, p99 and p99.9 over all
 * reviews and rounds, what loading the policies took, what they keep, and how many calls for memory
 * a review makes and for how many bytes, if count_malloc is preloaded. Reviews are gone through in
 * turn, so that each finds the caches as the others left them. */
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "evaluate/evaluate.h"
#include "policy/policy.h"
#include "review/review.h"
#include "json/diagnostic.h"
#include "json/doc.h"

enum stage { PARSE, DECODE, DECIDE, ENCODE, STAGES };

static const char *const STAGE_NAMES[STAGES] = {"parse", "decode", "decide", "encode"};

extern uint64_t count_malloc_calls(void) __attribute__((weak));
extern uint64_t count_malloc_bytes(void) __attribute__((weak));

struct bench {
    struct arena files; /* policies' diagnostics and the reviews' bytes */
    struct policy_set *set;
    const struct kinds *kinds;
    struct str *reviews;
    size_t n_reviews;
    struct arena arena; /* of the review at hand */
    struct buf response;
    int64_t now;
    uint64_t allowed, answered;
    double load_ms;
    size_t kept_bytes;
};

_Noreturn static void stop(const char *what, const struct error *err)
{
    fprintf(stderr, "decide: %s: %s\n", what, err->text);
    exit(1);
}

static void load_policies(struct bench *bench, const char *path)
{
    struct diagnostics list;
    struct error err;
    diagnostics_init(&list, &bench->files);
    const struct policy_options options = {.allow_uncovered = true, .now = bench->now};
    struct mallinfo2 before = mallinfo2();
    int64_t start = clock_monotonic();
    if (failed(policy_load(&path, 1, &options, &list, &bench->set, &err))) {
        buf_auto text;
        buf_init(&text, MIB);
        diagnostics_print(&list, &text);
        fprintf(stderr, "%.*s", STR_ARG(buf_str(&text)));
        stop(path, &err);
    }
    bench->load_ms = (double)(clock_monotonic() - start) / (double)NS_PER_MS;
    struct mallinfo2 after = mallinfo2();
    bench->kept_bytes = after.uordblks + after.hblkhd - before.uordblks - before.hblkhd;
}

static void load_reviews(struct bench *bench, const char *path)
{
    struct error err;
    struct str rest;
    if (failed(file_read(&bench->files, path, LIMIT_MANIFEST_FILE, &rest, &err))) {
        stop("reviews", &err);
    }
    bench->reviews = ARENA_ARRAY(&bench->files, struct str, LIMIT_MANIFEST_FILES);
    while (rest.n > 0 && bench->n_reviews < LIMIT_MANIFEST_FILES) {
        struct str line;
        str_cut(rest, '\n', &line, &rest);
        bench->reviews[bench->n_reviews++] = line;
    }
}

/* One review from bytes to bytes; the clock is read between the stages. */
static void judge(struct bench *bench, struct str text, int64_t times[STAGES + 1])
{
    struct error err;
    json_doc_auto doc = {.root = NULL};
    struct review review;
    struct decision decision;
    struct review_answer answer;
    const struct evaluate_options options = {.now = bench->now};
    arena_reset(&bench->arena);
    buf_clear(&bench->response);
    times[PARSE] = clock_monotonic();
    if (failed(json_parse(text, JSON_WITHOUT_MARKS, &doc, &err))) {
        stop("parse", &err);
    }
    times[DECODE] = clock_monotonic();
    if (failed(review_decode(&bench->arena, bench->kinds, &doc, false, &review, &err))) {
        stop("decode", &err);
    }
    times[DECIDE] = clock_monotonic();
    if (failed(evaluate_review(bench->set, &review, &options, &bench->arena, &decision, &answer,
                               &err))) {
        stop("decide", &err);
    }
    times[ENCODE] = clock_monotonic();
    review_encode(&review, &answer, &bench->response);
    times[STAGES] = clock_monotonic();
    bench->allowed += answer.allowed ? 1 : 0;
    bench->answered += buf_str(&bench->response).n;
}

struct samples {
    uint32_t *ns[STAGES + 1]; /* the last: all stages together */
    size_t n;
};

static void take_sample(struct samples *samples, const int64_t times[STAGES + 1])
{
    for (size_t i = 0; i < STAGES; i++) {
        samples->ns[i][samples->n] = (uint32_t)(times[i + 1] - times[i]);
    }
    samples->ns[STAGES][samples->n] = (uint32_t)(times[STAGES] - times[0]);
    samples->n++;
}

static void go_through(struct bench *bench, uint64_t rounds, struct samples *samples)
{
    int64_t times[STAGES + 1];
    for (uint64_t round = 0; round < rounds; round++) {
        for (size_t i = 0; i < bench->n_reviews; i++) {
            judge(bench, bench->reviews[i], times);
            if (samples != NULL) {
                take_sample(samples, times);
            }
        }
    }
}

struct memory {
    uint64_t calls, bytes;
};

static struct memory asked_for(void)
{
    return count_malloc_calls == NULL ? (struct memory){0}
                                      : (struct memory){count_malloc_calls(), count_malloc_bytes()};
}

static int by_size(const void *a, const void *b)
{
    uint32_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

static void print_stage(const char *name, uint32_t *ns, size_t n)
{
    qsort(ns, n, sizeof *ns, by_size);
    printf("\"%s\": {\"p50_ns\": %" PRIu32 ", \"p99_ns\": %" PRIu32 ", \"p999_ns\": %" PRIu32
           ", \"max_ns\": %" PRIu32 "}, ",
           name, ns[n / 2], ns[n * 99 / 100], ns[n * 999 / 1000], ns[n - 1]);
}

static void print(struct bench *bench, struct samples *samples, struct memory memory)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    struct policy_counts counts;
    policy_set_counts(bench->set, &counts);
    printf("{");
    for (size_t i = 0; i < STAGES; i++) {
        print_stage(STAGE_NAMES[i], samples->ns[i], samples->n);
    }
    print_stage("all", samples->ns[STAGES], samples->n);
    printf("\"policies\": %zu, \"indexed\": %zu, \"load_ms\": %.3f, \"kept_bytes\": %zu, "
           "\"peak_rss_kb\": %ld, ",
           counts.policies, counts.indexed, bench->load_ms, bench->kept_bytes, usage.ru_maxrss);
    double n = (double)samples->n;
    printf("\"reviews\": %zu, \"samples\": %zu, \"allowed\": %.4f, \"answer_bytes\": %.1f",
           bench->n_reviews, samples->n, (double)bench->allowed / n, (double)bench->answered / n);
    if (count_malloc_calls != NULL) {
        printf(", \"allocations\": %.2f, \"allocated_bytes\": %.0f", (double)memory.calls / n,
               (double)memory.bytes / n);
    }
    printf("}\n");
}

int main(int argc, char **argv)
{
    uint64_t rounds = 0;
    if (argc != 4 || !str_parse_u64(str_from(argv[3]), 1000, &rounds) || rounds == 0) {
        fputs("usage: decide POLICIES REVIEWS ROUNDS (1 to 1000)\n", stderr);
        return 2;
    }
    struct error err;
    struct bench bench = {.now = clock_wall()};
    arena_init(&bench.files, LIMIT_MANIFEST_FILE + MIB);
    arena_init(&bench.arena, LIMIT_REVIEW_ARENA);
    buf_init(&bench.response, LIMIT_BODY);
    load_policies(&bench, argv[1]);
    load_reviews(&bench, argv[2]);
    if (failed(kinds_build(&bench.files, NULL, 0, NULL, 0, &bench.kinds, &err))) {
        stop("kinds", &err);
    }
    struct samples samples = {.n = 0};
    for (size_t i = 0; i <= STAGES; i++) {
        samples.ns[i] = reallocarray(NULL, rounds * bench.n_reviews, sizeof(uint32_t));
        ENSURE(samples.ns[i] != NULL);
    }
    go_through(&bench, rounds / 10 + 1, NULL);
    bench.allowed = bench.answered = 0;
    struct memory before = asked_for();
    go_through(&bench, rounds, &samples);
    struct memory after = asked_for();
    print(&bench, &samples,
          (struct memory){after.calls - before.calls, after.bytes - before.bytes});
    for (size_t i = 0; i <= STAGES; i++) {
        free(samples.ns[i]);
    }
    policy_set_unref(bench.set);
    buf_done(&bench.response);
    arena_done(&bench.arena);
    arena_done(&bench.files);
    return 0;
}
