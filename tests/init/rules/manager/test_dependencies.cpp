#include "init/rules/manager/dependencies.hpp"

#include <boost/test/unit_test.hpp>

#include "world.hpp"

namespace notifybridge::manager {

using namespace test;

namespace {

/// Returns the names of the units to which `name` has this relation.
std::string related(World& world, std::string_view name, Relation relation) {
    std::vector<std::string> names;
    for (const Unit* const unit : world.unit(name).dependencies.list(relation))
        names.push_back(unit->id());
    std::sort(names.begin(), names.end());
    return join(names);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dependencies)

BOOST_AUTO_TEST_CASE(each_unit_relation_is_the_inverse_of_its_inverse) {
    for (unsigned i = 0; i < static_cast<unsigned>(Relation::count); ++i) {
        const auto relation = static_cast<Relation>(i);
        BOOST_TEST((inverse(inverse(relation)) == relation), to_string(relation));
    }
}

BOOST_AUTO_TEST_CASE(units_have_the_inverse_relations_of_other_units) {
    World world;
    world.add("a.service", "Requires=b.service\nAfter=b.service").add("b.service");
    world.unit("a.service");
    BOOST_TEST(related(world, "b.service", Relation::required_by) == "a.service");
    BOOST_TEST(related(world, "b.service", Relation::before) == "a.service");
}

BOOST_AUTO_TEST_CASE(part_of_does_not_pull_in_a_unit) {
    World world;
    world.add("a.service", "PartOf=b.service").add("b.service");
    BOOST_TEST(world.start("a.service") == "ok");
    BOOST_TEST(world.state("b.service") == "inactive");
    BOOST_TEST(related(world, "b.service", Relation::consists_of) == "a.service");
}

BOOST_AUTO_TEST_CASE(a_unit_has_no_relation_to_itself) {
    World world;
    world.add("a.service", "Requires=a.service\nAfter=a.service");
    BOOST_TEST(world.unit("a.service").dependencies.edges().empty());
}

BOOST_AUTO_TEST_CASE(a_service_is_after_the_basic_system_and_stopped_by_shutdown) {
    World world;
    world.add_default("a.service");
    BOOST_TEST(related(world, "a.service", Relation::requires_unit) == "sysinit.target");
    BOOST_TEST(related(world, "a.service", Relation::after) == "basic.target, sysinit.target");
    BOOST_TEST(related(world, "a.service", Relation::before) == "shutdown.target");
    BOOST_TEST(related(world, "a.service", Relation::conflicts) == "shutdown.target");
}

BOOST_AUTO_TEST_CASE(a_socket_starts_before_its_service_and_triggers_the_service) {
    World world;
    world.add_default("a.socket").add("a.service");
    BOOST_TEST(related(world, "a.socket", Relation::before)
               == "a.service, shutdown.target, sockets.target");
    BOOST_TEST(related(world, "a.socket", Relation::triggers) == "a.service");
    BOOST_TEST(related(world, "a.service", Relation::triggered_by) == "a.socket");
    BOOST_TEST(related(world, "a.socket", Relation::after) == "sysinit.target");
}

BOOST_AUTO_TEST_CASE(a_service_wants_its_sockets) {
    World world;
    world.add("a.service").add("b.socket");
    world.files.files["/units/a.service"] += "Sockets=b.socket\n";
    BOOST_TEST(related(world, "a.service", Relation::wants) == "b.socket");
    BOOST_TEST(related(world, "a.service", Relation::triggered_by) == "b.socket");
}

BOOST_AUTO_TEST_CASE(a_unit_with_directories_is_after_their_mounts) {
    World world;
    const auto order_of = [&](const char* name, const char* line) {
        world.add(name).files.files[std::string("/units/") + name] += line;
        return related(world, name, Relation::after);
    };
    BOOST_TEST(order_of("a.service", "StateDirectory=a\n") == "systemd-remount-fs.service");
    BOOST_TEST(order_of("b.service", "CacheDirectory=a\n") == "systemd-remount-fs.service");
    BOOST_TEST(order_of("c.service", "LogsDirectory=a\n") == "systemd-remount-fs.service");
    BOOST_TEST(order_of("d.service", "RuntimeDirectory=a\nConfigurationDirectory=a\n") == "");
    BOOST_TEST(order_of("e.service", "PrivateTmp=yes\n") == "systemd-tmpfiles-setup.service");
    // As in systemd 257, a directory that only this unit sees has no such dependency.
    BOOST_TEST(order_of("f.service", "DynamicUser=yes\n") == "");
    BOOST_TEST(order_of("h.service", "PrivateTmp=disconnected\n") == "");
    BOOST_TEST(order_of("i.service", "DynamicUser=yes\nPrivateTmp=yes\n")
               == "systemd-tmpfiles-setup.service");
    // A socket without commands needs no directory.
    BOOST_TEST(order_of("g.socket", "StateDirectory=a\n") == "");
    for (const char* const kind : {"StartPre", "StartPost", "StopPre", "StopPost"})
        BOOST_TEST(order_of((std::string(kind) + ".socket").c_str(),
                            ("StateDirectory=a\nExec" + std::string(kind) + "=/bin/x\n").c_str())
                   == "systemd-remount-fs.service");
}

BOOST_AUTO_TEST_CASE(a_service_on_the_bus_needs_the_socket_of_the_bus) {
    World world;
    world.add("a.service").files.files["/units/a.service"] += "Type=dbus\nBusName=a.b\n";
    BOOST_TEST(related(world, "a.service", Relation::requires_unit) == "dbus.socket");
    BOOST_TEST(related(world, "a.service", Relation::after) == "dbus.socket");
}

BOOST_AUTO_TEST_CASE(an_accepting_socket_triggers_no_unit_at_first) {
    World world;
    world.add("a.socket").add("a@.service").files.files["/units/a.socket"] += "Accept=yes\n";
    BOOST_TEST(world.unit("a.socket").dependencies.edges().empty());
}

BOOST_AUTO_TEST_CASE(a_template_gets_its_instance_from_the_unit_that_names_it) {
    World world;
    world.add("a.service", "Wants=b@.service nothing c.service");
    BOOST_TEST(related(world, "a.service", Relation::wants) == "b@a.service, c.service");
}

BOOST_AUTO_TEST_CASE(unrelated_units_have_no_relation) {
    World world;
    world.add("a.service", "After=c.service").add("b.service").add("c.service");
    const Unit& a = world.unit("a.service");
    const Unit& b = world.unit("b.service");
    BOOST_TEST(a.dependencies.has(Effect::after, world.unit("c.service")));
    BOOST_TEST(!a.dependencies.has(Effect::after, b));
    BOOST_TEST(!b.dependencies.has(Effect::after, a));
    BOOST_TEST(!a.dependencies.has(Effect::before, world.unit("c.service")));
}

BOOST_AUTO_TEST_CASE(a_unit_with_an_invalid_setting_keeps_its_dependencies) {
    World world;
    const auto order_of = [&](const char* name, const char* lines) {
        world.add_default(name, "After=b.service");
        world.files.files[std::string("/units/") + name] += lines;
        return related(world, name, Relation::after);
    };
    // The engine has read all lines, although the service cannot be used.
    BOOST_TEST(order_of("a.service", "ExecStart=/bin/again\nStateDirectory=a\n")
               == "b.service, basic.target, sysinit.target, systemd-remount-fs.service");
    BOOST_TEST(world.state("a.service") == "inactive");
    // Only the lines before the refused one were read.
    BOOST_TEST(order_of("c.service",
                        "Sockets=d.socket\nDynamicUser=maybe\nSockets=e.socket\n"
                        "[Unit]\nAfter=f.service\n")
               == "b.service, d.socket");
    BOOST_TEST(related(world, "d.socket", Relation::triggers) == "c.service");
    // The address is invalid, so reading stopped before the socket's service was known.
    BOOST_TEST(order_of("g.socket", "ListenStream=/a/../b\n") == "b.service");
    BOOST_TEST(related(world, "g.socket", Relation::triggers) == "g.service");
    BOOST_TEST(related(world, "g.socket", Relation::conflicts) == "");
}

BOOST_AUTO_TEST_CASE(a_target_is_after_the_units_that_it_pulls_in) {
    World world;
    world.add_default("a.target", "Wants=b.service\nRequires=c.service");
    world.add_default("b.service").add_default("c.service");
    BOOST_TEST(related(world, "a.target", Relation::after) == "b.service, c.service");
}

BOOST_AUTO_TEST_CASE(a_target_is_not_after_units_that_are_after_the_target) {
    World world;
    world.add_default("a.target", "Wants=b.service").add_default("b.service", "After=a.target");
    BOOST_TEST(related(world, "a.target", Relation::after) == "");
}

BOOST_AUTO_TEST_CASE(without_default_dependencies_a_target_has_no_order) {
    World world;
    world.add_default("a.target", "Wants=b.service").add("b.service");
    world.add("c.target", "Wants=d.service").add_default("d.service");
    BOOST_TEST(related(world, "a.target", Relation::after) == "");
    BOOST_TEST(related(world, "c.target", Relation::after) == "");
}

BOOST_AUTO_TEST_CASE(a_target_is_not_after_a_missing_unit) {
    World world;
    world.add_default("a.target", "Wants=b.service");
    BOOST_TEST(related(world, "a.target", Relation::after) == "");
}

BOOST_AUTO_TEST_CASE(a_target_that_loads_after_its_units_is_also_ordered) {
    World world;
    world.add_default("a.target", "Wants=b.service").add_default("b.service");
    world.unit("b.service");
    BOOST_TEST(related(world, "a.target", Relation::after) == "b.service");
}

BOOST_AUTO_TEST_CASE(a_missing_unit_is_loaded_as_not_found) {
    World world;
    world.add("a.service", "Wants=b.service");
    BOOST_TEST((world.unit("b.service").loaded().state == unit::LoadState::not_found));
    BOOST_TEST(world.unit("b.service").dependencies.edges().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::manager
