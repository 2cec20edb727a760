/* SCTs: in a certificate, beside it, and as changes to one that a log gave. Only what the log gave
 * holds. */
#include <openssl/err.h>

#include "crypto/sct.h"
#include "signed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
    EVP_PKEY *issuer_key;
    struct x509_certificate *issuer, *leaf;
    struct public_key *log_key;
    struct sct_log log;
    struct str sct;
} own;

static void add_number(struct buf *buf, uint64_t value, unsigned bytes)
{
    while (bytes-- > 0) {
        buf_add_char(buf, (char)(value >> (8 * bytes) & 0xff));
    }
}

static struct str sign(EVP_PKEY *key, struct str message)
{
    static unsigned char room[128];
    size_t n = sizeof room;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    ENSURE(context != NULL &&
           EVP_DigestSignInit_ex(context, NULL, "sha256", NULL, NULL, key, NULL) == 1 &&
           EVP_DigestSign(context, room, &n, (const unsigned char *)message.p, message.n) == 1);
    EVP_MD_CTX_free(context);
    return (struct str){(const char *)room, n};
}

/* What a log gives for the leaf, as it is. */
static void make_sct(EVP_PKEY *key)
{
    static struct buf sct;
    struct str der = x509_facts(own.leaf)->der;
    buf_auto entry;
    buf_init(&entry, 1 << 16);
    buf_init(&sct, 1 << 16);
    add_number(&entry, 0, 2);
    add_number(&entry, (uint64_t)(THEN / NS_PER_MS), 8);
    add_number(&entry, 0, 2);
    add_number(&entry, der.n, 3);
    buf_add(&entry, der);
    add_number(&entry, 0, 2);
    struct str signature = sign(key, buf_str(&entry));
    add_number(&sct, 0, 1);
    buf_add(&sct, own.log.id);
    add_number(&sct, (uint64_t)(THEN / NS_PER_MS), 8);
    add_number(&sct, 0, 2);
    add_number(&sct, 0x0403, 2);
    add_number(&sct, signature.n, 2);
    buf_add(&sct, signature);
    own.sct = buf_str(&sct);
}

static void make_own(void)
{
    struct error err;
    EVP_PKEY *log_key = new_key(), *leaf_key = new_key();
    unsigned char *spki = NULL;
    own.issuer_key = new_key();
    X509 *leaf = new_certificate("leaf", "root", leaf_key);
    X509 *issuer = new_authority(own.issuer_key);
    ENSURE(X509_sign(leaf, own.issuer_key, EVP_sha256()) > 0);
    own.issuer = read_own(issuer);
    own.leaf = read_own(leaf);
    int n = i2d_PUBKEY(log_key, &spki);
    struct str der = {(const char *)spki, (size_t)n};
    ENSURE(n > 0 && !failed(public_key_read_der(der, &own.log_key, &err)));
    own.log = (struct sct_log){public_key_id(own.log_key), own.log_key, 0, INT64_MAX};
    make_sct(log_key);
    OPENSSL_free(spki);
    X509_free(leaf);
    X509_free(issuer);
    EVP_PKEY_free(log_key);
    EVP_PKEY_free(leaf_key);
}

/* A certificate with these bytes as the value of its extension. */
static struct x509_certificate *embed(const uint8_t *data, size_t size)
{
    struct x509_certificate *it = NULL;
    struct error err;
    X509 *x509 = new_certificate("leaf", "root", own.issuer_key);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    ASN1_OBJECT *oid = OBJ_txt2obj("1.3.6.1.4.1.11129.2.4.2", 1);
    ENSURE(value != NULL && oid != NULL && ASN1_OCTET_STRING_set(value, data, (int)size) == 1);
    X509_EXTENSION *extension = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, value);
    ENSURE(extension != NULL && X509_add_ext(x509, extension, -1) == 1 &&
           X509_sign(x509, own.issuer_key, EVP_sha256()) > 0);
    struct str der = der_of(x509);
    (void)!failed(
        x509_read_der(der, &it, &err)); /* an extension that OpenSSL does not read is none */
    OPENSSL_free((void *)(uintptr_t)der.p);
    X509_EXTENSION_free(extension);
    ASN1_OBJECT_free(oid);
    ASN1_OCTET_STRING_free(value);
    X509_free(x509);
    ERR_clear_error();
    return it;
}

static void check_embedded(const uint8_t *data, size_t size)
{
    size_t valid = 0;
    struct error err;
    x509_certificate_auto *it = size > 4096 ? NULL : embed(data, size);
    ENSURE(it == NULL || failed(sct_verify_embedded(it, own.issuer, &own.log, 1, &valid, &err)));
    ENSURE(valid == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err;
    buf_auto buf;
    struct str bytes = {(const char *)data, size};
    if (own.leaf == NULL) {
        make_own();
    }
    buf_init(&buf, own.sct.n);
    ENSURE(failed(sct_verify(own.leaf, own.issuer, bytes, &own.log, 1, &err)));
    struct str changed = change(&buf, own.sct, data, size);
    bool holds = !failed(sct_verify(own.leaf, NULL, changed, &own.log, 1, &err));
    ENSURE(holds == str_eq(changed, own.sct));
    check_embedded(data, size);
    ENSURE(ERR_peek_error() == 0);
    return 0;
}
