#include "init/files/load/unit_index.hpp"

#include <algorithm>
#include <array>

#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/escape.hpp"
#include "base/util/take_until.hpp"
#include "init/files/unit/path.hpp"

namespace notifybridge::load {
namespace {

using util::concat;

constexpr int most_hops = 8;

// The directories in systemd.unit(5), UNIT FILE LOAD PATH, Table 1. On a merged system, /lib is the
// same as /usr/lib.
constexpr auto system_directories = std::to_array<std::string_view>({
    "/etc/systemd/system.control",
    "/run/systemd/system.control",
    "/run/systemd/transient",
    "/run/systemd/generator.early",
    "/etc/systemd/system",
    "/etc/systemd/system.attached",
    "/run/systemd/system",
    "/run/systemd/system.attached",
    "/run/systemd/generator",
    "/usr/local/lib/systemd/system",
    "/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/run/systemd/generator.late",
});

/// Returns `path` without "..". Each ".." removes the component before it.
std::string without_parents(std::string_view path) {
    std::string out;
    const std::string simple = unit::simplify_path(path);
    for (std::size_t at = 1; at <= simple.size();) {
        const std::size_t end = std::min(simple.find('/', at), simple.size());
        const std::string_view component = std::string_view(simple).substr(at, end - at);
        if (component == "..")
            out.resize(out.empty() ? 0 : out.rfind('/'));
        else if (!component.empty())
            out += concat('/', component);
        at = end + 1;
    }
    return out.empty() ? "/" : out;
}

/// Adds the names whose drop-ins apply to a unit, the most specific first. These are the name
/// itself, the template of an instance, and the prefixes of the name that end with a dash. The
/// prefixes of a template's name have no "@": foo-.service for foo-bar@.service.
void add_drop_in_names(const unit::UnitName& name, std::vector<std::string>& names) {
    names.push_back(name.text());
    if (name.kind() == unit::NameKind::instance)
        if (const auto shared = name.template_name())
            add_drop_in_names(*shared, names);
    std::string_view prefix = name.prefix();
    std::string_view rest = std::string_view(name.text()).substr(prefix.size());
    if (name.kind() == unit::NameKind::template_unit)
        rest.remove_prefix(1);
    if (prefix.ends_with('-'))
        prefix.remove_suffix(1);
    const std::size_t dash = prefix.rfind('-');
    if (dash == prefix.npos || dash == 0)
        return;
    if (const auto shorter = unit::UnitName::parse(concat(prefix.substr(0, dash + 1), rest)))
        add_drop_in_names(*shorter, names);
}

}  // namespace

std::vector<std::string> load_path(std::string_view unit_path) {
    std::vector<std::string> directories;
    const bool adds_default = unit_path.empty() || unit_path.ends_with(':');
    while (!unit_path.empty()) {
        const std::string_view directory = util::take_until(unit_path, ':');
        if (unit::is_absolute(directory))
            util::add_once(directories, unit::simplify_path(directory));
    }
    if (adds_default)
        for (const std::string_view directory : system_directories)
            util::add_once(directories, std::string(directory));
    return directories;
}

UnitIndex::UnitIndex(const FileSource& source, std::vector<std::string> directories,
                     unit::Messages& messages)
    : source_(source), directories_(std::move(directories)) {
    for (const std::string& directory : directories_)
        resolved_directories_.push_back(source_.resolve(directory));
    for (const std::string& directory : directories_)
        scan(directory, messages);
    find_aliases();
}

void UnitIndex::scan(const std::string& directory, unit::Messages& messages) {
    for (const Entry& entry : source_.list(directory)) {
        const auto name = unit::UnitName::parse(entry.name);
        if (!name && (entry.kind == EntryKind::directory || entry.kind == EntryKind::link))
            subdirectories_[entry.name.substr(0, entry.name.rfind('.'))].push_back(
                concat(directory, '/', entry.name));
        if (!name || targets_.contains(entry.name))
            continue;
        if (entry.kind == EntryKind::link)
            add_link(directory, *name, messages);
        else if (entry.kind == EntryKind::file)
            targets_.emplace(entry.name, concat(directory, '/', entry.name));
    }
}

bool UnitIndex::is_in_load_path(std::string_view directory) const {
    const auto is_in = [&](const std::vector<std::string>& all) {
        return util::contains(all, directory);
    };
    return is_in(directories_) || is_in(resolved_directories_);
}

/// Adds a link. A link to a unit of the load path is an alias. Any other link counts as the file
/// that it points to.
void UnitIndex::add_link(const std::string& directory, const unit::UnitName& name,
                         unit::Messages& messages) {
    const std::string path = concat(directory, '/', name.text());
    const auto target = source_.read_link(path);
    if (!target)
        return;
    const std::string full =
        without_parents(unit::is_absolute(*target) ? *target : concat(directory, '/', *target));
    const std::string parent = source_.resolve(std::string(unit::directory_name(full)));
    const std::string_view file = unit::file_name(full);
    if (!is_in_load_path(parent) && !is_in_load_path(unit::directory_name(full))) {
        targets_.emplace(name.text(), path);
        return;
    }
    if (file == name.text()) {
        // The link leads to another directory of the load path, to a file with the same name, so
        // use that file. `enable` and `link` create such links.
        if (full != path)
            targets_.emplace(name.text(), full);
        return;
    }
    const auto target_name = unit::UnitName::parse(file);
    if (target_name && unit::may_be_alias(name, *target_name))
        targets_.emplace(name.text(), target_name->text());
    else
        messages.warn(
            {path},
            concat("ignoring this link to ", util::quote(*target),
                   ": the names of the link and of its target must have the same type and the same "
                   "instance, and both or neither must have \"@\"."));
}

/// Finds the names that are aliases. Their targets are names, and not paths.
void UnitIndex::find_aliases() {
    for (const auto& [name, target] : targets_)
        if (!unit::is_absolute(target))
            if (const auto path = find_path(name))
                aliases_[*path].push_back(*unit::UnitName::parse(name));
    for (auto& [path, names] : aliases_)
        std::ranges::sort(names);
}

/// Returns the path of the file to which `name` leads. Follows aliases. If an alias leads to an
/// instance without a file, continues with its template. Returns nullopt if the file does not
/// exist.
std::optional<std::string> UnitIndex::find_path(const std::string& name) const {
    std::string current = name;
    for (int hop = 0; hop < most_hops; ++hop) {
        auto found = targets_.find(current);
        if (found == targets_.end() && hop > 0) {
            const auto parsed = unit::UnitName::parse(current);
            const auto shared = parsed ? parsed->template_name() : std::nullopt;
            found = shared ? targets_.find(shared->text()) : found;
        }
        if (found == targets_.end())
            return std::nullopt;
        if (unit::is_absolute(found->second))
            return found->second;
        current = found->second;
    }
    return std::nullopt;
}

std::optional<UnitIndex::Fragment> UnitIndex::find(const unit::UnitName& name) const {
    auto path = find_path(name.text());
    if (!path && name.kind() == unit::NameKind::instance)
        path = find_path(name.template_name()->text());
    if (!path)
        return std::nullopt;

    if (unit::file_name(*path) == name.text() && !aliases_.contains(*path))
        return Fragment{*std::move(path), name, {name.text()}};

    // The result has a value, because every file in the index has a valid unit name.
    const auto file = unit::UnitName::parse(unit::file_name(*path));
    const bool fills =
        file->kind() == unit::NameKind::template_unit && name.kind() == unit::NameKind::instance;
    const unit::UnitName id = fills ? file->with_instance(name.instance()).value_or(name) : *file;
    return Fragment{*path, id, names_of(id, *file)};
}

/// Returns all names that lead to `file`, with `id` first. If an alias is a template and `id` is an
/// instance, the result has the alias's instance instead of the template.
std::vector<std::string> UnitIndex::names_of(const unit::UnitName& id,
                                             const unit::UnitName& file) const {
    std::vector<std::string> names = {id.text()};
    const auto path = find_path(file.text());
    const auto found = path ? aliases_.find(*path) : aliases_.end();
    if (found == aliases_.end())
        return names;
    for (const unit::UnitName& name : found->second) {
        const bool fills =
            name.kind() == unit::NameKind::template_unit && id.kind() == unit::NameKind::instance;
        const auto alias = fills ? name.with_instance(id.instance()) : name;
        const bool is_other =
            name.kind() == unit::NameKind::instance && name.instance() != id.instance();
        if (alias && !is_other && *alias != id)
            names.push_back(alias->text());
    }
    return names;
}

std::vector<std::string> UnitIndex::subdirectories(std::span<const std::string> names) const {
    if (subdirectories_.empty())
        return {};
    std::vector<std::string> drop_in_names;
    std::string_view type;
    for (const std::string& text : names)
        if (const auto name = unit::UnitName::parse(text)) {
            add_drop_in_names(*name, drop_in_names);
            type = unit::to_string(name->type());
        }
    drop_in_names.emplace_back(type);
    // Search the index first, because most names have no such directories.
    std::vector<std::string> known;
    for (const std::string& name : drop_in_names)
        if (const auto found = subdirectories_.find(name); found != subdirectories_.end())
            known.insert(known.end(), found->second.begin(), found->second.end());
    std::vector<std::string> ordered;
    for (const std::string& directory : directories_)
        for (const std::string& path : known)
            if (unit::directory_name(path) == directory)
                util::add_once(ordered, path);
    return ordered;
}

std::vector<std::string> UnitIndex::names() const {
    std::vector<std::string> all;
    for (const auto& [name, target] : targets_)
        all.push_back(name);
    std::ranges::sort(all);
    return all;
}

}  // namespace notifybridge::load
