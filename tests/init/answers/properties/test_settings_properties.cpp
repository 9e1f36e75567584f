#include "init/answers/properties/settings_properties.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <string>
#include <vector>

#include "base/util/concat.hpp"

namespace notifybridge::properties {
namespace {

using util::concat;

using Shown = std::map<std::string, std::string, std::less<>>;

load::LoadedUnit loaded(const char* name) {
    load::LoadedUnit unit(*unit::UnitName::parse(name));
    unit.state = unit::LoadState::loaded;
    return unit;
}

Shown show(const load::LoadedUnit& unit, const RunOf& run_of = {}) {
    Shown shown;
    show_settings(
        unit,
        [&](std::string_view name, const std::string& value) { shown[std::string(name)] = value; },
        run_of);
    return shown;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(settings_properties)

BOOST_AUTO_TEST_CASE(properties_of_states_have_fixed_positions_among_settings) {
    std::string order;
    show_settings(
        loaded("a.service"),
        [&](std::string_view name, const std::string& value) {
            if (value == "here" || name == "Restart" || name == "Id" || name == "CollectMode")
                order += concat(name, ' ');
        },
        {}, {{"ActiveState", "here"}, {"Unheard", "here"}, {"MainPID", "here"}});
    BOOST_TEST(order == "Restart MainPID Id ActiveState CollectMode Unheard ");
}

BOOST_AUTO_TEST_CASE(common_properties_appear_once_even_if_unset) {
    States states = {{"Wants", "some.target"}};
    complete(states);
    BOOST_TEST(states.find("Wants")->second == "some.target");
    BOOST_TEST(states.find("RequiredBy")->second == "");
    BOOST_TEST(!states.contains("MainPID"));
    BOOST_TEST(!states.contains("CollectMode"));
}

BOOST_AUTO_TEST_CASE(a_time_property_has_usec_in_its_name) {
    const Shown shown = show(loaded("a.service"));
    BOOST_TEST(shown.contains("TimeoutStopUSec"));
    BOOST_TEST(!shown.contains("TimeoutStopSec"));
    BOOST_TEST(shown.contains("TimerSlackNSec"));
}

BOOST_AUTO_TEST_CASE(a_unit_shows_the_properties_of_its_type) {
    const Shown service = show(loaded("a.service"));
    const Shown socket = show(loaded("a.socket"));
    const Shown target = show(loaded("a.target"));
    BOOST_TEST(service.contains("Type"));
    BOOST_TEST(service.contains("UMask"));
    BOOST_TEST(!service.contains("Accept"));
    BOOST_TEST(socket.contains("Accept"));
    BOOST_TEST(socket.contains("KillMode"));
    BOOST_TEST(!socket.contains("Type"));
    BOOST_TEST(!target.contains("UMask"));
    BOOST_TEST(target.contains("CollectMode"));
}

BOOST_AUTO_TEST_CASE(a_unit_without_a_description_is_described_by_its_name) {
    BOOST_TEST(show(loaded("a.service"))["Description"] == "a.service");
}

BOOST_AUTO_TEST_CASE(a_unit_that_is_not_loaded_is_shown_with_defaults) {
    load::LoadedUnit unit = loaded("a.service");
    unit.state = unit::LoadState::not_found;
    const Shown shown = show(unit);
    BOOST_TEST(shown.at("LoadState") == "not-found");
    BOOST_TEST(shown.at("Type") == "simple");
    BOOST_TEST(shown.at("TimeoutStartUSec") == "1min 30s");
}

BOOST_AUTO_TEST_CASE(data_for_the_standard_input_is_shown_in_base64) {
    load::LoadedUnit unit = loaded("a.service");
    const std::pair<const char*, const char*> texts[] = {
        {"", ""}, {"h", "aA=="}, {"he", "aGU="}, {"hel", "aGVs"}, {"hello\n", "aGVsbG8K"}};
    for (const auto& [data, text] : texts) {
        unit.settings.exec.edit().standard_input_data.edit() = data;
        BOOST_TEST(show(unit).at("StandardInputData") == text);
    }
}

BOOST_AUTO_TEST_CASE(commands_of_a_unit_are_shown_with_their_last_run) {
    load::LoadedUnit unit = loaded("a.service");
    unit.settings.service.exec_start.edit() = {{"/bin/a", {"/bin/a"}}};
    const unit::Command* const asked_for = &unit.settings.service.exec_start->front();
    const Shown shown = show(unit, [&](const unit::Command& command) {
        BOOST_TEST(&command == asked_for);
        CommandRun run;
        run.pid = 77;
        return run;
    });
    BOOST_TEST(shown.at("ExecStart").find("pid=77") != std::string::npos);
    BOOST_TEST(shown.at("ExecStartEx").find("pid=77") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_property_may_be_shown_with_several_values) {
    std::vector<std::string> shown;
    show_settings(loaded("a.timer"),
                  [&](std::string_view name, const std::string& value) {
                      if (name == "TimersCalendar" || name == "Id")
                          shown.push_back(concat(name, '=', value));
                  },
                  {}, {{"TimersCalendar", "one"}, {"Id", "other"}, {"TimersCalendar", "two"}});
    const std::vector<std::string> wanted = {"TimersCalendar=one", "TimersCalendar=two",
                                             "Id=a.timer"};
    BOOST_TEST(shown == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::properties
