#include "init/files/install/unit_file.hpp"

#include <array>
#include <map>

#include "base/util/concat.hpp"
#include "init/files/install/change.hpp"
#include "init/files/unit/path.hpp"
#include "init/files/unit/syntax.hpp"

namespace notifybridge::install {
namespace {

using load::FileKind;
using unit::NameKind;
using unit::UnitName;
using util::concat;

constexpr auto install_section = std::to_array<std::string_view>({"Install"});

std::string absolute(const std::string& link, const std::string& target) {
    return unit::is_absolute(target) ? target : concat(unit::directory_name(link), '/', target);
}

/// Appends the words of `value` to `list`. An empty value clears `list`.
void take_words(std::string_view value, std::vector<std::string>& list,
                util::WordRules rules = {.unquote = true, .retain_escape = true}) {
    if (value.empty())
        list.clear();
    util::WordReader words(value, rules);
    for (std::string word; words.next(word) == util::Extracted::word;)
        list.push_back(word);
}

bool is_missing(int error) {
    return error == ENOENT || error == ENOTDIR || error == EACCES;
}

}  // namespace

int Lookup::search(UnitFile& unit, bool reads) const {
    if (unit.mode != UnitFile::Mode::unknown)
        return 0;
    if (!unit.path.empty())
        return look(unit, unit.path, reads);
    const auto name = UnitName::parse(unit.name);
    int error = look_for(unit, unit.name, reads);
    if (error == problem::missing && name->kind() == NameKind::instance)
        error = look_for(unit, name->template_name()->text(), reads);
    if (error != 0 || unit.mode == UnitFile::Mode::masked || !reads)
        return error;
    return read_drop_ins(unit);
}

int Lookup::look_for(UnitFile& unit, const std::string& name, bool reads) const {
    for (const std::string& directory : directories_.load_path) {
        const std::string path = concat(directory, '/', name);
        const int error = look(unit, path, reads);
        if (error == 0)
            unit.path = path;
        if (!is_missing(error))
            return error;
    }
    return problem::missing;
}

int Lookup::look(UnitFile& unit, const std::string& path, bool reads) const {
    if (const auto target = source_.read_link(path))
        return look_at_link(unit, path, absolute(path, *target));
    const load::FileLook look = reads ? source_.look(path) : load::FileLook{source_.status(path)};
    switch (look.status.kind) {
        case FileKind::missing:
            return problem::missing;
        case FileKind::directory:
            return EISDIR;
        case FileKind::other:
            return ENOTTY;
        case FileKind::null:
            unit.mode = UnitFile::Mode::masked;
            return 0;
        case FileKind::regular:
            break;
    }
    // If the file cannot be read, leave the mode unknown, so that the next request tries to read it
    // again.
    const int error = !reads      ? 0
                      : look.text ? parse(unit, path, *look.text)
                                  : look.text.error().value();
    if (error == 0)
        unit.mode = UnitFile::Mode::regular;
    return error;
}

int Lookup::look_at_link(UnitFile& unit, const std::string& path, const std::string& target) const {
    const std::string directory = source_.resolve(std::string(unit::directory_name(target)));
    const std::string full =
        concat(directory == "/" ? "" : directory, '/', unit::file_name(target));
    const bool is_alias = directories_.has_below(full);
    if (is_alias) {
        const auto from = UnitName::parse(unit::file_name(path));
        const auto to = UnitName::parse(unit::file_name(full));
        if (!from || !to || !may_be_alias(*from, *to))
            return problem::no_alias;
        // A unit cannot be an alias of itself.
        if (*from == *to)
            return problem::linked;
    }
    unit.target = full;
    if (source_.kind(full) == FileKind::null)
        unit.mode = UnitFile::Mode::masked;
    else
        unit.mode = is_alias ? UnitFile::Mode::alias : UnitFile::Mode::linked;
    return 0;
}

int Lookup::follow(UnitFile& unit, bool any_name, bool reads) const {
    if (!any_name && unit::file_name(unit.target) != unit.name)
        return problem::no_alias;
    unit.path = unit.target;
    unit.mode = UnitFile::Mode::unknown;
    return look(unit, unit.path, reads);
}

int Lookup::read(UnitFile& unit, const std::string& path) const {
    const auto text = source_.read(path);
    return text ? parse(unit, path, *text) : text.error().value();
}

int Lookup::parse(UnitFile& unit, const std::string& path, std::string_view text) const {
    unit::Messages messages;
    int refusal = 0;
    const auto assign = [&](const unit::Assignment& assignment) {
        refusal = take(unit, assignment.key, assignment.value);
        return refusal == 0;
    };
    const int error = unit::parse_syntax(text, path, install_section, assign, messages);
    return refusal != 0 ? refusal : error;
}

int Lookup::take(UnitFile& unit, std::string_view key, std::string_view value) const {
    InstallSection& install = unit.install;
    const auto name = UnitName::parse(unit.name);
    if (key == "Alias") {
        if (unit::may_have_alias(name->type()))
            take_words(value, install.alias);
    } else if (key == "WantedBy")
        take_words(value, install.wanted_by);
    else if (key == "RequiredBy")
        take_words(value, install.required_by);
    else if (key == "UpheldBy")
        take_words(value, install.upheld_by);
    else if (key == "Also")
        return take_also(unit, value);
    else if (key == "DefaultInstance" && name->kind() == NameKind::template_unit)
        return take_default_instance(unit, value);
    return 0;
}

int Lookup::take_also(UnitFile& unit, std::string_view value) const {
    std::vector<std::string> words;
    take_words(value, words, {});
    for (const std::string& word : words) {
        auto name = expand(unit, word);
        if (!name)
            return EBADSLT;
        if (!UnitName::parse(*name))
            return EINVAL;
        unit.install.also.push_back(std::move(*name));
    }
    return 0;
}

int Lookup::take_default_instance(UnitFile& unit, std::string_view value) const {
    auto instance = expand(unit, value);
    if (!instance)
        return EBADSLT;
    const auto name = UnitName::parse(unit.name);
    if (!name->with_instance(*instance))
        return EINVAL;
    unit.install.default_instance = std::move(*instance);
    return 0;
}

/// Reads the drop-ins of the unit and of its template. Ignores drop-ins for all units of a type
/// ("service.d") or for a name's prefix ("foo-.service.d").
int Lookup::read_drop_ins(UnitFile& unit) const {
    std::vector<std::string> names = {unit.name};
    const auto name = UnitName::parse(unit.name);
    if (name->kind() == NameKind::instance)
        names.push_back(name->template_name()->text());
    std::map<std::string, std::string> files;
    for (const std::string& each : names)
        for (const std::string& directory : directories_.load_path) {
            const std::string drop_ins = concat(directory, '/', each, ".d");
            for (const load::Entry& entry : source_.list(drop_ins))
                if (entry.name.ends_with(".conf") && !entry.name.starts_with('.'))
                    files.emplace(entry.name, concat(drop_ins, '/', entry.name));
        }
    for (const auto& [file, path] : files)
        if (source_.kind(path) == FileKind::regular)
            if (const int error = read(unit, path))
                return error;
    return 0;
}

std::optional<std::string> Lookup::expand(const UnitFile& unit, std::string_view text) const {
    auto name = UnitName::parse(unit.name);
    if (name->kind() == NameKind::template_unit && !unit.install.default_instance.empty())
        name = name->with_instance(unit.install.default_instance);
    if (!name)
        return std::nullopt;
    auto expanded =
        unit::expand_specifiers(text, {facts_, *name, unit.path}, unit::SpecifierScope::names);
    return expanded.is_valid() ? std::optional(std::move(expanded.text)) : std::nullopt;
}

bool Lookup::exists(const std::string& name) const {
    UnitFile unit{name};
    return UnitName::parse(name) && search(unit, false) != problem::missing;
}

}  // namespace notifybridge::install
