#include "init/files/install/state.hpp"

#include "base/util/concat.hpp"
#include "counted_source.hpp"
#include "fixture.hpp"

namespace notifybridge::install {

BOOST_AUTO_TEST_SUITE(state)

BOOST_AUTO_TEST_CASE(a_unit_that_nothing_can_enable_is_static) {
    Root root;
    root.unit("a.service");
    BOOST_TEST(root.state("a.service") == "static");
}

BOOST_AUTO_TEST_CASE(a_unit_that_only_enables_others_is_indirect) {
    Root root;
    root.unit("a.service", "Also=b.service\n");
    BOOST_TEST(root.state("a.service") == "indirect");
}

BOOST_AUTO_TEST_CASE(a_unit_file_that_is_a_link_is_in_the_state_alias) {
    Root root;
    root.unit("a.service");
    root.link(lib + "b.service", "a.service");
    BOOST_TEST(root.state("b.service") == "alias");
}

BOOST_AUTO_TEST_CASE(a_unit_whose_alias_leads_to_another_unit_is_indirect) {
    Root root;
    root.unit("a.target", "WantedBy=x.target\n");
    root.link(etc + "default.target", lib + "a.target");
    BOOST_TEST(root.state("a.target") == "indirect");
}

BOOST_AUTO_TEST_CASE(an_instance_is_enabled_though_its_template_is_not) {
    Root root;
    root.unit("t@.service", "WantedBy=x.target\nDefaultInstance=one\n");
    root.link(etc + "x.target.wants/t@two.service", lib + "t@.service");
    BOOST_TEST(root.state("t@two.service") == "enabled");
    BOOST_TEST(root.state("t@.service") == "indirect");
    root.link(etc + "x.target.wants/t@one.service", lib + "t@.service");
    BOOST_TEST(root.state("t@.service") == "enabled");
}

BOOST_AUTO_TEST_CASE(directories_identify_generated_and_transient_units) {
    Root root;
    root.write("/run/systemd/generator/a.service", "[Service]\n");
    root.write("/run/systemd/transient/b.service", "[Service]\n");
    BOOST_TEST(root.state("a.service") == "generated");
    BOOST_TEST(root.state("b.service") == "transient");
}

BOOST_AUTO_TEST_CASE(an_empty_file_masks_its_unit) {
    Root root;
    root.write(etc + "a.service", "");
    root.write(run + "b.service", "");
    BOOST_TEST(root.state("a.service") == "masked");
    BOOST_TEST(root.state("b.service") == "masked-runtime");
}

BOOST_AUTO_TEST_CASE(a_unit_file_that_cannot_be_loaded_is_bad) {
    Root root;
    root.unit("a.service", "DefaultInstance=x\n[Install\n");
    root.link(lib + "b.service", "a.socket");
    root.link(lib + "c.service", "c.service");
    BOOST_TEST(root.state("a.service") == "bad");
    BOOST_TEST(root.state("b.service") == "bad");
    BOOST_TEST(root.state("c.service") == "bad");
}

BOOST_AUTO_TEST_CASE(each_directory_is_read_once_for_all_units) {
    Root root;
    const std::string wants = etc + "x.target.wants";
    for (int number = 0; number < 20; ++number) {
        root.unit(util::concat("a", number, ".service"), "WantedBy=x.target\n");
        if (number < 10)
            root.link(util::concat(wants, "/a", number, ".service"), "../unit");
    }
    const RootSource files(root.path());
    const CountedSource counted(files);
    const Directories directories = system_directories();
    const unit::Facts facts;
    const Lookup lookup(counted, directories, facts);
    const LinkIndex links(lookup);
    for (int number = 0; number < 20; ++number) {
        State state = State::bad;
        BOOST_TEST(state_of(lookup, links, util::concat("a", number, ".service"), state) == 0);
        BOOST_TEST((state == (number < 10 ? State::enabled : State::disabled)));
    }
    for (const std::string& directory : directories.load_path)
        BOOST_TEST(counted.listed.count(directory) == 1U, directory);
    BOOST_TEST(counted.listed.count(wants) == 1U);
}

BOOST_AUTO_TEST_CASE(a_link_below_the_file_of_a_unit_counts_if_it_leads_to_it) {
    Root root;
    root.write(etc + "a.service", "[Service]\nExecStart=/bin/true\n");
    root.link(run + "a.service", "/opt/other.service");
    BOOST_TEST(root.state("a.service") == "static");
    root.link(run + "b.service", "a.service");
    BOOST_TEST(root.state("a.service") == "indirect");
    std::filesystem::remove(root.path() + run + "a.service");
    root.link(run + "a.service", "/opt/a.service");
    BOOST_TEST(root.state("a.service") == "enabled-runtime");
}

BOOST_AUTO_TEST_CASE(is_enabled_succeeds_for_enabled_and_static_units) {
    BOOST_TEST(counts_as_enabled(State::enabled));
    BOOST_TEST(counts_as_enabled(State::is_static));
    BOOST_TEST(!counts_as_enabled(State::disabled));
    BOOST_TEST(!counts_as_enabled(State::linked));
    BOOST_TEST(!counts_as_enabled(State::masked));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::install
