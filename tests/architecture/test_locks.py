"""What is installed comes from the public registries, wherever the lock files were written."""

import json
import re
import tomllib

import pytest

from tests.architecture.source import ROOT

PYTHON = re.compile(r"^https://(pypi\.org/simple|files\.pythonhosted\.org/)")
NPM = re.compile(r"^https://registry\.npmjs\.org/")


def test_uv_lock_names_public_addresses_only() -> None:
    """Every source and every file."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    addresses = []
    for package in lock["package"]:
        source = package["source"]
        assert set(source) <= {"registry", "editable"}, f"{package['name']} comes from {source}"
        files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
        addresses += [address for key, address in source.items() if key == "registry"] + [file["url"] for file in files]
    assert len(addresses) > 100
    assert [address for address in addresses if not PYTHON.match(address)] == []


def test_package_lock_names_public_addresses_only() -> None:
    """An entry without an address is taken from the registry that npm is set to."""
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    entries = {name: entry for name, entry in lock["packages"].items() if name}
    assert entries
    elsewhere = {name: entry["resolved"] for name, entry in entries.items() if "resolved" in entry}
    assert {name: address for name, address in elsewhere.items() if not NPM.match(address)} == {}
    assert [name for name, entry in entries.items() if "integrity" not in entry] == []


@pytest.mark.parametrize("name", ["uv.lock", "package-lock.json", "package.json", "pyproject.toml"])
def test_no_lock_file_names_a_machine(name: str) -> None:
    """No path of somebody's disk."""
    assert re.findall(r"file:/\S+|/(?:opt|home|root|Users)/\S+", (ROOT / name).read_text(encoding="utf-8")) == []
