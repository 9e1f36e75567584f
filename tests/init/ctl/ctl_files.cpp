// Runs `ctl` as the executable does. test_systemctl.py compares the verbs of `ctl` for unit files
// with those of systemctl.
//
//     ctl_files [--root=DIR] [--runtime] [--force] [--quiet] [--full] [--no-legend] [--json]
//               [--type=T] [--state=S] [--preset-mode=M] VERB [OPERAND…]

#include <iostream>

#include "init/ctl/context.hpp"

namespace {

using notifybridge::ctl::Options;

bool take_value(const std::string& argument, std::string_view name,
                std::vector<std::string>& values) {
    if (!argument.starts_with(name))
        return false;
    values.push_back(argument.substr(name.size()));
    return true;
}

bool take_option(const std::string& argument, Options& options) {
    std::vector<std::string> roots;
    if (take_value(argument, "--type=", options.types)
        || take_value(argument, "--state=", options.states))
        return true;
    if (take_value(argument, "--root=", roots)) {
        options.root = roots.front();
        options.run_directory = options.root + "/run";
        return true;
    }
    std::vector<std::string> modes;
    if (take_value(argument, "--preset-mode=", modes)) {
        using notifybridge::install::PresetMode;
        options.preset_mode =
            modes.front() == "enable-only" ? PresetMode::enable_only : PresetMode::disable_only;
        return true;
    }
    const std::pair<const char*, bool*> flags[] = {
        {"--runtime", &options.is_runtime},  {"--force", &options.is_forced},
        {"--quiet", &options.is_quiet},      {"--full", &options.is_full},
        {"--output=json", &options.is_json}, {"--now", &options.is_now},
    };
    for (const auto& [name, flag] : flags)
        if (argument == name)
            return *flag = true;
    if (argument == "--no-legend")
        options.has_legend = false;
    return argument == "--no-legend";
}

}  // namespace

int main(int argc, char** argv) {
    using namespace notifybridge::ctl;
    Options options;
    // systemctl has no built-in files.
    options.has_built_in = false;
    std::vector<std::string> operands;
    for (int at = 1; at < argc; ++at)
        if (!take_option(argv[at], options))
            operands.emplace_back(argv[at]);
    try {
        return run(options, operands);
    } catch (const Failure& failure) {
        std::cerr << failure.what() << '\n';
        return failure.status;
    }
}
