#include "sysv.hpp"

#include <array>
#include <utility>
#include <vector>

#include "base/cli/log.hpp"
#include "base/system/clock.hpp"
#include "base/system/streams.hpp"
#include "base/util/concat.hpp"
#include "init/ctl/planned_end.hpp"

namespace notifybridge {
namespace sysv {
namespace {

using util::concat;

constexpr cli::Option help = {"help", 0, "", "show this help"};
constexpr cli::Option no_wall = {"no-wall", 0, "", "without effect: users get no message"};
constexpr cli::Option root = {"root", 0, "PATH", "use the manager that `init --root=PATH` started"};

constexpr auto halt_options = std::to_array<cli::Option>({
    {"halt", 0, "", "end the container, like `ctl halt`"},
    {"poweroff", 'p', "", "end the container, like `ctl poweroff`"},
    {"reboot", 0, "", "end the container, like `ctl reboot`"},
    {"wtmp-only", 'w', "", "do nothing: there is no record in wtmp"},
    {"force", 'f', "", "without effect: services are always stopped in order"},
    {"no-wtmp", 'd', "", "without effect: there is no record in wtmp"},
    {"no-sync", 'n', "", "without effect"},
    {"", 'h', "", "without effect"},
    {"", 'i', "", "without effect"},
    no_wall,
    root,
    help,
});

constexpr auto shutdown_options = std::to_array<cli::Option>({
    {"poweroff", 'P', "",
     "end the container, like `ctl poweroff` (default: yes, unless --halt or --reboot is given)"},
    {"halt", 'H', "", "end the container, like `ctl halt`"},
    {"reboot", 'r', "", "end the container, like `ctl reboot`"},
    {"", 'h', "", "same as --poweroff, unless --halt is given"},
    {"", 'c', "", "cancel a planned shutdown"},
    {"show", 0, "", "show the planned shutdown"},
    {"", 'k', "", "do not end anything"},
    {"", 'K', "", "same as --reboot"},
    {"", 'a', "", "without effect"},
    {"", 'f', "", "without effect"},
    {"", 'F', "", "without effect"},
    {"", 't', "SECONDS", "without effect"},
    no_wall,
    root,
    help,
});

constexpr std::array telinit_options = {no_wall, root, help};
constexpr std::array runlevel_options = {root, help};

constexpr util::Literal halt_details =
    "First, all services are stopped in order. Then the program that started the container\n"
    "decides what happens to the container.\n\n"
    "Example, from outside of the container:\n"
    "  podman exec app poweroff\n\n"
    "Exit status: 0 once `init` has begun to stop the services; 1 on failure; 4 if you may not\n"
    "do it.";

struct Program;
using Run = int (*)(const Program& program, const cli::Arguments& arguments);

struct Program {
    cli::Usage usage;
    Run run;
};

ctl::Context context_for(const ctl::Options& options, std::string verb) {
    return {options, std::move(verb), {}};
}

ctl::Options options_of(const cli::Arguments& arguments) {
    ctl::Options options;
    options.root = arguments.value("root").value_or("");
    options.run_directory =
        options.root.empty() ? ctl::usual_run_directory() : concat(options.root, "/run");
    options.blocks = false;
    return options;
}

int run_verb(const ctl::Options& options, std::vector<std::string> words) {
    return ctl::run(options, words);
}

void refuse_operands(const cli::Arguments& arguments, std::size_t most) {
    if (arguments.operands().size() > most)
        throw cli::UsageError("Too many arguments.");
}

int run_halt(const Program& program, const cli::Arguments& arguments) {
    std::string verb(program.usage.name);
    for (const std::string_view other : {"halt", "poweroff", "reboot"})
        if (arguments.has(other))
            verb = other;
    // Accept and ignore the operand of `reboot`, which is for the firmware (reboot(2)).
    refuse_operands(arguments, verb == "reboot" ? 1 : 0);
    return arguments.has("wtmp-only") ? 0 : run_verb(options_of(arguments), {verb});
}

int run_shutdown(const Program&, const cli::Arguments& arguments) {
    const ctl::Options options = options_of(arguments);
    if (arguments.has("show")) {
        ctl::show_planned_end(context_for(options, ""));
        return 0;
    }
    if (arguments.has("-c")) {
        ctl::cancel_planned_end(context_for(options, ""));
        return 0;
    }
    const std::string verb = arguments.has("halt")                            ? "halt"
                             : arguments.has("reboot") || arguments.has("-K") ? "reboot"
                                                                              : "poweroff";
    const auto& operands = arguments.operands();
    // Ignore the other operands, which are a message for the users.
    const std::string time = operands.empty() ? "+1" : operands.front();
    const auto when = ctl::parse_shutdown_time(time, system::now().realtime);
    if (!when)
        throw cli::UsageError(concat("Failed to parse time specification: ", time));
    const bool is_dry = arguments.has("-k");
    if (*when != 0)
        ctl::plan_end(context_for(options, verb), is_dry, *when);
    return *when != 0 || is_dry ? 0 : run_verb(options, {verb});
}

int run_telinit(const Program&, const cli::Arguments& arguments) {
    struct Word {
        util::Literal letters;
        util::Literal verb;
        util::Literal unit;
    };
    constexpr auto words = std::to_array<Word>({
        {"0", "poweroff", ""},
        {"6", "reboot", ""},
        {"1sS", "isolate", "rescue.target"},
        {"2", "isolate", "runlevel2.target"},
        {"3", "isolate", "runlevel3.target"},
        {"4", "isolate", "runlevel4.target"},
        {"5", "isolate", "runlevel5.target"},
        {"qQ", "daemon-reload", ""},
        {"uU", "daemon-reexec", ""},
    });
    if (arguments.operands().empty())
        throw cli::UsageError("required argument missing.");
    refuse_operands(arguments, 1);
    const std::string& text = arguments.operands().front();
    if (text.size() != 1)
        throw cli::UsageError("Expected single character argument.");
    for (const Word& word : words)
        if (std::string_view(word.letters).find(text) != std::string_view::npos) {
            std::vector<std::string> verb = {std::string(word.verb)};
            if (!word.unit.empty())
                verb.emplace_back(word.unit);
            return run_verb(options_of(arguments), std::move(verb));
        }
    throw cli::UsageError(concat("Unknown command '", text, "'."));
}

int run_runlevel(const Program&, const cli::Arguments& arguments) {
    refuse_operands(arguments, 0);
    const ctl::Options options = options_of(arguments);
    char level = 0;
    try {
        level = ctl::runlevel(context_for(options, "runlevel"));
    } catch (const ctl::Failure&) {
        // If no manager answers, the level is "unknown".
    }
    if (level == 0) {
        system::out() << "unknown\n";
        return ctl::status_failure;
    }
    // 'N' means that there was no previous level.
    system::out() << "N " << level << '\n';
    return 0;
}

/// Returns the program of this name. Returns nullopt if there is none. A static table would contain
/// pointers, and relocating them at the start would take memory in each subcommand.
std::optional<Program> find_program(std::string_view name) {
    // reboot takes the parameter of reboot(2).
    if (name == "halt" || name == "poweroff" || name == "reboot")
        return Program{
            {name, name == "reboot" ? util::Literal("[OPTIONS] [ARG]") : util::Literal("[OPTIONS]"),
             "Ends the container.", halt_options, halt_details},
            run_halt};
    if (name == "shutdown")
        return Program{{"shutdown", "[OPTIONS] [TIME] [TEXT…]",
                        "Ends the container, at once or later.", shutdown_options,
                        "TIME is now, a number of minutes such as +5, or a time of day such as "
                        "23:30 (default: +1).\n"
                        "The text is not shown to anyone.\n\n"
                        "Examples:\n"
                        "  shutdown now\n"
                        "  shutdown -r +5\n"
                        "  shutdown -c\n\n"
                        "Exit status: 0; 1 on failure, or if --show finds no planned shutdown; 4 "
                        "if you may not do it."},
                       run_shutdown};
    if (name == "telinit")
        return Program{
            {"telinit", "[OPTIONS] LEVEL",
             "Tells `init` to end, to start other services or to reload.", telinit_options,
             "LEVEL is one of:\n"
             "  0       as poweroff\n"
             "  6       as reboot\n"
             "  2 to 5  start runlevel2.target to runlevel5.target, and stop everything else\n"
             "  1, s    start rescue.target, and stop everything else\n"
             "  q       as `ctl daemon-reload`\n"
             "  u       as `ctl daemon-reexec`\n\n"
             "Example:\n"
             "  telinit 3\n\n"
             "Exit status: 0; 1 on failure; 4 if you may not do it; 5 if there is no such target."},
            run_telinit};
    if (name == "runlevel")
        return Program{
            {"runlevel", "[OPTIONS]", "Prints the previous and the current runlevel of SysV init.",
             runlevel_options,
             "Prints 'N 5' if graphical.target is active, 'N 3' for multi-user.target, and 'N "
             "1' for\n"
             "rescue.target. Otherwise prints 'unknown'.\n\n"
             "Example:\n"
             "  runlevel\n\n"
             "Exit status: 0; 1 if the runlevel is unknown."},
            run_runlevel};
    return std::nullopt;
}

}  // namespace
}  // namespace sysv

std::optional<int> run_sysv_program(const cli::Invocation& invocation) {
    const auto program = sysv::find_program(invocation.invoked_as);
    if (!program)
        return std::nullopt;
    const auto never = [](const cli::Arguments&, std::string_view) { return false; };
    const cli::Arguments arguments =
        cli::parse_as_getopt(program->usage, invocation.arguments, never);
    if (cli::answered(arguments, program->usage, invocation))
        return 0;
    try {
        return program->run(*program, arguments);
    } catch (const ctl::Failure& failure) {
        cli::write_error_line(failure.what());
        return failure.status;
    }
}

}  // namespace notifybridge
