#include "bridge/wait/wait.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <deque>
#include <exception>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "base/util/time_span.hpp"
#include "bridge/bridge.hpp"
#include "support/child.hpp"

namespace notifybridge::wait {
namespace {

using namespace std::chrono_literals;
using bridge::Texts;
using process::ExitStatus;

/// Waits for `condition` in a child process, at most ten seconds.
void await(const std::function<bool()>& condition) {
    for (int turn = 0; turn < 10'000 && !condition(); ++turn)
        std::this_thread::sleep_for(1ms);
}

/// The settings of a `wait`, and its directory.
struct Task {
    test::TemporaryDirectory directory;
    std::string path = directory.path("manager.sock");
    test::Manager manager{path};
    std::string shared = directory.path("shared");
    Settings settings;
    std::deque<test::Child> children;  ///< Processes that take the place of containers.

    Task() {
        settings.shared_directory = shared;
        settings.manager = bridge::address_of(path);
        settings.timeout = util::infinity;
        settings.stop_timeout = 1min;
        settings.sandbox = false;
    }

    ExitStatus run() { return Wait(std::move(settings)).run(); }

    Texts sent() {
        Texts texts = manager.texts();
        std::erase(texts, "BARRIER=1");
        return texts;
    }

    /// Calls `act` in a new process, which then ends.
    void start_child(const std::function<void()>& act) {
        children.emplace_back([&] {
            try {
                act();
            } catch (const std::exception&) {
                ::_exit(1);
            }
            ::_exit(0);
        });
    }

    /// Starts a container that begins a run when `wait` has started.
    void start_container(const std::string& where, const std::function<void(bridge::Run&)>& live) {
        start_child([&] {
            await([&] { return std::filesystem::exists(where + "/host"); });
            const system::UniqueFd opened(::open(where.c_str(), O_RDONLY | O_DIRECTORY));
            bridge::Run run(opened);
            live(run);
        });
    }
};

/// Returns the content of the file "host" in this directory.
channel::HostFile host_at(const std::string& where) {
    const system::UniqueFd opened(::open(where.c_str(), O_RDONLY | O_DIRECTORY));
    channel::HostFileReader host(opened);
    const auto file = host.refresh() ? host.read() : std::nullopt;
    return file.value_or(channel::HostFile{});
}

bool is_acknowledged(const std::string& where, std::uint64_t sequence) {
    return host_at(where).progress.acknowledged >= sequence;
}

bool gets_signal(const std::string& where, int signal) {
    return std::ranges::any_of(host_at(where).facts.signals,
                               [&](const auto& each) { return each.signal == signal; });
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(wait_for_containers, Task)

BOOST_AUTO_TEST_CASE(an_attached_wait_ends_with_the_status_of_its_run) {
    start_container(shared, [](bridge::Run& run) {
        run.say("READY=1\nSTATUS=up");
        run.end("EXITED=3");
    });
    BOOST_TEST((this->run() == ExitStatus::exited(3)));
    BOOST_TEST(sent() == Texts{"READY=1\nSTATUS=up"}, boost::test_tools::per_element());
    BOOST_TEST(!std::filesystem::exists(shared + "/host"));
}

BOOST_AUTO_TEST_CASE(the_option_until_ready_leaves_the_run_alive) {
    settings.until_ready = true;
    start_container(shared, [](bridge::Run& run) {
        run.say("READY=1");
        ::pause();
    });
    BOOST_TEST((this->run() == ExitStatus::exited(0)));
    BOOST_TEST(sent() == Texts{"READY=1"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(without_a_run_wait_ends_with_the_status_of_its_command) {
    settings.command = {"sh", "-c", "exit 4"};
    BOOST_TEST((this->run() == ExitStatus::exited(4)));
    BOOST_TEST(sent().empty());
}

BOOST_AUTO_TEST_CASE(wait_ends_with_127_if_its_command_cannot_start) {
    settings.command = {"/nonexistent"};
    BOOST_TEST((this->run() == ExitStatus::exited(127)));
}

BOOST_AUTO_TEST_CASE(wait_follows_a_detached_run_that_outlives_its_command) {
    // The command ends when its container has started, like `podman run --detach`.
    const std::string up = directory.path("up");
    settings.command = {"sh", "-c",
                        "echo $$ >\"$0.pid\"; n=0; until test -e \"$0\" || test $((n += 1)) -gt "
                        "1000; do sleep 0.01; done",
                        up};
    start_container(shared, [=, this](bridge::Run& run) {
        run.say("READY=1");
        await([&] { return is_acknowledged(shared, 1); });
        await([&] { return directory.read("up.pid").ends_with('\n'); });
        const pid_t command = std::stoi(directory.read("up.pid"));
        directory.write("up", "");
        await([&] { return ::kill(command, 0) < 0 && errno == ESRCH; });
        // When this message is acknowledged, `wait` has noticed that the run continues after the
        // command.
        run.say("STATUS=alone");
        await([&] { return is_acknowledged(shared, 2); });
        run.end("EXITED=5");
    });
    BOOST_TEST((this->run() == ExitStatus::exited(5)));
    BOOST_TEST(sent() == (Texts{"READY=1", "STATUS=alone"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(wait_ends_with_124_if_no_run_is_ready_in_time) {
    settings.timeout = 10ms;
    BOOST_TEST((this->run() == ExitStatus::exited(process::status_timed_out)));
}

BOOST_AUTO_TEST_CASE(a_stop_of_wait_ends_its_members_in_reverse_order) {
    settings.members = {"db", "web"};
    settings.stop = true;
    const std::string ended = directory.path("ended");
    for (const std::string& name : settings.members) {
        const std::string where = shared + '/' + name;
        std::filesystem::create_directories(where);
        start_container(where, [=](bridge::Run& run) {
            run.say("READY=1");
            await([&] { return gets_signal(where, SIGTERM); });
            const int file = ::open(ended.c_str(), O_WRONLY | O_APPEND | O_CREAT, 0600);
            const std::string line = name + ' ';
            (void)!::write(file, line.data(), line.size());
            run.end(name == "db" ? "EXITED=3" : "EXITED=0");
        });
    }
    start_child([&, parent = ::getpid()] {
        await([&] { return is_acknowledged(shared + "/db", 1); });
        await([&] { return is_acknowledged(shared + "/web", 1); });
        ::kill(parent, SIGTERM);
    });
    BOOST_TEST((this->run() == ExitStatus::exited(3)));
    BOOST_TEST(directory.read("ended") == "web db ");
    const Texts texts = sent();
    BOOST_TEST_REQUIRE(!texts.empty());
    BOOST_TEST(texts.front() == "STATUS=waiting for db, web");
    BOOST_TEST(std::ranges::count_if(
                   texts, [](const std::string& text) { return text.starts_with("READY=1"); })
               == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wait
