#pragma once
/* A server's worth of state without a socket: policies, and the walk of one body. */
#include "server/record.h"
#include "test.h"

/* 2026-06-01T00:00:00.123Z */
#define THEN (INT64_C(1780272000123) * 1000000)

/* A review of a pod with what must never be told: environment, annotations, tokens. */
#define REVIEW(containers)                                                                         \
    "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"request\":{"           \
    "\"uid\":\"u-1\",\"kind\":{\"group\":\"\",\"version\":\"v1\",\"kind\":\"Pod\"},"               \
    "\"resource\":{\"group\":\"\",\"version\":\"v1\",\"resource\":\"pods\"},"                      \
    "\"name\":\"web\",\"namespace\":\"shop\",\"operation\":\"CREATE\",\"dryRun\":true,"            \
    "\"userInfo\":{\"username\":\"alice\",\"groups\":[\"SECRET1\"],\"extra\":{\"t\":[\"SECRET2\"]" \
    "}},\"object\":{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"web\","        \
    "\"namespace\":\"shop\",\"labels\":{\"a\":\"SECRET3\"},\"annotations\":{\"b\":\"SECRET4\"}},"  \
    "\"spec\":{\"imagePullSecrets\":[{\"name\":\"SECRET5\"}],\"containers\":[" containers "]}}}}"
#define CONTAINER(name, image)                                                                     \
    "{\"name\":\"" name "\",\"image\":\"" image "\",\"env\":[{\"name\":\"T\",\"value\":"           \
    "\"SECRET6\"}],\"args\":[\"--token=SECRET7\"]}"

extern struct service fixture_service;

int fixture_start(void **state);
int fixture_end(void **state);

/* Walk a body to its end. Returns why it failed; NULL if it was answered. */
const struct error *walk(enum endpoint endpoint, struct str body, struct job **ret_job);
