#include "init/files/unit/kept_values.hpp"

#include "base/util/concat.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::unit {

std::optional<std::string_view> KeptValues::find(std::string_view property) const noexcept {
    for (std::string_view rest = text_; !rest.empty();) {
        std::string_view value = util::take_until(rest, '\0');
        if (util::take_until(value, '=') == property)
            return value;
    }
    return std::nullopt;
}

void KeptValues::set(std::string_view property, std::string_view value) {
    unset(property);
    text_ += util::concat(property, '=', value, '\0');
}

void KeptValues::unset(std::string_view property) {
    const auto value = find(property);
    if (!value)
        return;
    const std::size_t name_and_equals = property.size() + 1;
    const auto start = static_cast<std::size_t>(value->data() - text_.data()) - name_and_equals;
    text_.erase(start, name_and_equals + value->size() + 1);
}

}  // namespace notifybridge::unit
