#include "init/hands/perform/path_answers.hpp"

#include <unistd.h>

#include <cstring>

#include "base/system/file.hpp"
#include "base/system/umask.hpp"
#include "init/hands/condition/condition_tests.hpp"
#include "init/hands/execute/glob.hpp"

namespace notifybridge::perform {

std::string answer_rules(const std::vector<unit::PathRule>& rules,
                         const MadeDirectories& directories) {
    const system::Umask none(0);
    for (const auto& [path, mode] : directories)
        system::make_directories(path, mode);
    std::string bytes;
    const auto put = [&bytes](const auto& value) {
        bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    };
    for (const unit::PathRule& rule : rules) {
        bool holds = false;
        std::string match;
        if (rule.kind == unit::PathKind::exists_glob) {
            auto matches = execute::glob(rule.path, execute::Braces::expanded);
            holds = !matches.empty();
            match = holds ? std::move(matches.front()) : "";
        } else {
            holds = ::access(rule.path.c_str(), F_OK) == 0
                    && (rule.kind != unit::PathKind::directory_not_empty
                        || condition::has_files(rule.path).value_or(false));
        }
        put(holds);
        put(rule.counts_changes() ? look_at(rule.path) : FileLook());
        put(match.size());
        bytes += match;
    }
    return bytes;
}

std::optional<std::vector<PathAnswer>> read_answers(std::string_view bytes, std::size_t count) {
    const auto take = [&bytes](auto& value) {
        const bool is_whole = bytes.size() >= sizeof value;
        if (is_whole)
            std::memcpy(&value, bytes.data(), sizeof value);
        bytes.remove_prefix(is_whole ? sizeof value : bytes.size());
        return is_whole;
    };
    std::vector<PathAnswer> answers(count);
    for (PathAnswer& answer : answers) {
        std::size_t size = 0;
        if (!take(answer.holds) || !take(answer.file) || !take(size) || size > bytes.size())
            return std::nullopt;
        answer.match = bytes.substr(0, size);
        bytes.remove_prefix(size);
    }
    return answers;
}

}  // namespace notifybridge::perform
