/* Ed25519ph, which OpenSSL has since 3.2 only, while long-lived systems have 3.0. Only
 * verification, which knows no secret: nothing here needs to take the same time for every input. */
#include <openssl/bn.h>
#include <openssl/err.h>

#include "crypto/key.h"

enum { HALF = 32, DIGEST = 64, BITS = 256 };

/* The curve, once per call: primes and the base point, and room for what is computed. */
struct field {
    BN_CTX *room;
    BIGNUM *p, *d, *order;
};

/* A point in extended coordinates: x = X/Z, y = Y/Z, T = XY/Z. Their numbers are in the room. */
struct point {
    BIGNUM *x, *y, *z, *t;
};

static BIGNUM *number(struct field *f)
{
    BIGNUM *n = BN_CTX_get(f->room);
    ENSURE(n != NULL);
    return n;
}

static BIGNUM *from_hex(struct field *f, const char *hex)
{
    BIGNUM *n = number(f);
    ENSURE(BN_hex2bn(&n, hex) == (int)strlen(hex));
    return n;
}

static void multiply(struct field *f, BIGNUM *ret, const BIGNUM *a, const BIGNUM *b)
{
    ENSURE(BN_mod_mul(ret, a, b, f->p, f->room) == 1);
}

static void add(struct field *f, BIGNUM *ret, const BIGNUM *a, const BIGNUM *b)
{
    ENSURE(BN_mod_add_quick(ret, a, b, f->p) == 1);
}

static void subtract(struct field *f, BIGNUM *ret, const BIGNUM *a, const BIGNUM *b)
{
    ENSURE(BN_mod_sub_quick(ret, a, b, f->p) == 1);
}

static struct point new_point(struct field *f)
{
    return (struct point){number(f), number(f), number(f), number(f)};
}

/* r += q; also if both are the same. Spec: RFC 8032 section 5.1.4. */
static void add_point(struct field *f, struct point *r, const struct point *q)
{
    BN_CTX_start(f->room);
    BIGNUM *a = number(f), *b = number(f), *c = number(f), *d = number(f);
    BIGNUM *e = number(f), *g = number(f), *h = number(f), *i = number(f);
    subtract(f, a, r->y, r->x);
    subtract(f, e, q->y, q->x);
    multiply(f, a, a, e);
    add(f, b, r->y, r->x);
    add(f, e, q->y, q->x);
    multiply(f, b, b, e);
    multiply(f, c, r->t, q->t);
    add(f, c, c, c);
    multiply(f, c, c, f->d);
    multiply(f, d, r->z, q->z);
    add(f, d, d, d);
    subtract(f, e, b, a);
    subtract(f, g, d, c);
    add(f, h, d, c);
    add(f, i, b, a);
    multiply(f, r->x, e, g);
    multiply(f, r->y, h, i);
    multiply(f, r->t, e, i);
    multiply(f, r->z, g, h);
    BN_CTX_end(f->room);
}

/* Make a point of its y and the lowest bit of its x. Spec: RFC 8032 section 5.1.3. */
static bool recover(struct field *f, const BIGNUM *y, bool odd, struct point *ret)
{
    BIGNUM *u = number(f), *v = number(f), *x;
    if (BN_cmp(y, f->p) >= 0) {
        return false;
    }
    multiply(f, u, y, y);
    multiply(f, v, u, f->d);
    ENSURE(BN_mod_sub_quick(u, u, BN_value_one(), f->p) == 1);
    ENSURE(BN_mod_add_quick(v, v, BN_value_one(), f->p) == 1);
    ENSURE(BN_mod_inverse(v, v, f->p, f->room) != NULL); /* -1/d is no square: never 0 */
    multiply(f, u, u, v);
    *ret = new_point(f);
    x = BN_mod_sqrt(ret->x, u, f->p, f->room);
    if (x == NULL || (BN_is_zero(x) && odd)) {
        return false;
    }
    if ((BN_is_odd(x) != 0) != odd) {
        ENSURE(BN_sub(x, f->p, x) == 1);
    }
    ENSURE(BN_copy(ret->y, y) != NULL && BN_one(ret->z) == 1);
    multiply(f, ret->t, ret->x, ret->y);
    return true;
}

static bool decode_point(struct field *f, const unsigned char bytes[HALF], struct point *ret)
{
    BIGNUM *y = number(f);
    ENSURE(BN_lebin2bn(bytes, HALF, y) != NULL);
    bool odd = BN_is_bit_set(y, BITS - 1);
    BN_clear_bit(y, BITS - 1);
    return recover(f, y, odd, ret);
}

static void encode_point(struct field *f, const struct point *point, unsigned char ret[HALF])
{
    BIGNUM *x = number(f), *y = number(f), *inverse = number(f);
    ENSURE(BN_mod_inverse(inverse, point->z, f->p, f->room) != NULL);
    multiply(f, x, point->x, inverse);
    multiply(f, y, point->y, inverse);
    ENSURE(BN_bn2lebinpad(y, ret, HALF) == HALF);
    ret[HALF - 1] |= BN_is_odd(x) ? 0x80 : 0;
}

static void negate(struct field *f, struct point *point)
{
    BIGNUM *zero = number(f);
    BN_zero(zero);
    subtract(f, point->x, zero, point->x);
    subtract(f, point->t, zero, point->t);
}

/* a*p + b*q, both at once. */
static struct point combine(struct field *f, const BIGNUM *a, const struct point *p,
                            const BIGNUM *b, const struct point *q)
{
    struct point sum = new_point(f);
    BN_zero(sum.x);
    BN_zero(sum.t);
    ENSURE(BN_one(sum.y) == 1 && BN_one(sum.z) == 1);
    for (int i = BITS - 1; i >= 0; i--) {
        const struct point same = sum;
        add_point(f, &sum, &same);
        if (BN_is_bit_set(a, i)) {
            add_point(f, &sum, p);
        }
        if (BN_is_bit_set(b, i)) {
            add_point(f, &sum, q);
        }
    }
    return sum;
}

/* The number that key, message and the signature's first half give. */
static BIGNUM *challenge(struct field *f, const unsigned char *half, const unsigned char *key,
                         struct str digest)
{
    static const char DOM2[] = "SigEd25519 no Ed25519 collisions\1"; /* and a context's length */
    unsigned char sum[DIGEST];
    BIGNUM *k = number(f);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    ENSURE(context != NULL && EVP_DigestInit_ex(context, EVP_sha512(), NULL) == 1 &&
           EVP_DigestUpdate(context, DOM2, sizeof DOM2) == 1 &&
           EVP_DigestUpdate(context, half, HALF) == 1 &&
           EVP_DigestUpdate(context, key, HALF) == 1 &&
           EVP_DigestUpdate(context, digest.p, digest.n) == 1 &&
           EVP_DigestFinal_ex(context, sum, NULL) == 1);
    EVP_MD_CTX_free(context);
    ENSURE(BN_lebin2bn(sum, DIGEST, k) != NULL && BN_nnmod(k, k, f->order, f->room) == 1);
    return k;
}

/* Whether s*B - k*A is the point that the signature begins with. Spec: section 5.1.7. */
static bool equation_holds(struct field *f, const unsigned char *key, struct str digest,
                           const unsigned char *signature)
{
    struct point a, base;
    unsigned char encoded[HALF];
    BIGNUM *s = number(f);
    BIGNUM *y =
        from_hex(f, "6666666666666666666666666666666666666666666666666666666666666658"); /* 4/5 */
    ENSURE(BN_lebin2bn(signature + HALF, HALF, s) != NULL && recover(f, y, false, &base));
    if (BN_cmp(s, f->order) >= 0 || !decode_point(f, key, &a)) {
        return false;
    }
    negate(f, &a);
    struct point r = combine(f, s, &base, challenge(f, signature, key, digest), &a);
    encode_point(f, &r, encoded);
    return memcmp(encoded, signature, HALF) == 0;
}

bool ed25519ph_verify(const struct public_key *key, struct str digest, struct str signature)
{
    unsigned char bytes[HALF];
    size_t n = sizeof bytes;
    if (signature.n != 2 * HALF || digest.n != DIGEST ||
        EVP_PKEY_get_raw_public_key(key->pkey, bytes, &n) != 1 || n != HALF) {
        return false;
    }
    struct field f = {.room = BN_CTX_new()};
    ENSURE(f.room != NULL);
    BN_CTX_start(f.room);
    f.p = from_hex(&f, "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed");
    f.d = from_hex(&f, "52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3");
    f.order = from_hex(&f, "1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed");
    bool holds = equation_holds(&f, bytes, digest, (const unsigned char *)signature.p);
    BN_CTX_end(f.room);
    BN_CTX_free(f.room);
    return holds;
}
