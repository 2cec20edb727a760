/* A timestamp: alone, and as changes to one that OpenSSL made. What holds after a change says what
 * it said before it. */
#include <openssl/err.h>
#include <openssl/ts.h>

#include "crypto/timestamp.h"
#include "signed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MESSAGE STR("notation") /* what the tokens of the corpus stamp */

static struct {
    const struct x509_certificate *chain[2];
    struct timestamp_authority authority;
    struct str token;
    struct timestamp stamp;
} own;

static ASN1_INTEGER *next_serial(struct TS_resp_ctx *context, void *argument)
{
    (void)context, (void)argument;
    ASN1_INTEGER *serial = ASN1_INTEGER_new();
    ENSURE(serial != NULL && ASN1_INTEGER_set(serial, 42) == 1);
    return serial;
}

static int tell_time(struct TS_resp_ctx *context, void *argument, long *seconds, long *micros)
{
    (void)context, (void)argument;
    *seconds = (long)(THEN / NS_PER_S);
    *micros = 0;
    return 1;
}

/* A request in DER for a stamp of MESSAGE. */
static BIO *new_request(void)
{
    char room[HASH_ROOM];
    struct str message = MESSAGE;
    struct str hash = hash_of(HASH_SHA256, &message, 1, room);
    unsigned char bytes[HASH_ROOM];
    memcpy(bytes, hash.p, hash.n);
    TS_REQ *request = TS_REQ_new();
    TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
    X509_ALGOR *algorithm = X509_ALGOR_new();
    BIO *bio = BIO_new(BIO_s_mem());
    ENSURE(request != NULL && imprint != NULL && algorithm != NULL && bio != NULL);
    ENSURE(X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) == 1 &&
           TS_MSG_IMPRINT_set_algo(imprint, algorithm) == 1 &&
           TS_MSG_IMPRINT_set_msg(imprint, bytes, (int)hash.n) == 1 &&
           TS_REQ_set_version(request, 1) == 1 && TS_REQ_set_msg_imprint(request, imprint) == 1 &&
           TS_REQ_set_cert_req(request, 1) == 1 && i2d_TS_REQ_bio(bio, request) == 1);
    X509_ALGOR_free(algorithm);
    TS_MSG_IMPRINT_free(imprint);
    TS_REQ_free(request);
    return bio;
}

static struct str make_token(X509 *signer, EVP_PKEY *key)
{
    unsigned char *der = NULL;
    TS_RESP_CTX *context = TS_RESP_CTX_new();
    ASN1_OBJECT *policy = OBJ_txt2obj("1.2.3.4", 1);
    BIO *request = new_request();
    ENSURE(context != NULL && TS_RESP_CTX_set_signer_cert(context, signer) == 1 &&
           TS_RESP_CTX_set_signer_key(context, key) == 1 &&
           TS_RESP_CTX_set_signer_digest(context, EVP_sha256()) == 1 &&
           TS_RESP_CTX_set_ess_cert_id_digest(context, EVP_sha256()) == 1 &&
           TS_RESP_CTX_set_def_policy(context, policy) == 1 &&
           TS_RESP_CTX_add_md(context, EVP_sha256()) == 1 &&
           TS_RESP_CTX_set_accuracy(context, 1, 2, 3) == 1);
    TS_RESP_CTX_set_serial_cb(context, next_serial, NULL);
    TS_RESP_CTX_set_time_cb(context, tell_time, NULL);
    TS_RESP *response = TS_RESP_create_response(context, request);
    int n = i2d_TS_RESP(response, &der);
    ENSURE(response != NULL && n > 0);
    TS_RESP_free(response);
    TS_RESP_CTX_free(context);
    ASN1_OBJECT_free(policy);
    BIO_free(request);
    ERR_clear_error();
    return (struct str){(const char *)der, (size_t)n};
}

static void make_own(void)
{
    struct error err;
    EVP_PKEY *key = new_key(), *signer_key = new_key();
    X509 *signer = new_certificate("stamper", "root", signer_key), *root = new_authority(key);
    add_extension(signer, "extendedKeyUsage", "critical,timeStamping");
    add_extension(signer, "keyUsage", "critical,digitalSignature");
    ENSURE(X509_sign(signer, key, EVP_sha256()) > 0);
    own.chain[0] = read_own(signer);
    own.chain[1] = read_own(root);
    own.authority = (struct timestamp_authority){own.chain, 2, 0, INT64_MAX};
    own.token = make_token(signer, signer_key);
    if (failed(timestamp_verify(own.token, MESSAGE, &own.authority, 1, &own.stamp, &err))) {
        fatal("%s", err.text);
    }
    X509_free(signer);
    X509_free(root);
    EVP_PKEY_free(key);
    EVP_PKEY_free(signer_key);
    ENSURE(own.stamp.accuracy == NS_PER_S + 2 * NS_PER_MS + 3 * NS_PER_US);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err;
    struct timestamp stamp;
    buf_auto buf;
    if (own.chain[0] == NULL) {
        make_own();
    }
    buf_init(&buf, own.token.n);
    struct str raw = {(const char *)data, size}, changed = change(&buf, own.token, data, size);
    ENSURE(failed(timestamp_verify(raw, MESSAGE, &own.authority, 1, &stamp, &err)));
    ENSURE(err.kind == ERROR_INPUT || err.kind == ERROR_EVIDENCE || err.kind == ERROR_LIMIT);
    if (!failed(timestamp_verify(changed, MESSAGE, &own.authority, 1, &stamp, &err))) {
        ENSURE(stamp.time == own.stamp.time && stamp.accuracy == own.stamp.accuracy);
        ENSURE(str_eq(stamp.imprint, own.stamp.imprint) && str_eq(stamp.serial, own.stamp.serial));
    }
    ENSURE(ERR_peek_error() == 0);
    return 0;
}
