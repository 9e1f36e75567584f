#include "install/presets.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <map>

#include "unit/name.hpp"
#include "unit/words.hpp"
#include "util/concat.hpp"

namespace notifybridge::install {

Presets::Presets(const unit::FileSource& source) {
    std::map<std::string, std::string> files;
    for (const char* const parent : {"/etc", "/run", "/usr/local/lib", "/usr/lib"}) {
        const std::string directory = util::concat(parent, "/systemd/system-preset");
        for (const unit::Entry& entry : source.list(directory))
            if (entry.name.ends_with(".preset"))
                files.emplace(entry.name, util::concat(directory, '/', entry.name));
    }
    for (const auto& [name, path] : files) {
        const auto text = source.read(path);
        std::string_view rest = text ? std::string_view(*text) : std::string_view();
        while (!rest.empty()) {
            const std::string_view line = rest.substr(0, rest.find('\n'));
            rest.remove_prefix(std::min(line.size() + 1, rest.size()));
            take_line(line);
        }
    }
}

/// "enable PATTERN [INSTANCE…]", "disable PATTERN"; all else is passed over.
void Presets::take_line(std::string_view line) {
    unit::WordReader words(line, unit::plain_words);
    std::string action, pattern, instance;
    words.next(action);
    if ((action != "enable" && action != "disable") || words.next(pattern) != unit::Extracted::word)
        return;
    Rule rule{action == "enable", pattern, {}};
    while (rule.enables && words.next(instance) == unit::Extracted::word)
        rule.instances.push_back(instance);
    rules_.push_back(std::move(rule));
}

bool Presets::enables(const std::string& name) const {
    const auto found = std::find_if(rules_.begin(), rules_.end(), [&](const Rule& rule) {
        return ::fnmatch(rule.pattern.c_str(), name.c_str(), FNM_NOESCAPE) == 0;
    });
    return found == rules_.end() || found->enables;
}

}  // namespace notifybridge::install
