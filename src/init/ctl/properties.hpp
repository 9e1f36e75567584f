#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "init/ctl/context.hpp"

namespace notifybridge::ctl {

/// A unit's properties, or the manager's, as `show` prints them, in their order.
class Properties {
public:
    void add(std::string name, std::string value) {
        all_.emplace_back(std::move(name), std::move(value));
    }

    const std::vector<std::pair<std::string, std::string>>& all() const { return all_; }

    /// Empty where there is none of the name.
    std::string_view operator[](std::string_view name) const {
        for (const auto& [key, value] : all_)
            if (key == name)
                return value;
        return {};
    }

    /// The words of a property that is a list, without the quotes that some of them have.
    std::vector<std::string> words(std::string_view name) const;

private:
    std::vector<std::pair<std::string, std::string>> all_;
};

/// Asks for the properties of `unit`; for the manager's where it is empty.
Properties properties_of(const Context& context, const std::string& unit);

}  // namespace notifybridge::ctl
