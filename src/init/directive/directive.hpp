#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "init/unit/line.hpp"
#include "init/unit/name.hpp"

/// Every directive that systemd.directives(7) knows for services, sockets and targets: one table,
/// in parts of a section or a group of sections each.
namespace notifybridge::directive {

enum class Support {
    honoured,     ///< Read into the settings.
    meaningless,  ///< Of what a container does not have, or of what it makes no difference to.
    unsupported,  ///< Not honoured (yet): named in the unit's one warning.
    protection,   ///< Not honoured, and the unit is less protected without: the same, but said so.
    essential,    ///< Not honoured, and the unit would be another without: nothing is started.
};

struct Directive {
    std::string_view name;
    Support support;
    /// Reads a value into the settings. Null where the value is not read.
    void (*parse)(unit::Line& line) = nullptr;
    /// What systemd 252 does not have yet, or does not document any more.
    bool is_undocumented = false;
};

/// A part of the table: what may stand in one section, or in two.
struct DirectiveGroup {
    std::string_view section;
    std::string_view other_section;  ///< Empty where there is none.
    std::span<const Directive> directives;
};

/// The whole table. A section's directives are those of all groups that name it.
std::span<const DirectiveGroup> directive_groups() noexcept;

/// The sections of the files of units of this type.
std::span<const std::string_view> sections_of(unit::UnitType type) noexcept;

/// Whether it is known what may stand in this section.
bool has_directives(std::string_view section) noexcept;

/// The directive of this name in this section; null where there is none.
const Directive* find_directive(std::string_view section, std::string_view name) noexcept;

/// The names of all that may stand in this section.
std::vector<std::string_view> directives_of(std::string_view section);

/// A value that asks for nothing: empty, or a boolean "no".
bool asks_for_nothing(std::string_view value);

}  // namespace notifybridge::directive
