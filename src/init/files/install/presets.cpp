#include "init/files/install/presets.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <map>

#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/take_until.hpp"
#include "base/util/words.hpp"
#include "init/files/unit/name.hpp"

namespace notifybridge::install {

Presets::Presets(const load::FileSource& source, std::string_view directory_name) {
    std::map<std::string, std::string> files;
    for (const char* const parent : {"/etc", "/run", "/usr/local/lib", "/usr/lib"}) {
        const std::string directory = util::concat(parent, "/systemd/", directory_name);
        for (const load::Entry& entry : source.list(directory))
            if (entry.name.ends_with(".preset"))
                files.emplace(entry.name, util::concat(directory, '/', entry.name));
    }
    for (const auto& [name, path] : files) {
        const auto text = source.read(path);
        std::string_view rest = text ? std::string_view(*text) : std::string_view();
        while (!rest.empty())
            take_line(util::take_until(rest, '\n'));
    }
}

/// Parses "enable PATTERN [INSTANCE…]" or "disable PATTERN". Ignores all other lines.
void Presets::take_line(std::string_view line) {
    util::WordReader words(line, util::plain_words);
    std::string action, pattern, instance;
    words.next(action);
    if ((action != "enable" && action != "disable") || words.next(pattern) != util::Extracted::word)
        return;
    Rule rule{action == "enable", pattern, {}};
    while (rule.enables && words.next(instance) == util::Extracted::word)
        rule.instances.push_back(instance);
    // Ignore a rule with instances if its pattern is not the name of a template.
    const auto name = unit::UnitName::parse(pattern);
    if (!rule.instances.empty() && (!name || name->kind() != unit::NameKind::template_unit))
        return;
    rules_.push_back(std::move(rule));
}

bool Presets::enables(const std::string& name) const {
    const auto found = std::ranges::find_if(rules_, [&](const Rule& rule) {
        return ::fnmatch(rule.pattern.c_str(), name.c_str(), FNM_NOESCAPE) == 0;
    });
    return found == rules_.end() || found->enables;
}

std::optional<std::vector<std::string>> Presets::enabled(const std::string& name) const {
    const auto parsed = unit::UnitName::parse(name);
    const auto shared = parsed ? parsed->template_name() : std::nullopt;
    for (const Rule& rule : rules_) {
        const auto& instances = rule.instances;
        const bool is_of_rule = !instances.empty() && shared && shared->text() == rule.pattern;
        if (is_of_rule && *shared == *parsed) {
            std::vector<std::string> names;
            for (const std::string& instance : instances)
                if (const auto one = parsed->with_instance(instance))
                    names.push_back(one->text());
            return names;
        }
        if (is_of_rule && util::contains(instances, parsed->instance()))
            return std::vector{name};
        if (::fnmatch(rule.pattern.c_str(), name.c_str(), FNM_NOESCAPE) == 0)
            return rule.enables ? std::optional(std::vector{name}) : std::nullopt;
    }
    return std::vector{name};
}

}  // namespace notifybridge::install
