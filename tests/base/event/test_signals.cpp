#include "base/event/signals.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <stdexcept>
#include <utility>
#include <vector>

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

BOOST_AUTO_TEST_CASE(a_received_signal_names_its_sender) {
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

BOOST_AUTO_TEST_CASE(a_cancelled_wait_for_signals_returns_no_signal) {
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

BOOST_AUTO_TEST_CASE(a_blocked_signal_does_not_end_the_process) {
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

BOOST_AUTO_TEST_CASE(a_signal_does_not_end_the_process_during_an_exception) {
    const sigset_t before = current_mask();
    sigset_t end;
    ::sigemptyset(&end);
    ::sigaddset(&end, SIGTERM);
    try {
        Loop loop;
        Signals signals(loop);
        ::kill(::getpid(), SIGTERM);
        throw std::runtime_error("reported by the caller");
    } catch (const std::runtime_error&) {
        const timespec at_once{};
        BOOST_TEST(::sigtimedwait(&end, nullptr, &at_once) == SIGTERM);
    }
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
}

BOOST_AUTO_TEST_CASE(exceeding_the_file_size_limit_does_not_end_the_process) {
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

BOOST_AUTO_TEST_CASE(a_failed_write_leaves_no_pending_sigpipe) {
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

BOOST_AUTO_TEST_CASE(a_fault_signal_sent_by_a_process_is_read) {
    Loop loop;
    Signals signals(loop);
    test::run(loop, [&]() -> Awaitable<> {
        for (const int fault : {SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGABRT, SIGTRAP, SIGSYS}) {
            ::kill(::getpid(), fault);
            const auto info = co_await signals.next();
            BOOST_TEST(info.value().ssi_signo == static_cast<unsigned>(fault));
        }
    });
}

BOOST_AUTO_TEST_CASE(a_real_fault_still_ends_the_process) {
    const auto end_after = [](auto fault) {
        const pid_t child = ::fork();
        if (child == 0) {
            const rlimit no_core{0, 0};
            ::setrlimit(RLIMIT_CORE, &no_core);
            // Boost.Test's handler of SIGABRT would continue with the next test.
            ::signal(SIGABRT, SIG_DFL);
            Loop loop;
            const Signals signals(loop);
            fault();
            ::_exit(0);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    };
    BOOST_TEST(end_after([] { std::abort(); }) == SIGABRT);
    // Reading beyond the end of a mapped file raises SIGBUS.
    const system::UniqueFd empty(::memfd_create("file", MFD_CLOEXEC));
    BOOST_TEST(end_after([&] {
                   auto* const page = static_cast<volatile char*>(
                       ::mmap(nullptr, 1, PROT_READ, MAP_SHARED, empty.get(), 0));
                   static_cast<void>(*page);
               })
               == SIGBUS);
}

BOOST_AUTO_TEST_CASE(ignored_signals_stay_ignored_on_request) {
    for (const auto& [ignored, comes] :
         {std::pair(Signals::Ignored::ignore, false), std::pair(Signals::Ignored::receive, true)}) {
        Loop loop;
        ::signal(SIGHUP, SIG_IGN);
        ::signal(SIGCHLD, SIG_IGN);
        Signals signals(loop, ignored);
        ::kill(::getpid(), SIGHUP);
        ::kill(::getpid(), SIGCHLD);
        ::kill(::getpid(), SIGTERM);
        std::vector<unsigned> heard;
        test::run(loop, [&]() -> Awaitable<> {
            while (heard.empty() || heard.back() != SIGCHLD) {
                const auto info = co_await signals.next();
                heard.push_back(info.value().ssi_signo);
            }
        });
        const std::vector<unsigned> wanted = comes ? std::vector<unsigned>{SIGHUP, SIGTERM, SIGCHLD}
                                                   : std::vector<unsigned>{SIGTERM, SIGCHLD};
        BOOST_TEST(heard == wanted, boost::test_tools::per_element());
        struct sigaction now {};
        ::sigaction(SIGHUP, nullptr, &now);
        BOOST_TEST((now.sa_handler == SIG_IGN));
        ::signal(SIGHUP, SIG_DFL);
    }
}

BOOST_AUTO_TEST_CASE(the_destructor_restores_the_signal_mask) {
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
