#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/util/function_ref.hpp"
#include "init/files/directive/property_text.hpp"
#include "init/files/unit/settings.hpp"

/// Prints settings as properties.
namespace notifybridge::directive {

/// A function that receives each property, in the order and format of `systemctl show`.
using AddProperty = util::FunctionRef<void(std::string_view name, const std::string& value)>;

/// A function that returns the last run of a command of the unit.
using RunOf = util::FunctionRef<CommandRun(const unit::Command&)>;

/// A property to print: its name, the unit's settings, and the function that receives its value.
struct Property {
    std::string_view name;
    const unit::Settings& settings;
    AddProperty add;
    RunOf run_of;

    void is(const std::string& value) const { add(name, value); }
};

namespace print {

// The type of the setting selects the function.
void value(const Property& property, bool setting);
void value(const Property& property, int setting);
void value(const Property& property, unsigned setting);
void value(const Property& property, std::uint64_t setting);
/// Prints -1 if the setting is not set.
void value(const Property& property, std::optional<int> setting);
/// Prints "[not set]" if the setting is not set.
void value(const Property& property, std::optional<std::uint8_t> setting);
void value(const Property& property, util::TimeSpan setting);
void value(const Property& property, const std::string& setting);
void value(const Property& property, const std::vector<std::string>& setting);
void value(const Property& property, const unit::ExitStatusSet& setting);
/// Adds one property for each command.
void value(const Property& property, const unit::Commands& setting);
void value(const Property& property, const unit::Input& setting);
void value(const Property& property, const unit::Output& setting);
void value(const Property& property, const unit::ExecDirectories& setting);

// The table of directives selects the following functions by name.
/// Prints an access mode or a mask: "0755".
void octal(const Property& property, mode_t setting);
void word(const Property& property, std::size_t setting, std::span<const std::string_view> words);
/// Prints commands as `to_extended_property` formats them.
void extended(const Property& property, const unit::Commands& setting);
void symlinks(const Property& property, const unit::ExecDirectories& setting);
void base64(const Property& property, const std::string& setting);
void capabilities(const Property& property, std::uint64_t setting);

}  // namespace print
}  // namespace notifybridge::directive
