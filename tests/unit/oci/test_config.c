#include "documents.h"

#include "base/clock.h"

#define LEAST "{" FOR_LINUX "," ROOTFS_OF

static status parse(struct str text, struct oci_config *ret, struct error *err)
{
    return oci_config_parse(&test_arena, text, ret, err);
}

static void assert_parses(struct str text, struct oci_config *ret)
{
    struct error err;
    if (failed(parse(text, ret, &err))) {
        fail_msg("%s", err.text);
    }
}

static void assert_refused(struct str text, enum error_kind kind, const char *wanted)
{
    struct oci_config config = {.n_env = 77};
    struct error err;
    assert_true(failed(parse(text, &config, &err)));
    assert_error(&err, kind, wanted);
    assert_int_equal(config.n_env, 77);
}

static void whole(void **state)
{
    (void)state;
    struct oci_config config;
    assert_parses(
        json("{'created':'2026-01-02T03:04:05.5Z','author':'A','architecture':'arm64',"
             "'variant':'v8','os':'linux','os.version':'6','config':{'User':'1000:1000',"
             "'ExposedPorts':{'8080/tcp':{},'53/udp':{}},'Env':['PATH=/bin','EMPTY=',"
             "'TOKEN=s3cr3t=x'],'Entrypoint':['/bin/sh','-c'],'Cmd':['x'],'WorkingDir':'/home',"
             "'Labels':{'a':'b'},'Volumes':{'/v':{}},'StopSignal':'SIGKILL'},"
             "'rootfs':{'type':'layers','diff_ids':['" SHA256 "','" SHA256 "']},"
             "'history':[{'created_by':'x'},{'empty_layer':true},{}]}"),
        &config);
    int64_t created;
    struct error err;
    assert_false(failed(clock_parse_time(STR("2026-01-02T03:04:05.5Z"), &created, &err)));
    assert_true(config.has_created);
    assert_int_equal(config.created, created);
    assert_string_equal(config.platform.os.p, "linux");
    assert_string_equal(config.platform.architecture.p, "arm64");
    assert_string_equal(config.platform.variant.p, "v8");
    assert_string_equal(config.platform.os_version.p, "6");
    assert_string_equal(config.user.p, "1000:1000");
    assert_string_equal(config.working_dir.p, "/home");
    assert_int_equal(config.n_exposed_ports, 2);
    assert_string_equal(config.exposed_ports[1].p, "53/udp");
    assert_int_equal(config.n_env, 3);
    assert_string_equal(config.env[2].p, "TOKEN");
    assert_int_equal(config.n_entrypoint, 2);
    assert_string_equal(config.entrypoint[1].p, "-c");
    assert_int_equal(config.n_cmd, 1);
    assert_int_equal(config.n_labels, 1);
    assert_string_equal(config.labels[0].value.p, "b");
    assert_int_equal(config.n_diff_ids, 2);
    assert_int_equal(config.n_history, 3);
}

/* As Docker writes them: much is null. */
static void docker(void **state)
{
    (void)state;
    struct oci_config config;
    assert_parses(json("{'architecture':'amd64','config':{'Hostname':'','User':'','Tty':false,"
                       "'Env':null,'Cmd':null,'Image':'sha256:1','Volumes':null,'WorkingDir':'',"
                       "'Entrypoint':null,'OnBuild':null,'Labels':null,'ExposedPorts':null},"
                       "'container':'15a3','container_config':{'User':7},'docker_version':'1.12',"
                       "'os':'linux','rootfs':{'type':'layers','diff_ids':[]},'history':null}"),
                  &config);
    assert_false(config.has_created);
    assert_int_equal(config.user.n, 0);
    assert_int_equal(config.n_env + config.n_cmd + config.n_entrypoint + config.n_labels, 0);
    assert_parses(STR(LEAST "}"), &config);
    assert_parses(STR(LEAST ",\"config\":null}"), &config);
}

static void created(void **state)
{
    (void)state;
    const struct {
        const char *text;
        bool sound, has_created;
        int64_t created;
    } cases[] = {
        {"0001-01-01T00:00:00Z", true, false, 0},
        {"0001-01-01T00:00:01Z", true, true, 0},
        {"1970-01-01T00:00:00Z", true, true, 0},
        {"1970-01-01T00:00:00+01:00", true, true, 0},
        {"1970-01-01T00:00:01Z", true, true, NS_PER_S},
        {"1904-02-29T00:00:00Z", true, true, 0},
        {"9999-12-31T23:59:59Z", true, true, INT64_MAX},
        {"", false, false, 0},
        {"0001", false, false, 0},
        {"0001-13-01T00:00:00Z", false, false, 0},
        {"2026-01-02", false, false, 0},
        {"1000000000", false, false, 0},
        {"0001-01-01T00:00:00.000000000000000000000000000000000000000000000000000Z", false, false,
         0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct oci_config config = {0};
        struct error err;
        struct str text = arena_printf(&test_arena, LEAST ",\"created\":\"%s\"}", cases[i].text);
        assert_int_equal(!failed(parse(text, &config, &err)), cases[i].sound);
        assert_int_equal(config.has_created, cases[i].has_created);
        assert_int_equal(config.created, cases[i].created);
        if (!cases[i].sound) {
            assert_error(&err, ERROR_EVIDENCE, "created: is no date and time");
        }
    }
}

static void wrong(void **state)
{
    (void)state;
    const struct {
        const char *text, *wanted;
    } cases[] = {
        {"{'os':'linux'," ROOTFS_OF "}", "architecture: is missing"},
        {"{'architecture':'x'," ROOTFS_OF "}", "os: is missing"},
        {"{" FOR_LINUX "}", "rootfs: is missing"},
        {"{" FOR_LINUX ",'rootfs':{'type':'layers'}}", "rootfs.diff_ids: is missing"},
        {"{" FOR_LINUX ",'rootfs':{'type':'x','diff_ids':[]}}", "rootfs.type: must be \"layers\""},
        {"{" FOR_LINUX ",'rootfs':{'type':'layers','diff_ids':['x']}}",
         "rootfs.diff_ids[0]: \"x\" is malformed: an algorithm, \":\" and lower-case hex digits "
         "are expected"},
        {"{" FOR_LINUX ",'rootfs':{'type':'layers','diff_ids':[7]}}",
         "rootfs.diff_ids[0]: must be a string, found a number"},
        {LEAST ",'created':7}", "created: must be a string, found a number"},
        {LEAST ",'config':[]}", "config: must be an object, found a list"},
        {LEAST ",'config':{'User':0}}", "config.User: must be a string, found a number"},
        {LEAST ",'config':{'user':'x'}}",
         "config: the key \"user\" is taken for \"User\" by programs that pass over case"},
        {LEAST ",'Config':{'User':'x'}}",
         "the key \"Config\" is taken for \"config\" by programs that pass over case"},
        {LEAST ",'config':{'Env':['A']}}", "config.Env[0]: is not NAME=VALUE"},
        {LEAST ",'config':{'Env':['=A']}}", "config.Env[0]: is not NAME=VALUE"},
        {LEAST ",'config':{'Env':[1]}}", "config.Env[0]: must be a string, found a number"},
        {LEAST ",'config':{'Env':'A=B'}}", "config.Env: must be a list of strings, found a string"},
        {LEAST ",'config':{'Cmd':'x'}}", "config.Cmd: must be a list of strings, found a string"},
        {LEAST ",'config':{'Labels':['x']}}",
         "config.Labels: must be an object of strings, found a list"},
        {LEAST ",'config':{'Labels':{'x':null}}}", "config.Labels.x: must be a string, found null"},
        {LEAST ",'config':{'ExposedPorts':['80']}}",
         "config.ExposedPorts: must be an object of empty objects, found a list"},
        {LEAST ",'config':{'ExposedPorts':{'80/tcp':1}}}",
         "config.ExposedPorts[\"80/tcp\"]: must be an empty object, found a number"},
        {LEAST ",'config':{'Volumes':['/x']}}",
         "config.Volumes: must be an object of empty objects, found a list"},
        {LEAST ",'history':{}}", "history: must be a list of objects, found an object"},
        {"[]", "the config must be an object, found a list"},
        {"", "the config: the text is empty"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_refused(json(cases[i].text), ERROR_EVIDENCE, cases[i].wanted);
    }
}

static void limits(void **state)
{
    (void)state;
    struct oci_config config;
    static const char ENV[] = LEAST ",\"config\":{\"Cmd\":[\"x\"],\"Env\":[";
    static const char LABELS[] = LEAST ",\"config\":{\"Labels\":{";
    static const char PORTS[] = LEAST ",\"config\":{\"ExposedPorts\":{";

    /* One is the command, one the layer. */
    assert_parses(repeated(ENV, "\"A=#\"", LIMIT_IMAGE_TEXTS - 2, "]}}"), &config);
    assert_int_equal(config.n_env, LIMIT_IMAGE_TEXTS - 2);
    assert_refused(repeated(ENV, "\"A=#\"", LIMIT_IMAGE_TEXTS - 1, "]}}"), ERROR_LIMIT,
                   "rootfs.diff_ids: with 1 more the document has too many items in its lists");
    assert_parses(repeated(PORTS, "\"#/tcp\":{}", LIMIT_IMAGE_TEXTS - 1, "}}}"), &config);
    assert_refused(repeated(PORTS, "\"#/tcp\":{}", LIMIT_IMAGE_TEXTS + 1, "}}}"), ERROR_LIMIT,
                   "config.ExposedPorts: with 4097 more the document has too many items in its "
                   "lists");
    assert_parses(repeated(LABELS, "\"#\":\"\"", LIMIT_IMAGE_ANNOTATIONS, "}}}"), &config);
    assert_refused(repeated(LABELS, "\"#\":\"\"", LIMIT_IMAGE_ANNOTATIONS + 1, "}}}"), ERROR_LIMIT,
                   "config.Labels: with 4097 more the document has too many annotations or labels");
    assert_parses(padded(LEAST, "}", LIMIT_IMAGE_CONFIG), &config);
    assert_refused(padded(LEAST, "}", LIMIT_IMAGE_CONFIG + 1), ERROR_LIMIT,
                   "the config is larger than 4194304 bytes");
}

static void memory(void **state)
{
    (void)state;
    struct str text =
        repeated(LEAST ",\"config\":{\"Env\":[", "\"A=\"", LIMIT_IMAGE_TEXTS - 1, "],");
    struct str labels = repeated("\"Labels\":{", "\"#\":\"\"", LIMIT_IMAGE_ANNOTATIONS, "}}}");
    text = arena_join(&test_arena, (struct str[]){text, labels}, 2);
    arena_auto arena;
    arena_init(&arena, 64u * MIB);
    struct oci_config config;
    struct error err;
    assert_false(failed(oci_config_parse(&arena, text, &config, &err)));
    assert_true(arena.used <= 2 * text.n + MIB);
}

static void users(void **state)
{
    (void)state;
    const struct {
        struct str user;
        enum oci_user kind;
    } cases[] = {
        {STR(""), OCI_USER_ROOT},
        {STR("0"), OCI_USER_ROOT},
        {STR("00"), OCI_USER_ROOT},
        {STR("+0"), OCI_USER_ROOT},
        {STR("-0"), OCI_USER_ROOT},
        {STR("0:0"), OCI_USER_ROOT},
        {STR("0:1000"), OCI_USER_ROOT},
        {STR("root"), OCI_USER_ROOT},
        {STR("root:nobody"), OCI_USER_ROOT},
        {STR(":1000"), OCI_USER_ROOT},
        {STR(":"), OCI_USER_ROOT},
        {STR("0:0:0"), OCI_USER_ROOT},
        {STR("Root"), OCI_USER_NAME},
        {STR("nobody"), OCI_USER_NAME},
        {STR("nobody:0"), OCI_USER_NAME},
        {STR(" 0"), OCI_USER_NAME},
        {STR("0x3e8"), OCI_USER_NAME},
        {STR("1000\0"), OCI_USER_NAME},
        {STR("1_000"), OCI_USER_NAME},
        {STR("+"), OCI_USER_NAME},
        {STR("-1"), OCI_USER_STRANGE},
        {STR("2147483648"), OCI_USER_STRANGE},
        {STR("4294967296"), OCI_USER_STRANGE},
        {STR("18446744073709551616"), OCI_USER_STRANGE},
        {STR("1"), OCI_USER_NUMBER},
        {STR("+1"), OCI_USER_NUMBER},
        {STR("0001"), OCI_USER_NUMBER},
        {STR("1000:0"), OCI_USER_NUMBER},
        {STR("2147483647"), OCI_USER_NUMBER},
        {STR("65532:65532"), OCI_USER_NUMBER},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (oci_user_kind(cases[i].user) != cases[i].kind) {
            fail_msg("%s", cases[i].user.p);
        }
    }
}

int config_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(whole, start, stop),
        cmocka_unit_test_setup_teardown(docker, start, stop),
        cmocka_unit_test_setup_teardown(created, start, stop),
        cmocka_unit_test_setup_teardown(wrong, start, stop),
        cmocka_unit_test_setup_teardown(limits, start, stop),
        cmocka_unit_test_setup_teardown(memory, start, stop),
        cmocka_unit_test(users),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
