"""kubelet.py SOCKET PLACE VERB …: handles the manifest of a pod over the CRI, as a kubelet does.

start MANIFEST…       creates the pod with the handler of its RuntimeClass, and starts its containers
probe CONTAINER KIND  runs that probe (readinessProbe), and exits with its status
restart CONTAINER     stops it, with the pod's grace period, and starts its next attempt
status CONTAINER      prints state, exit code, reason and message
stop                  ends the pod, and removes it

MANIFEST is a YAML file, as simple as those in the manual pages. The directory PLACE contains the
state of the pod, and the output of the containers.
"""

import json
import os
import re
import sys
import time

from cri import Client, Failure, decode

RUNNING, EXITED = 1, 2
NODE, CONTAINER = 2, 1


def scalar(text):
    if text.startswith("["):
        return [scalar(part.strip()) for part in text[1:-1].split(",")]
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch("[0-9]+", text):
        return int(text)
    return text.strip("\"'")


def parse(lines, indent=0):
    """Returns the value of the lines that are indented by at least `indent`. Removes these lines.
    """
    if lines[0].lstrip().startswith("- "):
        values = []
        while lines and lines[0].startswith(" " * indent + "- "):
            lines[0] = " " * (indent + 2) + lines[0][indent + 2 :]
            values.append(parse(lines, indent + 2))
        return values
    values = {}
    while lines and lines[0].startswith(" " * indent) and lines[0][indent] not in " -":
        name, _, value = lines.pop(0).strip().partition(":")
        if value.strip():
            values[name] = scalar(value.strip())
            continue
        deeper = len(lines[0]) - len(lines[0].lstrip())
        values[name] = parse(lines, deeper)
    return values


def documents(paths):
    for path in paths:
        with open(path, encoding="utf-8") as file:
            for text in file.read().split("---\n"):
                yield parse([line for line in text.split("\n") if line.strip()])


class Pod:
    def __init__(self, socket, place):
        self.client = Client(socket)
        self.place = place
        self.file = os.path.join(place, "pod.json")
        self.kept = {}
        if os.path.exists(self.file):
            with open(self.file, encoding="utf-8") as file:
                self.kept = json.load(file)

    def keep(self):
        with open(self.file, "w", encoding="utf-8") as file:
            json.dump(self.kept, file)

    @property
    def spec(self):
        return self.kept["manifest"]["spec"]

    def namespaces(self):
        """Returns the pod's namespaces. The pod uses the node's network, because the test sets up
        no other network."""
        return {1: NODE, 2: 0 if self.spec.get("shareProcessNamespace") else CONTAINER}

    def sandbox(self):
        name = self.kept["manifest"]["metadata"]["name"]
        return {
            1: {1: name, 2: f"{name}-uid", 3: "default"},
            3: self.place,
            8: {2: {1: self.namespaces(), 9: {1: 0}}},
        }

    def mounts(self, container):
        paths = {}
        for volume in self.spec.get("volumes", []):
            if "hostPath" in volume:
                paths[volume["name"]] = volume["hostPath"]["path"]
            else:
                paths[volume["name"]] = os.path.join(self.place, volume["name"])
                os.makedirs(paths[volume["name"]], mode=0o777, exist_ok=True)
                os.chmod(paths[volume["name"]], 0o777)
            os.makedirs(paths[volume["name"]], exist_ok=True)
        return [
            {1: mount["mountPath"], 2: paths[mount["name"]], 3: int(mount.get("readOnly", False))}
            for mount in container.get("volumeMounts", [])
        ]

    def security(self, container):
        wanted = {**self.spec.get("securityContext", {}), **container.get("securityContext", {})}
        context = {
            3: self.namespaces(),
            7: int(wanted.get("readOnlyRootFilesystem", False)),
            11: int(not wanted.get("allowPrivilegeEscalation", True)),
            15: {1: 0},
        }
        if "runAsUser" in wanted:
            context[5] = {1: wanted["runAsUser"]}
        return context

    def start_container(self, container):
        name = container["name"]
        attempt = self.kept["attempts"].get(name, -1) + 1
        config = {
            1: {1: name, 2: attempt},
            2: {1: container["image"]},
            3: container.get("command", []),
            4: container.get("args", []),
            6: [{1: entry["name"], 2: str(entry["value"])} for entry in container.get("env", [])],
            7: self.mounts(container),
            11: f"{name}_{attempt}.log",
            15: {1: {}, 2: self.security(container)},
        }
        request = {1: self.kept["sandbox"], 2: config, 3: self.sandbox()}
        identity = self.client.call("CreateContainer", request)[1][0].decode()
        self.kept["containers"][name] = identity
        self.kept["attempts"][name] = attempt
        self.keep()
        try:
            self.client.call("StartContainer", {1: identity})
        except Failure as failure:
            raise Failure(f"{failure}: {self.status_of(name)}") from failure

    def start(self, *paths):
        manifests = {one["kind"]: one for one in documents(paths)}
        self.kept = {"manifest": manifests["Pod"], "containers": {}, "attempts": {}}
        named = self.spec.get("runtimeClassName")
        handler = manifests["RuntimeClass"]["handler"] if named else ""
        assert not named or named == manifests["RuntimeClass"]["metadata"]["name"]
        answer = self.client.call("RunPodSandbox", {1: self.sandbox(), 2: handler})
        self.kept["sandbox"] = answer[1][0].decode()
        self.keep()
        for container in self.spec.get("initContainers", []):
            self.start_container(container)
            self.wait_for(container["name"])
        for container in self.spec["containers"]:
            self.start_container(container)

    def status_of(self, name):
        status = self.client.call("ContainerStatus", {1: self.kept["containers"][name]})[1][0]
        fields = decode(status)
        text = [fields.get(number, [b""])[0].decode() for number in (10, 11)]
        return fields.get(3, [0])[0], fields.get(7, [0])[0], *text

    def wait_for(self, name):
        while (status := self.status_of(name))[0] != EXITED:
            time.sleep(0.05)
        assert status[1] == 0, (name, status)

    def status(self, name):
        print(*self.status_of(name))

    def probe(self, name, kind):
        container = next(one for one in self.spec["containers"] if one["name"] == name)
        command = container[kind]["exec"]["command"]
        request = {1: self.kept["containers"][name], 2: command, 3: 10}
        answer = self.client.call("ExecSync", request)
        sys.stdout.buffer.write(b"".join(answer.get(1, []) + answer.get(2, [])))
        sys.exit(answer.get(3, [0])[0])

    def stop_container(self, name):
        grace = self.spec.get("terminationGracePeriodSeconds", 30)
        self.client.call("StopContainer", {1: self.kept["containers"][name], 2: grace})

    def restart(self, name):
        self.stop_container(name)
        self.start_container(next(one for one in self.spec["containers"] if one["name"] == name))

    def stop(self):
        for name in self.kept["containers"]:
            self.stop_container(name)
        self.client.call("StopPodSandbox", {1: self.kept["sandbox"]})
        self.client.call("RemovePodSandbox", {1: self.kept["sandbox"]})
        os.remove(self.file)


if __name__ == "__main__":
    try:
        getattr(Pod(*sys.argv[1:3]), sys.argv[3])(*sys.argv[4:])
    except Failure as failure:
        sys.exit(f"kubelet: failed: {failure}")
