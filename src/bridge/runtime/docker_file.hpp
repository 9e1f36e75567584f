#pragma once

#include <optional>
#include <string>

#include "bridge/runtime/docker_setup.hpp"
#include "bridge/runtime/manager_command.hpp"

namespace notifybridge::runtime {

/// Returns the path of the settings of the machine's dockerd, or of our user's own dockerd.
std::string docker_settings_of(DockerOwner owner);

/// Returns whose dockerd docker uses with these variables, if its settings do not have our runtime.
/// Otherwise, returns nullopt.
std::optional<DockerOwner> find_unset_docker(Variables variables);

/// The settings file of dockerd: the machine's file, or our user's own file if we are not root.
class DockerFile {
public:
    /// Reads the file. Throws Refusal if this fails.
    DockerFile();

    const std::string& path() const { return path_; }
    /// The content before any change; empty if the file does not exist.
    const std::string& text() const { return text_; }
    bool exists() const { return exists_; }

    /// Replaces the file in one step, or removes it if `text` is empty. Keeps the file's owner and
    /// mode. Throws Refusal on failure.
    void write(const std::string& text) const;

private:
    std::string path_;
    std::string text_;
    bool exists_ = false;
};

}  // namespace notifybridge::runtime
