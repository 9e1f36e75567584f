#pragma once

#include <map>
#include <span>

#include "base/util/function_ref.hpp"
#include "init/files/install/change.hpp"
#include "init/files/install/links.hpp"
#include "init/files/install/perform.hpp"
#include "init/files/install/presets.hpp"
#include "init/files/install/removal.hpp"
#include "init/files/install/state.hpp"
#include "init/files/load/built_in.hpp"

namespace notifybridge::install {

using Names = std::vector<std::string>;

/// A unit file in the list of all unit files.
struct ListedFile {
    std::string path;  ///< The path of the file or link, below the root directory.
    State state;
};
using ListedFiles = std::map<std::string, ListedFile>;  ///< The files by their names.

/// An installer that runs `enable` and similar commands. It plans the changes with the functions of
/// this folder, and then changes files.
class Installer {
public:
    /// Works on the files below `root`, which is an absolute path or empty.
    Installer(const std::string& root, Directories directories, const unit::Facts& facts);

    const Lookup& lookup() const { return lookup_; }
    const Directories& directories() const { return directories_; }
    const RootSource& files() const { return files_; }
    /// Returns the unit files. Includes the built-in units if their directory is in the load path.
    const load::FileSource& source() const { return source_; }

    Outcome enable(const Names& names, Manner manner);
    Outcome disable(const Names& names, Manner manner);
    Outcome reenable(const Names& names, Manner manner);
    /// Enables or disables each unit as its presets require.
    Outcome preset(const Names& names, PresetMode mode, Manner manner);
    /// Enables or disables all unit files as their presets require.
    Outcome preset_all(PresetMode mode, Manner manner);
    Outcome mask(const Names& names, Manner manner);
    Outcome unmask(const Names& names, Manner manner);
    /// Links unit files. `paths` are absolute and below the root directory.
    Outcome link(const Names& paths, Manner manner);
    Outcome revert(const Names& names);
    Outcome set_default(const std::string& name);
    /// Makes `target` want each unit. If `is_required` is true, makes `target` require each unit.
    /// Ignores the [Install] sections of the units.
    Outcome add_dependency(const Names& names, const std::string& target, bool is_required,
                           Manner manner);

    /// Sets `name` to the unit that default.target leads to. Returns 0 or a problem.
    int get_default(std::string& name) const;
    /// Returns the links that `disable` would remove.
    Names links_of_unit(const std::string& name, Manner manner);

    /// Returns all unit files, or only those whose names `is_wanted` accepts.
    ListedFiles all(util::FunctionRef<bool(const std::string& name)> is_wanted = {}) const;

private:
    bool make(const Link& link, Outcome& outcome);
    void perform(const Plan& plan, Outcome& outcome);
    UnitFile* discover(Request& request, const std::string& name, Outcome& outcome) const;
    int prepare_preset(const std::string& name, const Presets& presets, Request& enabled,
                       Request& disabled, Outcome& outcome) const;
    Outcome preset_each(const Names& names, PresetMode mode, Manner manner, bool are_all);
    void apply_preset(Request& enabled, Request& disabled, PresetMode mode, Manner manner,
                      Outcome& outcome);
    void enable_into(Request& request, Manner manner, Outcome& outcome);
    void enable_into(const Names& names, Manner manner, Outcome& outcome);
    void disable_into(Request& request, Manner manner, Outcome& outcome);
    void disable_into(const Names& names, Manner manner, Outcome& outcome);
    Marks marks_for(Request& request, Outcome& outcome);
    Marks marks_for(const Names& names, Outcome& outcome);
    void remove_links(const Marks& marks, const std::string& directory, Outcome& outcome);
    int check_linked(const std::string& path) const;

    RootSource files_;
    load::BuiltInSource source_{files_};
    Directories directories_;
    const unit::Facts& facts_;
    Lookup lookup_;
};

}  // namespace notifybridge::install
