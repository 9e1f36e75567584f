#include "bridge/wrap/sender_processes.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "support/child.hpp"
#include "support/run_loop.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::wrap {
namespace {

/// Descendants of this process. Some have the names of helpers.
struct Processes {
    test::TemporaryDirectory directory;
    const SenderProcesses& real = SenderProcesses::real();
    event::Loop loop;

    Processes() {
        std::filesystem::create_symlink("/bin/sleep", directory.path("systemd-notify"));
        std::filesystem::create_symlink("/bin/sh", directory.path("notifybridge"));
        directory.write("send", "sleep 1000");
    }

    /// Returns a function that executes this script in the directory with a shell.
    auto shell(const char* script) const {
        return [this, script] {
            if (::chdir(directory.path().c_str()) == 0)
                ::execl("/bin/sh", "sh", "-c", script, nullptr);
        };
    }

    void until_helper(pid_t pid) {
        test::run(loop, [&] {
            return test::until(loop, [&] { return real.is_helper_below(pid, ::getpid()); });
        });
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(sender_processes, Processes)

BOOST_AUTO_TEST_CASE(the_pid_of_this_process_is_known) {
    BOOST_TEST(real.own_pid() == ::getpid());
}

BOOST_AUTO_TEST_CASE(the_start_time_of_a_running_process_is_found) {
    const test::Child child;
    BOOST_TEST(!real.is_gone(child.pid()));
    BOOST_TEST(!real.is_ending(child.pid()));
    BOOST_TEST(real.start_time(child.pid()) > 0u);
    BOOST_TEST(!real.is_helper_below(child.pid(), ::getpid()));
}

BOOST_AUTO_TEST_CASE(a_zombie_is_ending_but_not_gone) {
    const test::Child child;
    child.end();
    BOOST_TEST(!real.is_gone(child.pid()));
    BOOST_TEST(real.is_ending(child.pid()));
}

BOOST_AUTO_TEST_CASE(a_reaped_process_counts_as_gone) {
    test::Child child;
    child.end();
    child.reap();
    BOOST_TEST(real.is_gone(child.pid()));
    BOOST_TEST(real.is_ending(child.pid()));
    BOOST_TEST(real.start_time(child.pid()) == 0u);
}

BOOST_AUTO_TEST_CASE(a_process_named_systemd_notify_counts_as_a_helper) {
    const test::Child child(shell("exec ./systemd-notify 1000"));
    until_helper(child.pid());
}

BOOST_AUTO_TEST_CASE(a_process_of_the_subcommand_send_counts_as_a_helper) {
    const test::Child child(shell("exec ./notifybridge send"));
    until_helper(child.pid());
}

BOOST_AUTO_TEST_CASE(a_shell_that_waits_for_a_helper_counts_as_a_helper) {
    const test::Child child(shell("./systemd-notify 1000; :"));
    until_helper(child.pid());
}

BOOST_AUTO_TEST_CASE(a_helper_that_is_not_our_descendant_does_not_count) {
    // The checking process is a sibling of the helper, so the helper is not a descendant of the
    // checking process.
    const test::Child child(shell("exec ./systemd-notify 1000"));
    until_helper(child.pid());
    test::Child asking([&] {
        const bool is_below = real.is_helper_below(child.pid(), ::getpid());
        ::_exit(is_below ? 1 : 0);
    });
    BOOST_TEST(asking.wait() == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wrap
