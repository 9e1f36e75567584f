#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace notifybridge::properties {

/// Where in the output of `systemctl show` a property is: of two, the lesser one is first. What is
/// not known is at the end.
std::size_t property_rank(std::string_view name);

/// Properties that come in any order, those of one name in theirs.
class OrderedProperties {
public:
    struct Property {
        std::size_t rank;
        std::string name;
        std::string value;
    };

    void add(std::string_view name, std::string value);

    /// Adds, without a value, what units of all types have and was not added.
    void complete();

    const std::vector<Property>& all() const { return all_; }

private:
    std::vector<Property> all_;
};

}  // namespace notifybridge::properties
