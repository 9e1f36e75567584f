#include "bridge/probe/descriptor_probe.hpp"

#include <boost/test/unit_test.hpp>

#include "base/process/children.hpp"
#include "support/run_loop.hpp"

namespace notifybridge::probe {
namespace {

/// A command that has the probe's descriptor as number 5.
struct Descriptor {
    event::Loop loop;
    DescriptorProbe probe{loop, "fd:5", 5};
    std::optional<process::Child> child;
    bool changed = false;

    void start(const std::string& script) {
        process::Command command = process::shell(script);
        command.placed_fds = {{probe.number(), probe.command_end()}};
        child = process::spawn(command);
        probe.started();
        probe.on_change = [this] { changed = true; };
        probe.watch();
    }

    ~Descriptor() {
        if (!child)
            return;
        ::kill(child->pid, SIGKILL);
        process::end_of(*child);
    }

    void until_changed() {
        test::run(loop, [this] { return test::until(loop, [this] { return changed; }); });
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(descriptor_probe, Descriptor)

BOOST_AUTO_TEST_CASE(only_a_newline_on_the_descriptor_means_ready) {
    int go[2];
    BOOST_REQUIRE(::pipe2(go, O_CLOEXEC) == 0);
    const system::UniqueFd reading(go[0]);
    const system::UniqueFd writing(go[1]);
    process::Command command =
        process::shell("printf starting >&5; read -r x; echo up >&5; exec sleep 1000");
    command.placed_fds = {{5, probe.command_end()}};
    command.input = reading;
    child = process::spawn(command);
    probe.started();
    probe.on_change = [this] { changed = true; };
    probe.watch();
    test::run(loop, [&]() -> event::Awaitable<> {
        for (int turn = 0; turn < 20; ++turn)
            co_await loop.yield();
    });
    BOOST_TEST(!probe.look().holds);
    BOOST_TEST(!changed);
    BOOST_TEST(::write(writing.get(), "\n", 1) == 1);
    until_changed();
    BOOST_TEST(probe.look().holds);
}

BOOST_AUTO_TEST_CASE(a_descriptor_that_the_command_closes_does_not_mean_ready) {
    for (const char* const script : {"exec 5>&-; exec sleep 1000", "exit 0"}) {
        DescriptorProbe each(loop, "fd:5", 5);
        process::Command command = process::shell(script);
        command.placed_fds = {{5, each.command_end()}};
        const process::Child closing = process::spawn(command);
        each.started();
        constexpr std::string_view closed = "it was closed before a newline was written to it";
        test::run(loop,
                  [&] { return test::until(loop, [&] { return each.look().reason == closed; }); });
        BOOST_TEST(!each.look().holds);
        ::kill(closing.pid, SIGKILL);
        process::end_of(closing);
    }
}

BOOST_AUTO_TEST_CASE(a_newline_just_before_the_command_ends_means_ready) {
    start("echo >&5; exit 0");
    siginfo_t info{};
    ::waitid(P_PIDFD, static_cast<id_t>(child->pidfd.get()), &info, WEXITED | WNOWAIT);
    BOOST_TEST(probe.look().holds);
}

BOOST_AUTO_TEST_CASE(a_command_that_writes_more_after_its_newline_is_not_blocked) {
    start("echo >&5; head -c 1000000 /dev/zero >&5; exit 3");
    test::run(loop, [this] {
        return test::until(loop, [this] {
            siginfo_t info{};
            ::waitid(P_PIDFD, static_cast<id_t>(child->pidfd.get()), &info,
                     WEXITED | WNOHANG | WNOWAIT);
            return info.si_pid != 0;
        });
    });
    BOOST_TEST(process::end_of(*child).code == 3);
    child.reset();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::probe
