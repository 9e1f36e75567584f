#!/usr/bin/python3
"""spdx.py EXECUTABLE VERSION ARCHITECTURE MAINTAINER HOMEPAGE RECORD: writes to standard output which
packages the executable contains, as an SPDX 2.3 document in JSON.

RECORD is the linker's list of its input. If it does not exist, the document says that the contents are
not known. The time of the document is SOURCE_DATE_EPOCH.
"""

import email.utils
import hashlib
import json
import os
import platform
import re
import sys
import time
import urllib.parse

import linked

LICENSES = {
    "boost": "BSL-1.0",
    "gcc": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "glibc": "LGPL-2.1-or-later",
    # The source package of libc6-dev-arm64-cross.
    "cross-toolchain-base": "LGPL-2.1-or-later",
}


def license_of(name):
    """Returns the license of a source package, such as boost1.81 or gcc-12-cross."""
    return LICENSES.get(name) or LICENSES.get(re.match("[a-z]*", name)[0], "NOASSERTION")


def package(name, version, license_id, **more):
    return {
        "SPDXID": "SPDXRef-Package-" + re.sub(r"[^A-Za-z0-9.-]", "-", name),
        "name": name,
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "NOASSERTION",
        "licenseDeclared": license_id,
        "copyrightText": "NOASSERTION",
        **more,
    }


def linked_package(source, files, **more):
    name, version = source
    if version == "NOASSERTION":
        more["comment"] = "no package of this system owns the file"
    else:
        more["comment"] = "linked files: " + ", ".join(sorted(set(files)))
    return package(name, version, license_of(name), **more)


def purl(source):
    """Returns the URL by which scanners for vulnerabilities identify a package."""
    name, version = (urllib.parse.quote(word, safe=":") for word in source)
    system = platform.freedesktop_os_release()
    release = f"{system['ID']}-{system.get('VERSION_ID', 'unstable')}"
    return {
        "referenceCategory": "PACKAGE-MANAGER",
        "referenceType": "purl",
        "referenceLocator": f"pkg:deb/{system['ID']}/{name}@{version}?arch=source&distro={release}",
    }


def document(path, version, architecture, maintainer, homepage, record):
    with open(path, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    name, address = email.utils.parseaddr(maintainer)
    creator = f"Organization: {name} ({address})"
    this = package(
        "notifybridge",
        version,
        "MIT",
        homepage=homepage,
        supplier=creator,
        packageFileName="notifybridge",
        primaryPackagePurpose="APPLICATION",
        checksums=[{"algorithm": "SHA256", "checksumValue": digest}],
    )
    owned, others = linked.sources(linked.libraries(record))
    parts = [linked_package(*one, externalRefs=[purl(one[0])]) for one in sorted(owned.items())]
    parts += [linked_package(*one) for one in sorted(others.items())]
    relations = [("SPDXRef-DOCUMENT", "DESCRIBES", this["SPDXID"])]
    # NOASSERTION means that the contents are not known. NONE would mean that there are no contents.
    names = [part["SPDXID"] for part in parts] or ["NOASSERTION"]
    relations += [(this["SPDXID"], "STATIC_LINK", name) for name in names]
    title = f"notifybridge-{version}-{architecture}"
    now = time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"]))
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": title,
        "documentNamespace": f"{homepage}/spdx/{title}-{digest}",
        "creationInfo": {
            "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", now),
            "creators": [creator, f"Tool: notifybridge-tests-package-{version}"],
        },
        "packages": [this, *parts],
        "relationships": [
            {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}
            for one, kind, other in relations
        ],
    }


def main():
    json.dump(document(*sys.argv[1:]), sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
