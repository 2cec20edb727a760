#include <openssl/err.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/limits.h"
#include "crypto/x509.h"
#include "make_certificate.h"
#include "vectors.h"

#define NOW (1500 * DAY)

#define AUTHORITY                                                                                  \
    {"basicConstraints", "critical,CA:TRUE"},                                                      \
    {                                                                                              \
        "keyUsage", "critical,keyCertSign"                                                         \
    }
#define SIGNER                                                                                     \
    {"keyUsage", "critical,digitalSignature"},                                                     \
    {                                                                                              \
        "extendedKeyUsage", "codeSigning"                                                          \
    }

#define EXTENSIONS(list) .extensions = (list), .n_extensions = COUNT(list)

static const struct extension_request PLAIN_AUTHORITY[] = {AUTHORITY};
static const struct extension_request PLAIN_SIGNER[] = {SIGNER};

/* A chain of three, each with a key of its own. */
static const struct certificate_request ROOT = {
    .kind = "P-384", .name = "root", EXTENSIONS(PLAIN_AUTHORITY)};
static const struct certificate_request MIDDLE = {
    .kind = "P-256", .name = "middle", EXTENSIONS(PLAIN_AUTHORITY)};
static const struct certificate_request LEAF = {
    .kind = "P-256#2", .name = "leaf", EXTENSIONS(PLAIN_SIGNER)};

static struct x509_certificate *read_der(struct str der)
{
    struct x509_certificate *it = NULL;
    struct error err;
    if (failed(x509_read_der(der, &it, &err))) {
        fail_msg("%s", err.text);
    }
    return it;
}

static struct x509_certificate *made(const struct certificate_request *request,
                                     const struct certificate_request *issuer)
{
    return read_der(make_certificate(request, issuer));
}

struct chain {
    struct certificate_request root, middle, leaf;
    const char *wanted; /* NULL: holds */
    enum x509_purpose purpose;
    int64_t when; /* 0: NOW */
};

static void check_chain(const struct chain *chain)
{
    struct x509_certificate *root = made(&chain->root, NULL),
                            *middle = made(&chain->middle, &chain->root),
                            *leaf = made(&chain->leaf, &chain->middle);
    const struct x509_certificate *issuer = NULL, *middles[] = {middle}, *roots[] = {root};
    const struct x509_issuers issuers = {middles, 1, roots, 1};
    struct error err;
    bool bad = failed(x509_verify_chain(leaf, &issuers, chain->when == 0 ? NOW : chain->when,
                                        chain->purpose, &issuer, &err));
    if (!bad && chain->wanted != NULL) {
        fail_msg("holds: %s", chain->wanted);
    }
    if (bad && (chain->wanted == NULL || strstr(err.text, chain->wanted) == NULL)) {
        fail_msg("%s, not %s", err.text, chain->wanted == NULL ? "fine" : chain->wanted);
    }
    assert_true(bad ? err.kind == ERROR_EVIDENCE && issuer == NULL : issuer == middle);
    assert_int_equal(ERR_peek_error(), 0);
    x509_free(root);
    x509_free(middle);
    x509_free(leaf);
}

static void check_chains(const struct chain *chains, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        check_chain(&chains[i]);
    }
}

static struct certificate_request with(struct certificate_request request,
                                       const struct extension_request *list, size_t n)
{
    request.extensions = list;
    request.n_extensions = n;
    return request;
}

#define WITH(request, list) with(request, list, COUNT(list))

/* -- what holds, and when -- */

static void times(void **state)
{
    (void)state;
    struct certificate_request middle = MIDDLE, leaf = LEAF, root = ROOT;
    root.from = 1000 * DAY;
    root.until = 1400 * DAY;
    middle.from = 1100 * DAY;
    middle.until = 1300 * DAY;
    leaf.from = 1200 * DAY;
    leaf.until = 1201 * DAY;
    const struct chain chains[] = {
        {root, middle, leaf, NULL, FOR_CODE_SIGNING, 1200 * DAY},
        {root, middle, leaf, NULL, FOR_CODE_SIGNING, 1201 * DAY},
        {root, middle, leaf,
         "the certificate is valid from 1973-04-15T00:00:00Z, and not yet at 1973-04-14T23:59:59Z",
         FOR_CODE_SIGNING, 1200 * DAY - 1},
        {root, middle, leaf, "the certificate was valid until 1973-04-16T00:00:00Z, and no longer",
         FOR_CODE_SIGNING, 1201 * DAY + 1},
        {root, middle, LEAF, NULL, FOR_CODE_SIGNING, 1100 * DAY},
        {root, middle, LEAF, "the authority \"CN=middle\" is valid from", FOR_CODE_SIGNING,
         1100 * DAY - 1},
        {root, middle, LEAF, "the authority \"CN=middle\" was valid until", FOR_CODE_SIGNING,
         1300 * DAY + 1},
        {root, MIDDLE, LEAF, NULL, FOR_CODE_SIGNING, 1400 * DAY},
        {root, MIDDLE, LEAF, "the authority \"CN=root\" was valid until", FOR_CODE_SIGNING,
         1400 * DAY + 1},
        {ROOT, MIDDLE, LEAF, "the certificate was valid until", FOR_CODE_SIGNING, INT64_MAX},
        {ROOT, MIDDLE, LEAF, "the certificate is valid from", FOR_CODE_SIGNING, INT64_MIN},
        {ROOT, MIDDLE, LEAF, "the certificate is valid from", FOR_CODE_SIGNING, -1},
    };
    check_chains(chains, COUNT(chains));
}

static void kinds_of_keys(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *hash;
        bool pss;
        const char *wanted;
    } CASES[] = {
        {"P-256", "sha256", false, NULL},
        {"P-384", "sha384", false, NULL},
        {"P-521", "sha512", false, NULL},
        {"ED25519", NULL, false, NULL},
        {"RSA:2048", "sha256", false, NULL},
        {"RSA:2048", "sha512", true, NULL},
        {"P-256", "sha1", false, "signed with an algorithm that is not taken"},
        {"P-256", "sha224", false, "signed with an algorithm that is not taken"},
        {"P-256", "sha3-256", false, "signed with an algorithm that is not taken"},
        {"RSA:2048", "sha1", false, "signed with an algorithm that is not taken"},
        {"RSA:2048", "md5", false, "signed with an algorithm that is not taken"},
        {"RSA:2048", "sha1", true, "signed with an algorithm that is not taken"},
        {"RSA:1024", "sha256", false, "RSA with 1024 bits"},
        {"secp256k1", "sha256", false, "a curve other than"},
        {"P-224", "sha256", false, "a curve other than"},
        {"ED448", NULL, false, "signed with an algorithm that is not taken"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct chain chain = {ROOT, MIDDLE, LEAF, CASES[i].wanted, FOR_CODE_SIGNING, NOW};
        chain.middle.kind = CASES[i].kind;
        chain.leaf.hash = CASES[i].hash;
        chain.leaf.pss = CASES[i].pss;
        check_chain(&chain);
    }
    struct chain weak = {ROOT, MIDDLE, LEAF, "RSA with 1024 bits", FOR_CODE_SIGNING, NOW};
    weak.leaf.kind = "RSA:1024";
    check_chain(&weak);
    /* What a root says of itself is not judged by its signature, but by its key. */
    struct chain root = {ROOT, MIDDLE, LEAF, NULL, FOR_CODE_SIGNING, NOW};
    root.root.hash = "sha1";
    check_chain(&root);
    root.root.kind = "RSA:1024";
    root.wanted = "RSA with 1024 bits";
    check_chain(&root);
}

static void of_others(void **state)
{
    (void)state;
    struct certificate_request other = MIDDLE;
    other.kind = "P-256#3";
    struct x509_certificate *root = made(&ROOT, NULL), *middle = made(&MIDDLE, &ROOT),
                            *leaf = made(&LEAF, &other);
    const struct x509_certificate *issuer = NULL, *middles[] = {middle, leaf}, *roots[] = {root};
    const struct {
        struct x509_issuers issuers;
        const char *wanted;
    } CASES[] = {
        {{middles, 1, roots, 1}, "the certificate's chain does not hold"}, /* another's key */
        {{middles, 0, roots, 1}, "no chain from \"CN=middle\", who signed it, to a trusted root"},
        {{middles, 2, roots, 0}, "no chain from \"CN=middle\""},
        {{middles, 0, roots, 0}, "no chain from \"CN=middle\""},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct error err;
        assert_true(failed(
            x509_verify_chain(leaf, &CASES[i].issuers, NOW, FOR_CODE_SIGNING, &issuer, &err)));
        assert_int_equal(err.kind, ERROR_EVIDENCE);
        assert_non_null(strstr(err.text, CASES[i].wanted));
        assert_null(issuer);
    }
    x509_free(root);
    x509_free(middle);
    x509_free(leaf);
}

/* -- the signer -- */

static void signers(void **state)
{
    (void)state;
    static const struct extension_request AUTHORITY_TOO[] = {
        {"basicConstraints", "critical,CA:TRUE"}, SIGNER};
    static const struct extension_request NOT_AUTHORITY[] = {
        {"basicConstraints", "critical,CA:FALSE"}, SIGNER};
    static const struct extension_request NO_USAGE[] = {{"extendedKeyUsage", "codeSigning"}};
    static const struct extension_request OTHER_USAGE[] = {{"keyUsage", "critical,keyEncipherment"},
                                                           {"extendedKeyUsage", "codeSigning"}};
    static const struct extension_request COMMITS[] = {{"keyUsage", "critical,nonRepudiation"},
                                                       {"extendedKeyUsage", "codeSigning"}};
    static const struct extension_request SIGNS_CERTIFICATES[] = {
        {"keyUsage", "digitalSignature,keyCertSign"}, {"extendedKeyUsage", "codeSigning"}};
    static const struct extension_request NO_PURPOSE[] = {{"keyUsage", "digitalSignature"}};
    static const struct extension_request SERVES[] = {{"extendedKeyUsage", "serverAuth"}};
    static const struct extension_request ANY[] = {{"extendedKeyUsage", "anyExtendedKeyUsage"}};
    static const struct extension_request TWO[] = {{"extendedKeyUsage", "serverAuth,codeSigning"}};
    static const struct extension_request UNKNOWN[] = {
        SIGNER, {"1.3.6.1.4.1.57264.9", "critical,DER:0500"}};
    static const struct extension_request KNOWN_NOT[] = {SIGNER,
                                                         {"1.3.6.1.4.1.57264.9", "DER:0500"}};
    static const struct extension_request POISON[] = {
        SIGNER, {"1.3.6.1.4.1.11129.2.4.3", "critical,DER:0500"}};
    static const struct extension_request POLICIES[] = {
        SIGNER, {"2.5.29.32", "critical,DER:3006300406022a03"}};
    static const struct extension_request INHIBIT[] = {SIGNER, {"inhibitAnyPolicy", "critical,0"}};
    const struct chain chains[] = {
        {ROOT, MIDDLE, WITH(LEAF, NOT_AUTHORITY), NULL},
        {ROOT, MIDDLE, WITH(LEAF, NO_USAGE), NULL},
        {ROOT, MIDDLE, WITH(LEAF, TWO), NULL},
        {ROOT, MIDDLE, WITH(LEAF, KNOWN_NOT), NULL},
        {ROOT, MIDDLE, WITH(LEAF, POLICIES), NULL},
        {ROOT, MIDDLE, WITH(LEAF, SERVES), NULL, FOR_ANYTHING},
        {ROOT, MIDDLE, WITH(LEAF, NO_PURPOSE), NULL, FOR_ANYTHING},
        {ROOT, MIDDLE, WITH(LEAF, AUTHORITY_TOO), "the certificate is that of an authority"},
        {ROOT, MIDDLE, WITH(LEAF, AUTHORITY_TOO), "is that of an authority", FOR_ANYTHING},
        {ROOT, MIDDLE, WITH(LEAF, OTHER_USAGE), "key is not for signatures"},
        {ROOT, MIDDLE, WITH(LEAF, OTHER_USAGE), "key is not for signatures", FOR_ANYTHING},
        {ROOT, MIDDLE, WITH(LEAF, COMMITS), "key is not for signatures"},
        {ROOT, MIDDLE, WITH(LEAF, SIGNS_CERTIFICATES), "key is not for signatures"},
        {ROOT, MIDDLE, WITH(LEAF, NO_PURPOSE), "the certificate is not for code signing"},
        {ROOT, MIDDLE, WITH(LEAF, SERVES), "the certificate is not for code signing"},
        {ROOT, MIDDLE, WITH(LEAF, ANY), "the certificate is not for code signing"},
        {ROOT, MIDDLE, WITH(LEAF, UNKNOWN), "an extension that is critical and not known here"},
        {ROOT, MIDDLE, WITH(LEAF, POISON), "an extension that is critical and not known here"},
        {ROOT, MIDDLE, WITH(LEAF, INHIBIT), "an extension that is critical and not known here"},
    };
    check_chains(chains, COUNT(chains));
}

static void time_stampers(void **state)
{
    (void)state;
    static const struct extension_request STAMPS[] = {
        {"keyUsage", "critical,digitalSignature"}, {"extendedKeyUsage", "critical,timeStamping"}};
    static const struct extension_request COMMITS[] = {
        {"keyUsage", "critical,nonRepudiation"}, {"extendedKeyUsage", "critical,timeStamping"}};
    static const struct extension_request LOOSELY[] = {{"extendedKeyUsage", "timeStamping"}};
    static const struct extension_request MORE[] = {
        {"extendedKeyUsage", "critical,timeStamping,codeSigning"}};
    static const struct extension_request SIGNS_CODE[] = {AUTHORITY,
                                                          {"extendedKeyUsage", "codeSigning"}};
    static const struct extension_request STAMPS_BELOW[] = {AUTHORITY,
                                                            {"extendedKeyUsage", "timeStamping"}};
    const struct chain chains[] = {
        {ROOT, MIDDLE, WITH(LEAF, STAMPS), NULL, FOR_TIMESTAMPS},
        {ROOT, MIDDLE, WITH(LEAF, COMMITS), NULL, FOR_TIMESTAMPS},
        {ROOT, WITH(MIDDLE, STAMPS_BELOW), WITH(LEAF, STAMPS), NULL, FOR_TIMESTAMPS},
        {ROOT, MIDDLE, LEAF, "not for timestamps alone", FOR_TIMESTAMPS},
        {ROOT, MIDDLE, WITH(LEAF, LOOSELY), "not for timestamps alone", FOR_TIMESTAMPS},
        {ROOT, MIDDLE, WITH(LEAF, MORE), "not for timestamps alone", FOR_TIMESTAMPS},
        {ROOT, MIDDLE, WITH(LEAF, STAMPS), "not for code signing", FOR_CODE_SIGNING},
        {ROOT, WITH(MIDDLE, SIGNS_CODE), WITH(LEAF, STAMPS), "is for other purposes",
         FOR_TIMESTAMPS},
    };
    check_chains(chains, COUNT(chains));
}

/* -- who vouches -- */

static void issuers(void **state)
{
    (void)state;
    static const struct extension_request NONE[] = {{"keyUsage", "critical,keyCertSign"}};
    static const struct extension_request NO[] = {{"basicConstraints", "critical,CA:FALSE"},
                                                  {"keyUsage", "critical,keyCertSign"}};
    static const struct extension_request NO_USAGE[] = {{"basicConstraints", "critical,CA:TRUE"}};
    static const struct extension_request OTHER_USAGE[] = {{"basicConstraints", "critical,CA:TRUE"},
                                                           {"keyUsage", "critical,cRLSign"}};
    static const struct extension_request CODE[] = {AUTHORITY, {"extendedKeyUsage", "codeSigning"}};
    static const struct extension_request ANY[] = {AUTHORITY,
                                                   {"extendedKeyUsage", "anyExtendedKeyUsage"}};
    static const struct extension_request SERVES[] = {AUTHORITY,
                                                      {"extendedKeyUsage", "serverAuth"}};
    static const struct extension_request UNKNOWN[] = {AUTHORITY, {"1.2.3.4", "critical,DER:0500"}};
    static const struct extension_request POLICY[] = {
        AUTHORITY, {"policyConstraints", "critical,requireExplicitPolicy:0"}};
    const struct chain chains[] = {
        {WITH(ROOT, NO_USAGE), MIDDLE, LEAF, NULL},
        {ROOT, WITH(MIDDLE, CODE), LEAF, NULL},
        {ROOT, WITH(MIDDLE, ANY), LEAF, NULL},
        {WITH(ROOT, CODE), MIDDLE, LEAF, NULL},
        {ROOT, WITH(MIDDLE, SERVES), LEAF, NULL, FOR_ANYTHING},
        {ROOT, WITH(MIDDLE, NONE), LEAF, "\"CN=middle\" may not sign certificates"},
        {ROOT, WITH(MIDDLE, NO), LEAF, "\"CN=middle\" may not sign certificates"},
        {ROOT, WITH(MIDDLE, NO_USAGE), LEAF, "\"CN=middle\" may not sign certificates"},
        {ROOT, WITH(MIDDLE, OTHER_USAGE), LEAF, "\"CN=middle\" may not sign certificates"},
        {ROOT, WITH(MIDDLE, OTHER_USAGE), LEAF, "may not sign", FOR_ANYTHING},
        {ROOT, WITH(MIDDLE, PLAIN_SIGNER), LEAF, "\"CN=middle\" may not sign certificates"},
        {WITH(ROOT, NONE), MIDDLE, LEAF, "\"CN=root\" may not sign certificates"},
        {WITH(ROOT, OTHER_USAGE), MIDDLE, LEAF, "\"CN=root\" may not sign certificates"},
        {ROOT, WITH(MIDDLE, SERVES), LEAF, "the authority \"CN=middle\" is for other purposes"},
        {WITH(ROOT, SERVES), MIDDLE, LEAF, "the authority \"CN=root\" is for other purposes"},
        {ROOT, WITH(MIDDLE, UNKNOWN), LEAF, "\"CN=middle\" has an extension that is critical"},
        {ROOT, WITH(MIDDLE, POLICY), LEAF, "\"CN=middle\" has an extension that is critical"},
        {WITH(ROOT, UNKNOWN), MIDDLE, LEAF, "\"CN=root\" has an extension that is critical"},
    };
    check_chains(chains, COUNT(chains));
}

static void path_lengths(void **state)
{
    (void)state;
    static const struct extension_request NONE_BELOW[] = {
        {"basicConstraints", "critical,CA:TRUE,pathlen:0"}, {"keyUsage", "keyCertSign"}};
    static const struct extension_request ONE_BELOW[] = {
        {"basicConstraints", "critical,CA:TRUE,pathlen:1"}, {"keyUsage", "keyCertSign"}};
    const struct chain chains[] = {
        {ROOT, WITH(MIDDLE, NONE_BELOW), LEAF, NULL},
        {WITH(ROOT, ONE_BELOW), MIDDLE, LEAF, NULL},
        {WITH(ROOT, NONE_BELOW), MIDDLE, LEAF, "path length constraint exceeded"},
        {WITH(ROOT, NONE_BELOW), MIDDLE, LEAF, "path length constraint exceeded", FOR_ANYTHING},
    };
    check_chains(chains, COUNT(chains));
}

/* -- name constraints, of each kind -- */

static void check_names(const char *constraint, const char *name, const char *wanted)
{
    const struct extension_request authority[] = {AUTHORITY, {"nameConstraints", constraint}};
    const struct extension_request signer[] = {SIGNER, {"subjectAltName", name}};
    const struct chain low = {ROOT, WITH(MIDDLE, authority), WITH(LEAF, signer), wanted};
    const struct chain high = {WITH(ROOT, authority), MIDDLE, WITH(LEAF, signer), wanted};
    check_chain(&low);
    check_chain(&high);
}

static void constraints(void **state)
{
    (void)state;
    static const char PERMITTED[] = "permitted subtree violation",
                      EXCLUDED[] = "excluded subtree violation",
                      UNSUPPORTED[] = "unsupported name constraint type";
    static const struct {
        const char *constraint, *name, *wanted;
    } CASES[] = {
        {"permitted;email:example.com", "email:a@example.com", NULL},
        {"permitted;email:example.com", "email:a@example.org", PERMITTED},
        {"permitted;email:example.com", "email:a@sub.example.com", PERMITTED},
        {"permitted;email:.example.com", "email:a@sub.example.com", NULL},
        {"permitted;email:a@example.com", "email:a@example.com", NULL},
        {"permitted;email:a@example.com", "email:b@example.com", PERMITTED},
        {"excluded;email:example.com", "email:a@example.com", EXCLUDED},
        {"excluded;email:example.com", "email:a@EXAMPLE.com", EXCLUDED},
        {"excluded;email:example.com", "email:a@example.org", NULL},
        {"permitted;DNS:example.com", "DNS:a.example.com", NULL},
        {"permitted;DNS:example.com", "DNS:example.com.evil.org", PERMITTED},
        {"permitted;DNS:example.com", "DNS:notexample.com", PERMITTED},
        {"excluded;DNS:example.com", "DNS:a.example.com", EXCLUDED},
        {"permitted;URI:example.com", "URI:https://example.com/x", NULL},
        {"permitted;URI:example.com", "URI:https://example.org/x", PERMITTED},
        {"permitted;URI:example.com", "URI:https://example.com.evil.org/x", PERMITTED},
        {"excluded;URI:example.com", "URI:https://example.com/x", EXCLUDED},
        {"excluded;URI:.example.com", "URI:https://a.example.com/x", EXCLUDED},
        {"permitted;URI:example.com", "URI:urn:x", "name syntax"},
        {"permitted;IP:192.0.2.0/255.255.255.0", "IP:192.0.2.7", NULL},
        {"permitted;IP:192.0.2.0/255.255.255.0", "IP:192.0.3.7", PERMITTED},
        {"excluded;IP:192.0.2.0/255.255.255.0", "IP:192.0.2.7", EXCLUDED},
        /* a name of another kind is not what was constrained */
        {"permitted;email:example.com", "URI:https://example.org/x", NULL},
        {"permitted;DNS:example.com,permitted;email:example.com",
         "DNS:example.com,email:a@evil.org", PERMITTED},
        {"permitted;otherName:1.3.6.1.4.1.57264.1.7;UTF8:a",
         "otherName:1.3.6.1.4.1.57264.1.7;UTF8:a", UNSUPPORTED},
        {"excluded;otherName:1.3.6.1.4.1.57264.1.7;UTF8:a",
         "otherName:1.3.6.1.4.1.57264.1.7;UTF8:b", UNSUPPORTED},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        char critical[128];
        check_names(CASES[i].constraint, CASES[i].name, CASES[i].wanted);
        snprintf(critical, sizeof critical, "critical,%s", CASES[i].constraint);
        check_names(critical, CASES[i].name, CASES[i].wanted);
    }
}

/* -- more than one chain -- */

/* An authority that changed its key: both have one name, and either may stand first. */
static void two_keys(void **state)
{
    (void)state;
    struct certificate_request other = MIDDLE;
    other.kind = "P-256#3";
    struct x509_certificate *root = made(&ROOT, NULL), *leaf = made(&LEAF, &MIDDLE);
    struct x509_certificate *right = made(&MIDDLE, &ROOT), *wrong = made(&other, &ROOT);
    for (unsigned i = 0; i < 2; i++) {
        const struct x509_certificate *middles[] = {i == 0 ? wrong : right, i == 0 ? right : wrong};
        const struct x509_certificate *issuer = NULL, *roots[] = {root};
        const struct x509_issuers all = {middles, 2, roots, 1};
        struct error err;
        assert_false(failed(x509_verify_chain(leaf, &all, NOW, FOR_CODE_SIGNING, &issuer, &err)));
        assert_ptr_equal(issuer, right);
    }
    x509_free(root);
    x509_free(leaf);
    x509_free(right);
    x509_free(wrong);
}

/* A root that another root signed too; a trusted authority in the middle is a root by itself; a
 * leaf that is trusted is none. */
static void other_roots(void **state)
{
    (void)state;
    struct x509_certificate *leaf = made(&LEAF, &MIDDLE), *middle = made(&MIDDLE, &ROOT);
    const struct x509_certificate *issuer = NULL, *roots[] = {middle}, *itself[] = {leaf};
    const struct x509_issuers trusted = {NULL, 0, roots, 1}, none = {NULL, 0, itself, 1};
    struct error err;
    assert_false(failed(x509_verify_chain(leaf, &trusted, NOW, FOR_CODE_SIGNING, &issuer, &err)));
    assert_ptr_equal(issuer, middle);
    assert_true(failed(x509_verify_chain(leaf, &none, NOW, FOR_CODE_SIGNING, &issuer, &err)));
    assert_int_equal(err.kind, ERROR_EVIDENCE);
    x509_free(leaf);
    x509_free(middle);
    struct x509_certificate *alone = made(&LEAF, NULL);
    itself[0] = alone;
    assert_true(failed(x509_verify_chain(alone, &none, NOW, FOR_CODE_SIGNING, &issuer, &err)));
    assert_non_null(strstr(err.text, "no chain from"));
    x509_free(alone);
}

/* -- bounds -- */

enum { LONG = LIMIT_CHAIN_DEPTH - 1 }; /* authorities above a leaf, the root counted */

static void depth(void **state)
{
    (void)state;
    struct x509_certificate *made_all[LONG + 2];
    struct certificate_request all[LONG + 2];
    const struct x509_certificate *issuer, *items[LONG + 2];
    for (size_t i = 0; i < COUNT(all); i++) {
        all[i] = MIDDLE;
        all[i].name = arena_printf(&test_arena, "authority %zu", i).p;
        made_all[i] = made(&all[i], i == 0 ? NULL : &all[i - 1]);
        items[i] = made_all[i];
    }
    for (size_t n = LONG; n <= LONG + 1; n++) {
        const struct x509_issuers chain = {items + 1, n - 1, items, 1};
        struct error err;
        x509_certificate_auto *leaf = made(&LEAF, &all[n - 1]);
        bool bad = failed(x509_verify_chain(leaf, &chain, NOW, FOR_CODE_SIGNING, &issuer, &err));
        assert_int_equal(bad, n > LONG);
    }
    for (size_t i = 0; i < COUNT(made_all); i++) {
        x509_free(made_all[i]);
    }
}

/* Authorities of one name that could all have signed each other: an end is found. */
static void explosion(void **state)
{
    (void)state;
    struct x509_certificate *root = made(&ROOT, NULL), *others[LIMIT_CERTIFICATES + 1];
    const struct x509_certificate *issuer = NULL, *items[LIMIT_CERTIFICATES + 1], *roots[] = {root};
    for (size_t i = 0; i < COUNT(others); i++) {
        struct certificate_request request = MIDDLE;
        request.serial = (long)i + 1;
        others[i] = made(&request, &MIDDLE);
        items[i] = others[i];
    }
    x509_certificate_auto *leaf = made(&LEAF, &MIDDLE);
    struct x509_issuers all = {items, LIMIT_CERTIFICATES, roots, 1};
    struct error err;
    assert_true(failed(x509_verify_chain(leaf, &all, NOW, FOR_CODE_SIGNING, &issuer, &err)));
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_string_equal(err.text, "more chains of certificates than are tried");
    all.n_intermediates++;
    assert_true(failed(x509_verify_chain(leaf, &all, NOW, FOR_CODE_SIGNING, &issuer, &err)));
    assert_string_equal(err.text, "more than 64 certificates");
    all = (struct x509_issuers){NULL, 0, items, LIMIT_CERTIFICATES + 1};
    assert_true(failed(x509_verify_chain(leaf, &all, NOW, FOR_CODE_SIGNING, &issuer, &err)));
    assert_string_equal(err.text, "more than 64 certificates");
    x509_free(root);
    for (size_t i = 0; i < COUNT(others); i++) {
        x509_free(others[i]);
    }
}

/* As many wrong keys before the right one as are tried: one less is found. */
static void tries(void **state)
{
    (void)state;
    struct x509_certificate *root = made(&ROOT, NULL), *others[LIMIT_CHAIN_TRIES + 1];
    const struct x509_certificate *issuer = NULL, *items[LIMIT_CHAIN_TRIES + 1], *roots[] = {root};
    for (size_t i = 0; i < COUNT(others); i++) {
        struct certificate_request request = MIDDLE;
        request.serial = (long)i + 1;
        request.kind = i < LIMIT_CHAIN_TRIES ? "P-256#3" : MIDDLE.kind;
        others[i] = made(&request, &ROOT);
        items[i] = others[i];
    }
    x509_certificate_auto *leaf = made(&LEAF, &MIDDLE);
    const struct x509_issuers most = {items + 1, LIMIT_CHAIN_TRIES, roots, 1},
                              more = {items, LIMIT_CHAIN_TRIES + 1, roots, 1};
    struct error err;
    assert_false(failed(x509_verify_chain(leaf, &most, NOW, FOR_CODE_SIGNING, &issuer, &err)));
    assert_ptr_equal(issuer, others[LIMIT_CHAIN_TRIES]);
    assert_true(failed(x509_verify_chain(leaf, &more, NOW, FOR_CODE_SIGNING, &issuer, &err)));
    assert_int_equal(err.kind, ERROR_LIMIT);
    x509_free(root);
    for (size_t i = 0; i < COUNT(others); i++) {
        x509_free(others[i]);
    }
}

/* -- a real one -- */

/* Every bit of a leaf, at a time when it held: never trusted but as it is. */
static void real(void **state)
{
    (void)state;
    struct str good = vector_certificate("sigstore-python/assets/bundle_v3_github.whl.sigstore", 0);
    x509_certificate_auto *middle = read_der(vector_certificate(PRODUCTION_ROOT, 1));
    x509_certificate_auto *root = read_der(vector_certificate(PRODUCTION_ROOT, 2));
    x509_certificate_auto *leaf = read_der(good);
    const struct x509_certificate *issuer = NULL, *middles[] = {middle}, *roots[] = {root};
    const struct x509_issuers all = {middles, 1, roots, 1};
    int64_t when = x509_facts(leaf)->not_before + 60 * NS_PER_S;
    struct error err;
    if (failed(x509_verify_chain(leaf, &all, when, FOR_CODE_SIGNING, &issuer, &err))) {
        fail_msg("%s", err.text);
    }
    char *copy = writable(good);
    for (size_t i = 0; i < good.n; i++) {
        struct x509_certificate *flipped = NULL;
        copy[i] = (char)(copy[i] ^ 1 << i % 8);
        if (!failed(x509_read_der((struct str){copy, good.n}, &flipped, &err))) {
            assert_true(
                failed(x509_verify_chain(flipped, &all, when, FOR_CODE_SIGNING, &issuer, &err)));
            x509_free(flipped);
        }
        copy[i] = good.p[i];
    }
    when = x509_facts(leaf)->not_after + 1;
    assert_true(failed(x509_verify_chain(leaf, &all, when, FOR_CODE_SIGNING, &issuer, &err)));
}

/* Many threads ask about the same certificates. */
struct shared {
    const struct x509_certificate *leaf;
    struct x509_issuers issuers;
    int64_t when;
    atomic_uint held;
};

static void *ask(void *argument)
{
    struct shared *shared = argument;
    for (unsigned i = 0; i < 20; i++) {
        const struct x509_certificate *issuer;
        struct error err;
        if (!failed(x509_verify_chain(shared->leaf, &shared->issuers, shared->when,
                                      FOR_CODE_SIGNING, &issuer, &err))) {
            shared->held++;
        }
    }
    return NULL;
}

static void threads(void **state)
{
    (void)state;
    pthread_t all[4];
    x509_certificate_auto *middle = read_der(vector_certificate(PRODUCTION_ROOT, 1));
    x509_certificate_auto *root = read_der(vector_certificate(PRODUCTION_ROOT, 2));
    x509_certificate_auto *leaf =
        read_der(vector_certificate("sigstore-python/assets/bundle_v3_github.whl.sigstore", 0));
    const struct x509_certificate *middles[] = {middle}, *roots[] = {root};
    struct shared shared = {
        .leaf = leaf, .issuers = {middles, 1, roots, 1}, .when = x509_facts(leaf)->not_before};
    for (size_t i = 0; i < COUNT(all); i++) {
        assert_int_equal(pthread_create(&all[i], NULL, ask, &shared), 0);
    }
    for (size_t i = 0; i < COUNT(all); i++) {
        assert_int_equal(pthread_join(all[i], NULL), 0);
    }
    assert_int_equal(shared.held, 20 * COUNT(all));
}

int x509_chain_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(times, start, stop),
        cmocka_unit_test_setup_teardown(kinds_of_keys, start, stop),
        cmocka_unit_test_setup_teardown(of_others, start, stop),
        cmocka_unit_test_setup_teardown(signers, start, stop),
        cmocka_unit_test_setup_teardown(time_stampers, start, stop),
        cmocka_unit_test_setup_teardown(issuers, start, stop),
        cmocka_unit_test_setup_teardown(path_lengths, start, stop),
        cmocka_unit_test_setup_teardown(constraints, start, stop),
        cmocka_unit_test_setup_teardown(two_keys, start, stop),
        cmocka_unit_test_setup_teardown(other_roots, start, stop),
        cmocka_unit_test_setup_teardown(depth, start, stop),
        cmocka_unit_test_setup_teardown(explosion, start, stop),
        cmocka_unit_test_setup_teardown(tries, start, stop),
        cmocka_unit_test_setup_teardown(real, start, stop),
        cmocka_unit_test_setup_teardown(threads, start, stop),
    };
    return cmocka_run_group_tests_name("x509_chain", tests, NULL, NULL);
}
