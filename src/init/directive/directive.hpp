#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/util/literal.hpp"
#include "base/util/take_until.hpp"
#include "init/unit/line.hpp"

/// All directives in systemd.directives(7) for the unit types that we honour. The table has parts,
/// each for a section or for a group of sections.
namespace notifybridge::directive {

struct Property;

enum class Support : std::uint8_t {
    honoured,     ///< Stored in the settings.
    meaningless,  ///< Concerns what a container lacks, or has no effect in one.
    unsupported,  ///< Not honoured (yet): the unit's one warning names it.
    protection,   ///< Not honoured, and the warning says that the unit is less protected.
    essential,    ///< Not honoured, and the unit cannot do without it: nothing is started.
    shown,        ///< Not a directive, but a property that `show` prints among them.
};

/// The functions that read and print a directive's setting.
struct Field {
    using Read = void(unit::Line& line);
    using Print = void(const Property& property);

    constexpr Field() = default;
    constexpr Field(Read* reader, Print* printer = nullptr) : read(reader), print(printer) {}
    constexpr Field(Print* printer) : print(printer) {}

    Read* read = nullptr;    ///< Stores a value in the settings. Null if it is not read.
    Print* print = nullptr;  ///< Null if there is no property, or if the unit's state decides it.
};

/// Directives that are treated in the same way.
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

/// A part of the table: the directives of one section, or of two.
struct DirectiveGroup {
    std::string_view section;
    std::string_view other_section;  ///< Empty if there is none.
    std::span<const Row> rows;
    /// Its directives are newer than systemd 252, or not documented there any more.
    bool is_undocumented = false;
};

/// Returns the whole table. Several groups may name the same section.
std::span<const DirectiveGroup> directive_groups() noexcept;

/// Returns whether the table has all directives of this section.
bool has_directives(std::string_view section) noexcept;

/// Returns the directive of this name in this section.
std::optional<Directive> find_directive(std::string_view section, std::string_view name) noexcept;

/// Returns the names of all directives of this section.
std::vector<std::string_view> directives_of(std::string_view section);

/// Returns whether a value has no effect: it is empty, a boolean "no", or a default such as "auto".
bool asks_for_nothing(std::string_view value);

}  // namespace notifybridge::directive
