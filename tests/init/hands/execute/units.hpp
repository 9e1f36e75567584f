#pragma once

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <string>

#include "init/files/load/load.hpp"
#include "init/files/load/source.hpp"
#include "support/temporary_directory.hpp"

/// Creates units from text. All files that the units create are in temporary directories.
namespace notifybridge::execute::test {

using notifybridge::test::TemporaryDirectory;

class Units {
public:
    Units() {
        facts.runtime_directory = directory.path("run");
        facts.state_directory = directory.path("state");
        facts.cache_directory = directory.path("cache");
        facts.logs_directory = directory.path("logs");
        facts.configuration_directory = directory.path("etc");
        facts.home = directory.path();
        // The unit's user must be able to enter the directory.
        ::chmod(directory.path().c_str(), 0755);
    }

    /// Loads a unit from a file with this name and text. In the text, "@" stands for the temporary
    /// directory.
    load::LoadedUnit load(const std::string& name, std::string text) const {
        for (std::size_t at = text.find('@'); at != text.npos; at = text.find('@', at))
            text.replace(at, 1, directory.path());
        std::filesystem::create_directories(directory.path("units"));
        directory.write("units/" + name, text);
        unit::Messages messages;
        const load::DiskSource source;
        const load::UnitIndex index(source, {directory.path("units")}, messages);
        auto unit = load::load(*unit::UnitName::parse(name), index, facts, messages);
        for (const unit::Message& message : messages.all())
            BOOST_TEST_MESSAGE(unit::to_string(message));
        BOOST_TEST_REQUIRE((unit.state == unit::LoadState::loaded));
        return unit;
    }

    load::LoadedUnit service(const std::string& lines) const {
        return load("a.service", "[Service]\n" + lines + "\n");
    }

    TemporaryDirectory directory;
    unit::Facts facts;
};

}  // namespace notifybridge::execute::test
