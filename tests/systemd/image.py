"""image.py NAME CONFIG DIRECTORY: writes an image of these files to standard output, in the format
of `docker save`. CONFIG is the image's command in JSON: {"Cmd": ["/app"]}."""

import hashlib
import io
import json
import platform
import sys
import tarfile


def layer_of(directory):
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        tar.add(directory, arcname=".")
    return layer.getvalue()


def main(name, config, directory):
    layer = layer_of(directory)
    digest = hashlib.sha256(layer).hexdigest()
    described = {
        "architecture": {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()],
        "os": "linux",
        "config": json.loads(config),
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + digest]},
    }
    files = {"config.json": json.dumps(described).encode(), "layer.tar": layer}
    manifest = [{"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]}]
    files["manifest.json"] = json.dumps(manifest).encode()
    with tarfile.open(fileobj=sys.stdout.buffer, mode="w|") as tar:
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))


main(*sys.argv[1:])
