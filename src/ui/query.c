#include "ui/query.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "ui/html.h"

static const char *const VERDICTS[] = {"allow", "deny", "error", NULL};
static const char *const DRY_RUNS[] = {"only", "none", NULL};
static const char *const MODES[] = {"enforce", "warn", "audit", NULL};

/* Pages on which a parameter may stand, as bits. A decision takes the filters of the page that it
 * was come to from, for the way back. */
enum { LISTED = 1 << UI_DECISIONS | 1 << UI_DECISION, POLICIES = 1 << UI_POLICIES };

static const struct parameter {
    const char *name;
    unsigned pages;
    enum { TEXT, CHOICE, DURATION, NUMBER } type;
    bool place;                 /* where the page begins, rather than a filter */
    const char *const *choices; /* of CHOICE */
} PARAMETERS[UI_PARAMETER_COUNT] = {
    [UI_VERDICT] = {"verdict", LISTED, CHOICE, false, VERDICTS},
    [UI_NAMESPACE] = {"namespace", LISTED, TEXT, false, NULL},
    [UI_KIND] = {"kind", LISTED, TEXT, false, NULL},
    [UI_POLICY] = {"policy", LISTED, TEXT, false, NULL},
    [UI_IMAGE] = {"image", LISTED, TEXT, false, NULL},
    [UI_USER] = {"user", LISTED, TEXT, false, NULL},
    [UI_SINCE] = {"since", LISTED, DURATION, false, NULL},
    [UI_DRY_RUN] = {"dry-run", LISTED, CHOICE, false, DRY_RUNS},
    [UI_BEFORE] = {"before", LISTED, NUMBER, true, NULL},
    [UI_NAME] = {"name", POLICIES, TEXT, false, NULL},
    [UI_MODE] = {"mode", POLICIES, CHOICE, false, MODES},
    [UI_FROM] = {"from", POLICIES, NUMBER, true, NULL},
};

const char *ui_parameter_name(enum ui_parameter parameter)
{
    return PARAMETERS[parameter].name;
}

bool ui_filters(enum ui_page page, enum ui_parameter parameter)
{
    return (PARAMETERS[parameter].pages & 1u << page) != 0 && !PARAMETERS[parameter].place;
}

bool ui_is_filtered(const struct ui_request *request, enum ui_page page)
{
    for (enum ui_parameter i = 0; i < UI_PARAMETER_COUNT; i++) {
        if (ui_filters(page, i) && request->values[i].p != NULL) {
            return true;
        }
    }
    return false;
}

bool ui_can_ask(struct str value)
{
    return value.n > 0 && value.n <= LIMIT_UI_VALUE;
}

/* -- paths -- */

static const struct {
    const char *path;
    enum ui_page page;
} PATHS[] = {{"/ui", UI_DECISIONS}, {"/ui/policies", UI_POLICIES}, {"/ui/replica", UI_REPLICA}};

static const struct str DECISION = {"/ui/decision/", 13};

static status find_page(struct str path, struct ui_request *request, struct error *err)
{
    for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++) {
        if (str_eq(path, str_from(PATHS[i].path))) {
            request->page = PATHS[i].page;
            return OK;
        }
    }
    uint64_t id = 0;
    if (str_starts(path, DECISION) &&
        str_parse_u64(str_sub(path, DECISION.n, path.n), INT64_MAX - 1, &id) && id > 0) {
        request->page = UI_DECISION;
        request->id = (int64_t)id;
        return OK;
    }
    return error_set(err, ERROR_NOT_FOUND, "There is no such page.");
}

void ui_path(struct buf *html, enum ui_page page, int64_t id)
{
    if (page == UI_DECISION) {
        buf_printf(html, "%s%lld", DECISION.p, (long long)id);
        return;
    }
    for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++) {
        if (PATHS[i].page == page) {
            buf_add_cstr(html, PATHS[i].path);
        }
    }
}

/* -- parameters -- */

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Decode a name or a value of a form. Returns false if a "%" has no two digits behind it.
 * Spec: URL Standard, application/x-www-form-urlencoded. */
static bool decode(struct str text, struct arena *arena, struct str *ret_text)
{
    char *out = arena_alloc(arena, text.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '%') {
            int high = i + 2 < text.n ? hex(text.p[i + 1]) : -1;
            int low = i + 2 < text.n ? hex(text.p[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return false;
            }
            out[n++] = (char)(high << 4 | low);
            i += 2;
        } else {
            out[n++] = c == '+' ? ' ' : c;
        }
    }
    *ret_text = (struct str){out, n};
    return true;
}

static status find_parameter(struct str name, enum ui_page page, enum ui_parameter *ret_parameter,
                             struct error *err)
{
    for (enum ui_parameter i = 0; i < UI_PARAMETER_COUNT; i++) {
        if ((PARAMETERS[i].pages & 1u << page) != 0 && str_eq(name, str_from(PARAMETERS[i].name))) {
            *ret_parameter = i;
            return OK;
        }
    }
    return error_set(err, ERROR_INPUT, "This page has no parameter \xe2\x80\x9c%.*s\xe2\x80\x9d.",
                     (int)utf8_cut(name.p, name.n, 40), name.p);
}

static status wrong(const struct parameter *parameter, const char *what, struct error *err)
{
    return error_set(err, ERROR_INPUT, "The parameter \xe2\x80\x9c%s\xe2\x80\x9d %s.",
                     parameter->name, what);
}

static status check_choice(const struct parameter *parameter, struct str value, struct error *err)
{
    char list[64];
    size_t n = 0;
    for (const char *const *choice = parameter->choices; *choice != NULL; choice++) {
        if (str_eq(value, str_from(*choice))) {
            return OK;
        }
        int more =
            snprintf(list + n, sizeof list - n, "%s%s", n == 0 ? "is one of: " : ", ", *choice);
        n += (size_t)more;
    }
    return wrong(parameter, list, err);
}

static status check_value(const struct parameter *parameter, struct str value, uint64_t *ret_number,
                          struct error *err)
{
    int64_t ns = 0;
    struct error why;
    switch (parameter->type) {
    case TEXT:
        return OK;
    case CHOICE:
        return check_choice(parameter, value, err);
    case DURATION:
        if (failed(clock_parse_duration(value, &ns, &why)) || ns == 0) {
            return wrong(parameter, "is a duration, such as 15m, 6h or 7d", err);
        }
        *ret_number = (uint64_t)ns;
        return OK;
    case NUMBER:
        if (!str_parse_u64(value, INT64_MAX, ret_number)) {
            return wrong(parameter, "is a number", err);
        }
        return OK;
    }
    return OK;
}

static void keep(struct ui_request *request, enum ui_parameter parameter, struct str value,
                 uint64_t number)
{
    request->values[parameter] = value;
    if (parameter == UI_SINCE) {
        request->since_ns = (int64_t)number;
    } else if (parameter == UI_BEFORE) {
        request->before = (int64_t)number;
    } else if (parameter == UI_FROM) {
        request->from = number;
    }
}

static status take_parameter(struct str text, struct arena *arena, unsigned *seen,
                             struct ui_request *request, struct error *err)
{
    struct str name, value;
    enum ui_parameter which = 0;
    uint64_t number = 0;
    (void)str_cut(text, '=', &name, &value);
    if (!decode(name, arena, &name) || !utf8_valid(name)) {
        return error_set(err, ERROR_INPUT, "The name of a parameter is not well-formed.");
    }
    TRY(find_parameter(name, request->page, &which, err));
    const struct parameter *parameter = &PARAMETERS[which];
    if ((*seen & 1u << which) != 0) {
        return wrong(parameter, "stands more than once", err);
    }
    *seen |= 1u << which;
    if (!decode(value, arena, &value) || !utf8_valid(value)) {
        return wrong(parameter, "is not well-formed", err);
    }
    if (value.n > LIMIT_UI_VALUE) {
        char most[64];
        snprintf(most, sizeof most, "has more than %u bytes", LIMIT_UI_VALUE);
        return wrong(parameter, most, err);
    }
    if (value.n > 0) {
        TRY(check_value(parameter, value, &number, err));
        keep(request, which, value, number);
    }
    return OK;
}

static status take_parameters(struct str query, struct arena *arena, struct ui_request *request,
                              struct error *err)
{
    unsigned seen = 0, n = 0;
    while (query.n > 0) {
        struct str one;
        (void)str_cut(query, '&', &one, &query);
        if (one.n == 0) {
            continue;
        }
        if (++n > LIMIT_UI_PARAMETERS) {
            return error_set(err, ERROR_INPUT, "There are more than %u parameters.",
                             LIMIT_UI_PARAMETERS);
        }
        TRY(take_parameter(one, arena, &seen, request, err));
    }
    return OK;
}

status ui_request_parse(struct str target, struct arena *arena, struct ui_request *ret_request,
                        struct error *err)
{
    struct ui_request request = {0};
    struct str path, query;
    if (target.n > LIMIT_UI_TARGET) {
        return error_set(err, ERROR_LIMIT, "The address has more than %u bytes.", LIMIT_UI_TARGET);
    }
    (void)str_cut(target, '?', &path, &query);
    TRY(find_page(path, &request, err));
    TRY(take_parameters(query, arena, &request, err));
    *ret_request = request;
    return OK;
}

/* -- and back -- */

void ui_query(struct buf *html, const struct ui_request *request, enum ui_parameter but,
              struct str value)
{
    const char *before = "?";
    for (enum ui_parameter i = 0; i < UI_PARAMETER_COUNT; i++) {
        struct str one = i == but                       ? value
                         : PARAMETERS[i].place          ? STR_EMPTY
                         : request->values[i].p == NULL ? STR_EMPTY
                                                        : request->values[i];
        if (one.n > 0) {
            buf_printf(html, "%s%s=", before, PARAMETERS[i].name);
            html_percent(html, one);
            before = "&amp;";
        }
    }
}
