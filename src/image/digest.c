#include "image/digest.h"

#include "image/chars.h"

static const struct {
    struct str name;
    size_t hex_digits;
} ALGORITHMS[] = {
    {STR("sha256"), 64},
    {STR("sha384"), 96},
    {STR("sha512"), 128},
};

/* The number of hex digits that the algorithm yields; 0 if it is not one of ours. */
static size_t hex_digits(struct str algorithm)
{
    for (size_t i = 0; i < sizeof ALGORITHMS / sizeof *ALGORITHMS; i++) {
        if (str_eq(algorithm, ALGORITHMS[i].name)) {
            return ALGORITHMS[i].hex_digits;
        }
    }
    return 0;
}

/* algorithm ::= component (separator component)*, component ::= [a-z0-9]+, separator ::= [+._-] */
static bool is_algorithm_shape(struct str algorithm)
{
    bool after_separator = true;
    for (size_t i = 0; i < algorithm.n; i++) {
        char c = algorithm.p[i];
        if (char_is_lower(c) || char_is_digit(c)) {
            after_separator = false;
        } else if (!after_separator && (c == '+' || c == '.' || c == '_' || c == '-')) {
            after_separator = true;
        } else {
            return false;
        }
    }
    return !after_separator;
}

/* encoded ::= [a-zA-Z0-9=_-]+ */
static bool is_encoded_shape(struct str encoded)
{
    for (size_t i = 0; i < encoded.n; i++) {
        char c = encoded.p[i];
        if (!char_is_alnum(c) && c != '=' && c != '_' && c != '-') {
            return false;
        }
    }
    return encoded.n > 0;
}

enum digest_error digest_parse(struct str text, struct digest *ret_digest)
{
    struct digest digest;
    if (text.n == 0 || !str_cut(text, ':', &digest.algorithm, &digest.hex) || digest.hex.n == 0) {
        return DIGEST_FORMAT;
    }
    size_t expected = hex_digits(digest.algorithm);
    if (expected == 0) {
        bool shaped = is_algorithm_shape(digest.algorithm) && is_encoded_shape(digest.hex);
        return shaped ? DIGEST_UNSUPPORTED : DIGEST_FORMAT;
    }
    if (digest.hex.n != expected) {
        return DIGEST_LENGTH;
    }
    if (!chars_are_lower_hex(digest.hex)) {
        return DIGEST_FORMAT;
    }
    *ret_digest = digest;
    return DIGEST_OK;
}

const char *digest_error_text(enum digest_error error)
{
    switch (error) {
    case DIGEST_OK:
        return "is sound";
    case DIGEST_FORMAT:
        return "is malformed: an algorithm, \":\" and lower-case hex digits are expected";
    case DIGEST_LENGTH:
        return "has the wrong length: sha256 has 64 hex digits, sha384 96, sha512 128";
    case DIGEST_UNSUPPORTED:
        return "has an unknown algorithm: sha256, sha384 and sha512 are known";
    }
    fatal("digest_error_text: %d is no digest_error", (int)error);
}

bool digest_is_algorithm(struct str name)
{
    return hex_digits(name) != 0;
}
