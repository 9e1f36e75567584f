#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace notifybridge::unit {

/// The values of directives that a unit sets but that we do not honour, as `systemctl show` prints
/// them. Uses memory only for properties that are set.
class KeptValues {
public:
    /// Returns the value, or nullopt if no line sets the property. The result is valid until the
    /// next change.
    std::optional<std::string_view> find(std::string_view property) const noexcept;
    /// Replaces the value. The new value must not contain a NUL.
    void set(std::string_view property, std::string_view value);
    void unset(std::string_view property);

private:
    /// "NAME=VALUE" and a NUL for each property. A map would use three times the memory.
    std::string text_;
};

}  // namespace notifybridge::unit
