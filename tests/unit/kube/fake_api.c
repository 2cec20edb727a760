#include "fake_api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/doc.h"

void fake_api_init(struct fake_api *api)
{
    memset(api, 0, sizeof *api);
    api->version = 100;
}

void fake_api_done(struct fake_api *api)
{
    for (size_t i = 0; i < api->n; i++) {
        free(api->objects[i].text);
    }
    memset(api, 0, sizeof *api);
}

static struct fake_object *find(const struct fake_api *api, const char *path)
{
    for (size_t i = 0; i < api->n; i++) {
        if (strcmp(api->objects[i].path, path) == 0) {
            return (struct fake_object *)(uintptr_t)&api->objects[i];
        }
    }
    return NULL;
}

void fake_api_put(struct fake_api *api, const char *path, const char *text)
{
    struct fake_object *object = find(api, path);
    if (object == NULL) {
        ENSURE(api->n < sizeof api->objects / sizeof *api->objects);
        object = &api->objects[api->n++];
        snprintf(object->path, sizeof object->path, "%s", path);
    }
    char *copy = text == NULL ? NULL : strdup(text);
    free(object->text);
    object->text = copy;
    object->version = ++api->version;
}

const char *fake_api_get(const struct fake_api *api, const char *path)
{
    const struct fake_object *object = find(api, path);
    return object == NULL ? NULL : object->text;
}

/* -- JSON -- */

static yyjson_mut_doc *parse(const char *text, size_t n)
{
    yyjson_doc *doc = yyjson_read(text, n, 0);
    ENSURE(doc != NULL);
    yyjson_mut_doc *copy = yyjson_doc_mut_copy(doc, NULL);
    yyjson_doc_free(doc);
    return copy;
}

static yyjson_mut_val *metadata_of(yyjson_mut_doc *doc)
{
    return yyjson_mut_obj_get(yyjson_mut_doc_get_root(doc), "metadata");
}

static const char *version_of(yyjson_mut_doc *doc)
{
    return yyjson_mut_get_str(yyjson_mut_obj_get(metadata_of(doc), "resourceVersion"));
}

static struct str answer_of(const struct fake_object *object, struct arena *arena)
{
    yyjson_mut_doc *doc = parse(object->text, strlen(object->text));
    char version[32];
    snprintf(version, sizeof version, "%llu", (unsigned long long)object->version);
    if (metadata_of(doc) == NULL) {
        yyjson_mut_obj_add_obj(doc, yyjson_mut_doc_get_root(doc), "metadata");
    }
    yyjson_mut_obj_put(metadata_of(doc), yyjson_mut_str(doc, "resourceVersion"),
                       yyjson_mut_strcpy(doc, version));
    char *text = yyjson_mut_write(doc, 0, NULL);
    struct str answer = arena_dup(arena, str_from(text));
    free(text);
    yyjson_mut_doc_free(doc);
    return answer;
}

static void store(struct fake_api *api, const char *path, yyjson_mut_doc *doc)
{
    yyjson_mut_obj_remove_key(metadata_of(doc), "resourceVersion");
    char *text = yyjson_mut_write(doc, 0, NULL);
    fake_api_put(api, path, text);
    free(text);
}

/* -- methods -- */

static unsigned create(struct fake_api *api, char *path, struct str body)
{
    yyjson_mut_doc *doc = parse(body.p, body.n);
    const char *name = yyjson_mut_get_str(yyjson_mut_obj_get(metadata_of(doc), "name"));
    ENSURE(name != NULL && version_of(doc) == NULL);
    size_t n = strlen(path);
    snprintf(path + n, 160 - n, "/%s", name);
    bool there = fake_api_get(api, path) != NULL;
    if (!there) {
        store(api, path, doc);
    }
    yyjson_mut_doc_free(doc);
    return there ? 409 : 201;
}

static bool is_version(const struct fake_object *object, const char *version)
{
    char text[32];
    snprintf(text, sizeof text, "%llu", (unsigned long long)object->version);
    return version != NULL && strcmp(version, text) == 0;
}

static unsigned update(struct fake_api *api, const char *path, struct str body)
{
    const struct fake_object *object = find(api, path);
    if (object == NULL || object->text == NULL) {
        return 404;
    }
    yyjson_mut_doc *doc = parse(body.p, body.n);
    bool current = is_version(object, version_of(doc));
    if (current) {
        store(api, path, doc);
    }
    yyjson_mut_doc_free(doc);
    return current ? 200 : 409;
}

/* One operation on `doc`; returns a status. */
static unsigned operate(const struct fake_object *object, yyjson_mut_doc *doc,
                        yyjson_mut_val *operation)
{
    const char *op = yyjson_mut_get_str(yyjson_mut_obj_get(operation, "op"));
    const char *path = yyjson_mut_get_str(yyjson_mut_obj_get(operation, "path"));
    yyjson_mut_val *value = yyjson_mut_obj_get(operation, "value");
    unsigned index = 0;
    char rest[64] = "";
    if (strcmp(path, "/metadata/resourceVersion") == 0) {
        return is_version(object, yyjson_mut_get_str(value)) ? 200 : 409;
    }
    ENSURE(sscanf(path, "/webhooks/%u/%63s", &index, rest) == 2);
    yyjson_mut_val *webhook =
        yyjson_mut_arr_get(yyjson_mut_obj_get(yyjson_mut_doc_get_root(doc), "webhooks"), index);
    if (strcmp(op, "test") == 0) {
        ENSURE(strcmp(rest, "name") == 0);
        return yyjson_mut_equals(yyjson_mut_obj_get(webhook, "name"), value) ? 200 : 422;
    }
    ENSURE(strcmp(op, "add") == 0 && strcmp(rest, "clientConfig/caBundle") == 0);
    yyjson_mut_obj_put(yyjson_mut_obj_get(webhook, "clientConfig"), yyjson_mut_str(doc, "caBundle"),
                       yyjson_mut_val_mut_copy(doc, value));
    return 200;
}

static unsigned patch(struct fake_api *api, const char *path, struct str body)
{
    const struct fake_object *object = find(api, path);
    if (object == NULL || object->text == NULL) {
        return 404;
    }
    yyjson_mut_doc *doc = parse(object->text, strlen(object->text));
    yyjson_mut_doc *operations = parse(body.p, body.n);
    yyjson_mut_val *list = yyjson_mut_doc_get_root(operations);
    unsigned code = 200;
    for (size_t i = 0; i < yyjson_mut_arr_size(list) && code == 200; i++) {
        code = operate(object, doc, yyjson_mut_arr_get(list, i));
    }
    if (code == 200) {
        store(api, path, doc);
    }
    yyjson_mut_doc_free(operations);
    yyjson_mut_doc_free(doc);
    return code;
}

static unsigned perform(struct fake_api *api, const struct fetch_request *request, char *path)
{
    const char *there = fake_api_get(api, path);
    if (strcmp(request->method, "GET") == 0) {
        return there == NULL ? 404 : 200;
    }
    if (strcmp(request->method, "POST") == 0) {
        return create(api, path, request->body);
    }
    return strcmp(request->method, "PUT") == 0 ? update(api, path, request->body)
                                               : patch(api, path, request->body);
}

status fake_api_answer(void *argument, const struct fetch_request *request, struct arena *arena,
                       struct fetch_answer *ret_answer, struct error *err)
{
    struct fake_api *api = argument;
    char path[160];
    ENSURE(str_starts(request->url, STR("https://api/")));
    snprintf(path, sizeof path, "%.*s", STR_ARG(str_sub(request->url, 11, request->url.n)));
    snprintf(api->last, sizeof api->last, "%s %s", request->method, path);
    snprintf(api->body, sizeof api->body, "%.*s", STR_ARG(request->body));
    enum fake_fault fault =
        api->before == NULL ? FAKE_NO_FAULT : api->before(api->argument, request->method, path);
    api->calls++;
    api->writes += request->body.n > 0 && strstr(path, "/leases") == NULL;
    if (fault == FAKE_LOST) {
        return error_set(err, ERROR_UPSTREAM, "api: cannot be reached");
    }
    unsigned code = fault == FAKE_CONFLICT  ? 409
                    : fault == FAKE_ERROR   ? 500
                    : fault == FAKE_MISSING ? 404
                                            : 0;
    code = code == 0 ? perform(api, request, path) : code;
    if (api->after != NULL) {
        api->after(api->argument, request->method, path);
    }
    if (fault == FAKE_UNHEARD) {
        return error_set(err, ERROR_TIMEOUT, "api: no answer in time");
    }
    *ret_answer = (struct fetch_answer){.status = code, .body = STR("{}")};
    if (code == 200 || code == 201) {
        ret_answer->body = answer_of(find(api, path), arena);
    }
    return OK;
}
