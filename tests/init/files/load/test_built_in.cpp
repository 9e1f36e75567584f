#include "init/files/load/built_in.hpp"

#include <boost/test/unit_test.hpp>

#include "init/files/load/load.hpp"
#include "init/files/unit/names.hpp"
#include "map_source.hpp"

namespace notifybridge::load {
namespace {

struct System {
    test::MapSource files;
    BuiltInSource source{files};
    unit::Messages messages;

    UnitIndex index() { return {source, {"/etc", built_in_directory}, messages}; }
    LoadedUnit load(std::string_view name) {
        const UnitIndex all = index();
        return load::load(unit::test::name(name), all, unit::Facts{}, messages);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(built_in)

BOOST_AUTO_TEST_CASE(each_built_in_unit_loads_without_messages) {
    System system;
    std::size_t count = 0;
    for (const std::string& name : system.index().names()) {
        const LoadedUnit unit = system.load(name);
        BOOST_TEST((unit.state == unit::LoadState::loaded), name);
        BOOST_TEST(!unit.settings.unit.description.empty(), name);
        ++count;
    }
    BOOST_TEST(count > 30);
    for (const unit::Message& message : system.messages.all())
        BOOST_ERROR(unit::to_string(message));
}

BOOST_AUTO_TEST_CASE(built_in_units_name_only_existing_units) {
    System system;
    for (const std::string& name : system.index().names()) {
        const LoadedUnit unit = system.load(name);
        const unit::DependencyNames& dependencies = unit.settings.unit.dependencies;
        for (std::size_t kind = 0; kind < static_cast<std::size_t>(unit::Dependency::count); ++kind)
            for (const std::string& other : dependencies[static_cast<unit::Dependency>(kind)])
                BOOST_TEST((system.load(other).state == unit::LoadState::loaded),
                           name + ' ' + other);
    }
}

BOOST_AUTO_TEST_CASE(useless_units_of_systemds_package_are_skipped) {
    System system;
    system.files.files["/etc/systemd-initctl.socket"] = "[Socket]\nListenFIFO=/run/initctl\n";
    system.files.files["/etc/systemd-firstboot.service"] = "[Service]\nExecStart=/bin/true\n";
    for (const char* const name : {"systemd-initctl.socket", "systemd-firstboot.service"}) {
        const LoadedUnit unit = system.load(name);
        BOOST_TEST_REQUIRE(unit.settings.unit.conditions->size() == 1U);
        BOOST_TEST(unit.settings.unit.conditions->front().is_negated);
        BOOST_TEST_REQUIRE(unit.drop_in_paths->size() == 1U);
        const auto text = system.source.read(unit.drop_in_paths->front());
        BOOST_TEST_REQUIRE(text.has_value());
        BOOST_TEST(text->starts_with("# It "));
    }
    BOOST_TEST((system.load("systemd-update-utmp.service").state == unit::LoadState::not_found));
}

BOOST_AUTO_TEST_CASE(a_failed_stop_of_user_runtime_dir_service_is_ignored) {
    System system;
    system.files.files["/etc/user-runtime-dir@.service"] =
        "[Service]\nType=oneshot\nExecStart=/lib/systemd/systemd-user-runtime-dir start %i\n"
        "ExecStop=/lib/systemd/systemd-user-runtime-dir stop %i\n";
    const LoadedUnit unit = system.load("user-runtime-dir@1000.service");
    BOOST_TEST(unit.settings.unit.conditions->empty());
    BOOST_TEST(unit.settings.service.exec_start->size() == 1U);
    BOOST_TEST_REQUIRE(unit.settings.service.exec_stop->size() == 1U);
    const unit::Command& command = unit.settings.service.exec_stop->front();
    BOOST_TEST(command.ignores_failure);
    BOOST_TEST_REQUIRE(command.argv.size() == 4U);
    BOOST_TEST(command.argv.back().ends_with("/user/1000"));
}

// logind of a container with a user who lingers asked for the state of a skipped unit again and
// again, and process 1 used a whole processor.
BOOST_AUTO_TEST_CASE(user_service_becomes_active_and_does_nothing) {
    System system;
    system.files.files["/etc/user@.service"] =
        "[Service]\nType=notify\nExecStart=/lib/systemd/systemd --user\nUser=%i\n";
    const LoadedUnit unit = system.load("user@1000.service");
    BOOST_TEST(unit.settings.unit.conditions->empty());
    BOOST_TEST((unit.settings.service.type == unit::ServiceType::oneshot));
    BOOST_TEST(unit.settings.service.remain_after_exit);
    BOOST_TEST_REQUIRE(unit.settings.service.exec_start->size() == 1U);
    BOOST_TEST(unit.settings.service.exec_start->front().ignores_failure);
}

BOOST_AUTO_TEST_CASE(a_drop_in_of_the_image_can_enable_a_skipped_unit) {
    System system;
    system.files.files["/etc/systemd-firstboot.service"] = "[Service]\nExecStart=/bin/true\n";
    system.files.files["/etc/systemd-firstboot.service.d/mine.conf"] =
        "[Unit]\nConditionPathExists=\n";
    BOOST_TEST(system.load("systemd-firstboot.service").settings.unit.conditions->empty());
}

BOOST_AUTO_TEST_CASE(a_file_on_disk_overrides_a_built_in_unit) {
    System system;
    system.files.files["/etc/basic.target"] = "[Unit]\nDescription=mine\n";
    BOOST_TEST(system.load("basic.target").settings.unit.description == "mine");
    BOOST_TEST(system.load("basic.target").fragment_path == "/etc/basic.target");
    BOOST_TEST(system.load("sysinit.target").fragment_path == "/built-in/sysinit.target");
}

BOOST_AUTO_TEST_CASE(multi_user_is_the_default_target_unless_a_link_changes_it) {
    System system;
    BOOST_TEST(system.load("default.target").id.text() == "multi-user.target");
    system.files.files["/etc/default.target"] = "-> /etc/my.target";
    system.files.files["/etc/my.target"] = "[Unit]\nDescription=mine\n";
    BOOST_TEST(system.load("default.target").id.text() == "my.target");
}

BOOST_AUTO_TEST_CASE(built_in_units_obey_drop_ins_and_links_to_enabled_units) {
    System system;
    system.files.files["/etc/multi-user.target.wants/a.service"] = "-> /lib/a.service";
    system.files.files["/etc/multi-user.target.d/b.conf"] = "[Unit]\nDescription=changed\n";
    const LoadedUnit unit = system.load("multi-user.target");
    BOOST_TEST(unit.settings.unit.description == "changed");
    BOOST_TEST(unit.settings.unit.dependencies[unit::Dependency::wants].size() == 1);
}

BOOST_AUTO_TEST_CASE(a_built_in_unit_can_be_masked) {
    System system;
    system.files.files["/etc/getty.target"] = "-> /dev/null";
    BOOST_TEST((system.load("getty.target").state == unit::LoadState::masked));
}

BOOST_AUTO_TEST_CASE(paths_other_than_built_in_units_are_read_from_disk) {
    System system;
    system.files.files["/etc/a"] = "text";
    BOOST_TEST((system.source.kind("/etc/a") == FileKind::regular));
    BOOST_TEST(system.source.read("/etc/a").value() == "text");
    BOOST_TEST((system.source.kind("/built-in/none.target") == FileKind::missing));
    BOOST_TEST(system.source.read("/built-in/none.target").has_error());
    BOOST_TEST((system.source.kind("/built-in-not/basic.target") == FileKind::missing));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::load
