// The border between C++ and the backend.
//
// A PostgreSQL error longjmps straight over C++ frames, and no C++ exception may enter C. So:
//
//   * Glue is written like C: no frame of it that calls PostgreSQL owns anything with a destructor.
//   Memory is palloc'd.
//   * The core never calls PostgreSQL, not through a call-back either: what it needs to know,
//   bytes, bounds or memory, is given to it before it is called (test/lint/callbacks). It reports
//   expected failures in an Error, and may throw (bad_alloc).
//   * call_core() runs core code that can fail or throw and turns either into ereport(ERROR), after
//   the catch block
//     has closed and every C++ frame below is gone.
//
// Since no C++ frame with a destructor ever lies below a PostgreSQL call, no guard in the other
// direction is needed.
#pragma once

#include <exception>
#include <new>

#include "core/base/error.h"
#include "pg/pg.h"

// Declares and opens an SQL-callable function.
#define MQ_FUNCTION(name)                                                                          \
    extern "C" {                                                                                   \
    PGDLLEXPORT Datum name(PG_FUNCTION_ARGS);                                                      \
    PG_FUNCTION_INFO_V1(name);                                                                     \
    }                                                                                              \
    extern "C" Datum name(PG_FUNCTION_ARGS)

namespace mq
{

// ereport(ERROR) with the SQLSTATE, message, detail and hint of err.
[[noreturn]] void report_error(const Error &err);

// The same for input functions, where PostgreSQL 16 and later may ask for a soft error (escontext,
// which is fcinfo->context): saves the error there and returns, and the caller then returns without
// a result. Reports it like report_error when escontext wants no soft errors.
void save_error(Node *escontext, const Error &err);

// Runs body(Error &) -> bool and turns an exception into a false with *err filled.
// REQUIRES: body calls no PostgreSQL function.
template <typename Body> inline bool try_core(Error &err, Body &&body)
{
    try {
        return body(err);
    } catch (const std::bad_alloc &) {
        return err.set(ErrorCode::out_of_memory, "out of memory");
    } catch (const std::exception &e) {
        return err.set(ErrorCode::internal, "unexpected C++ exception: %s", e.what());
    } catch (...) {
        return err.set(ErrorCode::internal, "unexpected C++ exception");
    }
}

// Runs body(Error &) -> bool. A false or an exception becomes ereport(ERROR).
// REQUIRES: body calls no PostgreSQL function.
template <typename Body> inline void call_core(Body &&body)
{
    Error err;
    if (!try_core(err, body))
        report_error(err);
}

// Runs body(Error &) -> bool for an input function; false when the error was saved in escontext.
// REQUIRES: body calls no PostgreSQL function.
template <typename Body> inline bool call_core_soft(Node *escontext, Body &&body)
{
    Error err;
    if (try_core(err, body))
        return true;
    save_error(escontext, err);
    return false;
}

} // namespace mq
