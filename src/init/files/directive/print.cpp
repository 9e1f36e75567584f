#include "init/files/directive/print.hpp"

#include "base/util/concat.hpp"
#include "base/util/signal_names.hpp"
#include "init/files/directive/choices.hpp"
#include "init/files/unit/value.hpp"

namespace notifybridge::directive::print {

using util::concat;

namespace {

CommandRun run(const Property& property, const unit::Command& command) {
    return property.run_of ? property.run_of(command) : CommandRun();
}

void stream(const Property& property, std::string_view word, std::string_view fd) {
    property.is(std::string(word));
    property.add(concat(property.name, "FileDescriptorName"), std::string(fd));
}

}  // namespace

void value(const Property& property, bool setting) {
    property.is(to_property(setting));
}

void value(const Property& property, int setting) {
    property.is(concat(setting));
}

void value(const Property& property, unsigned setting) {
    property.is(concat(setting));
}

void value(const Property& property, std::uint64_t setting) {
    property.is(concat(setting));
}

void value(const Property& property, std::optional<int> setting) {
    property.is(concat(setting.value_or(-1)));
}

void value(const Property& property, std::optional<std::uint8_t> setting) {
    property.is(or_not_set(setting));
}

void value(const Property& property, util::TimeSpan setting) {
    property.is(to_property(setting));
}

void value(const Property& property, const std::string& setting) {
    property.is(setting);
}

void value(const Property& property, const std::vector<std::string>& setting) {
    property.is(to_property(setting));
}

void value(const Property& property, const unit::ExitStatusSet& setting) {
    std::vector<std::string> all;
    for (std::size_t at = 0; at < setting.statuses.size(); ++at)
        if (setting.statuses[at])
            all.push_back(concat(at));
    for (std::size_t at = 0; at < setting.signals.size(); ++at)
        if (setting.signals[at])
            all.push_back(util::signal_to_string(static_cast<int>(at)));
    property.is(joined(all));
}

void value(const Property& property, const unit::Commands& setting) {
    for (const unit::Command& command : setting)
        property.is(to_property(command, run(property, command)));
}

void value(const Property& property, const unit::Input& setting) {
    stream(property, choices::input_kind[static_cast<std::size_t>(setting.kind)],
           setting.kind == unit::InputKind::fd ? *setting.name : std::string_view());
}

void value(const Property& property, const unit::Output& setting) {
    stream(property, choices::output_kind[static_cast<std::size_t>(setting.kind)],
           setting.kind == unit::OutputKind::fd ? *setting.name : std::string_view());
}

void value(const Property& property, const unit::ExecDirectories& setting) {
    unit::Paths paths;
    for (const unit::ExecDirectory& directory : setting.directories)
        paths.push_back(directory.path);
    value(property, paths);
}

void octal(const Property& property, mode_t setting) {
    std::string text = "0000";
    for (std::size_t at = text.size(); at-- > 0; setting >>= 3)
        text[at] = static_cast<char>('0' + (setting & 7));
    property.is(text);
}

void word(const Property& property, std::size_t setting, std::span<const std::string_view> words) {
    property.is(std::string(words[setting]));
}

void extended(const Property& property, const unit::Commands& setting) {
    for (const unit::Command& command : setting)
        property.is(to_extended_property(command, run(property, command)));
}

void symlinks(const Property& property, const unit::ExecDirectories& setting) {
    for (const unit::ExecDirectory& directory : setting.directories)
        for (const std::string& link : directory.symlinks)
            property.is(concat(directory.path, ':', link));
}

void base64(const Property& property, const std::string& setting) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::string_view bytes = setting; !bytes.empty();
         bytes.remove_prefix(std::min<std::size_t>(3, bytes.size()))) {
        const auto byte = [&](std::size_t at) {
            return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U;
        };
        const unsigned group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (std::size_t at = 0; at < 4; ++at)
            out += at <= bytes.size() ? digits[group >> (18 - 6 * at) & 63] : '=';
    }
    property.is(out);
}

void capabilities(const Property& property, std::uint64_t setting) {
    std::vector<std::string> names;
    for (unsigned number = 0; number <= unit::last_capability; ++number)
        if (setting >> number & 1)
            names.push_back(concat("cap_", unit::capability_to_string(number)));
    property.is(joined(names));
}

}  // namespace notifybridge::directive::print
