#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "init/load/source.hpp"

namespace notifybridge::install {

/// --preset-mode=: which units are changed.
enum class PresetMode { full, enable_only, disable_only };

/// The units that a distribution wants to be enabled: systemd.preset(5).
class Presets {
public:
    explicit Presets(const load::FileSource& source);

    /// Returns the decision of the first rule that matches, or true if none does.
    bool enables(const std::string& name) const;
    /// Returns what `preset` enables: the name itself, or the instances of a template that a rule
    /// names. Returns nullopt if it is disabled.
    std::optional<std::vector<std::string>> enabled(const std::string& name) const;

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
