#include <boost/test/unit_test.hpp>

#include "init/files/load/load.hpp"
#include "map_source.hpp"

namespace notifybridge::load {
namespace {

using unit::PathKind;

/// The unit a.path with this [Path] section, and the messages about it.
struct PathFile {
    explicit PathFile(const std::string& lines, const std::string& name = "a.path")
        : unit(*unit::UnitName::parse(name)) {
        test::MapSource source;
        source.files["/units/" + name] = "[Path]\n" + lines;
        unit::Messages messages;
        const UnitIndex index(source, {"/units"}, messages);
        unit = load::load(*unit::UnitName::parse(name), index, unit::Facts{}, messages);
        for (const unit::Message& message : messages.all())
            said += unit::to_string(message) + '\n';
    }
    const unit::PathSettings& path() const { return unit.settings.path; }
    bool says(std::string_view text) const { return said.find(text) != said.npos; }

    LoadedUnit unit;
    std::string said;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(path_type)

BOOST_AUTO_TEST_CASE(rules_of_a_path_unit_keep_the_order_of_the_file) {
    const PathFile file(
        "PathExists=/a\nPathExistsGlob=/b*\nPathChanged=/c\nPathModified=/d/./e//f/\n"
        "DirectoryNotEmpty=/%p\n");
    BOOST_TEST((file.unit.state == unit::LoadState::loaded));
    BOOST_TEST((file.path().rules
                == std::vector<unit::PathRule>{{PathKind::exists, "/a"},
                                               {PathKind::exists_glob, "/b*"},
                                               {PathKind::changed, "/c"},
                                               {PathKind::modified, "/d/e/f"},
                                               {PathKind::directory_not_empty, "/a"}}));
    BOOST_TEST(file.said == "");
}

BOOST_AUTO_TEST_CASE(an_empty_rule_of_a_path_unit_clears_all_its_rules) {
    const PathFile file("PathExists=/a\nPathChanged=/b\nDirectoryNotEmpty=\nPathModified=/c\n");
    BOOST_REQUIRE(file.path().rules.size() == 1u);
    BOOST_TEST(file.path().rules[0].path == "/c");
}

BOOST_AUTO_TEST_CASE(a_path_unit_without_rules_is_refused) {
    const PathFile file("MakeDirectory=yes\n");
    BOOST_TEST((file.unit.state == unit::LoadState::bad_setting));
    BOOST_TEST(file.says("it does not have a path to watch; set for example PathExists="));
}

BOOST_AUTO_TEST_CASE(a_rule_of_a_path_unit_that_is_not_a_path_is_ignored) {
    const PathFile file("PathExists=relative\nPathChanged=/a/../b\nPathModified=/"
                        + std::string(4100, 'x') + "\nDirectoryNotEmpty=/%Z\nPathExistsGlob=*\n");
    BOOST_TEST(file.path().rules.empty());
    BOOST_TEST(file.says("it is not an absolute path"));
    BOOST_TEST(file.says("it contains \"..\""));
    BOOST_TEST(file.says("the path or a file name in it is too long"));
}

BOOST_AUTO_TEST_CASE(a_path_unit_triggers_the_service_of_the_same_name) {
    BOOST_TEST(PathFile("PathExists=/a\n").path().unit == "a.service");
    BOOST_TEST(PathFile("PathExists=/a\n", "a@b.path").path().unit == "a@b.service");
    BOOST_TEST(PathFile("PathExists=/a\nUnit=c.target\n").path().unit == "c.target");
}

BOOST_AUTO_TEST_CASE(trigger_limits_that_are_not_set_have_defaults) {
    const PathFile file("PathExists=/a\n");
    BOOST_TEST((file.path().trigger_limit_interval == std::chrono::seconds(2)));
    BOOST_TEST(file.path().trigger_limit_burst.value() == 200u);
    const PathFile half("PathExists=/a\nTriggerLimitIntervalSec=1min\nTriggerLimitBurst=\n");
    BOOST_TEST((half.path().trigger_limit_interval == std::chrono::minutes(1)));
    BOOST_TEST(half.path().trigger_limit_burst.value() == 200u);
    const PathFile none("PathExists=/a\nTriggerLimitIntervalSec=0\nTriggerLimitBurst=0\n");
    BOOST_TEST((none.path().trigger_limit_interval == util::TimeSpan::zero()));
    BOOST_TEST(none.path().trigger_limit_burst.value() == 0u);
}

BOOST_AUTO_TEST_CASE(the_mounts_of_all_paths_of_a_path_unit_are_required) {
    const PathFile file("PathExists=/a\nPathChanged=/b\nPathModified=/a\n");
    BOOST_TEST(
        (*file.unit.settings.unit.requires_mounts_for == std::vector<std::string>{"/a", "/b"}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::load
