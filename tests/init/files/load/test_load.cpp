#include "init/files/load/load.hpp"

#include <boost/test/unit_test.hpp>

#include "init/files/unit/names.hpp"
#include "map_source.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::load::test_load {
namespace {

const std::vector<std::string> directories = {"/etc", "/run", "/lib"};
constexpr const char* simple = "[Service]\nExecStart=/bin/true\n";

/// A file system in memory, and the messages about its units.
struct System {
    test::MapSource source;
    unit::Messages messages;
    unit::Facts facts;

    System& add(const std::string& path, std::string content) {
        source.files[path] = std::move(content);
        return *this;
    }

    LoadedUnit load(std::string_view name) {
        messages = {};
        const UnitIndex index(source, directories, messages);
        return load::load(unit::test::name(name), index, facts, messages);
    }

    std::string said() const {
        std::string all;
        for (const unit::Message& message : messages.all())
            all += unit::to_string(message) + '\n';
        return all;
    }
};

std::string describing(const std::string& text) {
    return "[Unit]\nDescription=" + text + "\n";
}

std::string documenting(const std::string& text) {
    return "[Unit]\nDocumentation=man:" + text + "\n";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(load_unit)

BOOST_AUTO_TEST_CASE(the_stop_of_a_sysv_script_ends_daemons_that_it_cannot_see) {
    const auto mode_of = [](bool can_see_programs, const std::string& source,
                            const std::string& drop_in = "") {
        System system;
        system.facts.can_see_programs = can_see_programs;
        system.add("/run/a.service", "[Unit]\nSourcePath=" + source
                                         + "\n[Service]\nType=forking\nExecStart=/bin/true\n"
                                           "KillMode=process\n");
        if (!drop_in.empty())
            system.add("/etc/a.service.d/a.conf", "[Service]\nKillMode=" + drop_in + "\n");
        const LoadedUnit unit = system.load("a.service");
        return unit.settings.kill->mode;
    };
    BOOST_TEST((mode_of(false, "/etc/init.d/a") == unit::KillMode::control_group));
    BOOST_TEST((mode_of(false, "/etc/init.d/a", "process") == unit::KillMode::process));
    BOOST_TEST((mode_of(true, "/etc/init.d/a") == unit::KillMode::process));
    BOOST_TEST((mode_of(false, "/etc/fstab") == unit::KillMode::process));
}

BOOST_AUTO_TEST_CASE(the_first_directory_of_the_load_path_has_precedence) {
    System system;
    system.add("/lib/a.service", describing("lib") + simple);
    system.add("/run/a.service", describing("run") + simple);
    const LoadedUnit unit = system.load("a.service");
    BOOST_TEST(unit.settings.unit.description == "run");
    BOOST_TEST(unit.fragment_path == "/run/a.service");
    BOOST_TEST((unit.state == unit::LoadState::loaded));
    BOOST_TEST((system.load("b.service").state == unit::LoadState::not_found));
}

BOOST_AUTO_TEST_CASE(an_empty_file_or_a_null_link_masks_a_unit) {
    System system;
    system.add("/lib/a.service", simple).add("/etc/a.service", "-> /dev/null");
    system.add("/lib/b.service", simple).add("/etc/b.service", "");
    BOOST_TEST((system.load("a.service").state == unit::LoadState::masked));
    BOOST_TEST((system.load("b.service").state == unit::LoadState::masked));
}

BOOST_AUTO_TEST_CASE(a_link_to_a_unit_file_is_an_alias_of_the_unit) {
    System system;
    system.add("/lib/real.service", describing("%n") + simple);
    system.add("/etc/alias.service", "-> /lib/real.service");
    system.add("/etc/other.service", "-> alias.service");
    const LoadedUnit unit = system.load("other.service");
    BOOST_TEST(unit.id.text() == "real.service");
    const std::vector<std::string> names = {"real.service", "alias.service", "other.service"};
    BOOST_TEST(unit.names() == names, boost::test_tools::per_element());
    BOOST_TEST(unit.settings.unit.description == "real.service");
}

BOOST_AUTO_TEST_CASE(a_link_that_cannot_be_an_alias_is_ignored_with_a_warning) {
    System system;
    system.add("/lib/real.socket", simple).add("/etc/a.service", "-> /lib/real.socket");
    BOOST_TEST((system.load("a.service").state == unit::LoadState::not_found));
    BOOST_TEST(system.said()
               == "/etc/a.service: ignoring this link to \"/lib/real.socket\": the names of the link and of its target must have the same type and the same instance, and both or neither must have \"@\".\n");
}

BOOST_AUTO_TEST_CASE(a_cycle_of_links_leads_to_no_unit) {
    System system;
    system.add("/etc/a.service", "-> b.service").add("/etc/b.service", "-> a.service");
    BOOST_TEST((system.load("a.service").state == unit::LoadState::not_found));
}

BOOST_AUTO_TEST_CASE(a_link_to_a_file_outside_the_load_path_loads_this_file) {
    System system;
    system.add("/opt/x.service", simple).add("/etc/a.service", "-> /opt/x.service");
    BOOST_TEST(system.load("a.service").id.text() == "a.service");
}

BOOST_AUTO_TEST_CASE(a_template_is_the_file_of_its_instances) {
    System system;
    system.add("/lib/t@.service", describing("[%i] %n") + simple);
    system.add("/lib/t@own.service", describing("own") + simple);
    system.add("/lib/alias@.service", "-> t@.service");
    BOOST_TEST(system.load("t@x.service").settings.unit.description == "[x] t@x.service");
    BOOST_TEST(system.load("t@own.service").settings.unit.description == "own");
    const LoadedUnit unit = system.load("alias@y.service");
    BOOST_TEST(unit.id.text() == "t@y.service");
    BOOST_TEST(unit.names().at(1) == "alias@y.service");
}

BOOST_AUTO_TEST_CASE(drop_ins_are_read_in_the_order_of_their_names) {
    System system;
    system.add("/lib/a-b@x.service", simple);
    system.add("/lib/service.d/9.conf", documenting("type"));
    system.add("/lib/a-.service.d/8.conf", documenting("no-template"));
    system.add("/lib/a-@.service.d/7.conf", documenting("prefix"));
    system.add("/lib/a-b@.service.d/6.conf", documenting("template"));
    system.add("/lib/a-b@x.service.d/5.conf", documenting("instance"));
    system.add("/lib/a-b@x.service.d/not-one", documenting("not-one"));
    system.add("/lib/a-b@x.service.d/.4.conf", documenting("hidden"));
    const std::vector<std::string> expected = {"man:instance", "man:template", "man:prefix",
                                               "man:no-template", "man:type"};
    BOOST_TEST(*system.load("a-b@x.service").settings.unit.documentation == expected,
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_drop_in_overrides_later_drop_ins_of_the_same_name) {
    System system;
    system.add("/lib/a-b.service", simple);
    system.add("/etc/a-.service.d/1.conf", documenting("etc-prefix"));
    system.add("/run/a-b.service.d/1.conf", documenting("run-own"));
    system.add("/run/a-b.service.d/2.conf", documenting("run-own"));
    system.add("/run/a-.service.d/2.conf", documenting("run-prefix"));
    system.add("/run/a-b.service.d/3.conf", "-> /dev/null");
    system.add("/lib/a-b.service.d/3.conf", documenting("masked"));
    const LoadedUnit unit = system.load("a-b.service");
    const std::vector<std::string> expected = {"man:etc-prefix", "man:run-own"};
    BOOST_TEST(*unit.settings.unit.documentation == expected, boost::test_tools::per_element());
    const std::vector<std::string> paths = {"/etc/a-.service.d/1.conf", "/run/a-b.service.d/2.conf",
                                            "/run/a-b.service.d/3.conf"};
    BOOST_TEST(*unit.drop_in_paths == paths, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_environment_variable_that_is_set_again_keeps_its_place) {
    System system;
    system.add("/lib/a.service",
               std::string(simple) + "Environment=X=1\nEnvironment=\nEnvironment=A=1 B=2 A=3\n");
    system.add("/lib/a.service.d/1.conf", "[Service]\nEnvironment=C=3\nEnvironment=B=4\n");
    const unit::Environment expected = {"A=3", "B=4", "C=3"};
    BOOST_TEST(system.load("a.service").settings.exec->environment == expected,
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_error_in_a_drop_in_ends_only_that_drop_in) {
    System system;
    system.add("/lib/a.service", simple);
    system.add("/lib/a.service.d/1.conf",
               "[Service]\nEnvironment=A=1\nExecStop=/bin/\nEnvironment=B=2\n");
    system.add("/lib/a.service.d/2.conf", "[Service]\nEnvironment=C=3\n");
    const LoadedUnit unit = system.load("a.service");
    const unit::Environment expected = {"A=1", "C=3"};
    BOOST_TEST((unit.state == unit::LoadState::loaded));
    BOOST_TEST(unit.settings.exec->environment == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(names_of_links_in_a_wants_folder_are_dependencies) {
    System system;
    system.add("/lib/a.service", simple).add("/etc/alias.service", "-> /lib/a.service");
    system.add("/etc/a.service.wants/b.service", "-> /nowhere/x.service");
    system.add("/etc/alias.service.wants/c.service", "-> /lib/c.service");
    system.add("/etc/a.service.wants/d.service", "-> /dev/null");
    system.add("/etc/a.service.wants/e.service", "no link");
    system.add("/run/a.service.requires/t@.service", "-> /lib/t@.service");
    system.add("/run/a.service.upholds/f.socket", "-> /lib/f.socket");
    const unit::DependencyNames unit = system.load("a.service").settings.unit.dependencies;
    const unit::Names wants = {"b.service", "c.service"};
    const unit::Names requires_units = {"t@a.service"};
    const unit::Names upholds = {"f.socket"};
    BOOST_TEST(unit[unit::Dependency::wants] == wants, boost::test_tools::per_element());
    BOOST_TEST(unit[unit::Dependency::requires_unit] == requires_units,
               boost::test_tools::per_element());
    BOOST_TEST(unit[unit::Dependency::upholds] == upholds, boost::test_tools::per_element());
    BOOST_TEST(system.said().find("/etc/a.service.wants/e.service: ignoring this file") == 0U);
}

BOOST_AUTO_TEST_CASE(a_repeated_dependency_is_stored_once) {
    System system;
    system.add("/lib/a.service", std::string(simple)
                                     + "[Unit]\nWants=b.service c.service b.service\n"
                                       "Wants=d.service c.service\nAfter=b.service\n");
    system.add("/etc/a.service.wants/b.service", "-> /lib/b.service");
    const unit::DependencyNames unit = system.load("a.service").settings.unit.dependencies;
    const unit::Names wants = {"b.service", "c.service", "d.service"};
    BOOST_TEST(unit[unit::Dependency::wants] == wants, boost::test_tools::per_element());
    BOOST_TEST(unit[unit::Dependency::after].size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_install_section_is_read_from_drop_ins) {
    System system;
    system.add("/lib/a@.service",
               std::string(simple) + "[Install]\nWantedBy=b.target\nDefaultInstance=x\n");
    system.add("/etc/a@.service.d/1.conf", "[Install]\nWantedBy=c.target\nAlias=d@.service\n");
    const unit::InstallSettings install = system.load("a@i.service").settings.install;
    const unit::Names wanted_by = {"b.target", "c.target"};
    BOOST_TEST(install.wanted_by == wanted_by, boost::test_tools::per_element());
    BOOST_TEST(install.alias.at(0) == "d@.service");
    BOOST_TEST(install.default_instance == "x");
}

BOOST_AUTO_TEST_CASE(an_unknown_directive_gets_a_warning_with_file_and_line) {
    System system;
    system.add("/lib/a.service", "[Unit]\nX-Own=1\n[Service]\nexecStart=x\nExecStart=/bin/true\n");
    BOOST_TEST((system.load("a.service").state == unit::LoadState::loaded));
    BOOST_TEST(system.said()
               == "/lib/a.service:4: ignoring execStart=: [Service] has no such directive; "
                  "did you mean ExecStart=?\n");
}

BOOST_AUTO_TEST_CASE(the_number_of_messages_for_a_file_is_limited) {
    System system;
    std::string nonsense;
    for (int line = 0; line < 100'000; ++line)
        nonsense += "nonsense=1\n";
    system.add("/lib/a.service", simple + nonsense + "ExecStop=/bin/\n");
    BOOST_TEST((system.load("a.service").state == unit::LoadState::bad_setting));
    const auto& all = system.messages.all();
    BOOST_TEST_REQUIRE(all.size() == 101U);
    BOOST_TEST(all[99].text
               == "not showing further warnings about this file; errors are still shown.");
    BOOST_TEST((all[100].severity == util::Severity::error));
    BOOST_TEST(all[100].line == 100'003U);
}

BOOST_AUTO_TEST_CASE(one_warning_names_all_unsupported_directives) {
    System system;
    system.add("/lib/a.service", std::string(simple)
                                     + "MemoryMax=1G\nPrivateTmp=yes\nProtectSystem=full\n"
                                       "ProtectHome=no\nSlice=x.slice\nProtectClock=yes\n");
    system.add("/lib/a.service.d/1.conf", "[Service]\nProtectSystem=no\nMemoryMax=2G\n");
    BOOST_TEST((system.load("a.service").state == unit::LoadState::loaded));
    BOOST_TEST(system.said()
               == "/lib/a.service: ignoring unsupported directives: MemoryMax=, Slice=; running "
                  "without the protection of PrivateTmp=, ProtectClock=.\n");
}

BOOST_AUTO_TEST_CASE(unsupported_settings_without_effect_cause_no_warning) {
    System system;
    system.add("/lib/a.service",
               std::string(simple) + "OOMPolicy=continue\nLoadCredential=passwd.root\n");
    system.load("a.service");
    BOOST_TEST(system.said() == "");
    for (const char* const lines : {"OOMPolicy=kill\n", "LoadCredential=a:/file\n"}) {
        system.add("/lib/b.service", std::string(simple) + lines);
        system.load("b.service");
        BOOST_TEST(system.said().starts_with("/lib/b.service: ignoring unsupported directives: "),
                   lines);
    }
    system.add("/etc/credstore/passwd.root", "secret");
    system.load("a.service");
    BOOST_TEST(system.said()
               == "/lib/a.service: ignoring unsupported directives: LoadCredential=.\n");
}

BOOST_AUTO_TEST_CASE(scheduling_policies_have_names_and_numbers) {
    System system;
    const auto load = [&](const std::string& lines) -> unit::ExecSettings {
        static int count = 0;
        const std::string name = "s" + std::to_string(++count) + ".service";
        system.add("/lib/" + name, simple + lines + "\n");
        return system.load(name).settings.exec;
    };
    const auto io = [&](const std::string& lines) { return unit::io_priority(load(lines)); };
    BOOST_TEST(io("IOSchedulingClass=3") == (3 << 13 | 4));
    BOOST_TEST(io("IOSchedulingClass=0x1\nIOSchedulingPriority=7") == (1 << 13 | 7));
    BOOST_TEST(io("IOSchedulingClass=8") == (8 << 13 | 4));
    BOOST_TEST(io("IOSchedulingClass=9") == (2 << 13 | 4));
    BOOST_TEST(io("IOSchedulingClass=-1") == (2 << 13 | 4));
    BOOST_TEST(io("IOSchedulingPriority=2\nIOSchedulingClass=none") == (2 << 13 | 4));
    BOOST_TEST(io("IOSchedulingClass=0\nIOSchedulingPriority=2") == (2 << 13 | 2));
    const auto cpu = [&](const std::string& lines) {
        const unit::ExecSettings exec = load(lines);
        return std::pair(exec.cpu_scheduling_policy.value_or(-1), exec.cpu_scheduling_priority);
    };
    BOOST_TEST((cpu("CPUSchedulingPolicy=3") == std::pair(SCHED_BATCH, 0)));
    BOOST_TEST(
        (cpu("CPUSchedulingPolicy=1\nCPUSchedulingPriority=50") == std::pair(SCHED_FIFO, 50)));
    BOOST_TEST((cpu("CPUSchedulingPolicy=rr\nCPUSchedulingPriority=50\nCPUSchedulingPolicy=5")
                == std::pair(SCHED_IDLE, 0)));
    BOOST_TEST((cpu("CPUSchedulingPolicy=99") == std::pair(99, -1)));
    // The policy limits the priority to its own range, even if the priority comes first.
    BOOST_TEST((cpu("CPUSchedulingPriority=50") == std::pair(-1, 50)));
    BOOST_TEST(
        (cpu("CPUSchedulingPriority=50\nCPUSchedulingPolicy=fifo") == std::pair(SCHED_FIFO, 50)));
    BOOST_TEST((cpu("CPUSchedulingPriority=100") == std::pair(-1, 0)));
    BOOST_TEST((cpu("CPUSchedulingPolicy=2147483648") == std::pair(-1, 0)));
}

BOOST_AUTO_TEST_CASE(delegation_changes_the_default_oom_policy) {
    System system;
    const auto policy = [&](const std::string& lines) {
        system.add("/lib/a.service", simple + lines + "\n");
        return system.load("a.service").settings.service.oom_policy;
    };
    BOOST_TEST((policy("") == unit::OomPolicy::stop));
    BOOST_TEST((policy("Delegate=no") == unit::OomPolicy::stop));
    for (const char* const value : {"yes", "", "cpu memory", "nonsense"})
        BOOST_TEST((policy(std::string("Delegate=") + value) == unit::OomPolicy::continue_running));
    BOOST_TEST((policy("Delegate=yes\nOOMPolicy=kill") == unit::OomPolicy::kill));
}

BOOST_AUTO_TEST_CASE(a_dynamic_user_has_the_units_name_and_no_new_privileges) {
    System system;
    system.add("/lib/a.service", std::string(simple) + "DynamicUser=yes\nNoNewPrivileges=no\n");
    system.add("/lib/a.b.service", std::string(simple) + "DynamicUser=yes\nGroup=c\n");
    system.add("/lib/d@.service", std::string(simple) + "DynamicUser=yes\n");
    system.add("/lib/e.service", std::string(simple) + "DynamicUser=yes\nUser=f\n");
    system.add("/lib/g.service", std::string(simple) + "DynamicUser=yes\nDynamicUser=no\n");
    const auto names = [&](const char* name) {
        const unit::ExecSettings exec = system.load(name).settings.exec;
        return exec.user + ":" + exec.group + (exec.no_new_privileges ? "!" : "");
    };
    BOOST_TEST(names("a.service") == "a:a!");
    BOOST_TEST(names("a.b.service") == "_dud645219be626ade9:c!");
    BOOST_TEST(names("d@x.service") == "d:d!");
    BOOST_TEST(names("e.service") == "f:f!");
    BOOST_TEST(names("g.service") == ":");
}

BOOST_AUTO_TEST_CASE(a_dynamic_user_has_no_home) {
    System system;
    const std::string home = std::string(simple) + "WorkingDirectory=~\n";
    system.add("/lib/a.service", home + "DynamicUser=yes\n");
    system.add("/lib/b.service", home);
    BOOST_TEST((system.load("a.service").state == unit::LoadState::bad_setting));
    BOOST_TEST((system.load("b.service").state == unit::LoadState::loaded));
}

BOOST_AUTO_TEST_CASE(a_warning_names_implied_unsupported_directives) {
    System system;
    system.add("/lib/a.service", std::string(simple) + "DynamicUser=yes\nStateDirectory=a\n");
    system.load("a.service");
    BOOST_TEST(system.said()
               == "/lib/a.service: ignoring unsupported directives: RemoveIPC=; running without "
                  "the protection of PrivateTmp=, ProtectHome=, ProtectSystem=, "
                  "RestrictSUIDSGID=.\n");
}

BOOST_AUTO_TEST_CASE(a_warning_names_directories_that_another_root_lacks) {
    System system;
    const std::string other = std::string(simple) + "RootDirectory=/srv\n";
    system.add("/lib/a.service", other + "CacheDirectory=a\n");
    system.add("/lib/b.service", other + "MountAPIVFS=no\n");
    system.add("/lib/c.service", std::string(simple) + "RootDirectory=/\nStateDirectory=a\n");
    system.load("a.service");
    BOOST_TEST(
        system.said()
        == "/lib/a.service: ignoring unsupported directives: CacheDirectory=, MountAPIVFS=.\n");
    BOOST_TEST(*system.load("b.service").settings.exec->root_directory == "/srv");
    BOOST_TEST(system.said() == "");
    system.load("c.service");
    BOOST_TEST(system.said() == "");
}

BOOST_AUTO_TEST_CASE(a_unit_is_not_started_without_an_essential_directive) {
    System system;
    for (const std::string name :
         {"RootImage", "MountImages", "ExtensionImages", "ExtensionDirectories", "RootEphemeral",
          "RootMStack", "NetworkNamespacePath", "IPCNamespacePath", "UserNamespacePath",
          "BindNetworkInterface"}) {
        system.add("/lib/" + name + ".service", std::string(simple) + name + "=/srv/a\n");
        const LoadedUnit unit = system.load(name + ".service");
        BOOST_TEST(unit.settings.exec->prevented_by == name);
        BOOST_TEST((unit.state == unit::LoadState::loaded));
        BOOST_TEST(
            system.said()
            == "/lib/" + name
                   + ".service: not starting the commands, because the unit needs unsupported "
                     "directives: "
                   + name + "=.\n");
    }
    system.add("/lib/a.service", std::string(simple) + "RootImage=/srv\nRootImage=\n");
    BOOST_TEST(system.load("a.service").settings.exec->prevented_by == "");
}

BOOST_AUTO_TEST_CASE(an_open_quote_ends_the_documentation_list) {
    System system;
    system.add("/lib/a.service", std::string("[Unit]\nDocumentation=man:a \"http://b\n") + simple);
    BOOST_TEST(system.load("a.service").settings.unit.documentation->size() == 1U);
    BOOST_TEST(system.said().starts_with("/lib/a.service:2: "));
}

BOOST_AUTO_TEST_CASE(the_refusal_of_a_unit_names_valid_values) {
    System system;
    system.add("/lib/a.service", std::string(simple) + "ExecStart=/bin/false\n");
    BOOST_TEST((system.load("a.service").state == unit::LoadState::bad_setting));
    BOOST_TEST(system.said()
               == "/lib/a.service: cannot use the unit: only a service of Type=oneshot can have "
                  "more than one ExecStart=; an empty ExecStart= removes the earlier ones.\n");
}

BOOST_AUTO_TEST_CASE(defaults_of_a_service_depend_on_its_type_and_watchdog) {
    System system;
    system.add("/lib/simple.service", simple);
    system.add("/lib/notify.service", std::string(simple) + "Type=notify\n");
    system.add("/lib/watchdog.service", std::string(simple) + "WatchdogSec=1min\n");
    system.add("/lib/dbus.service", std::string(simple) + "BusName=org.example\n");
    system.add("/lib/oneshot.service", "[Service]\nRemainAfterExit=yes\nExecStop=/bin/x\n");
    const auto service = [&](const char* name) { return system.load(name).settings.service; };
    BOOST_TEST((service("simple.service").type == unit::ServiceType::simple));
    BOOST_TEST((service("simple.service").timeout_start == std::chrono::seconds(90)));
    BOOST_TEST((service("simple.service").notify_access == unit::NotifyAccess::none));
    BOOST_TEST((service("notify.service").notify_access == unit::NotifyAccess::main));
    BOOST_TEST((service("watchdog.service").notify_access == unit::NotifyAccess::main));
    BOOST_TEST((service("watchdog.service").watchdog == std::chrono::minutes(1)));
    BOOST_TEST((service("dbus.service").type == unit::ServiceType::dbus));
    BOOST_TEST((service("oneshot.service").type == unit::ServiceType::oneshot));
    BOOST_TEST((service("oneshot.service").timeout_start == util::infinity));
}

BOOST_AUTO_TEST_CASE(an_unsupported_protection_still_removes_capabilities) {
    System system;
    system.add(
        "/lib/a.service",
        std::string(simple) + "CapabilityBoundingSet=CAP_SYS_TIME CAP_CHOWN\nProtectClock=yes\n");
    system.add("/lib/b.service", std::string(simple) + "PrivateDevices=yes\n");
    system.add("/lib/c.service", std::string(simple) + "PrivateDevices=no\n");
    const auto set = [&](const char* name) {
        return system.load(name).settings.exec->capability_bounding_set;
    };
    BOOST_TEST(set("a.service").value() == 1U);
    BOOST_TEST(set("b.service").value() == ~((1ULL << 27) | (1ULL << 17)));
    BOOST_TEST(!set("c.service").has_value());
}

BOOST_AUTO_TEST_CASE(directives_newer_than_systemd_252_are_read) {
    System system;
    system.add("/lib/a.service", std::string(simple)
                                     + "Type=notify-reload\nReloadSignal=USR1\nRestartSteps=3\n"
                                       "RestartMaxDelaySec=1min\nRestartMode=direct\n");
    const unit::ServiceSettings service = system.load("a.service").settings.service;
    BOOST_TEST((service.type == unit::ServiceType::notify_reload));
    BOOST_TEST((service.notify_access == unit::NotifyAccess::main));
    BOOST_TEST(service.reload_signal == 10);
    BOOST_TEST(service.restart_steps == 3U);
    BOOST_TEST((service.restart_max_delay == std::chrono::minutes(1)));
    BOOST_TEST((service.restart_mode == unit::RestartMode::direct));
    BOOST_TEST(system.said() == "");
}

BOOST_AUTO_TEST_CASE(directives_of_systemds_own_newer_units_are_read) {
    System system;
    system.add("/lib/a.service", std::string(simple)
                                     + "RestartMode=debug\nDefaultStartupMemoryLow=1M\n"
                                       "RootImagePolicy=root=verity\n[Unit]\nWantsMountsFor=/var\n"
                                       "SurviveFinalKillSignal=yes\n"
                                       "SuccessAction=soft-reboot-force\nFailureAction=halt\n"
                                       "JobTimeoutAction=kexec-force\nStartLimitAction=halt-immediate\n");
    const unit::Settings settings = system.load("a.service").settings;
    BOOST_TEST((settings.service.restart_mode == unit::RestartMode::debug));
    BOOST_TEST((settings.unit.success_action == unit::EmergencyAction::soft_reboot_force));
    BOOST_TEST((settings.unit.failure_action == unit::EmergencyAction::halt));
    BOOST_TEST((settings.unit.job_timeout_action == unit::EmergencyAction::kexec_force));
    BOOST_TEST((settings.unit.start_limit_action == unit::EmergencyAction::halt_immediate));
    BOOST_TEST(system.said() == "");
}

BOOST_AUTO_TEST_CASE(defaults_of_a_socket_depend_on_accept) {
    System system;
    system.add("/lib/a.socket", "[Socket]\nListenStream=/run/a\nSockets=x\n");
    system.add("/lib/b.socket", "[Socket]\nListenStream=80\nAccept=yes\n");
    const LoadedUnit plain = system.load("a.socket");
    BOOST_TEST(plain.settings.socket->service == "a.service");
    BOOST_TEST(plain.settings.socket->file_descriptor_name == "a.socket");
    BOOST_TEST(plain.settings.socket->trigger_limit_burst.value() == 20U);
    const LoadedUnit accepting = system.load("b.socket");
    BOOST_TEST(accepting.settings.socket->service == "");
    BOOST_TEST(accepting.settings.socket->trigger_limit_burst.value() == 200U);
    BOOST_TEST(!accepting.settings.socket->poll_limit_burst.has_value());
}

BOOST_AUTO_TEST_CASE(poll_limit_settings_have_their_own_defaults) {
    System system;
    system.add("/lib/a.socket", "[Socket]\nListenStream=80\nAccept=yes\nPollLimitIntervalSec=5\n");
    const unit::SocketSettings some = system.load("a.socket").settings.socket;
    BOOST_TEST(some.poll_limit_burst.value() == 150U);
    BOOST_TEST((some.poll_limit_interval == std::chrono::seconds(5)));
    system.add("/lib/b.socket", "[Socket]\nListenStream=80\nPollLimitBurst=3\n");
    BOOST_TEST(
        (system.load("b.socket").settings.socket->poll_limit_interval == std::chrono::seconds(2)));
}

BOOST_AUTO_TEST_CASE(a_variable_may_replace_or_precede_the_load_path) {
    BOOST_TEST(load_path().front() == "/etc/systemd/system.control");
    const std::vector<std::string> replaced = {"/a", "/b"};
    BOOST_TEST(load_path("/a:/b/") == replaced, boost::test_tools::per_element());
    BOOST_TEST(load_path("/a:").size() == load_path().size() + 1);
    BOOST_TEST(load_path("/a:").front() == "/a");
}

BOOST_AUTO_TEST_CASE(unit_files_on_disk_are_read_through_links) {
    const notifybridge::test::TemporaryDirectory directory;
    std::filesystem::create_directory(directory.path("etc"));
    std::filesystem::create_directory(directory.path("lib"));
    std::filesystem::create_directory_symlink("lib", directory.path("link"));
    directory.write("lib/a.service", simple);
    std::filesystem::create_symlink("../link/a.service", directory.path("etc/alias.service"));
    std::filesystem::create_symlink("/dev/null", directory.path("etc/masked.service"));
    std::filesystem::create_directory(directory.path("etc/folder.service"));
    const DiskSource source;
    unit::Messages messages;
    const unit::Facts facts;
    const UnitIndex index(source, {directory.path("etc"), directory.path("lib")}, messages);
    const auto load_one = [&](const char* name) {
        return load(unit::test::name(name), index, facts, messages);
    };
    BOOST_TEST(load_one("alias.service").id.text() == "a.service");
    BOOST_TEST((load_one("alias.service").state == unit::LoadState::loaded));
    BOOST_TEST((load_one("masked.service").state == unit::LoadState::masked));
    BOOST_TEST((load_one("folder.service").state == unit::LoadState::not_found));
    BOOST_TEST(messages.all().empty());
}

BOOST_AUTO_TEST_CASE(a_too_large_unit_file_causes_a_message) {
    const notifybridge::test::TemporaryDirectory directory;
    directory.write("large.service", std::string(17 * 1024 * 1024, '\n'));
    const DiskSource source;
    unit::Messages messages;
    const unit::Facts facts;
    const UnitIndex index(source, {directory.path()}, messages);
    BOOST_TEST((load(unit::test::name("large.service"), index, facts, messages).state
                == unit::LoadState::error));
    BOOST_TEST_REQUIRE(messages.all().size() == 1U);
    BOOST_TEST(messages.all()[0].text == "cannot read this file: File too large.");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::load::test_load
