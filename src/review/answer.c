#include "review/review.h"

#include <string.h>

#include "base/utf8.h"

/* -- text made fit -- */

#define ELLIPSIS "\xe2\x80\xa6"

struct text_room {
    char p[LIMIT_MESSAGE];
};

_Static_assert(LIMIT_WARNING_TEXT <= LIMIT_MESSAGE, "a warning is cut in the room of a message");

/* `s` itself if it has at most `max` bytes, otherwise its beginning with an ellipsis, in `room`. */
static struct str cut_text(struct str s, size_t max, struct text_room *room)
{
    if (s.n <= max) {
        return s;
    }
    size_t keep = utf8_cut(s.p, s.n, max - strlen(ELLIPSIS));
    memcpy(room->p, s.p, keep);
    memcpy(room->p + keep, ELLIPSIS, strlen(ELLIPSIS));
    return (struct str){room->p, keep + strlen(ELLIPSIS)};
}

/* Control characters, those of Latin-1 too, would make the API server drop the whole warning.
 * Spec: apimachinery NewWarningHeader. */
static struct str make_warning(struct str s, struct text_room *room)
{
    struct text_room cut_room;
    struct str cut = cut_text(s, LIMIT_WARNING_TEXT, &cut_room);
    size_t n = 0;
    for (size_t i = 0; i < cut.n; i++) {
        unsigned char c = (unsigned char)cut.p[i];
        unsigned char next = i + 1 < cut.n ? (unsigned char)cut.p[i + 1] : 0;
        bool latin_control = c == 0xc2 && next >= 0x80 && next < 0xa0;
        room->p[n++] = c < 0x20 || c == 0x7f || latin_control ? ' ' : cut.p[i];
        i += latin_control;
    }
    return (struct str){room->p, n};
}

/* Spec: the name part of a qualified name, apimachinery IsQualifiedName. */
static bool is_annotation_key(struct str key)
{
    for (size_t i = 0; i < key.n; i++) {
        char c = key.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        bool inside = i > 0 && i + 1 < key.n && (c == '-' || c == '_' || c == '.');
        if (!letter && !inside) {
            return false;
        }
    }
    return key.n > 0 && key.n <= 63;
}

/* -- the parts of an answer -- */

static void add_message(struct buf *buf, struct str message)
{
    struct text_room room __attribute__((uninitialized));
    buf_add_json(buf, cut_text(message, LIMIT_MESSAGE, &room));
}

static struct str message_of(const struct review_answer *answer)
{
    return answer->message.n > 0 ? answer->message : STR("denied by image policy");
}

/* Spec: k8s.io/apimachinery meta/v1 StatusDetails; kubectl prints the causes of what is invalid. */
static void add_causes(struct buf *buf, const struct review *review,
                       const struct review_answer *answer)
{
    size_t n = answer->n_causes < LIMIT_VIOLATIONS ? answer->n_causes : LIMIT_VIOLATIONS;
    if (n == 0) {
        return;
    }
    buf_add_cstr(buf, ",\"details\":{");
    if (answer->invalid) {
        buf_add_cstr(buf, "\"group\":");
        buf_add_json(buf, review->group);
        buf_add_cstr(buf, ",\"kind\":");
        buf_add_json(buf, review->kind);
        buf_add_cstr(buf, ",\"name\":");
        buf_add_json(buf, review->name);
        buf_add_char(buf, ',');
    }
    for (size_t i = 0; i < n; i++) {
        buf_add_cstr(buf, i == 0 ? "\"causes\":[" : ",");
        buf_add_cstr(buf, answer->invalid ? "{\"reason\":\"FieldValueInvalid\",\"message\":"
                                          : "{\"reason\":\"ImagePolicyViolation\",\"message\":");
        add_message(buf, answer->causes[i].message);
        buf_add_cstr(buf, ",\"field\":");
        buf_add_json(buf, answer->causes[i].field);
        buf_add_char(buf, '}');
    }
    buf_add_cstr(buf, "]}");
}

static void add_status(struct buf *buf, const struct review *review,
                       const struct review_answer *answer)
{
    buf_add_cstr(buf, ",\"status\":{\"status\":\"Failure\",");
    buf_add_cstr(buf, answer->invalid ? "\"code\":422,\"reason\":\"Invalid\",\"message\":"
                                      : "\"code\":403,\"reason\":\"Forbidden\",\"message\":");
    add_message(buf, message_of(answer));
    add_causes(buf, review, answer);
    buf_add_char(buf, '}');
}

static void add_annotations(struct buf *buf, const struct review_answer *answer)
{
    bool any = false;
    for (size_t i = 0; i < answer->n_annotations; i++) {
        if (is_annotation_key(answer->annotations[i].key)) {
            buf_add_cstr(buf, any ? "," : ",\"auditAnnotations\":{");
            buf_add_json(buf, answer->annotations[i].key);
            buf_add_char(buf, ':');
            add_message(buf, answer->annotations[i].value);
            any = true;
        }
    }
    if (any) {
        buf_add_char(buf, '}');
    }
}

static void add_warnings(struct buf *buf, const struct review_answer *answer)
{
    bool all = answer->n_warnings <= LIMIT_WARNINGS;
    size_t n = all ? answer->n_warnings : LIMIT_WARNINGS - 1; /* the last says how many are left */
    for (size_t i = 0; i < n; i++) {
        struct text_room room;
        buf_add_cstr(buf, i == 0 ? ",\"warnings\":[" : ",");
        buf_add_json(buf, make_warning(answer->warnings[i], &room));
    }
    if (!all) {
        buf_printf(buf, ",\"and %zu more warnings\"", answer->n_warnings - n);
    }
    if (n > 0) {
        buf_add_char(buf, ']');
    }
}

/* The API server takes a patch on DELETE, or beside a denial, for an error of the webhook. */
static void add_patch(struct buf *buf, const struct review *review,
                      const struct review_answer *answer)
{
    bool may = review->operation == REVIEW_CREATE || review->operation == REVIEW_UPDATE;
    if (answer->patch.n > 0 && answer->allowed && may) {
        buf_add_cstr(buf, ",\"patchType\":\"JSONPatch\",\"patch\":\"");
        buf_add_base64(buf, answer->patch);
        buf_add_char(buf, '"');
    }
}

/* -- the answers -- */

static void encode_admission(const struct review *review, const struct review_answer *answer,
                             struct buf *buf)
{
    buf_add_cstr(buf, review->api == REVIEW_ADMISSION_V1
                          ? "{\"apiVersion\":\"admission.k8s.io/v1\""
                          : "{\"apiVersion\":\"admission.k8s.io/v1beta1\"");
    buf_add_cstr(buf, ",\"kind\":\"AdmissionReview\",\"response\":{\"uid\":");
    buf_add_json(buf, review->uid);
    buf_add_cstr(buf, answer->allowed ? ",\"allowed\":true" : ",\"allowed\":false");
    if (!answer->allowed) {
        add_status(buf, review, answer);
    }
    add_patch(buf, review, answer);
    add_annotations(buf, answer);
    add_warnings(buf, answer);
    buf_add_cstr(buf, "}}\n");
}

static void encode_image_review(const struct review_answer *answer, struct buf *buf)
{
    buf_add_cstr(buf, "{\"apiVersion\":\"imagepolicy.k8s.io/v1alpha1\",\"kind\":\"ImageReview\","
                      "\"status\":{\"allowed\":");
    buf_add_cstr(buf, answer->allowed ? "true" : "false");
    if (!answer->allowed) {
        buf_add_cstr(buf, ",\"reason\":");
        add_message(buf, message_of(answer));
    }
    add_annotations(buf, answer);
    buf_add_cstr(buf, "}}\n");
}

void review_encode(const struct review *review, const struct review_answer *answer, struct buf *buf)
{
    switch (review->api) {
    case REVIEW_ADMISSION_V1:
    case REVIEW_ADMISSION_V1BETA1:
        encode_admission(review, answer, buf);
        return;
    case REVIEW_IMAGE_V1ALPHA1:
        encode_image_review(answer, buf);
        return;
    case REVIEW_MANIFEST:
        return;
    }
    fatal("a review of no API: %d", (int)review->api);
}
