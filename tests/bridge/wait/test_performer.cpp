#include "bridge/wait/performer.hpp"

#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/process/children.hpp"
#include "base/process/print.hpp"
#include "support/log_records.hpp"
#include "support/run_loop.hpp"

namespace notifybridge::wait {
namespace {

using namespace std::chrono_literals;
using PlanKind = WaitPlan::Action::Kind;

/// A command, and no service manager.
struct Performed {
    test::LogRecords log{util::Severity::notice};
    event::Loop loop;
    process::Supervisor supervisor{loop, false};
    relay::Uplink uplink{loop, std::nullopt};
    Performer performer{supervisor, uplink, 90s};
    std::optional<process::ExitStatus> end;

    Performed() {
        supervisor.on_event = [this](const process::SupervisorEvent& event) {
            if (const auto* const ended = std::get_if<process::CommandEnded>(&event))
                end = ended->end;
        };
        loop.spawn([this] { return supervisor.run(); });
        supervisor.start(process::shell("exec sleep 10"));
    }
    ~Performed() {
        if (supervisor.running())
            end_by(SIGKILL);
    }

    process::ExitStatus end_by(int signal) {
        performer.perform({PlanKind::signal_command, signal});
        test::run(loop, [this] { return test::until(loop, [this] { return end.has_value(); }); });
        return *end;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(performer, Performed)

BOOST_AUTO_TEST_CASE(the_signal_of_an_action_goes_to_the_command) {
    BOOST_TEST(end_by(SIGTERM) == process::ExitStatus::killed(SIGTERM));
    BOOST_TEST(log.texts().empty());
}

BOOST_AUTO_TEST_CASE(the_kill_of_a_command_is_explained) {
    BOOST_TEST(end_by(SIGKILL) == process::ExitStatus::killed(SIGKILL));
    BOOST_TEST(log.texts()
                   == std::vector<std::string>{"sending SIGKILL, because the stop took longer than "
                                               "1min 30s (--stop-timeout) [stop-timeout]"},
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_text_of_an_action_is_logged_with_its_severity) {
    performer.perform({PlanKind::log, 0, {}, util::Severity::notice, "seen"});
    performer.perform({PlanKind::log, 0, {}, util::Severity::info, "not seen"});
    BOOST_TEST(log.texts() == std::vector<std::string>{"seen"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_performer_ignores_actions_of_its_caller) {
    for (const PlanKind kind :
         {PlanKind::signal_run, PlanKind::kill_container, PlanKind::explain_late, PlanKind::finish})
        performer.perform({kind, SIGKILL});
    BOOST_TEST(log.texts().empty());
    BOOST_TEST(end_by(SIGTERM) == process::ExitStatus::killed(SIGTERM));
}

BOOST_AUTO_TEST_CASE(a_missing_service_manager_causes_a_warning) {
    performer.warn_of_manager();
    BOOST_TEST(log.has("NOTIFY_SOCKET is not set: printing messages"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::wait
