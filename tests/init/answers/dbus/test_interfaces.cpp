#include "init/answers/dbus/interfaces.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

#include "base/util/take_until.hpp"
#include "init/answers/properties/process_properties.hpp"

namespace notifybridge::dbus {
namespace {

BOOST_AUTO_TEST_SUITE(interfaces)

BOOST_AUTO_TEST_CASE(members_of_bus_interfaces_are_found_with_their_types) {
    const Interface& manager = find_interface(manager_interface);
    const auto start = find_member(manager.methods, "StartUnit");
    BOOST_REQUIRE(start);
    BOOST_TEST(start->type == "ss");
    BOOST_TEST(start->answer == "o");
    const auto list = find_member(manager.methods, "ListUnits");
    BOOST_REQUIRE(list);
    BOOST_TEST(list->type.empty());
    BOOST_TEST(!find_member(manager.methods, "Start"));
    BOOST_TEST(!find_member(manager.methods, ""));
}

BOOST_AUTO_TEST_CASE(each_type_of_unit_has_its_own_bus_interface) {
    BOOST_REQUIRE(interface_of(unit::UnitType::service));
    BOOST_TEST(interface_of(unit::UnitType::service)->name.view()
               == "org.freedesktop.systemd1.Service");
    BOOST_TEST(!interface_of(unit::UnitType::mount));
    BOOST_TEST(interfaces_of({Object::Kind::unit, "a.service", 0}, unit::UnitType::service).size()
               == 5U);
    BOOST_TEST(interfaces_of({Object::Kind::parent, "", 0}, unit::UnitType::service).size() == 2U);
}

/// Checks that the bus has all properties of `ctl show`, except those in `others`. The types of
/// these exceptions are not simple, or their texts differ from their values.
BOOST_AUTO_TEST_CASE(properties_of_processes_are_on_the_bus) {
    const std::set<std::string_view> others = {"AllowedCPUs",
                                               "AllowedMemoryNodes",
                                               "AmbientCapabilities",
                                               "AppArmorProfile",
                                               "BindPaths",
                                               "BindReadOnlyPaths",
                                               "CPUAffinity",
                                               "CacheDirectorySymlink",
                                               "CapabilityBoundingSet",
                                               "CoredumpFilter",
                                               "DeviceAllow",
                                               "EffectiveCPUs",
                                               "EffectiveMemoryNodes",
                                               "EnvironmentFiles",
                                               "ExtensionImages",
                                               "IPAddressAllow",
                                               "IPAddressDeny",
                                               "LoadCredential",
                                               "LoadCredentialEncrypted",
                                               "LogExtraFields",
                                               "LogsDirectorySymlink",
                                               "ManagedOOMMemoryPressureLimit",
                                               "MountFlags",
                                               "MountImages",
                                               "NUMAMask",
                                               "NUMAPolicy",
                                               "RestrictAddressFamilies",
                                               "RestrictFileSystems",
                                               "RestrictNamespaces",
                                               "RestrictNetworkInterfaces",
                                               "RootHash",
                                               "RootHashPath",
                                               "RootHashSignature",
                                               "RootHashSignaturePath",
                                               "RootVerity",
                                               "RuntimeDirectorySymlink",
                                               "SELinuxContext",
                                               "SetCredential",
                                               "SetCredentialEncrypted",
                                               "SmackProcessLabel",
                                               "StandardInputData",
                                               "StartupAllowedCPUs",
                                               "StartupAllowedMemoryNodes",
                                               "StateDirectorySymlink",
                                               "SystemCallErrorNumber",
                                               "SystemCallFilter",
                                               "SystemCallLog",
                                               "TTYColumns",
                                               "TTYRows",
                                               "TemporaryFileSystem"};
    for (std::string_view rest = properties::process_properties(); !rest.empty();) {
        std::string_view line = util::take_until(rest, '\n');
        const std::string_view name = util::take_until(line, '=');
        for (const auto type : {unit::UnitType::service, unit::UnitType::socket})
            BOOST_TEST(
                find_property(*interface_of(type), name).has_value() == !others.contains(name),
                name);
        BOOST_TEST(!find_property(*interface_of(unit::UnitType::timer), name), name);
    }
}

BOOST_AUTO_TEST_CASE(a_bus_object_is_described_in_xml) {
    const std::vector<const Interface*> job = {&find_interface(job_interface)};
    BOOST_TEST(introspect(job, {"child"})
               == "<!DOCTYPE node PUBLIC \"-//freedesktop//DTD D-BUS Object Introspection 1.0//EN\"\n"
                  "\"http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd\">\n"
                  "<node>\n"
                  " <interface name=\"org.freedesktop.systemd1.Job\">\n"
                  "  <method name=\"Cancel\">\n"
                  "  </method>\n"
                  "  <property name=\"Id\" type=\"u\" access=\"read\"/>\n"
                  "  <property name=\"Unit\" type=\"(so)\" access=\"read\"/>\n"
                  "  <property name=\"JobType\" type=\"s\" access=\"read\"/>\n"
                  "  <property name=\"State\" type=\"s\" access=\"read\"/>\n"
                  " </interface>\n"
                  " <node name=\"child\"/>\n"
                  "</node>\n");
}

BOOST_AUTO_TEST_CASE(bus_arguments_are_split_into_complete_types) {
    const std::vector<const Interface*> manager = {&find_interface(manager_interface)};
    const std::string text = introspect(manager, {});
    BOOST_TEST(text.find("  <method name=\"EnqueueUnitJob\">\n"
                         "   <arg type=\"s\" direction=\"in\"/>\n"
                         "   <arg type=\"s\" direction=\"in\"/>\n"
                         "   <arg type=\"s\" direction=\"in\"/>\n"
                         "   <arg type=\"u\" direction=\"out\"/>\n"
                         "   <arg type=\"o\" direction=\"out\"/>\n"
                         "   <arg type=\"s\" direction=\"out\"/>\n"
                         "   <arg type=\"o\" direction=\"out\"/>\n"
                         "   <arg type=\"s\" direction=\"out\"/>\n"
                         "   <arg type=\"a(uosos)\" direction=\"out\"/>\n")
               != text.npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::dbus
