#pragma once
/* Inside crypto/: DER, read strictly, so that nothing has two encodings or two readings. Pure;
 * knows no OpenSSL. A reader is what is left of the bytes: a struct str that shrinks as elements
 * are taken from it; what is taken borrows from it. On false the reader stands where it stood.
 * Spec: X.690 sections 8 and 10, as far as certificates, keys and timestamps need it. */
#include "base/buf.h"
#include "base/str.h"

enum {
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_NULL = 0x05,
    DER_OID = 0x06,
    DER_ENUMERATED = 0x0a,
    DER_UTF8 = 0x0c,
    DER_UTC_TIME = 0x17,
    DER_GENERALIZED_TIME = 0x18,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
};

/* The tag of [n], and of [n] that holds elements. */
#define DER_TAGGED(n)  (0x80 | (n))
#define DER_WRAPPED(n) (0xa0 | (n))

struct der_item {
    unsigned char tag;
    struct str body;
    struct str all; /* with tag and length */
};

/* Whether `bytes` are one element and nothing behind it, strict at every depth: definite and
 * shortest lengths, shortest integers and object identifiers, truth values of 0 and 255, no string
 * in pieces. Limits: LIMIT_DER_DEPTH. */
MUST bool der_check(struct str bytes);

/* Take the next element, of any tag or of this one. */
MUST bool der_next(struct str *reader, struct der_item *ret_item);
MUST bool der_take(struct str *reader, unsigned char tag, struct str *ret_body);

/* Take the next element if it has this tag; else *ret_body is empty, without address. */
MUST bool der_take_if(struct str *reader, unsigned char tag, struct str *ret_body);

/* An INTEGER that is neither negative nor above `max`. */
MUST bool der_number(struct str body, uint64_t max, uint64_t *ret_value);

/* A BIT STRING of whole bytes. */
MUST bool der_bits(struct str body, struct str *ret_bytes);

/* A UTCTime or GeneralizedTime, which ends with Z, as wall time in nanoseconds; what is beyond
 * their range is cut to it. Fractions of a second are for timestamps only. Spec: RFC 5280
 * section 4.1.2.5, RFC 3161 section 2.4.2. */
MUST bool der_time(struct der_item item, bool fractions, int64_t *ret_ns);

/* The next element as such a time. */
MUST bool der_take_time(struct str *reader, bool fractions, int64_t *ret_ns);

/* The body of the object identifier that `dotted` writes, in `room`; of the program's own texts. */
enum { DER_OID_ROOM = 32 };
struct str der_oid(const char *dotted, char room[DER_OID_ROOM]);

/* Append tag and length of an element with a body of `n` bytes, or all of it. */
void der_add_head(struct buf *buf, unsigned char tag, size_t n);
void der_add(struct buf *buf, unsigned char tag, struct str body);
