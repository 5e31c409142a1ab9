"""setup.cfg names its packages and files by hand, so that nothing new is left out of the wheel."""

from fnmatch import fnmatch
from pathlib import Path

import creditbank_plugin
from creditbank_plugin.resources import resource_dir
from tests.house.tree import ROOT, files, name_of, setup_cfg

MOVED = {"creditbank_plugin.templates": "templates", "creditbank_plugin.migrations": "migrations"}


def listed() -> set[str]:
    return set(setup_cfg()["options"]["packages"].split())


def home_of(package: str) -> Path:
    for prefix, folder in MOVED.items():
        if package == prefix or package.startswith(f"{prefix}."):
            return ROOT / folder / Path(*package.removeprefix(prefix).split("."))
    return ROOT / ("hooks" if package.startswith("creditbank_hooks") else "") / Path(*package.split("."))


def test_every_room_is_in_the_wheel() -> None:
    rooms = {
        ".".join(path.parent.relative_to(base).parts)
        for base, top in (
            (ROOT, "creditbank_plugin"),
            (ROOT, "creditbank_client"),
            (ROOT / "hooks", "creditbank_hooks"),
        )
        for path in (base / top).rglob("*.py")
    }
    assert rooms <= listed(), f"add to [options] packages: {sorted(rooms - listed())}"


def test_every_listed_package_exists() -> None:
    assert [package for package in sorted(listed()) if not home_of(package).is_dir()] == []


def test_every_room_is_a_package() -> None:
    """A folder without ``__init__.py`` imports in a checkout, and is missed by tools that look for packages."""
    folders = {path.parent for path in files("creditbank_plugin", "creditbank_client", "hooks/creditbank_hooks")}
    assert [name_of(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_every_file_that_is_not_python_is_in_the_wheel() -> None:
    patterns = {
        package: value.replace(",", " ").split() for package, value in setup_cfg()["options.package_data"].items()
    }
    suffixes = (
        ".html",
        ".json",
        ".css",
        ".js",
        ".svg",
        ".png",
        ".toml",
        ".mako",
        ".woff2",
        ".txt",
        ".typed",
        ".csv",
        ".ico",
    )
    kept = {
        path
        for package, globs in patterns.items()
        for pattern in globs
        for path in home_of(package).glob(pattern)
        if path.is_file()
    }
    tops = ("creditbank_plugin", "creditbank_client", "templates", "migrations", "hooks/creditbank_hooks")
    found = set(files(*tops, suffixes=suffixes))
    typed = {path for path in found if fnmatch(path.name, "py.typed")}
    assert {name_of(path) for path in found - kept} == set()
    assert len(typed) == 3, "every package says that it is typed"


def test_templates_and_migrations_are_real_directories() -> None:
    for name in ("templates", "migrations"):
        assert resource_dir(name).is_dir()
    assert (resource_dir("migrations") / "env.py").is_file()
    assert list(resource_dir("templates").rglob("*.html"))


def test_versions_are_stated_once() -> None:
    assert setup_cfg()["metadata"]["version"] == "attr: creditbank_plugin.__version__"
    assert creditbank_plugin.__version__
