#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "unit/source.hpp"

namespace notifybridge::install {

/// What a distribution wants to be enabled: systemd.preset(5).
class Presets {
public:
    explicit Presets(const unit::FileSource& source);

    /// By the first rule that matches; true where there is none.
    bool enables(const std::string& name) const;

private:
    struct Rule {
        bool enables;
        std::string pattern;
        std::vector<std::string> instances;
    };

    void take_line(std::string_view line);

    std::vector<Rule> rules_;
};

}  // namespace notifybridge::install
