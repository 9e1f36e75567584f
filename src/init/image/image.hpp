#pragma once

#include <span>
#include <string>
#include <vector>

#include "init/install/root_source.hpp"

/// Prepares an image for `init`, and restores an image.
namespace notifybridge::image {

/// The path of the executable in a prepared image.
inline constexpr const char* executable_path = "/usr/bin/notifybridge";

/// The root directory of an image. Each function may be called repeatedly, and skips the steps that
/// are already done.
class Image {
public:
    /// Works on the files below `root`, an absolute path. An empty `root` means this system's root
    /// directory.
    explicit Image(std::string root);

    /// Copies the running executable to `executable_path`, and makes links to it: systemctl,
    /// /sbin/init and the programs of SysV init. If the image has systemd, also replaces its
    /// executable with a link. Appends ".systemd" to the names of existing programs. If the image
    /// has dpkg, diverts these names, so that packages do not restore the programs. Returns a
    /// report, one line for each change. Throws std::runtime_error or std::system_error on failure.
    std::vector<std::string> install();

    /// Removes the links and restores the original programs. Keeps the executable. Throws like
    /// `install`.
    std::vector<std::string> uninstall();

private:
    std::string place_of(const std::string& path) const;
    void require_dpkg_divert() const;
    void copy_executable();
    std::vector<std::string> places_of(const char* path,
                                       std::span<const char* const> packaged) const;
    void make_link(const std::string& place);
    void remove_link(const std::string& place);
    void divert(const std::string& name, bool adds);
    bool is_our_link(const std::string& path) const;
    void note_policy();
    void note_tmpfiles();

    install::RootSource files_;
    bool has_dpkg_;
    std::vector<std::string> done_;
};

}  // namespace notifybridge::image
