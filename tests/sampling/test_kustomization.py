from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tartware_loadtest.errors import InputError
from tartware_loadtest.sampling.writers.kustomization import read_kustomization, render_kustomization
from tartware_loadtest.sampling.writers.variables import ID_VARIABLES

OWNED = {name: f"{number}-a,{number}-b" for number, name in enumerate(ID_VARIABLES)}

ENTRY = "configMapGenerator:\n- name: tartware-k6-env\n"
EXISTING = """\
# the load test of our staging
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
- job.yaml   # the job
configMapGenerator:
- name: tartware-k6-script
  files: [command-pipeline.js]
-   name: tartware-k6-env # tuning
    literals:
      # where
      - "GATEWAY_BASE_URL=https://gateway.example"
      - TENANT_IDS=old   # one tenant
      - 'GUEST_IDS=old,
        older'
      - ROOM_TYPE_IDS=

      - COMMAND_TARGET_RATE=20000
    behavior: create
images:
- name: grafana/k6
"""


def test_only_our_literals_change() -> None:
    text = render_kustomization(EXISTING, OWNED)
    assert text == EXISTING.replace("TENANT_IDS=old ", "TENANT_IDS=0-a,0-b ").replace(
        "'GUEST_IDS=old,\n        older'", "'GUEST_IDS=4-a,4-b'"
    ).replace("ROOM_TYPE_IDS=\n", "ROOM_TYPE_IDS=2-a,2-b\n").replace(
        "COMMAND_TARGET_RATE=20000\n",
        "COMMAND_TARGET_RATE=20000\n"
        "      - PROPERTY_IDS=1-a,1-b\n"
        "      - RESERVATION_IDS=3-a,3-b\n"
        "      - HOUSEKEEPING_TASK_IDS=5-a,5-b\n"
        "      - HOUSEKEEPING_STAFF_IDS=6-a,6-b\n",
    )
    assert render_kustomization(text, OWNED) == text


def test_a_new_one_holds_all() -> None:
    for existing in (None, "", "\n"):
        text = render_kustomization(existing, {"GATEWAY_BASE_URL": "http://[::1]:1", **OWNED})
        document = yaml.safe_load(text)
        assert document["kind"] == "Kustomization"
        assert document["configMapGenerator"][0]["literals"][0] == "GATEWAY_BASE_URL=http://[::1]:1"
        assert read_kustomization(text) == {"GATEWAY_BASE_URL": "http://[::1]:1", **OWNED}


@pytest.mark.parametrize(
    "existing",
    [
        "kind: Kustomization",
        "kind: Kustomization\nresources: [a]\n# the end",
        "configMapGenerator:\n  - name: other\n    literals: [A=1]\nkind: Kustomization\n",
        "configMapGenerator:\n- name: tartware-k6-env\n",
        "configMapGenerator:\n- name: tartware-k6-env\n  behavior: merge",
        "configMapGenerator:\n- name: tartware-k6-env\n  literals: []  # none yet\n  behavior: merge\n",
        "configMapGenerator:\n- name: tartware-k6-env\n  literals:   # none yet\n  behavior: merge\n",
        'configMapGenerator:\n- literals: ["TENANT_IDS=a,b", A=1]\n  name: tartware-k6-env\n',
        "configMapGenerator:\n- name: tartware-k6-env\n  literals:\n  - TENANT_IDS=x\n  - A=1",
        "configMapGenerator:\r\n- name: tartware-k6-env\r\n  literals:\r\n  - TENANT_IDS=x\r\n  - A=1\r\n",
        f"{ENTRY}  literals:\n  - |-\n    TENANT_IDS=x\n  - >-\n    A=1\nk: v\n",
        "---\nconfigMapGenerator:\n- name: tartware-k6-env\n  literals: &l\n  - TENANT_IDS=x # é 💥\n...\n",
        f"{ENTRY}  envs: [x]\n  literals:\n  - A=1\n  # last words\n\n# more\n",
        "\ufeffconfigMapGenerator:\n- name: tartware-k6-env\n  literals:\n  - TENANT_IDS=x\n",
    ],
)
def test_every_shape_keeps_the_rest(existing: str) -> None:
    text = render_kustomization(existing, OWNED)
    assert {name: read_kustomization(text)[name] for name in OWNED} == OWNED
    before, after = read_kustomization(existing), read_kustomization(text)
    assert {name: value for name, value in after.items() if name not in OWNED} == {
        name: value for name, value in before.items() if name not in OWNED
    }
    for line in existing.splitlines():
        if not any(word in line for word in ("TENANT_IDS", "literals", "|-")):
            assert line.rstrip() in [each.rstrip() for each in text.splitlines()]
    assert existing.count("#") == text.count("#")
    assert render_kustomization(text, OWNED) == text


@pytest.mark.parametrize(
    "existing",
    [
        "a: [",
        "- a",
        "text",
        "{kind: Kustomization}",
        "a: 1\n---\nb: 2\n",
        "configMapGenerator: []\n",
        "configMapGenerator: 7\n",
        "configMapGenerator: {name: tartware-k6-env}\n",
        "configMapGenerator:\n- {name: tartware-k6-env, literals: [A=1]}\n",
        "configMapGenerator:\n- name: tartware-k6-env\n  literals: 7\n",
        "configMapGenerator:\n- name: tartware-k6-env\n  literals: {a: b}\n",
        "a: \x00",
        "a: !!python/object:os.system x",
        "same: &a [A=1]\nconfigMapGenerator:\n- name: tartware-k6-env\n  literals: *a\n",
    ],
)
def test_what_cannot_be_edited_is_left_alone(existing: str) -> None:
    with pytest.raises(InputError) as caught:
        render_kustomization(existing, OWNED, "the/kustomization.yaml")
    assert caught.value.message.startswith("the/kustomization.yaml")


words = st.text(alphabet="abcXYZ019_-. ", min_size=1, max_size=8)
literal = st.one_of(
    st.sampled_from([f"{name}=old" for name in ID_VARIABLES]),
    st.builds("{}={}".format, st.sampled_from(["A", "B", "TENANT_IDS_2", "READ_RATE"]), words),
)


@given(
    literals=st.lists(literal, min_size=1, max_size=6),
    indent=st.sampled_from(["", "  "]),
    quote=st.sampled_from([None, "'", '"']),
    commented=st.booleans(),
)
def test_generated_files(literals: list[str], indent: str, quote: str | None, *, commented: bool) -> None:
    lines = [
        yaml.dump(each, default_style=quote, width=999).removesuffix("\n...\n").removesuffix("\n")
        for each in literals
    ]
    note = "  # note" if commented else ""
    text = f"a: 1\nconfigMapGenerator:\n{indent}- name: tartware-k6-env\n{indent}  literals:\n"
    text += "".join(f"{indent}    - {line}{note}\n" for line in lines) + "z:\n- 1\n"
    changed = render_kustomization(text, OWNED)
    kept = [line for line in text.splitlines() if not any(f"{name}=" in line for name in OWNED)]
    assert [line for line in changed.splitlines() if not any(f"{name}=" in line for name in OWNED)] == kept
    assert changed.count("# note") == text.count("# note")
    assert read_kustomization(changed) == {**read_kustomization(text), **OWNED}
