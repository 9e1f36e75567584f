#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/util/take_until.hpp"
#include "init/unit/line.hpp"
#include "init/unit/name.hpp"

/// Every directive that systemd.directives(7) knows for services, sockets and targets: one table,
/// in parts of a section or a group of sections each.
namespace notifybridge::directive {

struct Property;

enum class Support : std::uint8_t {
    honoured,     ///< Read into the settings.
    meaningless,  ///< About what a container does not have, or without effect in one.
    unsupported,  ///< Not honoured (yet): named in the unit's one warning.
    protection,   ///< Not honoured, and the unit is less protected: the warning says so.
    essential,    ///< Not honoured, and the unit cannot do without: nothing is started.
    shown,        ///< No directive, but a property that is shown among them.
};

/// What is done with a directive's setting.
struct Field {
    using Read = void(unit::Line& line);
    using Print = void(const Property& property);

    constexpr Field() = default;
    constexpr Field(Read* reader, Print* printer = nullptr) : read(reader), print(printer) {}
    constexpr Field(Print* printer) : print(printer) {}

    Read* read = nullptr;    ///< Reads a value into the settings. Null where it is not read.
    Print* print = nullptr;  ///< Null where there is no property, or the unit's state decides it.
};

/// Directives that are treated alike.
struct Row {
    std::string_view names;  ///< With a space between.
    Support support;
    Field field = {};
};

/// A directive, and the row that has it.
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

/// A part of the table: what may stand in one section, or in two.
struct DirectiveGroup {
    std::string_view section;
    std::string_view other_section;  ///< Empty where there is none.
    std::span<const Row> rows;
    /// Its directives are newer than systemd 252, or no longer documented there.
    bool is_undocumented = false;
};

/// The whole table. A section's directives are those of all groups that name it.
std::span<const DirectiveGroup> directive_groups() noexcept;

/// The sections of the files of units of this type.
std::span<const std::string_view> sections_of(unit::UnitType type) noexcept;

/// Whether the table has all directives of this section; [Target] has none of its own.
bool has_directives(std::string_view section) noexcept;

/// What `systemctl show` has of units of this type, in its order: a property has the name of its
/// directive, or "USec" for the "Sec" at its end.
std::vector<std::span<const Row>> shown_directives(unit::UnitType type);

/// The directive of this name in this section.
std::optional<Directive> find_directive(std::string_view section, std::string_view name) noexcept;

/// The names of all that may stand in this section.
std::vector<std::string_view> directives_of(std::string_view section);

/// Whether a value asks for nothing: it is empty, a boolean "no", or a default like "auto".
bool asks_for_nothing(std::string_view value);

}  // namespace notifybridge::directive
