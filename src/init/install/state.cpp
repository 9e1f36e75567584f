#include "init/install/state.hpp"

#include <array>

#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "init/install/request.hpp"
#include "init/unit/path.hpp"

namespace notifybridge::install {
namespace {

using load::EntryKind;
using unit::NameKind;
using unit::UnitName;
using util::concat;

/// A search for links that lead to a unit or have the unit's name.
class Links {
public:
    /// Creates a search for links of `unit`. If `only_own` is true, only links that [Install]
    /// requests count.
    Links(const Lookup& lookup, const UnitFile& unit, bool only_own)
        : lookup_(lookup), unit_(unit), only_own_(only_own) {}

    /// Returns the state that the links imply. Returns nullopt if there are no links.
    std::optional<State> state();

private:
    bool look_into(const std::string& directory);
    bool is_wanted_in(const std::string& directory) const;
    bool is_linked_in(const std::string& directory);
    bool counts(const std::string& link) const;

    const Lookup& lookup_;
    const UnitFile& unit_;
    bool only_own_;
    /// Whether the unit's own file takes precedence over the following directories.
    bool is_below_file_ = false;
    bool has_same_name_ = false;
};

std::optional<State> Links::state() {
    const Directories& directories = lookup_.directories();
    bool is_enabled_runtime = false, is_enabled = false, is_linked = false,
         is_linked_runtime = false;
    for (const std::string& directory : directories.load_path) {
        has_same_name_ = false;
        const bool is_found = look_into(directory);
        if (is_found && directory == directories.persistent)
            return State::enabled;
        (is_runtime(directory) ? is_enabled_runtime : is_enabled) |= is_found;
        if (!is_found && has_same_name_)
            (is_runtime(directory) ? is_linked_runtime : is_linked) |=
                is_runtime(directory) || directory == directories.persistent;
        is_below_file_ = is_below_file_ || unit_.path.starts_with(directory + '/');
    }
    if (is_enabled_runtime)
        return State::enabled_runtime;
    // An instance that the distribution enables has the state "static".
    if (is_enabled && UnitName::parse(unit_.name)->kind() == NameKind::instance)
        return State::is_static;
    if (is_linked)
        return State::linked;
    return is_linked_runtime ? std::optional(State::linked_runtime) : std::nullopt;
}

bool Links::look_into(const std::string& directory) {
    for (const load::Entry& entry : lookup_.source().list(directory)) {
        const bool is_dependencies = entry.name.ends_with(".wants")
                                     || entry.name.ends_with(".requires")
                                     || entry.name.ends_with(".upholds");
        if (entry.kind == EntryKind::directory && is_dependencies
            && is_wanted_in(concat(directory, '/', entry.name)))
            return true;
    }
    return is_linked_in(directory);
}

/// Returns whether a directory of dependencies contains the unit or one of its instances.
bool Links::is_wanted_in(const std::string& directory) const {
    for (const load::Entry& entry : lookup_.source().list(directory)) {
        if (entry.kind != EntryKind::link)
            continue;
        const auto name = UnitName::parse(entry.name);
        const auto shared = name ? name->template_name() : std::nullopt;
        const bool is_it = entry.name == unit_.name || (shared && shared->text() == unit_.name);
        if (is_it && counts(entry.name))
            return true;
    }
    return false;
}

/// Returns whether there is a link to the unit, or a link with the unit's name. A link with the
/// unit's name that leads to a file with this name does not count, and only sets `has_same_name_`.
bool Links::is_linked_in(const std::string& directory) {
    for (const load::Entry& entry : lookup_.source().list(directory)) {
        if (entry.kind != EntryKind::link)
            continue;
        const auto target = lookup_.source().read_link(concat(directory, '/', entry.name));
        const bool leads_to_it = target && unit::file_name(*target) == unit_.name;
        const bool has_its_name = !is_below_file_ && entry.name == unit_.name;
        if (leads_to_it && has_its_name)
            has_same_name_ = true;
        else if ((leads_to_it || has_its_name) && counts(entry.name))
            return true;
    }
    return false;
}

bool Links::counts(const std::string& link) const {
    if (!only_own_ || link == unit_.name)
        return true;
    const auto& aliases = unit_.install.alias;
    if (util::contains(aliases, link))
        return true;
    const auto name = UnitName::parse(unit_.name);
    const std::string& instance = unit_.install.default_instance;
    if (instance.empty() || name->kind() != NameKind::template_unit)
        return false;
    const auto by_default = name->with_instance(instance);
    return by_default && by_default->text() == link;
}

State state_of_file(const Lookup& lookup, const UnitFile& unit, const std::string& name) {
    const bool is_instance = UnitName::parse(unit.name)->kind() == NameKind::instance;
    if (name != unit::file_name(unit.path) && !is_instance)
        return State::alias;
    if (is_generated(unit.path))
        return State::generated;
    if (is_transient(unit.path))
        return State::transient;
    if (const auto state = Links(lookup, unit, true).state())
        return *state;
    if (Links(lookup, unit, false).state())
        return State::indirect;
    if (unit.install.has_rules())
        return State::disabled;
    return unit.install.also.empty() ? State::is_static : State::indirect;
}

}  // namespace

std::string_view to_string(State state) noexcept {
    static constexpr auto words = std::to_array<std::string_view>({
        "enabled",
        "enabled-runtime",
        "linked",
        "linked-runtime",
        "alias",
        "masked",
        "masked-runtime",
        "static",
        "disabled",
        "indirect",
        "generated",
        "transient",
        "bad",
    });
    return words[static_cast<std::size_t>(state)];
}

bool counts_as_enabled(State state) noexcept {
    return state == State::enabled || state == State::enabled_runtime || state == State::is_static
           || state == State::alias || state == State::indirect || state == State::generated;
}

int state_of(const Lookup& lookup, const std::string& name, State& state) {
    if (!UnitName::parse(name))
        return EINVAL;
    Request request(lookup);
    UnitFile* unit = nullptr;
    if (const int error = request.discover(name, unit))
        return error;
    if (unit->mode == UnitFile::Mode::masked)
        state = is_runtime(unit->path) ? State::masked_runtime : State::masked;
    else
        state = state_of_file(lookup, *unit, name);
    return 0;
}

}  // namespace notifybridge::install
