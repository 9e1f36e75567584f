#include "init/rules/unit_types/kill_plan.hpp"

#include <signal.h>

#include <boost/test/unit_test.hpp>

namespace notifybridge::unit_types {
namespace {

constexpr pid_t main_pid = 10;
constexpr pid_t control_pid = 11;

unit::KillSettings settings_with(unit::KillMode mode) {
    unit::KillSettings settings;
    settings.mode = mode;
    return settings;
}

KillRequest plan(const unit::KillSettings& settings, KillOperation operation) {
    const auto request = plan_kill(settings, operation, main_pid, control_pid);
    BOOST_REQUIRE(request);
    return *request;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(kill_plan)

BOOST_AUTO_TEST_CASE(kill_mode_none_spares_all_processes) {
    const auto settings = settings_with(unit::KillMode::none);
    BOOST_TEST(!plan_kill(settings, KillOperation::terminate, main_pid, control_pid));
    BOOST_TEST(!plan_kill(settings, KillOperation::kill, main_pid, control_pid));
}

BOOST_AUTO_TEST_CASE(each_kill_operation_has_its_own_signal) {
    unit::KillSettings settings;
    settings.kill_signal = SIGINT;
    settings.watchdog_signal = SIGQUIT;
    settings.final_signal = SIGUSR2;
    BOOST_TEST(plan(settings, KillOperation::terminate).signal == SIGINT);
    BOOST_TEST(plan(settings, KillOperation::restart).signal == SIGINT);
    BOOST_TEST(plan(settings, KillOperation::abort).signal == SIGQUIT);
    BOOST_TEST(plan(settings, KillOperation::kill).signal == SIGUSR2);
    settings.restart_signal = SIGUSR1;
    BOOST_TEST(plan(settings, KillOperation::restart).signal == SIGUSR1);
    BOOST_TEST(plan(settings, KillOperation::terminate).signal == SIGINT);
}

BOOST_AUTO_TEST_CASE(the_main_and_the_control_process_are_always_signalled) {
    for (const auto mode :
         {unit::KillMode::process, unit::KillMode::mixed, unit::KillMode::control_group}) {
        const KillRequest request = plan(settings_with(mode), KillOperation::terminate);
        BOOST_TEST(request.main == main_pid);
        BOOST_TEST(request.control == control_pid);
    }
}

BOOST_AUTO_TEST_CASE(kill_mode_decides_whether_other_processes_are_signalled) {
    const auto others = [](unit::KillMode mode, KillOperation operation) {
        const KillRequest request = plan(settings_with(mode), operation);
        BOOST_TEST(request.others_signal == (request.all_others ? request.signal : 0));
        return request.all_others;
    };
    BOOST_TEST(!others(unit::KillMode::process, KillOperation::terminate));
    BOOST_TEST(!others(unit::KillMode::process, KillOperation::kill));
    BOOST_TEST(!others(unit::KillMode::mixed, KillOperation::terminate));
    BOOST_TEST(!others(unit::KillMode::mixed, KillOperation::abort));
    BOOST_TEST(others(unit::KillMode::mixed, KillOperation::kill));
    BOOST_TEST(others(unit::KillMode::control_group, KillOperation::terminate));
    BOOST_TEST(others(unit::KillMode::control_group, KillOperation::kill));
}

BOOST_AUTO_TEST_CASE(sighup_follows_only_the_signal_of_a_stop) {
    unit::KillSettings settings;
    BOOST_TEST(!plan(settings, KillOperation::terminate).also_hangup);
    settings.send_sighup = true;
    BOOST_TEST(plan(settings, KillOperation::terminate).also_hangup);
    BOOST_TEST(!plan(settings, KillOperation::restart).also_hangup);
    BOOST_TEST(!plan(settings, KillOperation::kill).also_hangup);
    settings.kill_signal = SIGHUP;
    BOOST_TEST(!plan(settings, KillOperation::terminate).also_hangup);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::unit_types
