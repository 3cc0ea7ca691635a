// Checks of what a function requires of its caller: on in unit tests and fuzzers, and in a module
// built for a server with assertions (MQ_ASSERTIONS); off else, where the condition is not even
// evaluated. What bytes from outside may violate is no assertion but an error.
#pragma once

#ifdef MQ_ASSERTIONS
#include <cstdio>
#include <cstdlib>
#define mq_assert(condition)                                                                       \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition);          \
            abort();                                                                               \
        }                                                                                          \
    } while (false)
#else
#define mq_assert(condition) static_cast<void>(sizeof(!(condition)))
#endif
