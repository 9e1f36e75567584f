#include "init/hands/execute/glob.hpp"

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

/// A search for the matches of a pattern that looks at a limited number of files.
class Search {
public:
    explicit Search(std::size_t most) : left_(most) {}

    /// Finds the matches of `rest` below `base`, which ends with "/". Returns false if there are
    /// too many files to look at.
    bool look_below(const std::string& base, std::string_view rest);

    std::vector<std::string> found;

private:
    std::size_t left_;  ///< The number of further looks.
};

bool Search::look_below(const std::string& base, std::string_view rest) {
    const std::size_t slash = rest.find('/');
    const std::string component(rest.substr(0, slash));
    const auto look_at = [&](const std::string& name) {
        const std::string path = base + name;
        if (slash != npos)
            return look_below(path + '/', rest.substr(slash + 1));
        if (left_ == 0)
            return false;
        --left_;
        struct stat status;
        if (::lstat(path.c_str(), &status) == 0)
            found.push_back(path);
        return true;
    };
    if (!has_wildcard(component))
        return look_at(component);
    const auto entries = system::list_directory(base, left_);
    const std::size_t looks = 1 + (entries ? entries->size() : 0);
    if (looks > left_)
        return false;
    left_ -= looks;
    return !entries || std::ranges::all_of(*entries, [&](const system::DirectoryEntry& entry) {
        return ::fnmatch(component.c_str(), entry.name.c_str(), FNM_PERIOD) != 0
               || look_at(entry.name);
    });
}

}  // namespace

std::optional<std::vector<std::string>> glob_within(std::size_t most, std::string_view pattern,
                                                    Braces braces) {
    std::vector<std::string> patterns;
    if (braces == Braces::expanded)
        expand_braces(pattern, patterns);
    else
        patterns.emplace_back(pattern);
    Search search(most);
    for (const std::string& one : patterns)
        if (one.starts_with('/') && !search.look_below("/", std::string_view(one).substr(1)))
            return std::nullopt;
    std::ranges::sort(search.found);
    search.found.erase(std::unique(search.found.begin(), search.found.end()), search.found.end());
    return std::move(search.found);
}

std::vector<std::string> glob(std::string_view pattern, Braces braces) {
    return *glob_within(SIZE_MAX, pattern, braces);
}

}  // namespace notifybridge::execute
