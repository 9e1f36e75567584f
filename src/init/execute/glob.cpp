#include "init/execute/glob.hpp"

#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/system/file.hpp"
#include "base/util/concat.hpp"
#include "base/util/words.hpp"

namespace notifybridge::execute {
namespace {

using util::npos;

constexpr std::size_t most_alternatives = 256;

/// Returns the position of the brace that closes the brace at `open`. Returns npos if no brace
/// closes it.
std::size_t closing_brace(std::string_view pattern, std::size_t open) {
    int depth = 0;
    for (std::size_t at = open; at < pattern.size(); ++at) {
        depth += pattern[at] == '{' ? 1 : pattern[at] == '}' ? -1 : 0;
        if (depth == 0)
            return at;
    }
    return npos;
}

/// Appends the patterns that result from expanding each "{a,b}".
void expand_braces(std::string_view pattern, std::vector<std::string>& out) {
    const std::size_t open = pattern.find('{');
    const std::size_t close = open == npos ? npos : closing_brace(pattern, open);
    if (close == npos || out.size() >= most_alternatives) {
        out.emplace_back(pattern);
        return;
    }
    const std::string_view tail = pattern.substr(close + 1);
    int depth = 0;
    std::size_t begin = open + 1;
    for (std::size_t at = begin; at <= close; ++at) {
        if (at == close || (pattern[at] == ',' && depth == 0)) {
            expand_braces(
                util::concat(pattern.substr(0, open), pattern.substr(begin, at - begin), tail),
                out);
            begin = at + 1;
        } else if (pattern[at] == '{' || pattern[at] == '}') {
            depth += pattern[at] == '{' ? 1 : -1;
        }
    }
}

bool has_wildcard(std::string_view text) {
    return text.find_first_of("*?[\\") != npos;
}

/// Appends the matches of `rest` below `base`, which ends with "/".
void match_below(const std::string& base, std::string_view rest, std::vector<std::string>& out) {
    const std::size_t slash = rest.find('/');
    const std::string component(rest.substr(0, slash));
    const auto found = [&](std::string_view name) {
        const std::string path = base + std::string(name);
        struct stat status;
        if (slash != npos)
            match_below(path + '/', rest.substr(slash + 1), out);
        else if (::lstat(path.c_str(), &status) == 0)
            out.push_back(path);
    };
    if (!has_wildcard(component)) {
        found(component);
        return;
    }
    if (const auto entries = system::list_directory(base))
        for (const system::DirectoryEntry& entry : *entries)
            if (::fnmatch(component.c_str(), entry.name.c_str(), FNM_PERIOD) == 0)
                found(entry.name);
}

}  // namespace

std::string first_directory_of(std::string_view pattern) {
    const std::string_view before = pattern.substr(0, pattern.find_first_of("*?[{\\"));
    return std::string(before.substr(0, before.rfind('/')));
}

std::vector<std::string> glob(std::string_view pattern, Braces braces) {
    std::vector<std::string> patterns;
    if (braces == Braces::expanded)
        expand_braces(pattern, patterns);
    else
        patterns.emplace_back(pattern);
    std::vector<std::string> found;
    for (const std::string& one : patterns)
        if (one.starts_with('/'))
            match_below("/", std::string_view(one).substr(1), found);
    std::ranges::sort(found);
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

}  // namespace notifybridge::execute
