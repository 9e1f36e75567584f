#include "init/hands/execute/environment.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include "base/system/error.hpp"
#include "base/system/executable.hpp"
#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "init/files/unit/merge_variables.hpp"
#include "init/hands/execute/exec_directory.hpp"
#include "init/hands/execute/glob.hpp"

namespace notifybridge::execute {
namespace {

using util::concat;

constexpr std::size_t longest_file = 16 * 1024 * 1024;

template <typename Strings>
std::string join(const Strings& strings) {
    std::string out;
    for (const auto& text : strings) {
        if (!out.empty())
            out += ':';
        out += text;
    }
    return out;
}

/// Reads an environment file. If `may_be_missing` is true, returns an empty environment if the file
/// cannot be read or is not valid.
unit::Environment read_environment_file(const std::string& path, bool may_be_missing) {
    const auto text = system::read_text(path, longest_file);
    auto found = text ? unit::parse_strict_environment_file(*text) : std::nullopt;
    if (!found && !may_be_missing)
        system::throw_error(text ? EINVAL : text.error().value(), text ? "parse" : "read", path);
    return std::move(found).value_or(unit::Environment());
}

/// Returns whether the process gets the variable TERM. Only a process that uses a terminal gets it
/// (systemd.exec(5), TERM).
bool needs_term(const unit::ExecSettings& exec) {
    const auto is_terminal = [](unit::OutputKind kind) {
        return kind == unit::OutputKind::tty || kind == unit::OutputKind::journal_and_console
               || kind == unit::OutputKind::kmsg_and_console;
    };
    const unit::InputKind input = exec.standard_input.kind;
    return input == unit::InputKind::tty || input == unit::InputKind::tty_force
           || input == unit::InputKind::tty_fail || is_terminal(exec.standard_output.kind)
           || is_terminal(exec.standard_error.kind) || !exec.tty_path->empty();
}

/// Returns the value of TERM for a terminal: "linux" for a virtual console, the TERM of PID 1 for
/// /dev/console, and otherwise "vt220".
std::string_view term_of(std::string_view tty) {
    if (tty.empty() || tty == "/dev/console") {
        const char* const own = ::getenv("TERM");
        return own && ::getpid() == 1 ? own : "vt220";
    }
    constexpr std::string_view prefix = "/dev/tty";
    const bool is_console =
        tty.starts_with(prefix) && util::parse_number<unsigned>(tty.substr(prefix.size()));
    return is_console ? "linux" : "vt220";
}

/// Adds the variables that the manager sets for the process.
void add_own(unit::Environment& environment, const unit::ExecSettings& exec,
             const EnvironmentFacts& given) {
    const auto set = [&](std::string_view name, std::string_view value) {
        if (!value.empty())
            unit::set_variable(environment, concat(name, '=', value));
    };
    if (!given.fd_names.empty()) {
        set("LISTEN_PID", pid_placeholder);
        set("LISTEN_FDS", concat(given.fd_names.size()));
        unit::set_variable(environment, concat("LISTEN_FDNAMES=", join(given.fd_names)));
    }
    if (given.watchdog > util::TimeSpan::zero()) {
        set("WATCHDOG_PID", pid_placeholder);
        set("WATCHDOG_USEC", concat(given.watchdog.count()));
    }
    set("HOME", given.identity.home);
    set("LOGNAME", given.identity.user);
    // As in systemd since 256, USER also names the manager's own user.
    set("USER", given.identity.user.empty() ? given.facts.user : given.identity.user);
    set("SHELL", given.identity.shell);
    set("INVOCATION_ID", given.invocation_id);
    if (needs_term(exec))
        set("TERM", term_of(*exec.tty_path));
    for (const ExecDirectoryKind& kind : exec_directory_kinds)
        set(kind.variable, join(directory_paths(kind, exec, given.facts)));
    set("SYSTEMD_EXEC_PID", pid_placeholder);
}

void add_passed(unit::Environment& environment, const unit::Names& names) {
    for (const std::string& name : names)
        if (const char* const value = ::getenv(name.c_str()))
            unit::set_variable(environment, concat(name, '=', value));
}

bool is_locale_variable(std::string_view assignment) {
    return assignment.starts_with("LANG=") || assignment.starts_with("LANGUAGE=")
           || assignment.starts_with("LC_");
}

}  // namespace

unit::Environment manager_environment(std::string_view locale_conf) {
    unit::Environment environment = {concat("PATH=", system::default_search_path), "LANG=C.UTF-8"};
    unit::Environment locale = unit::parse_environment_file(locale_conf);
    std::erase_if(locale, [](const std::string& a) { return !is_locale_variable(a); });
    unit::merge_variables(environment, locale);
    std::ranges::sort(environment);
    return environment;
}

unit::Environment read_environment_files(const std::vector<unit::EnvironmentFile>& files) {
    unit::Environment found;
    for (const unit::EnvironmentFile& file : files) {
        const auto paths = glob(file.path);
        if (paths.empty() && !file.may_be_missing)
            system::throw_error(ENOENT, "open", file.path);
        for (const std::string& path : paths)
            unit::merge_variables(found, read_environment_file(path, file.may_be_missing));
    }
    return found;
}

unit::Environment make_environment(const unit::ExecSettings& exec, const EnvironmentFacts& given) {
    unit::Environment environment = given.manager;
    unit::merge_variables(environment, given.process);
    add_own(environment, exec, given);
    if (!exec.exec_search_path->empty())
        unit::set_variable(environment, concat("PATH=", join(*exec.exec_search_path)));
    add_passed(environment, exec.pass_environment);
    unit::merge_variables(environment, exec.environment);
    unit::merge_variables(
        environment, given.files ? *given.files : read_environment_files(exec.environment_files));
    for (const std::string& name : *exec.unset_environment)
        unit::unset_variable(environment, name);
    return environment;
}

}  // namespace notifybridge::execute
