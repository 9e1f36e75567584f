#include "init/files/install/unit_files.hpp"

#include <algorithm>

#include "base/system/clock.hpp"
#include "base/util/concat.hpp"
#include "base/util/log.hpp"
#include "init/files/install/directories.hpp"
#include "init/files/install/presets.hpp"
#include "init/files/unit/path.hpp"

namespace notifybridge::install {
namespace {

// The longest tick of the kernel's clock, in nanoseconds.
constexpr std::int64_t longest_tick = 10'000'000;

std::vector<std::string> below(const std::string& root, std::vector<std::string> directories) {
    if (!root.empty())
        for (std::string& directory : directories)
            directory.insert(0, root);
    return directories;
}

/// Returns the directories of `unit_path`, followed by the default directories below the root
/// directory.
std::vector<std::string> directories_of(const std::string& root, std::string_view unit_path) {
    std::vector<std::string> usual = below(root, load::load_path());
    if (!unit_path.empty() && !unit_path.ends_with(':'))
        return load::load_path(unit_path);
    unit_path.remove_suffix(unit_path.empty() ? 0 : 1);
    if (unit_path.empty())
        return usual;
    std::vector<std::string> named = load::load_path(unit_path);
    named.insert(named.end(), usual.begin(), usual.end());
    return named;
}

/// Returns the change time of a file, or 0 if the file does not exist.
std::int64_t change_time(const std::string& path) {
    return load::DiskSource().status(path).change_time;
}

/// Returns whether the file is in /proc or /sys. The change times of such files change with each
/// access.
bool is_of_kernel(std::string_view path) {
    return path.starts_with("/proc/") || path.starts_with("/sys/");
}

}  // namespace

UnitFiles::UnitFiles(std::string root, std::string_view unit_path, unit::Facts facts)
    : root_(root),
      unit_path_(unit_path),
      files_(root),
      directories_(directories_of(root, unit_path)),
      facts_(std::move(facts)) {
    directories_.emplace_back(load::built_in_directory);
}

Installer UnitFiles::installer() const {
    Directories directories = system_directories(unit_path_);
    directories.load_path.emplace_back(load::built_in_directory);
    return Installer(root_, std::move(directories), facts_);
}

std::string UnitFiles::state_of(const std::string& unit) const {
    if (!has_directory_for_links())
        return {};
    const Installer files = installer();
    State state{};
    if (install::state_of(files.lookup(), LinkIndex(files.lookup()), unit, state) != 0)
        return "bad";
    return std::string(to_string(state));
}

ListedFiles UnitFiles::list(util::FunctionRef<bool(const std::string&)> is_wanted) const {
    if (!has_directory_for_links())
        return {};
    const Installer files = installer();
    ListedFiles found = files.all(is_wanted);
    for (auto& [name, file] : found)
        if (unit::directory_name(file.path) != load::built_in_directory)
            file.path = files.files().shown(file.path);
    return found;
}

std::string UnitFiles::preset_of(const std::string& path) const {
    if (path.empty())
        return {};
    const Presets presets(RootSource(root_), Directories().presets);
    return presets.enables(std::string(unit::file_name(path))) ? "enabled" : "disabled";
}

std::uint64_t UnitFiles::scan_if_changed() {
    if (!are_being_generated_ && is_outdated())
        scan();
    return scans_;
}

void UnitFiles::end_to_generate() {
    are_being_generated_ = false;
    scan();
}

void UnitFiles::scan() {
    unit::Messages messages;
    ++scans_;
    files_.forget();
    real_directories_.clear();
    for (const std::string& directory : directories())
        real_directories_.push_back(source_.resolve(directory));
    change_times_ = change_times();
    last_scan_time_ = static_cast<std::int64_t>(system::now().realtime) * 1000;
    index_ = std::make_unique<load::UnitIndex>(source_, directories_, messages);
    log_once(messages.all());
}

void UnitFiles::log_once(const std::vector<unit::Message>& messages) {
    for (const unit::Message& message : messages) {
        const std::string text = unit::to_string(message);
        const std::string version = util::concat(text, change_time(message.file));
        if (logged_.insert(std::hash<std::string>()(version)).second)
            util::log(message.severity, util::Topic::process, text);
    }
}

std::vector<unit::Message> UnitFiles::report(const std::string& unit) {
    auto problems = problems_.extract(unit);
    if (!problems)
        return {};
    log_once(problems.mapped());
    return std::move(problems.mapped());
}

std::vector<std::int64_t> UnitFiles::change_times() const {
    std::vector<std::int64_t> times;
    for (const std::string& directory : real_directories_)
        times.push_back(change_time(directory));
    return times;
}

/// Returns whether the index is out of date. Change times have the resolution of the kernel's tick.
/// If a directory changed just before the scan, it may have changed once more during the same tick.
bool UnitFiles::is_outdated() const {
    if (!index_)
        return true;
    const auto last = std::ranges::max_element(change_times_);
    const bool is_just_changed =
        last != change_times_.end() && *last + longest_tick > last_scan_time_;
    return is_just_changed || change_times() != change_times_;
}

load::LoadedUnit UnitFiles::load(const unit::UnitName& name) {
    if (!index_)
        scan();
    unit::Messages messages;
    auto loaded = load::load(name, *index_, facts_, messages);
    if (messages.all().empty())
        problems_.erase(loaded.id.text());
    else
        problems_.insert_or_assign(loaded.id.text(), messages.all());
    loaded.stamp = stamp_of(loaded, loaded.fragment_time, loaded.drop_in_paths);
    loaded.source_time = source_time_of(loaded);
    return loaded;
}

bool UnitFiles::have_changed(const load::LoadedUnit& unit) {
    if (unit.fragment_path.empty() || are_being_generated_)
        return false;
    scan_if_changed();
    // As in systemd, a missing source file counts as changed, even after a reload.
    const auto source_time = source_time_of(unit);
    if (source_time
        && (*source_time == 0 || *source_time != unit.source_time.value_or(*source_time)))
        return true;
    // Like systemd, search for drop-ins of loaded units only. Therefore, a masked unit that has
    // drop-ins counts as changed.
    const bool has_drop_ins = unit.state == unit::LoadState::loaded;
    const auto drop_ins =
        has_drop_ins ? load::find_drop_ins(unit.names(), *index_) : std::vector<std::string>();
    const std::int64_t time = load::time_of_fragment(source_.status(unit.fragment_path));
    return stamp_of(unit, time, drop_ins) != unit.stamp;
}

std::size_t UnitFiles::stamp_of(const load::LoadedUnit& unit, std::int64_t fragment_time,
                                const std::vector<std::string>& drop_ins) const {
    std::string all = util::concat(unit.fragment_path, fragment_time);
    for (const std::string& path : drop_ins)
        all += util::concat(path, source_.status(path).change_time);
    return std::hash<std::string>()(all);
}

/// Returns the change time of the file of SourcePath=, or 0 if the file does not exist. Returns
/// nullopt if there is no such file to check, or if the check may block.
std::optional<std::int64_t> UnitFiles::source_time_of(const load::LoadedUnit& unit) {
    const std::string& source = unit.settings.unit.source_path;
    if (source.empty() || is_of_kernel(source) || mounts_.may_hang(source))
        return std::nullopt;
    return change_time(source);
}

}  // namespace notifybridge::install
