#include "make_certificate.h"

#include <openssl/rsa.h>
#include <openssl/x509v3.h>

static void set_time(ASN1_TIME *time, int64_t ns)
{
    assert_non_null(ASN1_TIME_set(time, ns / NS_PER_S));
}

static void set_name(X509_NAME *name, const char *text)
{
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                                (const unsigned char *)text, -1, -1, 0),
                     1);
}

static void add_extensions(X509 *x509, const struct certificate_request *request)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, x509, x509, NULL, NULL, 0);
    for (size_t i = 0; i < request->n_extensions; i++) {
        X509_EXTENSION *extension = X509V3_EXT_nconf(NULL, &context, request->extensions[i].oid,
                                                     request->extensions[i].value);
        if (extension == NULL) {
            fail_msg("no extension: %s", request->extensions[i].value);
        }
        assert_int_equal(X509_add_ext(x509, extension, -1), 1);
        X509_EXTENSION_free(extension);
    }
}

static void sign(X509 *x509, const struct certificate_request *request, EVP_PKEY *key)
{
    EVP_PKEY_CTX *parameters;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool pure = EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448");
    const char *hash = pure ? NULL : request->hash == NULL ? "sha256" : request->hash;
    assert_int_equal(EVP_DigestSignInit_ex(context, &parameters, hash, NULL, NULL, key, NULL), 1);
    if (request->pss) {
        assert_true(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) > 0 &&
                    EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) > 0);
    }
    assert_true(X509_sign_ctx(x509, context) > 0);
    EVP_MD_CTX_free(context);
}

struct str make_certificate(const struct certificate_request *request,
                            const struct certificate_request *issuer)
{
    X509 *x509 = X509_new();
    unsigned char *der = NULL;
    bool timed = request->from != 0 || request->until != 0;
    assert_non_null(x509);
    issuer = issuer == NULL ? request : issuer;
    assert_int_equal(X509_set_version(x509, request->n_extensions > 0 ? 2 : 0), 1);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), request->serial == 0 ? 1 : request->serial);
    set_time(X509_getm_notBefore(x509), timed ? request->from : 1000 * DAY);
    set_time(X509_getm_notAfter(x509), timed ? request->until : 2000 * DAY);
    set_name(X509_get_subject_name(x509), request->name);
    set_name(X509_get_issuer_name(x509), issuer->name);
    assert_int_equal(X509_set_pubkey(x509, make_pkey(request->kind)), 1);
    add_extensions(x509, request);
    sign(x509, request, make_pkey(issuer->kind));
    int n = i2d_X509(x509, &der);
    assert_true(n > 0);
    struct str copy = arena_dup(&test_arena, (struct str){(char *)der, (size_t)n});
    OPENSSL_free(der);
    X509_free(x509);
    return copy;
}
