#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/util/literal.hpp"
#include "base/util/take_until.hpp"
#include "init/unit/line.hpp"

/// All directives in systemd.directives(7) for the unit types that we honour. Each part of the
/// table covers one or several sections.
namespace notifybridge::directive {

struct Property;

enum class Support : std::uint8_t {
    honoured,     ///< The value is stored in the settings.
    meaningless,  ///< The directive has no effect in a container, or concerns what containers lack.
    unsupported,  ///< The directive is ignored. One warning for the unit names it.
    protection,   ///< The directive is ignored. The warning says that the unit is less protected.
    essential,    ///< The directive is ignored, and nothing is started, because the unit needs it.
    shown,        ///< Not a directive, but a property that `show` prints here.
};

/// The functions that read and print a directive's setting.
struct Field {
    using Read = void(unit::Line& line);
    using Print = void(const Property& property);

    constexpr Field() = default;
    constexpr Field(Read* reader, Print* printer = nullptr) : read(reader), print(printer) {}
    constexpr Field(Print* printer) : print(printer) {}

    /// Stores a value in the settings; null if we do not read the directive.
    Read* read = nullptr;
    /// Prints the property; null if there is none, or if the unit's state determines it.
    Print* print = nullptr;
};

/// Describes directives that are treated in the same way.
struct Row {
    util::Literal names;  ///< Separated by spaces.
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

/// A part of the table, for one or two sections.
struct DirectiveGroup {
    std::string_view section;
    std::string_view other_section;  ///< The second section; empty if there is only one.
    std::span<const Row> rows;
    /// Whether the directives are newer than systemd 252, or are not documented any more.
    bool is_undocumented = false;
};

/// Returns the whole table. Several groups may name the same section.
std::span<const DirectiveGroup> directive_groups() noexcept;

/// Returns whether the table covers this section.
bool has_directives(std::string_view section) noexcept;

/// Returns the directive of this name in this section.
std::optional<Directive> find_directive(std::string_view section, std::string_view name) noexcept;

/// Returns the names of all directives of this section.
std::vector<std::string_view> directives_of(std::string_view section);

/// Returns whether a value has no effect: an empty value, a boolean "no", or a default such as
/// "auto".
bool asks_for_nothing(std::string_view value);

}  // namespace notifybridge::directive
