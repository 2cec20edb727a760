#include "credentials/match.h"

#include <string.h>

/* -- URLs, as Go's net/url reads those that begin with https:// -- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c);
}

/* Letters, digits, what is no ASCII, and `others`. */
static bool all_of(struct str text, const char *others)
{
    for (size_t i = 0; i < text.n; i++) {
        bool wide = (unsigned char)text.p[i] >= 0x80;
        if (!is_name(text.p[i]) && !wide && strchr(others, text.p[i]) == NULL) {
            return false;
        }
    }
    return true;
}

static bool is_port(struct str text)
{
    bool good = text.n == 0 || text.p[0] == ':';
    for (size_t i = 1; i < text.n; i++) {
        good = good && is_digit(text.p[i]);
    }
    return good;
}

/* A host with its port. Escapes are not read: no host has any. */
static bool is_host(struct str host)
{
    size_t colon = str_find(host, ':');
    if (host.n > 0 && host.p[0] == '[') {
        size_t end = str_rfind(host, ']');
        return end < host.n && is_port(str_sub(host, end + 1, host.n)) &&
               all_of(str_sub(host, 1, end), "-_.~!$&'()*+,;=:<>\"");
    }
    return is_port(str_sub(host, colon, host.n)) && all_of(host, "-_.~!$&'()*+,;=:[]<>\"");
}

static int hex(char c)
{
    int letter = c | 0x20;
    return is_digit(c) ? c - '0' : letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/* A path without its escapes; false if one is broken. */
static bool unescape(struct arena *arena, struct str path, struct str *ret_path)
{
    char *plain = arena_alloc(arena, path.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < path.n; i++) {
        plain[n] = path.p[i];
        if (path.p[i] == '%') {
            int high = i + 2 < path.n ? hex(path.p[i + 1]) : -1;
            int low = i + 2 < path.n ? hex(path.p[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return false;
            }
            plain[n] = (char)(high << 4 | low);
            i += 2;
        }
        n++;
    }
    *ret_path = (struct str){plain, n};
    return true;
}

/* Host and path of what stands behind "https://". */
static bool parse_url(struct arena *arena, struct str text, struct str *ret_host,
                      struct str *ret_path)
{
    struct str rest, ignored;
    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char)text.p[i] < 0x20 || text.p[i] == 0x7f) {
            return false;
        }
    }
    str_cut(text, '#', &rest, &ignored);
    str_cut(rest, '?', &rest, &ignored);
    size_t slash = str_find(rest, '/');
    struct str host = str_sub(rest, 0, slash);
    size_t at = str_rfind(host, '@');
    if (at < host.n) {
        if (!all_of(str_sub(host, 0, at), "-._:~!$&'()*+,;=%@")) {
            return false;
        }
        host = str_sub(host, at + 1, host.n);
    }
    *ret_host = host;
    return is_host(host) && unescape(arena, str_sub(rest, slash, rest.n), ret_path);
}

/* As net.SplitHostPort; where that fails, all of it is the host. */
static void split_port(struct str text, struct str *ret_host, struct str *ret_port)
{
    *ret_host = text;
    *ret_port = STR_EMPTY;
    if (text.n > 0 && text.p[0] == '[') {
        size_t end = str_find(text, ']');
        if (end + 1 < text.n && text.p[end + 1] == ':') {
            *ret_host = str_sub(text, 1, end);
            *ret_port = str_sub(text, end + 2, text.n);
        }
    } else if (str_find(text, '[') == text.n && str_find(text, ']') == text.n) {
        str_cut(text, ':', ret_host, ret_port);
    }
}

static struct str without_scheme(struct str name)
{
    if (str_starts(name, STR("https://"))) {
        return str_sub(name, 8, name.n);
    }
    return str_starts(name, STR("http://")) ? str_sub(name, 7, name.n) : name;
}

bool match_key_parse(struct arena *arena, struct str name, struct match_key *ret_key)
{
    struct match_key key = {.sound = false};
    struct str host, path;
    if (!parse_url(arena, without_scheme(name), &host, &path)) {
        return false;
    }
    if (str_starts(path, STR("/v1/")) || str_starts(path, STR("/v2/"))) {
        path = str_sub(path, 3, path.n);
    }
    path = str_eq(path, STR("/")) ? STR_EMPTY : path;
    key.text = arena_join(arena, (struct str[]){host, path}, 2);
    /* A kubelet reads it as a URL again: what was escaped twice is plain now. */
    key.sound = parse_url(arena, key.text, &host, &key.path);
    split_port(host, &key.host, &key.port);
    *ret_key = key;
    return true;
}

/* -- patterns of one label, as Go's filepath.Match: "*" and "[a-z]"; "?" begins a query -- */

/* One character against the class that begins at pattern[*at]; moves *at behind it. A class that
 * is broken matches nothing. */
static bool match_class(struct str pattern, size_t *at, char c)
{
    bool found = false;
    size_t i = *at + 1;
    for (bool first = true;; first = false) {
        if (i < pattern.n && pattern.p[i] == ']' && !first) {
            break;
        }
        if (i + 1 >= pattern.n || pattern.p[i] == '-' || pattern.p[i] == ']') {
            return false;
        }
        char low = pattern.p[i++], high = low;
        if (pattern.p[i] == '-') {
            high = i + 1 < pattern.n ? pattern.p[i + 1] : ']';
            if (high == ']' || high == '-') {
                return false;
            }
            i += 2;
        }
        found = found || (low <= c && c <= high);
    }
    *at = i + 1;
    return found;
}

static bool match_one(struct str pattern, size_t *at, char c)
{
    if (pattern.p[*at] == '[') {
        return match_class(pattern, at, c);
    }
    return pattern.p[(*at)++] == c;
}

static bool match_label(struct str pattern, struct str label)
{
    size_t p = 0, l = 0;
    size_t star = pattern.n, from = 0; /* behind the last '*', and what it has not taken yet */
    bool starred = false;
    while (l < label.n || p < pattern.n) {
        size_t next = p;
        if (p < pattern.n && pattern.p[p] == '*') {
            starred = true;
            star = ++p;
            from = l;
        } else if (p < pattern.n && l < label.n && match_one(pattern, &next, label.p[l])) {
            p = next;
            l++;
        } else if (starred && from < label.n) {
            p = star;
            l = ++from;
        } else {
            return false;
        }
    }
    return true;
}

static bool match_host(struct str pattern, struct str host)
{
    bool more, others;
    do {
        struct str wanted, label;
        more = str_cut(pattern, '.', &wanted, &pattern);
        others = str_cut(host, '.', &label, &host);
        if (more != others || !match_label(wanted, label)) {
            return false;
        }
    } while (more);
    return true;
}

bool match_key_covers(const struct match_key *key, struct str registry, struct str repository)
{
    struct str host, port;
    split_port(registry, &host, &port);
    if (!key->sound || !str_eq(key->port, port) || !match_host(key->host, host)) {
        return false;
    }
    return key->path.n == 0 ||
           (key->path.p[0] == '/' && str_starts(repository, str_sub(key->path, 1, key->path.n)));
}
