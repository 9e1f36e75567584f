#include "bridge/runtime/run.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <system_error>

#include "base/cli/settings.hpp"
#include "base/process/cgroup_unit.hpp"
#include "base/system/error.hpp"
#include "base/system/file.hpp"
#include "base/util/base_name.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/log.hpp"
#include "base/util/words.hpp"
#include "bridge/runtime/ask_manager.hpp"
#include "bridge/runtime/container_config.hpp"
#include "bridge/runtime/docker_file.hpp"
#include "bridge/runtime/docker_json.hpp"
#include "bridge/runtime/docker_setup.hpp"
#include "bridge/runtime/health_check.hpp"
#include "bridge/runtime/health_options.hpp"
#include "bridge/runtime/hook.hpp"
#include "bridge/runtime/own_executable.hpp"
#include "bridge/runtime/podman_settings.hpp"
#include "bridge/runtime/real_runtime.hpp"
#include "bridge/runtime/refusal.hpp"
#include "bridge/runtime/run_options.hpp"

namespace notifybridge::runtime {
namespace {

using util::concat;
using util::quote;

/// The parent directory of our place (RunPlace) if the runtime directory does not exist.
constexpr const char* above_temporary = "/tmp";

bool is_same_file(const std::string& one, const std::string& other) {
    const auto identity = system::identity(one);
    return identity && identity == system::identity(other);
}

/// Returns the runtime directory: /run for root, and otherwise $XDG_RUNTIME_DIR. Returns an empty
/// text if the variable is not set. A unit of root's user manager also gets $XDG_RUNTIME_DIR,
/// because a unit of the system may have the same name.
std::string runtime_directory(const process::CgroupUnit& unit) {
    return ::geteuid() == 0 && !unit.user ? "/run" : cli::variable("XDG_RUNTIME_DIR").value_or("");
}

process::CgroupUnit own_unit() {
    return process::unit_of_process("self");
}

/// Returns the path of the place that `make_place` would create, for --dry-run. UNIT stands for the
/// unit's name, and X for random letters.
std::string shown_place() {
    const std::string above = runtime_directory({});
    return above.empty() ? temporary_place(above_temporary) : service_place(above, "UNIT");
}

/// Creates the place of the unit, or a place for this process alone.
RunPlace make_place() {
    const process::CgroupUnit unit = own_unit();
    const std::string above = runtime_directory(unit);
    auto place = cli::variable("INVOCATION_ID") && unit.is_service() && !above.empty()
                     ? RunPlace::of_service(above, unit.name)
                     : RunPlace::temporary(above.empty() ? above_temporary : above);
    if (!place.why_unbounded().empty())
        util::log(util::Severity::warning, util::Topic::process,
                  "cannot give the shared directory its own file system (", place.why_unbounded(),
                  "): continuing without it; the container can fill ", above);
    return place;
}

std::string variable(std::string_view name) {
    return cli::variable(std::string(name).c_str())
        .value_or(name == "HOME" && ::geteuid() == 0 ? "/root" : "");
}

/// Warns if the settings of dockerd do not have our runtime. The error of docker would only report
/// that the runtime is unknown. dockerd may still have the runtime from other settings, which is
/// more likely if another user has started it.
void warn_of_docker() {
    const auto owner = find_unset_docker(variable);
    if (owner == DockerOwner::user || (owner && ::geteuid() == 0))
        util::log(util::Severity::warning, util::Topic::process, docker_settings_of(*owner),
                  " does not have the runtime ", docker_runtime, ": run ",
                  configure_command(*owner));
}

/// Warns of a --restart= that cannot work. With docker or nerdctl, or if podman detaches, `wait`
/// ends when the container ends for the first time. NOTIFYBRIDGE_TOKEN is valid only while `wait`
/// runs, and the manager needs a valid token to start the container again.
void warn_of_restart(const ManagerCommand& command) {
    const bool is_in_vain = !command.manager->follows_restarts || command.is_detached;
    if (is_in_vain && !command.restart.empty() && command.restart != "no")
        util::log(util::Severity::warning, util::Topic::process,
                  "ignoring --restart=", command.restart,
                  ": only this unit can start the container again; set Restart= in the unit");
}

/// Says where the output of the container is. A client that detaches does not copy it.
void announce_detached_output(const ManagerCommand& command, std::string_view program) {
    if (command.is_detached)
        util::log(util::Severity::notice, util::Topic::process,
                  "--detach keeps the output of the container out of this log; `", program,
                  " logs ", command.name.empty() ? "CONTAINER" : util::shell_word(command.name),
                  "` prints it");
}

/// Warns of unknown options, for which we must guess whether the next word is their value. A wrong
/// guess hides the next option or the image. The value is not logged, because it may be secret.
void warn_of_guesses(std::span<const std::string> command, const ManagerCommand& places) {
    std::vector<RunOption> options = places.unknown_globals;
    const RunOptions after_verb = read_run_options(command, places.verb + 1);
    options.insert(options.end(), after_verb.all.begin(), after_verb.all.end());
    for (const RunOption& option : options) {
        if (!option.is_unknown || option.name.size() == 1
            || command[option.begin].find('=') != std::string::npos)
            continue;
        const std::string_view name = option.name;
        const std::string guess =
            option.end - option.begin == 1
                ? concat("assuming that it has no value; otherwise write ", name, "=VALUE")
                : concat("assuming that the next word is its value; if it has none, write ", name,
                         "=true");
        util::log(util::Severity::warning, util::Topic::process, "unknown option ", quote(name),
                  ": ", guess);
    }
}

/// Asks docker for the health check of the image. Returns nothing if docker does not have the image
/// yet or cannot be asked. In these cases, docker also runs the check itself.
std::vector<std::string> ask_for_health_check(std::span<const std::string> command,
                                              const ManagerCommand& places) {
    const std::size_t image = find_image(command, places.verb + 1);
    if (image == command.size())
        return {};
    std::vector<std::string> question(
        command.begin(), command.begin() + static_cast<std::ptrdiff_t>(places.global_end));
    question.insert(question.end(),
                    {"image", "inspect", "--format={{json .Config}}", "--", command[image]});
    const auto doubt = [&](std::string_view why) {
        util::log(util::Severity::warning, util::Topic::process, util::join_shell_words(question),
                  ' ', why, "; docker and wrap will both run the image's health check");
        return std::vector<std::string>();
    };
    try {
        const ManagerAnswer answer = ask_manager(question);
        if (!answer.status)
            return doubt(concat("did not answer completely within ", longest_answer.count(), " s"));
        if (!answer.status->success())
            return {};
        const auto config = read_docker_json(answer.output);
        return config.is_object() ? health_words(config) : doubt("did not print a JSON object");
    } catch (const Refusal& refusal) {
        return doubt(concat("printed an unusable health check: ", refusal.what()));
    } catch (const std::system_error&) {
        // Do not report this, because the start of the container fails for the same reason and
        // reports it.
        return {};
    }
}

}  // namespace

Run::Run(std::vector<std::string> command, bool is_dry)
    : command_(std::move(command)),
      manager_(read_manager_command(command_, variable)),
      is_dry_(is_dry) {
    check_context(manager_, variable);
}

bool Run::sets_own_variable() const {
    const std::string assignment = concat(options_variable, '=');
    return std::ranges::any_of(read_run_options(command_, manager_.verb + 1).all,
                               [&](const RunOption& option) {
                                   return (option.name == "e" || option.name == "--env")
                                          && option.value.starts_with(assignment);
                               });
}

void Run::check_own_variable() const {
    if (sets_own_variable())
        throw Refusal(
            concat(quote(options_variable), " after ", command_.front(),
                   " would replace the options of `run`; give all these options to `run`, before ",
                   command_.front()));
}

void Run::take_over_health_check(std::vector<std::string>& wrap_options) {
    if (wrap_options.empty() && sets_own_variable())
        return;
    health_ = runtime::take_over_health_check(command_, manager_, wrap_options, [this] {
        return ask_for_health_check(command_, manager_);
    });
    wrap_options.insert(wrap_options.begin(), health_.words.begin(), health_.words.end());
}

void Run::pass_ports(std::vector<std::string>& wrap_options) const {
    if (wrap_options.empty() && sets_own_variable())
        return;
    if (const std::string ports = published_ports(command_, manager_); !ports.empty())
        wrap_options.insert(wrap_options.begin(), concat("--published=", ports));
}

std::string Run::shared_directory() {
    return concat(place(), "/shared");
}

std::vector<std::string> Run::whole_command() {
    return put_in(health_.switches_off ? without_health_options(command_, manager_) : command_,
                  manager_, words());
}

void Run::warn_of_app_option() const {
    if (const auto option = misplaced_option_of_run(command_, manager_); !option.empty())
        util::log(util::Severity::warning, util::Topic::process, "passing ", quote(option),
                  " to the app, because it follows the image; if it is meant for `run`, put it "
                  "before ",
                  util::base_name(command_.front()));
}

void Run::warn() const {
    if (manager_.manager->needs_setup && !is_dry_)
        warn_of_docker();
    warn_of_restart(manager_);
    announce_detached_output(manager_, util::base_name(command_.front()));
    warn_of_guesses(command_, manager_);
    for (const std::string& warning : health_.warnings)
        util::log(util::Severity::warning, util::Topic::process, warning);
}

std::string Run::place() {
    if (is_dry_)
        return shown_place();
    if (!place_.is_made())
        place_ = make_place();
    return place_.path();
}

/// Returns a path of our executable that ends in the name of a runtime. This is the path of the
/// installed link, or else of a new link. Returns an empty text if podman's settings name a runtime
/// that we cannot replace.
std::string Run::find_runtime() {
    const Manager& manager = *manager_.manager;
    const std::string set =
        manager.runtime_in_settings ? manager.runtime_in_settings(variable) : std::string();
    const std::string_view wanted = set.empty() ? manager.real_runtime : util::base_name(set);
    const std::string real =
        RealRuntime(own_identity(), "").find("", wanted, search_path(), variable);
    // podman's settings may give a runtime's file any name.
    const auto is_known = [](std::string_view name) {
        return std::ranges::find(known_runtimes, name) != std::ranges::end(known_runtimes);
    };
    const std::string_view last = util::base_name(real);
    const std::string name(is_known(wanted) && !is_known(last) ? wanted : last);
    const std::string executable = own_path();
    if (!set.empty() && set != name && !is_same_file(set, real) && !is_same_file(set, executable))
        return {};
    const std::string installed =
        concat(executable.substr(0, executable.find_last_of('/')), "/../libexec/notifybridge/");
    if (is_same_file(installed + name, executable))
        return installed + name;
    const std::string link = concat(link_directory(place()), '/', name);
    if (is_dry_ || is_same_file(link, executable))
        return link;
    // Replace the link in one step, because other processes may use it at the same time.
    if (const int error = system::replace_link(executable, link))
        throw Refusal(concat("cannot make ", quote(link), ": ", system::describe(error)));
    return link;
}

/// Returns --hooks-dir options for the directories that podman would read without such an option
/// (podman(1)).
std::vector<std::string> Run::hook_directories() const {
    const auto own = std::span(command_).first(manager_.verb);
    if (std::ranges::any_of(own, [](auto& word) { return word.starts_with("--hooks-dir"); }))
        return {};
    std::vector<std::string> places = read_podman_settings(variable).hook_directories;
    if (places.empty())
        places = {"/usr/share/containers/oci/hooks.d", "/etc/containers/oci/hooks.d"};
    std::vector<std::string> words;
    for (const std::string& place : places)
        if (::access(place.c_str(), X_OK) == 0)
            words.push_back(concat("--hooks-dir=", place));
    return words;
}

/// Returns the directory of a hook for podman. The hook is the installed one, or else a new one.
std::string Run::find_hook() {
    const std::string executable = own_path();
    const std::string binaries = executable.substr(0, executable.find_last_of('/'));
    const std::string installed =
        concat(binaries.substr(0, binaries.find_last_of('/')), "/share/notifybridge/hooks.d");
    const std::string hook = system::text_of(concat(installed, '/', hook_name));
    if (is_same_file(program_of_hook(hook), executable))
        return installed;
    const std::string directory = concat(place(), "/hooks.d");
    if (is_dry_)
        return directory;
    ::mkdir(directory.c_str(), 0700);
    const auto opened = system::open_directory(directory);
    const std::string text = hook_text(executable);
    const auto written =
        opened ? system::replace_file(*opened, hook_name, system::bytes_of(text)) : opened.error();
    if (!written)
        throw Refusal(concat("cannot write a hook to ", quote(directory), ": ",
                             system::describe(written.error().value())));
    return directory;
}

/// Returns the path at which the manager writes the container's id, so that `wait` can remove a
/// container that was created, but not started (ContainerKiller). No such file may exist.
std::string Run::make_room_for_cidfile() {
    const std::string path = concat(place(), '/', cidfile_name);
    if (!is_dry_)
        ::unlink(path.c_str());
    return path;
}

ManagerWords Run::words() {
    ManagerWords words;
    const Manager& manager = *manager_.manager;
    if (manager_.runtime && !manager.has_hooks)
        throw Refusal(
            concat(quote("--runtime"), " of ", command_.front(),
                   " would replace the runtime that starts `wrap`; remove it, or start the "
                   "container with `notifybridge wait`"));
    const std::string runtime = manager_.runtime      ? std::string()
                                : manager.needs_setup ? std::string(manager.runtime)
                                                      : find_runtime();
    if (!manager.has_hooks) {
        words.after_verb = {"--runtime=" + runtime};
    } else if (runtime.empty()) {
        words.before_verb = hook_directories();
        words.before_verb.push_back("--hooks-dir=" + find_hook());
    } else {
        words.before_verb = {"--runtime=" + runtime};
        words.after_verb = {concat("--annotation=", runtime_annotation, "=1")};
    }
    // If a service manager signals the client, too (KillMode=control-group), the client must not
    // pass the signal on, because we pass it to the app.
    if (manager.has_signal_proxy && command_[manager_.verb] == "run") {
        words.after_verb.emplace_back("--sig-proxy=false");
        if (manager_.cidfile.empty())
            words.after_verb.push_back("--cidfile=" + make_room_for_cidfile());
    }
    if (health_.switches_off)
        words.after_verb.emplace_back(no_health_check);
    for (const char* const name : {"SHARED_DIR", token_variable, options_variable})
        words.after_verb.insert(words.after_verb.end(), {"--env", name});
    return words;
}

}  // namespace notifybridge::runtime
