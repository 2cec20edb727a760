/* size: table */
#include "server/config_fields.h"

#include "base/limits.h"

#define AT(type, member) .offset = offsetof(struct type, member)
#define N(members)       (sizeof(members) / sizeof *(members))

/* clang-format off */
static const char *const API_VERSIONS[] = {"pratique.dev/v1alpha1", NULL};
static const char *const KINDS[] = {"ServerConfiguration", NULL};
static const char *const UNCOVERED[] = {"deny", "allow", NULL};
static const char *const RUNTIMES[] = {"containerd", "cri-o", NULL};
static const char *const LEVELS[] = {"debug", "info", "warning", "error", NULL};
static const char *const CALLERS[] = {"local", "any", NULL};
static const char *const FORMATS[] = {"auto", "json", "text", NULL};

static const struct field ADDRESS_MEMBERS[] = {
    {.name = "address", .type = FIELD_TEXT, AT(address_doc, address), .flags = FIELD_NONEMPTY, .max = 64,
     .doc = "The IP address to listen on.", .example = "\"::\"", .default_text = "0.0.0.0"},
    {.name = "port", .type = FIELD_SIZE, AT(address_doc, port), .set_offset = offsetof(struct address_doc, port_set), .max = 65535,
     .doc = "The port; 0 takes any that is free and tells it in the log.", .example = "8443", .default_text = "8443, plain 8080"},
};
static const struct fields ADDRESS = {"Address", "Where to listen.", sizeof(struct address_doc), ADDRESS_MEMBERS, N(ADDRESS_MEMBERS)};

static const struct field MANAGED_MEMBERS[] = {
    {.name = "secret", .type = FIELD_TEXT, AT(managed_doc, secret), .flags = FIELD_REQUIRED | FIELD_NONEMPTY, .max = 253,
     .doc = "The Secret that holds the certificate, its key, and the authority with its key; made when it is missing.", .example = "pratique-tls"},
    {.name = "service", .type = FIELD_TEXT, AT(managed_doc, service), .flags = FIELD_REQUIRED | FIELD_NONEMPTY, .max = 63,
     .doc = "The Service that API servers reach the webhook by; the certificate is for `SERVICE.NAMESPACE.svc`.", .example = "pratique"},
    {.name = "namespace", .type = FIELD_TEXT, AT(managed_doc, namespace), .flags = FIELD_NONEMPTY, .max = 63,
     .doc = "The namespace of Secret, Lease and Service.", .example = "pratique-system", .default_text = "that of the service account, or of the kubeconfig's context"},
    {.name = "lease", .type = FIELD_TEXT, AT(managed_doc, lease), .flags = FIELD_NONEMPTY, .max = 253,
     .doc = "The Lease by which replicas agree on the one that makes certificates; made when it is missing.", .example = "pratique-tls", .default_text = "the name of the Secret"},
    {.name = "webhooks", .type = FIELD_TEXTS, AT(managed_doc, webhooks), .max = LIMIT_WEBHOOK_CONFIGURATIONS,
     .doc = "Names of ValidatingWebhookConfigurations and MutatingWebhookConfigurations: every webhook in them that has a `clientConfig.service` gets the authorities as `caBundle`. One that does not exist yet is waited for.",
     .example = "[pratique]", .default_text = "none"},
    {.name = "validity", .type = FIELD_DURATION, AT(managed_doc, validity), .set_offset = offsetof(struct managed_doc, validity_set),
     .doc = "How long a certificate is valid, at least 60s. It is renewed when a third is left.", .example = "2160h", .default_text = "2160h"},
    {.name = "authorityValidity", .type = FIELD_DURATION, AT(managed_doc, authority_validity), .set_offset = offsetof(struct managed_doc, authority_validity_set),
     .doc = "How long an authority is valid, at least as long as a certificate. It is replaced when a fifth is left.", .example = "43800h", .default_text = "43800h"},
    {.name = "overlap", .type = FIELD_DURATION, AT(managed_doc, overlap), .set_offset = offsetof(struct managed_doc, overlap_set),
     .doc = "When the authority is replaced: how long every caBundle holds both before the certificate changes, and how long the old one stays after that. From 1s to a tenth of validity.",
     .example = "2m", .default_text = "2m, or a tenth of validity if that is less"},
};
static const struct fields MANAGED = {"ManagedCertificate", "The serving certificate, made and rotated by the server itself.", sizeof(struct managed_doc), MANAGED_MEMBERS, N(MANAGED_MEMBERS)};

static const struct field TLS_MEMBERS[] = {
    {.name = "certificate", .type = FIELD_TEXT, AT(tls_doc, certificate), .flags = FIELD_NONEMPTY,
     .doc = "The serving certificate in PEM, followed by its intermediates. Read again when it changes. Needed with `key`, unless `managed` is given.", .example = "tls.crt"},
    {.name = "key", .type = FIELD_TEXT, AT(tls_doc, key), .flags = FIELD_NONEMPTY,
     .doc = "Its private key in PEM, not encrypted. ECDSA P-256 is quickest.", .example = "tls.key"},
    {.name = "managed", .type = FIELD_OBJECT, AT(tls_doc, managed), .set_offset = offsetof(struct tls_doc, managed_set), .object = &MANAGED,
     .doc = "In place of `certificate` and `key`: the server makes its certificate, keeps it in a Secret, and rotates it.", .default_text = "certificate and key are read from files"},
    {.name = "clientCA", .type = FIELD_TEXT, AT(tls_doc, client_ca), .flags = FIELD_NONEMPTY,
     .doc = "Certificate authorities in PEM. If given, reviews are answered only to callers with a client certificate of one of them; health and metrics to all.",
     .example = "client-ca.crt", .default_text = "no client certificate is asked for"},
    {.name = "clientNames", .type = FIELD_TEXTS, AT(tls_doc, client_names), .flags = FIELD_NONEMPTY, .max = LIMIT_CLIENT_NAMES,
     .doc = "The common names or DNS names that a client certificate may have; `*` is any run of characters, `!` excludes.",
     .example = "[kube-apiserver]", .default_text = "any that clientCA signed"},
};
static const struct fields TLS = {"TLS", "Certificates.", sizeof(struct tls_doc), TLS_MEMBERS, N(TLS_MEMBERS)};

static const struct field KIND_MEMBERS[] = {
    {.name = "group", .type = FIELD_TEXT, AT(kind_doc, group), .flags = FIELD_REQUIRED, .max = 253,
     .doc = "The API group.", .example = "argoproj.io"},
    {.name = "kind", .type = FIELD_TEXT, AT(kind_doc, kind), .flags = FIELD_REQUIRED | FIELD_NONEMPTY, .max = 63,
     .doc = "The kind, in all its versions.", .example = "Rollout"},
    {.name = "podSpecs", .type = FIELD_TEXTS, AT(kind_doc, pod_specs), .max = 64,
     .doc = "Paths to pod specs; `[*]` is each item of a list, `*` each member of an object.", .example = "[spec.template.spec]"},
    {.name = "images", .type = FIELD_TEXTS, AT(kind_doc, images), .max = 64,
     .doc = "Paths to strings that are images.", .example = "[\"spec.steps[*].image\"]"},
};
static const struct fields KIND = {"Kind", "A custom kind that carries images, and where.", sizeof(struct kind_doc), KIND_MEMBERS, N(KIND_MEMBERS)};

static const struct field LOG_MEMBERS[] = {
    {.name = "level", .type = FIELD_CHOICE, .offset = offsetof(struct config_doc, log.level) - offsetof(struct config_doc, log), .choices = LEVELS,
     .doc = "The least level that is logged.", .default_text = "info"},
    {.name = "format", .type = FIELD_CHOICE, .offset = offsetof(struct config_doc, log.format) - offsetof(struct config_doc, log), .choices = FORMATS,
     .doc = "JSON lines, or text; auto is text on a terminal.", .default_text = "auto"},
};
static const struct fields LOG = {"Log", "The log on standard error.", sizeof(((struct config_doc *)0)->log), LOG_MEMBERS, N(LOG_MEMBERS)};

static const struct field AUDIT_MEMBERS[] = {
    {.name = "path", .type = FIELD_TEXT, .offset = 0, .flags = FIELD_REQUIRED | FIELD_NONEMPTY,
     .doc = "A file that one line of JSON per decision is appended to, or \"-\" for standard output. SIGHUP opens it again.", .example = "\"-\""},
};
static const struct fields AUDIT = {"Audit", "The audit log.", sizeof(((struct config_doc *)0)->audit), AUDIT_MEMBERS, N(AUDIT_MEMBERS)};

static const struct field HISTORY_MEMBERS[] = {
    {.name = "path", .type = FIELD_TEXT, AT(history_doc, path), .flags = FIELD_REQUIRED | FIELD_NONEMPTY,
     .doc = "The SQLite file; made when it is missing, with two more beside it. A server has a file of its own, on a disk of its own machine.", .example = "history.db"},
    {.name = "size", .type = FIELD_SIZE, AT(history_doc, size), .min = LIMIT_HISTORY_SIZE_LEAST, .max = LIMIT_HISTORY_SIZE,
     .doc = "Bytes of its files together; the oldest decisions go first.", .default_text = "67108864"},
    {.name = "age", .type = FIELD_DURATION, AT(history_doc, age), .set_offset = offsetof(struct history_doc, age_set),
     .doc = "Decisions older than this go, from 1s to 87600h.", .example = "168h", .default_text = "168h"},
    {.name = "queue", .type = FIELD_SIZE, AT(history_doc, queue), .min = 1, .max = LIMIT_HISTORY_QUEUE,
     .doc = "Decisions that wait to be written; one more is lost, and counted.", .default_text = "4096"},
};
static const struct fields HISTORY = {"History", "The decision history.", sizeof(struct history_doc), HISTORY_MEMBERS, N(HISTORY_MEMBERS)};

static const struct field TRACES_MEMBERS[] = {
    {.name = "endpoint", .type = FIELD_TEXT, AT(traces_doc, endpoint), .flags = FIELD_REQUIRED | FIELD_NONEMPTY, .max = 2048,
     .doc = "The collector's URL for OTLP over HTTP; without a path it is `/v1/traces`.", .example = "https://collector.observability:4318"},
    {.name = "plain", .type = FIELD_BOOL, AT(traces_doc, plain),
     .doc = "The endpoint may be http: whoever is between can read and change what is sent.", .default_text = "false"},
    {.name = "ca", .type = FIELD_TEXT, AT(traces_doc, ca), .flags = FIELD_NONEMPTY,
     .doc = "Certificate authorities in PEM that the collector's certificate is of. Read again each minute.", .example = "collector-ca.crt", .default_text = "those of the system"},
    {.name = "headers", .type = FIELD_TEXT, AT(traces_doc, headers), .flags = FIELD_NONEMPTY,
     .doc = "A file of headers, a line `Name: value` each, for authorisation. Read again each minute, and after a 401.", .example = "collector-headers", .default_text = "none"},
    {.name = "samplingRatePerMillion", .type = FIELD_SIZE, AT(traces_doc, rate), .set_offset = offsetof(struct traces_doc, rate_set), .max = 1000000,
     .doc = "How many in a million reviews are traced of those that come without a `traceparent`. With one, its sampled flag decides.", .default_text = "1000000"},
    {.name = "timeout", .type = FIELD_DURATION, AT(traces_doc, timeout), .set_offset = offsetof(struct traces_doc, timeout_set),
     .doc = "How long the collector may take for one request, from 100ms to 1m.", .example = "10s", .default_text = "10s"},
    {.name = "queue", .type = FIELD_SIZE, AT(traces_doc, queue), .min = LIMIT_SPAN_STEPS + 1, .max = LIMIT_TRACE_QUEUE,
     .doc = "Spans that wait to be sent; more are lost, and counted. A review is five.", .default_text = "8192"},
    {.name = "service", .type = FIELD_TEXT, AT(traces_doc, service), .flags = FIELD_NONEMPTY, .max = 255,
     .doc = "The resource attribute `service.name`.", .default_text = "pratique"},
};
static const struct fields TRACES = {"Traces", "Traces of reviews, to an OpenTelemetry collector.", sizeof(struct traces_doc), TRACES_MEMBERS, N(TRACES_MEMBERS)};

static const struct field UI_MEMBERS[] = {
    {.name = "callers", .type = FIELD_CHOICE, AT(ui_doc, callers), .choices = CALLERS,
     .doc = "Who is answered: `local` is the machine or Pod itself, from where `kubectl port-forward` and a proxy in the same Pod come; `any` is whoever reaches the port, and nobody is asked who they are.", .default_text = "local"},
    {.name = "hosts", .type = FIELD_TEXTS, AT(ui_doc, hosts), .max = LIMIT_CLIENT_NAMES,
     .doc = "Names by which browsers may ask, beside `localhost` and IP addresses; `*` is any run of characters, `!` excludes. Another name is refused, since anybody can make one that leads here.", .example = "[pratique.example.com]", .default_text = "none"},
};
static const struct fields UI = {"Pages", "The pages for people, below `/ui` on the plain port.", sizeof(struct ui_doc), UI_MEMBERS, N(UI_MEMBERS)};

static const struct field LIMITS_MEMBERS[] = {
    {.name = "threads", .type = FIELD_SIZE, AT(limits_doc, threads), .min = 1, .max = LIMIT_THREADS,
     .doc = "Threads that answer.", .default_text = "the number of CPUs, 4 at most"},
    {.name = "connections", .type = FIELD_SIZE, AT(limits_doc, connections), .min = 1, .max = LIMIT_CONNECTIONS,
     .doc = "Open connections; more wait until one is closed.", .default_text = "2048"},
    {.name = "body", .type = FIELD_SIZE, AT(limits_doc, body), .min = 1024, .max = LIMIT_BODY,
     .doc = "Bytes of a review; a larger one is denied.", .default_text = "8388608"},
    {.name = "reviewsInFlight", .type = FIELD_SIZE, AT(limits_doc, reviews_in_flight), .min = 1, .max = LIMIT_REVIEWS_IN_FLIGHT,
     .doc = "Reviews being received or judged at one time; another is answered 429.", .default_text = "1024"},
    {.name = "bodiesInFlight", .type = FIELD_SIZE, AT(limits_doc, bodies_in_flight), .min = 1024, .max = LIMIT_BODIES_IN_FLIGHT,
     .doc = "Bytes of memory for their bodies together; beyond it a review is answered 429.", .default_text = "67108864"},
    {.name = "evidenceThreads", .type = FIELD_SIZE, AT(limits_doc, evidence_threads), .min = 1, .max = LIMIT_EVIDENCE_THREADS,
     .doc = "Threads for reviews that wait for registries, one review each; started when they are needed. Each may take 96 MiB for images that are made to cost.", .default_text = "8"},
    {.name = "reviewsWaiting", .type = FIELD_SIZE, AT(limits_doc, reviews_waiting), .min = 1, .max = LIMIT_REVIEWS_IN_FLIGHT,
     .doc = "Reviews that wait for one of these threads; another is answered 429.", .default_text = "512"},
};
static const struct fields LIMITS = {"Limits", "What is bounded, and by how much.", sizeof(struct limits_doc), LIMITS_MEMBERS, N(LIMITS_MEMBERS)};

static const struct field REGISTRY_MEMBERS[] = {
    {.name = "host", .type = FIELD_TEXT, AT(registry_doc, host), .flags = FIELD_REQUIRED | FIELD_NONEMPTY, .max = 300,
     .doc = "The registry, mirror or token server: `HOST` for all its ports, or `HOST:PORT`. Docker Hub is `docker.io`.", .example = "registry.shop:5000"},
    {.name = "plain", .type = FIELD_BOOL, AT(registry_doc, plain),
     .doc = "Ask it by plain HTTP: whoever is between can answer in its place.", .default_text = "false"},
    {.name = "insideNetwork", .type = FIELD_BOOL, AT(registry_doc, inside_network),
     .doc = "It may have an address of this machine or of the network's own services (loopback, link-local, metadata), which are refused otherwise.", .default_text = "false"},
    {.name = "ca", .type = FIELD_TEXT, AT(registry_doc, ca), .flags = FIELD_NONEMPTY,
     .doc = "Certificate authorities in PEM that its certificate is of.", .example = "registry-ca.crt", .default_text = "that of `registries`"},
    {.name = "certificate", .type = FIELD_TEXT, AT(registry_doc, certificate), .flags = FIELD_NONEMPTY,
     .doc = "A client certificate in PEM to show it; needs `key`.", .example = "client.crt", .default_text = "none"},
    {.name = "key", .type = FIELD_TEXT, AT(registry_doc, key), .flags = FIELD_NONEMPTY,
     .doc = "The certificate's private key in PEM.", .example = "client.key", .default_text = "none"},
    {.name = "proxy", .type = FIELD_TEXT, AT(registry_doc, proxy), .flags = FIELD_NONEMPTY, .max = 300,
     .doc = "An HTTP proxy that it is asked through.", .example = "http://proxy.example:3128", .default_text = "none"},
    {.name = "location", .type = FIELD_TEXT, AT(registry_doc, location), .flags = FIELD_NONEMPTY, .max = 300,
     .doc = "`HOST[:PORT][/PREFIX]` that is asked in its place, with the prefix before the repository.", .example = "registry-1.docker.io", .default_text = "itself"},
    {.name = "mirrors", .type = FIELD_TEXTS, AT(registry_doc, mirrors), .max = LIMIT_REGISTRY_MIRRORS,
     .doc = "The same, asked before it in this order.", .example = "[mirror.shop/hub]", .default_text = "none"},
    {.name = "realms", .type = FIELD_TEXTS, AT(registry_doc, realms), .max = 64,
     .doc = "Token servers, `HOST` or `HOST:PORT`, that may be given its credentials, beside its own host.", .example = "[auth.shop]", .default_text = "none; of docker.io auth.docker.io"},
};
static const struct fields REGISTRY = {"Registry", "What is special about a host that is asked.", sizeof(struct registry_doc), REGISTRY_MEMBERS, N(REGISTRY_MEMBERS)};

static const struct field AWS_MEMBERS[] = {
    {.name = "role", .type = FIELD_TEXT, AT(aws_doc, role), .flags = FIELD_NONEMPTY, .max = 2048,
     .doc = "The role that is assumed.", .example = "arn:aws:iam::123456789012:role/pull", .default_text = "AWS_ROLE_ARN, of the environment"},
    {.name = "tokenFile", .type = FIELD_TEXT, AT(aws_doc, token_file), .flags = FIELD_NONEMPTY,
     .doc = "The platform's token, read for each exchange.", .default_text = "AWS_WEB_IDENTITY_TOKEN_FILE"},
    {.name = "session", .type = FIELD_TEXT, AT(aws_doc, session), .flags = FIELD_NONEMPTY, .max = 64,
     .doc = "What the session is called in Amazon's records.", .default_text = "AWS_ROLE_SESSION_NAME, or pratique"},
    {.name = "region", .type = FIELD_TEXT, AT(aws_doc, region), .flags = FIELD_NONEMPTY, .max = 63,
     .doc = "Whose STS is asked.", .example = "eu-central-1", .default_text = "AWS_REGION, AWS_DEFAULT_REGION, or the registry's"},
    {.name = "sts", .type = FIELD_TEXT, AT(aws_doc, sts), .flags = FIELD_NONEMPTY, .max = 300,
     .doc = "The endpoint of STS.", .example = "https://vpce-1234-sts.eu-central-1.vpce.amazonaws.com", .default_text = "that of the region"},
    {.name = "ecr", .type = FIELD_TEXT, AT(aws_doc, ecr), .flags = FIELD_NONEMPTY, .max = 300,
     .doc = "The endpoint of ECR's API.", .default_text = "that of the registry's region"},
};
static const struct fields AWS = {"CloudAws", "Amazon ECR, by a role that is assumed with the token of the service account.", sizeof(struct aws_doc), AWS_MEMBERS, N(AWS_MEMBERS)};

static const struct field GCP_MEMBERS[] = {
    {.name = "file", .type = FIELD_TEXT, AT(gcp_doc, file), .flags = FIELD_NONEMPTY,
     .doc = "A credential configuration of type `external_account`, whose source is a file.", .default_text = "GOOGLE_APPLICATION_CREDENTIALS; without it the metadata server is asked"},
    {.name = "metadata", .type = FIELD_TEXT, AT(gcp_doc, metadata), .flags = FIELD_NONEMPTY, .max = 300,
     .doc = "The metadata server.", .default_text = "`http://` and GCE_METADATA_HOST, or `http://metadata.google.internal`"},
};
static const struct fields GCP = {"CloudGcp", "gcr.io and pkg.dev, by workload identity.", sizeof(struct gcp_doc), GCP_MEMBERS, N(GCP_MEMBERS)};

static const struct field AZURE_MEMBERS[] = {
    {.name = "client", .type = FIELD_TEXT, AT(azure_doc, client), .flags = FIELD_NONEMPTY, .max = 255,
     .doc = "The application's ID.", .default_text = "AZURE_CLIENT_ID, of the environment"},
    {.name = "tenant", .type = FIELD_TEXT, AT(azure_doc, tenant), .flags = FIELD_NONEMPTY, .max = 255,
     .doc = "The tenant's ID.", .default_text = "AZURE_TENANT_ID"},
    {.name = "tokenFile", .type = FIELD_TEXT, AT(azure_doc, token_file), .flags = FIELD_NONEMPTY,
     .doc = "The platform's token, read for each exchange.", .default_text = "AZURE_FEDERATED_TOKEN_FILE"},
    {.name = "authority", .type = FIELD_TEXT, AT(azure_doc, authority), .flags = FIELD_NONEMPTY, .max = 300,
     .doc = "Who gives tokens.", .default_text = "AZURE_AUTHORITY_HOST, or `https://login.microsoftonline.com`"},
    {.name = "scope", .type = FIELD_TEXT, AT(azure_doc, scope), .flags = FIELD_NONEMPTY, .max = 300,
     .doc = "What a token is asked for.", .default_text = "`https://containerregistry.azure.net/.default`"},
    {.name = "registry", .type = FIELD_TEXT, AT(azure_doc, registry), .flags = FIELD_NONEMPTY, .max = 300,
     .doc = "Where tokens of all registries are exchanged.", .default_text = "at each registry itself"},
};
static const struct fields AZURE = {"CloudAzure", "*.azurecr.io, by an application whose federated token is in a file.", sizeof(struct azure_doc), AZURE_MEMBERS, N(AZURE_MEMBERS)};

static const struct field CLOUDS_MEMBERS[] = {
    {.name = "aws", .type = FIELD_OBJECT, AT(clouds_doc, aws), .set_offset = offsetof(struct clouds_doc, aws_set), .object = &AWS,
     .doc = "Amazon ECR: `{}` takes all from the environment, as EKS sets it (IRSA).", .example = "{}", .default_text = "not used"},
    {.name = "gcp", .type = FIELD_OBJECT, AT(clouds_doc, gcp), .set_offset = offsetof(struct clouds_doc, gcp_set), .object = &GCP,
     .doc = "Google: `{}` asks the metadata server, as on GKE, unless the environment names a file.", .example = "{}", .default_text = "not used"},
    {.name = "azure", .type = FIELD_OBJECT, AT(clouds_doc, azure), .set_offset = offsetof(struct clouds_doc, azure_set), .object = &AZURE,
     .doc = "Azure: `{}` takes all from the environment, as AKS sets it.", .example = "{}", .default_text = "not used"},
};
static const struct fields CLOUDS = {"Clouds", "Clouds whose registries are asked as who the platform says that the server is.", sizeof(struct clouds_doc), CLOUDS_MEMBERS, N(CLOUDS_MEMBERS)};

static const struct field SHARED_MEMBERS[] = {
    {.name = "address", .type = FIELD_TEXT, AT(shared_doc, address), .flags = FIELD_REQUIRED | FIELD_NONEMPTY, .max = 300,
     .doc = "The server, as `HOST:PORT`.", .example = "valkey.pratique-system.svc:6379"},
    {.name = "keyFile", .type = FIELD_TEXT, AT(shared_doc, key_file), .flags = FIELD_REQUIRED | FIELD_NONEMPTY,
     .doc = "A secret that all replicas have and nobody else, 32 bytes at least: what is not sealed with it does not count.", .example = "shared/key"},
    {.name = "plain", .type = FIELD_BOOL, AT(shared_doc, plain),
     .doc = "Without TLS: whoever is between can read the password and keep answers away.", .default_text = "false"},
    {.name = "ca", .type = FIELD_TEXT, AT(shared_doc, ca), .flags = FIELD_NONEMPTY,
     .doc = "Certificate authorities in PEM that its certificate is of.", .example = "shared/ca.crt", .default_text = "those of the system"},
    {.name = "username", .type = FIELD_TEXT, AT(shared_doc, username), .flags = FIELD_NONEMPTY, .max = 256,
     .doc = "The user, where there are several; needs `passwordFile`.", .example = "pratique", .default_text = "default"},
    {.name = "passwordFile", .type = FIELD_TEXT, AT(shared_doc, password_file), .flags = FIELD_NONEMPTY,
     .doc = "A file with the password.", .example = "shared/password", .default_text = "none is given"},
};
static const struct fields SHARED = {"Shared", "A Redis or Valkey by which replicas tell each other what tags point to.", sizeof(struct shared_doc), SHARED_MEMBERS, N(SHARED_MEMBERS)};

static const struct field REGISTRIES_MEMBERS[] = {
    {.name = "credentials", .type = FIELD_TEXTS, AT(registries_doc, credentials), .flags = FIELD_NONEMPTY, .max = 64,
     .doc = "Docker config files, such as a mounted Secret's `.dockerconfigjson`, read as a kubelet reads its own. Read again when they change.", .example = "[pull/.dockerconfigjson]", .default_text = "none"},
    {.name = "clouds", .type = FIELD_OBJECT, AT(registries_doc, clouds), .object = &CLOUDS,
     .doc = "Credentials for registries of clouds by the identity that the platform gives; behind those of `credentials`.", .default_text = "none"},
    {.name = "pullSecrets", .type = FIELD_BOOL, AT(registries_doc, pull_secrets),
     .doc = "Ask with the pull secrets of the Pods, too: those that they name, or their service account does, before `credentials`. They are had from the API server (`kubernetes`), which must allow to get Secrets and service accounts, and remembered for 30 seconds.", .default_text = "false"},
    {.name = "ca", .type = FIELD_TEXT, AT(registries_doc, ca), .flags = FIELD_NONEMPTY,
     .doc = "Certificate authorities in PEM, for hosts that have none of their own here.", .example = "registries-ca.crt", .default_text = "those of the system"},
    {.name = "hosts", .type = FIELD_OBJECTS, AT(registries_doc, hosts), .max = LIMIT_REGISTRY_HOSTS_SAID, .object = &REGISTRY,
     .doc = "What is special about single hosts.", .default_text = "every registry is asked by its name, over HTTPS"},
    {.name = "shared", .type = FIELD_OBJECT, AT(registries_doc, shared), .set_offset = offsetof(struct registries_doc, shared_set), .object = &SHARED,
     .doc = "Where replicas tell each other what tags point to. While it is away they ask by themselves.", .default_text = "each asks by itself"},
    {.name = "memory", .type = FIELD_SIZE, AT(registries_doc, memory), .min = LIMIT_EVIDENCE_MEMORY_LEAST, .max = LIMIT_EVIDENCE_MEMORY,
     .doc = "Bytes of what is remembered of registries' answers.", .default_text = "16777216"},
    {.name = "tags", .type = FIELD_DURATION, AT(registries_doc, tags), .set_offset = offsetof(struct registries_doc, tags_set),
     .doc = "How long it is remembered what a tag points to, from 0s (every review asks) to 1h.", .example = "30s", .default_text = "30s"},
    {.name = "failures", .type = FIELD_DURATION, AT(registries_doc, failures), .set_offset = offsetof(struct registries_doc, failures_set),
     .doc = "How long a failure is remembered, from 0s to 5m.", .example = "5s", .default_text = "5s"},
};
static const struct fields REGISTRIES = {"Registries", "How registries are asked, where a policy wants to know more than a reference tells.", sizeof(struct registries_doc), REGISTRIES_MEMBERS, N(REGISTRIES_MEMBERS)};

static const struct field DRAIN_MEMBERS[] = {
    {.name = "delay", .type = FIELD_DURATION, AT(drain_doc, delay), .set_offset = offsetof(struct drain_doc, delay_set),
     .doc = "After SIGTERM, how long requests go on being answered while readiness fails, so that callers find other replicas.", .example = "5s", .default_text = "5s"},
    {.name = "timeout", .type = FIELD_DURATION, AT(drain_doc, timeout), .set_offset = offsetof(struct drain_doc, timeout_set),
     .doc = "After the delay, how long reviews in flight may still take.", .example = "10s", .default_text = "10s"},
};
static const struct fields DRAIN = {"Drain", "How the server stops.", sizeof(struct drain_doc), DRAIN_MEMBERS, N(DRAIN_MEMBERS)};

static const struct field EVENTS_MEMBERS[] = {
    {.name = "warnings", .type = FIELD_BOOL, AT(events_doc, warnings),
     .doc = "An admission that warns becomes one too.", .default_text = "false"},
    {.name = "queue", .type = FIELD_SIZE, AT(events_doc, queue), .min = 1, .max = LIMIT_EVENTS_QUEUE,
     .doc = "Denials that wait to be told; one more is lost, and counted.", .default_text = "1024"},
};
static const struct fields EVENTS = {"Events", "Kubernetes Events for denials.", sizeof(struct events_doc), EVENTS_MEMBERS, N(EVENTS_MEMBERS)};

static const char *const REPORT_NAMES[] = {"wgpolicyk8s", "openreports", NULL};
static const char *const AUDITS[] = {"warn", "fail", "none", NULL};

static const struct field REPORTS_MEMBERS[] = {
    {.name = "format", .type = FIELD_TEXTS, AT(reports_doc, format), .flags = FIELD_REQUIRED, .choices = REPORT_NAMES, .max = 2,
     .doc = "Which reports to write: `wgpolicyk8s` is PolicyReport of wgpolicyk8s.io/v1alpha2, `openreports` is Report of openreports.io/v1alpha1. None: what is found shows in metrics alone.", .example = "[wgpolicyk8s]"},
    {.name = "interval", .type = FIELD_DURATION, AT(reports_doc, interval), .set_offset = offsetof(struct reports_doc, interval_set),
     .doc = "How often everything is judged again, from 10s to 168h; soon after the policies change it is anyway.", .example = "1h", .default_text = "1h"},
    {.name = "audit", .type = FIELD_CHOICE, AT(reports_doc, audit), .choices = AUDITS,
     .doc = "The result of a rule that fails by a policy in mode audit; none leaves it out.", .default_text = "warn"},
    {.name = "passes", .type = FIELD_BOOL, AT(reports_doc, passes),
     .doc = "Report objects for which every policy holds, too: as many reports as there are workloads.", .default_text = "false"},
    {.name = "resources", .type = FIELD_TEXTS, AT(reports_doc, resources), .flags = FIELD_NONEMPTY, .max = LIMIT_SCAN_CUSTOM,
     .doc = "Custom kinds to judge beside the workloads of Kubernetes: plural and group, as in the names of their definitions.", .example = "[rollouts.argoproj.io]", .default_text = "none"},
};
static const struct fields REPORTS = {"Reports", "What runs already, judged by the policies in use.", sizeof(struct reports_doc), REPORTS_MEMBERS, N(REPORTS_MEMBERS)};

static const struct field KUBERNETES_MEMBERS[] = {
    {.name = "kubeconfig", .type = FIELD_TEXT, AT(kubernetes_doc, kubeconfig), .flags = FIELD_NONEMPTY,
     .doc = "A kubeconfig file; its current context is used. Users with a token or a client certificate are known, exec and auth-provider are not.", .example = "kubeconfig", .default_text = "the Pod's service account"},
    {.name = "lease", .type = FIELD_TEXT, AT(kubernetes_doc, lease), .flags = FIELD_NONEMPTY, .max = 253,
     .doc = "The Lease by which replicas agree on the one that leads, in the namespace of the service account or of the kubeconfig's context; made when it is missing. It is used by what one replica alone should do; `tls.managed` has its own.",
     .example = "pratique-leader", .default_text = "pratique-leader"},
    {.name = "events", .type = FIELD_OBJECT, AT(kubernetes_doc, events), .set_offset = offsetof(struct kubernetes_doc, events_set), .object = &EVENTS,
     .doc = "A denial by `/validate` becomes an Event of events.k8s.io/v1, where people look for it; `{}` is enough.", .example = "{}", .default_text = "none are written"},
    {.name = "policies", .type = FIELD_BOOL, AT(kubernetes_doc, policies),
     .doc = "Take policies from custom resources too: ClusterImagePolicy, ImagePolicy and ImagePolicyException are watched, and their status is written. Not ready until all are known.", .default_text = "false"},
    {.name = "namespaces", .type = FIELD_BOOL, AT(kubernetes_doc, namespaces),
     .doc = "Watch namespaces, so that their labels are known where a policy has a namespaceSelector. Not ready until all are known.", .default_text = "false"},
    {.name = "reports", .type = FIELD_OBJECT, AT(kubernetes_doc, reports), .set_offset = offsetof(struct kubernetes_doc, reports_set), .object = &REPORTS,
     .doc = "Judge what runs already, and write reports of it.", .default_text = "only what comes is judged"},
};
static const struct fields KUBERNETES = {"Kubernetes", "How to reach the API server, what is watched there and what is written.",
    sizeof(struct kubernetes_doc), KUBERNETES_MEMBERS, N(KUBERNETES_MEMBERS)};

static const struct field CONFIG_MEMBERS[] = {
    {.name = "apiVersion", .type = FIELD_CHOICE, AT(config_doc, api_version), .flags = FIELD_REQUIRED, .choices = API_VERSIONS,
     .doc = "The version of this format."},
    {.name = "kind", .type = FIELD_CHOICE, AT(config_doc, kind), .flags = FIELD_REQUIRED, .choices = KINDS,
     .doc = "What this document is."},
    {.name = "listen", .type = FIELD_OBJECT, AT(config_doc, listen), .object = &ADDRESS,
     .doc = "HTTPS: reviews, health, metrics."},
    {.name = "plain", .type = FIELD_OBJECT, AT(config_doc, plain), .set_offset = offsetof(struct config_doc, plain_set), .object = &ADDRESS,
     .doc = "HTTP without TLS: health, metrics, and the pages for people if there are any.", .default_text = "not served"},
    {.name = "tls", .type = FIELD_OBJECT, AT(config_doc, tls), .flags = FIELD_REQUIRED, .object = &TLS,
     .doc = "Certificates."},
    {.name = "kubernetes", .type = FIELD_OBJECT, AT(config_doc, kubernetes), .object = &KUBERNETES,
     .doc = "How to reach the API server, what is watched there and what is written."},
    {.name = "policies", .type = FIELD_TEXTS, AT(config_doc, policies), .flags = FIELD_NONEMPTY, .max = 256,
     .doc = "Policy files, or directories of *.yaml, *.yml and *.json. Read again when they change. May be left out with `kubernetes.policies`.", .example = "[policies]"},
    {.name = "uncovered", .type = FIELD_CHOICE, AT(config_doc, uncovered), .choices = UNCOVERED,
     .doc = "The verdict on an image that no policy covers.", .default_text = "deny"},
    {.name = "runtime", .type = FIELD_CHOICE, AT(config_doc, runtime), .choices = RUNTIMES,
     .doc = "How nodes read a name without a registry: containerd as Docker Hub's; cri-o by lists of its own, so such a name is refused unless a policy accepts it.", .default_text = "containerd"},
    {.name = "kinds", .type = FIELD_OBJECTS, AT(config_doc, kinds), .max = 256, .object = &KIND,
     .doc = "Custom kinds that carry images, beside those that are known."},
    {.name = "subresources", .type = FIELD_TEXTS, AT(config_doc, subresources), .max = 64,
     .doc = "Subresources of workloads by which no image can come in, beside those that are known; any other is denied.", .example = "[checkpoint]"},
    {.name = "log", .type = FIELD_OBJECT, AT(config_doc, log), .object = &LOG, .doc = "The log."},
    {.name = "audit", .type = FIELD_OBJECT, AT(config_doc, audit), .object = &AUDIT, .doc = "The audit log.", .default_text = "none is written"},
    {.name = "history", .type = FIELD_OBJECT, AT(config_doc, history), .set_offset = offsetof(struct config_doc, history_set), .object = &HISTORY,
     .doc = "The decision history, for people and for `pratique replay`.", .default_text = "none is kept"},
    {.name = "traces", .type = FIELD_OBJECT, AT(config_doc, traces), .set_offset = offsetof(struct config_doc, traces_set), .object = &TRACES,
     .doc = "Traces of reviews, by OTLP over HTTP in JSON.", .default_text = "none are sent"},
    {.name = "ui", .type = FIELD_OBJECT, AT(config_doc, ui), .set_offset = offsetof(struct config_doc, ui_set), .object = &UI,
     .doc = "Pages for people: decisions, policies, this replica. `{}` turns them on.", .default_text = "none are served"},
    {.name = "registries", .type = FIELD_OBJECT, AT(config_doc, registries), .object = &REGISTRIES,
     .doc = "How registries are asked, where a policy wants to know more than a reference tells."},
    {.name = "limits", .type = FIELD_OBJECT, AT(config_doc, limits), .object = &LIMITS, .doc = "Bounds."},
    {.name = "idle", .type = FIELD_DURATION, AT(config_doc, idle), .set_offset = offsetof(struct config_doc, idle_set),
     .doc = "How long a connection may be silent. kube-apiserver keeps its own for 90s and does not retry, so at least 100s.", .example = "150s", .default_text = "150s"},
    {.name = "drain", .type = FIELD_OBJECT, AT(config_doc, drain), .object = &DRAIN, .doc = "How the server stops."},
    {.name = "reload", .type = FIELD_DURATION, AT(config_doc, reload), .set_offset = offsetof(struct config_doc, reload_set),
     .doc = "How often files are looked at for changes, from 100ms to 1h. A change is loaded when it was the same at two looks in a row.", .example = "1s", .default_text = "1s"},
};
/* clang-format on */

const struct fields server_config_fields = {
    "ServerConfiguration", "The configuration file of `pratique serve`. Paths are relative to it.",
    sizeof(struct config_doc), CONFIG_MEMBERS, N(CONFIG_MEMBERS)};
