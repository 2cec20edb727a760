#pragma once
/* Every maximum of the program, in one place, each with its reason and each tested at n and n+1.
 * Sizes in bytes unless the name says otherwise. What is larger is refused with an error of kind
 * LIMIT before memory is allocated for it. */

#define KIB 1024u
#define MIB (1024u * 1024u)

/* -- a review -- */

/* kube-apiserver takes objects up to 3 MiB and sends old and new, re-encoded with managedFields. */
#define LIMIT_BODY (8u * MIB)
/* What is read of a larger one, and thrown away, so that it can be denied: an object of 3 MiB whose
 * every byte is written as six (\u003c), twice, and as much again for what defaults add. */
#define LIMIT_BODY_REFUSED (64u * MIB)
/* The first bytes of a body; kind, version and uid of a review are in the first 200. */
#define LIMIT_BODY_BEGINNING 1024u
/* No workload kind nests deeper than about 30; recursion on input stays bounded. */
#define LIMIT_JSON_DEPTH 128u
/* Tree of one document: "[0,0,…" costs eight times its text. */
#define LIMIT_JSON_MEMORY (10u * LIMIT_BODY)
/* etcd's object limit makes a few hundred containers the most that anyone can store usefully. */
#define LIMIT_IMAGES_PER_REVIEW 512u
/* Longest path (255), host with port (261), tag (128) and sha512 digest (135) together are 782. */
#define LIMIT_IMAGE_TEXT 1024u
/* Field paths are built from keys; a Kubernetes field path is far shorter. */
#define LIMIT_FIELD_PATH 512u
/* Violations named in one answer; what is beyond is counted. Keeps answers readable. */
#define LIMIT_VIOLATIONS 64u
/* A message is shown on terminals and stored in Events, which cut at 1 KiB. */
#define LIMIT_MESSAGE 2048u
/* The API server cuts warnings to 256 characters once a request has 4,096 in all. */
#define LIMIT_WARNING_TEXT 256u
#define LIMIT_WARNINGS     16u
/* Longest uid, name, namespace or user name that is carried along; Kubernetes allows 253 to 1 KiB.
 */
#define LIMIT_NAME 1024u
/* What evidence about all its images may take of a review's memory: 50 different images for eight
 * platforms each, or a few of the largest. */
#define LIMIT_EVIDENCE (32u * MIB)
/* A review's derived data: bounded by images x paths and violations x messages, where digests are
 * written twice; and evidence. */
#define LIMIT_REVIEW_ARENA (24u * MIB + LIMIT_EVIDENCE)

/* -- the server -- */

/* Three API servers with 600 requests in flight each, and as many again for a rolling update. */
#define LIMIT_CONNECTIONS 4096u
/* Headers of one request; the API server sends less than 1 KiB, tokens and tracing up to 8. */
#define LIMIT_HTTP_HEADERS (16u * KIB)
/* Reviews being received or judged at one time; beyond: 429, which the API server retries. */
#define LIMIT_REVIEWS_IN_FLIGHT 1024u
/* Bytes of their bodies together; beyond: 429. */
#define LIMIT_BODIES_IN_FLIGHT (64u * MIB)
#define LIMIT_THREADS          64u
/* Pull secrets and service accounts that one review names; Pods have one or two. */
#define LIMIT_PULL_SECRETS  32u
#define LIMIT_PULL_ACCOUNTS 8u
/* What is kept of them for one review; a docker config has a few kilobytes. */
#define LIMIT_PULLS_LIST (1u * MIB)
/* Memory for getting them: that, and two copies of it. */
#define LIMIT_PULLS_ARENA (4u * MIB)
/* A Secret as the API server writes it: etcd stores at most 1.5 MiB. */
#define LIMIT_PULLS_OBJECT (2u * MIB)
/* Secrets that are remembered, of all namespaces: a cache keeps nothing that is more than an eighth
 * of it. */
#define LIMIT_PULLS_KEPT (16u * MIB)
/* Connections to the API server that are kept for getting them. */
#define LIMIT_PULL_CLIENTS 4u
/* Hosts of which a configuration says something. */
#define LIMIT_REGISTRY_HOSTS_SAID 256u
/* What is remembered of registries' answers: at least some large images. */
#define LIMIT_EVIDENCE_MEMORY       (1024u * MIB)
#define LIMIT_EVIDENCE_MEMORY_LEAST (1u * MIB)
/* Images of which it is remembered what they are. */
#define LIMIT_IMAGES_KEPT 2048u
/* Questions of one review that are asked at the same time. */
#define LIMIT_EVIDENCE_PARALLEL 4u
/* Memory for asking one: what oci/assemble.h and registry/registry.h take. */
#define LIMIT_EVIDENCE_SCRATCH (96u * MIB)
/* Memory of one image, while it is put together: oci/assemble.h. */
#define LIMIT_IMAGE_ARENA (LIMIT_IMAGE_MEMORY + 12u * MIB)
/* Certificates and keys of all hosts that are named. */
#define LIMIT_ASKING_ARENA (64u * MIB)
/* Threads that wait for registries: each may hold a review's memory. */
#define LIMIT_EVIDENCE_THREADS 256u
#define LIMIT_CERTIFICATE_FILE (1u * MIB)
#define LIMIT_CLIENT_NAMES     256u

/* -- policy and configuration files -- */

#define LIMIT_POLICY_FILE (32u * MIB)
/* All files of one policy set together. */
#define LIMIT_POLICY_BYTES     (128u * MIB)
#define LIMIT_POLICY_FILES     20000u
#define LIMIT_POLICIES         50000u
#define LIMIT_POLICY_ARENA     (1024u * MIB)
#define LIMIT_RULES_PER_POLICY 256u
#define LIMIT_LIST_ITEMS       4096u
#define LIMIT_PATTERN_TEXT     512u
#define LIMIT_REGEX_TEXT       1024u
/* Steps of one regular expression match; then it counts as an error, which denies. */
#define LIMIT_REGEX_STEPS 20000u
/* Matches of one review that may run into that limit; the others are errors without being tried. */
#define LIMIT_REGEX_ERRORS 16u
#define LIMIT_CONFIG_FILE  (1u * MIB)
/* List items of one policy that an API server asks about: a list or two as long as they may be. It
 * bounds what someone who may write policies of one namespace can make a replica compare: a second.
 */
#define LIMIT_POLICY_OBJECT_ITEMS 8192u
/* ImagePolicies of one namespace, and bytes of them: what one team may make every replica keep. */
#define LIMIT_NAMESPACE_POLICIES     100u
#define LIMIT_NAMESPACE_POLICY_BYTES (512u * KIB)
/* Errors and warnings shown for one load; what is beyond is counted. */
#define LIMIT_DIAGNOSTICS 200u
/* Nodes of one YAML stream after its aliases are expanded: the answer to "billion laughs". */
#define LIMIT_YAML_NODES 2000000u

/* -- the command line -- */

#define LIMIT_MANIFEST_FILE  (64u * MIB)
#define LIMIT_MANIFEST_FILES 20000u

/* -- requests to other servers -- */

/* Headers of one answer together; registries and API servers send less than 8 KiB. */
#define LIMIT_FETCH_HEADERS (64u * KIB)
/* An object of the API server; etcd stores at most 1.5 MiB, and JSON is longer than what it stores.
 */
#define LIMIT_KUBE_OBJECT (4u * MIB)
/* A page of a list: with its tree some 20 MiB for a moment. 500 Pods of 8 KiB. */
#define LIMIT_KUBE_PAGE (4u * MIB)
/* One object that is watched, in a list or as an event: what etcd stores (1.5 MiB) when every byte
 * is written as six (\u003c). Below that, someone could write an object that stops the watch. */
#define LIMIT_KUBE_WATCHED (10u * MIB)
/* Where a list goes on, as the API server tells: the key of an object, in base64. */
#define LIMIT_KUBE_CONTINUE (8u * KIB)
/* A path with its query: three names, selectors, and the former, each byte by its number. */
#define LIMIT_KUBE_PATH (32u * KIB)
/* A bearer token; those of service accounts have about 1 KiB. */
#define LIMIT_TOKEN (64u * KIB)
/* Certificates of one Secret or caBundle; four authorities of P-256 have 3 KiB. */
#define LIMIT_BUNDLE (64u * KIB)
/* Authorities in one bundle: each is one more that may speak for the webhook. */
#define LIMIT_AUTHORITIES 8u
/* Webhooks of one configuration; a chart has a few. */
#define LIMIT_WEBHOOKS               256u
#define LIMIT_WEBHOOK_CONFIGURATIONS 16u
/* Memory of one look at the cluster: a few objects, and what they are decoded into. */
#define LIMIT_KUBE_ARENA (64u * MIB)

/* Texts that are kept of one kind of object of the cluster: ten thousand policies or namespaces of
 * ordinary size, and a quarter of what a replica may have. */
#define LIMIT_CLUSTER_BYTES (32u * MIB)

/* -- signatures -- */

/* A public key in PEM, or in DER: one of RSA with 8192 bits has 1.5 KiB of text. */
#define LIMIT_PUBLIC_KEY (8u * KIB)
/* RSA: below, it is no longer believed; above, one signature costs what a hundred of P-256 do. */
#define LIMIT_RSA_BITS_LEAST 2048u
#define LIMIT_RSA_BITS       8192u
/* One by the longest RSA key. */
#define LIMIT_SIGNATURE 1024u
/* A certificate; Fulcio's have 1 KiB, ones with many names some more. */
#define LIMIT_CERTIFICATE (16u * KIB)
/* Its extensions and names: Fulcio's have thirty of the one and one of the other. */
#define LIMIT_CERTIFICATE_EXTENSIONS 64u
#define LIMIT_CERTIFICATE_NAMES      128u
/* Certificates of one text, or beside one signature: a chain has three or four. */
#define LIMIT_CERTIFICATES 64u
/* Certificates from a signer to a root, both of them counted. */
#define LIMIT_CHAIN_DEPTH 8u
/* Chains that are tried for one signer, and looks at who might have signed whom: there is one
 * chain, or two where an authority changes its key. */
#define LIMIT_CHAIN_TRIES 8u
#define LIMIT_CHAIN_STEPS 4096u
/* Words of logs in one certificate; Fulcio's have one, those of web servers two or three. */
#define LIMIT_SCTS 16u
/* A timestamp; one with its chain of RSA certificates has 7 KiB. */
#define LIMIT_TIMESTAMP (32u * KIB)
/* Certificates in it. */
#define LIMIT_TIMESTAMP_CERTIFICATES 16u
/* Elements of DER within each other: a timestamp with its certificates has about a dozen. */
#define LIMIT_DER_DEPTH 32u

/* -- trust through TUF repositories -- */

/* Files of metadata; those of Sigstore have 7, 0.5, 2 and 5 KiB. */
#define LIMIT_TUF_ROOT      (512u * KIB)
#define LIMIT_TUF_TIMESTAMP (16u * KIB)
#define LIMIT_TUF_SNAPSHOT  (1u * MIB)
#define LIMIT_TUF_TARGETS   (1u * MIB)
/* The tree of one while it is read: eight times the largest. */
#define LIMIT_TUF_MEMORY (8u * MIB)
/* A target; trusted roots have 7 KiB. */
#define LIMIT_TUF_TARGET (4u * MIB)
/* Versions of root that one update walks; Sigstore has made 15 in five years. */
#define LIMIT_TUF_ROOTS 256u
/* The largest version: the largest whole number that every reader of JSON reads alike. */
#define LIMIT_TUF_VERSION ((UINT64_C(1) << 53) - 1)
/* Signatures of one file, and keys of one role: each may cost a verification. */
#define LIMIT_TUF_SIGNATURES 64u
#define LIMIT_TUF_ROLE_KEYS  64u
/* Files that a snapshot lists, and delegations of one file: each name of these is compared with
 * each other. Repositories of packages have thousands, those of trusted roots a few. */
#define LIMIT_TUF_META        4096u
#define LIMIT_TUF_DELEGATIONS 1024u
/* Roles that are asked for one target, and how deep they delegate: so many files are held at one
 * time. Sigstore delegates once. */
#define LIMIT_TUF_ROLES 32u
#define LIMIT_TUF_DEPTH 8u
/* The name of a role, and the path of a target. */
#define LIMIT_TUF_NAME 512u
/* Files of delegated roles that are kept of one repository, beside the four of the top-level roles.
 * One that finds no room is fetched each time. */
#define LIMIT_TUF_FILES 64u
/* Names and paths of one client: of all files that are kept, and of one search. */
#define LIMIT_TUF_ARENA (1u * MIB)

/* -- images: manifests and configs -- */

/* A manifest or an index: what the distribution specification asks clients to take. */
#define LIMIT_MANIFEST (4u * MIB)
/* Tree of a manifest, an index or a config while it is read: a copy of the text, a value of 16
 * bytes for each six bytes that there may be, and half of that more. What has more is made to cost.
 */
#define LIMIT_OCI_MEMORY (24u * MIB)
/* An image's config; those with a long history have 64 KiB. */
#define LIMIT_IMAGE_CONFIG (4u * MIB)
/* Entries of an index; lists of referrers are the long ones, a few hundred bytes each. */
#define LIMIT_INDEX_ENTRIES 4096u
/* Layers of a manifest: overlayfs mounts 500, and artifacts have one for each file. */
#define LIMIT_IMAGE_LAYERS 1024u
/* Annotations or labels of one document, those of its descriptors included. */
#define LIMIT_IMAGE_ANNOTATIONS 4096u
/* Items of the lists in a config together: arguments, names of the environment, ports. */
#define LIMIT_IMAGE_TEXTS 4096u
/* Bytes that a descriptor may promise, a pebibyte: every reader of JSON reads such a number alike,
 * and the sum of all layers of a manifest stays below 2^63. */
#define LIMIT_BLOB_SIZE (UINT64_C(1) << 50)
/* Entries of an index that are read: an image for one platform each, or another index. The longest
 * in use have thirty. */
#define LIMIT_IMAGE_PLATFORMS 64u
/* Threads that read the documents of one image beside each other: as many as win time at usual
 * distances, and fewer than one host is asked by at one time. */
#define LIMIT_IMAGE_READERS 6u
/* What they may hold of documents that are not wanted yet, beside the one tree of LIMIT_OCI_MEMORY:
 * an image's documents together have 100 KiB. */
#define LIMIT_IMAGE_AHEAD (8u * MIB)
/* Indexes within each other; more than one is rare. */
#define LIMIT_INDEX_DEPTH 4u
/* Memory of what is known of one image: a hundred times what the largest in use take. */
#define LIMIT_IMAGE_MEMORY (8u * MIB)

/* -- images on disk -- */

/* Layouts that one command is given. */
#define LIMIT_LAYOUTS 256u
/* The file oci-layout, which says a version. */
#define LIMIT_LAYOUT_VERSION (4u * KIB)
/* Entries of an archive: a file for each manifest, config and layer. */
#define LIMIT_TAR_ENTRIES 16384u
/* Their names together, and the headers that hold long ones. */
#define LIMIT_TAR_NAMES (2u * MIB)

/* -- registries -- */

/* A WWW-Authenticate header, its challenges and their parameters: registries send one or two, of
 * three parameters and some hundred bytes. */
#define LIMIT_CHALLENGE_TEXT       (8u * KIB)
#define LIMIT_CHALLENGES           8u
#define LIMIT_CHALLENGE_PARAMETERS 16u
/* A Link header: a path with a query. */
#define LIMIT_LINK_TEXT (8u * KIB)
/* Where a registry sends us; signed addresses of object stores have up to 4 KiB. */
#define LIMIT_URL (8u * KIB)
/* From a registry to its store is one, or two by way of a mirror. */
#define LIMIT_REDIRECTS 5u
/* How often one request is sent while it is answered that it is not the time. */
#define LIMIT_REGISTRY_TRIES 3u
/* Tokens asked for with one credential: one, and another where one that was kept is not good. */
#define LIMIT_TOKEN_EXCHANGES 3u
/* A token server's answer: two tokens of full length. */
#define LIMIT_TOKEN_ANSWER (2u * LIMIT_TOKEN)
/* Requests for one thing at one host: a dozen where all goes wrong once. */
#define LIMIT_REGISTRY_SENDS 40u
/* Credentials for one image; a Pod names a few Secrets. */
#define LIMIT_REGISTRY_CREDENTIALS 16u
/* What is remembered of hosts: an attacker may name as many as there are names. */
#define LIMIT_REGISTRY_HOSTS 1024u
/* Requests to one host at one time: what a browser allows itself, and a few more. */
#define LIMIT_REGISTRY_PER_HOST 8u
/* Connections that are kept for later. */
#define LIMIT_REGISTRY_IDLE 32u
/* Tokens that are kept, and their bytes; one has one or two KiB. */
#define LIMIT_REGISTRY_TOKENS      1024u
#define LIMIT_REGISTRY_TOKEN_BYTES (4u * MIB)
/* What one host's answers to one question leave behind: headers, addresses, tokens. */
#define LIMIT_REGISTRY_ARENA (16u * MIB)
/* Places that are asked before a registry itself. */
#define LIMIT_REGISTRY_MIRRORS 8u
/* Steps that are told of one question. */
#define LIMIT_REGISTRY_STEPS 64u
/* What refers to one image: signatures and reports of years, in pages of a registry's choice. */
#define LIMIT_REFERRERS       4096u
#define LIMIT_REFERRERS_PAGES 16u
#define LIMIT_REFERRERS_BYTES (4u * MIB)

/* -- what is kept of answers -- */

/* Seconds for which a digest that a tag had is kept, in case its registry cannot be reached: a
 * week. What a tag pointed to before that says little of what it should. */
#define LIMIT_STALE_SECONDS 604800

/* A key: the longest image reference, and who asks. */
#define LIMIT_CACHE_KEY (2u * KIB)

/* -- what replicas tell each other -- */

/* Connections to where they do: a command takes less than a millisecond. */
#define LIMIT_SHARED_CONNECTIONS 4u
/* A reply: a digest, a media type, a time and a code; and a command, with its key. */
#define LIMIT_SHARED_REPLY   1024u
#define LIMIT_SHARED_COMMAND 4096u
/* Memory for one command. */
#define LIMIT_SHARED_ARENA (64u * KIB)
/* The secret that all have; the least is what a key of HMAC-SHA256 should have. */
#define LIMIT_SHARED_SECRET       4096u
#define LIMIT_SHARED_SECRET_LEAST 32u

/* -- credentials of registries -- */

/* A docker config: what a Secret holds at most. */
#define LIMIT_DOCKER_CONFIG (1u * MIB)
/* All of one keyring: a Pod's Secrets, docker configs of ours (64), clouds. */
#define LIMIT_KEYRING_BYTES   (4u * MIB)
#define LIMIT_KEYRING_ENTRIES 4096u
#define LIMIT_KEYRING_GROUPS  72u
/* The name of an entry: what is longer than any image's name is for none. */
#define LIMIT_CREDENTIAL_KEY 1024u
/* What a credential helper answers: a token, each byte written as two, and its user. */
#define LIMIT_HELPER_OUTPUT (192u * KIB)

/* -- signatures -- */

/* A Sigstore bundle, or a DSSE envelope: that of a large SBOM has some MiB. */
#define LIMIT_SIGSTORE_BUNDLE (8u * MIB)
/* Tree of one while it is read: as LIMIT_OCI_MEMORY, for twice the text. */
#define LIMIT_SIGSTORE_MEMORY (48u * MIB)
/* What is kept of one: each part once in base64 and once in bytes, and what a log has of it. */
#define LIMIT_VERIFY_ARENA (64u * MIB)
/* Certificates of a bundle: a leaf, and the authorities between it and a root. */
#define LIMIT_BUNDLE_CERTIFICATES 8u
/* One certificate in DER; those of Fulcio have 2 KiB. */
#define LIMIT_BUNDLE_CERTIFICATE (64u * KIB)
/* Entries of logs in a bundle; most have one, and each costs two signatures. */
#define LIMIT_BUNDLE_ENTRIES 8u
/* Signed timestamps in a bundle; sigstore's clients take as many. */
#define LIMIT_BUNDLE_TIMESTAMPS 32u
/* One timestamp; with its certificates it has 5 KiB. */
#define LIMIT_BUNDLE_TIMESTAMP (64u * KIB)
/* Signatures of one DSSE envelope that is no bundle. */
#define LIMIT_DSSE_SIGNATURES 16u
/* Names and kinds in a bundle, a statement or a trusted root. */
#define LIMIT_SIGSTORE_TEXT (8u * KIB)
/* Hashes of a proof of inclusion or consistency: a tree of 2^63 leaves is 63 deep. */
#define LIMIT_PROOF_HASHES 64u
/* A log's checkpoint, and signatures below it: its own, and those of witnesses. */
#define LIMIT_CHECKPOINT            (64u * KIB)
#define LIMIT_CHECKPOINT_SIGNATURES 64u
/* Subjects of a statement; the releases of large projects have a thousand. */
#define LIMIT_STATEMENT_SUBJECTS 16384u
/* Digests of one subject: one each of the algorithms that there are. */
#define LIMIT_SUBJECT_DIGESTS 32u
/* A trusted root; the public one has 7 KiB. */
#define LIMIT_TRUST_ROOT (1u * MIB)
/* Logs or authorities of one kind in it: one more each year or two. */
#define LIMIT_TRUST_INSTANCES 64u
/* Certificates of one authority. */
#define LIMIT_TRUST_CHAIN 8u
/* A file that is kept whole while it is verified: signatures of Ed25519 need that. Larger ones are
 * known by their digests. */
#define LIMIT_ARTIFACT_WHOLE (64u * MIB)
/* A payload of simple signing; cosign's have 300 bytes. */
#define LIMIT_SIMPLE_SIGNING (64u * KIB)
/* Annotations in it. */
#define LIMIT_SIMPLE_ANNOTATIONS 256u

/* -- the background scan -- */

/* Calls in one second: a hundredth of what an API server does at once by default, if each takes
 * 50 ms. */
#define LIMIT_SCAN_CALLS 50u
/* Reports of one format, of which 80 bytes are kept each; ten times as many as bench/reports.md
 * tells of. */
#define LIMIT_SCAN_REPORTS    100000u
#define LIMIT_SCAN_NAMESPACES 20000u
/* Custom kinds that are listed, and all. */
#define LIMIT_SCAN_CUSTOM    240u
#define LIMIT_SCAN_RESOURCES 256u
/* What was found of templates, to be compared with what they made. */
#define LIMIT_SCAN_FINDINGS (16u * MIB)
/* One report; etcd stores 1.5 MiB, and readers list many of them. */
#define LIMIT_REPORT (256u * KIB)
/* One text in it: as an Event has it. */
#define LIMIT_REPORT_MESSAGE 1024u

/* -- the decision history -- */

/* One decision: 512 images of ordinary length, or 64 long violations and half as many images. */
#define LIMIT_HISTORY_ENTRY (128u * KIB)
/* The same as a row: JSON writes a control character in six bytes. */
#define LIMIT_HISTORY_ROW (1u * MIB)
/* What waits to be written, and as much again that is being written: a second of a busy server. */
#define LIMIT_HISTORY_QUEUE_BYTES (4u * MIB)
#define LIMIT_HISTORY_QUEUE       65536u
/* The least holds the transactions of the largest entries beside each other; the most is checked
 * whole at each start in a minute. */
#define LIMIT_HISTORY_SIZE_LEAST (16u * MIB)
#define LIMIT_HISTORY_SIZE       (4096ull * MIB)
/* SQLite's page. */
#define HISTORY_PAGE 4096u
/* Decisions in one answer to a query, their bytes, and how many are looked at for it. */
#define LIMIT_HISTORY_PAGE       500u
#define LIMIT_HISTORY_PAGE_BYTES (8u * MIB)
#define LIMIT_HISTORY_SCAN       20000u

/* -- traces -- */

/* A tracestate that is carried on; the standard asks for 512. */
#define LIMIT_TRACE_STATE 512u
/* A text of a span: whole names, and the beginning of messages. */
#define LIMIT_SPAN_TEXT 1024u
/* What a review has, and room for as many. */
#define LIMIT_SPAN_ATTRIBUTES 32u
#define LIMIT_SPAN_STEPS      8u
/* One span in JSON with its steps, were each byte of each text written as six. */
#define LIMIT_TRACE_SPAN (512u * KIB)
/* Spans that wait: several seconds of a busy server; and as many that are being sent. */
#define LIMIT_TRACE_QUEUE       65536u
#define LIMIT_TRACE_QUEUE_BYTES (4u * MIB)
/* One request: what SDKs send at a time. Collectors take 20 MiB. */
#define LIMIT_TRACE_REQUEST_SPANS 512u
#define LIMIT_TRACE_REQUEST       (1u * MIB)
/* An answer is a few bytes, and a sentence if something is wrong. */
#define LIMIT_TRACE_ANSWER (64u * KIB)
/* Headers of the operator's own: authorisation, a tenant. */
#define LIMIT_TRACE_HEADERS 32u
/* Memory of one attempt: the headers twice, the answer. */
#define LIMIT_TRACE_ARENA (4u * MIB)

/* -- Events of a cluster -- */

/* What the API server takes as a note. */
#define LIMIT_EVENT_NOTE 1024u
/* Denials that wait to be told. */
#define LIMIT_EVENTS_QUEUE       65536u
#define LIMIT_EVENTS_QUEUE_BYTES (1u * MIB)
/* Events that may be repeated: as many as namespaces of a large cluster have workloads that fail.
 */
#define LIMIT_EVENTS_KNOWN 512u
/* Namespaces that had some of their share lately. */
#define LIMIT_EVENTS_NAMESPACES 1024u
/* One Event in JSON: a note and five names, were each byte of each written as six. */
#define LIMIT_EVENTS_BODY (64u * KIB)

/* -- the page for people -- */

/* Path and query of one page: every filter as long as it may be, each byte written as three. */
#define LIMIT_UI_TARGET (8u * KIB)
/* A filter; a namespace has 63, and of an image a part is enough. */
#define LIMIT_UI_VALUE 256u
/* A page has nine; the same one twice is refused. */
#define LIMIT_UI_PARAMETERS 16u
/* One page as HTML; the largest decision, every byte of which is shown by its number, has half. */
#define LIMIT_UI_PAGE (4u * MIB)
/* Where a list of rows ends, and goes on at the next page. */
#define LIMIT_UI_LIST (1u * MIB)
/* Rows of one page. */
#define LIMIT_UI_ROWS 50u
/* Pages that wait to be made, or to be sent: a few people's. Another is told to ask again. */
#define LIMIT_UI_PAGES_IN_FLIGHT 8u
/* Milliseconds that the history is looked through for one page; then it says how far it came. */
#define LIMIT_UI_LOOK_MS 300u
