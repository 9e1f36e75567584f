#include "init/files/install/installer.hpp"

#include "base/util/concat.hpp"
#include "fixture.hpp"

namespace notifybridge::install {

BOOST_AUTO_TEST_SUITE(installer)

BOOST_AUTO_TEST_CASE(enable_links_a_unit_by_wanted_by_and_aliases) {
    Root root;
    root.unit("a.service", "WantedBy=x.target\nRequiredBy=y.target\nAlias=b.service\n");
    const Outcome outcome = root.installer().enable({"a.service"}, {});
    BOOST_TEST(outcome.error == 0);
    BOOST_TEST(root.target(etc + "x.target.wants/a.service") == lib + "a.service");
    BOOST_TEST(root.target(etc + "y.target.requires/a.service") == lib + "a.service");
    BOOST_TEST(root.target(etc + "b.service") == lib + "a.service");
}

BOOST_AUTO_TEST_CASE(enable_and_disable_include_the_units_in_also) {
    Root root;
    root.unit("a.service", "WantedBy=x.target\nAlso=b.socket\n");
    root.unit("b.socket", "WantedBy=sockets.target\n");
    root.installer().enable({"a.service"}, {});
    BOOST_TEST(root.has(etc + "sockets.target.wants/b.socket"));
    root.installer().disable({"a.service"}, {});
    BOOST_TEST(!root.has(etc + "sockets.target.wants"));
    BOOST_TEST(!root.has(etc + "x.target.wants"));
}

BOOST_AUTO_TEST_CASE(enable_skips_aliases_of_a_type_without_aliases) {
    Root root;
    root.unit("a.mount", "WantedBy=x.target\nAlias=b.mount\n");
    BOOST_TEST(root.installer().enable({"a.mount"}, {}).error == 0);
    BOOST_TEST(root.has(etc + "x.target.wants/a.mount"));
    BOOST_TEST(!root.has(etc + "b.mount"));
}

BOOST_AUTO_TEST_CASE(a_template_is_enabled_as_its_default_instance) {
    Root root;
    root.unit("t@.service", "WantedBy=x.target\nDefaultInstance=one\n");
    root.installer().enable({"t@.service"}, {});
    BOOST_TEST(root.target(etc + "x.target.wants/t@one.service") == lib + "t@.service");
}

BOOST_AUTO_TEST_CASE(a_template_without_a_default_instance_cannot_be_wanted) {
    Root root;
    root.unit("t@.service", "WantedBy=x.target\n");
    const Outcome outcome = root.installer().enable({"t@.service"}, {});
    BOOST_TEST(outcome.error == problem::no_template);
    BOOST_TEST(!root.has(etc + "x.target.wants"));
}

BOOST_AUTO_TEST_CASE(aliases_and_specifiers_use_the_instance_of_a_unit) {
    Root root;
    root.unit("t@.service", "WantedBy=x@%i.target\nAlias=u@.service\n");
    root.installer().enable({"t@one.service"}, {});
    BOOST_TEST(root.target(etc + "u@one.service") == lib + "t@.service");
    BOOST_TEST(root.target(etc + "x@one.target.wants/t@one.service") == lib + "t@.service");
}

BOOST_AUTO_TEST_CASE(a_drop_in_can_set_wanted_by) {
    Root root;
    root.unit("a.service");
    root.write(etc + "a.service.d/x.conf", "[Install]\nWantedBy=x.target\n");
    root.installer().enable({"a.service"}, {});
    BOOST_TEST(root.has(etc + "x.target.wants/a.service"));
}

BOOST_AUTO_TEST_CASE(a_unit_without_an_install_section_is_reported) {
    Root root;
    root.unit("a.service");
    root.unit("b.service", "WantedBy=x.target\n");
    BOOST_TEST(!root.installer().enable({"a.service"}, {}).has_install_section);
    BOOST_TEST(root.installer().enable({"b.service"}, {}).has_install_section);
}

BOOST_AUTO_TEST_CASE(links_of_runtime_changes_are_below_run) {
    Root root;
    root.unit("a.service", "WantedBy=x.target\n");
    root.installer().enable({"a.service"}, {.is_runtime = true});
    BOOST_TEST(root.has(run + "x.target.wants/a.service"));
    BOOST_TEST(!root.has(etc + "x.target.wants"));
    BOOST_TEST(root.state("a.service") == "enabled-runtime");
}

BOOST_AUTO_TEST_CASE(only_force_replaces_a_link_to_another_target) {
    Root root;
    root.unit("a.service", "Alias=b.service\n");
    root.unit("c.service");
    BOOST_TEST(root.installer().enable({"a.service"}, {}).changes.size() == 1U);
    BOOST_TEST(root.installer().enable({"a.service"}, {}).changes.empty());
    std::filesystem::remove(root.path() + etc + "b.service");
    root.link(etc + "b.service", lib + "c.service");
    BOOST_TEST(root.installer().enable({"a.service"}, {}).error == problem::exists);
    BOOST_TEST(root.installer().enable({"a.service"}, {.replaces = true}).error == 0);
    BOOST_TEST(root.target(etc + "b.service") == lib + "a.service");
}

BOOST_AUTO_TEST_CASE(a_unit_of_another_type_cannot_be_an_alias) {
    Root root;
    root.unit("a.service", "Alias=a.socket\n");
    BOOST_TEST(root.installer().enable({"a.service"}, {}).error == problem::no_alias);
    BOOST_TEST(!root.has(etc + "a.socket"));
}

BOOST_AUTO_TEST_CASE(a_masked_unit_is_not_enabled_until_it_is_unmasked) {
    Root root;
    root.unit("a.service", "WantedBy=x.target\n");
    root.installer().mask({"a.service"}, {});
    BOOST_TEST(root.target(etc + "a.service") == "/dev/null");
    BOOST_TEST(root.state("a.service") == "masked");
    BOOST_TEST(root.installer().enable({"a.service"}, {}).error == problem::masked);
    root.installer().unmask({"a.service"}, {});
    BOOST_TEST(!root.has(etc + "a.service"));
    BOOST_TEST(root.state("a.service") == "disabled");
}

BOOST_AUTO_TEST_CASE(mask_does_not_replace_a_file) {
    Root root;
    root.write(etc + "a.service", "[Service]\n");
    BOOST_TEST(root.installer().mask({"a.service"}, {.replaces = false}).error == problem::exists);
    BOOST_TEST(root.target(etc + "a.service") == "");
}

BOOST_AUTO_TEST_CASE(a_file_outside_the_load_path_can_be_linked_and_enabled) {
    Root root;
    root.write("/opt/a.service", "[Install]\nWantedBy=x.target\n");
    root.installer().link({"/opt/a.service"}, {});
    BOOST_TEST(root.target(etc + "a.service") == "/opt/a.service");
    BOOST_TEST(root.state("a.service") == "linked");
    root.installer().enable({"/opt/a.service"}, {});
    BOOST_TEST(root.target(etc + "x.target.wants/a.service") == "/opt/a.service");
    BOOST_TEST(root.state("a.service") == "enabled");
    root.installer().disable({"a.service"}, {});
    BOOST_TEST(!root.has(etc + "a.service"));
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_linked_gets_no_other_links) {
    Root root;
    root.write("/opt/a.service", "[Install]\nWantedBy=x.target\n");
    root.unit("b.service", "WantedBy=x.target\n");
    root.link(etc + "a.service", "/elsewhere/a.service");
    const Outcome outcome = root.installer().enable({"/opt/a.service", "b.service"}, {});
    BOOST_TEST(outcome.error == problem::exists);
    BOOST_TEST(!root.has(etc + "x.target.wants/a.service"));
    BOOST_TEST(root.has(etc + "x.target.wants/b.service"));
}

BOOST_AUTO_TEST_CASE(reenabling_keeps_the_link_to_an_outside_file) {
    Root root;
    root.write("/opt/a.service", "[Install]\nWantedBy=x.target\n");
    root.installer().enable({"/opt/a.service"}, {});
    root.write("/opt/a.service", "[Install]\nWantedBy=y.target\n");
    root.installer().reenable({"a.service"}, {});
    BOOST_TEST(root.target(etc + "a.service") == "/opt/a.service");
    BOOST_TEST(!root.has(etc + "x.target.wants"));
    BOOST_TEST(root.has(etc + "y.target.wants/a.service"));
}

BOOST_AUTO_TEST_CASE(reenable_applies_drop_ins_and_aliases) {
    Root root;
    root.unit("a.service", "Alias=b.service\n");
    root.write(lib + "a.service.d/x.conf", "[Install]\nWantedBy=x.target\n");
    root.installer().enable({"a.service"}, {});
    for (const char* const name : {"a.service", "b.service"}) {
        const Outcome outcome = root.installer().reenable({name}, {});
        BOOST_TEST(outcome.error == 0);
        BOOST_TEST(root.has(etc + "x.target.wants/a.service"));
        BOOST_TEST(root.has(etc + "b.service"));
    }
}

BOOST_AUTO_TEST_CASE(reenabling_an_instance_enables_that_instance) {
    Root root;
    root.unit("t@.service", "WantedBy=x.target\n");
    root.installer().reenable({"t@one.service"}, {});
    BOOST_TEST(root.has(etc + "x.target.wants/t@one.service"));
}

BOOST_AUTO_TEST_CASE(disabling_a_template_disables_its_instances) {
    Root root;
    root.unit("t@.service", "WantedBy=x.target\n");
    root.installer().enable({"t@one.service", "t@two.service"}, {});
    root.installer().disable({"t@.service"}, {});
    BOOST_TEST(!root.has(etc + "x.target.wants"));
}

BOOST_AUTO_TEST_CASE(disable_removes_the_links_of_a_missing_unit) {
    Root root;
    root.link(etc + "x.target.wants/a.service", lib + "a.service");
    const Outcome outcome = root.installer().disable({"a.service"}, {});
    BOOST_TEST(outcome.error == 0);
    BOOST_TEST(!root.has(etc + "x.target.wants"));
}

BOOST_AUTO_TEST_CASE(revert_restores_the_unit_file_of_the_distribution) {
    Root root;
    root.unit("a.service");
    root.write(etc + "a.service", "[Service]\n");
    root.write(etc + "a.service.d/x.conf", "[Service]\n");
    root.write(etc + "own.service", "[Service]\n");
    root.installer().revert({"a.service", "own.service"});
    BOOST_TEST(!root.has(etc + "a.service"));
    BOOST_TEST(!root.has(etc + "a.service.d"));
    BOOST_TEST(root.has(lib + "a.service"));
    BOOST_TEST(root.has(etc + "own.service"));
}

BOOST_AUTO_TEST_CASE(set_default_accepts_only_a_target) {
    Root root;
    root.unit("x.target");
    root.unit("a.service");
    std::string name;
    BOOST_TEST(root.installer().get_default(name) == problem::missing);
    BOOST_TEST(root.installer().set_default("a.service").error == EINVAL);
    BOOST_TEST(root.installer().set_default("default.target").error == EINVAL);
    BOOST_TEST(root.installer().set_default("x.target").error == 0);
    BOOST_TEST(root.installer().get_default(name) == 0);
    BOOST_TEST(name == "x.target");
}

BOOST_AUTO_TEST_CASE(enable_also_links_a_unit_by_upheld_by) {
    Root root;
    root.unit("a.service", "UpheldBy=x.target\n");
    root.installer().enable({"a.service"}, {});
    BOOST_TEST(root.has(etc + "x.target.upholds/a.service"));
    BOOST_TEST(root.state("a.service") == "enabled");
}

BOOST_AUTO_TEST_CASE(enable_creates_no_link_that_leads_out_of_the_root_directory) {
    Root outside, root;
    root.unit("a.service", "WantedBy=x.target\n");
    root.link("/etc/systemd", outside.path());
    root.installer().enable({"a.service"}, {});
    root.installer().mask({"b.service"}, {});
    BOOST_TEST(!outside.has("/system"));
    BOOST_TEST(root.has(outside.path() + "/system/x.target.wants/a.service"));
    BOOST_TEST(root.has(outside.path() + "/system/b.service"));
    root.installer().disable({"a.service"}, {});
    BOOST_TEST(!root.has(outside.path() + "/system/x.target.wants"));
}

BOOST_AUTO_TEST_CASE(a_preset_enables_and_disables_units) {
    Root root;
    root.unit("a.service", "WantedBy=x.target\n");
    root.unit("b.service", "WantedBy=x.target\nAlso=c.service\n");
    root.unit("c.service", "WantedBy=x.target\n");
    root.write("/usr/lib/systemd/system-preset/9.preset", "enable a.*\ndisable *\n");
    root.installer().enable({"b.service"}, {});
    BOOST_TEST(root.installer().preset({"a.service", "b.service"}, PresetMode::full, {}).error
               == 0);
    BOOST_TEST(root.has(etc + "x.target.wants/a.service"));
    BOOST_TEST(!root.has(etc + "x.target.wants/b.service"));
    // The unit is enabled by Also=, although no preset names it.
    BOOST_TEST(root.has(etc + "x.target.wants/c.service"));
}

BOOST_AUTO_TEST_CASE(a_preset_can_be_limited_to_enable_or_disable) {
    Root root;
    root.unit("a.service", "WantedBy=x.target\n");
    root.unit("b.service", "WantedBy=x.target\n");
    root.write("/usr/lib/systemd/system-preset/9.preset", "enable a.*\ndisable *\n");
    root.installer().enable({"b.service"}, {});
    root.installer().preset_all(PresetMode::disable_only, {});
    BOOST_TEST(!root.has(etc + "x.target.wants"));
    root.installer().enable({"b.service"}, {});
    root.installer().preset_all(PresetMode::enable_only, {});
    BOOST_TEST(root.has(etc + "x.target.wants/a.service"));
    BOOST_TEST(root.has(etc + "x.target.wants/b.service"));
}

BOOST_AUTO_TEST_CASE(a_preset_can_name_instances_of_a_template) {
    Root root;
    root.unit("t@.service", "WantedBy=x.target\n");
    root.write("/etc/systemd/system-preset/9.preset",
               "enable t@.service one two\nenable a.service three\ndisable *\n");
    root.installer().preset({"t@.service"}, PresetMode::full, {});
    BOOST_TEST(root.has(etc + "x.target.wants/t@one.service"));
    BOOST_TEST(root.has(etc + "x.target.wants/t@two.service"));
    const Presets presets(RootSource(root.path()), "system-preset");
    BOOST_TEST(presets.enabled("t@two.service").has_value());
    BOOST_TEST(!presets.enabled("t@three.service").has_value());
    // Only a template has instances, so this rule is ignored.
    BOOST_TEST(!presets.enabled("a.service").has_value());
}

BOOST_AUTO_TEST_CASE(preset_all_skips_units_that_cannot_be_enabled) {
    Root root;
    root.unit("a.service", "WantedBy=x.target\n");
    root.unit("b.service", "WantedBy=x.target\n");
    root.link(etc + "a.service", "/dev/null");
    BOOST_TEST(root.installer().preset_all(PresetMode::full, {}).error == 0);
    BOOST_TEST(root.has(etc + "x.target.wants/b.service"));
    BOOST_TEST(root.installer().preset({"a.service"}, PresetMode::full, {}).error
               == problem::masked);
    BOOST_TEST(root.installer().preset({"nope.service"}, PresetMode::full, {}).error
               == problem::missing);
}

BOOST_AUTO_TEST_CASE(built_in_units_are_found_if_they_are_in_the_load_path) {
    Root root;
    Directories directories = system_directories();
    directories.load_path.emplace_back(load::built_in_directory);
    const unit::Facts facts;
    Installer installer(root.path(), directories, facts);
    std::string name;
    BOOST_TEST(installer.get_default(name) == 0);
    BOOST_TEST(name == "multi-user.target");
    State state = State::bad;
    BOOST_TEST(state_of(installer.lookup(), LinkIndex(installer.lookup()), "basic.target", state)
               == 0);
    BOOST_TEST((state == State::is_static));
    BOOST_TEST(installer.all().contains("shutdown.target"));
    BOOST_TEST(installer.set_default("graphical.target").error == 0);
    // The link points to the path that the distribution's file would have, because other managers
    // lack our built-in files.
    BOOST_TEST(root.target(etc + "default.target") == lib + "graphical.target");
    BOOST_TEST(installer.get_default(name) == 0);
    BOOST_TEST(name == "graphical.target");
}

BOOST_AUTO_TEST_CASE(all_unit_files_are_listed_with_their_paths_and_states) {
    Root root;
    root.unit("a.service", "WantedBy=x.target\n");
    root.unit("b.service", "Alias=c.service\n");
    root.unit("t@.service", "WantedBy=x.target\nDefaultInstance=one\n");
    root.unit("masked.service");
    root.unit("no-unit");
    root.write(etc + "b.service", "[Service]\nExecStart=/bin/false\n");
    root.write(lib + "a.service.d/x.conf", "[Install]\nAlias=d.service\n");
    root.link(etc + "x.target.wants/a.service", lib + "a.service");
    root.link(etc + "x.target.wants/t@two.service", lib + "t@.service");
    root.link(etc + "masked.service", "/dev/null");
    root.link(etc + "linked.service", "/opt/linked.service");
    root.write("/opt/linked.service", "[Service]\n");
    root.link(lib + "alias.service", "a.service");
    root.link(run + "dangling.service", "none.service");
    const Installer installer = root.installer();
    const ListedFiles files = installer.all();
    std::string text;
    for (const auto& [name, file] : files) {
        text += util::concat(file.path, ' ', to_string(file.state), '\n');
        BOOST_TEST(to_string(file.state) == root.state(name), name);
    }
    BOOST_TEST(text
               == lib + "a.service enabled\n" + lib + "alias.service alias\n" + etc
                      + "b.service static\n" + run + "dangling.service bad\n" + etc
                      + "linked.service linked\n" + etc + "masked.service masked\n" + lib
                      + "t@.service indirect\n");
    const auto some = installer.all([](const std::string& name) { return name.starts_with("a"); });
    BOOST_TEST(some.size() == 2U);
    BOOST_TEST(some.contains("alias.service"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::install
