#include "init/files/install/state.hpp"

#include <array>
#include <optional>
#include <span>

#include "base/util/contains.hpp"
#include "init/files/install/request.hpp"
#include "init/files/unit/path.hpp"

namespace notifybridge::install {
namespace {

using unit::NameKind;
using unit::UnitName;
using LinkKind = LinkIndex::Entry::Kind;

/// The state that the links about one unit imply.
class Links {
public:
    /// If `only_own` is true, only links that [Install] requests count.
    Links(const Directories& directories, std::span<const LinkIndex::Entry> entries,
          const UnitFile& unit, bool only_own)
        : directories_(directories), entries_(entries), unit_(unit), only_own_(only_own) {}

    /// Returns the state that the links imply. Returns nullopt if there are no links.
    std::optional<State> state();

private:
    bool look_into(std::size_t directory);
    bool counts(const std::string& link) const;

    const Directories& directories_;
    std::span<const LinkIndex::Entry> entries_;  ///< The links that were not looked at yet.
    const UnitFile& unit_;
    bool only_own_;
    /// Whether the unit's own file takes precedence over the following directories.
    bool is_below_file_ = false;
    bool has_same_name_ = false;
};

std::optional<State> Links::state() {
    bool is_enabled_runtime = false, is_enabled = false, is_linked = false,
         is_linked_runtime = false;
    for (std::size_t number = 0; number < directories_.load_path.size(); ++number) {
        const std::string& directory = directories_.load_path[number];
        has_same_name_ = false;
        const bool is_found = look_into(number);
        if (is_found && directory == directories_.persistent)
            return State::enabled;
        (is_runtime(directory) ? is_enabled_runtime : is_enabled) |= is_found;
        if (!is_found && has_same_name_)
            (is_runtime(directory) ? is_linked_runtime : is_linked) |=
                is_runtime(directory) || directory == directories_.persistent;
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

/// Returns whether a link in this directory counts. A link with the unit's name that leads to a
/// file with this name does not count, and only sets `has_same_name_`.
bool Links::look_into(std::size_t directory) {
    bool is_found = false;
    for (; !entries_.empty() && entries_.front().directory == directory;
         entries_ = entries_.subspan(1)) {
        const LinkIndex::Entry& link = entries_.front();
        if (link.kind == LinkKind::same_name && !is_below_file_)
            has_same_name_ = true;
        else if (link.kind != LinkKind::own_name || !is_below_file_)
            is_found = is_found || counts(link.name);
    }
    return is_found;
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

State state_of_file(const Directories& directories, const LinkIndex& links, const UnitFile& unit,
                    const std::string& name) {
    const bool is_instance = UnitName::parse(unit.name)->kind() == NameKind::instance;
    if (name != unit::file_name(unit.path) && !is_instance)
        return State::alias;
    if (is_generated(unit.path))
        return State::generated;
    if (is_transient(unit.path))
        return State::transient;
    const auto about = links.about(unit.name);
    if (const auto state = Links(directories, about, unit, true).state())
        return *state;
    if (Links(directories, about, unit, false).state())
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

int state_of(const Lookup& lookup, const LinkIndex& links, const std::string& name, State& state) {
    if (!UnitName::parse(name))
        return EINVAL;
    Request request(lookup);
    UnitFile* unit = nullptr;
    if (const int error = request.discover(name, unit))
        return error;
    if (unit->mode == UnitFile::Mode::masked)
        state = is_runtime(unit->path) ? State::masked_runtime : State::masked;
    else
        state = state_of_file(lookup.directories(), links, *unit, name);
    return 0;
}

}  // namespace notifybridge::install
