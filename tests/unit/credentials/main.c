#include "test.h"

#include "base/buf.h"

struct error err;

const char *tried(const struct keyring *keyring, const char *registry, const char *repository)
{
    static char text[4096];
    struct keyring_cursor cursor = {0};
    bool found = true;
    const struct credential_query query = {.registry = str_from(registry),
                                           .repository = str_from(repository),
                                           .deadline = clock_monotonic() + 20 * NS_PER_S};
    text[0] = '\0';
    while (found) {
        credential_auto one = {0};
        size_t n = strlen(text);
        const char *space = n > 0 ? " " : "";
        if (failed(keyring_next(keyring, &query, &cursor, &found, &one, &err))) {
            snprintf(text + n, sizeof text - n, "%s!", space);
            return text;
        }
        if (!found) {
            break;
        }
        assert_false(credential_is_empty(&one));
        if (one.identity_token.n > 0) {
            snprintf(text + n, sizeof text - n, "%sid:%.*s", space, STR_ARG(one.identity_token));
        } else if (one.registry_token.n > 0) {
            snprintf(text + n, sizeof text - n, "%sbearer:%.*s", space,
                     STR_ARG(one.registry_token));
        } else {
            snprintf(text + n, sizeof text - n, "%s%.*s/%.*s", space, STR_ARG(one.username),
                     STR_ARG(one.password));
        }
    }
    return text;
}

status add_secret(struct keyring *keyring, const char *name, const char *type, const char *text)
{
    buf_auto json;
    json_doc_auto doc = {0};
    bool old = strcmp(type, "kubernetes.io/dockercfg") == 0;
    buf_init(&json, 8 << 20);
    buf_printf(&json,
               "{\"metadata\":{\"namespace\":\"shop\",\"name\":\"%s\"},\"type\":\"%s\","
               "\"data\":{\"%s\":\"",
               name, type, old ? ".dockercfg" : ".dockerconfigjson");
    buf_add_base64(&json, str_from(text));
    buf_add_cstr(&json, "\"}}");
    assert_false(failed(json_parse(buf_str(&json), JSON_WITHOUT_MARKS, &doc, &err)));
    return keyring_add_secret(keyring, doc.root, &err);
}

int main(void)
{
    return matching_tests() + config_tests() + limits_tests() + helper_tests() + wiping_tests() +
           amazon_tests() + google_tests() + microsoft_tests() + clouds_tests() + faults_tests();
}
