#include "init/perform/host.hpp"

#include <linux/sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "base/system/file.hpp"
#include "base/system/pipe.hpp"
#include "init/execute/environment.hpp"
#include "init/execute/units.hpp"
#include "init/listen/listen_address.hpp"
#include "init/manager/engine.hpp"
#include "support/privileges.hpp"
#include "support/run_loop.hpp"

namespace notifybridge::perform::test_host {
namespace {

using event::Awaitable;
using execute::test::Units;
using system::UniqueFd;

/// A unit that takes notes of what it is told.
class Listed : public manager::Unit {
public:
    using Unit::Unit;
    std::vector<std::string> told;
    std::function<void(std::size_t)> on_traffic;

    bool was_told(const std::string& event) const {
        return std::find(told.begin(), told.end(), event) != told.end();
    }

    manager::ActiveState active_state() const override { return manager::ActiveState::active; }
    std::string_view sub_state() const override { return "running"; }
    manager::Verdict start() override { return manager::Verdict::already; }
    manager::Verdict stop() override { return manager::Verdict::already; }
    void process_ended(pid_t pid, process::ExitStatus status, bool) override {
        told.push_back(util::concat(pid, ' ', process::describe(status)));
    }
    void processes_gone() override { told.emplace_back("gone"); }
    void pid_file_changed() override { told.emplace_back("pid file"); }
    void traffic(std::size_t listener) override {
        told.push_back(util::concat("traffic ", listener));
        if (on_traffic)
            on_traffic(listener);
    }
};

/// A child of this pid, which nobody has; it waits to be killed. -1 and errno where that cannot be.
pid_t start_as(pid_t pid) {
    clone_args wanted{};
    wanted.exit_signal = SIGCHLD;
    wanted.set_tid = reinterpret_cast<std::uintptr_t>(&pid);
    wanted.set_tid_size = 1;
    const auto started = static_cast<pid_t>(::syscall(SYS_clone3, &wanted, sizeof wanted));
    if (started == 0) {
        ::signal(SIGUSR1, SIG_DFL);
        sigset_t none;
        ::sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        for (;;)
            ::pause();
    }
    return started;
}

/// How often this process has read from anything (proc(5), /proc/PID/io).
std::uint64_t reads_so_far() {
    const std::string text = system::text_of("/proc/self/io");
    const std::size_t at = text.find("syscr: ");
    return at == text.npos ? 0 : std::stoull(text.substr(at + 7));
}

boost::test_tools::assertion_result counts_reads(boost::unit_test::test_unit_id) {
    boost::test_tools::assertion_result result(reads_so_far() > 0);
    result.message() << "this kernel does not count reads";
    return result;
}

/// An engine over this system, with units of a test's own.
struct World {
    Units units;
    event::Loop loop;
    system::Pipe output = system::make_pipe();
    Host host{
        loop,
        output.writing,
        {units.facts, execute::manager_environment(""), "/run/test/notify", std::nullopt, {}}};
    manager::Engine engine{host,
                           [this](const unit::UnitName& name) {
                               unit::Messages messages;
                               const load::DiskSource source;
                               const load::UnitIndex index(source, {units.directory.path("units")},
                                                           messages);
                               return load::load(name, index, units.facts, messages);
                           },
                           [](manager::Engine& of, load::LoadedUnit loaded) {
                               return std::make_unique<Listed>(of, std::move(loaded));
                           }};
    std::string log;

    World() {
        ::prctl(PR_SET_CHILD_SUBREAPER, 1);
        loop.spawn([this] { return host.run_poller(); });
        loop.spawn([this] { return host.run_output(); });
        loop.spawn([this] { return host.run_writer(); });
        host.find_unit = [this](std::string_view id) { return engine.find(id); };
    }
    ~World() {
        for (manager::Unit* const unit : engine.units()) {
            unit_types::KillRequest kill;
            kill.signal = kill.others_signal = SIGKILL;
            kill.all_others = true;
            while (host.kill(*unit, kill))
                ::waitpid(-1, nullptr, 0);
        }
        while (::waitpid(-1, nullptr, 0) > 0) {
        }
    }

    Listed& add(const std::string& name, const std::string& text) {
        units.load(name, text);
        auto& unit = static_cast<Listed&>(engine.unit(*unit::UnitName::parse(name)));
        static unsigned count = 0;
        unit.invocation_id = util::concat("invocation-", ++count);
        return unit;
    }
    Listed& add_service(const std::string& script, const std::string& lines = "") {
        units.directory.write("script", script);
        return add("a.service", "[Service]\nExecStart=/bin/sh @/script\n" + lines + "\n");
    }
    unit_types::StartedProcess start(const Listed& unit, bool is_idle = false) {
        const unit_types::ProcessRequest request{
            .unit = unit,
            .command = unit.settings().service.exec_start->front(),
            .is_control = false,
            .passes_fds = true,
            .is_idle = is_idle,
            .may_notify = true,
            .environment = {}};
        return host.start_process(request);
    }
    /// Runs until this is so, reaping what ends.
    void until(const std::function<bool()>& is_so) {
        notifybridge::test::run(loop, [&]() -> Awaitable<> {
            const auto look = [&] {
                host.reap_children();
                host.output().catch_up();
                char buffer[4096];
                const ssize_t size = ::read(output.reading.get(), buffer, sizeof buffer);
                log.append(buffer, static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
                return is_so();
            };
            co_await notifybridge::test::until(loop, look);
        });
    }
    bool has_logged(std::string_view text) const { return log.find(text) != log.npos; }
};

UniqueFd connect_to(const unit::Listen& listen) {
    const listen::ListenAddress address = listen::to_address(listen, unit::SocketProtocol::unset);
    UniqueFd client(::socket(address.family(), address.type | SOCK_CLOEXEC, address.protocol));
    BOOST_REQUIRE(::connect(client.get(), address.data(), address.size) == 0);
    return client;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(host)

BOOST_AUTO_TEST_CASE(what_is_idle_begins_when_no_job_is_left) {
    World world;
    Listed& idle = world.add_service("echo begun\n");
    Listed& other = world.add("b.service", "[Service]\nExecStart=/bin/true\n");
    world.start(idle, true);
    const auto before = system::now().monotonic;
    world.start(other);
    world.until([&] { return other.was_told("gone"); });
    // Where the machine was too busy the wait may have been over.
    const bool is_early = system::now().monotonic - before < 4'000'000;
    BOOST_TEST((!is_early || !world.has_logged("begun")));
    world.host.become_idle();
    world.until([&] { return world.has_logged("begun") && idle.was_told("gone"); });
}

BOOST_AUTO_TEST_CASE(a_process_is_started_logged_and_its_end_told) {
    World world;
    Listed& unit = world.add_service("echo \"$NOTIFY_SOCKET $INVOCATION_ID\"; exit 3");
    unit.invocation_id = "0123456789abcdef0123456789abcdef";
    const auto started = world.start(unit);
    BOOST_TEST(!started.exec_error);
    world.until([&] { return unit.was_told("gone"); });
    BOOST_TEST(unit.told.front() == util::concat(started.pid, " exited with status 3"));
    BOOST_TEST(world.log
               == util::concat("a.service[", started.pid,
                               "]: /run/test/notify 0123456789abcdef0123456789abcdef\n"));
}

BOOST_AUTO_TEST_CASE(a_program_that_is_not_there_is_said_and_ends) {
    World world;
    Listed& unit = world.add("a.service", "[Service]\nExecStart=/no/such\n");
    const auto started = world.start(unit);
    BOOST_TEST(started.exec_error.value() == ENOENT);
    world.until([&] { return unit.was_told("gone"); });
    BOOST_TEST(unit.told.front() == util::concat(started.pid, " exited with status 203"));
    BOOST_TEST(world.has_logged(
        "a.service: Failed at step EXEC spawning /no/such: No such file or directory"));
}

BOOST_AUTO_TEST_CASE(what_is_left_of_a_unit_is_waited_for) {
    World world;
    Listed& unit = world.add_service("setsid sh -c 'sleep 1000 & echo there; wait' &\nread x");
    const pid_t main = world.start(unit).pid;
    world.until([&] { return world.has_logged("there") && !unit.told.empty(); });
    BOOST_TEST(!unit.was_told("gone"));
    BOOST_TEST(world.host.has_processes(unit));
    unit_types::KillRequest kill;
    kill.signal = kill.others_signal = SIGTERM;
    kill.all_others = true;
    BOOST_TEST(world.host.kill(unit, kill));
    world.until([&] { return unit.was_told("gone"); });
    BOOST_TEST(!world.host.has_processes(unit));
    BOOST_TEST(!world.host.owns(unit, main));
}

BOOST_AUTO_TEST_CASE(orphans_that_end_at_once_cost_the_same_each_and_others_have_their_turn,
                     *boost::unit_test::precondition(counts_reads)) {
    for (const int count : {100, 400}) {
        World world;
        Listed& unit = world.add_service(util::concat(
            "(for n in $(seq ", count, "); do sleep 1000 & done; echo there)\nread x"));
        world.start(unit);
        world.until([&] { return world.has_logged("there"); });
        unit_types::KillRequest kill;
        kill.signal = kill.others_signal = SIGKILL;
        kill.all_others = true;
        world.host.kill(unit, kill);
        std::size_t most_at_once = 0;
        const std::uint64_t before = reads_so_far();
        while (!unit.was_told("gone")) {
            siginfo_t info{};
            BOOST_REQUIRE(::waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) == 0);
            const std::size_t told = unit.told.size();
            world.host.reap_children();
            most_at_once = std::max(most_at_once, unit.told.size() - told);
        }
        const std::uint64_t reads = reads_so_far() - before;
        BOOST_TEST_INFO(reads << " reads for " << count << " processes");
        BOOST_TEST(reads <= 25u * static_cast<unsigned>(count));
        BOOST_TEST(unit.told.size() > static_cast<unsigned>(count));
        BOOST_TEST(most_at_once <= 100u);
    }
}

BOOST_AUTO_TEST_CASE(a_process_that_is_no_child_of_ours_is_told_of_too) {
    World world;
    Listed& unit = world.add_service("sleep 1000 & echo $!; wait; sleep 1000");
    world.start(unit);
    world.until([&] { return world.has_logged("]: ") && world.log.ends_with('\n'); });
    const pid_t pid = std::stoi(world.log.substr(world.log.find("]: ") + 3));
    BOOST_TEST(world.host.owns(unit, pid));
    BOOST_TEST(world.host.watch_process(unit, pid));
    BOOST_TEST(!world.host.watch_process(unit, ::getpid()));
    ::kill(pid, SIGKILL);
    world.until([&] { return !unit.told.empty(); });
    BOOST_TEST(unit.told.front() == util::concat(pid, " exited with status 0"));
}

BOOST_AUTO_TEST_CASE(who_has_the_pid_of_a_main_process_that_was_no_child_of_ours_is_not_signalled,
                     *boost::unit_test::precondition(notifybridge::test::is_root)) {
    World world;
    Listed& unit = world.add_service("sleep 1000 & echo $!; wait; sleep 1000");
    world.start(unit);
    world.until([&] { return world.has_logged("]: ") && world.log.ends_with('\n'); });
    const pid_t pid = std::stoi(world.log.substr(world.log.find("]: ") + 3));
    BOOST_TEST(world.host.watch_process(unit, pid));
    unit_types::KillRequest kill;
    kill.signal = SIGCONT;
    kill.main = pid;
    BOOST_TEST(!world.host.kill(unit, kill));  // That is no child of ours is not waited for.
    ::kill(pid, SIGKILL);
    // Its parent reaps it; that we are to be told, and are not yet, is what this is about.
    while (::kill(pid, 0) == 0)
        ::usleep(1000);
    const pid_t other = start_as(pid);
    if (other < 0 && errno == EPERM) {
        BOOST_TEST_MESSAGE("no pid can be chosen here (CAP_CHECKPOINT_RESTORE)");
        return;
    }
    BOOST_REQUIRE(other == pid);
    kill.signal = SIGKILL;
    BOOST_TEST(!world.host.kill(unit, kill));
    ::kill(other, SIGUSR1);
    int status = 0;
    ::waitpid(other, &status, 0);
    BOOST_TEST((WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1), "it got our signal");
}

BOOST_AUTO_TEST_CASE(all_are_told_whose_main_process_it_is) {
    World world;
    Listed& unit = world.add_service("sleep 1000");
    Listed& other = world.add("b.service", "[Service]\nExecStart=/bin/true\n");
    const pid_t pid = world.start(unit).pid;
    BOOST_TEST(world.host.watch_process(other, pid));
    BOOST_TEST(world.host.owns(unit, pid));
    ::kill(pid, SIGKILL);
    world.until([&] { return !unit.told.empty() && !other.told.empty(); });
    BOOST_TEST(unit.told.front() == other.told.front());
}

BOOST_AUTO_TEST_CASE(a_pid_file_is_told_of_when_it_comes) {
    World world;
    Listed& unit = world.add_service("exit 0");
    const std::string path = world.units.directory.path("d/e/pid");
    world.host.watch_pid_file(unit, path, true);
    std::filesystem::create_directories(world.units.directory.path("d/e"));
    world.until([&] { return unit.was_told("pid file"); });
    unit.told.clear();
    world.units.directory.write("d/e/pid", "1\n");
    world.until([&] { return unit.was_told("pid file"); });
    world.host.watch_pid_file(unit, path, false);
}

BOOST_AUTO_TEST_CASE(each_unit_that_waits_for_a_pid_file_is_told_of_it) {
    World world;
    Listed& one = world.add("one.service", "[Service]\nExecStart=/bin/true\n");
    Listed& other = world.add("other.service", "[Service]\nExecStart=/bin/true\n");
    const std::string path = world.units.directory.path("pid");
    world.host.watch_pid_file(one, path, true);
    world.host.watch_pid_file(other, path, true);
    world.units.directory.write("pid", "1\n");
    world.until([&] { return one.was_told("pid file") && other.was_told("pid file"); });
    // One of them has what it waited for.
    world.host.watch_pid_file(one, path, false);
    other.told.clear();
    world.units.directory.write("pid", "2\n");
    world.until([&] { return other.was_told("pid file"); });
    // Its file may be another one since.
    world.host.watch_pid_file(other, world.units.directory.path("new"), true);
    other.told.clear();
    world.units.directory.write("new", "1\n");
    world.until([&] { return other.was_told("pid file"); });
    world.host.watch_pid_file(other, world.units.directory.path("new"), false);
}

BOOST_AUTO_TEST_CASE(a_service_gets_the_sockets_that_trigger_it) {
    World world;
    Listed& service = world.add_service("echo \"$LISTEN_FDS $LISTEN_FDNAMES\"");
    Listed& socket = world.add("a.socket", "[Socket]\nListenStream=@/s\nListenFIFO=@/f\n");
    world.engine.add_trigger(socket, service);
    world.host.open_sockets(socket);
    world.host.watch_sockets(socket, true);
    socket.on_traffic = [&](std::size_t) { world.host.watch_sockets(socket, false); };
    const UniqueFd client = connect_to(socket.settings().socket->listen[0]);
    world.until([&] { return socket.was_told("traffic 0"); });
    world.start(service);
    world.until([&] { return service.was_told("gone"); });
    BOOST_TEST(world.has_logged("]: 2 a.socket:a.socket\n"));
    world.host.flush_sockets(socket);
    world.host.close_sockets(socket);
}

BOOST_AUTO_TEST_CASE(a_connection_is_handed_over) {
    World world;
    Listed& socket = world.add("a.socket", "[Socket]\nListenStream=@/s\nAccept=yes\nService=\n");
    Listed& service = world.add_service("read line; echo \"$line yes\"", "StandardInput=socket");
    world.host.open_sockets(socket);
    UniqueFd client = connect_to(socket.settings().socket->listen[0]);
    BOOST_REQUIRE(::write(client.get(), "is it\n", 6) == 6);
    BOOST_REQUIRE(world.host.accept(socket, 0));
    world.host.hand_over(socket, service);
    BOOST_TEST(!world.host.accept(socket, 0));
    world.start(service);
    world.until([&] { return service.was_told("gone"); });
    char buffer[100];
    const ssize_t size = ::read(client.get(), buffer, sizeof buffer);
    BOOST_TEST(std::string(buffer, static_cast<std::size_t>(size)) == "is it yes\n");
    world.host.close_connection(service);
    BOOST_TEST(::read(client.get(), buffer, sizeof buffer) == 0);
    BOOST_CHECK_THROW(world.start(service), std::system_error);
}

BOOST_AUTO_TEST_CASE(a_connection_waits_for_who_reads_it) {
    World world;
    Listed& socket = world.add("a.socket", "[Socket]\nListenStream=@/s\nAccept=yes\nService=\n");
    Listed& service = world.add_service("echo ready; read line; echo \"got $line\"",
                                        "StandardInput=socket\nNonBlocking=yes");
    world.host.open_sockets(socket);
    const UniqueFd client = connect_to(socket.settings().socket->listen[0]);
    BOOST_REQUIRE(world.host.accept(socket, 0));
    world.host.hand_over(socket, service);
    world.start(service);
    char buffer[100];
    BOOST_REQUIRE(::read(client.get(), buffer, sizeof buffer) == 6);
    BOOST_REQUIRE(::write(client.get(), "it\n", 3) == 3);
    world.until([&] { return service.was_told("gone"); });
    BOOST_TEST(::read(client.get(), buffer, sizeof buffer) == 7);
}

BOOST_AUTO_TEST_CASE(stored_descriptors_come_back_until_they_hang_up) {
    World world;
    Listed& unit = world.add_service("echo \"$LISTEN_FDS $LISTEN_FDNAMES\"; cat <&4",
                                     "FileDescriptorStoreMax=2");
    system::Pipe file = system::make_pipe(), polled = system::make_pipe();
    BOOST_REQUIRE(::write(file.writing.get(), "kept\n", 5) == 5);
    file.writing.reset();
    const auto store = [&](const UniqueFd& fd, std::string_view name, bool is_polled) {
        std::vector<UniqueFd> fds;
        fds.emplace_back(::dup(fd.get()));
        world.host.set_message_fds(std::move(fds));
        world.host.store_fds(unit, name, is_polled);
    };
    store(file.reading, "", false);
    store(file.reading, "again", false);
    store(polled.reading, "polled", true);
    store(polled.writing, "one too many", true);
    BOOST_TEST(world.host.stored_fds(unit) == 2u);
    world.start(unit);
    world.until([&] { return unit.was_told("gone"); });
    BOOST_TEST(world.has_logged("]: 2 polled:stored\n"));
    BOOST_TEST(world.has_logged("]: kept\n"));
    polled.writing.reset();
    world.until([&] { return world.host.stored_fds(unit) == 1; });
    world.host.remove_fds(unit, "none");
    BOOST_TEST(world.host.stored_fds(unit) == 1u);
    world.host.remove_fds(unit, "stored");
    BOOST_TEST(world.host.stored_fds(unit) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::perform::test_host
