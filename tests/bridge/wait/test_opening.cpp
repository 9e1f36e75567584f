#include "bridge/wait/opening.hpp"

#include <signal.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/event/descriptor.hpp"
#include "base/system/file.hpp"
#include "base/system/lock.hpp"
#include "base/util/concat.hpp"
#include "bridge/bridge.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/wait/leftover.hpp"
#include "support/descriptors.hpp"
#include "support/log_records.hpp"
#include "support/run_loop.hpp"

namespace notifybridge::wait::test_opening {
namespace {

using namespace std::chrono_literals;
using util::concat;

bool has(const std::string& text, std::string_view part) {
    BOOST_TEST_INFO(text);
    return text.find(part) != std::string::npos;
}

/// Calls `act` in a thread when this process opens the file at `path` for the nth time from now on.
/// The destructor waits for the thread.
class OnOpening {
public:
    OnOpening(const std::string& path, int nth, std::function<void()> act)
        : watch_(::inotify_init1(IN_CLOEXEC)) {
        BOOST_TEST_REQUIRE(::inotify_add_watch(watch_.get(), path.c_str(), IN_OPEN) >= 0);
        thread_ = std::thread([this, nth, act = std::move(act)] {
            for (int count = 0; count < nth; ++count) {
                inotify_event event;
                if (!test::is_ready(watch_, POLLIN, 10'000)
                    || ::read(watch_.get(), &event, sizeof event) != sizeof event)
                    return;
            }
            act();
        });
    }
    OnOpening(const OnOpening&) = delete;
    OnOpening& operator=(const OnOpening&) = delete;
    ~OnOpening() { thread_.join(); }

private:
    system::UniqueFd watch_;
    std::thread thread_;
};

/// A shared directory that this `wait` opens.
struct Shared {
    test::TemporaryDirectory above;
    std::string path = above.path("shared");

    system::UniqueFd open() const { return open_shared_directory(path, std::nullopt); }

    std::string refusal() const {
        try {
            open();
        } catch (const channel::DirectoryError& error) {
            return error.what();
        }
        return "it was opened";
    }

    /// Writes the file "host" of another `wait`.
    void write_host(system::Fd directory, std::int64_t pid) {
        channel::HostFile file;
        file.facts.pid = pid;
        other_host.emplace(directory);
        BOOST_TEST_REQUIRE(other_host->publish(file).has_value());
    }

    void create(const std::string& name) const { above.write(concat("shared/", name), "x"); }
    bool exists(const std::string& name) const {
        return std::filesystem::exists(concat(path, '/', name));
    }

    std::optional<channel::HostFileWriter> other_host;
};

/// A `wait` that follows one directory, before it starts its command.
struct Starting {
    test::TemporaryDirectory directory;
    test::LogRecords log{util::Severity::notice};
    event::Loop loop;
    relay::Uplink uplink{loop, std::nullopt};
    std::optional<bridge::Run> run;
    std::optional<Members> members;

    /// Starts a run. If `has_command` is set, an earlier `wait` has started the run and was killed.
    void leave_run(bool has_command) {
        Attachment earlier(loop, directory.fd(), {"one", {}, 0, "", has_command});
        earlier.announce();
        run.emplace(directory.fd());
        earlier.attach(run->writer.header().run, false);
    }

    Members::Followed& follow() {
        std::vector<Member> opened;
        opened.push_back({"", directory.path(), event::duplicate(directory.fd())});
        Courier::Options options;
        options.unit.invocation = "two";
        options.unit.has_command = true;
        members.emplace(loop, std::move(opened), options, relay::Policy(), uplink,
                        relay::NamedFds(), nullptr);
        return members->all().front();
    }

    std::string refusal(Members::Followed& followed) const {
        try {
            claim_leftover(followed);
        } catch (const channel::DirectoryError& error) {
            return error.what();
        }
        return "it was not refused";
    }

    /// Ends the leftover runs. Calls `meanwhile` after the end of the run was requested.
    void end_runs(std::chrono::microseconds patience, const std::function<void()>& meanwhile) {
        bool is_over = false;
        loop.spawn([&]() -> event::Awaitable<> {
            co_await end_leftover_runs(*members, patience);
            is_over = true;
        });
        test::run(loop,
                  [&] { return test::until(loop, [&] { return is_over || !signals().empty(); }); });
        meanwhile();
        test::run(loop, [&] { return test::until(loop, [&] { return is_over; }); });
    }

    channel::SignalList signals() const { return bridge::host_in(directory).facts.signals; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(opening_of_a_directory, Shared)

BOOST_AUTO_TEST_CASE(wait_creates_and_locks_a_missing_directory) {
    const auto directory = open();
    BOOST_TEST(std::filesystem::is_directory(path));
    BOOST_TEST((*system::identity(directory) == *system::identity(above.fd(), "shared")));
    BOOST_TEST(!system::take_directory_lock(*system::open_directory(path)));
}

BOOST_AUTO_TEST_CASE(a_released_directory_can_be_opened_again) {
    open().reset();
    BOOST_TEST(static_cast<bool>(open()));
}

BOOST_AUTO_TEST_CASE(a_locked_directory_is_refused_with_the_lock_holder) {
    const auto holder = open();
    BOOST_TEST(has(refusal(), concat("shared directory \"", path,
                                     "\": locked by another process (pid ", ::getpid(), ')')));
    BOOST_TEST(has(refusal(), "or choose another directory (--shared-dir)"));
}

BOOST_AUTO_TEST_CASE(a_directory_with_another_wait_is_refused_with_its_pid) {
    const auto holder = open();
    write_host(holder, 1234);
    BOOST_TEST(has(refusal(), "in use by another wait (pid 1234); stop it, or choose another"));
}

// The kernel may release the lock of a killed process a moment after the next `wait` has started.
BOOST_AUTO_TEST_CASE(the_lock_of_a_killed_wait_is_awaited) {
    auto holder = open();
    write_host(holder, 1234);
    const std::string unfinished = system::temporary_name(channel::host_name);
    create(unfinished);
    const OnOpening release(concat(path, "/host"), 1, [&] { holder.reset(); });
    const auto directory = open();
    BOOST_TEST(!system::take_directory_lock(*system::open_directory(path)));
    BOOST_TEST(!exists(unfinished));
}

BOOST_AUTO_TEST_CASE(opening_a_directory_removes_unfinished_files) {
    std::filesystem::create_directory(path);
    const std::string host = system::temporary_name(channel::host_name);
    const std::string token = system::temporary_name(channel::token_name);
    const std::string journal = system::temporary_name(channel::journal_name);
    for (const std::string& name : {host, token, journal, std::string("host")})
        create(name);
    const auto directory = open();
    BOOST_TEST(!exists(host));
    BOOST_TEST(!exists(token));
    // Only `wrap` creates journals, and it may be creating this journal now.
    BOOST_TEST(exists(journal));
    BOOST_TEST(exists("host"));
}

BOOST_AUTO_TEST_CASE(the_files_of_another_wait_are_not_removed) {
    const auto holder = open();
    const std::string unfinished = system::temporary_name(channel::host_name);
    create(unfinished);
    BOOST_TEST(has(refusal(), "locked by another process"));
    BOOST_TEST(exists(unfinished));
}

BOOST_AUTO_TEST_CASE(opening_removes_a_directory_in_place_of_the_host_file) {
    std::filesystem::create_directories(path + "/host");
    const test::LogRecords log(util::Severity::warning);
    const auto directory = open();
    BOOST_TEST(!exists("host"));
    BOOST_TEST(log.has("removed the directory"));
}

BOOST_AUTO_TEST_CASE(a_single_container_uses_the_shared_directory) {
    Settings settings;
    settings.shared_directory = path;
    const auto directory = open();
    const auto members = open_members(settings, directory);
    BOOST_TEST_REQUIRE(members.size() == 1u);
    BOOST_TEST(members[0].name.empty());
    BOOST_TEST(members[0].path == path);
    BOOST_TEST((*system::identity(members[0].directory) == *system::identity(directory)));
}

BOOST_AUTO_TEST_CASE(each_member_has_a_locked_directory) {
    Settings settings;
    settings.shared_directory = path;
    settings.members = {"db", "web"};
    const auto directory = open();
    {
        const auto members = open_members(settings, directory);
        BOOST_TEST_REQUIRE(members.size() == 2u);
        BOOST_TEST(members[1].name == "web");
        BOOST_TEST(members[1].path == concat(path, "/web"));
        BOOST_TEST(
            (*system::identity(members[1].directory) == *system::identity(directory, "web")));
        BOOST_TEST(!system::take_directory_lock(*system::open_directory(path + "/db")));
    }
    const auto other = open_shared_directory(path + "/web", std::nullopt);
    BOOST_CHECK_EXCEPTION(open_members(settings, directory), channel::DirectoryError,
                          [&](const std::exception& error) {
                              return has(error.what(), concat('"', path, "/web\""));
                          });
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(leftover_runs_of_a_unit, Starting)

BOOST_AUTO_TEST_CASE(nothing_is_claimed_without_a_leftover_run) {
    Members::Followed& followed = follow();
    claim_leftover(followed);
    BOOST_TEST(!members->has_leftover());
    end_runs(1h, [] {});
    BOOST_TEST(signals().empty());
    BOOST_TEST(log.texts().empty());
}

BOOST_AUTO_TEST_CASE(a_run_of_an_earlier_wait_is_claimed) {
    leave_run(true);
    Members::Followed& followed = follow();
    claim_leftover(followed);
    BOOST_TEST(members->has_leftover());
}

BOOST_AUTO_TEST_CASE(a_run_of_another_program_is_refused) {
    leave_run(false);
    Members::Followed& followed = follow();
    const std::string text = refusal(followed);
    BOOST_TEST(
        has(text, concat('"', directory.path(), "\": in use by a run that was not started")));
    BOOST_TEST(has(text, concat("wrap has pid ", ::getpid())));
    BOOST_TEST(!members->has_leftover());
}

// The run may belong to a `wait` without a command, and end at the same time as that `wait`.
BOOST_AUTO_TEST_CASE(a_run_of_another_program_that_ends_in_time_is_accepted) {
    leave_run(false);
    Members::Followed& followed = follow();
    const OnOpening end(directory.path(channel::journal_name), 2, [&] { run.reset(); });
    claim_leftover(followed);
    BOOST_TEST(!members->has_leftover());
}

BOOST_AUTO_TEST_CASE(a_claimed_run_is_asked_to_end) {
    leave_run(true);
    claim_leftover(follow());
    members->announce();
    end_runs(1h, [&] {
        BOOST_TEST(signals().front().signal == SIGTERM);
        run.reset();
    });
    BOOST_TEST(!members->has_leftover());
    BOOST_TEST(log.texts().size() == 1u);
    BOOST_TEST(log.has("stopping the run that an earlier wait left behind"));
}

BOOST_AUTO_TEST_CASE(a_run_without_a_claim_is_not_asked_to_end) {
    leave_run(true);
    follow();
    members->announce();
    end_runs(1h, [] {});
    BOOST_TEST(signals().empty());
    BOOST_TEST(log.texts().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wait::test_opening
