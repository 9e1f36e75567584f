#pragma once

#include <stdlib.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "init/files/install/installer.hpp"

namespace notifybridge::install {

/// A temporary root directory with unit files.
class Root {
public:
    Root() {
        path_ = std::filesystem::temp_directory_path() / "notifybridge-install-XXXXXX";
        BOOST_REQUIRE(::mkdtemp(path_.data()));
    }
    ~Root() { std::filesystem::remove_all(path_); }
    Root(const Root&) = delete;
    Root& operator=(const Root&) = delete;

    const std::string& path() const { return path_; }

    void write(const std::string& file, const std::string& text) {
        make_parent(file);
        std::ofstream(path_ + file) << text;
    }
    void link(const std::string& file, const std::string& target) {
        make_parent(file);
        std::filesystem::create_symlink(target, path_ + file);
    }
    /// Writes a unit of the distribution with this [Install] section.
    void unit(const std::string& name, const std::string& install = {}) {
        write("/usr/lib/systemd/system/" + name,
              "[Service]\nExecStart=/bin/true\n"
                  + (install.empty() ? install : "[Install]\n" + install));
    }

    /// Returns the target of a link, or an empty text if `file` is not a link.
    std::string target(const std::string& file) const {
        const std::filesystem::path path = path_ + file;
        return std::filesystem::is_symlink(path) ? std::filesystem::read_symlink(path).string()
                                                 : std::string();
    }
    bool has(const std::string& file) const {
        return std::filesystem::exists(std::filesystem::symlink_status(path_ + file));
    }

    Installer installer() const { return Installer(path_, system_directories(), facts_); }

    std::string_view state(const std::string& name) const {
        const Installer found = installer();
        State state = State::bad;
        return state_of(found.lookup(), LinkIndex(found.lookup()), name, state) == 0
                   ? to_string(state)
                   : "bad";
    }

private:
    void make_parent(const std::string& file) {
        std::filesystem::create_directories(std::filesystem::path(path_ + file).parent_path());
    }

    std::string path_;
    unit::Facts facts_;
};

inline const std::string etc = "/etc/systemd/system/";
inline const std::string run = "/run/systemd/system/";
inline const std::string lib = "/usr/lib/systemd/system/";

}  // namespace notifybridge::install
