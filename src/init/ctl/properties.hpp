#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "init/ctl/context.hpp"

namespace notifybridge::ctl {

/// The properties of a unit or of the manager, in the order in which `show` prints them.
class Properties {
public:
    void add(std::string name, std::string value) {
        all_.emplace_back(std::move(name), std::move(value));
    }

    const std::vector<std::pair<std::string, std::string>>& all() const { return all_; }

    /// Returns the value of a property, or an empty text if the property does not exist.
    std::string_view operator[](std::string_view name) const {
        for (const auto& [key, value] : all_)
            if (key == name)
                return value;
        return {};
    }

    /// Returns the words of a property whose value is a list. The words are without quotes.
    std::vector<std::string> words(std::string_view name) const;

private:
    std::vector<std::pair<std::string, std::string>> all_;
};

/// Requests the properties of `unit`, or of the manager if `unit` is empty.
Properties properties_of(const Context& context, const std::string& unit);

}  // namespace notifybridge::ctl
