#include "init/load/built_in.hpp"

#include <boost/test/unit_test.hpp>

#include "init/load/load.hpp"
#include "init/unit/names.hpp"
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

BOOST_AUTO_TEST_CASE(each_loads_and_nothing_is_wrong_with_it) {
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

BOOST_AUTO_TEST_CASE(what_they_name_is_there) {
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

BOOST_AUTO_TEST_CASE(a_file_on_disk_has_precedence) {
    System system;
    system.files.files["/etc/basic.target"] = "[Unit]\nDescription=mine\n";
    BOOST_TEST(system.load("basic.target").settings.unit.description == "mine");
    BOOST_TEST(system.load("basic.target").fragment_path == "/etc/basic.target");
    BOOST_TEST(system.load("sysinit.target").fragment_path == "/built-in/sysinit.target");
}

BOOST_AUTO_TEST_CASE(the_default_target_is_multi_user_unless_it_is_linked_elsewhere) {
    System system;
    BOOST_TEST(system.load("default.target").id.text() == "multi-user.target");
    system.files.files["/etc/default.target"] = "-> /etc/my.target";
    system.files.files["/etc/my.target"] = "[Unit]\nDescription=mine\n";
    BOOST_TEST(system.load("default.target").id.text() == "my.target");
}

BOOST_AUTO_TEST_CASE(what_is_enabled_for_them_and_their_drop_ins_are_read) {
    System system;
    system.files.files["/etc/multi-user.target.wants/a.service"] = "-> /lib/a.service";
    system.files.files["/etc/multi-user.target.d/b.conf"] = "[Unit]\nDescription=changed\n";
    const LoadedUnit unit = system.load("multi-user.target");
    BOOST_TEST(unit.settings.unit.description == "changed");
    BOOST_TEST(unit.settings.unit.dependencies[unit::Dependency::wants].size() == 1);
}

BOOST_AUTO_TEST_CASE(one_can_be_masked) {
    System system;
    system.files.files["/etc/getty.target"] = "-> /dev/null";
    BOOST_TEST((system.load("getty.target").state == unit::LoadState::masked));
}

BOOST_AUTO_TEST_CASE(other_paths_are_those_of_the_files) {
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
