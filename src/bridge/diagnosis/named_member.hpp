#pragma once

#include <string_view>
#include <variant>

namespace notifybridge::diagnosis {

/// A row of a table of named values: the name of a field, and the member that gets its value. The
/// member has one of these types.
template <typename Object, typename... Types>
struct NamedMember {
    std::string_view name;
    std::variant<Types Object::*...> member;
};

/// Calls `store` with each member of this name.
template <typename Rows, typename Object, typename Store>
void set_member(const Rows& rows, Object& object, std::string_view name, const Store& store) {
    for (const auto& row : rows)
        if (row.name == name)
            std::visit([&](auto member) { store(object.*member); }, row.member);
}

}  // namespace notifybridge::diagnosis
