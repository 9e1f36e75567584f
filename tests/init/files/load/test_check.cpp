#include <boost/test/unit_test.hpp>

#include "base/util/words.hpp"
#include "init/files/load/load.hpp"
#include "init/files/load/map_source.hpp"

namespace notifybridge::directive {
namespace {

using Values = std::initializer_list<const char*>;

/// The result of loading a service that contains one given line.
struct Verdict {
    unit::LoadState state;
    bool has_line;  ///< Whether there is a message about the line.
};

Verdict verdict(const std::string& key, const std::string& value) {
    load::test::MapSource source;
    source.files["/lib/a.service"] =
        "[Service]\nExecStart=/bin/true\n" + key + '=' + value + "\n[Install]\n";
    unit::Messages messages;
    const load::UnitIndex index(source, {"/lib"}, messages);
    const load::LoadedUnit unit =
        load::load(*unit::UnitName::parse("a.service"), index, unit::Facts{}, messages);
    bool has_line = false;
    for (const unit::Message& message : messages.all())
        has_line = has_line || message.line == 3;
    return {unit.state, has_line};
}

/// Checks values that systemd 257 accepts, and values that it ignores with a warning.
void check_values(const char* keys, Values good, Values bad) {
    util::WordReader words(keys);
    std::string key;
    while (words.next(key) == util::Extracted::word) {
        for (const char* const value : good)
            BOOST_TEST(!verdict(key, value).has_line, key << '=' << value << " is taken");
        for (const char* const value : bad) {
            const Verdict found = verdict(key, value);
            BOOST_TEST(found.has_line, key << '=' << value << " is ignored");
            BOOST_TEST((found.state == unit::LoadState::loaded), key << '=' << value);
        }
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(check)

BOOST_AUTO_TEST_CASE(booleans_of_unsupported_directives_are_checked) {
    check_values(
        "PrivateNetwork MemoryDenyWriteExecute RemoveIPC CPUAccounting PrivatePIDs MemoryKSM "
        "PrivateBPF StateDirectoryAccounting LogsDirectoryAccounting",
        {"yes", "0", "True"}, {"", "perhaps", "\"yes", "no yes"});
    check_values("MountAPIVFS", {"", "no"}, {"perhaps"});
}

BOOST_AUTO_TEST_CASE(choices_of_unsupported_directives_are_checked) {
    check_values("ProtectSystem", {"yes", "full", "strict", "off"}, {"", "read-only", "fu"});
    check_values("ProtectHome", {"no", "read-only", "tmpfs"}, {"", "full", "read-only tmpfs"});
    check_values("PrivateTmp", {"yes", "0", "connected", "disconnected"},
                 {"", "perhaps", "no yes"});
    check_values("PrivateUsers", {"yes", "self", "identity"}, {"", "root"});
    check_values("StandardInputData", {"bW9yZQo=", "bW9yZQ=="},
                 {"====", "b===", "bW9yZR==", "bW9"});
    check_values("ProtectControlGroups", {"off", "private", "strict"}, {"", "full"});
    check_values("CPUSetPartition", {"root", "isolated"}, {"", "yes"});
    check_values("MemoryTHP", {"inherit", "madvise"}, {"", "yes"});
    check_values("MemoryPressureWatch CPUPressureWatch IOPressureWatch", {"auto", "skip", "no"},
                 {"", "perhaps"});
    check_values("KeyringMode", {"private"}, {"", "yes"});
    check_values("ProtectProc", {"invisible", "default"}, {"pid"});
    check_values("DevicePolicy", {"closed"}, {"open", ""});
    check_values("SyslogLevel LogLevelMax", {"debug", "7"}, {"8", "verbose", ""});
    check_values("SyslogFacility", {"daemon", "local7"}, {"local8"});
}

BOOST_AUTO_TEST_CASE(amounts_of_unsupported_directives_have_limits) {
    check_values("MemoryMax MemoryHigh", {"", "1G", "50%", "infinity", "12.5%"},
                 {"0", "0%", "101%", "much", "1.555%"});
    check_values("MemoryLow MemorySwapMax", {"0", "0%"}, {"-1"});
    check_values("TasksMax", {"", "100", "50%", "infinity"}, {"0", "1K", "\"infinity"});
    check_values("CPUWeight", {"", "idle", "1", "10000"}, {"0", "10001", "x"});
    check_values("IOWeight", {"", "100"}, {"idle"});
    check_values("CPUQuota", {"", "20%", "250%"}, {"20", "0%"});
    check_values("LogRateLimitIntervalSec", {"30s", "0"}, {"soon", ""});
    check_values("LogRateLimitBurst", {"1000"}, {"many", "-1"});
}

BOOST_AUTO_TEST_CASE(each_word_of_an_unsupported_list_is_checked) {
    check_values("RestrictAddressFamilies", {"", "none", "AF_UNIX AF_INET", "~AF_PACKET"},
                 {"AF_NONSENSE", "UNIX", "AF_INET inet"});
    check_values("RestrictNamespaces", {"", "yes", "~user net", "uts time"},
                 {"nets", "\"ipc", "net x"});
    check_values("SystemCallArchitectures", {"", "native", "x86-64 x32"}, {"amd64"});
    check_values("ReadWritePaths InaccessibleDirectories", {"", "/a -/b +/c -+/d", "/%n"},
                 {"a", "/a/../b", "%Z", "/a b"});
    check_values("IPAddressDeny IPAddressAllow", {"", "any", "10.0.0.0/8 ::1 localhost"},
                 {"10.0.0.0/33", "::1/129", "everybody"});
    check_values("DeviceAllow", {"", "/dev/null rw", "char-pts", "block-* m"},
                 {"/etc", "/dev/null x", "null"});
    check_values("Delegate", {"", "yes", "cpu memory"}, {"cpus"});
    check_values("Slice", {"a.slice", "system-%p.slice"}, {"", "a", "a.service"});
}

BOOST_AUTO_TEST_CASE(texts_of_unsupported_directives_expand_specifiers) {
    check_values("SyslogIdentifier PAMName UtmpIdentifier", {"", "%n", "a b"}, {"%Z"});
}

BOOST_AUTO_TEST_CASE(unsupported_conditions_of_newer_releases_are_named) {
    load::test::MapSource source;
    source.files["/lib/a.service"] =
        "[Unit]\nConditionMachineTag=web\nAssertFraction=10%\n[Service]\nExecStart=/bin/true\n";
    unit::Messages messages;
    const load::UnitIndex index(source, {"/lib"}, messages);
    const load::LoadedUnit unit =
        load::load(*unit::UnitName::parse("a.service"), index, unit::Facts{}, messages);
    BOOST_TEST(unit.settings.unit.conditions->empty());
    BOOST_TEST_REQUIRE(messages.all().size() == 1U);
    BOOST_TEST(messages.all().front().text
               == "ignoring unsupported directives: AssertFraction=, ConditionMachineTag=.");
}

BOOST_AUTO_TEST_CASE(a_former_name_of_a_directive_gets_a_warning) {
    check_values("MemoryLimit CPUShares", {}, {"1000"});
}

BOOST_AUTO_TEST_CASE(an_invalid_value_of_a_strict_directive_refuses_a_unit) {
    const auto is_refused = [](const char* key, const char* value) {
        const Verdict found = verdict(key, value);
        return found.has_line && found.state == unit::LoadState::bad_setting;
    };
    BOOST_TEST(is_refused("DynamicUser", "perhaps"));
    BOOST_TEST(is_refused("DynamicUser", ""));
    BOOST_TEST(!is_refused("DynamicUser", "yes"));
    for (const char* const key : {"RootDirectory", "RootImage", "RootVerity"}) {
        BOOST_TEST(is_refused(key, "relative"));
        BOOST_TEST(is_refused(key, "/%Z"));
        BOOST_TEST(!is_refused(key, ""));
        BOOST_TEST(!is_refused(key, "/srv"));
    }
    for (const char* const key : {"AppArmorProfile", "SELinuxContext", "SmackProcessLabel"}) {
        BOOST_TEST(is_refused(key, "%Z"));
        BOOST_TEST(!is_refused(key, "-profile"));
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::directive
