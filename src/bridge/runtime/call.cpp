#include "bridge/runtime/call.hpp"

#include <array>
#include <string_view>

#include "base/util/contains.hpp"
#include "base/util/literal.hpp"

namespace notifybridge::runtime {
namespace {

/// Options whose value may be the next argument.
constexpr auto global_with_value = std::to_array<std::string_view>(
    {"cgroup-manager", "criu", "log", "log-format", "log-level", "root", "rootless"});
constexpr auto own_with_value = std::to_array<std::string_view>(
    {"b", "bundle", "config", "console-socket", "f", "pid-file", "preserve-fds"});

/// Options that make crun and runc print something and exit.
constexpr auto for_help =
    std::to_array<std::string_view>({"?", "V", "h", "help", "usage", "version"});

constexpr auto verbs = std::to_array<util::Literal>(
    {"checkpoint", "create", "delete", "events", "exec",   "export", "features",
     "help",       "init",   "kill",   "list",   "mounts", "pause",  "ps",
     "restore",    "resume", "run",    "spec",   "start",  "state",  "update"});

using util::contains;

/// Reads the options of a command line one after the other.
class OptionReader {
public:
    explicit OptionReader(std::span<const std::string> arguments) : left_(arguments) {}

    /// Takes the next argument. If the argument is an option whose value is the following argument,
    /// takes the value, too. Returns false at the end.
    bool next(std::span<const std::string_view> with_value) {
        name = {};
        value = {};
        if (left_.empty())
            return false;
        word = left_.front();
        left_ = left_.subspan(1);
        if (word.size() < 2 || word.front() != '-')
            return true;
        const bool is_long = word.starts_with("--");
        name = word.substr(is_long ? 2 : 1);
        if (const auto equals = name.find('='); equals != name.npos) {
            value = name.substr(equals + 1);
            name = name.substr(0, equals);
        } else if (contains(with_value, name)) {
            if (!left_.empty()) {
                value = left_.front();
                left_ = left_.subspan(1);
            }
        } else if (!is_long && contains(with_value, name.substr(0, 1))) {
            // The option has the form "-bDIR", as in getopt(3).
            value = name.substr(1);
            name = name.substr(0, 1);
        }
        return true;
    }

    std::string_view word;   ///< The argument that was read.
    std::string_view name;   ///< The name without dashes; empty if the argument is not an option.
    std::string_view value;  ///< The option's value; empty if it has none.

private:
    std::span<const std::string> left_;
};

}  // namespace

Call parse_call(std::span<const std::string> arguments) {
    Call call;
    OptionReader options(arguments);
    while (call.verb.empty() && options.next(global_with_value)) {
        if (options.name == "log")
            call.log = options.value;
        else if (options.name == "log-format")
            call.log_is_json = options.value == "json";
        // If the word is not a verb, it is the value of an option that we do not know.
        else if (options.name.empty() && contains(verbs, options.word))
            call.verb = options.word;
    }
    while (options.next(own_with_value) && options.word != "--") {
        if (options.name == "b" || options.name == "bundle")
            call.bundle = options.value.empty() ? "." : options.value;
        else if (options.name == "f" || options.name == "config")
            call.config_name = options.value;
        else if (contains(for_help, options.name))
            call.asks_help = true;
    }
    return call;
}

}  // namespace notifybridge::runtime
