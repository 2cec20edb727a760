#pragma once
/* Chance, so that replicas do not act in step. Not for secrets. */
#include <stdint.h>

/* A number from 0 to `below`, which is not among them. */
uint64_t chance(uint64_t below);
