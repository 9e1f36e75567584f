#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "init/load/source.hpp"

namespace notifybridge::install {

/// --preset-mode=: which of the two is done.
enum class PresetMode { full, enable_only, disable_only };

/// What a distribution wants to be enabled: systemd.preset(5).
class Presets {
public:
    explicit Presets(const load::FileSource& source);

    /// By the first rule that matches; true where there is none.
    bool enables(const std::string& name) const;
    /// What `preset` enables of it: the name itself, or of a template the instances that a rule
    /// names; nothing where it is disabled.
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
