"""What an enemy, or a slip of the hand, puts into the settings: refused in words, and no secret repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from tartware_loadtest.config.loader import Flags, load_settings
from tartware_loadtest.config.models import Settings
from tartware_loadtest.errors import InputError

CANARY = "canary-0f9e8d"


def load(**values: object) -> Settings:
    given = {path.replace("__", "."): (value, "--flag") for path, value in values.items()}
    return load_settings(Flags(values=given), {}).settings


@pytest.mark.parametrize(
    "url",
    [
        f"https://user:{CANARY}@gateway",
        f"https://gateway/?token={CANARY}",
        "https://gateway\n.evil",
        "https://gateway/\n",
        "https://gate\0way",
        "https://{{ 7*7 }}/",
        "https://gateway/{{ 7*7 }}",
        "https://gateway/${API_TOKEN}",
        'https://gateway/"+alert(1)+"',
        "https://gateway\\..",
        "https://gateway`id`",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://",
        "https:///x",
        "https://:80",
        "http://[bad",
        "http://host:99999999",
        "http://host:0",
        "http://host:port",
        "http://ho st",
        "http://..",
        "http://a..b",
        "http://" + "x" * 64,
        "",
    ],
)
def test_a_hostile_base_url_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(InputError, match=r"target\.base_url: no base URL") as caught:
        load(target__base_url=url)
    assert CANARY not in caught.value.message + caught.value.hint


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080",
        "http://[::1]:8080",
        "https://gateway.example.com/",
        "https://gateway.example.com/api/v2",
        "http://gateway",
        "http://gateway.default.svc.cluster.local.:3000",
        "http://api_gateway:3000",
    ],
)
def test_a_plain_base_url_is_taken(url: str) -> None:
    assert load(target__base_url=url).target.base_url == url


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("profile__command_rate", 0),
        ("profile__command_rate", -5),
        ("profile__command_rate", 10**30),
        ("profile__command_rate", "1e400"),
        ("profile__command_rate", "nan"),
        ("profile__read_rate", -1),
        ("profile__steady", "0s"),
        ("profile__steady", "9" * 400 + "h"),
        ("profile__steady", float("nan")),
        ("profile__ramp_up", float("inf")),
        ("generator__gogc", 1),
        ("generator__probe_limit_ms", float("inf")),
        ("generator__expected_latency", "9999999h"),
        ("generator__request_timeout", 0),
        ("seed", -1),
        ("seed", 2**31),
        ("data", ""),
        ("data", "a\0b"),
        ("runs", "a\0b"),
        ("target__dialect", "soap"),
        ("target__age", "M"),
        ("target__token_variable", "X;rm -rf"),
        ("target__token_variable", ""),
    ],
)
def test_a_value_out_of_its_bounds_is_refused_with_its_name_and_origin(path: str, value: object) -> None:
    with pytest.raises(InputError) as caught:
        load(**{path: value})
    assert caught.value.message.startswith(f"{path.replace('__', '.')}: ")
    assert caught.value.message.endswith("(--flag)")


def test_all_wrong_values_are_reported_together() -> None:
    with pytest.raises(InputError) as caught:
        load_settings(
            Flags(values={"target.dialect": ("soap", "--dialect")}),
            {"COMMAND_TARGET_RATE": "many", "TEST_DURATION": "long", "GATEWAY_BASE_URL": "x"},
        )
    assert len(caught.value.message.splitlines()) == 4


def test_the_token_is_in_no_representation() -> None:
    Path("tartware-lt.yaml").write_text(f"database: 'postgresql://u:{CANARY}@h/d'\n", encoding="utf-8")
    loaded = load_settings(Flags(), {"API_TOKEN": CANARY})
    assert loaded.token == CANARY
    assert loaded.database is not None
    assert CANARY not in repr(loaded)
    assert CANARY not in str(loaded.settings)
    assert CANARY not in loaded.settings.model_dump_json()


def test_a_secret_at_the_wrong_place_is_not_repeated() -> None:
    Path("tartware-lt.yaml").write_text(
        f"target: {{base_url: 'http://u:{CANARY}@h', password: {CANARY}}}\n", encoding="utf-8"
    )
    with pytest.raises(InputError) as caught:
        load_settings(Flags(), {})
    assert CANARY not in caught.value.message
    assert "target.password: unknown key" in caught.value.message
