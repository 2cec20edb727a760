/* What a registry is shown, in which order, as a kubelet has it. */
#include "test.h"

#define POD(list)        "'imagePullSecrets':[" list "]"
#define ACCOUNT(account) "'serviceAccountName':'" account "'"

static const char *const NODES[] = {
    "{\"auths\":{\"r.example\":{\"username\":\"u\",\"password\":\"node\"}}}",
    "{\"auths\":{\"r.example\":{\"username\":\"u\",\"password\":\"late\"},\"hub.example\":{"
    "\"username\":\"u\",\"password\":\"hub\"}}}",
};

/* The passwords that are tried for an image, in their order. */
static const char *tried(const struct keyring *keyring, const char *registry,
                         const char *repository)
{
    static char text[1024];
    const struct credential_query query = {.registry = str_from(registry),
                                           .repository = str_from(repository),
                                           .deadline = clock_monotonic() + NS_PER_S};
    struct keyring_cursor cursor = {0};
    bool found = true;
    text[0] = '\0';
    for (int n = 0; n < 16; n++) {
        struct credential credential;
        assert_false(failed(keyring_next(keyring, &query, &cursor, &found, &credential, &err)));
        if (!found) {
            break;
        }
        size_t at = strlen(text);
        snprintf(text + at, sizeof text - at, "%s%.*s", at > 0 ? " " : "",
                 STR_ARG(credential.password));
        credential_done(&credential);
    }
    return text;
}

static struct keyring *what_nodes_have(void)
{
    struct keyring *keyring = keyring_new();
    for (size_t i = 0; i < COUNT(NODES); i++) {
        assert_false(failed(keyring_add_docker_config(keyring, str_from(NODES[i]), STR("node"),
                                                      KEYRING_KUBELET, &err)));
    }
    return keyring;
}

static const char *shown_for(const struct review *review, const char *registry,
                             const char *repository)
{
    struct keyring *nodes = what_nodes_have();
    const struct pulls_config config = {
        .kube = &api_config, .fetch = &api_port, .behind = nodes, .ttl = NS_PER_S};
    struct pulls *pulls = pulls_new(&config);
    struct pulls_asker asker;
    if (failed(pulls_get(pulls, review, clock_monotonic() + 60 * NS_PER_S, &arena, &asker, &err))) {
        fail_msg("%s", err.text);
    }
    /* without a keyring, the caller's is what every node has */
    const char *text =
        asker.keyring == NULL ? "(node)" : tried(asker.keyring, registry, repository);
    assert_int_equal(asker.keyring == NULL, asker.scope.n == 0);
    keyring_free(asker.keyring);
    keyring_free(nodes);
    pulls_free(pulls);
    return text;
}

static void store(void)
{
    put_secret("shop", "pull", "r.example", "shop");
    put_secret("shop", "deep", "r.example/team", "deep");
    put_secret("shop", "hub", "https://index.docker.io/v1/", "docker");
    put_secret("shop", "stars", "*.example", "stars");
    put_bytes("shop", "old", "kubernetes.io/dockercfg",
              "{\"r.example\":{\"username\":\"u\",\"password\":\"old\"}}");
    put_bytes("shop", "opaque", "Opaque", "{\"auths\":{\"r.example\":{\"auth\":\"dTpv\"}}}");
    put_bytes("shop", "empty", MODERN, "");
    put_account("shop", "default", "{'name':'pull'}");
    put_account("shop", "robot", "{'name':'deep'},{'name':'pull'}");
    put_account("shop", "bare", "");
    put_account("shop", "odd", "{'name':'../../bank/secrets/vault'},{},7,{'name':'old'}");
    put_secret("bank", "vault", "r.example", "bank");
    put_account("bank", "default", "{'name':'vault'}");
}

static const struct {
    const char *what;
    bool pod;
    const char *namespace, *spec, *registry, *repository, *tried;
} CASES[] = {
    {"a Pod's own Secret, then the node's", true, "shop", POD("{'name':'pull'}"), "r.example",
     "team/app", "shop node late"},
    {"a Pod without has those of its account, by admission", true, "shop", "", "r.example", "app",
     "(node)"},
    {"not those of its account beside its own", true, "shop",
     POD("{'name':'deep'}") "," ACCOUNT("default"), "r.example", "app", "node late"},
    {"a template without has its account's", false, "shop", "", "r.example", "app",
     "shop node late"},
    {"the account that it names", false, "shop", ACCOUNT("robot"), "r.example", "team/app",
     "deep shop node late"},
    {"its account's are not added to its own", false, "shop",
     POD("{'name':'old'}") "," ACCOUNT("robot"), "r.example", "team/app", "old node late"},
    {"an account without", false, "shop", ACCOUNT("bare"), "r.example", "app", "(node)"},
    {"an account that does not exist", false, "shop", ACCOUNT("nobody"), "r.example", "app",
     "(node)"},
    {"an account with names that are none", false, "shop", ACCOUNT("odd"), "r.example", "app",
     "old node late"},
    {"the more specific one first, whatever the order", true, "shop",
     POD("{'name':'pull'},{'name':'deep'}"), "r.example", "team/app", "deep shop node late"},
    {"a prefix is one of text", true, "shop", POD("{'name':'deep'}"), "r.example", "teammate/app",
     "deep node late"},
    {"equal keys as they come", true, "shop", POD("{'name':'old'},{'name':'pull'}"), "r.example",
     "app", "old shop node late"},
    {"as many labels as the pattern has", true, "shop", POD("{'name':'stars'}"), "r.example", "app",
     "stars node late"},
    {"and no more", true, "shop", POD("{'name':'stars'}"), "a.r.example", "app", ""},
    {"Docker Hub by its old name", true, "shop", POD("{'name':'hub'}"), "docker.io",
     "library/nginx", "docker"},
    {"no other host has what is for one", true, "shop", POD("{'name':'pull'}"), "hub.example",
     "app", "hub"},
    {"one that does not exist is passed over", true, "shop", POD("{'name':'none'},{'name':'pull'}"),
     "r.example", "app", "shop node late"},
    {"a type that is not for pulling is passed over", true, "shop",
     POD("{'name':'opaque'},{'name':'pull'}"), "r.example", "app", "shop node late"},
    {"nothing in it", true, "shop", POD("{'name':'empty'},{'name':'pull'}"), "r.example", "app",
     "shop node late"},
    {"nothing that counts", true, "shop", POD("{'name':'empty'},{'name':'opaque'}"), "r.example",
     "app", "(node)"},
    {"another namespace's Secret of the same name is not read", true, "bank",
     POD("{'name':'pull'}"), "r.example", "app", "(node)"},
    {"nor its account", false, "bank", ACCOUNT("robot"), "r.example", "app", "(node)"},
    {"each namespace has its own", false, "bank", "", "r.example", "app", "bank node late"},
};

/* Nothing was asked of another namespace. */
static void assert_asked_in(const char *namespace)
{
    struct str beginning = arena_printf(&arena, "%s/", namespace);
    struct str rest = str_from(asked), word;
    while (rest.n > 0) {
        str_cut(rest, ' ', &word, &rest);
        assert_true(str_starts(word, beginning));
    }
}

static void as_a_kubelet_has_it(void **state)
{
    for (size_t i = 0; i < COUNT(CASES); i++) {
        store();
        const struct review *review =
            (CASES[i].pod ? pod_of : deployment_of)(CASES[i].namespace, CASES[i].spec);
        const char *found = shown_for(review, CASES[i].registry, CASES[i].repository);
        if (strcmp(found, CASES[i].tried) != 0) {
            fail_msg("%s: \"%s\", not \"%s\"", CASES[i].what, found, CASES[i].tried);
        }
        assert_asked_in(CASES[i].namespace);
        world_end(state);
        world_begin(state);
    }
}

/* An ImageReview has no pod spec. */
static void an_image_review_has_the_nodes(void **state)
{
    (void)state;
    json_doc_auto doc = {0};
    struct review review;
    const struct kinds *kinds;
    store();
    assert_false(failed(kinds_build(&arena, NULL, 0, NULL, 0, &kinds, &err)));
    assert_false(failed(json_parse(
        STR("{\"apiVersion\":\"imagepolicy.k8s.io/v1alpha1\",\"kind\":\"ImageReview\",\"spec\":{"
            "\"namespace\":\"shop\",\"containers\":[{\"image\":\"r.example/app\"}]}}"),
        JSON_WITHOUT_MARKS, &doc, &err)));
    assert_false(failed(review_decode(&arena, kinds, &doc, false, &review, &err)));
    assert_int_equal(review.n_images, 1);
    assert_string_equal(shown_for(&review, "r.example", "app"), "(node)");
    assert_string_equal(asked, "");
}

int order_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(as_a_kubelet_has_it, world_begin, world_end),
        cmocka_unit_test_setup_teardown(an_image_review_has_the_nodes, world_begin, world_end),
    };
    return cmocka_run_group_tests_name("order", tests, NULL, NULL);
}
