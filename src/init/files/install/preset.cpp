#include "init/files/install/installer.hpp"

/// Implements `preset` and `preset-all`: systemctl(1), systemd.preset(5).
namespace notifybridge::install {

namespace {

/// Returns whether `preset-all` continues after this error.
bool is_skippable(int error) {
    switch (error) {
        case 0:
        case problem::missing:
        case problem::masked:
        case problem::not_ours:
        case problem::linked:
        case problem::exists:
        case problem::no_alias:
        case problem::no_name:
        case problem::no_template:
        case problem::bad_specifier:
            return true;
        default:
            return false;
    }
}

}  // namespace

/// Adds one unit to `enabled` or `disabled`, as its preset requires. Skips an alias, because only
/// the preset for the unit's own name matters. Returns 0 or a problem.
int Installer::prepare_preset(const std::string& name, const Presets& presets, Request& enabled,
                              Request& disabled, Outcome& outcome) const {
    if (enabled.has(name) || disabled.has(name))
        return 0;
    Request looked_up(lookup_, false);
    UnitFile* unit = nullptr;
    if (const int error = looked_up.discover(name, unit))
        return outcome.fail(error, name);
    if (unit->name != name)
        return 0;
    const auto names = presets.enabled(name);
    if (!names)
        return disabled.discover(name, unit);
    for (const std::string& each : *names)
        if (!discover(enabled, each, outcome))
            return outcome.error;
    return 0;
}

void Installer::apply_preset(Request& enabled, Request& disabled, PresetMode mode, Manner manner,
                             Outcome& outcome) {
    if (mode != PresetMode::enable_only)
        disable_into(disabled, manner, outcome);
    manner.is_lenient = true;
    if (mode != PresetMode::disable_only)
        enable_into(enabled, manner, outcome);
    // Do not warn about a missing [Install] section, because most units have none.
    outcome.has_install_section = true;
}

Outcome Installer::preset_each(const Names& names, PresetMode mode, Manner manner, bool are_all) {
    Outcome outcome;
    const Presets presets(files_, directories_.presets);
    Request enabled(lookup_);
    // The units that Also= names stay unchanged, because this request does not read [Install]
    // sections.
    Request disabled(lookup_, false);
    for (const std::string& name : names) {
        const int error = prepare_preset(name, presets, enabled, disabled, outcome);
        if (error != 0 && !(are_all && is_skippable(error)))
            return outcome;
    }
    outcome.error = 0;
    apply_preset(enabled, disabled, mode, manner, outcome);
    return outcome;
}

Outcome Installer::preset(const Names& names, PresetMode mode, Manner manner) {
    return preset_each(names, mode, manner, false);
}

Outcome Installer::preset_all(PresetMode mode, Manner manner) {
    Names names;
    for (const auto& [name, file] : all())
        names.push_back(name);
    return preset_each(names, mode, manner, true);
}

}  // namespace notifybridge::install
