"""The whole recipe at its smallest, through the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from ....models.training import export
from ....models.training.__main__ import main


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which every verb of the recipe ran once."""
    folder = tmp_path_factory.mktemp("recipe")
    common = ["--work", str(folder), "--preset", "tiny", "--device", "cpu"]
    training = ["--no-compile", "--tokens", "12000"]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    steps = [
        ["corpus", "--roots", "tqdm", "jinja2", "networkx", *common],
        ["tokenizer", *common],
        ["shards", *common],
        *(["shards", "--mix", "fill", "--length", n, *common] for n in ("64", "128", "192")),
        ["target", "--middle-weight", "1", *training, *common],
        ["target", "--phase", "fill", *training, *common],
        ["target", "--phase", "decay", *training, *common],
        ["target", "--phase", "long", *training, *common],
        ["export", *common],
        ["draft", *training, *common],
        ["draft", "--own", "--prompts", "40", *training, *common],
        ["export", "--fim-order", "psm", *common],
    ]
    for step in steps:
        assert main(step) == 0, step
    torch.set_num_threads(threads)
    return folder


def test_the_pair_has_its_layout(work: Path) -> None:
    pair = work / "pair"
    for name in ("target", "draft"):
        made = sorted(path.name for path in (pair / name).iterdir())
        assert made == ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"]
    facts = json.loads((pair / "pair.json").read_text())
    assert facts["fim_order"] == "psm"
    assert facts["target"] == "target"


def test_the_corpus_report_names_packages_and_what_was_left_out(work: Path) -> None:
    report = json.loads((work / "pair" / "corpus.json").read_text())
    names = {entry["package"]: entry for entry in report["packages"]}
    assert names["jinja2"]["held_out"]
    assert not names["networkx"]["held_out"]
    assert all(len(entry["sha256"]) == 64 and entry["licence"] for entry in report["packages"])
    assert {"tqdm", "paceline"} <= {entry["package"] for entry in report["excluded"]}


def test_training_moved_the_loss(work: Path) -> None:
    state = torch.load(work / "target-long.pt", weights_only=True)
    assert state["progress"]["total_tokens"] >= 48_000
    assert state["progress"]["loss"] < 6.0


def test_evaluation_prints_figures_as_json(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["evaluate", "--work", str(work), "--preset", "tiny", "--device", "cpu", "--cases", "4"]
    assert main([*asked, "--prompt-tokens", "120", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["better_order"] in {"psm", "spm"}
    assert 0 < facts["loss"]["target"]["nats"] < 7
    for entry in facts["acceptance"]:
        assert entry["alpha"] == entry["accepted"] / entry["tested"]
    assert main([*asked, "--prompt-tokens", "120"]) == 0
    assert "nats/token" in capsys.readouterr().out


def test_a_later_run_can_start_from_exported_weights(work: Path, tmp_path: Path) -> None:
    for name in ("tokenizer.json", "train.jsonl", "corpus.json", "shards"):
        (tmp_path / name).symlink_to(work / name)
    exported = work / "pair" / "target"
    common = ["--work", str(tmp_path), "--preset", "tiny", "--device", "cpu", "--no-compile"]
    assert main(["target", "--from", str(exported), "--tokens", "1024", *common]) == 0
    moved = torch.load(tmp_path / "target-stable.pt", weights_only=True)["model"]
    start = export.read(exported).state_dict()
    assert not torch.equal(moved["embed_tokens.weight"], start["embed_tokens.weight"])
    torch.testing.assert_close(moved["embed_tokens.weight"], start["embed_tokens.weight"], atol=0.05, rtol=0)


@pytest.mark.parametrize(
    ("verb", "hint"),
    [
        (["tokenizer"], "run the verb `corpus` first"),
        (["target", "--tokens", "10", "--no-compile"], "run the verb `tokenizer` first"),
        (
            ["target", "--phase", "long", "--tokens", "10", "--no-compile"],
            "run the verb `target --phase decay`",
        ),
        (["export"], "train first"),
        (["evaluate"], "run the verb `export` first"),
    ],
)
def test_a_missing_step_is_named(
    verb: list[str], hint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*verb, "--work", str(tmp_path), "--preset", "tiny", "--device", "cpu"]) == 2
    assert hint in capsys.readouterr().err
