#include "server.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

static char folder[] = "/tmp/pratique-fetch-XXXXXX";
static pid_t server;
static int server_input;
unsigned modern, old, elsewhere, plain; /* ports */
struct arena arena;
struct fetch fetch;
struct fetch_answer answer;
struct error err;

int start_server(void **state)
{
    (void)state;
    int in[2], out[2];
    posix_spawn_file_actions_t actions;
    char script[4096], line[64] = "";
    snprintf(script, sizeof script, "%s/tests/unit/fetch/server.py", getenv("PRATIQUE_SOURCE"));
    memset(folder + sizeof folder - 7, 'X', 6);
    if (mkdtemp(folder) == NULL || pipe(in) != 0 || pipe(out) != 0) {
        return 1;
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, in[1]);
    posix_spawn_file_actions_addclose(&actions, out[0]);
    char *const arguments[] = {(char *)(uintptr_t) "python3", script, folder, NULL};
    int code = posix_spawnp(&server, "python3", &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    server_input = in[1];
    FILE *ports = fdopen(out[0], "r");
    bool told = code == 0 && fgets(line, sizeof line, ports) != NULL &&
                sscanf(line, "%u %u %u %u", &modern, &old, &elsewhere, &plain) == 4;
    fclose(ports);
    arena_init(&arena, 64 << 20);
    fetch = fetch_curl_new();
    return !told;
}

int end_server(void **state)
{
    (void)state;
    int end;
    close(server_input);
    waitpid(server, &end, 0);
    fetch_curl_free(&fetch);
    arena_done(&arena);
    char command[128];
    snprintf(command, sizeof command, "%s", folder);
    const char *const arguments[] = {"rm", "-r", command, NULL};
    pid_t child;
    return posix_spawnp(&child, "rm", NULL, NULL, (char *const *)(uintptr_t)arguments, environ) !=
               0 ||
           waitpid(child, &end, 0) != child;
}

struct str file(const char *name)
{
    struct str text = STR_EMPTY;
    assert_false(failed(
        file_read(&arena, arena_printf(&arena, "%s/%s", folder, name).p, 1 << 20, &text, &err)));
    return text;
}

struct fetch_request to(unsigned port, const char *path)
{
    return (struct fetch_request){
        .method = "GET",
        .url =
            arena_printf(&arena, "http%s://127.0.0.1:%u/%s", port == plain ? "" : "s", port, path),
        .deadline = clock_monotonic() + SECONDS,
        .max_body = 1 << 20,
        .ca = file("server.crt"),
    };
}

bool sends(const struct fetch_request *request)
{
    memset(&answer, 0, sizeof answer);
    err = (struct error){0};
    return !failed(fetch_send(&fetch, request, &arena, &answer, &err));
}

void assert_refused(const struct fetch_request *request, enum error_kind kind, const char *wanted)
{
    assert_false(sends(request));
    if (err.kind != kind || strstr(err.text, wanted) == NULL) {
        fail_msg("not \"%s\" but \"%s\"", wanted, err.text);
    }
    assert_int_equal(answer.status, 0);
}

void assert_body(const char *wanted)
{
    if (strstr(answer.body.p, wanted) == NULL) {
        fail_msg("no \"%s\" in:\n%.*s", wanted, STR_ARG(answer.body));
    }
}
