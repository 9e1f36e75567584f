#include "base/event/descriptor.hpp"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/test/unit_test.hpp>

#include "support/run_loop.hpp"

namespace notifybridge::event {
namespace {

struct Pipe {
    Loop loop;
    system::UniqueFd reader;
    system::UniqueFd writer;

    Pipe() {
        std::array<int, 2> ends;
        BOOST_TEST_REQUIRE(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0);
        reader.reset(ends[0]);
        writer.reset(ends[1]);
    }

    void fill() const {
        const std::array<char, 4096> bytes{};
        while (::write(writer.get(), bytes.data(), bytes.size()) > 0) {
        }
    }

    void drain() const {
        std::array<char, 4096> bytes;
        while (::read(reader.get(), bytes.data(), bytes.size()) > 0) {
        }
    }
};

/// Installs a filter that forbids ioctl, as systemd's SystemCallFilter= can.
void refuse_ioctl() {
    std::array<sock_filter, 4> program = {{
        {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
        {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_ioctl},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EPERM},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
    }};
    const sock_fprog whole{program.size(), program.data()};
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &whole);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(descriptor, Pipe)

BOOST_AUTO_TEST_CASE(a_descriptor_is_refused_if_a_filter_forbids_ioctl) {
    const pid_t child = ::fork();
    if (child == 0) {
        refuse_ioctl();
        try {
            const Descriptor end(loop, std::move(reader));
        } catch (const std::system_error& error) {
            ::_exit(error.code().value());
        }
        ::_exit(0);
    }
    int status = 0;
    BOOST_TEST(::waitpid(child, &status, 0) == child);
    BOOST_TEST(WEXITSTATUS(status) == EPERM);
}

BOOST_AUTO_TEST_CASE(a_descriptor_with_pending_data_is_readable) {
    Descriptor end(loop, std::move(reader));
    test::run(loop, [&]() -> Awaitable<> {
        loop.spawn([&]() -> Awaitable<> {
            co_await loop.yield();
            BOOST_TEST(::write(writer.get(), "x", 1) == 1);
        });
        const bool readable = co_await end.readable();
        BOOST_TEST(readable);
        char byte;
        BOOST_TEST(::read(end.fd().get(), &byte, 1) == 1);
    });
}

BOOST_AUTO_TEST_CASE(a_descriptor_at_its_end_of_file_is_readable) {
    Descriptor end(loop, std::move(reader));
    test::run(loop, [&]() -> Awaitable<> {
        loop.spawn([&]() -> Awaitable<> {
            co_await loop.yield();
            writer.reset();
        });
        const bool readable = co_await end.readable();
        BOOST_TEST(readable);
    });
}

BOOST_AUTO_TEST_CASE(a_pipe_with_room_is_writable) {
    fill();
    Descriptor end(loop, std::move(writer));
    bool was_writable = false;
    loop.spawn([&]() -> Awaitable<> { was_writable = co_await end.writable(); });
    test::run(loop, [&]() -> Awaitable<> {
        co_await loop.yield();
        BOOST_TEST(!was_writable);
        drain();
        co_await test::until(loop, [&] { return was_writable; });
    });
}

BOOST_AUTO_TEST_CASE(a_cancelled_wait_for_a_descriptor_returns_false) {
    Descriptor end(loop, std::move(reader));
    test::run(loop, [&]() -> Awaitable<> {
        loop.spawn([&]() -> Awaitable<> {
            co_await loop.yield();
            end.cancel();
        });
        const bool readable = co_await end.readable();
        BOOST_TEST(!readable);
    });
}

BOOST_AUTO_TEST_CASE(a_duplicated_descriptor_survives_the_original) {
    const int number = reader.get();
    const system::UniqueFd copy = duplicate(reader);
    {
        const Descriptor end(loop, std::move(reader));
        BOOST_TEST(::fcntl(number, F_GETFD) >= 0);
    }
    BOOST_TEST(::fcntl(number, F_GETFD) < 0);
    BOOST_TEST((::fcntl(copy.get(), F_GETFD) & FD_CLOEXEC) != 0);
}

BOOST_AUTO_TEST_CASE(a_descriptor_error_names_the_failed_call) {
    constexpr int open_nowhere = 1'000'000;
    const auto names_the_call = [](const std::system_error& error) {
        return std::string(error.what()) == "epoll_ctl: Bad file descriptor";
    };
    BOOST_CHECK_EXCEPTION(Descriptor(loop, system::UniqueFd(open_nowhere)), std::system_error,
                          names_the_call);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::event
