#include "init/files/load/load.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>

#include "base/system/error.hpp"
#include "base/util/closest.hpp"
#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/escape.hpp"
#include "base/util/literal.hpp"
#include "init/files/directive/directive.hpp"
#include "init/files/load/complete.hpp"
#include "init/files/load/type_row.hpp"
#include "init/files/unit/merge_variables.hpp"
#include "init/files/unit/path.hpp"
#include "init/files/unit/syntax.hpp"

namespace notifybridge::load {
namespace {

using util::concat;

/// The files of several directories, by name. If several files have the same name, only the file in
/// the first directory is included.
using FilesByName = std::map<std::string, std::string>;

/// Returns the files in the directories whose paths end in `ending`, such as ".d". Skips hidden
/// files, and files whose names do not end in `suffix`.
FilesByName list_files(const FileSource& source, const std::vector<std::string>& directories,
                       std::string_view ending, std::string_view suffix) {
    FilesByName files;
    for (const std::string& directory : directories)
        if (directory.ends_with(ending))
            for (const Entry& entry : source.list(directory))
                if (!entry.name.starts_with('.') && entry.name.ends_with(suffix))
                    files.emplace(entry.name, concat(directory, '/', entry.name));
    return files;
}

/// Returns the drop-ins in the order in which they are read.
std::vector<std::string> drop_ins_in(const std::vector<std::string>& directories,
                                     const FileSource& source) {
    std::vector<std::string> paths;
    for (auto& [name, path] : list_files(source, directories, ".d", ".conf"))
        paths.push_back(path);
    return paths;
}

class Loader {
public:
    Loader(LoadedUnit& unit, const UnitIndex& index, const unit::Facts& facts,
           unit::Messages& messages)
        : unit_(unit),
          index_(index),
          messages_(messages),
          context_{facts, unit.id, unit.fragment_path} {}

    void load(const FileLook& fragment);

private:
    void load_files(const FileLook& fragment);
    void load_fragment(const FileLook& fragment);
    void adapt_to_script();
    void load_drop_ins(const std::vector<std::string>& directories);
    void load_links(const std::vector<std::string>& directories, std::string_view ending,
                    unit::Dependency dependency);
    void add_link(const std::string& file, const std::string& path, unit::Names& dependencies);
    unit::LoadState parse_file(const std::string& path,
                               const boost::system::result<std::string>& text);
    unit::LoadState fail(int error);
    unit::LoadState parse_assignment(const unit::Assignment& assignment);
    bool is_missing_credential(std::string_view value) const;
    void note_unhonoured(const directive::Directive& directive, std::string_view value);
    void note_implied();
    void warn_of_unknown(const unit::Assignment& assignment);
    void warn_of_unhonoured();
    std::string unhonoured(directive::Support support) const;
    void prevent_start();

    LoadedUnit& unit_;
    const UnitIndex& index_;
    unit::Messages& messages_;
    unit::SpecifierContext context_;
    /// The unsupported directives of the unit, except those whose last value has no effect in
    /// systemd.
    std::map<std::string_view, directive::Support> unhonoured_;
};

void Loader::load(const FileLook& fragment) {
    load_files(fragment);
    // Remove duplicates only once, because a search after each line would take quadratic time.
    unit_.settings.unit.dependencies.drop_repeated();
    if (unit::ExecSettings* const exec = unit_.settings.exec.own())
        unit::merge_variables(exec->environment, std::exchange(exec->environment, {}));
}

void Loader::load_files(const FileLook& fragment) {
    load_fragment(fragment);
    if (unit_.state != unit::LoadState::loaded && unit_.state != unit::LoadState::masked)
        return;
    adapt_to_script();
    const auto directories = index_.subdirectories(unit_.names());
    load_drop_ins(directories);
    load_links(directories, ".wants", unit::Dependency::wants);
    load_links(directories, ".requires", unit::Dependency::requires_unit);
    load_links(directories, ".upholds", unit::Dependency::upholds);
    if (unit_.state != unit::LoadState::loaded)
        return;
    unit_.is_complete = true;
    note_implied();
    warn_of_unhonoured();
    prevent_start();
    unit_.state = complete(unit_.settings, unit_.id, {unit_.fragment_path}, messages_);
    if (unit_.state == unit::LoadState::error)
        fail(EPERM);
}

void Loader::load_fragment(const FileLook& fragment) {
    switch (fragment.status.kind) {
        case FileKind::missing:
            unit_.state = unit::LoadState::not_found;
            return;
        case FileKind::null:
            unit_.state = unit::LoadState::masked;
            return;
        case FileKind::regular:
            unit_.state = parse_file(unit_.fragment_path, fragment.text);
            return;
        case FileKind::directory:
        case FileKind::other:
            break;
    }
    messages_.fail({unit_.fragment_path}, "cannot read this file: it is not a regular file.");
    unit_.state = fail(EINVAL);
}

/// Replaces KillMode=process in the unit of a SysV script, which systemd-sysv-generator(8) writes
/// because the script stops its daemon itself. The script finds the daemon by its program
/// (start-stop-daemon --exec). If the script cannot see the program of a daemon with its own user,
/// the daemon would stay. Drop-ins take precedence.
void Loader::adapt_to_script() {
    const unit::Settings& settings = std::as_const(unit_.settings);
    if (!context_.facts.can_see_programs && settings.kill->mode == unit::KillMode::process
        && settings.unit.source_path->starts_with("/etc/init.d/"))
        unit_.settings.kill.edit().mode = unit::KillMode::control_group;
}

void Loader::load_drop_ins(const std::vector<std::string>& directories) {
    auto paths = drop_ins_in(directories, index_.source());
    if (paths.empty())
        return;
    unit_.drop_in_paths.edit() = std::move(paths);
    for (const std::string& path : *unit_.drop_in_paths)
        // If a drop-in has an error, continue with the other drop-ins.
        if (const FileLook look = index_.source().look(path); look.status.kind == FileKind::regular)
            parse_file(path, look.text);
}

/// Adds a dependency for each link in the directories. The name of the link is the name of the
/// other unit. A link to an empty file or to /dev/null is skipped. Any other target has no effect.
void Loader::load_links(const std::vector<std::string>& directories, std::string_view ending,
                        unit::Dependency dependency) {
    for (const auto& [file, path] : list_files(index_.source(), directories, ending, {}))
        if (index_.source().kind(path) != FileKind::null)
            add_link(file, path, unit_.settings.unit.dependencies[dependency]);
}

void Loader::add_link(const std::string& file, const std::string& path, unit::Names& dependencies) {
    auto name = unit::UnitName::parse(file);
    if (!name || !index_.source().read_link(path)) {
        messages_.warn(
            {path},
            "ignoring this file: only symbolic links with unit names may be in this directory.");
        return;
    }
    if (name->kind() == unit::NameKind::template_unit) {
        const bool is_instance = unit_.id.kind() == unit::NameKind::instance;
        name = name->with_instance(is_instance ? unit_.id.instance() : unit_.id.prefix());
    }
    if (name && *name != unit_.id)
        dependencies.push_back(name->text());
}

unit::LoadState Loader::parse_file(const std::string& path,
                                   const boost::system::result<std::string>& text) {
    if (!text) {
        messages_.fail(
            {path}, concat("cannot read this file: ", system::describe(text.error().value()), '.'));
        return fail(text.error().value());
    }
    unit::LoadState state = unit::LoadState::loaded;
    const auto assign = [&](const unit::Assignment& assignment) {
        state = parse_assignment(assignment);
        return state == unit::LoadState::loaded;
    };
    const int error =
        unit::parse_syntax(*text, path, type_row(unit_.id.type()).sections, assign, messages_);
    return error == 0 || state != unit::LoadState::loaded ? state : fail(error);
}

unit::LoadState Loader::fail(int error) {
    unit_.error = error;
    return unit::LoadState::error;
}

/// Applies one assignment. Returns `loaded` unless the line is refused.
unit::LoadState Loader::parse_assignment(const unit::Assignment& assignment) {
    const auto directive = directive::find_directive(assignment.section, assignment.key);
    if (!directive) {
        if (directive::has_directives(assignment.section))
            warn_of_unknown(assignment);
        return unit::LoadState::loaded;
    }
    note_unhonoured(*directive, assignment.value);
    if (!directive->row->field.read)
        return unit::LoadState::loaded;
    unit::Line line(assignment, context_, unit_.settings, messages_);
    directive->row->field.read(line);
    return line.state() == unit::LoadState::error ? fail(EINVAL) : line.state();
}

/// Returns whether `value` of LoadCredential= names a credential that systemd does not find in its
/// directories, as in some of systemd's own units. Returns false if `value` has a path.
bool Loader::is_missing_credential(std::string_view value) const {
    constexpr util::Literal directories[] = {"/etc/credstore/", "/run/credstore/",
                                             "/usr/local/lib/credstore/", "/usr/lib/credstore/"};
    return !util::contains(value, ':')
           && std::ranges::all_of(directories, [&](std::string_view directory) {
                  return index_.source().kind(concat(directory, value)) == FileKind::missing;
              });
}

void Loader::note_unhonoured(const directive::Directive& directive, std::string_view value) {
    const directive::Support support = directive.row->support;
    if (support == directive::Support::honoured || support == directive::Support::meaningless)
        return;
    if (directive::has_no_effect(value)
        || (directive.name == "LoadCredential" && is_missing_credential(value)))
        unhonoured_.erase(directive.name);
    else
        unhonoured_.emplace(directive.name, support);
}

/// Records the unsupported directives that supported directives imply.
void Loader::note_implied() {
    const unit::ExecSettings& exec = unit_.settings.exec;
    const auto note = [&](std::string_view name) {
        const directive::Support support = directive::find_directive("Service", name)->row->support;
        unhonoured_.emplace(name, support == directive::Support::honoured
                                      ? directive::Support::unsupported
                                      : support);
    };
    if (exec.dynamic_user)
        for (const std::string_view name :
             {"PrivateTmp", "ProtectHome", "ProtectSystem", "RemoveIPC", "RestrictSUIDSGID"})
            note(name);
    if (!unit::has_own_root(exec))
        return;
    if (exec.mount_api_vfs.value_or(true))
        note("MountAPIVFS");
    // We create these directories outside the unit's root directory, so the unit's processes cannot
    // access them.
    const std::pair<std::string_view, const util::Rare<unit::ExecDirectories>&> directories[] = {
        {"RuntimeDirectory", exec.runtime_directory},
        {"StateDirectory", exec.state_directory},
        {"CacheDirectory", exec.cache_directory},
        {"LogsDirectory", exec.logs_directory},
        {"ConfigurationDirectory", exec.configuration_directory},
    };
    for (const auto& [name, setting] : directories)
        if (!setting->directories.empty())
            note(name);
}

void Loader::warn_of_unknown(const unit::Assignment& assignment) {
    if (assignment.key.starts_with("X-"))
        return;
    std::string_view near;
    if (!messages_.are_enough_of(assignment.place.file))
        near = util::closest(assignment.key, directive::directives_of(assignment.section));
    messages_.warn(assignment.place,
                   concat("ignoring ", util::escape(assignment.key), "=: [", assignment.section,
                          "] has no such directive",
                          near.empty() ? std::string(".") : concat("; did you mean ", near, "=?")));
}

/// Returns the recorded directives with this kind of support, as "A=, B=".
std::string Loader::unhonoured(directive::Support support) const {
    std::string list;
    for (const auto& [name, its_support] : unhonoured_)
        if (its_support == support)
            list += concat(list.empty() ? "" : ", ", name, '=');
    return list;
}

/// Adds one message that lists all unsupported directives of the unit.
void Loader::warn_of_unhonoured() {
    std::string text;
    const auto say = [&](std::string_view what, directive::Support support) {
        if (const std::string list = unhonoured(support); !list.empty())
            text += concat(text.empty() ? "" : "; ", what, list);
    };
    say("not starting the commands, because the unit needs unsupported directives: ",
        directive::Support::essential);
    say("ignoring unsupported directives: ", directive::Support::unsupported);
    say("running without the protection of ", directive::Support::protection);
    if (!text.empty())
        messages_.warn({unit_.fragment_path}, text + '.');
}

void Loader::prevent_start() {
    for (const auto& [name, support] : unhonoured_)
        if (support == directive::Support::essential)
            unit_.settings.exec.edit().prevented_by = name;
}

}  // namespace

std::vector<std::string> LoadedUnit::names() const {
    std::vector<std::string> all = {id.text()};
    all.insert(all.end(), aliases->begin(), aliases->end());
    return all;
}

std::int64_t time_of_fragment(const FileStatus& status) {
    return status.kind == FileKind::null ? 0 : status.change_time;
}

std::vector<std::string> find_drop_ins(const std::vector<std::string>& names,
                                       const UnitIndex& index) {
    return drop_ins_in(index.subdirectories(names), index.source());
}

LoadedUnit load(const unit::UnitName& name, const UnitIndex& index, const unit::Facts& facts,
                unit::Messages& messages) {
    auto fragment = index.find(name);
    const FileLook look = fragment ? index.source().look(fragment->path) : FileLook();
    if (look.status.kind == FileKind::missing)
        return LoadedUnit(name);
    LoadedUnit unit(fragment->id);
    unit.fragment_path = std::move(fragment->path);
    if (fragment->names.size() > 1)
        unit.aliases.edit().assign(std::next(fragment->names.begin()), fragment->names.end());
    unit.fragment_time = time_of_fragment(look.status);
    Loader(unit, index, facts, messages).load(look);
    return unit;
}

}  // namespace notifybridge::load
