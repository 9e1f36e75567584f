#include "init/rules/unit_types/restart.hpp"

#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <string>

namespace notifybridge::unit_types {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A result, and the values of Restart= that restart the service after this result
/// (systemd.service(5), Table 1). `restarts` has a 1 or a 0 for each of the values in `columns`.
struct Row {
    Result result;
    std::string restarts;
};
const Row table[] = {
    {Result::success, "0110000"},         {Result::exit_code, "0101000"},
    {Result::signal, "0101110"},          {Result::core_dump, "0101110"},
    {Result::timeout, "0101100"},         {Result::watchdog, "0101101"},
    {Result::resources, "0101100"},       {Result::protocol, "0101100"},
    {Result::start_limit_hit, "0101100"}, {Result::exec_condition, "0000000"},
};
const unit::Restart columns[] = {
    unit::Restart::no,          unit::Restart::always,      unit::Restart::on_success,
    unit::Restart::on_failure,  unit::Restart::on_abnormal, unit::Restart::on_abort,
    unit::Restart::on_watchdog,
};

ExecStatus ended(process::ExitStatus status) {
    ExecStatus run;
    run.ended(status, false, {});
    return run;
}

unit::ServiceSettings settings_of(unit::Restart restart) {
    unit::ServiceSettings settings;
    settings.restart = restart;
    return settings;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(restart)

BOOST_AUTO_TEST_CASE(each_value_of_restart_obeys_the_table_in_the_manual) {
    BOOST_TEST(std::size(table) == static_cast<std::size_t>(Result::exec_condition) + 1);
    for (const Row& row : table)
        for (std::size_t column = 0; column < std::size(columns); ++column)
            BOOST_TEST(shall_restart(settings_of(columns[column]), row.result, {})
                           == (row.restarts[column] == '1'),
                       to_string(row.result) << ", column " << column);
}

BOOST_AUTO_TEST_CASE(a_status_or_signal_can_prevent_a_restart) {
    for (const unit::Restart restart : columns) {
        unit::ServiceSettings settings = settings_of(restart);
        settings.restart_prevent_exit_status.edit().statuses.set(42);
        settings.restart_prevent_exit_status.edit().signals.set(SIGKILL);
        settings.restart_force_exit_status = settings.restart_prevent_exit_status;
        for (const auto status :
             {process::ExitStatus::exited(42), process::ExitStatus::killed(SIGKILL)})
            BOOST_TEST(!shall_restart(settings, Result::exit_code, ended(status)));
    }
}

BOOST_AUTO_TEST_CASE(a_status_or_signal_can_force_a_restart) {
    for (const unit::Restart restart : columns) {
        unit::ServiceSettings settings = settings_of(restart);
        settings.restart_force_exit_status.edit().statuses.set(0);
        settings.restart_force_exit_status.edit().signals.set(SIGTERM);
        for (const auto status :
             {process::ExitStatus::exited(0), process::ExitStatus::killed(SIGTERM)})
            BOOST_TEST(shall_restart(settings, Result::success, ended(status)));
        // Neither another status nor a missing one forces a restart.
        BOOST_TEST(!shall_restart(settings, Result::exec_condition,
                                  ended(process::ExitStatus::exited(1))));
        BOOST_TEST(!shall_restart(settings, Result::exec_condition, {}));
    }
}

BOOST_AUTO_TEST_CASE(each_restart_without_steps_has_the_same_delay) {
    unit::ServiceSettings settings;
    for (const unsigned number : {1U, 2U, 100U})
        BOOST_CHECK(restart_delay(settings, number) == milliseconds(100));
    settings.restart_steps = 3;
    BOOST_CHECK(restart_delay(settings, 100) == milliseconds(100));
}

BOOST_AUTO_TEST_CASE(restart_steps_increase_the_delay_by_a_constant_factor) {
    unit::ServiceSettings settings;
    settings.restart_delay = seconds(1);
    settings.restart_max_delay = seconds(16);
    settings.restart_steps = 4;
    const int expected[] = {1, 2, 4, 8, 16, 16, 16};
    for (unsigned number = 1; number <= std::size(expected); ++number)
        BOOST_TEST(restart_delay(settings, number).count() == expected[number - 1] * 1'000'000);
}

BOOST_AUTO_TEST_CASE(restart_steps_need_a_delay_below_the_maximum) {
    unit::ServiceSettings settings;
    settings.restart_steps = 4;
    settings.restart_max_delay = seconds(1);
    settings.restart_delay = seconds(0);
    BOOST_CHECK(restart_delay(settings, 9) == seconds(0));
    settings.restart_delay = seconds(2);
    BOOST_CHECK(restart_delay(settings, 9) == seconds(2));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::unit_types
