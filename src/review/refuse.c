/* A denial of a review of which only the beginning is there. */
#include "review/review.h"

/* Cut `c`, and white space before it, off the text. */
static bool take_char(struct str *text, char c)
{
    *text = str_trim(*text);
    bool there = text->n > 0 && *text->p == c;
    *text = str_sub(*text, there, text->n);
    return there;
}

/* Cut a string off the text. One with an escape is none that is looked for. */
static bool take_string(struct str *text, struct str *ret_string)
{
    if (!take_char(text, '"')) {
        return false;
    }
    size_t end = str_find(*text, '"');
    *ret_string = str_sub(*text, 0, end);
    bool whole = end < text->n && str_find(*ret_string, '\\') == ret_string->n;
    *text = str_sub(*text, end + 1, text->n);
    return whole;
}

static bool take_version(struct str value, struct review *review)
{
    bool beta = str_eq(value, STR("admission.k8s.io/v1beta1"));
    review->api = beta ? REVIEW_ADMISSION_V1BETA1 : REVIEW_ADMISSION_V1;
    return beta || str_eq(value, STR("admission.k8s.io/v1"));
}

/* Read `{"kind":…,"apiVersion":…,"request":{"uid":…` in the order in which API servers write it. */
static bool read_beginning(struct str text, struct review *review)
{
    bool kind = false, version = false;
    struct str name, value;
    if (!take_char(&text, '{')) {
        return false;
    }
    while (take_string(&text, &name) && take_char(&text, ':')) {
        if (str_eq(name, STR("request"))) {
            return kind && version && take_char(&text, '{') && take_string(&text, &name) &&
                   str_eq(name, STR("uid")) && take_char(&text, ':') &&
                   take_string(&text, &review->uid) && review->uid.n > 0 && take_char(&text, ',');
        }
        if (!take_string(&text, &value) || !take_char(&text, ',')) {
            return false;
        }
        kind = kind || (str_eq(name, STR("kind")) && str_eq(value, STR("AdmissionReview")));
        version = version || (str_eq(name, STR("apiVersion")) && take_version(value, review));
    }
    return false;
}

bool review_refuse(struct str beginning, bool image_review, struct str message, struct buf *buf)
{
    struct review review = {.api = REVIEW_IMAGE_V1ALPHA1};
    if (!image_review && !read_beginning(beginning, &review)) {
        return false;
    }
    const struct review_answer answer = {.allowed = false, .message = message};
    review_encode(&review, &answer, buf);
    return true;
}
