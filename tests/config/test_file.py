"""The YAML file: each mistake at once, each with its line, never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from tartware_loadtest.config.file import read_config
from tartware_loadtest.config.loader import Flags, load_settings
from tartware_loadtest.errors import InputError


def refused(text: str, name: str = "c.yaml") -> list[str]:
    """Return the lines of the message."""
    Path(name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_settings(Flags(config=Path(name)), {})
    assert caught.value.exit_code == 2
    return caught.value.message.splitlines()


def test_three_mistakes_are_reported_together_with_their_lines() -> None:
    lines = refused(
        "target:\n  base_url: ftp://x\nmix:\n  reservation.burn: 3\nprofiles:\n  a: {steady: soon}\n"
    )
    assert [line.split(": ", 2)[:2] for line in lines] == [
        ["c.yaml:2", "target.base_url"],
        ["c.yaml:4", "mix"],
        ["c.yaml:6", "profiles.a.steady"],
    ]


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        pytest.param("a: 1\ntarget:\n  colour: red\n", "c.yaml:1", "a: unknown key", id="unknown-key"),
        pytest.param(
            "target:\n  colour: red\n", "c.yaml:2", "target.colour: unknown key", id="unknown-inner-key"
        ),
        pytest.param(
            "mix:\n  reservation.burn: 3\n", "c.yaml:2", "unknown command 'reservation.burn'", id="mix"
        ),
        pytest.param("reads:\n  - rooms\n  - stars\n", "c.yaml:3", "unknown read 'stars'", id="read"),
        pytest.param("seed: 1\nruns: a\nseed: 2\n", "c.yaml:3", "seed stands twice", id="duplicate-key"),
        pytest.param("slos:\n  - fast please\n", "c.yaml:2", "is no criterion", id="criterion"),
        pytest.param("a: [1\nb: 2\n", "c.yaml:2", "expected ',' or ']'", id="no-yaml"),
        pytest.param("- a\n- b\n", "c.yaml", "a mapping is expected", id="a-list"),
        pytest.param("just words\n", "c.yaml", "a mapping is expected", id="a-text"),
        pytest.param("1: x\n", "c.yaml:1", "Keys should be strings", id="number-as-key"),
        pytest.param(
            "mix: {reservation.create: -1}\n", "c.yaml:1", "greater than or equal to 0", id="negative"
        ),
        pytest.param("mix: {reservation.create: 1000000000}\n", "c.yaml:1", "1000000", id="huge-weight"),
        pytest.param(
            "profiles:\n  ../x: {extends: demo}\n", "c.yaml:2", "should match", id="profile-as-path"
        ),
        pytest.param("profiles: {a: {steady: .inf}}\n", "c.yaml:1", "finite", id="infinite-duration"),
        pytest.param(
            "profiles: {a: {steady: 99999999h}}\n", "c.yaml:1", "less than or equal", id="huge-duration"
        ),
        pytest.param(
            "profiles: {a: {steady: -5}}\n", "c.yaml:1", "greater than or equal", id="negative-duration"
        ),
        pytest.param('data: "a\\0b"\n', "c.yaml:1", "data: ", id="nul-in-a-path"),
        pytest.param("seed: 2024-99-99\n", "c.yaml", "month must be in 1..12", id="date-that-is-none"),
        pytest.param(f"seed: {'9' * 5000}\n", "c.yaml", "5000 digits", id="thousands-of-digits"),
        pytest.param("[" * 1200, "c.yaml", "nested too deeply", id="thousands-of-brackets"),
        pytest.param("mix: &a [*a]\n", "c.yaml:1", "mix: ", id="part-of-itself"),
        pytest.param(
            "a: !!python/object:os.system {}\n", "c.yaml:1", "could not determine a constructor", id="tag"
        ),
        pytest.param("data: \x01\n", "c.yaml", "no YAML", id="control-character"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, where: str, words: str) -> None:
    first = refused(text)[0]
    assert first.startswith(f"{where}: ")
    assert words in first


def test_a_message_that_repeats_the_name_of_the_file_is_still_ordered() -> None:
    assert refused("mix:\n  m: 1\nb: 2\n", name="m") == [
        line for line in refused("mix:\n  m: 1\nb: 2\n", name="m") if line.startswith("m:")
    ]


def test_aliases_that_multiply_are_read_once() -> None:
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
    lines = refused(f"a0: &a0 [x]\n{levels}")
    assert len(lines) == 30


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "No such file"), (b"\xff\xfe\xfa", "utf-8"), ("directory", "Is a directory")],
    ids=["absent", "no-utf-8", "a-directory"],
)
def test_a_file_that_cannot_be_read_is_named(content: bytes | str | None, words: str) -> None:
    path = Path("c.yaml")
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content:
        path.mkdir()
    with pytest.raises(InputError, match=r"c\.yaml") as caught:
        read_config(path)
    assert words in caught.value.message


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n"], ids=["empty", "comment", "document-mark"])
def test_an_empty_file_changes_nothing(text: str) -> None:
    Path("c.yaml").write_text(text, encoding="utf-8")
    assert load_settings(Flags(config=Path("c.yaml")), {}).settings == load_settings(Flags(), {}).settings


def test_a_dotenv_that_was_named_must_exist() -> None:
    with pytest.raises(InputError, match="There is no file gone") as caught:
        load_settings(Flags(env_file=Path("gone")), {})
    assert "bootstrap" in caught.value.hint


def test_a_read_that_stands_twice_is_refused() -> None:
    assert "stands twice" in refused("reads: [rooms, rooms]\n")[0]


def test_a_mix_of_zeros_is_refused() -> None:
    assert refused("mix: {guest.register: 0}\n") == ["mix: all weights are 0"]
