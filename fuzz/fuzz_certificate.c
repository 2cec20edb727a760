/* A certificate, alone and as changes to one that was signed. What is read is all of the bytes and
 * says nothing that acts; what is not as it was signed leads to no root, and nothing leads to
 * itself. */
#include <openssl/err.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "signed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
    struct x509_certificate *root;
    struct str leaf;
} own;

static void make_own(void)
{
    EVP_PKEY *key = new_key(), *leaf_key = new_key();
    X509 *root = new_authority(key), *leaf = new_certificate("leaf", "root", leaf_key);
    add_extension(leaf, "extendedKeyUsage", "codeSigning");
    add_extension(leaf, "subjectAltName", "URI:https://example.com/x,email:a@example.com");
    add_extension(leaf, "1.3.6.1.4.1.57264.1.8", "DER:0c0161");
    ENSURE(X509_sign(leaf, key, EVP_sha256()) > 0);
    own.root = read_own(root);
    own.leaf = der_of(leaf);
    X509_free(root);
    X509_free(leaf);
    EVP_PKEY_free(key);
    EVP_PKEY_free(leaf_key);
}

static void check_text(struct str s)
{
    for (size_t i = 0, n; i < s.n; i += n) {
        n = utf8_length(s.p + i, s.n - i);
        ENSURE(n > 0 && !utf8_acts(s.p + i, n));
    }
}

static void check_facts(const struct x509_certificate *it, struct str der)
{
    const struct x509_facts *facts = x509_facts(it);
    const struct public_key *key;
    struct str text;
    struct error err;
    ENSURE(str_eq(facts->der, der) && facts->n_sans <= LIMIT_CERTIFICATE_NAMES);
    for (size_t i = 0; i < facts->n_sans; i++) {
        ENSURE(facts->sans[i].text.n > 0);
        check_text(facts->sans[i].text);
    }
    for (unsigned i = 1; i < 24; i++) {
        if (!failed(x509_fulcio_text(it, i, &text, &err)) && text.p != NULL) {
            check_text(text);
        }
    }
    if (failed(x509_public_key(it, &key, &err))) {
        ENSURE(err.kind == ERROR_INPUT);
    } else {
        ENSURE(memmem(der.p, der.n, public_key_spki(key).p, public_key_spki(key).n) != NULL);
    }
}

static void check(struct str der)
{
    struct x509_certificate *it = NULL;
    const struct x509_certificate *issuer = NULL, *roots[1];
    const struct x509_issuers issuers = {roots, 1, roots, 1};
    struct error err;
    if (failed(x509_read_der(der, &it, &err))) {
        ENSURE((err.kind == ERROR_INPUT || err.kind == ERROR_LIMIT) && it == NULL);
        return;
    }
    check_facts(it, der);
    roots[0] = own.root;
    bool holds = !failed(x509_verify_chain(it, &issuers, THEN, FOR_CODE_SIGNING, &issuer, &err));
    ENSURE(holds == str_eq(der, own.leaf));
    roots[0] = it;
    ENSURE(failed(x509_verify_chain(it, &issuers, THEN, FOR_ANYTHING, &issuer, &err)));
    ENSURE(err.kind == ERROR_EVIDENCE);
    x509_free(it);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct x509_list list;
    struct error err;
    buf_auto buf;
    if (own.root == NULL) {
        make_own();
    }
    buf_init(&buf, own.leaf.n);
    check((struct str){(const char *)data, size});
    check(change(&buf, own.leaf, data, size));
    if (!failed(x509_read_pem((struct str){(const char *)data, size}, &list, &err))) {
        ENSURE(list.n > 0);
        x509_list_free(&list);
    }
    ENSURE(ERR_peek_error() == 0);
    return 0;
}
