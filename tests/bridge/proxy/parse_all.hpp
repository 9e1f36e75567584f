#pragma once

#include <string>
#include <vector>

#include "bridge/proxy/specification.hpp"

namespace notifybridge::proxy {

inline std::vector<Specification> parse_all(const std::vector<std::string>& texts) {
    std::vector<Specification> all;
    for (const std::string& text : texts)
        all.push_back(parse_specification(text));
    return all;
}

}  // namespace notifybridge::proxy
