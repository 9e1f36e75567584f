#include "init/directive/directive_entry.hpp"

/// [Unit], CONDITIONS AND ASSERTS, and [Install]: systemd.unit(5).
namespace notifybridge::directive {
namespace {

using I = unit::InstallSettings;
using U = unit::UnitSettings;

constexpr Field condition = field<&unit::Settings::unit, &U::conditions, by_type, unseen>;
constexpr Field assertion = field<&unit::Settings::unit, &U::asserts, by_type, unseen>;

template <auto Member, auto Read = parse::install_names>
constexpr Field to = field<&unit::Settings::install, Member, Read, unseen>;

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
    {"Alias",           honoured, to<&I::alias>},
    {"WantedBy",        honoured, to<&I::wanted_by>},
    {"RequiredBy",      honoured, to<&I::required_by>},
    {"UpheldBy",        honoured, to<&I::upheld_by>, undocumented},
    {"Also",            honoured, to<&I::also>},
    {"DefaultInstance", honoured, to<&I::default_instance, parse::default_instance>},
    // clang-format on
});

}  // namespace

const std::span<const Directive> condition_directives = condition_table;
const std::span<const Directive> install_directives = install_table;

}  // namespace notifybridge::directive
