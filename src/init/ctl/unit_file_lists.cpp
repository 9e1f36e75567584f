#include <algorithm>
#include <cerrno>

#include "base/system/error.hpp"
#include "base/system/streams.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "init/ctl/installing.hpp"
#include "init/ctl/names.hpp"
#include "init/ctl/sysv.hpp"
#include "init/ctl/table.hpp"
#include "init/ctl/verbs.hpp"
#include "init/files/install/presets.hpp"

/// Implements the verbs that list unit files and their states.
namespace notifybridge::ctl {
namespace {

using install::State;

struct Line {
    std::string name;
    State state;
    std::string_view preset;  ///< Empty if a preset has no meaning for the file.
};

bool is_wanted(const Context& context, const std::string& name, State state) {
    const Options& options = context.options;
    return (context.operands.empty() || matches_any(context.operands, name))
           && (options.types.empty() || util::contains(options.types, type_of(name)))
           && (options.states.empty() || util::contains(options.states, to_string(state)));
}

/// Returns the preset of a file. Returns an empty text if `enable` cannot change the state of the
/// file.
std::string_view preset_of(const std::string& name, State state, const install::Presets& presets) {
    if (state == State::alias || state == State::is_static || state == State::generated
        || state == State::transient)
        return {};
    return presets.enables(name) ? "enabled" : "disabled";
}

std::string in_small_letters(std::string text) {
    for (char& c : text)
        c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    return text;
}

std::vector<Line> lines(const Context& context) {
    const install::Installer installer = installer_like_manager(context);
    const install::Presets presets(installer.files(), installer.directories().presets);
    std::vector<Line> found;
    for (const auto& [name, file] : installer.all())
        if (is_wanted(context, name, file.state))
            found.push_back({name, file.state, preset_of(name, file.state, presets)});
    const auto key = [](const Line& line) {
        return std::pair(type_of(line.name), in_small_letters(line.name));
    };
    std::ranges::stable_sort(
        found, [&](const Line& one, const Line& other) { return key(one) < key(other); });
    return found;
}

}  // namespace

int list_unit_files(const Context& context) {
    const Options& options = context.options;
    const auto found = lines(context);
    Table table({"UNIT FILE", "STATE", "PRESET"}, true);
    for (const Line& line : found)
        table.add({line.name, std::string(to_string(line.state)), std::string(line.preset)});
    system::out() << (options.is_json ? table.json(options.is_json_pretty)
                                      : table.text(options.has_legend));
    if (options.has_legend && !options.is_json)
        system::out() << '\n' << found.size() << " unit files listed.\n";
    return found.empty() ? status_failure : 0;
}

int is_enabled(const Context& context) {
    install::Installer installer = installer_like_manager(context);
    std::vector<std::string> names = file_names(context, "to check");
    const std::size_t all = names.size();
    bool is_any = pass_to_sysv(context, installer, names).is_any_enabled;
    bool exists = names.size() < all;
    const install::LinkIndex links(installer.lookup());
    for (const std::string& name : names) {
        State state = State::bad;
        const int error = state_of(installer.lookup(), links, name, state);
        if (error == ENOENT) {
            if (!context.options.is_quiet)
                system::out() << "not-found\n";
            continue;
        }
        if (error)
            throw Failure(util::concat("Failed to get unit file state for ", name, ": ",
                                       system::describe(error)));
        exists = true;
        is_any = is_any || counts_as_enabled(state);
        if (context.options.is_quiet)
            continue;
        system::out() << to_string(state) << '\n';
        if (context.options.is_full)
            for (const std::string& path :
                 installer.links_of_unit(name, {context.options.is_runtime, false}))
                system::out() << "  " << installer.files().shown(path) << '\n';
    }
    return is_any ? 0 : exists ? status_failure : status_unknown_unit;
}

int get_default(const Context& context) {
    std::string name;
    if (const int error = make_installer(context.options).get_default(name))
        throw Failure("Failed to get default target: " + system::describe(error));
    system::out() << name << '\n';
    return 0;
}

}  // namespace notifybridge::ctl
