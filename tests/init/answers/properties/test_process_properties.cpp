#include "init/answers/properties/process_properties.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"
#include "init/files/directive/directive_tables.hpp"
#include "init/files/load/map_source.hpp"

namespace notifybridge::properties {
namespace {

using util::concat;

using Lines = std::vector<std::string>;

/// Returns the values of one property of a unit whose file has these lines.
Lines values_of(const char* property, const std::string& lines, const char* unit_name) {
    load::test::MapSource source;
    const std::string section = std::string_view(unit_name).ends_with("socket")
                                    ? "[Socket]\nListenStream=/run/a\n"
                                    : "[Service]\nExecStart=/bin/true\n";
    source.files[concat("/lib/", unit_name)] = concat(section, lines, '\n');
    source.files["/lib/a@.service"] = section;
    unit::Messages messages;
    const load::UnitIndex index(source, {"/lib"}, messages);
    const load::LoadedUnit unit =
        load::load(*unit::UnitName::parse(unit_name), index, unit::Facts{}, messages);
    Lines found;
    show_settings(unit, [&](std::string_view name, const std::string& value) {
        if (name == property)
            found.push_back(value);
    });
    return found;
}

std::string value_of(const char* property, const std::string& lines,
                     const char* unit_name = "a.service") {
    const Lines found = values_of(property, lines, unit_name);
    return found.empty() ? "(none)" : found.front();
}

std::set<std::string> names_in_order() {
    std::set<std::string> names;
    for (std::string_view rest = process_properties(); !rest.empty();) {
        std::string_view line = util::take_until(rest, '\n');
        names.emplace(util::take_until(line, '='));
    }
    return names;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(process_settings)

BOOST_AUTO_TEST_CASE(each_property_appears_once) {
    std::set<std::string> names;
    for (std::string_view rest = process_properties(); !rest.empty();) {
        std::string_view line = util::take_until(rest, '\n');
        const std::string name(util::take_until(line, '='));
        BOOST_TEST(!name.empty());
        BOOST_TEST(names.insert(name).second, name << " appears twice");
    }
}

BOOST_AUTO_TEST_CASE(each_printed_directive_has_a_place_in_the_order) {
    const std::set<std::string> names = names_in_order();
    for (const auto& table : {directive::exec_directives(), directive::kill_directives(),
                              directive::sandbox_directives(), directive::cgroup_directives()})
        for (const directive::Row& row : table)
            if (row.field.print)
                directive::for_each_name(row, [&](std::string_view name) {
                    BOOST_TEST(names.contains(directive::property_name(name)), name);
                });
}

BOOST_AUTO_TEST_CASE(a_unit_that_sets_nothing_has_the_defaults) {
    const std::pair<const char*, const char*> defaults[] = {
        {"MemoryMax", "infinity"},  {"TasksMax", "infinity"},
        {"CPUWeight", "[not set]"}, {"CPUQuotaPerSecUSec", "infinity"},
        {"PrivateTmp", "no"},       {"ProtectSystem", "no"},
        {"SystemCallFilter", "~"},  {"RestrictAddressFamilies", "~"},
        {"SyslogPriority", "30"},   {"KeyringMode", "private"},
        {"Slice", "system.slice"},  {"DevicePolicy", "auto"},
        {"DeviceAllow", "(none)"},  {"DelegateControllers", ""},
        {"LogLevelMax", "-1"},      {"ControlGroup", ""},
    };
    for (const auto& [property, value] : defaults)
        BOOST_TEST(value_of(property, "") == value, property);
    BOOST_TEST(value_of("KeyringMode", "", "a.socket") == "shared");
    BOOST_TEST(value_of("Slice", "", "a@b.service") == "system-a.slice");
    BOOST_TEST(value_of("Slice", "Slice=x.slice") == "x.slice");
}

// The values are those of `systemctl show`. The test systemd-show compares these and many more
// properties with systemd.
BOOST_AUTO_TEST_CASE(the_settings_of_a_unit_are_shown_as_by_systemctl) {
    const struct {
        const char *property, *lines, *value;
    } cases[] = {
        {"MemoryMax", "MemoryMax=512M", "536870912"},
        {"MemoryMax", "MemoryMax=512M\nMemoryMax=", "infinity"},
        {"MemoryMax", "MemoryMax=1G\nMemoryMax=much", "1073741824"},
        {"MemoryMin", "MemoryMin=infinity", "18446744073709551615"},
        {"TasksMax", "TasksMax=100", "100"},
        {"CPUQuotaPerSecUSec", "CPUQuota=50%", "500ms"},
        {"CPUQuotaPerSecUSec", "CPUQuota=12.34%", "123.400ms"},
        {"CPUWeight", "CPUWeight=idle", "idle"},
        {"PrivateTmp", "PrivateTmp=true", "yes"},
        {"ProtectSystem", "ProtectSystem=strict", "strict"},
        {"ProtectHome", "ProtectHome=1", "yes"},
        {"DevicePolicy", "PrivateDevices=yes", "closed"},
        {"SyslogPriority", "SyslogFacility=local0\nSyslogLevel=notice", "133"},
        {"SystemCallErrorNumber", "SystemCallErrorNumber=EPERM", "1"},
        {"SystemCallFilter", "SystemCallFilter=@clock", "(none)"},
        {"SystemCallArchitectures", "SystemCallArchitectures=x86 native", "native x86"},
        {"RestrictAddressFamilies", "RestrictAddressFamilies=AF_UNIX AF_INET", "AF_INET AF_UNIX"},
        {"RestrictAddressFamilies", "RestrictAddressFamilies=none", ""},
        {"RestrictAddressFamilies", "RestrictAddressFamilies=~AF_ROUTE", "~AF_NETLINK"},
        {"RestrictNamespaces", "RestrictNamespaces=~user net", "cgroup ipc mnt pid uts"},
        {"RestrictNamespaces", "RestrictNamespaces=yes", "yes"},
        {"AllowedCPUs", "AllowedCPUs=1,0 5", "0-1 5"},
        {"CPUAffinityFromNUMA", "CPUAffinity=numa", "yes"},
        {"IPAddressAllow", "IPAddressAllow=10.1.2.3/8 ::1", "10.0.0.0/8 ::1/128"},
        {"BindPaths", "BindPaths=/a:/b -/c\nBindPaths=/d:/e:norbind",
         "/a:/b:rbind -/c:/c:rbind /d:/e"},
        {"TemporaryFileSystem", "TemporaryFileSystem=/a:ro /b", "/a:ro /b"},
        {"ReadOnlyPaths", "ReadOnlyDirectories=/a//b -/c", "/a/b -/c"},
        {"ManagedOOMMemoryPressureLimit", "ManagedOOMMemoryPressureLimit=40%", "1717986918"},
        {"DelegateControllers", "Delegate=pids cpu", "cpu pids"},
        {"Delegate", "Delegate=pids cpu", "yes"},
    };
    for (const auto& each : cases)
        BOOST_TEST(value_of(each.property, each.lines) == each.value, each.lines);
}

BOOST_AUTO_TEST_CASE(each_line_of_device_allow_is_a_separate_property) {
    const Lines wanted = {"char-pts r", "/dev/null rwm"};
    BOOST_TEST(
        values_of("DeviceAllow", "DeviceAllow=/dev/null\nDeviceAllow=char-pts r", "a.service")
            == wanted,
        boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_dynamic_user_implies_protection) {
    const std::string lines = "DynamicUser=yes\nProtectHome=tmpfs";
    BOOST_TEST(value_of("ProtectSystem", lines) == "strict");
    BOOST_TEST(value_of("ProtectHome", lines) == "tmpfs");
    BOOST_TEST(value_of("PrivateTmp", lines) == "yes");
    BOOST_TEST(value_of("RestrictSUIDSGID", lines) == "yes");
}

BOOST_AUTO_TEST_CASE(a_percentage_is_converted_to_a_share_of_the_machine) {
    const auto all = util::parse_number<std::uint64_t>(value_of("MemoryMax", "MemoryMax=100%"));
    const auto half = util::parse_number<std::uint64_t>(value_of("MemoryMax", "MemoryMax=50%"));
    BOOST_REQUIRE((all && half));
    constexpr std::uint64_t page = 65536;  // The largest size of a page.
    BOOST_TEST(*half <= *all / 2);
    BOOST_TEST(*half + page >= *all / 2);
    BOOST_TEST(util::parse_number<unsigned>(value_of("TasksMax", "TasksMax=50%")).value_or(0) > 0);
}

BOOST_AUTO_TEST_CASE(a_socket_has_no_delegated_groups) {
    BOOST_TEST(value_of("Delegate", "Delegate=yes", "a.socket") == "no");
    BOOST_TEST(value_of("Delegate", "Delegate=yes", "a.service") == "yes");
}

BOOST_AUTO_TEST_CASE(a_repeated_line_does_not_make_a_list_grow_forever) {
    std::string lines;
    for (int line = 0; line < 20000; ++line)
        lines += "ReadOnlyPaths=/some/path\n";
    BOOST_TEST(value_of("ReadOnlyPaths", lines).size() < 20000u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::properties
