#pragma once
/* Keys of the tests' own repository, and signatures by them, made with OpenSSL. A key is named by a
 * digit, '0' to 'f'; its id is "k" and the digit. */
#include "base/str.h"

/* Make all of them Ed25519 again. */
void keys_reset(void);

/* Make one of another kind: "P-256", "P-384", "RSA". Its value is `value` if that is not NULL, or
 * what its kind has ("PEM"; "POINT": in hexadecimal), with keytype and scheme as told. */
void keys_make(char digit, const char *kind, const char *value, const char *keytype,
               const char *scheme);

/* Make one the same as another, under its own id. */
void keys_copy(char digit, char of);

/* It as a member of "keys", in canonical form. Lives in the test's arena. */
struct str keys_member(char digit);

/* The public half: as hexadecimal digits of Ed25519 or of a point, or in PEM. */
struct str keys_digits(char digit);
struct str keys_pem(char digit);

/* The hexadecimal digits of a signature. */
struct str keys_sign(char digit, struct str message);
