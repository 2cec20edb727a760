#include "crypto/issue.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/buf.h"
#include "base/clock.h"
#include "crypto/openssl.h"

/* A serial number has 16 bytes and is positive; its first bit is one, so that none is shorter. */
enum { SERIAL_BITS = 127, SERIAL_TEXT = 9, NAME_MAX_BYTES = 64, NAMES_TEXT = 4096 };

static void must(int result)
{
    ENSURE(result == 1); /* what fails here is out of memory, or a broken library */
}

static EVP_PKEY *make_key(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    ENSURE(key != NULL);
    return key;
}

static void set_serial(X509 *x509, char ret_text[SERIAL_TEXT])
{
    BIGNUM *number = BN_new();
    must(number != NULL);
    must(BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY));
    must(BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509)) != NULL);
    char *text = BN_bn2hex(number);
    must(text != NULL);
    snprintf(ret_text, SERIAL_TEXT, "%s", text);
    OPENSSL_free(text);
    BN_free(number);
}

static void set_subject(X509 *x509, const char *name)
{
    must(X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8,
                                    (const unsigned char *)name, -1, -1, 0));
}

static void set_times(X509 *x509, int64_t now, int64_t until)
{
    must(ASN1_TIME_set(X509_getm_notBefore(x509), (now - ISSUE_BACKDATE) / NS_PER_S) != NULL);
    must(ASN1_TIME_set(X509_getm_notAfter(x509), until / NS_PER_S) != NULL);
}

static void add_extension(X509 *x509, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, x509, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    must(extension != NULL);
    must(X509_add_ext(x509, extension, -1));
    X509_EXTENSION_free(extension);
}

/* The end of making a certificate: everything but the name, the times and the extensions. */
static X509 *begin(EVP_PKEY *key, char ret_serial[SERIAL_TEXT])
{
    X509 *x509 = X509_new();
    must(x509 != NULL);
    must(X509_set_version(x509, X509_VERSION_3));
    must(X509_set_pubkey(x509, key));
    set_serial(x509, ret_serial);
    return x509;
}

static struct key_pair write_pair(struct arena *arena, X509 *x509, EVP_PKEY *key)
{
    bio_auto *certificate_bio = BIO_new(BIO_s_mem());
    bio_auto *key_bio = BIO_new(BIO_s_secmem());
    must(certificate_bio != NULL && key_bio != NULL);
    must(PEM_write_bio_X509(certificate_bio, x509));
    must(PEM_write_bio_PrivateKey(key_bio, key, NULL, NULL, 0, NULL, NULL));
    return (struct key_pair){.certificate = crypto_written(arena, certificate_bio),
                             .key = crypto_written(arena, key_bio)};
}

void issue_authority(struct arena *arena, struct str name, int64_t now, int64_t validity,
                     struct key_pair *ret_pair)
{
    char serial[SERIAL_TEXT], text[NAME_MAX_BYTES + 1];
    pkey_auto *key = make_key();
    x509_auto *x509 = begin(key, serial);
    /* A common name has 64 characters at most; the serial is what tells authorities apart. */
    snprintf(text, sizeof text, "%.40s authority %s", name.n == 0 ? "" : name.p, serial);
    set_subject(x509, text);
    must(X509_set_issuer_name(x509, X509_get_subject_name(x509)));
    set_times(x509, now, now + validity);
    add_extension(x509, x509, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    add_extension(x509, x509, NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(x509, x509, NID_subject_key_identifier, "hash");
    must(X509_sign(x509, key, EVP_sha256()) > 0);
    *ret_pair = write_pair(arena, x509, key);
}

static void add_names(X509 *x509, X509 *issuer, const struct leaf_request *request)
{
    buf_auto names;
    buf_init(&names, NAMES_TEXT);
    for (size_t i = 0; i < request->n_names; i++) {
        buf_printf(&names, "%sDNS:%.*s", i == 0 ? "" : ",", STR_ARG(request->names[i]));
    }
    buf_add_char(&names, '\0');
    ENSURE(!buf_overflowed(&names));
    add_extension(x509, issuer, NID_subject_alt_name, names.p);
}

static int64_t end_of(const struct leaf_request *request, int64_t authority_end)
{
    int64_t end = request->now + request->validity;
    return end < authority_end ? end : authority_end;
}

status issue_leaf(struct arena *arena, const struct key_pair *authority,
                  const struct leaf_request *request, struct key_pair *ret_pair, struct error *err)
{
    char serial[SERIAL_TEXT];
    struct certificate_list issuers;
    x509_auto *issuer = NULL;
    pkey_auto *issuer_key = NULL;
    TRY(certificates_read(arena, authority->certificate, &issuers, err));
    TRY(certificate_check_key(authority->certificate, authority->key, err));
    TRY(crypto_read_certificate(authority->certificate, &issuer, err));
    TRY(crypto_read_key(authority->key, &issuer_key, err));
    pkey_auto *key = make_key();
    x509_auto *x509 = begin(key, serial);
    set_subject(x509, "webhook");
    must(X509_set_issuer_name(x509, X509_get_subject_name(issuer)));
    set_times(x509, request->now, end_of(request, issuers.items[0].not_after));
    add_extension(x509, issuer, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(x509, issuer, NID_key_usage, "critical,digitalSignature");
    add_extension(x509, issuer, NID_ext_key_usage, "serverAuth");
    add_extension(x509, issuer, NID_subject_key_identifier, "hash");
    add_extension(x509, issuer, NID_authority_key_identifier, "keyid:always");
    add_names(x509, issuer, request);
    must(X509_sign(x509, issuer_key, EVP_sha256()) > 0);
    *ret_pair = write_pair(arena, x509, key);
    return OK;
}
