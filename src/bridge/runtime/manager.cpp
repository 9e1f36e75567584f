#include "bridge/runtime/manager.hpp"

#include <iterator>

#include "base/util/base_name.hpp"
#include "base/util/concat.hpp"
#include "bridge/runtime/docker_setup.hpp"
#include "bridge/runtime/manager_command.hpp"
#include "bridge/runtime/podman_settings.hpp"

namespace notifybridge::runtime {
namespace {

void read_podman_option(ManagerCommand& places, const GlobalOption& option) {
    if (option.name == "--root")
        places.root = option.value;
    else if (option.name == "--imagestore")
        places.image_store = option.value;
}

void read_docker_option(ManagerCommand& places, const GlobalOption& option) {
    if (option.name == "--context" || option.name == "-c")
        places.context = option.value;
    else if (option.name == "--config")
        places.config = option.value;
    else if (is_host(option))
        places.host = option.value;
}

std::string runtime_of_podman(Variables variables) {
    return read_podman_settings(variables).runtime;
}

/// Sources of the options: podman(1), docker(1), nerdctl's command reference.
constexpr Manager managers[] = {
    {
        .name = "podman",
        .with_value =
            "--cdi-spec-dir --cgroup-manager --config --conmon --connection --cpu-profile "
            "--db-backend "
            "--default-mounts-file --events-backend --hooks-dir --identity --imagestore "
            "--log-level "
            "--max-workers --memory-profile --module --namespace --network-backend "
            "--network-cmd-path "
            "--network-config-dir --out --pull-option "
            "--registries-conf --root --runroot --runtime --runtime-flag --ssh --storage-driver "
            "--storage-opt --tls-ca --tls-cert --tls-details --tls-key --tmpdir --url --volumepath "
            "-H -c",
        .flags =
            "--debug --help --noout --remote --syslog --trace --transient-store --version -h -r -v",
        .remote_options = "--connection --context --host --remote --url -H -c -r",
        .remote_variables = "CONTAINER_HOST CONTAINER_CONNECTION",
        .read_global = read_podman_option,
        .runtime = "/usr/libexec/notifybridge/crun",
        .real_runtime = "crun",
        .runtime_in_settings = runtime_of_podman,
        .has_hooks = true,
        .images = Manager::Images::storage,
        .has_plain_health = false,
        .has_monitor = true,
        .follows_restarts = true,
        .has_ignore = true,
        .has_replace = true,
        // podman reads the image itself. While a pull hangs, it still reads about a dozen bytes a
        // second.
        .least_bytes = 4096,
    },
    {
        .name = "docker",
        .with_value =
            "--config --context --host --log-level --tlscacert --tlscert --tlskey -H -c -l",
        .flags = "--debug --help --tls --tlsverify --version -D -v",
        .remote_variables = "DOCKER_HOST",
        .context_variable = "DOCKER_CONTEXT",
        .read_global = read_docker_option,
        .runtime = docker_runtime,
        .real_runtime = "runc",
        .needs_setup = true,
        .images = Manager::Images::daemon,
        .creates_sources = true,
    },
    {
        .name = "nerdctl",
        .with_value =
            "--address --bridge-ip --cdi-spec-dirs --cgroup-manager --cni-netconfpath --cni-path "
            "--data-root --global-dns --global-dns-opts --global-dns-search --host "
            "--host-gateway-ip --hosts-dir --log-file --namespace --snapshotter --storage-driver "
            "--userns-remap -H -a -n",
        .flags = "--debug --debug-full --experimental --help --insecure-registry --kube-hide-dupe "
                 "--version -h "
                 "-v",
        // nerdctl would search PATH for an executable with the name "notifybridge". It would find
        // our program, which does not act as a runtime under that name.
        .runtime = "/usr/libexec/notifybridge/runc",
        .real_runtime = "runc",
        .has_signal_proxy = false,
        .hides_stop_signal = true,
    },
};

}  // namespace

bool is_host(const GlobalOption& option) {
    return option.name == "-H" || option.name == "--host";
}

const Manager* find_manager(std::string_view program) {
    const std::string_view name = util::base_name(program);
    for (const Manager& manager : managers)
        if (manager.name == name)
            return &manager;
    return nullptr;
}

bool is_manager(std::string_view program) {
    return find_manager(program) != nullptr;
}

std::string_view manager_of_compose(std::string_view program) {
    constexpr std::string_view ending = "-compose";
    std::string_view name = util::base_name(program);
    if (!name.ends_with(ending))
        return {};
    name.remove_suffix(ending.size());
    return is_manager(name) ? name : std::string_view();
}

std::string_view runtime_name(std::string_view manager) {
    const Manager* const found = find_manager(manager);
    return found ? found->runtime : managers[0].runtime;
}

std::string manager_names() {
    std::string names;
    for (const Manager& manager : managers) {
        const bool is_last = &manager == std::end(managers) - 1;
        names += util::concat(names.empty() ? "" : is_last ? " or " : ", ", manager.name.view());
    }
    return names;
}

}  // namespace notifybridge::runtime
