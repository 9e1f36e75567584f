#include <boost/test/unit_test.hpp>

#include "init/files/load/load.hpp"
#include "map_source.hpp"

namespace notifybridge::load {
namespace {

using unit::TimerBase;

/// The unit a.timer with this [Timer] section, and the messages about it.
struct TimerFile {
    explicit TimerFile(const std::string& lines, const std::string& name = "a.timer")
        : unit(*unit::UnitName::parse(name)) {
        test::MapSource source;
        source.files["/units/" + name] = "[Timer]\n" + lines;
        unit::Messages messages;
        const UnitIndex index(source, {"/units"}, messages);
        unit = load::load(*unit::UnitName::parse(name), index, unit::Facts{}, messages);
        for (const unit::Message& message : messages.all())
            said += unit::to_string(message) + '\n';
    }
    const unit::TimerSettings& timer() const { return unit.settings.timer; }
    bool says(std::string_view text) const { return said.find(text) != said.npos; }

    LoadedUnit unit;
    std::string said;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(timer_type)

BOOST_AUTO_TEST_CASE(rules_of_a_timer_keep_the_order_of_the_file) {
    const TimerFile file("OnBootSec=15min\nOnCalendar=daily\nOnUnitActiveSec=1d\n");
    BOOST_TEST((file.unit.state == unit::LoadState::loaded));
    BOOST_REQUIRE(file.timer().rules.size() == 3u);
    BOOST_TEST((file.timer().rules[0].base == TimerBase::boot));
    BOOST_TEST((file.timer().rules[0].span == std::chrono::minutes(15)));
    BOOST_TEST(calendar::to_string(file.timer().rules[1].event) == "*-*-* 00:00:00");
    BOOST_TEST((file.timer().rules[2].base == TimerBase::unit_active));
    BOOST_TEST(file.said == "");
}

BOOST_AUTO_TEST_CASE(an_empty_rule_of_a_timer_clears_all_its_rules) {
    const TimerFile file("OnBootSec=1\nOnCalendar=daily\nOnActiveSec=\nOnStartupSec=2\n");
    BOOST_REQUIRE(file.timer().rules.size() == 1u);
    BOOST_TEST((file.timer().rules[0].base == TimerBase::startup));
}

BOOST_AUTO_TEST_CASE(a_timer_that_never_elapses_is_refused) {
    const TimerFile file("AccuracySec=1\n");
    BOOST_TEST((file.unit.state == unit::LoadState::bad_setting));
    BOOST_TEST(file.says("it never elapses; set for example OnCalendar="));
    for (const char* const line : {"OnClockChange=yes\n", "OnTimezoneChange=yes\n"})
        BOOST_TEST((TimerFile(line).unit.state == unit::LoadState::loaded), line);
}

BOOST_AUTO_TEST_CASE(a_rule_of_a_timer_that_cannot_be_read_is_ignored) {
    const TimerFile file("OnCalendar=Feb 30 or so\nOnBootSec=soon\nOnActiveSec=-1\n");
    BOOST_TEST(file.timer().rules.empty());
    BOOST_TEST(file.says("it is not a calendar event, such as \"daily\" or \"Mon..Fri 12:00\""));
    BOOST_TEST(file.says("it is not a time span, such as \"90\" or \"5min 20s\""));
}

BOOST_AUTO_TEST_CASE(a_warning_names_the_unknown_time_zone_of_a_timer) {
    const TimerFile file("OnCalendar=daily Mars/Phobos\n");
    BOOST_TEST(file.says("the time zone \"Mars/Phobos\" is not in /usr/share/zoneinfo"));
}

BOOST_AUTO_TEST_CASE(a_timer_triggers_the_service_of_the_same_name) {
    BOOST_TEST(TimerFile("OnBootSec=1\n").timer().unit == "a.service");
    BOOST_TEST(TimerFile("OnBootSec=1\n", "a@b.timer").timer().unit == "a@b.service");
    BOOST_TEST(TimerFile("OnBootSec=1\nUnit=c@.service\n", "a@b.timer").timer().unit
               == "c@b.service");
}

BOOST_AUTO_TEST_CASE(a_timer_triggers_exactly_one_unit_other_than_itself) {
    const TimerFile file("OnBootSec=1\nUnit=a.timer\nUnit=a.target\nUnit=c.service\n");
    BOOST_TEST(file.timer().unit == "a.target");
    BOOST_TEST(file.says("a unit cannot trigger itself"));
    BOOST_TEST(file.says("this unit already triggers a.target"));
}

BOOST_AUTO_TEST_CASE(a_persistent_timer_needs_the_directory_of_its_stamp) {
    BOOST_TEST(TimerFile("OnBootSec=1\n").unit.settings.unit.requires_mounts_for->empty());
    const TimerFile file("OnBootSec=1\nPersistent=yes\n");
    BOOST_TEST(file.unit.settings.unit.requires_mounts_for->front() == "/var/lib/systemd/timers");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::load
