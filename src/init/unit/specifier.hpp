#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "init/unit/name.hpp"

/// "%n" and its like in the values of unit files: systemd.unit(5), SPECIFIERS.
namespace notifybridge::unit {

/// What specifiers say of the system and the manager, not of a unit. init/facts fills it in; the
/// defaults are those of a system's manager that runs as root.
struct Facts {
    std::string runtime_directory = "/run";              ///< %t
    std::string state_directory = "/var/lib";            ///< %S
    std::string cache_directory = "/var/cache";          ///< %C
    std::string logs_directory = "/var/log";             ///< %L
    std::string configuration_directory = "/etc";        ///< %E
    std::string temporary_directory = "/tmp";            ///< %T
    std::string large_temporary_directory = "/var/tmp";  ///< %V
    std::string user = "root";                           ///< %u
    std::string user_id = "0";                           ///< %U
    std::string group = "root";                          ///< %g
    std::string group_id = "0";                          ///< %G
    std::string home = "/root";                          ///< %h
    std::string shell = "/bin/sh";                       ///< %s
    std::string host_name;                               ///< %H
    std::string short_host_name;                         ///< %l
    std::string pretty_host_name;                        ///< %q
    std::string kernel_release;                          ///< %v
    std::string architecture;                            ///< %a, as ConditionArchitecture= has it.
    std::optional<std::string> machine_id;               ///< %m
    std::optional<std::string> boot_id;                  ///< %b
    std::string os_id;                                   ///< %o, os-release(5)'s ID=
    std::string os_version_id;                           ///< %w, VERSION_ID=
    std::string os_build_id;                             ///< %B, BUILD_ID=
    std::string os_variant_id;                           ///< %W, VARIANT_ID=
    std::string os_image_id;                             ///< %M, IMAGE_ID=
    std::string os_image_version;                        ///< %A, IMAGE_VERSION=
};

/// The unit in whose files the specifiers stand.
struct SpecifierContext {
    const Facts& facts;
    const UnitName& name;
    std::string_view fragment_path;  ///< Empty where it has no file.
};

/// What may be written where.
enum class SpecifierScope {
    any,    ///< Most values.
    names,  ///< Names of units: no paths, and of the parts of a name only %n %N %p %i %j.
};

/// `text` with its specifiers replaced, or else why it cannot be.
struct Expanded {
    std::string text;
    std::string failure;  ///< Part of a sentence; empty where there was none.

    bool is_valid() const noexcept { return failure.empty(); }
};

/// "%%" is "%"; what follows a "%" and is neither a letter nor a digit stays as it is.
Expanded expand_specifiers(std::string_view text, const SpecifierContext& context,
                           SpecifierScope scope = SpecifierScope::any);

}  // namespace notifybridge::unit
