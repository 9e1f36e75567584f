#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/process/environment.hpp"
#include "base/system/error.hpp"
#include "base/system/file.hpp"
#include "base/system/random_id.hpp"
#include "base/system/streams.hpp"
#include "base/util/base_name.hpp"
#include "base/util/concat.hpp"
#include "base/util/take_until.hpp"
#include "init/ctl/edit_text.hpp"
#include "init/ctl/installing.hpp"
#include "init/ctl/names.hpp"
#include "init/ctl/run_program.hpp"
#include "init/ctl/verbs.hpp"
#include "init/files/facts/facts.hpp"
#include "init/files/load/load.hpp"
#include "init/files/unit/path.hpp"

/// Implements `edit`, which opens drop-ins or unit files in an editor: systemctl(1).
namespace notifybridge::ctl {
namespace {

using util::concat;

constexpr mode_t unit_directory_mode = 0755;
constexpr std::size_t longest_unit_file = 1024 * 1024;

/// A file to edit.
struct EditedFile {
    std::string path;  ///< The path below the root directory, as users see it.
    std::string real_path;
    std::string content;           ///< The present content, or the content to begin with.
    std::vector<ShownFile> shown;  ///< For a drop-in: the other files of the unit.
    std::string temporary;         ///< The path of the file that the editor opens.
};

[[noreturn]] void fail(std::string_view what, const std::string& path, int error) {
    throw Failure(concat("Failed to ", what, ' ', path, ": ", system::describe(error)));
}

/// Returns the name of the drop-in file (--drop-in=).
std::string drop_in_name(const Options& options) {
    const std::string& name = options.drop_in;
    if (name.empty())
        return "override.conf";
    if (name.find('/') != name.npos)
        throw Failure(concat("Invalid drop-in file name '", name, "'."));
    return name.ends_with(".conf") ? name : concat(name, ".conf");
}

load::LoadedUnit load_unit(const Context& context, const install::Installer& installer,
                           const std::string& operand) {
    const std::string typed = file_name(operand, "to edit", ".service", context.options);
    const auto name = unit::UnitName::parse(typed);
    if (!name)
        throw Failure(concat("Unit name ", typed, " is not valid."));
    unit::Messages messages;
    const load::UnitIndex index(installer.source(), installer.lookup().directories().load_path,
                                messages);
    load::LoadedUnit unit = load::load(*name, index, unit::Facts(), messages);
    if (unit.state == unit::LoadState::masked)
        throw Failure(concat("Cannot edit ", typed, ": unit is masked."));
    if (unit.fragment_path.empty() && !context.options.is_forced)
        throw Failure(concat("No files found for ", typed, ".\nRun 'systemctl edit --force --full ",
                             typed, "' to create a new unit."));
    return unit;
}

std::string read_if_possible(const load::FileSource& source, const std::string& path) {
    auto text = source.read(path);
    return text ? *std::move(text) : std::string();
}

EditedFile file_to_edit(const Context& context, const install::Installer& installer,
                        const load::LoadedUnit& unit) {
    const Options& options = context.options;
    const install::RootSource& files = installer.files();
    const std::string& name = unit.id.text();
    const std::string file =
        options.is_full ? concat('/', name) : concat('/', name, ".d/", drop_in_name(options));
    const std::string path = concat(installer.directories().for_links(options.is_runtime), file);
    const std::string persistent = concat(installer.directories().persistent, file);
    if (options.is_runtime && files.status(persistent).kind != load::FileKind::missing)
        throw Failure(concat("Refusing to create \"", files.shown(path),
                             "\" because it would be overridden by \"", files.shown(persistent),
                             "\" anyway."));
    EditedFile edited;
    edited.path = files.shown(path);
    edited.real_path = files.real_path(path);
    edited.content = read_if_possible(files, path);
    if (options.is_full) {
        if (edited.content.empty() && !unit.fragment_path.empty())
            edited.content = read_if_possible(installer.source(), unit.fragment_path);
        return edited;
    }
    std::vector<std::string> others;
    if (!unit.fragment_path.empty())
        others.push_back(unit.fragment_path);
    std::ranges::copy_if(*unit.drop_in_paths, std::back_inserter(others),
                         [&](const std::string& each) { return each != path; });
    for (const std::string& each : others)
        edited.shown.push_back({each, read_if_possible(installer.source(), each)});
    return edited;
}

system::UniqueFd make_directory(const std::string& path) {
    if (const int error = system::make_directories(path, unit_directory_mode))
        fail("create", path, error);
    auto opened = system::open_directory(path);
    if (!opened)
        fail("open", path, opened.error().value());
    return *std::move(opened);
}

/// Writes the text that the editor shows to a new file beside the edited file.
void write_temporary(EditedFile& file, bool has_markers) {
    const std::string directory(unit::directory_name(file.real_path));
    const system::UniqueFd opened = make_directory(directory);
    const std::string name = concat(".#", util::base_name(file.path),
                                    system::to_string(system::make_random_id()).substr(0, 16));
    const auto created = system::create_file(opened, name.c_str());
    if (!created)
        fail("create", concat(directory, '/', name), created.error().value());
    file.temporary = concat(directory, '/', name);
    const std::string text =
        has_markers ? text_to_edit(file.path, file.content, file.shown) : file.content;
    if (const auto written = system::write_at(*created, system::bytes_of(text), 0); !written)
        fail("write", file.temporary, written.error().value());
}

/// Removes the temporary file if it is still there, and the directory if it is empty.
void clean_up(const EditedFile& file, bool is_drop_in) {
    if (!file.temporary.empty())
        ::unlink(file.temporary.c_str());
    if (is_drop_in)
        ::rmdir(std::string(unit::directory_name(file.real_path)).c_str());
}

/// Returns the command lines of editors in the order in which they are tried.
std::vector<std::vector<std::string>> editors() {
    std::vector<std::vector<std::string>> commands;
    for (const char* const variable : {"SYSTEMD_EDITOR", "EDITOR", "VISUAL"}) {
        const std::string value = process::environment_variable(variable).value_or("");
        std::vector<std::string> words;
        for (std::string_view rest = value; !rest.empty();)
            if (const std::string_view word = util::take_until(rest, ' '); !word.empty())
                words.emplace_back(word);
        if (words.empty())
            continue;
        commands.push_back(std::move(words));
        break;
    }
    for (const char* const name : {"editor", "nano", "vim", "vi"})
        commands.push_back({name});
    return commands;
}

/// Runs the first editor that exists. Throws Failure if the editor fails.
void run_editor(const std::vector<EditedFile>& files) {
    for (std::vector<std::string> command : editors()) {
        const std::string editor = command.front();
        // If there is only one file, place the cursor on its content.
        if (files.size() == 1 && !files.front().shown.empty())
            command.push_back(concat('+', first_line_of_content));
        for (const EditedFile& file : files)
            command.push_back(file.temporary);
        try {
            const process::ExitStatus end = run_program(command);
            if (!end.success())
                throw Failure(concat("The editor ", editor, ' ', process::describe(end),
                                     "; no file was changed."));
            return;
        } catch (const std::system_error& error) {
            if (error.code().value() != ENOENT)
                throw Failure(concat("Failed to execute ", editor, ": ",
                                     system::describe(error.code().value())));
        }
    }
    throw Failure(
        "Cannot edit files, no editor available. Please set either $SYSTEMD_EDITOR, $EDITOR or "
        "$VISUAL.\nWithout an editor, use --stdin: systemctl edit --stdin UNIT <FILE");
}

std::string read_standard_input() {
    std::string text;
    char buffer[4096];
    for (ssize_t size; (size = ::read(STDIN_FILENO, buffer, sizeof buffer)) != 0;) {
        if (size < 0 && errno != EINTR)
            fail("read", "standard input", errno);
        if (size > 0)
            text.append(buffer, static_cast<std::size_t>(size));
        if (text.size() > longest_unit_file)
            fail("read", "standard input", EFBIG);
    }
    return text;
}

/// Puts the new content in place. Does nothing if there is no content.
void install_file(const EditedFile& file, const std::string& text) {
    const std::string content = edited_content(text);
    if (content.empty()) {
        system::err() << file.path
                      << ": after editing, new contents are empty, not writing file.\n";
        return;
    }
    const std::string directory(unit::directory_name(file.real_path));
    const system::UniqueFd opened = make_directory(directory);
    const std::string name(util::base_name(file.real_path));
    if (const auto replaced = system::replace_file(opened, name.c_str(), system::bytes_of(content));
        !replaced)
        fail("write", file.path, replaced.error().value());
    system::err() << "Successfully installed edited file '" << file.path << "'.\n";
}

void edit_interactively(const Context& context, std::vector<EditedFile>& files) {
    const bool is_drop_in = !context.options.is_full;
    try {
        for (EditedFile& file : files)
            write_temporary(file, is_drop_in);
        run_editor(files);
        for (const EditedFile& file : files)
            install_file(file, system::text_of(file.temporary, longest_unit_file));
    } catch (...) {
        for (const EditedFile& file : files)
            clean_up(file, is_drop_in);
        throw;
    }
    for (const EditedFile& file : files)
        clean_up(file, is_drop_in);
}

}  // namespace

int edit_files(const Context& context) {
    const Options& options = context.options;
    if (options.is_full && !options.drop_in.empty())
        throw Failure("--drop-in= cannot be used with --full.");
    if (options.reads_stdin && options.is_full && context.operands.size() != 1)
        throw Failure(
            "With 'edit --stdin --full', exactly one unit for editing must be specified.");
    if (!options.reads_stdin && (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0))
        throw Failure(
            "Cannot edit units interactively if not on a tty. "
            "Use --stdin to read the new contents from standard input.");
    const install::Installer installer = installer_like_manager(context);
    std::vector<EditedFile> files;
    for (const std::string& operand : context.operands)
        files.push_back(file_to_edit(context, installer, load_unit(context, installer, operand)));
    if (!options.reads_stdin) {
        edit_interactively(context, files);
    } else {
        const std::string text = read_standard_input();
        for (const EditedFile& file : files)
            install_file(file, text);
    }
    reload_running_manager(context);
    return 0;
}

}  // namespace notifybridge::ctl
