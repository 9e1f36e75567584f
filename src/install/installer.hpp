#pragma once

#include <map>
#include <span>

#include "install/change.hpp"
#include "install/links.hpp"
#include "install/perform.hpp"
#include "install/removal.hpp"
#include "install/state.hpp"

namespace notifybridge::install {

using Names = std::vector<std::string>;

/// How links are made.
struct Manner {
    bool is_runtime = false;  ///< --runtime: until the next boot.
    bool replaces = false;    ///< --force
};

/// Decides by the functions of this folder, and does what was decided.
class Installer {
public:
    /// `root` is an absolute path, or empty.
    Installer(const std::string& root, Directories directories, const unit::Facts& facts);

    const Lookup& lookup() const { return lookup_; }
    const RootSource& files() const { return files_; }

    Outcome enable(const Names& names, Manner manner);
    Outcome disable(const Names& names, Manner manner);
    Outcome reenable(const Names& names, Manner manner);
    Outcome mask(const Names& names, Manner manner);
    Outcome unmask(const Names& names, Manner manner);
    /// `paths` are absolute, and below the root directory.
    Outcome link(const Names& paths, Manner manner);
    Outcome revert(const Names& names);
    Outcome set_default(const std::string& name);

    /// What default.target leads to. Returns 0 or a problem.
    int get_default(std::string& name) const;
    /// The links that `disable` would remove.
    Names links_of_unit(const std::string& name, Manner manner);

    /// All unit files and their states, by name.
    std::map<std::string, State> all() const;

private:
    bool make(const Link& link, Outcome& outcome);
    void perform(const Plan& plan, Outcome& outcome);
    void enable_into(const Names& names, Manner manner, Outcome& outcome);
    void disable_into(const Names& names, Manner manner, Outcome& outcome);
    Marks marks_for(const Names& names, Outcome& outcome);
    void remove_links(const Marks& marks, const std::string& directory, Outcome& outcome);
    int check_linked(const std::string& path) const;

    RootSource files_;
    Directories directories_;
    const unit::Facts& facts_;
    Lookup lookup_;
};

}  // namespace notifybridge::install
