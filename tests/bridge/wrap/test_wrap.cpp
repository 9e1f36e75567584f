#include "bridge/wrap/wrap.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <optional>
#include <ostream>
#include <span>
#include <vector>

#include "base/notify/barrier.hpp"
#include "base/util/concat.hpp"
#include "bridge/bridge.hpp"
#include "bridge/channel/container_status.hpp"
#include "bridge/channel/print.hpp"
#include "bridge/relay/fd_lane.hpp"
#include "support/log_records.hpp"
#include "support/run_loop.hpp"

namespace notifybridge::wrap {
namespace {

using channel::JournalReader;
using channel::RecordType;
using process::ExitStatus;
using util::concat;

struct Pipe {
    Pipe() {
        int ends[2];
        BOOST_TEST_REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
        reading.reset(ends[0]);
        writing.reset(ends[1]);
    }

    system::UniqueFd reading;
    system::UniqueFd writing;
};

/// A `Wrap` in a separate process, because `Wrap` adopts orphans and closes descriptors.
class WrapProcess {
public:
    WrapProcess() = default;
    WrapProcess(const WrapProcess&) = delete;
    WrapProcess& operator=(const WrapProcess&) = delete;
    ~WrapProcess() {
        if (pid_ == 0)
            return;
        ::kill(-pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }

    void start(Settings settings) {
        Pipe pipe;
        result_ = std::move(pipe.reading);
        pid_ = ::fork();
        if (pid_ == 0)
            run(std::move(settings), pipe.writing);
    }

    /// Sends a signal to `wrap`, as the container manager does.
    void signal(int signal) const { ::kill(pid_, signal); }

    /// Returns how `wrap` ended, or nullopt after an error.
    std::optional<ExitStatus> result() const {
        BOOST_TEST_REQUIRE(test::is_ready(result_, POLLIN, 10'000), "wrap does not end");
        ExitStatus status;
        const bool is_told = ::read(result_.get(), &status, sizeof status) == sizeof status;
        return is_told ? std::optional(status) : std::nullopt;
    }

private:
    [[noreturn]] static void run(Settings settings, system::Fd writing) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::setpgid(0, 0);  // The destructor kills this process group, which includes the command.
        try {
            const ExitStatus status = Wrap(std::move(settings)).run();
            static_cast<void>(::write(writing.get(), &status, sizeof status));
        } catch (const std::exception&) {
        }
        ::_exit(0);
    }

    pid_t pid_ = 0;
    system::UniqueFd result_;
};

/// A `Wrap` with a shared directory, and its `wait`.
struct Wrapped {
    test::TemporaryDirectory directory;
    /// The directory into which the command writes for the test.
    test::TemporaryDirectory outside;
    event::Loop loop;
    channel::HostFileWriter host_writer{directory.fd()};
    channel::HostFile host;
    Settings settings;
    WrapProcess process;

    Wrapped() { settings.shared_directory = directory.path(); }

    void start(const std::string& script) {
        settings.command = {"/bin/sh", "-c", script};
        process.start(std::move(settings));
    }

    std::optional<ExitStatus> run(const std::string& script) {
        start(script);
        return process.result();
    }

    void until(std::function<bool()> condition) {
        test::run(loop, [&] { return test::until(loop, std::move(condition)); });
    }

    void until_command_wrote(const std::string& name) {
        until([&] { return !outside.read(name).empty(); });
    }

    /// Sends a message to the socket of the command.
    void send(std::string_view text, std::span<const system::Fd> fds = {}) {
        notify::Sender sender(bridge::address_of(directory.path(channel::socket_name)));
        until([&] { return static_cast<bool>(sender.send(text, fds)); });
    }

    std::unique_ptr<JournalReader> journal() const {
        channel::JournalFault fault;
        return JournalReader::open(directory.fd(), fault);
    }

    bridge::Texts in_journal() const {
        bridge::Texts texts;
        const auto reader = journal();
        channel::Record record;
        while (reader && reader->next(record) == JournalReader::Outcome::record)
            texts.push_back(record.type == RecordType::barrier ? "a barrier"
                                                               : std::string(record.payload));
        return texts;
    }

    void check_journal(const bridge::Texts& wanted) const {
        BOOST_TEST(in_journal() == wanted, boost::test_tools::per_element());
    }

    /// Makes the `wait` follow the run.
    void attach_host() {
        until([this] { return journal() != nullptr; });
        host.facts.run = journal()->header().run;
        BOOST_TEST(host_writer.publish(host).has_value());
    }

    /// Passes the writing end of the pipe to the run, for its command.
    void hand_in(Pipe& pipe) {
        relay::NamedFds fds;
        fds.fds.push_back(std::move(pipe.writing));
        fds.names = {"http"};
        relay::FdLane lane(loop, directory.fd());
        lane.begin(*host.facts.run);
        BOOST_TEST(lane.hand_in(fds));
    }

    channel::ContainerStatus status_file() const {
        return channel::parse_container_status(directory.read(channel::status_name));
    }
};

/// Returns a command that exits with this status on SIGTERM. The command creates the file when it
/// is ready for SIGTERM.
std::string exit_on_term(int status, const std::string& file) {
    return concat("trap 'exit ", status, "' TERM; echo yes > ", file, "; sleep 1000 & wait");
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(wrap_of_a_command, Wrapped)

BOOST_AUTO_TEST_CASE(wrap_ends_with_the_exit_status_of_its_command) {
    BOOST_TEST((run("test -S \"$NOTIFY_SOCKET\" && exit 7") == ExitStatus::exited(7)));
    check_journal({"EXITED=7"});
    BOOST_TEST((status_file().end == ExitStatus::exited(7)));
    BOOST_TEST(!std::filesystem::exists(directory.path(channel::socket_name)));
}

BOOST_AUTO_TEST_CASE(wrap_reports_a_command_that_cannot_start) {
    settings.command = {"/nonexistent"};
    process.start(std::move(settings));
    BOOST_TEST((process.result() == ExitStatus::exited(process::status_not_found)));
    check_journal({"EXITED=127"});
}

BOOST_AUTO_TEST_CASE(a_directory_of_another_live_wrap_is_refused) {
    start("sleep 1000");
    until([this] { return journal() != nullptr; });
    WrapProcess second;
    Settings same;
    same.shared_directory = directory.path();
    same.command = {"/bin/true"};
    second.start(std::move(same));
    BOOST_TEST(!second.result().has_value());
    check_journal({});
}

BOOST_AUTO_TEST_CASE(ready_1_reaches_the_journal_and_container_status) {
    start("sleep 1000");
    send("READY=1\nSTATUS=up");
    until([this] { return status_file().state.phase == notify::Phase::ready; });
    check_journal({"READY=1\nSTATUS=up"});
    BOOST_TEST(status_file().messages == 1u);
}

BOOST_AUTO_TEST_CASE(a_met_condition_makes_the_command_ready) {
    settings.probes.ready_when.push_back(
        probe::parse_specification("start", probe::Purpose::readiness));
    settings.probes.ready_status = "up";
    start("sleep 1000");
    until([this] { return !in_journal().empty(); });
    check_journal({"READY=1\nSTATUS=up"});
}

BOOST_AUTO_TEST_CASE(wrap_holds_a_barrier_until_the_host_has_processed_it) {
    start("sleep 1000");
    attach_host();
    send("READY=1");
    notify::Sender app(bridge::address_of(directory.path(channel::socket_name)));
    notify::Barrier barrier;
    BOOST_TEST_REQUIRE(static_cast<bool>(barrier.send(app)));
    until([this] { return in_journal().size() == 2; });
    check_journal({"READY=1", "a barrier"});
    BOOST_TEST(!test::is_ready(barrier.passed(), POLLIN));
    host.progress = {2, 2, 0};
    host_writer.update(host.progress);
    BOOST_TEST(test::is_ready(barrier.passed(), POLLIN, 10'000));
}

BOOST_AUTO_TEST_CASE(a_barrier_without_a_host_is_released) {
    start("sleep 1000");
    send("READY=1");
    notify::Sender app(bridge::address_of(directory.path(channel::socket_name)));
    notify::Barrier barrier;
    BOOST_TEST_REQUIRE(static_cast<bool>(barrier.send(app)));
    BOOST_TEST(test::is_ready(barrier.passed(), POLLIN, 10'000));
    check_journal({"READY=1"});
}

BOOST_AUTO_TEST_CASE(a_stop_by_the_manager_reaches_the_command) {
    start(exit_on_term(3, outside.path("started")));
    until_command_wrote("started");
    process.signal(SIGTERM);
    BOOST_TEST((process.result() == ExitStatus::exited(3)));
    check_journal({"EXITED=3"});
}

BOOST_AUTO_TEST_CASE(a_command_without_a_signal_handler_ends_by_the_signal) {
    start(concat("echo yes > ", outside.path("started"), "; exec sleep 1000"));
    until_command_wrote("started");
    process.signal(SIGTERM);
    BOOST_TEST((process.result() == ExitStatus::killed(SIGTERM)));
    check_journal({"KILLED=15"});
}

BOOST_AUTO_TEST_CASE(a_stop_by_the_host_reaches_the_command) {
    start(exit_on_term(3, outside.path("started")));
    until_command_wrote("started");
    host.facts.signals = {{1, SIGTERM}};
    attach_host();
    BOOST_TEST((process.result() == ExitStatus::exited(3)));
}

BOOST_AUTO_TEST_CASE(a_kill_by_the_host_ends_a_command_that_does_not_stop) {
    start(concat("trap '' TERM; echo yes > ", outside.path("started"), "; sleep 1000"));
    until_command_wrote("started");
    process.signal(SIGTERM);
    host.facts.signals = {{1, SIGKILL}};
    attach_host();
    BOOST_TEST((process.result() == ExitStatus::exited(128 + SIGKILL)));
    check_journal({"KILLED=9"});
}

BOOST_AUTO_TEST_CASE(orphans_end_with_the_command) {
    BOOST_TEST((run(concat("sleep 1000 & echo $! > ", outside.path("orphan"), "; exit 4"))
                == ExitStatus::exited(4)));
    const pid_t orphan = std::stoi(outside.read("orphan"));
    BOOST_TEST(::kill(orphan, 0) < 0);
}

BOOST_AUTO_TEST_CASE(stopping_1_of_another_process_is_sent_when_wrap_stops) {
    start(exit_on_term(0, outside.path("started")));
    until_command_wrote("started");
    send("STATUS=down\nSTOPPING=1");
    until([this] { return !in_journal().empty(); });
    check_journal({"STATUS=down"});
    process.signal(SIGTERM);
    BOOST_TEST((process.result() == ExitStatus::exited(0)));
    check_journal({"STATUS=down", "STOPPING=1", "EXITED=0"});
}

BOOST_AUTO_TEST_CASE(the_command_starts_with_the_descriptors_of_the_host) {
    host.facts.listen_fds = 1;
    BOOST_TEST(host_writer.publish(host).has_value());
    start("test \"$LISTEN_FDNAMES\" = http && echo yes >&3 && exit \"$LISTEN_FDS\"");
    attach_host();
    Pipe pipe;
    hand_in(pipe);
    BOOST_TEST((process.result() == ExitStatus::exited(1)));
    char text[8] = {};
    BOOST_TEST(::read(pipe.reading.get(), text, sizeof text - 1) == 4);
    BOOST_TEST(text == std::string_view("yes\n"));
}

BOOST_AUTO_TEST_CASE(a_stop_before_descriptors_arrive_starts_no_command) {
    host.facts.listen_fds = 1;
    BOOST_TEST(host_writer.publish(host).has_value());
    start(concat("echo yes > ", outside.path("started")));
    until([this] { return journal() != nullptr; });
    process.signal(SIGTERM);
    BOOST_TEST((process.result() == ExitStatus::killed(SIGTERM)));
    BOOST_TEST(outside.names().empty());
}

BOOST_AUTO_TEST_CASE(descriptors_that_arrive_after_a_stop_start_no_command) {
    host.facts.listen_fds = 1;
    BOOST_TEST(host_writer.publish(host).has_value());
    start(concat("echo yes > ", outside.path("started")));
    attach_host();
    // Until this descriptor is fetched, `wrap` does not end.
    const std::vector<system::Fd> kept{directory.fd()};
    send("FDSTORE=1", kept);
    until([this] { return in_journal().size() == 1; });
    process.signal(SIGTERM);
    until([this] { return in_journal().size() == 2; });
    Pipe pipe;
    hand_in(pipe);
    BOOST_TEST(test::is_ready(pipe.reading, POLLIN, 10'000), "wrap keeps the descriptor");
    host.progress = {1, 1, 0};
    host_writer.update(host.progress);
    BOOST_TEST((process.result() == ExitStatus::killed(SIGTERM)));
    check_journal({"FDSTORE=1", "KILLED=15"});
    BOOST_TEST(outside.names().empty());
}

BOOST_AUTO_TEST_CASE(without_a_shared_directory_the_manager_gets_messages) {
    const std::string path = outside.path("manager.sock");
    test::Manager manager(path);
    settings.shared_directory.reset();
    settings.manager = bridge::address_of(path);
    start(concat("trap 'exit 3' TERM; echo $NOTIFY_SOCKET > ", outside.path("socket"),
                 "; sleep 1000 & wait"));
    until_command_wrote("socket");
    std::string socket = outside.read("socket");
    socket.pop_back();
    notify::Sender app(bridge::address_of(socket));
    BOOST_TEST(static_cast<bool>(app.send("READY=1")));
    bridge::Texts received;
    until([&] {
        const bridge::Texts more = manager.texts();
        received.insert(received.end(), more.begin(), more.end());
        return !received.empty();
    });
    BOOST_TEST(received.front() == "READY=1");
    process.signal(SIGTERM);
    BOOST_TEST((process.result() == ExitStatus::exited(3)));
    BOOST_TEST(!std::filesystem::exists(socket));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wrap
