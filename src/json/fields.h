#pragma once
/* One table of fields yields the decoder, the checker, the JSON Schema, the schema that API servers
 * check by and the reference page, so that these cannot drift apart.
 *
 * A `struct fields` describes an object: its members in order, each with type, place in the C
 * struct, bounds, a sentence and an example. `fields_decode` reads a value by it into a zeroed C
 * struct and reports *everything* that is wrong: unknown members (with the near miss), wrong types,
 * missing required members, values out of bounds. Null for a required member is missing; for an
 * optional one it is a wrong type: what is left out often means "all", and a value that someone
 * forgot to give must not.
 * Tables are const and static.
 *
 * What a decoded scalar needs later (a pattern that does not parse, three steps on) is its place,
 * so scalars are kept as `struct text`. Ownership: decoded strings and lists live in the arena. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/status.h"
#include "json/diagnostic.h"
#include "json/doc.h"

/* A string of a document with its place. Absent: mark.line == 0 and text.p == NULL. */
struct text {
    struct str text;
    struct mark mark;
    struct str path; /* "spec.images[1]" */
};

struct texts {
    struct text *items;
    size_t n;
    bool set; /* the list was there, though it may be empty */
    struct mark mark;
};

struct text_pair {
    struct text key;
    struct text value;
};

struct text_map {
    struct text_pair *items;
    size_t n;
    bool set;
};

/* A list of objects; items points to `n` structs of fields->size each. */
struct field_list {
    void *items;
    size_t n;
    bool set;
    struct mark mark;
};

enum field_type {
    FIELD_TEXT,     /* struct text: a string */
    FIELD_CHOICE,   /* struct text: one of `choices` */
    FIELD_DURATION, /* int64_t ns: a string such as "10s" */
    FIELD_TIME,     /* int64_t wall ns: an RFC 3339 string */
    FIELD_SIZE,     /* uint64_t: a non-negative integer between `min` and `max` */
    FIELD_BOOL,     /* bool */
    FIELD_TEXTS,    /* struct texts: a list of strings, of `choices` if those are given */
    FIELD_MAP,      /* struct text_map: an object whose values are strings */
    FIELD_OBJECT,   /* the nested C struct itself, described by `object`; its `set` is separate */
    FIELD_OBJECTS,  /* struct field_list: a list of objects described by `object` */
    FIELD_ANY       /* not decoded, not checked: metadata that Kubernetes owns; `object`, if it is
                       given, says for readers what is there */
};

enum field_flags {
    FIELD_OPTIONAL = 0,
    FIELD_REQUIRED = 1, /* must be there */
    FIELD_NONEMPTY = 2, /* a string or list that is there must not be empty */
    FIELD_RESERVED = 4  /* a name of the language that this version does not implement: an error
                           of its own that says so */
};

struct fields;

/* What a value must be beside its type and bounds, for checkers that know CEL, where `self` is the
 * value. The decoder does not look at it: whoever decodes checks the same in C, and the words are
 * the same. A list of them ends with cel == NULL. */
struct field_check {
    const char *cel;         /* true if it is so */
    const char *message;     /* what a person is told if not */
    const char *message_cel; /* an expression for it that can name what is wrong; NULL: none */
    const char *path;        /* of the member that is wrong, ".spec.accept"; NULL: the value */
};

struct field {
    const char *name;
    enum field_type type;
    unsigned flags;
    size_t offset;               /* of the value in the C struct */
    size_t set_offset;           /* of a bool that says it was there; 0: none */
    uint64_t min, max;           /* SIZE: value; TEXT: bytes; TEXTS, OBJECTS, MAP: items; 0: none,
                                    but lists and maps hold LIMIT_LIST_ITEMS at most */
    const char *const *choices;  /* ends with NULL */
    const struct fields *object; /* OBJECT, OBJECTS; ANY */
    const char *pattern;         /* TEXT: a regular expression of RE2 and ECMA 262; for schemas, as
                                    field_check; NULL: none */
    const struct field_check *checks; /* TEXTS, OBJECTS; NULL: none */
    const char *item_key;             /* OBJECTS: the member whose value is an item's name, so that
                                         several may each write items of their own; NULL: the list
                                         is written as a whole */
    const char *preset;               /* a string that an API server may write where the field is
                                         absent, which changes no meaning; NULL: none */
    const char *doc;                  /* a sentence or two for the reference page and the schema */
    const char *example;              /* as YAML, on one line; NULL: none */
    const char *default_text; /* what its absence means, for the reference page; NULL: none */
};

struct fields {
    const char *name; /* "ClusterImagePolicy", "Rule": heading and schema name */
    const char *doc;
    size_t size; /* of the C struct */
    const struct field *members;
    size_t n;
    const struct field_check *checks; /* of the object; NULL: none */
};

/* The least that a schema asks of a field's value, length or number of items; 0: nothing. A text's
 * bound is in bytes, and schemas count characters, of up to four bytes: it allows all that the
 * decoder does, and a little more. */
uint64_t fields_min(const struct field *field);

/* The most that a field's value, length or number of items may be; UINT64_MAX: any. */
uint64_t fields_max(const struct field *field);

/* Decode `value` by `fields` into *ret_struct, which is zeroed and fields->size large. `path` is
 * where the value stands ("" for a document). Adds all errors to `list`; what could be decoded is
 * in *ret_struct all the same, for further checks: a list or map of a wrong type is `set` and
 * empty, and so is one that is too long; an object in a list keeps its index. Returns true if it
 * added no error. What is decoded lives in list->arena, which should have room for 512 MiB if the
 * document is of someone who is not trusted: aliases make much of little.
 * Limits: the tables' own; LIMIT_JSON_MEMORY for all strings together. */
bool fields_decode(const struct fields *fields, const struct json_doc *doc, yyjson_val *value,
                   struct str path, struct diagnostics *list, void *ret_struct);

/* Append a JSON Schema (draft 2020-12) for documents that `fields[0..n)` describe; a document's
 * `kind` chooses among them if n > 1. Ends with a newline. */
void fields_schema(const struct fields *const *fields, size_t n, const char *id, struct buf *buf);

/* Append the structural schema of an API server for documents that `fields` describes, as YAML that
 * stands `depth` levels of two spaces deep. It refuses nothing that fields_decode takes. What a
 * reader would refuse and a server would drop (names that are not known, nulls) is kept as it is,
 * so that the reader still sees it; but not below FIELD_ANY, which this program writes itself.
 * Spec: k8s.io/apiextensions-apiserver v1 JSONSchemaProps, structural schemas. */
void fields_structural(const struct fields *fields, unsigned depth, struct buf *buf);

/* Append a reference page in Markdown: one section per object, one row per field. */
void fields_reference(const struct fields *const *fields, size_t n, struct buf *buf);
