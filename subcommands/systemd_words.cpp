#include "systemd_words.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "base/util/concat.hpp"
#include "base/util/contains.hpp"
#include "base/util/literal.hpp"
#include "init/files/unit/log_level.hpp"
#include "init/files/unit/value.hpp"

namespace notifybridge {
namespace {

using util::concat;

enum class Meaning {
    none,        ///< The word has no visible effect here.
    level,       ///< A log level in systemd's words.
    status,      ///< Whether starts and stops are shown.
    unit,        ///< The unit to start.
    impossible,  ///< We cannot do this, so `init` warns the user.
};

enum class Value { none, optional, required };

struct Word {
    util::Literal name;
    Value value;
    Meaning meaning;
};

// The options of systemd(1), OPTIONS. Options that are listed neither here nor in `refused_options`
// are errors.
constexpr auto options = std::to_array<Word>({
    {"system", Value::none, Meaning::none},
    {"unit", Value::required, Meaning::unit},
    {"log-level", Value::required, Meaning::level},
    {"log-target", Value::required, Meaning::none},
    {"log-color", Value::optional, Meaning::none},
    {"log-location", Value::optional, Meaning::none},
    {"log-time", Value::optional, Meaning::none},
    {"show-status", Value::optional, Meaning::status},
    {"no-pager", Value::none, Meaning::none},
    {"dump-core", Value::optional, Meaning::none},
    {"crash-vt", Value::required, Meaning::none},
    {"crash-chvt", Value::required, Meaning::none},
    {"crash-shell", Value::optional, Meaning::none},
    {"crash-reboot", Value::optional, Meaning::none},
    {"crash-action", Value::required, Meaning::none},
    {"switched-root", Value::none, Meaning::none},
    {"confirm-spawn", Value::optional, Meaning::impossible},
    {"default-standard-output", Value::required, Meaning::impossible},
    {"default-standard-error", Value::required, Meaning::impossible},
    {"machine-id", Value::required, Meaning::impossible},
    {"service-watchdogs", Value::required, Meaning::impossible},
    {"deserialize", Value::required, Meaning::impossible},
});

/// An option without a value that makes systemd do something other than manage this system.
struct RefusedOption {
    util::Literal word;
    util::Literal reason;
};

constexpr auto refused_options = std::to_array<RefusedOption>({
    {"--user", "notifybridge init manages the services of the system, not those of a user"},
    {"--test", "'notifybridge ctl verify UNIT' checks units without starting them"},
    {"--dump-configuration-items", "'man notifybridge-init' lists the directives"},
});

// Words of kernel-command-line(7), and of systemd(1), KERNEL COMMAND LINE.
constexpr auto kernel_words = std::to_array<Word>({
    {"systemd.unit", Value::required, Meaning::unit},
    {"systemd.log_level", Value::required, Meaning::level},
    {"systemd.show_status", Value::optional, Meaning::status},
});

/// A word of the kernel command line, and the target that it starts.
struct TargetWord {
    util::Literal word;
    util::Literal target;
};

constexpr auto target_words = std::to_array<TargetWord>({
    {"emergency", "emergency.target"},
    {"-b", "emergency.target"},
    {"rescue", "rescue.target"},
    {"single", "rescue.target"},
    {"-s", "rescue.target"},
    {"s", "rescue.target"},
    {"S", "rescue.target"},
    {"1", "rescue.target"},
    {"2", "multi-user.target"},
    {"3", "multi-user.target"},
    {"4", "multi-user.target"},
    {"5", "graphical.target"},
});

class Translator {
public:
    Translator(std::span<const std::string> words, bool is_process_1)
        : words_(words), is_process_1_(is_process_1) {}

    SystemdWords translate() {
        while (at_ < words_.size()) {
            const std::string& word = words_[at_++];
            if (!refuse(word) && !take_option(word) && !(is_process_1_ && take_kernel_word(word)))
                translated_.arguments.push_back(word);
        }
        return std::move(translated_);
    }

private:
    bool refuse(std::string_view word) {
        const auto* const option = std::ranges::find(refused_options, word, &RefusedOption::word);
        if (option == refused_options.end())
            return false;
        translated_.refused = concat(word, " is not supported: ", option->reason);
        return true;
    }

    bool take_option(std::string_view word) {
        if (!word.starts_with("--"))
            return false;
        const std::string_view name = word.substr(2, word.find('=') - 2);
        const auto* const option = std::ranges::find(options, name, &Word::name);
        const bool has_value = word.size() > name.size() + 2;
        if (option == options.end() || (has_value && option->value == Value::none))
            return false;
        if (has_value)
            return add(*option, word, word.substr(name.size() + 3));
        if (option->value != Value::required)
            return add(*option, word, std::nullopt);
        // The option's value is missing. `init` will report this error.
        if (at_ == words_.size())
            return false;
        return add(*option, word, words_[at_++]);
    }

    bool take_kernel_word(std::string_view word) {
        for (const TargetWord& each : target_words)
            if (each.word == word)
                return add_option("unit", each.target);
        if (word == "debug")
            return add_option("log-level", word);
        if (word.starts_with('-'))
            return false;
        const std::size_t equals = word.find('=');
        const std::string_view name = word.substr(0, equals);
        const auto* const known = std::ranges::find(kernel_words, name, &Word::name);
        if (known != kernel_words.end() && (equals != word.npos || known->value == Value::optional))
            return add(*known, word,
                       equals == word.npos ? std::nullopt : std::optional(word.substr(equals + 1)));
        constexpr auto usual =
            std::to_array<std::string_view>({"quiet", "ro", "rw", "splash", "nosplash"});
        // Keep a word whose name has a slash, so that `init` reports the word. It is probably the
        // path of a program, because the name of a kernel parameter never contains a slash.
        return util::contains(usual, word)
               || (!util::contains(name, '/')
                   && (equals != word.npos || util::contains(name, '.')));
    }

    bool add(const Word& word, std::string_view typed, std::optional<std::string_view> value) {
        switch (word.meaning) {
            case Meaning::none:
                break;
            case Meaning::unit:
                return add_option("unit", *value);
            case Meaning::level:
                return add_option("log-level", unit::our_log_level(*value).value_or(*value));
            case Meaning::status:
                // "auto" and "error" show only slow or failed units, which we always log.
                if (!value || unit::parse_boolean(*value).value_or(false))
                    translated_.arguments.emplace_back("--verbose");
                break;
            case Meaning::impossible:
                translated_.ignored.emplace_back(typed);
                break;
        }
        return true;
    }

    bool add_option(std::string_view name, std::string_view value) {
        translated_.arguments.push_back(concat("--", name, '=', value));
        return true;
    }

    std::span<const std::string> words_;
    bool is_process_1_;
    std::size_t at_ = 0;
    SystemdWords translated_;
};

}  // namespace

SystemdWords translate_systemd_words(std::span<const std::string> words, bool is_process_1) {
    return Translator(words, is_process_1).translate();
}

}  // namespace notifybridge
