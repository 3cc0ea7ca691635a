// Threads in a backend: how many, and what signals they see.
#pragma once

#include <csignal>

namespace mq
{

// Defines maskquery.threads.
void define_thread_setting();

// Threads to use for pixel work: maskquery.threads, or max_parallel_maintenance_workers when that
// is 0; at least 1, at most the number of processors.
int thread_count();

// Blocks all signals while threads are started: a thread inherits the mask of the one that starts
// it, and PostgreSQL's signal handlers must run in the main thread only. Neither constructor nor
// destructor: usable in frames that PostgreSQL errors may cross. No PostgreSQL call may stand
// between the two.
struct SignalBlock {
    sigset_t saved;
    void enter()
    {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &saved);
    }
    void leave() { pthread_sigmask(SIG_SETMASK, &saved, nullptr); }
};

} // namespace mq
