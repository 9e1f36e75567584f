#include "bridge/status/check_directory.hpp"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/notify/receiver.hpp"
#include "base/system/namespaces.hpp"
#include "base/util/concat.hpp"
#include "bridge/channel/directory.hpp"
#include "support/child.hpp"
#include "support/privileges.hpp"
#include "support/temporary_directory.hpp"
#include "support/variable.hpp"

namespace notifybridge::status::test_check_directory {
namespace {

using boost::unit_test::precondition;
using util::concat;
using Verdict = diagnosis::Finding::Verdict;

/// The verdict about a subject that has no finding.
constexpr std::optional<Verdict> none;

/// A shared directory, and a run that is ready.
struct ReadyRun {
    test::TemporaryDirectory above;
    std::string path = above.path("shared");
    test::Variable variable{"NOTIFY_SOCKET", std::nullopt};
    Overview overview;
    RunContext context;
    std::optional<notify::Receiver> receiver;
    diagnosis::Findings found;

    ReadyRun() {
        std::filesystem::create_directory(path);
        set_mode(path, 0755);
        receiver.emplace(socket_path(), 0666);
        overview.run.emplace();
        overview.run->header.pid = 7;
        overview.run->header.pid_namespace = system::pid_namespace();
        overview.run->liveness = Liveness::alive;
        overview.run->state.phase = notify::Phase::ready;
    }

    std::string socket_path() const { return concat(path, '/', channel::socket_name); }

    static void set_mode(const std::string& file, mode_t mode) {
        BOOST_TEST_REQUIRE(::chmod(file.c_str(), mode) == 0);
    }

    /// Checks the directory. Returns the verdict about `subject`, or nullopt if there is none.
    std::optional<Verdict> verdict(std::string_view subject) {
        found = diagnosis::Findings();
        const system::UniqueFd directory = *system::open_directory(path);
        check_directory(found, directory, path, overview, context);
        std::optional<Verdict> last;
        for (const diagnosis::Finding& finding : found.all())
            if (finding.subject == subject) {
                BOOST_TEST(!last.has_value(), "two findings about " << subject);
                last = finding.verdict;
            }
        return last;
    }

    /// Like `verdict`, but checks as another user who is not root.
    std::optional<Verdict> verdict_of_other_user(std::string_view subject) {
        const int status = test::Child([&] {
                               // After setresuid(2), a process may not read its own files of
                               // /proc. A program that this user has started may.
                               if (::setresuid(test::nobody, test::nobody, test::nobody) < 0
                                   || ::prctl(PR_SET_DUMPABLE, 1) < 0)
                                   ::_exit(99);
                               const auto found_there = verdict(subject);
                               ::_exit(found_there ? static_cast<int>(*found_there) : 98);
                           }).wait();
        BOOST_TEST_REQUIRE(status != 99);
        return status == 98 ? none : std::optional(static_cast<Verdict>(status));
    }

    /// Returns whether the last check printed `part`.
    bool says(std::string_view part) const {
        for (const diagnosis::Finding& finding : found.all())
            if (concat(finding.text, '\n', finding.advice).find(part) != std::string::npos)
                return true;
        return false;
    }
};

struct ModeRow {
    mode_t above;
    mode_t mode;
    Verdict verdict;

    friend std::ostream& operator<<(std::ostream& out, const ModeRow& row) {
        return out << std::oct << row.mode << " below " << row.above << std::dec;
    }
};

const ModeRow mode_rows[] = {
    {0755, 0755, Verdict::good},    {0755, 0700, Verdict::good},    {0755, 0775, Verdict::problem},
    {0755, 0757, Verdict::problem}, {0755, 0777, Verdict::problem}, {0755, 01777, Verdict::problem},
    {0700, 0777, Verdict::good},    {0700, 01777, Verdict::good},   {0710, 0777, Verdict::problem},
    {0701, 0777, Verdict::problem},
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(check_of_a_directory, ReadyRun)

BOOST_AUTO_TEST_CASE(a_ready_run_has_no_problem) {
    for (const char* const subject : {"directory", "run", "socket"})
        BOOST_TEST((verdict(subject) == Verdict::good), subject);
    BOOST_TEST(found.all().size() == 3u);
}

BOOST_DATA_TEST_CASE_F(ReadyRun, the_modes_of_directory_and_parent_decide_the_verdict, mode_rows,
                       row) {
    set_mode(above.path(), row.above);
    set_mode(path, row.mode);
    BOOST_TEST((verdict("directory") == row.verdict));
}

BOOST_AUTO_TEST_CASE(a_directory_without_write_access_is_a_problem, *precondition(test::is_root)) {
    set_mode(above.path(), 0755);
    // The container's user may have access, so a run shows that the directory is usable.
    BOOST_TEST((verdict_of_other_user("directory") == Verdict::note));
    overview.run->liveness = Liveness::unknown;
    BOOST_TEST((verdict_of_other_user("directory") == Verdict::problem));
    overview.run.reset();
    BOOST_TEST((verdict_of_other_user("directory") == Verdict::problem));
    // The owner of the directory needs write access.
    overview.run.emplace().liveness = Liveness::alive;
    set_mode(path, 0555);
    BOOST_TEST_REQUIRE(::chown(path.c_str(), test::nobody, test::nobody) == 0);
    BOOST_TEST((verdict_of_other_user("directory") == Verdict::problem));
}

BOOST_AUTO_TEST_CASE(the_phase_of_a_run_decides_its_verdict) {
    using notify::Phase;
    for (const Phase phase : {Phase::ready, Phase::reloading}) {
        overview.run->state.phase = phase;
        BOOST_TEST((verdict("run") == Verdict::good));
    }
    overview.run->state.phase = Phase::starting;
    BOOST_TEST((verdict("run") == Verdict::note));
    BOOST_TEST(says("needs `wrap --ready-when`"));
    context.is_run = true;
    BOOST_TEST((verdict("run") == Verdict::note));
    BOOST_TEST(says("needs `run --ready-when`"));
}

BOOST_AUTO_TEST_CASE(an_explained_start_has_no_finding_about_the_run) {
    context.is_explained = true;
    BOOST_TEST((verdict("run") == Verdict::good));
    overview.run->state.phase = notify::Phase::starting;
    BOOST_TEST((verdict("run") == none));
    overview.run->damaged = true;
    BOOST_TEST((verdict("run") == Verdict::problem));
}

BOOST_AUTO_TEST_CASE(a_run_that_stops_is_not_called_unready) {
    overview.run->state.phase = notify::Phase::stopping;
    BOOST_TEST((verdict("run") == Verdict::note));
    BOOST_TEST(says("the app has sent STOPPING=1"));
    overview.run->is_asked_to_end = true;
    BOOST_TEST((verdict("run") == Verdict::note));
    BOOST_TEST(says("the app was asked to end"));
}

BOOST_AUTO_TEST_CASE(an_ended_run_is_a_problem_and_has_no_socket) {
    receiver.reset();
    std::filesystem::remove(socket_path());
    overview.run->liveness = Liveness::ended;
    BOOST_TEST((verdict("run") == Verdict::problem));
    BOOST_TEST(says("the run broke off"));
    overview.run->end = process::ExitStatus::exited(3);
    BOOST_TEST((verdict("run") == Verdict::problem));
    BOOST_TEST(says("the command exited with status 3"));
    BOOST_TEST((verdict("socket") == none));
}

BOOST_AUTO_TEST_CASE(a_damaged_journal_is_a_problem_of_the_run) {
    overview.run->damaged = true;
    BOOST_TEST((verdict("run") == Verdict::problem));
    BOOST_TEST(says("the journal of the run is damaged"));
}

BOOST_AUTO_TEST_CASE(a_missing_run_is_a_problem) {
    overview.run.reset();
    BOOST_TEST((verdict("run") == Verdict::problem));
    BOOST_TEST(says("no wrap has used this directory"));
    overview.faults = {{channel::journal_name, "it is a symbolic link"}};
    BOOST_TEST((verdict("run") == Verdict::problem));
    BOOST_TEST(says("cannot read the journal of the shared directory: it is a symbolic link"));
    BOOST_TEST(found.all().size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_missing_run_of_a_member_names_the_member) {
    context.member = "db";
    BOOST_TEST((verdict("member") == none));
    overview.run.reset();
    BOOST_TEST((verdict("member") == Verdict::problem));
    BOOST_TEST(says("db is missing"));
    BOOST_TEST(says(concat("SHARED_DIR=", path)));
    BOOST_TEST((verdict("run") == none));
    // The journal shows that the member was started.
    overview.faults = {{channel::journal_name, "it is a symbolic link"}};
    BOOST_TEST((verdict("member") == none));
    BOOST_TEST((verdict("run") == Verdict::problem));
}

BOOST_AUTO_TEST_CASE(a_faulty_file_is_a_problem_with_its_name) {
    overview.faults = {{channel::host_name, "it is a FIFO"}};
    BOOST_TEST((verdict(channel::host_name) == Verdict::problem));
    BOOST_TEST(says("it is a FIFO"));
}

BOOST_AUTO_TEST_CASE(a_socket_with_owner_only_access_gives_a_note) {
    overview.run->header.pid_namespace = 1;
    set_mode(socket_path(), 0600);
    BOOST_TEST((verdict("socket") == Verdict::note));
    set_mode(socket_path(), 0664);
    BOOST_TEST((verdict("socket") == Verdict::note));
    // Without a container, the app has the same user as `wrap`.
    overview.run->header.pid_namespace = system::initial_pid_namespace;
    BOOST_TEST((verdict("socket") == Verdict::good));
}

BOOST_AUTO_TEST_CASE(a_missing_or_replaced_socket_is_a_problem) {
    receiver.reset();
    std::filesystem::remove(socket_path());
    BOOST_TEST((verdict("socket") == Verdict::problem));
    above.write(concat("shared/", channel::socket_name), "");
    BOOST_TEST((verdict("socket") == Verdict::problem));
    std::filesystem::remove(socket_path());
    std::filesystem::create_symlink("/run/systemd/notify", socket_path());
    BOOST_TEST((verdict("socket") == Verdict::problem));
}

// Neither type of socket receives the datagrams of sd_notify(3).
BOOST_DATA_TEST_CASE_F(ReadyRun, a_socket_of_another_type_is_a_problem,
                       boost::unit_test::data::make({SOCK_STREAM, SOCK_SEQPACKET}), type) {
    receiver.reset();
    std::filesystem::remove(socket_path());
    const system::UniqueFd listener(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string name = socket_path();
    BOOST_TEST_REQUIRE(name.size() < sizeof address.sun_path);
    name.copy(address.sun_path, name.size());
    BOOST_TEST_REQUIRE(
        ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    BOOST_TEST_REQUIRE(::listen(listener.get(), 1) == 0);
    set_mode(socket_path(), 0666);
    BOOST_TEST((verdict("socket") == Verdict::problem));
}

BOOST_AUTO_TEST_CASE(a_socket_without_a_receiver_is_a_problem) {
    receiver.reset();
    BOOST_TEST_REQUIRE(std::filesystem::exists(socket_path()));
    BOOST_TEST((verdict("socket") == Verdict::problem));
    BOOST_TEST(says("no process receives from"));
}

BOOST_AUTO_TEST_CASE(a_socket_of_another_kernel_cannot_be_checked) {
    overview.run->header.beats = true;
    overview.run->liveness = Liveness::unknown;
    BOOST_TEST((verdict("socket") == Verdict::good));
    receiver.reset();
    BOOST_TEST((verdict("socket") == Verdict::note));
    std::filesystem::remove(socket_path());
    BOOST_TEST((verdict("socket") == Verdict::note));
}

BOOST_AUTO_TEST_CASE(a_socket_of_another_user_cannot_be_checked, *precondition(test::is_root)) {
    set_mode(above.path(), 0755);
    BOOST_TEST((verdict_of_other_user("socket") == Verdict::good));
    set_mode(socket_path(), 0600);
    BOOST_TEST((verdict_of_other_user("socket") == Verdict::note));
}

BOOST_AUTO_TEST_CASE(a_socket_without_a_container_may_refuse_the_user_of_the_app) {
    overview.run->header.pid_namespace = system::initial_pid_namespace;
    set_mode(socket_path(), 0600);
    BOOST_TEST((verdict("socket") == Verdict::good));
    overview.run->state.phase = notify::Phase::starting;
    overview.run->last_sequence = 1;
    BOOST_TEST((verdict("socket") == Verdict::good));
    overview.run->last_sequence = 0;
    BOOST_TEST((verdict("socket") == Verdict::note));
    BOOST_TEST(says("an app of another user needs `wrap --socket-mode=0666`"));
}

// Units of `init` do not use the socket of `wrap`.
BOOST_AUTO_TEST_CASE(a_run_of_init_needs_no_socket) {
    receiver.reset();
    overview.container.emplace();
    overview.container->command_pid = 8;
    BOOST_TEST((verdict("socket") == Verdict::problem));
    overview.container->command_pid = 7;
    BOOST_TEST((verdict("socket") == none));
}

BOOST_AUTO_TEST_CASE(a_program_with_another_notify_socket_is_reported) {
    std::filesystem::create_directory_symlink(path, above.path("link"));
    for (const std::string& ours :
         {socket_path(), concat(above.path("link"), '/', channel::socket_name)}) {
        const test::Variable own("NOTIFY_SOCKET", ours);
        BOOST_TEST((verdict("variable") == none), ours);
    }
    const test::Variable other("NOTIFY_SOCKET", "/run/systemd/notify");
    BOOST_TEST((verdict("variable") == Verdict::problem));
    // We run beside `wait`, for example in ExecStartPost=.
    context.socket_of_waiter = "/run/systemd/notify";
    BOOST_TEST((verdict("variable") == none));
    context.socket_of_waiter = std::nullopt;
    // We are not in the container, so our variable is not that of its programs.
    ++overview.run->header.pid_namespace;
    BOOST_TEST((verdict("variable") == none));
    --overview.run->header.pid_namespace;
    overview.run->liveness = Liveness::ended;
    BOOST_TEST((verdict("variable") == none));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::status::test_check_directory
