#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/system/streams.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/escape.hpp"
#include "bridge/runtime/docker_file.hpp"
#include "bridge/runtime/docker_setup.hpp"
#include "bridge/runtime/interposer.hpp"
#include "bridge/runtime/own_executable.hpp"
#include "bridge/runtime/real_runtime.hpp"
#include "subcommands.hpp"
#include "wrap_settings.hpp"

namespace notifybridge {
namespace runtime_command {
namespace {

using util::concat;
using util::quote;

constexpr auto options = std::to_array<cli::Option>({
    {"runtime", 0, "PATH",
     "run containers with this runtime (default: crun in PATH, otherwise runc)"},
    {"configure", 0, "MANAGER", "docker: add the runtime notifybridge to the settings of docker"},
    {"unconfigure", 0, "MANAGER", "docker: remove the runtime from the settings of docker"},
    {"dry-run", 0, "",
     "with --configure or --unconfigure: print the settings instead of writing them"},
    {"filter", 0, "",
     "change the config.json on standard input, as a hook of podman's stage \"precreate\""},
    cli::help_option,
    cli::version_option,
});

constexpr cli::Usage usage = {
    "runtime",
    "[--runtime=PATH] ARG…",
    "Stands in for an OCI runtime, and starts `wrap` in front of the container's command.",
    options,
    "`wrap` is added if the container's environment has NOTIFYBRIDGE_TOKEN or\n"
    "NOTIFYBRIDGE_OPTIONS (options of `wrap`, quoted as in a unit file; may be empty). The\n"
    "executable is mounted at /run/.notifybridge. If something is mounted at SHARED_DIR, this\n"
    "is the shared directory. Otherwise the token proves which `notifybridge wait` started the\n"
    "container, and the directory of that `wait` is mounted. Without SHARED_DIR, messages go\n"
    "directly to NOTIFY_SOCKET. Other containers and other calls go to the real runtime\n"
    "unchanged.\n\n"
    "If the program is called as crun or runc, it accepts only the options of the real runtime.\n\n"
    "Example, in a unit with Type=notify and KillMode=mixed:\n"
    "  ExecStart=/usr/bin/notifybridge wait \\\n"
    "    podman --runtime /usr/libexec/notifybridge/crun run --rm --name=app \\\n"
    "    -e SHARED_DIR -e NOTIFYBRIDGE_TOKEN --replace IMAGE\n\n"
    "Exit status: that of the real runtime; 1 if it is not started.",
};

int set_up_docker(const cli::Arguments& arguments) {
    const bool adds = arguments.has("configure");
    const std::string manager = arguments.value(adds ? "configure" : "unconfigure").value_or("");
    if (manager != "docker")
        throw cli::UsageError(
            concat("cannot configure ", quote(manager), ": only docker needs this; give docker"));
    const runtime::DockerFile file;
    const std::string after = adds ? runtime::configure_docker(file.text(), runtime::own_path())
                                   : runtime::unconfigure_docker(file.text());
    if (arguments.has("dry-run")) {
        system::out() << after;
        return 0;
    }
    if (after != file.text())
        file.write(after);
    system::out() << file.path()
                  << (adds                             ? " has the runtime notifybridge"
                      : after.empty() && file.exists() ? " is removed"
                                                       : " has no runtime notifybridge")
                  << "; dockerd reads this file at its next start, or at once after `systemctl "
                  << (::geteuid() == 0 ? "" : "--user ") << "reload docker`\n";
    return 0;
}

/// Returns how many of the arguments are ours. The others belong to the real runtime.
std::size_t count_own(std::span<const std::string> arguments) {
    const auto is_own = [](std::string_view argument) {
        const std::string_view name = argument.substr(0, argument.find('='));
        return argument.starts_with("-h")
               || std::ranges::any_of(options, [&](const cli::Option& option) {
                      return name.starts_with("--") && name.substr(2) == option.name;
                  });
    };
    const auto takes_next = [](std::string_view argument) {
        return argument == "--runtime" || argument == "--configure" || argument == "--unconfigure";
    };
    std::size_t count = 0;
    while (count < arguments.size() && is_own(arguments[count]))
        count += takes_next(arguments[count]) && count + 1 < arguments.size() ? 2 : 1;
    return count;
}

int run(const cli::Invocation& invocation) {
    const runtime::Interposer interposer(check_wrap_options);
    if (util::contains(runtime::known_runtimes, invocation.invoked_as))
        return interposer.run_call(invocation.invoked_as, "", invocation.arguments);
    const std::size_t own = count_own(invocation.arguments);
    const cli::Arguments arguments = cli::parse(usage, invocation.arguments.first(own));
    if (cli::answered(arguments, usage, invocation))
        return 0;
    auto call = invocation.arguments.subspan(own);
    const bool sets_up = arguments.has("configure") || arguments.has("unconfigure");
    const auto asked = {arguments.has("filter"), arguments.has("configure"),
                        arguments.has("unconfigure")};
    if (std::ranges::count(asked, true) > 1)
        throw cli::UsageError(
            "--filter, --configure and --unconfigure cannot be combined; give only one of them");
    if (arguments.has("dry-run") && !sets_up)
        throw cli::UsageError("--dry-run needs --configure or --unconfigure");
    if ((arguments.has("filter") || sets_up) && !call.empty())
        throw cli::UsageError(concat(
            quote(call.front()),
            " is not allowed here: --filter, --configure and --unconfigure do not call a runtime"));
    if (sets_up)
        return set_up_docker(arguments);
    if (arguments.has("filter"))
        return interposer.run_hook();
    if (!call.empty() && call.front() == "--")
        call = call.subspan(1);
    if (call.empty())
        throw cli::UsageError(
            "no command for the OCI runtime is given; container managers give one, such as "
            "create --bundle=DIR NAME; see --help");
    return interposer.run_call("", arguments.value("runtime").value_or(""), call);
}

}  // namespace
}  // namespace runtime_command

const cli::Subcommand runtime_subcommand = {runtime_command::usage,
                                            {"crun", "runc"},
                                            runtime_command::run,
                                            runtime::Interposer::failure_status};

}  // namespace notifybridge
