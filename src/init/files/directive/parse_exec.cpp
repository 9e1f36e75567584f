#include <sys/prctl.h>

#include <linux/securebits.h>

#include <algorithm>
#include <limits>

#include "base/util/concat.hpp"
#include "base/util/lenient_number.hpp"
#include "base/util/literal.hpp"
#include "base/util/number.hpp"
#include "init/files/directive/choices.hpp"
#include "init/files/directive/parse.hpp"
#include "init/files/unit/path.hpp"
#include "init/files/unit/value.hpp"

/// Reads the directives of systemd.exec(5), except environments and standard streams.
namespace notifybridge::directive::parse {
namespace {

using util::concat;

std::optional<rlim_t> parse_time_limit(std::string_view text, LimitUnit unit) {
    constexpr std::int64_t second = 1'000'000;
    // As in systemd, a number without a unit of measure uses the limit's default unit.
    const std::size_t sign = text.starts_with('+') ? 1 : 0;
    const std::string_view whole = text.substr(sign, text.find('.') - sign);
    const bool is_bare = text.find_first_not_of("0123456789.", sign) == text.npos;
    if (unit == LimitUnit::microseconds && is_bare)
        return util::parse_number<rlim_t>(whole);
    const auto span = util::parse_time_span(text);
    if (!span)
        return std::nullopt;
    const std::int64_t usec = span->count();
    return static_cast<rlim_t>(unit == LimitUnit::microseconds ? usec
                                                               : (usec + second - 1) / second);
}

/// Parses "+5" and "-5" as nice levels, and 0 to 40 as the kernel's numbers (getrlimit(2)).
std::optional<rlim_t> parse_nice_limit(std::string_view text) {
    constexpr int offset = 20, most = 40;
    if (text.starts_with('+') || text.starts_with('-')) {
        const auto level = unit::parse_nice(text);
        return level ? std::optional<rlim_t>(static_cast<rlim_t>(offset - *level)) : std::nullopt;
    }
    const auto value = util::parse_lenient_unsigned(text);
    return value && *value <= most ? value : std::nullopt;
}

std::optional<rlim_t> parse_limit(std::string_view text, LimitUnit unit) {
    if (text == "infinity" && unit != LimitUnit::niceness)
        return RLIM_INFINITY;
    switch (unit) {
        case LimitUnit::seconds:
        case LimitUnit::microseconds:
            return parse_time_limit(text, unit);
        case LimitUnit::bytes:
            return unit::parse_size(text);
        case LimitUnit::niceness:
            return parse_nice_limit(text);
        case LimitUnit::count:
            break;
    }
    return util::parse_lenient_unsigned(text);
}

constexpr std::uint64_t all_capabilities = std::numeric_limits<std::uint64_t>::max();

/// Returns `set` after the line has changed it. A "~" removes the named capabilities. If `set`
/// still equals `initial`, "~" selects all capabilities except the named ones.
std::uint64_t merge_capabilities(const unit::Line& line, std::uint64_t set, std::uint64_t initial) {
    const bool is_inverted = line.value().starts_with('~');
    std::uint64_t named = 0;
    util::WordReader words(line.value().substr(is_inverted ? 1 : 0), util::quoted_words);
    std::string word;
    while (words.next(word) == util::Extracted::word)
        if (const auto capability = unit::parse_capability(word))
            named |= std::uint64_t(1) << *capability;
        else
            line.ignore_word(word, "it is not a capability, such as \"CAP_NET_BIND_SERVICE\"");
    if (named == 0 || set == initial)
        return is_inverted ? ~named : named;
    return is_inverted ? set & ~named : set | named;
}

struct SecureBit {
    util::Literal name;
    int bit;
};

// The bits in capabilities(7), "The securebits flags".
constexpr auto secure_bit_table = std::to_array<SecureBit>({
    {"keep-caps", SECBIT_KEEP_CAPS},
    {"keep-caps-locked", SECBIT_KEEP_CAPS_LOCKED},
    {"no-setuid-fixup", SECBIT_NO_SETUID_FIXUP},
    {"no-setuid-fixup-locked", SECBIT_NO_SETUID_FIXUP_LOCKED},
    {"noroot", SECBIT_NOROOT},
    {"noroot-locked", SECBIT_NOROOT_LOCKED},
});

/// Returns `text` as a relative path, which RuntimeDirectory= and similar directives require. If
/// `text` is not a relative path, adds a message and returns nullopt.
std::optional<std::string> relative_path(const unit::Line& line, std::string_view text) {
    const auto expanded = line.expand(text);
    if (!expanded)
        return std::nullopt;
    std::string simple = unit::simplify_path(*expanded);
    if (!unit::is_absolute(simple) && unit::is_normalized(simple) && unit::is_valid_path(simple))
        return simple;
    line.ignore_word(*expanded, "it is not a relative path without \"..\"");
    return std::nullopt;
}

/// Adds a message about the flags of a directory. systemd has had these flags since release 257.
/// Older releases accept any text in their place.
void report_flags(const unit::Line& line, std::string_view flags) {
    if (flags == "ro")
        line.ignore_word(flags,
                         "read-only directories are not supported; the directory will be writable");
    else if (!flags.empty())
        line.ignore_word(flags, "it is not a flag of a directory, such as \"ro\"");
}

/// Adds the directory `source`. Also adds a symbolic link if the remaining `parts` name a link.
void add_directory(const unit::Line& line, std::string_view word, const std::string& source,
                   util::WordReader parts, bool may_link,
                   std::vector<unit::ExecDirectory>& directories) {
    std::string link;
    const bool has_link = parts.next(link) == util::Extracted::word && !link.empty();
    std::string flags;
    if (parts.next(flags) != util::Extracted::word)
        flags.clear();
    const auto path = relative_path(line, source);
    if (!path)
        return;
    if (*path == "private" || path->starts_with("private/")) {
        line.ignore_word(word, "\"private\" is reserved for DynamicUser=");
        return;
    }
    if (has_link && !may_link) {
        line.ignore_word(word, "this directive does not support symbolic links");
        return;
    }
    const auto link_path = has_link ? relative_path(line, link) : std::nullopt;
    if (has_link && !link_path)
        return;
    report_flags(line, flags);
    auto known = std::ranges::find(directories, *path, &unit::ExecDirectory::path);
    if (known == directories.end())
        known = directories.insert(known, {*path, {}});
    if (link_path)
        known->symlinks.push_back(*link_path);
}

void add_directories(unit::Line& line, bool may_link, unit::ExecDirectories& setting) {
    if (resets(line, setting))
        return;
    bool goes_on = true;
    for_each_word(line, {.unquote = true, .retain_escape = true}, [&](std::string_view word) {
        util::WordReader parts(word, {.separators = ":",
                                      .cunescape = true,
                                      .unescape_separators = true,
                                      .dont_coalesce = true});
        std::string source;
        // systemd stops at a word that consists of ":" or has an unknown escape.
        goes_on = goes_on && parts.next(source) == util::Extracted::word && !source.empty();
        if (goes_on)
            add_directory(line, word, source, parts, may_link, setting.directories);
        else
            line.ignore_word(word, "this word or an earlier word of the line is not a path");
    });
}

}  // namespace

void limit(unit::Line& line, LimitUnit limit_unit, std::optional<rlimit>& setting) {
    // Unlike empty values of most directives, an empty limit does not reset the setting.
    const std::size_t colon = std::min(line.value().find(':'), line.value().size());
    const bool is_pair = colon < line.value().size();
    const auto soft = parse_limit(line.value().substr(0, colon), limit_unit);
    const auto hard = is_pair ? parse_limit(line.value().substr(colon + 1), limit_unit) : soft;
    if (!soft || !hard)
        line.ignore("it is not a limit, such as \"1024\", \"64:infinity\" or \"infinity\"");
    else if (*soft > *hard)
        line.ignore("the soft limit (the first number) is higher than the hard limit");
    else
        setting = rlimit{*soft, *hard};
}

void working_directory(unit::Line& line) {
    unit::ExecSettings& setting = line.settings().exec.edit();
    std::string_view value = line.value();
    if (value.empty()) {
        setting.working_directory.clear();
        return;
    }
    const bool may_be_missing = value.starts_with('-');
    if (may_be_missing)
        value.remove_prefix(1);
    const unit::Expanded expanded = unit::expand_specifiers(value, line.context());
    const std::string simple = unit::simplify_path(expanded.text);
    const bool is_path = expanded.is_valid() && unit::is_absolute(simple)
                         && unit::is_normalized(simple) && unit::is_valid_path(simple);
    if (value == "~" || is_path) {
        setting.working_directory = value == "~" ? "~" : simple;
        setting.working_directory_may_be_missing = may_be_missing;
        return;
    }
    const std::string why =
        expanded.is_valid() ? "it is not an absolute path without \"..\"" : expanded.failure;
    if (may_be_missing)
        line.ignore(why);
    else
        line.refuse(why);
}

void nice(unit::Line& line, std::optional<int>& setting) {
    const auto level = unit::parse_nice(line.value());
    if (line.value().empty() || level)
        setting = level;
    else
        line.ignore("it is not a number from -20 to 19");
}

void oom_score_adjust(unit::Line& line, std::optional<int>& setting) {
    const auto score = unit::parse_oom_score_adjust(line.value());
    if (line.value().empty() || score)
        setting = score;
    else
        line.ignore("it is not a number from -1000 to 1000");
}

void bounding_set(unit::Line& line, std::optional<std::uint64_t>& setting) {
    setting = merge_capabilities(line, setting.value_or(all_capabilities), all_capabilities);
}

void capabilities(unit::Line& line, std::uint64_t& setting) {
    setting = merge_capabilities(line, setting, 0);
}

void secure_bits(unit::Line& line, int& setting) {
    // Contrary to systemd.exec(5), each line replaces the earlier lines.
    setting = 0;
    for_each_word(line, util::quoted_words, [&](std::string_view word) {
        const auto found = std::ranges::find(secure_bit_table, word, &SecureBit::name);
        if (found != secure_bit_table.end())
            setting |= found->bit;
        else
            line.ignore_word(word, "it is not a secure bit, such as \"noroot\"");
    });
}

void value(unit::Line& line, unit::ExecDirectories& setting) {
    add_directories(line, true, setting);
}

void plain_exec_directory(unit::Line& line, unit::ExecDirectories& setting) {
    add_directories(line, false, setting);
}

void private_tmp(unit::Line& line, unit::PrivateTmp& setting) {
    const auto is_private = unit::parse_boolean(line.value());
    if (is_private)
        setting = *is_private ? unit::PrivateTmp::connected : unit::PrivateTmp::no;
    else
        parse::choice<choices::private_tmp>(line, setting);
}

void search_path(unit::Line& line, unit::Paths& setting) {
    if (resets(line, setting))
        return;
    // systemd stops at the first word that is not an absolute path.
    bool goes_on = true;
    for_each_word(line, {.separators = ":", .dont_coalesce = true}, [&](std::string_view word) {
        const auto expanded = goes_on ? line.expand(word) : std::nullopt;
        auto simple = expanded ? absolute_path(line, *expanded) : std::nullopt;
        goes_on = simple.has_value();
        if (simple)
            setting.push_back(std::move(*simple));
    });
}

}  // namespace notifybridge::directive::parse
