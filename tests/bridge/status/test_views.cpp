#include "bridge/status/views.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/cli/options.hpp"
#include "base/util/concat.hpp"
#include "bridge/bridge.hpp"
#include "bridge/status/output.hpp"
#include "bridge/status/request.hpp"
#include "support/child.hpp"
#include "support/variable.hpp"

namespace notifybridge::status::test_views {
namespace {

using util::concat;

/// A shared directory, and the output of `status` about it.
struct Viewed {
    test::TemporaryDirectory directory;
    test::TemporaryDirectory outside;
    test::Variable socket{"NOTIFY_SOCKET", std::nullopt};
    std::optional<bridge::Run> run;
    std::string output;
    std::string errors;

    void start_run(std::string_view message) {
        run.emplace(directory.fd());
        run->say(message);
    }

    Subject subject(const std::string& name = {}) const {
        return {name, {}, directory.path(), *system::open_directory(directory.path()), "status"};
    }

    /// Runs `act` in a child process, and stores its output. Returns the exit status of `act`.
    int print(const std::function<int()>& act) {
        // The child must not write buffered text of this process to its own output.
        std::fflush(nullptr);
        const int status =
            test::Child([&] {
                for (const auto& [name, number] :
                     {std::pair("output", STDOUT_FILENO), std::pair("errors", STDERR_FILENO)})
                    ::dup2(::open(outside.path(name).c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600),
                           number);
                ::_exit(act());
            }).wait();
        output = outside.read("output");
        errors = outside.read("errors");
        return status;
    }

    int answer(Mode mode) {
        return print([&] { return status::answer(subject(), mode); });
    }

    /// Runs `status` as for a command line that names `path`. Returns the exit status, or
    /// `usage_error`.
    int request(Mode mode, const std::string& path) {
        Request request;
        request.mode = mode;
        request.path = path;
        request.invoked_as = "status";
        return print([&] {
            try {
                return status::answer(request);
            } catch (const cli::UsageError&) {
                return usage_error;
            }
        });
    }
    int request(Mode mode) { return request(mode, directory.path()); }

    /// An exit status that `status` does not have.
    static constexpr int usage_error = 77;
};

bool has(const std::string& text, std::string_view part) {
    BOOST_TEST_INFO(text);
    return text.find(part) != std::string::npos;
}

constexpr Mode all_modes[] = {Mode::table, Mode::json,   Mode::ready,     Mode::alive,
                              Mode::check, Mode::follow, Mode::prometheus};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(views_of_a_run, Viewed)

BOOST_AUTO_TEST_CASE(a_directory_without_a_run_is_neither_ready_nor_alive) {
    for (const Mode mode : {Mode::ready, Mode::alive}) {
        BOOST_TEST(answer(mode) == status_nothing);
        BOOST_TEST(output.empty());
        BOOST_TEST(errors.empty());
    }
}

BOOST_AUTO_TEST_CASE(a_starting_run_is_alive_and_not_ready) {
    start_run("STATUS=loads");
    BOOST_TEST(answer(Mode::alive) == status_yes);
    BOOST_TEST(answer(Mode::ready) == status_no);
    run->say("READY=1");
    BOOST_TEST(answer(Mode::ready) == status_yes);
    run->say("STOPPING=1");
    BOOST_TEST(answer(Mode::ready) == status_no);
    BOOST_TEST(answer(Mode::alive) == status_yes);
}

BOOST_AUTO_TEST_CASE(an_ended_run_is_neither_ready_nor_alive) {
    start_run("READY=1");
    run.reset();
    BOOST_TEST(answer(Mode::alive) == status_no);
    BOOST_TEST(answer(Mode::ready) == status_no);
}

BOOST_AUTO_TEST_CASE(the_exit_status_of_status_depends_on_the_run) {
    for (const Mode mode : {Mode::table, Mode::json, Mode::check})
        BOOST_TEST(request(mode) == status_nothing);
    start_run("READY=1");
    for (const Mode mode : {Mode::table, Mode::json})
        BOOST_TEST(request(mode) == status_yes);
    // No `wait` follows this run.
    BOOST_TEST(request(Mode::check) == status_no);
    run.reset();
    for (const Mode mode : {Mode::table, Mode::json, Mode::check})
        BOOST_TEST(request(mode) == status_no);
}

BOOST_AUTO_TEST_CASE(metrics_without_a_run_are_not_a_failure) {
    BOOST_TEST(request(Mode::prometheus) == status_yes);
    BOOST_TEST(!output.empty());
}

BOOST_AUTO_TEST_CASE(the_reason_for_a_missing_run_is_explained) {
    BOOST_TEST(request(Mode::table) == status_nothing);
    BOOST_TEST(has(errors, "no run has used this directory"));
    channel::HostFile file;
    file.facts.pid = 1234;
    channel::HostFileWriter host(directory.fd());
    BOOST_TEST_REQUIRE(host.publish(file).has_value());
    request(Mode::table);
    BOOST_TEST(has(errors, "no run yet; wait (pid 1234) is running: check that the container"));
    file.facts.has_command = true;
    BOOST_TEST_REQUIRE(host.publish(file).has_value());
    request(Mode::table);
    BOOST_TEST(has(errors, "no run yet; wait (pid 1234) is running, but no wrap has started"));
    directory.write("journal", std::string(200, 'x'));
    request(Mode::table);
    BOOST_TEST(has(errors, "cannot read the journal of the shared directory: "));
}

BOOST_AUTO_TEST_CASE(a_faulty_file_is_reported_once) {
    start_run("READY=1");
    directory.write("host", "rubbish");
    BOOST_TEST(request(Mode::table) == status_yes);
    BOOST_TEST(has(errors, ": host: "));
    BOOST_TEST(std::ranges::count(errors, '\n') == 1);
    run.reset();
    directory.write("journal", std::string(200, 'x'));
    BOOST_TEST(request(Mode::table) == status_nothing);
    BOOST_TEST(std::ranges::count(errors, '\n') == 2);
}

BOOST_AUTO_TEST_CASE(the_exit_status_of_follow_shows_whether_the_run_broke_off) {
    BOOST_TEST(request(Mode::follow) == status_nothing);
    BOOST_TEST(has(errors, "no run has used this directory"));
    start_run("READY=1");
    run->end("EXITED=3");
    BOOST_TEST(request(Mode::follow) == status_yes);
    BOOST_TEST(has(output, "READY=1"));
    run.reset();
    start_run("READY=1");
    run.reset();
    BOOST_TEST(request(Mode::follow) == status_no);
    BOOST_TEST(has(errors, "the run broke off"));
}

BOOST_AUTO_TEST_CASE(the_worst_status_of_several_subjects_counts) {
    Subjects subjects;
    for (int count = 0; count < 3; ++count)
        subjects.push_back(subject());
    for (const auto& statuses : {std::array{0, 2, 1}, std::array{1, 0, 0}, std::array{0, 0, 0}}) {
        std::size_t at = 0;
        const int worst = for_all(subjects, [&](const Subject&) { return statuses[at++]; });
        BOOST_TEST(worst == std::ranges::max(statuses));
        BOOST_TEST(at == 3u);
    }
}

BOOST_AUTO_TEST_CASE(a_missing_directory_shows_no_status) {
    for (const Mode mode : all_modes) {
        BOOST_TEST(request(mode, directory.path("none")) == status_nothing);
        const bool is_question = mode == Mode::ready || mode == Mode::alive;
        BOOST_TEST(errors.empty() == is_question);
        BOOST_TEST(output.empty());
    }
}

BOOST_AUTO_TEST_CASE(following_several_containers_at_once_is_refused) {
    for (const char* const name : {"db", "web"}) {
        std::filesystem::create_directory(directory.path(name));
        directory.write(concat(name, "/host"), "");
    }
    BOOST_TEST(request(Mode::follow) == usage_error);
    BOOST_TEST(request(Mode::follow, directory.path("db")) == status_nothing);
    Request all;
    all.mode = Mode::follow;
    all.asks_for_all = true;
    BOOST_CHECK_THROW(status::answer(all), cli::UsageError);
}

BOOST_AUTO_TEST_CASE(all_members_are_printed_in_one_json_object) {
    for (const char* const name : {"db", "web"}) {
        std::filesystem::create_directory(directory.path(name));
        directory.write(concat(name, "/host"), "");
    }
    BOOST_TEST(request(Mode::json) == status_nothing);
    BOOST_TEST(has(output, R"("members")"));
    BOOST_TEST(output.front() == '{');
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::status::test_views
