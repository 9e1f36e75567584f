#include "bridge/wrap/command_voice.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <set>

namespace notifybridge::wrap {
namespace {

constexpr pid_t our_pid = 10;
constexpr pid_t command_pid = 20;
constexpr pid_t server = 30;

/// The processes that a test defines. All other pids belong to ended processes.
struct FakeProcesses final : SenderProcesses {
    pid_t own_pid() const override { return our_pid; }
    bool is_gone(pid_t pid) const override { return !started.contains(pid); }
    bool is_ending(pid_t pid) const override { return ending.contains(pid); }
    std::uint64_t start_time(pid_t pid) const override {
        return is_gone(pid) ? 0 : started.at(pid);
    }
    bool is_descendant(pid_t, pid_t) const override { return false; }
    bool is_helper_below(pid_t pid, pid_t command) const override {
        if (ends_when_checked)
            ending.insert(pid);
        return helpers.contains(pid) && command == command_pid;
    }

    bool ends_when_checked = false;
    std::map<pid_t, std::uint64_t> started{{our_pid, 1}, {command_pid, 2}, {server, 3}};
    mutable std::set<pid_t> ending;
    std::set<pid_t> helpers;
};

struct Voice {
    FakeProcesses processes;
    CommandVoice voice{processes};

    Voice() { voice.follow(command_pid); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(command_voice, Voice)

BOOST_AUTO_TEST_CASE(the_command_and_wrap_count_as_the_command) {
    BOOST_TEST(voice.includes(command_pid));
    BOOST_TEST(voice.includes(our_pid));
}

BOOST_AUTO_TEST_CASE(another_process_does_not_count_as_the_command) {
    BOOST_TEST(!voice.includes(server));
}

BOOST_AUTO_TEST_CASE(a_process_of_another_namespace_is_not_the_command) {
    BOOST_TEST(!voice.includes(0));
}

BOOST_AUTO_TEST_CASE(a_helper_of_the_command_counts_as_the_command) {
    processes.helpers.insert(server);
    BOOST_TEST(voice.includes(server));
}

BOOST_AUTO_TEST_CASE(an_unknown_process_that_has_ended_counts_as_a_helper) {
    BOOST_TEST(voice.includes(99));
    processes.ending.insert(server);
    BOOST_TEST(voice.includes(server));
}

BOOST_AUTO_TEST_CASE(an_unknown_process_that_ends_during_the_check_counts_as_a_helper) {
    processes.ends_when_checked = true;
    BOOST_TEST(voice.includes(server));
}

BOOST_AUTO_TEST_CASE(an_app_process_that_has_ended_is_not_a_helper) {
    BOOST_TEST(!voice.includes(server));
    processes.ending.insert(server);
    BOOST_TEST(!voice.includes(server));
    processes.started.erase(server);
    BOOST_TEST(!voice.includes(server));
}

BOOST_AUTO_TEST_CASE(a_process_that_was_not_a_helper_does_not_become_a_helper) {
    BOOST_TEST(!voice.includes(server));
    processes.helpers.insert(server);
    BOOST_TEST(!voice.includes(server));
}

BOOST_AUTO_TEST_CASE(a_process_with_a_reused_pid_is_another_process) {
    BOOST_TEST(!voice.includes(server));
    processes.started[server] = 4;
    processes.helpers.insert(server);
    BOOST_TEST(voice.includes(server));
}

BOOST_AUTO_TEST_CASE(a_former_command_does_not_count_as_the_command) {
    voice.follow(server);
    BOOST_TEST(voice.includes(server));
    BOOST_TEST(!voice.includes(command_pid));
    processes.started.erase(command_pid);
    BOOST_TEST(!voice.includes(command_pid));
}

BOOST_AUTO_TEST_CASE(a_former_command_that_takes_over_again_counts_again) {
    voice.follow(server);
    voice.follow(command_pid);
    BOOST_TEST(voice.command() == command_pid);
    BOOST_TEST(voice.includes(command_pid));
    BOOST_TEST(!voice.includes(server));
}

BOOST_AUTO_TEST_CASE(ended_processes_are_forgotten_if_too_many_are_known) {
    constexpr pid_t first = 1000, most = 1024;
    for (pid_t pid = first; pid < first + most + 1; ++pid) {
        processes.started[pid] = 5;
        BOOST_TEST(!voice.includes(pid));
    }
    // `voice` knows at most 1024 processes, so it does not know the last process.
    processes.started.erase(first + most);
    BOOST_TEST(voice.includes(first + most));
    processes.started.erase(first);
    processes.started[server] = 6;
    BOOST_TEST(!voice.includes(server));
    processes.started.erase(server);
    BOOST_TEST(!voice.includes(server));
    BOOST_TEST(voice.includes(first));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wrap
