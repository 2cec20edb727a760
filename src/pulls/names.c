#include "pulls/names.h"

#include "crypto/digest.h"
#include "kube/config.h"

static bool has(const struct str *list, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq(list[i], name)) {
            return true;
        }
    }
    return false;
}

status pull_names_add(struct pull_names *names, yyjson_val *list, struct error *err)
{
    size_t i, n;
    yyjson_val *item;
    yyjson_arr_foreach(list, i, n, item)
    {
        struct str name = json_str(json_get(item, "name"));
        if (!kube_name_is_sound(name) || has(names->secrets, names->n_secrets, name)) {
            continue;
        }
        if (names->n_secrets == LIMIT_PULL_SECRETS) {
            return error_set(err, ERROR_LIMIT, "more than %u pull secrets", LIMIT_PULL_SECRETS);
        }
        names->secrets[names->n_secrets++] = name;
    }
    return OK;
}

static struct str account_of(yyjson_val *spec)
{
    struct str name = json_str(json_get(spec, "serviceAccountName"));
    name = name.n > 0 ? name : json_str(json_get(spec, "serviceAccount"));
    return name.n > 0 ? name : STR("default");
}

static status add_account(struct pull_names *names, struct str name, struct error *err)
{
    if (!kube_name_is_sound(name) || has(names->accounts, names->n_accounts, name)) {
        return OK;
    }
    if (names->n_accounts == LIMIT_PULL_ACCOUNTS) {
        return error_set(err, ERROR_LIMIT, "more than %u service accounts", LIMIT_PULL_ACCOUNTS);
    }
    names->accounts[names->n_accounts++] = name;
    return OK;
}

static status add_spec(struct pull_names *names, const struct review *review, yyjson_val *spec,
                       struct error *err)
{
    yyjson_val *list = json_get(spec, "imagePullSecrets");
    bool pod = review->group.n == 0 && str_eq(review->kind, STR("Pod"));
    if (yyjson_arr_size(list) > 0) {
        return pull_names_add(names, list, err);
    }
    return pod ? OK : add_account(names, account_of(spec), err);
}

status pull_names_read(const struct review *review, struct pull_names *ret_names, struct error *err)
{
    struct pull_names names = {.namespace = review->namespace};
    yyjson_val *last = NULL;
    for (size_t i = 0; i < review->n_images && kube_name_is_sound(names.namespace); i++) {
        const struct review_image *image = &review->images[i];
        if (image->unchanged || image->pod_spec == NULL || image->pod_spec == last) {
            continue;
        }
        TRY(add_spec(&names, review, image->pod_spec, err));
        last = image->pod_spec;
    }
    *ret_names = names;
    return OK;
}

bool pull_names_none(const struct pull_names *names)
{
    return names->n_secrets == 0 && names->n_accounts == 0;
}

static void add(struct digester *digester, const char *what, struct str name)
{
    digester_add(digester, str_from(what));
    digester_add(digester, name);
}

struct str pull_names_key(const struct pull_names *names, struct arena *arena)
{
    digester_auto digester = {0};
    char room[DIGEST_ROOM];
    ENSURE(digester_start(&digester, STR("sha256")));
    add(&digester, "", names->namespace);
    for (size_t i = 0; i < names->n_secrets; i++) { /* no name has a space */
        add(&digester, " secret ", names->secrets[i]);
    }
    for (size_t i = 0; i < names->n_accounts; i++) {
        add(&digester, " account ", names->accounts[i]);
    }
    return arena_dup(arena, digester_end(&digester, room));
}
