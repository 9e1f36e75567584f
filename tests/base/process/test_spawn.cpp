#include "base/process/spawn.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <string>

#include "base/event/signals.hpp"
#include "base/process/children.hpp"
#include "base/process/print.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::process {
namespace {

int spawn_error(const std::string& program) {
    Command command;
    command.arguments = {program};
    try {
        spawn(command);
    } catch (const std::system_error& error) {
        return error.code().value();
    }
    return 0;
}

ExitStatus end_of_shell(const std::string& script) {
    return end_of(spawn(shell(script)));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(spawning)

BOOST_AUTO_TEST_CASE(a_command_ends_with_its_status_or_signal) {
    BOOST_TEST(end_of_shell("exit 3") == ExitStatus::exited(3));
    BOOST_TEST(end_of_shell("kill -KILL $$") == ExitStatus::killed(SIGKILL));
}

BOOST_AUTO_TEST_CASE(arguments_of_a_command_are_passed_unchanged) {
    Command command = shell("test \"$#\" = 2 && test \"$1\" = '' && test \"$2\" = 'a  b\n'");
    command.arguments.insert(command.arguments.end(), {"sh", "", "a  b\n"});
    BOOST_TEST(end_of(spawn(command)) == ExitStatus::exited(0));
}

BOOST_AUTO_TEST_CASE(a_program_for_another_machine_is_not_run_by_a_shell) {
    const test::TemporaryDirectory directory;
    directory.write("program",
                    "\x7F"
                    "ELF is what it begins with\n");
    BOOST_TEST_REQUIRE(::chmod(directory.path("program").c_str(), 0755) == 0);
    BOOST_TEST(spawn_error(directory.path("program")) == ENOEXEC);
}

BOOST_AUTO_TEST_CASE(a_script_without_interpreter_gets_all_arguments) {
    constexpr std::size_t many = 100'000;
    const test::TemporaryDirectory directory;
    directory.write("script", "test \"$#\" = 100000\n");
    BOOST_TEST_REQUIRE(::chmod(directory.path("script").c_str(), 0755) == 0);
    Command command;
    command.arguments.assign(many + 1, "a");
    command.arguments.front() = directory.path("script");
    command.environment = Environment::inherited();
    BOOST_TEST(end_of(spawn(command)) == ExitStatus::exited(0));
}

BOOST_AUTO_TEST_CASE(descriptors_passed_to_a_command_get_numbers_from_3) {
    const test::TemporaryDirectory directory;
    directory.write("a", "first\n");
    directory.write("b", "second\n");
    // The target number of the second descriptor is the current number of the first descriptor.
    std::vector<system::UniqueFd> files;
    for (const char* const name : {"b", "a"})
        files.emplace_back(::open(directory.path(name).c_str(), O_RDONLY | O_CLOEXEC));
    Command command =
        shell("read a <&3 && read b <&4 && test \"$a $b\" = 'first second' && ! true <&5");
    command.passed_fds = {files[1], files[0]};
    BOOST_TEST(end_of(spawn(command)) == ExitStatus::exited(0));
}

BOOST_AUTO_TEST_CASE(a_missing_command_causes_the_error_not_found) {
    BOOST_TEST(spawn_error("no-such-command-anywhere") == ENOENT);
    BOOST_TEST(spawn_error("/no/such/command") == ENOENT);
}

BOOST_AUTO_TEST_CASE(a_command_that_is_not_executable_is_refused) {
    const test::TemporaryDirectory directory;
    directory.write("file", "#!/bin/sh\nexit 0\n");
    BOOST_TEST(spawn_error(directory.path("file")) == EACCES);
    BOOST_TEST(spawn_error(directory.path()) == EACCES);
}

BOOST_AUTO_TEST_CASE(a_failed_start_leaves_no_child) {
    spawn_error("no-such-command-anywhere");
    BOOST_TEST(::waitpid(-1, nullptr, WNOHANG) == -1);
    BOOST_TEST(errno == ECHILD);
}

BOOST_AUTO_TEST_CASE(a_failed_start_has_the_exit_status_of_a_shell) {
    const auto status = [](int error) {
        return spawn_failure_status({error, std::generic_category()});
    };
    BOOST_TEST(status(ENOENT) == 127);
    BOOST_TEST(status(EACCES) == 126);
    BOOST_TEST(status(ENOEXEC) == 126);
    BOOST_TEST(status(E2BIG) == 126);
    BOOST_TEST(status(ENOTDIR) == 126);
}

BOOST_AUTO_TEST_CASE(a_command_gets_the_given_environment) {
    Command command = shell("test \"$NOTIFYBRIDGE_TEST\" = 'a b' && test -z \"$HOME\"");
    command.environment = {};
    command.environment.set("NOTIFYBRIDGE_TEST", "a b");
    command.environment.set("PATH", "/usr/bin:/bin");
    BOOST_TEST(end_of(spawn(command)) == ExitStatus::exited(0));
}

BOOST_AUTO_TEST_CASE(variables_of_a_command_can_contain_its_pid) {
    Command command = shell("test \"$WATCHDOG_PID $LISTEN_PID\" = \"$$ $$\"");
    command.environment.set("WATCHDOG_PID", "1");
    command.pid_variables = {"WATCHDOG_PID", "LISTEN_PID"};
    BOOST_TEST(end_of(spawn(command)) == ExitStatus::exited(0));
}

BOOST_AUTO_TEST_CASE(a_command_gets_the_given_signal_mask) {
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::sigprocmask(SIG_BLOCK, &all, &before);
    const ExitStatus end = end_of_shell("kill -USR1 $$; exit 5");
    Command command = shell("kill -USR1 $$; exit 5");
    ::sigaddset(&command.signal_mask, SIGUSR1);
    const ExitStatus masked = end_of(spawn(command));
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    BOOST_TEST(end == ExitStatus::killed(SIGUSR1));
    BOOST_TEST(masked == ExitStatus::exited(5));
}

BOOST_AUTO_TEST_CASE(signals_that_we_inherited_as_ignored_stay_ignored) {
    const auto before = ::signal(SIGHUP, SIG_IGN);
    const ExitStatus end = end_of_shell("kill -HUP $$; exit 5");
    ::signal(SIGHUP, before);
    BOOST_TEST(end == ExitStatus::exited(5));
}

BOOST_AUTO_TEST_CASE(a_command_keeps_the_inherited_sigpipe_action) {
    event::Loop loop;
    const event::Signals signals(loop);
    Command command = shell("kill -PIPE $$; exit 5");
    command.signal_mask = signals.original_mask();
    const ExitStatus by_default = end_of(spawn(command));
    const auto before = ::signal(SIGPIPE, SIG_IGN);
    const ExitStatus ignored = end_of(spawn(command));
    ::signal(SIGPIPE, before);
    BOOST_TEST(by_default == ExitStatus::killed(SIGPIPE));
    BOOST_TEST(ignored == ExitStatus::exited(5));
}

BOOST_AUTO_TEST_CASE(spawn_does_not_change_our_signal_mask) {
    sigset_t before;
    sigset_t after;
    ::sigprocmask(SIG_SETMASK, nullptr, &before);
    end_of_shell("exit 0");
    ::sigprocmask(SIG_SETMASK, nullptr, &after);
    for (int signal = 1; signal < NSIG; ++signal)
        BOOST_TEST(::sigismember(&after, signal) == ::sigismember(&before, signal));
}

BOOST_AUTO_TEST_CASE(a_command_gets_descriptors_under_the_requested_numbers) {
    int ends[2];
    BOOST_REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const system::UniqueFd reading(ends[0]);
    const system::UniqueFd writing(ends[1]);
    Command command =
        shell("echo seven >&7; echo nine >&9; echo three >&3; ! true 2>/dev/null >&8");
    command.passed_fds = {writing};
    command.placed_fds = {{7, writing}, {9, writing}};
    BOOST_TEST(end_of(spawn(command)) == ExitStatus::exited(0));
    std::array<char, 64> text;
    const ssize_t size = ::read(reading.get(), text.data(), text.size());
    BOOST_TEST(std::string(text.data(), static_cast<std::size_t>(size)) == "seven\nnine\nthree\n");
}

BOOST_AUTO_TEST_CASE(standard_error_of_a_command_can_be_replaced) {
    int ends[2];
    BOOST_REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const system::UniqueFd reading(ends[0]);
    const system::UniqueFd writing(ends[1]);
    Command command = shell("echo said >&2");
    command.error = writing;
    BOOST_TEST(end_of(spawn(command)) == ExitStatus::exited(0));
    std::array<char, 64> text;
    BOOST_TEST(::read(reading.get(), text.data(), text.size()) == 5);
}

BOOST_AUTO_TEST_CASE(a_command_can_have_its_own_process_group) {
    // The process group is the fifth word of /proc/PID/stat, because the name of sh has no space.
    const std::string script = "read -r line </proc/$$/stat; set -- $line; test \"$5\" = $$";
    Command command = shell(script);
    BOOST_TEST(end_of(spawn(command)) == ExitStatus::exited(1));
    command.own_process_group = true;
    BOOST_TEST(end_of(spawn(command)) == ExitStatus::exited(0));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::process
