#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/util/take_until.hpp"
#include "init/files/unit/line.hpp"

/// The table of all directives in systemd.directives(7) for the unit types that we honour. Each
/// part of the table covers one or several sections.
namespace notifybridge::directive {

struct Property;

enum class Support : std::uint8_t {
    honoured,  ///< The value is stored in the settings.
    /// The directive has no effect in a container, or concerns something that containers do not
    /// have.
    meaningless,
    unsupported,  ///< The directive is ignored. One warning names all such directives of the unit.
    protection,   ///< The directive is ignored. The warning says that the unit is less protected.
    /// The directive is ignored, and the unit's commands are not started, because the unit cannot
    /// work without the directive.
    essential,
    shown,  ///< The name is not a directive, but a property that `show` prints at this place.
};

/// The functions that read and print a directive's setting.
struct Field {
    using Read = void(unit::Line& line);
    using Print = void(const Property& property);

    constexpr Field() = default;
    constexpr Field(Read* reader, Print* printer = nullptr) : read(reader), print(printer) {}
    constexpr Field(Print* printer) : print(printer) {}

    /// Stores a value in the settings; null if the value is not read.
    Read* read = nullptr;
    /// Prints the property; null if the property does not exist, or shows the unit's state.
    Print* print = nullptr;
};

/// A row of the table, for directives that are handled in the same way.
struct Row {
    std::string names;  ///< The names of the directives, separated by spaces.
    Support support;
    Field field = {};
};

/// A directive and its row.
struct Directive {
    std::string_view name;
    const Row* row;
};

/// Calls `use` with each name of a row.
template <typename Use>
void for_each_name(const Row& row, const Use& use) {
    for (std::string_view rest = row.names; !rest.empty();)
        use(util::take_until(rest, ' '));
}

/// A part of the table, for the directives of one or two sections.
struct DirectiveGroup {
    std::string_view section;
    std::string_view other_section;  ///< The second section; empty if there is only one.
    std::span<const Row> rows;
    /// Whether the directives are newer than systemd 252, deprecated, or not in its man pages.
    bool is_undocumented = false;
};

/// Returns the whole table. Several groups may name the same section.
std::span<const DirectiveGroup> directive_groups() noexcept;

/// Returns whether the table covers this section.
bool has_directives(std::string_view section) noexcept;

/// Returns the directive of this name in this section, or nullopt if there is none.
std::optional<Directive> find_directive(std::string_view section, std::string_view name) noexcept;

/// Returns the names of all directives of this section.
std::vector<std::string_view> directives_of(std::string_view section);

/// Returns whether a value has no effect. Such a value is empty, a boolean "no", or a default such
/// as "auto".
bool has_no_effect(std::string_view value);

}  // namespace notifybridge::directive
