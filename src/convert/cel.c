#include "convert/cel.h"

#include "convert/cel_text.h"

enum { DEPTH_MOST = 16, CLAUSES_MOST = 64 };

struct reader {
    struct arena *arena;
    struct str text;
    size_t at;
    yyjson_val *variables;
    struct cel_clauses *clauses; /* of the whole: what is looked at */
    struct str element;          /* the name of an image in the predicate at hand */
    bool of_objects;             /* it names a container instead */
    bool tight;                  /* behind !, which binds more than == and in */
    unsigned depth;
};

/* -- words -- */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static void skip_space(struct reader *r)
{
    while (r->at < r->text.n && (r->text.p[r->at] == ' ' || r->text.p[r->at] == '\n' ||
                                 r->text.p[r->at] == '\t' || r->text.p[r->at] == '\r')) {
        r->at++;
    }
}

/* Read the sign or word, if it comes next. */
static bool eat(struct reader *r, const char *sign)
{
    skip_space(r);
    struct str wanted = str_from(sign), rest = str_sub(r->text, r->at, r->text.n);
    bool word = is_word(wanted.p[wanted.n - 1]);
    if (!str_starts(rest, wanted) || (word && rest.n > wanted.n && is_word(rest.p[wanted.n]))) {
        return false;
    }
    r->at += wanted.n;
    return true;
}

static struct str eat_name(struct reader *r)
{
    skip_space(r);
    size_t from = r->at;
    while (r->at < r->text.n && is_word(r->text.p[r->at])) {
        r->at++;
    }
    return str_sub(r->text, from, r->at);
}

static bool eat_element(struct reader *r)
{
    size_t from = r->at;
    bool found =
        str_eq(eat_name(r), r->element) && (!r->of_objects || (eat(r, ".") && eat(r, "image")));
    r->at = found ? r->at : from;
    return found;
}

/* -- predicates: clauses, all of which must hold -- */

static bool read_either(struct reader *r, bool negative, struct cel_clauses *ret);

static void add_text(struct reader *r, bool negative, struct str glob, struct cel_clauses *ret)
{
    struct cel_clause clause = {0};
    texts_add(r->arena, negative ? &clause.denied : &clause.globs, glob);
    LIST_ADD(r->arena, ret, clause);
}

/* One of `globs`, or none of them. */
static bool add_texts(struct reader *r, bool negative, const struct texts *globs,
                      struct cel_clauses *ret)
{
    for (size_t i = 0; negative && i < globs->n; i++) {
        add_text(r, true, globs->items[i], ret);
    }
    if (!negative) {
        LIST_ADD(r->arena, ret, (struct cel_clause){.globs = *globs});
    }
    return globs->n > 0;
}

static bool read_literal(struct reader *r, enum cel_text kind, struct texts *globs)
{
    skip_space(r);
    return cel_text_read(r->arena, r->text, &r->at, kind, globs);
}

static bool read_list_of_texts(struct reader *r, struct texts *globs)
{
    if (!eat(r, "[")) {
        return false;
    }
    do {
        if (!read_literal(r, CEL_TEXT_WHOLE, globs)) {
            return false;
        }
    } while (eat(r, ","));
    return eat(r, "]");
}

static bool read_call(struct reader *r, struct texts *globs)
{
    static const struct {
        const char *name;
        enum cel_text kind;
    } CALLS[] = {{"startsWith", CEL_TEXT_START},
                 {"endsWith", CEL_TEXT_END},
                 {"contains", CEL_TEXT_PART},
                 {"matches", CEL_TEXT_REGEX}};
    for (size_t i = 0; i < sizeof CALLS / sizeof CALLS[0]; i++) {
        if (eat(r, CALLS[i].name)) {
            return eat(r, "(") && read_literal(r, CALLS[i].kind, globs) && eat(r, ")");
        }
    }
    return false;
}

static bool read_test(struct reader *r, bool negative, struct cel_clauses *ret)
{
    struct texts globs = {0};
    bool other = false, tight = r->tight, read;
    r->tight = false;
    if (!eat_element(r)) {
        return false;
    }
    if (eat(r, ".")) {
        read = read_call(r, &globs);
    } else if (tight) {
        return false;
    } else if (eat(r, "in")) {
        read = read_list_of_texts(r, &globs);
    } else {
        other = eat(r, "!=");
        read = (other || eat(r, "==")) && read_literal(r, CEL_TEXT_WHOLE, &globs);
    }
    return read && add_texts(r, negative != other, &globs, ret);
}

static bool read_not(struct reader *r, bool negative, struct cel_clauses *ret)
{
    bool read;
    if (++r->depth > DEPTH_MOST) {
        return false;
    }
    if (eat(r, "!")) {
        r->tight = true;
        read = read_not(r, !negative, ret);
    } else if (eat(r, "(")) {
        r->tight = false;
        read = read_either(r, negative, ret) && eat(r, ")");
    } else {
        read = read_test(r, negative, ret);
    }
    r->depth--;
    return read;
}

static void join_texts(struct arena *arena, struct texts *to, const struct texts *from)
{
    for (size_t i = 0; i < from->n; i++) {
        texts_add(arena, to, from->items[i]);
    }
}

/* Both hold. */
static bool both(struct reader *r, struct cel_clauses *a, const struct cel_clauses *b)
{
    for (size_t i = 0; i < b->n; i++) {
        LIST_ADD(r->arena, a, b->items[i]);
    }
    return a->n <= CLAUSES_MOST;
}

/* One of the two holds: each clause of one with each of the other. */
static bool either(struct reader *r, struct cel_clauses *a, const struct cel_clauses *b)
{
    struct cel_clauses joined = {0};
    for (size_t i = 0; i < a->n; i++) {
        for (size_t j = 0; j < b->n; j++) {
            struct cel_clause clause = {0};
            join_texts(r->arena, &clause.globs, &a->items[i].globs);
            join_texts(r->arena, &clause.globs, &b->items[j].globs);
            join_texts(r->arena, &clause.denied, &a->items[i].denied);
            join_texts(r->arena, &clause.denied, &b->items[j].denied);
            LIST_ADD(r->arena, &joined, clause);
        }
        if (joined.n > CLAUSES_MOST) {
            return false;
        }
    }
    *a = joined;
    return true;
}

/* && binds more than ||; where it is denied, each becomes the other. */
static bool read_both(struct reader *r, bool negative, struct cel_clauses *ret)
{
    if (!read_not(r, negative, ret)) {
        return false;
    }
    while (eat(r, "&&")) {
        struct cel_clauses more = {0};
        if (!read_not(r, negative, &more) ||
            !(negative ? either(r, ret, &more) : both(r, ret, &more))) {
            return false;
        }
    }
    return true;
}

static bool read_either(struct reader *r, bool negative, struct cel_clauses *ret)
{
    if (!read_both(r, negative, ret)) {
        return false;
    }
    while (eat(r, "||")) {
        struct cel_clauses more = {0};
        if (!read_both(r, negative, &more) ||
            !(negative ? both(r, ret, &more) : either(r, ret, &more))) {
            return false;
        }
    }
    return true;
}

/* -- lists of images -- */

static bool read_list(struct reader *r);

static unsigned eat_kind(struct reader *r)
{
    return eat(r, "containers")            ? 1U
           : eat(r, "initContainers")      ? 2U
           : eat(r, "ephemeralContainers") ? 4U
                                           : 0;
}

/* object.spec.containers. Lists that an object may lack must be read as those are. */
static bool read_of_object(struct reader *r)
{
    enum kyverno_shape shape = SHAPE_POD;
    if (!eat(r, ".") || !eat(r, "spec") || !eat(r, ".")) {
        return false;
    }
    if (eat(r, "jobTemplate")) {
        shape = SHAPE_JOB_TEMPLATE;
        if (!eat(r, ".") || !eat(r, "spec") || !eat(r, ".") || !eat(r, "template") ||
            !eat(r, ".") || !eat(r, "spec") || !eat(r, ".")) {
            return false;
        }
    } else if (eat(r, "template")) {
        shape = SHAPE_TEMPLATE;
        if (!eat(r, ".") || !eat(r, "spec") || !eat(r, ".")) {
            return false;
        }
    }
    bool optional = eat(r, "?");
    unsigned kind = eat_kind(r);
    r->clauses->kinds |= kind;
    r->clauses->shapes |= shape;
    return kind != 0 && (optional || kind == 1) &&
           (!optional || (eat(r, ".") && eat(r, "orValue") && eat(r, "(") && eat(r, "[") &&
                          eat(r, "]") && eat(r, ")")));
}

static bool read_variable(struct reader *r)
{
    struct str name = eat(r, ".") ? eat_name(r) : STR_EMPTY;
    size_t i, n;
    yyjson_val *one;
    yyjson_arr_foreach(r->variables, i, n, one)
    {
        if (name.n > 0 && str_eq(json_str(json_get(one, "name")), name)) {
            struct reader inner = *r;
            inner.text = json_str(json_get(one, "expression"));
            inner.at = 0;
            bool read = ++inner.depth <= DEPTH_MOST && read_list(&inner);
            skip_space(&inner);
            r->of_objects = inner.of_objects;
            return read && inner.at == inner.text.n;
        }
    }
    return false;
}

static bool read_one_list(struct reader *r)
{
    if (eat(r, "(")) {
        return ++r->depth <= DEPTH_MOST && read_list(r) && eat(r, ")");
    }
    r->of_objects = false;
    if (eat(r, "images")) {
        unsigned kind = eat(r, ".") ? eat_kind(r) : 0;
        r->clauses->kinds |= kind;
        return kind != 0;
    }
    if (eat(r, "variables")) {
        return read_variable(r);
    }
    r->of_objects = true;
    return eat(r, "object") && read_of_object(r);
}

static bool read_list(struct reader *r)
{
    if (!read_one_list(r)) {
        return false;
    }
    bool of_objects = r->of_objects;
    while (eat(r, "+")) {
        if (!read_one_list(r) || r->of_objects != of_objects) {
            return false;
        }
    }
    return true;
}

/* -- the whole -- */

static bool read_demand(struct reader *r)
{
    bool negative = eat(r, "!");
    if (!read_one_list(r) || !eat(r, ".") || !eat(r, negative ? "exists" : "all") || !eat(r, "(")) {
        return false;
    }
    r->element = eat_name(r);
    struct cel_clauses found = {0};
    return r->element.n > 0 && eat(r, ",") && read_either(r, negative, &found) && eat(r, ")") &&
           both(r, r->clauses, &found);
}

bool cel_read(struct arena *arena, struct str expression, yyjson_val *variables,
              struct cel_clauses *ret_clauses)
{
    *ret_clauses = (struct cel_clauses){0};
    struct reader reader = {.arena = arena,
                            .text = expression,
                            .variables = variables,
                            .clauses = ret_clauses,
                            .element = STR_EMPTY};
    do {
        if (!read_demand(&reader)) {
            return false;
        }
    } while (eat(&reader, "&&"));
    skip_space(&reader);
    return reader.at == reader.text.n;
}
