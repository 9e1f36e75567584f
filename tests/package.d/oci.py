#!/usr/bin/python3
"""oci.py [--annotation=KEY=VALUE…] VERSION ARCHITECTURE=FILE…: writes an image to standard output. The
image contains only this executable, for one architecture or for several.

It is a tar archive in the layout of OCI images. An image for one architecture also has the file that
docker needs if it does not use the image store of containerd. That file cannot list architectures.
The time of the image is SOURCE_DATE_EPOCH.
"""

import argparse
import gzip
import hashlib
import io
import json
import os
import sys
import tarfile
import time

NAME = "localhost/notifybridge"
PREFIX = "org.opencontainers.image."
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
    """The files of an image. A file that other files refer to is named after its content."""

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


def add_image(layout, executable, architecture, annotations):
    """Adds the image of one architecture. Returns the descriptor of its manifest, and the entry of
    manifest.json without names."""
    layer = tar({"notifybridge": (executable, 0o755)})
    created = annotations[PREFIX + "created"]
    config = {
        "created": created,
        "architecture": architecture,
        "os": "linux",
        "config": {"Entrypoint": ["/notifybridge"], "Labels": annotations},
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
        "annotations": annotations,
    }
    listed = layout.add_blob("manifest.v1+json", json.dumps(manifest).encode())
    listed["platform"] = {"os": "linux", "architecture": architecture}
    entry = {"Config": blob(described["digest"]), "Layers": [blob(layer["digest"]) for layer in layers]}
    return listed, entry


def image(executables, version, annotations):
    """Returns the archive. EXECUTABLES has their contents by architecture."""
    layout = Layout()
    images = [add_image(layout, code, name, annotations) for name, code in executables.items()]
    layout.add_json("oci-layout", {"imageLayoutVersion": "1.0.0"})
    if len(images) == 1:
        ((top, entry),) = images
        layout.add_json("manifest.json", [{**entry, "RepoTags": [f"{NAME}:latest", f"{NAME}:{version}"]}])
    else:
        # podman and skopeo read index.json only if it lists one image. So index.json lists only
        # this index.
        index = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": [listed for listed, _ in images],
            "annotations": annotations,
        }
        top = layout.add_blob("index.v1+json", json.dumps(index).encode())
    top["annotations"] = {
        "io.containerd.image.name": f"{NAME}:latest",
        PREFIX + "ref.name": f"{NAME}:latest",
    }
    layout.add_json("index.json", {"schemaVersion": 2, "manifests": [top]})
    return tar(layout.files)


def pair(text):
    """Returns the name and the value of NAME=VALUE."""
    key, separator, value = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError(f"not NAME=VALUE: {text}")
    return key, value


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--annotation", action="append", type=pair, default=[])
    parser.add_argument("version")
    parser.add_argument("executables", nargs="+", type=pair)
    arguments = parser.parse_args()
    annotations = {
        PREFIX + "title": "notifybridge",
        PREFIX + "description": "Carries sd_notify messages from containers to systemd",
        PREFIX + "version": arguments.version,
        PREFIX + "licenses": "MIT",
        PREFIX + "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(EPOCH)),
        **{PREFIX + key: value for key, value in arguments.annotation if value},
    }
    executables = {}
    for architecture, path in arguments.executables:
        with open(path, "rb") as file:
            executables[architecture] = file.read()
    sys.stdout.buffer.write(image(executables, arguments.version, annotations))


main()
