#include "base/chance.h"

#include <sys/random.h>

#include "base/status.h"

uint64_t chance(uint64_t below)
{
    uint64_t number = 0;
    ENSURE(getrandom(&number, sizeof number, 0) == sizeof number);
    return number % below;
}
