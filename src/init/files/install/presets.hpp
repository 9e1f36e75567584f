#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "init/files/load/source.hpp"

namespace notifybridge::install {

/// The changes that --preset-mode= allows (systemctl(1)).
enum class PresetMode { full, enable_only, disable_only };

/// The rules that define which units a distribution enables (systemd.preset(5)).
class Presets {
public:
    /// Reads the files in the directories with this name, such as "system-preset".
    Presets(const load::FileSource& source, std::string_view directory_name);

    /// Returns whether the first rule that matches `name` enables it. Returns true if no rule
    /// matches.
    bool enables(const std::string& name) const;
    /// Returns the names that `preset` enables: `name`, or the instances that a rule lists for a
    /// template. Returns nullopt if the rules disable `name`.
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
