#pragma once

#include <concepts>
#include <string_view>
#include <type_traits>
#include <variant>

#include "base/util/number.hpp"

namespace notifybridge::diagnosis {

/// A row of a table of named values: the name of a field, and the member that gets its value. The
/// member has one of these types.
template <typename Object, typename... Types>
struct NamedMember {
    std::string_view name;
    std::variant<Types Object::*...> member;
};

/// Sets each member of this name. A number that cannot be parsed is 0.
template <typename Rows, typename Object>
void set_member(const Rows& rows, Object& object, std::string_view name, std::string_view value) {
    for (const auto& row : rows)
        if (row.name == name)
            std::visit(
                [&](auto member) {
                    using Type = std::remove_reference_t<decltype(object.*member)>;
                    if constexpr (std::integral<Type>)
                        object.*member = util::parse_number<Type>(value).value_or(0);
                    else
                        object.*member = value;
                },
                row.member);
}

}  // namespace notifybridge::diagnosis
