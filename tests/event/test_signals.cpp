#include "event/signals.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "support/run_loop.hpp"

namespace notifybridge::event {
namespace {

sigset_t current_mask() {
    sigset_t mask;
    ::sigprocmask(SIG_SETMASK, nullptr, &mask);
    return mask;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(signals)

BOOST_AUTO_TEST_CASE(a_signal_comes_with_its_sender) {
    Loop loop;
    Signals signals(loop);
    test::run(loop, [&]() -> Awaitable<> {
        ::kill(::getpid(), SIGTERM);
        const auto info = co_await signals.next();
        BOOST_TEST_REQUIRE(info.has_value());
        BOOST_TEST(info->ssi_signo == static_cast<unsigned>(SIGTERM));
        BOOST_TEST(info->ssi_pid == static_cast<unsigned>(::getpid()));
    });
}

BOOST_AUTO_TEST_CASE(a_cancelled_wait_has_none) {
    Loop loop;
    Signals signals(loop);
    test::run(loop, [&]() -> Awaitable<> {
        loop.spawn([&]() -> Awaitable<> {
            co_await loop.yield();
            signals.cancel();
        });
        const auto info = co_await signals.next();
        BOOST_TEST(!info.has_value());
    });
}

BOOST_AUTO_TEST_CASE(what_stays_blocked_ends_nobody) {
    const sigset_t before = current_mask();
    sigset_t end;
    ::sigemptyset(&end);
    ::sigaddset(&end, SIGTERM);
    {
        Loop loop;
        Signals signals(loop);
        ::kill(::getpid(), SIGTERM);
        signals.stay_blocked();
    }
    const timespec at_once{};
    BOOST_TEST(::sigtimedwait(&end, nullptr, &at_once) == SIGTERM);
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
}

BOOST_AUTO_TEST_CASE(a_write_past_the_limit_on_file_sizes_ends_nobody) {
    const system::UniqueFd file(::memfd_create("file", MFD_CLOEXEC));
    rlimit before;
    ::getrlimit(RLIMIT_FSIZE, &before);
    const rlimit none{0, before.rlim_max};
    {
        Loop loop;
        const Signals signals(loop);
        ::setrlimit(RLIMIT_FSIZE, &none);
        BOOST_TEST(::write(file.get(), "x", 1) < 0);
        ::setrlimit(RLIMIT_FSIZE, &before);
    }
    sigset_t pending;
    ::sigpending(&pending);
    BOOST_TEST(::sigismember(&pending, SIGXFSZ) == 0);
}

BOOST_AUTO_TEST_CASE(a_write_that_nobody_reads_is_no_signal_afterwards) {
    Loop loop;
    int ends[2];
    BOOST_REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const system::UniqueFd writing(ends[1]);
    ::close(ends[0]);
    {
        const Signals signals(loop);
        BOOST_TEST(::write(writing.get(), "x", 1) < 0);
    }
    sigset_t pending;
    ::sigpending(&pending);
    BOOST_TEST(::sigismember(&pending, SIGPIPE) == 0);
}

BOOST_AUTO_TEST_CASE(faults_of_our_own_are_not_blocked) {
    Loop loop;
    const Signals signals(loop);
    const sigset_t mask = current_mask();
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT})
        BOOST_TEST(::sigismember(&mask, fault) == 0);
    for (const int awaited : {SIGTERM, SIGINT, SIGHUP, SIGCHLD, SIGRTMAX})
        BOOST_TEST(::sigismember(&mask, awaited) == 1);
}

BOOST_AUTO_TEST_CASE(the_mask_is_as_before_when_it_goes) {
    const sigset_t before = current_mask();
    {
        Loop loop;
        const Signals signals(loop);
        BOOST_TEST(::sigismember(&signals.original_mask(), SIGTERM)
                   == ::sigismember(&before, SIGTERM));
    }
    const sigset_t after = current_mask();
    for (int signal = 1; signal < NSIG; ++signal)
        BOOST_TEST(::sigismember(&after, signal) == ::sigismember(&before, signal));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::event
