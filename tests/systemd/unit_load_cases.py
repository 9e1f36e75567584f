"""Cases for load paths, aliases, templates, masks and drop-ins: systemd.unit(5), UNIT FILE LOAD
PATH."""

from unit_cases import ALONE, LISTENS, RUNS, Case, Link


def written():
    def documents(text):
        return f"[Unit]\nDocumentation=man:{text}(1)\n"

    files = {"lib/drop-in-s.service": ALONE + RUNS}
    for part in ("etc", "run", "lib"):
        for name in ("drop-in-s.service", "drop-in-.service", "drop-.service"):
            files[f"{part}/{name}.d/{part}.conf"] = documents(f"{part}-{name}-own")
            if (part, name) != ("etc", "drop-in-s.service"):
                files[f"{part}/{name}.d/same.conf"] = documents(f"{part}-{name}-same")
        files[f"{part}/service.d/{part}.conf"] = documents(f"{part}-all")
    yield Case(files, ["drop-in-s.service", "not-there.service"])

    names = ("t-x@i-j", "t-x@", "t-@i-j", "t-@", "t-x@i-", "t-x@i")
    files = {f"lib/{n}.service.d/10-{n}.conf": documents(n) for n in names}
    yield Case({"lib/t-x@.service": ALONE + RUNS, **files}, ["t-x@i-j.service", "t-x@i.service"])

    yield Case(
        {
            "lib/real.service": ALONE + RUNS,
            "lib/ali.service": Link("real.service"),
            "lib/ali2.service": Link("ali.service"),
            "etc/ali3.service": Link("../units-lib/real.service"),
            "lib/ali.service.d/1.conf": documents("ali"),
            "lib/real.service.d/2.conf": documents("real"),
            "lib/ali.service.wants/wanted-1.service": Link("../wanted-1.service"),
            "lib/real.service.requires/wanted-2.service": Link("nowhere"),
            "lib/real.service.wants/wanted-3.service": Link("/dev/null"),
            "lib/real.service.wants/wanted-4.service": "foo",
            "lib/real.service.wants/wanted-5.service": Link("../other.service"),
            "lib/real.service.wants/wanted-6@.service": Link("../wanted-6@.service"),
            "lib/real.service.wants/wanted-6@z.service": Link("../wanted-6@.service"),
            "lib/real.service.wants/nonsense": Link("../nonsense"),
            "lib/real.service.wants/.wanted-7.service": Link("../wanted-7.service"),
            "run/real.service.wants/wanted-8.service": Link("../wanted-8.service"),
            "run/service.wants/wanted-9.service": Link("../wanted-9.service"),
        },
        ["real.service", "ali.service", "ali2.service", "ali3.service"],
    )
    yield Case(
        {
            "etc/self.service": Link("../units-lib/self.service"),
            "lib/self.service": ALONE + "Description=self\n" + RUNS,
            "run/over.service": ALONE + "Description=run\n" + RUNS,
            "lib/over.service": ALONE + "Description=lib\n" + RUNS,
            "etc/loop1.service": Link("loop2.service"),
            "etc/loop2.service": Link("loop1.service"),
            "etc/dangling.service": Link("missing.service"),
            "etc/dangling2.service": Link("/nowhere/missing.service"),
            "etc/wrong-type.service": Link("wrong.socket"),
            "etc/wrong.socket": ALONE + LISTENS,
            "elsewhere/linked.service": ALONE + "Description=linked\n" + RUNS,
            "etc/linked.service": Link("../elsewhere/linked.service"),
            "etc/renamed.service": Link("../elsewhere/linked.service"),
            "etc/renamed2.service": Link("renamed.service"),
            "etc/folder.service/file": "",
        },
        [
            "self.service",
            "over.service",
            "loop1.service",
            "dangling.service",
            "dangling2.service",
            "wrong-type.service",
            "linked.service",
            "renamed.service",
            "renamed2.service",
            "folder.service",
        ],
    )
    yield Case(
        {
            "lib/tm@.service": ALONE + "Description=[%i]\n" + RUNS,
            "lib/ta@.service": Link("tm@.service"),
            "lib/ti.service": Link("tm@q.service"),
            "lib/tj@k.service": Link("tm@.service"),
            "lib/tz@y.service": Link("tm@z.service"),
            "lib/tw@w.service": Link("tm@w.service"),
            "lib/tp.service": Link("tm@.service"),
            "lib/tm@own.service": ALONE + "Description=own\n" + RUNS,
            "lib/plain.service": ALONE + RUNS,
            "lib/tq@.service": Link("plain.service"),
        },
        [f"{n}.service" for n in "ta@1 ti tj@k tz@y tw@w tp tm@own tm@o tq@1".split()],
    )
    yield Case(
        {
            "lib/broken.service": ALONE + "Description=a\n" + RUNS,
            "lib/broken.service.d/1.conf": "[Service]\nEnvironment=A=1\n"
            "ExecStart=/bin/ x\nEnvironment=B=1\n",
            "lib/broken.service.d/2.conf": "[Service]\nEnvironment=C=1\n",
            "lib/broken.service.d/3.conf": "[Foo\n[Service]\nEnvironment=D=1\n",
            "lib/broken.service.d/not-conf": "[Service]\nEnvironment=E=1\n",
            "lib/broken.service.d/.h.conf": "[Service]\nEnvironment=F=1\n",
            "lib/broken.service.d/4.conf": Link("/dev/null"),
            "lib/broken.service.d/5.conf": Link("nowhere"),
            "lib/broken.service.d/6.conf/7.conf": "",
        },
        ["broken.service"],
    )
    yield Case(
        {
            "lib/masked.service": ALONE + RUNS,
            "etc/masked.service": Link("/dev/null"),
            "lib/emptied.service": ALONE + RUNS,
            "run/emptied.service": "",
            "etc/zero.service": Link("/dev/zero"),
            "etc/to-empty.service": Link("empty-file.service"),
            "etc/empty-file.service": "",
            "lib/only.service.d/1.conf": ALONE + RUNS,
            "etc/named.service": ALONE + "Description=%n\n" + RUNS,
            "etc/alias-of-named.service": Link("named.service"),
        },
        [
            f"{n}.service"
            for n in "masked emptied zero to-empty empty-file only alias-of-named".split()
        ],
    )
