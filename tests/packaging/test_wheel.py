"""The wheel alone, in an empty environment: templates and k6 modules came along."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tartware_loadtest.sampling.sample import Reservation, Sample, Stay, Task, TenantSample
from tartware_loadtest.sampling.writers.data_file import render_data

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.wheel

TENANT = "11111111-1111-4111-8111-111111111111"
OTHER = "22222222-2222-4222-8222-22222222222"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.glob("*.whl")
    return built


def test_wheel_holds_modules_templates_engine_and_types(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    expected = {f"tartware_loadtest/_data/k6/{path.name}" for path in (ROOT / "k6").glob("*.js")}
    expected |= {
        f"tartware_loadtest/_data/k6/engine/{name}" for name in ("go.mod", "go.sum", "checksums.txt")
    }
    expected |= {
        f"tartware_loadtest/_data/templates/{path.relative_to(ROOT / 'templates')}"
        for path in (ROOT / "templates").rglob("*.j2")
    }

    assert expected <= names
    assert "tartware_loadtest/config/builtin.yaml" in names
    assert "tartware_loadtest/py.typed" in names


def test_installed_wheel_renders_the_same_bundle_as_the_checkout(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "environment"
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", str(python)]
    requirements = tmp_path / "requirements.txt"
    requirements.write_text((ROOT / "requirements" / "lock.txt").read_text())
    # The locked versions are constraints: only what the wheel itself asks for is installed.
    plain = [line.split(" ")[0] for line in requirements.read_text().splitlines() if "==" in line]
    constraints = tmp_path / "constraints.txt"
    constraints.write_text("\n".join(plain) + "\n")
    done = subprocess.run(
        [*install, "--constraint", str(constraints), str(wheel)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (tmp_path / "data.json").write_text(json.dumps(sample_document()))
    arguments = ["render", "--profile", "demo", "--data", "data.json", "--out"]

    ours = subprocess.run(
        [python, "-m", "tartware_loadtest", *arguments, "installed"], cwd=tmp_path, check=False
    )
    theirs = subprocess.run(
        [sys.executable, "-m", "tartware_loadtest", *arguments, "checkout"], cwd=tmp_path, check=False
    )

    assert (ours.returncode, theirs.returncode) == (0, 0)
    files = sorted(path.name for path in (tmp_path / "checkout").iterdir())
    assert "command-pipeline.js" in files
    for name in files:
        assert (tmp_path / "installed" / name).read_bytes() == (tmp_path / "checkout" / name).read_bytes()


def sample_document() -> object:
    """Return a data file, made by the project's own writer."""
    tenant = TenantSample(
        TENANT,
        (Stay(OTHER + "1", OTHER + "2"),),
        (OTHER + "3",),
        (Reservation(OTHER + "4", OTHER + "1", OTHER + "3", cancellable=True),),
        (Task(OTHER + "5", OTHER + "6"),),
    )
    return json.loads(render_data(Sample((tenant,), 1, "2026-01-01T00:00:00+00:00", "test")))
