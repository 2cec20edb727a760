#include "image/grammar.h"

#include "image/chars.h"

static bool all(struct str s, bool (*is)(char))
{
    for (size_t i = 0; i < s.n; i++) {
        if (!is(s.p[i])) {
            return false;
        }
    }
    return true;
}

static bool is_digit(char c)
{
    return char_is_digit(c);
}

static bool is_address_char(char c)
{
    return char_is_lower_hex(char_lower(c)) || c == ':';
}

static bool is_tag_char(char c)
{
    return char_is_alnum(c) || c == '_' || c == '.' || c == '-';
}

bool grammar_cut_port(struct str domain, struct str *ret_host, struct str *ret_port)
{
    size_t colon;
    if (domain.n > 0 && domain.p[0] == '[') {
        colon = str_find(domain, ']') + 1;
        if (colon >= domain.n || domain.p[colon] != ':') {
            colon = domain.n;
        }
    } else {
        colon = str_find(domain, ':');
    }
    *ret_host = str_sub(domain, 0, colon);
    *ret_port = str_sub(domain, colon + 1, domain.n);
    return colon < domain.n;
}

/* Labels joined by ".": letters, digits and inner "-". */
static bool is_host_name(struct str s)
{
    char before = '.';
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool inner = c == '-' ? before != '.' : c == '.' && before != '.' && before != '-';
        if (!char_is_alnum(c) && !inner) {
            return false;
        }
        before = c;
    }
    return before != '.' && before != '-';
}

static bool is_address(struct str s)
{
    return s.n > 2 && s.p[0] == '[' && s.p[s.n - 1] == ']' &&
           all(str_sub(s, 1, s.n - 1), is_address_char);
}

bool grammar_is_domain(struct str s)
{
    struct str host, port;
    if (grammar_cut_port(s, &host, &port) && (port.n == 0 || !all(port, is_digit))) {
        return false;
    }
    return is_host_name(host) || is_address(host);
}

/* How much of `s` at `at` is one separator: ".", "_", "__" or a run of "-"; 0: none. */
static size_t separator_at(struct str s, size_t at)
{
    size_t end = at;
    switch (s.p[at]) {
    case '.':
        return 1;
    case '_':
        return at + 1 < s.n && s.p[at + 1] == '_' ? 2 : 1;
    case '-':
        while (end < s.n && s.p[end] == '-') {
            end++;
        }
        return end - at;
    default:
        return 0;
    }
}

bool grammar_is_component(struct str s)
{
    size_t i = 0;
    for (;;) {
        size_t word = i;
        while (i < s.n && (char_is_lower(s.p[i]) || char_is_digit(s.p[i]))) {
            i++;
        }
        if (i == word) {
            return false;
        }
        if (i == s.n) {
            return true;
        }
        i += separator_at(s, i);
    }
}

bool grammar_is_path(struct str s)
{
    struct str component;
    bool more = true;
    while (more) {
        more = str_cut(s, '/', &component, &s);
        if (!grammar_is_component(component)) {
            return false;
        }
    }
    return true;
}

bool grammar_is_tag(struct str s)
{
    return s.n > 0 && s.n <= GRAMMAR_TAG_MAX && s.p[0] != '.' && s.p[0] != '-' &&
           all(s, is_tag_char);
}

bool grammar_is_identifier(struct str s)
{
    return s.n == 64 && chars_are_lower_hex(s);
}

const char *grammar_domain_fault(struct str domain)
{
    struct str host, port;
    bool has_port = grammar_cut_port(domain, &host, &port);
    if (host.n == 0) {
        return "has no host";
    }
    if (host.p[0] == '[' && !is_address(host)) {
        return "is no address: between brackets stand hex digits and \":\" alone, without a zone";
    }
    if (has_port && str_find(port, ':') < port.n && all(domain, is_address_char)) {
        return "looks like an IPv6 address, which stands in brackets: \"[::1]:5000/app\"";
    }
    if (has_port && (port.n == 0 || !all(port, is_digit))) {
        return "has a port that is not a number";
    }
    if (str_find(host, '_') < host.n) {
        return "has \"_\", which no host name has";
    }
    return "is no host name: labels of letters, digits and inner \"-\", joined by \".\"";
}

const char *grammar_component_fault(struct str component)
{
    if (component.n == 0) {
        return "is empty: \"/\" stands only between two names";
    }
    for (size_t i = 0; i < component.n; i++) {
        char c = component.p[i];
        if (char_is_upper(c)) {
            return "has upper case: repository names are lower case";
        }
        if (!is_tag_char(c)) {
            return "has a character other than lower-case letters, digits, \".\", \"_\" and \"-\"";
        }
    }
    return "is no repository name: it begins and ends with a letter or digit, and between these "
           "stand \".\", \"_\", \"__\" or any number of \"-\"";
}

const char *grammar_tag_fault(struct str tag)
{
    if (tag.n == 0) {
        return "is empty: a tag stands behind \":\"";
    }
    if (tag.n > GRAMMAR_TAG_MAX) {
        return "is too long: a tag has at most 128 characters";
    }
    if (!all(tag, is_tag_char)) {
        return "has a character other than letters, digits, \"_\", \".\" and \"-\"";
    }
    return "begins with \".\" or \"-\", which a tag cannot";
}
