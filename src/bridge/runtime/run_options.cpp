#include "bridge/runtime/run_options.hpp"

#include <algorithm>
#include <utility>

#include "base/util/take_until.hpp"

namespace notifybridge::runtime {
namespace {

/// Flags of `run` and `create` in podman-run(1), docker-run(1) and nerdctl's command reference. The
/// next word is never the value of a flag.
constexpr std::string_view long_flags =
    "--detach --disable-content-trust --env-host --help --http-proxy --init --interactive "
    "--no-healthcheck --no-hostname --no-hosts --oom-kill-disable --passwd --privileged "
    "--publish-all --quiet --read-only --read-only-tmpfs --replace --rm --rmi --rootfs "
    "--sig-proxy --tls-verify --tty --unsetenv-all --use-api-socket";

/// The options with a value, from the same sources. The value is in the next word or after "=".
constexpr std::string_view long_with_value =
    "--add-host --annotation --arch --attach --authfile --blkio-weight --blkio-weight-device "
    "--cap-add --cap-drop --cert-dir --cgroup-conf --cgroup-parent --cgroupns --cgroups "
    "--chrootdirs "
    "--cidfile --conmon-pidfile --cosign-certificate-identity "
    "--cosign-certificate-identity-regexp --cosign-certificate-oidc-issuer "
    "--cosign-certificate-oidc-issuer-regexp --cosign-key --cpu-count --cpu-percent "
    "--cpu-period --cpu-quota --cpu-rt-period --cpu-rt-runtime --cpu-shares --cpus "
    "--cpuset-cpus --cpuset-mems --creds --decryption-key --detach-keys --device "
    "--device-cgroup-rule --device-read-bps --device-read-iops --device-write-bps "
    "--device-write-iops --dns --dns-opt --dns-option --dns-search --domainname --entrypoint "
    "--env --env-file --env-merge --expose --gidmap --gpus --group-add --group-entry "
    "--health-cmd --health-interval --health-log-destination --health-max-log-count "
    "--health-max-log-size --health-on-failure --health-retries --health-start-interval "
    "--health-start-period --health-startup-cmd --health-startup-interval "
    "--health-startup-retries --health-startup-success --health-startup-timeout "
    "--health-timeout --healthcheck-command --healthcheck-interval --healthcheck-retries "
    "--healthcheck-start-period --healthcheck-timeout --hostname --hosts-file --hostuser "
    "--image-volume --init-ctr --init-path --io-maxbandwidth --io-maxiops --ip --ip6 --ipc "
    "--ipfs-address --isolation --kernel-memory --label --label-file --link --link-local-ip "
    "--log-driver --log-opt --mac-address --memory --memory-reservation --memory-swap "
    "--memory-swappiness --mount --name --net --net-alias --network --network-alias "
    "--oom-score-adj --os --passwd-entry --personality --pid --pidfile --pids-limit "
    "--platform --pod --pod-id-file --preserve-fd --preserve-fds --publish --pull "
    "--rdt-class --requires --restart --retry --retry-delay --runtime --sdnotify "
    "--seccomp-policy --secret --security-opt --shm-size --shm-size-systemd "
    "--signature-policy --stop-signal --stop-timeout --storage-opt --subgidname --subuidname "
    "--sysctl --systemd --timeout --tmpfs --tz --uidmap --ulimit --umask --unsetenv --user "
    "--userns --uts --variant --verify --volume --volume-driver --volumes-from --workdir";

constexpr std::string_view short_flags = "Pdiqt";
constexpr std::string_view short_with_value = "acehlmpuvw";

bool is_option(std::string_view word) {
    return word.size() > 1 && word.front() == '-';
}

bool ends_options(std::string_view word) {
    return word == "--";
}

bool is_flag(std::string_view name) {
    return name.size() > 1 ? util::has_word(long_flags, name)
                           : short_flags.find(name) != short_flags.npos;
}

bool has_value(std::string_view name) {
    return name.size() > 1 ? util::has_word(long_with_value, name)
                           : short_with_value.find(name) != short_with_value.npos;
}

/// Guesses whether an option that is in neither list takes the next word as its value. Most values
/// do not begin with "-", and the last word is the image.
bool guess_value(std::span<const std::string> command, std::size_t next) {
    return next + 1 < command.size() && !is_option(command[next]);
}

/// Adds the options in the word at index `at`. Returns the index after their last word.
std::size_t read_word(std::vector<RunOption>& all, std::span<const std::string> command,
                      std::size_t at) {
    const std::size_t begin = at;
    std::string_view word = command[at++];
    const bool is_long = word.starts_with("--");
    word.remove_prefix(is_long ? 0 : 1);
    // A word may have several short options, such as "-it". If one of them takes a value, the rest
    // of the word is that value.
    do {
        RunOption option = {word.substr(0, is_long ? word.find('=') : 1), {}, begin, 0};
        word.remove_prefix(option.name.size());
        const bool is_known = is_flag(option.name) || has_value(option.name);
        const bool takes =
            is_known ? has_value(option.name) : !word.empty() || guess_value(command, at);
        if (!word.empty() && (is_long || takes)) {
            word.remove_prefix(word.front() == '=' ? 1 : 0);
            option.value = std::exchange(word, {});
        } else if (word.empty() && takes && at++ < command.size()) {
            option.value = command[at - 1];
        }
        option.end = std::min(at, command.size());
        option.is_unknown = !is_known;
        all.push_back(option);
    } while (!word.empty());
    return std::min(at, command.size());
}

}  // namespace

RunOptions read_run_options(std::span<const std::string> command, std::size_t at) {
    RunOptions options;
    while (at < command.size() && is_option(command[at])) {
        if (ends_options(command[at])) {
            ++at;
            break;
        }
        at = read_word(options.all, command, at);
    }
    options.end = std::min(at, command.size());
    return options;
}

RunOptions read_options_of_word(std::span<const std::string> command, std::size_t at) {
    RunOptions options;
    options.end = at;
    if (at < command.size() && is_option(command[at]) && !ends_options(command[at]))
        options.end = read_word(options.all, command, at);
    return options;
}

std::optional<std::string_view> RunOptions::find(std::string_view name) const {
    std::optional<std::string_view> found;
    for (const RunOption& option : all)
        if (option.name == name)
            found = option.value;
    return found;
}

std::size_t find_image(std::span<const std::string> command, std::size_t at) {
    const RunOptions options = read_run_options(command, at);
    // If --rootfs is given, a directory replaces the image.
    const bool has_root = options.find("--rootfs").value_or("false") != "false";
    return has_root ? command.size() : options.end;
}

}  // namespace notifybridge::runtime
