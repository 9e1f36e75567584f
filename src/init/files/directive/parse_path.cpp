#include <optional>
#include <string>
#include <utility>

#include "init/files/directive/parse.hpp"

/// Reads the directives of systemd.path(5).
namespace notifybridge::directive::parse {

void path_rule(unit::Line& line, unit::PathKind kind) {
    std::vector<unit::PathRule>& rules = line.settings().path.edit().rules;
    if (resets(line, rules))
        return;
    const auto text = line.expand(line.value());
    auto path = text ? absolute_path(line, *text) : std::nullopt;
    if (path)
        rules.push_back({kind, std::move(*path)});
}

}  // namespace notifybridge::directive::parse
