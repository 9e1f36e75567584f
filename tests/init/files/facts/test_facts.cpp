#include "init/files/facts/facts.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <map>

namespace notifybridge::facts {
namespace {

struct Machine {
    std::map<std::string, std::string> files;
    std::map<std::string, std::string> variables;
    uid_t user = 0;
    std::string host_name = "box.example.org";
    std::string kind = "x86_64";

    unit::Facts facts() const {
        FactSources sources;
        sources.read_file = [this](const char* path) {
            const auto found = files.find(path);
            return found == files.end() ? std::nullopt : std::optional(found->second);
        };
        sources.variable = [this](const char* name) -> const char* {
            const auto found = variables.find(name);
            return found == variables.end() ? nullptr : found->second.c_str();
        };
        sources.user = sources.group = user;
        sources.host_name = host_name;
        sources.kernel_release = "6.1";
        sources.machine = kind;
        return gather_facts(sources);
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(facts)

BOOST_AUTO_TEST_CASE(a_manager_of_root_has_the_directories_of_the_system) {
    const unit::Facts facts = Machine().facts();
    BOOST_TEST(facts.runtime_directory == "/run");
    BOOST_TEST(facts.state_directory == "/var/lib");
    BOOST_TEST(facts.configuration_directory == "/etc");
    BOOST_TEST(facts.temporary_directory == "/tmp");
    BOOST_TEST(facts.large_temporary_directory == "/var/tmp");
    BOOST_TEST(facts.user == "root");
    BOOST_TEST(facts.user_id == "0");
    BOOST_TEST(facts.group == "root");
    BOOST_TEST(facts.home == "/root");
    BOOST_TEST(facts.shell == "/bin/sh");
}

BOOST_AUTO_TEST_CASE(the_capability_ptrace_lets_scripts_see_programs) {
    const auto sees = [](const std::string& status) {
        Machine machine;
        machine.files["/proc/self/status"] = status;
        return machine.facts().can_see_programs;
    };
    BOOST_TEST(sees("Name:\ta\nCapEff:\t000001ffffffffff\nSeccomp:\t0\n"));
    BOOST_TEST(sees("Name:\ta\nCapEff:\t0000000000080000\n"));
    // The default of podman.
    BOOST_TEST(!sees("Name:\ta\nCapEff:\t00000000800405fb\n"));
    BOOST_TEST(sees(""));
}

BOOST_AUTO_TEST_CASE(a_manager_of_a_user_has_directories_of_the_user) {
    Machine machine;
    machine.user = 1000;
    machine.files["/etc/passwd"] =
        "root:x:0:0:root:/root:/bin/bash\njo:x:1000:1000:Jo:/home/jo:/bin/zsh\n";
    machine.files["/etc/group"] = "jos:x:1000:\n";
    const unit::Facts facts = machine.facts();
    BOOST_TEST(facts.user == "jo");
    BOOST_TEST(facts.group == "jos");
    BOOST_TEST(facts.home == "/home/jo");
    BOOST_TEST(facts.shell == "/bin/zsh");
    BOOST_TEST(facts.runtime_directory == "/run/user/1000");
    BOOST_TEST(facts.state_directory == "/home/jo/.config");
    BOOST_TEST(facts.logs_directory == "/home/jo/.config/log");
    BOOST_TEST(facts.data_directory == "/home/jo/.local/share");
    BOOST_TEST(facts.cache_directory == "/home/jo/.cache");
}

BOOST_AUTO_TEST_CASE(variables_set_the_directories_of_a_user) {
    Machine machine;
    machine.user = 1000;
    machine.variables = {{"XDG_RUNTIME_DIR", "/r"},
                         {"XDG_CONFIG_HOME", "/c/"},
                         {"XDG_CACHE_HOME", "not absolute"},
                         {"HOME", "/h"}};
    const unit::Facts facts = machine.facts();
    BOOST_TEST(facts.runtime_directory == "/r");
    BOOST_TEST(facts.configuration_directory == "/c");
    BOOST_TEST(facts.logs_directory == "/c/log");
    BOOST_TEST(facts.cache_directory == "/h/.cache");
    BOOST_TEST(facts.user == "1000");
}

BOOST_AUTO_TEST_CASE(variables_do_not_change_the_directories_of_root) {
    Machine machine;
    machine.variables = {{"XDG_RUNTIME_DIR", "/r"}, {"XDG_CONFIG_HOME", "/c"}};
    BOOST_TEST(machine.facts().runtime_directory == "/run");
    BOOST_TEST(machine.facts().configuration_directory == "/etc");
}

BOOST_AUTO_TEST_CASE(the_default_home_directory_of_pid_1_is_ignored) {
    Machine machine;
    machine.variables["HOME"] = "/";
    BOOST_TEST(machine.facts().home == "/root");
    machine.variables["HOME"] = "/elsewhere";
    BOOST_TEST(machine.facts().home == "/elsewhere");
}

BOOST_AUTO_TEST_CASE(tmpdir_has_precedence_over_temp_and_tmp) {
    Machine machine;
    machine.variables = {{"TMP", "/a"}, {"TEMP", "/b"}, {"TMPDIR", "/c"}};
    BOOST_TEST(machine.facts().temporary_directory == "/c");
    BOOST_TEST(machine.facts().large_temporary_directory == "/c");
    machine.variables.erase("TMPDIR");
    BOOST_TEST(machine.facts().temporary_directory == "/b");
}

BOOST_AUTO_TEST_CASE(the_host_name_has_a_full_short_and_pretty_form) {
    Machine machine;
    BOOST_TEST(machine.facts().host_name == "box.example.org");
    BOOST_TEST(machine.facts().short_host_name == "box");
    BOOST_TEST(machine.facts().pretty_host_name == "box");
    machine.files["/etc/machine-info"] = "PRETTY_HOSTNAME=\"Jo's box\"\n";
    BOOST_TEST(machine.facts().pretty_host_name == "Jo's box");
    machine.host_name = "(none)";
    BOOST_TEST(machine.facts().host_name == "localhost");
}

BOOST_AUTO_TEST_CASE(an_invalid_machine_id_is_ignored) {
    Machine machine;
    BOOST_TEST(!machine.facts().machine_id);
    for (const char* const text : {"", "uninitialized\n", "00000000000000000000000000000000\n"}) {
        machine.files["/etc/machine-id"] = text;
        BOOST_TEST(!machine.facts().machine_id);
    }
    machine.files["/etc/machine-id"] = "0123456789abcdef0123456789ABCDEF\n";
    BOOST_TEST(machine.facts().machine_id.value() == "0123456789abcdef0123456789abcdef");
    machine.files["/proc/sys/kernel/random/boot_id"] = "01234567-89ab-cdef-0123-456789abcdef\n";
    BOOST_TEST(machine.facts().boot_id.value() == "0123456789abcdef0123456789abcdef");
}

BOOST_AUTO_TEST_CASE(the_architecture_has_systemds_name) {
    Machine machine;
    BOOST_TEST(machine.facts().architecture == "x86-64");
    machine.kind = "aarch64";
    BOOST_TEST(machine.facts().architecture == "arm64");
    machine.kind = "riscv64";
    BOOST_TEST(machine.facts().architecture == "riscv64");
}

BOOST_AUTO_TEST_CASE(os_release_is_read_from_etc_or_else_from_usr) {
    Machine machine;
    machine.files["/usr/lib/os-release"] = "ID=debian\nVERSION_ID=\"12\"\nVARIANT_ID=v\n";
    BOOST_TEST(machine.facts().os_id == "debian");
    BOOST_TEST(machine.facts().os_version_id == "12");
    BOOST_TEST(machine.facts().os_variant_id == "v");
    BOOST_TEST(machine.facts().os_build_id == "");
    machine.files["/etc/os-release"] = "ID=other\n";
    BOOST_TEST(machine.facts().os_id == "other");
}

BOOST_AUTO_TEST_CASE(the_facts_of_this_machine_are_found) {
    const unit::Facts facts = gather_facts();
    BOOST_TEST(!facts.host_name.empty());
    BOOST_TEST(!facts.kernel_release.empty());
    BOOST_TEST(facts.user_id == std::to_string(::getuid()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::facts
