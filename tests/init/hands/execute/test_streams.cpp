#include "init/hands/execute/streams.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>

#include <boost/test/unit_test.hpp>

#include "base/process/pseudo_terminal.hpp"
#include "runs.hpp"
#include "support/privileges.hpp"

namespace notifybridge::execute {
namespace {

using process::ExitStatus;
using test::run_script;
using test::Units;

/// Returns the master of a new terminal, and sets `path` to the terminal's path.
system::UniqueFd make_terminal(std::string& path) {
    system::UniqueFd master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    ::grantpt(master.get());
    ::unlockpt(master.get());
    char name[64];
    BOOST_REQUIRE(::ptsname_r(master.get(), name, sizeof name) == 0);
    path = name;
    return master;
}

/// Disables echo and line processing of a terminal.
void make_raw(const system::UniqueFd& terminal) {
    termios settings;
    BOOST_REQUIRE(::tcgetattr(terminal.get(), &settings) == 0);
    ::cfmakeraw(&settings);
    BOOST_REQUIRE(::tcsetattr(terminal.get(), TCSANOW, &settings) == 0);
}

bool is_raw(const system::UniqueFd& terminal) {
    termios settings;
    BOOST_REQUIRE(::tcgetattr(terminal.get(), &settings) == 0);
    return (settings.c_lflag & (ICANON | ECHO)) == 0 && (settings.c_oflag & OPOST) == 0;
}

constexpr const char* both = "echo out; echo err >&2";

}  // namespace

BOOST_AUTO_TEST_SUITE(streams)

BOOST_AUTO_TEST_CASE(output_goes_to_the_log_and_input_is_empty_by_default) {
    const Units units;
    BOOST_TEST(run_script(units, "", "cat; echo out; echo err >&2").output == "out\nerr\n");
    BOOST_TEST(run_script(units, "StandardOutput=journal+console", both).output == "out\nerr\n");
    BOOST_TEST(run_script(units, "StandardOutput=kmsg\nStandardError=null", both).output
               == "out\n");
    BOOST_TEST(run_script(units, "StandardOutput=null\nStandardError=journal", both).output
               == "err\n");
    BOOST_TEST(run_script(units, "StandardOutput=null", both).output == "");
}

BOOST_AUTO_TEST_CASE(output_without_a_log_is_dropped) {
    const Units units;
    const auto result = run_script(units, "", "test $(readlink /proc/$$/fd/1) = /dev/null",
                                   [](StartRequest& request) { request.log = {}; });
    BOOST_TEST((result.end == ExitStatus::exited(0)));
}

BOOST_AUTO_TEST_CASE(output_files_are_overwritten_appended_to_or_emptied) {
    const Units units;
    const auto result_of = [&](const std::string& kind) {
        units.directory.write("file", "before\n");
        run_script(units, "StandardOutput=" + kind + ":@/file", "echo out");
        return units.directory.read("file");
    };
    BOOST_TEST(result_of("file") == "out\nre\n");
    BOOST_TEST(result_of("append") == "before\nout\n");
    BOOST_TEST(result_of("truncate") == "out\n");
}

BOOST_AUTO_TEST_CASE(the_umask_limits_the_mode_of_new_output_files) {
    const Units units;
    run_script(units, "UMask=0027\nStandardOutput=append:@/new\nStandardError=append:@/new", both);
    BOOST_TEST(units.directory.read("new") == "out\nerr\n");
    struct stat status;
    ::stat(units.directory.path("new").c_str(), &status);
    BOOST_TEST((status.st_mode & 0777) == 0640u);
}

BOOST_AUTO_TEST_CASE(one_file_for_input_and_output_is_opened_once) {
    const Units units;
    units.directory.write("file", "line\n");
    run_script(units, "StandardInput=file:@/file\nStandardOutput=file:@/file",
               "read line; echo \"$line again\"");
    BOOST_TEST(units.directory.read("file") == "line\nline again\n");
}

BOOST_AUTO_TEST_CASE(standard_input_may_be_data_from_the_unit) {
    const Units units;
    const auto result =
        run_script(units, "StandardInputText=some text\nStandardInputData=bW9yZQo=", "cat");
    BOOST_TEST(result.output == "some text\nmore\n");
}

BOOST_AUTO_TEST_CASE(a_socket_may_be_both_input_and_output) {
    const Units units;
    int ends[2];
    BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    const system::UniqueFd ours(ends[0]), theirs(ends[1]);
    BOOST_REQUIRE(::write(ours.get(), "question\n", 9) == 9);
    run_script(units, "StandardInput=socket", "read line; echo \"$line answered\"; echo err >&2",
               [&](StartRequest& request) { request.socket = theirs; });
    char buffer[100];
    const ssize_t size = ::read(ours.get(), buffer, sizeof buffer);
    BOOST_TEST(std::string(buffer, static_cast<std::size_t>(size)) == "question answered\nerr\n");
}

BOOST_AUTO_TEST_CASE(a_descriptor_for_a_stream_is_found_by_its_name) {
    const Units units;
    units.directory.write("input", "from a descriptor\n");
    const system::UniqueFd file(
        ::open(units.directory.path("input").c_str(), O_RDONLY | O_CLOEXEC));
    const auto result = run_script(units, "StandardInput=fd:mine\nStandardOutput=journal", "cat",
                                   [&](StartRequest& request) {
                                       request.fds = {{file, "mine"}};
                                   });
    BOOST_TEST(result.output == "from a descriptor\n");
}

BOOST_AUTO_TEST_CASE(standard_output_connects_to_a_file_that_is_a_socket) {
    const Units units;
    const system::UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    units.directory.path("socket").copy(address.sun_path, sizeof address.sun_path - 1);
    BOOST_REQUIRE(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof address)
                  == 0);
    BOOST_REQUIRE(::listen(listener.get(), 1) == 0);
    run_script(units, "StandardOutput=file:@/socket", "echo through the socket");
    const system::UniqueFd connection(::accept(listener.get(), nullptr, nullptr));
    char buffer[100];
    const ssize_t size = ::read(connection.get(), buffer, sizeof buffer);
    BOOST_TEST(std::string(buffer, static_cast<std::size_t>(size)) == "through the socket\n");
}

BOOST_AUTO_TEST_CASE(a_fifo_without_a_writer_blocks_only_the_process) {
    const Units units;
    const std::string path = units.directory.path("fifo");
    BOOST_REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    const auto unit = units.service("ExecStart=/bin/cat\nStandardInput=file:@/fifo");
    const unit::Environment manager;
    system::Pipe log = system::make_pipe();
    StartRequest request{.exec = unit.settings.exec,
                         .command = unit.settings.service.exec_start->back(),
                         .facts = units.facts,
                         .manager_environment = manager};
    request.log = log.writing;
    const Started started = start(request);  // The manager does not wait for a writer of the FIFO.
    BOOST_TEST(!started.failure);
    const system::UniqueFd writer(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    BOOST_REQUIRE(::write(writer.get(), "late\n", 5) == 5);
    pollfd wait{log.reading.get(), POLLIN, 0};
    BOOST_TEST(::poll(&wait, 1, 10000) == 1);
    char buffer[10];
    BOOST_TEST(::read(log.reading.get(), buffer, sizeof buffer) == 5);
    ::kill(started.child.pid, SIGKILL);
    test::end_of(started.child);
}

BOOST_AUTO_TEST_CASE(a_terminal_becomes_the_controlling_terminal) {
    const Units units;
    std::string path;
    const system::UniqueFd master = make_terminal(path);
    const auto result = run_script(units, "StandardInput=tty-force\nTTYPath=" + path,
                                   "echo to the terminal >/dev/tty; tty; echo $TERM >&2");
    BOOST_TEST((result.end == ExitStatus::exited(0)));
    std::string seen;
    char buffer[200];
    // Read the output in pieces. The read fails when the other end is closed.
    for (ssize_t size; (size = ::read(master.get(), buffer, sizeof buffer)) > 0;)
        seen.append(buffer, static_cast<std::size_t>(size));
    BOOST_TEST(seen == "to the terminal\r\n" + path + "\r\nvt220\r\n");
}

BOOST_AUTO_TEST_CASE(the_setting_tty_reset_resets_the_terminal) {
    const Units units;
    std::string path;
    const system::UniqueFd master = make_terminal(path);
    make_raw(master);
    run_script(units, "TTYPath=" + path, "true");
    BOOST_TEST(is_raw(master));
    run_script(units, "TTYReset=yes\nTTYPath=" + path, "true");
    BOOST_TEST(!is_raw(master));
}

BOOST_AUTO_TEST_CASE(the_setting_tty_vhangup_hangs_up_the_terminal,
                     *boost::unit_test::precondition(notifybridge::test::is_root)) {
    const Units units;
    std::string path;
    const system::UniqueFd master = make_terminal(path);
    const system::UniqueFd other(::open(path.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    char buffer[1];
    run_script(units, "TTYReset=yes\nTTYPath=" + path, "true");
    BOOST_TEST(::write(other.get(), "x", 1) == 1);
    run_script(units, "TTYVHangup=yes\nTTYPath=" + path, "true");
    BOOST_TEST(::read(other.get(), buffer, 1) == 0);
}

BOOST_AUTO_TEST_CASE(a_stream_without_its_terminal_fails_the_start) {
    const Units units;
    const auto result = run_script(units, "StandardInput=tty\nTTYPath=/dev/null", "true");
    BOOST_TEST((result.end == ExitStatus::exited(208)));
    BOOST_TEST((run_script(units, "StandardOutput=tty\nTTYPath=/dev/none", "true").end
                == ExitStatus::exited(209)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::execute
