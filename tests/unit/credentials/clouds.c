#include "clouds.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fetch/curl.h"

#include "../folder.h"

static pid_t server;
static int server_input;
struct arena cloud_arena;
struct str cloud_endpoint; /* "http://127.0.0.1:PORT" */

int start_clouds(void **state)
{
    int in[2], out[2];
    unsigned port = 0;
    posix_spawn_file_actions_t actions;
    char script[4096], line[64] = "";
    snprintf(script, sizeof script, "%s/tests/unit/credentials/clouds.py",
             getenv("PRATIQUE_SOURCE"));
    if (pipe(in) != 0 || pipe(out) != 0) {
        return 1;
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, in[1]);
    posix_spawn_file_actions_addclose(&actions, out[0]);
    char *const arguments[] = {(char *)(uintptr_t) "python3", script, NULL};
    int code = posix_spawnp(&server, "python3", &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    server_input = in[1];
    FILE *ports = fdopen(out[0], "r");
    bool told = code == 0 && fgets(line, sizeof line, ports) != NULL &&
                sscanf(line, "%u", &port) == 1 && enter_folder(state) == 0;
    fclose(ports);
    arena_init(&cloud_arena, 64 << 20);
    cloud_endpoint = arena_printf(&cloud_arena, "http://127.0.0.1:%u", port);
    write_file("token", SUBJECT "\n");
    return !told;
}

int end_clouds(void **state)
{
    int code;
    close(server_input);
    waitpid(server, &code, 0);
    arena_done(&cloud_arena);
    return leave_folder(state);
}

void stop_clouds(void)
{
    assert_int_equal(kill(server, SIGSTOP), 0);
}

void continue_clouds(void)
{
    assert_int_equal(kill(server, SIGCONT), 0);
}

/* -- clouds that have their endpoints there -- */

void say_plain(const void *said, struct str url, struct cloud_way *ret_way)
{
    (void)said, (void)url;
    ret_way->plain = true;
}

struct cloud *amazon_as(const char *role)
{
    const struct ecr_config config = {
        .role = arena_join(&cloud_arena, (struct str[]){STR(ROLE), str_from(role)}, 2),
        .token_file = STR("token"),
        .sts = cloud_endpoint,
        .ecr = cloud_endpoint,
        .options.say = say_plain,
    };
    return ecr_new(&config);
}

struct cloud *google_metadata_server(void)
{
    const struct gcp_config config = {.metadata = cloud_endpoint};
    return gcp_new(&config);
}

struct cloud *google_as(const char *audience, const char *more)
{
    const struct gcp_config config = {.file = STR("google.json"), .options.say = say_plain};
    write_file("google.json",
               arena_printf(&cloud_arena,
                            "{\"type\":\"external_account\",\"audience\":\"%s\","
                            "\"subject_token_type\":\"urn:ietf:params:oauth:token-type:jwt\","
                            "\"token_url\":\"%.*s/v1/token\"%s}",
                            audience, STR_ARG(cloud_endpoint), more)
                   .p);
    return gcp_new(&config);
}

struct cloud *microsoft_as(const char *client)
{
    const struct azure_config config = {
        .client = str_from(client),
        .tenant = STR("te/nant"),
        .token_file = STR("token"),
        .authority = arena_join(&cloud_arena, (struct str[]){cloud_endpoint, STR("/")}, 2),
        .registry = cloud_endpoint,
        .options.say = say_plain,
    };
    return azure_new(&config);
}

const char *acting_as(const char *account)
{
    return arena_printf(&cloud_arena,
                        FROM_FILE ",\"service_account_impersonation_url\":\"%.*s/as/%s\"",
                        STR_ARG(cloud_endpoint), account)
        .p;
}

const char *cloud_tries_until(const struct cloud *cloud, const char *registry, int64_t deadline)
{
    static char text[1024];
    const struct credential_provider *provider = cloud_provider(cloud);
    const struct credential_query query = {.registry = str_from(registry), .deadline = deadline};
    credential_auto one = {0};
    bool found = false;
    err = (struct error){0};
    assert_true(provider->covers(provider->self, query.registry));
    if (failed(provider->get(provider->self, &query, &found, &one, &err))) {
        assert_null(strstr(err.text, "s3cr3t"));
        assert_null(strstr(err.text, "platform"));
        return "!";
    }
    assert_true(found);
    snprintf(text, sizeof text, "%.*s/%.*s (%.*s)", STR_ARG(one.username), STR_ARG(one.password),
             STR_ARG(one.source));
    return text;
}

const char *cloud_tries(const struct cloud *cloud, const char *registry)
{
    return cloud_tries_until(cloud, registry, clock_monotonic() + 60 * NS_PER_S);
}

unsigned count_asked(const char *service)
{
    struct fetch fetch = fetch_curl_new();
    const struct fetch_request request = {
        .method = "GET",
        .url = arena_join(&cloud_arena, (struct str[]){cloud_endpoint, STR("/counts")}, 2),
        .deadline = clock_monotonic() + 60 * NS_PER_S,
        .max_body = 4096,
        .plain = true,
    };
    struct fetch_answer answer;
    json_doc_auto doc = {0};
    assert_false(failed(fetch_send(&fetch, &request, &cloud_arena, &answer, &err)));
    fetch_curl_free(&fetch);
    assert_false(failed(json_parse(answer.body, JSON_WITHOUT_MARKS, &doc, &err)));
    return (unsigned)yyjson_get_uint(json_get(doc.root, service));
}

void assert_refusal(const char *source, const char *problem)
{
    const char *host = cloud_endpoint.p + sizeof "http://" - 1;
    assert_string_equal(err.text,
                        arena_printf(&cloud_arena, "%s: %s: %s", source, host, problem).p);
}
