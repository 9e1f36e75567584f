#include "init/files/load/type_row.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <string>

#include "base/util/concat.hpp"

namespace notifybridge::load {
namespace {

using unit::UnitType;

bool has_section(UnitType type, std::string_view section) {
    return std::ranges::count(type_row(type).sections, section) == 1;
}

/// Returns a text such as "7 shutdown.target". The numbers are those of unit::Dependency.
std::string text_of(std::span<const NamedDependency> dependencies) {
    std::string text;
    for (const NamedDependency& each : dependencies)
        text += util::concat(text.empty() ? "" : ", ", static_cast<int>(each.kind), ' ', each.name);
    return text;
}

std::string text_of(std::initializer_list<NamedDependency> dependencies) {
    return text_of(std::span(dependencies.begin(), dependencies.size()));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(type_rows)

BOOST_AUTO_TEST_CASE(each_unit_type_has_only_its_own_section) {
    BOOST_TEST(has_section(UnitType::service, "Service"));
    BOOST_TEST(!has_section(UnitType::service, "Socket"));
    BOOST_TEST(has_section(UnitType::socket, "Socket"));
    BOOST_TEST(has_section(UnitType::target, "Target"));
    BOOST_TEST(!has_section(UnitType::target, "Service"));
    BOOST_TEST(has_section(UnitType::timer, "Timer"));
    BOOST_TEST(has_section(UnitType::path, "Path"));
    BOOST_TEST(!has_section(UnitType::path, "Timer"));
    for (int at = 0; at <= static_cast<int>(UnitType::scope); ++at)
        for (const char* const section : {"Unit", "Install"})
            BOOST_TEST(has_section(static_cast<UnitType>(at), section), at << ' ' << section);
}

BOOST_AUTO_TEST_CASE(a_unit_type_that_is_not_honoured_adds_no_settings) {
    const TypeRow& mount = type_row(UnitType::mount);
    BOOST_TEST(has_section(UnitType::mount, "Mount"));
    BOOST_TEST(mount.shown.empty());
    BOOST_TEST(mount.defaults.empty());
    BOOST_TEST((!mount.complete && !mount.implied && !mount.triggered && !mount.has_commands));
    BOOST_TEST(mount.words({}).started == "Started ");
}

BOOST_AUTO_TEST_CASE(default_dependencies_depend_on_the_unit_type) {
    using enum unit::Dependency;
    BOOST_TEST(text_of(type_row(UnitType::service).defaults)
               == text_of({{requires_unit, "sysinit.target"},
                           {after, "sysinit.target"},
                           {after, "basic.target"},
                           {conflicts, "shutdown.target"},
                           {before, "shutdown.target"}}));
    BOOST_TEST(text_of(type_row(UnitType::socket).defaults)
               == text_of({{before, "sockets.target"},
                           {requires_unit, "sysinit.target"},
                           {after, "sysinit.target"},
                           {conflicts, "shutdown.target"},
                           {before, "shutdown.target"}}));
    BOOST_TEST(text_of(type_row(UnitType::timer).defaults)
               == text_of({{before, "timers.target"},
                           {requires_unit, "sysinit.target"},
                           {after, "sysinit.target"},
                           {conflicts, "shutdown.target"},
                           {before, "shutdown.target"}}));
    BOOST_TEST(text_of(type_row(UnitType::path).defaults)
               == text_of({{before, "paths.target"},
                           {requires_unit, "sysinit.target"},
                           {after, "sysinit.target"},
                           {conflicts, "shutdown.target"},
                           {before, "shutdown.target"}}));
    BOOST_TEST(text_of(type_row(UnitType::target).defaults)
               == text_of({{conflicts, "shutdown.target"}, {before, "shutdown.target"}}));
}

BOOST_AUTO_TEST_CASE(a_dbus_service_implies_the_bus) {
    using enum unit::Dependency;
    const auto implied = type_row(UnitType::service).implied;
    unit::Settings settings;
    BOOST_TEST(implied(settings).empty());
    settings.service.type = unit::ServiceType::dbus;
    BOOST_TEST(text_of(implied(settings))
               == text_of({{requires_unit, "dbus.socket"}, {after, "dbus.socket"}}));
}

BOOST_AUTO_TEST_CASE(a_timer_with_a_calendar_starts_after_the_clock_is_set) {
    using enum unit::Dependency;
    const auto implied = type_row(UnitType::timer).implied;
    unit::Settings settings;
    settings.timer.edit().rules.push_back({.base = unit::TimerBase::boot, .event = {}});
    BOOST_TEST(implied(settings).empty());
    settings.timer.edit().rules.push_back({.base = unit::TimerBase::calendar, .event = {}});
    BOOST_TEST(text_of(implied(settings))
               == text_of({{after, "time-sync.target"}, {after, "time-set.target"}}));
    settings.unit.default_dependencies = false;
    BOOST_TEST(implied(settings).empty());
}

BOOST_AUTO_TEST_CASE(a_socket_triggers_its_service_unless_accept_is_set) {
    const auto triggered = type_row(UnitType::socket).triggered;
    unit::Settings settings;
    settings.socket.edit().service = "a.service";
    BOOST_TEST(triggered(settings) == "a.service");
    settings.socket.edit().accept = true;
    BOOST_TEST(triggered(settings) == "");
}

BOOST_AUTO_TEST_CASE(a_socket_runs_commands_only_if_its_settings_name_some) {
    const auto has_commands = type_row(UnitType::socket).has_commands;
    unit::Settings settings;
    BOOST_TEST(!has_commands(settings));
    settings.socket.edit().exec_stop_pre.emplace_back();
    BOOST_TEST(has_commands(settings));
    BOOST_TEST(type_row(UnitType::service).has_commands({}));
}

BOOST_AUTO_TEST_CASE(messages_about_a_job_depend_on_the_unit_type) {
    unit::Settings settings;
    const JobWords of_service = type_row(UnitType::service).words(settings);
    BOOST_TEST(of_service.started == "Started ");
    BOOST_TEST(of_service.failed_to_stop == "Stopped (with error) ");
    settings.service.type = unit::ServiceType::oneshot;
    BOOST_TEST(type_row(UnitType::service).words(settings).started == "Finished ");
    const JobWords of_socket = type_row(UnitType::socket).words({});
    BOOST_TEST(of_socket.started == "Listening on ");
    BOOST_TEST(of_socket.stopped == "Closed ");
    BOOST_TEST(of_socket.failed_to_start == "Failed to listen on ");
    const JobWords of_target = type_row(UnitType::target).words({});
    BOOST_TEST(of_target.started == "Reached target ");
    BOOST_TEST(of_target.stopped == "Stopped target ");
    BOOST_TEST(of_target.failed_to_start == "Failed to start ");
}

BOOST_AUTO_TEST_CASE(only_targets_await_pulled_in_units_and_lack_a_start_limit) {
    for (const UnitType type :
         {UnitType::path, UnitType::service, UnitType::socket, UnitType::target, UnitType::timer}) {
        const bool is_target = type == UnitType::target;
        BOOST_TEST(type_row(type).follows_what_it_pulls_in == is_target);
        BOOST_TEST(type_row(type).has_start_limit != is_target);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::load
