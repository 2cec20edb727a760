#include "world.h"

#include "base/buf.h"

struct fake_api api;
struct fetch api_port;
const struct kube_config api_config = {.server = {"https://api", 11}};
struct arena arena;
struct error err;
char asked[8192];

static struct fetch_scripted scripted = {.script = fake_api_answer, .argument = &api};
static struct json_doc docs[16];
static size_t n_docs;

static enum fake_fault note(void *argument, const char *method, const char *path)
{
    static const char BEGINNING[] = "/api/v1/namespaces/";
    (void)argument;
    size_t n = strlen(asked);
    assert_string_equal(method, "GET");
    assert_int_equal(strncmp(path, BEGINNING, sizeof BEGINNING - 1), 0);
    snprintf(asked + n, sizeof asked - n, "%s%s", n > 0 ? " " : "", path + sizeof BEGINNING - 1);
    return FAKE_NO_FAULT;
}

int world_begin(void **state)
{
    (void)state;
    fake_api_init(&api);
    api.before = note;
    api_port = fetch_scripted_port(&scripted);
    arena_init(&arena, 256 << 20);
    asked[0] = '\0';
    return 0;
}

int world_end(void **state)
{
    (void)state;
    while (n_docs > 0) {
        json_doc_done(&docs[--n_docs]);
    }
    arena_done(&arena);
    fake_api_done(&api);
    return 0;
}

/* -- reviews -- */

/* A copy with " for '. */
static struct str quoted(const char *text)
{
    struct str copy = arena_dup(&arena, str_from(text));
    for (char *p = (char *)(uintptr_t)copy.p; *p != '\0'; p++) {
        *p = *p == '\'' ? '"' : *p;
    }
    return copy;
}

struct review *review_of(const char *kind, const char *namespace, const char *object)
{
    const char *slash = strchr(kind, '/');
    int group = slash == NULL ? 0 : (int)(slash - kind);
    const char *name = slash == NULL ? kind : slash + 1;
    struct str text = arena_printf(
        &arena,
        "{'apiVersion':'admission.k8s.io/v1','kind':'AdmissionReview','request':{'uid':'u','kind':"
        "{'group':'%.*s','version':'v1','kind':'%s'},'namespace':'%s','name':'o',"
        "'operation':'CREATE','object':%s}}",
        group, kind, name, namespace, object);
    struct json_doc *doc = &docs[n_docs++ % COUNT(docs)];
    const struct kinds *kinds;
    struct review *review = ARENA_NEW(&arena, struct review);
    assert_true(n_docs <= COUNT(docs));
    assert_false(failed(kinds_build(&arena, NULL, 0, NULL, 0, &kinds, &err)));
    assert_false(failed(json_parse(quoted(text.p), JSON_WITHOUT_MARKS, doc, &err)));
    assert_false(failed(review_decode(&arena, kinds, doc, false, review, &err)));
    assert_int_equal(review->problem.n, 0);
    return review;
}

static struct str spec_of(const char *spec)
{
    return arena_printf(&arena, "{%s%s'containers':[{'name':'c','image':'r.example/a:1'}]}", spec,
                        spec[0] != '\0' ? "," : "");
}

struct review *pod_of(const char *namespace, const char *spec)
{
    struct str object =
        arena_printf(&arena, "{'metadata':{'name':'o'},'spec':%s}", spec_of(spec).p);
    return review_of("Pod", namespace, object.p);
}

struct review *deployment_of(const char *namespace, const char *spec)
{
    struct str object = arena_printf(
        &arena, "{'metadata':{'name':'o'},'spec':{'template':{'spec':%s}}}", spec_of(spec).p);
    return review_of("apps/Deployment", namespace, object.p);
}

/* -- objects -- */

static struct str path_of(const char *namespace, const char *resource, const char *name)
{
    return arena_printf(&arena, "/api/v1/namespaces/%s/%s/%s", namespace, resource, name);
}

void put_bytes(const char *namespace, const char *name, const char *type, const char *text)
{
    const char *key =
        strcmp(type, "kubernetes.io/dockercfg") == 0 ? ".dockercfg" : ".dockerconfigjson";
    buf_auto object;
    buf_init(&object, 8 * MIB);
    buf_printf(&object, "{\"metadata\":{\"name\":\"%s\"},\"type\":\"%s\",\"data\":{\"%s\":\"", name,
               type, key);
    buf_add_base64(&object, str_from(text));
    buf_add_cstr(&object, "\",\"other\":\"AAAA\"}}");
    buf_add_char(&object, '\0');
    fake_api_put(&api, path_of(namespace, "secrets", name).p, object.p);
}

void put_secret(const char *namespace, const char *name, const char *host, const char *password)
{
    struct str text = arena_printf(
        &arena, "{\"auths\":{\"%s\":{\"username\":\"u\",\"password\":\"%s\"}}}", host, password);
    put_bytes(namespace, name, MODERN, text.p);
}

void remove_secret(const char *namespace, const char *name)
{
    fake_api_put(&api, path_of(namespace, "secrets", name).p, NULL);
}

void put_account(const char *namespace, const char *name, const char *list)
{
    struct str text = arena_printf(
        &arena, "{'metadata':{'name':'%s'},'secrets':[{'name':'token'}],'imagePullSecrets':[%s]}",
        name, list);
    fake_api_put(&api, path_of(namespace, "serviceaccounts", name).p, quoted(text.p).p);
}
