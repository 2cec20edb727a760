#include "convert/cel_text.h"

#include "base/buf.h"
#include "base/limits.h"

/* A character that stands for itself in a reference, and is no wildcard of a glob. */
static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && str_find(STR("-_/:@"), c) < 5);
}

/* What stands between the quotes. The one escape that is known is a backslash before a backslash.
 */
static bool read_quoted(struct arena *arena, struct str text, size_t *at, struct str *ret)
{
    size_t i = *at;
    bool raw = i + 1 < text.n && (text.p[i] == 'r' || text.p[i] == 'R');
    i += raw;
    if (i >= text.n || (text.p[i] != '"' && text.p[i] != '\'')) {
        return false;
    }
    char quote = text.p[i++];
    char *out = arena_alloc(arena, text.n + 1);
    size_t n = 0;
    for (; i < text.n && text.p[i] != quote; i++) {
        bool escape = !raw && text.p[i] == '\\';
        if (escape && (i + 1 == text.n || text.p[i + 1] != '\\')) {
            return false;
        }
        i += escape;
        out[n++] = text.p[i];
    }
    out[n] = '\0';
    *at = i + 1;
    *ret = (struct str){out, n};
    return i < text.n;
}

static bool read_plain(struct arena *arena, struct str text, enum cel_text kind,
                       struct texts *globs)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!is_plain(text.p[i]) && text.p[i] != '.') {
            return false;
        }
    }
    bool open_start = kind == CEL_TEXT_END || kind == CEL_TEXT_PART;
    bool open_end = kind == CEL_TEXT_START || kind == CEL_TEXT_PART;
    texts_add(
        arena, globs,
        arena_printf(arena, "%s%.*s%s", open_start ? "*" : "", STR_ARG(text), open_end ? "*" : ""));
    return text.n > 0;
}

/* -- regular expressions -- */

/* One step: a character, escaped or not, or a dot with what repeats it. Returns how much was read;
 * 0 for what is not known. */
static size_t read_step(struct str regex, size_t at, struct buf *glob)
{
    char c = regex.p[at], next = '\0', before = '\0';
    next = at + 1 < regex.n ? regex.p[at + 1] : next;
    before = at > 0 ? regex.p[at - 1] : before;
    size_t read = 1;
    if (c == '\\') {
        bool known = is_plain(next) ? next == '-' || next == '/' || next == ':' : next == '.';
        read = known ? 2 : 0;
        c = next;
    } else if (c == '.' && (next == '*' || next == '+')) {
        /* where a part begins, a reference has at least one character */
        bool begins = before == '/' || before == ':';
        buf_add(glob, next == '+' && !begins ? STR("?*") : STR("*"));
        return at + 2 < regex.n && regex.p[at + 2] == '?' ? 0 : 2;
    } else if (c == '.') {
        c = '?';
    } else if (!is_plain(c)) {
        return 0;
    }
    bool repeated = at + read < regex.n && str_find(STR("*+?{"), regex.p[at + read]) < 4;
    buf_add_char(glob, c);
    return repeated ? 0 : read;
}

static bool read_steps(struct str regex, struct buf *glob)
{
    for (size_t at = 0; at < regex.n;) {
        size_t read = read_step(regex, at, glob);
        if (read == 0) {
            return false;
        }
        at += read;
    }
    return true;
}

/* One way through the group. */
static bool add_way(struct arena *arena, const struct str parts[static 3], bool open_start,
                    bool open_end, struct texts *globs)
{
    buf_auto glob;
    buf_init(&glob, LIMIT_POLICY_BYTES);
    buf_add(&glob, open_start ? STR("*") : STR_EMPTY);
    struct str whole = arena_printf(arena, "%.*s%.*s%.*s", STR_ARG(parts[0]), STR_ARG(parts[1]),
                                    STR_ARG(parts[2]));
    bool read = read_steps(whole, &glob);
    buf_add(&glob, open_end ? STR("*") : STR_EMPTY);
    texts_add(arena, globs, arena_dup(arena, buf_str(&glob)));
    return read && buf_str(&glob).n > 0;
}

static bool read_regex(struct arena *arena, struct str regex, struct texts *globs)
{
    bool anchored = str_starts(regex, STR("^"));
    regex = str_sub(regex, anchored, regex.n);
    bool ended = str_ends(regex, STR("$"));
    regex = str_sub(regex, 0, regex.n - ended);
    size_t open = str_find(regex, '('), close = str_find(regex, ')');
    struct str parts[3] = {regex, STR_EMPTY, STR_EMPTY}, rest = STR_EMPTY;
    if (open < regex.n) {
        if (close < open ||
            (close + 1 < regex.n && str_find(STR("*+?{"), regex.p[close + 1]) < 4)) {
            return false;
        }
        parts[0] = str_sub(regex, 0, open);
        rest = str_sub(regex, open + 1, close);
        parts[2] = close < regex.n ? str_sub(regex, close + 1, regex.n) : STR("(");
    }
    for (bool more = true; more;) {
        more = str_cut(rest, '|', &parts[1], &rest);
        if (!add_way(arena, parts, !anchored, !ended, globs)) {
            return false;
        }
    }
    return true;
}

bool cel_text_read(struct arena *arena, struct str text, size_t *at, enum cel_text kind,
                   struct texts *globs)
{
    struct str quoted;
    if (!read_quoted(arena, text, at, &quoted)) {
        return false;
    }
    return kind == CEL_TEXT_REGEX ? read_regex(arena, quoted, globs)
                                  : read_plain(arena, quoted, kind, globs);
}
