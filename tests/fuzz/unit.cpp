// Fuzzes unit files of all types, from bytes to settings. Also fuzzes Exec lines, words,
// environment files and escaped names.

#include <algorithm>
#include <string>

#include "base/util/words.hpp"
#include "fuzz/fuzz.hpp"
#include "init/files/load/load.hpp"
#include "init/files/unit/environment.hpp"
#include "init/files/unit/escape.hpp"
#include "init/files/unit/path.hpp"
#include "init/files/unit/value.hpp"

namespace notifybridge {
namespace {

using fuzz::require;

/// A file source with a single directory that contains one file.
class OneFile : public load::FileSource {
public:
    OneFile(std::string name, std::string_view text) : name_(std::move(name)), text_(text) {}

    std::vector<load::Entry> list(const std::string& directory) const override {
        if (directory != "/units")
            return {};
        return {{name_, load::EntryKind::file}};
    }
    std::optional<std::string> read_link(const std::string&) const override { return {}; }
    std::string resolve(const std::string& directory) const override { return directory; }
    load::FileStatus status(const std::string&) const override { return {load::FileKind::regular}; }
    boost::system::result<std::string> read(const std::string&) const override { return text_; }

private:
    std::string name_;
    std::string text_;
};

void check_commands(const unit::Commands& commands) {
    for (const unit::Command& command : commands) {
        // "/." means "/", which systemd also accepts, although it cannot be executed.
        require(command.path == "/" || (!command.path.empty() && !command.path.ends_with('/')),
                "a command has a path");
        require(!unit::has_control_characters(command.path), "a path has no control characters");
        require(!command.argv.empty(), "a command has an argument 0");
    }
}

void check_settings(const unit::Settings& settings) {
    const unit::DependencyNames& dependencies = settings.unit.dependencies;
    for (std::size_t kind = 0; kind < static_cast<std::size_t>(unit::Dependency::count); ++kind)
        for (const std::string& name : dependencies[static_cast<unit::Dependency>(kind)])
            require(unit::UnitName::parse(name).has_value(), "a dependency is the name of a unit");
    for (const std::string& assignment : settings.exec->environment)
        require(unit::is_variable_assignment(assignment), "a variable has a name and a value");
    for (const auto& directory : settings.exec->state_directory->directories)
        require(!unit::is_absolute(directory.path) && unit::is_normalized(directory.path),
                "a state directory is a normalized relative path");
    const unit::ServiceSettings& service = settings.service;
    for (const auto* commands :
         {&*service.exec_start, &*service.exec_start_pre, &*service.exec_stop})
        check_commands(*commands);
}

void check_file(const char* name, std::string_view text) {
    const OneFile source(name, text);
    unit::Messages messages;
    const load::UnitIndex index(source, {"/units"}, messages);
    static const unit::Facts facts;
    const auto unit_name = unit::UnitName::parse(name);
    const load::LoadedUnit unit = load::load(*unit_name, index, facts, messages);
    require(unit.state != unit::LoadState::not_found, "the unit's file is found");
    if (unit.state == unit::LoadState::loaded)
        check_settings(unit.settings);
    const bool has_failed =
        unit.state == unit::LoadState::bad_setting || unit.state == unit::LoadState::error;
    bool has_said_so = false;
    for (const unit::Message& message : messages.all()) {
        has_said_so |= message.severity == util::Severity::error;
        require(!unit::has_control_characters(to_string(message)), "a message is one line");
    }
    require(!has_failed || has_said_so, "a refused unit has an error message");
}

void check_line(std::string_view line) {
    static const unit::Facts facts;
    static const auto name = unit::UnitName::parse("a-b@c.service");
    const unit::ParsedCommands parsed = unit::parse_commands(line, {facts, *name, "/x"});
    check_commands(parsed.commands);
    require(!parsed.is_refused || !parsed.failure.empty(), "a refusal has a reason");
    const unit::Environment environment = {"A=a 'b c", "B=", "C=${A}"};
    for (const unit::Command& command : parsed.commands)
        unit::expand_variables(command.argv, environment);
}

void check_words(std::string_view text) {
    for (const util::WordRules& rules :
         {util::quoted_words, util::escaped_words, util::plain_words}) {
        util::WordReader words(text, rules);
        std::string word;
        std::size_t left = text.size();
        while (words.next(word) == util::Extracted::word) {
            require(words.rest().size() < left, "each word shortens the remaining text");
            left = words.rest().size();
        }
    }
}

void check_names(std::string_view text) {
    const std::string escaped = unit::escape_name(text);
    require(escaped.find_first_of("/ ") == escaped.npos,
            "an escaped text is valid in a unit's name");
    if (text.find('\0') == text.npos)
        require(unit::unescape_name(escaped) == text, "an escaped text can be unescaped");
    if (const auto path = unit::unescape_path(text))
        require(unit::is_absolute(*path) && (*path == "/" || unit::is_normalized(*path)),
                "a path from a name is absolute");
    for (const std::string& assignment : unit::parse_environment_file(text))
        require(unit::is_variable_assignment(assignment),
                "an environment file contains only valid assignments");
}

}  // namespace
}  // namespace notifybridge

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace notifybridge;
    const std::string_view text = fuzz::as_text(data, size);
    // Choose the unit's type by the sections, because sections of other types are ignored.
    const auto has = [&](std::string_view part) { return text.find(part) != text.npos; };
    check_file(has("[Socket]") ? "a.socket" : has("[Target]") ? "a.target" : "a@b.service", text);
    check_line(text);
    check_words(text);
    check_names(text);
    return 0;
}
