#!/usr/bin/python3
"""oci.py FILE VERSION ARCHITECTURE: writes an image with only that executable to standard output.

It is a tar archive in the layout of OCI images. It also has the file that older versions of docker
need. Its time is SOURCE_DATE_EPOCH.
"""

import gzip
import hashlib
import io
import json
import os
import sys
import tarfile
import time

NAME = "localhost/notifybridge"
EPOCH = int(os.environ["SOURCE_DATE_EPOCH"])


def add(archive, name, content, mode=0o644):
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    entry.mode = mode
    entry.mtime = EPOCH
    archive.addfile(entry, io.BytesIO(content))


def tar(files):
    """Returns an archive of FILES, which has (content, mode) by name."""
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, (content, mode) in files.items():
            add(archive, name, content, mode)
    return output.getvalue()


class Layout:
    """Holds the files of an image. A file that others refer to is named after its content."""

    def __init__(self):
        self.files = {}

    def add_json(self, name, value):
        self.files[name] = (json.dumps(value, indent=2).encode() + b"\n", 0o644)

    def add_blob(self, media_type, content):
        """Adds a blob. Returns its descriptor."""
        digest = hashlib.sha256(content).hexdigest()
        self.files[blob(f"sha256:{digest}")] = (content, 0o644)
        return {
            "mediaType": f"application/vnd.oci.image.{media_type}",
            "digest": f"sha256:{digest}",
            "size": len(content),
        }


def blob(digest):
    return "blobs/" + digest.replace(":", "/")


def image(executable, version, architecture):
    layout = Layout()
    layer = tar({"notifybridge": (executable, 0o755)})
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(EPOCH))
    config = {
        "created": created,
        "architecture": architecture,
        "os": "linux",
        "config": {
            "Entrypoint": ["/notifybridge"],
            "Labels": {
                "org.opencontainers.image.title": "notifybridge",
                "org.opencontainers.image.version": version,
                "org.opencontainers.image.licenses": "MIT",
            },
        },
        "rootfs": {
            "type": "layers",
            "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()],
        },
        "history": [{"created": created, "created_by": "tests/package oci"}],
    }
    layers = [layout.add_blob("layer.v1.tar+gzip", gzip.compress(layer, 9, mtime=0))]
    described = layout.add_blob("config.v1+json", json.dumps(config).encode())
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": described,
        "layers": layers,
    }
    listed = layout.add_blob("manifest.v1+json", json.dumps(manifest).encode())
    listed["platform"] = {"os": "linux", "architecture": architecture}
    listed["annotations"] = {
        "io.containerd.image.name": f"{NAME}:latest",
        "org.opencontainers.image.ref.name": f"{NAME}:latest",
    }
    layout.add_json("oci-layout", {"imageLayoutVersion": "1.0.0"})
    layout.add_json("index.json", {"schemaVersion": 2, "manifests": [listed]})
    layout.add_json(
        "manifest.json",
        [
            {
                "Config": blob(described["digest"]),
                "RepoTags": [f"{NAME}:latest", f"{NAME}:{version}"],
                "Layers": [blob(layer["digest"]) for layer in layers],
            }
        ],
    )
    return tar(layout.files)


def main():
    path, version, architecture = sys.argv[1:]
    with open(path, "rb") as file:
        sys.stdout.buffer.write(image(file.read(), version, architecture))


main()
