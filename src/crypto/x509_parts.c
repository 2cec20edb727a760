#include "base/limits.h"
#include "crypto/der.h"
#include "crypto/x509_own.h"

enum { VERSION_3 = 2, SERIAL_MAX = 21 };

static status malformed(struct error *err)
{
    return error_set(err, ERROR_INPUT, "certificate: malformed");
}

/* -- extensions -- */

static bool take_extension(struct str *reader, struct x509_extension *ret)
{
    struct str body, critical;
    if (!der_take(reader, DER_SEQUENCE, &body) || !der_take(&body, DER_OID, &ret->oid)) {
        return false;
    }
    ret->critical = der_take_if(&body, DER_BOOLEAN, &critical) && critical.p[0] != 0;
    return der_take(&body, DER_OCTET_STRING, &ret->value) && body.n == 0;
}

static bool stands_before(const struct x509_extension *items, size_t n, struct str oid)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq(items[i].oid, oid)) {
            return true;
        }
    }
    return false;
}

static status read_list(struct arena *arena, struct str list, struct x509_parts *ret,
                        struct error *err)
{
    struct x509_extension *items =
        ARENA_ARRAY(arena, struct x509_extension, LIMIT_CERTIFICATE_EXTENSIONS);
    size_t n = 0;
    for (; list.n > 0; n++) {
        if (n == LIMIT_CERTIFICATE_EXTENSIONS) {
            return error_set(err, ERROR_LIMIT, "certificate: more than %u extensions",
                             LIMIT_CERTIFICATE_EXTENSIONS);
        }
        if (!take_extension(&list, &items[n])) {
            return malformed(err);
        }
        if (stands_before(items, n, items[n].oid)) {
            return error_set(err, ERROR_INPUT, "certificate: the same extension twice");
        }
    }
    ret->extensions = items;
    ret->n_extensions = n;
    return n > 0 ? OK : malformed(err);
}

/* -- fields -- */

static bool take_whole(struct str *reader, struct str *ret_all)
{
    struct der_item item;
    if (!der_next(reader, &item) || item.tag != DER_SEQUENCE) {
        return false;
    }
    *ret_all = item.all;
    return true;
}

/* Version 1 says nothing and has no extensions. */
static bool take_version(struct str *reader, bool *ret_third)
{
    struct str wrapped, number;
    uint64_t version;
    *ret_third = der_take_if(reader, DER_WRAPPED(0), &wrapped);
    return !*ret_third || (der_take(&wrapped, DER_INTEGER, &number) && wrapped.n == 0 &&
                           der_number(number, VERSION_3, &version) && version == VERSION_3);
}

static bool take_validity(struct str *reader, struct x509_facts *ret)
{
    struct str body;
    return der_take(reader, DER_SEQUENCE, &body) && der_take_time(&body, false, &ret->not_before) &&
           der_take_time(&body, false, &ret->not_after) && body.n == 0;
}

static bool take_serial(struct str *reader, struct str *ret_serial)
{
    return der_take(reader, DER_INTEGER, ret_serial) && ret_serial->n <= SERIAL_MAX;
}

static status read_tbs(struct arena *arena, struct str tbs, struct x509_certificate *ret,
                       struct error *err)
{
    bool third;
    struct str unique, wrapped, list;
    struct x509_parts *parts = &ret->parts;
    if (!take_version(&tbs, &third) || !take_serial(&tbs, &parts->serial) ||
        !take_whole(&tbs, &parts->algorithm) || !take_whole(&tbs, &parts->issuer) ||
        !take_validity(&tbs, &ret->facts) || !take_whole(&tbs, &parts->subject) ||
        !take_whole(&tbs, &parts->spki)) {
        return malformed(err);
    }
    for (unsigned char i = 1; third && i <= 2; i++) {
        (void)!der_take_if(&tbs, (unsigned char)DER_TAGGED(i), &unique);
    }
    if (tbs.n == 0) {
        return OK;
    }
    if (!third || !der_take(&tbs, DER_WRAPPED(3), &wrapped) || tbs.n > 0 ||
        !der_take(&wrapped, DER_SEQUENCE, &list) || wrapped.n > 0) {
        return malformed(err);
    }
    return read_list(arena, list, parts, err);
}

status x509_read_parts(struct arena *arena, struct str der, struct x509_certificate *ret,
                       struct error *err)
{
    struct str body, algorithm, signature, bits;
    if (!der_check(der) || !der_take(&der, DER_SEQUENCE, &body) ||
        !der_take(&body, DER_SEQUENCE, &ret->parts.tbs) || !take_whole(&body, &algorithm) ||
        !der_take(&body, DER_BIT_STRING, &signature) || body.n > 0 || !der_bits(signature, &bits)) {
        return malformed(err);
    }
    TRY(read_tbs(arena, ret->parts.tbs, ret, err));
    if (!str_eq(algorithm, ret->parts.algorithm)) {
        return error_set(err, ERROR_INPUT, "certificate: signed otherwise than it says");
    }
    return OK;
}
