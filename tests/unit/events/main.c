#include "test.h"

struct event a_denial(void)
{
    return (struct event){
        .namespace = STR("shop"),
        .regarding = {STR("apps/v1"), STR("ReplicaSet"), STR("web-1"), STR("u-1")},
        .subject = STR("Pod web-1-"),
        .message = STR("no \"such\" image"),
        .denied = true,
        .time = 1700000000123456789,
    };
}

int main(void)
{
    return body_tests() + known_tests() + limiter_tests() + writing_tests();
}
