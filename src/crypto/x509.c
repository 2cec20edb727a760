#include "crypto/x509.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/hex.h"
#include "base/limits.h"
#include "crypto/der.h"
#include "crypto/key.h"
#include "crypto/pem.h"
#include "crypto/x509_own.h"

/* Bytes, lists and texts of the largest: names in RFC 2253 have up to four characters for a byte.
 */
enum { ARENA_MAX = 512 * 1024 };

/* -- reading -- */

static struct str name_text(struct arena *arena, const X509_NAME *name)
{
    bio_auto *bio = BIO_new(BIO_s_mem());
    ENSURE(bio != NULL);
    if (X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) <
        0) {
        return STR("?");
    }
    return crypto_written(arena, bio);
}

/* OpenSSL's reading of the same bytes, with what it keeps beside them made now: later calls only
 * read. */
static status read_x509(struct str der, X509 **ret_x509, struct error *err)
{
    const unsigned char *p = (const unsigned char *)der.p;
    X509 *x509 = d2i_X509(NULL, &p, (long)der.n);
    if (x509 == NULL) {
        return crypto_failed(ERROR_INPUT, "certificate", err);
    }
    *ret_x509 = x509;
    if (X509_check_purpose(x509, -1, 0) != 1 ||
        (X509_get_extension_flags(x509) & EXFLAG_INVALID) != 0) {
        return crypto_failed(ERROR_INPUT, "certificate: malformed extensions", err);
    }
    return OK;
}

/* A key that is refused stays so until somebody asks for it. */
static struct public_key *read_key(const struct x509_certificate *it)
{
    struct error err;
    struct public_key *key = NULL;
    EVP_PKEY *pkey = X509_get0_pubkey(it->x509);
    status st = pkey == NULL ? FAILED : public_key_make(it->parts.spki, pkey, &key, &err);
    ERR_clear_error();
    return failed(st) ? NULL : key;
}

static status read_all(struct x509_certificate *it, struct str der, struct error *err)
{
    it->facts.der = arena_dup(&it->arena, der);
    TRY(x509_read_parts(&it->arena, it->facts.der, it, err));
    TRY(x509_read_extensions(it, err));
    TRY(read_x509(it->facts.der, &it->x509, err));
    it->key = read_key(it);
    it->facts.subject = name_text(&it->arena, X509_get_subject_name(it->x509));
    it->facts.issuer = name_text(&it->arena, X509_get_issuer_name(it->x509));
    it->facts.self_issued = str_eq(it->parts.subject, it->parts.issuer);
    it->facts.serial = hex_encode(&it->arena, it->parts.serial);
    ERR_clear_error();
    return OK;
}

status x509_read_der(struct str der, struct x509_certificate **ret_certificate, struct error *err)
{
    if (der.n > LIMIT_CERTIFICATE) {
        return error_set(err, ERROR_LIMIT, "certificate larger than %u bytes", LIMIT_CERTIFICATE);
    }
    struct x509_certificate *it = calloc(1, sizeof *it);
    ENSURE(it != NULL);
    arena_init(&it->arena, ARENA_MAX);
    if (failed(read_all(it, der, err))) {
        x509_free(it);
        return FAILED;
    }
    *ret_certificate = it;
    return OK;
}

void x509_free(struct x509_certificate *certificate)
{
    if (certificate != NULL) {
        X509_free(certificate->x509);
        public_key_free(certificate->key);
        arena_done(&certificate->arena);
        free(certificate);
    }
}

/* -- lists -- */

static status read_next(struct arena *arena, struct str *pem, struct x509_list *list,
                        struct error *err)
{
    struct pem_block block;
    TRY(pem_next(arena, pem, &block, err));
    if (block.label.n == 0) {
        return OK;
    }
    if (!str_eq(block.label, STR("CERTIFICATE"))) {
        return error_set(err, ERROR_INPUT, "certificates: the PEM has a %.*s",
                         STR_ARG(block.label));
    }
    if (list->n == LIMIT_CERTIFICATES) {
        return error_set(err, ERROR_LIMIT, "more than %u certificates", LIMIT_CERTIFICATES);
    }
    TRY(x509_read_der(block.bytes, &list->items[list->n], err));
    list->n++;
    return OK;
}

static status read_blocks(struct str pem, struct x509_list *list, struct error *err)
{
    arena_auto arena;
    arena_init(&arena, 4 * (size_t)LIMIT_BUNDLE * LIMIT_CERTIFICATES);
    while (pem.n > 0) {
        TRY(read_next(&arena, &pem, list, err));
    }
    return list->n > 0 ? OK : error_set(err, ERROR_INPUT, "no certificates in PEM");
}

status x509_read_pem(struct str pem, struct x509_list *ret_list, struct error *err)
{
    if (pem.n > LIMIT_BUNDLE) {
        return error_set(err, ERROR_LIMIT, "certificates larger than %u bytes", LIMIT_BUNDLE);
    }
    struct x509_list list = {.items = calloc(LIMIT_CERTIFICATES, sizeof *list.items)};
    ENSURE(list.items != NULL);
    if (failed(read_blocks(pem, &list, err))) {
        x509_list_free(&list);
        return FAILED;
    }
    *ret_list = list;
    return OK;
}

void x509_list_free(struct x509_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        x509_free(list->items[i]);
    }
    free(list->items);
    *list = (struct x509_list){0};
}

/* -- facts -- */

const struct x509_facts *x509_facts(const struct x509_certificate *certificate)
{
    return &certificate->facts;
}

status x509_public_key(const struct x509_certificate *certificate,
                       const struct public_key **ret_key, struct error *err)
{
    struct public_key *none = NULL;
    if (certificate->key != NULL) {
        *ret_key = certificate->key;
        return OK;
    }
    if (!failed(public_key_make(certificate->parts.spki, NULL, &none, err))) {
        public_key_free(none); /* the two readings disagree: neither counts */
        return error_set(err, ERROR_INPUT, "public key: malformed");
    }
    return FAILED;
}

const struct x509_extension *x509_find(const struct x509_certificate *certificate, const char *oid)
{
    char room[DER_OID_ROOM];
    struct str wanted = der_oid(oid, room);
    for (size_t i = 0; i < certificate->parts.n_extensions; i++) {
        if (str_eq(certificate->parts.extensions[i].oid, wanted)) {
            return &certificate->parts.extensions[i];
        }
    }
    return NULL;
}

bool x509_extension(const struct x509_certificate *certificate, const char *oid,
                    struct str *ret_value)
{
    const struct x509_extension *extension = x509_find(certificate, oid);
    if (extension == NULL) {
        return false;
    }
    *ret_value = extension->value;
    return true;
}
