#include <arpa/inet.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "crypto/der.h"
#include "crypto/x509_own.h"

#define OID_CODE_SIGNING "1.3.6.1.5.5.7.3.3"
#define OID_TIMESTAMPING "1.3.6.1.5.5.7.3.8"
#define OID_ANY_PURPOSE  "2.5.29.37.0"
#define OID_OTHER_NAME   OID_FULCIO "7"

enum { PLAIN_MAX = 6, OTHER_NAME = 7 };

/* The tags of the names that are read. */
enum { TAG_EMAIL = 0x81, TAG_DNS = 0x82, TAG_URI = 0x86, TAG_IP = 0x87, TAG_OTHER_NAME = 0xa0 };

static bool is_oid(struct str body, const char *dotted)
{
    char room[DER_OID_ROOM];
    return str_eq(body, der_oid(dotted, room));
}

/* -- names -- */

/* Whether it can be shown and compared: UTF-8 in which no character acts. */
static bool is_text(struct str s)
{
    for (size_t i = 0, n; i < s.n; i += n) {
        n = utf8_length(s.p + i, s.n - i);
        if (n == 0 || utf8_acts(s.p + i, n)) {
            return false;
        }
    }
    return s.n > 0;
}

static bool is_ascii(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < ' ' || s.p[i] > '~') {
            return false;
        }
    }
    return s.n > 0;
}

static bool read_ip(struct arena *arena, struct str bytes, struct str *ret_text)
{
    char room[INET6_ADDRSTRLEN];
    int family = bytes.n == 4 ? AF_INET : AF_INET6;
    if (bytes.n != 4 && bytes.n != 16) {
        return false;
    }
    ENSURE(inet_ntop(family, bytes.p, room, sizeof room) != NULL);
    *ret_text = arena_dup(arena, str_from(room));
    return true;
}

/* A name of a kind of somebody else's is none of ours: *ret_ours is false. */
static bool read_other(struct str body, struct str *ret_text, bool *ret_ours)
{
    struct str oid, wrapped;
    if (!der_take(&body, DER_OID, &oid)) {
        return false;
    }
    *ret_ours = is_oid(oid, OID_OTHER_NAME);
    return !*ret_ours ||
           (der_take(&body, DER_WRAPPED(0), &wrapped) && body.n == 0 &&
            der_take(&wrapped, DER_UTF8, ret_text) && wrapped.n == 0 && is_text(*ret_text));
}

static bool read_name(struct arena *arena, struct der_item item, struct x509_san *ret,
                      bool *ret_ours)
{
    *ret_ours = true;
    ret->text = item.body;
    switch (item.tag) {
    case TAG_EMAIL:
        ret->kind = SAN_EMAIL;
        return is_ascii(item.body);
    case TAG_DNS:
        ret->kind = SAN_DNS;
        return is_ascii(item.body);
    case TAG_URI:
        ret->kind = SAN_URI;
        return is_ascii(item.body);
    case TAG_IP:
        ret->kind = SAN_IP;
        return read_ip(arena, item.body, &ret->text);
    case TAG_OTHER_NAME:
        ret->kind = SAN_OTHER_NAME;
        return read_other(item.body, &ret->text, ret_ours);
    default:
        *ret_ours = false;
        return true;
    }
}

static status read_names(struct x509_certificate *it, struct error *err)
{
    const struct x509_extension *extension = x509_find(it, OID_SAN);
    struct str list, value;
    struct der_item item;
    if (extension == NULL) {
        return OK;
    }
    value = extension->value;
    if (!der_check(value) || !der_take(&value, DER_SEQUENCE, &list) || list.n == 0) {
        return error_set(err, ERROR_INPUT, "certificate: malformed names");
    }
    struct x509_san *sans = ARENA_ARRAY(&it->arena, struct x509_san, LIMIT_CERTIFICATE_NAMES);
    for (size_t seen = 0; list.n > 0; seen++) {
        bool ours;
        if (seen == LIMIT_CERTIFICATE_NAMES) {
            return error_set(err, ERROR_LIMIT, "certificate: more than %u names",
                             LIMIT_CERTIFICATE_NAMES);
        }
        if (!der_next(&list, &item) ||
            !read_name(&it->arena, item, &sans[it->facts.n_sans], &ours)) {
            return error_set(err, ERROR_INPUT, "certificate: a name that is none");
        }
        it->facts.n_sans += ours;
    }
    it->facts.sans = sans;
    return OK;
}

/* -- what it is for -- */

static bool read_purposes(struct x509_certificate *it)
{
    const struct x509_extension *extension = x509_find(it, OID_PURPOSES);
    struct str list, value, oid;
    size_t n = 0;
    if (extension == NULL) {
        return true;
    }
    value = extension->value;
    if (!der_check(value) || !der_take(&value, DER_SEQUENCE, &list) || list.n == 0) {
        return false;
    }
    for (; list.n > 0; n++) {
        if (!der_take(&list, DER_OID, &oid)) {
            return false;
        }
        it->facts.signs_code |= is_oid(oid, OID_CODE_SIGNING);
        it->facts.stamps_time |= is_oid(oid, OID_TIMESTAMPING);
        it->any_purpose |= is_oid(oid, OID_ANY_PURPOSE);
    }
    it->purposes_stamp = it->facts.stamps_time;
    it->facts.stamps_time = it->facts.stamps_time && n == 1 && extension->critical;
    it->has_purposes = true;
    return true;
}

static bool read_usage(struct x509_certificate *it)
{
    const struct x509_extension *extension = x509_find(it, OID_KEY_USAGE);
    struct str value, bits;
    if (extension == NULL) {
        return true;
    }
    value = extension->value;
    if (!der_check(value) || !der_take(&value, DER_BIT_STRING, &bits) || bits.n < 2) {
        return false;
    }
    it->has_usage = true;
    it->usage = (unsigned char)bits.p[1];
    return true;
}

static bool read_constraints(struct x509_certificate *it)
{
    const struct x509_extension *extension = x509_find(it, OID_BASIC_CONSTRAINTS);
    struct str value, body, authority, path;
    uint64_t length;
    if (extension == NULL) {
        return true;
    }
    value = extension->value;
    if (!der_check(value) || !der_take(&value, DER_SEQUENCE, &body)) {
        return false;
    }
    it->facts.authority = der_take_if(&body, DER_BOOLEAN, &authority) && authority.p[0] != 0;
    bool limited = der_take_if(&body, DER_INTEGER, &path);
    return body.n == 0 && (!limited || (it->facts.authority && der_number(path, 255, &length)));
}

status x509_read_extensions(struct x509_certificate *certificate, struct error *err)
{
    TRY(read_names(certificate, err));
    if (!read_purposes(certificate) || !read_usage(certificate) || !read_constraints(certificate)) {
        return error_set(err, ERROR_INPUT, "certificate: malformed usages or constraints");
    }
    return OK;
}

/* -- Fulcio's -- */

status x509_fulcio_text(const struct x509_certificate *certificate, unsigned number,
                        struct str *ret_text, struct error *err)
{
    char oid[sizeof OID_FULCIO + 16];
    snprintf(oid, sizeof oid, OID_FULCIO "%u", number);
    const struct x509_extension *extension =
        number == OTHER_NAME ? NULL : x509_find(certificate, oid);
    if (extension == NULL) {
        *ret_text = (struct str){0};
        return OK;
    }
    struct str value = extension->value, text = value;
    bool plain = number <= PLAIN_MAX;
    if (!(plain || (der_check(value) && der_take(&value, DER_UTF8, &text))) || !is_text(text)) {
        return error_set(err, ERROR_INPUT, "certificate: extension %s is no text", oid);
    }
    *ret_text = text;
    return OK;
}
