#include "init/directive/directive_entry.hpp"
#include "init/directive/parse.hpp"

/// [Unit], CONDITIONS AND ASSERTS, and [Install]: systemd.unit(5).
namespace notifybridge::directive {
namespace {

constexpr auto condition =
    into<parse::condition, &unit::Settings::unit, &unit::UnitSettings::conditions>;
constexpr auto assertion =
    into<parse::condition, &unit::Settings::unit, &unit::UnitSettings::asserts>;

using I = unit::InstallSettings;

template <auto Parse, auto Member>
constexpr auto to = into<Parse, &unit::Settings::install, Member>;

constexpr auto condition_table = std::to_array<Directive>({
    // clang-format off
    {"ConditionPathExists",             honoured, condition},
    {"ConditionPathExistsGlob",         honoured, condition},
    {"ConditionPathIsDirectory",        honoured, condition},
    {"ConditionPathIsSymbolicLink",     honoured, condition},
    {"ConditionPathIsMountPoint",       honoured, condition},
    {"ConditionPathIsReadWrite",        honoured, condition},
    {"ConditionPathIsEncrypted",        honoured, condition},
    {"ConditionDirectoryNotEmpty",      honoured, condition},
    {"ConditionFileNotEmpty",           honoured, condition},
    {"ConditionFileIsExecutable",       honoured, condition},
    {"ConditionNeedsUpdate",            honoured, condition},
    {"ConditionFirstBoot",              honoured, condition},
    {"ConditionArchitecture",           honoured, condition},
    {"ConditionFirmware",               honoured, condition},
    {"ConditionVirtualization",         honoured, condition},
    {"ConditionHost",                   honoured, condition},
    {"ConditionKernelCommandLine",      honoured, condition},
    {"ConditionKernelVersion",          honoured, condition},
    {"ConditionCredential",             honoured, condition},
    {"ConditionSecurity",               honoured, condition},
    {"ConditionCapability",             honoured, condition},
    {"ConditionACPower",                honoured, condition},
    {"ConditionMemory",                 honoured, condition},
    {"ConditionCPUFeature",             honoured, condition},
    {"ConditionCPUs",                   honoured, condition},
    {"ConditionEnvironment",            honoured, condition},
    {"ConditionUser",                   honoured, condition},
    {"ConditionGroup",                  honoured, condition},
    {"ConditionControlGroupController", honoured, condition},
    {"ConditionOSRelease",              honoured, condition},
    {"ConditionMemoryPressure",         honoured, condition},
    {"ConditionCPUPressure",            honoured, condition},
    {"ConditionIOPressure",             honoured, condition},
    {"AssertPathExists",                honoured, assertion},
    {"AssertPathExistsGlob",            honoured, assertion},
    {"AssertPathIsDirectory",           honoured, assertion},
    {"AssertPathIsSymbolicLink",        honoured, assertion},
    {"AssertPathIsMountPoint",          honoured, assertion},
    {"AssertPathIsReadWrite",           honoured, assertion},
    {"AssertPathIsEncrypted",           honoured, assertion},
    {"AssertDirectoryNotEmpty",         honoured, assertion},
    {"AssertFileNotEmpty",              honoured, assertion},
    {"AssertFileIsExecutable",          honoured, assertion},
    {"AssertNeedsUpdate",               honoured, assertion},
    {"AssertFirstBoot",                 honoured, assertion},
    {"AssertArchitecture",              honoured, assertion},
    {"AssertFirmware",                  honoured, assertion, undocumented},
    {"AssertVirtualization",            honoured, assertion},
    {"AssertHost",                      honoured, assertion},
    {"AssertKernelCommandLine",         honoured, assertion},
    {"AssertKernelVersion",             honoured, assertion},
    {"AssertCredential",                honoured, assertion},
    {"AssertSecurity",                  honoured, assertion},
    {"AssertCapability",                honoured, assertion},
    {"AssertACPower",                   honoured, assertion},
    {"AssertMemory",                    honoured, assertion},
    {"AssertCPUFeature",                honoured, assertion},
    {"AssertCPUs",                      honoured, assertion},
    {"AssertEnvironment",               honoured, assertion},
    {"AssertUser",                      honoured, assertion},
    {"AssertGroup",                     honoured, assertion},
    {"AssertControlGroupController",    honoured, assertion},
    {"AssertOSRelease",                 honoured, assertion},
    {"AssertMemoryPressure",            honoured, assertion},
    {"AssertCPUPressure",               honoured, assertion},
    {"AssertIOPressure",                honoured, assertion},
    // clang-format on
});

constexpr auto install_table = std::to_array<Directive>({
    // clang-format off
    {"Alias",           honoured, to<parse::install_names, &I::alias>},
    {"WantedBy",        honoured, to<parse::install_names, &I::wanted_by>},
    {"RequiredBy",      honoured, to<parse::install_names, &I::required_by>},
    {"UpheldBy",        honoured, to<parse::install_names, &I::upheld_by>, undocumented},
    {"Also",            honoured, to<parse::install_names, &I::also>},
    {"DefaultInstance", honoured, to<parse::default_instance, &I::default_instance>},
    // clang-format on
});

}  // namespace

const std::span<const Directive> condition_directives = condition_table;
const std::span<const Directive> install_directives = install_table;

}  // namespace notifybridge::directive
